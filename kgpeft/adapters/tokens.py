"""Texts to padded token rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from kgpeft.adapters.fact_memory import SPAN, Tokens

LETTERS = 3  # of a token, about
MOST = 8192  # tokens that are read together, with padding


def pad(lists: Sequence[Sequence[int]], fill: int, *, left: bool = False) -> Tensor:
    """One int64 tensor of token lists, filled up on the right or on the left."""
    length = max(1, max(map(len, lists), default=1))
    out = torch.full((len(lists), length), fill)
    for i, tokens in enumerate(lists):
        where = slice(length - len(tokens), length) if left else slice(0, len(tokens))
        out[i, where] = torch.tensor(tokens, dtype=torch.long)
    return out


def rows(lists: Sequence[Sequence[int]], fill: int, *, left: bool = False) -> Tokens:
    """Token lists as padded rows with their mask."""
    return Tokens(pad(lists, fill, left=left), pad([[1] * len(tokens) for tokens in lists], 0, left=left))


def encode(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of texts, without special tokens of the tokenizer's own."""
    if not texts:
        return []
    ids: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    return ids


def fact_tokens(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of facts, cut at the span that a fact may use."""
    return [ids[:SPAN] for ids in encode(tokenizer, [f"{t}\n" for t in texts])]


def parcels(letters: Sequence[int], most: int) -> Iterator[list[int]]:
    """Places of texts of so many letters, the shortest first, at most so many together, and fewer of long ones."""
    part: list[int] = []
    for i in sorted(range(len(letters)), key=lambda i: letters[i]):
        if part and (len(part) == most or (len(part) + 1) * letters[i] > LETTERS * MOST):
            yield part
            part = []
        part.append(i)
    if part:
        yield part
