"""What things are called."""

import pytest

from kgpeft.graph.names import curie, entity_name, preference, relation_name


@pytest.mark.parametrize(
    ("term", "name"),
    [
        ("http://example.org/MargheritaPizza", "Margherita Pizza"),
        ("http://example.org/DNASequence", "DNA Sequence"),
        ("http://example.org/hot_spring/", "hot spring"),
        ("http://purl.obolibrary.org/obo/DOID_162", "DOID:162"),
        ("http://example.org/ahu_2", "ahu 2"),
        ("experimental_model_of_disease", "experimental model of disease"),
        ("McDonald's", "McDonald's"),
        ("Mission: Impossible", "Mission: Impossible"),
    ],
)
def test_an_entity_without_a_label_is_called_by_its_identifier_in_words(term, name):
    assert entity_name(term) == name


@pytest.mark.parametrize(
    ("term", "name"),
    [
        ("http://example.org/hasTopping", "has topping"),
        ("has_part", "has part"),
        ("http://www.w3.org/2000/01/rdf-schema#subClassOf", "is a"),
        ("/location/country/form_of_government", "form of government"),
        ("http://purl.obolibrary.org/obo/RO_0002175", "RO:0002175"),
    ],
)
def test_a_relation_without_a_label_is_called_by_its_identifier_in_words(term, name):
    assert relation_name(term) == name


def test_a_curie_is_short():
    assert curie("http://purl.obolibrary.org/obo/DOID_162") == "DOID:162"
    assert curie("http://www.w3.org/2004/02/skos/core#broader") == "skos:broader"


def test_the_name_is_untagged_before_english_before_any(turtle):
    graph = turtle("""
        :a a owl:Class ; rdfs:label "eins"@de, "one"@en, "1" . :b a owl:Class ; rdfs:label "zwei"@de, "two"@en-gb .
        :c a owl:Class ; rdfs:label "trois"@fr, "drei"@de .""")
    assert graph.names == ["1", "two", "drei"]


def test_a_label_that_only_repeats_the_identifier_gives_way_to_words(turtle):
    graph = turtle("""
        :MeatTopping a owl:Class ; rdfs:label "MeatTopping"@en ; skos:prefLabel "Meat"@en .
        :NamedPizza a owl:Class ; rdfs:label "PizzaComUmNome"@pt . :YouTube a owl:Class ; rdfs:label "You Tube" .""")
    assert graph.names == ["Meat", "Named Pizza", "You Tube"]
    assert graph.aliases(0) == ["Meat", "MeatTopping"]


def test_things_of_one_name_are_told_apart_by_their_identifiers(turtle):
    graph = turtle("""
        :Mushroom a owl:Class ; rdfs:label "Mushroom" . :MushroomTopping a owl:Class ; rdfs:label "Mushroom" .
        :Q42 a owl:Class ; rdfs:label "Ada" . :Q43 a owl:Class ; rdfs:label "Ada" .""")
    assert graph.names == ["Mushroom", "Mushroom Topping", "Ada", "Ada"]


def test_roles_are_told_apart_and_the_best_definition_wins(turtle):
    graph = turtle("""
        :a a owl:Class ; rdfs:label "a" ; skos:altLabel "x" ; skos:hiddenLabel "h" ; rdfs:comment "a comment" ;
           obo:IAO_0000115 "the definition" . :b a owl:Class ; rdfs:comment "only a comment" .""")
    assert {(label.role, label.text) for label in graph.labels_of(0)} == {
        ("label", "a"), ("exact", "x"), ("hidden", "h"), ("definition", "the definition"),
    }  # fmt: skip
    assert (graph.definition(0), graph.definition(1)) == ("the definition", "only a comment")
    assert [note.value for note in graph.notes.of("http://example.org/a")] == ["a comment"]


def test_aliases_are_in_the_languages_of_the_name(turtle):
    graph = turtle(':a a owl:Class ; rdfs:label "cow", "vache"@fr ; skos:altLabel "cattle"@en, "Kuh"@de .')
    assert graph.aliases(0) == ["cow", "cattle"]


def test_an_ontology_without_labels_says_so(turtle):
    assert turtle(":a rdfs:subClassOf :b .").manifest["notes"] == ["no entity has a label; names come from identifiers"]


def test_a_language_comes_before_its_regions():
    assert sorted(["en-gb", "de", "en", ""], key=preference) == ["", "en", "en-gb", "de"]
