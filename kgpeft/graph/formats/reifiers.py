"""Statements about statements of RDF 1.2 → RDF's reification, which all versions have.

A reifier becomes an rdf:Statement with subject, predicate and object. The quoted statement is thereby not asserted;
what is asserted, as by ``{| |}`` in Turtle, is a statement of its own.
https://www.w3.org/TR/rdf12-concepts/#section-triple-terms
"""

import hashlib
from collections.abc import Iterator

import pyoxigraph as ox

from kgpeft.graph.statements import Node, literal
from kgpeft.graph.vocabulary import RDF, TYPE

Row = tuple[Node, Node, Node]


def unfold(quad: ox.Quad, source: int) -> Iterator[Row]:
    """The triples that a parsed statement becomes, as node keys; more than one if it has a triple term."""
    subject, predicate = key(quad.subject, source), key(quad.predicate, source)
    if isinstance(quad.object, ox.Triple) and predicate == RDF + "reifies":
        yield from _reified(subject, quad.object, source)
        return
    yield subject, predicate, key(quad.object, source)
    if isinstance(quad.object, ox.Triple):
        yield from _reified(key(quad.object, source), quad.object, source)


def _reified(node: Node, triple: ox.Triple, source: int) -> Iterator[Row]:
    """The rows that say which triple a node stands for; a triple inside it gets a node of its own."""
    yield node, TYPE, RDF + "Statement"
    for part in ("subject", "predicate", "object"):
        value = getattr(triple, part)
        yield node, RDF + part, key(value, source)
        if isinstance(value, ox.Triple):
            yield from _reified(key(value, source), value, source)


def key(term: object, source: int) -> Node:
    """The node key of a parsed term; blank nodes of different sources differ."""
    if isinstance(term, ox.NamedNode):
        return term.value
    if isinstance(term, ox.Literal):
        return literal(term.value, term.datatype.value, term.language or "")
    if isinstance(term, ox.BlankNode):
        return f"_:{source}:{term.value}"
    return f"_:{source}:triple{hashlib.sha256(str(term).encode('utf-8', 'replace')).hexdigest()[:24]}"
