"""What training must not see: properties over small random graphs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kgpeft.dataset import DatasetSettings, write
from kgpeft.dataset.splits import hold_out, without
from kgpeft.evidence.statements import statements

PEOPLE = "anna", "bert", "carl", "dora", "emil"
edges = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(("likes", "part of", "is a", "treats")),
                  st.sampled_from((*PEOPLE, "fish")))
facts = st.lists(edges, min_size=2, max_size=16, unique=True)
quick = settings(max_examples=40, deadline=None)


def pairs(graph, numbers):
    return {frozenset(graph.edges[n, ::2].tolist()) for n in numbers}


@quick
@given(facts, st.floats(0, 0.9), st.integers(0, 9))
def test_all_edges_between_two_nodes_are_hidden_together(graph_from, rows, share, seed):
    graph = graph_from(*rows)
    hidden = hold_out(graph, share, seed)
    seen = set(range(len(graph.edges))) - hidden
    assert not pairs(graph, hidden) & pairs(graph, seen)
    assert abs(len(pairs(graph, hidden)) - share * len(pairs(graph, range(len(graph.edges))))) <= 1


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
def test_held_out_questions_ask_for_hidden_facts_and_seen_ones_for_others(graph_from, rows, seed):
    dataset = write(graph_from(*rows), DatasetSettings(per_family=5, held_out=0.4, seed=seed))
    for asked in dataset.test:
        if asked.question.family == "held-out fact":
            assert asked.facts and set(asked.facts) <= dataset.hidden
        if asked.question.family in ("seen fact", "unseen phrasing"):
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
@given(facts, st.sets(st.integers(0, 15)))
def test_a_statement_without_hidden_edges_keeps_all_others(graph_from, rows, hidden):
    graph = graph_from(*rows)
    for s in (s for node in range(len(graph.terms)) for s in statements(graph, node)):
        left = without(s, frozenset(hidden))
        kept = [(v, i, e) for v, i, e in zip(s.values, s.value_ids, s.edges, strict=True) if e not in hidden]
        assert kept == ([] if left is None else list(zip(left.values, left.value_ids, left.edges, strict=True)))
