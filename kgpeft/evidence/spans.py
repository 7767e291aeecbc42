"""Stretches of a question that read as names, and which of them to believe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kgpeft.evidence.asked import SLIP, Asked, Readings
from kgpeft.evidence.names import ARTICLELESS, LONGEST, PREFIX, SURE, Key, Names, extend, joined

FEW = 8  # names of one key that are compared letter by letter
WAYS = 16  # ways of reading a stretch that are followed at once
SLIPS = 8  # letters of a word from which two slips are forgiven
ALONE = 6, 10  # letters of a word that is the whole name, from which one slip and two are
_ASKING = frozenset("what which whose who how".split())  # before a relation's word
_JOINTS = re.compile(r"[ao]e|\d")  # where keys of words do not simply make up the key of a name


class Span(NamedTuple):
    """The words first:last, which read as a name."""

    first: int
    last: int
    key: Key
    edits: int


class Spans:
    """Finds and chooses the spans of a graph's names."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def find(self, asked: Asked) -> list[Span]:
        """Every stretch that reads as a name without a slip; at most one word of it is in another number."""
        keys = [word.readings[0][0] for word in asked.words]
        found = self._plain(keys)
        for at, word in enumerate(asked.words):
            for other, _ in word.readings[1:]:
                changed = self._plain([*keys[:at], other, *keys[at + 1 :]])
                found += [span for span in changed if span.first <= at < span.last]
        return [span for span in found if span.last - span.first == 1 or self._solid(asked, span)]

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
        """The words that no chosen name explains and that look like a part of one."""
        found = [at for at, word in enumerate(asked.words) if word.nameable and (word.rare or asked.capitals[at])]
        return [at for at in found if not any(span.first <= at < span.last for span in chosen)]

    def _plain(self, keys: Sequence[Key]) -> list[Span]:
        """The spans of words that can be read in one way; the hot loop of linking."""
        first, reach, found = self._names.first, self._names.reach.get, []
        joints = _JOINTS.search("".join(keys)) is not None
        for start in range(len(keys)):
            key = ""
            for stop in range(start, min(start + LONGEST, len(keys))):
                key = extend(key, keys[stop]) if joints else key + keys[stop]
                whole = joined(key) if joints else key
                size = len(whole)
                if size >= SURE and size > reach(whole[:PREFIX], 0):
                    break
                if whole in first:
                    found.append(Span(start, stop + 1, whole, 0))
        return found

    def _spans(self, readings: Sequence[Readings]) -> Iterator[Span]:
        """The spans of words that can be read in several ways, each by the way that takes the fewest edits."""
        for start in range(len(readings)):
            ways: list[tuple[Key, int]] = [("", 0)]
            for stop in range(start, min(start + LONGEST, len(readings))):
                ways = [(extend(key, more), edits + e) for key, edits in ways for more, e in readings[stop]]
                ways = [way for way in ways if not self._names.ends(joined(way[0]))]
                if len(ways) > 1:
                    ways = sorted(ways, key=lambda way: way[1])[:WAYS]
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
        if not any(word.common for word in inside):
            return True
        return any(self._names.sizes[row] == len(inside) for row in self._names.rows(span.key))

    def _idle(self, asked: Asked, span: Span) -> bool:
        word = asked.words[span.first]
        if span.last - span.first > 1:
            if not (word.common or word.relation):
                return False
            if not all(w.common for w in asked.words[span.first : span.last]) and not self._asks(asked, span):
                return False
        elif not word.common and ((word.rare and not word.relation) or not self._asks(asked, span)):
            return False
        if any(asked.capitals[span.first : span.last]):
            return False
        return not any(first <= span.first and span.last <= last for first, last in asked.hints)

    def _asks(self, asked: Asked, span: Span) -> bool:
        """True if words belong to the question: what *lustre* has, the *lustre* of, its *lustre*; *fall* under."""
        at, inside = span.first, asked.words[span.first : span.last]
        if not all(word.relation or word.common for word in inside):
            rows = self._names.rows(span.key)
            return len(inside) == 1 and not inside[0].rare and all(self._names.roles[r] == ARTICLELESS for r in rows)
        if at and (asked.words[at - 1].folded in _ASKING or asked.between(at - 1)[:1] in ("'", "’")):
            return True
        return span.last < len(asked.words) and asked.words[span.last].folded == "of"

    def _apart(self, asked: Asked, spans: Sequence[Span]) -> list[Span]:
        """The best spans that do not overlap, in their order; none crosses the border of a mark."""
        if asked.hints:
            spans = [span for span in spans if not any(_crosses(span, hint) for hint in asked.hints)]
        if len(spans) < 2 or all(a.last <= b.first for a, b in pairwise(spans)):
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
        size, word, exact = span.last - span.first, asked.words[span.first], False
        if size > 1:
            text = asked.stretch(span.first, span.last)
            exact = any(self._names.text(row) == text for row in self._names.rows(span.key)[:FEW])
        begins = exact or size == 1 or not (word.common or word.relation) or asked.capitals[span.first]
        misplaced = not begins and any(asked.capitals[span.first : span.last])
        return (span.first, span.last) not in asked.hints, misplaced, -size, span.edits, not exact, span.first


def _crosses(span: Span, hint: tuple[int, int]) -> bool:
    first, last = hint
    return span.first < last and first < span.last and not (first <= span.first and span.last <= last)
