"""Where every triple went: the account of a projection, whose sums agree."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import BLANK, DROPPED, FATES, STRUCTURE, UNTAKEN, Columns, Ints
from kgpeft.graph.statements import Statements

_ORPHAN = "expression that nothing refers to"


def settle_structure(columns: Columns, lost: NDArray[np.int16]) -> None:
    """Gives the rows that build expressions and lists the fate of the statement they build: used, or lost with it."""
    rows = np.flatnonzero(columns.fate == STRUCTURE)
    if not len(rows):
        return
    inner = rows[columns.kinds[columns.o[rows]] == BLANK]
    nodes = np.unique(np.concatenate([columns.s[rows], columns.o[inner]]))
    at = np.full(len(columns.terms), -1, np.int32)
    at[nodes] = np.arange(len(nodes), dtype=np.int32)
    state = _states(columns, at, len(nodes))
    state[lost[nodes] > 0] = lost[nodes][lost[nodes] > 0]
    jump = np.arange(len(nodes))
    below = inner[state[at[columns.o[inner]]] < 0]
    jump[at[columns.o[below]]] = at[columns.s[below]]
    for _ in range(32):  # pointer doubling: a list of n cells takes log n steps, one in a circle never ends
        further = jump[jump]
        if np.array_equal(further, jump):
            break
        jump = further
    fate = state[jump][at[columns.s[rows]]]
    columns.drop(_ORPHAN, rows[fate < 0])
    columns.fate[rows[fate > 0]] = DROPPED
    columns.why[rows[fate > 0]] = fate[fate > 0]


def _states(columns: Columns, at: Ints, size: int) -> NDArray[np.int32]:
    """Of every node [size]: 0 if a kept statement has it, the construct of a lost one that has it, -1 if none has."""
    state = np.full(size, -1, np.int32)
    rows = columns.where(
        lambda part: (columns.fate[part] != STRUCTURE) & ((at[columns.s[part]] >= 0) | (at[columns.o[part]] >= 0))
    )
    lost = columns.fate[rows] == DROPPED
    for part, why in ((rows[lost], columns.why[rows[lost]]), (rows[~lost], 0)):
        for column in (columns.s, columns.o):
            place = at[column[part]]
            state[place[place >= 0]] = why if isinstance(why, int) else why[place >= 0]
    return state


def audit(columns: Columns, statements: Statements) -> dict[str, Any]:
    """How many triples became what, in all, by construct and by source.

    ``triples`` is the sum of edge, annotation, axiom, structure and dropped; ``quarantined`` parts never became any.
    """
    counted = np.asarray([_counted(columns, source) for source in range(len(statements.sources))])
    bad = Counter(part["source"] for part in statements.quarantined)
    by_source = [
        {"path": source["path"], **_sums(row), "quarantined": bad[source["path"]]}
        for source, row in zip(statements.sources, counted.tolist(), strict=True)
    ]
    whole = {**_sums(counted.sum(axis=0).tolist()), "quarantined": len(statements.quarantined)}
    constructs = {fate: dict(sorted(parts.items())) for fate, parts in sorted(columns.audit().items())}
    return {**whole, "constructs": constructs, "sources": by_source}


def _counted(columns: Columns, source: int) -> list[int]:
    """How many rows of a source met each fate."""
    found = columns.audit(source)
    return [sum(found.get(fate, {}).values()) for fate in FATES]


def _sums(counted: list[int]) -> dict[str, int]:
    named = dict(zip(FATES, counted, strict=True))
    return {"triples": sum(counted)} | {name: named[name] for name in FATES if name != FATES[UNTAKEN]}
