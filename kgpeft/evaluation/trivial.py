"""Baselines that know nothing: what they reach, a question gives away by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.dataset.questions import Question
from kgpeft.evaluation.outputs import Answerer, Output

if TYPE_CHECKING:
    from kgpeft.evaluation.bench import Bench


def refusing(_: Bench) -> Answerer:
    """Never answers."""
    return _saying(lambda question: "")


def majority(bench: Bench) -> Answerer:
    """The relation's most frequent object; the relation is told by the question file."""
    graph = bench.graph
    relations = {iri: i for i, iri in enumerate(graph.relations)}
    counts: dict[int, Counter[int]] = {}
    for _, r, o in graph.edges.tolist():
        counts.setdefault(r, Counter())[o] += 1
    best = {r: graph.names[max(c, key=lambda o: (c[o], -o))] for r, c in counts.items()}
    return _saying(lambda question: best.get(relations.get(question.relation or "", -1), ""))


def head_word(bench: Bench) -> Answerer:
    """The longest name of the graph inside the subject's name, else the name's last word."""
    linker = bench.adapter.search.linker

    def inside(question: Question) -> str:
        mention = max(linker.link(question.question), key=lambda m: len(m.text), default=None)
        words = mention.text.split() if mention else []
        parts = [m.text for i in range(1, len(words)) for m in linker.link(" ".join(words[i:]))]
        return max(parts, key=len, default=words[-1] if words else "")

    return _saying(inside)


def nearest_label(bench: Bench) -> Answerer:
    """The entity whose name means most nearly what the question says, of those that it does not name."""
    embeddings, search = bench.parts.embeddings, bench.adapter.search
    vectors = embeddings.entity[:, embeddings.columns("text")]

    def answer(asked: Sequence[Question]) -> list[Output]:
        scores = search.encode([q.question for q in asked]) @ vectors.T
        for row, q in zip(scores, asked, strict=True):
            row[[node for m in search.linker.link(q.question) for node in m.entities]] = -np.inf
        return [_output(bench.graph.names[best]) for best in scores.argmax(1).tolist()]

    return answer


def _saying(say: Callable[[Question], str]) -> Answerer:
    return lambda asked: [_output(say(question)) for question in asked]


def _output(text: str) -> Output:
    return Output(text or REFUSAL, not text, 1.0, 0.0)
