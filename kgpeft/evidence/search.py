"""The evidence search, for training, evaluation and answering: from a question to the statements that may answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.evidence.linking import Linker, Mention, words
from kgpeft.evidence.statements import DEFINITION, Statement, statements

if TYPE_CHECKING:
    from kgpeft.embed import Embeddings
    from kgpeft.graph import KnowledgeGraph

PLACES = 12  # statements that a question may read
CANDIDATES = 400  # statements of one mention that are scored
VALUE_WEIGHT = 0.4  # how much the values' meaning counts beside the relation's
WORD_WEIGHT = 0.3  # how much shared words count beside shared meaning
SPOKEN = {DEFINITION: "definition, what is it"}  # how the relations that labels give are asked for

Encode = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """What the graph offers for a question."""

    question: str  # with every unambiguous mention under its preferred name
    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]  # best first
    scores: tuple[float, ...]

    @property
    def absent(self) -> float:
        """How much it looks as if the graph did not say, 0 to 1: one minus the best statement's score."""
        return float(np.clip(1.0 - max(self.scores, default=0.0), 0.0, 1.0))


class Search:
    """Links a question's names and ranks the statements of what they name."""

    def __init__(self, graph: KnowledgeGraph, embeddings: Embeddings, encode: Encode) -> None:
        self.graph, self.encode = graph, encode
        self.linker = Linker(graph)
        text = embeddings.columns("text")
        self._entity, self._relation = embeddings.entity[:, text], embeddings.relation[:, text]
        self._spoken: dict[str, np.ndarray] = {}

    def __call__(self, question: str, places: int = PLACES) -> Evidence:
        """The evidence for one question."""
        return self.many([question], places)[0]

    def many(self, questions: Sequence[str], places: int = PLACES) -> list[Evidence]:
        """The evidence for several questions, encoded together."""
        linked = [tuple(self.linker.link(q)) for q in questions]
        masked = [_without(q, mentions) for q, mentions in zip(questions, linked, strict=True)]
        vectors = self.encode(masked)
        return [
            self._rank(q, m, w, v, places) for q, m, w, v in zip(questions, linked, masked, vectors, strict=True)
        ]

    def _rank(self, question: str, mentions: tuple[Mention, ...], rest: str, v: np.ndarray, places: int) -> Evidence:
        scored: dict[Statement, float] = {}
        asked = {w for w, _, _ in words(rest)}
        for node in dict.fromkeys(e for m in mentions for e in m.entities):
            for statement in statements(self.graph, node)[:CANDIDATES]:
                scored[statement] = self._score(statement, v, asked)
        best = sorted(scored, key=lambda s: (-scored[s], s.text))[:places]
        return Evidence(self._named(question, mentions), mentions, tuple(best), tuple(scored[s] for s in best))

    def _score(self, statement: Statement, question: np.ndarray, asked: set[str]) -> float:
        said = {w for w, _, _ in words(statement.relation)}
        shared = len(said & asked) / len(said) if said else 0.0
        return float(question @ self._vector(statement)) + WORD_WEIGHT * shared

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


def _without(question: str, mentions: Sequence[Mention]) -> str:
    for m in sorted(mentions, key=lambda m: -m.start):
        question = question[: m.start] + "it" + question[m.end :]
    return question
