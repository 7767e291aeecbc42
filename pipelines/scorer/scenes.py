"""Generated graphs of any size over the reader's relation bank, with questions of one and two steps and their paths.

A scene is a world whose things are also each other's values, so that there are paths of two steps, and that is read as
any graph is: by way of an edge list.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "reader"))
from worlds import AFFIXES, OTHER_NAMES, Bank, Relation, World, held_out, templates

from kgpeft.dataset.phrasing import DEFINITION, phrasing, plain
from kgpeft.graph import KnowledgeGraph, Label, read
from kgpeft.graph.texts import Labels

Path2 = tuple[tuple[str, bool], ...]  # steps: (label, backwards)
OPENINGS = ("please tell me ", "do you know ", "i want to know ", "can you say ", "tell me ", "hey, ")
GRAMMATICAL = 0.15  # share of the questions that are phrased after a relation's label alone
_WHO = re.compile(r"Who ((?!did|does|do|is|are|was|were)\w+ .*\{x\}.*)\?")
_DID = re.compile(r"(?:Which|What) (\w+(?: \w+)?) (?:did|does|do|can|has|have) (\{x\} \w.*)\?")
_WHICH = re.compile(r"(?:Which|What) ((?!did|does|do|is|are|was|were|has|have|had|can)\w+(?: or \w+)?) ((?!did|does|do|can)\w+ .*)\?")


@dataclass(frozen=True)
class Query:
    """A question, the thing it names, and the paths that answer it: none where the graph does not say."""

    text: str
    template: str  # with {x} in the thing's place
    thing: str
    paths: frozenset[Path2]
    family: str
    asked: frozenset[Path2] = frozenset()  # the paths that would answer it, there or not; none if the graph has no such relation


class Scene(World):
    """A generated graph of about so many facts."""

    def __init__(self, bank: Bank, relations: list[Relation], pools: dict[str, list[str]], rng: random.Random, facts: int) -> None:
        self.rng, self.pools, self.bank, self.taken = rng, pools, bank, set()
        kinds = sorted({s for r in relations for s in r.subjects})
        weights = [sum(k in r.subjects for r in relations) for k in kinds]
        self.relations, self.label, self.values, self.ids, self.relation_ids = [], {}, {}, {}, {}
        self.definitions, self.synonyms, self.facts, self.kind_of = {}, {}, {}, {}
        self.offset = self.relation_offset = 0
        chosen = self._kinds(kinds, weights, facts)
        self.relations = [r for r in relations if set(chosen) & set(r.subjects) and rng.random() < 0.9]
        self.label = {r: self._style(rng.choice(r.labels)) for r in self.relations}
        self.taxonomy = rng.choice(["is a", "is a", "instance of", "is a", "broader", "instance of"])
        self.typed = rng.random() < 0.6
        density = rng.uniform(0.35, 0.9)
        per_kind = sum(len(set(chosen) & set(r.subjects)) for r in self.relations) / len(chosen) * density * 1.4 + self.typed
        n = max(6, int(facts / per_kind / len(chosen)))
        self.things = {k: self._names(k, n) for k in chosen}
        self.kind_of = {name: k for k, names in self.things.items() for name in names}
        linked = rng.random() < 0.8
        for r in self.relations:
            if r.object not in self.values:
                apart = r.object not in self.things or not linked
                self.values[r.object] = self._values(r.object, max(12, n // 3)) if apart else self.things[r.object]
        for kind, names in self.things.items():
            own = [r for r in self.relations if kind in r.subjects]
            for name in names:
                self.facts[name] = {r: v for r in own if rng.random() < density and (v := self._other(name, r))}
        self._describe()
        self._index()

    def _index(self) -> None:
        """What is said of values."""
        self.bearers: dict[tuple[Relation, str], list[str]] = {}
        for name, said in self.facts.items():
            for r, values in said.items():
                for v in values:
                    self.bearers.setdefault((r, v), []).append(name)
        self.of_value: dict[str, list[Relation]] = {}
        for r, v in self.bearers:
            self.of_value.setdefault(v, []).append(r)

    def _kinds(self, kinds: list[str], weights: list[int], facts: int) -> list[str]:
        """Few kinds in a small scene; several of one domain, so that they are each other's values."""
        count = self.rng.randint(2, 12) if facts < 5_000 else 8 if facts < 20_000 else 30
        first = set(self.rng.choices(kinds, weights, k=count))
        near = [k for k in kinds if k.split("/")[0] in {f.split("/")[0] for f in first}]
        return sorted(first | set(self.rng.sample(near, min(len(near), count // 2 + 1))))

    def _names(self, kind: str, n: int) -> list[str]:
        names: dict[str, None] = {}
        while len(names) < n:
            name = self._name(kind)
            if n > 200 and self.rng.random() < 0.5:
                name = f"{name} {self._invent()}"
            if names and self.rng.random() < 0.1:
                name = f"{self.rng.choice(['left', 'New', 'primary', 'anterior'])} {name}"
            if name.lower() not in self.taken:
                names[name] = None
                self.taken.add(name.lower())
        return list(names)

    def _other(self, name: str, r: Relation) -> tuple[str, ...]:
        return tuple(v for v in self._pick(r) if v != name)

    def _describe(self) -> None:
        if self.rng.random() < 0.5:
            return
        for name in self.facts:
            if self.pools["definitions"] and self.rng.random() < 0.5:
                self.definitions[name] = self.rng.choice(self.pools["definitions"])
            if self.rng.random() < 0.3:
                self.synonyms[name] = tuple(self._names(self.kind_of[name], self.rng.choice([1, 1, 2])))

    def graph(self) -> KnowledgeGraph:
        """The scene as a graph."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scene.tsv"
            with path.open("w", encoding="utf-8") as file:
                file.write("subject\tpredicate\tobject\n")
                for name, said in self.facts.items():
                    if self.typed:
                        file.write(f"{name}\t{self.taxonomy}\t{self.kind(name)}\n")
                    file.writelines(f"{name}\t{self.label[r]}\t{v}\n" for r, vs in said.items() for v in vs)
            graph = read(path)
        if not self.definitions and not self.synonyms:
            return graph
        number = {term: i for i, term in enumerate(graph.terms)}
        texts = [Label(number[n], "definition", d, "") for n, d in self.definitions.items() if n in number]
        texts += [Label(number[n], "exact", s, "") for n, ss in self.synonyms.items() if n in number for s in ss]
        return replace(graph, labels=Labels.of(sorted(texts)), places=np.zeros((len(texts), 2), np.int32))


class Asker:
    """Asks questions of a scene; `held` takes the phrasings that training never sees."""

    def __init__(self, scene: Scene, rng: random.Random, held: bool) -> None:
        self.scene, self.rng, self.held = scene, rng, held
        self.names = list(scene.facts)
        self.values = list(scene.of_value)
        self.foreign = [r for r in scene.bank.part(False) if r not in scene.label]

    def __call__(self) -> Query:
        """One question."""
        while True:
            u = self.rng.random()
            make: Callable[[], Query | None] = (
                self._forward if u < 0.35 else self._backward if u < 0.54 else self._labels if u < 0.60
                else self._class if u < 0.63 else self._statement if u < 0.66 else self._stranger if u < 0.70 else self._two
            )
            made = make()
            if made is not None:
                return made

    # one step
    def _forward(self) -> Query | None:
        name = self.rng.choice(self.names)
        own, u = self.scene.facts[name], self.rng.random()
        if own and u < 0.55:
            r = self.rng.choice(list(own))
            return self._query(self._ask(r).object, name, {((self.scene.label[r], False),)}, "forward")
        kind = self.scene.kind_of[name]
        mine = [r for r in self.scene.relations if kind in r.subjects]
        pool = mine if u < 0.85 else self.scene.relations if u < 0.93 else self.foreign
        r = self.rng.choice(pool) if pool else None
        if r is None or self._said(name) & _names(r, self.scene):
            return None
        return self._query(self._ask(r).object, name, set(), "forward absent", self._path(r, False))

    def _backward(self) -> Query | None:
        value = self.rng.choice(self.values)
        own, u = self.scene.of_value[value], self.rng.random()
        if u < 0.6:
            r = self.rng.choice(own)
            return self._query(self._ask(r).subject, value, {((self.scene.label[r], True),)}, "backward")
        if u < 0.7 and self.names:
            value = self.rng.choice(self.names)
        pool = [r for r in self.scene.relations if r.object == own[0].object] if u < 0.85 else self.scene.relations
        r = self.rng.choice(pool) if pool else None
        if r is None or self._said(value) & _names(r, self.scene):
            return None
        return self._query(self._ask(r).subject, value, set(), "backward absent", self._path(r, True))

    def _path(self, r: Relation, back: bool) -> set[Path2]:
        return {((self.scene.label[r], back),)} if r in self.scene.label else set()

    def _stranger(self) -> Query | None:
        """A question about something that the graph does not know, but whose name holds one that it knows."""
        known = self.rng.choice(self.names)
        own = list(self.scene.facts[known])
        name = self.rng.choice(AFFIXES).format(known) if self.rng.random() < 0.5 else f"{self.scene._invent().lower()} {known.split()[-1]}"
        if not own or name.lower() in self.scene.taken:
            return None
        return self._query(self._ask(self.rng.choice(own)).object, name, set(), "stranger")

    def _labels(self) -> Query | None:
        name, ask = self.rng.choice(self.names), self.rng.choice([DEFINITION, OTHER_NAMES])
        label, told = ("definition", self.scene.definitions) if ask is DEFINITION else ("also called", self.scene.synonyms)
        if ask is DEFINITION and name not in told and self.scene.typed and self.rng.random() < 0.8:
            return None
        path = {((label, False),)}
        return self._query(ask.object, name, path if name in told else set(), label if name in told else f"{label} absent", path)

    def _class(self) -> Query | None:
        if not self.scene.typed:
            return None
        if self.rng.random() < 0.5:
            return self._query(phrasing("is a").object, self.rng.choice(self.names), {((self.scene.taxonomy, False),)}, "class")
        kind = self.scene.kind(self.rng.choice(self.names))
        return self._query(phrasing("is a").subject, kind, {((self.scene.taxonomy, True),)}, "members")

    def _statement(self) -> Query | None:
        """Is it so? Both ends are named, and either statement will do."""
        name = self.rng.choice(self.names)
        if not (own := self.scene.facts[name]):
            return None
        r = self.rng.choice(list(own))
        value = self.rng.choice(own[r])
        said = r.statement.rstrip(".").replace("{s}", "{x}").replace("{o}", value)
        if "{x}" not in said:
            return None
        options = (f"Is it true that {said}?", f"Is it so that {said}?", f"{said}?", f"{said}, right?")
        step = self.scene.label[r]
        return self._query(options, name, {((step, False),), ((step, True),)}, "statement")

    # two steps
    def _two(self) -> Query | None:
        u = self.rng.random()
        if u < 0.25:
            return self._share()
        start = self.rng.choice(self.values if self.rng.random() < 0.65 else self.names)
        first = self.rng.choice(self._steps(start) or [None])
        if first is None:
            return None
        r1, back1 = first
        middles = self._ends(start, r1, back1)
        onward = [(r, b, m) for m in middles[:6] for r, b in self._steps(m) if (r, b) != (r1, not back1) or len(self._ends(m, r, b)) > 1]
        if not onward:
            return None
        r2, back2, _ = self.rng.choice(onward)
        absent = self.rng.random() < 0.2
        if absent:
            r2, back2 = self.rng.choice(self.scene.relations), self.rng.random() < 0.3
            if any(self._said(m) & _names(r2, self.scene) for m in (*middles, start)):
                return None
        ask = self._ask(r2)
        options = tuple(t.replace("{x}", noun) for t in (ask.subject if back2 else ask.object) for noun in [self._noun(r1, back1)])
        path = ((self.scene.label[r1], back1), (self.scene.label[r2], back2))
        return self._query(options, start, set() if absent else {path}, "two absent" if absent else "two", {path})

    def _share(self) -> Query | None:
        """What has the same: there and back again."""
        name = self.rng.choice(self.names)
        own = self.scene.facts[name]
        shared = [r for r, vs in own.items() if any(len(self.scene.bearers[r, v]) > 1 for v in vs)]
        if not shared:
            return None
        r = self.rng.choice(shared)
        label, kind = plain(self.rng.choice(r.labels)), _plural(_kind(self.scene.kind_of[name]))
        options = [
            f"which {kind} share {_plural(label)} with {{x}}?", f"what {kind} have the same {label} as {{x}}?",
            f"what other {kind} have the {label} of {{x}}?", f"which {kind} have a {label} in common with {{x}}?",
            f"{kind} with the same {label} as {{x}}", f"what else shares its {label} with {{x}}?",
            f"which {kind} have the {label} that {{x}} has?", f"{{x}} shares {label} with which {kind}?",
        ]
        options += [t.replace("{x}", self._noun(r, False)) for t in self._ask(r).subject]
        rest = _after(r.statement)
        options += [f"which {kind} {rest} the same {_kind(r.object)} as {{x}}?"] * bool(rest)
        step = self.scene.label[r]
        return self._query(tuple(options), name, {((step, False), (step, True))}, "share")

    def _noun(self, r: Relation, back: bool) -> str:
        """A phrase for what a step leads to from {x}: "the films that were made by {x}"."""
        rng, label = self.rng, plain(self.rng.choice(r.labels))
        kind = _kind(r.subjects[0] if back else r.object)
        many, rest = _plural(kind), _after(r.statement)
        asked = templates(r.ask, self.held)
        found = [self._clause(t) for t in (asked.subject if back else asked.object)]
        phrases = [p for p in found if p]
        if back:
            phrases += [f"the {many} whose {label} is {{x}}", f"{many} with {label} {{x}}", f"the {many} that have {{x}} as {label}"]
            phrases += [f"{{x}} {many}", f"the {many} of {{x}}", f"{{x}}'s {many}"]
            if rest:
                passive = re.sub(r"^(is|was|are|were) ", "", rest)
                clause = f"{many} {passive} {{x}}" if passive != rest else f"{many} that {rest} {{x}}"
                phrases += [f"the {clause}", f"the {clause}", clause]
        else:
            phrases += [f"the {label} of {{x}}", f"{{x}}'s {label}", f"the {label} of {{x}}", f"the {label} that {{x}} has"]
            phrases += [r.ask.path] * 2 if r.ask.path else []
            if rest:
                phrases += [f"what {{x}} {rest}", f"the {kind} that {{x}} {rest}"]
        return rng.choice(phrases)

    def _clause(self, template: str) -> str:
        """A question for things as a phrase for them: "Who wrote {x}?" is "the person who wrote {x}"."""
        if match := _WHO.fullmatch(template):
            return f"the {self.rng.choice(['person', 'one', 'people'])} who {match[1]}"
        if match := _DID.fullmatch(template):
            return f"the {match[1]} {self.rng.choice(['that ', ''])}{match[2]}"
        match = _WHICH.fullmatch(template)
        return f"the {match[1]} that {match[2]}" if match and "{x}" in match[2] else ""

    def _steps(self, node: str) -> list[tuple[Relation, bool]]:
        return [(r, False) for r in self.scene.facts.get(node, {})] + [(r, True) for r in self.scene.of_value.get(node, [])]

    def _ends(self, node: str, r: Relation, back: bool) -> Sequence[str]:
        return self.scene.bearers[r, node] if back else self.scene.facts[node][r]

    # words
    def _ask(self, r: Relation):
        if self.rng.random() < GRAMMATICAL and not self.held:
            return phrasing(self.scene.label.get(r, r.labels[0]))
        return templates(r.ask, self.held)

    def _said(self, name: str) -> set[str]:
        said = [r for r, _ in self._steps(name)]
        return {x.lower() for r in said for x in (*r.overlaps, *r.labels, self.scene.label[r])}

    def _query(
        self, options: Sequence[str], name: str, paths: set[Path2], family: str, asked: set[Path2] | None = None
    ) -> Query:
        template = self._noisy(self.rng.choice([o for o in options if "{x}" in o]))
        said = name.lower() if self.rng.random() < 0.15 else name
        return Query(template.replace("{x}", said), template, name, frozenset(paths), family, frozenset(asked or paths))

    def _noisy(self, text: str) -> str:
        """People leave out question marks, capitals and words; each template has few variants, so that vectors are shared."""
        u = self.rng.random()
        if u < 0.6 or self.held:
            return text
        if u < 0.85:
            return text.rstrip("?.").lower().replace("{X}", "{x}")
        fixed = random.Random(text)
        tokens = text.split()
        free = [i for i, t in enumerate(tokens) if "{x}" not in t]
        if fixed.random() < 0.5 and len(free) > 4:
            del tokens[fixed.choice(free)]
            return " ".join(tokens)
        return fixed.choice(OPENINGS) + text[:1].lower() + text[1:]


def _names(r: Relation, scene: Scene) -> set[str]:
    return {x.lower() for x in (*r.labels, *r.overlaps, scene.label.get(r, r.labels[0]))}


def _kind(kind: str) -> str:
    return kind.partition("/")[2] if "/" in kind and "[" not in kind else "thing"


def _plural(noun: str) -> str:
    return noun if noun.endswith("s") else noun[:-1] + "ies" if re.search("[^aeiou]y$", noun) else noun + "s"


def _after(statement: str) -> str:
    """What a statement says between its subject and its object, if they stand at its ends."""
    match = re.fullmatch(r"\{s\} (.+) \{o\}\.?", statement)
    return match[1] if match and "{" not in match[1] else ""


def relations(bank: Bank, part: str) -> list[Relation]:
    """Those to train on, to tune on ("dev") or to report on ("test")."""
    if part == "test":
        return bank.part(True)
    return [r for r in bank.part(False) if held_out("dev " + r.labels[0] + r.domain, 0.08) is (part == "dev")]
