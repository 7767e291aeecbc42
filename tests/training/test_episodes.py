import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgpeft.dataset import DatasetSettings, write
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.training.episodes import Episodes, as_text, closed_book


@pytest.fixture(scope="module")
def search(toy, search_of):
    return search_of(toy)


@pytest.fixture(scope="module")
def dataset(toy):
    return write(toy, DatasetSettings(per_family=5))


def taken(episodes, n):
    return list(itertools.islice(episodes, n))


def test_an_answer_stands_in_what_is_shown_or_it_is_a_refusal(search, dataset):
    turns = [(e, answer) for e in taken(Episodes(search, dataset), 60) for _, answer in e.turns]
    assert all(answer == REFUSAL or answer in {s.answer for s in e.statements} for e, answer in turns)
    assert 0.1 < sum(answer == REFUSAL for _, answer in turns) / len(turns) < 0.9


def test_episodes_are_endless_varied_and_the_same_for_a_seed(search, dataset):
    one, other, third = (taken(Episodes(search, dataset, seed), 30) for seed in (0, 0, 1))
    assert one == other != third


def test_closed_book_episodes_show_no_fact(dataset):
    episodes = taken(closed_book(dataset), 5)
    assert all(e.statements == () and e.turns for e in episodes)


def test_a_closed_book_is_taught_to_refuse_only_if_asked_to(dataset):
    for refusals in (False, True):
        said = {answer for e in taken(closed_book(dataset, refusals=refusals), 40) for _, answer in e.turns}
        assert (REFUSAL in said) == refusals


def test_facts_as_text_are_those_of_the_episode(search, dataset):
    read, told = taken(Episodes(search, dataset), 9), taken(as_text(Episodes(search, dataset)), 9)
    assert [t.told for t in told] == [tuple(s.text for s in e.statements) for e in read]
    assert all(t.statements == () and t.turns == e.turns[:1] for t, e in zip(told, read, strict=True))


edges = st.tuples(*(st.sampled_from(names) for names in (("anna", "bert", "carl", "dora"), ("likes", "fears"),
                                                         ("anna", "bert", "carl", "dora", "fish")))).filter(
    lambda fact: fact[0] != fact[2])


@settings(max_examples=25, deadline=None)
@given(st.lists(edges, min_size=3, max_size=14, unique=True), st.integers(0, 3))
def test_no_hidden_fact_is_shown_or_answered_in_either_direction(graph_from, search_of, facts, seed):
    graph = graph_from(*facts)
    dataset = write(graph, DatasetSettings(per_family=4, held_out=0.4, seed=seed))
    pairs = {frozenset(graph.edges[e, [0, 2]].tolist()) for e in dataset.hidden}
    for episode in taken(Episodes(search_of(graph), dataset, seed), 12):
        shown = [s for s in episode.statements if s.relation_id >= 0]
        assert all(frozenset((s.entity_id, value)) not in pairs for s in shown for value in s.value_ids)
        assert {answer for _, answer in episode.turns} <= {REFUSAL} | {s.answer for s in episode.statements}
