"""Statements about properties and classes that are no edges but serve checks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import BLANK, Columns
from kgpeft.graph.expressions import Expressions
from kgpeft.graph.things import Things
from kgpeft.graph.vocabulary import GROUP_AXIOMS, LIST_AXIOMS, OWL, PAIR_AXIOMS, PROPERTY_AXIOMS, TYPE

Axiom = dict[str, Any]  # {"axiom": name, "terms": [IRI, ...]}

_NEGATIVE = ("sourceIndividual", "assertionProperty", "targetIndividual")


def collect_axioms(columns: Columns, things: Things, expressions: Expressions) -> list[Axiom]:
    """All axioms, sorted: {"axiom": "domain", "terms": [relation, class]}, {"axiom": "disjoint", "terms": [a, b]} ...

    Domains and ranges that are unions have all members after the relation. Others with expressions are counted.
    """
    found = _types(columns) + _groups(columns, expressions) + _negative(columns)
    for predicate, name in PAIR_AXIOMS.items():
        found += _pairs(columns, expressions, predicate, name)
    for predicate, name in LIST_AXIOMS.items():
        found += _lists(columns, expressions, columns.rows(predicate), name)
    alive = [axiom for axiom in found if not any(things.obsolete[number] for number in axiom[1])]
    unique = {(name, tuple(columns.terms[number].removeprefix('"') for number in numbers)) for name, numbers in alive}
    return [{"axiom": name, "terms": list(terms)} for name, terms in sorted(unique)]


_Raw = tuple[str, tuple[int, ...]]


def _types(columns: Columns) -> list[_Raw]:
    names = {number: name for iri, name in PROPERTY_AXIOMS.items() if (number := columns.id(iri)) >= 0}
    rows = columns.peek(TYPE)
    return [
        (names[kind], (subject,))
        for subject, kind in zip(columns.s[rows].tolist(), columns.o[rows].tolist(), strict=True)
        if kind in names
    ]


def _pairs(columns: Columns, expressions: Expressions, predicate: str, name: str) -> list[_Raw]:
    rows = columns.peek(predicate)
    rows = rows[~columns.used[rows] & ~(columns.kinds[columns.s[rows]] == BLANK)]
    columns.used[rows] = True
    named = columns.kinds[columns.o[rows]] != BLANK
    ends = columns.s[rows[named]].tolist(), columns.o[rows[named]].tolist()
    pairs: list[_Raw] = [(name, pair) for pair in zip(*ends, strict=True)]
    if name not in ("domain", "range"):
        columns.drop(f"{name} with an expression", rows[~named])
        return pairs
    unions = expressions.tables["unionOf"][columns.o[rows]]
    columns.drop(f"{name} with an expression", rows[~named & (unions < 0)])
    return pairs + _lists(columns, expressions, rows[unions >= 0], name, unions[unions >= 0])


def _lists(
    columns: Columns, expressions: Expressions, rows: NDArray[np.int64], name: str, heads: Any = None
) -> list[_Raw]:
    """Axioms over each row's subject and the members of its list; those with unnamed members are counted."""
    parents, members = expressions.members(columns.o[rows] if heads is None else heads)
    grouped: dict[int, list[int]] = {at: [int(subject)] for at, subject in enumerate(columns.s[rows])}
    for parent, member in zip(parents.tolist(), members.tolist(), strict=True):
        grouped[parent].append(member)
    named = [tuple(terms) for terms in grouped.values() if not any(columns.kinds[number] == BLANK for number in terms)]
    columns.dropped[f"{name} with an expression"] += len(grouped) - len(named)
    return [(name, terms) for terms in named]


def _groups(columns: Columns, expressions: Expressions) -> list[_Raw]:
    kinds = {number: name for iri, name in GROUP_AXIOMS.items() if (number := columns.id(iri)) >= 0}
    types = columns.peek(TYPE)
    name_of = {
        subject: kinds[kind]
        for subject, kind in zip(columns.s[types].tolist(), columns.o[types].tolist(), strict=True)
        if kind in kinds
    }
    rows = columns.rows(OWL + "members", OWL + "distinctMembers")
    parents, members = expressions.members(columns.o[rows])
    found: list[_Raw] = []
    for at, subject in enumerate(columns.s[rows].tolist()):
        terms = tuple(members[parents == at].tolist())
        if subject in name_of and not any(columns.kinds[number] == BLANK for number in terms):
            found.append((name_of[subject], terms))
        else:
            columns.dropped["members with an expression"] += 1
    return found


def _negative(columns: Columns) -> list[_Raw]:
    parts: dict[int, dict[str, int]] = {}
    for name in (*_NEGATIVE, "targetValue"):
        for row in columns.rows(OWL + name):
            key = "targetIndividual" if name == "targetValue" else name
            parts.setdefault(int(columns.s[row]), {})[key] = int(columns.o[row])
    return [("negative", tuple(part[key] for key in _NEGATIVE)) for part in parts.values() if len(part) == 3]
