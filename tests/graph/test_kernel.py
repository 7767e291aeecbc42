"""Statements become numbers, block by block."""

from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
import pyoxigraph as ox
import pytest

from kgpeft.graph import spool
from kgpeft.graph.columns import DROPPED, EDGE, Columns
from kgpeft.graph.formats import rdf
from kgpeft.graph.formats.quads import block, is_plain
from kgpeft.graph.formats.rdf import lines, read_rdf
from kgpeft.graph.read import read_statements
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.sources.sniff import sniff
from kgpeft.graph.statements import Statements, literal
from kgpeft.graph.terms import Terms, merge

QUADS = r"""
<http://e/a> <http://e/p> <http://e/b> .
<http://e/a> <http://e/p> <http://e/b> <http://e/graph> .
<http://e/a> <http://e/p> _:x <http://e/graph> .
_:x <http://e/p> "plain text" .
_:x <http://e/p> "in a graph" <http://e/graph> .
_:x <http://e/p> "in a blank graph" _:g .
<http://e/a> <http://e/p> "ends like <a> graph <http://e/x>" .
<http://e/a> <http://e/p> "\"quoted\"\n\\ and \u00e9\U0001F600 <" .
<http://e/a> <http://e/p> "chat"@FR-be .
<http://e/a> <http://e/p> "1 2"^^<http://www.w3.org/2001/XMLSchema#integer> <http://e/graph> .
<http://e/a> <http://e/p> "^^<not a type>" .
<http://e/a> <http://e/p> "" .
<http://e/a> <http://e/p> "C:\\" .
<http://e/a> <http://e/p> "\\\"\\\\"@en .
<http://e/ä> <http://e/p> <http://e/c d> .
"""
ODD = "<http://e/ä b> <http://e/p q> <http://e/c d> .\n"


def triples(statements: Statements) -> list[tuple[str, str, str]]:
    c = Columns(statements)
    return [(c.terms[s], c.terms[p], c.terms[o]) for s, p, o in zip(c.s, c.p, c.o, strict=True)]


def read_into(path) -> Statements:
    statements = Statements()
    statements.begin({"path": str(path)})
    read_rdf(sniff(path), statements)
    return statements


def key(node) -> str:
    if isinstance(node, ox.Literal):
        return literal(node.value, node.datatype.value, node.language or "")
    return f"_:1:{node.value}" if isinstance(node, ox.BlankNode) else node.value


@pytest.mark.parametrize("odd", ["", ODD])
def test_a_block_holds_what_the_parser_read(tmp_path, odd):
    path = tmp_path / "a.nq"
    path.write_text(QUADS + odd, encoding="utf-8")
    assert (rdf._by_text(sniff(path), Statements(sources=[{}])) is None) is bool(odd)
    quads = ox.parse(QUADS + odd, ox.RdfFormat.N_QUADS, lenient=True)
    assert triples(read_into(path)) == [(key(q.subject), key(q.predicate), key(q.object)) for q in quads]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_size_of_a_block_changes_nothing(tmp_path, monkeypatch, size):
    path = tmp_path / "a.nq"
    path.write_text(QUADS, encoding="utf-8")
    whole = triples(read_into(path))
    monkeypatch.setattr(rdf, "BLOCK", size)
    assert triples(read_into(path)) == whole


def test_a_block_has_no_term_that_no_triple_has(tmp_path):
    path = tmp_path / "a.nq"
    path.write_text('<http://s> <http://p> "o" <http://g> .\n<http://s> <http://p> _:b .\n')
    (found,) = read_into(path).blocks
    assert sorted(found.terms.to_pylist()) == [
        '"o^^http://www.w3.org/2001/XMLSchema#string', "_:1:b", "http://p", "http://s"
    ]  # fmt: skip


IRIS = [
    "a",
    "a b",
    'a"b',
    "a> <b",
    "a>\n<b",
    'a> <p> "x',
    "a> <b> <c> .\n<d",
    "a> _:b",
    "a\\u0020",
    "a> <b> <c> <d",
    "_:a",
    '"a"',
]


@pytest.mark.parametrize("place", range(4))
def test_whatever_an_iri_holds_a_statement_stays_what_it_is(tmp_path, place):
    lines = []
    for iri in IRIS:
        odd = "<" + "".join(f"\\u{ord(letter):04X}" for letter in iri) + ">"
        for node in ("<o>", '"x\\" <y> ."', f'"x"^^{odd}'):
            parts = ["<s>", "<p>", node, "<g>"]
            parts[place] = odd
            lines.append(" ".join(parts[: 3 if place < 3 else 4]) + " .\n")
    path = tmp_path / "a.nq"
    path.write_text("".join(lines))
    for form in ("N-Quads", "N-Triples"):  # one that may name graphs, one that does not
        statements = Statements()
        statements.begin({"path": "a"})
        read_rdf(replace(sniff(path), format=form), statements)
        columns = Columns(statements)
        order = np.argsort(-columns.line)
        quads = [*ox.parse("".join(lines), ox.RdfFormat.N_QUADS, lenient=True)]
        assert columns.line[order].tolist() == [-at for at in range(1, len(lines) + 1)]
        found, wanted = triples(statements), [(key(q.subject), key(q.predicate), key(q.object)) for q in quads]
        assert [found[at] for at in order] == wanted


def test_a_quoted_triple_is_one_node(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text('@prefix : <http://e/> . :a :p :b {| :source "x y" |} .')
    assert {p.rpartition("#")[2] for _, p, _ in triples(read_into(path))} >= {"subject", "predicate", "object"}


def test_a_statement_of_rdf_is_found_in_its_line(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text("@prefix : <http://e/> .\n\n:a :p :b ;\n   :p :c .\n# no\n:a\n  :p\n    :d .\n")
    assert Columns(read_into(path)).line.tolist() == [-1, -2, -3]
    assert lines(sniff(path), [1, 2, 3]) == {1: 3, 2: 4, 3: 8}


def test_terms_are_sorted_by_code_point_and_found_by_prefix():
    texts = ["b", "a", "http://x/é", "http://x/", "http://y", "_:1", '"z', "\U0001f600", "\uffff", "a"]
    terms, (place,) = merge([pa.array(texts, pa.large_string())])
    assert list(terms) == sorted(set(texts)) and [terms[at] for at in place] == texts
    assert terms[terms.prefix("http://x/")] == ["http://x/", "http://x/é"]
    assert terms.find("b") == list(terms).index("b") and terms.find("c") == -1
    terms[0] = "other"
    assert terms[0] == "other" and terms.take([1, 0])[1] == "other"


def test_no_terms_are_terms_too():
    terms, _ = merge([])
    assert len(terms) == 0 and terms.find("a") == -1 and isinstance(terms, Terms)


def test_a_row_has_one_fate_the_last_that_was_said(tmp_path):
    statements = Statements()
    statements.begin({"path": "a"})
    for node in "abc":
        statements.add("s", "p", node)
    columns = Columns(statements)
    columns.take(np.array([0, 1]), EDGE)
    columns.drop("union", np.array([1]))
    assert columns.audit(0) == {"untaken": {"": 1}, "edge": {"": 1}, "dropped": {"union": 1}}
    assert columns.fate[1] == DROPPED


def test_text_that_is_no_unicode_is_kept_as_far_as_it_is():
    statements = Statements()
    statements.begin({"path": "a"})
    statements.add("s", "p", literal("a\ud800"))
    assert triples(statements)[0][2].startswith('"a?')


@pytest.mark.parametrize("size", [1, 30, 1 << 20])
def test_what_is_kept_on_disk_is_the_same_byte_for_byte(tmp_path, monkeypatch, size):
    (tmp_path / "a.nq").write_text(QUADS, encoding="utf-8")
    (tmp_path / "b.tsv").write_text("http://e/a\tlikes\tmilk\nhttp://e/c\tlikes\tmilk\n" * 9, encoding="utf-8")
    places = tmp_path / "a.nq", tmp_path / "b.tsv"
    monkeypatch.setattr(rdf, "BLOCK", 3)
    monkeypatch.setattr(spool, "RANGE", size)
    monkeypatch.setattr(spool, "_SAMPLE", 2)
    disk, memory = (Columns(read_statements(*places, settings=ReadSettings(on_disk=kept))) for kept in (True, False))
    assert list(disk.terms) == list(memory.terms)
    for name in ("s", "p", "o", "line", "starts", "kinds"):
        assert getattr(disk, name).tobytes() == getattr(memory, name).tobytes(), name
        assert getattr(disk, name).dtype == getattr(memory, name).dtype, name


PARTS = [
    "<http://e/a>",
    "<urn:b>",
    "_:x",
    '"a b"',
    '"\\"q\\u00e9\\n"',
    '"1"^^<http://e/t>',
    '"ja"@de-AT',
    '"é"',
    "<a b>",
    "_:x.y",
]


def test_what_needs_no_parser_is_what_the_parser_reads():
    every = product(PARTS, PARTS, PARTS, [".\n", ".\r\n", "<http://g> .\n"])
    plain = [line for line in map(" ".join, every) if is_plain(line.encode())]
    text = "".join(plain)
    found = block(text.encode(), len(plain), 1, 0)
    terms = found.terms.to_pylist()
    quads = ox.parse(text, ox.RdfFormat.N_TRIPLES)  # all of it is valid
    assert [tuple(terms[at] for at in row) for row in zip(found.s, found.p, found.o, strict=True)] == [
        (key(quad.subject), key(quad.predicate), key(quad.object)) for quad in quads
    ]
    assert len(plain) == 3 * 2 * 8  # of subjects, predicates and objects


@pytest.mark.parametrize(
    "odd", ["# a comment\n", "<http://e/a> <http://e/p> .\n", "\n", "<http://e/é> <http://e/p> _:ö .\n"]
)
def test_a_line_that_needs_the_parser_changes_no_other(tmp_path, monkeypatch, odd):
    path, plain = tmp_path / "a.nt", "<http://e/a> <http://e/p> <http://e/b> .\n"
    path.write_text(f"{plain}{odd}{plain}<http://e/a> <http://e/p>\n{plain}", encoding="utf-8")
    monkeypatch.setattr(rdf, "PIECE", len(plain))
    found = read_into(path)
    last = Columns(found).line.min()
    assert lines(sniff(path), [-last])[-last] == 5
    assert found.quarantined[-1]["line"] == 4
