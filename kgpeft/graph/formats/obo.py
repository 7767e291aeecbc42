"""OBO 1.2/1.4 → statements: a tolerant line parser and the OBO-to-OWL mapping.

Mapping: http://owlcollab.github.io/oboformat/doc/obo-syntax.html, section 5.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from kgpeft.graph.formats.build import COUNT, intersection, restriction, sequence, state
from kgpeft.graph.formats.clauses import Modifiers, free, joined, plain, quoted, unescape, xrefs
from kgpeft.graph.formats.functional import read_axioms
from kgpeft.graph.formats.text import decoded, lines_of
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
    RDFS,
    SUBCLASS,
    TYPE,
    XSD,
    expand,
)

Clause = tuple[int, str, str]  # line number, tag, value

_NUMBERED_XREF = re.compile(rb"xref:\s*([A-Za-z]+:\d{7})\s*$")
_SCOPES = {scope: f"{OIO}has{scope.title()}Synonym" for scope in ("EXACT", "RELATED", "NARROW", "BROAD")}
_BOOLEAN = XSD + "boolean"
_REPLACED, _REASON, _MERGED = IAO + "0100001", IAO + "0000231", IAO + "0000227"  # by, why, because terms were merged

_TEXTS = {  # tag -> property of a literal
    "namespace": OIO + "hasOBONamespace",
    "xref": OIO + "hasDbXref",
}
_BOOLEANS = {  # tag -> property of true or false
    "is_obsolete": DEPRECATED,
    "is_anti_symmetric": IAO + "0000427",
    **{tag: OIO + tag for tag in ("is_cyclic", "is_class_level", "is_metadata_tag", "builtin", "is_reflexive_over")},
}
_MOST_WORDS = {
    **dict.fromkeys(("is_a", "disjoint_from", "inverse_of", "instance_of"), 1),
    **dict.fromkeys(("intersection_of", "relationship"), 2),
}
_LINKS = {  # tag -> property of another thing
    "disjoint_from": OWL + "disjointWith",
    "equivalent_to": OWL + "equivalentClass",
    "domain": RDFS + "domain",
    "range": RDFS + "range",
    "inverse_of": OWL + "inverseOf",
    "instance_of": TYPE,
    "replaced_by": _REPLACED,
    "consider": OIO + "consider",
    "disjoint_over": OWL + "propertyDisjointWith",
    "subset": OIO + "inSubset",
}
_OF_RELATIONS = {"disjoint_from": OWL + "propertyDisjointWith", "equivalent_to": OWL + "equivalentProperty"}
_CHAINS = ("transitive_over", "holds_over_chain", "equivalent_to_chain")
_FLAGS = {f"is_{axiom.replace(' ', '_')}": iri for iri, axiom in PROPERTY_AXIOMS.items()}
_KINDS = {"Term": OWL + "Class", "Typedef": OWL + "ObjectProperty", "Instance": OWL + "NamedIndividual"}
_COUNTS = {  # modifier -> restriction
    "cardinality": "qualifiedCardinality",
    "minCardinality": "minQualifiedCardinality",
    "maxCardinality": "maxQualifiedCardinality",
}
_LOGIC = {"all_some", "all_only", "gci_relation", "gci_filler", *_COUNTS}  # modifiers that are no annotations
_DEFINITIONS = {"subsetdef": "SubsetProperty", "synonymtypedef": "SynonymTypeProperty"}
_HEADER = {"format-version": OIO + "hasOBOFormatVersion", "data-version": OWL + "versionInfo", "remark": COMMENT}
_STRUCTURAL = {"ontology", "idspace", "import", "owl-axioms", *_DEFINITIONS}  # header tags that are no annotations


@dataclass
class _Ids:
    """How this file's identifiers become IRIs, and what it declares.

    ``shorthands`` are relation names that stand for a numbered relation, ``tags`` relations that only annotate.
    """

    shorthands: dict[str, str] = field(
        default_factory=lambda: {"seeAlso": "rdfs:seeAlso", "isDefinedBy": "rdfs:isDefinedBy"}
    )
    tags: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    ontology: str = "TODO"
    namespace: str = ""
    spaces: dict[str, str] = field(default_factory=dict)

    def iri(self, identifier: str) -> Node:
        text = unescape(identifier).strip('"')
        text = self.shorthands.get(text, text)
        prefix, colon, local = text.partition(":")
        if local.startswith("//") or prefix in ("urn", "mailto"):
            return text
        if not colon:
            return f"{OBO}{self.ontology}#{text}"
        if prefix in self.spaces:
            return self.spaces[prefix] + local
        return expand(text) or f"{OBO}{prefix}_{local}"

    def notes(self, modifiers: Modifiers) -> list[tuple[Node, Node]]:
        """The annotations that modifiers are, such as {source="PMID:1"}."""
        found = ((key, value) for key, value in modifiers.items() if key not in _LOGIC)
        return [(self.iri(key) if ":" in key else OIO + key, literal(value)) for key, value in found]


def read_obo(source: Opened, into: Statements) -> None:
    """The stanzas of an OBO file added to ``into`` as OWL; lines that cannot be read are quarantined."""
    ids = _survey(source)
    with source.stream() as stream:
        lines = (decoded(line, into) for line in lines_of(stream))
        for (_, kind), clauses in groupby(_stanzas(lines, into), key=lambda clause: clause[0]):
            body = [clause for _, clause in clauses]
            if kind == "":
                _read_header(body, ids, into)
            else:
                _Stanza(kind, ids, into).read(body)


def _survey(source: Opened) -> _Ids:
    """What must be known before: declared ids, annotating relations, numbered relations that names stand for."""
    ids = _Ids()
    inside, name = False, ""
    with source.stream() as stream:
        for line in lines_of(stream):
            if line.startswith(b"["):
                inside, name = line.startswith(b"[Typedef]"), ""
            elif line.startswith(b"id:"):
                name = plain(line[3:].decode("utf-8", "replace"))[0]
                ids.declared.add(name)
            elif inside and line.startswith(b"is_metadata_tag: true"):
                ids.tags.add(name)
            elif inside and (match := _NUMBERED_XREF.match(line)):
                number = match[1].decode()
                if ":" not in name or (_numbered(number) and not _numbered(name)):
                    ids.shorthands.setdefault(name, number)
    return ids


def _numbered(name: str) -> bool:
    """True for a relation of the relation ontology."""
    return name.startswith(("RO:", "BFO:"))


def _stanzas(lines: Iterable[str], into: Statements) -> Iterator[tuple[tuple[int, str], Clause]]:
    """Clauses, each with the number and the kind of its stanza ("" is the header)."""
    stanza = (0, "")
    for number, line in enumerate(joined(lines), 1):
        text = line.strip()
        if not text or text.startswith("!"):
            continue
        if text.startswith("["):
            kind = text[1:].partition("]")[0].strip()
            stanza = (number, kind.capitalize() if kind.capitalize() in _KINDS else kind)
            continue
        tag, colon, value = text.partition(":")
        tag = tag.rstrip()
        if colon and value.strip() and " " not in tag:
            yield stanza, (number, tag, value.strip())
        elif not colon or stanza[1]:
            into.quarantine(number, f"no tag and value: {text[:80]}")


def _read_header(clauses: list[Clause], ids: _Ids, into: Statements) -> None:
    for number, tag, value in clauses:
        if tag == "ontology":
            ids.ontology = value.split()[0].removesuffix(".obo")
        elif tag == "idspace" and len(parts := value.split()) > 1:
            if ids.spaces.setdefault(parts[0], parts[1]) != parts[1]:
                into.quarantine(number, f"a second idspace {parts[0]}: the first counts")
        elif tag == "default-namespace":
            ids.namespace = value
    own = f"{OBO}{ids.ontology}.owl"
    named = ids.ontology != "TODO" or any(tag == "import" for _, tag, _ in clauses)
    if named:
        into.add(own, TYPE, OWL + "Ontology")
    for number, tag, value in clauses:
        into.line = number
        if tag == "import":
            place = value.split()[0]
            into.add(own, OWL + "imports", place if ":" in place else f"file:///{place}")
        elif tag == "owl-axioms":
            read_axioms(unescape(value), number, into)
        elif tag in _DEFINITIONS:
            _define(tag, value, ids, into)
        elif named and tag not in _STRUCTURAL:
            into.add(own, _HEADER.get(tag, OIO + tag), literal(unescape(value)))


def _define(tag: str, value: str, ids: _Ids, into: Statements) -> None:
    """A subset or a type of synonyms, with what it is called."""
    name, _, rest = value.partition(" ")
    kind, text = ids.iri(name), quoted(rest.strip())
    into.add(kind, TYPE, ANNOTATION)
    into.add(kind, RDFS + "subPropertyOf", OIO + _DEFINITIONS[tag])
    if text:
        into.add(kind, COMMENT if tag == "subsetdef" else LABEL, literal(text[0]))


class _Stanza:
    """One [Term], [Typedef] or [Instance] being turned into triples."""

    def __init__(self, kind: str, ids: _Ids, into: Statements) -> None:
        self.kind, self.ids, self.into = kind, ids, into
        self.subject = ""
        self.named = False
        self.whole: dict[str, list[Node]] = {"intersection_of": [], "union_of": []}
        self.notes: list[tuple[Node, Node]] = []  # of the intersection or union

    def read(self, clauses: list[Clause]) -> None:
        """Every clause as triples; the whole stanza is quarantined if it has no id or an unknown kind."""
        found = next((value for _, tag, value in clauses if tag == "id"), None)
        if self.kind not in _KINDS or found is None:
            reason = "has no id" if self.kind in _KINDS else "is no kind of stanza"
            self.into.quarantine(clauses[0][0], f"[{self.kind}] {reason}")
            return
        self.into.line = clauses[0][0]
        identifier = plain(found)[0]
        self.subject = self.ids.iri(identifier)
        self.add(TYPE, ANNOTATION if self.kind == "Typedef" and identifier in self.ids.tags else _KINDS[self.kind])
        self.add(OIO + "id", literal(unescape(identifier)))
        if self.ids.namespace and not any(tag == "namespace" for _, tag, _ in clauses):
            self.add(_TEXTS["namespace"], literal(self.ids.namespace))
        for number, tag, value in clauses:
            self.into.line = number
            self._read_clause(number, tag, value)
        for tag, parts in self.whole.items():
            if len(parts) == 1:
                number = next(number for number, other, _ in clauses if other == tag)
                self.into.quarantine(number, f"{tag} needs two parts or more")
            elif parts:
                self.add(OWL + "equivalentClass", self._all_or_any(tag, parts), self.notes)

    def _all_or_any(self, tag: str, parts: list[Node]) -> Node:
        if tag == "intersection_of":
            return intersection(self.into, parts)
        union = self.into.blank()
        self.into.add(union, TYPE, OWL + "Class")
        self.into.add(union, OWL + "unionOf", sequence(self.into, parts))
        return union

    def add(self, predicate: Node, node: Node, notes: list[tuple[Node, Node]] | None = None) -> None:
        """One triple about this stanza's subject, and what is noted about it."""
        if notes:
            state(self.into, self.subject, predicate, node, notes)
        else:
            self.into.add(self.subject, predicate, node)

    def _read_clause(self, number: int, tag: str, value: str) -> None:
        if tag in ("def", "synonym") or tag.endswith("_synonym"):
            self._read_quoted(number, tag, value)
        elif tag == "name":
            text, modifiers = free(value)
            self.add(LABEL, literal(unescape(text).strip('"')), self.ids.notes(modifiers))
        elif tag == "comment":
            text, modifiers = free(value)
            self.add(COMMENT, literal(unescape(text)), self.ids.notes(modifiers))
        elif tag == "property_value":
            self._read_property(number, value)
        elif tag != "id":
            self._read_plain(number, tag, *plain(value))
        elif self.named:
            self.into.quarantine(number, f"another id, the first counts: {value[:80]}")
        else:
            self.named = True

    def _read_plain(self, number: int, tag: str, value: str, modifiers: Modifiers) -> None:
        words, notes = value.split(), self.ids.notes(modifiers)
        few = _MOST_WORDS.get(tag, len(words))
        if len(words) > few:
            self.into.quarantine(number, f"{tag} with {len(words)} words instead of {few}: {value[:80]}")
            words = words[:few]
            if ":" not in words[-1]:
                return  # else the rest is a comment without its mark
        if tag in ("relationship", "intersection_of", "union_of") and words:
            self._read_relationship(number, tag, words, modifiers)
        elif tag == "is_a" and words:
            self._below(self.ids.iri(words[0]), modifiers, notes)
        elif tag in _LINKS and words:
            links = _LINKS if self.kind != "Typedef" else _LINKS | _OF_RELATIONS
            self.add(links[tag], self.ids.iri(words[0]), notes)
        elif tag in _FLAGS:
            if value == "true":
                self.add(TYPE, _FLAGS[tag], notes)
        elif tag in _BOOLEANS and value in ("true", "false"):
            self.add(_BOOLEANS[tag], literal(value, _BOOLEAN), notes)
        elif tag in _CHAINS and words:
            chain = [*map(self.ids.iri, words)]
            chain = [self.subject, *chain] if tag == "transitive_over" else chain
            self.add(OWL + "propertyChainAxiom", sequence(self.into, chain), notes)
        elif tag == "alt_id" and words:
            self._read_alternative(words[0], notes)
        elif tag == "xref":
            name, _, text = value.partition(' "')
            notes += [(LABEL, literal(unescape(text.removesuffix('"'))))] if text else []
            self.add(_TEXTS[tag], literal(unescape(name)), notes)
        else:
            self.add(_TEXTS.get(tag, OIO + tag), literal(unescape(value)), notes)

    def _below(self, above: Node, modifiers: Modifiers, notes: list[tuple[Node, Node]]) -> None:
        """``is_a`` and what follows from a relationship; one that holds in a context is about the subject in it."""
        if self.kind != "Term":
            self.add(RDFS + "subPropertyOf", above, notes)
        elif "gci_relation" in modifiers and "gci_filler" in modifiers:
            relation, filler = (self.ids.iri(modifiers[key]) for key in ("gci_relation", "gci_filler"))
            context = intersection(self.into, [self.subject, self._some(relation, filler)])
            state(self.into, context, SUBCLASS, above, notes)
        else:
            self.add(SUBCLASS, above, notes)

    def _read_alternative(self, identifier: str, notes: list[tuple[Node, Node]]) -> None:
        """A former id: an obsolete thing that this one replaces, unless the file says otherwise."""
        self.add(OIO + "hasAlternativeId", literal(unescape(identifier)), notes)
        if identifier not in self.ids.declared:
            former = self.ids.iri(identifier)
            self.into.add(former, TYPE, _KINDS[self.kind])
            self.into.add(former, DEPRECATED, literal("true", _BOOLEAN))
            self.into.add(former, _REPLACED, self.subject)
            self.into.add(former, _REASON, _MERGED)

    def _read_quoted(self, number: int, tag: str, value: str) -> None:
        found = quoted(value)
        if not found:
            self.into.quarantine(number, f"{tag} without a quoted text: {value[:80]}")
            return
        words, ids, modifiers = xrefs(found[1])
        if any(word.startswith("[") for word in words) or (words and tag == "def"):
            self.into.quarantine(number, f"what follows the text of {tag}: {found[1][:80]}")
            words = [word for word in words if word in _SCOPES]
        scope = next((word for word in words if word in _SCOPES), "RELATED")
        if tag != "synonym":
            scope = tag.removesuffix("_synonym").upper()
        notes = [(_TEXTS["xref"], literal(name)) for name in ids] + self.ids.notes(modifiers)
        if tag != "def":
            notes += [(OIO + "hasSynonymType", self.ids.iri(word)) for word in words if word not in _SCOPES]
        self.add(DEFINITION if tag == "def" else _SCOPES.get(scope, _SCOPES["RELATED"]), literal(found[0]), notes)

    def _read_relationship(self, number: int, tag: str, words: list[str], modifiers: Modifiers) -> None:
        if tag == "relationship" and len(words) < 2:
            self.into.quarantine(number, f"{tag} needs a relation and a term: {' '.join(words)}")
            return
        relation, target, notes = self.ids.iri(words[0]), self.ids.iri(words[-1]), self.ids.notes(modifiers)
        if tag == "relationship" and (self.kind != "Term" or words[0] in self.ids.tags):
            self.add(relation, target, notes)
        elif tag == "relationship":
            for above in self._restrictions(relation, target, modifiers):
                self._below(above, modifiers, notes)
        elif self.kind == "Typedef":
            self.add(OIO + tag, target, notes)
        else:
            parts = [target] if len(words) == 1 else self._restrictions(relation, target, modifiers)
            self.whole[tag] += parts
            self.notes += notes

    def _restrictions(self, relation: Node, target: Node, modifiers: Modifiers) -> list[Node]:
        """What a relationship with a class says: of some by default, of only or so many by its modifiers."""
        counts = [(name, modifiers[key]) for key, name in _COUNTS.items() if modifiers.get(key, "").isdecimal()]
        found = [restriction(self.into, relation, name, literal(count, COUNT)) for name, count in counts]
        for node in found:
            self.into.add(node, OWL + "onClass", target)
        if modifiers.get("all_only") == "true":
            found.append(restriction(self.into, relation, "allValuesFrom", target))
        if not found or modifiers.get("all_some") == "true":
            found.append(self._some(relation, target))
        return found

    def _some(self, relation: Node, target: Node) -> Node:
        return restriction(self.into, relation, "someValuesFrom", target)

    def _read_property(self, number: int, value: str) -> None:
        relation, _, rest = value.partition(" ")
        if found := quoted(rest.strip()):
            words, modifiers = plain(found[1])
            target = literal(found[0], self._datatype(words.split()))
        else:
            text, modifiers = plain(rest)
            words_left = text.split()
            if not words_left:
                self.into.quarantine(number, f"property_value needs a relation and a value: {value[:80]}")
                return
            name, *kind = words_left
            target = literal(unescape(name), self._datatype(kind)) if kind else self.ids.iri(name)
        predicate = self.ids.iri(relation)
        if self.kind != "Instance" and relation not in self.ids.declared:  # nothing but annotations in OWL
            self.ids.declared.add(relation)
            self.into.add(predicate, TYPE, ANNOTATION)
        self.add(predicate, target, self.ids.notes(modifiers))

    def _datatype(self, words: list[str]) -> Node:
        return self.ids.iri(words[0]) if words and ":" in words[0] else STRING
