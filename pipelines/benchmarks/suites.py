"""What the conformance scripts share: graphs compared up to the names of blank nodes, exceptions named in a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kgpeft.errors import SourceError
from kgpeft.graph.read import _READERS
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import Node, Statements, literal, split_literal

Row = tuple[Node, Node, Node]

_IRI = r"<([^>]*)>"
_LINE = re.compile(
    rf'(?:{_IRI}|_:(\S+))\s*(?:{_IRI}|_:(\S+))\s*(?:{_IRI}|_:(\S+?)|"((?:[^"\\]|\\.)*)"(?:@([\w-]+)|\^\^{_IRI})?)'
    rf"\s*(?:{_IRI}|_:(\S+?))?\s*\.\s*(?:#.*)?$"
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def read_one(source: Opened) -> tuple[list[Row], str]:
    """The triples that the reader of a source's format gives, and why not all of it could be read, if so."""
    into = Statements()
    into.begin({"path": source.path})
    try:
        _READERS[source.format](source, into)
    except SourceError as error:
        return [], error.what
    return list(rows(into)), into.quarantined[0]["reason"] if into.quarantined else ""


def rows(statements: Statements) -> Iterator[Row]:
    statements.close()
    for block in statements.blocks:
        terms = block.terms.to_pylist()
        for s, p, o in zip(block.s.tolist(), block.p.tolist(), block.o.tolist(), strict=True):
            yield terms[s], terms[p], terms[o]


def lines(path: Path) -> list[Row]:
    """The triples of a file in N-Triples or N-Quads, by a regular expression: no parser that is being tested."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            match = _LINE.match(line.strip())
            assert match, f"{path}: {line}"
            s, sb, p, pb, o, ob, text, lang, datatype, *_ = (part and _plain(part) for part in match.groups())
            value = literal(text, datatype or literal("").partition("^^")[2], lang or "") if text is not None else ""
            found.append((s or f"_:{sb}", p or f"_:{pb}", value or o or (f"_:{ob}" if ob else "")))
    return found


def _plain(text: str) -> str:
    return _ESCAPE.sub(
        lambda match: chr(int(match[1] or match[2], 16)) if match[1] or match[2] else _ESCAPED.get(match[3], match[3]),
        text,
    )


def same(one: Iterable[Row], other: Iterable[Row]) -> bool:
    """Whether two graphs differ in nothing but the names of blank nodes."""
    one, other = set(one), set(other)
    return one == other or (len(one) == len(other) and _canonical(one) == _canonical(other))


def _canonical(graph: set[Row]) -> ox.Dataset:
    names: dict[Node, ox.BlankNode] = {}

    def term(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
        if node.startswith("_:"):
            return names.setdefault(node, ox.BlankNode(f"b{len(names)}"))
        if not node.startswith('"'):
            return ox.Literal(node, datatype=ox.NamedNode("kgpeft:iri"))  # an IRI of any form, in any position
        value, datatype, lang = split_literal(node)
        return ox.Literal(value, language=lang) if lang else ox.Literal(value, datatype=ox.NamedNode(datatype))

    # a statement becomes a node with three parts, so that any term may stand anywhere
    found = ox.Dataset()
    for number, row in enumerate(sorted(graph)):
        node = ox.BlankNode(f"s{number}")
        for part, name in zip("spo", row, strict=True):
            found.add(ox.Quad(node, ox.NamedNode(f"kgpeft:{part}"), term(name)))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


def exceptions(name: str) -> dict[str, str]:
    """The tests that are known to fail, each with the reason, from the file beside the script."""
    found: dict[str, str] = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return found
