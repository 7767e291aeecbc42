"""Edge lists."""

import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import read
from kgpeft.graph.settings import ReadSettings


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
        graph_of("code,title,colour,size\n1,a,red,3\n")
    with pytest.raises(SourceError, match="no edge list: 60 different relations in 60 rows"):
        graph_of("".join(f"X:{at}\tname {at}\tparent\n" for at in range(60)))


def test_a_header_that_names_the_columns_is_believed_however_many_relations_there_are(graph_of):
    rows = "".join(f"a{at}\trelation {at}\tb\n" for at in range(60))
    assert len(graph_of(f"subject\tpredicate\tobject\n{rows}").edges) == 60


KGX_NODES = """id\tcategory\tname\tsynonym\tdescription\tprovided_by
MONDO:0000001\tbiolink:Disease|biolink:NamedThing\ta disease\till|sick\tBad | worse.\tx
HP:0000002\tbiolink:PhenotypicFeature\ta fever\t\t\tx
"""
KGX_EDGES = """id\tsubject\tpredicate\tobject\tnegated\tknowledge_source
1\tMONDO:0000001\tbiolink:has_phenotype\tHP:0000002\tfalse\tx
2\tMONDO:0000001\tbiolink:subclass_of\tMONDO:0000003\t\tx
3\tMONDO:0000003\tbiolink:has_phenotype\tHP:0000002\ttrue\tx
"""
SSSOM = """#curie_map:
#  A: http://e.org/a/
#  B: http://e.org/b#
#mapping_set_id: x
subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification
A:1\tone\tskos:exactMatch\tB:1\tsemapv:ManualMappingCuration
A:2\ttwo\tskos:broader\tB:2\tsemapv:ManualMappingCuration
"""


def test_kgx_nodes_and_edges_are_one_graph(tmp_path, facts):
    for name, text in (("nodes.tsv", KGX_NODES), ("edges.tsv", KGX_EDGES)):
        (tmp_path / name).write_text(text)
    graph = read(tmp_path / "nodes.tsv", tmp_path / "edges.tsv")
    assert {("a disease", "has phenotype", "a fever"), ("a disease", "is a", "MONDO:0000003")} <= facts(graph)
    assert ("a disease", "instance of", "Disease") in facts(graph)
    assert ("MONDO:0000003", "has phenotype", "a fever") not in facts(graph)
    assert [axiom["axiom"] for axiom in graph.axioms] == ["negative"]
    number = graph.find("a disease")[0]
    assert graph.aliases(number) == ["a disease", "ill", "sick"] and graph.definition(number) == "Bad | worse."
    assert any("columns that are not read: provided_by" in note for note in graph.manifest["notes"])


def test_sssom_prefixes_and_labels_are_read(graph_of, facts):
    graph = graph_of(SSSOM)
    assert facts(graph) == {("two", "has broader", "2")}
    assert {"http://e.org/a/1", "http://e.org/a/2", "http://e.org/b#2"} <= set(graph.terms)
    assert graph.names[graph.terms.index("http://e.org/a/1")] == "one"


def test_a_parent_given_by_its_label_is_that_thing(graph_of, facts):
    graph = graph_of("id\tlabel\tsubClassOf\nX:0001\tanimal\t\nX:0002\tdog\tanimal\nX:0003\tpup\tX:0002\n")
    assert facts(graph) == {("dog", "is a", "animal"), ("pup", "is a", "dog")}
    assert len(graph.terms) == 3


def test_the_recipe_says_which_column_is_what(tmp_path, facts):
    (tmp_path / "a.csv").write_text("who,title,boss,weight,note\np1,Ann,,70,x\np2,Bob,Ann,80.5,y\n")
    columns = {"subject": "who", "label": "title", "reports to": "boss", "weight": "weight"}
    graph = read(tmp_path / "a.csv", settings=ReadSettings(columns=columns))
    assert facts(graph) == {("Bob", "reports to", "Ann"), ("Ann", "weight", "70"), ("Bob", "weight", "80.5")}
    (tmp_path / "b.csv").write_text("x1,x2,x3,x4\na,likes,b,z\n")
    columns = {"subject": "x1", "predicate": "x2", "object": "x3"}
    assert facts(read(tmp_path / "b.csv", settings=ReadSettings(columns=columns))) == {("a", "likes", "b")}


def test_a_value_with_a_unit_is_one_literal(graph_of):
    graph = graph_of("subject,predicate,object,unit\na,mass,5,kilogram\nb,mass,7,unit:KiloGM\n")
    assert graph.terms[2:] == ["5^^kilogram", "7^^unit:KiloGM"]


def test_a_cell_may_hold_several_iris(graph_of, facts):
    rows = 'http://e.org/c,C,"http://e.org/a, https://e.org/b"\nhttp://e.org/a,A,\nhttps://e.org/b,B,\n'
    assert facts(graph_of(f"id,label,subTypeOf\n{rows}")) == {("C", "is a", "A"), ("C", "is a", "B")}


def test_a_quote_that_does_not_end_costs_its_own_line(graph_of, facts):
    rows = "".join(f"s{number},r,o{number}\n" for number in range(20_000))
    graph = graph_of('subject,predicate,object\na,r,"b\n' + rows + 'e,r,"two\nlines"\nf,r,g\n')
    assert len(graph.edges) == 20_002 and {("f", "r", "g"), ("e", "r", "two lines")} <= facts(graph)
    assert [bad["line"] for bad in graph.manifest["quarantined"]] == [2]
    assert "a quote that does not end" in graph.manifest["quarantined"][0]["reason"]


@pytest.mark.parametrize(
    "header", ["source,label,target", "From,Type,To", ":START_ID,:TYPE,:END_ID", "sep=,\nsubject,rel,object"]
)
def test_columns_are_found_by_the_names_that_other_tools_give(graph_of, facts, header):
    assert facts(graph_of(f"{header}\na,likes,b\nc,likes,d\n")) == {("a", "likes", "b"), ("c", "likes", "d")}


def test_a_table_in_latin_1_is_read_and_noted(tmp_path, facts):
    (tmp_path / "a.csv").write_bytes("subject,predicate,object\nx,r,café\n".encode("latin-1"))
    graph = read(tmp_path / "a.csv")
    assert facts(graph) == {("x", "r", "café")} and "read as Latin-1" in graph.manifest["notes"][0]


def test_a_header_is_no_edge(graph_of):
    with pytest.raises(SourceError, match="3 columns without a header that names those of an edge list"):
        graph_of("name,color,size\napple,red,2\npear,green,3\n")


def test_the_second_row_of_a_robot_template_is_no_thing(graph_of):
    graph = graph_of("ID,Label,Parent\nID,LABEL,SC %\nX:1,apple,X:2\nX:2,fruit,\n")
    assert graph.names == ["apple", "fruit"] and graph.manifest["quarantined"][0]["line"] == 2
