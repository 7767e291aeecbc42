"""Files that are no source say what they are and what to do; broken parts are set aside."""

import bz2
import gzip
import lzma
import tracemalloc

import pyarrow as pa
import pytest

from kgpeft.errors import GraphError, SourceError, UsageError
from kgpeft.graph import read

RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">'


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b"", "the file is empty", "download or export it again"),
        (b" \n\n", "the file is empty", "download or export it again"),
        (b"%PDF-1.7 ...", "a PDF document", "give the ontology"),
        (b"PK\x03\x04...", "broken ZIP archive", "again"),
        (b"abc\0def", "a binary file", "are read"),
        (b"\xff\xfea\0b", "not utf-16", "save it as UTF-8"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive", "unpack it"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "a web page", "raw link"),
        (b"<html lang='en'><head></head></html>", "a web page", "raw link"),
        (b"<?xml version='1.0'?><svg></svg>", "XML with the root <svg>", "are read"),
        (b"<?xml version='1.0'?>\n", "ends before its first element", "again"),
        (RDF.encode() + b"<e:a><e:b>", "the XML ends before </rdf:RDF>", "not complete"),
        (b'{"a": 1}', "JSON without any JSON-LD keyword", "are read"),
        (b'{"@id": "x", ', "broken JSON-LD", "is it complete"),
        (b"just some words\nand more of them\n", "no known format", "are read"),
        (
            b"@prefix e: <http://e.org/> .\nthis is not Turtle\n",
            "nothing in it could be read as Turtle: line 2",
            "check",
        ),
        (gzip.compress(b"a\tb\tc\n" * 999)[:40], "compressed data is damaged or ends early", "again"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_it_is_and_a_remedy(tmp_path, content, what, remedy):
    path = tmp_path / "thing.owl"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert what in message and remedy in message and "\n" not in message


def test_a_missing_file_a_folder_and_nothing_at_all(tmp_path):
    (tmp_path / "pizza.owl").write_text("x")
    with pytest.raises(SourceError, match=r"no such file; did you mean .*pizza\.owl"):
        read(tmp_path / "piza.owl")
    with pytest.raises(SourceError, match="no folder"):
        read(tmp_path / "nowhere" / "pizza.owl")
    with pytest.raises(SourceError, match="the folder holds no source that can be read; not read"):
        read(tmp_path)
    with pytest.raises(UsageError, match="no source"):
        read()


def test_a_file_without_entities_is_no_graph(turtle):
    with pytest.raises(GraphError, match="no entity and no edge"):
        turtle('<http://example.org> a owl:Ontology ; rdfs:label "empty" .')


@pytest.mark.parametrize(
    "bad",
    ["x:y :b :c .", ':a :b "open .', ":a :b <broken iri\n .", ':a :b "x"@en_US .', ":a :b .", ":a :b ;\n  :c . # why"],
)
def test_a_broken_turtle_statement_is_quarantined_and_the_rest_kept(turtle, facts, bad):
    graph = turtle(f":a :r :b .\n{bad}\n:c :r :d .\n:e :r :f .\n")
    assert {("a", "r", "b"), ("c", "r", "d"), ("e", "r", "f")} <= facts(graph)
    assert [broken["line"] for broken in graph.manifest["quarantined"]] in ([11], [12])


def test_a_broken_line_of_n_triples_costs_that_line_only(graph_of, facts):
    graph = graph_of(
        "<http://e/a> <http://e/r> <http://e/b> .\n<http://e/c> oops .\n<http://e/d> <http://e/r> <http://e/e> .\n"
    )
    assert facts(graph) == {("a", "r", "b"), ("d", "r", "e")}
    assert [bad["line"] for bad in graph.manifest["quarantined"]] == [2]


@pytest.mark.parametrize(
    ("doctype", "what"),
    [
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "external entity"),
        ('<!DOCTYPE r SYSTEM "http://e.org/x.dtd">', "external entity"),
        ('<!DOCTYPE r [<!ENTITY % x "y"> %x;]>', "external entity"),
        (f'<!DOCTYPE r [<!ENTITY a "{"a" * 99}"><!ENTITY b "{"&a;" * 99}">]>', "expand to more than"),
    ],
)
def test_dangerous_xml_is_refused_before_it_is_parsed(graph_of, doctype, what):
    with pytest.raises(SourceError, match=what):
        graph_of(f'<?xml version="1.0"?>{doctype}{RDF}<e:a rdf:about="http://e.org/1"/></rdf:RDF>')


def test_xml_in_a_declared_one_byte_charset_is_read(tmp_path, facts):
    body = f'<e:a rdf:about="http://e.org/1"><e:r>café</e:r><e:r>{"é" * 99_999}</e:r></e:a></rdf:RDF>'
    (tmp_path / "a.owl").write_bytes(f'<?xml version="1.0" encoding="ISO-8859-1"?>{RDF}{body}'.encode("latin-1"))
    assert {("1", "r", "café"), ("1", "r", "é" * 99_999)} < facts(read(tmp_path / "a.owl"))


def test_flat_entities_in_either_quotes_are_read(graph_of, facts):
    doctype = "<!DOCTYPE rdf:RDF [<!ENTITY e 'http://e.org/'><!-- ] --><!ENTITY f \"http://e.org/\">]>"
    graph = graph_of(
        f'<?xml version="1.0"?>{doctype}{RDF}<e:a rdf:about="&e;1"><e:r rdf:resource="&f;2"/></e:a></rdf:RDF>'
    )
    assert ("1", "r", "2") in facts(graph)


def test_remote_json_ld_contexts_are_never_fetched(graph_of):
    with pytest.raises(SourceError, match="write the context into the file"):
        graph_of('{"@context": "https://example.org/c", "@id": "http://e.org/a", "name": "a"}')


def test_the_schema_org_context_is_known(graph_of, facts):
    graph = graph_of('{"@context": "https://schema.org", "@type": "Person", "name": "Ada", "birthYear": 1815}')
    assert facts(graph) == {("Ada", "instance of", "Person"), ("Ada", "birth year", "1815")}


@pytest.mark.parametrize("text", ["<s> <p> <o> .", "@prefix : <#> .\n:s :p :o .", "<#s> <ex:p> <#o> ."])
def test_relative_iris_are_resolved_against_the_file(graph_of, facts, text):
    assert facts(graph_of(text)) == {("s", "p", "o")}


def test_obo_in_latin_1_is_read_and_noted(tmp_path):
    (tmp_path / "a.obo").write_bytes("format-version: 1.2\n\n[Term]\nid: X:1\nname: café\n".encode("latin-1"))
    graph = read(tmp_path / "a.obo")
    assert graph.names == ["café"] and "Latin-1" in graph.manifest["notes"][0]


def test_sources_are_recorded_with_their_sha256(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("a\tr\tb\n")
    (source,) = read(path).manifest["sources"]
    assert source["path"] == str(path) and source["format"] == "table" and source["bytes"] == 6
    assert len(source["sha256"]) == 64


@pytest.mark.parametrize("codec", ["gzip", "bz2", "xz", "zstd"])
def test_a_damaged_file_leaves_no_memory_behind(tmp_path, codec):
    packers = {"gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
    packers["zstd"] = lambda data: pa.compress(data, codec="zstd", asbytes=True)
    (tmp_path / "a.nt").write_bytes(packers[codec](b"<a:a> <a:p> <a:b> .\n" * 9)[:-5])
    tracemalloc.start()
    for turn in range(30):
        with pytest.raises(SourceError, match="damaged or ends early"):
            read(tmp_path / "a.nt")
        if turn == 9:
            before, _ = tracemalloc.get_traced_memory()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 20 * 10_000  # bytes; a buffer is 65,536
