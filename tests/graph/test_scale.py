"""More than memory holds: by way of the disk, and some rows at a time, a graph is the same byte for byte."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgpeft.graph import (
    KnowledgeGraph,
    ReadSettings,
    columns,
    edges,
    facts,
    nodes,
    read,
    spool,
    statements,
    terms,
    texts,
)
from kgpeft.graph.formats import rdf
from kgpeft.graph.literals import split_literals, tidied
from kgpeft.graph.names import entity_name, made_up
from kgpeft.graph.read import read_statements
from kgpeft.graph.spool import Rows, Spool, Strings
from kgpeft.graph.terms import Terms, ranked, strings, truths
from kgpeft.graph.texts import Label, Labels

EVERYTHING = """
:Cow a owl:Class ; rdfs:label "cow", "vache"@fr, "Cow"@en ; skos:altLabel " spaced   out " ; rdfs:comment "" ;
    rdfs:subClassOf :Animal, [ a owl:Restriction ; owl:onProperty :eats ; owl:someValuesFrom :Grass ] ;
    owl:equivalentClass [ owl:intersectionOf ( :Animal [ owl:onProperty :has ; owl:someValuesFrom :Hoof ] ) ] .
:Animal a owl:Class ; rdfs:subClassOf [ owl:unionOf ( :Wild :Tame ) ] ; owl:disjointWith :Plant .
:bella a :Cow ; :weight [ q:numericValue 512 ; q:unit :KiloGM ] ;
    :says "moo"@en, "meuh"@fr, "plain" ; :knows :rosa, :bella, [ rdfs:label "the stable" ], [ :in :norway ] .
:rosa a :Cow ; :says "mø"@no ; :name_of_it "Rosa"^^xsd:token ; :Old_NAMEOf :HTTPServer, :snake_case_1, :x-y .
:MushroomTopping rdfs:label "Mushroom" . :Mushroom rdfs:label "mushroom" . :Gone owl:deprecated true ; :knows :rosa .
[] a owl:AllDifferent ; owl:distinctMembers ( :bella :rosa ) .
[] a owl:Axiom ; owl:annotatedSource :Cow ; owl:annotatedProperty rdfs:label ; owl:annotatedTarget "cow" ; :by "me" .
"""
PROJECTIONS = ("obographs", "taxonomy", "owl2vec", "raw")


def saved(graph: KnowledgeGraph, folder: Path) -> dict[str, bytes]:
    graph.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def source(tmp_path, prefixes) -> Path:
    path = tmp_path / "a.ttl"
    path.write_text(prefixes + "@prefix q: <http://qudt.org/schema/qudt/> .\n" + EVERYTHING, encoding="utf-8")
    return path


@pytest.mark.parametrize("projection", PROJECTIONS)
@pytest.mark.parametrize("on_disk", [False, True])
def test_how_many_rows_are_looked_at_at_a_time_changes_no_byte(tmp_path, monkeypatch, source, projection, on_disk):
    whole = saved(read(source, settings=ReadSettings(projection=projection)), tmp_path / "whole")
    for module, name, size in (
        (columns, "CHUNK", 7), (facts, "CHUNK", 3), (facts, "PIECE", 2), (spool, "CHUNK", 5), (spool, "RANGE", 99),
        (spool, "PIECE", 3), (edges, "BUCKET", 2), (nodes, "PIECE", 4), (terms, "PIECE", 3), (texts, "PIECE", 2),
        (rdf, "BLOCK", 11),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, size)
    how = ReadSettings(projection=projection, on_disk=on_disk)
    assert saved(read(source, settings=how), tmp_path / "parts") == whole


def test_what_is_large_for_the_memory_goes_to_disk_unasked_and_is_the_same(tmp_path, monkeypatch, source):
    whole = saved(read(source, settings=ReadSettings(on_disk=False)), tmp_path / "whole")
    monkeypatch.setattr(rdf, "BLOCK", 11)
    monkeypatch.setattr(statements, "too_large", lambda size: size > 3000)
    monkeypatch.setattr(statements, "STORED", 1000)
    found = read_statements(source)
    assert found.spool and sum(isinstance(block, spool.Stored) for block in found.blocks) > 3
    assert saved(read(source), tmp_path / "unasked") == whole


def test_a_limit_of_the_process_counts_as_memory():
    code = """
import resource
from kgpeft.graph.memory import SMALL, free, too_large
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
assert 0 < free() < 3 << 30 and too_large(max(free() // 4, SMALL + 1)) and not too_large(SMALL)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_graph_outlives_the_folder_it_was_made_in(tmp_path, source):
    graph = read(source, settings=ReadSettings(on_disk=True))
    assert graph.find("cow") and saved(graph, tmp_path / "g")
    assert KnowledgeGraph.load(tmp_path / "g").fingerprint == graph.fingerprint


def test_no_pandas_is_loaded_to_read_save_and_load(tmp_path, source):
    code = f"""
import sys
from pathlib import Path
from kgpeft.graph import KnowledgeGraph, read
read({str(source)!r}).save(Path({str(tmp_path / "g")!r}))
KnowledgeGraph.load(Path({str(tmp_path / "g")!r})).find("cow")
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("on_disk", [False, True])
def test_what_grows_part_by_part_is_the_sum_of_its_parts(on_disk):
    place = Spool() if on_disk else None
    rows, words = Rows(place, np.int32, 2), Strings(place)
    for part in ([[1, 2]], [], [[3, 4], [5, 6]]):
        rows.add(np.asarray(part, np.int32).reshape(-1, 2))
        words.add(strings([f"é{number}" for number, _ in part]))
    assert np.concatenate([*rows]).tolist() == rows.whole().tolist() == [[1, 2], [3, 4], [5, 6]]
    assert words.some(1, 9).to_pylist() == words.whole().to_pylist()[1:] == ["é3", "é5"]


SLOWLY = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = st.text(st.sampled_from("aA1 b^@\"\n\u00a0é_#/:"), max_size=8)


@SLOWLY
@given(st.lists(st.tuples(TEXT, st.sampled_from(["http://t", "@en", "@"]))))
def test_many_literals_are_split_as_one_is(pairs):
    keys = [f'"{value}^^{tail}' for value, tail in pairs]
    found = split_literals(strings(keys))
    for at, key in enumerate(keys):
        value, _, tail = key[1:].rpartition("^^")
        assert (found.value[at].as_py(), found.tails[found.tail[at]]) == (value, tail)
    assert tidied(found.value).to_pylist() == [" ".join(value.split()) for value in found.value.to_pylist()]


@SLOWLY
@given(st.lists(st.one_of(TEXT, TEXT.map("http://e/".__add__), TEXT.map("http://purl.obolibrary.org/obo/".__add__))))
def test_many_names_are_made_as_one_is(found):
    assert made_up(strings(found)).to_pylist() == [entity_name(term) for term in found]


@SLOWLY
@given(st.lists(TEXT))
def test_strings_survive_arrow_and_are_ranked_by_code_point(words):
    unique, place = ranked(strings(words))
    assert unique.to_pylist() == sorted(set(words)) and [unique.to_pylist()[at] for at in place] == words
    assert Terms(strings(words)) == words and truths(strings(words).is_valid()).all()


ROLES, LANGUAGES = st.sampled_from(["exact", "label"]), st.sampled_from(["", "en", "de"])


@SLOWLY
@given(st.sets(st.tuples(st.integers(0, 3), ROLES, TEXT, LANGUAGES)))
def test_labels_in_columns_are_the_list_they_look_like(rows):
    labels = sorted(Label(*row) for row in rows)
    found = Labels.of(labels)
    assert found == labels and found[1:3] == labels[1:3] and [*found] == labels
    for entity in range(4):
        start, stop = found.span(entity)
        assert found[start:stop] == [label for label in labels if label.entity == entity]
