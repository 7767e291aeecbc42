"""OWL/XML → statements.

Schema: https://www.w3.org/TR/owl2-xml-serialization/. Its elements are the terms of functional syntax, and so are read
as these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from kgpeft.graph.formats.names import Names
from kgpeft.graph.formats.owl import COUNTED, DEPTH, ENTITIES, Axioms, Part, Term, Unreadable, count
from kgpeft.graph.formats.sax import XML, parse_xml
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import STRING, Node, Statements

_NAMED = {*ENTITIES, "Variable"}
_TEXTS = {"IRI", "AbbreviatedIRI", "Literal", "Import"}


def read_owlxml(source: Opened, into: Statements) -> None:
    """The axioms of an ontology added to ``into`` by OWL's RDF mapping; broken ones are quarantined.

    SourceError if the XML itself is broken.
    """
    parse_xml(source, _Handler(into))


@dataclass
class _Frame:
    """An element being read."""

    tag: str
    line: int
    attributes: Mapping[str, str]
    base: str
    parts: list[Part] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Handler:
    """Elements → terms → axioms."""

    def __init__(self, into: Statements) -> None:
        self.into = into
        self.axioms, self.names = Axioms(into), Names(into)
        self.stack: list[_Frame] = []
        self.reason = ""  # why the current axiom cannot be read
        self.skipped = 0  # elements too deep to be kept

    def start(self, line: int, tag: str, attributes: dict[str, str]) -> None:
        """The beginning of an element."""
        if len(self.stack) > DEPTH:
            self.reason = "nested too deeply"
            self.skipped += 1
            return
        base = attributes.get(XML + "base", self.stack[-1].base if self.stack else attributes.get("ontologyIRI", ""))
        self.stack.append(_Frame(tag, line, attributes, base))
        if len(self.stack) == 1:
            self.axioms.header(attributes.get("ontologyIRI", ""), attributes.get("versionIRI", ""))
        elif tag == "Prefix" and len(self.stack) == 2:
            self.names.spaces[attributes.get("name", "").removesuffix(":")] = attributes.get("IRI", "")

    def text(self, data: str) -> None:
        """Characters inside an element."""
        if self.stack[-1].tag in _TEXTS and not self.skipped:
            self.stack[-1].text.append(data)

    def end(self, tag: str) -> None:
        """The end of an element, with all that is in it."""
        if self.skipped:
            self.skipped -= 1
            return
        frame = self.stack.pop()
        if not self.stack or frame.tag == "Prefix":
            return
        try:
            if self.reason:
                raise Unreadable(self.reason)
            part = self._part(frame)
            if len(self.stack) > 1:
                self.stack[-1].parts.append(part)
            elif isinstance(part, str):
                raise Unreadable("a name or literal outside of any axiom")
            else:
                self.into.line = frame.line
                self.axioms.read(part)
        except Unreadable as error:
            self.reason = str(error)
        if self.reason and len(self.stack) == 1:
            self.into.quarantine(frame.line, f"{frame.tag}: {self.reason}")
            self.reason = ""

    def _part(self, frame: _Frame) -> Part:
        tag, attributes = frame.tag, frame.attributes
        text = "".join(frame.text)
        if tag in _NAMED:
            return Term(tag, (self._named(frame),))
        if tag == "Literal":
            datatype = self._iri(attributes.get("datatypeIRI", STRING), frame)
            return self.names.typed(text, datatype, attributes.get(XML + "lang", ""))
        if tag == "IRI":
            return self._iri(text.strip(), frame)
        if tag == "AbbreviatedIRI":
            return self.names.iri(text.strip())
        if tag == "AnonymousIndividual":
            return self.names.blank(attributes.get("nodeID", "").removeprefix("_:"))
        if tag == "FacetRestriction":
            return Term("", (self._iri(attributes.get("facet", ""), frame), *frame.parts))
        parts = frame.parts
        if tag == "Import":
            parts = [self._iri(text.strip(), frame)]
        elif tag in COUNTED:
            parts = [count(attributes.get("cardinality", "")), *parts]
        elif tag == "BuiltInAtom":
            parts = [self._named(frame), *parts]
        return Term(tag, tuple(parts))

    def _named(self, frame: _Frame) -> Node:
        attributes = frame.attributes
        if "abbreviatedIRI" in attributes:
            return self.names.iri(attributes["abbreviatedIRI"])
        if "IRI" not in attributes:
            raise Unreadable(f"{frame.tag} without an IRI")
        return self._iri(attributes["IRI"], frame)

    def _iri(self, iri: str, frame: _Frame) -> Node:
        if iri.startswith("#"):
            return frame.base.partition("#")[0] + iri
        if ":" in iri:
            return iri
        try:
            return urljoin(frame.base, iri)
        except ValueError as error:
            raise Unreadable(f"no IRI can be made of {iri!r} and the base {frame.base!r}: {error}") from error
