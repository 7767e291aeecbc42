"""Manchester syntax: each construct gives the triples that OWL's mapping to RDF says."""

import pytest

PREFIXES = {
    "": "http://e.org/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TURTLE = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
HEAD = "".join(f"Prefix: {name}: <{iri}>\n" for name, iri in PREFIXES.items()) + "Ontology: <http://e.org/o>\n"
SOME = "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom {} ]"

# Manchester syntax → Turtle
CONSTRUCTS = {
    "Class: :A": "",
    "Class: A SubClassOf: B, C": ":A rdfs:subClassOf :B , :C .",
    "Class: A SubClassOf: p some B": f":A rdfs:subClassOf {SOME.format(':B')} .",
    "Class: A SubClassOf: B and p some C and D": ":A rdfs:subClassOf [ a owl:Class ;"
    f" owl:intersectionOf ( :B {SOME.format(':C')} :D ) ] .",
    "Class: A SubClassOf: B that p some (C or not D)": ":A rdfs:subClassOf [ a owl:Class ; owl:intersectionOf ( :B "
    + SOME.format("[ a owl:Class ; owl:unionOf ( :C [ a owl:Class ; owl:complementOf :D ] ) ]")
    + " ) ] .",
    "Class: A SubClassOf: B and C or D": ":A rdfs:subClassOf [ a owl:Class ; owl:unionOf ("
    " [ a owl:Class ; owl:intersectionOf ( :B :C ) ] :D ) ] .",
    "Class: A SubClassOf: p some p some B": f":A rdfs:subClassOf {SOME.format(SOME.format(':B'))} .",
    "Class: A SubClassOf: inverse p only B": ":A rdfs:subClassOf"
    " [ a owl:Restriction ; owl:onProperty [ owl:inverseOf :p ] ; owl:allValuesFrom :B ] .",
    "Class: A SubClassOf: p Self": ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasSelf true ] .",
    "Class: A SubClassOf: p value i": ":A rdfs:subClassOf"
    " [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ] .",
    "Class: A SubClassOf: p min 2, p exactly 1 B": ":A rdfs:subClassOf"
    ' [ a owl:Restriction ; owl:onProperty :p ; owl:minCardinality "2"^^xsd:nonNegativeInteger ] ,'
    ' [ a owl:Restriction ; owl:onProperty :p ; owl:qualifiedCardinality "1"^^xsd:nonNegativeInteger ;'
    " owl:onClass :B ] .",
    "Class: A SubClassOf: d max 3 integer": ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :d ;"
    ' owl:maxQualifiedCardinality "3"^^xsd:nonNegativeInteger ; owl:onDataRange xsd:integer ] .',
    "Class: A SubClassOf: d some integer[>= 5, < 1.5, < 2f]": ":A"
    " rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :d ; owl:someValuesFrom [ a rdfs:Datatype ;"
    " owl:onDatatype xsd:integer ; owl:withRestrictions ("
    ' [ xsd:minInclusive 5 ] [ xsd:maxExclusive 1.5 ] [ xsd:maxExclusive "2"^^xsd:float ] ) ] ] .',
    "Class: A EquivalentTo: {i, j} DisjointWith: B": ":A owl:equivalentClass [ a owl:Class ; owl:oneOf ( :i :j ) ] ;"
    " owl:disjointWith :B .",
    "Class: A DisjointUnionOf: B, C HasKey: p d": ":A owl:disjointUnionOf ( :B :C ) ; owl:hasKey ( :p :d ) .",
    'Class: A Annotations: rdfs:label "a \\"b\\""@en, rdfs:comment "c, d"^^xsd:string': ':A rdfs:label "a \\"b\\""@en ;'
    ' rdfs:comment "c, d" .',
    'Class: A SubClassOf: Annotations: rdfs:comment "x" B, C': ":A rdfs:subClassOf :B , :C . [] a owl:Axiom ;"
    ' owl:annotatedSource :A ; owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget :B ; rdfs:comment "x" .',
    "DisjointClasses: B, C, D": "[] a owl:AllDisjointClasses ; owl:members ( :B :C :D ) .",
    "SameIndividual: i, j": ":i owl:sameAs :j .",
    "ObjectProperty: p Characteristics: Functional, Transitive": ":p a owl:FunctionalProperty ,"
    " owl:TransitiveProperty .",
    "ObjectProperty: p Domain: A Range: B InverseOf: q": ":p rdfs:domain :A ; rdfs:range :B ; owl:inverseOf :q .",
    "ObjectProperty: p SubPropertyOf: q SubPropertyChain: q o r": ":p rdfs:subPropertyOf :q ;"
    " owl:propertyChainAxiom ( :q :r ) .",
    'DataProperty: d Range: {"a", 5, true}': ':d rdfs:range [ a rdfs:Datatype ; owl:oneOf ( "a" 5 true ) ] .',
    "AnnotationProperty: n SubPropertyOf: m": ":n rdfs:subPropertyOf :m .",
    "Datatype: t EquivalentTo: integer or string": ":t owl:equivalentClass"
    " [ a rdfs:Datatype ; owl:unionOf ( xsd:integer xsd:string ) ] .",
    "Individual: i Types: A, p some B Facts: p j, d 5": f":i a :A , {SOME.format(':B')} ; :p :j ; :d 5 .",
    "Individual: i Facts: not p j": "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :i ;"
    " owl:assertionProperty :p ; owl:targetIndividual :j .",
    "Individual: i SameAs: j DifferentFrom: k": ":i owl:sameAs :j ; owl:differentFrom :k .",
}
KINDS = {
    "Class": "owl:Class",
    "Datatype": "rdfs:Datatype",
    "ObjectProperty": "owl:ObjectProperty",
    "DataProperty": "owl:DatatypeProperty",
    "AnnotationProperty": "owl:AnnotationProperty",
    "Individual": "owl:NamedIndividual",
}


@pytest.mark.parametrize(("text", "turtle"), CONSTRUCTS.items())
def test_a_construct_of_manchester_syntax_gives_the_triples_of_the_mapping(triples_of, text, turtle):
    kind, name = text.split()[:2]
    declared = f":{name.lstrip(':')} a {KINDS[kind[:-1]]} ." if kind[:-1] in KINDS else ""
    expected = triples_of(f"{TURTLE}{turtle} {declared} <http://e.org/o> a owl:Ontology .")
    assert triples_of(HEAD + text + "\n\n") == expected


def test_a_declared_data_property_makes_its_restrictions_data_restrictions(triples_of):
    found = triples_of(HEAD + "Class: A SubClassOf: d max 1 t\nDatatype: t\nDataProperty: d\n")
    assert any("onDataRange" in triple for triple in found)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("Class: X SubClassOf: p some", "the end instead of a name"),
        ("Class: X SubClassOf: A B", "B instead of ,"),
        ("Class: X SubClassOf: (A", "the end instead of )"),
        ("Class: X SubClassOf: " + "(" * 5000 + "A" + ")" * 5000, "nested too deeply"),
        ("Class: X SubClassOf: " + "not " * 5000 + "A", "nested too deeply"),
        ("Class: X SubClassOf: " + "p some " * 5000 + "A", "nested too deeply"),
        ("Class: X SubClassOf: none:A", "the prefix of none:A is not declared"),
        ("Class: X Domain: A", "in a frame of a Class"),
        ("Class: some", "some instead of a name"),
        ("Class: X SubClassOf: , A", "nothing before a comma"),
        ("Rule: A(?x) -> B(?x)", "rules"),
        ("ObjectProperty: q Characteristics: Fancy", "is no axiom"),
    ],
)
def test_a_broken_section_is_quarantined_with_its_line_and_the_next_is_read(graph_of, facts, bad, reason):
    graph = graph_of(f"{HEAD}Class: A\n    SubClassOf: B\n{bad}\nClass: C\n    SubClassOf: D\n")
    assert {("A", "is a", "B"), ("C", "is a", "D")} <= facts(graph)
    (found,) = graph.manifest["quarantined"]
    assert reason in found["reason"] and found["line"] == len(PREFIXES) + 4


def test_comments_and_texts_with_keywords_in_them_are_only_that(graph_of, facts):
    graph = graph_of(f'{HEAD}Class: A # Class: Z\n Annotations: rdfs:comment "\nClass: Y"\n SubClassOf: B\n')
    assert facts(graph) == {("A", "is a", "B")}
    assert graph.definition(0) == "Class: Y"
