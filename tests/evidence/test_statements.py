import numpy as np

from kgpeft.evidence.statements import DEFINITION, MAX_VALUES, SYNONYM, statements
from kgpeft.evidence.vectors import FactVectors


def said(graph, name):
    return {(s.relation, s.inverse): s for s in statements(graph, graph.names.index(name))}


def test_every_edge_is_stated_from_both_ends(toy):
    every = [s for node in range(len(toy.terms)) for s in statements(toy, node)]
    for inverse in (False, True):
        assert sorted(e for s in every if s.inverse == inverse for e in s.edges) == list(range(len(toy.edges)))


def test_the_values_of_one_relation_are_one_statement(toy):
    statement = said(toy, "biceps brachii")["attaches to", False]
    assert set(statement.values) == {"radius", "scapula"}
    assert statement.text == f"biceps brachii — attaches to: {statement.answer}"


def test_values_ids_and_edges_run_parallel(toy):
    for statement in said(toy, "ulna").values():
        column = 0 if statement.inverse else 2
        assert toy.edges[list(statement.edges), column].tolist() == list(statement.value_ids)
        assert tuple(toy.names[i] for i in statement.value_ids) == statement.values


def test_labels_state_definition_and_synonyms(toy):
    found = said(toy, "biceps brachii")
    assert found[DEFINITION, False].values == ("A muscle that bends the elbow.",)
    assert found[SYNONYM, False].values == ("biceps",)


def test_a_long_list_says_how_many_values_it_leaves_out(graph_from):
    graph = graph_from(*(("box", "holds", f"thing {i}") for i in range(MAX_VALUES + 3)))
    assert said(graph, "box")["holds", False].answer.endswith("; and 3 more")


def test_an_inverse_statement_has_the_relation_turned_round(toy, toy_embeddings):
    vectors, width = FactVectors(toy_embeddings), toy_embeddings.entity.shape[1]
    (one, other) = vectors([said(toy, "deltoid")["attaches to", False], said(toy, "humerus")["attaches to", True]])
    assert np.array_equal(one[width : 2 * width], -other[width : 2 * width])
    assert np.array_equal(one[:width], other[2 * width :]) and np.array_equal(one[2 * width :], other[:width])


def test_a_statement_from_labels_has_no_relation_and_no_values_in_its_vector(toy, toy_embeddings):
    vectors, width = FactVectors(toy_embeddings), toy_embeddings.entity.shape[1]
    (row,) = vectors([said(toy, "biceps brachii")[DEFINITION, False]])
    assert row[:width].any() and not row[width:].any() and row.shape == (vectors.dim,)
