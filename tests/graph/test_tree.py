"""Hierarchies of names, as JSON and as tables with a column a level."""

import json

import pytest

from kgpeft.errors import SourceError

TREE = {
    "children": [
        {
            "name": "stars",
            "uri": "http://e.org/1",
            "children": [
                {"name": "giants", "uri": "http://e.org/2", "altLabels": ["big stars"], "definition": "Big.", "x": 1},
                {"name": "dwarfs", "related": [{"name": "giants", "uri": "http://e.org/2"}], "children": None},
            ],
        },
    ]
}  # fmt: skip


def test_what_lies_below_has_the_broader_above(graph_of, facts):
    graph = graph_of(json.dumps(TREE))
    assert facts(graph) == {
        ("giants", "has broader", "stars"), ("dwarfs", "has broader", "stars"), ("dwarfs", "related to", "giants"),
    }  # fmt: skip
    number = graph.find("giants")[0]
    assert graph.terms[number] == "http://e.org/2"
    assert graph.aliases(number) == ["giants", "big stars"] and graph.definition(number) == "Big."
    assert any("keys that are not read: x" in note for note in graph.manifest["notes"])


def test_levels_of_a_table_say_the_same(graph_of, facts):
    graph = graph_of("level 1,level 2,level 3\nstars,,\nstars,giants,\nstars,giants,red ones\nstars,,x\n")
    assert facts(graph) == {("giants", "has broader", "stars"), ("red ones", "has broader", "giants")}
    assert [part["line"] for part in graph.manifest["quarantined"]] == [5]


def test_things_without_a_name_are_quarantined(graph_of, facts):
    children = [{"name": "a", "children": [{"children": []}, 7, {"name": "b"}]}]
    graph = graph_of(json.dumps({"children": children}))
    assert facts(graph) == {("b", "has broader", "a")}
    assert len(graph.manifest["quarantined"]) == 2


def test_a_tree_too_deep_is_refused(graph_of):
    with pytest.raises(SourceError):
        graph_of('{"name": "a", "children": [' * 100_000)
