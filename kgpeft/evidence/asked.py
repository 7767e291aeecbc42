"""A question as the linker sees it: its words and what each may be, capitals, and marks around names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from kgpeft import spelling
from kgpeft.evidence.names import Key, Names, word_key
from kgpeft.evidence.words import COMMON, words

SLIP = 4  # letters of a word from which it may be misspelt, or a part of a name
KEPT = 1 << 18  # words that are remembered
Readings = tuple[tuple[Key, int], ...]  # keys of the words that a word may be, each with the edits that it takes
_HINT = re.compile(r"\[([^\[\]]+)\]|\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|`([^`]+)`")
_MARKS = frozenset("[\"“«`")
_NONE: frozenset[tuple[int, int]] = frozenset()


class Word(NamedTuple):
    """A word, wherever it stands."""

    folded: str
    readings: Readings
    common: bool  # questions are made of it
    relation: bool  # it is in a relation's name, but for its ending
    nameable: bool  # neither, and long enough to be a part of a name
    rare: bool  # and most people would not know it


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; words, starts, ends and capitals run parallel."""

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


class Reader:
    """Reads questions; `relations` are the stems of the words in relations' names."""

    def __init__(self, names: Names, relations: frozenset[str]) -> None:
        self._vocabulary, self._relations = names.vocabulary, relations
        self._known: dict[str, Word] = {}

    def __call__(self, text: str) -> Asked:
        """A question with all that its words tell on their own."""
        read = words(text)
        starts, ends = [start for _, start, _ in read], [end for _, _, end in read]
        known = [self._known.get(word) or self._word(word) for word, _, _ in read]
        upper = [at for at, start in enumerate(starts) if text[start].isupper() and read[at][0] != "i"]
        inner = [at for at in upper if _is_inner(text, starts[at])]
        cased, capitals = bool(inner) and 2 * len(upper) < len(read) + 2, [False] * len(read)
        for at in inner if cased else ():
            capitals[at] = True
        hints = _NONE if _MARKS.isdisjoint(text) else _hints(text, starts, ends)
        return Asked(text, known, starts, ends, capitals, cased, hints)

    def _word(self, folded: str) -> Word:
        common, stem = folded in COMMON, spelling.stem(folded)
        keys = {word_key(folded): 0}
        if not common:
            others = map(word_key, spelling.inflected(folded))
            keys |= {other: 0 for other in others if other in self._vocabulary}
        relation = not common and stem in self._relations
        nameable = len(folded) >= SLIP and folded.isalpha() and not common and not relation
        word = Word(folded, tuple(keys.items()), common, relation, nameable, stem not in spelling.ordinary())
        if len(self._known) < KEPT:
            self._known[folded] = word
        return word


def _is_inner(text: str, start: int) -> bool:
    """False where a sentence begins."""
    before = text[:start].rstrip(" \"'“«[(`")
    return bool(before) and before[-1] not in ".?!:"


def _hints(text: str, starts: list[int], ends: list[int]) -> frozenset[tuple[int, int]]:
    found = set()
    for match in _HINT.finditer(text):
        begin, stop = match.span(match.lastindex or 0)
        inside = [at for at in range(len(starts)) if begin <= starts[at] and ends[at] <= stop]
        if inside:
            found.add((inside[0], inside[-1] + 1))
    return frozenset(found)
