"""The law of formats: what a graph is does not depend on the syntax it was written in."""

import gzip

import pytest

from kgpeft.graph import KnowledgeGraph, read

TURTLE = """
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix oio: <http://www.geneontology.org/formats/oboInOwl#> .
@prefix m: <http://purl.obolibrary.org/obo/mineral#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<http://purl.obolibrary.org/obo/mineral.owl> a owl:Ontology .
m:has_lustre a owl:ObjectProperty, owl:FunctionalProperty ; rdfs:label "has lustre" .
m:found_with a owl:ObjectProperty, owl:SymmetricProperty ; rdfs:label "is found with" .
m:mohs_hardness a owl:DatatypeProperty ; rdfs:label "Mohs hardness" .

obo:MINERAL_0000001 a owl:Class ; rdfs:label "mineral" .
obo:MINERAL_0000002 a owl:Class ; rdfs:label "silicate" ; rdfs:subClassOf obo:MINERAL_0000001 .
obo:MINERAL_0000003 a owl:Class ; rdfs:label "oxide" ; rdfs:subClassOf obo:MINERAL_0000001 .
obo:MINERAL_0000004 a owl:Class ; rdfs:label "lustre" .
obo:MINERAL_0000005 a owl:Class ; rdfs:label "vitreous" ; rdfs:subClassOf obo:MINERAL_0000004 .
obo:MINERAL_0000006 a owl:Class ; rdfs:label "metallic" ; rdfs:subClassOf obo:MINERAL_0000004 .
obo:MINERAL_0000007 a owl:Class ; rdfs:label "quartz" ;
    oio:hasExactSynonym "rock \\"crystal\\"" ; oio:hasRelatedSynonym "silica" ;
    obo:IAO_0000115 "A silicate of silicon and oxygen; SiO2." ;
    rdfs:subClassOf obo:MINERAL_0000002,
        [ a owl:Restriction ; owl:onProperty m:has_lustre ; owl:someValuesFrom obo:MINERAL_0000005 ] ;
    m:mohs_hardness "7"^^xsd:decimal .
obo:MINERAL_0000008 a owl:Class ; rdfs:label "feldspar" ;
    rdfs:subClassOf obo:MINERAL_0000002,
        [ a owl:Restriction ; owl:onProperty m:found_with ; owl:someValuesFrom obo:MINERAL_0000007 ] ;
    m:mohs_hardness "6.5"^^xsd:decimal .
obo:MINERAL_0000009 a owl:Class ; rdfs:label "hematite" ;
    owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( obo:MINERAL_0000003
        [ a owl:Restriction ; owl:onProperty m:has_lustre ; owl:someValuesFrom obo:MINERAL_0000006 ] ) ] .
obo:MINERAL_0000010 a owl:Class ; rdfs:label "obsolete iron" ; owl:deprecated true .
"""

OBO = """format-version: 1.4
ontology: mineral

[Term]
id: MINERAL:0000001
name: mineral

[Term]
id: MINERAL:0000002
name: silicate
is_a: MINERAL:0000001 ! mineral

[Term]
id: MINERAL:0000003
name: oxide
is_a: MINERAL:0000001 {source="a ! b"} ! mineral

[Term]
id: MINERAL:0000004
name: lustre

[Term]
id: MINERAL:0000005
name: vitreous
is_a: MINERAL:0000004

[Term]
id: MINERAL:0000006
name: metallic
is_a: MINERAL:0000004

[Term]
id: MINERAL:0000007
name: quartz
def: "A silicate of silicon and oxygen\\; SiO2." [ISBN:1, "a book"]
synonym: "rock \\"crystal\\"" EXACT []
synonym: "silica" RELATED [url:http\\://example.org]
xref: CAS:14808-60-7
created_by: someone
is_a: MINERAL:0000002
relationship: has_lustre MINERAL:0000005 ! vitreous
property_value: mohs_hardness "7" xsd:decimal

[Term]
id: MINERAL:0000008
name: feldspar
is_a: MINERAL:0000002
relationship: found_with MINERAL:0000007
property_value: mohs_hardness "6.5" xsd:decimal

[Term]
id: MINERAL:0000009
name: hematite
intersection_of: MINERAL:0000003 ! oxide
intersection_of: has_lustre MINERAL:0000006 ! metallic

[Term]
id: MINERAL:0000010
name: obsolete iron
is_obsolete: true

[Typedef]
id: has_lustre
name: has lustre
is_functional: true

[Typedef]
id: found_with
name: is found with
is_symmetric: true

[Typedef]
id: mohs_hardness
name: Mohs hardness
"""

CSV = '''subject,predicate,object,datatype
MINERAL:0000001,label,mineral,
MINERAL:0000002,rdfs:label,silicate,
MINERAL:0000002,rdfs:subClassOf,MINERAL:0000001,
MINERAL:0000003,label,oxide,
MINERAL:0000003,is_a,MINERAL:0000001,
MINERAL:0000004,label,lustre,
MINERAL:0000005,label,vitreous,
MINERAL:0000005,is_a,MINERAL:0000004,
MINERAL:0000006,label,metallic,
MINERAL:0000006,is_a,http://purl.obolibrary.org/obo/MINERAL_0000004,
MINERAL:0000007,label,quartz,
MINERAL:0000007,synonym,"rock ""crystal""",
MINERAL:0000007,oboInOwl:hasRelatedSynonym,silica,
MINERAL:0000007,definition,A silicate of silicon and oxygen; SiO2.,
MINERAL:0000007,is_a,MINERAL:0000002,
MINERAL:0000007,http://purl.obolibrary.org/obo/mineral#has_lustre,MINERAL:0000005,
MINERAL:0000007,http://purl.obolibrary.org/obo/mineral#mohs_hardness,7,xsd:decimal
MINERAL:0000008,label,feldspar,
MINERAL:0000008,is_a,MINERAL:0000002,
MINERAL:0000008,http://purl.obolibrary.org/obo/mineral#found_with,MINERAL:0000007,
MINERAL:0000008,http://purl.obolibrary.org/obo/mineral#mohs_hardness,6.5,xsd:decimal
MINERAL:0000009,label,hematite,
MINERAL:0000009,is_a,MINERAL:0000003,
MINERAL:0000009,http://purl.obolibrary.org/obo/mineral#has_lustre,MINERAL:0000006,
MINERAL:0000010,label,obsolete iron,
MINERAL:0000010,owl:deprecated,true,
http://purl.obolibrary.org/obo/mineral#has_lustre,label,has lustre,
http://purl.obolibrary.org/obo/mineral#found_with,label,is found with,
http://purl.obolibrary.org/obo/mineral#mohs_hardness,label,Mohs hardness,
'''

NAMES = {
    "m": "http://purl.obolibrary.org/obo/mineral#",
    "o": "http://purl.obolibrary.org/obo/MINERAL_000000",
    "oio": "http://www.geneontology.org/formats/oboInOwl#",
    "obo": "http://purl.obolibrary.org/obo/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
LABELS = ["mineral", "silicate", "oxide", "lustre", "vitreous", "metallic", "quartz", "feldspar", "hematite"]
FUNCTIONAL = (
    "".join(f"Prefix({name}:=<{iri}>)\n" for name, iri in NAMES.items())
    + "Ontology(<http://purl.obolibrary.org/obo/mineral.owl>\n"
    + "".join(
        f'Declaration(Class(o:{at}))\nAnnotationAssertion(rdfs:label o:{at} "{name}")\n'
        for at, name in enumerate(LABELS, 1)
    )
    + """
Declaration(ObjectProperty(m:has_lustre)) AnnotationAssertion(rdfs:label m:has_lustre "has lustre")
Declaration(ObjectProperty(m:found_with)) AnnotationAssertion(rdfs:label m:found_with "is found with")
Declaration(DataProperty(m:mohs_hardness)) AnnotationAssertion(rdfs:label m:mohs_hardness "Mohs hardness")
FunctionalObjectProperty(m:has_lustre) SymmetricObjectProperty(m:found_with)
SubClassOf(o:2 o:1) SubClassOf(o:3 o:1) SubClassOf(o:5 o:4) SubClassOf(o:6 o:4) SubClassOf(o:7 o:2)
AnnotationAssertion(oio:hasExactSynonym o:7 "rock \\"crystal\\"")
AnnotationAssertion(oio:hasRelatedSynonym o:7 "silica")
AnnotationAssertion(Annotation(oio:hasDbXref "ISBN:1") obo:IAO_0000115 o:7 "A silicate of silicon and oxygen; SiO2.")
SubClassOf(o:7 ObjectSomeValuesFrom(m:has_lustre o:5))
AnnotationAssertion(m:mohs_hardness o:7 "7"^^xsd:decimal)
SubClassOf(o:8 o:2)
SubClassOf(o:8 ObjectSomeValuesFrom(m:found_with o:7))
AnnotationAssertion(m:mohs_hardness o:8 "6.5"^^xsd:decimal)
EquivalentClasses(o:9 ObjectIntersectionOf(o:3 ObjectSomeValuesFrom(m:has_lustre o:6)))
Declaration(Class(obo:MINERAL_0000010)) AnnotationAssertion(rdfs:label obo:MINERAL_0000010 "obsolete iron")
AnnotationAssertion(owl:deprecated obo:MINERAL_0000010 "true"^^xsd:boolean)
)
"""
)
BELOW = {2: ["o:1"], 3: ["o:1"], 5: ["o:4"], 6: ["o:4"]}
BELOW |= {7: ["o:2", "m:has_lustre some o:5"], 8: ["o:2", "m:found_with some o:7"]}
NOTES = {
    7: 'oio:hasExactSynonym "rock \\"crystal\\"", oio:hasRelatedSynonym "silica", m:mohs_hardness 7.0, '
    'Annotations: oio:hasDbXref "ISBN:1" obo:IAO_0000115 "A silicate of silicon and oxygen; SiO2."',
    8: "m:mohs_hardness 6.5",
}
MANCHESTER = (
    "".join(f"Prefix: {name}: <{iri}>\n" for name, iri in NAMES.items())
    + "Ontology: <http://purl.obolibrary.org/obo/mineral.owl>\n"
    + "".join(
        f'Class: o:{at}\n  Annotations: rdfs:label "{name}"{", " + NOTES[at] if at in NOTES else ""}\n'
        + (f"  SubClassOf: {', '.join(BELOW[at])}\n" if at in BELOW else "")
        for at, name in enumerate(LABELS, 1)
    ).replace("7.0", '"7"^^xsd:decimal')
    + """  EquivalentTo: o:3 and m:has_lustre some o:6
Class: obo:MINERAL_0000010
  Annotations: rdfs:label "obsolete iron", owl:deprecated true
ObjectProperty: m:has_lustre
  Annotations: rdfs:label "has lustre"
  Characteristics: Functional
ObjectProperty: m:found_with
  Annotations: rdfs:label "is found with"
  Characteristics: Symmetric
DataProperty: m:mohs_hardness
  Annotations: rdfs:label "Mohs hardness"
"""
)


@pytest.fixture
def minerals(tmp_path) -> dict[str, KnowledgeGraph]:
    texts = {"minerals.ttl": TURTLE, "minerals.obo": OBO, "minerals.csv": CSV}
    texts |= {"minerals.ofn": FUNCTIONAL, "minerals.omn": MANCHESTER}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name: read(tmp_path / name) for name in texts}


def test_one_content_has_one_fingerprint_in_every_syntax(minerals):
    assert len({graph.fingerprint for graph in minerals.values()}) == 1


def test_in_every_syntax_each_triple_is_accounted_for_once(minerals):
    for graph in minerals.values():
        audit = graph.manifest["audit"]
        fates = sum(audit[fate] for fate in ("edge", "annotation", "axiom", "structure", "dropped"))
        assert fates == audit["triples"] == graph.manifest["counts"]["triples"]
        assert audit["dropped"] == audit["quarantined"] == 0


def test_the_content_is_what_was_written(minerals):
    graph = minerals["minerals.ttl"]
    facts = {(graph.names[s], graph.relation_names[r], graph.names[o]) for s, r, o in graph.edges}
    assert len(facts) == len(graph.edges) == 12
    assert {
        ("quartz", "is a", "silicate"),
        ("quartz", "has lustre", "vitreous"),
        ("feldspar", "is found with", "quartz"),
        ("feldspar", "Mohs hardness", "6.5"),
        ("hematite", "is a", "oxide"),
        ("hematite", "has lustre", "metallic"),
    } <= facts


def test_rdf_syntaxes_agree(tmp_path, minerals):
    import pyoxigraph as ox

    formats = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD, ox.RdfFormat.N_QUADS)
    for at, kind in enumerate(formats):
        path = tmp_path / f"{at}.data"
        quads = [quad.triple for quad in ox.parse(TURTLE.encode(), ox.RdfFormat.TURTLE)]
        ox.serialize(quads, str(path), format=kind)
        assert read(path).fingerprint == minerals["minerals.ttl"].fingerprint, kind


def test_compression_byte_order_mark_line_ends_and_name_change_nothing(tmp_path, minerals):
    for name, text in (("a.txt", OBO), ("b.owl", CSV), ("c", TURTLE)):
        path = tmp_path / name
        path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
        assert read(path).fingerprint == minerals["minerals.ttl"].fingerprint, name


def test_the_order_of_sources_changes_nothing(tmp_path):
    (tmp_path / "a.ttl").write_text(TURTLE)
    (tmp_path / "b.tsv").write_text("MINERAL:0000007\tfound_in\tNorway\n")
    one, other = read(tmp_path / "a.ttl", tmp_path / "b.tsv"), read(tmp_path / "b.tsv", tmp_path / "a.ttl")
    assert one.fingerprint == other.fingerprint
    edge = int((one.relations.index("found_in") == one.edges[:, 1]).nonzero()[0][0])
    assert one.manifest["sources"][one.origins[edge]]["path"].endswith("b.tsv")
    assert one.names[one.edges[edge, 0]] == "quartz"
