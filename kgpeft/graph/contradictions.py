"""Which axiom of the graph a claim breaks: disjointness, domain, range, and what a relation's characteristics forbid.

Things with different names are taken for different things, unless the graph says that they are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kgpeft.graph import PATTERNS, Kind
from kgpeft.graph.vocabulary import SUBCLASS, TYPE

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph


class Axioms:
    """What a graph's axioms forbid."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph
        self.ids = {term: node for node, term in enumerate(graph.terms) if graph.kinds[node] != Kind.LITERAL}
        self.relations = {iri: number for number, iri in enumerate(graph.relations)}
        self.of: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for axiom in graph.axioms:
            self.of[axiom["axiom"]].append(tuple(axiom["terms"]))
        self.above = self._hierarchy()
        self.disjoint: dict[int, set[int]] = defaultdict(set)
        unions = [(members[at:]) for name, at in (("disjoint", 0), ("disjoint union", 1)) for members in self.of[name]]
        for members in unions:
            nodes = {self.ids[term] for term in members if term in self.ids}
            for node in nodes:
                self.disjoint[node] |= nodes - {node}
        self.same = {frozenset(pair) for pair in self.of["same"]}
        self.parents: dict[str, set[str]] = defaultdict(set)
        for low, high in (*self.of["subproperty"], *self.of["equivalent property"]):
            self.parents[low].add(high)
        for low, high in self.of["equivalent property"]:
            self.parents[high].add(low)
        self.inverse: dict[str, set[str]] = defaultdict(set)
        for one, other in self.of["inverse"]:
            self.inverse[one].add(other)
            self.inverse[other].add(one)

    def broken(self, subject: int, relation: str, node: int) -> str:
        """The axiom that "subject relation node" contradicts, in words; "" if there is none."""
        return next(self._broken(subject, relation, node), "")

    def single(self, relation: str) -> str:
        """The axiom that the relation has one value at most, in words; "" if it may have several."""
        for name in self._wider(relation):
            inverted = any((other,) in self.of["inverse functional"] for other in self.inverse[name])
            if (name,) in self.of["functional"] or inverted:
                return f"{self._name(name)} is functional"
        return ""

    def states(self, subject: int, relation: str, node: int) -> bool:
        """Whether the graph has this edge."""
        return relation in self.relations and node in self._objects(subject, self.relations[relation])

    def _broken(self, subject: int, relation: str, node: int) -> Iterator[str]:
        if relation in (SUBCLASS, TYPE):
            yield from self._clash([subject], [node])
            return
        for name in self._wider(relation):
            yield from self._ends(name, subject, node)
            for other in self.inverse[name]:
                yield from self._ends(other, node, subject)
            number = self.relations.get(name, -1)
            if (name,) in self.of["asymmetric"] and subject in self._objects(node, number):
                yield f"{self._name(name)} is asymmetric, and {self.say(node, name, subject)}"
            if (name,) in self.of["irreflexive"] and subject == node:
                yield f"{self._name(name)} is irreflexive"
            if (self.graph.terms[subject], name, self.graph.terms[node]) in self.of["negative"]:
                yield f"it is denied that {self.say(subject, name, node)}"
            yield from self._apart(name, subject, node)
        if single := self.single(relation):
            for known in self._objects(subject, self.relations.get(relation, -1)):
                if self._differ(known, node):
                    yield f"{single}, and {self.say(subject, relation, known)}"

    def _ends(self, name: str, subject: int, node: int) -> Iterator[str]:
        """What is wrong with the kinds of the ends: none of the classes of the domain or range fits."""
        for role, end in (("domain", subject), ("range", node)):
            for relation, *classes in self.of[role]:
                nodes = [self.ids[term] for term in classes if term in self.ids]
                clashes = [next(self._clash([end], [one]), "") for one in nodes]
                if relation == name and clashes and all(clashes) and len(nodes) == len(classes):
                    kinds = " or ".join(self.graph.names[one] for one in nodes)
                    yield f"the {role} of {self._name(name)} is {kinds}, and {clashes[0]}"

    def _apart(self, name: str, subject: int, node: int) -> Iterator[str]:
        for members in self.of["disjoint property"]:
            for other in members if name in members else ():
                if other != name and self.states(subject, other, node):
                    pair = f"{self._name(name)} and {self._name(other)} are disjoint"
                    yield f"{pair}, and {self.say(subject, other, node)}"

    def _clash(self, ones: Iterable[int], others: Iterable[int]) -> Iterator[str]:
        """Classes of the one that are disjoint with classes of the other."""
        one, other = self._classes(ones), self._classes(others)
        for low in sorted(one & self.disjoint.keys()):
            for high in sorted(self.disjoint[low] & other):
                yield f"{self.graph.names[low]} and {self.graph.names[high]} are disjoint"

    def _differ(self, known: int, node: int) -> bool:
        """Whether two values cannot be one: named things that are not the same, or disjoint classes."""
        kinds = {int(self.graph.kinds[known]), int(self.graph.kinds[node])}
        if Kind.CLASS in kinds:
            return bool(next(self._clash([known], [node]), ""))
        return known != node and frozenset((self.graph.terms[known], self.graph.terms[node])) not in self.same

    def _objects(self, subject: int, relation: int) -> list[int]:
        rows = self.graph.edges[self.graph.outgoing(subject)]
        return [int(node) for node in rows[rows[:, 1] == relation, 2]]

    def _hierarchy(self) -> dict[int, set[int]]:
        above: dict[int, set[int]] = defaultdict(set)
        upward = {PATTERNS.index("sub"), PATTERNS.index("type")}
        for (subject, _, node), pattern in zip(self.graph.edges.tolist(), self.graph.patterns.tolist(), strict=True):
            if pattern in upward:
                above[subject].add(node)
        for one, other, *_ in self.of["equivalent"]:
            if one in self.ids and other in self.ids:
                above[self.ids[one]].add(self.ids[other])
                above[self.ids[other]].add(self.ids[one])
        return dict(above)

    def _classes(self, nodes: Iterable[int]) -> set[int]:
        """The nodes and all that is above them."""
        waiting, found = list(nodes), set[int]()
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += self.above.get(node, ())
        return found

    def _wider(self, relation: str) -> list[str]:
        """The relation and those that it implies."""
        found = [relation]
        for name in found:
            found += sorted(self.parents[name] - set(found))
        return found

    def _name(self, relation: str) -> str:
        return self.graph.name_of(relation) or relation.rpartition("#")[2].rpartition("/")[2]

    def say(self, subject: int, relation: str, node: int) -> str:
        """The statement in words."""
        return f"{self.graph.names[subject]} {self._name(relation)} {self.graph.names[node]}"
