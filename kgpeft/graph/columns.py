"""Statements as numpy columns, with an account of which rows have been used."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.spool import CHUNK, Rows
from kgpeft.graph.statements import Block, Statements, united
from kgpeft.graph.terms import Ints as Ints
from kgpeft.graph.terms import Terms
from kgpeft.graph.vocabulary import OWL, RDF

Mask = NDArray[np.bool_]
IRI, BLANK, LITERAL = 0, 1, 2
UNTAKEN, EDGE, NOTE, AXIOM, STRUCTURE, DROPPED = range(6)  # what became of a row
FATES = ("untaken", "edge", "annotation", "axiom", "structure", "dropped")

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
    """Triples [T] as int32 columns ``s``, ``p``, ``o`` and ``line``; terms [V], a kind each.

    Whoever takes rows says so and what for: the rows nobody took are what the projection lost. ``fate`` [T] holds
    what became of each row, ``why`` [T] the construct of a dropped one as an index into ``constructs``.
    """

    def __init__(self, statements: Statements) -> None:
        statements.close()
        self.spool = statements.spool  # what is mapped from there is needed as long as this
        self.terms, (self.s, self.p, self.o, self.line) = _numbered(statements)
        self.starts = np.asarray([*statements.starts, len(self.s)])  # of each source, and the end
        self.kinds = np.full(len(self.terms), IRI, np.uint8)
        self.kinds[self.terms.prefix('"')] = LITERAL
        self.kinds[self.terms.prefix("_:")] = BLANK
        self.used = np.zeros(len(self.s), bool)
        self.fate = np.zeros(len(self.s), np.uint8)
        self.why = np.zeros(len(self.s), np.int16)
        self.constructs: list[str] = [""]
        self.dropped: Counter[str] = Counter(statements.dropped)
        self._ids: dict[str, int] = {}

    def id(self, term: str) -> int:
        """The number of a term, or -1 if it occurs nowhere."""
        if term not in self._ids:
            self._ids[term] = self.terms.find(term)
        return self._ids[term]

    def origins(self, rows: NDArray[np.int64] | Ints) -> Ints:
        """The source [n] of some rows."""
        return (np.searchsorted(self.starts[:-1], rows, "right") - 1).astype(np.int32)

    def chunks(self) -> Iterator[slice]:
        """All rows, some at a time: what is made of so many fits into memory."""
        yield from (slice(at, min(at + CHUNK, len(self.s))) for at in range(0, len(self.s), CHUNK))

    def where(self, test: Callable[[slice], Mask]) -> NDArray[np.int64]:
        """The rows for which a test of some rows at a time is true."""
        found = [np.flatnonzero(test(part)) + part.start for part in self.chunks()]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def rows(self, *predicates: str) -> NDArray[np.int64]:
        """The rows with one of these predicates, now marked as used."""
        rows = np.concatenate([np.zeros(0, np.int64), *map(self.peek, predicates)])
        self.used[rows] = True
        return rows

    def peek(self, predicate: str) -> NDArray[np.int64]:
        """The rows with this predicate, without marking them."""
        numbers, starts, order = self._by_predicate
        number = self.id(predicate)
        at = int(np.searchsorted(numbers, number))
        found = number >= 0 and at < len(numbers) and numbers[at] == number
        return order[starts[at] : starts[at + 1]].astype(np.int64) if found else np.zeros(0, np.int64)

    @cached_property
    def _by_predicate(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Ints]:
        """The predicates, sorted; where the rows of each begin, and one more; the rows [T] in that order."""
        present = np.zeros(len(self.terms), bool)
        present[self.p] = True
        numbers = np.flatnonzero(present)
        code = np.zeros(len(present), np.uint16 if len(numbers) < 1 << 16 else np.int32)
        code[numbers] = np.arange(len(numbers))
        counts = np.zeros(len(numbers), np.int64)
        for part in self.chunks():
            counts += np.bincount(code[self.p[part]], minlength=len(numbers))
        starts = np.cumsum([0, *counts])
        order, filled = np.empty(len(self.p), np.int32), starts[:-1].copy()
        for part in self.chunks():
            rows = np.argsort(code[self.p[part]], kind="stable")  # of 16 bits: a radix sort
            sizes = np.bincount(code[self.p[part]], minlength=len(numbers))
            order[np.arange(len(rows)) + np.repeat(filled - np.cumsum(sizes) + sizes, sizes)] = rows + part.start
            filled += sizes
        return numbers, starts, order

    def forget_order(self) -> None:
        """Gives back the memory that ``peek`` and ``rows`` took; they may still be asked."""
        self.__dict__.pop("_by_predicate", None)

    def renumber(self, same: Ints) -> None:
        """Puts ``same[term]`` in the place of every subject and object."""
        for name in ("s", "o"):
            rows, column = Rows(self.spool, np.int32), getattr(self, name)
            for part in self.chunks():
                rows.add(same[column[part]])
            setattr(self, name, rows.whole())

    def take_expressions(self) -> None:
        """Marks every row that only builds class expressions and lists: these are counted where they are met."""
        for predicate in _EXPRESSION:
            rows = self.peek(predicate)
            self.take(rows[(self.kinds[self.s[rows]] == BLANK) & ~self.used[rows]], STRUCTURE)

    def mask(self, terms: Iterable[str]) -> Mask:
        """True at the terms [V] named."""
        found = np.zeros(len(self.terms), bool)
        found[[number for term in terms if (number := self.id(term)) >= 0]] = True
        return found

    def within(self, namespaces: tuple[str, ...], _: Ints | None = None) -> Mask:
        """True at the terms [V] that begin with a namespace."""
        found = np.zeros(len(self.terms), bool)
        for namespace in namespaces:
            found[self.terms.prefix(namespace)] = True
        return found

    def drop(self, construct: str, rows: NDArray[np.int64]) -> None:
        """Counts rows as lost under a name and marks them as used."""
        if len(rows):
            self.dropped[construct] += len(rows)
            self.take(rows, DROPPED, construct)

    def take(self, rows: NDArray[np.int64], fate: int, construct: str = "") -> None:
        """Says what became of rows [n], whatever was said of them before; ``construct`` names what was dropped."""
        if construct not in self.constructs:
            self.constructs.append(construct)
        self.used[rows] = True
        self.fate[rows] = fate
        self.why[rows] = self.constructs.index(construct)

    def audit(self, source: int | None = None) -> dict[str, dict[str, int]]:
        """How many rows, of one source or of all, met each fate, by construct: {"dropped": {"union": 3}, ...}."""
        first, last = (0, len(self.s)) if source is None else self.starts[source : source + 2].tolist()
        size, counts = len(self.constructs), np.zeros(len(FATES) * len(self.constructs), np.int64)
        for at in range(first, last, CHUNK):
            part = slice(at, min(at + CHUNK, last))
            counts += np.bincount(self.fate[part].astype(np.int64) * size + self.why[part], minlength=len(counts))
        found: dict[str, dict[str, int]] = {}
        for code in np.flatnonzero(counts).tolist():
            found.setdefault(FATES[code // size], {})[self.constructs[code % size]] = int(counts[code])
        return found


def _numbered(statements: Statements) -> tuple[Terms, list[Ints]]:
    """All terms, and the columns s, p, o, line [T] of all blocks."""
    blocks = statements.blocks
    if statements.spool:
        return statements.spool.merge(blocks)
    *columns, terms = united(cast(list[Block], blocks))
    return Terms(terms), columns
