"""Graphs that say something else keep what they must keep, and change the rest."""

from collections import Counter

import numpy as np
import pytest

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.graphs import contrary, counterfactual, emptied, misnamed, renamed, shuffled
from kgpeft.graph import KnowledgeGraph, read


@pytest.fixture
def read_text(tmp_path):
    def made(text):
        (tmp_path / "g.ttl").write_text(text, encoding="utf-8")
        return read(tmp_path / "g.ttl")

    return made


def test_a_shuffled_graph_keeps_every_relations_subjects_and_objects(toy):
    other = shuffled(toy)
    kept = {tuple(e) for e in toy.edges.tolist()} & {tuple(e) for e in other.edges.tolist()}
    assert len(kept) < len(toy.edges) / 4  # some of the types stay: most muscles are of one
    for r in range(len(toy.relations)):
        mine, theirs = toy.edges[toy.edges[:, 1] == r], other.edges[other.edges[:, 1] == r]
        assert set(theirs[:, 2]) == set(mine[:, 2]) and set(theirs[:, 0]) == set(mine[:, 0])


def test_definitions_are_shuffled_too(toy):
    other = shuffled(toy)
    texts = [Counter(label.text for label in g.labels if label.role == "definition") for g in (toy, other)]
    assert texts[0] == texts[1]
    defined = [e for e in range(len(toy.terms)) if toy.definition(e)]
    assert all(toy.definition(e) != other.definition(e) for e in defined)


def test_an_empty_graph_says_nothing_of_anything(toy):
    other = emptied(toy)
    assert len(other.edges) == 0 and list(other.names) == list(toy.names)
    assert all(other.definition(e) is None and other.aliases(e) == [toy.names[e]] for e in range(len(toy.terms)))


def test_under_wrong_names_every_name_leads_to_another_things_facts(toy):
    other, biceps = misnamed(toy), toy.find("biceps brachii")[0]
    (bearer,) = other.find("biceps brachii")
    assert bearer != biceps and other.aliases(bearer) == ["biceps brachii", "biceps"]
    assert Counter(other.names) == Counter(toy.names) and np.array_equal(other.edges, toy.edges)


def test_a_renamed_graph_has_the_same_shape_and_no_old_name(toy, tmp_path):
    other = renamed(toy)
    assert np.array_equal(other.edges, toy.edges) and other.relation_names == toy.relation_names
    old, new = ({w for name in g.names for w in name.casefold().split() if len(w) > 2} for g in (toy, other))
    assert len(old) == len(new) and not old & new
    one, two = toy.find("biceps")[0], toy.find("triceps brachii")[0]
    assert other.names[one].split()[1] == other.names[two].split()[1]  # a shared word stays shared
    other.save(tmp_path)
    assert KnowledgeGraph.load(tmp_path).fingerprint == other.fingerprint != toy.fingerprint


def values(graph, relation):
    return {s: o for s, r, o in graph.edges.tolist() if graph.relation_names[r] == relation}


def test_a_counterfactual_graph_says_other_values_of_the_same_relation_and_keeps_classes_and_lists(toy):
    other = counterfactual(toy)
    for relation in ("innervated by", "has length"):
        was, now = values(toy, relation), values(other, relation)
        assert was.keys() == now.keys() and set(now.values()) <= set(was.values())
        assert all(now[s] != was[s] for s in was)
    biceps = toy.find("biceps")[0]
    for relation in ("attaches to", "is a"):
        ends = [{o for s, r, o in g.edges.tolist() if s == biceps and g.relation_names[r] == relation}
                for g in (toy, other)]
        assert ends[0] == ends[1]


def test_in_a_counterfactual_graph_nothing_restates_what_was_changed(read_text):
    graph = read_text(TWICE)
    other = counterfactual(graph)
    pairs = {(graph.names[s], graph.names[o]) for s, _, o in other.edges.tolist()}
    assert not pairs & {("galena", "lead"), ("lead", "galena"), ("cuprite", "copper"), ("copper", "cuprite")}
    assert pairs >= {("galena", "copper"), ("cuprite", "lead")}
    assert [other.definition(graph.find(name)[0]) for name in ("galena", "cuprite")] == [None, "It is red."]


TWICE = """
@prefix : <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix obo: <http://purl.obolibrary.org/obo/> .
:oreOf a owl:ObjectProperty ; rdfs:label "ore of" .
:wonFrom a owl:ObjectProperty ; rdfs:label "won from" ; owl:inverseOf :oreOf .
:lead rdfs:label "lead" ; :wonFrom :galena . :copper rdfs:label "copper" ; :wonFrom :cuprite .
:galena rdfs:label "galena" ; :oreOf :lead ; obo:IAO_0000115 "The ore of lead." .
:cuprite rdfs:label "cuprite" ; :oreOf :copper ; obo:IAO_0000115 "It is red." .
"""


def test_what_is_asked_of_a_counterfactual_graph_is_what_it_says_otherwise(toy):
    other, ex = counterfactual(toy), "http://example.org/"
    asked = [
        Question("1", "f", "?", (("radial nerve",),), ex + "triceps", ex + "innervatedBy"),
        Question("2", "f", "?", (("radius",), ("scapula",)), ex + "biceps", ex + "attachesTo"),
        Question("3", "f", "?", (("triceps brachii",),), ex + "radial", ex + "innervatedBy"),  # who has it
        Question("4", "f", "?", (), ex + "soleus", ex + "attachesTo"),
    ]
    new = values(other, "innervated by")[toy.find("triceps brachii")[0]]
    assert contrary(asked, toy, other) == {0: (tuple(toy.aliases(new)),)}


@pytest.mark.parametrize("change", [shuffled, misnamed, renamed, counterfactual])
def test_the_same_seed_makes_the_same_graph(toy, change):
    assert change(toy).fingerprint == change(toy).fingerprint != toy.fingerprint
