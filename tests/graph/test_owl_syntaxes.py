"""OWL's own syntaxes: each construct gives the triples that OWL's mapping to RDF says."""

import re
from xml.sax.saxutils import escape

import pytest

from kgpeft.errors import SourceError

PREFIXES = {
    "": "http://e.org/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "swrl": "http://www.w3.org/2003/11/swrl#",
}
PREFIX = "".join(f"Prefix({name}:=<{iri}>)\n" for name, iri in PREFIXES.items())

TURTLE = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())

# functional syntax → Turtle
CONSTRUCTS = {
    "Declaration(Class(:A))": ":A a owl:Class .",
    "Declaration(DataProperty(:d))": ":d a owl:DatatypeProperty .",
    "SubClassOf(:A :B)": ":A rdfs:subClassOf :B .",
    "SubClassOf(:A ObjectSomeValuesFrom(:p :B))": ":A rdfs:subClassOf"
    " [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] .",
    "SubClassOf(:A ObjectAllValuesFrom(ObjectInverseOf(:p) :B))": ":A rdfs:subClassOf"
    " [ a owl:Restriction ; owl:onProperty [ owl:inverseOf :p ] ; owl:allValuesFrom :B ] .",
    "SubClassOf(:A ObjectHasValue(:p :i))": ":A rdfs:subClassOf"
    " [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue :i ] .",
    "SubClassOf(:A ObjectHasSelf(:p))": ":A rdfs:subClassOf"
    " [ a owl:Restriction ; owl:onProperty :p ; owl:hasSelf true ] .",
    "SubClassOf(:A ObjectMinCardinality(2 :p))": ":A rdfs:subClassOf"
    ' [ a owl:Restriction ; owl:onProperty :p ; owl:minCardinality "2"^^xsd:nonNegativeInteger ] .',
    "SubClassOf(:A ObjectExactCardinality(1 :p :B))": ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ;"
    ' owl:qualifiedCardinality "1"^^xsd:nonNegativeInteger ; owl:onClass :B ] .',
    "SubClassOf(:A DataMaxCardinality(3 :d xsd:int))": ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :d ;"
    ' owl:maxQualifiedCardinality "3"^^xsd:nonNegativeInteger ; owl:onDataRange xsd:int ] .',
    'SubClassOf(:A DataSomeValuesFrom(:d DatatypeRestriction(xsd:int xsd:minInclusive "5"^^xsd:int)))': ":A"
    " rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :d ; owl:someValuesFrom [ a rdfs:Datatype ;"
    " owl:onDatatype xsd:int ;"
    ' owl:withRestrictions ( [ xsd:minInclusive "5"^^xsd:int ] ) ] ] .',
    "EquivalentClasses(:A ObjectIntersectionOf(:B ObjectUnionOf(:C ObjectComplementOf(:D))))": ":A owl:equivalentClass"
    " [ a owl:Class ; owl:intersectionOf ( :B [ a owl:Class ; owl:unionOf ( :C [ a owl:Class ;"
    " owl:complementOf :D ] ) ] ) ] .",
    "EquivalentClasses(ObjectOneOf(:i :j) :A)": ":A owl:equivalentClass [ a owl:Class ; owl:oneOf ( :i :j ) ] .",
    "DisjointClasses(:A :B)": ":A owl:disjointWith :B .",
    "DisjointClasses(:A :B :C)": "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) .",
    "DisjointUnion(:A :B :C)": ":A owl:disjointUnionOf ( :B :C ) .",
    "SubObjectPropertyOf(ObjectPropertyChain(:p :q) :r)": ":r owl:propertyChainAxiom ( :p :q ) .",
    "SubDataPropertyOf(:d :e)": ":d rdfs:subPropertyOf :e .",
    "InverseObjectProperties(:p :q)": ":p owl:inverseOf :q .",
    "ObjectPropertyDomain(:p :A)": ":p rdfs:domain :A .",
    'DataPropertyRange(:d DataOneOf("a" "b"@en))': ':d rdfs:range [ a rdfs:Datatype ; owl:oneOf ( "a" "b"@en ) ] .',
    "InverseFunctionalObjectProperty(:p)": ":p a owl:InverseFunctionalProperty .",
    "FunctionalDataProperty(:d)": ":d a owl:FunctionalProperty .",
    "HasKey(:A (:p) (:d))": ":A owl:hasKey ( :p :d ) .",
    "ClassAssertion(:A :i)": ":i a :A .",
    "ObjectPropertyAssertion(ObjectInverseOf(:p) :i :j)": ":j :p :i .",
    'DataPropertyAssertion(:d :i "a \\"b\\" \\\\ c")': ':i :d "a \\"b\\" \\\\ c" .',
    "NegativeObjectPropertyAssertion(:p :i :j)": "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :i ;"
    " owl:assertionProperty :p ; owl:targetIndividual :j .",
    "DifferentIndividuals(:i :j :k)": "[] a owl:AllDifferent ; owl:members ( :i :j :k ) .",
    "SameIndividual(:i :j)": ":i owl:sameAs :j .",
    'AnnotationAssertion(rdfs:label :A "one (two) # three"@en)': ':A rdfs:label "one (two) # three"@en .',
    "AnnotationAssertion(rdfs:seeAlso _:x :A)": "_:x rdfs:seeAlso :A .",
    'SubClassOf(Annotation(Annotation(:why "x") rdfs:comment "y") :A :B)': ":A rdfs:subClassOf :B ."
    " _:a a owl:Axiom ; owl:annotatedSource :A ; owl:annotatedProperty rdfs:subClassOf ; owl:annotatedTarget :B ;"
    ' rdfs:comment "y" . [] a owl:Annotation ; owl:annotatedSource _:a ; owl:annotatedProperty rdfs:comment ;'
    ' owl:annotatedTarget "y" ; :why "x" .',
    "DLSafeRule(Body(ClassAtom(:A Variable(:x))) Head(ObjectPropertyAtom(:p Variable(:x) :i)))": ":x a swrl:Variable ."
    " [] a swrl:Imp ; swrl:body [ a swrl:AtomList ; rdf:first [ a swrl:ClassAtom ; swrl:classPredicate :A ;"
    " swrl:argument1 :x ] ; rdf:rest () ] ; swrl:head [ a swrl:AtomList ; rdf:first [ a swrl:IndividualPropertyAtom ;"
    " swrl:propertyPredicate :p ; swrl:argument1 :x ; swrl:argument2 :i ] ; rdf:rest () ] .",
}


@pytest.mark.parametrize(("functional", "turtle"), CONSTRUCTS.items())
def test_a_construct_of_functional_syntax_gives_the_triples_of_the_mapping(triples_of, functional, turtle):
    expected = triples_of(TURTLE + turtle + " <http://e.org/o> a owl:Ontology .")
    assert triples_of(f"{PREFIX}Ontology(<http://e.org/o>\n{functional}\n)") == expected


def owlxml(text: str) -> str:
    """OWL/XML of functional syntax, told by an independent road: a tree of its tokens."""
    tokens = re.findall(r'[A-Za-z]+\(|\)|\(|"(?:[^"\\]|\\.)*"(?:@\w+|\^\^[\w:]+)?|[^\s()"]+', text)
    entities = {"Class": "Class", "DataProperty": "DataProperty", "Variable": "Variable"}
    out, heads = [], []
    for at, token in enumerate(tokens):
        if token.endswith("("):
            heads.append(token[:-1])
            number = tokens[at + 1] if token.endswith("Cardinality(") else ""
            attribute = f' cardinality="{number}"' if number else ""
            entity = heads[-1] in entities
            out.append(
                f'<{heads[-1]} abbreviatedIRI="{tokens[at + 1]}"/>'
                if entity
                else f"<{heads[-1]}{attribute}>"
                if heads[-1]
                else ""
            )
        elif token == ")":
            head = heads.pop()
            out.append("" if head in entities or not head else f"</{head}>")
        elif not token.isdecimal() and heads[-1] not in entities:
            out.append(_leaf(token, heads[-1], tokens[at + 1]))
    return "".join(out)


def _leaf(token: str, head: str, following: str) -> str:
    if token.startswith('"'):
        value, _, tail = token.rpartition('"')
        value = escape(re.sub(r"\\(.)", r"\1", value[1:]))
        kind = f' xml:lang="{tail[1:]}"' if tail[:1] == "@" else ""
        kind = f' datatypeIRI="{PREFIXES["xsd"]}{tail[6:]}"' if tail[:1] == "^" else kind
        literal = f"<Literal{kind}>{value}</Literal>"
        return f"{literal}</FacetRestriction>" if head == "DatatypeRestriction" else literal
    if head == "DatatypeRestriction" and following.startswith('"'):
        return f'<FacetRestriction facet="{PREFIXES["xsd"]}{token[4:]}">'
    if token.startswith("_:"):
        return f'<AnonymousIndividual nodeID="{token}"/>'
    if head == "AnnotationAssertion":
        return f"<AbbreviatedIRI>{token}</AbbreviatedIRI>"
    return f'<Class abbreviatedIRI="{token}"/>'  # the kind of a name makes no difference to its triples


XML = (
    '<?xml version="1.0"?>\n<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="http://e.org/o">\n'
    + "".join(f'<Prefix name="{name}" IRI="{iri}"/>\n' for name, iri in PREFIXES.items())
)


@pytest.mark.parametrize(("functional", "turtle"), CONSTRUCTS.items())
def test_a_construct_of_owl_xml_gives_the_triples_of_the_mapping(triples_of, functional, turtle):
    expected = triples_of(TURTLE + turtle + " <http://e.org/o> a owl:Ontology .")
    assert triples_of(f"{XML}{owlxml(functional)}\n</Ontology>") == expected


def test_names_in_owl_xml_are_relative_to_the_base(graph_of, facts):
    graph = graph_of(XML + '<SubClassOf><Class IRI="#A"/><Class IRI="B"/></SubClassOf></Ontology>')
    assert graph.terms == ["http://e.org/B", "http://e.org/o#A"]


def test_a_broken_axiom_of_owl_xml_is_quarantined_with_its_line(graph_of, facts):
    good = '<SubClassOf><Class IRI="#A"/><Class IRI="#B"/></SubClassOf>'
    deep = "<SubClassOf>" + "<ObjectComplementOf>" * 9999 + "</ObjectComplementOf>" * 9999 + "</SubClassOf>"
    address = '<SubClassOf xml:base="http://[x/"><Class IRI="B"/><Class IRI="B"/></SubClassOf>'
    bad = ['<SubClassOf><Class IRI="#A"/></SubClassOf>', "<SubClassOf><Class/></SubClassOf>", "<Foo/>", deep, address]
    graph = graph_of(XML + "\n".join([*bad, good]) + "</Ontology>")
    assert facts(graph) == {("A", "is a", "B")}
    assert [part["line"] for part in graph.manifest["quarantined"]] == [9, 10, 11, 12, 13]


@pytest.mark.parametrize("text", ["<SubClassOf>", "<a></b>", '<Class IRI="&nbsp;"/>'])
def test_broken_xml_is_refused(graph_of, text):
    with pytest.raises(SourceError, match="broken OWL/XML, line 9"):
        graph_of(XML + text)


def functional(text: str) -> str:
    return f"{PREFIX}Ontology(<http://e.org/o> <http://e.org/o/1>\n{text})\n"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("SubClassOf(:A)", "SubClassOf with 1 parts"),
        ("SubClassOf(:A none:B)", "the prefix of none:B is not declared"),
        ("SubClassOf(:A B)", "B is no name"),
        ("SubClassOf(:A :B", "no end before the next axiom"),
        ("SubClassOf(:A ObjectFoo(:p :B))", "ObjectFoo where an expression is expected"),
        ("SubClassOf(:A " + "ObjectComplementOf(" * 5000 + ":A" + ")" * 5001, "nested too deeply"),
        ("Foo(:A :B)", "Foo is no axiom"),
        ('SubClassOf("A" :B)', "a literal where only a name can be"),
        ("ObjectMinCardinality(:p :p)", "is no axiom"),
        ("SubClassOf(:A ObjectMinCardinality(:p :p))", "no number"),
    ],
)
def test_a_broken_axiom_is_quarantined_with_its_line_and_the_next_is_read(graph_of, facts, bad, reason):
    graph = graph_of(functional(f"SubClassOf(:A :B)\n{bad}\nSubClassOf(:C :D)\n"))
    assert facts(graph) == {("A", "is a", "B"), ("C", "is a", "D")}
    (found,) = graph.manifest["quarantined"]
    assert reason in found["reason"] and found["line"] == len(PREFIXES) + 3


def test_an_ontology_that_is_cut_off_says_so(graph_of):
    graph = graph_of(functional("SubClassOf(:A :B)\nSubClassOf(:C :")[:-3])
    assert [part["line"] for part in graph.manifest["quarantined"]] == [9, 9]
    assert "not complete" in graph.manifest["quarantined"][1]["reason"]


def test_comments_line_breaks_and_long_texts_are_read(graph_of, facts):
    text = "x" * (3 << 20) + "\ny"
    graph = graph_of(
        functional(f'# SubClassOf(:X :Y)\nSubClassOf(\n:A # why\n :B )\nAnnotationAssertion(rdfs:label :A "{text}")\n')
    )
    assert len(graph.edges) == 1
    assert graph.labels[0].text == text.replace("\n", " ")


def test_imports_and_header_are_kept_as_such(graph_of):
    graph = graph_of(functional('Import(<http://e.org/other>)\nAnnotation(rdfs:comment "c")\nSubClassOf(:A :B)\n'))
    assert any("http://e.org/other" in note for note in graph.manifest["notes"])
