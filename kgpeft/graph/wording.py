"""Edges and axioms in Manchester syntax over names, for people to read."""

from typing import Any

from kgpeft.graph.model import PATTERNS, Kind, KnowledgeGraph
from kgpeft.graph.names import curie

_BETWEEN = {  # axiom over two terms -> the word between them
    "disjoint": "DisjointWith",
    "equivalent": "EquivalentTo",
    "complement": "EquivalentTo not",
    "inverse": "InverseOf",
    "equivalent property": "EquivalentTo",
    "disjoint property": "DisjointWith",
    "subproperty": "SubPropertyOf",
    "same": "SameAs",
    "different": "DifferentFrom",
}
_LISTED = {  # axiom over a term and a list -> the word before the list, and that between its members
    "domain": ("Domain", " or "),
    "range": ("Range", " or "),
    "domain includes": ("DomainIncludes", ", "),
    "range includes": ("RangeIncludes", ", "),
    "chain": ("SubPropertyChain", " o "),
    "disjoint union": ("DisjointUnionOf", ", "),
    "key": ("HasKey", ", "),
    "union": ("SubClassOf", " or "),
    "union of": ("EquivalentTo", " or "),
    "one of": ("OneOf", ", "),
}
_BOUNDS = {"at most": "max", "at least": "min", "exactly": "exactly"}


def name_of(graph: KnowledgeGraph, iri: str) -> str:
    """What the graph calls an IRI, in short; anything else as it is."""
    known = graph.name_of(iri) or graph.noted.get(iri)
    return known or (curie(iri) if "://" in iri else iri)


def edge_text(graph: KnowledgeGraph, edge: int) -> str:
    """The axiom that an edge stands for: ``quartz SubClassOf 'has lustre' some vitreous``."""
    subject, relation, node = graph.edges[edge].tolist()
    names = [_quoted(graph.names[subject]), _quoted(graph.relation_names[relation]), _quoted(graph.names[node])]
    pattern = PATTERNS[graph.patterns[edge]]
    if pattern in ("some", "value") and graph.kinds[subject] == Kind.CLASS:
        return f"{names[0]} SubClassOf {names[1]} {pattern} {names[2]}"
    words = {"sub": "SubClassOf", "type": "Type", "some": f"Type {names[1]} some"}
    return f"{names[0]} {words.get(pattern, names[1])} {names[2]}"


def axiom_text(graph: KnowledgeGraph, axiom: dict[str, Any]) -> str:
    """An axiom that is no edge: ``'has lustre' Range lustre``."""
    kind, terms = axiom["axiom"], [_quoted(name_of(graph, term)) for term in axiom["terms"]]
    if kind == "definition":
        some = [f"({' some '.join(_quoted(name_of(graph, iri)) for iri in pair)})" for pair in axiom.get("some", ())]
        return f"{terms[0]} EquivalentTo {' and '.join([*terms[1:], *some])}"
    if kind == "only":
        return f"{terms[0]} SubClassOf {terms[1]} only {_either(terms[2:])}"
    if kind == "not some":
        return f"{terms[0]} SubClassOf not ({terms[1]} some {terms[2]})"
    if kind == "has self":
        return f"{terms[0]} SubClassOf {terms[1]} Self"
    if kind in _BOUNDS:
        return " ".join([terms[0], "SubClassOf", terms[1], _BOUNDS[kind], str(axiom["n"]), *terms[2:]])
    if kind == "negative":
        return f"not ({' '.join(terms)})"
    if kind in _LISTED:
        word, mark = _LISTED[kind]
        return f"{terms[0]} {word} {mark.join(terms[1:])}"
    if kind in _BETWEEN and len(terms) == 2:
        return f"{terms[0]} {_BETWEEN[kind]} {terms[1]}"
    return f"{', '.join(terms)}: {kind}"


def _either(terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' or '.join(terms)})"


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name
