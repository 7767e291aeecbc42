"""The expressions of Manchester syntax → terms, by recursive descent."""

import re
from collections.abc import Callable
from typing import NamedTuple

from kgpeft.graph.formats.names import Names
from kgpeft.graph.formats.owl import DEPTH, Part, Term, Unreadable, count
from kgpeft.graph.statements import Node, literal
from kgpeft.graph.vocabulary import OWL, RDF, RDFS, XSD


class Token(NamedTuple):
    """A word, mark, IRI or literal and its line."""

    kind: str
    text: str
    line: int


_RESTRICTIONS = {"some": "SomeValuesFrom", "only": "AllValuesFrom", "value": "HasValue"}
_COUNTS = {"min": "MinCardinality", "max": "MaxCardinality", "exactly": "ExactCardinality"}
_FACETS = {
    "<": XSD + "maxExclusive",
    "<=": XSD + "maxInclusive",
    ">": XSD + "minExclusive",
    ">=": XSD + "minInclusive",
    "langRange": RDF + "langRange",
    **{name: XSD + name for name in "length minLength maxLength pattern totalDigits fractionDigits".split()},
}
_DATATYPES = {name: XSD + name for name in ("integer", "decimal", "float", "string")}
_RESERVED = {"and", "or", "not", "that", "inverse", "Self", *_RESTRICTIONS, *_COUNTS}
_TEXT = re.compile(r'"(.*)"(?:@([A-Za-z0-9_-]+)|\^\^(.+))?', re.S)
_NUMBERS = (  # a number written without quotes
    (re.compile(r"[+-]?\d+"), XSD + "integer"),
    (re.compile(r"[+-]?\d+\.\d+"), XSD + "decimal"),
    (re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[fF]"), XSD + "float"),
    (re.compile(r"true|false"), XSD + "boolean"),
)
_ESCAPE = re.compile(r"\\([\"\\])")


class Descriptions:
    """What the tokens of one section say; ``data`` are the data properties and datatypes of the ontology."""

    def __init__(self, tokens: list[Token], names: Names, data: set[Node]) -> None:
        self.tokens, self.names, self.data = tokens, names, data
        self.at, self.depth = 0, 0

    def left(self) -> bool:
        """True if there are tokens left."""
        return self.at < len(self.tokens)

    def line(self) -> int:
        """The line of the next token, or of the last."""
        return self.tokens[min(self.at, len(self.tokens) - 1)].line if self.tokens else 0

    def end(self) -> None:
        """Unreadable if anything is left."""
        if self.left():
            raise Unreadable(f"{self.tokens[self.at].text[:80]} after its end")

    def take(self, kind: str) -> str:
        """The next token, which must be of a kind."""
        if not self.left() or self.tokens[self.at].kind != kind:
            found = self.tokens[self.at].text[:80] if self.left() else "the end"
            raise Unreadable(f"{found} instead of a {kind}")
        self.at += 1
        return self.tokens[self.at - 1].text

    def mark(self, text: str) -> None:
        """Takes a mark."""
        if self._next() != text:
            raise Unreadable(f"{self._next()[:80] or 'the end'} instead of {text}")
        self.at += 1

    def accept(self, word: str) -> bool:
        """Takes a word or mark if it is next."""
        found = self._next() == word
        self.at += found
        return found

    def name(self) -> Node:
        """A name."""
        if self.left() and self.tokens[self.at].kind == "iri":
            return self.take("iri")[1:-1]
        if self._next() in _RESERVED:
            raise Unreadable(f"{self._next()} instead of a name")
        return self.names.simple(self.take("name"))

    def names_left(self) -> list[Part]:
        """All tokens left, which are properties."""
        found: list[Part] = []
        while self.left():
            if self._next() == ",":
                self.mark(",")
            found.append(self.relation())
        return found

    def annotations(self) -> list[Term]:
        """The annotations before an item."""
        found: list[Term] = []
        if self._next() == "Annotations:":
            self.at += 1
            while True:
                notes = self.annotations()
                pair = self.annotation()
                found.append(Term("Annotation", (*notes, *pair.parts)))
                if self._next() != ",":
                    break
                self.mark(",")
        return found

    def item(self, kind: str) -> Part:
        """The next item of a section."""
        return _ITEMS[kind](self)

    def annotation(self) -> Term:
        """A property and its value."""
        return Term("", (self.name(), self.value()))

    def fact(self) -> Term:
        """A property and its value, perhaps denied."""
        negative = self.accept("not")
        return Term("Negative" if negative else "", (self.relation(), self.value()))

    def word(self) -> Part:
        """A bare word."""
        return self.take("name")

    def chain(self) -> Term:
        """Properties joined by ``o``."""
        parts = [self.relation()]
        while self.accept("o"):
            parts.append(self.relation())
        return Term("ObjectPropertyChain", tuple(parts))

    def relation(self) -> Part:
        """A property or the inverse of one."""
        if not self.accept("inverse"):
            return self.name()
        bracket = self.accept("(")
        name = self.name()
        if bracket:
            self.mark(")")
        return Term("ObjectInverseOf", (name,))

    def description(self) -> Part:
        """A class expression."""
        return self._joined("or", "ObjectUnionOf", self._conjunction)

    def data_range(self) -> Part:
        """A datatype expression."""
        return self._joined("or", "DataUnionOf", lambda: self._joined("and", "DataIntersectionOf", self._data_primary))

    def value(self) -> Part:
        """A name or literal."""
        if not self.left():
            raise Unreadable("no value")
        token = self.tokens[self.at]
        if token.kind == "text":
            return self._literal(self.take("text"))
        for pattern, datatype in _NUMBERS:
            if pattern.fullmatch(token.text):
                self.at += 1
                return literal(token.text.rstrip("fF") if datatype == XSD + "float" else token.text, datatype)
        return self.name()

    def _next(self) -> str:
        return self.tokens[self.at].text if self.left() else ""

    def _joined(self, word: str, head: str, read: Callable[[], Part]) -> Part:
        self._deeper()
        parts = [read()]
        while self.accept(word) or (word == "and" and self.accept("that")):
            parts.append(read())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Term(head, tuple(parts))

    def _conjunction(self) -> Part:
        return self._joined("and", "ObjectIntersectionOf", self._primary)

    def _primary(self) -> Part:
        if self.accept("not"):
            self._deeper()
            return Term("ObjectComplementOf", (self._primary(),))
        if self.accept("("):
            inner = self.description()
            self.mark(")")
            return inner
        if self.accept("{"):
            return Term("ObjectOneOf", tuple(self._until("}", self.name)))
        relation = self.relation()
        return self._restriction(relation) if self._is_restriction() else relation

    def _is_restriction(self) -> bool:
        return self._next() in (*_RESTRICTIONS, *_COUNTS, "Self")

    def _restriction(self, relation: Part) -> Term:
        self.at += 1
        word = self.tokens[self.at - 1].text
        if word == "Self":
            return Term("ObjectHasSelf", (relation,))
        self._deeper()
        number = [count(self.take("name"))] if word in _COUNTS else []
        data = self._is_data(relation)
        kind, filler = ("Data", self._data_primary) if data else ("Object", self._primary)
        if word == "value":
            return Term(f"{kind}HasValue", (relation, self.value()))
        if word in _RESTRICTIONS:
            return Term(kind + _RESTRICTIONS[word], (relation, filler()))
        parts = [*number, relation]
        if self.left() and self._next() not in (",", ")", "and", "or", "that"):
            parts.append(filler())
        return Term(kind + _COUNTS[word], tuple(parts))

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > 2 * DEPTH:
            raise Unreadable("nested too deeply")

    def _is_data(self, relation: Part) -> bool:
        """True for a declared data property, or if a datatype or literals follow."""
        if relation in self.data:
            return True
        following = self.tokens[self.at] if self.left() else Token("", "", 0)
        if following.text in _DATATYPES:
            return True
        try:
            name = following.text[1:-1] if following.kind == "iri" else self.names.simple(following.text)
        except Unreadable:
            return False
        return (
            name in self.data or name.startswith(XSD) or name in (RDFS + "Literal", RDF + "PlainLiteral", OWL + "real")
        )

    def _data_primary(self) -> Part:
        if self.accept("not"):
            self._deeper()
            return Term("DataComplementOf", (self._data_primary(),))
        if self.accept("("):
            inner = self.data_range()
            self.mark(")")
            return inner
        if self.accept("{"):
            return Term("DataOneOf", tuple(self._until("}", self.value)))
        name = _DATATYPES.get(self._next())
        if name:
            self.at += 1
        name = name or self.name()
        if not self.accept("["):
            return name
        return Term("DatatypeRestriction", (name, *self._until("]", self._facet)))

    def _facet(self) -> Term:
        facet = _FACETS.get(self._next())
        if facet is None:
            raise Unreadable(f"{self._next()[:80]} is no facet")
        self.at += 1
        return Term("", (facet, self.value()))

    def _until(self, mark: str, read: Callable[[], Part]) -> list[Part]:
        found = [read()]
        while self.accept(","):
            found.append(read())
        self.mark(mark)
        return found

    def _literal(self, text: str) -> Node:
        match = _TEXT.fullmatch(text)
        if not match:
            raise Unreadable("a broken literal")
        value = _ESCAPE.sub(r"\1", match[1])
        datatype = match[3] or "string"
        if datatype.startswith("<"):
            datatype = datatype[1:-1]
        else:
            datatype = _DATATYPES.get(datatype) or self.names.simple(datatype)
        return self.names.typed(value, datatype, match[2] or "")


_ITEMS: dict[str, Callable[[Descriptions], Part]] = {
    "name": Descriptions.name,
    "word": Descriptions.word,
    "relation": Descriptions.relation,
    "description": Descriptions.description,
    "data_range": Descriptions.data_range,
    "chain": Descriptions.chain,
    "fact": Descriptions.fact,
    "annotation": Descriptions.annotation,
}
