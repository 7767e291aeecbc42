"""KnowledgeGraph → rdflib, networkx, torch_geometric."""

from typing import TYPE_CHECKING

import numpy as np

from kgpeft.graph.model import PATTERNS, Kind, KnowledgeGraph
from kgpeft.graph.statements import split_literal
from kgpeft.graph.vocabulary import DEFINITION, EXACT, LABEL, OIO, SKOS

if TYPE_CHECKING:
    import networkx
    import rdflib
    import torch_geometric.data

_ROLES = {
    "label": LABEL,
    "exact": EXACT,
    "related": OIO + "hasRelatedSynonym",
    "narrow": OIO + "hasNarrowSynonym",
    "broad": OIO + "hasBroadSynonym",
    "hidden": SKOS + "hiddenLabel",
    "definition": DEFINITION,
}


def to_rdflib(graph: KnowledgeGraph) -> "rdflib.Graph":
    """Edges, kinds and labels as RDF; "some" edges, and "value" edges from classes to things, as OWL restrictions."""
    from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef

    nodes = [_node(graph, number) for number in range(len(graph.terms))]
    relations = [URIRef(iri) for iri in graph.relations]
    rdf = Graph()
    for node, kind in zip(nodes, graph.kinds.tolist(), strict=True):
        if kind != Kind.LITERAL and not isinstance(node, BNode):  # one with a type is no name for a reader
            rdf.add((node, RDF.type, OWL.Class if kind == Kind.CLASS else OWL.NamedIndividual))
    for iri, name in zip(relations, graph.relation_names, strict=True):
        rdf.add((iri, RDFS.label, Literal(name)))
    for (subject, relation, node), pattern in zip(graph.edges.tolist(), graph.patterns.tolist(), strict=True):
        is_class, kind = graph.kinds[subject] == Kind.CLASS, PATTERNS[pattern]
        if kind != "some" and not (kind == "value" and is_class and graph.kinds[node] != Kind.LITERAL):
            rdf.add((nodes[subject], relations[relation], nodes[node]))
            continue
        restriction = BNode()
        rdf.add((nodes[subject], RDFS.subClassOf if is_class else RDF.type, restriction))
        rdf.add((restriction, RDF.type, OWL.Restriction))
        rdf.add((restriction, OWL.onProperty, relations[relation]))
        rdf.add((restriction, OWL.someValuesFrom if kind == "some" else OWL.hasValue, nodes[node]))
    for label in graph.labels:
        rdf.add((nodes[label.entity], URIRef(_ROLES[label.role]), Literal(label.text, lang=label.lang or None)))
    return rdf


def _node(graph: KnowledgeGraph, number: int) -> "rdflib.term.Node":
    from rdflib import BNode, Literal, URIRef

    if graph.kinds[number] != Kind.LITERAL:
        return BNode(f"b{number}") if graph.terms[number].startswith("_:") else URIRef(graph.terms[number])
    value, datatype, lang = split_literal(graph.terms[number])
    return Literal(value, lang=lang) if lang else Literal(value, datatype=URIRef(datatype))


def to_networkx(graph: KnowledgeGraph) -> "networkx.MultiDiGraph":
    """A MultiDiGraph over node numbers; nodes have term, name, kind, edges have relation, name, pattern."""
    import networkx

    view = networkx.MultiDiGraph()
    for number, (term, name, kind) in enumerate(zip(graph.terms, graph.names, graph.kinds.tolist(), strict=True)):
        view.add_node(number, term=term, name=name, kind=Kind(kind).name.lower())
    for (subject, relation, node), pattern in zip(graph.edges.tolist(), graph.patterns.tolist(), strict=True):
        name = graph.relation_names[relation]
        view.add_edge(
            subject, node, key=graph.relations[relation], relation=relation, name=name, pattern=PATTERNS[pattern]
        )
    return view


def to_pyg(graph: KnowledgeGraph) -> "torch_geometric.data.Data":
    """Data with edge_index int64 [2, E], edge_type int64 [E] and num_nodes."""
    import torch
    from torch_geometric.data import Data

    edges = torch.from_numpy(np.array(graph.edges, np.int64))
    return Data(edge_index=edges[:, [0, 2]].T.contiguous(), edge_type=edges[:, 1].clone(), num_nodes=len(graph.terms))
