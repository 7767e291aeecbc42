"""SHACL: results name who breaks what; shapes reach nowhere."""

import pytest

from kgpeft.errors import DataError
from kgpeft.graph import ReadSettings
from kgpeft.graph.read import read_statements
from kgpeft.graph.validate import to_rdf, validate

pytest.importorskip("pyshacl", reason="pyshacl is not installed: pip install 'kgpeft[shacl]'")

PREFIX = (
    "@prefix : <http://e.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: "
    "<http://www.w3.org/2001/XMLSchema#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)
SHAPE = ":S a sh:NodeShape ; sh:targetClass :P ; "
SHAPES = f"{SHAPE} sh:property [ sh:path :age ; sh:datatype xsd:integer ; sh:minCount 1 ] ."
DATA = ":Q rdfs:subClassOf :P . :a a :P ; :age 3 . :b a :Q ; :age 'x' . :c a :P ."


@pytest.fixture
def rdf(tmp_path):
    def build(text, name="x.ttl"):
        (tmp_path / name).write_text(PREFIX + text)
        return to_rdf(read_statements(tmp_path / name, settings=ReadSettings()))

    return build


@pytest.fixture
def checked(rdf):
    return lambda data, shapes: validate(rdf(data), rdf(shapes, "shapes.ttl"))


def test_every_breach_has_focus_path_value_and_reason(checked):
    made = checked(DATA, SHAPES)
    assert (made["conforms"], made["violation"], made["triples"], made["shapes"]) == (False, 2, 6, 1)
    assert [(r["focus"], r["path"], r["value"], r["constraint"]) for r in made["results"]] == [
        ("http://e.org/b", "http://e.org/age", "x", "DatatypeConstraintComponent"),
        ("http://e.org/c", "http://e.org/age", "", "MinCountConstraintComponent"),
    ]


def test_data_without_a_breach_conforms(checked):
    made = checked(":a a :P ; :age 3 .", SHAPES)
    assert made["conforms"] and made["results"] == []


def test_a_warning_is_counted_as_one(checked):
    made = checked(":a a :P .", f"{SHAPE} sh:property [ sh:path :r ; sh:minCount 1 ; sh:severity sh:Warning ] .")
    assert (made["violation"], made["warning"], made["info"]) == (0, 1, 0)


@pytest.mark.parametrize("shapes", [":a :r :b .", f"{SHAPE} sh:property [ sh:minCount 1 ] ."])
def test_what_is_no_usable_shape_is_refused(checked, shapes):
    with pytest.raises(DataError):
        checked(DATA, shapes)


@pytest.mark.parametrize("query", [
    "SELECT $this { SERVICE <http://127.0.0.1:9/> {} }", "SELECT $this from<http://127.0.0.1:9/> { ?s ?p ?o }",
])
def test_queries_that_reach_out_are_refused(checked, query):
    with pytest.raises(DataError, match="reach out"):
        checked(DATA, f'{SHAPE} sh:sparql [ sh:select """{query}""" ] .')


def test_words_that_only_look_like_reaching_out_are_not(checked):
    query = "# SERVICE\\nSELECT $this { $this a <http://e.org/service> ; ?from 'FROM' }"
    shape = f'{SHAPE} sh:sparql [ sh:message "m" ; sh:select """{query}""" ] .'
    assert checked(DATA, shape)["conforms"]


def test_every_triple_of_any_format_is_checked(tmp_path):
    (tmp_path / "a.obo").write_text("format-version: 1.2\n\n[Term]\nid: A:1\nname: a\nis_a: A:2\n")
    (tmp_path / "b.tsv").write_text("anna\tknows\tbert\nbert\tage\t3\n")
    assert len(to_rdf(read_statements(tmp_path / "a.obo", tmp_path / "b.tsv", settings=ReadSettings()))) >= 5


def test_a_check_that_takes_too_long_is_stopped(rdf):
    shapes = f'{SHAPE} sh:property [ sh:path :age ; sh:pattern "(a+)+$" ] .'
    with pytest.raises(DataError, match=r"was stopped after 3 s; give it more time with --seconds"):
        validate(rdf(f":a a :P ; :age '{'a' * 60}b' ."), rdf(shapes, "shapes.ttl"), 3)
