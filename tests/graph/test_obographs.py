"""OBO Graphs JSON."""

import json

import pytest

from kgpeft.errors import SourceError

OBO = "http://purl.obolibrary.org/obo/"
CLASSES = [{"id": f"{OBO}X_{at}", "type": "CLASS", "lbl": name} for at, name in enumerate(("a", "b", "c"), 1)]


@pytest.fixture
def graphs(graph_of):
    """The graph of one OBO graph with three classes and what is given."""

    def build(**parts):
        nodes = [*CLASSES, *parts.pop("nodes", [])]
        return graph_of(json.dumps({"graphs": [{"id": f"{OBO}x.owl", "nodes": nodes, "edges": [], **parts}]}))

    return build


def edge(sub, pred, obj):
    return {"sub": OBO + sub, "pred": pred, "obj": OBO + obj}


def test_is_a_and_relations_between_classes_are_edges(graphs, facts):
    part = {"id": OBO + "BFO_0000050", "type": "PROPERTY", "lbl": "part of"}
    graph = graphs(nodes=[part], edges=[edge("X_1", "is_a", "X_2"), edge("X_2", part["id"], "X_3")])
    assert facts(graph) == {("a", "is a", "b"), ("b", "part of", "c")}
    assert graph.patterns.tolist() == [0, 1]


def test_relations_between_individuals_are_facts_and_types(graphs, facts):
    nodes = [{"id": f"{OBO}I_{at}", "type": "INDIVIDUAL", "lbl": f"i{at}"} for at in (1, 2)]
    edges = [edge("I_1", "type", "X_1"), edge("I_1", OBO + "knows", "I_2"), edge("X_1", OBO + "seen_at", "I_2")]
    graph = graphs(nodes=nodes, edges=edges)
    assert facts(graph) == {("i1", "instance of", "a"), ("i1", "knows", "i2"), ("a", "seen at", "i2")}


def test_a_logical_definition_gives_its_genus_and_relations(graphs, facts):
    definition = {
        "definedClassId": OBO + "X_1",
        "genusIds": [OBO + "X_2"],
        "restrictions": [{"propertyId": OBO + "BFO_0000050", "fillerId": OBO + "X_3"}],
    }
    graph = graphs(logicalDefinitionAxioms=[definition])
    assert facts(graph) == {("a", "is a", "b"), ("a", "BFO:0000050", "c")}


def test_names_synonyms_definitions_and_deprecation_are_kept(graphs):
    meta = {
        "definition": {"val": "An A.", "xrefs": ["ISBN:1"]},
        "synonyms": [{"pred": "hasExactSynonym", "val": "ay"}, {"pred": "hasBroadSynonym", "val": "letter"}],
        "comments": ["first"],
    }
    old = {"id": OBO + "X_9", "type": "CLASS", "lbl": "old", "meta": {"deprecated": True}}
    graph = graphs(nodes=[{"id": OBO + "X_4", "type": "CLASS", "lbl": "aa", "meta": meta}, old])
    number = graph.find("aa")[0]
    assert graph.aliases(number) == ["aa", "ay"]
    assert graph.definition(number) == "An A."
    assert graph.manifest["counts"]["obsolete"] == 1 and "old" not in graph.names


def test_axioms_about_properties_and_only_edges_are_kept_apart(graphs, facts):
    graph = graphs(
        domainRangeAxioms=[
            {
                "predicateId": OBO + "p",
                "domainClassIds": [OBO + "X_1"],
                "rangeClassIds": [OBO + "X_2"],
                "allValuesFromEdges": [edge("X_1", OBO + "p", "X_3")],
            }
        ],
        propertyChainAxioms=[{"predicateId": OBO + "p", "chainPredicateIds": [OBO + "q", OBO + "r"]}],
    )
    assert facts(graph) == set()
    assert [axiom["axiom"] for axiom in graph.axioms] == ["chain", "domain", "only", "range"]


def test_the_property_of_a_plain_value_is_an_annotation(graphs, facts):
    value = {"pred": OBO + "page", "val": "http://example.org/page"}
    assert (
        facts(graphs(nodes=[{"id": OBO + "X_4", "type": "CLASS", "meta": {"basicPropertyValues": [value]}}])) == set()
    )


@pytest.mark.parametrize("bad", [{"sub": OBO + "X_1", "pred": "is_a"}, {"sub": 1, "pred": "is_a", "obj": 2}, "edge", 7])
def test_a_broken_record_is_quarantined_and_the_rest_is_read(graphs, facts, bad):
    graph = graphs(edges=[bad, edge("X_1", "is_a", "X_2")])
    assert facts(graph) == {("a", "is a", "b")}
    assert len(graph.manifest["quarantined"]) == 1


@pytest.mark.parametrize("text", ['{"graphs": [', '{"graphs": [' + "[" * 100_000, '{"graphs": [1]}'])
def test_json_that_is_no_graph_is_refused(graph_of, text):
    with pytest.raises(SourceError):
        graph_of(text)


@pytest.mark.parametrize(
    "bad",
    [
        {"definition": {"val": None}},
        {"synonyms": [{"pred": "hasExactSynonym", "val": None}]},
        {"comments": [["x"]]},
        {"subsets": [{}]},
        {"xrefs": ["X:1"]},
        {"basicPropertyValues": [{"pred": ["x"], "val": "y"}]},
        {"basicPropertyValues": [{"pred": "x", "val": None}]},
    ],
)
def test_a_broken_note_costs_itself_alone(graphs, bad):
    good = {"synonyms": [{"pred": "hasExactSynonym", "val": "dee"}]}
    node = {"id": OBO + "X_4", "type": "CLASS", "lbl": "d"}
    graph = graphs(nodes=[node | {"meta": bad}, node | {"meta": good}])
    assert graph.aliases(graph.find("d")[0]) == ["d", "dee"] and "None" not in graph.names
    assert len(graph.manifest["quarantined"]) == 1
