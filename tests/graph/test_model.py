"""The graph as a value."""

import json

import numpy as np
import pytest

from kgpeft.errors import ArtifactError, GraphError
from kgpeft.graph import Kind, KnowledgeGraph, describe

TEXT = """
:Cow rdfs:subClassOf :Animal, [ owl:onProperty :eats ; owl:someValuesFrom :Grass ] ;
    rdfs:label "cow", "vache"@fr ; skos:altLabel "cattle" ; skos:definition "An animal that says moo." .
:Cow rdfs:subClassOf [ owl:onProperty :bred_in ; owl:hasValue :norway ] ; :hoofs "cloven" .
:bella a [ owl:onProperty :has ; owl:someValuesFrom :Calf ] ; :lives_in [ rdfs:label "the stable" ; :in :norway ] .
:bella a :Cow ; :weight 512 ; :knows :rosa ; rdfs:label "Bella" . :rosa a :Cow .
"""


@pytest.fixture
def cows(turtle) -> KnowledgeGraph:
    return turtle(TEXT)


def test_a_saved_graph_loads_as_it_was(cows, tmp_path):
    cows.save(tmp_path / "g")
    again = KnowledgeGraph.load(tmp_path / "g")
    assert again.fingerprint == cows.fingerprint
    for field in ("terms", "names", "relations", "relation_names", "labels", "axioms", "manifest"):
        assert getattr(again, field) == getattr(cows, field), field
    for field in ("edges", "patterns", "origins", "kinds", "lines", "places"):
        assert np.array_equal(getattr(again, field), getattr(cows, field)), field
    assert again.notes.texts == cows.notes.texts and np.array_equal(again.notes.rows, cows.notes.rows)


def test_a_saved_graph_that_was_changed_or_is_none_is_refused(cows, tmp_path):
    with pytest.raises(ArtifactError, match=r"manifest\.json is missing"):
        KnowledgeGraph.load(tmp_path)
    cows.save(tmp_path)
    np.save(tmp_path / "edges.npy", np.array(cows.edges[::-1]))
    with pytest.raises(ArtifactError, match="changed since it was saved"):
        KnowledgeGraph.load(tmp_path)
    (tmp_path / "nodes.arrow").write_bytes(b"ARROW1")
    with pytest.raises(ArtifactError, match="damaged"):
        KnowledgeGraph.load(tmp_path)


def test_edges_are_found_from_both_ends(cows):
    bella, rosa = cows.find("bella")[0], cows.find("rosa")[0]
    assert {cows.names[o] for o in cows.edges[cows.outgoing(bella), 2]} == {"cow", "512", "rosa", "Calf", "the stable"}
    assert {cows.names[s] for s in cows.edges[cows.incoming(rosa), 0]} == {"Bella"}
    assert sum(len(cows.incoming(node)) for node in range(len(cows.terms))) == len(cows.edges)


def test_an_entity_is_found_by_iri_name_and_synonym_in_any_case(cows):
    for text in ("http://example.org/Cow", "COW", "Cattle", "  vache "):
        assert [cows.terms[entity] for entity in cows.find(text)] == ["http://example.org/Cow"], text
    assert cows.find("moose") == []


def test_edges_and_terms_are_sorted_and_unique(cows):
    assert cows.edges.dtype == np.int32 and cows.kinds.dtype == cows.patterns.dtype == np.uint8
    assert cows.edges.tolist() == sorted(set(map(tuple, cows.edges.tolist()))) or np.array_equal(
        cows.edges, np.unique(cows.edges, axis=0)
    )
    entities = [term for term, kind in zip(cows.terms, cows.kinds, strict=True) if kind != Kind.LITERAL]
    assert entities == sorted(entities) == cows.terms[: len(entities)]


def test_the_manifest_is_plain_json(cows):
    assert json.loads(json.dumps(cows.manifest)) == cows.manifest


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
def test_views_hold_every_edge(cows):
    assert cows.to_networkx().number_of_edges() == len(cows.edges)
    data = cows.to_pyg()
    assert tuple(data.edge_index.shape) == (2, len(cows.edges)) and data.num_nodes == len(cows.terms)
    assert data.edge_type.tolist() == cows.edges[:, 1].tolist()


def test_the_rdflib_view_reads_back_as_the_same_graph(cows, graph_of):
    again = graph_of(cows.to_rdflib().serialize(format="turtle"))
    assert again.terms == cows.terms and again.names == cows.names and again.labels == cows.labels
    assert np.array_equal(again.edges, cows.edges) and np.array_equal(again.patterns, cows.patterns)


def test_describe_tells_all_that_is_known_of_a_term(cows):
    told = describe(cows, "cattle")
    assert told["label"] == "cow" and told["iri"] == "http://example.org/Cow" and told["types"] == ["Animal"]
    assert told["synonyms"] == ["cattle"] and told["definition"] == "An animal that says moo."
    facts = {(fact["subject"], fact["relation"], fact["object"]) for fact in told["facts"]}
    assert facts == {
        ("cow", "is a", "Animal"), ("cow", "eats", "Grass"), ("Bella", "instance of", "cow"),
        ("rosa", "instance of", "cow"), ("cow", "bred in", "norway"), ("cow", "hoofs", "cloven"),
    }  # fmt: skip
    assert all(fact["source"].endswith("source") for fact in told["facts"])


def test_an_unknown_term_gets_the_closest_names(cows):
    with pytest.raises(GraphError, match="no entity is called 'Belle'; did you mean 'Bella'"):
        describe(cows, "Belle")
