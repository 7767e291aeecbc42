"""Statements about statements in RDF 1.2."""

import pyoxigraph as ox
import pytest

from kgpeft.graph.formats.quads import rows
from kgpeft.graph.vocabulary import RDF as NAMESPACE

HEAD = "@prefix : <http://example.org/> .\n"
RDF = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
STATEMENT = "{} a rdf:Statement ; rdf:subject :a ; rdf:predicate :b ; rdf:object :c"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (':a :b :c {| :why "x" |} .', f':a :b :c . {STATEMENT.format("[]")} ; :why "x" .'),
        ("<< :a :b :c >> :why :d .", f"{STATEMENT.format('[]')} ; :why :d ."),
        (":a :b :c ~ :r {| :why :d |} .", f":a :b :c . {STATEMENT.format(':r')} ; :why :d ."),
        (":z :says <<( :a :b :c )>> .", f":z :says _:x . {STATEMENT.format('_:x')} ."),
        (
            "<< :z :says <<( :a :b :c )>> >> :why :d .",
            f"[] a rdf:Statement ; rdf:subject :z ; rdf:predicate :says ; rdf:object _:x ; :why :d ."
            f" {STATEMENT.format('_:x')} .",
        ),
        ('<< :a :b "c <<( d" >> :why "> <<( e" .', "[] a rdf:Statement ; rdf:subject :a ; rdf:predicate :b ;"
         ' rdf:object "c <<( d" ; :why "> <<( e" .'),
    ],
)  # fmt: skip
def test_a_quoted_statement_is_a_reified_one(triples_of, text, plain):
    assert triples_of(HEAD + text) == triples_of(HEAD + RDF + plain)


def test_a_quoted_statement_is_no_fact_unless_it_is_asserted(graph_of, facts):
    graph = graph_of(f'{HEAD}:a :b :c {{| :why "x" |}} .\n<< :a :b :d >> :why "y" .\n')
    assert facts(graph) == {("a", "b", "c")}


def test_rows_of_a_quoted_statement_have_its_number():
    text = f"<a> <b> <c> . _:r <{NAMESPACE}reifies> <<( <a> <b> <c> )>> . <a> <b> <d> ."
    quads = ox.parse(text.replace(" . ", " .\n"), ox.RdfFormat.N_QUADS, lenient=True)
    assert rows(enumerate(quads, 1), 1).line.tolist() == [-1, -2, -2, -2, -2, -3]
