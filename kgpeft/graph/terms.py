"""Terms as one sorted Arrow array: numbers in the order of the terms, so that prefixes and kinds are ranges."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int32]
PIECE = 1 << 16  # terms turned into str at a time


class Terms(Sequence[str]):
    """Strings that look like a list of str but take the memory of their bytes; those renamed are kept beside."""

    def __init__(self, array: "pa.LargeStringArray") -> None:
        self.array = array
        self.renamed: dict[int, str] = {}
        _, offsets, data = array.buffers()
        self._offsets = memoryview(offsets).cast("q")[array.offset : array.offset + len(array) + 1]
        self._data = memoryview(data if data is not None else b"")

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return self.take(np.arange(len(self))[number])
        return self.renamed.get(number) or str(self.bytes(number), "utf-8")

    def __setitem__(self, number: int, term: str) -> None:
        self.renamed[int(number)] = term

    def __iter__(self) -> Iterator[str]:
        for piece in self.pieces():
            yield from piece

    def pieces(self) -> Iterator[list[str]]:
        """The terms, some at a time."""
        for start in range(0, len(self), PIECE):
            yield self[start : start + PIECE]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(str.__eq__, self, other))

    def __reduce__(self) -> tuple[Any, ...]:
        return packed, ([list(self)],)

    def __repr__(self) -> str:
        return f"Terms({len(self)})"

    def bytes(self, number: int) -> "memoryview":
        """The UTF-8 of a term's first name."""
        return self._data[self._offsets[number] : self._offsets[number + 1]]

    def ends(self) -> NDArray[np.int64]:
        """Where each term's UTF-8 ends in ``data`` [V]."""
        return np.asarray(self._offsets[1:], np.int64) - self._offsets[0]

    def data(self) -> memoryview:
        """The UTF-8 of all terms' first names, one after the other."""
        return self._data[self._offsets[0] : self._offsets[len(self)]]

    def take(self, numbers: Any) -> list[str]:
        """The terms with these numbers [n]."""
        import pyarrow as pa

        found: list[str] = self.array.take(pa.array(np.asarray(numbers, np.int64))).to_pylist()
        if self.renamed:
            found = [self.renamed.get(number, term) for number, term in zip(list(numbers), found, strict=True)]
        return found

    def place(self, term: str) -> int:
        """How many terms are smaller, in the order of code points."""
        return bisect_left(range(len(self)), term.encode("utf-8", "replace"), key=lambda at: bytes(self.bytes(at)))

    def find(self, term: str) -> int:
        """The number of a term, or -1; a renamed one is found by its first name."""
        number = self.place(term)
        return number if number < len(self) and self.bytes(number) == term.encode("utf-8", "replace") else -1

    def prefix(self, start: str) -> slice:
        """The range of the terms that begin with ``start``."""
        return slice(self.place(start), self.place(start + "\U0010ffff"))


def sort(texts: "pa.Array") -> tuple["pa.LargeStringArray", Ints]:
    """Strings in the order of their code points, and the place [n] of each among them."""
    import pyarrow.compute as pc

    order = pc.array_sort_indices(texts)
    place = np.empty(len(order), np.int32)
    place[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    return texts.take(order), place


def merge(dictionaries: "list[pa.Array]") -> tuple[Terms, list[Ints]]:
    """All strings of some arrays, sorted and unique, and the place [n] among them of each array's strings."""
    import pyarrow as pa

    whole = pa.concat_arrays([pa.array([], pa.large_string()), *dictionaries]).dictionary_encode()
    texts, place = sort(whole.dictionary)
    ends = np.cumsum([len(part) for part in dictionaries])
    return Terms(texts), np.split(place[whole.indices.to_numpy()], ends[:-1].tolist())


def packed(pieces: Iterable[Sequence[str]]) -> Terms:
    """The strings of all pieces, in their order."""
    import pyarrow as pa

    return Terms(pa.concat_arrays([pa.array([], pa.large_string()), *(strings(piece) for piece in pieces)]))


def strings(texts: Sequence[str]) -> "pa.Array":
    """Strings as an Arrow array; what is no Unicode text (a lone surrogate) becomes a question mark."""
    import pyarrow as pa

    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        return pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.large_string())


def save(path: Path, **columns: "pa.Array") -> None:
    """Writes arrays of one length as Arrow IPC, to be mapped into memory."""
    import pyarrow as pa

    batch = pa.record_batch(list(columns.values()), list(columns))
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def load(path: Path) -> "dict[str, pa.Array]":
    """The arrays written by ``save``, mapped into memory; ValueError if the file is damaged."""
    import pyarrow as pa

    batch = pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def mapped(path: Path) -> "pa.LargeStringArray":
    """The array whose offsets lie in ``path``.ends and whose UTF-8 lies in ``path``.data, mapped into memory."""
    import pyarrow as pa

    ends, data = (pa.memory_map(f"{path}.{part}") for part in ("ends", "data"))
    buffers = [part.read_buffer() if part.size() else pa.py_buffer(b"") for part in (ends, data)]
    return pa.LargeStringArray.from_buffers(ends.size() // 8 - 1, *buffers)
