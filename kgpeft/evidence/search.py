"""The evidence search, for training, evaluation and answering: from a question to the statements that may answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.evidence.linking import Linker, Mention
from kgpeft.evidence.statements import DEFINITION, Statement, statements
from kgpeft.evidence.words import words

if TYPE_CHECKING:
    from kgpeft.embed import Embeddings
    from kgpeft.graph import KnowledgeGraph

PLACES = 16  # statements that a question may read; readers are trained with as many
MARGIN = 0.4  # statements scored this far below the best are not read: on generated graphs 1 % of the answers lie there
CANDIDATES = 400  # statements of one mention that are scored
VALUE_WEIGHT = 0.4  # how much the values' meaning counts beside the relation's
WORD_WEIGHT = 0.3  # how much shared words count beside shared meaning
# `absent` above which a question is refused unread: on generated graphs and phrasings far from the labels 2 % of the
# answerable questions lie above it and 28 % of the unanswerable (pipelines/benchmarks/absence.py)
ABSENT = 0.25
SPOKEN = {DEFINITION: "definition, what is it"}  # how the relations that labels give are asked for

Encode = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """What the graph offers for a question."""

    question: str  # with every unambiguous mention under its preferred name
    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]  # best first
    scores: tuple[float, ...]
    lacking: float = -1.0  # score of the best relation of the graph that none of the statements has

    @property
    def absent(self) -> float:
        """How much it looks as if the graph did not say: how far a missing relation fits better than those there are.

        Positive where the question fits a relation that the named thing lacks; 1 where nothing is named.
        """
        return float(self.lacking - max(self.scores)) if self.scores else 1.0


class Search:
    """Links a question's names and ranks the statements of what they name."""

    def __init__(self, graph: KnowledgeGraph, embeddings: Embeddings, encode: Encode) -> None:
        self.graph, self.encode = graph, encode
        self.linker = Linker(graph)
        text = embeddings.columns("text")
        self._entity, self._relation = embeddings.entity[:, text], embeddings.relation[:, text]
        self._words = [frozenset(w for w, _, _ in words(name)) for name in graph.relation_names]
        self._spoken: dict[str, np.ndarray] = {}

    def __call__(self, question: str, places: int = PLACES) -> Evidence:
        """The evidence for one question."""
        return self.many([question], places)[0]

    def many(self, questions: Sequence[str], places: int = PLACES) -> list[Evidence]:
        """The evidence for several questions, encoded together."""
        linked = [self.linker.link(q) for q in questions]
        asked = [[_Asked(question, m) for m in mentions] for question, mentions in zip(questions, linked, strict=True)]
        vectors = iter(self.encode([a.rest for row in asked for a in row])) if any(asked) else iter(())
        return [
            self._rank(question, tuple(mentions), [(a, next(vectors)) for a in row], places)
            for question, mentions, row in zip(questions, linked, asked, strict=True)
        ]

    def _rank(
        self, question: str, mentions: tuple[Mention, ...], asked: list[tuple[_Asked, np.ndarray]], places: int
    ) -> Evidence:
        scored: dict[Statement, float] = {}
        for about, vector in asked:
            for node in about.mention.entities:
                for s in statements(self.graph, node)[:CANDIDATES]:
                    scored[s] = max(scored.get(s, -1.0), self._score(s, vector, about.words))
        least = max(scored.values(), default=0.0) - MARGIN
        best = sorted((s for s in scored if scored[s] >= least), key=lambda s: (-scored[s], s.text))[:places]
        there = {s.relation_id for s in scored}
        lacking = max((self._lacking(there, vector, about.words) for about, vector in asked), default=-1.0)
        return Evidence(
            self._named(question, mentions), mentions, tuple(best), tuple(scored[s] for s in best), lacking
        )

    def _score(self, statement: Statement, question: np.ndarray, asked: frozenset[str]) -> float:
        said = frozenset(w for w, _, _ in words(statement.relation))
        return float(question @ self._vector(statement)) + WORD_WEIGHT * _shared(said, asked)

    def _lacking(self, there: set[int], question: np.ndarray, asked: frozenset[str]) -> float:
        """The score of the best relation of the graph that is not among those there are."""
        meaning = self._relation @ question
        scores = [
            float(meaning[r]) + WORD_WEIGHT * _shared(said, asked)
            for r, said in enumerate(self._words) if r not in there
        ]
        return max(scores, default=-1.0)

    def _vector(self, statement: Statement) -> np.ndarray:
        if statement.relation_id < 0:
            return self._label_vector(statement.relation)
        mean = self._entity[list(statement.value_ids[:8])].mean(0)
        vector = self._relation[statement.relation_id] + VALUE_WEIGHT * mean
        unit: np.ndarray = vector / max(float(np.linalg.norm(vector)), 1e-9)
        return unit

    def _label_vector(self, relation: str) -> np.ndarray:
        if relation not in self._spoken:
            self._spoken[relation] = self.encode([SPOKEN.get(relation, relation)])[0]
        return self._spoken[relation]

    def _named(self, question: str, mentions: Sequence[Mention]) -> str:
        """The question with mentions under the names that the statements use."""
        for m in sorted(mentions, key=lambda m: -m.start):
            if len(m.entities) == 1:
                question = question[: m.start] + self.graph.names[m.entities[0]] + question[m.end :]
        return question


class _Asked:
    """A question as it asks about one of its mentions."""

    def __init__(self, question: str, mention: Mention) -> None:
        self.mention = mention
        self.rest = f"{question[: mention.start]}it{question[mention.end :]}"
        self.words = frozenset(w for w, _, _ in words(self.rest))


def _shared(said: frozenset[str], asked: frozenset[str]) -> float:
    return len(said & asked) / len(said) if said else 0.0
