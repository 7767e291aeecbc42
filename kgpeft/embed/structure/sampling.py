"""Entities that stand for all of them in a softmax: those of the batch, and some drawn evenly."""

from typing import NamedTuple

import torch
from torch import Tensor


class Near(NamedTuple):
    """A batch, told in the numbers of its own entities."""

    ids: Tensor  # int64 [C]: the graph's numbers of the entities at hand, unique
    queries: Tensor  # int64 [B, 3]: subjects and answers are rows of ids
    bias: Tensor  # float32 [C]: minus the log of how likely each was to be at hand


def shares(queries: Tensor, entities: int) -> Tensor:
    """Float32 [N]: how often each entity stands in a query [T, 3], as subject or as answer, on average."""
    counts = torch.bincount(queries[:, [0, 2]].flatten(), minlength=entities)
    return counts.float() / max(1, len(queries))


def draw(batch: Tensor, share: Tensor, negatives: int) -> Near:
    """The batch [B, 3] among its own entities and as many drawn evenly, with replacement.

    An entity expected c times is at hand with probability 1 - exp(-c); scores less its log make the sum over the
    entities at hand an estimate of that over all (importance sampling, Bengio and Senecal 2008).
    """
    dice = torch.Generator().manual_seed(int(batch[:8].sum()) + 8191 * len(batch))
    drawn = torch.randint(len(share), (negatives,), generator=dice).to(batch.device)
    ids, places = torch.unique(torch.cat([batch[:, 0], batch[:, 2], drawn]), return_inverse=True)
    subject, answer = places[: len(batch)], places[len(batch) : 2 * len(batch)]
    expected = len(batch) * share[ids] + negatives / len(share)
    return Near(ids, torch.stack([subject, batch[:, 1], answer], dim=1), -torch.log(-torch.expm1(-expected)))
