"""Filtered ranks of right answers among all entities, and what is reported of them."""

import torch
from torch import Tensor

from .models import Model

LOGITS = 2**25  # most scores held at once (128 MB): a larger batch passes in slices of rows, exactly


class Known:
    """All right answers to a query, for filtered ranks."""

    def __init__(self, queries: Tensor) -> None:
        self.width = int(queries[:, 1].max()) + 1
        keys, order = torch.sort(self._keys(queries), stable=True)
        self.keys, self.entities = keys, queries[order, 2]

    def answers(self, queries: Tensor) -> tuple[Tensor, Tensor]:
        """Row and entity of every right answer to any of the queries [B, 3]."""
        keys = self._keys(queries)
        first, last = torch.searchsorted(self.keys, keys), torch.searchsorted(self.keys, keys, right=True)
        counts = last - first
        rows = torch.repeat_interleave(torch.arange(len(queries), device=queries.device), counts)
        starts = torch.cumsum(counts, 0) - counts
        places = torch.arange(len(rows), device=queries.device) - starts[rows] + first[rows]
        return rows, self.entities[places]

    def _keys(self, queries: Tensor) -> Tensor:
        return queries[:, 0] * self.width + queries[:, 1]


@torch.no_grad()
def ranks(model: Model, entity: Tensor, relation: Tensor, queries: Tensor, known: Known) -> Tensor:
    """Filtered ranks float64 [B] of the answers to queries [B, 3]: 1 is best, ties share their mean rank."""
    found = [torch.empty(0, dtype=torch.float64)]
    for part in queries.split(slice_rows(len(entity))):
        scores = model.answers(entity[part[:, 0]], relation[part[:, 1]], entity)
        own = scores.gather(1, part[:, 2:])
        scores[known.answers(part)] = -torch.inf  # the own answer too
        found.append((1 + (scores > own).sum(1) + (scores == own).sum(1) / 2).double().cpu())
    return torch.cat(found)


def metrics(found: Tensor) -> dict[str, float]:
    """Mrr and hits@1, 3, 10 of the ranks of both directions of n edges; all 0 if there are none."""
    if not len(found):
        return {"mrr": 0.0, "hits@1": 0.0, "hits@3": 0.0, "hits@10": 0.0, "n": 0.0}
    hits = {f"hits@{k}": float((found <= k).double().mean()) for k in (1, 3, 10)}
    return {"mrr": float((1 / found).mean()), **hits, "n": len(found) / 2}


def slice_rows(entities: int) -> int:
    """Queries whose scores may be held at once."""
    return max(1, LOGITS // entities)
