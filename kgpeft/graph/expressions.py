"""OWL class expressions → edges, and axioms where an edge would say too much.

``A ⊑ B`` and ``A ≡ B ⊓ …`` give "sub", ``P some B`` "some", ``P value v`` "value"; a cardinality of at least one with
a class gives "some". Universals, bounds, unions, complements and enumerations are kept as axioms; what is neither (an
expression inside a restriction) is counted, never asserted.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import BLANK, DROPPED, IRI, LITERAL, Columns, Ints
from kgpeft.graph.statements import split_literal
from kgpeft.graph.vocabulary import OWL, RDF

SUB, SOME, VALUE, TYPED, FACT, BROADER = range(6)  # indices into PATTERNS
DEPTH = 50  # intersections inside intersections that are followed

BOUNDS = {  # predicate of a cardinality -> axiom
    "maxCardinality": "at most",
    "maxQualifiedCardinality": "at most",
    "minCardinality": "at least",
    "minQualifiedCardinality": "at least",
    "cardinality": "exactly",
    "qualifiedCardinality": "exactly",
}
_TABLES = "onProperty someValuesFrom hasValue onClass onDataRange intersectionOf unionOf complementOf oneOf".split()
_TABLES += ["allValuesFrom", "hasSelf", *BOUNDS]


@dataclass(frozen=True)
class Found:
    """Edges [E] still in term numbers: subject, relation (-1: the pattern's own), object, pattern, row stating it."""

    edges: Ints  # [E, 5]

    @staticmethod
    def of(subject: Ints, relation: Ints | int, node: Ints, pattern: Ints | int, row: NDArray[Any]) -> "Found":
        """One Found from columns; numbers stand for whole columns."""
        columns = np.broadcast_arrays(subject, relation, node, pattern, row)
        return Found(np.stack(columns, axis=1).astype(np.int32).reshape(-1, 5))


class Stated(NamedTuple):
    """An axiom still in term numbers, and the row that states it."""

    name: str
    terms: tuple[int, ...]
    row: int
    n: int = -1  # of a cardinality
    some: tuple[tuple[int, int], ...] = ()  # of a definition: relation and class of each "some"


class Reached(NamedTuple):
    """Expressions [n] met on the way from the subjects they describe."""

    subject: Ints
    node: Ints
    row: NDArray[np.int64]


class Expressions:
    """The class expressions of all sources, ready to be followed from the classes they describe.

    ``lost[node]`` is the construct for which an expression gave nothing (an index into ``columns.constructs``).
    ``loose`` asserts more than is stated, as OWL2Vec* does: universals and any cardinality as "some", unions split.
    """

    def __init__(self, columns: Columns, loose: bool = False) -> None:
        self.columns, self.loose = columns, loose
        self.tables = {name: _Table(columns, OWL + name) for name in _TABLES}
        self.first, self.rest = (_Table(columns, RDF + name) for name in ("first", "rest"))
        self.lost = np.zeros(len(columns.terms), np.int16)
        columns.take_expressions()

    def follow(self, rows: NDArray[np.int64], named: int) -> tuple[list[Found], list[Reached]]:
        """The edges from each row's subject to what its object, a name or an expression, says of it.

        ``named`` is the pattern of an edge to a name: SUB or TYPED. With them what was met on the way.
        """
        return self._follow(Reached(self.columns.s[rows], self.columns.o[rows], rows), named)

    def follow_named(self, named: int) -> tuple[list[Found], list[Reached]]:
        """The edges from classes that are intersections themselves, without an equivalence in between (OWL 1)."""
        c = self.columns
        rows = c.peek(OWL + "intersectionOf")
        rows = rows[c.kinds[c.s[rows]] == IRI]
        c.take(rows, DROPPED, "class expression")
        parent, members = self.members(c.o[rows])
        return self._follow(Reached(c.s[rows][parent], members, rows[parent]), named)

    def _follow(self, reached: Reached, named: int) -> tuple[list[Found], list[Reached]]:
        kinds, found, met = self.columns.kinds, list[Found](), list[Reached]()
        for _ in range(DEPTH):
            subject, node, row = reached
            if not len(node):
                return found, met
            at = kinds[node] == IRI
            found.append(Found.of(subject[at], -1, node[at], named, row[at]))
            found += self._restrictions(reached)
            self.lose("a class that is a literal", node[kinds[node] == LITERAL], row[kinds[node] == LITERAL])
            unnamed = kinds[node] == BLANK
            met.append(Reached(subject[unnamed], node[unnamed], row[unnamed]))
            parent, inner = self._parts(node)
            rows = np.stack([subject[parent], inner, row[parent]])
            subject, node, row = np.unique(rows, axis=1)  # a list in a circle repeats its members
            reached = Reached(subject.astype(np.int32), node.astype(np.int32), row.astype(np.int64))
        self.lose("expression nested too deeply", reached.node, reached.row)
        return found, met

    def _parts(self, node: Ints) -> tuple[NDArray[np.int64], Ints]:
        """The members of intersections (if loose, of unions too), each with the position of its whole."""
        names = ("intersectionOf", "unionOf") if self.loose else ("intersectionOf",)
        parents, nodes = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for name in names:
            at = np.flatnonzero(self.tables[name][node] >= 0)
            parent, inner = self.members(self.tables[name][node[at]])
            parents.append(at[parent])
            nodes.append(inner)
        return np.concatenate(parents), np.concatenate(nodes)

    def members(self, heads: Ints) -> tuple[NDArray[np.int64], Ints]:
        """The members of every list [L], each with the position of its list's head."""
        parents, nodes = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        position, cell, mark = np.arange(len(heads)), heads, heads.copy()
        for step in range(1, len(self.first) + 1):
            alive = (cell >= 0) & (self.first[cell] >= 0)
            position, cell, mark = position[alive], cell[alive], mark[alive]
            if not len(cell):
                break
            parents.append(position)
            nodes.append(self.first[cell])
            cell = self.rest[cell]
            cell = np.where(cell == mark, -1, cell)  # a list in a circle ends too (Brent's cycle finding)
            mark = cell if step & (step - 1) == 0 else mark
        return np.concatenate(parents), np.concatenate(nodes)

    def lose(self, construct: str, nodes: Ints, rows: NDArray[np.int64]) -> None:
        """Counts expressions [n] that give nothing; their rows are lost unless something else comes of them."""
        if len(rows):
            self.columns.drop(construct, rows)
            self.lost[nodes] = self.columns.constructs.index(construct)

    def _restrictions(self, reached: Reached) -> list[Found]:
        subject, node, row = reached
        kinds, tables = self.columns.kinds, self.tables
        relation, value = tables["onProperty"][node], tables["hasValue"][node]
        anonymous = (relation >= 0) & (kinds[relation] != IRI)
        self.lose("restriction on an inverse property", node[anonymous], row[anonymous])
        usable = (relation >= 0) & ~anonymous
        at = usable & (value >= 0) & (kinds[value] != BLANK)
        self.lose("value that is a blank node", node[usable & (value >= 0) & ~at], row[usable & (value >= 0) & ~at])
        found = [Found.of(subject[at], relation[at], value[at], VALUE, row[at])]
        for some in self._somes(node):
            at = usable & (some >= 0)
            found.append(self._fillers(Reached(subject[at], node[at], row[at]), relation[at], some[at]))
        return found

    def _somes(self, node: Ints) -> list[Ints]:
        """What each node requires one or more of, or -1."""
        some = self.tables["someValuesFrom"][node]
        if self.loose:
            return [some, self.tables["allValuesFrom"][node], self.tables["onClass"][node]]
        return [np.where(some >= 0, some, self._at_least_one(node))]

    def _fillers(self, reached: Reached, relation: Ints, filler: Ints) -> Found:
        """``P some (A ⊓ B)`` entails ``P some A``; a filler that is no name and no intersection is only counted."""
        subject, node, row = reached
        blank = self.columns.kinds[filler] == BLANK
        parent, members = self._parts(filler)
        inner = self.columns.kinds[members] == IRI
        whole = blank & (self.tables["intersectionOf"][filler] < 0)
        whole &= (self.tables["unionOf"][filler] < 0) if self.loose else True
        self.lose("nested expression in some", node[whole], row[whole])
        self.lose("nested expression in some", members[~inner], row[parent[~inner]])
        rows = np.concatenate([np.flatnonzero(~blank), parent[inner]])
        nodes = np.concatenate([filler[~blank], members[inner]])
        return Found.of(subject[rows], relation[rows], nodes, SOME, row[rows])

    def _at_least_one(self, node: Ints) -> Ints:
        """The class of which each node requires one or more, or -1."""
        wanted = np.full(len(node), -1, np.int32)
        for name in ("minQualifiedCardinality", "qualifiedCardinality"):
            bound = self.tables[name][node]
            for at in np.flatnonzero((bound >= 0) & (self.tables["onClass"][node] >= 0)):
                if split_literal(self.columns.terms[bound[at]])[0].strip() not in ("", "0"):
                    wanted[at] = self.tables["onClass"][node][at]
        return wanted


class _Table:
    """The object that each blank node has for a predicate, by term number; -1 for a term that has none."""

    def __init__(self, columns: Columns, predicate: str) -> None:
        rows = columns.peek(predicate)
        rows = rows[columns.kinds[columns.s[rows]] == BLANK]
        blanks = columns.terms.prefix("_:") if len(rows) else slice(0, 0)
        self.start = blanks.start
        self.values = np.full(blanks.stop - blanks.start + 1, -1, np.int32)  # the last: of any other term
        self.values[columns.s[rows] - self.start] = columns.o[rows]  # of several the last one

    def __getitem__(self, terms: Any) -> Any:
        last = len(self.values) - 1
        if isinstance(terms, int):
            return self.values[terms - self.start if 0 <= terms - self.start < last else last]
        at = terms - self.start
        return self.values[np.where((at < 0) | (at > last), last, at)]

    def __len__(self) -> int:
        return len(self.values)
