"""Inductive link prediction: entities that no training saw arrive with their name and all but one of their edges.

A fifth of the nodes that have an edge are drawn; of each, one edge is withheld, and with it all edges between the same
two nodes. Asked are both ends of that edge, each among all nodes of the graph, other right answers left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from encoder.model import GraphEncoder, between, both_ways, right_answers
from torch import Tensor
from torch.nn.functional import normalize

JUDGED = ("po", "doid", "uberon")
SHARE, MOST = 0.2, 1500  # of the nodes
AT_ONCE = 256
NAMES = (
    25.0  # weight of the cosine of names beside a scorer, of 0 to 25 the best on UAT and GO, with messages or without
)


class Withheld(NamedTuple):
    """What is asked, and what may be seen."""

    entities: Tensor  # int64 [K]
    edges: Tensor  # int64 [K, 3]: one of each entity's
    seen: Tensor  # bool [E]: edges that are left


def withheld(edges: Tensor, nodes: int, seed: int) -> Withheld:
    """The entities and edges that are asked for; the same on every machine."""
    dice = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(edges), generator=dice)
    ends = edges.cpu()[order]
    first = torch.full((nodes,), -1)
    for column in (0, 2):
        first[ends[:, column].flip(0)] = order.flip(0)  # of several, the first in the drawn order
    able = torch.nonzero(first >= 0).flatten()
    chosen = able[torch.randperm(len(able), generator=dice)[: min(MOST, int(SHARE * len(able)))]]
    asked = edges[first[chosen].to(edges.device)]
    return Withheld(chosen.to(edges.device), asked, ~between(edges, asked, nodes))


@torch.no_grad()
def ranks(score: Callable[[Tensor], Tensor], edges: Tensor, task: Withheld, nodes: int, relations: int) -> Tensor:
    """Filtered ranks float64 [K, 2] of the object and of the subject of each withheld edge; ties share their mean rank.

    score: a function from queries int64 [B, 3] to scores [B, N].
    """
    every, queries, found = both_ways(edges, relations), both_ways(task.edges, relations), []
    for part in queries.split(AT_ONCE):
        scores = score(part).double()
        own = scores.gather(1, part[:, 2:])
        scores[right_answers(every, part, nodes)] = -torch.inf
        found.append(1 + (scores > own).sum(1) + (scores == own).sum(1) / 2)
    return torch.stack(torch.cat(found).cpu().chunk(2), dim=1)


def cosine(vectors: Tensor) -> Callable[[Tensor], Tensor]:
    """Likeness of vectors [N, D]; a node is no answer to itself."""
    unit = normalize(vectors, dim=1)

    def score(asked: Tensor) -> Tensor:
        return (unit[asked[:, 0]] @ unit.T).scatter(1, asked[:, :1], -1.0)

    return score


@torch.no_grad()
def encoder_ranks(
    model: GraphEncoder, text: Tensor, relation_text: Tensor, edges: Tensor, task: Withheld, names: float = NAMES
) -> Tensor:
    """Those of an encoder, to whose scores so much of the cosine of names is added."""
    relation = model.relations(relation_text)
    h, alike = model(text, relation, edges[task.seen]), cosine(text)
    return ranks(
        lambda queries: model.scores(h, relation, queries) + names * alike(queries),
        edges, task, len(text), len(relation_text),
    )  # fmt: skip
