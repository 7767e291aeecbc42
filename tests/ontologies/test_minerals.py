"""The three files are what the table says, and say the same."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from kgpeft.graph import read

FOLDER = Path(__file__).parents[2] / "ontologies"
NAMES = ("minerals.ttl", "minerals.obo", "minerals.csv")


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_minerals", FOLDER / "write_minerals.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def graphs():
    return [read(FOLDER / name) for name in NAMES]


def test_files_are_what_the_script_writes(writer):
    written = writer.files(FOLDER)
    assert set(written) == set(NAMES)
    for name, text in written.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run ontologies/write_minerals.py"


def test_same_fingerprint_from_every_format(graphs):
    assert len({graph.fingerprint for graph in graphs}) == 1


def test_nothing_is_quarantined(graphs):
    assert [graph.manifest["quarantined"] for graph in graphs] == [[], [], []]


def test_only_the_ontology_header_is_dropped(graphs):
    assert set().union(*(graph.manifest["dropped"] for graph in graphs)) <= {"ontology header"}


def test_every_entity_has_a_label(graphs):
    assert graphs[0].manifest["counts"]["unlabelled"] == 0


def test_all_three_formats_say_the_same_terms_are_disjoint(graphs):
    def pairs(graph):
        groups = [axiom["terms"] for axiom in graph.axioms if axiom["axiom"] == "disjoint"]
        return {frozenset((one, other)) for group in groups for one in group for other in group if one != other}

    assert pairs(graphs[0]) == pairs(graphs[1]) == pairs(graphs[2]) != set()


def test_relations_are_declared_with_labels(graphs):
    assert set(graphs[0].relation_names) == {
        *("is a", "has crystal system", "has lustre", "has streak colour", "has colour", "is ore of"),
        *("commonly found with", "contains element", "type locality", "named after", "located in"),
        *("mohs hardness", "chemical formula", "specific gravity", "first described in"),
    }


def test_turtle_and_obo_hold_the_same_domains_and_ranges(graphs):
    def held(graph):
        return {(axiom["axiom"], *axiom["terms"]) for axiom in graph.axioms if axiom["axiom"] in ("domain", "range")}

    assert held(graphs[0]) == held(graphs[1])
    assert len(held(graphs[0])) == 27


@pytest.mark.parametrize(
    "text", ["galena", "Lead Glance", "MINERAL:0001102", "http://purl.obolibrary.org/obo/MINERAL_0001102"]
)
def test_a_mineral_is_found_by_name_synonym_and_identifier(graphs, text):
    assert [graphs[0].names[entity] for entity in graphs[0].find(text)] == ["galena"]
