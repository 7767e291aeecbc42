"""Episodes from a graph's dataset: real questions over the evidence that the search finds, varied at every step."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.dataset.write import Dataset, say
from kgpeft.dataset.writer import Asked
from kgpeft.evidence.search import PLACES, Search
from kgpeft.evidence.statements import Statement
from kgpeft.training.collate import Episode

DROPPED = 0.15  # share of answerable questions whose fact is taken away: then the answer is a refusal
SWAPPED = 0.3  # share whose fact gets another value: what is read must win over what is remembered
TURNS = 3  # questions about one thing that share its evidence


class Episodes:
    """Endless training episodes of a dataset; hidden facts never appear in them."""

    def __init__(self, search: Search, dataset: Dataset, seed: int = 0) -> None:
        self.search, self.dataset, self.rng = search, dataset, random.Random(seed)
        self.names = search.graph.names
        self.about: dict[str, list[Asked]] = {}
        for asked in dataset.train:
            self.about.setdefault(asked.question.subject or asked.question.id, []).append(asked)
        relations = search.graph.edges[:, 1].tolist()
        self.apart = {frozenset(search.graph.edges[e, ::2].tolist()) for e in dataset.hidden}
        self.objects: dict[int, list[int]] = {}
        for edge, r in enumerate(relations):
            if edge not in dataset.hidden:
                self.objects.setdefault(r, []).append(int(search.graph.edges[edge, 2]))

    def __iter__(self) -> Iterator[Episode]:
        subjects = sorted(self.about)
        while subjects:
            yield self.episode(self.about[self.rng.choice(subjects)])

    def episode(self, questions: Sequence[Asked]) -> Episode:
        """A few questions about one thing, over what the search finds for them."""
        chosen = self.rng.sample(list(questions), min(TURNS, len(questions)))
        evidence = self.search.many([a.question.question for a in chosen])
        shown = {s for e in evidence for s in e.statements}
        kept = [s for s in (self.dataset.shown(s) for s in sorted(shown, key=lambda s: s.text)) if s]
        self.rng.shuffle(kept)
        statements = [self._varied(s) for s in kept[: PLACES + 2] if self.rng.random() > DROPPED]
        turns = [(e.question, self._answer(a, statements)) for a, e in zip(chosen, evidence, strict=True)]
        return Episode(tuple(statements), tuple(turns))

    def _varied(self, s: Statement) -> Statement:
        if s.inverse or s.relation_id < 0 or self.rng.random() > SWAPPED:
            return s
        ids = tuple(self.rng.choice(self.objects[s.relation_id]) for _ in s.value_ids)
        if any(frozenset((s.entity_id, i)) in self.apart for i in ids):  # chance must not tell a hidden fact
            return s
        return replace(s, values=tuple(self.names[i] for i in ids), value_ids=ids)

    def _answer(self, asked: Asked, statements: Sequence[Statement]) -> str:
        """What the shown statements say to a question: the answer stands in them, or it is a refusal."""
        facts = set(asked.facts)
        for s in statements:
            if facts and facts & set(s.edges) and s.inverse == (asked.question.family == "reverse"):
                return s.answer
            if not facts and asked.question.answers and s.values[0] == asked.question.answers[0][0]:
                return s.answer
        return REFUSAL


def closed_book(dataset: Dataset, seed: int = 0, *, refusals: bool = False) -> Iterator[Episode]:
    """Endless episodes without any fact: for the LoRA that has to remember, and may learn to refuse as well."""
    rng = random.Random(seed)
    asked = [a for a in dataset.train if refusals or a.question.answerable]
    while asked:
        chosen = rng.sample(asked, min(4, len(asked)))
        yield Episode((), tuple((a.question.question, say(a.question.answers)) for a in chosen))


def as_text(episodes: Iterable[Episode]) -> Iterator[Episode]:
    """The same episodes with their statements as text before one of the questions."""
    for episode in episodes:
        yield Episode((), episode.turns[:1], tuple(s.text for s in episode.statements))
