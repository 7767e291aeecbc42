"""Sources of many places: folders, archives, standard input; what is beside them is noted."""

import gzip
import io
import sys
import zipfile

import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import read
from kgpeft.graph.sources.sniff import sniff
from kgpeft.graph.sources.walk import walk

NT = "<http://e.org/{}> <http://e.org/p> <http://e.org/o> .\n"


def test_a_folder_is_all_its_readable_files_sorted_and_the_rest_is_noted(tmp_path):
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "z.nt").write_text(NT.format("z"))
    (tmp_path / "b" / "c" / "a.nt.gz").write_bytes(gzip.compress(NT.format("a").encode()))
    (tmp_path / "README").write_text("read me")
    (tmp_path / "people.csv").write_text("name,age,city,born\nAda,36,London,1815\n")
    (tmp_path / "names.tsv").write_text("".join(f"s{n}\tp{n}\to{n}\n" for n in range(99)))
    (tmp_path / ".hidden.nt").write_text(NT.format("hidden"))
    graph = read(tmp_path)
    assert [source["path"] for source in graph.manifest["sources"]][:1] == [str(tmp_path / "b" / "c" / "a.nt.gz")]
    assert set(graph.names) == {"a", "z", "o"} and graph.manifest["counts"]["triples"] == 2
    assert any("README: the text is in no known format" in note for note in graph.manifest["notes"])


def test_members_of_an_archive_are_sources_with_their_own_sum(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/b.nt", NT.format("b"))
        archive.writestr("a.nt", NT.format("a"))
        archive.writestr("notes.md", "words")
    (tmp_path / "b.nt").write_text(NT.format("b"))
    first, second = read(tmp_path / "a.zip").manifest["sources"]
    assert (first["path"], second["path"]) == (f"{tmp_path}/a.zip!a.nt", f"{tmp_path}/a.zip!x/b.nt")
    assert second["sha256"] == sniff(tmp_path / "b.nt").about["sha256"]


def test_standard_input_is_a_source_in_any_compression(monkeypatch, facts):
    data = gzip.compress(NT.format("s").encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    graph = read("-")
    assert facts(graph) == {("s", "p", "o")} and graph.manifest["sources"][0]["path"] == "standard input"


def test_several_places_make_one_graph(tmp_path, facts):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.nt").write_text(NT.format(name))
    assert facts(read(tmp_path / "a", tmp_path / "b" / "x.nt")) == {("a", "p", "o"), ("b", "p", "o")}


def test_a_broken_ontology_in_a_folder_is_an_error_not_a_note(tmp_path):
    (tmp_path / "a.nt").write_text(NT.format("a"))
    (tmp_path / "b.owl").write_text('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>')
    with pytest.raises(SourceError, match=r"b\.owl: .*ends before </rdf:RDF>"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("@prefix e: <http://e.org/> .\ne:s e:p e:o .", "Turtle"),
        ("# comment\nPREFIX e: <http://e.org/>\ne:s e:p e:o .", "Turtle"),
        ("<s> <p> <o> .", "Turtle"),
        ("@prefix e: <http://e.org/> .\ne:g { e:s e:p e:o }", "TriG"),
        (NT, "N-Triples"),
        ("<a:s> <a:p> \"x\"@en <a:g> .", "N-Quads"),
        ("_:a <a:p> _:b .\n_:a <a:p> <<( <a:s> <a:p> <a:o> )>> .", "N-Triples"),
        ('<?xml version="1.0"?><rdf:RDF xmlns:rdf="x"/>', "RDF/XML"),
        ('<Ontology xmlns="http://www.w3.org/2002/07/owl#"/>', "OWL/XML"),
        ('<graphml xmlns="http://graphml.graphdrawing.org/xmlns"/>', "GraphML"),
        ('{"@context": {}, "@graph": []}', "JSON-LD"),
        ('{"graphs": [{"nodes": []}]}', "OBO Graphs"),
        ("format-version: 1.2\n", "OBO"),
        ("[Term]\nid: X:1\n", "OBO"),
        ("Prefix(:=<http://e.org/>)\nOntology(<http://e.org/>)", "OWL functional"),
        ("Prefix: e: <http://e.org/>\nOntology: <http://e.org/>", "Manchester"),
        ("a,b,c\n1,2,3\n", "table"),
        ("# a comment\nsubject_id\tpredicate_id\tobject_id\n", "table"),
        ("PAR1....", "Parquet"),
    ],
)
def test_a_format_is_told_by_content(tmp_path, text, form):
    (tmp_path / "source.owl").write_text(text)
    assert sniff(tmp_path / "source.owl").format == form
    (tmp_path / "source.owl").write_bytes(gzip.compress(text.encode("utf-16")) if form != "Parquet" else text.encode())
    assert [opened.format for opened in walk(tmp_path / "source.owl", [])] == [form]
