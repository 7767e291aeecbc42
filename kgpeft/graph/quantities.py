"""Numbers with a unit: blank nodes that hold both become one literal, whose datatype is the unit."""

import numpy as np

from kgpeft.graph.columns import BLANK, LITERAL, STRUCTURE, Columns
from kgpeft.graph.names import entity_name
from kgpeft.graph.statements import split_literal
from kgpeft.graph.vocabulary import OWL, RDF, RDFS, SCHEMA, SCHEMAS, TYPE, XSD

_QUDT, _OM = "http://qudt.org/schema/qudt/", "http://www.ontology-of-units-of-measure.org/resource/om-2/"
_NUMBERS = (
    _QUDT + "numericValue", _QUDT + "value", _OM + "hasNumericalValue", SCHEMA + "value", SCHEMAS + "value",
    RDF + "value",
)  # fmt: skip
_UNITS = (
    _QUDT + "unit", _QUDT + "hasUnit", _OM + "hasUnit", SCHEMA + "unitText", SCHEMAS + "unitText", SCHEMA + "unitCode",
    SCHEMAS + "unitCode",
)  # fmt: skip
PLAIN = ("@", XSD, RDF, RDFS, OWL)  # how what stands behind a value that has no unit begins


def fold_quantities(columns: Columns) -> None:
    """Turns every blank node with one number, one unit and nothing else into ``number^^unit``, wherever it stands."""
    number, unit = _one(columns, _NUMBERS), _one(columns, _UNITS)
    nodes = sorted(number.keys() & unit.keys())
    if not nodes:
        return
    more = np.zeros(len(columns.terms), bool)
    more[columns.s[~columns.mask((*_NUMBERS, *_UNITS, TYPE))[columns.p]]] = True
    first: dict[str, int] = {}
    same = np.arange(len(columns.terms), dtype=np.int32)
    folded = np.zeros(len(columns.terms), bool)
    for node in nodes:
        measure = columns.terms[unit[node]]
        if more[node] or columns.kinds[unit[node]] == BLANK:
            continue
        measure = split_literal(measure)[0] if columns.kinds[unit[node]] == LITERAL else measure
        key = f'"{split_literal(columns.terms[number[node]])[0]}^^{measure}'
        same[node], folded[node] = first.setdefault(key, node), True
        columns.terms[node], columns.kinds[node] = key, LITERAL
    columns.take(np.flatnonzero(folded[columns.s]), STRUCTURE)
    columns.renumber(same)


def quantity(term: str, label: str | None) -> str:
    """What a literal says, with its unit (``label`` if that has one): ``5 kilogram``."""
    value, datatype, _ = split_literal(term)
    return f"{value} {label or entity_name(datatype)}" if _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _one(columns: Columns, predicates: tuple[str, ...]) -> dict[int, int]:
    """Blank node → what it has for the first of the predicates that it has just once."""
    found: dict[int, int] = {}
    for predicate in reversed(predicates):
        rows = columns.peek(predicate)
        rows = rows[columns.kinds[columns.s[rows]] == BLANK]
        subjects, first, counts = np.unique(columns.s[rows], return_index=True, return_counts=True)
        once = counts == 1
        found.update(zip(subjects[once].tolist(), columns.o[rows[first[once]]].tolist(), strict=True))
    return found
