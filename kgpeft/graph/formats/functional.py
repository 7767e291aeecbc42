"""OWL functional syntax → statements.

Grammar: https://www.w3.org/TR/owl2-syntax/, section 13. Parsed with a stack of its own, axiom by axiom: a broken axiom
is quarantined and reading goes on at the next.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from kgpeft.errors import SourceError
from kgpeft.graph.formats.names import Names
from kgpeft.graph.formats.owl import AXIOMS, DEPTH, Axioms, Part, Term, Unreadable, count
from kgpeft.graph.formats.text import LONGEST, pieces
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import Statements, literal

_TOKEN = re.compile(
    r"""\s+ | (?P<open>[A-Za-z]*)\s*\( | (?P<close>\)) | <(?P<iri>[^<>\n]*)>
    | "(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"(?:@(?P<lang>[A-Za-z0-9_-]+)|\s*\^\^\s*(?P<datatype><[^<>\n]*>|[^\s()"<>]+))?
    | (?P<comment>\#[^\n]*) | (?P<name>[^\s()"<>=][^\s()"<>=]*) | (?P<equals>=) | (?P<bad>.)""",
    re.S | re.X,
)
_ON_A_LINE = {"name", "iri", "close", "equals"}  # tokens without line breaks
_ESCAPE = re.compile(r"\\([\"\\])")
_NUMBER = re.compile(r"\d+")
_NAMESPACE = re.compile(r"[^:]*:")

Token = tuple[int, str, "re.Match[str]"]  # line, kind, match


def read_functional(source: Opened, into: Statements) -> None:
    """The axioms of an ontology added to ``into`` by OWL's RDF mapping; broken ones are quarantined."""
    parser = _Parser(into)
    with source.stream() as stream:
        for line, kind, match in _tokens(stream, source, into):
            parser.take(line, kind, match)
    parser.end()


def read_axioms(text: str, line: int, into: Statements) -> None:
    """The axioms of a piece of functional syntax inside a line of another format."""
    parser = _Parser(into)
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "comment"
        if kind != "comment":
            parser.take(line, "text" if match["text"] is not None else kind, match)
    parser.end()


def _tokens(stream: BinaryIO, source: Opened, into: Statements) -> Iterator[Token]:
    held, line = "", 1
    for piece in pieces(stream, into):
        text, held = held + piece, ""
        at = 0
        while match := _TOKEN.match(text, at):
            kind = match.lastgroup or ""
            if kind == "bad" and match[0] == '"':  # a literal that goes on in the next piece
                held = text[at:]
                break
            if kind and kind != "comment":
                yield line, "text" if match["text"] is not None else kind, match
            if kind not in _ON_A_LINE:
                line += match[0].count("\n")
            at = match.end()
        if len(held) > LONGEST:
            break
    if held:
        what = f"the text that begins in line {line} never ends"
        raise SourceError(what, where=source.path, remedy='is it complete? Check the quotes (") in it')


@dataclass
class _Frame:
    """A term whose parts are being collected."""

    head: str
    line: int
    parts: list[Part] = field(default_factory=list)


class _Parser:
    """Tokens → terms → axioms."""

    def __init__(self, into: Statements) -> None:
        self.into, self.axioms, self.names = into, Axioms(into), Names(into)
        self.stack: list[_Frame] = []
        self.reason = ""  # why the current axiom cannot be read
        self.inside = False  # between Ontology( and its end
        self.header: list[Part] = []
        self.line = 0
        self.stray = False

    def take(self, line: int, kind: str, match: "re.Match[str]") -> None:
        """One token."""
        self.line = line
        if kind == "open":
            self._open(match["open"], line)
        elif kind == "close":
            self._close(line)
        elif kind == "bad":
            self.reason = self.reason or f"a stray {match[0]!r}"
        elif not self.stack:
            self._outside(line, kind, match)
        elif not self.reason:
            self._part(kind, match)

    def end(self) -> None:
        """What the end of the file means."""
        if self.stack:
            self._broken("the file ends inside it")
        if self.inside:
            self.into.quarantine(self.line, "the file ends before the ontology is closed: it is not complete")
        self._head()

    def _open(self, head: str, line: int) -> None:
        self.stray = False
        if head in AXIOMS and self.stack:
            self._broken("no end before the next axiom")
        if head == "Ontology" and not self.stack:
            self.inside = True
        elif len(self.stack) == DEPTH:
            self.reason = "nested too deeply"
            self.stack.append(_Frame(head, line))
        else:
            if not self.stack and head not in ("Prefix", "Namespace"):
                self._head()
            self.stack.append(_Frame(head, line))

    def _broken(self, reason: str) -> None:
        self.into.quarantine(self.stack[0].line, f"{self.stack[0].head}: {self.reason or reason}")
        self.stack.clear()
        self.reason = ""

    def _close(self, line: int) -> None:
        if not self.stack:
            if not self.inside:
                self.into.quarantine(line, "a ) that closes nothing")
            self.inside = False
            return
        frame = self.stack.pop()
        if self.stack:
            self.stack[-1].parts.append(Term(frame.head, tuple(frame.parts)))
            return
        self.into.line = frame.line
        try:
            if self.reason:
                raise Unreadable(self.reason)
            self._read(frame)
        except Unreadable as error:
            self.into.quarantine(frame.line, f"{frame.head}: {error}")
        self.reason = ""

    def _read(self, frame: _Frame) -> None:
        if frame.head == "Prefix":
            if len(frame.parts) != 2 or not all(isinstance(part, str) for part in frame.parts):
                raise Unreadable("no name and IRI")
            name, iri = frame.parts
            self.names.spaces[str(name)] = str(iri)
        else:
            self.axioms.read(Term(frame.head, tuple(frame.parts)))

    def _outside(self, line: int, kind: str, match: "re.Match[str]") -> None:
        """The ontology's name and version; nothing else stands outside of axioms."""
        try:
            if kind not in ("iri", "name") or not self.inside or self.axioms.ontology or len(self.header) == 2:
                raise Unreadable(f"{match[0]:.80} outside of any axiom")
            self.header.append(match["iri"] if kind == "iri" else self.names.iri(match["name"]))
        except Unreadable as error:
            if not self.stray:  # once until the next axiom
                self.into.quarantine(line, str(error))
            self.stray = True

    def _head(self) -> None:
        if self.header and not self.axioms.ontology:
            self.axioms.header(*map(str, self.header))

    def _part(self, kind: str, match: "re.Match[str]") -> None:
        frame = self.stack[-1]
        try:
            if kind == "iri":
                frame.parts.append(match["iri"])
            elif kind == "name":
                frame.parts.append(self._name(match["name"], frame))
            elif kind == "text":
                frame.parts.append(self._literal(match))
        except Unreadable as error:
            self.reason = str(error)

    def _name(self, name: str, frame: _Frame) -> Part:
        if frame.head == "Prefix" and not frame.parts and _NAMESPACE.fullmatch(name):
            return name[:-1]
        return count(name) if _NUMBER.fullmatch(name) else self.names.iri(name)

    def _literal(self, match: "re.Match[str]") -> Part:
        text, datatype = match["text"], match["datatype"]
        text = _ESCAPE.sub(r"\1", text) if "\\" in text else text
        if not datatype:
            return literal(text, lang=match["lang"] or "")
        return self.names.typed(text, datatype[1:-1] if datatype.startswith("<") else self.names.iri(datatype))
