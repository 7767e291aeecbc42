"""Graphs that say something else: controls that tell whether answers come from the graph at all.

All keep the nodes and relations, so that embeddings and trained weights fit.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from kgpeft.dataset.closure import UP
from kgpeft.dataset.groups import Groups
from kgpeft.dataset.questions import Question
from kgpeft.dataset.splits import told
from kgpeft.graph import Kind, KnowledgeGraph
from kgpeft.graph.texts import Label, Labels

NAMING = ("label", "exact")


def emptied(graph: KnowledgeGraph) -> KnowledgeGraph:
    """The names alone: no edge, no definition, no synonym."""
    none = np.zeros(0, np.int32)
    return replace(
        graph, edges=graph.edges[:0], patterns=graph.patterns[:0], origins=none, lines=none, places=graph.places[:0],
        labels=Labels.of([]), axioms=[],
    )


def shuffled(graph: KnowledgeGraph, seed: int = 0) -> KnowledgeGraph:
    """Every relation keeps its subjects and its objects, but who has what is dealt out anew; definitions likewise."""
    rng, edges = np.random.default_rng(seed), np.array(graph.edges)
    for relation in range(len(graph.relations)):
        rows = np.flatnonzero(edges[:, 1] == relation)
        edges[rows, 2] = _deranged(edges[rows, 2], rng)
    _, kept = np.unique(edges, axis=0, return_index=True)  # sorted, and without what came out twice
    lines = graph.lines[kept] if len(graph.lines) else graph.lines
    return replace(
        graph, edges=edges[kept], patterns=graph.patterns[kept], origins=graph.origins[kept], lines=lines, axioms=[],
        labels=Labels.of(_dealt([label.role == "definition" for label in graph.labels], graph, rng)),
        places=graph.places[:0],
    )


def misnamed(graph: KnowledgeGraph, seed: int = 0) -> KnowledgeGraph:
    """Every name leads to another thing's facts: the names are dealt out anew among the entities."""
    rng = np.random.default_rng(seed)
    entities = np.flatnonzero(np.asarray(graph.kinds) != Kind.LITERAL)
    to = np.arange(len(graph.terms))
    to[entities] = _deranged(entities, rng)
    names, bearer = [graph.names[i] for i in to.tolist()], np.argsort(to).tolist()
    labels = sorted(
        label._replace(entity=bearer[label.entity]) if label.role in NAMING else label for label in graph.labels
    )
    return replace(graph, names=names, labels=Labels.of(labels), axioms=[], places=graph.places[:0])


def counterfactual(graph: KnowledgeGraph, seed: int = 0) -> KnowledgeGraph:
    """The graph in which every single value is another one, and nothing says the old one: who reads it must follow.

    A new value is one that the relation has elsewhere. Classes stay, for more follows from them. What would restate or
    imply an old value goes: the rest of its fact group, and definitions that name both ends.
    """
    rng, edges, groups = np.random.default_rng(seed), np.array(graph.edges), Groups.read(graph)
    counts = Counter(map(tuple, edges[:, :2].tolist()))
    alone = [e for e, (s, r, _) in enumerate(edges.tolist()) if counts[s, r] == 1 and graph.patterns[e] not in UP]
    alone.sort(key=lambda edge: -edges[edge, 1])
    chosen = sorted({int(groups.of[edge]): edge for edge in alone}.values())  # one of each group, of the same relation
    for relation in range(len(graph.relations)):
        rows = [edge for edge in chosen if edges[edge, 1] == relation]
        edges[rows, 2] = _deranged(edges[rows, 2], rng)
    changed = {edge for edge in chosen if edges[edge, 2] not in (graph.edges[edge, 2], edges[edge, 0])}
    same = sorted(set(chosen) - changed)
    edges[same] = graph.edges[same]
    gone = groups.whole(list(changed)) - changed
    silent = {entity for entity, _ in told(graph, changed, (), (x for x in graph.labels if x.role == "definition"))}
    keep = np.setdiff1d(np.arange(len(edges)), sorted(gone))
    order = keep[np.lexsort(edges[keep].T[::-1])]
    return replace(
        graph, edges=edges[order], patterns=graph.patterns[order], origins=graph.origins[order],
        lines=graph.lines[order] if len(graph.lines) else graph.lines, axioms=[], places=graph.places[:0],
        labels=Labels.of(x for x in graph.labels if x.role != "definition" or x.entity not in silent),
    )


def contrary(
    questions: Sequence[Question], graph: KnowledgeGraph, other: KnowledgeGraph
) -> dict[int, tuple[tuple[str, ...], ...]]:
    """The answers of another graph, by place, to questions for a single value that it says otherwise."""
    was, now = _values(graph), _values(other)
    found: dict[int, tuple[tuple[str, ...], ...]] = {}
    for i, q in enumerate(questions):
        key = q.subject or "", q.relation or ""
        old, new = was.get(key, []), now.get(key, [])
        asked = len(old) == len(q.answers) == 1 and graph.names[old[0]] in q.answers[0]
        if asked and len(new) == 1 and new != old and q.answers[0][0] not in other.aliases(new[0]):
            found[i] = (tuple(other.aliases(new[0])),)
    return found


def _values(graph: KnowledgeGraph) -> Mapping[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for s, r, o in graph.edges.tolist():
        found[graph.terms[s], graph.relations[r]].append(o)
    return found


def _dealt(chosen: list[bool], graph: KnowledgeGraph, rng: np.random.Generator) -> list[Label]:
    """The labels, the chosen ones with their texts dealt out anew."""
    places = np.flatnonzero(chosen)
    labels = list(graph.labels)
    for place, other in zip(places.tolist(), _deranged(places, rng).tolist(), strict=True):
        labels[place] = graph.labels[place]._replace(text=graph.labels[other].text, lang=graph.labels[other].lang)
    return sorted(labels)


def _deranged(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The values in an order in which none stands where it stood, unless one of them is more than half of all."""
    if not len(values):
        return np.array(values)
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    order = np.lexsort((rng.permutation(len(values)), rng.permutation(len(counts))[which]))  # equal ones side by side
    out = np.array(values)
    out[order] = values[np.roll(order, counts.max())]
    return out


def renamed(graph: KnowledgeGraph, seed: int = 0) -> KnowledgeGraph:
    """The same graph under invented names: every word of a name becomes a pseudo-word, the same one everywhere.

    Relations keep their names, numbers and words of fewer than three letters stay what they are, and so do the words
    that relations are called by: a question must still ask for the same thing.
    """
    words = _Words(seed, {word for name in graph.relation_names for word in _split(name) if word.isalpha()})
    names = [words.text(name) for name in graph.names]
    labels = sorted({label._replace(text=words.text(label.text)) for label in graph.labels})
    return replace(graph, names=names, labels=Labels.of(labels), places=graph.places[:0])


SYLLABLES = "ba be bor da dun fel gar hol ka kri lum mar mo nar or pel qui ra sol tan tor ul ven wi xan yor zel".split()
LEAST = 3  # letters of a word that is renamed


class _Words:
    """Pseudo-words for words, each its own."""

    def __init__(self, seed: int, kept: set[str]) -> None:
        self._rng, self._kept = random.Random(seed), {word.casefold() for word in kept}
        self._of: dict[str, str] = {}
        self._taken: set[str] = set(self._kept)

    def text(self, text: str) -> str:
        return "".join(self._word(part) for part in _split(text))

    def _word(self, part: str) -> str:
        key = part.casefold()
        if not part.isalpha() or len(part) < LEAST or key in self._kept or key in COMMON:
            return part
        if key not in self._of:
            self._of[key] = self._fresh()
        made = self._of[key]
        return made.upper() if part.isupper() else made.capitalize() if part[0].isupper() else made

    def _fresh(self) -> str:
        size = 2
        while True:
            word = "".join(self._rng.choice(SYLLABLES) for _ in range(size))
            if word not in self._taken:
                self._taken.add(word)
                return word
            size += self._rng.random() < 0.2


COMMON = frozenset("the and for with from into not that this are was were which has have its his her".split())


def _split(text: str) -> list[str]:
    """Runs of letters, and what stands between them."""
    parts: dict[int, list[str]] = defaultdict(list)
    for i, c in enumerate(text):
        new = not i or c.isalpha() != text[i - 1].isalpha()
        parts[len(parts) if new else len(parts) - 1].append(c)
    return ["".join(part) for part in parts.values()]
