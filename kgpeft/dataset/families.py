"""Question families from a graph: what it says, asked in several ways, and what it does not say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from kgpeft.dataset.phrasing import DEFINITION, TAXONOMIC, phrasing, plain
from kgpeft.dataset.questions import Question
from kgpeft.dataset.splits import hold_out
from kgpeft.evidence.statements import Statement, statements
from kgpeft.graph import Kind, KnowledgeGraph

FAMILIES = (
    "seen fact", "unseen phrasing", "held-out fact", "reverse", "definition", "type", "fact absent", "unknown entity",
)
SEEN_TEMPLATES = 4  # of a relation's templates, those that training may use; the rest are "unseen phrasing"
MOST_VALUES = 6  # a question asks for no more values than this
LONGEST_DEFINITION = 40  # words
SYLLABLES = "ba be bor da dun fel gar hol ka kri lum mar mo nar or pel qui ra sol tan tor ul ven wi xan yor zel".split()


class Templates(BaseModel):
    """A user's own questions for one relation; {x} is the subject in `object`, the value in `subject`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: tuple[str, ...] = Field((), description="questions that ask for the value; {x} is the subject")
    subject: tuple[str, ...] = Field((), description="questions that ask for the bearer; {x} is the value")


class DatasetSettings(BaseModel):
    """What is asked of a graph."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_family: int = Field(100, gt=0, description="questions of each family")
    held_out: float = Field(0.2, ge=0.0, lt=1.0, description="share of the facts that training never sees")
    templates: dict[str, Templates] = Field({}, description="own phrasings by relation label; never trained on")
    seed: int = Field(0, ge=0)


@dataclass(frozen=True)
class Asked:
    """A question with the edges that support its answer; `trained` says that training may use it."""

    question: Question
    facts: tuple[int, ...] = ()
    trained: bool = False


@dataclass
class Families:
    """Writes the questions of one graph."""

    graph: KnowledgeGraph
    settings: DatasetSettings
    hidden: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.hidden = hold_out(self.graph, self.settings.held_out, self.settings.seed)
        self._phrasing = {name: phrasing(name) for name in self.graph.relation_names}
        self._own = {plain(name): t for name, t in self.settings.templates.items()}
        nodes = range(len(self.graph.terms))
        self._said = [{int(r) for r in self.graph.edges[self.graph.outgoing(e), 1]} for e in nodes]
        self._only_taxonomy = all(plain(name) in TAXONOMIC for name in self.graph.relation_names)
        self._parents = self._taxonomy()
        self._bearers: dict[int, list[int]] = {}
        for e, relations in enumerate(self._said):
            for r in relations:
                self._bearers.setdefault(r, []).append(e)

    def test(self) -> list[Asked]:
        """The questions to measure with: `per_family` of each family, or as many as the graph has."""
        return [a for family in FAMILIES for a in self._take(family, self._all(family), self.settings.per_family)]

    def train(self) -> Iterator[Asked]:
        """Every question that training may use: seen facts in seen phrasings, and what the graph does not say."""
        rng = random.Random(self.settings.seed + 1)
        for family in ("seen fact", "reverse", "definition", "type", "fact absent"):
            for n, make in enumerate(self._all(family)):
                made = make(rng, f"train {family} {n}")
                if self.hidden.isdisjoint(made.facts):
                    yield Asked(made.question, made.facts, trained=True)

    # which facts a family asks for -----------------------------------------------------------------------------------
    def _all(self, family: str) -> list[_Make]:
        if family == "unknown entity":
            return [_Make(self, family, None, r) for r in self._bearers for _ in range(self.settings.per_family)]
        if family == "fact absent":
            return [_Make(self, family, None, r, e) for e in self._entities() for r in self._absent(e)]
        every = (s for e in range(len(self.graph.terms)) for s in statements(self.graph, e))
        return [_Make(self, family, s) for s in every if self._fits(family, s)]

    def _entities(self) -> list[int]:
        return [e for e in range(len(self.graph.terms)) if self.graph.kinds[e] != Kind.LITERAL and self._said[e]]

    def _fits(self, family: str, s: Statement) -> bool:
        if family == "definition":
            return s.relation_id < 0 and s.relation == "definition" and len(s.values[0].split()) <= LONGEST_DEFINITION
        if s.relation_id < 0 or len(set(s.values)) > MOST_VALUES:
            return False
        if family == "reverse":  # not where the value bears the relation too: then both directions are right
            return s.inverse and s.relation_id not in self._said[s.entity_id]
        taxonomic = plain(s.relation) in TAXONOMIC
        fits = taxonomic if family == "type" else not taxonomic or self._only_taxonomy
        if s.inverse or not fits:
            return False
        held = [e in self.hidden for e in s.edges]
        return all(held) if family == "held-out fact" else family == "type" or not any(held)

    def _absent(self, entity: int) -> list[int]:
        """Relations that things of this entity's kind have, but neither it nor anything above it."""
        siblings = {c for p in self._parents[entity] for c in self._children.get(p, ())} or set(self._entities())
        usual = {r for s in siblings for r in self._said[s]}
        own = {r for a in (entity, *self._above(entity)) for r in self._said[a]}
        names = {plain(self.graph.relation_names[r]) for r in own}
        return sorted(
            r for r in usual - own
            if (name := plain(self.graph.relation_names[r])) not in TAXONOMIC and name not in names
        )

    def _taxonomy(self) -> list[list[int]]:
        parents: list[list[int]] = [[] for _ in self.graph.terms]
        self._children: dict[int, list[int]] = {}
        taxonomic = {i for i, name in enumerate(self.graph.relation_names) if plain(name) in TAXONOMIC}
        for s, r, o in self.graph.edges.tolist():
            if r in taxonomic:
                parents[s].append(o)
                self._children.setdefault(o, []).append(s)
        return parents

    def _above(self, entity: int) -> set[int]:
        above: set[int] = set()
        front = [entity]
        while front:
            front = [p for e in front for p in self._parents[e] if p not in above]
            above.update(front)
        return above

    # questions -------------------------------------------------------------------------------------------------------
    def _take(self, family: str, makers: list[_Make], n: int) -> list[Asked]:
        rng = random.Random(f"{self.settings.seed} {family}")
        rng.shuffle(makers)
        found: dict[str, Asked] = {}
        for make in makers:
            if len(found) == n:
                break
            asked = make(rng, f"{family.replace(' ', '-')}-{len(found) + 1}")
            found.setdefault(asked.question.question, asked)
        return list(found.values())

    def templates(self, relation: int, family: str) -> tuple[str, ...]:
        """The phrasings that a family uses for a relation; a user's own are for measuring unseen phrasing alone."""
        name = self.graph.relation_names[relation]
        ask, own = self._phrasing[name], self._own.get(plain(name), Templates())
        if family == "unseen phrasing":
            return own.object or ask.object[SEEN_TEMPLATES:]
        return (ask.subject if family == "reverse" else ask.object)[:SEEN_TEMPLATES]

    def stranger(self, rng: random.Random) -> str:
        """An invented name in the style of the graph's names."""
        while True:
            shape = self.graph.names[rng.choice(self._entities())].split()
            word = "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 3))))
            word = word.capitalize() if shape[0][:1].isupper() else word
            name = " ".join([word, *shape[-1:]]) if len(shape) > 1 and rng.random() < 0.5 else word
            if not self.graph.find(name):
                return name


@dataclass(frozen=True)
class _Make:
    """A question waiting to be phrased."""

    families: Families
    family: str
    statement: Statement | None
    relation: int = -1
    entity: int = -1

    def __call__(self, rng: random.Random, name: str) -> Asked:
        graph = self.families.graph
        if self.statement is not None:
            return self._said(self.statement, rng, name)
        subject = graph.names[self.entity] if self.entity >= 0 else self.families.stranger(rng)
        text = rng.choice(self.families.templates(self.relation, self.family)).replace("{x}", subject)
        iri = graph.terms[self.entity] if self.entity >= 0 else None
        return Asked(Question(name, self.family, text, (), iri, graph.relations[self.relation]))

    def _said(self, s: Statement, rng: random.Random, name: str) -> Asked:
        graph = self.families.graph
        if s.relation_id < 0:
            options, relation = DEFINITION.object, None
            answers: tuple[tuple[str, ...], ...] = ((s.values[0],),)
        else:
            options = self.families.templates(s.relation_id, self.family)
            answers = tuple(tuple(graph.aliases(i)) for i in dict.fromkeys(s.value_ids))
            relation = graph.relations[s.relation_id]
        text = rng.choice(options).replace("{x}", s.entity)
        question = Question(name, self.family, text, answers, graph.terms[s.entity_id], relation)
        return Asked(question, s.edges)
