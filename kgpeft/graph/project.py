"""Statements → KnowledgeGraph: the one projection that every format goes through."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kgpeft.errors import GraphError
from kgpeft.graph.audit import audit, settle_structure, take_edges
from kgpeft.graph.axioms import Axiom, keep_axioms, property_axioms
from kgpeft.graph.classes import ClassAxioms
from kgpeft.graph.columns import IRI, LITERAL, Columns, Ints, Mask
from kgpeft.graph.expressions import BROADER, SOME, SUB, TYPED, Expressions, Stated
from kgpeft.graph.facts import broader_edges, class_edges, fact_edges
from kgpeft.graph.labels import Texts, collect_texts
from kgpeft.graph.model import PATTERNS, Kind, KnowledgeGraph, Label
from kgpeft.graph.names import curie, entity_names, relation_name
from kgpeft.graph.notes import keep_notes, notes_in_blanks, statements_on_statements, take_the_rest
from kgpeft.graph.projections import only_taxonomy, owl2vec_edges, raw_edges
from kgpeft.graph.quantities import fold_quantities, quantity
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.statements import STRING, Statements, split_literal
from kgpeft.graph.terms import PIECE, packed
from kgpeft.graph.things import Things, classify, name_blanks
from kgpeft.graph.vocabulary import BROADER as BROADER_IRI
from kgpeft.graph.vocabulary import RELATION_NAMES, SUBCLASS, TYPE, meanings

_PLAIN = "^^" + STRING
_OWN_RELATION = {SUB: SUBCLASS, TYPED: TYPE, BROADER: BROADER_IRI}


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
    edges, stated = _edges(columns, things, expressions, texts.labelled(len(columns.terms)), settings)
    axioms = keep_axioms(columns, things, stated)
    reified = np.concatenate([reified, notes_in_blanks(columns)])
    take_the_rest(columns, meanings(settings.roles))
    graph = _assemble(columns, things, texts, edges, axioms, reified)
    settle_structure(columns, expressions.lost)
    _account(graph, columns, statements, things, settings)
    if not len(graph.edges) and not len(graph.terms):
        gone, what = int(things.obsolete.sum()), "no entity and no edge in it"
        what += f": all of its {gone} terms are obsolete" if gone else ""
        where = ", ".join(source["path"] for source in statements.sources)
        raise GraphError(what, where=where, remedy="give a file that states facts about terms")
    return graph


def _edges(
    columns: Columns, things: Things, expressions: Expressions, labelled: Mask, settings: ReadSettings
) -> tuple[Ints, list[Stated]]:
    """The edges [E, 5] that the projection asked for gives, and what else the statements state."""
    found, met = class_edges(columns, things, expressions)
    found += broader_edges(columns)
    kept = ClassAxioms(columns, expressions)
    for reached in met:
        kept.define(reached)
        kept.keep(reached)
    stated = kept.found + property_axioms(columns, expressions)
    found += fact_edges(columns, things, labelled, settings)
    if settings.projection == "raw":
        return raw_edges(columns).edges, stated
    edges = np.concatenate([part.edges for part in found])
    if settings.projection == "taxonomy":
        edges = only_taxonomy(columns, edges)
    if settings.projection == "owl2vec":
        edges = owl2vec_edges(columns, edges, stated, things.builtin)
    return _alive(edges, columns, things), stated


def _alive(edges: Ints, columns: Columns, things: Things) -> Ints:
    """The edges [E, 5] whose ends can be nodes; the others are counted."""
    subject, node, row = edges[:, 0], edges[:, 2], edges[:, 4].astype(np.int64)
    obsolete = things.obsolete[subject] | things.obsolete[node]
    never = (things.never[subject] | things.never[node]) & ~obsolete
    columns.drop("edge of an obsolete term", row[obsolete])
    for number in np.unique(node[never & things.builtin[node]]):
        columns.drop(f"edge to {curie(columns.terms[number])}", row[never & (node == number)])
    columns.drop("edge of a property or ontology", row[never & ~things.builtin[node]])
    circle = (subject == node) & (edges[:, 3] == SUB) & ~never & ~obsolete
    columns.drop("class below itself", row[circle])
    alive: Ints = edges[~never & ~obsolete & ~circle]
    return alive


def _nodes(columns: Columns, things: Things, edges: Ints, labelled: Mask) -> Mask:
    """The terms [V] that are nodes: ends of edges, declared things, and whatever has a label."""
    relations = np.zeros(len(columns.terms), bool)
    relations[columns.p] = True
    mask = things.classes | things.concepts | things.individuals | (labelled & ~relations)
    mask &= (columns.kinds == IRI) & ~things.never
    mask[edges[:, 0]] = mask[edges[:, 2]] = True
    return mask


def _assemble(
    columns: Columns, things: Things, texts: Texts, edges: Ints, axioms: list[Axiom], reified: Ints
) -> KnowledgeGraph:
    order, entities = _order(columns, _nodes(columns, things, edges, texts.labelled(len(columns.terms))))
    entity, values = packed(_pieces(columns, order[:entities])), packed(_pieces(columns, order[entities:]))
    given = ((at, texts.name(number, entity[at])) for at, number in enumerate(order[:entities]) if number in texts.of)
    named = entity_names(entity, {at: label for at, label in given if label})
    terms = packed(chain(entity.pieces(), ([value[1:] for value in piece] for piece in values.pieces())))
    names = packed(chain(named.pieces(), ([_value(columns, texts, key) for key in piece] for piece in values.pieces())))
    place = np.full(len(columns.terms), -1, np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    relations, relation = _relations(columns, edges)
    triples = np.stack([place[edges[:, 0]], relation, place[edges[:, 2]]], axis=1)
    first = _first(triples, edges)
    take_edges(columns, edges, first, PATTERNS)
    labels, rows, taken = _labels(texts, order)
    return KnowledgeGraph(
        terms=terms,
        names=names,
        kinds=_kinds(columns, things, edges)[order],
        relations=relations,
        relation_names=[_relation_name(columns, texts, iri) for iri in relations],
        edges=triples[first],
        patterns=edges[first, 3].astype(np.uint8),
        origins=columns.origin[edges[first, 4]],
        lines=columns.line[edges[first, 4]],
        labels=labels,
        places=np.stack([columns.origin[rows], columns.line[rows]], axis=1),
        axioms=axioms,
        notes=keep_notes(columns, taken, reified),
        manifest={},
    )


def _pieces(columns: Columns, numbers: list[int]) -> Iterator[list[str]]:
    for start in range(0, len(numbers), PIECE):
        yield columns.terms.take(numbers[start : start + PIECE])


def _order(columns: Columns, nodes: Mask) -> tuple[list[int], int]:
    """The numbers of the nodes, entities before literals, each sorted by term; how many entities there are."""
    numbers = np.flatnonzero(nodes)
    literal = columns.kinds[numbers] == LITERAL
    groups = [numbers[~literal].tolist(), numbers[literal].tolist()]
    if columns.terms.renamed:
        groups = [sorted(group, key=columns.terms.__getitem__) for group in groups]
    return groups[0] + groups[1], len(groups[0])


def _value(columns: Columns, texts: Texts, term: str) -> str:
    if term.endswith(_PLAIN):
        return term[1 : -len(_PLAIN)]
    unit = columns.id(split_literal(term)[1])
    return quantity(term, texts.name(unit, "") if unit in texts.of else None)


def _relation_name(columns: Columns, texts: Texts, iri: str) -> str:
    """A relation's label; one that is a single word such as has_part is taken apart."""
    label = texts.name(columns.id(iri), iri)
    if iri in RELATION_NAMES or label is None:
        return relation_name(iri)
    return label if " " in label else relation_name(label)


def _relations(columns: Columns, edges: Ints) -> tuple[list[str], Ints]:
    """The relations, sorted, and the place of each edge's relation [E] among them."""
    own = {pattern: iri for pattern, iri in _OWN_RELATION.items() if (edges[:, 3] == pattern).any()}
    numbers = np.unique(edges[:, 1][edges[:, 1] >= 0])
    relations = sorted({*own.values(), *(columns.terms[number] for number in numbers)})
    at = {iri: place for place, iri in enumerate(relations)}
    place = np.full(len(columns.terms) + 1, -1, np.int32)
    place[numbers] = [at[columns.terms[number]] for number in numbers]
    relation = place[edges[:, 1]]
    for pattern, iri in own.items():
        relation[(edges[:, 1] < 0) & (edges[:, 3] == pattern)] = at[iri]
    return relations, relation


def _first(triples: Ints, edges: Ints) -> NDArray[np.int64]:
    """The edges [E] in sorted order, without those that repeat another's triple; kept is the first to state it."""
    order = np.lexsort([edges[:, 4], edges[:, 3], triples[:, 2], triples[:, 1], triples[:, 0]])
    ordered = triples[order]
    new = np.ones(len(ordered), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    kept: NDArray[np.int64] = order[new]
    return kept


def _kinds(columns: Columns, things: Things, edges: Ints) -> NDArray[np.uint8]:
    kinds = np.full(len(columns.terms), Kind.INDIVIDUAL, np.uint8)
    subject, node, pattern = edges[:, 0], edges[:, 2], edges[:, 3]
    between_classes = (pattern == SUB) | (pattern == SOME)
    kinds[subject[between_classes]] = kinds[node[between_classes | (pattern == TYPED)]] = Kind.CLASS
    kinds[things.individuals] = Kind.INDIVIDUAL
    kinds[things.classes] = Kind.CLASS
    kinds[columns.kinds == LITERAL] = Kind.LITERAL
    return kinds


def _labels(texts: Texts, order: list[int]) -> tuple[list[Label], NDArray[np.int64], NDArray[np.int64]]:
    """The labels of the nodes, sorted and unique, the row that states each first, and all rows that state them."""
    labels, first, taken = list[Label](), list[int](), list[int]()
    for place, number in enumerate(order):
        if number in texts.of:
            found: dict[tuple[str, str, str], int] = {}
            for role, text, lang, _, row in texts.kept(number):
                found[role, text, lang] = min(row, found.get((role, text, lang), row))
                taken.append(row)
            for key in sorted(found):
                labels.append(Label(place, *key))
                first.append(found[key])
    return labels, np.asarray(first, np.int64), np.asarray(taken, np.int64)


def _account(
    graph: KnowledgeGraph, columns: Columns, statements: Statements, things: Things, settings: ReadSettings
) -> None:
    """Fills the manifest: where the graph comes from, how large it is, what is not in it and why."""
    entities = int((graph.kinds != Kind.LITERAL).sum())
    unlabelled = entities - len({label.entity for label in graph.labels if label.role == "label"})
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
