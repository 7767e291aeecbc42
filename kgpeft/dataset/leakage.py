"""Does training give a test fact away? Every way that is known of, checked on the finished dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from kgpeft.dataset.closure import Closure
from kgpeft.dataset.questions import Question
from kgpeft.dataset.settings import UNTRAINED
from kgpeft.dataset.splits import told
from kgpeft.dataset.writer import Asked
from kgpeft.evidence.words import words
from kgpeft.graph import KnowledgeGraph

LONG = 13  # words in a row that are no chance (GPT-3, 2005.14165, appendix C)
REPHRASED = "unseen phrasing"  # the family whose wording must not be that of training


class Leak(NamedTuple):
    """One test question that training gives away: its id, how, and in words."""

    question: str
    kind: str  # trained, entailed, definition, question, triple, 13 words, entity, relation
    why: str

    def __str__(self) -> str:
        return f"{self.question}: {self.why}"


def leaks(
    graph: KnowledgeGraph, train: Iterable[Asked], test: Iterable[Asked], hidden: Iterable[int],
    veiled: Iterable[int] = (),
) -> list[Leak]:
    """Every leak of a dataset, in the order of its test questions.

    Training may see every edge that is not hidden and every definition that is not veiled, whether it has a question on
    it or not. A test question on an untrained fact (families "held-out fact", "entity-disjoint", "relation-disjoint",
    "added fact") leaks if its fact is trained on or follows from that, if a definition tells it, if training asks the
    same, or has 13 words in a row of it; one of "unseen phrasing" if training has the same question.
    """
    check = _Check(graph, list(train), frozenset(hidden), frozenset(veiled))
    asked = list(test)
    check.prepare([a for a in asked if a.question.family in UNTRAINED])
    return [leak for a in asked for leak in check.one(a)]


class _Check:
    """What training has, indexed for the questions on untrained facts."""

    def __init__(
        self, graph: KnowledgeGraph, train: list[Asked], hidden: frozenset[int], veiled: frozenset[int]
    ) -> None:
        self.graph, self.train, self.hidden, self.veiled = graph, train, hidden, veiled
        self.trained = {edge for a in train for edge in a.facts}
        self.texts = {_flat(a.question.question) for a in train}
        self.about = {a.question.subject for a in train}
        self.relations = {a.question.relation for a in train}
        self.named: set[str] = set()
        self.triples: set[tuple[str, str, str]] = set()
        for q in (a.question for a in train):
            self.triples.update(_triples(graph, q))
            self.named.update(_flat(aliases[0]) for aliases in q.answers)
        self.long: set[tuple[str, ...]] = set()

    def prepare(self, untrained: list[Asked]) -> None:
        """Works out what follows, and which definitions tell, for the questions on untrained facts."""
        visible = np.ones(len(self.graph.edges), bool)
        visible[sorted(self.hidden)] = False
        edges = sorted({edge for a in untrained for edge in a.facts})
        closure = Closure(self.graph, visible, self.graph.edges[edges, 1].tolist())
        self.entailed = {e for e in edges if closure.entails(*self.graph.edges[e].tolist())}
        shown = [label for label in self.graph.labels if label.role == "definition" and label.entity not in self.veiled]
        self.told = {edge: entity for entity, edge in told(self.graph, edges, (), shown) if edge >= 0}
        if any(len(_words(a)) >= LONG for a in untrained):
            self.long = {gram for a in self.train for gram in _grams(_words(a))}

    def one(self, asked: Asked) -> Iterator[Leak]:
        """The leaks of one test question."""
        q = asked.question
        if q.family == REPHRASED and _flat(q.question) in self.texts:
            yield Leak(q.id, "question", f"training asks the same: {q.question!r}")
        if q.family not in UNTRAINED:
            return
        for edge in asked.facts:
            yield from self._edge(q, edge)
        if _flat(q.question) in self.texts:
            yield Leak(q.id, "question", f"training asks the same: {q.question!r}")
        for triple in sorted(_triples(self.graph, q) & self.triples):
            yield Leak(q.id, "triple", f"training has {' — '.join(triple)} by the same names")
        if not self.long.isdisjoint(_grams(_words(asked))):
            yield Leak(q.id, "13 words", f"training has {LONG} words in a row of it")
        if q.family == "entity-disjoint" and (q.subject in self.about or _flat(self._name(q.subject)) in self.named):
            yield Leak(q.id, "entity", f"training asks about {self._name(q.subject)} or answers with it")
        if q.family == "relation-disjoint" and q.relation in self.relations:
            yield Leak(q.id, "relation", f"training asks for {self._name(q.relation)}")

    def _edge(self, q: Question, edge: int) -> Iterator[Leak]:
        said = self._say(edge)
        if edge in self.trained or edge not in self.hidden:
            yield Leak(q.id, "trained", f"{said} is trained on")
        elif edge in self.entailed:
            yield Leak(q.id, "entailed", f"{said} follows from what is trained on")
        if edge in self.told:
            yield Leak(q.id, "definition", f"the definition of {self.graph.names[self.told[edge]]} tells that {said}")

    def _say(self, edge: int) -> str:
        s, r, o = self.graph.edges[edge].tolist()
        return f"{self.graph.names[s]} — {self.graph.relation_names[r]} — {self.graph.names[o]}"

    def _name(self, iri: str | None) -> str:
        return self.graph.name_of(iri or "") or ""


def _flat(text: str) -> str:
    return " ".join(word for word, _, _ in words(text))


def _triples(graph: KnowledgeGraph, q: Question) -> set[tuple[str, str, str]]:
    """The facts that a question is for, by their names, either end first alike."""
    subject, relation = graph.name_of(q.subject or ""), graph.name_of(q.relation or "")
    if not (subject and relation):
        return set()
    one = _flat(subject)
    ends = ((min(one, other), max(one, other)) for other in (_flat(aliases[0]) for aliases in q.answers))
    return {(low, _flat(relation), high) for low, high in ends}


def _words(asked: Asked) -> list[str]:
    q = asked.question
    return [word for text in (q.question, *(a[0] for a in q.answers)) for word, _, _ in words(text)]


def _grams(said: list[str]) -> set[tuple[str, ...]]:
    return {tuple(said[i : i + LONG]) for i in range(len(said) - LONG + 1)}
