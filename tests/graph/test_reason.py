"""What follows is added as inferred, what cannot be is said."""

import pytest

from kgpeft.graph import ReadSettings, read
from kgpeft.graph.inspect import fact

pytest.importorskip("rustdl", reason="rustdl is not installed: pip install 'kgpeft[reason]'")

OWL = """@prefix : <http://e.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://e.org> a owl:Ontology . :hasPart a owl:ObjectProperty, owl:TransitiveProperty . :hasWheel a owl:ObjectProperty ;
  rdfs:subPropertyOf :hasPart . :Car a owl:Class . :Wheel a owl:Class . :Thing a owl:Class ;
  owl:equivalentClass [ a owl:Restriction ; owl:onProperty :hasPart ; owl:someValuesFrom :Wheel ] .
:Car rdfs:subClassOf [ owl:onProperty :hasWheel ; owl:someValuesFrom :Wheel ] .
"""
REASON = ReadSettings(reason=True)


@pytest.fixture
def reasoned(tmp_path):
    def build(text, settings=REASON):
        (tmp_path / "a.ttl").write_text(OWL + text)
        return read(tmp_path / "a.ttl", settings=settings)

    return build


def inferred(graph):
    made = [fact(graph, edge) for edge in range(len(graph.edges))]
    return {(f["subject"], f["relation"], f["object"]) for f in made if f["source"].startswith("inferred by rustdl")}


def test_inferred_edges_are_marked_and_asserted_ones_stay_asserted(reasoned):
    graph = reasoned(":Van a owl:Class ; rdfs:subClassOf :Car .")
    assert inferred(graph) == {("Car", "is a", "Thing")}
    about = graph.manifest["sources"][-1]
    assert about["inferred"] and about["complete"] and about["unsatisfiable"] == [] and about["dropped"] == {}


def test_without_being_asked_nothing_is_inferred(reasoned):
    assert inferred(reasoned("", ReadSettings())) == set()


def test_types_and_facts_of_individuals_follow(reasoned):
    graph = reasoned(":herbie a :Car, owl:NamedIndividual ; :hasWheel :w1 . :w1 a :Wheel, owl:NamedIndividual .")
    assert inferred(graph) == {("Car", "is a", "Thing"), ("herbie", "has part", "w1")}


def test_unsatisfiable_classes_are_reported_and_infer_nothing(reasoned):
    graph = reasoned(":Odd a owl:Class ; rdfs:subClassOf :Car, [ owl:complementOf :Car ] .")
    assert graph.manifest["sources"][-1]["unsatisfiable"] == ["http://e.org/Odd"]
    assert "1 classes can have no member (unsatisfiable): http://e.org/Odd" in graph.manifest["notes"]
    assert not any(subject == "Odd" for subject, _, _ in inferred(graph))


def test_from_a_contradiction_nothing_is_inferred(reasoned):
    graph = reasoned(":Car owl:disjointWith :Wheel . :x a owl:NamedIndividual, :Car, :Wheel .")
    assert inferred(graph) == set() and any("contradicts itself" in note for note in graph.manifest["notes"])


def test_equivalent_classes_are_an_axiom_and_no_circle_of_edges(reasoned):
    graph = reasoned(":A a owl:Class ; rdfs:subClassOf :B . :B a owl:Class ; rdfs:subClassOf :A .")
    terms = [axiom["terms"] for axiom in graph.axioms if axiom["axiom"] == "equivalent"]
    assert ["http://e.org/A", "http://e.org/B"] in terms
    assert not {("A", "is a", "B"), ("B", "is a", "A")} & inferred(graph)


def test_a_reasoner_without_time_says_so_and_the_graph_is_read(reasoned):
    graph = reasoned("", ReadSettings(reason=True, reason_seconds=0.001))
    assert len(graph.edges) and graph.manifest["sources"][-1]["complete"] is False
    assert any("was stopped after" in note for note in graph.manifest["notes"])


def test_the_same_graph_is_inferred_again(reasoned):
    assert reasoned("").fingerprint == reasoned("").fingerprint


def test_what_is_disjoint_all_together_is_disjoint_two_by_two(reasoned):
    graph = reasoned(
        ":Tyre a owl:Class . [] a owl:AllDisjointClasses ; owl:members (:Car :Wheel :Tyre) ."
        ":p a owl:ObjectProperty . [] a owl:AllDisjointProperties ; owl:members (:hasWheel :p) ."
        ":q a owl:ObjectProperty ; rdfs:subPropertyOf :p, :hasWheel ."
        ":Odd a owl:Class ; rdfs:subClassOf :Wheel, :Tyre ."
        ":Bad a owl:Class ; rdfs:subClassOf [ owl:onProperty :q ; owl:someValuesFrom :Wheel ] ."
    )
    assert graph.manifest["sources"][-1]["unsatisfiable"] == ["http://e.org/Bad", "http://e.org/Odd"]
