"""The law of the audit: every triple that was read went somewhere, and the sums agree, per source and in all."""

import gzip
from pathlib import Path

import pytest

from kgpeft.graph import KnowledgeGraph, ReadSettings, read

ONTOLOGIES = [Path(__file__).parents[2] / "ontologies" / f"minerals.{kind}" for kind in ("ttl", "obo", "csv")]
PARTS = ("edge", "annotation", "axiom", "structure", "dropped")
TEXTS = {
    "every construct": """
        <http://example.org> a owl:Ontology ; rdfs:label "header" ; owl:imports <http://example.org/nowhere> .
        :a rdfs:subClassOf :b, :b, :a, owl:Thing, [ owl:onProperty :p ; owl:allValuesFrom :c ],
           [ owl:onProperty :p ; owl:someValuesFrom [ owl:unionOf ( :b :c ) ] ],
           [ owl:intersectionOf ( :b [ owl:onProperty [ owl:inverseOf :p ] ; owl:someValuesFrom :c ] ) ] ;
           rdfs:label "a", "A"@de, "" ; skos:altLabel "b" ; rdfs:comment "c" ; :note "n" .
        :a owl:equivalentClass [ owl:intersectionOf ( :b [ owl:onProperty :p ; owl:hasValue :i ] ) ] .
        [ owl:unionOf ( :b :c ) ] rdfs:subClassOf :a . :gone owl:deprecated true ; rdfs:subClassOf :b ; rdfs:label "g" .
        :p a owl:ObjectProperty, owl:FunctionalProperty ; rdfs:range [ owl:complementOf :b ] ; rdfs:label "p" ;
           rdfs:domain [ owl:unionOf ( :a :b ) ] ; owl:propertyChainAxiom ( :p [ owl:inverseOf :p ] ) .
        :i :p :j, [ :q 1 ] ; :q 5, "x"@en, "y"@nl ; a [ owl:onProperty :p ; owl:someValuesFrom :b ] .
        [] a owl:Axiom ; owl:annotatedSource :a ; owl:annotatedProperty rdfs:label ; owl:annotatedTarget "a" ;
           :why "x" .
        [] a owl:Axiom ; :why "of nothing" . [] owl:onProperty :p ; owl:someValuesFrom :b .
        _:c rdf:first :a ; rdf:rest _:c . [] a owl:AllDisjointClasses ; owl:members ( :a :b ) .""",
    "nothing but labels": ':a rdfs:label "a" . :b rdfs:label "b" .',
    "shapes": """@prefix sh: <http://www.w3.org/ns/shacl#> . :s a sh:NodeShape ; sh:targetClass :a ;
        sh:property [ sh:path :p ; sh:in ( 1 2 ) ] . :a a owl:Class .""",
}


def balanced(graph: KnowledgeGraph) -> bool:
    audit = graph.manifest["audit"]
    counted = [*audit["sources"], audit]
    assert all(row["triples"] == sum(row[part] for part in PARTS) for row in counted), audit
    for key in ("triples", *PARTS, "quarantined"):
        assert sum(row[key] for row in audit["sources"]) == audit[key], key
    for part in PARTS:
        assert sum(audit["constructs"].get(part, {}).values()) == audit[part], part
    assert audit["triples"] == graph.manifest["counts"]["triples"]
    assert set(audit["constructs"]) <= set(PARTS)
    return bool(audit["edge"] <= len(graph.edges) or audit["edge"] == 0)


@pytest.mark.parametrize("projection", ["obographs", "taxonomy", "owl2vec", "raw"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_triple_of_every_construct_is_counted_once(prefixes, tmp_path, text, projection):
    (tmp_path / "a.ttl").write_text(prefixes + text)
    graph = read(tmp_path / "a.ttl", settings=ReadSettings(projection=projection))
    balanced(graph)
    if projection == "raw":
        assert graph.manifest["audit"]["edge"] == len(graph.edges)


@pytest.mark.parametrize("path", ONTOLOGIES, ids=lambda path: path.name)
def test_every_triple_of_every_format_is_counted_once(path):
    balanced(read(path))


def test_the_sums_of_several_sources_agree(tmp_path, prefixes):
    (tmp_path / "a.ttl").write_text(prefixes + TEXTS["every construct"] + "\n:broken\n")
    (tmp_path / "b.nt.gz").write_bytes(gzip.compress(b'<http://x/a> <http://x/p> "v" .\n<broken .\n'))
    (tmp_path / "c.tsv").write_text("a\tp\tb\na\tp\nb\tp\tc\n")
    graph = read(tmp_path / "a.ttl", tmp_path / "b.nt.gz", tmp_path / "c.tsv")
    balanced(graph)
    audit = graph.manifest["audit"]
    assert audit["quarantined"] == len(graph.manifest["quarantined"]) == 3
    assert [source["quarantined"] for source in audit["sources"]] == [1, 1, 1]
    assert [source["edge"] for source in audit["sources"]][1:] == [1, 2]


def test_what_states_a_known_edge_again_is_a_duplicate(tmp_path):
    (tmp_path / "a.tsv").write_text("a\tp\tb\na\tp\tb\n")
    (tmp_path / "b.tsv").write_text("a\tp\tb\n")
    graph = read(tmp_path / "a.tsv", tmp_path / "b.tsv")
    assert graph.manifest["audit"]["edge"] == 1 and graph.manifest["audit"]["constructs"]["dropped"] == {"duplicate": 2}
    assert graph.manifest["dropped"] == {"duplicate": 2}


def test_rows_of_a_lost_expression_are_lost_with_it(turtle):
    some = "[ owl:onProperty :p ; owl:someValuesFrom [ owl:complementOf :b ] ]"
    graph = turtle(f":a a owl:Class ; rdfs:subClassOf {some} .")
    audit = graph.manifest["audit"]
    assert (audit["dropped"], audit["structure"]) == (4, 0)
    assert audit["constructs"]["dropped"] == {"nested expression in some": 4}
    assert graph.manifest["dropped"] == {"nested expression in some": 1}


def test_rows_of_a_used_expression_are_structure(turtle):
    some = "[ owl:onProperty :p ; owl:someValuesFrom :c ]"
    graph = turtle(f":a owl:equivalentClass [ owl:intersectionOf ( :b {some} ) ] .")
    audit = graph.manifest["audit"]
    assert (audit["edge"], audit["structure"], audit["dropped"]) == (1, 7, 0)
