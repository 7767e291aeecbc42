"""Greedy decoding of a batch: rows that have ended leave it, and the rest goes on with less to carry.

An answer ends at the stop token, after so many tokens, or at its first line break, as in lm-evaluation-harness's
``until: ["\\n"]``; a line that ends with a colon or begins a list is no end. The rule is the same for every system.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from kgpeft.adapters.fact_memory import FactMemory, Memory, Tokens

STAYS = 0.75  # a batch is packed anew once no more than this share of its rows goes on
_SENTENCE = re.compile(r"(?<=[a-z0-9)\]'\"]{3})[.!?][\"')\]]*\s+(?=[A-Z])")  # no abbreviation: three letters before
_OPEN = re.compile(r":[\s*_]*$|^\s*(?:\d{1,2}[.)]|[-*•])\s")  # announces a list, or is one

Ended = Callable[[list[int]], bool]


@dataclass(frozen=True)
class Until:
    """When an answer ends, and how it may not begin.

    `ended` is asked of a row's tokens so far. `unless` is a first token and the probability below which the next best
    is taken in its place.
    """

    stop: int
    most: int  # tokens
    ended: Ended | None = None
    unless: tuple[int, float] | None = None


@torch.inference_mode()
def greedy(reader: FactMemory, memory: Memory | None, prompt: Tokens, until: Until) -> tuple[Tensor, Tensor]:
    """Greedy continuations of left-padded prompts: token ids [B, N], filled up with `stop`, and their log-p [B, N].

    The log-p of what is filled up is no number: an answer that ends with its line has said no stop.
    """
    rows = len(prompt.ids)
    tokens = prompt.ids.new_full((rows, until.most), until.stop)
    scores = torch.full((rows, until.most), torch.nan, device=prompt.ids.device)
    going, longest = torch.arange(rows, device=prompt.ids.device), 0
    state = _State.of(reader, memory, prompt)
    alive = torch.ones(rows, dtype=torch.bool, device=prompt.ids.device)
    for step in range(until.most):
        log_p, token = _best(state.logits, until.unless if step == 0 else None)
        tokens[going[alive], step], scores[going[alive], step] = token[alive], log_p[alive]
        longest = step + 1
        alive = alive & (token != until.stop) & ~_at_end(tokens[going, :longest], alive, until.ended)
        if not bool(alive.any()) or longest == until.most:
            break
        if int(alive.sum()) <= STAYS * len(alive):
            kept = alive.nonzero()[:, 0]
            going, token, alive = going[kept], token[kept], alive[kept]
            state.keep(kept)
        state.step(reader, token)
    return tokens[:, :longest], scores[:, :longest]


def first_end(tokenizer: Any) -> Ended:
    """Whether tokens hold a finished line or sentence."""
    return lambda ids: finished(tokenizer.decode(ids, skip_special_tokens=True))


def finished(text: str) -> bool:
    """Whether a text has come to the end of its first line or sentence, and needs no other."""
    return _first(text) is not None


def _first(text: str) -> str | None:
    """The first line or sentence, if more has begun after it; None within a list, or after what announces one."""
    text = text.lstrip()
    line, broken, _ = text.partition("\n")
    if _OPEN.search(line):
        return None
    sentence = _SENTENCE.search(line)
    if sentence:
        return line[: sentence.end()].rstrip()
    return line.strip() if broken else None


def answer(text: str, whole: bool) -> str:
    """The text of an answer: its first line or sentence; without its last word, perhaps half a word, if it was cut."""
    text = text.strip()
    first = _first(text)
    if first is not None:
        return first
    return text if whole else text.rpartition(" ")[0] or text


@dataclass
class _State:
    """Where a batch stands: next-token scores [B, V], the cache, its mask [B, T], the next position [B, 1]."""

    logits: Tensor
    cache: Any
    mask: Tensor
    position: Tensor

    @classmethod
    def of(cls, reader: FactMemory, memory: Memory | None, prompt: Tokens) -> _State:
        if memory is None:
            memory, prompt = reader.begun(prompt)
        hidden, cache = reader.read(memory, prompt)
        mask = prompt.mask if memory is None else torch.cat([memory.mask, prompt.mask], 1)
        return cls(reader.logits(hidden[:, -1]).float(), cache, mask, reader.next_position(memory, prompt))

    def keep(self, rows: Tensor) -> None:
        """Goes on with these rows alone."""
        self.cache.batch_select_indices(rows)
        self.mask, self.position = self.mask[rows], self.position[rows]

    def step(self, reader: FactMemory, token: Tensor) -> None:
        """Reads one token a row."""
        self.mask = torch.cat([self.mask, self.mask.new_ones(len(self.mask), 1)], 1)
        hidden, self.cache = reader.go_on(token[:, None], self.mask, self.position, self.cache)
        self.logits, self.position = reader.logits(hidden[:, -1]).float(), self.position + 1


def _best(logits: Tensor, unless: tuple[int, float] | None) -> tuple[Tensor, Tensor]:
    """Log-probability [B] and id [B] of the most probable token."""
    norm = logits.logsumexp(-1)
    if unless is not None:
        first, least = unless
        logits[logits[:, first] - norm < math.log(least), first] = -math.inf
    value, token = logits.max(-1)
    return value - norm, token


def _at_end(said: Tensor, alive: Tensor, ended: Ended | None) -> Tensor:
    if ended is None:
        return torch.zeros_like(alive)
    over = [going and ended(ids) for going, ids in zip(alive.tolist(), said.tolist(), strict=True)]
    return torch.tensor(over, device=alive.device)
