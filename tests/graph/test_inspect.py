"""What is told of a term, and from where."""

import pytest

from kgpeft.errors import GraphError
from kgpeft.graph import describe, read

TEXT = """:Cow a owl:Class ; rdfs:label "cow" ;
    skos:altLabel "cattle" ;
    rdfs:subClassOf [ owl:onProperty :eats ; owl:someValuesFrom :Grass ] ,
        [ owl:onProperty :eats ; owl:allValuesFrom :Grass ] ;
    skos:scopeNote "moos" .
:eats a owl:ObjectProperty ; rdfs:label "feeds on" ; rdfs:range :Food ; skos:definition "takes in" .
[] a owl:Axiom ; owl:annotatedSource :Cow ; owl:annotatedProperty skos:altLabel ; owl:annotatedTarget "cattle" ;
    dc:source "a book" .
:Ox a owl:Class ; owl:deprecated true ; rdfs:label "ox" ; obo:IAO_0100001 :Cow .
:Auk a owl:Class ; owl:deprecated true ; rdfs:label "auk" ;
    <http://www.geneontology.org/formats/oboInOwl#consider> :Cow .
"""


@pytest.fixture
def cows(turtle):
    return turtle(TEXT)


def test_every_part_has_its_source_and_line(cows, prefixes):
    known, begin = describe(cows, "cow"), prefixes.count("\n") + 1
    assert {(name["role"], name["text"], name["line"] - begin) for name in known["names"]} == {
        ("label", "cow", 0), ("exact", "cattle", 1),
    }  # fmt: skip
    assert [(fact["object"], fact["line"] - begin) for fact in known["facts"]] == [("Grass", 2)]
    only = ("cow SubClassOf 'feeds on' only Grass", 3)
    assert [(axiom["axiom"], axiom["line"] - begin) for axiom in known["axioms"]] == [only]
    assert {(note["property"], note["value"], note.get("about"), note["line"] - begin) for note in known["notes"]} == {
        ("skos:scopeNote", "moos", None, 4), ("dc:source", "a book", "cattle", 7),
    }  # fmt: skip
    assert all(part["source"].endswith("source") for key in ("names", "facts", "notes") for part in known[key])


def test_a_fact_is_told_as_the_axiom_it_stands_for(cows):
    assert describe(cows, "cow")["facts"][0]["axiom"] == "cow SubClassOf 'feeds on' some Grass"


def test_a_relation_is_known_too(cows):
    known = describe(cows, "feeds on")
    assert known["iri"].endswith("eats") and known["edges"] == 1
    assert "'feeds on' Range Food" in [axiom["axiom"] for axiom in known["axioms"]]
    assert "takes in" in [note["value"] for note in known["notes"]]


def test_an_obsolete_term_leads_to_what_replaces_it(cows):
    known = describe(cows, "Ox")
    assert known["label"] == "cow" and known["obsolete"] == [
        {"label": "ox", "iri": "http://example.org/Ox", "replaced_by": ["cow"], "consider": []}
    ]
    assert cows.find("ox") == cows.find("http://example.org/Ox") == cows.find("cow")


def test_an_obsolete_term_without_replacement_says_what_to_consider(cows):
    known = describe(cows, "auk")
    assert known["label"] == "auk" and known["facts"] == [] and known["obsolete"][0]["consider"] == ["cow"]
    assert cows.find("auk") == [] and "auk" not in cows.names


def test_a_source_that_is_gone_leaves_the_number_of_the_statement(tmp_path, prefixes):
    (tmp_path / "a.ttl").write_text(prefixes + ":a :p :b .\n:a :p :c .")
    graph = read(tmp_path / "a.ttl")
    (tmp_path / "a.ttl").write_text(prefixes + "\n\n:a :p :b .")
    assert [(fact["line"], fact["statement"]) for fact in describe(graph, "a")["facts"]] == [(0, 1), (0, 2)]


def test_a_saved_graph_tells_the_same(cows, tmp_path):
    cows.save(tmp_path / "g")
    for term in ("cow", "ox", "auk", "feeds on"):
        assert describe(type(cows).load(tmp_path / "g"), term) == describe(cows, term)


def test_an_unknown_relation_or_entity_gets_the_closest_names(cows):
    with pytest.raises(GraphError, match="did you mean 'feeds on'"):
        describe(cows, "feds on")


def test_a_property_without_an_edge_is_known_by_its_label_iri_and_curie(turtle):
    graph = turtle(':a rdfs:subClassOf :b . :born a owl:DatatypeProperty ; rdfs:label "birth date" ; rdfs:domain :a .')
    for text in ("birth date", "http://example.org/born", "Birth  Date"):
        known = describe(graph, text)
        assert known["axioms"][0]["axiom"] == "'birth date' Domain a" and known["notes"][0]["value"] == "birth date"


def test_the_value_of_a_note_is_told_as_it_is_written(turtle):
    graph = turtle(':a rdfs:subClassOf :b ; skos:notation "DOID:1324" ; skos:editorialNote <http://example.org/b> .')
    assert {note["value"] for note in describe(graph, "a")["notes"]} == {"DOID:1324", "b"}
