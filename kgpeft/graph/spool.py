"""Triples kept on disk while they are read, so that there may be more of them than memory holds.

Blocks are written with their terms sorted. All terms are merged range by range: of each block, those between two
sampled bounds. The columns and terms are the same, byte for byte, as those made in memory.
"""

import weakref
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.terms import Ints, Terms, load, mapped, merge, save, sort

if TYPE_CHECKING:
    import pyarrow as pa

    from kgpeft.graph.statements import Block

RANGE = 64 << 20  # bytes of terms merged at a time
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
        self.kept += 1
        return Stored(block, self.path / str(self.kept))

    def merge(self, blocks: Sequence["Block | Stored"]) -> tuple[Terms, list[Ints]]:
        """All terms, sorted and unique, and the columns s, p, o, line [T] of all blocks: files mapped into memory."""
        places = self._merge_terms(blocks)
        files = [(self.path / name).open("wb") for name in _NAMES]
        for block, place in zip(blocks, places, strict=True):
            for name, file in zip(_NAMES, files, strict=True):
                numbers = getattr(block, name)
                file.write((numbers if name == "line" else place[numbers]).tobytes())
        for file in files:
            file.close()
        return Terms(mapped(self.path / "terms")), [_column(self.path / name) for name in _NAMES]

    def _merge_terms(self, blocks: Sequence["Block | Stored"]) -> list[Ints]:
        """Writes the terms; the place [n] among them of each block's terms."""
        bounds = _bounds(blocks)
        cuts = [[0, *map(Terms(block.terms).place, bounds), len(block.terms)] for block in blocks]
        places = [np.empty(cut[-1], np.int32) for cut in cuts]
        count = 0
        with (self.path / "terms.data").open("wb") as data, (self.path / "terms.ends").open("wb") as ends:
            ends.write(np.zeros(1, np.int64).tobytes())
            for at in range(len(bounds) + 1):
                parts = [block.terms[cut[at] : cut[at + 1]] for block, cut in zip(blocks, cuts, strict=True)]
                found, where = merge(parts)
                for place, cut, part in zip(places, cuts, where, strict=True):
                    place[cut[at] : cut[at + 1]] = part + count
                ends.write((found.ends() + data.tell()).tobytes())
                data.write(found.data())
                count += len(found)
        return places


def _bounds(blocks: Sequence["Block | Stored"]) -> list[str]:
    """Terms between which there are about ``RANGE`` bytes each."""
    size = sum(block.terms.nbytes for block in blocks)
    sample = sorted(term for block in blocks for term in Terms(block.terms)[::_SAMPLE])
    ranges = min(-(-size // RANGE), len(sample) + 1)
    return [sample[len(sample) * at // ranges] for at in range(1, ranges)]


def _column(path: Path) -> Ints:
    found: NDArray[np.int32] = np.memmap(path, np.int32, "r") if path.stat().st_size else np.zeros(0, np.int32)
    return found
