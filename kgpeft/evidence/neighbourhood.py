"""What lies around some nodes of a graph: hops with caps, and personalised PageRank, over edges taken both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kgpeft.evidence.ends import Ends, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

TELEPORT = 0.15  # probability that a walk goes back to where it began
TOLERANCE = 3e-5  # probability, by edge of its node, that is not passed on


class Around(NamedTuple):
    """Nodes [n] in the order in which they are reached, hops [n] to each, and the edges [m] between any two of them."""

    nodes: np.ndarray  # int64
    hops: np.ndarray  # int64
    edges: np.ndarray  # int64, sorted


class Neighbourhood:
    """Adjacency of a graph as CSR, both ways; a query takes time by what it finds, not by the size of the graph.

    Keeps 20 bytes a node for the next query: one query at a time.
    """

    def __init__(self, ends: Ends) -> None:
        self._end, self._edge = ends.end, ends.edge
        self._start = ends.first[ends.group_of]  # int64 [N+1]
        self._degree = np.diff(self._start)
        self._rest = np.zeros(len(self._degree))  # probability at each node that is still to be passed on
        self._rank = np.zeros(len(self._degree))
        self._seen = np.zeros(len(self._degree), bool)

    def around(self, seeds: Sequence[int], hops: int = 2, fan_out: int = 32, most: int = 512) -> Around:
        """The nodes within so many hops; of one with more edges only `fan_out` are followed, and `most` nodes kept.

        Those that are followed are spread evenly over a node's edges, which lie by relation: each has its share.
        """
        front = np.unique(np.asarray(seeds, np.int64))[:most]
        self._seen[front] = True
        found = [front]
        for _ in range(hops):
            front = self._fresh(self._end[self._followed(front, fan_out)], most - sum(map(len, found)))
            found.append(front)
        nodes = np.concatenate(found)
        edges = self._between(nodes, fan_out)
        self._seen[nodes] = False
        return Around(nodes, np.repeat(np.arange(len(found)), [len(part) for part in found]), edges)

    def rank(self, seeds: Sequence[int], tolerance: float = TOLERANCE) -> tuple[np.ndarray, np.ndarray]:
        """Nodes int64 [n] and their personalised PageRank float64 [n], highest first.

        Forward push (Andersen, Chung and Lang, FOCS 2006), a front of nodes at a time: a node passes on what it has
        while that is more than `tolerance` for each of its edges. Work is at most 1 / (TELEPORT * tolerance) edges,
        however large the graph. Of what is never passed on, the share that stays is counted, and the rest is taken to
        end where long walks end, by degree: hubs would rank far too low without it.
        """
        front, counts = np.unique(np.asarray(seeds, np.int64), return_counts=True)
        self._rest[front] = counts / max(1, counts.sum())
        touched = [front]
        while len(front):
            ends = self._push(front)
            touched.append(ends)
            front = np.unique(ends[self._rest[ends] > tolerance * self._degree[ends]]).astype(np.int64)
        reached = np.concatenate(touched)
        nodes = np.unique(reached).astype(np.int64)
        scores = self._rank[nodes] + TELEPORT * self._rest[nodes]
        scores += (1 - scores.sum()) * self._degree[nodes] / max(1, len(self._end))
        self._rank[reached] = self._rest[reached] = 0.0
        order = np.lexsort((nodes, -scores))
        return nodes[order], scores[order]

    def _push(self, front: np.ndarray) -> np.ndarray:
        """Passes on what the nodes of a front have; who got some, with repetitions."""
        mass, degree = self._rest[front], self._degree[front]
        self._rest[front] = 0.0
        self._rank[front] += np.where(degree > 0, TELEPORT * mass, mass)  # a walk that can go nowhere ends there
        places, owner = spans(self._start[front], degree)
        ends = self._end[places]
        np.add.at(self._rest, ends, ((1 - TELEPORT) * mass / np.maximum(degree, 1))[owner])
        return np.asarray(ends)

    def _followed(self, front: np.ndarray, fan_out: int) -> np.ndarray:
        """Places of the edges that are followed from a front."""
        degree = self._degree[front]
        size = np.minimum(degree, fan_out)
        step, owner = spans(np.zeros(len(front), np.int64), size)
        places: np.ndarray = self._start[front][owner] + step * degree[owner] // np.maximum(size, 1)[owner]
        return places

    def _fresh(self, nodes: np.ndarray, most: int) -> np.ndarray:
        """The first of the nodes that were not seen, each once, in their order; they are seen now."""
        nodes = nodes[~self._seen[nodes]]
        _, first = np.unique(nodes, return_index=True)
        fresh = nodes[np.sort(first)[: max(0, most)]].astype(np.int64)
        self._seen[fresh] = True
        return fresh

    def _between(self, nodes: np.ndarray, fan_out: int) -> np.ndarray:
        """The edges between nodes that are seen, sorted; of one with many edges some, spread evenly."""
        places = self._followed(nodes, 4 * fan_out)
        return np.unique(self._edge[places[self._seen[self._end[places]]]]).astype(np.int64)
