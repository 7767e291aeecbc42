"""Canonical N-Triples, as pyoxigraph and others write them, → a block of numbered terms, without an object a term.

A lenient parser lets IRIs hold anything, so that a line may seem to say something else than was parsed: then there is
no block, and the statements themselves have to be numbered.
"""

import re
from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray

from kgpeft.graph.formats.reifiers import unfold
from kgpeft.graph.statements import STRING, Block, Node, language
from kgpeft.graph.terms import Ints, ints, numbers, replaced, strings, truths

if TYPE_CHECKING:
    import pyarrow as pa


_SPACE, _NEWLINE, _QUOTE, _OPEN, _CLOSE, _BACKSLASH = b' \n"<>\\'
_IRI, _BLANK = r'<[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]*>', "_:[A-Za-z0-9_]+"
_CHARACTERS = r'(?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-Ca-cEe][0-9A-Fa-f]{3})*'  # \uD… may be half of a pair
_LITERAL = rf'"{_CHARACTERS}"(?:\^\^{_IRI}|@[A-Za-z]{{1,8}}(?:-[A-Za-z0-9]{{1,8}})*)?'
_PLAIN = rf"^(?:{_IRI}|{_BLANK}) {_IRI} (?:{_IRI}|{_BLANK}|{_LITERAL}) \.\n$"  # for RE2
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.S)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def is_plain(text: bytes) -> bool:
    """True if every line is a triple of N-Triples in canonical form, which needs no parser: only valid, absolute IRIs
    without escapes, blank nodes of ASCII, literals without a direction or an escape that might stand for no character.

    https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        text.isascii() or text.decode()
    except UnicodeDecodeError:
        return False
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
    offsets = np.concatenate([np.zeros(1, np.int32), ends.astype(np.int32) + 1])
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(text))
    whole: bool = pc.all(pc.match_substring_regex(lines, _PLAIN)).as_py()
    return whole and text.endswith(b"\n")


def block(text: bytes, statements: int, source: int, before: int) -> Block | None:
    """The triples of the lines of so many statements; None if one of them leaves a doubt.

    Instead of a line, rows have the number of their statement, negative: -1, -2 … after ``before`` others.
    """
    import pyarrow as pa

    if (ends := _cells(text, statements)) is None:
        return None
    offsets = np.concatenate([np.zeros(1, np.int32), ends.ravel()])
    words = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(text)).dictionary_encode()
    columns = numbers(words.indices).reshape(-1, 4)[:, :3]
    occurs = np.zeros(len(words.dictionary), bool)
    occurs[columns] = True
    terms, place = _terms(words.dictionary.take(ints(np.flatnonzero(occurs))), source)
    s, p, o = place[(np.cumsum(occurs) - 1).astype(np.int32)[columns.T]]
    return Block(s, p, o, -np.arange(before + 1, before + 1 + statements, dtype=np.int32), terms)


def rows(found: Iterable[tuple[int, ox.Quad]], source: int) -> Block:
    """The triples of parsed statements, each with its number."""
    terms: dict[Node, int] = {}
    table = [
        (*(terms.setdefault(node, len(terms)) for node in row), -number)
        for number, quad in found
        for row in unfold(quad, source)
    ]
    s, p, o, line = np.asarray(table, np.int32).reshape(-1, 4).T.copy()
    return Block(s, p, o, line, strings(list(terms)))


def _cells(text: bytes, lines: int) -> Ints | None:
    """Where subject, predicate and object, each with the space after it, and the rest of each line end [T, 4].

    None if a line may hold something else than it seems to.
    """
    raw = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(raw == _NEWLINE)
    if len(ends) != lines:  # an IRI with a line break in it
        return None
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    spaces, quotes = np.flatnonzero(raw == _SPACE), _plain_quotes(raw)
    first, spaced = _found(spaces, ends)
    cells = np.stack([spaces[first] + 1, spaces[first + 1] + 1, ends - 1, ends + 1], axis=1)
    literal = raw[cells[:, 1]] == _QUOTE
    quote, quoted = _found(quotes, ends)
    good = (raw[starts] != _OPEN) | (raw[cells[:, 0] - 2] == _CLOSE)
    good &= (raw[cells[:, 0]] == _OPEN) & (raw[cells[:, 1] - 2] == _CLOSE) & (~literal | (quoted == 2))
    odd = np.flatnonzero(~literal & (spaced != 3))
    if not good.all() or not all(_needs_its_spaces(text[starts[at] : ends[at]]) for at in odd):
        return None
    typed = np.flatnonzero(literal & (raw[cells[:, 2] - 2] != _QUOTE))
    last = quotes[quote[typed] + 1]  # a type or a language may follow, and then the space, but no name of a graph
    cut = (spaces[np.searchsorted(spaces, last)] != cells[typed, 2] - 1).any()
    return None if cut else cells.astype(np.int32)


def _needs_its_spaces(line: bytes) -> bool:
    """True if an IRI as object is all that can hold the spaces: there are no more angle brackets than IRIs need."""
    return line.endswith(b"> .") and line.count(b"<") == line.count(b">") == 2 + line.startswith(b"<")


def _plain_quotes(raw: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where the quotes are that begin or end a literal: an even number of backslashes stands before them."""
    quotes = np.flatnonzero(raw == _QUOTE)
    escaped = raw[quotes - 1] == _BACKSLASH
    for at in np.flatnonzero(escaped & (raw[quotes - 2] == _BACKSLASH)).tolist():
        run = next(size for size in count(1) if raw[quotes[at] - size - 1] != _BACKSLASH)
        escaped[at] = run % 2 == 1
    kept: NDArray[np.int64] = quotes[~escaped]
    return kept


def _found(places: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each line [T], the number of the first of some places that lies in it, and how many do."""
    past = np.searchsorted(places, ends)
    first = np.concatenate([np.zeros(1, np.int64), past[:-1]])
    return first, past - first


def _terms(cells: "pa.StringArray", source: int) -> tuple["pa.Array", Ints]:
    """The node keys of cells [n], IRIs, literals and blank nodes, and where each cell's key is among them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    raw = cells.cast(pa.binary())
    named, literal = pc.starts_with(raw, b"<"), pc.starts_with(raw, b'"')
    unnamed = pc.invert(pc.or_(named, literal))
    iris = pc.binary_slice(raw.filter(named), 1, -2).cast(pa.large_string())
    blanks = strings([f"_:{source}:{cell[2:-1]}" for cell in cells.filter(unnamed).to_pylist()])
    place, count = np.empty(len(cells), np.int32), 0
    for mask in map(truths, (named, literal, unnamed)):
        size = int(np.count_nonzero(mask))
        place[mask] = np.arange(count, count + size, dtype=np.int32)
        count += size
    return pa.concat_arrays([iris, _literals(cells.filter(literal)), blanks]), place


def _literals(cells: "pa.StringArray") -> "pa.LargeStringArray":
    """The node keys of literals [n]."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = pc.split_pattern(cells.cast(pa.large_string()), '"', max_splits=1, reverse=True).flatten()
    at = np.arange(0, 2 * len(cells), 2)
    tails = parts.take(ints(at + 1)).dictionary_encode()
    ends = strings(list(map(_tail, tails.dictionary.to_pylist()))).take(tails.indices)
    keys = pc.binary_join_element_wise(parts.take(ints(at)), ends, strings([""])[0])
    escaped = np.flatnonzero(truths(pc.match_substring(keys, "\\")))
    plain = [_ESCAPE.sub(_character, key) for key in keys.take(ints(escaped)).to_pylist()]
    return replaced(keys, escaped, plain)


def _tail(text: str) -> str:
    """How the key of a literal ends, of what follows its last quote: a space, and a type or language before it."""
    if text == " ":
        return f"^^{STRING}"
    if text[0] == "^":
        return f"^^{text[3:-2]}"
    return f"^^{language(text[:-1].partition('--')[0])}"  # RDF 1.2: a direction may follow the language


def _character(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _ESCAPED.get(match[3], match[3])
