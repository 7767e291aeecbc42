"""OBO 1.2/1.4 → statements: a tolerant line parser and the OBO-to-OWL mapping.

Mapping: http://owlcollab.github.io/oboformat/doc/obo-syntax.html, section 5.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from kgpeft.graph.formats.text import decoded
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import STRING, Node, Statements, literal
from kgpeft.graph.vocabulary import (
    ANNOTATION,
    COMMENT,
    DEFINITION,
    DEPRECATED,
    IAO,
    LABEL,
    OBO,
    OIO,
    OWL,
    PROPERTY_AXIOMS,
    RDF,
    RDFS,
    SUBCLASS,
    TYPE,
    expand,
)

Clause = tuple[int, str, str]  # line number, tag, value with comment and modifiers removed

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)', re.S)
_MODIFIERS = re.compile(r"(?<!\\)\{(?:[^{}\"\\]|\\.|\"(?:[^\"\\]|\\.)*\")*\}\s*$")
_COMMENT = re.compile(r'((?:[^"\\!]|\\.|"(?:[^"\\]|\\.)*"|(?<!\s)!|"(?=[^"]*$))*?)\s!(?:\s.*|$)')
_NUMBERED_XREF = re.compile(rb"xref:\s*([A-Za-z]+:\d{7})\s*$")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "W": " ", "t": "\t"}
_SCOPES = {scope: f"{OIO}has{scope.title()}Synonym" for scope in ("EXACT", "RELATED", "NARROW", "BROAD")}
_FREE = {"name", "comment"}  # values in which "!" and "{" are plain text

_TEXTS = {  # tag -> property of a literal
    "name": LABEL,
    "comment": COMMENT,
    "is_obsolete": DEPRECATED,
    "namespace": OIO + "hasOBONamespace",
    "alt_id": OIO + "hasAlternativeId",
    "subset": OIO + "inSubset",
    "xref": OIO + "hasDbXref",
}
_LINKS = {  # tag -> property of another thing
    "disjoint_from": OWL + "disjointWith",
    "equivalent_to": OWL + "equivalentClass",
    "domain": RDFS + "domain",
    "range": RDFS + "range",
    "inverse_of": OWL + "inverseOf",
    "instance_of": TYPE,
    "replaced_by": IAO + "0100001",
    "consider": OIO + "consider",
    "disjoint_over": OWL + "propertyDisjointWith",
}
_FLAGS = {f"is_{axiom.replace(' ', '_')}": iri for iri, axiom in PROPERTY_AXIOMS.items()}
_FLAGS["is_anti_symmetric"] = OIO + "is_anti_symmetric"
_KINDS = {"Term": OWL + "Class", "Typedef": OWL + "ObjectProperty", "Instance": OWL + "NamedIndividual"}


@dataclass
class _Ids:
    """How this file's identifiers become IRIs; ``shorthands`` are relation names that stand for a numbered relation."""

    shorthands: dict[str, str]
    ontology: str = "TODO"
    spaces: dict[str, str] = field(default_factory=dict)

    def iri(self, identifier: str) -> Node:
        text = _unescape(identifier).strip('"')
        text = self.shorthands.get(text, text)
        prefix, colon, local = text.partition(":")
        if local.startswith("//") or prefix in ("urn", "mailto"):
            return text
        if not colon:
            return f"{OBO}{self.ontology}#{text}"
        if prefix in self.spaces:
            return self.spaces[prefix] + local
        return expand(text) or f"{OBO}{prefix}_{local}"


def read_obo(source: Opened, into: Statements) -> None:
    """The stanzas of an OBO file added to ``into`` as OWL; lines that cannot be read are quarantined."""
    ids = _Ids(_shorthands(source))
    with source.stream() as stream:
        lines = (decoded(line, into) for line in stream)
        for (_, kind), clauses in groupby(_stanzas(lines, into), key=lambda clause: clause[0]):
            body = [clause for _, clause in clauses]
            if kind == "":
                _read_header(body, ids, into)
            else:
                _Stanza(kind, ids, into).read(body)


def _shorthands(source: Opened) -> dict[str, str]:
    """The numbered relation each plain relation name stands for: ``part_of`` with the xref BFO:0000050."""
    found = {"seeAlso": "rdfs:seeAlso", "isDefinedBy": "rdfs:isDefinedBy"}
    inside, name = False, ""
    with source.stream() as stream:
        for line in stream:
            if line.startswith(b"["):
                inside, name = line.startswith(b"[Typedef]"), ""
            elif inside and line.startswith(b"id:"):
                name = line[3:].strip().decode("utf-8", "replace")
            elif inside and ":" not in name and (match := _NUMBERED_XREF.match(line)):
                found.setdefault(name, match[1].decode())
    return found


def _stanzas(lines: Iterable[str], into: Statements) -> Iterator[tuple[tuple[int, str], Clause]]:
    """Clauses, each with the number and the kind of its stanza ("" is the header)."""
    stanza = (0, "")
    for number, line in enumerate(_joined(lines), 1):
        text = line.strip()
        if not text or text.startswith("!"):
            continue
        if text.startswith("["):
            stanza = (number, text[1:].partition("]")[0])
            continue
        tag, colon, value = text.partition(":")
        if colon and value.strip():
            yield stanza, (number, tag, value.strip())
        elif not colon or stanza[1]:
            into.quarantine(number, f"no tag and value: {text[:80]}")


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines with backslash continuations joined; the joined ones leave empty lines, so numbers stay right."""
    held, empty = "", 0
    for line in lines:
        text = line.rstrip("\r\n")
        if text.endswith("\\") and not text.endswith("\\\\"):
            held, empty = held + text[:-1], empty + 1
            continue
        yield held + text
        yield from [""] * empty
        held, empty = "", 0
    if held:
        yield held


def _read_header(clauses: list[Clause], ids: _Ids, into: Statements) -> None:
    imports = [value.split()[0] for _, tag, value in clauses if tag == "import"]
    for number, tag, value in clauses:
        into.line = number
        if tag == "ontology":
            ids.ontology = value.split()[0].removesuffix(".obo")
        elif tag == "idspace" and len(parts := value.split()) > 1:
            ids.spaces[parts[0]] = parts[1]
    if ids.ontology != "TODO" or imports:
        own = f"{OBO}{ids.ontology}.owl"
        into.add(own, TYPE, OWL + "Ontology")
        for place in imports:
            into.add(own, OWL + "imports", place if ":" in place else f"file:///{place}")


class _Stanza:
    """One [Term], [Typedef] or [Instance] being turned into triples."""

    def __init__(self, kind: str, ids: _Ids, into: Statements) -> None:
        self.kind, self.ids, self.into = kind, ids, into
        self.subject = ""
        self.genus: list[Node] = []
        self.union: list[Node] = []

    def read(self, clauses: list[Clause]) -> None:
        """Every clause as triples; the whole stanza is quarantined if it has no id or an unknown kind."""
        found = next((value for _, tag, value in clauses if tag == "id"), None)
        if self.kind not in _KINDS or found is None:
            reason = "has no id" if self.kind in _KINDS else "is no kind of stanza"
            self.into.quarantine(clauses[0][0], f"[{self.kind}] {reason}")
            return
        self.into.line = clauses[0][0]
        self.subject = self.ids.iri(_plain(found)[0])
        metadata = any(tag == "is_metadata_tag" and value.startswith("true") for _, tag, value in clauses)
        self.add(TYPE, ANNOTATION if metadata else _KINDS[self.kind])
        for number, tag, value in clauses:
            self.into.line = number
            self._read_clause(number, tag, value)
        for name, parts in (("intersectionOf", self.genus), ("unionOf", self.union)):
            if parts:
                whole = self.into.blank()
                self.add(OWL + "equivalentClass", whole)
                self.into.add(whole, OWL + name, self._list(parts))

    def add(self, predicate: Node, node: Node) -> None:
        """One triple about this stanza's subject."""
        self.into.add(self.subject, predicate, node)

    def _read_clause(self, number: int, tag: str, value: str) -> None:
        if tag in ("def", "synonym") or tag.endswith("_synonym"):
            self._read_quoted(number, tag, value)
        elif tag in _FREE:
            self.add(_TEXTS[tag], literal(_unescape(value).strip('"')))
        elif tag == "property_value":
            self._read_property(number, value)
        elif tag not in ("id", "is_metadata_tag"):
            plain, modifiers = _plain(value)
            self._read_plain(number, tag, plain, modifiers)

    def _read_plain(self, number: int, tag: str, value: str, modifiers: str) -> None:
        words = value.split()
        if "gci_relation" in modifiers:
            self.into.dropped["general class axiom"] += 1
        elif tag in ("relationship", "intersection_of"):
            self._read_relationship(number, tag, words)
        elif tag == "union_of" and words:
            self.union.append(self.ids.iri(words[0]))
        elif tag == "is_a" and words:
            self.add(SUBCLASS if self.kind == "Term" else RDFS + "subPropertyOf", self.ids.iri(words[0]))
        elif tag in _LINKS and words:
            self.add(_LINKS[tag], self.ids.iri(words[0]))
        elif tag in _FLAGS:
            if value == "true":
                self.add(TYPE, _FLAGS[tag])
        elif tag in ("transitive_over", "holds_over_chain", "equivalent_to_chain") and words:
            chain = [*map(self.ids.iri, words)]
            self.add(OWL + "propertyChainAxiom", self._list([self.subject] * (tag == "transitive_over") + chain))
        else:
            self.add(_TEXTS.get(tag, OIO + tag), literal(_unescape(value)))

    def _read_quoted(self, number: int, tag: str, value: str) -> None:
        match = _QUOTED.match(value)
        if not match:
            self.into.quarantine(number, f"{tag} without a quoted text: {value[:80]}")
            return
        scope = next((word for word in match[2].split("[")[0].split() if word in _SCOPES), "RELATED")
        if tag != "synonym":
            scope = tag.removesuffix("_synonym").upper()
        self.add(DEFINITION if tag == "def" else _SCOPES.get(scope, _SCOPES["RELATED"]), literal(_unescape(match[1])))

    def _read_relationship(self, number: int, tag: str, words: list[str]) -> None:
        if not words or (tag == "relationship" and len(words) < 2):
            self.into.quarantine(number, f"{tag} needs a relation and a term: {' '.join(words)}")
            return
        relation, target = self.ids.iri(words[0]), self.ids.iri(words[-1])
        if self.kind != "Term":
            self.add(relation if tag == "relationship" else OIO + tag, target)
            return
        node = target if len(words) == 1 else self._some(relation, target)
        if tag == "intersection_of":
            self.genus.append(node)
        else:
            self.add(SUBCLASS, node)

    def _read_property(self, number: int, value: str) -> None:
        relation, _, rest = value.partition(" ")
        if match := _QUOTED.match(rest.strip()):
            words = _plain(match[2])[0].split()
            self.add(self.ids.iri(relation), literal(_unescape(match[1]), self._datatype(words)))
        elif words := _plain(rest)[0].split():
            value = words[0]
            target = literal(_unescape(value), self._datatype(words[1:])) if len(words) > 1 else self.ids.iri(value)
            self.add(self.ids.iri(relation), target)
        else:
            self.into.quarantine(number, f"property_value needs a relation and a value: {value[:80]}")

    def _datatype(self, words: list[str]) -> Node:
        return self.ids.iri(words[0]) if words and ":" in words[0] else STRING

    def _some(self, relation: Node, target: Node) -> Node:
        node = self.into.blank()
        self.into.add(node, OWL + "onProperty", relation)
        self.into.add(node, OWL + "someValuesFrom", target)
        return node

    def _list(self, items: list[Node]) -> Node:
        head = RDF + "nil"
        for item in reversed(items):
            cell = self.into.blank()
            self.into.add(cell, RDF + "first", item)
            self.into.add(cell, RDF + "rest", head)
            head = cell
        return head


def _plain(value: str) -> tuple[str, str]:
    """A value without its trailing comment and modifiers, and the modifiers."""
    if "!" in value and (match := _COMMENT.match(value)):
        value = match[1]
    match = _MODIFIERS.search(value)
    return (value[: match.start()].strip(), match[0]) if match else (value.strip(), "")


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text) if "\\" in text else text
