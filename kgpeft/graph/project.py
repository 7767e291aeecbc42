"""Statements → KnowledgeGraph: the one projection that every format goes through."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from kgpeft.errors import GraphError
from kgpeft.graph.audit import audit, settle_structure
from kgpeft.graph.axioms import Axiom, keep_axioms, property_axioms
from kgpeft.graph.classes import ClassAxioms
from kgpeft.graph.columns import Columns, Ints, Mask
from kgpeft.graph.edges import Relations, alive, arrange, gather
from kgpeft.graph.expressions import Expressions, Found, Reached, Stated
from kgpeft.graph.facts import broader_edges, class_edges, fact_edges
from kgpeft.graph.labels import Texts, collect_texts
from kgpeft.graph.model import Kind, KnowledgeGraph
from kgpeft.graph.names import relation_name
from kgpeft.graph.nodes import Nodes
from kgpeft.graph.notes import keep_notes, notes_in_blanks, statements_on_statements, take_the_rest
from kgpeft.graph.projections import only_taxonomy, owl2vec_edges, raw_edges
from kgpeft.graph.quantities import fold_quantities
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.spool import Rows
from kgpeft.graph.statements import Statements
from kgpeft.graph.terms import Terms
from kgpeft.graph.things import Things, classify, name_blanks
from kgpeft.graph.vocabulary import RELATION_NAMES, meanings


def project(statements: Statements, settings: ReadSettings) -> KnowledgeGraph:
    """The graph that the statements hold; GraphError if there is nothing in it to answer from."""
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
    nodes = Nodes(columns, things, texts, edges)
    if not len(nodes.order):
        raise _empty(things, statements)
    graph = _assemble(columns, nodes, edges, axioms, reified)
    settle_structure(columns, expressions.lost)
    _account(graph, columns, statements, things, settings)
    return graph


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


def _assemble(columns: Columns, nodes: Nodes, edges: Rows, axioms: list[Axiom], reified: Ints) -> KnowledgeGraph:
    relations = Relations(columns, edges)
    terms, names = Terms(nodes.terms()), Terms(nodes.names())
    made = arrange(edges, columns, nodes.place, relations)
    labels, rows, taken = nodes.texts.labels(nodes.place)
    return KnowledgeGraph(
        terms=terms,
        names=names,
        kinds=nodes.kinds,
        relations=relations.iris,
        relation_names=[_relation_name(columns, nodes.texts, iri) for iri in relations.iris],
        edges=made.edges.whole(),
        patterns=made.patterns.whole(),
        origins=made.origins.whole(),
        lines=made.lines.whole(),
        labels=labels,
        places=np.stack([columns.origins(rows), columns.line[rows]], axis=1),
        axioms=axioms,
        notes=keep_notes(columns, taken, reified),
        manifest={},
    )


def _relation_name(columns: Columns, texts: Texts, iri: str) -> str:
    """A relation's label; one that is a single word such as has_part is taken apart."""
    label = texts.name(columns.id(iri))
    if iri in RELATION_NAMES or label is None:
        return relation_name(iri)
    return label if " " in label else relation_name(label)


def _account(
    graph: KnowledgeGraph, columns: Columns, statements: Statements, things: Things, settings: ReadSettings
) -> None:
    """Fills the manifest: where the graph comes from, how large it is, what is not in it and why."""
    entities = int((graph.kinds != Kind.LITERAL).sum())
    unlabelled = entities - len(np.unique(graph.labels.entity[graph.labels.having("label")]))
    notes = list(statements.notes)
    if unlabelled:
        which = (
            "no entity has a label" if unlabelled == entities else f"{unlabelled} of {entities} entities have no label"
        )
        notes.append(f"{which}; names come from identifiers")
    graph.manifest.update(
        sources=statements.sources,
        counts={
            "triples": len(statements),
            "entities": entities,
            "literals": len(graph.terms) - entities,
            "relations": len(graph.relations),
            "edges": len(graph.edges),
            "labels": len(graph.labels),
            "axioms": len(graph.axioms),
            "notes": len(graph.notes.rows),
            "obsolete": int(things.obsolete.sum()),
            "unlabelled": unlabelled,
        },
        quarantined=statements.quarantined,
        audit=audit(columns, statements),
        projection=settings.projection,
        languages=list(settings.languages),
        roles=dict(settings.roles),
        dropped={name: count for name, count in sorted(columns.dropped.items()) if count},
        notes=notes,
    )
