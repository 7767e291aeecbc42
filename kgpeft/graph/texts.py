"""Texts about entities, as columns that look like a list."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.terms import PIECE, Ints, Terms, feed, ints, packed, truths

if TYPE_CHECKING:
    import pyarrow as pa


class Label(NamedTuple):
    """A text about an entity; role: label, exact, related, narrow, broad, hidden or definition."""

    entity: int
    role: str
    text: str
    lang: str


class Coded:
    """Few different strings in many places: ``names``, sorted and all used, and the index [L] of each place's."""

    def __init__(self, names: Sequence[str], index: NDArray[np.integer]) -> None:
        used = np.flatnonzero(np.bincount(index, minlength=len(names))).tolist()
        self.names = sorted({names[at] for at in used})
        place = np.zeros(len(names), np.min_scalar_type(len(self.names)))
        place[used] = [self.names.index(names[at]) for at in used]
        self.index = place[index]

    @staticmethod
    def of(values: Iterable[str]) -> "Coded":
        """The columns of a list."""
        seen: dict[str, int] = {}
        index = np.asarray([seen.setdefault(value, len(seen)) for value in values], np.int32)
        return Coded(list(seen), index)

    def __getitem__(self, at: slice) -> Iterator[str]:
        return map(self.names.__getitem__, self.index[at].tolist())

    def feed(self, digest: "hashlib._Hash") -> None:
        """Adds names and indices to a digest."""
        digest.update(json.dumps(self.names).encode())
        digest.update(self.index.astype(np.uint32).tobytes())


class Labels(Sequence[Label]):
    """Labels [L] as columns: ``entity`` (ascending), ``role``, ``text`` and ``lang``."""

    def __init__(self, entity: Ints, role: Coded, text: "pa.LargeStringArray", lang: Coded) -> None:
        self.entity, self.role, self.text, self.lang = entity, role, text, lang

    @staticmethod
    def of(labels: Iterable[Label]) -> "Labels":
        """The columns of labels that are sorted by entity."""
        entity, role, text, lang = zip(*rows, strict=True) if (rows := list(labels)) else ((), (), (), ())
        return Labels(np.asarray(entity, np.int32), Coded.of(role), packed([text]).array, Coded.of(lang))

    def __len__(self) -> int:
        return len(self.entity)

    @overload
    def __getitem__(self, at: int) -> Label: ...
    @overload
    def __getitem__(self, at: slice) -> list[Label]: ...
    def __getitem__(self, at: int | slice) -> Label | list[Label]:
        if isinstance(at, int | np.integer):
            at = range(len(self))[at]
            return self[at : at + 1][0]
        start, stop, step = at.indices(len(self))
        if step != 1:
            return [self[number] for number in range(start, stop, step)]
        span = slice(start, max(start, stop))
        texts: list[str] = self.text[span].to_pylist()
        return list(map(Label, self.entity[span].tolist(), self.role[span], texts, self.lang[span]))

    def __iter__(self) -> Iterator[Label]:
        for start in range(0, len(self), PIECE):
            yield from self[start : start + PIECE]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(Label.__eq__, self, other))

    def __repr__(self) -> str:
        return f"Labels({len(self)})"

    def span(self, entity: int) -> tuple[int, int]:
        """Where the labels of an entity begin and end."""
        start, stop = np.searchsorted(self.entity, [entity, entity + 1]).tolist()
        return start, stop

    def having(self, role: str) -> NDArray[np.bool_]:
        """True at the labels [L] with a role."""
        if role not in self.role.names:
            return np.zeros(len(self), bool)
        found: NDArray[np.bool_] = self.role.index == self.role.names.index(role)
        return found

    def feed(self, digest: "hashlib._Hash") -> None:
        """Adds what the labels say to a digest; a text tagged English counts as one without a tag."""
        tag = Coded(["" if name == "en" else name for name in self.lang.names], self.lang.index)
        group = np.cumsum(_new(self.entity) | _new(self.role.index) | _new_text(self.text))
        order = np.lexsort([tag.index, group])
        order = order[_new(group[order]) | _new(tag.index[order])]  # tagged and untagged, it is one
        digest.update(np.ascontiguousarray(self.entity[order], "<i4").tobytes())
        feed(digest, Terms(self.text if len(order) == len(self) else self.text.take(ints(order))))
        for coded in (self.role, tag):
            Coded(coded.names, coded.index[order]).feed(digest)


def _new(values: NDArray[Any]) -> NDArray[np.bool_]:
    """True where a value [n] differs from the one before; at the first."""
    found = np.ones(len(values), bool)
    found[1:] = values[1:] != values[:-1]
    return found


def _new_text(texts: "pa.LargeStringArray") -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    found = np.ones(len(texts), bool)
    if len(texts) > 1:
        found[1:] = truths(pc.not_equal(texts[1:], texts[:-1]))
    return found
