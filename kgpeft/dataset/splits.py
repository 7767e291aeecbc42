"""Which facts training may see: a held-out fact appears nowhere in training, in either direction."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

from kgpeft.evidence.statements import Statement
from kgpeft.graph import KnowledgeGraph


def hold_out(graph: KnowledgeGraph, share: float, seed: int) -> frozenset[int]:
    """Edge ids that training must not see: about this share of the pairs of nodes, with every edge between them.

    All edges between two nodes go together, so that an inverse, a symmetric or a broader relation can't tell the
    held-out fact.
    """
    pairs: dict[tuple[int, int], list[int]] = {}
    for edge, (s, _, o) in enumerate(graph.edges.tolist()):
        pairs.setdefault((min(s, o), max(s, o)), []).append(edge)
    order = sorted(pairs)
    random.Random(seed).shuffle(order)
    chosen = math.ceil(len(order) * share) if len(order) > 1 else 0
    return frozenset(edge for pair in order[:chosen] for edge in pairs[pair])


def without(statement: Statement, hidden: frozenset[int]) -> Statement | None:
    """The statement with its hidden edges left out; None if nothing remains."""
    if hidden.isdisjoint(statement.edges):
        return statement
    kept = [i for i, edge in enumerate(statement.edges) if edge not in hidden]
    if not kept:
        return None

    def part(column: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(column[i] for i in kept)

    return replace(
        statement, values=part(statement.values), value_ids=part(statement.value_ids), edges=part(statement.edges)
    )
