"""Fact vectors: what the graph embeddings say of a statement, as the KG-adapter layer takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.evidence.statements import MAX_VALUES, Statement

if TYPE_CHECKING:
    from kgpeft.embed import Embeddings


class FactVectors:
    """g = entity ⊕ ±relation ⊕ mean of the values, each text ⊕ message ⊕ structure; minus for an inverse statement."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._entity, self._relation = embeddings.entity, embeddings.relation
        self.dim = 3 * embeddings.entity.shape[1]

    def __call__(self, statements: Sequence[Statement]) -> np.ndarray:
        """Vectors float32 [F, dim] of F statements; parts that a statement lacks are zero."""
        width = self._entity.shape[1]
        out = np.zeros((len(statements), self.dim), np.float32)
        for i, s in enumerate(statements):
            if s.entity_id >= 0:
                out[i, :width] = self._entity[s.entity_id]
            if s.relation_id >= 0:
                out[i, width : 2 * width] = self._relation[s.relation_id] * (-1 if s.inverse else 1)
            if s.value_ids:
                out[i, 2 * width :] = self._entity[list(s.value_ids[:MAX_VALUES])].mean(0)
        return out
