"""What becomes an edge, and what is counted instead."""

import pytest

from kgpeft.graph import PATTERNS, Kind


@pytest.mark.parametrize(
    ("statement", "relation", "pattern"),
    [
        (":a rdfs:subClassOf :b .", "is a", "sub"),
        (":a rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :b ] .", "p", "some"),
        (
            ":a owl:equivalentClass [ owl:intersectionOf ( [ owl:onProperty :p ; owl:someValuesFrom :b ] ) ] .",
            "p",
            "some",
        ),
        (":a owl:equivalentClass [ owl:intersectionOf ( [ owl:intersectionOf ( :b ) ] ) ] .", "is a", "sub"),
        (":a owl:intersectionOf ( :b ) .", "is a", "sub"),
        (":a rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom [ owl:intersectionOf ( :b ) ] ] .", "p", "some"),
        (":a rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue :b ] .", "p", "value"),
        (":a a :b .", "instance of", "type"),
        (":a a [ owl:onProperty :p ; owl:hasValue :b ] .", "p", "value"),
        (":a :p :b .", "p", "fact"),
        (":a skos:related :b .", "related to", "fact"),
        (":a skos:broader :b .", "has broader", "broader"),
        (":b skos:narrower :a .", "has broader", "broader"),
    ],
)
def test_a_statement_becomes_one_edge(turtle, facts, statement, relation, pattern):
    graph = turtle(statement)
    assert facts(graph) == {("a", relation, "b")}
    assert [PATTERNS[pattern] for pattern in graph.patterns] == [pattern]
    assert graph.manifest["dropped"] == {}


@pytest.mark.parametrize(
    ("expression", "construct"),
    [
        ("[ owl:onProperty :p ; owl:allValuesFrom [ owl:complementOf :b ] ]", "only"),
        ("[ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass [ owl:unionOf ( :b :c ) ] ]", "at most"),
        ("[ owl:unionOf ( :b [ owl:complementOf :c ] ) ]", "union"),
        ("[ owl:complementOf [ owl:unionOf ( :b :c ) ] ]", "complement"),
        ("[ a owl:Class ]", "expression that says nothing"),
        ("[ owl:onProperty :p ; owl:someValuesFrom [ owl:unionOf ( :b :c ) ] ]", "nested expression in some"),
        ("[ owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :b ]", "restriction on an inverse property"),
        ("owl:Thing", "edge to owl:Thing"),
    ],
)
def test_what_cannot_be_an_edge_is_counted(turtle, expression, construct):
    graph = turtle(f":a a owl:Class ; rdfs:subClassOf {expression} .")
    assert len(graph.edges) == 0
    assert graph.manifest["dropped"] == {construct: 1}


@pytest.mark.parametrize(
    ("expression", "axiom"),
    [
        ("[ owl:onProperty :p ; owl:allValuesFrom :b ]", ("only", "a", "p", "b")),
        ("[ owl:onProperty :p ; owl:allValuesFrom [ owl:unionOf ( :b :c ) ] ]", ("only", "a", "p", "b", "c")),
        ("[ owl:onProperty :p ; owl:maxCardinality 1 ]", ("at most", "a", "p", 1)),
        ("[ owl:onProperty :p ; owl:minCardinality 1 ]", ("at least", "a", "p", 1)),
        ("[ owl:onProperty :p ; owl:qualifiedCardinality 0 ; owl:onClass :b ]", ("exactly", "a", "p", "b", 0)),
        ("[ owl:unionOf ( :b :c ) ]", ("union", "a", "b", "c")),
        ("[ owl:complementOf :b ]", ("disjoint", "a", "b")),
        ("[ owl:complementOf [ owl:onProperty :p ; owl:someValuesFrom :b ] ]", ("not some", "a", "p", "b")),
        ("[ owl:oneOf ( :b :c ) ]", ("one of", "a", "b", "c")),
        ("[ owl:onProperty :p ; owl:hasSelf true ]", ("has self", "a", "p")),
    ],
)
def test_what_says_more_or_less_than_an_edge_is_kept_as_an_axiom(turtle, axioms, expression, axiom):
    graph = turtle(f":a a owl:Class ; rdfs:subClassOf {expression} .")
    assert len(graph.edges) == 0 and graph.manifest["dropped"] == {}
    assert axioms(graph) == {axiom}


def test_a_definition_is_necessary_and_sufficient(turtle, facts):
    graph = turtle("""
        :a owl:equivalentClass [ owl:intersectionOf ( :g [ owl:onProperty :p ; owl:someValuesFrom :b ] ) ] .
        :c owl:equivalentClass [ owl:unionOf ( :d :e ) ] .""")
    assert facts(graph) == {("a", "is a", "g"), ("a", "p", "b")}
    told = {axiom["axiom"]: (axiom["terms"], axiom.get("some")) for axiom in graph.axioms}
    here = "http://example.org/"
    assert told["definition"] == ([here + "a", here + "g"], [[here + "p", here + "b"]])
    assert told["union of"][0] == [here + "c", here + "d", here + "e"]


def test_a_cardinality_of_one_or_more_implies_some_and_its_bound_is_kept(turtle, facts, axioms):
    graph = turtle(":a rdfs:subClassOf [ owl:onProperty :p ; owl:minQualifiedCardinality 2 ; owl:onClass :b ] .")
    assert facts(graph) == {("a", "p", "b")}
    assert axioms(graph) == {("at least", "a", "p", "b", 2)} and graph.manifest["dropped"] == {}


def test_a_bound_of_thousands_of_digits_is_none_and_counted(turtle):
    graph = turtle(f":a rdfs:subClassOf :b, [ owl:onProperty :p ; owl:maxCardinality {'9' * 5000} ] .")
    assert graph.axioms == [] and graph.manifest["dropped"]


def test_a_cardinality_of_zero_states_no_fact(turtle):
    graph = turtle(
        ":a a owl:Class ; rdfs:subClassOf [ owl:onProperty :p ; owl:qualifiedCardinality 0 ; owl:onClass :b ] ."
    )
    assert len(graph.edges) == 0


def test_lists_and_intersections_in_a_circle_end(turtle):
    turtle(":a a owl:Class ; rdfs:subClassOf _:x . _:x owl:intersectionOf _:l . _:l rdf:first _:x ; rdf:rest _:l .")


def test_data_values_are_literal_nodes_after_the_entities(turtle):
    graph = turtle(':a a owl:Class ; :hardness "6.5"^^xsd:decimal . :p a owl:DatatypeProperty . :a :p "grey" .')
    assert graph.terms[1:] == [
        "6.5^^http://www.w3.org/2001/XMLSchema#decimal",
        "grey^^http://www.w3.org/2001/XMLSchema#string",
    ]
    assert graph.names[1:] == ["6.5", "grey"]
    assert graph.kinds.tolist() == [Kind.CLASS, Kind.LITERAL, Kind.LITERAL]


def test_literals_of_one_text_and_two_types_keep_their_text(turtle):
    assert turtle(':a :p "5", 5 .').names == ["a", "5", "5"]


def test_a_labelled_annotation_is_a_fact_and_an_unlabelled_or_administrative_one_is_a_note(turtle, facts):
    graph = turtle("""
        :a a owl:Class ; :colour "grey" ; :note "n" ; dc:date "2020" ; obo:IAO_0000117 "somebody" ; rdfs:seeAlso :x .
        :colour a owl:AnnotationProperty ; rdfs:label "has colour" . :note a owl:AnnotationProperty .""")
    assert facts(graph) == {("a", "has colour", "grey")}
    assert graph.manifest["dropped"] == {}
    assert {(note.property.split("/")[-1], note.value) for note in graph.notes.of("http://example.org/a")} == {
        ("note", "n"), ("date", "2020"), ("IAO_0000117", "somebody"), ("rdf-schema#seeAlso", "http://example.org/x"),
    }  # fmt: skip


def test_bibliography_is_a_fact_of_an_individual_only(turtle, facts):
    graph = turtle(':book a :Book ; dc:date "1851" . :Book a owl:Class ; dc:date "2020" .')
    assert ("book", "date", "1851") in facts(graph)
    assert [note.value for note in graph.notes.of("http://example.org/Book")] == ["2020"]


def test_a_value_is_kept_in_one_language(turtle, facts):
    graph = turtle(':a a :B ; :motto "je maintiendrai"@fr, "I will maintain"@en, "ik zal handhaven"@nl .')
    assert ("a", "motto", "I will maintain") in facts(graph)
    assert graph.manifest["dropped"] == {"value in another language": 2}


def test_obsolete_terms_are_left_out_and_counted(turtle, facts):
    graph = turtle(":a rdfs:subClassOf :b, :c . :c owl:deprecated true .")
    assert facts(graph) == {("a", "is a", "b")}
    assert graph.manifest["counts"]["obsolete"] == graph.manifest["dropped"]["edge of an obsolete term"] == 1


def test_annotations_of_axioms_and_headers_are_no_facts(turtle, facts):
    graph = turtle("""
        <http://example.org> a owl:Ontology ; rdfs:label "example" ; dc:title "example" .
        [] a owl:Axiom ; owl:annotatedSource :a ; owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget :b ;
           rdfs:label "why" .
        :a rdfs:subClassOf :b .""")
    assert facts(graph) == {("a", "is a", "b")}
    assert graph.manifest["dropped"] == {}
    assert [(note.value, note.about) for note in graph.notes.of("http://example.org/a")] == [
        ("why", "http://example.org/b")
    ]
    assert {note.value for note in graph.notes.of("http://example.org")} == {"example"}


def test_a_blank_node_with_a_label_is_an_entity(turtle, facts):
    graph = turtle(':a :lives_in [ rdfs:label "Oslo" ; :country :no ], [ :street "unnamed" ] .')
    assert facts(graph) == {("a", "lives in", "Oslo"), ("Oslo", "country", "no")}
    assert graph.manifest["dropped"] == {"fact about a blank node": 1, "http://example.org/street": 1}


def test_statements_about_properties_are_axioms(turtle):
    graph = turtle("""
        :a a owl:Class ; owl:disjointWith :b . [] a owl:AllDisjointClasses ; owl:members ( :a :c ) .
        :p a owl:ObjectProperty, owl:TransitiveProperty ; rdfs:domain :a ; rdfs:range [ owl:unionOf ( :b :c ) ] ;
           owl:inverseOf :q ; rdfs:subPropertyOf :r ; owl:propertyChainAxiom ( :q :r ) .
        [] a owl:NegativePropertyAssertion ; owl:sourceIndividual :x ; owl:assertionProperty :p ;
           owl:targetIndividual :y .
        """)
    axioms = {(axiom["axiom"], *(term[-1] for term in axiom["terms"])) for axiom in graph.axioms}
    assert axioms == {
        ("disjoint", "a", "b"), ("disjoint", "a", "c"), ("transitive", "p"), ("domain", "p", "a"),
        ("range", "p", "b", "c"), ("inverse", "p", "q"), ("subproperty", "p", "r"), ("chain", "p", "q", "r"),
        ("negative", "x", "p", "y"),
    }  # fmt: skip
    assert graph.manifest["dropped"] == {}
