"""The neighbourhood of what a question names, as an SVG picture: the facts that were read and used stand out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kgpeft.evidence.layout import Box, Edge, arrange
from kgpeft.evidence.svg import draw

if TYPE_CHECKING:
    from kgpeft.evidence.search import Evidence
    from kgpeft.evidence.statements import Statement
    from kgpeft.graph import KnowledgeGraph

MOST = 20  # things in a picture
OF_ONE = 5  # values of one statement that are drawn
SEEN = 200  # edges of a named thing that are looked at
BESIDES = 3  # edges of a named thing that were not read and are drawn still
NOTHING = "nothing that the graph has"


def neighbourhood_svg(
    graph: KnowledgeGraph, evidence: Evidence, used: Collection[int] = (), question: str = "", most: int = MOST
) -> str:
    """What a question names and what was read of it, at most so many things; `used` are edges the answer rests on.

    One SVG element with title and description, legible on light and dark ground, the same for the same input; it may be
    put into an HTML page as it is.
    """
    scene = _Scene(graph, evidence, frozenset(used), most)
    boxes = arrange(scene.boxes(), scene.edges)
    names = ", ".join(graph.names[e] for e in scene.named[:3]) or NOTHING
    title = question or evidence.question
    return draw(boxes, scene.edges, title, f"{title} names {names}. {_told(scene.edges, boxes)}")


def _told(edges: list[Edge], boxes: dict[str, Box]) -> str:
    """The facts of a picture in words, for those who do not see it."""
    facts = [f"{boxes[e.start].label} — {e.label} — {boxes[e.end].label}" for e in edges if e.kind != "besides"]
    return "; ".join(facts) + "." if facts else "No facts were read."


class _Thing(NamedTuple):
    key: str
    label: str


@dataclass
class _Scene:
    """Which things and edges are drawn: those that the answer rests on, then those read, then some others."""

    graph: KnowledgeGraph
    evidence: Evidence
    used: frozenset[int]
    most: int

    def __post_init__(self) -> None:
        self.named = list(dict.fromkeys(e for m in self.evidence.mentions for e in m.entities))[: self.most // 3]
        self._labels: dict[str, str] = {f"n{e}": self.graph.names[e] for e in self.named}
        self.edges: list[Edge] = []
        ranked = sorted(self.evidence.statements, key=lambda s: self.used.isdisjoint(s.edges))
        for statement in ranked:
            self._add_statement(statement)
        for entity in self.named:
            self._add_besides(entity)

    def boxes(self) -> dict[str, Box]:
        """The things by key, in the order in which they were added."""
        asked = {f"n{e}" for e in self.named}
        used = {key for e in self.edges if e.kind == "used" for key in (e.start, e.end)}
        kinds = {key: "asked" if key in asked else "used" if key in used else "other" for key in self._labels}
        return {key: Box(label, kinds[key]) for key, label in self._labels.items()}

    def _add_statement(self, statement: Statement) -> None:
        edges = list(dict.fromkeys(sorted(statement.edges, key=lambda e: e not in self.used)))
        for edge in edges[:OF_ONE]:
            self._add_edge(edge, "used" if edge in self.used else "read")
        of = _Thing(f"n{statement.entity_id}", self.graph.names[statement.entity_id])
        if not edges:  # a definition, synonyms
            self._add(of, statement.relation, _Thing(f"t{statement.values[0]}", statement.answer))
        elif len(edges) > OF_ONE:
            more = _Thing(f"m{edges[OF_ONE]}", f"… {len(edges) - OF_ONE} more")
            self._add(*((more, statement.relation, of) if statement.inverse else (of, statement.relation, more)))

    def _add_besides(self, entity: int) -> None:
        """Edges that were not read, spread evenly over those that there are."""
        edges = [*self.graph.outgoing(entity).tolist(), *self.graph.incoming(entity).tolist()]
        joined = {frozenset((e.start, e.end)) for e in self.edges}
        ends = {e: frozenset(f"n{node}" for node in self.graph.edges[e, [0, 2]].tolist()) for e in edges[:SEEN]}
        new = [e for e in ends if ends[e] not in joined]
        for edge in new[:: max(1, len(new) // BESIDES)][:BESIDES]:
            self._add_edge(edge, "besides")

    def _add_edge(self, edge: int, kind: str) -> None:
        subject, relation, object_ = self.graph.edges[edge].tolist()
        start, end = (_Thing(f"n{node}", self.graph.names[node]) for node in (subject, object_))
        self._add(start, self.graph.relation_names[relation], end, kind)

    def _add(self, start: _Thing, label: str, end: _Thing, kind: str = "read") -> None:
        new = {thing.key: thing.label for thing in (start, end) if thing.key not in self._labels}
        known = any((e.start, e.label, e.end) == (start.key, label, end.key) for e in self.edges)
        if known or start == end or len(self._labels) + len(new) > self.most:
            return
        self._labels |= new
        self.edges.append(Edge(start.key, end.key, label, kind))
