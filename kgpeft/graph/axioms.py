"""Statements about properties and classes that are no edges but serve questions and checks."""

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import AXIOM, BLANK, STRUCTURE, Columns
from kgpeft.graph.expressions import Expressions, Stated
from kgpeft.graph.things import Things
from kgpeft.graph.vocabulary import GROUP_AXIOMS, LIST_AXIOMS, OWL, PAIR_AXIOMS, PROPERTY_AXIOMS, TYPE

Axiom = dict[str, Any]  # {"axiom": name, "terms": [IRI, ...], "source": number, "line": number}

_NEGATIVE = ("sourceIndividual", "assertionProperty", "targetIndividual")


def property_axioms(columns: Columns, expressions: Expressions) -> list[Stated]:
    """What is said of properties, and of classes and individuals by name: domain [relation, class], disjoint [a, b] …

    Domains and ranges that are unions have all members after the relation. Others with expressions are counted.
    """
    found = _types(columns) + _groups(columns, expressions) + _negative(columns)
    for predicate, name in PAIR_AXIOMS.items():
        found += _pairs(columns, expressions, predicate, name)
    for predicate, name in LIST_AXIOMS.items():
        found += _lists(columns, expressions, columns.rows(predicate), name)
    return found


def keep_axioms(columns: Columns, things: Things, stated: list[Stated]) -> list[Axiom]:
    """The axioms, sorted and unique, each with source and line; those of obsolete terms are counted.

    A cardinality has its number under "n", a definition its restrictions under "some": [[relation, class], ...].
    """
    obsolete = set(np.flatnonzero(things.obsolete).tolist())
    kept, gone, rows = list[Stated](), list[int](), defaultdict[str, list[int]](list)
    for axiom in stated:
        if obsolete.isdisjoint(axiom.terms):
            kept.append(axiom)
            rows[axiom.name].append(axiom.row)
        else:
            gone.append(axiom.row)
    columns.drop("axiom of an obsolete term", np.unique(np.asarray(gone, np.int64)))
    for name in sorted(rows):
        columns.take(np.asarray(rows[name], np.int64), AXIOM, name)
    unique: dict[_Key, int] = {}
    for key, axiom in zip(_keys(columns, kept), kept, strict=True):
        unique[key] = min(axiom.row, unique.get(key, axiom.row))
    ordered = sorted(unique.items())
    first = np.asarray([row for _, row in ordered], np.int64)
    places = zip(columns.origins(first).tolist(), columns.line[first].tolist(), strict=True)
    found = zip(ordered, places, strict=True)
    return [_plain(key) | {"source": source, "line": line} for (key, _), (source, line) in found]


_Key = tuple[str, tuple[str, ...], int, tuple[tuple[str, str], ...]]  # name, terms, number, restrictions


def _keys(columns: Columns, stated: list[Stated]) -> list[_Key]:
    """Each axiom in terms instead of their numbers."""
    numbers = {number for axiom in stated for number in axiom.terms}
    numbers |= {number for axiom in stated for pair in axiom.some for number in pair}
    wanted = sorted(numbers)
    term = dict(zip(wanted, columns.terms.take(wanted), strict=True))
    plain = {number: text.removeprefix('"') for number, text in term.items()}
    some = {pairs: tuple(sorted((term[one], term[other]) for one, other in pairs)) for _, _, _, _, pairs in stated}
    return [(name, tuple(map(plain.__getitem__, terms)), n, some[pairs]) for name, terms, _, n, pairs in stated]


def _plain(key: _Key) -> Axiom:
    name, terms, n, some = key
    plain: Axiom = {"axiom": name, "terms": list(terms)}
    return plain | ({"n": n} if n >= 0 else {}) | ({"some": list(map(list, some))} if some else {})


def _types(columns: Columns) -> list[Stated]:
    found = []
    for iri, name in PROPERTY_AXIOMS.items():
        rows = columns.peek(TYPE)
        rows = rows[columns.o[rows] == columns.id(iri)]
        rows = rows[columns.kinds[columns.s[rows]] != BLANK]
        subjects = columns.s[rows].tolist()
        found += [Stated(name, (subject,), row) for subject, row in zip(subjects, rows.tolist(), strict=True)]
    return found


def _pairs(columns: Columns, expressions: Expressions, predicate: str, name: str) -> list[Stated]:
    rows = columns.peek(predicate)
    rows = rows[~columns.used[rows] & ~(columns.kinds[columns.s[rows]] == BLANK)]
    columns.take(rows, AXIOM, name)
    named = columns.kinds[columns.o[rows]] != BLANK
    ends = columns.s[rows[named]].tolist(), columns.o[rows[named]].tolist(), rows[named].tolist()
    pairs = [Stated(name, (subject, node), row) for subject, node, row in zip(*ends, strict=True)]
    if name not in ("domain", "range"):
        columns.drop(f"{name} with an expression", rows[~named])
        return pairs
    unions = expressions.tables["unionOf"][columns.o[rows]]
    columns.drop(f"{name} with an expression", rows[~named & (unions < 0)])
    return pairs + _lists(columns, expressions, rows[unions >= 0], name, unions[unions >= 0])


def _lists(
    columns: Columns, expressions: Expressions, rows: NDArray[np.int64], name: str, heads: Any = None
) -> list[Stated]:
    """Axioms over each row's subject and the members of its list; those with unnamed members are counted."""
    parents, members = expressions.members(columns.o[rows] if heads is None else heads)
    grouped: dict[int, list[int]] = {at: [int(subject)] for at, subject in enumerate(columns.s[rows])}
    for parent, member in zip(parents.tolist(), members.tolist(), strict=True):
        grouped[parent].append(member)
    named = {at: tuple(terms) for at, terms in grouped.items() if not (columns.kinds[terms] == BLANK).any()}
    columns.drop(f"{name} with an expression", rows[[at for at in grouped if at not in named]])
    return [Stated(name, terms, int(rows[at])) for at, terms in named.items()]


def _groups(columns: Columns, expressions: Expressions) -> list[Stated]:
    kinds = {number: name for iri, name in GROUP_AXIOMS.items() if (number := columns.id(iri)) >= 0}
    types = columns.peek(TYPE)
    name_of = {
        subject: name
        for number, name in kinds.items()
        for subject in columns.s[types[columns.o[types] == number]].tolist()
    }
    rows = columns.rows(OWL + "members", OWL + "distinctMembers")
    parents, members = expressions.members(columns.o[rows])
    grouped: dict[int, list[int]] = {at: [] for at in range(len(rows))}
    for parent, member in zip(parents.tolist(), members.tolist(), strict=True):
        grouped[parent].append(member)
    found, lost = list[Stated](), list[int]()
    for at, terms in grouped.items():
        subject = int(columns.s[rows[at]])
        if subject in name_of and not (columns.kinds[terms] == BLANK).any():
            found.append(Stated(name_of[subject], tuple(terms), int(rows[at])))
        else:
            lost.append(int(rows[at]))
    columns.drop("members with an expression", np.asarray(lost, np.int64))
    return found


def _negative(columns: Columns) -> list[Stated]:
    parts: dict[int, dict[str, tuple[int, int]]] = {}
    for name in (*_NEGATIVE, "targetValue"):
        rows = columns.rows(OWL + name)
        columns.take(rows, STRUCTURE)
        for row in rows.tolist():
            key = "targetIndividual" if name == "targetValue" else name
            parts.setdefault(int(columns.s[row]), {})[key] = int(columns.o[row]), row
    whole = [part for part in parts.values() if len(part) == len(_NEGATIVE)]
    broken = [row for part in parts.values() if len(part) < len(_NEGATIVE) for _, row in part.values()]
    columns.drop("negative assertion without its parts", np.asarray(broken, np.int64))
    return [Stated("negative", tuple(part[key][0] for key in _NEGATIVE), part[_NEGATIVE[0]][1]) for part in whole]
