"""Statements as numpy columns, with an account of which rows have been used."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.statements import Statements
from kgpeft.graph.vocabulary import OWL, RDF

Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]
IRI, BLANK, LITERAL = 0, 1, 2

_EXPRESSION = (  # predicates of class expressions and lists
    *(
        OWL + name
        for name in (
            "onProperty someValuesFrom allValuesFrom hasValue hasSelf onClass onDataRange intersectionOf unionOf "
            "complementOf oneOf minCardinality maxCardinality cardinality minQualifiedCardinality inverseOf "
            "maxQualifiedCardinality qualifiedCardinality onDatatype withRestrictions datatypeComplementOf"
        ).split()
    ),
    RDF + "first",
    RDF + "rest",
)


class Columns:
    """Triples [T] as int32 columns ``s``, ``p``, ``o`` and their source ``origin``; terms [V] with a kind each.

    Whoever takes rows says so: the rows nobody took are what the projection lost.
    """

    def __init__(self, statements: Statements) -> None:
        self.ids = statements.terms
        self.terms = list(statements.terms)
        self.s = np.frombuffer(statements.subjects, np.int32) if len(statements) else np.zeros(0, np.int32)
        self.p = np.frombuffer(statements.predicates, np.int32) if len(statements) else np.zeros(0, np.int32)
        self.o = np.frombuffer(statements.objects, np.int32) if len(statements) else np.zeros(0, np.int32)
        starts = np.asarray(statements.starts)
        self.origin = np.searchsorted(starts, np.arange(len(self.s)), "right").astype(np.int32) - 1
        self.kinds = np.fromiter(map(_kind, self.terms), np.uint8, len(self.terms))
        self.used = np.zeros(len(self.s), bool)
        self.dropped: Counter[str] = Counter(statements.dropped)
        self._order = np.argsort(self.p, kind="stable")
        self._sorted = self.p[self._order]

    def id(self, term: str) -> int:
        """The number of a term, or -1 if it occurs nowhere."""
        return self.ids.get(term, -1)

    def rows(self, *predicates: str) -> NDArray[np.int64]:
        """The rows with one of these predicates, now marked as used."""
        rows = np.concatenate([np.zeros(0, np.int64), *map(self.peek, predicates)])
        self.used[rows] = True
        return rows

    def peek(self, predicate: str) -> NDArray[np.int64]:
        """The rows with this predicate, without marking them."""
        number = self.id(predicate)
        low, high = np.searchsorted(self._sorted, [number, number + 1]) if number >= 0 else (0, 0)
        return self._order[low:high]

    def take_expressions(self) -> None:
        """Marks every row that only builds class expressions and lists: these are counted where they are met."""
        for predicate in _EXPRESSION:
            rows = self.peek(predicate)
            self.used[rows[self.kinds[self.s[rows]] == BLANK]] = True

    def mask(self, terms: Iterable[str]) -> Mask:
        """True at the terms [V] named."""
        found = np.zeros(len(self.terms), bool)
        found[[number for term in terms if (number := self.id(term)) >= 0]] = True
        return found

    def within(self, namespaces: tuple[str, ...], numbers: Ints | None = None) -> Mask:
        """True at the terms [V], or at those of them with these numbers, that begin with a namespace."""
        found = np.zeros(len(self.terms), bool)
        chosen = range(len(self.terms)) if numbers is None else np.unique(numbers).tolist()
        found[[number for number in chosen if self.terms[number].startswith(namespaces)]] = True
        return found

    def drop(self, construct: str, rows: NDArray[np.int64]) -> None:
        """Counts rows as lost under a name and marks them as used."""
        if len(rows):
            self.dropped[construct] += len(rows)
            self.used[rows] = True


def _kind(term: str) -> int:
    return LITERAL if term.startswith('"') else BLANK if term.startswith("_:") else IRI
