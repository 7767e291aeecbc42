"""Steps: a relation followed in one direction; what the scorer knows of each, and where each leads from a node."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.evidence.ends import Ends
from kgpeft.evidence.linking import Encode
from kgpeft.evidence.words import words

if TYPE_CHECKING:
    from kgpeft.embed import Embeddings
    from kgpeft.graph import KnowledgeGraph


SEEN = 24  # ends of a step that are looked at to learn what it leads to
NAMED = 4  # of these, names that its vectors are made of
LONGEST = 60  # characters of a name that are read
SPOKEN = ("definition, what it is", "other names, synonyms")  # how what labels tell is asked for
TAXONOMY = re.compile(r"(is a|sub ?class of|type|instance of|(has )?broader|kind of)", re.IGNORECASE)
_SUFFIX = re.compile(r"(ations?|ators?|ings?|ions?|ors?|ers?|ed|es|s|e|y|ies|ied|al|ment|ments)$")
_DATE = re.compile(r"\d{1,4}-\d{1,2}-\d{1,4}")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*")
STOP = frozenset(
    "a an the of in on at by to for from with and or is are was were be been has have had do does did can could what"
    " which who whom whose where when why how much many it its that this these those there me you i s".split()
)


def stem(word: str) -> str:
    """A word without its common endings: directed, director and directs are one."""
    short = _SUFFIX.sub("", word)
    return short if len(short) >= 3 else word


def stems(text: str) -> frozenset[str]:
    """The stems of a text's words that carry meaning; of all its words where none does."""
    found = [w for w, _, _ in words(text)]
    return frozenset(stem(w) for w in found if w not in STOP) or frozenset(found)


class Steps:
    """The steps of a graph: relation r forward is step r, backward R + r; then definition and synonyms.

    Vectors are made of the relation's label and of a few names at either end, whatever the size of the graph.
    """

    def __init__(self, graph: KnowledgeGraph, encode: Encode, embeddings: Embeddings | None = None) -> None:
        self.graph, self.relations = graph, len(graph.relations)
        self.definition, self.synonym = 2 * self.relations, 2 * self.relations + 1
        self.count = 2 * self.relations + 2
        self.inverse = np.arange(self.count) >= self.relations
        self.inverse[self.definition :] = False
        self.ends = Ends.of(graph)
        objects, subjects = self._samples(2), self._samples(0)
        ends, starts = [*objects, *subjects, [], []], [*subjects, *objects, [], []]
        self.shape = np.array([shape([graph.names[n] for n in nodes]) for nodes in ends], np.float32)  # [S, SHAPE]
        self.fan = self._fan()  # [S] ends of a node on average
        kinds = self._kinds(ends)
        labels = [*graph.relation_names, *graph.relation_names, *SPOKEN]
        named = _Named(graph, encode, embeddings)
        self.label = named.labels()  # each float32 [S, D]
        self.end, self.start = named.means([n[:NAMED] for n in ends]), named.means([n[:NAMED] for n in starts])
        self.kind = named.means([[k] if k >= 0 else [] for k in kinds])
        self.kind_there = np.array([k >= 0 for k in kinds])
        self.index, self.sizes = _index([stems(label) for label in labels])
        self.kind_index, _ = _index([stems(graph.names[k]) if k >= 0 else frozenset() for k in kinds])

    def reverse(self, step: np.ndarray) -> np.ndarray:
        """The same relations the other way round."""
        turned: np.ndarray = np.where(step < self.relations, step + self.relations, step - self.relations)
        return turned

    @cached_property
    def _by_relation(self) -> tuple[np.ndarray, np.ndarray]:
        relation = np.asarray(self.graph.edges[:, 1])
        order = np.argsort(relation, kind="stable")
        return order, np.searchsorted(relation[order], np.arange(self.relations + 1))

    def _samples(self, column: int) -> list[list[int]]:
        order, start = self._by_relation
        found = []
        for first, last in pairwise(start):
            places = np.unique(np.linspace(first, last - 1, SEEN).astype(np.int64)) if last > first else order[:0]
            found.append(list(dict.fromkeys(np.asarray(self.graph.edges[order[places], column]).tolist())))
        return [[int(n) for n in nodes] for nodes in found]

    def _fan(self) -> np.ndarray:
        _, start = self._by_relation
        groups, edges = np.bincount(self.ends.step, minlength=self.definition), np.tile(np.diff(start), 2)
        return np.append(edges / np.maximum(groups, 1), [1, 1]).astype(np.float32)

    def _kinds(self, ends: Sequence[Sequence[int]]) -> list[int]:
        """The most usual class of each step's ends; -1 where they have none."""
        taxonomic = [bool(TAXONOMY.fullmatch(name)) for name in self.graph.relation_names]
        found = []
        for nodes in ends:
            classes: Counter[int] = Counter()
            for group in (g for n in nodes for g in self.ends.groups(n)):
                if (step := self.ends.step[group]) < self.relations and taxonomic[step]:
                    classes.update(self.ends.end[self.ends.members(group, 2)].tolist())
            found.append(max(classes, key=lambda k: (classes[k], -k)) if classes else -1)
        return found


class _Named:
    """Vectors of a graph's names: its embeddings' or, where there are none, of those few that are asked for."""

    def __init__(self, graph: KnowledgeGraph, encode: Encode, embeddings: Embeddings | None) -> None:
        self.graph, self.encode, self.embeddings = graph, encode, embeddings
        self.spoken = encode(SPOKEN)

    def labels(self) -> np.ndarray:
        """[2R + 2, D] of the relations, twice, and of what labels tell."""
        names: np.ndarray = self.spoken[:0]
        if self.embeddings is not None:
            names = self.embeddings.relation[:, self.embeddings.columns("text")]
        elif self.graph.relation_names:
            names = self.encode(self.graph.relation_names)
        return np.concatenate([names, names, self.spoken]).astype(np.float32)

    def means(self, every: Sequence[Sequence[int]]) -> np.ndarray:
        """[n, D] the mean vector of each list of nodes, of length one; zero for none."""
        nodes = sorted({n for ns in every for n in ns})
        found = np.zeros((len(every), self.spoken.shape[1]), np.float32)
        if nodes and self.embeddings is not None:
            vectors = self.embeddings.entity[:, self.embeddings.columns("text")][nodes]
        elif nodes:
            vectors = self.encode([self.graph.names[n][:LONGEST] for n in nodes])
        place = {n: i for i, n in enumerate(nodes)}
        for row, own in zip(found, every, strict=True):
            if own:
                mean = vectors[[place[n] for n in own]].mean(0)
                row[:] = mean / max(float(np.linalg.norm(mean)), 1e-9)
        return found


SHAPE = 10


def shape(names: Sequence[str]) -> list[float]:
    """What some names look like: shares of numbers, dates, years, capitals and so on."""
    if not names:
        return [0.0] * SHAPE
    rows = [_shape(name) for name in names]
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def _shape(name: str) -> list[float]:
    number, parts = _NUMBER.fullmatch(name) is not None, name.split()
    return [
        1.0, number, number and len(name) == 4 and name[0] in "12", _DATE.match(name) is not None,
        bool(re.match(r"[-+]?\d", name)) and not number, any(c.isdigit() for c in name), name[:1].isupper(),
        len(parts) in (2, 3) and all(p[:1].isupper() for p in parts), name.isupper(), min(len(parts), 10) / 10,
    ]


def _index(every: Sequence[frozenset[str]]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Stem → the steps that have it; and how many stems each has."""
    found: dict[str, list[int]] = {}
    for step, own in enumerate(every):
        for s in own:
            found.setdefault(s, []).append(step)
    return {s: np.array(steps) for s, steps in found.items()}, np.array([len(own) for own in every], np.float32)
