"""The KG-adapter layer: adds a fact's graph vector to the keys and values that the language model reads it by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class GraphInjection(nn.Module):
    """K[l] += U_K[l]·P·g and V[l] += U_V[l]·P·g for every token of a fact with graph vector g (K before rotation).

    Works by hooks on the key and value projections: no model code is touched. U starts at zero, so a fresh injection
    changes nothing (a zero-initialised output learns where a zero gate would stall).
    """

    def __init__(self, vector_dim: int, rank: int, layers: int, width: int) -> None:
        super().__init__()
        self.shape = {"vector_dim": vector_dim, "rank": rank, "layers": layers, "width": width}
        self.project = nn.Linear(vector_dim, rank, bias=False)
        self.keys = nn.Parameter(torch.zeros(layers, width, rank))
        self.values = nn.Parameter(torch.zeros(layers, width, rank))
        self._now: Tensor | None = None  # projected vectors of the tokens in the pass under way, [B, T, rank]

    @contextmanager
    def reading(self, vectors: Tensor | None, fact_of_token: Tensor) -> Iterator[None]:
        """Within it, token (b, t) carries the graph vector of row fact_of_token[b, t] of `vectors`; -1 carries none."""
        if vectors is not None:
            table = nn.functional.pad(self.project(vectors), (0, 0, 1, 0))
            self._now = nn.functional.embedding(fact_of_token + 1, table)
        try:
            yield
        finally:
            self._now = None

    def attach(self, model: Any) -> None:
        """Hooks the injection into a model's key and value projections."""
        for weights, modules in zip((self.keys, self.values), projections(model), strict=True):
            for layer, module in enumerate(modules):
                module.register_forward_hook(self._hook(weights, layer))

    def _hook(self, weights: nn.Parameter, layer: int) -> Any:
        def add(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor | None:
            if self._now is None:
                return None
            return output + nn.functional.linear(self._now, weights[layer]).to(output.dtype)

        return add


def projections(model: Any) -> tuple[list[nn.Module], list[nn.Module]]:
    """A model's key and value projections in layer order; empty lists where they are fused into one matrix."""
    named = dict(model.named_modules())
    keys, values = ([m for n, m in named.items() if n.endswith(suffix)] for suffix in (".k_proj", ".v_proj"))
    return (keys, values) if len(keys) == len(values) else ([], [])
