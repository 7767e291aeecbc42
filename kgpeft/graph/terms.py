"""Terms as one sorted Arrow array: numbers in the order of the terms, so that prefixes and kinds are ranges."""

import hashlib
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

    def ends(self, start: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        """Where the UTF-8 of each term, or of those between two places, ends in ``data`` [V]."""
        found: NDArray[np.int64] = np.asarray(self._offsets[1:][start:stop], np.int64) - self._offsets[0]
        return found

    def data(self) -> memoryview:
        """The UTF-8 of all terms' first names, one after the other."""
        return self._data[self._offsets[0] : self._offsets[len(self)]]

    def take(self, wanted: Any) -> list[str]:
        """The terms with these numbers [n]."""
        found: list[str] = self.pick(wanted).to_pylist()
        return found

    def pick(self, wanted: Any) -> "pa.LargeStringArray":
        """The terms with these numbers [n], as an Arrow array."""
        wanted = np.asarray(wanted, np.int64)
        found = self.array.take(ints(wanted))
        if not self.renamed:
            return found
        at = np.flatnonzero(np.isin(wanted, list(self.renamed)))
        return replaced(found, at, [self.renamed[number] for number in wanted[at].tolist()])

    def whole(self) -> "pa.LargeStringArray":
        """All terms as an Arrow array."""
        return replaced(self.array, list(self.renamed), list(self.renamed.values()))

    def place(self, term: str) -> int:
        """How many terms are smaller, in the order of code points."""
        return bisect_left(range(len(self)), term.encode("utf-8", "replace"), key=lambda at: bytes(self.bytes(at)))

    def past(self, term: str) -> int:
        """How many terms are smaller or equal."""
        return self.place(term) + (self.find(term) >= 0)

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
    place[numbers(order)] = np.arange(len(order), dtype=np.int32)
    return texts.take(order), place


def merge(dictionaries: "list[pa.Array]") -> tuple[Terms, list[Ints]]:
    """All strings of some arrays, sorted and unique, and the place [n] among them of each array's strings."""
    import pyarrow as pa

    coded = pa.chunked_array([*dictionaries, strings([])]).dictionary_encode().chunks  # of one dictionary; no empty one
    texts, place = sort(coded[0].dictionary if coded else strings([]))
    found = np.concatenate([np.zeros(0, np.int32), *(place[numbers(part.indices)] for part in coded)])
    return Terms(texts), np.split(found, np.cumsum([len(part) for part in dictionaries])[:-1].tolist())


def ranked(texts: "pa.Array") -> tuple["pa.LargeStringArray", Ints]:
    """Strings sorted and unique, and the place [n] among them of each."""
    terms, (place,) = merge([texts])
    return terms.array, place


def packed(pieces: Iterable[Sequence[str]]) -> Terms:
    """The strings of all pieces, in their order."""
    return Terms(joined(strings(piece) for piece in pieces))


def joined(parts: "Iterable[pa.Array]") -> "pa.Array":
    """Arrays of strings as one; an empty one of none."""
    import pyarrow as pa

    parts = list(parts)
    return parts[0] if len(parts) == 1 else pa.concat_arrays([strings([]), *parts])


def replaced(texts: "pa.Array", at: Any, by: Sequence[str]) -> "pa.Array":
    """Strings with those at some places [n] replaced."""
    if not len(by):
        return texts
    order = np.arange(len(texts))
    order[at] = len(texts) + np.arange(len(by))
    return joined([texts, strings(by)]).take(ints(order))


def feed(digest: "hashlib._Hash", texts: Sequence[str]) -> None:
    """Adds strings to a digest."""
    whole = Terms(arrow(texts))
    for start in range(0, len(whole), PIECE):
        digest.update(whole.ends(start, start + PIECE).astype("<i8").data)
    digest.update(whole.data())


def arrow(texts: Sequence[str]) -> "pa.LargeStringArray":
    """Strings as an Arrow array, without a copy if they are one."""
    return texts.whole() if isinstance(texts, Terms) else strings(texts)


def cut_first(texts: "pa.LargeStringArray") -> "pa.LargeStringArray":
    """Strings without their first character."""
    import pyarrow.compute as pc

    return pc.utf8_slice_codeunits(texts, 1)


# Arrow's own ways from and to Python and numpy load pandas, where that is installed: half a second.


def strings(texts: Sequence[str]) -> "pa.Array":
    """Strings as an Arrow array; what is no Unicode text (a lone surrogate) becomes a question mark."""
    import pyarrow as pa

    data = "".join(texts).encode("utf-8", "replace")
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    if len(data) != sizes.sum():  # some characters are of several bytes
        sizes = np.fromiter((len(text.encode("utf-8", "replace")) for text in texts), np.int64, len(texts))
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))


def ints(values: Any) -> "pa.Array":
    """Numbers as an Arrow array of 64 bits."""
    return narrow(np.asarray(values, np.int64))


def narrow(values: NDArray[np.integer]) -> "pa.Array":
    """Numbers as an Arrow array of as many bits as they have."""
    import pyarrow as pa

    found = np.ascontiguousarray(values)
    return pa.Array.from_buffers(getattr(pa, found.dtype.name)(), len(found), [None, pa.py_buffer(found)])


def numbers(array: "pa.Array") -> NDArray[Any]:
    """The numbers of an Arrow array without nulls."""
    kind = np.dtype(str(array.type))
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)


def truths(array: "pa.Array") -> NDArray[np.bool_]:
    """The values of an Arrow array of true and false."""
    bits = np.unpackbits(np.frombuffer(array.buffers()[1], np.uint8), bitorder="little")
    found: NDArray[np.bool_] = bits[array.offset : array.offset + len(array)].view(bool)
    return found


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
