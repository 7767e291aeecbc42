import pytest

from kgpeft.dataset.questions import Question
from kgpeft.errors import UsageError
from kgpeft.evaluation.power import chance, detectable, needed, plan


@pytest.mark.parametrize(
    ("discordance", "difference", "n"),
    [(0.2, 0.05, 621), (0.2, 0.03, 1737), (0.2, 0.02, 3917), (0.1, 0.05, 307), (0.1, 0.03, 865), (0.1, 0.02, 1955)],
)
def test_the_number_needed_is_the_published_one(discordance, difference, n):
    assert needed(difference, discordance) == pytest.approx(n, abs=2)


@pytest.mark.parametrize("n", [50, 230, 1000, 5000])
def test_what_is_detectable_needs_as_many(n):
    assert needed(detectable(n, contrasts=6), contrasts=6) == pytest.approx(n, abs=1)
    assert chance(n, detectable(n)) == pytest.approx(0.8)


def test_more_contrasts_need_more():
    assert needed(0.05, contrasts=6) > needed(0.05) and chance(500, 0.05, contrasts=6) < chance(500, 0.05)


def test_the_power_is_that_of_the_test():
    import numpy as np

    from kgpeft.evaluation.resampling import sign_flip

    rng, runs = np.random.default_rng(0), 400
    draws = rng.choice([-1.0, 0.0, 1.0], (307, runs), p=[0.075, 0.9, 0.025])
    assert (sign_flip(draws, replicates=1_000) < 0.05).mean() == pytest.approx(chance(307, 0.05, 0.1), abs=0.05)


def test_a_difference_beyond_the_discordance_is_refused():
    with pytest.raises(UsageError, match="at most the discordance"):
        needed(0.3, 0.2)


def test_the_plan_counts_clusters_that_a_claim_rests_on():
    asked = [Question(str(i), "held-out fact", "?", (("a",),), f"urn:{i // 4}", f"urn:r{i}") for i in range(400)]
    asked += [Question(f"seen {i}", "seen fact", "?", (("a",),)) for i in range(500)]
    found = plan(asked)
    assert (found["questions"], found["clusters"], found["enough"]) == (400, 100, False)
    assert plan([])["detectable"] is None and not plan([])["enough"]
