"""Worlds from real graphs: the same episodes as generated worlds have, over what ontologies really say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from worlds import Bank, Relation, World

from kgpeft.dataset.phrasing import TAXONOMIC, phrasing, plain
from kgpeft.evidence.statements import Statement, statements
from kgpeft.graph import Kind, KnowledgeGraph, read

THINGS = 90  # a world
LONGEST = 70  # characters of a name
LABELLED = ("definition", "also called")


class GraphWorld(World):
    """Some things of a real graph with all that it says of them; one kind, "thing"; questions by relation grammar."""

    def __init__(self, graph: KnowledgeGraph, things: Sequence[int], pools: dict[str, list[str]], rng: random.Random) -> None:
        self.rng, self.pools, self.bank = rng, pools, Bank({"graph/thing": []})
        self.taxonomy = "is a"
        said = {graph.names[i]: [s for s in statements(graph, i) if not s.inverse] for i in things}
        labels = sorted({s.relation for found in said.values() for s in found if s.relation not in LABELLED})
        made = {label: by_grammar(label) for label in labels}
        self.relations, self.label = list(made.values()), {r: label for label, r in made.items()}
        self.facts = {
            name: {made[s.relation]: s.values for s in found if s.relation in made} for name, found in said.items()
        }
        labelled = {kind: {n: s.values for n, found in said.items() for s in found if s.relation == kind} for kind in LABELLED}
        self.definitions = {name: values[0] for name, values in labelled["definition"].items()}
        self.synonyms = labelled["also called"]
        self.values = {r: sorted({v for facts in self.facts.values() for v in facts.get(r, ())}) for r in self.relations}
        self.kind_of = dict.fromkeys(self.facts, "graph/thing")
        self.things = {"graph/thing": list(self.facts)}
        self.ids, self.relation_ids, self.offset, self.relation_offset = {}, {}, 0, 0
        self.bearers = {}
        for name, facts in self.facts.items():
            for r, values in facts.items():
                for v in values:
                    self.bearers.setdefault((r, v), []).append(name)
        self.triples = self.edges()

    def _pick(self, relation: Relation) -> tuple[str, ...]:
        n = min(self.rng.choice([1, 1, 1, 2, 3]), len(self.values[relation]))
        return tuple(self.rng.sample(self.values[relation], n))

    def _name(self, kind: str) -> str:
        return self.rng.choice(self.pools["labels"]) if self.rng.random() < 0.5 else self._invent()

    def about(self, name: str) -> list[Statement]:
        """All statements of one thing; its classes are among its facts."""
        return [s for s in super().about(name) if s.values != ("thing",)]

    def members(self, kind: str) -> Statement:
        """Who bears some value: a real graph has no one kind of all things."""
        relation, value = self.rng.choice(sorted(self.bearers, key=lambda b: (b[0].labels, b[1])))
        return self.backward(relation, value)

    def edges(self) -> list[tuple[int, int, int]]:
        """The world as numbers, without the kind that stands for all things."""
        node, relation = self.ids.setdefault, self.relation_ids.setdefault
        return [
            (node(n, len(self.ids)), relation(self.label[r], len(self.relation_ids)), node(v, len(self.ids)))
            for n, facts in self.facts.items() for r, vs in facts.items() for v in vs
        ]


def by_grammar(label: str) -> Relation:
    """A relation of a real graph; the taxonomic ones overlap each other."""
    overlaps = TAXONOMIC if plain(label) in TAXONOMIC else ()
    return Relation((label,), ("graph/thing",), label, phrasing(label), frozenset(overlaps), "graph")


def graph_worlds(sources: Sequence[Path], pools: dict[str, list[str]], n: int, seed: int) -> list[World]:
    """n worlds from each source: things that lie near each other, so that their names and values are confusable."""
    made: list[World] = []
    for i, source in enumerate(sources):
        graph, rng = read(source), random.Random(seed * 1_009 + i)
        told = [k for k in range(len(graph.terms)) if graph.kinds[k] != Kind.LITERAL and tells(graph, k)]
        for _ in range(n):
            made.append(GraphWorld(graph, near(graph, set(told), rng), pools, rng))
    return made


def tells(graph: KnowledgeGraph, node: int) -> bool:
    own = [s for s in statements(graph, node) if not s.inverse]
    return len(own) >= 2 and any(s.relation_id >= 0 for s in own) and len(graph.names[node]) < LONGEST


def near(graph: KnowledgeGraph, told: set[int], rng: random.Random) -> list[int]:
    """Things met by walks over the graph, in the order in which they are met."""
    met: dict[int, None] = {}
    ordered = sorted(told)
    while len(met) < min(THINGS, len(ordered)):
        node = rng.choice(ordered)
        for _ in range(8):
            if node in told:
                met.setdefault(node)
            ends = graph.edges[[*graph.outgoing(node), *graph.incoming(node)]][:, ::2].ravel()
            node = int(rng.choice(ends.tolist())) if len(ends) else node
    return list(met)[:THINGS]
