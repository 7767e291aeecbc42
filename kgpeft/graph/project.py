"""Statements → KnowledgeGraph: the one projection that every format goes through."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from kgpeft.errors import GraphError
from kgpeft.graph.audit import audit, settle_structure
from kgpeft.graph.axioms import Axiom, keep_axioms, property_axioms
from kgpeft.graph.classes import ClassAxioms
from kgpeft.graph.columns import Columns, Ints, Mask
from kgpeft.graph.edges import Edges, Relations, alive, arrange, gather
from kgpeft.graph.expressions import Expressions, Found, Reached, Stated
from kgpeft.graph.facts import broader_edges, class_edges, fact_edges
from kgpeft.graph.labels import Texts, collect_texts
from kgpeft.graph.model import KnowledgeGraph
from kgpeft.graph.names import relation_name
from kgpeft.graph.nodes import Nodes
from kgpeft.graph.notes import keep_notes, notes_in_blanks, statements_on_statements, take_the_rest
from kgpeft.graph.projections import only_taxonomy, owl2vec_edges, raw_edges
from kgpeft.graph.quantities import fold_quantities
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.spool import Rows, Strings
from kgpeft.graph.statements import Statements
from kgpeft.graph.terms import Terms
from kgpeft.graph.texts import Labels
from kgpeft.graph.things import Things, classify, name_blanks
from kgpeft.graph.vocabulary import RELATION_NAMES, meanings


def project(statements: Statements, settings: ReadSettings) -> KnowledgeGraph:
    """The graph that the statements hold; GraphError if there is nothing in it to answer from."""
    return _drafted(statements, settings).finished()


def _drafted(statements: Statements, settings: ReadSettings) -> "_Draft":
    columns = Columns(statements)
    statements.free()
    name_blanks(columns)
    fold_quantities(columns)
    things = classify(columns)
    reified = statements_on_statements(columns)
    expressions = Expressions(columns, loose=settings.projection == "owl2vec")
    texts = collect_texts(columns, meanings(settings.roles), settings.languages)
    edges, stated = _edges(columns, things, expressions, texts.labelled(), settings)
    axioms = keep_axioms(columns, things, stated)
    reified = np.concatenate([reified, notes_in_blanks(columns)])
    take_the_rest(columns, meanings(settings.roles))
    columns.forget_order()
    nodes = Nodes(columns, things, texts, edges)
    if not len(nodes.order):
        raise _empty(things, statements)
    return _assemble(columns, nodes, edges, _Kept(statements, settings, things, expressions, axioms, reified))


def _empty(things: Things, statements: Statements) -> GraphError:
    gone, what = int(things.obsolete.sum()), "no entity and no edge in it"
    what += f": all of its {gone} terms are obsolete" if gone else ""
    if len(statements) and not gone:
        what += f" (its {len(statements):,} statements are notes, mappings or axioms)"
    if bad := statements.quarantined:
        what += f"; {len(bad)} parts could not be read, the first in line {bad[0]['line']}: {bad[0]['reason']}"
    where = ", ".join(source["path"] for source in statements.sources)
    return GraphError(what, where=where, remedy="give a file that states facts about terms")


def _edges(
    columns: Columns, things: Things, expressions: Expressions, labelled: Mask, settings: ReadSettings
) -> tuple[Rows, list[Stated]]:
    """The edges [E, 5] that the projection asked for gives, and what else the statements state."""
    met: list[list[Reached]] = []
    found = [gather(chain(class_edges(columns, things, expressions, met), broader_edges(columns)), columns)]
    kept = ClassAxioms(columns, expressions)
    for reached in met:
        kept.define(reached)
        kept.keep(reached)
    stated = kept.found + property_axioms(columns, expressions)
    found.append(gather(fact_edges(columns, things, labelled, settings), columns))
    if settings.projection == "raw":
        return gather(raw_edges(columns), columns), stated
    parts: Iterator[Found] = (Found(part) for rows in found for part in rows.drained())
    if settings.projection == "taxonomy":
        parts = only_taxonomy(columns, parts)
    if settings.projection == "owl2vec":
        edges = np.concatenate([np.zeros((0, 5), np.int32), *(part.edges for part in parts)])
        parts = iter([Found(owl2vec_edges(columns, edges, stated, things.builtin))])
    return gather(alive(parts, columns, things), columns), stated


class _Kept(NamedTuple):
    """What there is besides nodes and edges."""

    statements: Statements
    settings: ReadSettings
    things: Things
    expressions: Expressions
    axioms: list[Axiom]
    reified: Ints


class _Draft(NamedTuple):
    """A graph whose large parts are still where they grew: they are mapped when what they are made of is gone."""

    terms: Strings
    names: Strings
    edges: Edges
    rest: dict[str, Any]

    def finished(self) -> KnowledgeGraph:
        made = self.edges
        return KnowledgeGraph(
            terms=Terms(self.terms.whole()),
            names=Terms(self.names.whole()),
            edges=made.edges.whole(),
            patterns=made.patterns.whole(),
            origins=made.origins.whole(),
            lines=made.lines.whole(),
            **self.rest,
        )


def _assemble(columns: Columns, nodes: Nodes, edges: Rows, kept: _Kept) -> _Draft:
    relations = Relations(columns, edges)
    rest: dict[str, Any] = {"kinds": nodes.kinds, "relations": relations.iris, "axioms": kept.axioms}
    rest["relation_names"] = [_relation_name(columns, nodes.texts, iri) for iri in relations.iris]
    terms, names = nodes.terms(), nodes.names()
    made = arrange(edges, columns, nodes.place, relations)
    rest["labels"], rows, taken = nodes.texts.labels(nodes.place)
    rest["places"] = np.stack([columns.origins(rows), columns.line[rows]], axis=1)
    rest["notes"] = keep_notes(columns, taken, kept.reified)
    settle_structure(columns, kept.expressions.lost)
    rest["manifest"] = _account(columns, kept, _counts(nodes, len(made.edges), rest, kept))
    return _Draft(terms, names, made, rest)


def _relation_name(columns: Columns, texts: Texts, iri: str) -> str:
    """A relation's label; one that is a single word such as has_part is taken apart."""
    label = texts.name(columns.id(iri))
    if iri in RELATION_NAMES or label is None:
        return relation_name(iri)
    return label if " " in label else relation_name(label)


def _account(columns: Columns, kept: _Kept, counts: dict[str, int]) -> dict[str, Any]:
    """The manifest: where the graph comes from, how large it is, what is not in it and why."""
    settings, statements, unlabelled = kept.settings, kept.statements, counts["unlabelled"]
    notes = list(statements.notes)
    if unlabelled:
        some = f"{unlabelled} of {counts['entities']} entities have no label"
        which = "no entity has a label" if unlabelled == counts["entities"] else some
        notes.append(f"{which}; names come from identifiers")
    return {
        "sources": statements.sources,
        "counts": counts,
        "quarantined": statements.quarantined,
        "audit": audit(columns, statements),
        "projection": settings.projection,
        "languages": list(settings.languages),
        "roles": dict(settings.roles),
        "dropped": {name: count for name, count in sorted(columns.dropped.items()) if count},
        "notes": notes,
    }


def _counts(nodes: Nodes, edges: int, rest: dict[str, Any], kept: _Kept) -> dict[str, int]:
    labels: Labels = rest["labels"]
    return {
        "triples": len(kept.statements),
        "entities": nodes.entities,
        "literals": len(nodes.order) - nodes.entities,
        "relations": len(rest["relations"]),
        "edges": edges,
        "labels": len(labels),
        "axioms": len(kept.axioms),
        "notes": len(rest["notes"].rows),
        "obsolete": int(kept.things.obsolete.sum()),
        "unlabelled": nodes.entities - len(np.unique(labels.entity[labels.having("label")])),
    }
