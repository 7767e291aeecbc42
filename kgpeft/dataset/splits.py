"""Which facts training may see. What it must not see goes by whole fact groups, with the definitions that tell it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from kgpeft.dataset.closure import Roles
from kgpeft.dataset.facts import Facts, content, shares_word
from kgpeft.dataset.groups import Groups
from kgpeft.dataset.settings import DatasetSettings
from kgpeft.evidence.names import LONGEST
from kgpeft.evidence.statements import Statement
from kgpeft.evidence.words import words
from kgpeft.graph import KnowledgeGraph, Label
from kgpeft.spelling import fold, forms

SHARES = {"relation-disjoint": 0.2, "entity-disjoint": 0.2, "added fact": 0.1, "held-out fact": 0.45,
          "deleted entity": 0.05}  # of the facts that training may be denied
RETRACTED = 0.05  # share of the facts that may be retracted: training sees them
OPEN = 3  # statements held out whose values share no word with their subject, for one whose do
SPARE = 4  # statements held out for each question that is wanted, to choose from
MOST_VALUES = 6  # a question asks for no more values than this
MOST_FACTS = 12  # an entity that is held out whole or deleted has no more
LEAST_RELATIONS = 4  # only with so many relations is one of them held out


@dataclass
class Split:
    """What training must not see, and what for; edges that are nowhere here are trained on."""

    groups: Groups
    edges: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # family → its edges
    entities: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # family → its entities
    relations: set[int] = field(default_factory=set)  # of "relation-disjoint"
    veiled: frozenset[int] = frozenset()  # entities whose definition and synonyms training must not see

    @property
    def hidden(self) -> frozenset[int]:
        """The edges that training must not see."""
        return frozenset(edge for family, edges in self.edges.items() if family != "retracted fact" for edge in edges)

    @property
    def taken(self) -> set[int]:
        """The edges that have a part to play already."""
        return {edge for edges in self.edges.values() for edge in edges}

    @property
    def apart(self) -> set[int]:
        """The entities that occur in no training example."""
        return {entity for entities in self.entities.values() for entity in entities}


def split(facts: Facts, settings: DatasetSettings) -> Split:
    """The split of a graph: the same for the same graph, settings and seed."""
    made = Split(Groups.read(facts.graph))
    if settings.held_out and len(made.groups.members) > 1:
        draw = _Draw(facts, settings, made)
        draw.relations()
        draw.entities("entity-disjoint", settings.size("entity-disjoint"))
        draw.statements("added fact")
        draw.statements("held-out fact")
        draw.entities("deleted entity", settings.size("deleted entity"))
        draw.statements("retracted fact")
    texts = [label for label in facts.graph.labels if label.role == "definition"]
    made.veiled = frozenset(e for e, _ in told(facts.graph, made.hidden, made.apart, texts)) | made.apart
    return made


class _Draw:
    """Draws what is held out, by whole groups, within the shares."""

    def __init__(self, facts: Facts, settings: DatasetSettings, made: Split) -> None:
        self.facts, self.settings, self.made = facts, settings, made
        self.rng = random.Random(settings.seed)
        self.edges, self.groups = len(facts.graph.edges), made.groups
        self.askable = [s for s in facts.statements if not s.inverse and facts.can_ask(s, MOST_VALUES)]
        self.rng.shuffle(self.askable)
        self.askable = _mostly_open(facts, self.askable)

    def budget(self, family: str) -> float:
        """How many edges a family may take."""
        share = RETRACTED if family == "retracted fact" else SHARES[family] * self.settings.held_out
        return share * self.edges

    def statements(self, family: str) -> None:
        """Whole statements, until there are enough of them."""
        chosen, taken, n = self.made.edges[family], self.made.taken, 0
        for s in self.askable:
            if n >= SPARE * self.settings.size(family) or len(chosen) >= self.budget(family):
                return
            whole = self.groups.whole(s.edges)
            fits = not chosen or len(chosen) + len(whole) <= max(self.budget(family), 1) * 1.1
            if self.groups.free(s.edges) and taken.isdisjoint(whole) and chosen.isdisjoint(whole) and fits:
                chosen |= whole
                n += 1

    def entities(self, family: str, wanted: int) -> None:
        """Entities with all that is said of them; only such as are named in no other name."""
        chosen, taken = self.made.edges[family], self.made.taken
        candidates = [e for e in self.facts.entities if self._alone(e)]
        self.rng.shuffle(candidates)
        candidates.sort(key=lambda e: self.facts.said[e] <= self.facts.taxonomic)  # of which more is said than a class
        for entity in candidates:
            edges = [*self.facts.graph.outgoing(entity).tolist(), *self.facts.graph.incoming(entity).tolist()]
            whole = self.groups.whole(edges)
            if len(self.made.entities[family]) >= wanted or (chosen and len(chosen | whole) > self.budget(family)):
                return
            few = len(edges) <= MOST_FACTS or (family == "entity-disjoint" and len(edges) <= self.budget(family))
            if few and self.groups.free(edges) and taken.isdisjoint(whole):
                chosen |= whole
                self.made.entities[family].add(entity)

    def relations(self) -> None:
        """Relations with all that they say, and with whatever relations imply them or follow from them."""
        graph, family = self.facts.graph, "relation-disjoint"
        usable = [r for r in range(len(graph.relations)) if r not in self.facts.taxonomic]
        edges: dict[int, list[int]] = defaultdict(list)
        for edge, r in enumerate(graph.edges[:, 1].tolist()):
            edges[r].append(edge)
        kin = _kin(graph)
        self.rng.shuffle(usable)
        for relation in usable if len(usable) >= LEAST_RELATIONS and self.settings.size(family) else []:
            whole = self.groups.whole([edge for r in kin[relation] for edge in edges[r]])
            fits = len(self.made.edges[family] | whole) <= self.budget(family)
            asked = any(s.relation_id == relation for s in self.askable)
            if asked and fits and not self.made.relations & kin[relation] and self.groups.free(list(whole)):
                self.made.edges[family] |= whole
                self.made.relations |= kin[relation]

    def _alone(self, entity: int) -> bool:
        """Whether no other name has all the words of this one, so that training does not name it by chance."""
        own = content(self.facts.names[entity])
        return bool(own) and min(self.facts.names_by_word[word] for word in own) == 1


def _mostly_open(facts: Facts, found: list[Statement]) -> list[Statement]:
    """Three statements whose values share no word with their subject, then one whose values do, and so on."""
    parts: dict[bool, list[Statement]] = {True: [], False: []}
    for s in found:
        aliases = [alias for node in s.value_ids for alias in facts.aliases(node)]
        parts[shares_word(s.entity, aliases)].append(s)
    lexical, mixed = iter(parts[True]), list[Statement]()
    for n, s in enumerate(parts[False], 1):
        mixed += [s] if n % OPEN else [s, *islice(lexical, 1)]
    return [*mixed, *lexical]


def _kin(graph: KnowledgeGraph) -> list[set[int]]:
    """Relation → itself and all relations that imply it or that it implies, turned round or not."""
    roles = Roles(graph)
    known = range(len(graph.relations))
    above = [{r % roles.size if r < 2 * roles.size else r for r in roles.above(one)} for one in known]
    below: list[set[int]] = [{one for one in known if other in above[one]} for other in known]
    return [{r for r in above[one] | below[one] if r < len(graph.relations)} for one in known]


def told(
    graph: KnowledgeGraph, hidden: Iterable[int], apart: Iterable[int], definitions: Iterable[Label]
) -> Iterator[tuple[int, int]]:
    """(entity, hidden edge) where the entity's definition names both ends, of which it may be one itself.

    Definitions that name an entity which is held apart have the edge -1.
    """
    at: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))  # node → other end → edges
    for edge in sorted(hidden):
        s, _, o = graph.edges[edge].tolist()
        at[s][o].append(edge)
        at[o][s].append(edge)
    secret = frozenset(apart)
    named = _Mentions(graph, {*at, *secret})
    for label in definitions:
        ends = named.of(label.text)
        here = ends | {label.entity}
        if not secret.isdisjoint(ends - {label.entity}):
            yield label.entity, -1
        for end in ends & at.keys():
            for other in here & at[end].keys():
                yield from ((label.entity, edge) for edge in at[end][other])


class _Mentions:
    """Finds every one of some nodes that a text names, names within names too."""

    def __init__(self, graph: KnowledgeGraph, nodes: Iterable[int]) -> None:
        self.by_name: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self.longest: dict[str, int] = {}  # first word → most words of a name that begins so
        for node in nodes:
            for alias in graph.aliases(node):
                said = tuple(word for word, _, _ in words(alias))
                for form in forms(said) if 0 < len(said) <= LONGEST else ():
                    key = tuple(map(fold, form))
                    self.by_name[key].add(node)
                    self.longest[key[0]] = max(len(key), self.longest.get(key[0], 0))

    def of(self, text: str) -> set[int]:
        """The nodes that the text names."""
        said, found = tuple(fold(word) for word, _, _ in words(text)), set[int]()
        for start, first in enumerate(said):
            for size in range(1, min(self.longest.get(first, 0), len(said) - start) + 1):
                found |= self.by_name.get(said[start : start + size], set())
        return found


def without(statement: Statement, hidden: frozenset[int]) -> Statement | None:
    """The statement with its hidden edges left out; None if nothing remains."""
    if hidden.isdisjoint(statement.edges):
        return statement
    kept = [i for i, edge in enumerate(statement.edges) if edge not in hidden]
    if not kept:
        return None

    def part(column: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(column[i] for i in kept)

    return replace(
        statement, values=part(statement.values), value_ids=part(statement.value_ids), edges=part(statement.edges)
    )
