"""Generated graphs for training the reader: invented things, real relations, many human phrasings.

A world draws a few kinds of things from the relation bank (`relations/*.yaml`), names them, connects them, and yields
episodes: some statements about a thing, and questions over them of which a share has no answer there.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kgpeft.adapters.prompts import REFUSAL
from kgpeft.dataset.phrasing import DEFINITION, Phrasing, phrasing, plain
from kgpeft.evidence.statements import DEFINITION as DEFINED
from kgpeft.evidence.statements import SYNONYM, Statement
from kgpeft.training.collate import Episode

HERE = Path(__file__).parent
ONSETS = [*"bcdfghklmnprstvz", "br", "tr", "st", "cl", "kr", "th", "ph", "sh", "gl", "qu"]
NUCLEI = [*"aeiou", "ai", "or", "en", "ia", "ul", "ou"]
ENDINGS = ["", "", "n", "s", "m", "x", "ite", "osis", "ine", "ol", "ium", "us", "ax", "ein", "or", "el"]
OTHER_NAMES = Phrasing(
    (
        "What else is {x} called?", "What are the synonyms of {x}?", "Give another name for {x}.", "Other names of {x}?",
        "What is {x} also known as?", "Under which other names is {x} known?",
    ),
    (),
)
AFFIXES = ["left {}", "{} type 2", "{} II", "anterior {}", "{} 1A", "{} (lower)", "New {}", "{} minor", "primary {}", "{} B"]


def held_out(key: str, share: float) -> bool:
    """A fixed pseudo-random choice by name, so that what is held out never depends on order."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF < share


@dataclass(frozen=True)
class Relation:
    """One relation of the bank."""

    labels: tuple[str, ...]
    subjects: tuple[str, ...]
    object: str
    ask: Phrasing
    overlaps: frozenset[str]
    domain: str
    statement: str = ""


@dataclass
class Bank:
    """All kinds and relations."""

    kinds: dict[str, Any] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path = HERE / "relations") -> Bank:
        """The bank in a folder of YAML files; kinds of one name in several files are joined."""
        bank = cls()
        for path in sorted(folder.glob("*.yaml")):
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            domain = path.stem
            for kind, names in document["kinds"].items():
                bank.kinds[f"{domain}/{kind}"] = names
            for r in document["relations"]:
                bank.relations.append(_relation(r, domain))
        return bank

    def part(self, held: bool, share: float = 0.1) -> list[Relation]:
        """The relations that training sees (held=False) or those kept for measuring (held=True)."""
        return [r for r in self.relations if held_out(r.labels[0] + r.domain, share) is held]


def _relation(r: dict[str, Any], domain: str) -> Relation:
    subjects = r["subject"] if isinstance(r["subject"], list) else [r["subject"]]
    ask = Phrasing(
        tuple(t.replace("{s}", "{x}") for t in r["ask_object"]), tuple(t.replace("{o}", "{x}") for t in r["ask_subject"])
    )
    labels = (str(r["label"]), *map(str, r.get("also", ())))
    return Relation(
        labels, tuple(f"{domain}/{s}" for s in subjects), f"{domain}/{r['object']}", ask,
        frozenset(map(str, r.get("overlaps", ()))), domain, r.get("statement", ""),
    )


def templates(ask: Phrasing, held: bool) -> Phrasing:
    """The phrasings that training sees, or the tenth kept for measuring."""

    def part(ts: tuple[str, ...]) -> tuple[str, ...]:
        kept = tuple(t for t in ts if held_out(t, 0.1) is held)
        return kept or ts

    return Phrasing(part(ask.object), part(ask.subject))


class World:
    """A generated graph and the questions one can ask of it."""

    def __init__(self, bank: Bank, relations: list[Relation], pools: dict[str, list[str]], rng: random.Random) -> None:
        self.rng, self.pools, self.bank = rng, pools, bank
        self.definitions: dict[str, str] = {}
        self.synonyms: dict[str, tuple[str, ...]] = {}
        kinds = sorted({s for r in relations for s in r.subjects})
        weights = [sum(k in r.subjects for r in relations) for k in kinds]
        chosen = sorted(set(rng.choices(kinds, weights, k=4)))
        self.relations = [r for r in relations if set(chosen) & set(r.subjects)]
        self.label = {r: self._style(rng.choice(r.labels)) for r in self.relations}
        self.values = {r.object: self._values(r.object, 16) for r in self.relations}
        self.things = {k: self._names(k, 14) for k in chosen}
        self.kind_of = {name: k for k, names in self.things.items() for name in names}
        self.taxonomy = rng.choice(["is a", "is a", "instance of", "subclass of", "broader", "type"])
        self.facts: dict[str, dict[Relation, tuple[str, ...]]] = {}
        density = rng.uniform(0.35, 0.9)
        for kind, names in self.things.items():
            own = [r for r in self.relations if kind in r.subjects]
            for name in names:
                self.facts[name] = {r: self._pick(r) for r in own if rng.random() < density}
        self.ids: dict[str, int] = {}  # node numbers in this world, given as they are met
        self.relation_ids: dict[str, int] = {}
        self.offset = self.relation_offset = 0  # where this world's rows start in a table over many worlds
        self.bearers: dict[tuple[Relation, str], list[str]] = {}
        for name, facts in self.facts.items():
            for r, values in facts.items():
                for v in values:
                    self.bearers.setdefault((r, v), []).append(name)
            if pools["definitions"] and rng.random() < 0.5:
                self.definitions[name] = rng.choice(pools["definitions"])
            if rng.random() < 0.3:
                self.synonyms[name] = tuple(self._name(self.kind_of[name]) for _ in range(rng.choice([1, 1, 2, 3])))
        self.triples = self.edges()

    # names and values ------------------------------------------------------------------------------------------------
    def _style(self, label: str) -> str:
        spoken, u = plain(label), self.rng.random()
        return spoken if u < 0.8 else spoken.capitalize() if u < 0.9 else label.replace("_", " ")

    def _invent(self) -> str:
        word = "".join(self.rng.choice(ONSETS) + self.rng.choice(NUCLEI) for _ in range(self.rng.choice([1, 2, 2, 3])))
        word += self.rng.choice(ENDINGS)
        return word.capitalize() if self.rng.random() < 0.6 else word

    def _name(self, kind: str) -> str:
        own, u = self.bank.kinds[kind], self.rng.random()
        if isinstance(own, list) and u < 0.35:
            return str(self.rng.choice(own))
        if u < 0.6:
            return self.rng.choice(self.pools["labels"])
        name = self._invent()
        if isinstance(own, list) and self.rng.random() < 0.5:  # an invented name that still sounds like its kind
            words = str(self.rng.choice(own)).split()
            name = f"{name} {words[-1]}" if len(words) > 1 else name
        return name if self.rng.random() < 0.75 else f"{name} {self._invent()}"

    def _names(self, kind: str, n: int) -> list[str]:
        names: list[str] = []
        while len(names) < n:
            near = names and self.rng.random() < 0.15  # a near namesake is the hardest distractor
            name = self.rng.choice(AFFIXES).format(self.rng.choice(names)) if near else self._name(kind)
            if name not in names:
                names.append(name)
        return names

    def _values(self, kind: str, n: int) -> list[str]:
        spec = self.bank.kinds.get(kind)
        if isinstance(spec, dict):
            return sorted({self._literal(spec) for _ in range(n)})
        return self._names(kind, n) if spec else [self._invent() for _ in range(n)]

    def _literal(self, spec: dict[str, Any]) -> str:
        rng, form = self.rng, spec["literal"]
        if spec.get("examples"):
            return str(rng.choice(spec["examples"]))
        low, high = float(spec.get("min", 1)), float(spec.get("max", 1000))
        if form == "year":
            return str(rng.randint(1500, 2024))
        if form == "date":
            return f"{rng.randint(1700, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        if form in ("code", "text"):
            return "".join(rng.choice("ABCDEFGHKLMNPRSTXYZ") for _ in range(3)) + f"-{rng.randint(10, 99999)}"
        number = rng.uniform(low, high) if high - low < 30 else rng.randint(int(low), int(high))
        text = f"{number:.1f}" if isinstance(number, float) else str(number)
        return f"{text} {spec['unit']}" if spec.get("unit") and rng.random() < 0.5 else text

    def _pick(self, relation: Relation) -> tuple[str, ...]:
        values = self.values[relation.object]
        several = isinstance(self.bank.kinds.get(relation.object), list) and self.rng.random() < 0.25
        n = min(len(values), self.rng.choice([2, 2, 3, 3, 4, 5]) if several else 1)
        return tuple(self.rng.sample(values, n))

    # statements ------------------------------------------------------------------------------------------------------
    def state(self, name: str, label: str, values: tuple[str, ...], *, inverse: bool = False) -> Statement:
        """A statement with the node and relation numbers of this world."""
        value_ids = tuple(self.offset + self.ids[v] for v in values if v in self.ids)
        relation = self.relation_offset + self.relation_ids[label] if label in self.relation_ids else -1
        return Statement(name, label, values, inverse, self.offset + self.ids[name], relation, value_ids)

    def forward(self, name: str, relation: Relation, values: tuple[str, ...] | None = None) -> Statement:
        """What the world says of a thing's relation."""
        return self.state(name, self.label[relation], values or self.facts[name][relation])

    def backward(self, relation: Relation, value: str) -> Statement:
        """Who bears a value."""
        return self.state(value, self.label[relation], tuple(self.bearers[relation, value]), inverse=True)

    def members(self, kind: str) -> Statement:
        """The things of a kind, as the inverse of the taxonomy."""
        return self.state(kind.split("/")[1], self.taxonomy, tuple(self.things[kind]), inverse=True)

    def kind(self, name: str) -> str:
        """The class of a thing."""
        return self.kind_of[name].split("/")[1]

    def about(self, name: str) -> list[Statement]:
        """All statements of one thing."""
        found = [self.forward(name, r) for r in self.facts[name]]
        found.append(self.state(name, self.taxonomy, (self.kind(name),)))
        if name in self.definitions:
            found.append(self.state(name, DEFINED, (self.definitions[name],)))
        if name in self.synonyms:
            found.append(self.state(name, SYNONYM, self.synonyms[name]))
        return found

    def edges(self) -> list[tuple[int, int, int]]:
        """The world as (subject, relation, object) numbers; numbers every node and relation on the way."""
        triples = [(n, self.label[r], v) for n, facts in self.facts.items() for r, vs in facts.items() for v in vs]
        triples += [(n, self.taxonomy, self.kind(n)) for n in self.facts]
        node, relation = self.ids.setdefault, self.relation_ids.setdefault
        for value in (v for values in self.values.values() for v in values):
            node(value, len(self.ids))
        return [
            (node(s, len(self.ids)), relation(r, len(self.relation_ids)), node(o, len(self.ids))) for s, r, o in triples
        ]


class Writer:
    """Writes episodes over a world."""

    def __init__(self, world: World, held_templates: bool = False, turns: int = 4, places: int = 16) -> None:
        self.world, self.rng, self.held, self.turns, self.places = world, world.rng, held_templates, turns, places

    def episode(self) -> Episode:
        """One thing, some of its statements, distractors, and questions with and without an answer."""
        rng, world = self.rng, self.world
        name = rng.choice(list(world.facts))
        own = world.about(name)
        shown = [s for s in own if rng.random() < 0.85]
        if rng.random() < 0.45:  # swapped: what is read must win over what is remembered
            shown = [self._swapped(s) for s in shown]
        value_asked = self._inverse_statement(name) if rng.random() < 0.5 else None
        if value_asked is not None:
            shown.append(value_asked)
        if rng.random() < 0.06:
            shown = []
        shown = self._with_distractors(name, shown)
        turns = [self._turn(name, shown, value_asked) for _ in range(self.turns)]
        return Episode(tuple(shown), tuple(turns))

    def _swapped(self, s: Statement) -> Statement:
        relation = self._relation(s)
        if relation is None or self.rng.random() < 0.5:
            return s
        return self.world.state(s.entity, s.relation, self.world._pick(relation))

    def _relation(self, s: Statement) -> Relation | None:
        return next((r for r, label in self.world.label.items() if label == s.relation and r in self.world.facts.get(s.entity, {})), None)

    def _inverse_statement(self, name: str) -> Statement | None:
        facts = self.world.facts[name]
        if not facts or self.rng.random() < 0.15:
            return self.world.members(self.world.kind_of[name])
        relation = self.rng.choice(list(facts))
        return self.world.backward(relation, self.rng.choice(facts[relation]))

    def _with_distractors(self, name: str, shown: list[Statement]) -> list[Statement]:
        rng, world = self.rng, self.world
        target = rng.randint(0, self.places) if shown else rng.choice([0, 2, 4, 8])
        peers = [n for n, k in world.kind_of.items() if k == world.kind_of[name] and n != name]
        seen = {(s.entity, s.relation, s.inverse) for s in shown}
        for _ in range(max(0, target - len(shown))):
            other = rng.choice(peers if rng.random() < 0.7 else list(world.facts))
            extra = rng.choice(world.about(other))
            facts = world.facts[other]
            if facts and rng.random() < 0.2:
                relation = rng.choice(list(facts))
                extra = world.backward(relation, rng.choice(facts[relation]))
            if other != name and (extra.entity, extra.relation, extra.inverse) not in seen:
                seen.add((extra.entity, extra.relation, extra.inverse))
                shown.append(extra)
        shown = shown[: self.places]
        rng.shuffle(shown)
        return shown

    # questions -------------------------------------------------------------------------------------------------------
    def _turn(self, name: str, shown: list[Statement], inverse: Statement | None) -> tuple[str, str]:
        u = self.rng.random()
        if inverse is not None and inverse in shown and u < 0.2:
            asked = self._ask_inverse(inverse)
            if asked:
                return asked
        mine = [s for s in shown if not s.inverse and s.entity == name]
        if mine and u < 0.65:
            return self._ask_forward(self.rng.choice(mine))
        others = [s for s in shown if not s.inverse and s.entity != name]
        if others and u < 0.72:
            return self._ask_forward(self.rng.choice(others))
        return self._ask_absent(name, shown)

    def _relation_of(self, s: Statement, kind: str) -> Relation | None:
        fit = [r for r, label in self.world.label.items() if label == s.relation and kind in r.subjects]
        return fit[0] if fit else None

    def _ask_forward(self, s: Statement) -> tuple[str, str]:
        relation = self._relation_of(s, self.world.kind_of[s.entity])
        return self._question(relation, s.relation, s.entity), s.answer

    def _question(self, relation: Relation | None, label: str, x: str) -> str:
        if relation is None:
            ask = {DEFINED: DEFINITION, SYNONYM: OTHER_NAMES}.get(label) or phrasing(label)
            return self._say(ask.object, x)
        grammar = self.rng.random() < 0.15 and not self.held
        ask = phrasing(label) if grammar else templates(relation.ask, self.held)
        return self._say(ask.object, x)

    def _ask_inverse(self, s: Statement) -> tuple[str, str] | None:
        if s.relation == self.world.taxonomy:
            return self._say(phrasing(s.relation).subject, s.entity), s.answer
        fit = [r for r, label in self.world.label.items() if label == s.relation and (r, s.entity) in self.world.bearers]
        if not fit:
            return None
        ask = phrasing(s.relation) if self.rng.random() < 0.15 and not self.held else templates(fit[0].ask, self.held)
        return self._say(ask.subject, s.entity), s.answer

    def _ask_absent(self, name: str, shown: list[Statement]) -> tuple[str, str]:
        """A question that the shown statements don't answer: relation missing, thing unknown, or bearer missing."""
        rng, world = self.rng, self.world
        said = {s.relation for s in shown if s.entity == name}
        blocked = said | {o for r in world.relations if world.label[r] in said for o in (*r.overlaps, *r.labels)}
        kind = world.kind_of[name]
        missing = [r for r in world.relations if kind in r.subjects and not blocked & {world.label[r], *r.labels, *r.overlaps}]
        if missing and rng.random() < 0.7:
            kinds = {r.object for r in world.relations if world.label[r] in said}
            close = [r for r in missing if r.object in kinds]  # "ore of" where only "contains element" is said
            relation = rng.choice(close if close and rng.random() < 0.5 else missing)
            return self._question(relation, world.label[relation], name), REFUSAL
        entities = {s.entity for s in shown}
        u = rng.random()
        stranger = world._name(kind) if u < 0.4 else rng.choice(AFFIXES).format(name)
        if u > 0.7:  # a made-up first word before the end of a known name: "solven carcinoma"
            known = rng.choice([s.entity for s in shown] or [name])
            stranger = f"{world._invent().lower()} {known.split()[-1]}"
        if stranger in entities or stranger in world.facts or any(e.lower() == stranger.lower() for e in entities):
            stranger = world._invent() + "ax"
        relation = rng.choice([r for r in world.relations if kind in r.subjects])
        if rng.random() < 0.2:
            return self._say(DEFINITION.object, stranger), REFUSAL
        if rng.random() < 0.25:
            value = world._invent()
            return self._say(templates(relation.ask, self.held).subject, value), REFUSAL
        return self._question(relation, world.label[relation], stranger), REFUSAL

    def _say(self, options: tuple[str, ...], x: str) -> str:
        question = self.rng.choice(options).replace("{x}", x)
        u = self.rng.random()
        if u < 0.1:
            question = question.lower() if x.lower() == x else question.rstrip("?.")
        return question


def worlds(bank: Bank, pools: dict[str, list[str]], n: int, seed: int, *, held_relations: bool = False) -> list[World]:
    """n generated worlds."""
    relations = bank.part(held_relations)
    return [World(bank, relations, pools, random.Random(seed * 100_003 + i)) for i in range(n)]


def number(made: list[World]) -> list[World]:
    """The same worlds, with node and relation numbers that run through all of them."""
    nodes = relations = 0
    for world in made:
        world.offset, world.relation_offset = nodes, relations
        nodes, relations = nodes + len(world.ids), relations + len(world.relation_ids)
    return made


def episodes(made: list[World], seed: int, *, held_templates: bool = False) -> Iterator[Episode]:
    """Endless episodes over worlds drawn at random."""
    rng = random.Random(seed)
    writers = [Writer(world, held_templates) for world in made]
    for writer in writers:
        writer.rng = writer.world.rng = rng
    while True:
        yield rng.choice(writers).episode()
