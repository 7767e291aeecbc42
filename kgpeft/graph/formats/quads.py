"""Canonical N-Quads, as pyoxigraph writes them, → a block of numbered terms, without a Python object a triple."""

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.statements import STRING, Block
from kgpeft.graph.terms import Ints, strings

if TYPE_CHECKING:
    import pyarrow as pa

_SPACE, _NEWLINE, _QUOTE, _OPEN, _CLOSE, _BLANK = b' \n"<>_'
_HEAD = re.compile(rb"(<[^>]*>|_:\S+) (<[^>]*>) ")  # of a line whose IRIs hold spaces
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.S)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def block(lines: bytes, source: int, before: int) -> Block:
    """The triples of N-Quads lines; graph names are dropped. Rows are numbered -1, -2 … after ``before`` others."""
    import pyarrow as pa

    ends = _cells(np.frombuffer(lines, np.uint8), lines)
    offsets = np.concatenate([np.zeros(1, np.int32), ends.ravel()])
    cells = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(lines))
    encoded = cells.dictionary_encode()
    columns = encoded.indices.to_numpy().reshape(-1, 4)[:, :3]
    used, place = _dense(columns, len(encoded.dictionary))
    terms, order = _terms(encoded.dictionary.take(pa.array(used)), source)
    s, p, o = order[place[columns.T]]
    return Block(s, p, o, -np.arange(before + 1, before + 1 + len(s), dtype=np.int32), terms)


def _dense(columns: Ints, count: int) -> tuple[NDArray[np.int64], Ints]:
    """The numbers below ``count`` that occur, and the place of each number among them."""
    occurs = np.zeros(count, bool)
    occurs[columns] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1).astype(np.int32)


def _cells(text: NDArray[np.uint8], lines: bytes) -> Ints:
    """Where subject, predicate and object, each with the space after it, and the rest of each line end [T, 4]."""
    spaces, ends = np.flatnonzero(text == _SPACE), np.flatnonzero(text == _NEWLINE)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    first = np.searchsorted(spaces, starts)
    cells = np.stack([spaces[first] + 1, spaces[first + 1] + 1, ends - 1, ends + 1], axis=1)
    bad = (text[starts] == _OPEN) & (text[cells[:, 0] - 2] != _CLOSE)
    bad |= (text[cells[:, 0]] != _OPEN) | (text[cells[:, 1] - 2] != _CLOSE)
    for at in np.flatnonzero(bad).tolist():
        if match := _HEAD.match(lines, int(starts[at])):
            cells[at, :2] = match.end(1) + 1, match.end()
    _cut_graphs(text, spaces, cells)
    return cells.astype(np.int32)


def _cut_graphs(text: NDArray[np.uint8], spaces: NDArray[np.int64], cells: NDArray[np.int64]) -> None:
    """Moves the end of each object before the name of a graph, if the line has one.

    A line's last word is a graph if it is an IRI or blank node that follows the object: after a literal, it holds no
    quote and none comes later.
    """
    last = spaces[np.searchsorted(spaces, cells[:, 2] - 1) - 1] + 1  # where the last word before the dot starts
    at = np.flatnonzero((last > cells[:, 1]) & ((text[last] == _OPEN) | (text[last] == _BLANK)))
    if not len(at):
        return
    quotes = np.flatnonzero(text == _QUOTE)
    quote = np.concatenate([[-1], quotes])[np.searchsorted(quotes, cells[at, 2])]
    at = at[quote < last[at]]
    cells[at, 2] = last[at]


def _terms(cells: "pa.StringArray", source: int) -> tuple["pa.Array", Ints]:
    """The node keys of cells [n], IRIs first, and where each cell's key is among them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    raw = cells.cast(pa.binary())
    named = pc.and_(pc.starts_with(raw, b"<"), pc.invert(pc.starts_with(raw, b"<<")))
    iris = pc.binary_slice(raw.filter(named), 1, -2).cast(pa.large_string())
    others = [_key(cell, source) for cell in cells.filter(pc.invert(named)).to_pylist()]
    mask = named.to_numpy(zero_copy_only=False)
    order = np.where(mask, np.cumsum(mask) - 1, len(iris) + np.cumsum(~mask) - 1).astype(np.int32)
    return pa.concat_arrays([iris, strings(others)]), order


def _key(cell: str, source: int) -> str:
    if cell[0] != '"':
        return f"_:{source}:{cell[:-1].removeprefix('_:')}"  # a blank node, or a quoted triple (RDF 1.2)
    end = cell.rindex('"')
    if (tail := cell[end + 1 : -1]) == "":
        key = f"{cell[:end]}^^{STRING}"
    elif tail[0] == "^":
        key = f"{cell[:end]}^^{tail[3:-1]}"
    else:
        key = f"{cell[:end]}^^{tail.partition('--')[0].lower()}"  # RDF 1.2: a direction may follow the language
    return _ESCAPE.sub(_character, key) if "\\" in key else key


def _character(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _ESCAPED.get(match[3], match[3])
