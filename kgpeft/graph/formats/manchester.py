"""OWL Manchester syntax → statements: frames of sections of items.

Grammar: https://www.w3.org/TR/owl2-manchester-syntax/. A section is read item by item: one that is broken is
quarantined with the rest of its section, and reading goes on at the next.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from kgpeft.errors import SourceError
from kgpeft.graph.formats.descriptions import Descriptions, Token
from kgpeft.graph.formats.names import Names
from kgpeft.graph.formats.owl import Axioms, Part, Term, Unreadable
from kgpeft.graph.formats.text import LONGEST, pieces
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import Node, Statements

_TOKEN = re.compile(
    r"""\s+ | \#[^\n]* | (?P<iri><[^<>\s]*>)
    | (?P<text>"[^"\\]*(?:\\.[^"\\]*)*"(?:@[A-Za-z0-9_-]+|\^\^(?:<[^<>\s]*>|[^\s()\[\]{},"<>]+))?)
    | (?P<mark>->|<=|>=|[<>=(){}\[\],]) | (?P<name>[^\s()\[\]{},"<>=]+) | (?P<bad>.)""",
    re.S | re.X,
)
_ON_A_LINE = {"name", "iri", "mark"}  # tokens without line breaks
_DATA = re.compile(r"(?m)^\s*(DataProperty|Datatype):\s*(\S+)")
_FRAMES = {
    "Class:": "Class",
    "Datatype:": "Datatype",
    "ObjectProperty:": "ObjectProperty",
    "DataProperty:": "DataProperty",
    "AnnotationProperty:": "AnnotationProperty",
    "Individual:": "NamedIndividual",
}
_GROUPS = {  # frame of its own -> axiom, what its members are
    "EquivalentClasses:": ("EquivalentClasses", "description"),
    "DisjointClasses:": ("DisjointClasses", "description"),
    "EquivalentProperties:": ("EquivalentObjectProperties", "relation"),
    "DisjointProperties:": ("DisjointObjectProperties", "relation"),
    "SameIndividual:": ("SameIndividual", "name"),
    "DifferentIndividuals:": ("DifferentIndividuals", "name"),
}
_HEADS = {"Prefix:", "Namespace:", "Ontology:", "Rule:", *_FRAMES, *_GROUPS}
_ITEMS = {  # frame -> section -> axiom between its name and each item, what an item is
    "Class": {
        "SubClassOf:": ("SubClassOf", "description"),
        "EquivalentTo:": ("EquivalentClasses", "description"),
        "DisjointWith:": ("DisjointClasses", "description"),
    },
    "Datatype": {"EquivalentTo:": ("DatatypeDefinition", "data_range")},
    "ObjectProperty": {
        "SubPropertyOf:": ("SubObjectPropertyOf", "relation"),
        "EquivalentTo:": ("EquivalentObjectProperties", "relation"),
        "DisjointWith:": ("DisjointObjectProperties", "relation"),
        "InverseOf:": ("InverseObjectProperties", "relation"),
        "Domain:": ("ObjectPropertyDomain", "description"),
        "Range:": ("ObjectPropertyRange", "description"),
        "SubPropertyChain:": ("SubObjectPropertyOf", "chain"),
    },
    "DataProperty": {
        "SubPropertyOf:": ("SubDataPropertyOf", "name"),
        "EquivalentTo:": ("EquivalentDataProperties", "name"),
        "DisjointWith:": ("DisjointDataProperties", "name"),
        "Domain:": ("DataPropertyDomain", "description"),
        "Range:": ("DataPropertyRange", "data_range"),
    },
    "AnnotationProperty": {
        "SubPropertyOf:": ("SubAnnotationPropertyOf", "name"),
        "Domain:": ("AnnotationPropertyDomain", "name"),
        "Range:": ("AnnotationPropertyRange", "name"),
    },
    "NamedIndividual": {
        "SameAs:": ("SameIndividual", "name"),
        "DifferentFrom:": ("DifferentIndividuals", "name"),
        "Types:": ("ClassAssertion", "description"),
    },
}
_ITEM_FIRST = {"SubPropertyChain:", "Types:"}  # sections whose axiom names the item before the frame
_SECTIONS = {
    "Import:", "Annotations:", "Characteristics:", "DisjointUnionOf:", "HasKey:", "Facts:",
    *(section for sections in _ITEMS.values() for section in sections),
}  # fmt: skip


class _Section(NamedTuple):
    """A frame's or section's keyword and the tokens up to the next."""

    keyword: str
    line: int
    tokens: list[Token]


def read_manchester(source: Opened, into: Statements) -> None:
    """The frames of an ontology added to ``into`` by OWL's RDF mapping; broken parts are quarantined."""
    with source.stream() as stream:
        data = {match[2] for piece in pieces(stream, into) for match in _DATA.finditer(piece)}
    reader = _Reader(data, into)
    with source.stream() as stream:
        for frame in _frames(_sections(_tokens(stream, source, into), into)):
            reader.frame(frame)


def _tokens(stream: BinaryIO, source: Opened, into: Statements) -> Iterator[Token]:
    held, line = "", 1
    for piece in pieces(stream, into):
        text, held = held + piece, ""
        at = 0
        while match := _TOKEN.match(text, at):
            if match.lastgroup == "bad" and match[0] == '"':  # a literal that goes on in the next piece
                held = text[at:]
                break
            if match.lastgroup:
                yield Token(match.lastgroup, match[0], line)
            if match.lastgroup not in _ON_A_LINE:
                line += match[0].count("\n")
            at = match.end()
        if len(held) > LONGEST:
            break
    if held:
        what = f"the text that begins in line {line} never ends"
        raise SourceError(what, where=source.path, remedy='is it complete? Check the quotes (") in it')


def _sections(tokens: Iterator[Token], into: Statements) -> Iterator[_Section]:
    """Tokens cut before every keyword; annotations of an item stay with it."""
    current, last = None, ""
    for token in tokens:
        text = token.text
        starts = text in _HEADS or (text in _SECTIONS and (text != "Annotations:" or last not in {",", *_SECTIONS}))
        if starts and last not in ("Prefix:", "Namespace:"):
            if current:
                yield current
            current = _Section(text, token.line, [])
        elif current:
            current.tokens.append(token)
        else:
            into.quarantine(token.line, f"{text[:80]} before any frame")
        last = text
    if current:
        yield current


def _frames(sections: Iterator[_Section]) -> Iterator[list[_Section]]:
    frame: list[_Section] = []
    for section in sections:
        if section.keyword in _HEADS and frame:
            yield frame
            frame = []
        frame.append(section)
    if frame:
        yield frame


class _Reader:
    """Frames → terms → axioms."""

    def __init__(self, data: set[str], into: Statements) -> None:
        self.into, self.axioms, self.names = into, Axioms(into), Names(into)
        self.data, self.known = data, set[Node]()

    def frame(self, frame: list[_Section]) -> None:
        """One frame with its sections."""
        head, *sections = frame
        self.into.line = head.line
        try:
            subject = self._head(head)
        except Unreadable as error:
            for section in frame:
                self.into.quarantine(section.line, f"{section.keyword} {error}")
            return
        for section in sections:
            self.into.line = section.line
            try:
                self._section(_FRAMES.get(head.keyword, ""), subject, section)
            except Unreadable as error:
                self.into.quarantine(self.into.line, f"{section.keyword} {error}")

    def _head(self, head: _Section) -> Node:
        """What the frame is about, with its declaration; frames that are a single axiom are read whole."""
        parser = self._parser(head)
        if head.keyword in ("Prefix:", "Namespace:"):
            name, iri = parser.take("name"), parser.take("iri")
            self.names.spaces[name.removesuffix(":")] = iri[1:-1]
            return ""
        if head.keyword == "Ontology:":
            names = [parser.name() for _ in range(2) if parser.left()]
            parser.end()
            self.axioms.header(*names)
            return self.axioms.ontology
        if head.keyword == "Rule:":
            raise Unreadable("rules are read from functional syntax, OWL/XML and RDF only")
        if head.keyword in _GROUPS:
            self._group(head.keyword, parser)
            return ""
        if head.keyword not in _FRAMES:
            raise Unreadable(f"{head.keyword} must stand at the start")
        subject = parser.name()
        parser.end()
        if not subject.startswith("_:"):
            self.axioms.read(Term("Declaration", (Term(_FRAMES[head.keyword], (subject,)),)))
        return subject

    def _parser(self, section: _Section) -> Descriptions:
        if self.data:  # names of data properties and datatypes, as soon as their prefixes are known
            for name in sorted(self.data):
                try:
                    self.known.add(name[1:-1] if name.startswith("<") else self.names.simple(name))
                except Unreadable:
                    continue
                self.data.discard(name)
        return Descriptions(section.tokens, self.names, self.known)

    def _group(self, keyword: str, parser: Descriptions) -> None:
        axiom, kind = _GROUPS[keyword]
        notes = parser.annotations()
        members = [member for _, member in self._items(parser, kind)]
        self.axioms.read(Term(axiom, (*notes, *members)))

    def _items(self, parser: Descriptions, kind: str) -> Iterator[tuple[list[Term], Part]]:
        """Items between commas, each with its annotations."""
        while True:
            self.into.line = parser.line()
            if parser.accept(","):
                self.into.quarantine(self.into.line, "nothing before a comma")
            while parser.accept(","):
                pass
            yield parser.annotations(), parser.item(kind)
            if not parser.left():
                return
            parser.mark(",")

    def _section(self, kind: str, subject: Node, section: _Section) -> None:
        keyword, parser = section.keyword, self._parser(section)
        if not subject:
            raise Unreadable("in a frame without a name")
        if keyword == "Import:":
            self.axioms.read(Term("Import", (parser.name(),)))
            parser.end()
        elif keyword == "Annotations:":
            self._annotations(kind, subject, parser)
        elif keyword == "Characteristics:":
            for notes, name in self._items(parser, "word"):
                self.axioms.read(Term(f"{name}{kind}", (*notes, subject)))
        elif keyword == "Facts:":
            for notes, fact in self._items(parser, "fact"):
                self._fact(subject, notes, fact)
        elif keyword in ("DisjointUnionOf:", "HasKey:"):
            notes = parser.annotations()
            items = (
                parser.names_left()
                if keyword == "HasKey:"
                else [part for _, part in self._items(parser, "description")]
            )
            self.axioms.read(Term("DisjointUnion" if keyword != "HasKey:" else "HasKey", (*notes, subject, *items)))
        elif keyword in _ITEMS.get(kind, ()):
            axiom, item = _ITEMS[kind][keyword]
            for notes, part in self._items(parser, item):
                pair = (part, subject) if keyword in _ITEM_FIRST else (subject, part)
                self.axioms.read(Term(axiom, (*notes, *pair)))
        else:
            raise Unreadable(f"in a frame of a {kind or 'an ontology'}")

    def _annotations(self, kind: str, subject: Node, parser: Descriptions) -> None:
        for notes, part in self._items(parser, "annotation"):
            pair = part.parts if isinstance(part, Term) else ()
            if kind:
                self.axioms.read(Term("AnnotationAssertion", (*notes, pair[0], subject, pair[1])))
            else:
                self.axioms.read(Term("Annotation", (*notes, *pair)))

    def _fact(self, subject: Node, notes: list[Term], fact: Part) -> None:
        if not isinstance(fact, Term):
            raise Unreadable("no fact")
        relation, value = fact.parts
        self.axioms.read(Term(f"{fact.head}ObjectPropertyAssertion", (*notes, relation, subject, value)))
