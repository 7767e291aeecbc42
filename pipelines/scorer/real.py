"""Scenes cut from real graphs: what ontologies say, asked in the grammar of their relations' labels."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import scenes  # noqa: F401  puts pipelines/reader on the path
from graphs import LABELLED, by_grammar, near, tells
from scenes import Bank, Scene

from kgpeft.evidence.statements import Statement, statements
from kgpeft.evidence.steps import stems
from kgpeft.graph import Kind, KnowledgeGraph, read

LONGEST = 100  # characters of a value


class RealScene(Scene):
    """Some things of a real graph that lie near each other, with what it says of them; one kind, "thing"."""

    def __init__(self, graph: KnowledgeGraph, things: Sequence[int], bank: Bank, pools: dict[str, list[str]], rng: random.Random) -> None:
        self.rng, self.pools, self.typed, self.taxonomy = rng, pools, False, "is a"
        said = {graph.names[i]: [s for s in statements(graph, i) if not s.inverse] for i in things}
        labels = sorted({s.relation for found in said.values() for s in found} - set(LABELLED))
        made = {label: by_grammar(label) for label in labels}
        self.relations, self.label = list(made.values()), {r: label for label, r in made.items()}
        self.facts = {
            name: {made[s.relation]: tuple(v) for s in found if s.relation in made and (v := _short(s))} for name, found in said.items()
        }
        definition, synonym = ({n: s.values for n, found in said.items() for s in found if s.relation == kind} for kind in LABELLED)
        self.definitions, self.synonyms = {name: values[0] for name, values in definition.items()}, synonym
        self.kind_of = dict.fromkeys(self.facts, "graph/thing")
        self.things = {"graph/thing": list(self.facts)}
        self.taken = {name.lower() for name in self.facts}
        own = {stem for label in labels for stem in stems(label)}
        self.bank = Bank(bank.kinds, [r for r in bank.relations if not any(own & stems(label) for label in r.labels)])
        self._index()


def _short(s: Statement) -> list[str]:
    return [v for v in s.values if len(v) <= LONGEST and "\t" not in v and v.isprintable() and v != s.entity]


def real_scene(sources: Sequence[Path], bank: Bank, pools: dict[str, list[str]], i: int) -> RealScene:
    """Scene i, from the sources in turn."""
    graph, told = _graph(sources[i % len(sources)])
    rng = random.Random(f"real {i}")
    return RealScene(graph, near(graph, set(told), rng), bank, pools, rng)


@cache
def _graph(source: Path) -> tuple[KnowledgeGraph, frozenset[int]]:
    graph = read(source)
    return graph, frozenset(k for k in range(len(graph.terms)) if graph.kinds[k] != Kind.LITERAL and tells(graph, k))
