"""Rates with intervals, and the paired comparison of two systems on the same questions."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import Grade

Z95 = 1.959963984540054
CHUNK = 1_000_000  # resampled groups held in memory at once


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of hits / n (Wilson 1927); (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    share, spread = hits / n, Z95 * Z95 / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def score(questions: Sequence[Question], grades: Sequence[Grade]) -> dict[str, Any]:
    """Counts, rates and intervals over all questions, and the same for every family.

    hallucination_rate = (wrong answers to answerable questions + any answer to unanswerable ones) / n.
    A rate of nothing (accuracy where no question is answerable) is None.
    """
    pairs = list(zip(questions, grades, strict=True))
    families = dict.fromkeys(question.family for question in questions)
    by_family = {family: _score([pair for pair in pairs if pair[0].family == family]) for family in families}
    return _score(pairs) | {"families": by_family}


def hallucinated(grade: Grade) -> bool:
    """Whether the output claims something that is not so: wrong, or not to be known."""
    return grade.outcome == "incorrect"


def compare(questions: Sequence[Question], ours: Sequence[Grade], theirs: Sequence[Grade], seed: int = 0,
            replicates: int = 10_000) -> dict[str, Any]:
    """The difference of hallucination rates (ours - theirs) with its 95 % interval over groups of questions on a fact.

    The interval is a percentile bootstrap that resamples groups, not questions. The exact McNemar p is given only where
    every group has one question: with more, its questions are not independent and p would be far too small.
    """
    pairs = zip(questions, ours, theirs, strict=True)
    rows = [(question.group, int(hallucinated(our)) - int(hallucinated(their))) for question, our, their in pairs]
    sizes, sums = Counter(group for group, _ in rows), Counter[tuple[str, str]]()
    for group, difference in rows:
        sums[group] += difference
    low, high = _bootstrap(np.array([sums[group] for group in sizes]), np.array(list(sizes.values())), seed, replicates)
    alone = len(sizes) == len(rows)
    more, fewer = (sum(difference == sign for _, difference in rows) for sign in (1, -1))
    return {
        "difference": sum(sums.values()) / len(rows), "interval": [low, high],
        "questions": len(rows), "groups": len(sizes),
        "only_ours_hallucinates": more, "only_theirs_hallucinates": fewer,
        "p_mcnemar": mcnemar(more, fewer) if alone else None}


def mcnemar(one: int, other: int) -> float:
    """The two-sided exact p of so uneven a split of the discordant pairs, were both sides equally likely."""
    n = one + other
    tail = sum(math.comb(n, k) for k in range(min(one, other) + 1))
    return min(1.0, float(2 * tail / 2**n))


def _bootstrap(sums: np.ndarray, sizes: np.ndarray, seed: int, replicates: int) -> tuple[float, float]:
    """The 2.5 and 97.5 percentiles of sum / size over resampled groups; sums, sizes: int [G]."""
    rng, groups = np.random.default_rng(seed), len(sums)
    chunk = max(1, CHUNK // groups)
    means = []
    for start in range(0, replicates, chunk):
        drawn = rng.integers(0, groups, (min(chunk, replicates - start), groups))
        means.append(sums[drawn].sum(1) / sizes[drawn].sum(1))
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return float(low), float(high)


def _score(pairs: Sequence[tuple[Question, Grade]]) -> dict[str, Any]:
    counts = Counter((question.answerable, grade.outcome) for question, grade in pairs)
    n, answerable = len(pairs), sum(question.answerable for question, _ in pairs)
    wrong, invented = counts[True, "incorrect"], counts[False, "incorrect"]
    rates = {
        "accuracy": (counts[True, "correct"], answerable), "hallucination_rate": (wrong + invented, n),
        "abstention_recall": (counts[False, "abstained"], n - answerable),
        "over_refusal_rate": (counts[True, "abstained"], answerable)}
    return {
        "n": n, "answerable": answerable, "correct": counts[True, "correct"], "incorrect": wrong + invented,
        "abstained": counts[True, "abstained"] + counts[False, "abstained"],
        "right_abstentions": counts[False, "abstained"], "over_refusals": counts[True, "abstained"],
        "empty": sum(grade.flag == "empty" for _, grade in pairs),
        **{name: hits / of if of else None for name, (hits, of) in rates.items()},
        "intervals": {name: list(wilson(hits, of)) if of else None for name, (hits, of) in rates.items()}}
