import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.statistics import (
    compare,
    compare_all,
    consistency,
    locality,
    mcnemar,
    penalised,
    score,
    set_scores,
    wilson,
)

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


def test_the_p_of_a_comparison_is_that_of_the_groups():
    questions = [question(i, subject=f"urn:{i // 10}") for i in range(60)]
    result = compare(questions, [WRONG] * 60, [RIGHT] * 60, replicates=4_000)
    assert result["clusters"] == 6 and result["p"] == pytest.approx(2 / 2**6, abs=0.01)


def test_comparing_with_all_is_comparing_with_each():
    questions, ours = [question(i) for i in range(30)], [WRONG, RIGHT] * 15
    others = {"silent": [SILENT] * 30, "wrong": [WRONG] * 30}
    together = compare_all(questions, ours, others, replicates=300)
    assert together == {name: compare(questions, ours, theirs, replicates=300) for name, theirs in others.items()}


@pytest.mark.parametrize(("t", "cost"), [(0, 0), (0.5, 1), (0.75, 3), (0.9, 9)])
def test_a_wrong_answer_costs_what_makes_guessing_pay_above_t_alone(t, cost):
    assert penalised(WRONG, t) == pytest.approx(-cost)
    assert t * penalised(RIGHT, t) + (1 - t) * penalised(WRONG, t) == pytest.approx(0, abs=1e-12) or t == 0


def test_always_refusing_earns_nothing():
    found = score([question(i, i % 2 > 0) for i in range(10)], [SILENT] * 10)
    assert set(found["penalised"].values()) == {0} and found["simpleqa_f"] == 0 and found["attempted"] == 0


def test_kinds_of_error_are_counted():
    found = score([question(i) for i in range(3)], [Grade("incorrect", "", kind="invented"), WRONG, RIGHT])
    assert found["kinds"] == {"invented": 1, "other": 1}


def test_sets_are_scored_by_their_overlap_and_silence_by_nothing():
    asked = [Question(str(i), "set", "?", (("a",), ("b",))) for i in range(2)] + [question(9)]
    half = Grade("correct", "", details={"precision": 1.0, "recall": 0.5})
    assert set_scores(asked, [half, SILENT, RIGHT]) == {
        "n": 2, "precision": 0.5, "recall": 0.25, "f1": pytest.approx(1 / 3)}


def test_phrasings_answered_alike_are_consistent_even_if_wrong():
    asked = [Question(str(i), "consistency", "?", (("a",),), f"urn:{i // 2}", "urn:r") for i in range(8)]
    grades = [RIGHT, RIGHT, WRONG, WRONG, WRONG, WRONG, RIGHT, SILENT]
    texts = ["a", "It is a.", "B", "b.", "b", "c", "a", "no idea"]
    assert consistency(asked, grades, texts) == {"facts": 4, "same": 0.5, "worst": 0.25}


def test_locality_looks_at_its_own_family_alone():
    asked = [question(i, family=family) for i, family in enumerate(("locality", "locality", "fact"))]
    assert locality(asked, ["Paris.", "x", "y"], ["paris", "z", "w"])["same"] == 0.5
