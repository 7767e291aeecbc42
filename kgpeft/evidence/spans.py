"""Stretches of a question that read as names, and which of them to believe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from kgpeft import spelling
from kgpeft.evidence.names import ARTICLELESS, LONGEST, PREFIX, SURE, Key, Names, extend, joined, word_key
from kgpeft.evidence.words import COMMON, words

FEW = 8  # names of one key that are compared letter by letter
KEPT = 1 << 18  # words whose readings are kept
READINGS = 16  # ways of reading a stretch that are followed at once
SLIP, SLIPS = 4, 8  # letters of a word from which one slip is forgiven, and two
ALONE = 6, 10  # the same for a word that is the whole name
_HINT = re.compile(r"\[([^\[\]]+)\]|\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|`([^`]+)`")
_ASKING = frozenset("what which whose how".split())  # before a relation's word
_JOINT = re.compile(r"[^\w\s]?\s*|['’]s\s+")  # what may stand between the words of one name


class Word(NamedTuple):
    """A word of a question: folded, its place, and the words of names it may be, each with the edits that it takes."""

    folded: str
    start: int
    end: int
    readings: tuple[tuple[Key, int], ...]


class Span(NamedTuple):
    """The words first:last, which read as a name."""

    first: int
    last: int
    key: Key
    edits: int


@dataclass(frozen=True)
class Asked:
    """A question as words, and the stretches that brackets or quotes mark as names."""

    text: str
    words: list[Word]
    hints: frozenset[tuple[int, int]] = field(init=False)
    cased: bool = field(init=False)  # capitals mean something: some words have one that no sentence gives them

    def __post_init__(self) -> None:
        """Look for hints and capitals."""
        places = [m.span(m.lastindex or 0) for m in _HINT.finditer(self.text)]
        hints = (self._within(*place) for place in places)
        object.__setattr__(self, "hints", frozenset((first, last) for first, last in hints if first < last))
        upper = [word.start for word in self.words if self.text[word.start].isupper() and word.folded != "i"]
        inner = any(self._is_inner(start) for start in upper)
        object.__setattr__(self, "cased", inner and 2 * len(upper) < len(self.words) + 2)

    def capital(self, at: int) -> bool:
        """True if a word has a capital that no sentence gives it."""
        start = self.words[at].start
        return self.cased and self.text[start].isupper() and self.words[at].folded != "i" and self._is_inner(start)

    def between(self, at: int) -> str:
        """What stands between a word and the next."""
        return self.text[self.words[at].end : self.words[at + 1].start]

    def stretch(self, first: int, last: int) -> str:
        """The text of some words."""
        return self.text[self.words[first].start : self.words[last - 1].end]

    def _is_inner(self, start: int) -> bool:
        before = self.text[:start].rstrip(" \"'“«[(`")
        return bool(before) and before[-1] not in ".?!:"

    def _within(self, start: int, end: int) -> tuple[int, int]:
        inside = [at for at, word in enumerate(self.words) if start <= word.start and word.end <= end]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


class Spans:
    """Finds and chooses the spans of a graph's names; `relations` are the stems of its relations' words."""

    def __init__(self, names: Names, relations: frozenset[str]) -> None:
        self._names, self._relations = names, relations
        self._known: dict[str, tuple[tuple[Key, int], ...]] = {}

    def read(self, text: str) -> Asked:
        """A question, its words with what they are in any number."""
        known, read = self._known, self._readings
        return Asked(text, [Word(w, start, end, known.get(w) or read(w)) for w, start, end in words(text)])

    def find(self, asked: Asked) -> list[Span]:
        """Every stretch that reads as a name without a slip."""
        readings = [word.readings for word in asked.words]
        plain = all(len(ways) == 1 for ways in readings)
        found = self._plain([ways[0][0] for ways in readings]) if plain else self._spans(readings)
        return [span for span in found if self._solid(asked, span)]

    def mend(self, asked: Asked, odd: Sequence[int]) -> list[Span]:
        """The stretches that read as a name if the odd words are taken for slips of the pen."""
        readings = [word.readings for word in asked.words]
        for at in odd:
            word = asked.words[at].folded
            readings[at] += tuple(self._names.near(word, (len(word) >= SLIP) + (len(word) >= SLIPS)))
        return [s for s in self._spans(readings) if s.edits and self._forgiven(asked, s) and self._solid(asked, s)]

    def choose(self, asked: Asked, spans: Sequence[Span]) -> list[Span]:
        """The spans to believe, none overlapping: marked ones first, then long ones, then faithful ones.

        What also is an ordinary way of asking ("it", the "lustre" of) needs a reason: a mark, a capital, or that the
        question has nothing else that could be a name.
        """
        idle = [span for span in spans if self._idle(asked, span)]
        chosen = self._apart(asked, [span for span in spans if span not in idle] if idle else spans)
        return chosen if chosen or not idle or self.odd(asked, idle) else self._apart(asked, idle)[-1:]

    def odd(self, asked: Asked, chosen: Sequence[Span]) -> list[int]:
        """The words that no chosen name explains and that most people would not know."""
        covered = set(chain.from_iterable(range(span.first, span.last) for span in chosen))
        return [at for at in range(len(asked.words)) if at not in covered and self.is_odd(asked, at)]

    def is_odd(self, asked: Asked, at: int) -> bool:
        """True if a word looks like a part of a name rather than of a question."""
        folded = asked.words[at].folded
        if len(folded) < SLIP or not folded.isalpha() or folded in COMMON:
            return False
        stem = spelling.stem(folded)
        return stem not in self._relations and (stem not in spelling.ordinary() or asked.capital(at))

    def _readings(self, word: str) -> tuple[tuple[Key, int], ...]:
        keys = {word_key(word): 0}
        if word not in COMMON:
            others = map(word_key, spelling.inflected(word))
            keys |= {other: 0 for other in others if other in self._names.vocabulary}
        found = tuple(keys.items())
        if len(self._known) < KEPT:
            self._known[word] = found
        return found

    def _plain(self, keys: Sequence[Key]) -> Iterator[Span]:
        """The spans of words that can be read in one way; the hot loop of linking."""
        first, reach = self._names.first, self._names.reach
        for start in range(len(keys)):
            key = ""
            for stop in range(start, min(start + LONGEST, len(keys))):
                word = keys[stop]
                key = extend(key, word) if key[-1:].isdigit() else key + word
                whole = joined(key) if "ae" in key or "oe" in key else key
                if whole in first:
                    yield Span(start, stop + 1, whole, 0)
                if len(whole) >= SURE and len(whole) > reach.get(whole[:PREFIX], 0):
                    break

    def _spans(self, readings: Sequence[tuple[tuple[Key, int], ...]]) -> Iterator[Span]:
        """The spans of words that can be read in several ways, each by the way that takes the fewest edits."""
        for start in range(len(readings)):
            ways: list[tuple[Key, int]] = [("", 0)]
            for stop in range(start, min(start + LONGEST, len(readings))):
                ways = [(extend(key, more), edits + e) for key, edits in ways for more, e in readings[stop]]
                ways = sorted((w for w in ways if not self._names.ends(joined(w[0]))), key=lambda w: w[1])[:READINGS]
                found = next(((whole, e) for key, e in ways if (whole := joined(key)) in self._names.first), None)
                if found:
                    yield Span(start, stop + 1, *found)
                if not ways:
                    break

    def _forgiven(self, asked: Asked, span: Span) -> bool:
        """True unless too short a word, alone, is taken for another."""
        if span.last - span.first > 1:
            return span.edits <= 2
        word = asked.words[span.first].folded
        return span.edits <= (len(word) >= ALONE[0]) + (len(word) >= ALONE[1]) and word[0] == span.key[0]

    def _solid(self, asked: Asked, span: Span) -> bool:
        """False if words that questions are made of had to be run together: "is land" is no island."""
        inside = asked.words[span.first : span.last]
        if len(inside) == 1 or COMMON.isdisjoint(word.folded for word in inside):
            return True
        return any(self._names.sizes[row] == len(inside) for row in self._names.rows(span.key))

    def _idle(self, asked: Asked, span: Span) -> bool:
        inside = range(span.first, span.last)
        if not all(asked.words[at].folded in COMMON for at in inside) and not self._asks(asked, span):
            return False
        marked = any(first <= span.first and span.last <= last for first, last in asked.hints)
        return not marked and not any(map(asked.capital, inside))

    def _asks(self, asked: Asked, span: Span) -> bool:
        """True if one word belongs to the question: what *lustre* has, the *lustre* of, its *lustre*; *fall* under."""
        if span.last - span.first > 1:
            return False
        stem = spelling.stem(asked.words[span.first].folded)
        if stem not in self._relations:
            rows = self._names.rows(span.key)
            return all(self._names.roles[row] == ARTICLELESS for row in rows) and stem in spelling.ordinary()
        before = asked.words[span.first - 1].folded if span.first else ""
        after = asked.words[span.last].folded if span.last < len(asked.words) else ""
        possessed = span.first > 0 and asked.between(span.first - 1)[:1] in ("'", "’")
        return before in _ASKING or after == "of" or possessed

    def _apart(self, asked: Asked, spans: Sequence[Span]) -> list[Span]:
        """The best spans that do not overlap, in their order; none crosses the border of a mark."""
        if asked.hints:
            spans = [span for span in spans if not any(_crosses(span, hint) for hint in asked.hints)]
        if all(a.last <= b.first for a, b in pairwise(spans)):
            return list(spans)
        taken: set[int] = set()
        chosen = []
        for span in sorted(spans, key=lambda span: self._rank(asked, span)):
            if taken.isdisjoint(range(span.first, span.last)):
                taken.update(range(span.first, span.last))
                chosen.append(span)
        return sorted(chosen)

    def _rank(self, asked: Asked, span: Span) -> tuple[bool | int, ...]:
        """Best first. A lower-case "by" or "the" before capitals does not begin a name if another can be had."""
        text = asked.stretch(span.first, span.last)
        exact = any(self._names.text(row) == text for row in self._names.rows(span.key)[:FEW])
        word = asked.words[span.first].folded
        capitals = asked.cased and text[0].islower() and any(map(asked.capital, range(span.first, span.last)))
        asking = word in COMMON or spelling.stem(word) in self._relations
        marked = (span.first, span.last) in asked.hints
        return not marked, capitals and asking and not exact, span.first - span.last, span.edits, not exact, span.first


def _crosses(span: Span, hint: tuple[int, int]) -> bool:
    first, last = hint
    return span.first < last and first < span.last and not (first <= span.first and span.last <= last)
