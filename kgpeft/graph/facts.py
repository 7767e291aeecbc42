"""Plain triples → edges: types, facts between individuals, data values, SKOS hierarchies."""

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import AXIOM, BLANK, DROPPED, IRI, LITERAL, STRUCTURE, Columns
from kgpeft.graph.expressions import BROADER, FACT, SUB, TYPED, VALUE, Expressions, Found, Reached
from kgpeft.graph.names import preference
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.statements import split_literal
from kgpeft.graph.things import Things
from kgpeft.graph.vocabulary import ADMIN, BIBLIOGRAPHIC, OWL, RELATED, SKOS, SUBCLASS, TYPE, with_role
from kgpeft.graph.vocabulary import BROADER as BROADER_IRI
from kgpeft.graph.vocabulary import NARROWER as NARROWER_IRI

_Rows = NDArray[np.int64]


def class_edges(columns: Columns, things: Things, expressions: Expressions) -> tuple[list[Found], list[list[Reached]]]:
    """The edges of subclass axioms, equivalences to expressions and types; and the expressions each of them met."""
    below = columns.rows(SUBCLASS)
    anonymous = columns.kinds[columns.s[below]] != IRI
    columns.take(below, DROPPED, "class expression")
    columns.drop("general class axiom", below[anonymous])
    same = columns.peek(OWL + "equivalentClass")
    same = same[(columns.kinds[columns.o[same]] == BLANK) & (columns.kinds[columns.s[same]] == IRI)]
    columns.take(same, DROPPED, "class expression")
    parts = [
        expressions.follow(np.concatenate([below[~anonymous], same]), SUB),
        expressions.follow_named(SUB),
        expressions.follow(_types(columns, things), TYPED),
    ]
    return [found for part, _ in parts for found in part], [met for _, met in parts]


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


def fact_edges(columns: Columns, things: Things, labelled: NDArray[np.bool_], settings: ReadSettings) -> list[Found]:
    """The edges of the triples nobody has taken: object properties and data values.

    Administrative vocabularies, annotation properties without a label and properties' own properties stay untaken,
    unless a recipe gives a property the role "fact".
    """
    rows = np.flatnonzero(~columns.used)
    s, p, o = columns.s[rows], columns.p[rows], columns.o[rows]
    described = things.classes | things.concepts
    named = (columns.kinds[s] == IRI) & ~things.properties[s] & ~things.builtin[s] & ~things.records[s]
    usable = ~columns.within(ADMIN)[p]
    for namespace in BIBLIOGRAPHIC:  # a vocabulary's words about its own terms are administration too
        usable &= ~columns.within((namespace,))[p] | ~(described | columns.within((namespace,)))[s]
    usable &= ~things.annotations[p] | labelled[p]
    usable = named & (usable | columns.mask(with_role("fact", settings.roles))[p])
    entity = described | things.individuals | (labelled & ~things.properties)
    kind = columns.kinds[o]
    value = rows[usable & (kind == LITERAL)]
    fact = rows[usable & (kind == IRI) & ~things.properties[o] & (~things.annotations[p] | entity[o])]
    columns.drop("fact about a blank node", rows[usable & (kind == BLANK)])
    columns.take(np.concatenate([fact, value]), DROPPED, "fact")
    value = _one_language(columns, value, settings.languages)
    return [
        Found.of(columns.s[at], columns.p[at], columns.o[at], pattern, at)
        for at, pattern in ((fact, FACT), (value, VALUE))
    ]


def _one_language(columns: Columns, rows: _Rows, languages: tuple[str, ...]) -> _Rows:
    """The rows [n] whose literal has the best language its subject and relation offer; the others are counted."""
    nodes, at = np.unique(columns.o[rows], return_inverse=True)
    tags = [split_literal(term)[2] if "^^@" in term else "" for term in columns.terms.take(nodes)]
    if not any(tags):
        return rows
    order = {tag: rank for rank, tag in enumerate(sorted(set(tags), key=lambda tag: preference(tag, languages)))}
    ranks = {tag: min(order[same] for same in order if preference(same, languages) == preference(tag, languages))
             for tag in order}  # fmt: skip
    rank = np.fromiter((ranks[tag] for tag in tags), np.int64, len(tags))[at]
    _, group = np.unique(columns.s[rows].astype(np.int64) << 32 | columns.p[rows], return_inverse=True)
    best = np.full(int(group.max()) + 1, len(order), np.int64)
    np.minimum.at(best, group, rank)
    keep = rank == best[group]
    columns.drop("value in another language", rows[~keep])
    kept: _Rows = rows[keep]
    return kept
