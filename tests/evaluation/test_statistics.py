import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.statistics import compare, mcnemar, score, wilson

RIGHT, WRONG, SILENT = Grade("correct", ""), Grade("incorrect", ""), Grade("abstained", "")


def question(i, answerable=True, family="fact", subject=None):
    return Question(str(i), family, "?", (("a",),) if answerable else (), subject, "urn:r" if subject else None)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 20, 0.0, 0.1611),
        (10, 20, 0.2993, 0.7007),
        (20, 20, 0.8389, 1.0),
        (81, 263, 0.2553, 0.3662),
        (0, 300, 0.0, 0.0126),
    ],
)
def test_wilson_gives_published_values(hits, n, low, high):
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_rate_within_zero_and_one(case):
    low, high = wilson(*case)
    assert 0 <= low <= case[0] / case[1] <= high <= 1


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([WRONG, SILENT, RIGHT]), st.sampled_from("ab")), max_size=30))
def test_every_question_is_counted_once_and_families_add_up(rows):
    rows = [
        (answerable, WRONG if grade is RIGHT and not answerable else grade, family)
        for answerable, grade, family in rows
    ]
    total = score([question(i, a, f) for i, (a, _, f) in enumerate(rows)], [grade for _, grade, _ in rows])
    assert total["correct"] + total["incorrect"] + total["abstained"] == total["n"] == len(rows)
    for key in ("n", "correct", "incorrect", "abstained", "right_abstentions", "over_refusals"):
        assert total[key] == sum(family[key] for family in total["families"].values())


def test_the_hallucination_rate_counts_wrong_answers_and_answered_unanswerables():
    rows = [(True, RIGHT), (True, WRONG), (True, SILENT), (False, WRONG), (False, SILENT)]
    total = score([question(i, a) for i, (a, _) in enumerate(rows)], [grade for _, grade in rows])
    assert (total["hallucination_rate"], total["accuracy"], total["abstention_recall"]) == (2 / 5, 1 / 3, 1 / 2)


def test_a_rate_of_nothing_is_none():
    total = score([question(1, answerable=False)], [SILENT])
    assert total["accuracy"] is None and total["intervals"]["accuracy"] is None


@pytest.mark.parametrize(
    ("one", "other", "p"), [(0, 0, 1.0), (5, 5, 1.0), (1, 9, 0.021484), (0, 10, 0.001953), (9, 1, 0.021484)]
)
def test_mcnemar_gives_the_exact_binomial_p(one, other, p):
    assert mcnemar(one, other) == pytest.approx(p, abs=1e-6)


def test_a_system_does_not_differ_from_itself():
    same = [RIGHT, WRONG, SILENT] * 5
    result = compare([question(i) for i in range(15)], same, same, replicates=200)
    assert (result["difference"], result["interval"], result["p_mcnemar"]) == (0, [0, 0], 1)


def test_swapping_the_systems_mirrors_the_difference():
    questions, one, other = [question(i) for i in range(40)], [WRONG, RIGHT] * 20, [RIGHT] * 40
    ours, theirs = compare(questions, one, other), compare(questions, other, one)
    assert ours["difference"] == -theirs["difference"] == 0.5
    assert ours["interval"] == pytest.approx([-bound for bound in reversed(theirs["interval"])])


def test_no_p_is_given_where_a_fact_is_asked_twice():
    questions = [question(i, subject=f"urn:{i // 2}") for i in range(10)]
    result = compare(questions, [WRONG] * 10, [RIGHT] * 10)
    assert result["p_mcnemar"] is None and result["groups"] == 5


def test_the_grouped_interval_covers_no_difference_under_the_null():
    rng, misses, runs = np.random.default_rng(0), 0, 200
    questions = [question(i, subject=f"urn:{i // 4}") for i in range(400)]
    for _ in range(runs):
        rates = np.repeat(
            rng.beta(0.5, 0.5, 100), 4
        )  # the four questions of a fact are alike: naive tests reject 20 to 30 %
        ours, theirs = ([WRONG if hit else RIGHT for hit in np.repeat(rng.random(100), 4) < rates] for _ in "ab")
        low, high = compare(questions, ours, theirs, replicates=500)["interval"]
        misses += not low <= 0 <= high
    assert misses / runs < 0.1
