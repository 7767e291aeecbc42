"""A graph as it is asked about: its statements, its hierarchy, and which names are fit for a question."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from kgpeft.dataset.grammar import base
from kgpeft.dataset.phrasing import TAXONOMIC, plain
from kgpeft.evidence.statements import Statement, statements
from kgpeft.evidence.words import words
from kgpeft.graph import Kind, KnowledgeGraph
from kgpeft.spelling import fold

LONGEST_NAME = 12  # words of a name that is asked for or answered with
LONGEST_TEXT = 90  # characters of one
LONGEST_DEFINITION = 40  # words
SHORTEST_DEFINITION = 3
FUNCTION = frozenset("a an the of in on at by to from with for and or not as its is are".split())
_MARKED = re.compile(r"&#?\w+|\((?:\w+, )?(?:exact|related|broad|narrow|plural|obsolete)\b|^\W")  # "(Spanish, exact)"
_IDENTIFIER = re.compile(r"[A-Za-z]{1,12}[:_]\d{3,}\w*|https?:\S+|[0-9a-f]{8}-[0-9a-f-]{20,}|/[a-z]/\S+")


class Facts:
    """What a graph says, prepared for asking."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph, nodes = graph, range(len(graph.terms))
        self.statements = [s for node in nodes for s in statements(graph, node)]
        self.names = list(graph.names)
        self.said: list[set[int]] = [set() for _ in nodes]  # node → relations it has
        self.parents: list[list[int]] = [[] for _ in nodes]
        self.children: dict[int, list[int]] = defaultdict(list)
        self.taxonomic = {i for i, name in enumerate(graph.relation_names) if plain(name) in TAXONOMIC}
        for s, r, o in graph.edges.tolist():
            self.said[s].add(r)
            if r in self.taxonomic:
                self.parents[s].append(o)
                self.children[o].append(s)
        self.only_taxonomy = len(self.taxonomic) == len(graph.relations)
        self.askable = self._askable()
        self._fit: list[bool] = self.askable.tolist()
        self._aliases: dict[int, tuple[str, ...]] = {}

    @cached_property
    def entities(self) -> list[int]:
        """The nodes that have something said of them and a name to be asked by."""
        return [e for e in np.flatnonzero(self.askable).tolist() if self.said[e] and not self.is_literal(e)]

    @cached_property
    def bearers(self) -> dict[int, list[int]]:
        """Relation → the entities that have it."""
        found: dict[int, list[int]] = defaultdict(list)
        for e in self.entities:
            for r in self.said[e]:
                found[r].append(e)
        return dict(found)

    @cached_property
    def names_by_word(self) -> Counter[str]:
        """How many names have a word."""
        return Counter(word for name in self.names for word in set(content(name)))

    @cached_property
    def mirrors(self) -> list[set[int]]:
        """Relation → the relations that by their names are its inverse: "has part" and "part of"."""
        by_stem: dict[str, set[int]] = defaultdict(set)
        stems = [_stem(name) for name in self.graph.relation_names]
        for relation, stem in enumerate(stems):
            by_stem[stem].add(relation)
        return [by_stem[stem] - {relation} for relation, stem in enumerate(stems)]

    def is_literal(self, node: int) -> bool:
        """Whether a node is a value."""
        return bool(self.graph.kinds[node] == Kind.LITERAL)

    def aliases(self, node: int) -> tuple[str, ...]:
        """The name of a node and its other names, but for those that another entity has too."""
        if node not in self._aliases:
            name, *others = self.graph.aliases(node)
            self._aliases[node] = (name, *(other for other in others if self.graph.find(other) == [node]))
        return self._aliases[node]

    def spoken_aliases(self, node: int) -> list[str]:
        """The other names of a node that one could ask by: short, in Latin letters, without marks of the trade."""
        named = [alias for alias in self.aliases(node)[1:] if len(alias.split()) <= LONGEST_NAME]
        return [a for a in named if not _MARKED.search(a) and sum(map(str.isascii, a)) > 0.8 * len(a)]

    def above(self, node: int) -> set[int]:
        """All classes above a node, without itself."""
        found: set[int] = set()
        front = [node]
        while front:
            front = [p for e in front for p in self.parents[e] if p not in found]
            found.update(front)
        return found

    def can_ask(self, s: Statement, most: int, least: int = 1) -> bool:
        """Whether a statement makes a question: names that are fit, and not too many values."""
        values = set(s.value_ids)
        return (
            s.relation_id >= 0 and least <= len(values) <= most and len(set(s.values)) == len(values)
            and self._fit[s.entity_id] and all(self._fit[value] for value in values) and s.entity_id not in values
            and not self.is_opaque[s.relation_id] and (s.inverse or self._alone(s))
        )

    def _alone(self, s: Statement) -> bool:
        """Whether the entity has no other relation that is asked for in the same words."""
        asked = self._asked_as[s.relation_id]
        return sum(self._asked_as[r] == asked for r in self.said[s.entity_id]) == 1

    @cached_property
    def _asked_as(self) -> list[str]:
        names = enumerate(self.graph.relation_names)
        return ["is a" if relation in self.taxonomic else plain(name) for relation, name in names]

    @cached_property
    def is_opaque(self) -> list[bool]:
        """Relation → whether it has no name that one could ask by."""
        return [not re.search(r"[A-Za-z]{2}", name) or bool(_IDENTIFIER.fullmatch(name.strip()))
                for name in self.graph.relation_names]

    def defined(self, s: Statement) -> bool:
        """Whether a statement is a definition short enough to be asked for."""
        fits = s.relation_id < 0 and s.relation == "definition" and bool(self.askable[s.entity_id])
        return fits and SHORTEST_DEFINITION <= len(s.values[0].split()) <= LONGEST_DEFINITION

    def _askable(self) -> np.ndarray:
        """bool [N]: names that are words, short, and nobody else's; values that are no truth values."""
        graph = self.graph
        shared = Counter(name.casefold() for name in self.names)
        fit = np.zeros(len(self.names), bool)
        for node, name in enumerate(self.names):
            short = 0 < len(name) <= LONGEST_TEXT and len(name.split()) <= LONGEST_NAME and "\n" not in name
            if self.is_literal(node):
                fit[node] = short and name.casefold() not in ("true", "false")
            else:
                identifier = bool(_IDENTIFIER.fullmatch(name))
                own = shared[name.casefold()] == 1 and graph.find(name) == [node]
                fit[node] = short and own and not identifier and bool(re.search(r"[^\W_]", name))
        return fit


def content(text: str) -> list[str]:
    """The content words of a text, in one spelling for all their forms."""
    return [fold(word) for word, _, _ in words(text) if word not in FUNCTION]


def shares_word(name: str, others: Iterable[str]) -> bool:
    """Whether a name has a content word in common with one of the others."""
    own = set(content(name))
    return any(not own.isdisjoint(content(other)) for other in others)


def _stem(label: str) -> str:
    """What a relation and its inverse have in common by name: part of both "has part" and "is part of"."""
    text = re.sub(r"^(has|is|have) | (of|by|to|from|for|in|with|into)$", "", plain(label)).strip()
    text = re.sub(r"^(has|is|have) | (of|by|to|from|for|in|with|into)$", "", text).strip()
    first = text.split(" ")[0]
    return text.replace(first, re.sub(r"(e|ed)$", "", base(first)), 1) if first else label
