"""GraphML."""

import networkx as nx
import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import read

HEAD = '<?xml version="1.0"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'


def test_a_graph_written_by_networkx_comes_back(tmp_path, facts):
    graph = nx.MultiDiGraph()
    graph.add_node("biceps", label="biceps brachii", length=30)
    graph.add_edge("biceps", "radius", relation="attaches to", weight=0.5)
    graph.add_edge("biceps", "scapula")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    found = facts(read(tmp_path / "g.graphml"))
    name = "biceps brachii"
    assert found == {(name, "attaches to", "radius"), (name, "linked to", "scapula"), (name, "length", "30")}


def test_a_graph_of_neo4j_has_types_and_relations(graph_of, facts):
    text = (
        '<key id="name" for="node" attr.name="name" attr.type="string"/><graph edgedefault="directed">\n'
        '<node id="n0" labels=":Person"><data key="name">Ann</data></node>\n'
        '<node id="n1" labels=":Person:Boss"><data key="name">Bob</data></node>\n'
        '<edge id="e0" source="n0" target="n1" label="KNOWS"></edge></graph></graphml>'
    )
    types = {("Ann", "instance of", "Person"), ("Bob", "instance of", "Person"), ("Bob", "instance of", "Boss")}
    found = {(s, r.lower(), o) for s, r, o in facts(graph_of(HEAD + text))}
    assert found == types | {("Ann", "knows", "Bob")}


def test_numbered_nodes_of_two_files_stay_apart(tmp_path):
    node = (
        '<key id="d" attr.name="label" attr.type="string"/><graph><node id="n0"><data key="d">{}</data></node></graph>'
    )
    for name in ("a", "b"):
        (tmp_path / name).write_text(HEAD + node.format(name) + "</graphml>")
    assert read(tmp_path / "a", tmp_path / "b").names == ["a", "b"]


def test_labels_of_yed_are_names_and_relations(graph_of, facts):
    label = '<data key="d"><y:{0} xmlns:y="http://www.yworks.com/xml/graphml">{1}</y:{0}></data>'
    nodes = "".join(f'<node id="n{at}">{label.format("NodeLabel", name)}</node>' for at, name in enumerate("ab"))
    edge = f'<edge source="n0" target="n1">{label.format("EdgeLabel", "eats")}</edge>'
    assert facts(graph_of(f"{HEAD}<graph>{nodes}{edge}</graph></graphml>")) == {("a", "eats", "b")}


def test_what_is_no_edge_is_quarantined_with_its_line(graph_of, facts):
    text = '<graph>\n<node id="a"/><node id="b"/>\n<edge source="a" target="c"/>\n<hyperedge/>\n<node/>\n'
    graph = graph_of(f'{HEAD}{text}<edge source="a" target="b"/></graph></graphml>')
    assert facts(graph) == {("a", "linked to", "b")}
    assert [part["line"] for part in graph.manifest["quarantined"]] == [5, 6, 7]


def test_broken_xml_is_refused(graph_of):
    with pytest.raises(SourceError, match="broken GraphML, line 3"):
        graph_of(HEAD + '<graph><node id="a">')
