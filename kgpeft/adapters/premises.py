"""Questions that name the value themselves, "is X a Y?" and "why is X a Y?": the graph decides them, not the reader.

A reader looks for a value to say, and would say the right one where a wrong one was taken for granted, or any where yes
or no is asked. So yes needs a statement, no an axiom that forbids it, and all else is refused with what the graph says
instead. Only English is understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from kgpeft.dataset.facts import content
from kgpeft.dataset.phrasing import TAXONOMIC, plain
from kgpeft.evidence.search import Evidence
from kgpeft.evidence.statements import Statement, stated
from kgpeft.evidence.words import words
from kgpeft.graph import KnowledgeGraph
from kgpeft.graph.contradictions import Axioms
from kgpeft.graph.vocabulary import SUBCLASS
from kgpeft.spelling import stem

ASKS = frozenset("is are was were does do did has have can".split())
PERSONS = frozenset("you i we one somebody anyone there".split())  # "do you know": no question of yes or no
ARTICLES = frozenset(("a", "an", "the"))
KINDS = frozenset(map(stem, "kind type sort class subclass instance example form broader term".split()))
Fact = tuple[int, int, int]


@dataclass(frozen=True)
class Settled:
    """What the graph says: yes, no or "" (neither); why; statements behind it or said instead; whom a no is about."""

    answer: str
    why: str
    behind: tuple[Statement, ...] = ()
    about: int = -1


class Premises:
    """Settles questions about one graph."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph
        self._words = [_stems(plain(name)) for name in graph.relation_names]
        self._classes = [plain(name) in TAXONOMIC for name in graph.relation_names]
        self._ends_with_of = [plain(name).endswith(" of") for name in graph.relation_names]

    @cached_property
    def axioms(self) -> Axioms:
        """What the graph forbids."""
        return Axioms(self.graph)

    def settle(self, asked: str, evidence: Evidence) -> Settled | None:
        """What the graph says of a question for yes or no, or for a reason; None of any other question."""
        first, second = ([word for word, _, _ in words(asked)] + ["", ""])[:2]
        named = [m.entities[0] for m in sorted(evidence.mentions) if m.entities]
        reason = first == "why" and len(set(named)) > 1
        if not reason and (first not in ASKS or second in PERSONS):
            return None
        pairs = [pair for pair in pairwise(named) if pair[0] != pair[1]]
        claims = list(dict.fromkeys(claim for pair in pairs for claim in self._claims(asked, evidence, pair)))
        facts = next((found for claim in claims if (found := self._facts(claim))), [])
        if facts and not reason:
            return Settled("yes", "the graph states it", tuple(map(self._said, facts)))
        for claim in () if reason else claims:
            if denied := self._denied(claim):
                return Settled("no", denied, about=claim[0])
        instead = [said for s, r, _ in claims if not facts and (said := self._statement(s, r))]
        why = "the graph gives no reasons" if facts else "the graph says neither that it is so nor that it is not"
        return Settled("", why, tuple(instead[:1]))

    def _claims(self, asked: str, evidence: Evidence, pair: tuple[int, int]) -> Iterator[Fact]:
        """What is asked of two things, by every relation whose name the question says whole.

        The first one is the subject; but in "the lustre of X" X is, unless the relation itself is "lustre of".
        """
        rest, turned = _rest(asked, evidence), _before(asked, evidence, pair[1]) == "of"
        for r, name in enumerate(self._words):
            if self._classes[r] if rest <= KINDS else name and name <= rest:
                one, other = pair[::-1] if turned and not self._classes[r] and not self._ends_with_of[r] else pair
                yield one, r, other

    def _facts(self, claim: Fact) -> list[Fact]:
        """The fact that a claim is, or the steps up to a class; nothing where the graph does not say so."""
        subject, relation, value = claim
        if self._classes[relation]:
            return self._way(subject, value)
        rows = self.graph.edges[self.graph.outgoing(subject)].tolist()
        return [claim] if [*claim] in rows else []

    def _denied(self, claim: Fact) -> str:
        subject, relation, value = claim
        iri = SUBCLASS if self._classes[relation] else self.graph.relations[relation]
        return self.axioms.broken(subject, iri, value)

    def _way(self, low: int, high: int) -> list[Fact]:
        """The steps from a thing up to a class; none where it is not below it."""
        came: dict[int, Fact | None] = {low: None}
        for node in (waiting := [low]):
            for edge in self.graph.outgoing(node).tolist():
                s, r, o = self.graph.edges[edge].tolist()
                if o in self.axioms.above.get(node, ()) and o not in came:
                    came[o] = (s, r, o)
                    waiting.append(o)
        steps: list[Fact] = []
        while (step := came.get(high)) is not None:
            steps.insert(0, step)
            high = step[0]
        return steps

    def _statement(self, node: int, relation: int) -> Statement | None:
        edges = [e for e in self.graph.outgoing(node).tolist() if self.graph.edges[e, 1] == relation]
        return stated(self.graph, node, edges, inverse=False) if edges else None

    def _said(self, fact: Fact) -> Statement:
        edges = [e for e in self.graph.outgoing(fact[0]).tolist() if tuple(self.graph.edges[e].tolist()) == fact]
        return stated(self.graph, fact[0], edges, inverse=False)


def _rest(asked: str, evidence: Evidence) -> set[str]:
    """The stems of what a question says beside names, without words that say little."""
    for m in sorted(evidence.mentions, key=lambda m: -m.start):
        asked = f"{asked[: m.start]} , {asked[m.end :]}"
    return _stems(asked)


def _before(asked: str, evidence: Evidence, node: int) -> str:
    """The word before the last mention of a thing, articles left out."""
    start = max(m.start for m in evidence.mentions if node in m.entities)
    return next((w for w, _, _ in reversed(words(asked[:start])) if w not in ARTICLES), "")


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content(text) if word not in ASKS | {"why", "as"}}
