"""What the cells of a table mean."""

import re
from collections.abc import Mapping

from kgpeft.graph.statements import STRING, Node, Statements, literal
from kgpeft.graph.vocabulary import (
    COMMENT,
    DEFINITION,
    DEPRECATED,
    EXACT,
    LABEL,
    OBO,
    OIO,
    OWL,
    ROLES,
    SKOS,
    SUBCLASS,
    TYPE,
    XSD,
    expand,
)

BIOLINK = "https://w3id.org/biolink/vocab/"
PLAIN = {  # names a relation has in tables for what RDF has a property for
    "label": LABEL,
    "name": LABEL,
    "synonym": EXACT,
    "synonyms": EXACT,
    "altlabel": EXACT,
    "exact_synonym": EXACT,
    "related_synonym": OIO + "hasRelatedSynonym",
    "narrow_synonym": OIO + "hasNarrowSynonym",
    "broad_synonym": OIO + "hasBroadSynonym",
    "definition": DEFINITION,
    "description": DEFINITION,
    "comment": COMMENT,
    "deprecated": DEPRECATED,
    "xref": OIO + "hasDbXref",
    "same_as": SKOS + "exactMatch",
    "is_a": SUBCLASS,
    "isa": SUBCLASS,
    "subclassof": SUBCLASS,
    "subclass_of": SUBCLASS,
    "subtypeof": SUBCLASS,
    "biolink:subclass_of": SUBCLASS,
    "parent": SUBCLASS,
    "parents": SUBCLASS,
    "instance_of": TYPE,
    "category": TYPE,
    "type": TYPE,
}
TEXTS = {*ROLES, DEPRECATED, OIO + "hasDbXref"}  # properties of literals
_OBO_ID = re.compile(r"([A-Z][A-Za-z_]*):(\d{4,})")
_IAO_ID = re.compile(r"(?:IAO|RO|BFO|OMO)_\d{7}")
_NUMBERS = ((re.compile(r"[+-]?\d+"), XSD + "integer"), (re.compile(r"[+-]?\d*\.\d+"), XSD + "decimal"))
_CURIE_MAP = re.compile(r"(?m)^#\s*curie_map:[ \t]*\r?\n((?:#[ \t]+\S+:[ \t]+\S+[ \t]*\r?\n)+)")
_CURIE_LINE = re.compile(r"(?m)^#\s+['\"]?([\w.-]+)['\"]?:\s+['\"]?([^\s'\"]+)")


class Cells:
    """Names and values → numbers of terms in ``into``; each text is understood once.

    ``spaces`` are prefixes that the table itself declares.
    """

    def __init__(self, into: Statements, spaces: Mapping[str, str]) -> None:
        self.into, self.spaces = into, spaces
        self.nodes: dict[str, int] = {}
        self.relations: dict[str, tuple[int, bool]] = {}

    def node(self, cell: str) -> int:
        """The number of the thing a cell names."""
        number = self.nodes.get(cell)
        if number is None:
            number = self.nodes[cell] = self.into.term(self.name(cell.strip()))
        return number

    def relation(self, cell: str) -> tuple[int, bool]:
        """The number of a relation, and whether its values are text."""
        if cell not in self.relations:
            name = cell.strip()
            iri = PLAIN.get("_".join(name.lower().split())) or self.name(name)
            self.relations[cell] = self.into.term(iri), iri in TEXTS
        return self.relations[cell]

    def text(self, cell: str, datatype: str = "", lang: str = "") -> int:
        """The number of a literal."""
        return self.into.term(literal(cell.strip(), self.name(datatype) if datatype else STRING, lang))

    def quantity(self, cell: str, unit: str) -> int:
        """The number of a literal whose datatype is its unit."""
        return self.into.term(literal(cell.strip(), self.name(unit)))

    def name(self, text: str) -> Node:
        """The IRI a cell means, or the cell itself, which then is the name."""
        if text.startswith("<") and text.endswith(">"):
            return text[1:-1]
        if ":" not in text and "_" not in text:
            return text.removeprefix('"')
        prefix, _, local = text.partition(":")
        if prefix in self.spaces and not local.startswith("//"):
            return self.spaces[prefix] + local
        if match := _OBO_ID.fullmatch(text):
            return f"{OBO}{match[1]}_{match[2]}"
        if prefix == "biolink":
            return BIOLINK + local
        return OBO + text if _IAO_ID.fullmatch(text) else expand(text) or text.removeprefix('"').removeprefix("_:")

    def deny(self, subject: int, relation: int, node: int) -> None:
        """States that a triple does not hold."""
        into, denial = self.into, self.into.term(self.into.blank())
        into.row(denial, into.term(TYPE), into.term(OWL + "NegativePropertyAssertion"))
        into.row(denial, into.term(OWL + "sourceIndividual"), subject)
        into.row(denial, into.term(OWL + "assertionProperty"), relation)
        into.row(denial, into.term(OWL + "targetIndividual"), node)


def number(cell: str) -> Node | None:
    """The literal of a number, or None for anything else."""
    return next((literal(cell, datatype) for pattern, datatype in _NUMBERS if pattern.fullmatch(cell)), None)


def curie_map(head: bytes) -> dict[str, str]:
    """The prefixes that the comments before an SSSOM table declare."""
    found = _CURIE_MAP.search(head.decode("utf-8", "replace"))
    return dict(_CURIE_LINE.findall(found[1])) if found else {}
