import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.confidence import answered, augrc_influence, calibration, matched, selective
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.outputs import Output

OUTCOMES = {"c": "correct", "w": "incorrect", "-": "abstained"}
CASES = st.lists(st.tuples(st.sampled_from("cw-"), st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), min_size=1)


def system(outcomes, confidences, answerable=None):
    answerable = answerable or [True] * len(outcomes)
    questions = [Question(str(i), "fact", "?", (("a",),) if a else ()) for i, a in enumerate(answerable)]
    grades = [Grade(OUTCOMES[o], "") for o in outcomes]
    return answered(questions, grades, [Output("", o == "-", c, 0) for o, c in zip(outcomes, confidences, strict=True)])


def of(case):
    return system(*zip(*[(o if a or o != "c" else "w", c, a) for o, c, a in case], strict=True))


def test_risk_and_coverage_give_the_values_reckoned_by_hand():
    found = selective(system("ccwc", [0.9, 0.8, 0.7, 0.6]))  # errors 0 0 1 1
    assert found["aurc"] == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)
    assert found["augrc"] == pytest.approx((0 + 0 + 1 + 1) / 16)
    assert (found["risk_at"]["0.5"], found["coverage_at_risk"]) == (0, 0.5)
    assert found["curve"] == [[0.25, 0], [0.5, 0], [0.75, pytest.approx(1 / 3)], [1, 0.25]]


def test_always_refusing_is_not_the_best_of_systems():
    refuses, right = system("----", [1] * 4), system("cccw", [0.9, 0.8, 0.7, 0.6])
    assert selective(refuses)["augrc"] > selective(right)["augrc"]
    assert selective(system("----", [1] * 4, [False] * 4))["augrc"] == 0


@given(CASES, st.randoms())
def test_the_order_of_the_questions_changes_nothing(case, random):
    shuffled = list(case)
    random.shuffle(shuffled)
    one, other = selective(of(case)), selective(of(shuffled))
    assert [one["aurc"], one["augrc"], *one["risk_at"].values()] == pytest.approx(
        [other["aurc"], other["augrc"], *other["risk_at"].values()])
    assert calibration(of(case))["ece"] == pytest.approx(calibration(of(shuffled))["ece"])


@given(CASES)
def test_the_influences_have_the_augrc_as_their_mean(case):
    assert augrc_influence(of(case)).mean() == pytest.approx(selective(of(case))["augrc"])


def test_the_influences_have_the_spread_of_the_augrc():
    rng = np.random.default_rng(0)
    draws = [system(rng.choice(list("cw-"), 200), rng.random(200)) for _ in range(300)]
    spread = np.std([selective(a)["augrc"] for a in draws])
    told = np.mean([augrc_influence(a).std() / math.sqrt(200) for a in draws])
    assert told == pytest.approx(spread, rel=0.1)


def test_auroc_counts_pairs_in_the_right_order_and_ties_half():
    assert calibration(system("cwcw-", [0.9, 0.8, 0.7, 0.7, 1.0]))["auroc"] == (2 + 0.5) / 4
    assert calibration(system("cc", [0.9, 0.8]))["auroc"] is None


def test_a_sure_and_right_system_is_calibrated_and_a_sure_and_wrong_one_is_not():
    sure, mistaken = calibration(system("c" * 30, [1.0] * 30)), calibration(system("w" * 30, [1.0] * 30))
    assert (sure["ece"], sure["brier"], mistaken["ece"], mistaken["brier"]) == (0, 0, 1, 1)


def test_the_bins_hold_all_answers_in_equal_parts():
    found = calibration(system("cw" * 45 + "-", [i / 91 for i in range(91)]))["bins"]
    assert [n for _, _, n in found] == [6] * 15


@pytest.mark.parametrize("said", [[math.nan] * 3, [-2.0, -1.0, -0.5]])
def test_what_is_no_probability_has_no_calibration(said):
    found = calibration(system("cwc", said))
    assert (found["ece"], found["brier"], found["bins"]) == (None, None, [])


def test_one_confidence_for_all_tells_nothing():
    assert not system("cwc", [1.0] * 3).told and not system("cwc", [math.nan, 0.1, 0.2]).told
    assert system("cwc-", [0.1, 0.2, 0.3, 0.0]).told


@given(CASES, st.randoms())
def test_matching_cuts_to_the_same_coverage_and_keeps_the_surest(case, random):
    ours, n = of(case), len(case)
    theirs = system([random.choice("cw-") if a else "w" for _, _, a in case], [random.random() for _ in case],
                    [a for _, _, a in case])
    cut = matched(ours, theirs, [str(i) for i in range(n)])
    covered = [int((kept & ours.answerable).sum()) for kept in (cut.ours, cut.theirs)]
    assert covered[0] == covered[1] == pytest.approx(cut.coverage * max(1, ours.answerable.sum()))
    for a, kept in ((ours, cut.ours), (theirs, cut.theirs)):
        assert not (kept & ~a.attempted).any()
        assert a.confidence[kept].min(initial=math.inf) >= a.confidence[a.attempted & ~kept].max(initial=-math.inf)
    hits = (ours.wrong & cut.ours).sum() - (theirs.wrong & cut.theirs).sum()
    assert cut.values.mean() == pytest.approx(hits / n)


def test_refusing_everything_wins_nothing_at_matched_coverage():
    cut = matched(system("----", [0.0] * 4), system("wwww", [0.1, 0.2, 0.3, 0.4]), list("abcd"))
    assert cut.coverage == 0 and cut.values.mean() == 0


def test_refusing_more_wins_nothing_at_matched_coverage():
    rng = np.random.default_rng(0)
    sure = rng.random(4_000)
    outcomes = np.where(rng.random(4_000) < sure, "c", "w")
    theirs, ours = system(outcomes, sure), system(np.where(sure < 0.5, "-", outcomes), sure)
    cut = matched(ours, theirs, [str(i) for i in range(4_000)])
    assert ours.wrong.sum() < 0.4 * theirs.wrong.sum() and cut.values.mean() == 0
