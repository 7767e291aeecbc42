import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgpeft.evidence.ends import Ends
from kgpeft.evidence.neighbourhood import TELEPORT, Neighbourhood


@pytest.fixture(scope="module")
def chain(graph_from):
    """a - b - c - d, and a hub with 40 leaves."""
    leaves = (("hub", "s", f"leaf {i}") for i in range(40))
    graph = graph_from(("a", "r", "b"), ("c", "r", "b"), ("c", "r", "d"), *leaves)
    return graph, Neighbourhood(Ends.of(graph)), {name: node for node, name in enumerate(graph.names)}


def names(graph, nodes):
    return {graph.names[node] for node in nodes}


@pytest.mark.parametrize(("hops", "found"), [(0, "a"), (1, "ab"), (2, "abc"), (3, "abcd"), (9, "abcd")])
def test_so_many_hops_lead_both_ways_along_edges(chain, hops, found):
    graph, near, at = chain
    around = near.around([at["a"]], hops)
    assert names(graph, around.nodes) == set(found) and around.hops.tolist() == list(range(len(found)))
    assert len(around.edges) == len(found) - 1


def test_caps_hold_and_the_next_query_knows_nothing_of_the_last(chain):
    graph, near, at = chain
    capped = near.around([at["hub"]], 2, fan_out=8, most=6)
    assert len(capped.nodes) == 6 and len(near.around([at["hub"]], 1, fan_out=8).nodes) == 9
    assert len(near.around([at["hub"]], 2, fan_out=99).nodes) == 41
    assert names(graph, near.around([at["a"]], 1).nodes) == {"a", "b"}


def test_a_capped_hub_keeps_every_relation(graph_from):
    graph = graph_from(*(("hub", f"r{i % 4}", f"leaf {i}") for i in range(400)))
    around = Neighbourhood(Ends.of(graph)).around([graph.names.index("hub")], 1, fan_out=8)
    assert set(graph.edges[around.edges, 1].tolist()) == {0, 1, 2, 3}


PAIRS = st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] != pair[1])


@settings(max_examples=30, deadline=None)
@given(st.lists(PAIRS, min_size=1, max_size=40))
def test_ranks_are_those_of_networkx(graph_from, pairs):
    graph = graph_from(*{(f"n{a}", "r", f"n{b}") for a, b in pairs})
    seed = int(graph.edges[0, 0])
    nodes, ranks = Neighbourhood(Ends.of(graph)).rank([seed], tolerance=1e-9)
    walks = nx.MultiGraph(graph.edges[:, [0, 2]].tolist())
    expected = nx.pagerank(walks, alpha=1 - TELEPORT, personalization={seed: 1.0}, tol=1e-12, max_iter=1000)
    assert np.abs(ranks - [expected[n] for n in nodes.tolist()]).max() < 1e-6


def test_ranks_come_highest_first_and_the_same_again(chain):
    _, near, at = chain
    nodes, ranks = near.rank([at["a"], at["hub"]])
    assert (np.diff(ranks) <= 0).all() and 0.9 < ranks.sum() <= 1.0
    again = near.rank([at["a"], at["hub"]])
    assert np.array_equal(nodes, again[0]) and np.array_equal(ranks, again[1])


def test_a_walk_that_can_go_nowhere_stays(graph_from):
    from dataclasses import replace

    graph = graph_from(("a", "r", "b"))
    alone = replace(graph, edges=np.zeros((0, 3), np.int32), patterns=np.zeros(0, np.uint8))
    nodes, ranks = Neighbourhood(Ends.of(alone)).rank([0])
    assert nodes.tolist() == [0] and ranks.tolist() == [1.0]
