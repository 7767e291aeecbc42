"""Stretches of a question that read as names, and which of them to believe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kgpeft.evidence.asked import SLIP, Asked
from kgpeft.evidence.names import ARTICLELESS, LONGEST, PREFIX, Key, Names, extend, joined

FEW = 8  # names of one key that are compared letter by letter
WAYS = 16  # ways of reading a stretch that are followed at once
SLIPS = 8  # letters of a word from which two slips are forgiven
ALONE = 6, 10  # letters of a word that is the whole name, from which one slip and two are
_ASKING = frozenset("what which whose who how".split())  # before a relation's word
_MEETING = "e0123456789"  # with which a word's key may begin that does not simply follow another's

Readings = tuple[tuple[Key, int], ...]  # keys of the words that a word may be, each with the edits that it takes


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
        words = asked.words
        keys, reach = [word.key for word in words], [word.reach for word in words]
        found = self._plain(keys, reach)
        for at in [at for at, word in enumerate(words) if word.others]:
            before, after = slice(at), slice(at + 1, None)
            for key in words[at].others:
                most = self._names.longest(key)
                changed = self._plain([*keys[before], key, *keys[after]], [*reach[before], most, *reach[after]])
                found += [span for span in changed if span.first <= at < span.last]
        return [span for span in found if span[1] - span[0] == 1 or self._solid(asked, span)]

    def mend(self, asked: Asked, odd: Sequence[int]) -> list[Span]:
        """The stretches that read as a name if the odd words are taken for slips of the pen."""
        readings = [tuple((key, 0) for key in (word.key, *word.others)) for word in asked.words]
        for at in odd:
            word = asked.words[at].folded
            readings[at] += tuple(self._names.near(word, (len(word) >= SLIP) + (len(word) >= SLIPS)))
        found = [span for start in range(len(readings)) for span in self._spans(readings, start)]
        return [s for s in found if s.edits and self._forgiven(asked, s) and self._solid(asked, s)]

    def choose(self, asked: Asked, spans: Sequence[Span]) -> list[Span]:
        """The spans to believe, none overlapping: marked ones first, then long ones, then faithful ones.

        What also is an ordinary way of asking ("it", the "lustre" of) needs a reason: a mark, a capital, or that the
        question has nothing else that could be a name.
        """
        words = asked.words
        idle = [span for span in spans if not words[span[0]].firm and self._idle(asked, span)]
        chosen = self._apart(asked, [span for span in spans if span not in idle] if idle else spans)
        return chosen if chosen or not idle or self.odd(asked, idle) else self._apart(asked, idle)[-1:]

    def odd(self, asked: Asked, chosen: Sequence[Span]) -> list[int]:
        """The words that no chosen name explains and that look like a part of one."""
        capitals = asked.capitals
        explained = {at for span in chosen for at in range(span[0], span[1])}
        return [
            at for at, word in enumerate(asked.words)
            if word.nameable and (word.rare or capitals[at]) and at not in explained
        ]  # fmt: skip

    def _plain(self, keys: Sequence[Key], reach: Sequence[int]) -> list[Span]:
        """The spans of words that can be read in one way, told how far each word may reach; the hot loop of linking."""
        if _uneven(keys):
            readings = [((key, 0),) for key in keys]
            return [span for start in range(len(keys)) for span in self._spans(readings, start)]
        first, longest, found = self._names.first, self._names.reach.get, []
        for start, most in enumerate(reach):
            if not most:
                continue
            key = keys[start]
            if key in first:
                found.append(Span(start, start + 1, key, 0))
            size = len(key)
            for stop, more in enumerate(keys[start + 1 : start + LONGEST], start + 2):
                key += more
                if size < PREFIX:
                    most = longest(key[:PREFIX], 0)
                size = len(key)
                if size > most:
                    break
                if key in first:
                    found.append(Span(start, stop, key, 0))
        return found

    def _spans(self, readings: Sequence[Readings], start: int) -> Iterator[Span]:
        """The spans from a word on that can be read in several ways, each by the way that takes the fewest edits."""
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
        first, last, key, _ = span
        for word in asked.words[first:last]:
            if word.common:
                return any(self._names.sizes[row] == last - first for row in self._names.rows(key))
        return True

    def _idle(self, asked: Asked, span: Span) -> bool:
        """True if a span that does not begin with a firm word is an ordinary way of asking, and no more."""
        first, last, _, _ = span
        word = asked.words[first]
        if last - first > 1:
            if not (word.common or word.relation):
                return False
            if not all(w.common for w in asked.words[first:last]) and not self._asks(asked, span):
                return False
        elif not word.common and not self._asks(asked, span):
            return False
        if True in asked.capitals[first:last]:
            return False
        return not any([begin <= first and last <= end for begin, end in asked.hints])

    def _asks(self, asked: Asked, span: Span) -> bool:
        """True if words belong to the question: what *lustre* has, the *lustre* of, its *lustre*; *fall* under."""
        first, last, key, _ = span
        inside = asked.words[first:last]
        for word in inside:
            if not (word.relation or word.common):
                rows, roles = self._names.rows(key), self._names.roles
                return len(inside) == 1 and not word.rare and all(roles[row] == ARTICLELESS for row in rows)
        if first and (asked.words[first - 1].folded in _ASKING or asked.between(first - 1)[:1] in ("'", "’")):
            return True
        return last < len(asked.words) and asked.words[last].folded == "of"

    def _apart(self, asked: Asked, spans: Sequence[Span]) -> list[Span]:
        """The best spans that do not overlap, in their order; none crosses the border of a mark."""
        for first, last in asked.hints:
            spans = [s for s in spans if s[1] <= first or last <= s[0] or (first <= s[0] and s[1] <= last)]
        for first, last in asked.hints.intersection([span[:2] for span in spans]):
            spans = [s for s in spans if s[1] <= first or last <= s[0] or s[:2] == (first, last)]
        if len(spans) < 2 or all(a[1] <= b[0] for a, b in pairwise(spans)):
            return list(spans)
        sizes = [last - first for first, last, _, _ in spans if last - first > 1]
        ties = len(set(sizes)) < len(sizes)
        taken: set[int] = set()
        chosen = []
        for span in sorted(spans, key=lambda span: self._rank(asked, span, ties)):
            if taken.isdisjoint(range(span[0], span[1])):
                taken.update(range(span[0], span[1]))
                chosen.append(span)
        return sorted(chosen)

    def _rank(self, asked: Asked, span: Span, ties: bool) -> tuple[bool | int, ...]:
        """Best first. A lower-case "by" or "the" before capitals does not begin a name if another can be had.

        Names are compared letter by letter only where that decides: where there are others of as many words.
        """
        first, last, key, edits = span
        size, word, exact = last - first, asked.words[first], False
        begins = size == 1 or not (word.common or word.relation) or asked.capitals[first]
        if size > 1 and (ties or not begins):
            text = asked.stretch(first, last)
            exact = any(self._names.text(row) == text for row in self._names.rows(key)[:FEW])
        misplaced = not (begins or exact) and any(asked.capitals[first:last])
        return span[:2] not in asked.hints, misplaced, -size, edits, not exact, first


def _uneven(keys: Sequence[Key]) -> bool:
    """True if the key of several words is more than their keys in a row: digits or British digraphs meet."""
    text = " ".join(keys)
    if "ae" in text or "oe" in text:
        return True
    return any([_meet(key[-1:], more[:1]) for key, more in pairwise(keys) if more[:1] in _MEETING])


def _meet(end: str, begin: str) -> bool:
    return end in ("a", "o") if begin == "e" else begin.isdigit() and end.isdigit()
