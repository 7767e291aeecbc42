"""Statements about statements of RDF 1.2, in N-Quads, → RDF's reification, which all versions have.

A reifier becomes an rdf:Statement with subject, predicate and object. The quoted statement is thereby not asserted;
what is asserted, as by ``{| |}`` in Turtle, stands in a line of its own.
https://www.w3.org/TR/rdf12-concepts/#section-triple-terms
"""

import hashlib
import re
from collections.abc import Iterator

import numpy as np

from kgpeft.graph.terms import Ints
from kgpeft.graph.vocabulary import RDF

MARK = b"> <<( "  # no line without one has a triple term, though a literal may hold it too

_REIFIES = f"<{RDF}reifies>".encode()
_LINE = re.compile(rb"(<[^>]*>|_:\S+) (<[^>]*>) <<\( (.*) \)>> (?:(?:<[^>]*>|_:\S+) )?\.", re.S)
_TRIPLE = re.compile(rb"(<[^>]*>|_:\S+) (<[^>]*>) (.*)", re.S)
_PARTS = [f"<{RDF}{part}>".encode() for part in ("subject", "predicate", "object")]
_KIND = f"<{RDF}type> <{RDF}Statement>".encode()


def unfold(text: bytes) -> tuple[bytes, Ints]:
    """The lines without triple terms, and how many lines have become of each."""
    lines = [[*_unfolded(line)] for line in text.split(b"\n")[:-1]]
    counts = np.fromiter(map(len, lines), np.int32, len(lines))
    return b"\n".join(line for group in lines for line in group) + b"\n", counts


def _unfolded(line: bytes) -> Iterator[bytes]:
    match = _LINE.fullmatch(line)
    if not match:
        yield line
    elif match[2] == _REIFIES:
        yield from _reified(match[1], match[3])
    else:
        node = _blank(match[3])
        yield b"%b %b %b ." % (match[1], match[2], node)
        yield from _reified(node, match[3])


def _reified(node: bytes, triple: bytes) -> Iterator[bytes]:
    """The rows that say which triple a node stands for; a triple inside it gets a node of its own."""
    yield b"%b %b ." % (node, _KIND)
    match = _TRIPLE.fullmatch(triple)
    for part, value in zip(_PARTS, match.groups() if match else (), strict=False):
        if value.startswith(b"<<( "):
            inner = value[4:-4]
            yield b"%b %b %b ." % (node, part, _blank(inner))
            yield from _reified(_blank(inner), inner)
        else:
            yield b"%b %b %b ." % (node, part, value)


def _blank(triple: bytes) -> bytes:
    return b"_:triple" + hashlib.sha256(triple).hexdigest()[:24].encode()
