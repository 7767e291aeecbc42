"""What statements mean: names by language and role, obsolete terms, other projections, numbers with units."""

import pytest

from kgpeft.errors import GraphError
from kgpeft.graph import KnowledgeGraph, ReadSettings, read


@pytest.fixture
def with_settings(tmp_path, prefixes):
    def build(text: str, **settings) -> KnowledgeGraph:
        (tmp_path / "a.ttl").write_text(prefixes + text, encoding="utf-8")
        return read(tmp_path / "a.ttl", settings=ReadSettings(**settings))

    return build


NAMES = """:a a owl:Class ; rdfs:label "cow"@en, "Kuh"@de, "vache"@fr, "bos" ; skos:altLabel "Rind"@de ;
    :motto "Muh"@de, "moo" ."""


@pytest.mark.parametrize(
    ("languages", "name", "motto"),
    [(("", "en"), "bos", "moo"), (("en", ""), "cow", "moo"), (("de",), "Kuh", "Muh"), (("fr", "de"), "vache", "Muh")],
)
def test_names_and_values_are_in_the_first_language_there_is(with_settings, languages, name, motto):
    graph = with_settings(NAMES, languages=languages)
    assert graph.names == [name, motto]
    assert ("Rind" in graph.aliases(0)) == ("de" in languages)
    assert graph.manifest["languages"] == list(languages)


def test_synonyms_keep_their_kind_and_only_exact_ones_are_names(turtle):
    oio = "http://www.geneontology.org/formats/oboInOwl#has"
    kinds = ("Exact", "Related", "Narrow", "Broad")
    graph = turtle(':a a owl:Class ; rdfs:label "x" ; ' + " ; ".join(f'<{oio}{k}Synonym> "{k}"' for k in kinds) + " .")
    assert {(label.role, label.text) for label in graph.labels} == {("label", "x"), *((k.lower(), k) for k in kinds)}
    assert graph.aliases(0) == ["x", "Exact"]
    assert all(graph.find(kind) == [0] for kind in kinds)


def test_a_recipe_gives_a_property_another_role(with_settings):
    text = ':a a owl:Class ; :nick "Bo" ; rdfs:comment "c" ; dc:date "2020" . :nick a owl:AnnotationProperty .'
    graph = with_settings(text, roles={"http://example.org/nick": "label", "rdfs:comment": "note", "dc:date": "fact"})
    assert graph.names == ["Bo", "2020"] and graph.definition(0) is None
    assert [note.value for _, note in graph.notes_with("note")] == ["c"]


def test_labels_that_are_things_of_their_own_are_labels(turtle):
    xl = "http://www.w3.org/2008/05/skos-xl#"
    form = f"<{xl}literalForm>"
    graph = turtle(f':a a skos:Concept ; <{xl}prefLabel> :l ; <{xl}altLabel> [ {form} "b" ] . :l {form} "a" .')
    assert graph.names == ["a"] and graph.aliases(0) == ["a", "b"]
    assert graph.manifest["dropped"] == {}


def test_other_identifiers_find_the_term_and_cross_references_are_kept(turtle):
    oio = "http://www.geneontology.org/formats/oboInOwl#"
    xrefs = f'<{oio}hasDbXref> "MESH:D1" ; skos:exactMatch :z'
    graph = turtle(f':a a owl:Class ; <{oio}hasAlternativeId> "X:7" ; {xrefs} .')
    assert graph.find("x:7") == [0] and graph.find("MESH:D1") == []
    assert {note.value for _, note in graph.notes_with("xref")} == {"MESH:D1", "http://example.org/z"}


TBOX = """:a rdfs:subClassOf :b, [ owl:onProperty :p ; owl:allValuesFrom :c ],
    [ owl:onProperty :q ; owl:someValuesFrom [ owl:unionOf ( :d :e ) ] ] . :i a :a ; :p :j . :j :q :k .
    :p rdfs:subPropertyOf :r ; owl:inverseOf :s . :q rdfs:domain :b ; rdfs:range :c .
    :t owl:propertyChainAxiom ( :p :q ) ."""


def test_the_taxonomy_holds_classes_and_types_alone(with_settings, facts):
    graph = with_settings(TBOX, projection="taxonomy")
    assert facts(graph) == {("a", "is a", "b"), ("i", "instance of", "a")}
    assert graph.manifest["dropped"]["relation outside the taxonomy"] == 2


def test_owl2vec_asserts_universals_splits_unions_and_infers(with_settings, facts):
    graph = with_settings(TBOX, projection="owl2vec")
    assert facts(graph) == {
        ("a", "is a", "b"), ("i", "instance of", "a"), ("i", "p", "j"), ("j", "q", "k"),
        ("a", "p", "c"), ("a", "q", "d"), ("a", "q", "e"), ("b", "q", "c"),  # only, some of a union, domain–range
        ("a", "r", "c"), ("i", "r", "j"), ("c", "s", "a"), ("j", "s", "i"), ("i", "t", "k"),
    }  # fmt: skip


def test_the_default_asserts_none_of_these(with_settings, facts):
    assert facts(with_settings(TBOX)) == {
        ("a", "is a", "b"), ("i", "instance of", "a"), ("i", "p", "j"), ("j", "q", "k"),
    }  # fmt: skip


def test_raw_is_every_triple(with_settings):
    graph = with_settings(TBOX + ':a rdfs:label "a" .', projection="raw")
    assert len(graph.edges) == graph.manifest["counts"]["triples"]
    assert "http://www.w3.org/2000/01/rdf-schema#label" in graph.relations
    assert graph.fingerprint == with_settings(TBOX + ':a rdfs:label "a" .', projection="raw").fingerprint


def test_a_number_with_a_unit_is_one_value(turtle, facts):
    qudt = "http://qudt.org/schema/qudt/"
    graph = turtle(f"""
        :a :weighs [ <{qudt}numericValue> 5 ; <{qudt}unit> <http://qudt.org/vocab/unit/KiloGM> ], "7"^^:stone .
        :b :weighs [ <{qudt}numericValue> 5 ; <{qudt}unit> <http://qudt.org/vocab/unit/KiloGM> ] .
        <http://qudt.org/vocab/unit/KiloGM> rdfs:label "kilogram" .""")
    assert facts(graph) == {("a", "weighs", "5 kilogram"), ("b", "weighs", "5 kilogram"), ("a", "weighs", "7 stone")}
    assert "5^^http://qudt.org/vocab/unit/KiloGM" in graph.terms
    assert graph.manifest["dropped"] == {}


def test_what_a_graph_keeps_does_not_depend_on_the_order_of_statements(with_settings):
    lines = [line + " ." for line in TBOX.split(" .")[:-1]]
    one, other = with_settings("\n".join(lines)), with_settings("\n".join(reversed(lines)))
    assert one.fingerprint == other.fingerprint
    plain = [{key: axiom[key] for key in axiom if key != "line"} for axiom in one.axioms]
    assert plain == [{key: axiom[key] for key in axiom if key != "line"} for axiom in other.axioms]


def test_a_note_in_several_parts_is_kept_with_its_term(turtle):
    graph = turtle(':a a owl:Class ; skos:changeNote [ rdfs:comment "moved" ; dc:date "2020" ] .')
    assert {(note.property.split("/")[-1], note.value) for note in graph.notes.of("http://example.org/a")} == {
        ("rdf-schema#comment", "moved"), ("date", "2020"),
    }  # fmt: skip
    assert graph.manifest["dropped"] == {}


def test_of_nothing_but_obsolete_terms_there_is_no_graph(graph_of, prefixes):
    with pytest.raises(GraphError, match="all of its 2 terms are obsolete"):
        graph_of(prefixes + ":a a owl:Class ; owl:deprecated true . :b a owl:Class ; owl:deprecated true .")
