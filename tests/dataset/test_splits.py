"""What training must not see: properties over small random graphs."""

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from kgpeft.dataset import DatasetSettings
from kgpeft.dataset import write as write_or_fail
from kgpeft.dataset.facts import Facts
from kgpeft.dataset.settings import UNTRAINED
from kgpeft.dataset.splits import split, without
from kgpeft.errors import GraphError
from kgpeft.evidence.statements import statements

PEOPLE = "anna", "bert", "carl", "dora", "emil"
edges = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(("likes", "part of", "is a", "treats")),
                  st.sampled_from((*PEOPLE, "fish")))
facts = st.lists(edges, min_size=2, max_size=16, unique=True)
quick = settings(max_examples=20, deadline=None)


def write(graph, chosen):
    try:
        return write_or_fail(graph, chosen)
    except GraphError:  # things that only like themselves
        reject()


def pairs(graph, numbers):
    return {frozenset(graph.edges[n, ::2].tolist()) for n in numbers}


@quick
@given(facts, st.floats(0, 0.9), st.integers(0, 9))
def test_all_edges_between_two_nodes_are_hidden_together(graph_from, rows, share, seed):
    graph = graph_from(*rows)
    hidden = split(Facts(graph), DatasetSettings(held_out=share, seed=seed)).hidden
    seen = set(range(len(graph.edges))) - hidden
    assert not pairs(graph, hidden) & pairs(graph, seen)


@quick
@given(facts, st.integers(0, 9))
def test_a_fact_group_goes_whole_into_one_split(graph_from, rows, seed):
    made = split(Facts(graph_from(*rows)), DatasetSettings(held_out=0.6, seed=seed))
    for members in made.groups.members.values():
        assert sum(not edges.isdisjoint(members) for edges in made.edges.values()) <= 1
        assert all(edges.isdisjoint(members) or edges.issuperset(members) for edges in made.edges.values())


@quick
@given(facts, st.integers(0, 9))
def test_no_training_example_asks_for_or_rests_on_a_hidden_fact(graph_from, rows, seed):
    graph = graph_from(*rows)
    dataset = write(graph, DatasetSettings(per_family=5, held_out=0.4, seed=seed))
    apart, node = pairs(graph, dataset.hidden), {term: n for n, term in enumerate(graph.terms)}
    assert dataset.hidden.isdisjoint(e for asked in dataset.train for e in asked.facts)
    for q in (asked.question for asked in dataset.train):
        for name, *_ in q.answers:
            assert frozenset((node[q.subject], graph.names.index(name))) not in apart


@quick
@given(facts, st.integers(0, 9))
def test_untrained_questions_ask_for_hidden_facts_and_seen_ones_for_others(graph_from, rows, seed):
    dataset = write(graph_from(*rows), DatasetSettings(per_family=5, held_out=0.4, seed=seed))
    for asked in dataset.test:
        if asked.question.family in UNTRAINED:
            assert asked.facts and set(asked.facts) <= dataset.hidden
        if asked.question.family in ("seen fact", "unseen phrasing", "two-hop", "set"):
            assert asked.facts and dataset.hidden.isdisjoint(asked.facts)


@quick
@given(facts, st.integers(0, 9))
def test_an_absent_fact_is_absent(graph_from, rows, seed):
    graph = graph_from(*rows)
    dataset = write(graph, DatasetSettings(per_family=5, seed=seed))
    said = {(graph.terms[s], graph.relations[r]) for s, r, _ in graph.edges.tolist()}
    absent = [a.question for a in (*dataset.train, *dataset.test) if a.question.family == "fact absent"]
    assert all((q.subject, q.relation) not in said and q.subject and not q.answers for q in absent)


@quick
@given(facts, st.integers(0, 9))
def test_nothing_that_is_held_apart_occurs_in_training(graph_from, rows, seed):
    graph = graph_from(*rows)
    settings = DatasetSettings(per_family=5, held_out=0.6, seed=seed)
    dataset, apart = write(graph, settings), split(Facts(graph), settings).apart
    names = {graph.names[node] for node in apart}
    for q in (asked.question for asked in dataset.train):
        assert q.subject not in {graph.terms[node] for node in apart}
        assert names.isdisjoint(aliases[0] for aliases in q.answers)


@quick
@given(facts, st.integers(0, 9))
def test_the_edit_leaves_all_other_questions_true(graph_from, rows, seed):
    graph = graph_from(*rows)
    dataset = write(graph, DatasetSettings(per_family=5, held_out=0.6, seed=seed))
    after = dataset.edit.after(graph)
    left = {(after.terms[s], after.relations[r], after.terms[o]) for s, r, o in after.edges.tolist()}
    for q in dataset.questions:
        assert set(q.facts) <= left
    for q in dataset.edited:
        assert not any(q.subject == s and q.relation == r for s, r, _ in left)


@quick
@given(facts, st.sets(st.integers(0, 15)))
def test_a_statement_without_hidden_edges_keeps_all_others(graph_from, rows, hidden):
    graph = graph_from(*rows)
    for s in (s for node in range(len(graph.terms)) for s in statements(graph, node)):
        left = without(s, frozenset(hidden))
        kept = [(v, i, e) for v, i, e in zip(s.values, s.value_ids, s.edges, strict=True) if e not in hidden]
        assert kept == ([] if left is None else list(zip(left.values, left.value_ids, left.edges, strict=True)))


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_no_more_is_held_out_than_the_share(toy, share):
    hidden = split(Facts(toy), DatasetSettings(held_out=share)).hidden
    assert len(hidden) <= share * len(toy.edges) + 8 * bool(share)  # each part may take one group of its own
