"""Triples kept on disk while they are read, so that there may be more of them than memory holds.

Blocks are written with their terms sorted. All terms are merged range by range: of each block, those between two
sampled bounds. The columns and terms are the same, byte for byte, as those made in memory.
"""

import math
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.terms import PIECE, Ints, Terms, joined, load, mapped, merge, save, sort

if TYPE_CHECKING:
    import pyarrow as pa

    from kgpeft.graph.statements import Block

RANGE = 16 << 20  # bytes of terms merged at a time
CHUNK = 1 << 18  # rows looked at at a time
_SAMPLE = 128  # one term of so many is looked at to find the bounds
_NAMES = ("s", "p", "o", "line")


class Stored:
    """A block on disk; its columns and terms are mapped into memory when they are asked for."""

    def __init__(self, block: "Block", path: Path) -> None:
        self.path = path
        terms, place = sort(block.terms)
        np.save(path.with_suffix(".npy"), np.stack([place[block.s], place[block.p], place[block.o], block.line]))
        save(path.with_suffix(".arrow"), term=terms)

    def _column(self, at: int) -> Ints:
        found: Ints = np.load(self.path.with_suffix(".npy"), mmap_mode="r")[at]
        return found

    @property
    def s(self) -> Ints:
        """Subjects [T]."""
        return self._column(0)

    @property
    def p(self) -> Ints:
        """Predicates [T]."""
        return self._column(1)

    @property
    def o(self) -> Ints:
        """Objects [T]."""
        return self._column(2)

    @property
    def line(self) -> Ints:
        """Lines [T]."""
        return self._column(3)

    @property
    def terms(self) -> "pa.Array":
        """Terms [n], sorted."""
        return load(self.path.with_suffix(".arrow"))["term"]


class Spool:
    """A folder for blocks, columns and terms, which goes when nobody needs it."""

    def __init__(self) -> None:
        self.path, self.kept = Path(mkdtemp(prefix="kgpeft-")), 0
        weakref.finalize(self, rmtree, self.path, ignore_errors=True)

    def keep(self, block: "Block") -> Stored:
        """The block, from now on on disk."""
        return Stored(block, self.place())

    def place(self) -> Path:
        """A path for files that nobody has yet."""
        self.kept += 1
        return self.path / str(self.kept)

    def merge(self, blocks: Sequence["Block | Stored"]) -> tuple[Terms, list[Ints]]:
        """All terms, sorted and unique, and the columns s, p, o, line [T] of all blocks: files mapped into memory."""
        stored = [block if isinstance(block, Stored) else self.keep(block) for block in blocks]
        terms, places = self._merge_terms(stored)
        columns = [Rows(self, np.int32) for _ in _NAMES]
        for block, place in zip(stored, places, strict=True):
            for name, column in zip(_NAMES, columns, strict=True):
                numbers = getattr(block, name)
                column.add(numbers if name == "line" else place[numbers])
        return Terms(terms), [column.whole() for column in columns]

    def _merge_terms(self, blocks: Sequence[Stored]) -> tuple["pa.LargeStringArray", list[Ints]]:
        """All terms, and the place [n] among them of each block's."""
        bounds = _bounds(blocks)
        cuts = [[0, *map(Terms(block.terms).place, bounds), len(block.terms)] for block in blocks]
        places = [np.empty(cut[-1], np.int32) for cut in cuts]
        whole, count = Strings(self), 0
        for at in range(len(bounds) + 1):
            parts = [_copy(block.terms[cut[at] : cut[at + 1]]) for block, cut in zip(blocks, cuts, strict=True)]
            found, where = merge(parts)
            for place, cut, part in zip(places, cuts, where, strict=True):
                place[cut[at] : cut[at + 1]] = part + count
            whole.add(found.array)
            count += len(found)
        return whole.whole(), places


class Rows:
    """A table [n, width] of numbers, or a column [n], that grows part by part: in memory or, with a spool, on disk."""

    def __init__(self, spool: Spool | None, kind: type[np.generic], width: int = 0) -> None:
        self.kind, self.shape = np.dtype(kind), (-1, width) if width else (-1,)
        self.parts: list[NDArray[Any]] = []
        self.size = 0
        self.path = spool.place() if spool else None
        if self.path:
            self.path.touch()

    def add(self, part: NDArray[Any]) -> None:
        """Some more rows."""
        part = np.ascontiguousarray(part, self.kind)
        self.size += len(part)
        if self.path is None:
            self.parts.append(part)
        elif part.size:
            with self.path.open("ab") as file:
                part.tofile(file)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[NDArray[Any]]:
        if self.path is None:
            yield from self.parts
            return
        with self.path.open("rb") as file:
            while len(part := np.fromfile(file, self.kind, CHUNK * abs(math.prod(self.shape)))):
                yield part.reshape(self.shape)

    def drained(self) -> Iterator[NDArray[Any]]:
        """The rows, some at a time, for the last time: memory is given back on the way."""
        if self.path is not None:
            yield from self
            self.path.unlink()
        while self.parts:
            yield self.parts.pop(0)

    def whole(self) -> NDArray[Any]:
        """All rows; those on disk are mapped into memory."""
        if self.path is None:
            self.parts = [np.concatenate([np.zeros(0, self.kind).reshape(0, *self.shape[1:]), *self.parts])]
            return self.parts[0]
        return _mapped(self.path, self.kind).reshape(self.shape)


class Strings:
    """Strings that become more part by part: in memory or, with a spool, on disk."""

    def __init__(self, spool: Spool | None) -> None:
        self.parts: list[pa.LargeStringArray] = []
        self.path = spool.place() if spool else None
        self.size = self.bytes = 0
        if self.path:
            self._write(np.zeros(1, np.int64), b"")

    def add(self, part: "pa.LargeStringArray") -> None:
        """Some more strings."""
        self.size += len(part)
        if self.path is None:
            self.parts.append(part)
        elif len(part):
            terms = Terms(part)
            self._write(terms.ends() + self.bytes, terms.data())
            self.bytes += len(terms.data())

    def _write(self, ends: NDArray[np.int64], data: "memoryview | bytes") -> None:
        for suffix, part in (("ends", ends.data), ("data", data)):
            with open(f"{self.path}.{suffix}", "ab") as file:
                file.write(part)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> "Iterator[pa.LargeStringArray]":
        return (self.some(at, at + PIECE) for at in range(0, self.size, PIECE))

    def some(self, start: int, stop: int) -> "pa.LargeStringArray":
        """The strings between two places; those on disk are read."""
        import pyarrow as pa

        count = min(stop, self.size) - start
        if self.path is None:
            return self.whole()[start : start + count]
        ends = np.fromfile(f"{self.path}.ends", np.int64, count + 1, offset=8 * start)
        data = np.fromfile(f"{self.path}.data", np.uint8, int(ends[-1] - ends[0]), offset=int(ends[0]))
        return pa.LargeStringArray.from_buffers(count, pa.py_buffer(ends - ends[0]), pa.py_buffer(data))

    def whole(self) -> "pa.LargeStringArray":
        """All strings; those on disk are mapped into memory."""
        if self.path is None:
            self.parts = [joined(self.parts)]
            return self.parts[0]
        return mapped(self.path)


def _bounds(blocks: Sequence[Stored]) -> list[str]:
    """Terms between which there are about ``RANGE`` bytes each."""
    size = sum(block.terms.nbytes for block in blocks)
    sample = sorted(term for block in blocks for term in Terms(block.terms)[::_SAMPLE])
    ranges = min(-(-size // RANGE), len(sample) + 1)
    return [sample[len(sample) * at // ranges] for at in range(1, ranges)]


def _copy(texts: "pa.LargeStringArray") -> "pa.LargeStringArray":
    """Strings on their own, so that the file that they are mapped from is not."""
    return joined([texts, texts[:0]])


def _mapped(path: Path, kind: "np.dtype[Any] | type[np.generic]") -> NDArray[Any]:
    return np.memmap(path, kind, "r") if path.stat().st_size else np.zeros(0, kind)
