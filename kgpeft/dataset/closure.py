"""What follows from some of a graph's edges by its axioms: rules chained forward, for the things that are asked about.

Rules: subclass, equivalence, unions and definitions; inheritance along the hierarchy; sub-properties, equivalent,
inverse, symmetric and transitive properties, chains; domains and ranges; sameness. The semantics are those of OWL 2
RL, and of existential restrictions for edges between classes (OWL 2 EL).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from kgpeft.graph import PATTERNS, Kind, KnowledgeGraph
from kgpeft.graph.vocabulary import RELATED

UP = tuple(PATTERNS.index(pattern) for pattern in ("sub", "type"))
BOTH_WAYS = tuple(PATTERNS.index(pattern) for pattern in ("fact", "value", "broader"))

Fact = tuple[int, int]  # relation, node


class Genus(NamedTuple):
    """What is sufficient for being of a class: all of some classes, and a value of some class for each relation."""

    name: int
    classes: tuple[int, ...]
    some: tuple[Fact, ...]


class Roles:
    """The axioms about relations. Every relation has a number, and its inverse one too: `inverse(r)`."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.number = {iri: i for i, iri in enumerate(graph.relations)}
        axioms: dict[str, list[list[str]]] = defaultdict(list)
        for axiom in graph.axioms:
            axioms[axiom["axiom"]].append(axiom["terms"])
        for name in ("subproperty", "equivalent property", "inverse", "chain"):
            for iri in (iri for terms in axioms[name] for iri in terms):
                self.number.setdefault(iri, len(self.number))
        self.size = len(self.number)
        self.wider = self._wider(axioms)
        self.chains: dict[int, list[Fact]] = defaultdict(list)  # first → (second, whole)
        self._extra = 2 * self.size
        for (iri,) in axioms["transitive"]:
            if iri in self.number:
                self._chain([iri, iri, iri])
        for terms in axioms["chain"]:
            self._chain(terms)
        self.classes: dict[int, list[str]] = defaultdict(list)  # relation → classes of whatever bears it
        for name, turned in (("domain", False), ("range", True)):
            for iri, *classes in axioms[name]:
                if len(classes) == 1 and iri in self.number:
                    number = self.number[iri]
                    self.classes[self.inverse(number) if turned else number].append(classes[0])

    def inverse(self, relation: int) -> int:
        """The number of the inverse of a relation."""
        return relation - self.size if relation >= self.size else relation + self.size

    def needed(self, goals: Iterable[int]) -> set[int]:
        """Every relation that a fact with one of these relations can be derived from."""
        found, front = set[int](), set(goals)
        while front:
            found |= front
            made = {part for first, rest in self.chains.items() for second, whole in rest
                    if not found.isdisjoint(self.above(whole)) for part in (first, second)}
            lower = {low for low, above in self.wider.items() if not found.isdisjoint(above)}
            front = (made | lower) - found
        return found

    def above(self, relation: int) -> frozenset[int]:
        """The relation and all that it implies."""
        return self.wider.get(relation) or frozenset((relation,))

    def _wider(self, axioms: dict[str, list[list[str]]]) -> dict[int, frozenset[int]]:
        arcs: dict[int, set[int]] = defaultdict(set)

        def implies(low: int, high: int) -> None:
            arcs[low].add(high)
            arcs[self.inverse(low)].add(self.inverse(high))

        for terms in axioms["subproperty"]:
            implies(self.number[terms[0]], self.number[terms[1]])
        for one, other in ((self.number[a], self.number[b]) for a, b, *_ in axioms["equivalent property"]):
            implies(one, other)
            implies(other, one)
        for one, other in ((self.number[a], self.number[b]) for a, b, *_ in axioms["inverse"]):
            implies(one, self.inverse(other))
            implies(self.inverse(other), one)
        for iri in (*(terms[0] for terms in axioms["symmetric"]), RELATED):
            if iri in self.number:
                implies(self.number[iri], self.inverse(self.number[iri]))
        return {r: frozenset(reached(r, arcs)) for r in list(arcs)}

    def _chain(self, terms: Sequence[str]) -> None:
        """Whole ⊇ first ∘ … ∘ last, and the same turned round; longer ones by relations of their own."""
        whole, *parts = (self.number[iri] for iri in terms)
        for head, row in ((whole, parts), (self.inverse(whole), [self.inverse(p) for p in reversed(parts)])):
            first = row[0]
            for second in row[1:-1]:
                self.chains[first].append((second, self._extra))
                first, self._extra = self._extra, self._extra + 1
            if len(row) > 1:
                self.chains[first].append((row[-1], head))


class Closure:
    """What follows from the edges of a graph that are visible, for goals whose relations are given."""

    def __init__(self, graph: KnowledgeGraph, visible: np.ndarray, goals: Iterable[int]) -> None:
        self.graph, self.roles = graph, Roles(graph)
        self.ids = {term: node for node, term in enumerate(graph.terms) if graph.kinds[node] != Kind.LITERAL}
        self.parents: dict[int, set[int]] = defaultdict(set)
        self.said: dict[int, list[Fact]] = defaultdict(list)  # node → (relation or inverse, other end)
        self._read_edges(visible)
        self.genera = self._read_axioms()
        upward = set(np.unique(graph.edges[np.isin(graph.patterns, UP), 1]).tolist())
        wanted = set(goals) | {relation for genus in self.genera for relation, _ in genus.some}
        self.needed = self.roles.needed(wanted - upward)
        self.upward = upward
        self._above: dict[int, set[int]] = {}
        self._facts: dict[int, set[Fact]] = {}
        self._waiting: dict[int, list[tuple[int, int, int]]] = defaultdict(list)  # node → (for whom, second, whole)
        self._by_class: dict[int, list[Genus]] = defaultdict(list)
        for genus in self.genera:
            for node in genus.classes[:1]:
                self._by_class[node].append(genus)

    def entails(self, subject: int, relation: int, node: int) -> bool:
        """Whether the fact follows from the visible edges, or is one of them."""
        if relation in self.upward:
            return node in self.above(subject) - {subject} or node in self.parents.get(subject, ())
        return self._has(subject, relation, node)

    def values(self, subject: int, relation: int) -> set[int]:
        """Every node that the subject has for a relation, as far as follows; classes above them are left out."""
        self.above(subject)
        return {node for r, node in self.facts(subject) if r == relation}

    def above(self, node: int) -> set[int]:
        """The node and every class it is of."""
        if node not in self._above:
            self._above[node] = self._classes([node])
            self._define(node)
        return self._above[node]

    def facts(self, node: int) -> set[Fact]:
        """Every needed fact that follows for a node, as (relation, other end)."""
        if node not in self._facts:
            self._demand([node])
        return self._facts[node]

    def _has(self, subject: int, relation: int, node: int) -> bool:
        self.above(subject)
        values = [value for r, value in self.facts(subject) if r == relation]  # what is above one may bring more
        return any(value == node or node in self.above(value) for value in values)

    def _read_edges(self, visible: np.ndarray) -> None:
        shown = np.flatnonzero(visible)
        rows = zip(self.graph.edges[shown].tolist(), self.graph.patterns[shown].tolist(), strict=True)
        for (s, r, o), pattern in rows:
            if pattern in UP:
                self.parents[s].add(o)
                continue
            self.said[s].append((r, o))
            if pattern in BOTH_WAYS:
                self.said[o].append((self.roles.inverse(r), s))

    def _read_axioms(self) -> list[Genus]:
        genera = []
        for axiom in self.graph.axioms:
            name, terms = axiom["axiom"], [self.ids.get(term, -1) for term in axiom["terms"]]
            if name in ("equivalent", "same") and min(terms) >= 0:
                for one, other in zip(terms, [*terms[1:], terms[0]], strict=True):
                    self.parents[one].add(other)
                    self._share(one, other, name == "same")
            if name in ("union of", "disjoint union", "one of") and terms[0] >= 0:
                for member in terms[1:]:
                    self.parents[member].add(terms[0])
            if name == "definition" and min(terms) >= 0:
                some = [(self.roles.number.get(r, -1), self.ids.get(o, -1)) for r, o in axiom.get("some", ())]
                if len(terms) > 1 and all(min(pair) >= 0 for pair in some):
                    genera.append(Genus(terms[0], tuple(terms[1:]), tuple(some)))
        return genera

    def _share(self, one: int, other: int, same: bool) -> None:
        """What is said of a thing is said of what is the same; of its being a value too."""
        if same:
            for fact in self.said[other]:
                if fact not in self.said[one]:
                    self.said[one].append(fact)

    def _classes(self, nodes: Iterable[int]) -> set[int]:
        found, front = set[int](), list(nodes)
        while front:
            node = front.pop()
            if node in found:
                continue
            found.add(node)
            front += self.parents.get(node, ())
            wider = {high for r, _ in self.said.get(node, ()) for high in self.roles.above(r)}
            front += [self.ids[iri] for r in wider for iri in self.roles.classes.get(r, ()) if iri in self.ids]
        return found

    def _define(self, node: int) -> None:
        """Adds the classes whose definition the node meets, until there are no more."""
        above, met = self._above[node], set[int]()
        while True:
            possible = {genus for c in above for genus in self._by_class.get(c, ()) if genus.name not in above}
            new = [g for g in possible if g.name not in met and self._meets(node, g)]
            if not new:
                return
            met |= {genus.name for genus in new}
            fresh = self._classes([genus.name for genus in new]) - above
            above |= fresh
            self._inherit(node, fresh)

    def _meets(self, node: int, genus: Genus) -> bool:
        if not self._above[node].issuperset(genus.classes):
            return False
        facts = list(self.facts(node))
        return all(
            any(r == relation and (value == filler or filler in self._near(value)) for r, value in facts)
            for relation, filler in genus.some
        )

    def _near(self, node: int) -> set[int]:
        """The classes above a node as far as they are known, without definitions: these may refer to each other."""
        return self._above[node] if node in self._above else self._classes([node])

    def _inherit(self, node: int, classes: Iterable[int]) -> None:
        if node in self._facts:
            self._run([(node, r, o) for c in classes for r, o in self.said.get(c, ())])

    def _demand(self, nodes: Iterable[int]) -> None:
        self._run([fact for node in nodes for fact in self._begin(node)])

    def _begin(self, node: int) -> list[tuple[int, int, int]]:
        self._facts[node] = set()
        return [(node, r, o) for c in self._near(node) for r, o in self.said.get(c, ())]

    def _run(self, stack: list[tuple[int, int, int]]) -> None:
        """Derives until nothing is new: (node, relation, value) and what chains make of it."""
        while stack:
            node, relation, value = stack.pop()
            for wide in (self.roles.above(relation) & self.needed):
                if (wide, value) in self._facts[node]:
                    continue
                self._facts[node].add((wide, value))
                stack += [(whom, whole, value) for whom, second, whole in self._waiting[node] if second == wide]
                for second, whole in self.roles.chains.get(wide, ()):
                    if whole not in self.needed and self.needed.isdisjoint(self.roles.above(whole)):
                        continue
                    if value not in self._facts:
                        stack += self._begin(value)
                    self._waiting[value].append((node, second, whole))
                    stack += [(node, whole, end) for r, end in self._facts[value] if r == second]


def reached(start: int, arcs: dict[int, set[int]]) -> set[int]:
    """A node and all that can be reached from it."""
    found, front = set[int](), [start]
    while front:
        node = front.pop()
        if node not in found:
            found.add(node)
            front += arcs.get(node, ())
    return found
