"""OWL class expressions → edges.

``A ⊑ B`` and ``A ≡ B ⊓ …`` give "sub", ``P some B`` "some", ``P value v`` "value"; a cardinality of at least one with
a class gives "some". Everything else (only, at most, union, complement, nesting) is counted, never asserted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import BLANK, IRI, LITERAL, Columns, Ints
from kgpeft.graph.statements import split_literal
from kgpeft.graph.vocabulary import OWL, RDF

SUB, SOME, VALUE, TYPED, FACT, BROADER = range(6)  # indices into PATTERNS
DEPTH = 50  # intersections inside intersections that are followed

_COUNTED = {  # constructs that are counted by the predicate that builds them
    "unionOf": "union",
    "complementOf": "complement",
    "oneOf": "enumeration",
    "allValuesFrom": "only",
    "maxCardinality": "at most",
    "maxQualifiedCardinality": "at most",
    "minCardinality": "at least",
    "minQualifiedCardinality": "at least",
    "cardinality": "exactly",
    "qualifiedCardinality": "exactly",
    "hasSelf": "has self",
}


@dataclass(frozen=True)
class Found:
    """Edges [E] still in term numbers: subject, relation (-1: the pattern's own), object, pattern, origin."""

    edges: Ints  # [E, 5]

    @staticmethod
    def of(subject: Ints, relation: Ints | int, node: Ints, pattern: Ints | int, origin: Ints) -> "Found":
        """One Found from columns; numbers stand for whole columns."""
        columns = np.broadcast_arrays(subject, relation, node, pattern, origin)
        return Found(np.stack(columns, axis=1).astype(np.int32).reshape(-1, 5))


class Expressions:
    """The class expressions of all sources, ready to be followed from the classes they describe."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        names = ("onProperty", "someValuesFrom", "hasValue", "onClass", "intersectionOf", *_COUNTED)
        self.tables = {name: _lookup(columns, OWL + name) for name in names}
        self.first, self.rest = (_lookup(columns, RDF + name) for name in ("first", "rest"))
        columns.take_expressions()

    def follow(self, rows: NDArray[np.int64], named: int) -> list[Found]:
        """The edges from each row's subject to what its object, a name or an expression, says of it.

        ``named`` is the pattern of an edge to a name: SUB or TYPED.
        """
        return self._follow(self.columns.s[rows], self.columns.o[rows], self.columns.origin[rows], named)

    def follow_named(self, named: int) -> list[Found]:
        """The edges from classes that are intersections themselves, without an equivalence in between (OWL 1)."""
        c = self.columns
        rows = c.rows(OWL + "intersectionOf")
        rows = rows[c.kinds[c.s[rows]] == IRI]
        parent, members = self.members(c.o[rows])
        return self._follow(c.s[rows][parent], members, c.origin[rows][parent], named)

    def _follow(self, subject: Ints, node: Ints, origin: Ints, named: int) -> list[Found]:
        c, found = self.columns, list[Found]()
        for _ in range(DEPTH):
            kind = c.kinds[node]
            at = kind == IRI
            found.append(Found.of(subject[at], -1, node[at], named, origin[at]))
            found += self._restrictions(subject, node, origin)
            self._count(node)
            c.dropped["a class that is a literal"] += int((kind == LITERAL).sum())
            whole = self.tables["intersectionOf"][node]
            at = whole >= 0
            parent, node = self.members(whole[at])
            rows = np.stack([subject[at][parent], node, origin[at][parent]])
            subject, node, origin = np.unique(rows, axis=1)  # a list in a circle repeats its members
        c.dropped["expression nested too deeply"] += len(node)
        return found

    def members(self, heads: Ints) -> tuple[NDArray[np.int64], Ints]:
        """The members of every list [L], each with the position of its list's head."""
        parents, nodes = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        position, cell = np.arange(len(heads)), heads
        for _ in range(len(self.first)):  # a list in a circle ends too
            alive = (cell >= 0) & (self.first[cell] >= 0)
            position, cell = position[alive], cell[alive]
            if not len(cell):
                break
            parents.append(position)
            nodes.append(self.first[cell])
            cell = self.rest[cell]
        return np.concatenate(parents), np.concatenate(nodes)

    def _restrictions(self, subject: Ints, node: Ints, origin: Ints) -> list[Found]:
        tables = self.tables
        relation, value = tables["onProperty"][node], tables["hasValue"][node]
        some = np.where(tables["someValuesFrom"][node] >= 0, tables["someValuesFrom"][node], self._at_least_one(node))
        anonymous = (relation >= 0) & (self.columns.kinds[relation] != IRI)
        self.columns.dropped["restriction on an inverse property"] += int(anonymous.sum())
        usable = (relation >= 0) & ~anonymous
        at = usable & (value >= 0) & (self.columns.kinds[value] != BLANK)
        found = [Found.of(subject[at], relation[at], value[at], VALUE, origin[at])]
        at = usable & (some >= 0)
        return [*found, self._fillers(subject[at], relation[at], some[at], origin[at])]

    def _fillers(self, subject: Ints, relation: Ints, filler: Ints, origin: Ints) -> Found:
        """``P some (A ⊓ B)`` entails ``P some A``; a filler that is no name and no intersection is only counted."""
        kinds = self.columns.kinds
        blank = kinds[filler] == BLANK
        whole = np.where(blank, self.tables["intersectionOf"][filler], -1)
        parent, members = self.members(whole[whole >= 0])
        inner = kinds[members] == IRI
        self.columns.dropped["nested expression in some"] += int((blank & (whole < 0)).sum() + (~inner).sum())
        outer, at = np.flatnonzero(~blank), np.flatnonzero(whole >= 0)[parent[inner]]
        rows = np.concatenate([outer, at])
        return Found.of(
            subject[rows], relation[rows], np.concatenate([filler[outer], members[inner]]), SOME, origin[rows]
        )

    def _at_least_one(self, node: Ints) -> Ints:
        """The class of which each node requires one or more, or -1."""
        wanted = np.full(len(node), -1, np.int32)
        for name in ("minQualifiedCardinality", "qualifiedCardinality"):
            bound = self.tables[name][node]
            for at in np.flatnonzero((bound >= 0) & (self.tables["onClass"][node] >= 0)):
                if split_literal(self.columns.terms[bound[at]])[0].strip() not in ("", "0"):
                    wanted[at] = self.tables["onClass"][node][at]
        return wanted

    def _count(self, node: Ints) -> None:
        for name, construct in _COUNTED.items():
            if number := int((self.tables[name][node] >= 0).sum()):
                self.columns.dropped[construct] += number


def _lookup(columns: Columns, predicate: str) -> Ints:
    """The object that every blank node in [V] has for a predicate, or -1; of several the last one."""
    table = np.full(len(columns.terms), -1, np.int32)
    rows = columns.peek(predicate)
    rows = rows[columns.kinds[columns.s[rows]] == BLANK]
    table[columns.s[rows]] = columns.o[rows]
    return table
