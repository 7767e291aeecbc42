"""Planted leaks: each must be caught, in the words of the graph, whether the split would have made it or not."""

from dataclasses import replace
from pathlib import Path

import pytest

from kgpeft.dataset import DatasetSettings, leaks, write
from kgpeft.dataset.settings import UNTRAINED
from kgpeft.dataset.writer import Asked, Question
from kgpeft.graph import read

PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
"""
ANATOMY = """
:partOf a owl:ObjectProperty , owl:TransitiveProperty ; rdfs:label "part of" ; rdfs:subPropertyOf :overlaps .
:hasPart a owl:ObjectProperty ; rdfs:label "has part" ; owl:inverseOf :partOf .
:overlaps a owl:ObjectProperty , owl:SymmetricProperty ; rdfs:label "overlaps" .
:innervates a owl:ObjectProperty ; rdfs:label "innervates" ; rdfs:domain :nerve ; rdfs:range :muscle .
:supplies a owl:ObjectProperty ; rdfs:label "supplies" ; owl:propertyChainAxiom ( :innervates :partOf ) .
:nerve a owl:Class ; rdfs:label "nerve" ; rdfs:subClassOf :tissue . :muscle a owl:Class ; rdfs:label "muscle" .
:tissue a owl:Class ; rdfs:label "tissue" . :arm a :limb ; rdfs:label "arm" . :limb a owl:Class ; rdfs:label "limb" .
:hand a :limb ; rdfs:label "hand" ; :partOf :arm ; obo:IAO_0000115 "What ends the upper extremity." .
:thumb a :limb ; rdfs:label "thumb" ; :partOf :hand .
:ulnar a :nerve ; rdfs:label "ulnar nerve" ; :innervates :flexor .
:flexor a :muscle ; rdfs:label "flexor" ; :partOf :arm .
"""


@pytest.fixture
def anatomy(tmp_path):
    """Reads the anatomy with more statements."""

    def build(more=""):
        path = tmp_path / "anatomy.ttl"
        path.write_text(PREFIXES + ANATOMY + more, encoding="utf-8")
        return read(path)

    return build


def edge(graph, s, r, o):
    rows = [tuple(graph.name_of(terms[i]) for terms, i in zip((graph.terms, graph.relations, graph.terms), row,
                                                              strict=True)) for row in graph.edges.tolist()]
    return rows.index((s, r, o))


def test_of(graph, s, r, o, family="held-out fact"):
    number = edge(graph, s, r, o)
    iri, relation = graph.terms[graph.edges[number, 0]], graph.relations[graph.edges[number, 1]]
    return Asked(Question("q", family, f"What is {s} {r}?", ((o,),), iri, relation), (number,))


test_of.__test__ = False


def found(graph, asked, *, train=(), also=(), veiled=()):
    hidden = {*asked.facts, *(edge(graph, *fact) for fact in also)}
    return {leak.kind for leak in leaks(graph, train, [asked], hidden, veiled)}


def test_a_fact_that_nothing_tells_does_not_leak(anatomy):
    graph = anatomy()
    assert found(graph, test_of(graph, "thumb", "part of", "hand")) == set()


@pytest.mark.parametrize(
    ("more", "fact"),
    [
        (":arm :hasPart :hand .", ("hand", "part of", "arm")),  # an inverse
        (":thumb :overlaps :arm .", ("thumb", "overlaps", "arm")),  # a broader relation, of what is transitive
        (":thumb :partOf :arm .", ("thumb", "part of", "arm")),  # a transitive relation
        (":ulnar :supplies :arm .", ("ulnar nerve", "supplies", "arm")),  # a chain
        ("", ("ulnar nerve", "instance of", "nerve")),  # a domain
        ("", ("flexor", "instance of", "muscle")),  # a range
        (":ulnar a :tissue .", ("ulnar nerve", "instance of", "tissue")),  # a class above
        (":digit owl:sameAs :thumb ; a :limb ; rdfs:label \"pollex\" ; :partOf :hand .", ("pollex", "part of", "hand")),
    ],
)
def test_a_planted_fact_that_follows_is_caught(anatomy, more, fact):
    graph = anatomy(more)
    assert "entailed" in found(graph, test_of(graph, *fact))


def test_a_fact_leaks_no_more_when_what_it_follows_from_is_hidden_too(anatomy):
    graph = anatomy(":arm :hasPart :hand .")
    assert found(graph, test_of(graph, "hand", "part of", "arm"), also=[("arm", "has part", "hand")]) == set()


@pytest.mark.parametrize("place", [":hand", ":thumb", ":flexor"])
def test_a_paraphrase_in_any_definition_is_caught(anatomy, place):
    graph = anatomy(f'{place} obo:IAO_0000115 "Where the hand meets what is beyond the arms." .')
    asked = test_of(graph, "hand", "part of", "arm")
    told = next(node for node, term in enumerate(graph.terms) if term.endswith(place[1:]))
    assert found(graph, asked) == {"definition"}
    assert found(graph, asked, veiled=[told]) == set()


def test_what_training_asks_or_rests_on_is_caught(anatomy):
    graph = anatomy()
    asked = test_of(graph, "hand", "part of", "arm")
    same = replace(asked, trained=True)
    assert found(graph, asked, train=[same]) == {"trained", "question", "triple"}
    other = replace(same, question=replace(same.question, question="Where does the hand belong?"), facts=())
    assert found(graph, asked, train=[other]) == {"triple"}


def test_thirteen_words_in_a_row_are_caught(anatomy):
    graph = anatomy()
    long = "the one and only place in all of the body at which a hand may end"
    asked = test_of(graph, "hand", "part of", "arm")
    asked = replace(asked, question=replace(asked.question, question=f"What is {long}?"))
    trained = Asked(Question("t", "seen fact", f"Tell me {long}.", (("x",),)), trained=True)
    assert found(graph, asked, train=[trained]) == {"13 words"}


def test_an_entity_or_relation_that_is_held_apart_must_not_be_trained_on(anatomy):
    graph = anatomy()
    other = replace(test_of(graph, "hand", "instance of", "limb", "seen fact"), facts=(), trained=True)
    assert "entity" in found(graph, test_of(graph, "hand", "part of", "arm", "entity-disjoint"), train=[other])
    same = replace(test_of(graph, "flexor", "part of", "arm", "seen fact"), facts=(), trained=True)
    assert "relation" in found(graph, test_of(graph, "hand", "part of", "arm", "relation-disjoint"), train=[same])


def test_a_dataset_has_no_leak_and_drops_what_it_could_not_avoid(toy):
    dataset = write(toy, DatasetSettings(per_family=20))
    assert dataset.leaks(toy) == [] and any(a.question.family in UNTRAINED for a in dataset.test)


def test_minerals_do_not_leak():
    graph = read(Path(__file__).parents[2] / "ontologies" / "minerals.ttl")
    dataset = write(graph, DatasetSettings(per_family=40))
    assert dataset.leaks(graph) == [] and dataset.dropped == ()
    assert dataset.counts["tested"]["held-out fact"] == dataset.counts["tested"]["entity-disjoint"] == 40
