import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.evidence.candidates import reach
from kgpeft.evidence.selection import allot, edges, select

PRICES = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=6), max_size=6)


@given(PRICES, st.integers(0, 20), st.randoms(use_true_random=False))
def test_what_is_taken_fits_the_budget_and_leaves_nothing_that_would_fit(prices, budget, rng):
    taken = allot([rng.random() for _ in prices], prices, budget)
    spent = sum(sum(p[:n]) for p, n in zip(prices, taken, strict=True))
    assert spent <= budget
    assert all(n == len(p) or p[n] > budget - spent for p, n in zip(prices, taken, strict=True))


def test_a_likely_candidate_is_read_whole_before_an_unlikely_one_begins():
    assert allot([0.9, 0.01], [[1] * 8, [1] * 8], 8) == [8, 0]


def test_where_two_are_as_likely_neither_is_left_out():
    assert all(allot([0.5, 0.4], [[1] * 30, [1] * 30], 16))


def test_paths_of_two_steps_are_those_that_walking_finds(toy, search_of):
    steps = search_of(toy).steps
    node = toy.names.index("biceps brachii")
    found = {tuple(p[1:3]) for p in reach(steps, node).tolist() if p[2] >= 0}
    assert found == walked(steps, node)


def test_what_is_called_lacking_is_not_there(ranked):
    steps, ranking = ranked
    found = ranking.found.take(np.flatnonzero(ranking.found.lacking))
    there = {tuple(p[1:3]) for n in set(found.node.tolist()) for p in reach(steps, n).tolist()}
    paths = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert not paths & there and any(second >= 0 for _, second in paths)


def walked(steps, node):
    ends, found = steps.ends, set()
    for g in ends.groups(node):
        for middle in ends.end[ends.members(int(g))].tolist():
            for onward in ends.groups(middle):
                back = ends.step[onward] == steps.reverse(ends.step[g : g + 1])[0]
                if not (back and ends.sizes(onward[None])[0] == 1):
                    found.add((int(ends.step[g]), int(ends.step[onward])))
    return found


@pytest.fixture(scope="module")
def ranked(toy, search_of):
    search = search_of(toy)
    question = "What attaches to the bone that brachialis attaches to?"
    return search.steps, search.rank([question], [search.linker.link(question)])[0]


def test_probabilities_of_the_candidates_and_of_none_add_up_to_one(ranked):
    _, ranking = ranked
    there = ranking.probability[~ranking.found.lacking].sum()
    assert 0 <= ranking.absent <= 1 and there + ranking.absent == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("places", [1, 2, 3, 8])
def test_a_second_step_never_comes_without_the_first(ranked, toy, places):
    steps, ranking = ranked
    chosen = [s for s, _ in select(steps, ranking, places)]
    assert len(chosen) <= places
    named, reached = "brachialis", {v for s in chosen for v in s.values if s.entity == "brachialis"}
    assert all(s.entity == named or s.entity in reached for s in chosen)
    assert len(edges(steps, ranking, places)) <= places


def test_values_of_one_step_stay_together(ranked, toy):
    steps, ranking = ranked
    said = {(s.entity_id, s.relation_id, s.inverse): set(s.edges) for s, _ in select(steps, ranking, 8)}
    for (node, relation, inverse), found in said.items():
        column = 2 if inverse else 0
        every = np.flatnonzero((toy.edges[:, 1] == relation) & (toy.edges[:, column] == node))
        assert found == set(every.tolist())
