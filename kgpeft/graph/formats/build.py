"""Small pieces of OWL as triples: lists, restrictions, intersections, annotated axioms.

Shapes: https://www.w3.org/TR/owl2-mapping-to-rdf/, sections 2 and 2.2.
"""

from collections.abc import Iterable, Sequence

from kgpeft.graph.statements import Node, Statements
from kgpeft.graph.vocabulary import OWL, RDF, TYPE, XSD

Notes = Iterable[tuple[Node, Node]]  # annotations: property, value
COUNT = XSD + "nonNegativeInteger"


def sequence(into: Statements, items: Sequence[Node]) -> Node:
    """The head of an RDF list."""
    head = RDF + "nil"
    for item in reversed(items):
        cell = into.blank()
        into.add(cell, RDF + "first", item)
        into.add(cell, RDF + "rest", head)
        head = cell
    return head


def restriction(into: Statements, relation: Node, kind: str, value: Node) -> Node:
    """``relation some value`` for the kind someValuesFrom; likewise hasValue, allValuesFrom, minCardinality ..."""
    node = into.blank()
    into.add(node, TYPE, OWL + "Restriction")
    into.add(node, OWL + "onProperty", relation)
    into.add(node, OWL + kind, value)
    return node


def intersection(into: Statements, parts: Sequence[Node]) -> Node:
    """All parts at once; a single part is itself."""
    if len(parts) == 1:
        return parts[0]
    node = into.blank()
    into.add(node, TYPE, OWL + "Class")
    into.add(node, OWL + "intersectionOf", sequence(into, parts))
    return node


def state(into: Statements, subject: Node, predicate: Node, node: Node, notes: Notes = ()) -> None:
    """One triple and what is noted about it."""
    into.add(subject, predicate, node)
    notes = list(notes)
    if notes:
        axiom = into.blank()
        into.add(axiom, TYPE, OWL + "Axiom")
        into.add(axiom, OWL + "annotatedSource", subject)
        into.add(axiom, OWL + "annotatedProperty", predicate)
        into.add(axiom, OWL + "annotatedTarget", node)
        for relation, value in notes:
            into.add(axiom, relation, value)
