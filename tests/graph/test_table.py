"""Edge lists."""

import pytest

from kgpeft.errors import SourceError


@pytest.mark.parametrize("mark", ["\t", ",", ";", "|"])
def test_three_columns_need_no_header(graph_of, facts, mark):
    graph = graph_of(f"the_sea{mark}part_of{mark}the world\na{mark}part_of{mark}the_sea\n")
    assert facts(graph) == {("the sea", "part of", "the world"), ("a", "part of", "the sea")}
    assert graph.terms == ["a", "the world", "the_sea"]


def test_columns_are_found_by_their_header(graph_of, facts):
    text = "id,Object,lang,Relation,Subject,datatype\n1,3,,weight,a,xsd:integer\n2,rouge,fr,label,b,\n3,b,,next to,a,\n"
    assert facts(graph_of(text)) == {("a", "weight", "3"), ("a", "next to", "rouge")}


def test_known_relations_mean_what_they_mean_in_rdf(graph_of, facts):
    rows = "x\tlabel\tan X\nx\tskos:altLabel\tex\nx\tIAO_0000115\tA letter.\nx\trdf:type\ty\ny\tis_a\tz\n"
    graph = graph_of(rows)
    assert facts(graph) == {("an X", "instance of", "y"), ("y", "is a", "z")}
    assert graph.aliases(0) == ["an X", "ex"]
    assert graph.definition(0) == "A letter."


def test_quotes_commas_and_line_breaks_in_csv_cells_are_text(graph_of, facts):
    graph = graph_of('subject,predicate,object\n"a, b","says","""hi"""\nc,label,"two\nlines"\n')
    assert facts(graph) == {("a, b", "says", 'hi"')} or facts(graph) == {("a, b", "says", '"hi"')}
    assert graph.names[graph.find("c")[0]] == "two lines"


def test_rows_that_are_no_edge_are_quarantined_with_line_and_reason(graph_of):
    graph = graph_of("s\tr\to\na\tr\tb\na\tr\n\t\tb\na\tr\tb\tc\nc\tr\td\n")
    assert [(bad["line"], bad["reason"]) for bad in graph.manifest["quarantined"]] == [
        (3, "2 cells instead of 3"),
        (4, "no subject and no predicate"),
        (5, "4 cells instead of 3"),
    ]
    assert len(graph.edges) == 2


def test_a_table_of_records_is_refused(graph_of):
    with pytest.raises(SourceError, match=r"4 columns without a header.*give it the columns subject"):
        graph_of("id,name,colour,size\n1,a,red,3\n")
    with pytest.raises(SourceError, match="no edge list: 60 different relations in 60 rows"):
        graph_of("".join(f"X:{at}\tname {at}\tparent\n" for at in range(60)))
