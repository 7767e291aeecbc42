"""Edges found, still in term numbers → the graph's edges: numbered, sorted, unique, each with what states it.

All works on some edges at a time, in memory or, if the triples are on disk, there: the edges are the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import AXIOM, EDGE, Columns, Ints
from kgpeft.graph.expressions import BROADER, SUB, TYPED, Found
from kgpeft.graph.model import PATTERNS
from kgpeft.graph.names import curie
from kgpeft.graph.spool import Rows
from kgpeft.graph.things import Things
from kgpeft.graph.vocabulary import BROADER as BROADER_IRI
from kgpeft.graph.vocabulary import SUBCLASS, TYPE

BUCKET = 1 << 18  # edges sorted at a time
_OWN_RELATION = {SUB: SUBCLASS, TYPED: TYPE, BROADER: BROADER_IRI}


@dataclass(frozen=True)
class Edges:
    """The graph's ``edges`` [E, 3], their ``patterns``, ``origins`` and ``lines`` [E]."""

    edges: Rows
    patterns: Rows
    origins: Rows
    lines: Rows


def gather(found: Iterable[Found], columns: Columns) -> Rows:
    """All edges [E, 5] found."""
    rows = Rows(columns.spool, np.int32, 5)
    for part in found:
        if len(part.edges):
            rows.add(part.edges)
    return rows


def alive(found: Iterable[Found], columns: Columns, things: Things) -> Iterator[Found]:
    """The edges whose ends can be nodes; the others are counted."""
    never = things.never
    for part in found:
        yield Found(_alive(part.edges, columns, things, never))


def _alive(edges: Ints, columns: Columns, things: Things, nodeless: NDArray[np.bool_]) -> Ints:
    subject, node, row = edges[:, 0], edges[:, 2], edges[:, 4].astype(np.int64)
    obsolete = things.obsolete[subject] | things.obsolete[node]
    never = (nodeless[subject] | nodeless[node]) & ~obsolete
    columns.drop("edge of an obsolete term", row[obsolete])
    for number in np.unique(node[never & things.builtin[node]]):
        columns.drop(f"edge to {curie(columns.terms[number])}", row[never & (node == number)])
    columns.drop("edge of a property or ontology", row[never & ~things.builtin[node]])
    circle = (subject == node) & (edges[:, 3] == SUB) & ~never & ~obsolete
    columns.drop("class below itself", row[circle])
    gone = never | obsolete | circle
    return edges[~gone] if gone.any() else edges


class Relations:
    """The relations of some edges [E, 5]: their IRIs, sorted, and the place of each term [V] among them."""

    def __init__(self, columns: Columns, edges: Rows) -> None:
        met, patterns = np.zeros(len(columns.terms) + 1, bool), np.zeros(len(PATTERNS), bool)
        for part in edges:
            met[part[:, 1]] = True  # the last: the pattern's own relation
            patterns[part[part[:, 1] < 0, 3]] = True
        numbers = np.flatnonzero(met[:-1])
        own = {pattern: iri for pattern, iri in _OWN_RELATION.items() if patterns[pattern]}
        named = columns.terms.take(numbers)
        self.iris = sorted({*own.values(), *named})
        at = {iri: place for place, iri in enumerate(self.iris)}
        self._place = np.full(len(columns.terms) + 1, -1, np.int32)
        self._place[numbers] = [at[iri] for iri in named]
        self._own = np.full(len(PATTERNS), -1, np.int32)
        self._own[list(own)] = [at[iri] for iri in own.values()]

    def of(self, edges: Ints) -> Ints:
        """The place of each edge's relation [E]."""
        found: Ints = np.where(edges[:, 1] < 0, self._own[edges[:, 3]], self._place[edges[:, 1]])
        return found


def arrange(edges: Rows, columns: Columns, place: Ints, relations: Relations) -> Edges:
    """The edges between the nodes, whose numbers are ``place`` [V]; of those that say the same the first to be stated.

    Says of all rows that state edges what became of them.
    """
    made = Edges(*(Rows(columns.spool, kind, width) for kind, width in _KINDS))
    stating = np.zeros(len(columns.s), np.uint8)  # 0: no edge; 1: only edges that others state first; 2 + pattern
    for part in _buckets(edges, columns, place):
        triples = np.stack([place[part[:, 0]], relations.of(part), place[part[:, 2]]], axis=1)
        first = _first(triples, part, len(relations.iris))
        kept, pattern = part[first, 4], part[first, 3]
        made.edges.add(triples[first])
        made.patterns.add(pattern)
        made.origins.add(columns.origins(kept))
        made.lines.add(columns.line[kept])
        stating[part[:, 4]] = np.maximum(stating[part[:, 4]], 1)
        for code in range(len(PATTERNS)):
            rows = kept[pattern == code]
            stating[rows] = np.maximum(stating[rows], 2 + code)
    _take(columns, stating)
    return made


_KINDS = ((np.int32, 3), (np.uint8, 0), (np.int32, 0), (np.int32, 0))


def _buckets(edges: Rows, columns: Columns, place: Ints) -> Iterator[Ints]:
    """The edges [n, 5] some subjects at a time, in the order of the subjects' places."""
    bounds = _bounds(edges, place)
    buckets = [Rows(columns.spool, np.int32, 5) for _ in range(len(bounds) + 1)]
    for part in edges.drained():
        which = np.searchsorted(bounds, place[part[:, 0]], "right").astype(np.uint16)
        order = np.argsort(which, kind="stable")
        cuts = np.searchsorted(which[order], np.arange(1, len(buckets)))
        for bucket, rows in zip(buckets, np.split(order, cuts), strict=True):
            bucket.add(part[rows])
    while buckets:
        yield buckets.pop(0).whole()


def _bounds(edges: Rows, place: Ints) -> NDArray[np.int64]:
    """The places of subjects between which there are about ``BUCKET`` edges each."""
    if len(edges) <= BUCKET:
        return np.zeros(0, np.int64)
    past = np.zeros(int(place.max()) + 1, np.int32 if len(edges) < 1 << 31 else np.int64)
    for part in edges:
        np.add.at(past, place[part[:, 0]], 1)
    np.cumsum(past, out=past)
    found: NDArray[np.int64] = np.unique(np.searchsorted(past, np.arange(BUCKET, past[-1], BUCKET)))
    return found


def _first(triples: Ints, edges: Ints, relations: int) -> NDArray[np.int64]:
    """The edges [E] in sorted order, without those that repeat another's triple; kept is the first to state it."""
    subject = triples[:, 0].astype(np.int64) * relations + triples[:, 1]
    node = triples[:, 2].astype(np.int64) * len(PATTERNS) + edges[:, 3]
    order = np.lexsort([edges[:, 4], node, subject])
    ordered = triples[order]
    new = np.ones(len(ordered), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    kept: NDArray[np.int64] = order[new]
    return kept


def _take(columns: Columns, stating: NDArray[np.uint8]) -> None:
    for part in columns.chunks():
        codes = stating[part]
        columns.drop("duplicate", part.start + np.flatnonzero((codes == 1) & (columns.fate[part] != AXIOM)))
        for code, name in enumerate(PATTERNS, 2):
            if len(rows := np.flatnonzero(codes == code)):
                columns.take(part.start + rows, EDGE, name)
