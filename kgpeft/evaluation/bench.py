"""What systems answer from: the parts of one adapter, its rivals, and facts retrieved in other ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kgpeft.dataset.questions import Question
from kgpeft.errors import UsageError
from kgpeft.evidence.statements import Statement, statements

if TYPE_CHECKING:
    from kgpeft.adapters.adapter import Adapter
    from kgpeft.adapters.folder import Parts
    from kgpeft.evidence.search import Evidence
    from kgpeft.graph import KnowledgeGraph

RETRIEVED = 5  # statements that BM25 and dense retrieval give: on minerals the selection gives 2, at most 16
BATCH = 128  # questions that ours reads together

Retriever = Callable[[str, int], Sequence[Statement]]


def no_rival(name: str) -> Path:
    """UsageError: without a dataset nothing can be trained."""
    raise UsageError(
        f"{name!r} is trained anew on a dataset, which an adapter has not",
        remedy="kgpeft run trains and measures it beside the others",
    )


@dataclass
class Bench:
    """What systems answer from; heavy parts are made when they are first asked for."""

    load: Callable[[], Parts]
    weights: Path
    rivals: Callable[[str], Path] = no_rival  # the folder with the weights of a rival
    batch: int = BATCH
    facts: Callable[[], Mapping[str, Sequence[int]]] = dict  # by question: the edges that support its answer
    edit: Callable[[KnowledgeGraph], KnowledgeGraph] | None = None  # what changes after training, if anything does
    _found: dict[str, Evidence] = field(default_factory=dict)
    _taught: dict[str, Adapter] = field(default_factory=dict)

    @cached_property
    def parts(self) -> Parts:
        """What the adapter is made of."""
        return self.load()

    @cached_property
    def edges(self) -> Mapping[str, Sequence[int]]:
        """By question, the edges that support its answer."""
        return self.facts()

    @property
    def graph(self) -> KnowledgeGraph:
        """The graph that is answered from."""
        return self.parts.graph

    @cached_property
    def adapter(self) -> Adapter:
        """Ours; with its LoRA switched off it is the base model."""
        from kgpeft.adapters.folder import assemble

        return assemble(self.parts, self.weights)

    def over(self, graph: KnowledgeGraph) -> Adapter:
        """Ours over another graph with the same nodes and relations."""
        from kgpeft.adapters.adapter import Adapter

        ours = self.adapter
        return Adapter(ours.memory, ours.tokenizer, graph, ours.embeddings, ours.search.encode)

    @cached_property
    def edited(self) -> Bench:
        """The same models, answering from the graph as it is after the edit; this bench where there is none."""
        return self if self.edit is None else _Edited(self, self.edit(self.graph))

    def rival(self, name: str) -> Adapter:
        """The adapter of a rival; the last one is kept."""
        from kgpeft.adapters.folder import assemble

        if name not in self._taught:
            self._taught = {name: assemble(self.parts, self.rivals(name))}
        return self._taught[name]

    def evidence(self, asked: Sequence[Question]) -> list[Evidence]:
        """What our search selects: the same for every system that reads it."""
        new = list(dict.fromkeys(q.question for q in asked if q.question not in self._found))
        self._found.update(zip(new, self.adapter.search.many(new), strict=True))
        return [self._found[q.question] for q in asked]

    def retrieved(self, how: str, asked: Sequence[Question]) -> list[tuple[str, ...]]:
        """Facts that a search over the text of all statements finds."""
        retrieve = self._bm25 if how == "bm25" else self._dense
        return [tuple(s.text for s in retrieve(q.question, RETRIEVED)) for q in asked]

    @cached_property
    def _bm25(self) -> Retriever:
        from kgpeft.evidence.baselines import Bm25

        return Bm25(self.graph)

    @cached_property
    def _dense(self) -> Retriever:
        from kgpeft.evidence.baselines import Dense

        return Dense(self.graph, self.adapter.search.encode)

    def supporting(self, asked: Sequence[Question]) -> list[tuple[str, ...]]:
        """The statements that hold the answer, as whoever knows it would choose them; none where there is none."""
        return [tuple(dict.fromkeys(s.text for s in self._supporting(q))) for q in asked]

    def _supporting(self, question: Question) -> list[Statement]:
        graph, golds = self.graph, {alias for aliases in question.answers for alias in aliases}
        edges = set(self.edges.get(question.id, ()))
        about = [self._nodes[iri] for iri in [question.subject or ""] if iri in self._nodes]
        about += [int(graph.edges[e, 0]) for e in sorted(edges)]
        every = [s for node in dict.fromkeys(about) for s in statements(graph, node)]
        return [s for s in every if edges & set(s.edges) or (not edges and self._answers(s, question, golds))]

    def _answers(self, s: Statement, question: Question, golds: set[str]) -> bool:
        relation = self.graph.relations[s.relation_id] if s.relation_id >= 0 else None
        return relation == question.relation and not golds.isdisjoint(s.values)

    @cached_property
    def _nodes(self) -> dict[str, int]:
        return {iri: node for node, iri in enumerate(self.graph.terms)}


class _Edited(Bench):
    """A bench over another graph that shares the models of the first; its facts have other numbers and are none."""

    def __init__(self, first: Bench, graph: KnowledgeGraph) -> None:
        super().__init__(lambda: replace(first.parts, graph=graph), first.weights, first.rivals, first.batch)
        self._first = first

    @cached_property
    def adapter(self) -> Adapter:
        """Ours over the edited graph."""
        return self._first.over(self.graph)

    def rival(self, name: str) -> Adapter:
        """That of the first."""
        return self._first.rival(name)
