"""Turtle, TriG, N-Triples, N-Quads, RDF/XML and JSON-LD → statements, through pyoxigraph."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import pyoxigraph as ox

from kgpeft.errors import SourceError
from kgpeft.graph.formats.xml import SafeXml
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import Node, Statements, literal

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
    key = _keys(len(into.sources))
    known: dict[Any, int] = {}
    with source.stream() as stream:
        for quad in _quads(source, stream, into):
            numbers = [known.get(node, -1) for node in (quad.subject, quad.predicate, quad.object)]
            if -1 in numbers:
                for node in (quad.subject, quad.predicate, quad.object):
                    known[node] = into.term(key(node))
                numbers = [known[node] for node in (quad.subject, quad.predicate, quad.object)]
            into.row(*numbers)


def _quads(source: Opened, stream: BinaryIO, into: Statements) -> Iterator[ox.Quad]:
    xml = SafeXml(source, stream) if source.format == "RDF/XML" else None
    if source.format == "JSON-LD":  # the one remote context that is everywhere; nothing is ever fetched
        stream = io.BytesIO(_SCHEMA_ORG.sub(rb'\1{"@vocab": "http://schema.org/"}', stream.read()))
    base = "file:///" + quote(Path(source.path).name)
    quads = ox.parse(cast(BinaryIO, xml or stream), FORMATS[source.format], base_iri=base, lenient=True)
    while True:
        try:
            yield from quads
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


def _keys(source: int) -> Callable[[Any], Node]:
    def key(node: Any) -> Node:
        if isinstance(node, ox.NamedNode):
            return node.value
        if isinstance(node, ox.Literal):
            return literal(node.value, node.datatype.value, node.language or "")
        if isinstance(node, ox.BlankNode):
            return f"_:{source}:{node.value}"
        return f"_:{source}:{node}"  # a quoted triple (RDF 1.2)

    return key
