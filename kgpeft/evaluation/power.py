"""Whether so many questions can show a difference, told before a run.

Two systems answer the same questions; `discordance` is the share of them where only one of the two hallucinates, and
`difference` what is left when both kinds are subtracted. The unit is a cluster (a fact with its phrasings, an entity
with its facts), as if its questions were all answered alike: with less likeness the power is greater than told.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

from kgpeft.dataset.questions import Question
from kgpeft.errors import UsageError
from kgpeft.evaluation.contrasts import METRICS, headline
from kgpeft.evaluation.resampling import clusters

ALPHA, POWER = 0.05, 0.8
PRIMARY = 2 * len(METRICS)  # contrasts that share the error rate
DIFFERENCE, DISCORDANCE = 0.1, 0.2  # what a claim must at least be able to show


def needed(difference: float, discordance: float = DISCORDANCE, *, contrasts: int = 1, power: float = POWER) -> int:
    """How many clusters show the difference, two-sided at 5 % over so many contrasts: (z + z')² (d - δ²) / δ²."""
    _check(difference, discordance)
    return math.ceil(_reach(contrasts, power) * (discordance - difference**2) / difference**2)


def detectable(units: int, discordance: float = DISCORDANCE, *, contrasts: int = 1, power: float = POWER) -> float:
    """The smallest difference that so many clusters show; it is never above the discordance."""
    reach = _reach(contrasts, power)
    return min(discordance, math.sqrt(reach * discordance / (units + reach)))


def chance(units: int, difference: float, discordance: float = DISCORDANCE, *, contrasts: int = 1) -> float:
    """The power: how probably so many clusters show the difference."""
    _check(difference, discordance)
    spread = math.sqrt(max(discordance - difference**2, 1e-12))
    return NormalDist().cdf(difference * math.sqrt(units) / spread - _critical(contrasts))


def plan(questions: Sequence[Question]) -> dict[str, Any]:
    """What the questions that a claim rests on can show: clusters, clusters needed, smallest difference, a sentence.

    All under Holm over the primary contrasts, with one in five questions discordant. `enough` asks for a difference of
    ten points with 80 % power.
    """
    rows = headline(questions)
    inside = [question for question, row in zip(questions, rows.tolist(), strict=True) if row]
    units = len(set(clusters(inside).tolist()))
    least = needed(DIFFERENCE, contrasts=PRIMARY)
    smallest = detectable(units, contrasts=PRIMARY)
    told = f"a difference of {100 * smallest:.1f} points" if units else "nothing"
    text = (f"{len(inside)} questions in {units} clusters can show {told} with 80 % power, after Holm over {PRIMARY} "
            f"contrasts; a claim needs {least}, which show {100 * DIFFERENCE:.0f} points")
    return {"questions": len(inside), "clusters": units, "needed": least, "detectable": smallest if units else None,
            "enough": units >= least, "text": text}


def _critical(contrasts: int) -> float:
    return NormalDist().inv_cdf(1 - ALPHA / contrasts / 2)


def _reach(contrasts: int, power: float) -> float:
    return (_critical(contrasts) + NormalDist().inv_cdf(power)) ** 2


def _check(difference: float, discordance: float) -> None:
    if not 0 < difference <= discordance <= 1:
        raise UsageError(f"a difference of {difference:g} with a discordance of {discordance:g}",
                         instead="both are shares, and a difference is at most the discordance")
