"""What every family of questions writes with: the graph, the split, the phrasings, and a draft of a question."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kgpeft.dataset.closure import Closure
from kgpeft.dataset.facts import Facts, shares_word
from kgpeft.dataset.grammar import put
from kgpeft.dataset.phrasing import Phrasing, phrasing, plain
from kgpeft.dataset.questions import LEXICAL, Question
from kgpeft.dataset.settings import EDITED, DatasetSettings, Templates
from kgpeft.dataset.splits import MOST_VALUES, Split, split
from kgpeft.evidence.statements import Statement
from kgpeft.graph import KnowledgeGraph

SEEN_TEMPLATES = 4  # of a relation's templates, those that training may use; the rest are "unseen phrasing"
YES, NO = (("yes",),), (("no",),)


@dataclass(frozen=True)
class Asked:
    """A question with the edges that support its answer; `trained` says that training may use it."""

    question: Question
    facts: tuple[int, ...] = ()
    trained: bool = False


@dataclass(frozen=True)
class Draft:
    """A question before it has an id: what is asked, right answers, what it is about, and why."""

    text: str
    answers: tuple[tuple[str, ...], ...] = ()
    subject: str | None = None
    relation: str | None = None
    facts: tuple[int, ...] = ()
    reason: str = ""
    named: str = ""  # the subject's name as the question has it


class Writer:
    """The graph with its split, ready to be asked about."""

    def __init__(self, graph: KnowledgeGraph, settings: DatasetSettings) -> None:
        self.graph, self.settings, self.facts = graph, settings, Facts(graph)
        self.split: Split = split(self.facts, settings)
        self.part = [""] * len(graph.edges)  # edge → the family it is kept for
        for family, edges in self.split.edges.items():
            for edge in edges:
                self.part[edge] = family
        self._phrasing = {name: phrasing(name) for name in graph.relation_names}
        self._own = {plain(name): templates for name, templates in settings.templates.items()}

    # what there is ---------------------------------------------------------------------------------------------------
    def statements(self, rng: random.Random | None, *, inverse: bool = False) -> Iterator[Statement]:
        """The statements of the graph's edges, shuffled, in one direction."""
        chosen = [s for s in self.facts.statements if s.relation_id >= 0 and s.inverse == inverse]
        if rng:
            rng.shuffle(chosen)
        return iter(chosen)

    def seen(self, s: Statement) -> bool:
        """Whether training may see all of a statement, and the edit of the graph leaves it alone."""
        return all(not self.part[edge] for edge in s.edges)

    def kept_for(self, s: Statement, family: str) -> bool:
        """Whether all of a statement is kept for a family."""
        return all(self.part[edge] == family for edge in s.edges)

    def told_by_training(self, s: Statement) -> bool:
        """Whether one of the statement's facts follows from what training may see."""
        ends = [(s.entity_id, node) if not s.inverse else (node, s.entity_id) for node in s.value_ids]
        return any(self.trained.entails(one, s.relation_id, other) for one, other in ends)

    @cached_property
    def rows(self) -> set[tuple[int, int, int]]:
        """Every edge."""
        return {(s, r, o) for s, r, o in self.graph.edges.tolist()}

    @cached_property
    def trained(self) -> Closure:
        """What follows from what training may see."""
        visible = np.ones(len(self.graph.edges), bool)
        visible[sorted(self.split.hidden)] = False
        return Closure(self.graph, visible, range(len(self.graph.relations)))

    @cached_property
    def edited(self) -> Closure:
        """What follows once the graph is edited."""
        visible = np.array([part not in EDITED for part in self.part], bool)
        return Closure(self.graph, visible, range(len(self.graph.relations)))

    # phrasing --------------------------------------------------------------------------------------------------------
    def phrasing(self, relation: int) -> Phrasing:
        """How one asks for a relation."""
        return self._phrasing[self.graph.relation_names[relation]]

    def templates(self, relation: int, family: str) -> tuple[str, ...]:
        """The phrasings that a family uses for a relation; a user's own are for measuring unseen phrasing alone."""
        ask, own = self.phrasing(relation), self._own.get(plain(self.graph.relation_names[relation]), Templates())
        if family == "unseen phrasing":
            return own.object or ask.object[SEEN_TEMPLATES:]
        if family == "consistency":
            return tuple(dict.fromkeys([*own.object, *ask.object[SEEN_TEMPLATES:], *ask.object]))
        return (ask.subject if family == "reverse" else ask.object)[:SEEN_TEMPLATES]

    # drafts ----------------------------------------------------------------------------------------------------------
    def ask(self, s: Statement, template: str, *, subject: str = "", reason: str = "") -> Draft:
        """A question for the values of a statement, about its entity by this or another of its names."""
        named = subject or s.entity
        answers = tuple(self.facts.aliases(node) for node in dict.fromkeys(s.value_ids))
        iri, relation = self.graph.terms[s.entity_id], self.graph.relations[s.relation_id]
        return Draft(put(named, template), answers, iri, relation, s.edges, reason, named)

    def nothing(self, text: str, entity: int, relation: int, reason: str, facts: tuple[int, ...] = ()) -> Draft:
        """A question without an answer; an entity or relation below 0 is none of the graph's."""
        subject = self.graph.terms[entity] if entity >= 0 else None
        about = self.graph.relations[relation] if relation >= 0 else None
        return Draft(text, (), subject, about, facts, reason)

    def fits(self, s: Statement, most: int = MOST_VALUES, least: int = 1) -> bool:
        """Whether a statement makes a question, and is not about what is held out whole."""
        return self.facts.can_ask(s, most, least)

    def finish(self, draft: Draft, family: str, name: str, *, trained: bool = False) -> Asked:
        """The question of a draft, with its group and stratum."""
        of, terms = self.split.groups.of, self.graph.terms
        group = f"fact {int(of[list(draft.facts)].min())}" if draft.facts and draft.answers else ""
        rows = self.graph.edges[list(draft.facts)].tolist() if draft.facts and not trained else []
        question = Question(
            name, family, draft.text, draft.answers, draft.subject, draft.relation, group,
            "" if trained else stratum(draft), draft.reason,
            tuple((terms[s], self.graph.relations[r], terms[o]) for s, r, o in rows),
        )
        return Asked(question, draft.facts, trained)


def stratum(draft: Draft) -> str:
    """Whether the answer shares a content word with the subject's name, as the question has it."""
    aliases = [alias for answer in draft.answers for alias in answer]
    return LEXICAL if aliases and shares_word(draft.named, aliases) else f"non-{LEXICAL}"


def pick(rng: random.Random, options: Sequence[str]) -> str:
    """One of some texts."""
    return options[rng.randrange(len(options))]
