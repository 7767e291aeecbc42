"""What each term is: class, individual, property, ontology header, obsolete."""

from dataclasses import dataclass

import numpy as np

from kgpeft.graph.columns import BLANK, IRI, LITERAL, Columns, Mask
from kgpeft.graph.statements import split_literal
from kgpeft.graph.vocabulary import (
    ANNOTATION,
    BUILTIN,
    CLASS_TYPES,
    CONCEPT,
    DEPRECATED,
    LABELS,
    OWL,
    PROPERTY_AXIOMS,
    PROPERTY_TYPES,
    RDFS,
    SKOS,
    TYPE,
)

_RECORDS = (OWL + "Ontology", SKOS + "ConceptScheme")
_OBSOLETE = (OWL + "DeprecatedClass", OWL + "DeprecatedProperty")


@dataclass(frozen=True)
class Things:
    """One mask [V] over the terms for each thing a term can be."""

    classes: Mask  # declared
    concepts: Mask
    individuals: Mask  # declared, or with a type of the user's own
    properties: Mask  # declared
    annotations: Mask  # declared annotation properties
    records: Mask  # ontologies, concept schemes
    obsolete: Mask
    builtin: Mask  # terms of OWL, RDF, SKOS ...; never nodes

    @property
    def never(self) -> Mask:
        """What cannot be a node."""
        return self.properties | self.records | self.obsolete | self.builtin


def classify(columns: Columns) -> Things:
    """What the declarations say each term is."""
    types = columns.peek(TYPE)
    builtin = columns.within(BUILTIN)
    things = Things(
        classes=_typed(columns, CLASS_TYPES),
        concepts=_typed(columns, (CONCEPT,)),
        individuals=_typed(columns, (OWL + "NamedIndividual",)),
        properties=_typed(columns, (*PROPERTY_TYPES, *PROPERTY_AXIOMS)) | _structural(columns),
        annotations=_typed(columns, (ANNOTATION,)),
        records=_typed(columns, _RECORDS),
        obsolete=_typed(columns, _OBSOLETE) | _deprecated(columns),
        builtin=builtin,
    )
    own = ~builtin[columns.o[types]] & (columns.kinds[columns.s[types]] == IRI)
    things.individuals[columns.s[types[own]]] = True
    return things


def name_blanks(columns: Columns) -> None:
    """Blank nodes with a label become entities called ``_:label``; equal labels are numbered as they appear.

    Those of a built-in type (restrictions, shapes, rules) stay blank.
    """
    seen: dict[str, int] = {}
    types = columns.peek(TYPE)
    technical = np.zeros(len(columns.terms), bool)
    technical[columns.s[types[columns.within(BUILTIN)[columns.o[types]]]]] = True
    for predicate in LABELS:
        rows = columns.peek(predicate)
        for row in rows[(columns.kinds[columns.s[rows]] == BLANK) & (columns.kinds[columns.o[rows]] == LITERAL)]:
            node = columns.s[row]
            if columns.kinds[node] == BLANK and not technical[node]:
                name = "_:" + split_literal(columns.terms[columns.o[row]])[0]
                seen[name] = seen.get(name, 0) + 1
                columns.terms[node] = name if seen[name] == 1 else f"{name}-{seen[name]}"
                columns.kinds[node] = IRI


def _typed(columns: Columns, types: tuple[str, ...]) -> Mask:
    """The terms with one of these types."""
    rows = columns.peek(TYPE)
    mask = np.zeros(len(columns.terms), bool)
    mask[columns.s[rows[columns.mask(types)[columns.o[rows]]]]] = True
    return mask


def _structural(columns: Columns) -> Mask:
    """The terms that stand where only a property can."""
    mask = np.zeros(len(columns.terms), bool)
    for predicate in (OWL + "onProperty", OWL + "inverseOf", RDFS + "subPropertyOf"):
        mask[columns.o[columns.peek(predicate)]] = True
    for predicate in (OWL + "inverseOf", RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range"):
        mask[columns.s[columns.peek(predicate)]] = True
    mask &= columns.kinds != BLANK
    return mask


def _deprecated(columns: Columns) -> Mask:
    mask = np.zeros(len(columns.terms), bool)
    for row in columns.peek(DEPRECATED):
        if split_literal(columns.terms[columns.o[row]])[0].strip().lower() in ("true", "1"):
            mask[columns.s[row]] = True
    return mask
