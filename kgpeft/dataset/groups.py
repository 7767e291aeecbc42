"""Fact groups: edges that tell each other, in one step, and therefore go whole into one split.

Two edges are of one group if they join the same two things (an inverse, a symmetric, equivalent, broader or narrower
relation, a restatement), or if one follows from the other and perhaps a third: a superclass of a superclass, what a
class hands down, a value's class, chains and transitive relations, the class that a domain or range gives. Where a
join would make a group too large to be held out, it is not made, and what would follow is pinned to training instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kgpeft.dataset.closure import BOTH_WAYS, UP, Roles
from kgpeft.graph import KnowledgeGraph

LARGEST = 12  # edges of a group


@dataclass(frozen=True)
class Groups:
    """The group of every edge, and which groups must be trained on."""

    of: np.ndarray  # int64 [E]: the smallest edge of the group
    pinned: frozenset[int]  # groups with an edge that would follow from too many others
    members: dict[int, list[int]]  # group → its edges

    @classmethod
    def read(cls, graph: KnowledgeGraph) -> Groups:
        """The groups of a graph; the same for the same graph."""
        joins, pinned = _Joins(len(graph.edges)), set[int]()
        nodes = _same(graph)
        for edges in _by_pair(graph, nodes).values():
            joins.join(edges, limit=0)
        for conclusion, premises in _Steps(graph).all():
            if not joins.join([conclusion, *premises], LARGEST):
                pinned.add(conclusion)
        of = np.array([joins.root(edge) for edge in range(len(graph.edges))], np.int64)
        members: dict[int, list[int]] = defaultdict(list)
        for edge, group in enumerate(of.tolist()):
            members[group].append(edge)
        return cls(of, frozenset(int(of[edge]) for edge in pinned), dict(members))

    def whole(self, edges: Iterator[int] | list[int] | tuple[int, ...]) -> set[int]:
        """All edges of the groups that these edges are of."""
        return {edge for group in {int(self.of[edge]) for edge in edges} for edge in self.members[group]}

    def free(self, edges: list[int] | tuple[int, ...]) -> bool:
        """Whether the edges may be held out: none of their groups is pinned."""
        return all(int(self.of[edge]) not in self.pinned for edge in edges)


class _Joins:
    """Disjoint sets whose root is their smallest member."""

    def __init__(self, size: int) -> None:
        self.parent, self.size = list(range(size)), [1] * size

    def root(self, edge: int) -> int:
        while self.parent[edge] != edge:
            self.parent[edge] = self.parent[self.parent[edge]]
            edge = self.parent[edge]
        return edge

    def join(self, edges: list[int], limit: int) -> bool:
        """Makes one group of the edges' groups, unless it would have more than `limit` edges (0: no limit)."""
        roots = sorted({self.root(edge) for edge in edges})
        total = sum(self.size[root] for root in roots)
        if len(roots) > 1 and limit and total > limit:
            return False
        for root in roots[1:]:
            self.parent[root] = roots[0]
        self.size[roots[0]] = total
        return True


def _same(graph: KnowledgeGraph) -> dict[int, int]:
    """Nodes that are stated to be the same or equivalent → the first of them."""
    ids = {term: node for node, term in enumerate(graph.terms)}
    joins = _Joins(len(graph.terms))
    for axiom in graph.axioms:
        if axiom["axiom"] in ("same", "equivalent"):
            joins.join([ids[term] for term in axiom["terms"] if term in ids] or [0], 0)
    return {node: joins.root(node) for node in range(len(graph.terms)) if joins.root(node) != node}


def _by_pair(graph: KnowledgeGraph, same: dict[int, int]) -> dict[tuple[int, int], list[int]]:
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for edge, (s, _, o) in enumerate(graph.edges.tolist()):
        one, other = same.get(s, s), same.get(o, o)
        pairs[min(one, other), max(one, other)].append(edge)
    return pairs


class _Steps:
    """Edges that follow from one or two others in one step, as (conclusion, premises)."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph, self.roles = graph, Roles(graph)
        self.rows = graph.edges.tolist()
        self.up: dict[int, dict[int, int]] = defaultdict(dict)  # node → class above → edge
        self.said: dict[int, dict[int, dict[int, int]]] = defaultdict(dict)  # node → relation → value → edge
        for edge, ((s, r, o), pattern) in enumerate(zip(self.rows, graph.patterns.tolist(), strict=True)):
            if pattern in UP:
                self.up[s].setdefault(o, edge)
            else:
                self.said[s].setdefault(r, {}).setdefault(o, edge)

    def all(self) -> Iterator[tuple[int, list[int]]]:
        """Every step there is."""
        yield from self._superclasses()
        yield from self._handed_down()
        yield from self._chained()
        yield from self._classed()

    def _superclasses(self) -> Iterator[tuple[int, list[int]]]:
        for above in self.up.values():
            for middle, low in above.items():
                for top, high in self.up.get(middle, {}).items():
                    if top in above and top != middle:
                        yield above[top], [low, high]

    def _handed_down(self) -> Iterator[tuple[int, list[int]]]:
        """From a class to what is below it; and from a value to its classes."""
        for node, relations in list(self.said.items()):
            for relation, values in relations.items():
                for value, edge in values.items():
                    for wide in self.roles.above(relation):
                        for top, up in self.up.get(value, {}).items():
                            if top in relations.get(wide, {}):
                                yield relations[wide][top], [edge, up]
            for parent, up in self.up.get(node, {}).items():
                for relation, values in self.said.get(parent, {}).items():
                    for wide in self.roles.above(relation):
                        own = relations.get(wide, {})
                        yield from ((own[value], [up, values[value]]) for value in values if value in own)

    def _chained(self) -> Iterator[tuple[int, list[int]]]:
        """Transitive relations and chains of two; the premises may be of narrower relations."""
        for relations in list(self.said.values()):
            for relation, values in relations.items():
                rules = [rule for wide in self.roles.above(relation) for rule in self.roles.chains.get(wide, ())]
                for second, whole in rules:
                    for middle, edge in values.items():
                        for r, ends in self.said.get(middle, {}).items():
                            if second not in self.roles.above(r):
                                continue
                            for wide in self.roles.above(whole):
                                own = relations.get(wide, {})
                                yield from ((own[end], [edge, ends[end]]) for end in ends if end in own)

    def _classed(self) -> Iterator[tuple[int, list[int]]]:
        """Classes that domains give to whatever bears a relation, and ranges to its values."""
        ids = {term: node for node, term in enumerate(self.graph.terms)}
        for edge, ((s, r, o), pattern) in enumerate(zip(self.rows, self.graph.patterns.tolist(), strict=True)):
            ends = [(s, r)] if pattern not in UP else []
            ends += [(o, self.roles.inverse(r))] if pattern in BOTH_WAYS else []
            for node, relation in ends:
                given = [iri for wide in self.roles.above(relation) for iri in self.roles.classes.get(wide, ())]
                classes = [ids.get(iri) for iri in given]
                yield from ((up, [edge]) for c, up in self.up.get(node, {}).items() if c in classes)
