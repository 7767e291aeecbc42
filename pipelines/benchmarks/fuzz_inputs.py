"""What fuzz.py begins with, one small ontology in each format, and how it is mutated."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import re
import tarfile
import zipfile
from typing import Any

TTL = """@prefix : <http://e.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://e.org/> a owl:Ontology ; owl:imports <http://e.org/other> .
:a a owl:Class ; rdfs:label "A"@en, 'a b'@de-AT ; rdfs:comment \"\"\"long
text\"\"\" ; rdfs:subClassOf :b, [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom [ owl:unionOf ( :c :d ) ] ] .
:p a owl:ObjectProperty ; rdfs:domain :a ; rdfs:range :b ; owl:inverseOf :q .
:x a :a ; :p :y {| :since 1999 |} ; :w 1.5e3, "2020-01-01"^^<http://www.w3.org/2001/XMLSchema#date> .
<< :x :p :y >> :said "so" .
:g owl:disjointWith :a ; owl:deprecated true . _:n :p ( 1 2.0 true ) .
"""
NT = """<http://e.org/a> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://e.org/b> .
_:x <http://e.org/p> "v\\u00e9\\n\\"q\\""@en-GB .
<http://e.org/a> <http://e.org/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> <http://e.org/g> .
_:r <http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies> <<( <http://e.org/a> <http://e.org/p> <http://e.org/b> )>> .
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE rdf:RDF [<!ENTITY e "http://e.org/"><!ENTITY owl 'http://www.w3.org/2002/07/owl#'>]>
<rdf:RDF xmlns="http://e.org/" xml:base="http://e.org/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="http://www.w3.org/2002/07/owl#"><!-- c -->
<owl:Class rdf:about="&e;a"><rdfs:label xml:lang="en">A &amp; b</rdfs:label><rdfs:subClassOf><owl:Restriction>
<owl:onProperty rdf:resource="#p"/><owl:someValuesFrom rdf:resource="&e;b"/></owl:Restriction></rdfs:subClassOf>
<owl:equivalentClass><owl:Class><owl:intersectionOf rdf:parseType="Collection"><owl:Class rdf:about="#c"/>
<rdf:Description rdf:nodeID="n"/></owl:intersectionOf></owl:Class></owl:equivalentClass></owl:Class>
<rdf:Description rdf:ID="d"><p rdf:parseType="Literal"><b>x</b></p><q rdf:datatype="&owl;real">1</q></rdf:Description>
</rdf:RDF>
"""
JSON_LD = """{"@context": {"@vocab": "http://e.org/", "p": {"@id": "http://e.org/p", "@type": "@id", "@container": "@list"},
 "label": "http://www.w3.org/2000/01/rdf-schema#label", "s": {"@id": "http://e.org/s", "@context": {"t": "http://e.org/t"}}},
 "@graph": [{"@id": "http://e.org/a", "@type": "C", "label": {"@value": "A", "@language": "en"}, "p": ["http://e.org/b"],
 "s": {"t": 1.5, "u": null, "v": true}, "@reverse": {"q": {"@id": "_:x"}}, "@included": [{"@id": "http://e.org/c"}]}]}
"""
OBO = """format-version: 1.2
ontology: x
default-namespace: n

[Term]
id: X:0000001
name: a thing
alt_id: X:9
def: "what \\"it\\" is {x}" [X:1, "quoted"] {source="PMID:1"} ! comment
synonym: "other" EXACT abbr [X:1]
xref: Y:1 "text"
is_a: X:0000002 {source="a"} ! parent
intersection_of: X:0000003
intersection_of: part_of X:0000004
relationship: part_of X:0000005 {all_only="true"}
disjoint_from: X:6
property_value: http://e.org/p "v" xsd:string
is_obsolete: true
replaced_by: X:0000002

[Typedef]
id: part_of
is_transitive: true
inverse_of: has_part
holds_over_chain: part_of located_in
"""
GRAPHS = """{"graphs": [{"id": "http://e.org/g", "meta": {"version": "1"}, "nodes": [{"id": "http://e.org/a", "lbl": "A", "type": "CLASS",
 "meta": {"definition": {"val": "d", "xrefs": ["x"]}, "synonyms": [{"pred": "hasExactSynonym", "val": "s", "xrefs": []}],
 "deprecated": true, "basicPropertyValues": [{"pred": "http://e.org/p", "val": "v"}]}}, {"id": "http://e.org/p", "type": "PROPERTY"}],
 "edges": [{"sub": "http://e.org/a", "pred": "is_a", "obj": "http://e.org/b"}], "equivalentNodesSets": [{"nodeIds": ["a", "b"]}],
 "logicalDefinitionAxioms": [{"definedClassId": "http://e.org/a", "genusIds": ["http://e.org/b"],
 "restrictions": [{"propertyId": "http://e.org/p", "fillerId": "http://e.org/c"}]}], "domainRangeAxioms": [{"predicateId": "p",
 "domainClassIds": ["a"], "rangeClassIds": ["b"]}], "propertyChainAxioms": [{"predicateId": "p", "chainPredicateIds": ["p", "q"]}]}]}
"""
FUNCTIONAL = """Prefix(:=<http://e.org/>)
Prefix(owl:=<http://www.w3.org/2002/07/owl#>)
Ontology(<http://e.org/> <http://e.org/1>
Import(<http://e.org/other>)
Annotation(rdfs:comment "text \\"q\\""@en)
Declaration(Class(:a)) # comment
AnnotationAssertion(Annotation(:src "x") rdfs:label :a "A"^^xsd:string)
SubClassOf(Annotation(rdfs:comment "why") :a ObjectSomeValuesFrom(:p ObjectUnionOf(:b :c)))
EquivalentClasses(:a ObjectIntersectionOf(:b ObjectMinCardinality(2 :p :c) ObjectHasValue(:p :x) ObjectComplementOf(:d)))
SubObjectPropertyOf(ObjectPropertyChain(:p ObjectInverseOf(:q)) :p)
DataPropertyAssertion(:w :x "1"^^xsd:integer)
ObjectPropertyAssertion(:p :x _:y) DisjointClasses(:a :b :c) HasKey(:a (:p) ())
DatatypeDefinition(:t DatatypeRestriction(xsd:integer xsd:minInclusive "1"^^xsd:integer))
)
"""
OWL_XML = """<?xml version="1.0"?>
<Ontology xmlns="http://www.w3.org/2002/07/owl#" xml:base="http://e.org/" ontologyIRI="http://e.org/">
<Prefix name="" IRI="http://e.org/"/><Declaration><Class IRI="#a"/></Declaration>
<SubClassOf><Annotation><AnnotationProperty abbreviatedIRI="rdfs:comment"/><Literal>why</Literal></Annotation>
<Class IRI="#a"/><ObjectSomeValuesFrom><ObjectProperty IRI="#p"/><Class IRI="#b"/></ObjectSomeValuesFrom></SubClassOf>
<AnnotationAssertion><AnnotationProperty abbreviatedIRI="rdfs:label"/><IRI>#a</IRI><Literal xml:lang="en">A</Literal></AnnotationAssertion>
<EquivalentClasses><Class IRI="#a"/><ObjectMinCardinality cardinality="2"><ObjectProperty IRI="#p"/></ObjectMinCardinality></EquivalentClasses>
</Ontology>
"""
MANCHESTER = """Prefix: : <http://e.org/>
Prefix: rdfs: <http://www.w3.org/2000/01/rdf-schema#>
Ontology: <http://e.org/> Import: <http://e.org/other>
Annotations: rdfs:comment "text"@en

ObjectProperty: :p
    Characteristics: Transitive, Functional
    Domain: :a
    SubPropertyChain: :p o inverse :q

Class: :a
    Annotations: rdfs:label "A", Annotations: rdfs:comment "c" rdfs:label "AA"@de
    SubClassOf: :p some (:b and not (:c or {:x, :y})), :p min 2 :d, :w some xsd:integer[>= 1, < "5"^^xsd:integer]
    EquivalentTo: :b and (:p only :c)
    DisjointWith: :d

Individual: :x
    Types: :a
    Facts: :p :y, not :p :z, :w 1.5f
"""
CSV = 'subject,predicate,object,lang\nX:1,rdfs:label,"a ""b"", c",en\nX:1,is_a,X:2,\nhttp://e.org/a,part of,X:3,\n'
KGX = "id\tcategory\tname\txref\tsynonym\nX:1\tbiolink:Gene\tA\tY:1|Y:2\tb|c\nX:2\tbiolink:Gene\tB\t\t\n"
SSSOM = "#curie_map:\n#  X: http://e.org/\nsubject_id\tpredicate_id\tobject_id\tmapping_justification\nX:1\tskos:exactMatch\tY:1\tsemapv:a\n"
GRAPHML = """<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="k" for="node" attr.name="name" attr.type="string"><default>d</default></key><key id="l" for="edge" attr.name="label"/>
<graph edgedefault="directed"><node id="a"><data key="k">A</data></node><node id="b"/>
<edge source="a" target="b"><data key="l">part of</data></edge><hyperedge/></graph></graphml>
"""
TREE = '{"name": "a", "uri": "http://e.org/a", "children": [{"name": "b", "children": []}, {"name": "c", "altLabels": ["d"], "children": null}]}'
TOKENS = [
    *(
        text.encode()
        for text in "< > \" ' \\ { } [ ] ( ) , ; . : ! # & | ^^ @ _: <<( )>> << {| \n \r \t \\u0000 \\uD800 %".split(
            " "
        )
    ),
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"<!--",
    b"-->",
    b"]]>",
    b"<![CDATA[",
    b"&e;",
    b"&#0;",
    b"&#x110000;",
    b"<!DOCTYPE",
    b"<!ENTITY a 'b'>",
    b'"""',
    b"PREFIX",
    b"@prefix",
    b"@base <x> .",
    b"null",
    b"1e999",
    b"-1",
    b"0",
    b"999999999999999999999",
    b"NaN",
    b"true",
    b"owl:Thing",
    b"rdf:nil",
    b"rdf:first",
    b"rdf:rest",
    b"xml:lang=''",
    b"@context",
    b"@id",
    b"@type",
    b"\\\\",
    b"    ",
    b"\n\n",
    b"[Term]\n",
    b"id:",
    b"is_a:",
    b"Class:",
    b"some",
    b"only",
    b"inverse",
    b"ObjectSomeValuesFrom(",
    b"Annotation(",
    b"SubClassOf(",
    b"http://",
    b"http://e.org/a",
    b"a" * 300,
]


def parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table({"subject": ["a", "b"], "predicate": ["p", "p"], "object": ["c", "d"]}), buffer)
    return buffer.getvalue()


def archive(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("a/b.nt", NT)
            packed.writestr("c.ttl", TTL)
    else:
        with tarfile.open(fileobj=buffer, mode="w") as packed:
            for name in ("a.nt", "b" * 120):
                info = tarfile.TarInfo(name)
                info.size = len(NT)
                packed.addfile(info, io.BytesIO(NT.encode()))
    return buffer.getvalue()


def zstd(data: bytes) -> bytes:
    import pyarrow as pa

    return pa.compress(data, codec="zstd", asbytes=True)


def seeds() -> dict[str, list[bytes]]:
    """Small files a format."""
    text = {
        "Turtle": [TTL],
        "N-Quads": [NT],
        "RDF/XML": [XML],
        "JSON-LD": [JSON_LD],
        "OBO": [OBO],
        "OBO Graphs": [GRAPHS],
        "OWL functional": [FUNCTIONAL],
        "OWL/XML": [OWL_XML],
        "Manchester": [MANCHESTER],
        "table": [CSV, KGX, SSSOM],
        "GraphML": [GRAPHML],
        "JSON tree": [TREE],
    }
    packed = [gzip.compress(NT.encode()), bz2.compress(NT.encode()), lzma.compress(NT.encode()), zstd(NT.encode())]
    return {name: [each.encode() for each in texts] for name, texts in text.items()} | {
        "Parquet": [parquet()],
        "archive": [archive("zip"), archive("tar")],
        "compression": packed,
        "encoding": [TTL.encode("utf-16"), XML.replace("UTF-8", "utf-16").encode("utf-16"), CSV.encode("utf-16-le")],
    }


def mutate_inside(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The data after mutations that leave JSON, XML or its compression whole."""
    for magic, unpack, pack in (
        (b"\x1f\x8b", gzip.decompress, gzip.compress),
        (b"BZh", bz2.decompress, bz2.compress),
        (b"\xfd7zXZ", lzma.decompress, lzma.compress),
    ):
        if data.startswith(magic):
            return pack(mutate(unpack(data), others, rng))
    if data.lstrip()[:1] in b"{[":
        try:
            return json.dumps(mutate_json(json.loads(data), rng)).encode()
        except ValueError:
            return mutate(data, others, rng)
    if data.lstrip().startswith(b"<"):
        parts = re.split(rb"(\"[^\"<>]*\"|>[^<>]*<)", data)
        for at in rng.sample(range(1, len(parts), 2), min(rng.choice((1, 2, 5)), len(parts) // 2)):
            first, last = parts[at][:1], parts[at][-1:]
            inner = mutate(parts[at][1:-1], others, rng).replace(b"&", b"&amp;")
            parts[at] = first + inner.replace(b"<", b"&lt;").replace(b'"', b"&quot;") + last
        return b"".join(parts)
    return mutate(data, others, rng)


def mutate_json(value: Any, rng: random.Random) -> Any:
    """A value in which some parts are exchanged, left out or put into others."""
    if rng.random() < 0.05:
        return rng.choice(
            [None, True, 0, -1, 1e300, "", "x:y", "_:b", "@id", "@none", "\ud800", [], {}, [value], {"@id": value}]
        )
    if isinstance(value, dict):
        kept = [(key, mutate_json(part, rng)) for key, part in value.items() if rng.random() > 0.03]
        return {rng.choice([*value]) if rng.random() < 0.03 else key: part for key, part in kept}
    if isinstance(value, list):
        return [mutate_json(part, rng) for part in value for _ in range(rng.choice((0, 1, 1, 1, 1, 1, 1, 1, 2)))]
    if isinstance(value, str) and rng.random() < 0.05:
        return mutate(value.encode("utf-8", "surrogatepass"), [b"x"], rng).decode("utf-8", "replace")
    return value


def mutate(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The data after one to eight mutations."""
    value = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        at, span = rng.randrange(len(value) + 1), rng.choice((1, 2, 5, 20, 100))
        match rng.randrange(7):
            case 0:
                value[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del value[at : at + span]
            case 2:
                value[at:at] = value[at : at + span] * rng.choice((1, 2, 30))
            case 3 | 4:
                value[at : at + rng.choice((0, 0, span))] = rng.choice(TOKENS)
            case 5:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                value[at : at + span] = other[start : start + span]
            case 6:
                lines = bytes(value).splitlines(keepends=True) or [b""]
                one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
                lines[one], lines[two] = lines[two], lines[one]
                value = bytearray(b"".join(lines[: rng.choice((len(lines), len(lines), one + 1))]))
    return bytes(value)
