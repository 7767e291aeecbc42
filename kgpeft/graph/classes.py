"""Class expressions that are no edge but a statement → axioms: only, at most, unions, complements, definitions."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import BLANK, IRI, Columns
from kgpeft.graph.expressions import BOUNDS, Expressions, Reached, Stated
from kgpeft.graph.statements import split_literal
from kgpeft.graph.vocabulary import OWL

MOST_DIGITS = 18  # of a bound: Python refuses to read thousands, and no class has that many members


class ClassAxioms:
    """What expressions say of the classes that reach them, beyond edges.

    "only" [A, P, B …] (every P of A is a B or …), "at most", "at least", "exactly" [A, P, B] with a number, "union"
    [A, B …] (every A is one of them), "union of" (and every one of them an A), "disjoint" [A, B], "complement",
    "not some" [A, P, B], "one of" [A, i …], "has self" [A, P], and "definition" [A, genus …] with its restrictions:
    necessary and sufficient. Whatever has an expression inside is counted as lost.
    """

    def __init__(self, columns: Columns, expressions: Expressions) -> None:
        self.columns, self.expressions, self.found = columns, expressions, list[Stated]()
        number = columns.id(OWL + "equivalentClass")
        self.same = number if number >= 0 else -2

    def keep(self, met: list[Reached]) -> None:
        """Adds what the expressions met on the way say."""
        tables, kinds = self.expressions.tables, self.columns.kinds
        readers: dict[str, Callable[[int, int, int], Stated | None]] = {
            "unionOf": self._union, "complementOf": self._complement, "oneOf": self._one_of, "hasSelf": self._self,
            "allValuesFrom": self._only, **dict.fromkeys(BOUNDS, self._bound),
        }  # fmt: skip
        for reached in met:
            known = (kinds[reached.node] != BLANK) | (tables["intersectionOf"][reached.node] >= 0)
            known |= (tables["someValuesFrom"][reached.node] >= 0) | (tables["hasValue"][reached.node] >= 0)
            for name, read in readers.items():
                hits = np.flatnonzero(tables[name][reached.node] >= 0)
                known[hits] = True
                self._read(_CONSTRUCTS.get(name, BOUNDS.get(name, "")), reached, hits, read)
            self.expressions.lose("expression that says nothing", reached.node[~known], reached.row[~known])

    def define(self, met: list[Reached]) -> None:
        """Adds the definition of every class that is equivalent to names and restrictions on names alone."""
        for reached in met[:1]:
            parent, members = self.expressions.members(self.expressions.tables["intersectionOf"][reached.node])
            parts: dict[int, list[int]] = {}
            for at, member in zip(parent.tolist(), members.tolist(), strict=True):
                parts.setdefault(at, []).append(member)
            for at, inner in parts.items():
                if self.columns.p[reached.row[at]] == self.same:
                    self._define(int(reached.subject[at]), inner, int(reached.row[at]))

    def _define(self, subject: int, members: list[int], row: int) -> None:
        tables, kinds = self.expressions.tables, self.columns.kinds
        genus = [member for member in members if kinds[member] == IRI]
        inner = [member for member in members if kinds[member] != IRI]
        some = [(int(tables["onProperty"][node]), int(tables["someValuesFrom"][node])) for node in inner]
        if all(min(pair) >= 0 and not kinds[list(pair)].any() for pair in some):
            self.found.append(Stated("definition", (subject, *genus), row, some=tuple(some)))

    def _read(
        self, construct: str, reached: Reached, hits: NDArray[np.int64], read: Callable[[int, int, int], Stated | None]
    ) -> None:
        subject, node, row = reached.subject[hits], reached.node[hits], reached.row[hits]
        kept = np.ones(len(hits), bool)
        for at, (a, b, c) in enumerate(zip(subject.tolist(), node.tolist(), row.tolist(), strict=True)):
            if stated := read(a, b, c):
                self.found.append(stated)
            else:
                kept[at] = self.expressions.lost[b] > 0  # counted already
        self.expressions.lose(construct, node[~kept], row[~kept])

    def _union(self, subject: int, node: int, row: int) -> Stated | None:
        terms = self._listed("unionOf", node)
        return Stated("union of" if self._exact(node, row) else "union", (subject, *terms), row) if terms else None

    def _one_of(self, subject: int, node: int, row: int) -> Stated | None:
        terms = self._listed("oneOf", node)
        return Stated("one of", (subject, *terms), row) if terms else None

    def _complement(self, subject: int, node: int, row: int) -> Stated | None:
        other = int(self.expressions.tables["complementOf"][node])
        if self.columns.kinds[other] == IRI:
            return Stated("complement" if self._exact(node, row) else "disjoint", (subject, other), row)
        some, relation = int(self.expressions.tables["someValuesFrom"][other]), self._relation(other)
        if relation is None or some < 0 or self.columns.kinds[some] != IRI:
            return None
        return Stated("not some", (subject, relation, some), row)

    def _only(self, subject: int, node: int, row: int) -> Stated | None:
        relation, filler = self._relation(node), int(self.expressions.tables["allValuesFrom"][node])
        named = self.columns.kinds[filler] == IRI
        terms = [filler] if named else self._listed("unionOf", filler)
        return Stated("only", (subject, relation, *terms), row) if terms and relation is not None else None

    def _bound(self, subject: int, node: int, row: int) -> Stated | None:
        tables = self.expressions.tables
        name = next(name for name in BOUNDS if tables[name][node] >= 0)
        number = split_literal(self.columns.terms[tables[name][node]])[0].strip()
        relation, filler = self._relation(node), max(int(tables["onClass"][node]), int(tables["onDataRange"][node]))
        countable = number.isdecimal() and len(number) <= MOST_DIGITS
        if relation is None or not countable or (filler >= 0 and self.columns.kinds[filler] != IRI):
            return None
        terms = (subject, relation) if filler < 0 else (subject, relation, filler)
        return Stated(BOUNDS[name], terms, row, n=int(number))

    def _self(self, subject: int, node: int, row: int) -> Stated | None:
        relation = self._relation(node)
        return None if relation is None else Stated("has self", (subject, relation), row)

    def _listed(self, name: str, node: int) -> list[int]:
        """The members of a node's list, or none if one of them is no name."""
        _, members = self.expressions.members(self.expressions.tables[name][np.asarray([node])])
        return [] if (self.columns.kinds[members] == BLANK).any() else members.tolist()

    def _relation(self, node: int) -> int | None:
        relation = int(self.expressions.tables["onProperty"][node])
        return relation if relation >= 0 and self.columns.kinds[relation] == IRI else None

    def _exact(self, node: int, row: int) -> bool:
        return bool(self.columns.p[row] == self.same and self.columns.o[row] == node)


_CONSTRUCTS = {
    "unionOf": "union", "complementOf": "complement", "oneOf": "enumeration", "hasSelf": "has self",
    "allValuesFrom": "only",
}  # fmt: skip
