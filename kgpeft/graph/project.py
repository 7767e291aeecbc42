"""Statements → KnowledgeGraph: the one projection that every format goes through."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgpeft.errors import GraphError
from kgpeft.graph.axioms import collect_axioms
from kgpeft.graph.columns import LITERAL, Columns, Ints, Mask
from kgpeft.graph.expressions import BROADER, SOME, SUB, TYPED, Expressions
from kgpeft.graph.facts import broader_edges, class_edges, fact_edges
from kgpeft.graph.labels import Texts, collect_texts
from kgpeft.graph.model import Kind, KnowledgeGraph, Label
from kgpeft.graph.names import curie, entity_name, relation_name, tell_apart
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.statements import Statements, split_literal
from kgpeft.graph.things import Things, classify, name_blanks
from kgpeft.graph.vocabulary import BROADER as BROADER_IRI
from kgpeft.graph.vocabulary import RELATION_NAMES, SUBCLASS, TYPE

_OWN_RELATION = {SUB: SUBCLASS, TYPED: TYPE, BROADER: BROADER_IRI}


def project(statements: Statements, settings: ReadSettings) -> KnowledgeGraph:
    """The graph that the statements hold; GraphError if there is nothing in it to answer from."""
    columns = Columns(statements)
    name_blanks(columns)
    things = classify(columns)
    expressions = Expressions(columns)
    texts = collect_texts(columns)
    labelled = np.zeros(len(columns.terms), bool)
    labelled[[number for number, found in texts.of.items() if any(text[0] == "label" for text in found)]] = True
    found = class_edges(columns, things, expressions) + broader_edges(columns)
    axioms = collect_axioms(columns, things, expressions)
    found += fact_edges(columns, things, labelled)
    edges = _alive(np.concatenate([part.edges for part in found]), columns, things)
    nodes = _nodes(columns, things, edges, labelled)
    graph = _assemble(columns, nodes, edges, things, texts, axioms)
    _account(graph, columns, statements, things)
    if not len(graph.edges) and not len(graph.terms):
        where = ", ".join(source["path"] for source in statements.sources)
        raise GraphError("no entity and no edge in it", where=where, remedy="give a file that states facts about terms")
    return graph


def _alive(edges: Ints, columns: Columns, things: Things) -> Ints:
    """The edges [E, 5] whose ends can be nodes; the others are counted."""
    subject, node = edges[:, 0], edges[:, 2]
    obsolete = things.obsolete[subject] | things.obsolete[node]
    columns.dropped["edge of an obsolete term"] += int(obsolete.sum())
    never = (things.never[subject] | things.never[node]) & ~obsolete
    for number in np.unique(node[never & things.builtin[node]]):
        columns.dropped[f"edge to {curie(columns.terms[number])}"] += int((never & (node == number)).sum())
    columns.dropped["edge of a property or ontology"] += int((never & ~things.builtin[node]).sum())
    circle = (subject == node) & (edges[:, 3] == SUB)
    columns.dropped["class below itself"] += int((circle & ~never & ~obsolete).sum())
    edges = edges[~never & ~obsolete & ~circle]
    return edges


def _nodes(columns: Columns, things: Things, edges: Ints, labelled: Mask) -> Mask:
    """The terms [V] that are nodes: ends of edges, declared things, and whatever has a label."""
    relations = np.zeros(len(columns.terms), bool)
    relations[columns.p] = True
    mask = things.classes | things.concepts | things.individuals | (labelled & ~relations)
    mask &= (columns.kinds == 0) & ~things.never
    mask[edges[:, 0]] = mask[edges[:, 2]] = True
    return mask


def _assemble(
    columns: Columns, nodes: Mask, edges: Ints, things: Things, texts: Texts, axioms: list[dict[str, Any]]
) -> KnowledgeGraph:
    literal = columns.kinds == LITERAL
    numbers = np.flatnonzero(nodes)
    order = sorted(numbers.tolist(), key=lambda number: (literal[number], columns.terms[number]))
    terms = [columns.terms[number].removeprefix('"') if literal[number] else columns.terms[number] for number in order]
    names = [_name(columns, texts, number) for number in order]
    entities = int((~literal[order]).sum())
    names[:entities] = tell_apart(terms[:entities], names[:entities])
    place = np.full(len(columns.terms), -1, np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    relations, relation = _relations(columns, edges)
    triples, patterns, origins = _unique(
        np.stack([place[edges[:, 0]], relation, place[edges[:, 2]]], axis=1), edges[:, 3], edges[:, 4]
    )
    return KnowledgeGraph(
        terms=terms,
        names=names,
        kinds=_kinds(columns, things, edges)[order],
        relations=relations,
        relation_names=[_relation_name(columns, texts, iri) for iri in relations],
        edges=triples,
        patterns=patterns,
        origins=origins,
        labels=_labels(columns, texts, order),
        axioms=axioms,
        manifest={},
    )


def _name(columns: Columns, texts: Texts, number: int) -> str:
    term = columns.terms[number]
    if columns.kinds[number] == LITERAL:
        return split_literal(term)[0]
    return texts.name(number, term) or entity_name(term)


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


def _unique(triples: Ints, patterns: Ints, origins: Ints) -> tuple[Ints, NDArray[np.uint8], Ints]:
    """Sorted, unique edges [E, 3] with the first pattern and source that state each."""
    order = np.lexsort([origins, patterns, triples[:, 2], triples[:, 1], triples[:, 0]])
    triples, patterns, origins = triples[order], patterns[order], origins[order]
    first = np.ones(len(triples), bool)
    first[1:] = (triples[1:] != triples[:-1]).any(axis=1)
    return triples[first], patterns[first].astype(np.uint8), origins[first]


def _kinds(columns: Columns, things: Things, edges: Ints) -> NDArray[np.uint8]:
    kinds = np.full(len(columns.terms), Kind.INDIVIDUAL, np.uint8)
    subject, node, pattern = edges[:, 0], edges[:, 2], edges[:, 3]
    between_classes = (pattern == SUB) | (pattern == SOME)
    kinds[subject[between_classes]] = kinds[node[between_classes | (pattern == TYPED)]] = Kind.CLASS
    kinds[things.individuals] = Kind.INDIVIDUAL
    kinds[things.classes] = Kind.CLASS
    kinds[columns.kinds == LITERAL] = Kind.LITERAL
    return kinds


def _labels(columns: Columns, texts: Texts, order: list[int]) -> list[Label]:
    found = {
        Label(place, role, text, lang) for place, number in enumerate(order) for role, text, lang in texts.kept(number)
    }
    return sorted(found)


def _account(graph: KnowledgeGraph, columns: Columns, statements: Statements, things: Things) -> None:
    """Fills the manifest: where the graph comes from, how large it is, what is not in it and why."""
    for number, count in zip(*np.unique(columns.p[~columns.used], return_counts=True), strict=True):
        short = curie(columns.terms[number])
        columns.dropped[short if ":" in short else columns.terms[number]] += int(count)
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
            "obsolete": int(things.obsolete.sum()),
            "unlabelled": unlabelled,
        },
        quarantined=statements.quarantined,
        dropped={name: count for name, count in sorted(columns.dropped.items()) if count},
        notes=notes,
    )
