"""OBO as it is found, and as it is specified."""

import pytest

from kgpeft.errors import GraphError

STANZA = "format-version: 1.2\nontology: x\n\n[Term]\nid: X:1\nname: one\n"


def test_comments_modifiers_and_escapes_leave_the_identifier_alone(graph_of, facts):
    graph = graph_of(
        STANZA
        + 'is_a: X:2 {a="}", b="! no"} ! two ! times\nrelationship: part_of X:3 {source="y"}\nis_a: X:4!no\n'
        + 'synonym: "an \\"odd\\" {one} ! here" NARROW abbr [a:b, "c, d"] {x="y"}\nname: second\n'
    )
    ends = {graph.terms[o].rpartition("/")[2] for o in graph.edges[:, 2]}
    assert ends == {"X_2", "X_3", "X_4!no"}
    assert ("narrow", 'an "odd" {one} ! here') in {(label.role, label.text) for label in graph.labels}


def test_old_synonym_tags_have_their_scope(graph_of):
    graph = graph_of(STANZA + 'exact_synonym: "uno" []\nbroad_synonym: "number" []\nsynonym: "1" []\n')
    assert {(label.role, label.text) for label in graph.labels} == {
        ("label", "one"), ("exact", "uno"), ("broad", "number"), ("related", "1"),
    }  # fmt: skip


def test_a_relation_name_with_a_numbered_xref_is_that_relation(graph_of):
    graph = graph_of(STANZA + "relationship: part_of X:2\n\n[Typedef]\nid: part_of\nname: part of\nxref: BFO:0000050\n")
    assert graph.relations == ["http://purl.obolibrary.org/obo/BFO_0000050"]
    assert graph.relation_names == ["part of"]


def test_a_relation_name_without_one_belongs_to_the_ontology(graph_of):
    assert graph_of(STANZA + "relationship: eats X:2\n").relations == ["http://purl.obolibrary.org/obo/x#eats"]


def test_typedefs_give_axioms(graph_of):
    graph = graph_of(
        STANZA
        + "disjoint_from: X:2\n\n[Typedef]\nid: r\ndomain: X:1\nrange: X:2\ninverse_of: q\nis_transitive: true\n"
        + "is_a: s\nholds_over_chain: a b\ntransitive_over: t\n"
    )
    assert {axiom["axiom"] for axiom in graph.axioms} == {
        "disjoint", "domain", "range", "inverse", "transitive", "subproperty", "chain",
    }  # fmt: skip


def test_instances_have_types_facts_and_values(graph_of, facts):
    graph = graph_of(
        STANZA
        + "\n[Instance]\nid: X:9\nname: nine\ninstance_of: X:1\nrelationship: next_to X:8\n"
        + 'property_value: weight "3" xsd:integer\n\n[Instance]\nid: X:8\nname: eight\n'
    )
    assert facts(graph) == {("nine", "instance of", "one"), ("nine", "next to", "eight"), ("nine", "weight", "3")}


def test_a_fact_that_holds_only_in_a_context_is_not_asserted(graph_of):
    graph = graph_of(STANZA + 'relationship: part_of X:2 {gci_relation="in_taxon", gci_filler="T:1"}\n')
    assert len(graph.edges) == 0
    assert graph.manifest["dropped"] == {"general class axiom": 1}


def test_broken_lines_are_quarantined_with_their_number_and_the_rest_is_kept(graph_of):
    graph = graph_of(
        STANZA + 'def: no quotes\nsynonym: "open\nrelationship: part_of\njunk\nis_a: X:2\n\n[Term]\nname: x\n'
    )
    assert [(bad["line"], bad["reason"]) for bad in graph.manifest["quarantined"]] == [
        (7, "def without a quoted text: no quotes"),
        (8, 'synonym without a quoted text: "open'),
        (9, "relationship needs a relation and a term: part_of"),
        (10, "no tag and value: junk"),
        (14, "[Term] has no id"),
    ]
    assert len(graph.edges) == 1


def test_what_obo_says_about_records_is_kept_as_text(graph_of):
    graph = graph_of(STANZA + "namespace: n\nxref: A:1\nsubset: s\nalt_id: X:0\ncreated_by: me\n")
    assert sorted(note.value for note in graph.notes.of("http://purl.obolibrary.org/obo/X_1")) == [
        "A:1", "X:0", "X:1", "http://purl.obolibrary.org/obo/x#s", "me", "n",
    ]  # fmt: skip
    assert graph.manifest["dropped"] == {} and graph.find("X:0") == graph.find("X:1")


PREFIXES = """
@prefix : <http://purl.obolibrary.org/obo/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
:x.owl a owl:Ontology ; oio:hasOBOFormatVersion "1.2" .
:X_1 a owl:Class ; rdfs:label "one" ; oio:id "X:1" .
"""
NOTED = "[] a owl:Axiom ; owl:annotatedSource :X_1 ; owl:annotatedProperty {} ; owl:annotatedTarget {} ; {} ."


@pytest.mark.parametrize(
    ("clause", "turtle"),
    [
        (
            'relationship: part_of X:2 {all_only="true"}',
            ":X_1 rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :x#part_of ; owl:allValuesFrom :X_2 ] .",
        ),
        (
            'relationship: part_of X:2 {minCardinality="2"} ! two',
            ":X_1 rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :x#part_of ;"
            ' owl:minQualifiedCardinality "2"^^xsd:nonNegativeInteger ; owl:onClass :X_2 ] .',
        ),
        (
            'is_a: X:2 {gci_relation="in", gci_filler="X:3"}',
            "[ a owl:Class ; owl:intersectionOf ( :X_1 [ a owl:Restriction ; owl:onProperty :x#in ;"
            " owl:someValuesFrom :X_3 ] ) ] rdfs:subClassOf :X_2 .",
        ),
        (
            'is_a: X:2 {source="PMID:1"}',
            ":X_1 rdfs:subClassOf :X_2 . " + NOTED.format("rdfs:subClassOf", ":X_2", 'oio:source "PMID:1"'),
        ),
        (
            'synonym: "uno" EXACT it [A:1 "a, text", B\\,2]',
            ':X_1 oio:hasExactSynonym "uno" . '
            + NOTED.format("oio:hasExactSynonym", '"uno"', 'oio:hasSynonymType :x#it ; oio:hasDbXref "A:1" , "B,2"'),
        ),
        (
            "alt_id: X:9",
            ':X_1 oio:hasAlternativeId "X:9" . :X_9 a owl:Class ; owl:deprecated true ; :IAO_0100001 :X_1 ;'
            " :IAO_0000231 :IAO_0000227 .",
        ),
        (
            "relationship: says X:2\n\n[Typedef]\nid: says\nis_metadata_tag: true",
            ':X_1 :x#says :X_2 . :x#says a owl:AnnotationProperty ; oio:id "says" ; oio:is_metadata_tag true .',
        ),
        ("subset: s\nis_obsolete: true", ":X_1 oio:inSubset :x#s ; owl:deprecated true ."),
    ],
)
def test_a_clause_gives_the_triples_of_the_mapping(triples_of, clause, turtle):
    names = PREFIXES + turtle
    for name in ("part_of", "in", "it", "says", "s"):
        names = names.replace(f":x#{name} ", f"<http://purl.obolibrary.org/obo/x#{name}> ")
    assert triples_of(STANZA + clause + "\n") == triples_of(names)


def test_axioms_in_the_header_are_read(triples_of):
    axiom = "Ontology(SubClassOf(<http://e.org/A> <http://e.org/B>))"
    head = f"format-version: 1.2\nontology: x\nowl-axioms: {axiom}\n\n[Term]\nid: X:1\nname: one\n"
    assert triples_of(head) == triples_of(PREFIXES + "<http://e.org/A> rdfs:subClassOf <http://e.org/B> .")


def test_a_value_of_an_undeclared_property_of_a_term_is_an_annotation(graph_of, facts):
    other = "\n[Term]\nid: X:2\nname: two\n\n[Typedef]\nid: near\nname: near\n"
    graph = graph_of(STANZA + "property_value: seen_in X:2\nproperty_value: near X:2\n" + other)
    assert facts(graph) == {("one", "near", "two")}


def test_what_obo_forbids_is_quarantined_and_the_first_counts(graph_of):
    text = "idspace: X http://e.org/1/\nidspace: X http://e.org/2/\n[Term]\nid: X:1\nname: a\nis_a: X:2\n"
    graph = graph_of(f"format-version: 1.4\n{text}intersection_of: X:3\n")
    assert graph.names == ["a", "2"] and graph.terms[0] == "http://e.org/1/1"
    assert [part["line"] for part in graph.manifest["quarantined"]] == [3, 8]


@pytest.mark.parametrize("text", [STANZA.replace("\n", "\r"), STANZA.replace("[Term]", "[ term ]")])
def test_old_line_ends_and_carelessly_written_stanzas_are_read(graph_of, text):
    assert graph_of(text + text[-1] + "is_a : X:2" + text[-1]).names == ["one", "X:2"]


@pytest.mark.parametrize(
    ("clause", "edges", "reason"),
    [
        ("is_a: X:2 two", 1, "is_a with 2 words"),
        ("is_a: X 2", 0, "is_a with 2 words"),
        ("relationship: part_of X:2 two", 1, "relationship with 3 words"),
        ("is_a X:2", 0, "no tag and value"),
        ("id: X:9", 0, "another id"),
        ('def: "text" [X:1, X:2', 0, "what follows the text of def"),
        ('synonym: "text" EXACT [X:1', 0, "what follows the text of synonym"),
    ],
)
def test_what_a_clause_says_too_much_is_quarantined(graph_of, clause, edges, reason):
    graph = graph_of(STANZA + clause + "\n")
    (bad,) = graph.manifest["quarantined"]
    assert len(graph.edges) == edges and bad["line"] == 7 and reason in bad["reason"]


def test_an_empty_graph_says_what_could_not_be_read(graph_of):
    with pytest.raises(GraphError, match=r"1 parts could not be read, the first in line 5: \[Trem\] is no kind"):
        graph_of("format-version: 1.2\nontology: x\n\n[Trem]\nid: X:1\n")
