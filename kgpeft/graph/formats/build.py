"""Small pieces of OWL as triples: lists, restrictions, intersections, annotated axioms.

Shapes: https://www.w3.org/TR/owl2-mapping-to-rdf/, sections 2 and 2.2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kgpeft.graph.statements import Node, Statements
from kgpeft.graph.vocabulary import OWL, RDF, TYPE, XSD

Notes = Iterable[tuple[Node, Node]]  # annotations: property, value
COUNT = XSD + "nonNegativeInteger"


class Sink(Protocol):
    """Where triples go: statements, or what is held back until a whole axiom is known to be right."""

    def blank(self) -> Node:
        """A blank node used nowhere else."""

    def add(self, subject: Node, predicate: Node, node: Node) -> None:
        """One triple."""


@dataclass
class Pending:
    """Triples of one axiom, which go into the statements all or not at all."""

    into: Statements
    triples: list[tuple[Node, Node, Node]] = field(default_factory=list)

    def blank(self) -> Node:
        """A blank node used nowhere else."""
        return self.into.blank()

    def add(self, subject: Node, predicate: Node, node: Node) -> None:
        """One triple, held back."""
        self.triples.append((subject, predicate, node))

    def flush(self) -> None:
        """Adds what was held back."""
        for triple in self.triples:
            self.into.add(*triple)
        self.triples.clear()


def sequence(into: Sink, items: Sequence[Node], kind: Node = "") -> Node:
    """The head of an RDF list, whose cells have a type where ``kind`` names one."""
    head = RDF + "nil"
    for item in reversed(items):
        cell = into.blank()
        if kind:
            into.add(cell, TYPE, kind)
        into.add(cell, RDF + "first", item)
        into.add(cell, RDF + "rest", head)
        head = cell
    return head


def restriction(into: Sink, relation: Node, kind: str, value: Node) -> Node:
    """``relation some value`` for the kind someValuesFrom; likewise hasValue, allValuesFrom, minCardinality ..."""
    node = into.blank()
    into.add(node, TYPE, OWL + "Restriction")
    into.add(node, OWL + "onProperty", relation)
    into.add(node, OWL + kind, value)
    return node


def intersection(into: Sink, parts: Sequence[Node]) -> Node:
    """All parts at once; a single part is itself."""
    if len(parts) == 1:
        return parts[0]
    node = into.blank()
    into.add(node, TYPE, OWL + "Class")
    into.add(node, OWL + "intersectionOf", sequence(into, parts))
    return node


def state(into: Sink, subject: Node, predicate: Node, node: Node, notes: Notes = ()) -> None:
    """One triple and what is noted about it."""
    into.add(subject, predicate, node)
    notes = list(notes)
    if notes:
        axiom = reify(into, (subject, predicate, node))
        for relation, value in notes:
            into.add(axiom, relation, value)


def reify(into: Sink, triple: tuple[Node, Node, Node], kind: Node = OWL + "Axiom") -> Node:
    """The blank node that stands for a triple and carries its annotations."""
    axiom = into.blank()
    into.add(axiom, TYPE, kind)
    for name, node in zip(("annotatedSource", "annotatedProperty", "annotatedTarget"), triple, strict=True):
        into.add(axiom, OWL + name, node)
    return axiom
