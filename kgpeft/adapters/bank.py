"""Compiled facts, kept: a statement is run through the model once and read from memory after that."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from kgpeft.adapters.fact_memory import FactMemory, Memory
from kgpeft.adapters.tokens import fact_tokens, rows
from kgpeft.evidence.statements import Statement
from kgpeft.evidence.vectors import FactVectors

CAPACITY = 2000  # compiled statements kept at once; about 1 MB each for the default base
CHUNK = 32  # statements compiled together


class FactBank:
    """Keys and values of statements, compiled when first asked for, the least recently read dropped first."""

    def __init__(self, memory: FactMemory, tokenizer: Any, vectors: FactVectors) -> None:
        self._memory, self._tokenizer, self._vectors = memory, tokenizer, vectors
        self._kept: OrderedDict[Statement, Tensor] = OrderedDict()  # each [2·layers, heads, L, d]
        self.compiled = 0

    def read(self, evidence: Sequence[Sequence[Statement]]) -> Memory:
        """The memory of a batch of questions: row b holds the statements evidence[b], in any order."""
        self._compile([s for row in evidence for s in row])
        laid = [torch.cat([self._kept[s] for s in row], 2) for row in evidence]
        self._forget()
        length = max(x.shape[2] for x in laid)
        blocks = torch.stack([torch.nn.functional.pad(x, (0, 0, 0, length - x.shape[2])) for x in laid])
        mask = torch.stack([(torch.arange(length, device=blocks.device) < x.shape[2]).long() for x in laid])
        layers = blocks.unbind(1)
        return Memory(list(zip(layers[0::2], layers[1::2], strict=True)), mask)

    @torch.inference_mode()
    def _compile(self, statements: Sequence[Statement]) -> None:
        for s in statements:
            if s in self._kept:
                self._kept.move_to_end(s)
        new = sorted({s for s in statements if s not in self._kept}, key=lambda s: len(s.text))
        for start in range(0, len(new), CHUNK):
            part = new[start : start + CHUNK]
            facts = rows(fact_tokens(self._tokenizer, [s.text for s in part]), 0).to(self._memory.device)
            vectors = torch.from_numpy(self._vectors(part)).to(self._memory.device)
            layers = torch.stack([x for pair in self._memory.compile_facts(facts, vectors) for x in pair], 1)
            for s, block, length in zip(part, layers, facts.mask.sum(1).tolist(), strict=True):
                self._kept[s] = block[:, :, :length].clone()
            self.compiled += len(part)

    def _forget(self) -> None:
        while len(self._kept) > CAPACITY:
            self._kept.popitem(last=False)
