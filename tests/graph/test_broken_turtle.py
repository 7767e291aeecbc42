"""A broken statement of Turtle costs itself alone, wherever it stands, and is named by its line."""

import random

import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import read

BROKEN = (":s x:p :o .", ':s :p "a . b"@en_US .', ":s :p ; .", r':s :p <a\db> , "x . y" .', ":s :p {{}} .", ".", "% . ")
RIGHT = (":s{} :p :o{} .", ":s{} :p :o{}.", '<http://e.org/s{}> :p :o{} ; :q "x . y" .', ":s{} :p 1.5, :o{} .")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", " ", " # x . y\n"])
@pytest.mark.parametrize("size", [40, 3000])
def test_every_statement_that_is_not_broken_is_read(tmp_path, end, size):
    rng = random.Random(size)
    broken = {number for number in range(size) if rng.random() < 0.1}
    lines = [rng.choice(BROKEN if n in broken else RIGHT).format(n, n) for n in range(size)]
    (tmp_path / "a.ttl").write_bytes(end.join(["@prefix : <http://e.org/> .", *lines, ""]).encode())
    graph = read(tmp_path / "a.ttl")
    read_of = {graph.names[s] for s, p, o in graph.edges.tolist() if graph.names[o].startswith("o")}
    assert read_of >= {f"s{number}" for number in range(size) if number not in broken}
    found = {part["line"] for part in graph.manifest["quarantined"]}
    assert found == ({number + 2 for number in broken} if end != " " else {1})


def test_a_missing_dot_costs_nothing(turtle, facts):
    graph = turtle(":a :r :b\n:c :r :d .\n")
    assert facts(graph) == {("a", "r", "b"), ("c", "r", "d")} and graph.manifest["quarantined"][0]["line"] == 11


def test_both_sides_of_an_unresolved_merge_are_read_and_it_is_said(turtle, facts):
    graph = turtle("<<<<<<< HEAD\n:a :r :b .\n=======\n:a :r :c .\n>>>>>>> other\n:d :r :e .")
    assert facts(graph) == {("a", "r", "b"), ("a", "r", "c"), ("d", "r", "e")}
    assert any("line 10 is the mark of an unresolved merge" in note for note in graph.manifest["notes"])


def test_a_broken_file_with_the_mark_of_a_merge_says_so(graph_of):
    with pytest.raises(SourceError, match="line 2 is the mark of an unresolved merge"):
        graph_of('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<<<<<<< HEAD\n</rdf:RDF>')


def test_too_many_broken_statements_after_many_prefixes_end_the_file(tmp_path):
    prefixes = "".join(f"@prefix p{number}: <http://e.org/{number}> .\n" for number in range(20_000))
    (tmp_path / "a.ttl").write_text(prefixes + "p1:a p1:b p1:c .\n" + "x\n.\n" * 5000)
    last = read(tmp_path / "a.ttl").manifest["quarantined"][-1]
    assert "all that follows: too many statements" in last["reason"] and last["line"] > 20_000


@pytest.mark.parametrize("odd", ["\n", " ", '"', "<", "{", "\u3000", "\\\\"])
def test_a_prefix_that_no_iri_begins_with_is_said_again_as_it_was(turtle, odd):
    graph = turtle(f"@prefix q: <http://q.org/a{odd}b> .\n:a :r :b .\n!! .\n!! .\n:c :r :d .")
    assert len(graph.edges) == 2
    assert [part["reason"][:8] for part in graph.manifest["quarantined"]][-2:] == ["! is not", "! is not"]


def test_a_quote_that_does_not_end_costs_one_line_of_n_triples(tmp_path):
    ends = {7: "", 50: "", 51: "", 4000: ""}
    lines = [f'<http://e.org/s{n}> <http://e.org/p> "o{n}{ends.get(n, chr(34))} .' for n in range(5000)]
    (tmp_path / "a.nt").write_text("\n".join(lines))
    graph = read(tmp_path / "a.nt")
    assert len(graph.edges) == 4996
    assert [part["line"] for part in graph.manifest["quarantined"]] == [8, 51, 52, 4001]
