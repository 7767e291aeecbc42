"""What is kept as text: annotations that are neither name, synonym nor definition of an entity in the graph."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import BLANK, IRI, NOTE, STRUCTURE, UNTAKEN, Columns, Ints
from kgpeft.graph.names import curie
from kgpeft.graph.statements import split_literal
from kgpeft.graph.terms import Terms, sort
from kgpeft.graph.vocabulary import MEANINGS, OWL, RDF, SH, SWRL, TYPE

ANNOTATIONS = (OWL + "Axiom", OWL + "Annotation", RDF + "Statement")
_PARTS = {  # of a statement about a statement
    "source": (OWL + "annotatedSource", RDF + "subject"),
    "property": (OWL + "annotatedProperty", RDF + "predicate"),
    "target": (OWL + "annotatedTarget", RDF + "object"),
}
PROPERTIES = 1000  # that the audit lists one by one


class Note(NamedTuple):
    """One annotation of a term; ``about`` is the text or term that it annotates in turn, or empty."""

    property: str  # IRI
    value: str
    lang: str
    about: str
    source: int  # index into manifest["sources"]
    line: int  # 0: unknown


@dataclass(frozen=True)
class Notes:
    """Annotations [K]: subject, property, value and about (-1: none) as indices into ``texts``; source, line.

    Literals in ``texts`` begin with a quote and end with their datatype or language.
    """

    texts: Sequence[str] = ()  # sorted
    rows: Ints = field(default_factory=lambda: np.zeros((0, 6), np.int32))  # [K, 6], sorted

    def of(self, term: str) -> list[Note]:
        """All notes on a term."""
        number = self._subjects.get(term, -1)
        start, stop = np.searchsorted(self.rows[:, 0], [number, number + 1]) if number >= 0 else (0, 0)
        return [self._note(row) for row in self.rows[start:stop].tolist()]

    def having(self, properties: Sequence[str]) -> list[tuple[str, Note]]:
        """All notes with one of these properties, each with its subject."""
        wanted = [number for number in np.unique(self.rows[:, 1]).tolist() if self.texts[number] in properties]
        rows = self.rows[np.isin(self.rows[:, 1], wanted) & (self.rows[:, 3] < 0)]
        return [(self.texts[row[0]], self._note(row)) for row in rows.tolist()]

    def _note(self, row: list[int]) -> Note:
        _, relation, value, about, source, line = row
        text, lang = _value(self.texts[value])
        return Note(self.texts[relation], text, lang, _value(self.texts[about])[0] if about >= 0 else "", source, line)

    @cached_property
    def _subjects(self) -> dict[str, int]:
        return {self.texts[number]: number for number in np.unique(self.rows[:, 0]).tolist()}


def _value(text: str) -> tuple[str, str]:
    if not text.startswith('"'):
        return text, ""
    value, _, lang = split_literal(text)
    return value, lang


def statements_on_statements(columns: Columns) -> Ints:
    """Annotations of axioms and reified statements: source, row and target [K, 3] of each; broken ones are counted."""
    types = columns.peek(TYPE)
    reified = np.zeros(len(columns.terms), bool)
    reified[columns.s[types[columns.mask(ANNOTATIONS)[columns.o[types]]]]] = True
    rows = columns.where(lambda part: reified[columns.s[part]] & ~columns.used[part])
    if not len(rows):
        return np.zeros((0, 3), np.int32)
    part: dict[str, Ints] = {}
    for name, predicates in _PARTS.items():
        part[name] = np.full(len(columns.terms), -1, np.int32)
        for predicate in predicates:
            stating = columns.peek(predicate)
            part[name][columns.s[stating]] = columns.o[stating]
    structure = columns.mask((TYPE, *(iri for iris in _PARTS.values() for iri in iris)))[columns.p[rows]]
    subject = columns.s[rows]
    source = part["source"][subject]
    good = (source >= 0) & (columns.kinds[source] == IRI) & (columns.kinds[columns.o[rows]] != BLANK)
    columns.take(rows[structure], STRUCTURE)
    columns.drop("annotation of an axiom", rows[~structure & ~good])
    kept = ~structure & good
    columns.take(rows[kept], NOTE, "annotation of an axiom")
    target = part["target"][subject[kept]]
    target = np.where((target >= 0) & (columns.kinds[target] != BLANK), target, -1)
    return np.stack([source[kept], rows[kept], target], axis=1).astype(np.int32)


def notes_in_blanks(columns: Columns) -> Ints:
    """What blank nodes say that a note of a named term leads to, as notes of that term: term, row and -1 [K, 3].

    Editors' notes with a date and an author are written so. Shapes and rules are no notes.
    """
    kinds, free = columns.kinds, columns.where(lambda part: columns.fate[part] == UNTAKEN)
    leading = free[(kinds[columns.s[free]] == IRI) & (kinds[columns.o[free]] == BLANK)]
    leading = leading[~columns.within((SH, SWRL))[columns.p[leading]]]
    owner = np.full(len(columns.terms), -1, np.int32)
    owner[columns.o[leading]] = columns.s[leading]
    rows = free[(owner[columns.s[free]] >= 0) & (kinds[columns.o[free]] != BLANK)]
    leading = leading[np.isin(columns.o[leading], columns.s[rows])]
    columns.take(np.concatenate([rows, leading]), NOTE, "part of a note")
    return np.stack([owner[columns.s[rows]], rows, np.full(len(rows), -1)], axis=1).astype(np.int32)


def take_the_rest(columns: Columns, roles: dict[str, tuple[str, int]] = MEANINGS) -> None:
    """Keeps what nobody took of named terms as notes; what blank nodes say is lost, by property."""
    rows = columns.where(lambda part: columns.fate[part] == UNTAKEN)
    plain = (columns.kinds[columns.s[rows]] == IRI) & (columns.kinds[columns.o[rows]] != BLANK)
    for kept, taken in ((True, rows[plain]), (False, rows[~plain])):
        order = np.argsort(columns.p[taken], kind="stable")
        numbers, starts = np.unique(columns.p[taken][order], return_index=True)
        for at, (number, group) in enumerate(zip(numbers.tolist(), np.split(taken[order], starts[1:]), strict=False)):
            iri = columns.terms[number]
            short = curie(iri) if at < PROPERTIES else "another property"
            if kept:
                columns.take(group, NOTE, roles[iri][0] if iri in roles else short)
            else:
                columns.drop(short if ":" in short else iri, group)


def keep_notes(columns: Columns, labels: NDArray[np.int64], on_statements: Ints) -> Notes:
    """The notes of all rows taken as annotation, without those that became ``labels`` of the graph."""
    other = np.zeros(len(columns.s), bool)
    other[labels] = other[on_statements[:, 1]] = True
    kinds = columns.kinds
    rows = columns.where(lambda at: (columns.fate[at] == NOTE) & (kinds[columns.o[at]] != BLANK) & ~other[at])
    subject = np.concatenate([columns.s[rows], on_statements[:, 0]])
    about = np.concatenate([np.full(len(rows), -1, np.int32), on_statements[:, 2]])
    rows = np.concatenate([rows, on_statements[:, 1].astype(np.int64)])
    table = np.stack([subject, columns.p[rows], columns.o[rows], about], axis=1)
    mentioned = np.zeros(len(columns.terms) + 1, bool)  # the last: of -1
    mentioned[table] = True
    numbers = np.flatnonzero(mentioned[:-1])
    texts, order = sort(columns.terms.pick(numbers))
    place = np.full(len(columns.terms) + 1, -1, np.int32)
    place[numbers] = order
    found = np.column_stack([place[table], columns.origins(rows), columns.line[rows]]).astype(np.int32)
    found = found[np.lexsort(found.T[::-1])]
    return Notes(Terms(texts), found)
