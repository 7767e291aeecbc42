"""Turtle, TriG, N-Triples, N-Quads, RDF/XML and JSON-LD → statements, through pyoxigraph."""

import io
import re
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

import numpy as np
import pyoxigraph as ox

from kgpeft.errors import SourceError
from kgpeft.graph.formats.quads import block
from kgpeft.graph.formats.xml import SafeXml
from kgpeft.graph.sources.sniff import HEAD, Opened
from kgpeft.graph.statements import Statements

BLOCK = 1 << 18  # triples numbered at a time

FORMATS = {
    "Turtle": ox.RdfFormat.TRIG,  # a superset
    "N-Triples": ox.RdfFormat.N_QUADS,  # a superset
    "N-Quads": ox.RdfFormat.N_QUADS,
    "RDF/XML": ox.RdfFormat.RDF_XML,
    "JSON-LD": ox.RdfFormat.JSON_LD,
}
_SCHEMA_ORG = re.compile(rb'("@context"\s*:\s*)"https?://(?:www\.)?schema\.org/?"')
_REMEDIES = {  # what a parser's message says -> what to do
    "remote context": "write the context into the file: nothing is fetched",
    "utf-8": "save it as UTF-8",
    "unrecognized entity": "write the character itself",
}
_RESUMABLE = ("Turtle", "N-Triples", "N-Quads")


def read_rdf(source: Opened, into: Statements) -> None:
    """The file's triples added to ``into``; a broken statement is quarantined where the format allows to go on."""
    with source.stream() as stream:
        lines = array("i")
        quads = _quads(source, stream, into, lines)
        while text := ox.serialize(islice(quads, BLOCK), format=ox.RdfFormat.N_QUADS):
            into.append(block(text, len(into.sources), np.array(lines, np.int32)))
            del lines[:]


class _Feed:
    """A stream that is read line by line, so that ``line`` is where the last statement ended."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.line, self.next = stream, 1, 1
        self.parts: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        """The rest of a line, at most ``size`` bytes of it."""
        if not self.parts:
            self.parts = self.stream.read(HEAD).splitlines(keepends=True)[::-1] or [b""]
        part = self.parts.pop()
        if len(part) > size >= 0:
            self.parts.append(part[size:])
            part = part[:size]
        self.line = self.next
        self.next += part.endswith(b"\n")
        return part


def _quads(source: Opened, stream: BinaryIO, into: Statements, lines: "array[int]") -> Iterator[ox.Quad]:
    """The statements; the line each ends in is added to ``lines``."""
    xml = SafeXml(source, stream) if source.format == "RDF/XML" else None
    if source.format == "JSON-LD":  # the one remote context that is everywhere; nothing is ever fetched
        stream = io.BytesIO(_SCHEMA_ORG.sub(rb'\1{"@vocab": "http://schema.org/"}', stream.read()))
    base = "file:///" + quote(Path(source.path).name)
    feed = _Feed(cast(BinaryIO, xml or stream))
    quads = ox.parse(cast(BinaryIO, feed), FORMATS[source.format], base_iri=base, lenient=True)
    while True:
        try:
            for quad in quads:
                lines.append(feed.line)
                yield quad
            if xml:
                xml.check_end()
            return
        except SyntaxError as error:
            if source.format not in _RESUMABLE:
                raise _broken(source, error) from error
            into.quarantine(error.lineno or 0, error.msg)


def _broken(source: Opened, error: SyntaxError) -> SourceError:
    line = f", line {error.lineno}" if error.lineno else ""
    found = (remedy for sign, remedy in _REMEDIES.items() if sign in error.msg.lower())
    remedy = next(found, "is it complete? Download or export it again")
    return SourceError(f"broken {source.format}{line}: {error.msg}", where=source.path, remedy=remedy)
