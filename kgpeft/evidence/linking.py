"""Entity linking: which nodes of the graph a question names, how sure that is, and what else it may mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kgpeft.evidence.asked import Asked, Reader
from kgpeft.evidence.context import Context
from kgpeft.evidence.names import ARTICLELESS, LABEL, NEAR, SHORT, SYNONYM, UNBRACKETED, Names
from kgpeft.evidence.spans import Span, Spans
from kgpeft.evidence.words import words

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph

HOW = ("exact", "folded", "inflected", "synonym", "abbreviation", "typo", "embedding")
# worth of a name, by what it is of its node
WORTH = {LABEL: 1.0, SYNONYM: 0.9, SHORT: 0.85, UNBRACKETED: 0.85, ARTICLELESS: 0.85, NEAR: 0.75}
FOUND = dict.fromkeys((SHORT, UNBRACKETED, ARTICLELESS), "abbreviation") | {
    LABEL: "exact", SYNONYM: "synonym", NEAR: "synonym",
}
FOLDED, INFLECTED, TYPO, INITIALS = 0.9, 0.8, 0.7, 0.6  # what each liberty taken with a name leaves of its worth
UNCASED = 0.97  # the same for another case, where the question's case tells nothing
TIE = 0.05  # nodes scored this close to the best are meant as well
PARTIAL = 0.5  # worth of a mention that looks like a part of a longer name which the graph does not have
MOST = 64  # nodes of one name that are looked at
FEW = 8  # nodes that initials may stand for; more mean nothing
ALIKE = 0.75  # cosine from which a stretch of the question names a node by its meaning
_NUMERAL = re.compile(r"\d[\d.]*[a-z]?|[ivx]+|[b-z]")  # what tells one of a series from the others

Encode = Callable[[Sequence[str]], np.ndarray]


class Candidate(NamedTuple):
    """A node that a stretch of the question may mean, by one of its names."""

    entity: int
    name: str  # as the graph writes it
    how: str  # one of HOW
    score: float  # 1: its label, letter by letter; context adds to it, every liberty takes away
    text: str  # the stretch


class Mention(NamedTuple):
    """A stretch of the question, [start, end) in characters, and the nodes that it means, best first.

    `entities` are those that context could not tell apart. `partial` is set where the name looks like a part of a
    longer one that the graph does not have: "solven carcinoma" is no carcinoma that the graph knows.
    """

    start: int
    end: int
    text: str
    entities: tuple[int, ...]
    how: str = "exact"
    score: float = 1.0
    partial: str = ""
    choice: _Choice | None = None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All that it may mean, best first; names within it come last."""
        return self.choice.told() if self.choice else ()


class _Choice(NamedTuple):
    """What a mention was chosen from: enough to tell its candidates, which few ask for."""

    linker: Linker
    asked: Asked
    span: Span
    spans: Sequence[Span]
    candidates: Sequence[Candidate]

    def told(self) -> tuple[Candidate, ...]:
        """The candidates of the mention, then, if it has several words, those of the names that it hides."""
        if self.span.last - self.span.first == 1:
            return tuple(self.candidates)
        hidden = self.linker.inside(self.asked, self.span, self.spans, {c.entity for c in self.candidates})
        return (*self.candidates, *hidden)


class Linker:
    """Finds a graph's names in text: whole words, the longest name first, the most faithful reading first.

    Names are labels, synonyms and their short forms; case, Greek letters, accents, number, spelling, joints and small
    slips do not matter. `encode` and `vectors` (float32 [N, D], unit rows of the same space) let a question that names
    nothing by its letters name something by its meaning.
    """

    def __init__(self, graph: KnowledgeGraph, encode: Encode | None = None, vectors: np.ndarray | None = None) -> None:
        self.names, self.context = Names(graph), Context(graph)
        self._read, self._spans = Reader(self.names, self.context.asked_for), Spans(self.names)
        self._graph, self._encode, self._vectors = graph, encode, vectors

    def link(self, text: str) -> list[Mention]:
        """The mentions of a text, in its order, none overlapping; a longer name wins over the names inside it."""
        asked = self._read(text)
        spans = self._spans.find(asked)
        chosen = self._spans.choose(asked, spans)
        if odd := self._spans.odd(asked, chosen):
            spans += self._spans.mend(asked, odd)
            chosen = self._spans.choose(asked, spans)
        found = [(span, self._candidates(asked, span)) for span in chosen]
        if asked.cased and (short := self._abbreviated(asked, chosen)):
            found = sorted([*found, *short])
        return self._mentions(asked, found, spans) if found else self._meant(asked)

    def _candidates(self, asked: Asked, span: Span) -> list[Candidate]:
        """The nodes of a span by their names, one each."""
        rows = self.names.rows(span.key)
        if len(rows) == 1:
            return [self._candidate(asked, span, rows[0])]
        best: dict[int, Candidate] = {}
        for row in rows[:MOST]:
            found = self._candidate(asked, span, row)
            if found.entity not in best or best[found.entity].score < found.score:
                best[found.entity] = found
        longest = max([len(c.text) for c in best.values()])  # "Up!" is not "Up", if the graph has both
        return [c if len(c.text) == longest else _scored(c, c.score * FOLDED) for c in best.values()]

    def _candidate(self, asked: Asked, span: Span, row: int) -> Candidate:
        name, role, node = self.names.text(row), self.names.roles[row], self.names.nodes[row]
        text, worth, how = asked.stretch(span.first, span.last), WORTH[role], FOUND[role]
        if span.edits:
            return Candidate(node, name, "typo", worth * TYPO**span.edits, text)
        if name == text or (how == "abbreviation" and text in name):
            return Candidate(node, name, how, worth, text)
        spelt = words(name)
        at = asked.starts[span.first] - (spelt[0][1] if spelt else 0)
        if asked.text.startswith(name, at) and at + len(name) >= asked.ends[span.last - 1]:
            return Candidate(node, name, how, worth, name)
        said = [word.folded for word in asked.words[span.first : span.last]]
        if how == "abbreviation" or [word for word, _, _ in spelt] == said:
            other_case = FOLDED if asked.cased else UNCASED
            return Candidate(node, name, "folded" if how == "exact" else how, worth * other_case, text)
        return Candidate(node, name, "inflected" if how == "exact" else how, worth * INFLECTED, text)

    def _abbreviated(self, asked: Asked, chosen: Sequence[Span]) -> list[tuple[Span, list[Candidate]]]:
        """Words in capitals that are the initials of few names."""
        found = []
        for at in [at for at, word in enumerate(asked.words) if word.initials and not _covered(at, chosen)]:
            text = asked.stretch(at, at + 1)
            rows = self.names.initials(text.rstrip("s").lower())
            nodes = {self.names.nodes[row]: row for row in reversed(rows)}
            if 0 < len(nodes) <= (FEW if len(text) > 2 else 1):
                candidates = [
                    Candidate(node, self.names.text(row), "abbreviation", INITIALS * WORTH[self.names.roles[row]], text)
                    for node, row in nodes.items()
                ]
                found.append((Span(at, at + 1, text, 0), candidates))
        return found

    def _meant(self, asked: Asked) -> list[Mention]:
        """The one stretch of the question that is nearest to a node's vector, if it is near."""
        if self._encode is None or self._vectors is None:
            return []
        stretches = _content(asked)
        if not stretches:
            return []
        near = self._encode([asked.stretch(*s) for s in stretches]) @ self._vectors.T
        at, node = divmod(int(near.argmax()), near.shape[1])
        if near[at, node] < ALIKE:
            return []
        first, last = stretches[at]
        ranked = np.argsort(-near[at])[:FEW].tolist()
        text = asked.stretch(first, last)
        candidates = [
            Candidate(n, self._graph.names[n], "embedding", INITIALS * float(near[at, n]), text)
            for n in ranked if near[at, n] >= ALIKE
        ]
        return self._mentions(asked, [(Span(first, last, "", 0), candidates)], [])

    def _mentions(
        self, asked: Asked, found: Sequence[tuple[Span, list[Candidate]]], spans: Sequence[Span]
    ) -> list[Mention]:
        """The mentions, each with its nodes in the order that the others and the rest of the question suggest."""
        made, chosen = [], [span for span, _ in found]
        for at, (span, candidates) in enumerate(found):
            if len(candidates) > 1:
                others = [c.entity for i, (_, rest) in enumerate(found) if i != at for c in rest]
                candidates = self._ranked(asked, span, candidates, others)
            entity, _, how, score, text = candidates[0]
            least = score - TIE
            meant = (entity,) if len(candidates) == 1 else tuple([c.entity for c in candidates if c.score >= least])
            partial = self._partial(asked, span, chosen)
            score = min(1.0, score) * (PARTIAL if partial else 1.0)
            start = _start(asked, span, text)
            choice = _Choice(self, asked, span, spans, candidates)
            made.append(Mention(start, start + len(text), text, meant, how, score, partial, choice))
        return made

    def _ranked(
        self, asked: Asked, span: Span, candidates: list[Candidate], others: Sequence[int]
    ) -> list[Candidate]:
        rest = asked.words[: span.first] + asked.words[span.last :]
        said = frozenset([word.stem for word in rest if not word.common])
        scored = [_scored(c, c.score + self.context.score(c.entity, said, others)) for c in candidates]
        return sorted(scored, key=lambda c: (-c.score, c.entity))

    def inside(self, asked: Asked, span: Span, spans: Sequence[Span], known: set[int]) -> list[Candidate]:
        """What the names that a mention hides would have meant."""
        hidden = [s for s in spans if span.first <= s.first and s.last <= span.last and s != span]
        found = [c for s in hidden[:FEW] for c in self._candidates(asked, s) if c.entity not in known]
        return sorted(found, key=lambda c: (-len(c.text), -c.score, c.entity))[:FEW]

    def _partial(self, asked: Asked, span: Span, chosen: Sequence[Span]) -> str:
        """The longer stretch that a mention seems to be a part of, or nothing."""
        for first, last in asked.hints:
            if first <= span.first and span.last <= last and (first, last) != (span.first, span.last):
                return asked.stretch(first, last)
        first, last = span.first, span.last
        if first and not asked.words[first - 1].common:
            first = self._front(asked, span, chosen)
        if last < len(asked.words) and not asked.words[last].common and _follows(asked, last):
            last += not _covered(last, chosen)
        return asked.stretch(first, last) if (first, last) != (span.first, span.last) else ""

    def _front(self, asked: Asked, span: Span, chosen: Sequence[Span]) -> int:
        """Where the odd words before a name begin."""
        first, at = span.first, span.first - 1
        while at >= 0 and asked.between(at) in (" ", "-") and not _covered(at, chosen):
            word = asked.words[at]
            if word.common or word.relation or asked.capitals[at] < asked.capitals[span.first]:
                break  # before a proper name, only what has a capital too can belong to it
            if asked.odd(at):
                first = at
            at -= 1
        return first


def _scored(candidate: Candidate, score: float) -> Candidate:
    """The candidate with another score."""
    entity, name, how, _, text = candidate
    return Candidate(entity, name, how, score, text)


def _covered(at: int, spans: Sequence[Span]) -> bool:
    return any(span.first <= at < span.last for span in spans)


def _start(asked: Asked, span: Span, text: str) -> int:
    """Where a name begins whose words are those of a span; marks may stand before and after them."""
    start = asked.starts[span.first]
    return start if asked.text.startswith(text, start) else start - words(text)[0][1]


def _follows(asked: Asked, at: int) -> bool:
    """True if a word numbers the one before it, or goes on with its capitals."""
    if asked.between(at - 1) not in (" ", "-"):
        return False
    text = asked.stretch(at, at + 1)
    return bool(_NUMERAL.fullmatch(text.lower())) or (asked.capitals[at] and asked.capitals[at - 1])


def _content(asked: Asked) -> list[tuple[int, int]]:
    """Stretches of words that questions are not made of."""
    found: list[tuple[int, int]] = []
    for at, word in enumerate(asked.words):
        if word.common:
            continue
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found
