import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.resampling import bca, clusters, holm, paired, sign_flip

RNG = np.random.default_rng(0)


def column(*values):
    return np.array(values, float)[:, None]


def about(*pairs):
    return [Question(str(i), "fact", "?", (), entity, relation) for i, (entity, relation) in enumerate(pairs)]


def test_an_entity_is_drawn_with_all_its_facts():
    found = clusters(about(("a", "r"), ("a", "s"), ("b", "r"), (None, None), (None, None)))
    assert found.tolist() == [0, 0, 1, 2, 3]


def test_no_difference_is_no_difference():
    (found,) = paired(np.zeros((30, 1)), np.arange(30), replicates=200)
    assert found == (0, 0, 0, 1)


def test_no_questions_have_no_mean_and_no_p_below_one():
    (found,) = paired(np.zeros((0, 1)), np.zeros(0, int))
    assert np.isnan(found.value) and found.p == 1


def test_only_counted_rows_count():
    values, counted = column(1, 1, 0, 0), np.array([[True], [False], [True], [False]])
    (found,) = paired(values, np.arange(4), counted, replicates=200)
    assert found.value == 0.5


def test_a_few_clusters_show_nothing_however_many_questions_they_hold():
    (found,) = paired(np.ones((400, 1)), np.arange(400) // 100, replicates=2_000)
    assert found.p > 0.1


def test_the_sign_flip_p_is_the_exact_one():
    exact = 2 * sum((0.5**8, 8 * 0.5**8))  # at least seven of eight signs alike
    assert sign_flip(column(*[1] * 7, -1), replicates=100_000)[0] == pytest.approx(exact, abs=0.004)


def test_columns_do_not_depend_on_each_other():
    values, units = RNG.normal(size=(80, 3)), np.arange(80) // 2
    together = paired(values, units, replicates=300)
    assert together[1] == pytest.approx(paired(values[:, 1:2], units, replicates=300)[0])


def test_the_interval_of_a_symmetric_mean_is_the_normal_one():
    values = RNG.normal(size=(2_000, 1))
    low, high = bca(values, np.ones((2_000, 1)))
    half = 1.96 * values.std() / np.sqrt(2_000)
    assert (low[0], high[0]) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.004)


def test_the_interval_of_a_skewed_mean_leans_to_its_tail():
    values = RNG.exponential(size=(50, 1))
    low, high = bca(values, np.ones((50, 1)))
    assert high[0] - values.mean() > 1.1 * (values.mean() - low[0])


def test_the_interval_agrees_with_another_implementation():
    from scipy.stats import bootstrap

    values = RNG.exponential(size=60)
    theirs = bootstrap((values,), np.mean, method="BCa", n_resamples=9_999, rng=1).confidence_interval
    ours = bca(values[:, None], np.ones((60, 1)))
    assert (ours[0][0], ours[1][0]) == pytest.approx(theirs, abs=0.02)


def test_holm_gives_the_published_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_lowers_no_p(ps):
    found = holm(ps)
    assert all(p <= q <= 1 for p, q in zip(ps, found, strict=True))
    assert [q for _, q in sorted(zip(ps, found, strict=True))] == sorted(found)
