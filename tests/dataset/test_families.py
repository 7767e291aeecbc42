"""Families that need axioms, several hops, or an edit of the graph: each question's answer is checked by hand."""

import pytest

from kgpeft.dataset import DatasetSettings, write
from kgpeft.graph import read

ZOO = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:eats a owl:ObjectProperty ; rdfs:label "eats" . :keeps a owl:ObjectProperty ; rdfs:label "keeps" .
:livesIn a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:label "lives in" .
:borders a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:label "borders" .
:animal a owl:Class ; rdfs:label "animal" . :plant a owl:Class ; rdfs:label "plant" ; owl:disjointWith :animal .
:cat a owl:Class ; rdfs:label "cat" ; rdfs:subClassOf :animal , [ a owl:Restriction ; owl:onProperty :eats ;
    owl:allValuesFrom :animal ] .
:cow a owl:Class ; rdfs:label "cow" ; rdfs:subClassOf :animal , [ a owl:Restriction ; owl:onProperty :keeps ;
    owl:maxQualifiedCardinality 0 ; owl:onClass :animal ] .
:oak a owl:Class ; rdfs:label "oak" ; rdfs:subClassOf :plant . :fern a owl:Class ; rdfs:label "fern" ;
    rdfs:subClassOf :plant .
:tom a :cat ; rdfs:label "Tom" ; :eats :jerry ; :livesIn :kent .
:jerry a :animal ; rdfs:label "Jerry" ; :livesIn :essex .
:bella a :cow ; rdfs:label "Bella" ; :eats :clover ; :livesIn :wales . :clover a :plant ; rdfs:label "clover" .
:kent rdfs:label "Kent" ; a :county ; :borders :sussex . :essex rdfs:label "Essex" ; a :county ; :borders :suffolk .
:wales rdfs:label "Wales" ; a :county ; :borders :shropshire . :sussex rdfs:label "Sussex" ; a :county .
:suffolk rdfs:label "Suffolk" ; a :county . :shropshire rdfs:label "Shropshire" ; a :county .
:county a owl:Class ; rdfs:label "county" .
[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :jerry ; owl:assertionProperty :eats ;
    owl:targetIndividual :tom .
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    path = tmp_path_factory.mktemp("zoo") / "zoo.ttl"
    path.write_text(ZOO, encoding="utf-8")
    dataset = write(read(path), DatasetSettings(per_family=60, held_out=0.0))
    return lambda family: [a.question for a in dataset.test if a.question.family == family]


def test_no_answers_come_from_each_kind_of_axiom(asked):
    reasons = {q.reason for q in asked("negation") if q.answers == (("no",),)}
    assert "animal and plant are disjoint" in reasons or "plant and animal are disjoint" in reasons
    assert {"cat SubClassOf eats only animal", "not (Jerry eats Tom)"} <= reasons


def test_half_of_the_yes_no_questions_have_the_answer_yes(asked):
    answers = [q.answers[0][0] for q in asked("negation")]
    assert answers.count("yes") == answers.count("no") > 0


def test_no_is_never_the_answer_to_what_is_so(asked):
    for q in asked("negation"):
        so = {"Does Tom eat Jerry?", "Is Tom a kind of animal?", "Is oak a kind of plant?", "Does Bella eat clover?"}
        assert q.question not in so or q.answers == (("yes",),)


def test_two_hops_go_over_the_thing_between(asked):
    answers = {q.question: q.answers for q in asked("two-hop")}
    assert answers["What does the thing that Tom lives in border?"] == (("Sussex",),)
    assert all("through" in q.reason and len(q.facts) >= 2 for q in asked("two-hop"))


def test_three_hops_are_asked_in_two_sentences(asked):
    answers = {q.question: q.answers for q in asked("three-hop")}
    question = "Consider the thing that Tom eats. What does the thing that it lives in border?"
    assert answers[question] == (("Suffolk",),)


def test_a_false_presupposition_carries_the_facts_that_correct_it(asked):
    questions = [q for q in asked("false presupposition") if q.subject.endswith("tom")]
    assert questions and all(not q.answers and q.reason.startswith("it is not ") for q in questions)
    assert all((q.subject, q.relation) == q.facts[0][:2] for q in questions)


def test_strange_things_and_attributes_are_none_of_the_graph(asked):
    for q in (*asked("foreign entity"), *asked("unknown entity")):
        assert q.subject is None and not q.answers
    assert all(q.relation is None and q.subject for q in asked("relation absent"))


def test_without_anything_held_out_the_untrained_families_say_so(asked):
    assert not any(asked(family) for family in ("held-out fact", "entity-disjoint", "relation-disjoint", "added fact"))
