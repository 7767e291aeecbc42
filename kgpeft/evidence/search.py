"""The evidence search, for training, evaluation and answering: from a question to the statements that may answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.evidence.candidates import Asked, candidates, longest
from kgpeft.evidence.linking import Encode, Linker, Mention
from kgpeft.evidence.scorer import Scorer
from kgpeft.evidence.selection import Ranking, select
from kgpeft.evidence.statements import Statement
from kgpeft.evidence.steps import Steps

if TYPE_CHECKING:
    from kgpeft.embed import Embeddings
    from kgpeft.graph import KnowledgeGraph

PLACES = 16  # statements that a question may read; readers are trained with as many
STEPS = 1  # of a path that is read: readers were not taught to join two, and took a neighbour's value for the thing's
# probability that the graph does not say from which a question is refused unread: on generated graphs, relations and
# phrasings that the scorer never saw, 1 % of the answerable questions lie above it and 70 % of the unanswerable
ABSENT = 0.9


@dataclass(frozen=True)
class Evidence:
    """What the graph offers for a question."""

    question: str  # with every unambiguous mention under its preferred name
    mentions: tuple[Mention, ...]
    statements: tuple[Statement, ...]  # best first
    scores: tuple[float, ...]  # probability of each statement's path
    absent: float = 0.0  # probability that the graph does not say; 1 where nothing is named


class Search:
    """Links a question's names and ranks the paths of one and two steps from what they name."""

    def __init__(self, graph: KnowledgeGraph, encode: Encode, embeddings: Embeddings | None = None) -> None:
        """Vectors of names are taken from the graph's embeddings where there are any."""
        self.graph, self.encode = graph, encode
        self.linker = Linker(graph)
        self.steps = Steps(graph, encode, embeddings)
        self.scorer = Scorer(self.steps, encode)

    def __call__(self, question: str, places: int = PLACES) -> Evidence:
        """The evidence for one question."""
        return self.many([question], places)[0]

    def many(self, questions: Sequence[str], places: int = PLACES) -> list[Evidence]:
        """The evidence for several questions, encoded together."""
        linked = [self.linker.link(q) for q in questions]
        return [
            self._evidence(question, tuple(mentions), ranking, places)
            for question, mentions, ranking in zip(questions, linked, self.rank(questions, linked), strict=True)
        ]

    def rank(self, questions: Sequence[str], linked: Sequence[Sequence[Mention]]) -> list[Ranking | None]:
        """The candidates of each question with their probabilities; None where nothing is named."""
        asked = [[Asked.about(q, m) for m in mentions] for q, mentions in zip(questions, linked, strict=True)]
        texts = [a.rest for row in asked for a in row]
        vectors = iter(self.encode(texts) if texts else ())
        return [self._ranking(row, np.array([next(vectors) for _ in row])) if row else None for row in asked]

    def _ranking(self, asked: Sequence[Asked], vectors: np.ndarray) -> Ranking:
        found = candidates(self.steps, asked, vectors)
        probability, none = self.scorer(found, asked, vectors, longest(asked))
        return Ranking(found, probability, none)

    def _evidence(self, question: str, mentions: tuple[Mention, ...], ranking: Ranking | None, places: int) -> Evidence:
        if ranking is None:
            return Evidence(question, mentions, (), (), 1.0)
        chosen = select(self.steps, ranking, places, STEPS)
        statements, scores = tuple(s for s, _ in chosen), tuple(p for _, p in chosen)
        return Evidence(self._named(question, mentions), mentions, statements, scores, ranking.absent)

    def _named(self, question: str, mentions: Sequence[Mention]) -> str:
        """The question with mentions under the names that the statements use."""
        for m in sorted(mentions, key=lambda m: -m.start):
            if len(m.entities) == 1:
                question = question[: m.start] + self.graph.names[m.entities[0]] + question[m.end :]
        return question
