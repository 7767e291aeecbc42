"""Where each step from each node leads: the edges of a graph grouped by node and relation, both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph


@dataclass(frozen=True)
class Ends:
    """All (node, step) pairs of a graph as a CSR: groups of a node, ends of a group. Takes 12 bytes an edge and way."""

    group_of: np.ndarray  # int64 [N+1] the groups of node n are group_of[n]..group_of[n+1]
    step: np.ndarray  # int32 [G]
    first: np.ndarray  # int64 [G+1] the ends of group g are first[g]..first[g+1]
    end: np.ndarray  # int32 [2E]
    edge: np.ndarray  # int32 [2E]

    @classmethod
    def of(cls, graph: KnowledgeGraph) -> Ends:
        """The groups of a graph, both directions."""
        subject, relation, object_ = np.asarray(graph.edges).astype(np.int64).T
        steps = 2 * len(graph.relations)
        key = np.concatenate([subject * steps + relation, object_ * steps + relation + len(graph.relations)])
        order = np.argsort(key, kind="stable")
        key = key[order]
        first = np.flatnonzero(np.diff(key, prepend=-1))
        node, step = np.divmod(key[first], max(steps, 1))
        edge = (order % max(len(subject), 1)).astype(np.int32)
        end = np.concatenate([object_, subject]).astype(np.int32)[order]
        group_of = np.searchsorted(node, np.arange(len(graph.terms) + 1))
        return cls(group_of, step.astype(np.int32), np.append(first, len(key)), end, edge)

    def groups(self, node: int) -> np.ndarray:
        """The groups of one node."""
        return np.arange(self.group_of[node], self.group_of[node + 1])

    def group(self, node: int, step: int) -> int | None:
        """The group of a node and a step, if there is one."""
        first, last = self.group_of[node], self.group_of[node + 1]
        place = int(first + np.searchsorted(self.step[first:last], step))
        return place if place < last and self.step[place] == step else None

    def sizes(self, groups: np.ndarray) -> np.ndarray:
        """How many ends each group has."""
        sizes: np.ndarray = self.first[groups + 1] - self.first[groups]
        return sizes

    def members(self, group: int, most: int | None = None) -> np.ndarray:
        """Places in `end` and `edge` of a group's ends, the first `most`."""
        last = self.first[group + 1] if most is None else min(self.first[group + 1], self.first[group] + most)
        return np.arange(self.first[group], last)


def spans(first: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers first[i] .. first[i] + size[i] of all i in a row, and the i of each."""
    owner = np.repeat(np.arange(len(first)), size)
    before = np.cumsum(size) - size
    return np.arange(len(owner)) - before[owner] + first[owner], owner
