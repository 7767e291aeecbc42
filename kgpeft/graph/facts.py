"""Plain triples → edges: types, facts between individuals, data values, SKOS hierarchies."""

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import BLANK, IRI, LITERAL, Columns
from kgpeft.graph.expressions import BROADER, FACT, SUB, TYPED, VALUE, Expressions, Found
from kgpeft.graph.names import preference
from kgpeft.graph.statements import split_literal
from kgpeft.graph.things import Things
from kgpeft.graph.vocabulary import ADMIN, BIBLIOGRAPHIC, OWL, RELATED, SKOS, SUBCLASS, TYPE
from kgpeft.graph.vocabulary import BROADER as BROADER_IRI
from kgpeft.graph.vocabulary import NARROWER as NARROWER_IRI


def class_edges(columns: Columns, things: Things, expressions: Expressions) -> list[Found]:
    """The edges of subclass axioms, equivalences to expressions and types."""
    below = columns.rows(SUBCLASS)
    anonymous = columns.kinds[columns.s[below]] != IRI
    columns.drop("general class axiom", below[anonymous])
    same = columns.peek(OWL + "equivalentClass")
    same = same[(columns.kinds[columns.o[same]] == BLANK) & (columns.kinds[columns.s[same]] == IRI)]
    columns.used[same] = True
    found = expressions.follow(np.concatenate([below[~anonymous], same]), SUB) + expressions.follow_named(SUB)
    return found + _types(columns, things, expressions)


def _types(columns: Columns, things: Things, expressions: Expressions) -> list[Found]:
    rows = columns.rows(TYPE)
    declaration = things.builtin[columns.o[rows]]
    rows = rows[~declaration]
    usable = (columns.kinds[columns.s[rows]] == IRI) & ~things.properties[columns.s[rows]]
    columns.drop("type of a blank node or property", rows[~usable])
    return expressions.follow(rows[usable], TYPED)


def broader_edges(columns: Columns) -> list[Found]:
    """The edges of skos:broader and, turned round, of skos:narrower; skos:related is a fact."""
    up, down, related = _named(columns, BROADER_IRI), _named(columns, NARROWER_IRI), _named(columns, RELATED)
    s, o, origin = columns.s, columns.o, columns.origin
    return [
        Found.of(s[up], -1, o[up], BROADER, origin[up]),
        Found.of(o[down], -1, s[down], BROADER, origin[down]),
        Found.of(s[related], columns.p[related], o[related], FACT, origin[related]),
    ]


def _named(columns: Columns, predicate: str) -> NDArray[np.int64]:
    rows = columns.rows(predicate)
    named = (columns.kinds[columns.s[rows]] == IRI) & (columns.kinds[columns.o[rows]] == IRI)
    columns.drop(f"skos:{predicate.removeprefix(SKOS)} of a blank node", rows[~named])
    kept: NDArray[np.int64] = rows[named]
    return kept


def fact_edges(columns: Columns, things: Things, labelled: NDArray[np.bool_]) -> list[Found]:
    """The edges of the triples nobody has taken: object properties and data values.

    Administrative vocabularies, annotation properties without a label and properties' own properties stay untaken.
    """
    rows = np.flatnonzero(~columns.used)
    s, p, o = columns.s[rows], columns.p[rows], columns.o[rows]
    described = things.classes | things.concepts
    usable = (columns.kinds[s] == IRI) & ~things.properties[s] & ~things.builtin[s]
    usable &= ~columns.within(ADMIN, p)[p]
    for namespace in BIBLIOGRAPHIC:  # a vocabulary's words about its own terms are administration too
        usable &= ~columns.within((namespace,), p)[p] | ~(described | columns.within((namespace,), s))[s]
    usable &= ~things.annotations[p] | labelled[p]
    entity = described | things.individuals | (labelled & ~things.properties)
    kind = columns.kinds[o]
    value = rows[usable & (kind == LITERAL)]
    fact = rows[usable & (kind == IRI) & ~things.properties[o] & (~things.annotations[p] | entity[o])]
    columns.drop("fact about a blank node", rows[usable & (kind == BLANK)])
    columns.used[fact] = True
    columns.used[value] = True
    value = _one_language(columns, value)
    return [
        Found.of(columns.s[at], columns.p[at], columns.o[at], pattern, columns.origin[at])
        for at, pattern in ((fact, FACT), (value, VALUE))
    ]


def _one_language(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows [n] whose literal has the best language its subject and relation offer; the others are counted."""
    lang = [split_literal(columns.terms[node])[2] for node in columns.o[rows]]
    if not any(lang):
        return rows
    keys = list(zip(columns.s[rows].tolist(), columns.p[rows].tolist(), strict=True))
    best: dict[tuple[int, int], tuple[int, str]] = {}
    for key, tag in zip(keys, lang, strict=True):
        best[key] = min(best.get(key, (9, "")), preference(tag))
    keep = np.fromiter((best[key] == preference(tag) for key, tag in zip(keys, lang, strict=True)), bool, len(rows))
    columns.drop("value in another language", rows[~keep])
    kept: NDArray[np.int64] = rows[keep]
    return kept
