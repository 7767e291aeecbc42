"""Episodes to tensors: the facts and the questions of an episode packed into one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor

from kgpeft.adapters.fact_memory import SPAN
from kgpeft.adapters.prompts import prompt, stop_token
from kgpeft.adapters.tokens import encode, fact_tokens, pad
from kgpeft.evidence.statements import Statement

IGNORED = -100

Vectors = Callable[[Sequence[Statement]], np.ndarray]


@dataclass(frozen=True)
class Episode:
    """A few statements and the questions asked over them: (question, answer as the model shall say it).

    `told` are facts as text that every question is put with, for the rival that reads them so.
    """

    statements: tuple[Statement, ...]
    turns: tuple[tuple[str, str], ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """One training step: B episodes of T tokens, F facts in all.

    `block` numbers the facts of a row from 1, its questions from -1 downwards, 0 is padding: a token sees what stands
    before it in its own block, and a question sees every fact of its row.
    """

    ids: Tensor  # int64 [B, T]
    positions: Tensor  # int64 [B, T]
    block: Tensor  # int64 [B, T]
    labels: Tensor  # int64 [B, T], IGNORED outside the answers
    vectors: Tensor  # float32 [F, G]; [F, 0] without graph vectors
    facts: Tensor  # int64 [B, T]: row of `vectors`, -1 outside facts

    def to(self, device: Any) -> Batch:
        """The same batch on another device."""
        return Batch(**{f.name: getattr(self, f.name).to(device, non_blocking=True) for f in fields(self)})

    @property
    def mask(self) -> Tensor:
        """Who sees whom: bool [B, 1, T, T], true where the row's token may look at the column's."""
        row, column = self.block[:, :, None], self.block[:, None, :]
        before = torch.ones(self.ids.shape[1], self.ids.shape[1], dtype=torch.bool, device=self.ids.device).tril()
        return (((row == column) & before) | ((row < 0) & (column > 0)))[:, None]


class Collator:
    """Turns episodes into a Batch."""

    def __init__(self, tokenizer: Any, vectors: Vectors | None = None) -> None:
        self.tokenizer, self.vectors, self.stop = tokenizer, vectors, stop_token(tokenizer)

    def __call__(self, episodes: Sequence[Episode]) -> Batch:
        """The batch of these episodes."""
        statements = [s for e in episodes for s in e.statements]
        turns = [(*t, e.told) for e in episodes for t in e.turns]
        facts = iter(enumerate(fact_tokens(self.tokenizer, [s.text for s in statements])))
        prompts = encode(self.tokenizer, [prompt(self.tokenizer, question, told) for question, _, told in turns])
        answers = [[*ids, self.stop] for ids in encode(self.tokenizer, [answer for _, answer, _ in turns])]
        asked = iter(zip(prompts, answers, strict=True))
        packed = [
            _row([next(facts) for _ in e.statements], [next(asked) for _ in e.turns]) for e in episodes
        ]
        fills = (self.stop, 0, 0, IGNORED, -1)
        ids, positions, block, labels, which = (
            pad([row[i] for row in packed], fill) for i, fill in enumerate(fills)
        )
        vectors = np.zeros((len(statements), 0), np.float32) if self.vectors is None else self.vectors(statements)
        return Batch(ids, positions, block, labels, torch.from_numpy(vectors), which)


def _row(facts: list[tuple[int, list[int]]], turns: list[tuple[list[int], list[int]]]) -> tuple[list[int], ...]:
    """Ids, positions, blocks, labels and fact numbers of one episode's row."""
    ids: list[int] = []
    positions: list[int] = []
    block: list[int] = []
    labels: list[int] = []
    which: list[int] = []
    for place, (number, tokens) in enumerate(facts, 1):
        n = len(tokens)
        ids += tokens
        positions += range(n)
        block += [place] * n
        labels += [IGNORED] * n
        which += [number] * n
    for place, (question, answer) in enumerate(turns, 1):
        n = len(question) + len(answer)
        ids += question + answer
        positions += range(SPAN, SPAN + n)
        block += [-place] * n
        labels += [IGNORED] * len(question) + answer
        which += [-1] * n
    return ids, positions, block, labels, which
