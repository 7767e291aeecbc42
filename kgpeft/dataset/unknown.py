"""Families of questions that the graph does not answer, each with the reason, and those that are not about it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any, cast

import yaml

from kgpeft.dataset.abilities import abilities
from kgpeft.dataset.facts import Facts, content
from kgpeft.dataset.grammar import put
from kgpeft.dataset.known import Drafts
from kgpeft.dataset.phrasing import TAXONOMIC, plain
from kgpeft.dataset.questions import Question, read_questions
from kgpeft.dataset.splits import MOST_VALUES
from kgpeft.dataset.writer import Draft, Writer, pick
from kgpeft.evidence.words import words

SYLLABLES = "ba be bor da dun fel gar hol ka kri lum mar mo nar or pel qui ra sol tan tor ul ven wi xan yor zel".split()
SINGLE = 0.8  # share of a relation's subjects with one value, from which on another value is taken for wrong
TRIES = 50  # questions tried for each that is wanted


@cache
def bank() -> dict[str, Any]:
    """Names of things from several domains, and attributes that few graphs have, with questions for them."""
    text = resources.files("kgpeft.dataset").joinpath("bank.yaml").read_text(encoding="utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


def unknown_entity(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Names that do not exist, in the style of the graph's."""
    relations = _askable_relations(w)
    while relations:
        relation, name = rng.choice(relations), stranger(w.facts, rng)
        text = put(name, pick(rng, w.templates(relation, family)))
        yield w.nothing(text, -1, relation, f"nothing is called {name}")


def foreign_entity(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Things that exist, but not in this graph, of other domains."""
    known = set(w.facts.names_by_word)
    strange = [name for names in bank()["things"].values() for name in names]
    strange = [name for name in strange if known.isdisjoint(content(name)) and not w.graph.find(name)]
    relations = _askable_relations(w)
    for _ in range(TRIES * len(strange) if relations else 0):
        relation, name = rng.choice(relations), rng.choice(strange)
        text = put(name, pick(rng, w.templates(relation, family)))
        yield w.nothing(text, -1, relation, f"the graph does not know {name}")


def deleted_entity(w: Writer, rng: random.Random, family: str) -> Drafts:
    """What is no longer there once the graph is edited."""
    for s in w.statements(rng):
        if s.entity_id in w.split.entities[family] and w.fits(s):
            text = put(s.entity, pick(rng, w.templates(s.relation_id, family)))
            yield w.nothing(text, s.entity_id, s.relation_id, f"{s.entity} is removed from the graph")


def retracted(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Facts that training saw and that are no longer there, nor follow, once the graph is edited."""
    for s in w.statements(rng):
        if w.fits(s) and w.kept_for(s, family) and not w.edited.values(s.entity_id, s.relation_id):
            text = put(s.entity, pick(rng, w.templates(s.relation_id, family)))
            yield w.nothing(text, s.entity_id, s.relation_id, "the fact is retracted", s.edges)


def relation_absent(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Attributes that the graph has no relation for, asked of its entities."""
    schema = {word for name in w.graph.relation_names for word in content(plain(name))}
    strange = [row for row in bank()["attributes"] if schema.isdisjoint(content(row["about"]))]
    entities = [e for e in w.facts.entities if e not in w.split.apart]
    for _ in range(TRIES * w.settings.size(family) if strange and entities else 0):
        entity, row = rng.choice(entities), rng.choice(strange)
        known = content(w.graph.definition(entity) or "") + content(w.graph.names[entity])
        if set(known).isdisjoint(content(row["about"])):
            text = put(w.graph.names[entity], pick(rng, row["ask"]))
            yield w.nothing(text, entity, -1, f"the graph has no relation for {row['about'].split()[0]}")


def absent(w: Writer, rng: random.Random, family: str) -> Drafts:
    """What things of a kind usually have, and this one has not, nor anything that it could have it from."""
    pairs = [(e, r) for e, relations in Absent(w).all() for r in relations]
    rng.shuffle(pairs)
    for entity, relation in pairs:
        told = content(w.graph.definition(entity) or "")
        asked = content(plain(w.graph.relation_names[relation]))
        follows = w.edited.values(entity, relation)
        if not follows and not set(asked) <= set(told):
            yield lacking(w, entity, relation, pick(rng, w.templates(relation, family)))


def lacking(w: Writer, entity: int, relation: int, template: str) -> Draft:
    """A question for what an entity has not."""
    text = put(w.graph.names[entity], template)
    why = f"others of its kind have {w.graph.relation_names[relation]!r}, it has not"
    return w.nothing(text, entity, relation, why)


class Absent:
    """Relations that things of an entity's kind have, but neither it nor anything above it, from either end."""

    def __init__(self, w: Writer) -> None:
        self.w, facts = w, w.facts
        self.usual: dict[int, set[int]] = {}  # class → relations that its members have
        for parent, children in facts.children.items():
            self.usual[parent] = {r for child in children for r in facts.said[child]}
        self.all_relations = {r for e in facts.entities for r in facts.said[e]}
        self.received: dict[int, set[int]] = {}
        for _, r, o in w.graph.edges.tolist():
            self.received.setdefault(o, set()).add(r)

    def all(self) -> Iterable[tuple[int, list[int]]]:
        """Every entity with the relations that it lacks."""
        for entity in self.w.facts.entities:
            if entity not in self.w.split.apart:
                yield entity, self.of(entity)

    def of(self, entity: int) -> list[int]:
        """The relations that an entity lacks."""
        facts, names = self.w.facts, self.w.graph.relation_names
        parents = facts.parents[entity]
        usual = {r for p in parents for r in self.usual.get(p, ())} if parents else self.all_relations
        own = {r for a in (entity, *facts.above(entity)) for r in facts.said[a]}
        mirrored = {r for received in self.received.get(entity, ()) for r in facts.mirrors[received]}
        told = {plain(names[r]) for r in own}
        return [
            r for r in sorted(usual - own - mirrored - self.w.split.relations)
            if (name := plain(names[r])) not in TAXONOMIC and name not in told and not facts.is_opaque[r]
        ]


def presupposed(w: Writer, rng: random.Random, family: str) -> Drafts:
    """Why something is so that is not: another value than the one there is, of a relation with one value each."""
    values: dict[int, list[int]] = {}
    for s in w.statements(None):
        values.setdefault(s.relation_id, []).extend(n for n in s.value_ids if w.facts.askable[n])
    single = _single_valued(w)
    for s in w.statements(rng):
        if s.relation_id not in single or not w.fits(s, 1) or not w.seen(s):
            continue
        wrong, right = rng.choice(values[s.relation_id]), s.value_ids[0]
        near = {wrong, right} & {*w.facts.above(wrong), *w.facts.above(right)}
        if wrong in (right, s.entity_id) or near or w.edited.entails(s.entity_id, s.relation_id, wrong):
            continue
        text = put(s.entity, w.phrasing(s.relation_id).why).replace("{y}", w.graph.names[wrong])
        why = f"it is not {w.graph.names[wrong]}, but {s.values[0]}"
        yield w.nothing(text, s.entity_id, s.relation_id, why, s.edges)


@cache
def general() -> tuple[Question, ...]:
    """The general questions that ship with the project."""
    with resources.as_file(resources.files("kgpeft.dataset").joinpath("general.jsonl")) as path:
        return tuple(read_questions(path))


def _single_valued(w: Writer) -> set[int]:
    """Relations that give nearly everything one value, and are not had in both directions: another is not so either."""
    counts: dict[int, list[int]] = {}
    both = {r for s, r, o in w.graph.edges.tolist() if (o, r, s) in w.rows}
    for s in w.statements(None):
        counts.setdefault(s.relation_id, []).append(len(s.value_ids))
    ones = {r for r, n in counts.items() if n.count(1) >= SINGLE * len(n)}
    return ones - both - w.facts.taxonomic


def outside(w: Writer, rng: random.Random, family: str) -> Drafts:
    """General questions; of "locality" those that name nothing in the graph. Of "retention" more are made if wanted."""
    asked = [q for q in general() if q.family == family]
    rng.shuffle(asked)
    for q in asked:
        said = q.question + " " + " ".join(alias for answer in q.answers for alias in answer)
        if family == "retention" or not _named(w, said):
            yield Draft(q.question, q.answers, reason="quiz" if family == "retention" else "")
    if family == "retention":
        for ability, (text, aliases) in abilities(rng):
            yield Draft(text, (aliases,), reason=ability)


def _named(w: Writer, text: str) -> bool:
    """Whether a text names something of the graph, by one word or two."""
    said = [word for word, _, _ in words(text)]
    stretches = [" ".join(said[i : i + size]) for i in range(len(said)) for size in (1, 2) if i + size <= len(said)]
    return any(len(stretch) > 3 and w.graph.find(stretch) for stretch in stretches)


def _askable_relations(w: Writer) -> list[int]:
    """The relations that a question can be asked by, each as often as it says something, up to a hundred times."""
    counts: dict[int, int] = {}
    for s in w.statements(None):
        if w.fits(s, MOST_VALUES) and s.relation_id not in w.split.relations:
            counts[s.relation_id] = min(100, counts.get(s.relation_id, 0) + 1)
    return [r for r, n in sorted(counts.items()) for _ in range(n)]


def stranger(facts: Facts, rng: random.Random) -> str:
    """An invented name in the style of the graph's names."""
    while True:
        shape = facts.names[rng.choice(facts.entities)].split()
        word = "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 3))))
        word = word.capitalize() if shape[0][:1].isupper() else word
        name = " ".join([word, *shape[-1:]]) if len(shape) > 1 and rng.random() < 0.5 else word
        if not facts.graph.find(name) and not facts.names_by_word[word.casefold()]:
            return name
