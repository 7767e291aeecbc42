"""Keys of literals → values, datatypes and languages, many at a time."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.terms import cut_first, ints, numbers, replaced, strings, truths

if TYPE_CHECKING:
    import pyarrow as pa

_SPACED = r"[\x00-\x1f\x7f]|^ |  | $|[^\x00-\x7f]"  # may hold space that is not just one blank between words


class Literals(NamedTuple):
    """Literals [n]: ``value``, and ``tail``, an index into ``tails``: a datatype, or @ and a language."""

    value: "pa.LargeStringArray"
    tails: list[str]
    tail: NDArray[np.int32]

    @property
    def languages(self) -> list[str]:
        """The language of each of ``tails``, or nothing."""
        return [tail[1:] if tail.startswith("@") else "" for tail in self.tails]


def split_literals(keys: "pa.LargeStringArray") -> Literals:
    """The parts of literals' keys [n], as ``statements.split_literal`` gives them one by one."""
    import pyarrow.compute as pc

    parts = pc.split_pattern(keys, "^^", max_splits=1, reverse=True).flatten()
    if len(parts) != 2 * len(keys):  # a plain name that begins with a quote
        whole = [key.rpartition("^^") for key in keys.to_pylist()]
        parts = strings([part for value, mark, tail in whole for part in (value if mark else '"', tail)])
    at = np.arange(0, 2 * len(keys), 2)
    tails = parts.take(ints(at + 1)).dictionary_encode()
    return Literals(cut_first(parts.take(ints(at))), tails.dictionary.to_pylist(), numbers(tails.indices))


def tidied(texts: "pa.LargeStringArray") -> "pa.LargeStringArray":
    """Texts with one blank wherever there was space, and none around."""
    import pyarrow.compute as pc

    at = np.flatnonzero(truths(pc.match_substring_regex(texts, _SPACED)))
    return replaced(texts, at, [" ".join(text.split()) for text in texts.take(ints(at)).to_pylist()])
