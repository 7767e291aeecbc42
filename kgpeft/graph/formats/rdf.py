"""Turtle, TriG, N-Triples, N-Quads, RDF/XML and JSON-LD → statements, through pyoxigraph."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

import numpy as np
import pyoxigraph as ox

from kgpeft.errors import SourceError
from kgpeft.graph.formats.jsonld import safe_json
from kgpeft.graph.formats.quads import block
from kgpeft.graph.formats.reifiers import MARK, unfold
from kgpeft.graph.formats.xml import SafeXml
from kgpeft.graph.sources.child import check_parser
from kgpeft.graph.sources.sniff import HEAD, Opened
from kgpeft.graph.statements import Block, Statements

BLOCK = 1 << 16  # triples numbered at a time

FORMATS = {
    "Turtle": ox.RdfFormat.TRIG,  # a superset
    "TriG": ox.RdfFormat.TRIG,
    "N-Triples": ox.RdfFormat.N_QUADS,  # a superset
    "N-Quads": ox.RdfFormat.N_QUADS,
    "RDF/XML": ox.RdfFormat.RDF_XML,
    "JSON-LD": ox.RdfFormat.JSON_LD,
}
_REMEDIES = {  # what a parser's message says -> what to do
    "remote context": "write the context into the file: nothing is fetched",
    "utf-8": "save it as UTF-8",
    "unrecognized entity": "write the character itself",
}
_RESUMABLE = ("Turtle", "TriG", "N-Triples", "N-Quads")


def read_rdf(source: Opened, into: Statements) -> None:
    """The file's triples added to ``into``; a broken statement is quarantined where the format allows to go on.

    Instead of a line, rows have the number of their statement, negative: ``lines`` finds the line when it is asked for.
    """
    check_parser(source, _safe)
    with source.stream() as stream:
        quads, done = _quads(source, _Feed(_safe(source, stream)), into), 0
        while text := ox.serialize(islice(quads, BLOCK), format=ox.RdfFormat.N_QUADS):
            found, done = _numbered(text, len(into.sources), done)
            into.append(found)


def _numbered(text: bytes, source: int, done: int) -> tuple[Block, int]:
    """The block of N-Quads lines, and the number of statements read with it; triple terms are unfolded."""
    if MARK not in text:
        found = block(text, source, done)
        return found, done + len(found.s)
    text, counts = unfold(text)
    numbers = -np.repeat(np.arange(done + 1, done + 1 + len(counts), dtype=np.int32), counts)
    return block(text, source, 0)._replace(line=numbers), done + len(counts)


def lines(source: Opened, statements: Iterable[int]) -> dict[int, int]:
    """The line in which each of these statements (1 is the first) ends: the file is read again, up to the last one."""
    wanted, found = set(statements), dict[int, int]()
    with source.stream() as stream:
        feed = _Feed(_safe(source, stream), by_line=True)
        quads = _quads(source, feed, Statements(sources=[{"path": source.path}]))
        for number, _ in enumerate(islice(quads, max(wanted, default=0)), 1):
            if number in wanted:
                found[number] = feed.line
    return found


class _Feed:
    """A stream read in blocks and handed out in parts, by line if ``line`` is to be where the last statement ended."""

    def __init__(self, stream: BinaryIO, by_line: bool = False) -> None:
        self.stream, self.by_line = stream, by_line
        self.block, self.at, self.line, self.next = b"", 0, 1, 1

    def read(self, size: int = -1) -> bytes:
        """The next part, at most ``size`` bytes; nothing at the end."""
        if self.at == len(self.block):
            self.block, self.at = self.stream.read(HEAD), 0
        end = self.at + size if size >= 0 else len(self.block)
        if self.by_line:
            end = min(end, self.block.find(b"\n", self.at) + 1 or len(self.block))
            self.line = self.next
            self.next += self.block[end - 1 : end] == b"\n"
        part = self.block[self.at : end]
        self.at += len(part)
        return part


def _safe(source: Opened, stream: BinaryIO) -> BinaryIO:
    """The stream as its parser may have it; nothing is ever fetched."""
    if source.format == "RDF/XML":
        return cast(BinaryIO, SafeXml(source, stream))
    if source.format == "JSON-LD":
        return safe_json(source, stream)
    return stream


def _quads(source: Opened, feed: _Feed, into: Statements) -> Iterator[ox.Quad]:
    """The statements that can be read."""
    base = "file:///" + quote(Path(source.path).name)
    quads = ox.parse(cast(BinaryIO, feed), FORMATS[source.format], base_iri=base, lenient=True)
    while True:
        try:
            yield from quads
            if isinstance(feed.stream, SafeXml):
                feed.stream.check_end()
            return
        except SyntaxError as error:
            if source.format not in _RESUMABLE:
                raise _broken(source, error) from error
            into.quarantine(error.lineno or 0, error.msg)
        except MemoryError as error:  # so pyoxigraph says it
            remedy = "shorten it: parsers hold no text longer than that"
            raise SourceError("a text or name is longer than 16 MB", where=source.path, remedy=remedy) from error


def _broken(source: Opened, error: SyntaxError) -> SourceError:
    line = f", line {error.lineno}" if error.lineno else ""
    found = (remedy for sign, remedy in _REMEDIES.items() if sign in error.msg.lower())
    remedy = next(found, "is it complete? Download or export it again")
    return SourceError(f"broken {source.format}{line}: {error.msg}", where=source.path, remedy=remedy)
