"""A question as the linker sees it: its words and what each may be, capitals, and marks around names."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from kgpeft import spelling
from kgpeft.evidence.names import Key, Names, word_key
from kgpeft.evidence.words import COMMON, fold, places

SLIP = 4  # letters of a word from which it may be misspelt, or a part of a name
KEPT = 1 << 18  # words that are remembered
_HINT = re.compile(r"\[([^\[\]]+)\]|\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|`([^`]+)`")
_MARKS = "[", '"', "“", "«", "`"
_NONE: frozenset[tuple[int, int]] = frozenset()
_INITIALS = re.compile(r"[A-Z]{2,8}s?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written, wherever it stands."""

    folded: str
    key: Key
    others: tuple[Key, ...]  # keys of words in another number that it may be
    stem: str
    reach: int  # characters of the longest name whose key begins with this word's; 0: none does
    common: bool  # questions are made of it
    relation: bool  # it is in a relation's name, but for its ending
    nameable: bool  # neither, and long enough to be a part of a name
    rare: bool  # most people would not know it
    firm: bool  # rare and neither: whatever begins with it is no way of asking
    upper: bool  # its first letter is a capital
    initials: bool  # it may be the first letters of a name's words


@dataclass(slots=True)
class Asked:
    """A question, not to be changed; words, starts, ends and capitals run parallel."""

    text: str
    words: list[Word]
    starts: list[int]
    ends: list[int]
    capitals: list[bool]  # which words have a capital that no sentence gives them; all False where capitals say nothing
    cased: bool  # capitals say something
    hints: frozenset[tuple[int, int]]  # the words first:last that brackets or quotes mark as a name

    def between(self, at: int) -> str:
        """What stands between a word and the next."""
        return self.text[self.ends[at] : self.starts[at + 1]]

    def stretch(self, first: int, last: int) -> str:
        """The text of some words."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def odd(self, at: int) -> bool:
        """True if a word looks like a part of a name rather than of a question."""
        word = self.words[at]
        return word.nameable and (word.rare or self.capitals[at])


class Reader(dict[str, Word]):
    """Reads questions, and remembers the words; `relations` are the stems of the words in relations' names."""

    def __init__(self, names: Names, relations: frozenset[str]) -> None:
        super().__init__()
        self._names, self._relations = names, relations

    def __call__(self, text: str) -> Asked:
        """A question with all that its words tell on their own."""
        written, starts, ends = places(text)
        known = list(map(self.__getitem__, written))
        cased, capitals = False, [False] * len(known)
        upper = [at for at, word in enumerate(known) if word.upper]
        if upper and 2 * len(upper) < len(known) + 2:
            for at in upper:
                if _is_inner(text, starts[at]):
                    cased = capitals[at] = True
        hints = _hints(text, starts, ends) if [mark for mark in _MARKS if mark in text] else _NONE
        return Asked(text, known, starts, ends, capitals, cased, hints)

    def __missing__(self, written: str) -> Word:
        """A word that was not met yet."""
        folded = fold(written)
        common, stem, key = folded in COMMON, spelling.stem(folded), word_key(folded)
        others = () if common else dict.fromkeys(map(word_key, spelling.inflected(folded)))
        relation = not common and stem in self._relations
        nameable = len(folded) >= SLIP and folded.isalpha() and not common and not relation
        rare = stem not in spelling.ordinary()
        word = Word(
            folded, key, tuple(other for other in others if other != key and other in self._names.vocabulary),
            stem, self._names.longest(key), common, relation, nameable, rare,
            firm=rare and not (common or relation), upper=written[0].isupper() and folded != "i",
            initials=bool(_INITIALS.fullmatch(written)),
        )  # fmt: skip
        if len(self) < KEPT:
            self[written] = word
        return word


def _is_inner(text: str, start: int) -> bool:
    """False where a sentence begins."""
    if start > 1 and text[start - 1] == " " and text[start - 2].isalnum():
        return True
    before = text[:start].rstrip(" \"'“«[(`")
    return bool(before) and before[-1] not in ".?!:"


def _hints(text: str, starts: list[int], ends: list[int]) -> frozenset[tuple[int, int]]:
    found = set()
    for match in _HINT.finditer(text):
        begin, stop = match.span(match.lastindex or 0)
        first, last = bisect_left(starts, begin), bisect_right(ends, stop)
        if first < last:
            found.add((first, last))
    return frozenset(found)
