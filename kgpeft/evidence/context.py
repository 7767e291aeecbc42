"""Which of the things that bear one name a question means: what it says besides, against the graph around each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.evidence.words import COMMON, words
from kgpeft.spelling import stem

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph

NEIGHBOUR, CLASS, RELATION = 0.3, 0.2, 0.15  # what speaks for a node: an edge to another thing named, its class, ...
DEGREE = 0.004  # for every doubling of its edges, up to 2 ** 10: only where nothing else speaks
SEEN = 64  # edges of a node, each way, that are looked at


class Context:
    """Scores the nodes of a graph by how well the rest of a question fits them."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        from kgpeft.graph import PATTERNS

        self._graph = graph
        self._upward = np.array([pattern in ("sub", "type", "broader") for pattern in PATTERNS])
        self.relation_stems = [stems(name) for name in graph.relation_names]
        self.asked_for = frozenset[str]().union(*self.relation_stems)  # stems of all the relations' words
        self._around = lru_cache(maxsize=1 << 16)(self._look)

    def score(self, node: int, said: frozenset[str], others: Iterable[int]) -> float:
        """How well the stems of a question, without the node's name, and the other nodes it names fit this node."""
        neighbours, classes, relations, degree = self._around(node)
        found = NEIGHBOUR * (not neighbours.isdisjoint(others)) + CLASS * (not classes.isdisjoint(said))
        found += RELATION * max((len(r & said) / len(r) for r in relations if r), default=0.0)
        return found + DEGREE * min(10.0, math.log2(1 + degree))

    def _look(self, node: int) -> tuple[frozenset[int], frozenset[str], tuple[frozenset[str], ...], int]:
        graph, out, back = self._graph, self._graph.outgoing(node), self._graph.incoming(node)
        seen = np.concatenate([out[:SEEN], back[:SEEN]])
        edges = graph.edges[seen]
        neighbours = frozenset(edges[:, [0, 2]].ravel().tolist()) - {node}
        above = out[:SEEN][self._upward[graph.patterns[out[:SEEN]]]]
        classes = [stems(graph.names[parent]) for parent in graph.edges[above, 2].tolist()]
        name = graph.names[node]
        bracket = stems(name.rpartition("(")[2]) if name.endswith(")") else frozenset[str]()
        relations = tuple(self.relation_stems[r] for r in np.unique(edges[:, 1]).tolist())
        return neighbours, bracket.union(*classes), relations, len(out) + len(back)


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words, without those that questions are made of."""
    return frozenset(stem(word) for word, _, _ in words(text) if word not in COMMON)
