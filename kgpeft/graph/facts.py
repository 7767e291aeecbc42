"""Plain triples → edges: types, facts between individuals, data values, SKOS hierarchies."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import AXIOM, BLANK, DROPPED, IRI, LITERAL, STRUCTURE, Columns, Mask
from kgpeft.graph.expressions import BROADER, FACT, SUB, TYPED, VALUE, Expressions, Found, Reached
from kgpeft.graph.literals import split_literals
from kgpeft.graph.names import preference
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.spool import CHUNK, Rows
from kgpeft.graph.terms import PIECE, ints, truths
from kgpeft.graph.things import Things
from kgpeft.graph.vocabulary import ADMIN, BIBLIOGRAPHIC, OWL, RELATED, SKOS, SUBCLASS, TYPE, with_role
from kgpeft.graph.vocabulary import BROADER as BROADER_IRI
from kgpeft.graph.vocabulary import NARROWER as NARROWER_IRI

_Rows = NDArray[np.int64]


def class_edges(
    columns: Columns, things: Things, expressions: Expressions, met: list[list[Reached]]
) -> Iterator[Found]:
    """The edges of subclass axioms, equivalences to expressions, and types; adds to ``met`` what expressions it met."""
    below = columns.rows(SUBCLASS)
    anonymous = columns.kinds[columns.s[below]] != IRI
    columns.take(below, DROPPED, "class expression")
    columns.drop("general class axiom", below[anonymous])
    same = columns.peek(OWL + "equivalentClass")
    same = same[(columns.kinds[columns.o[same]] == BLANK) & (columns.kinds[columns.s[same]] == IRI)]
    columns.take(same, DROPPED, "class expression")
    below = np.concatenate([below[~anonymous], same])
    parts = chain(
        (expressions.follow(rows, SUB) for rows in _parts(below)),
        [expressions.follow_named(SUB)],
        (expressions.follow(rows, TYPED) for rows in _parts(_types(columns, things))),
    )
    for found, reached in parts:
        met.append(reached)
        yield from found


def _parts(rows: _Rows) -> Iterator[_Rows]:
    return (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))


def _types(columns: Columns, things: Things) -> _Rows:
    """The rows that give a named thing a type of the user's own."""
    rows = columns.peek(TYPE)
    rows = rows[~columns.used[rows]]
    declared = things.builtin[columns.o[rows]]
    named = columns.kinds[columns.s[rows]] == IRI
    columns.take(rows[declared & named], AXIOM, "declaration")
    columns.take(rows[declared & ~named], STRUCTURE)
    rows, named = rows[~declared], named[~declared]
    usable = named & ~things.properties[columns.s[rows]]
    columns.drop("type of a blank node or property", rows[~usable])
    columns.take(rows[usable], DROPPED, "class expression")
    kept: _Rows = rows[usable]
    return kept


def broader_edges(columns: Columns) -> list[Found]:
    """The edges of skos:broader and, turned round, of skos:narrower; skos:related is a fact."""
    up, down, related = _named(columns, BROADER_IRI), _named(columns, NARROWER_IRI), _named(columns, RELATED)
    s, o = columns.s, columns.o
    return [
        Found.of(s[up], -1, o[up], BROADER, up),
        Found.of(o[down], -1, s[down], BROADER, down),
        Found.of(s[related], columns.p[related], o[related], FACT, related),
    ]


def _named(columns: Columns, predicate: str) -> _Rows:
    rows = columns.rows(predicate)
    named = (columns.kinds[columns.s[rows]] == IRI) & (columns.kinds[columns.o[rows]] == IRI)
    columns.drop(f"skos:{predicate.removeprefix(SKOS)} of a blank node", rows[~named])
    kept: _Rows = rows[named]
    return kept


def fact_edges(columns: Columns, things: Things, labelled: Mask, settings: ReadSettings) -> Iterator[Found]:
    """The edges of the triples nobody has taken: object properties and data values.

    Administrative vocabularies, annotation properties without a label and properties' own properties stay untaken,
    unless a recipe gives a property the role "fact".
    """
    rules, tagged = _Rules(columns, things, labelled, settings), _tagged(columns)
    values, contested = Rows(columns.spool, np.int32), [np.zeros(0, np.int64)]
    for part in columns.chunks():
        fact, value = rules.sort(part.start + np.flatnonzero(~columns.used[part]))
        columns.take(np.concatenate([fact, value]), DROPPED, "fact")
        yield _plain(columns, fact, FACT)
        values.add(value)
        contested.append(_key(columns, value[tagged[columns.o[value]]]))
    keys, several = np.unique(np.concatenate(contested)), [np.zeros(0, np.int64)]
    for rows in values.drained():
        value = rows.astype(np.int64)
        among = np.isin(_key(columns, value), keys)
        yield _plain(columns, value[~among], VALUE)
        several.append(value[among])
    yield _plain(columns, _one_language(columns, np.concatenate(several), settings.languages), VALUE)


def _plain(columns: Columns, rows: _Rows, pattern: int) -> Found:
    return Found.of(columns.s[rows], columns.p[rows], columns.o[rows], pattern, rows)


def _tagged(columns: Columns) -> Mask:
    """True at the terms [V] that are literals with a language."""
    import pyarrow.compute as pc

    found, literals = np.zeros(len(columns.terms), bool), columns.terms.prefix('"')
    for start in range(literals.start, literals.stop, PIECE):
        piece = columns.terms.array[start : min(start + PIECE, literals.stop)]
        at = np.flatnonzero(truths(pc.match_substring(piece, "^^@")))
        parts = split_literals(piece.take(ints(at)))
        found[start + at] = np.asarray([bool(language) for language in parts.languages], bool)[parts.tail]
    return found


def _key(columns: Columns, rows: _Rows) -> _Rows:
    """One number for subject and relation [n]."""
    return columns.s[rows].astype(np.int64) << 32 | columns.p[rows]


class _Rules:
    """Which triples are facts, by masks [V] of what their terms are."""

    def __init__(self, columns: Columns, things: Things, labelled: Mask, settings: ReadSettings) -> None:
        self.columns, described = columns, things.classes | things.concepts
        self.subject = (columns.kinds == IRI) & ~things.properties & ~things.builtin & ~things.records
        self.relation = ~columns.within(ADMIN) & (~things.annotations | labelled)
        self.always = columns.mask(with_role("fact", settings.roles))
        self.annotation = things.annotations
        self.entity = ~things.properties & (described | things.individuals | labelled)
        self.node = ~things.properties
        vocabularies = (columns.within((namespace,)) for namespace in BIBLIOGRAPHIC)
        self.bibliographic = [(within, ~within & ~described) for within in vocabularies if within.any()]

    def sort(self, rows: _Rows) -> tuple[_Rows, _Rows]:
        """Of some rows those that are facts between things, and those that are values."""
        s, p, o = (column[rows] for column in (self.columns.s, self.columns.p, self.columns.o))
        usable = self.relation[p]
        for within, fit in self.bibliographic:  # a vocabulary's words about its own terms are administration too
            usable &= ~within[p] | fit[s]
        usable = self.subject[s] & (usable | self.always[p])
        kind = self.columns.kinds[o]
        self.columns.drop("fact about a blank node", rows[usable & (kind == BLANK)])
        node = self.node[o] & (~self.annotation[p] | self.entity[o])
        return rows[usable & (kind == IRI) & node], rows[usable & (kind == LITERAL)]


def _one_language(columns: Columns, rows: _Rows, languages: tuple[str, ...]) -> _Rows:
    """The rows [n] whose literal has the best language its subject and relation offer; the others are counted."""
    literals = split_literals(columns.terms.pick(columns.o[rows]))
    wanted = [preference(tag, languages) for tag in literals.languages]
    rank = np.asarray([sorted(set(wanted)).index(one) for one in wanted], np.int64)[literals.tail]
    _, group = np.unique(_key(columns, rows), return_inverse=True)
    best = np.full(len(rows), len(wanted), np.int64)
    np.minimum.at(best, group, rank)
    keep = rank == best[group]
    columns.drop("value in another language", rows[~keep])
    kept: _Rows = rows[keep]
    return kept
