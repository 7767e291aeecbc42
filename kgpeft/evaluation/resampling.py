"""Paired inference that takes whole clusters of questions: BCa bootstrap, sign-flip permutation, Holm.

Questions about one fact stand or fall together, so facts are drawn, not questions; and facts about one entity too, so
an entity is drawn with all its facts. One set of draws serves every column, which keeps all contrasts paired.
"""

from collections.abc import Hashable, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from kgpeft.dataset.questions import Question

REPLICATES = 10_000
CHUNK = 1_000_000  # drawn clusters held in memory at once
NORMAL = NormalDist()


class Difference(NamedTuple):
    """A mean paired difference, its interval, and the two-sided p of there being none."""

    value: float
    low: float
    high: float
    p: float


def clusters(questions: Sequence[Question]) -> np.ndarray:
    """int64 [N]: the cluster each question is drawn with: its fact group, nested in the entity first asked about."""
    owners: dict[Hashable, Hashable] = {}
    numbers: dict[Hashable, int] = {}
    for q in questions:
        owners.setdefault(q.group, ("entity", q.subject) if q.subject else ("group", q.group))
    return np.array([numbers.setdefault(owners[q.group], len(numbers)) for q in questions], dtype=np.int64)


def paired(values: np.ndarray, units: np.ndarray, counted: np.ndarray | None = None, *, level: float = 0.95,
           seed: int = 0, replicates: int = REPLICATES) -> list[Difference]:
    """For every column of values [N, M], its mean over the counted rows, a BCa interval and a sign-flip p.

    units: int [N], the cluster of a row; counted: bool [N, M], all where not given. A column without a counted row has
    the value nan. Interval: Efron 1987. p: signs of whole clusters are flipped; (1 + as extreme) / (1 + replicates).
    """
    if not len(units):
        return [Difference(np.nan, np.nan, np.nan, 1.0)] * values.shape[1]
    groups = int(units.max()) + 1
    weights = np.ones(values.shape) if counted is None else counted.astype(float)
    sums, sizes = (_by_cluster(column, units, groups) for column in (values * weights, weights))
    low, high = bca(sums, sizes, level=level, seed=seed, replicates=replicates)
    p = sign_flip(sums, seed=seed + 1, replicates=replicates)
    return [Difference(*map(float, row)) for row in zip(_ratio(sums.sum(0), sizes.sum(0)), low, high, p, strict=True)]


def bca(sums: np.ndarray, sizes: np.ndarray, *, level: float = 0.95, seed: int = 0,
        replicates: int = REPLICATES) -> tuple[np.ndarray, np.ndarray]:
    """The bias-corrected and accelerated bootstrap bounds [M], [M] of sums / sizes; both float [G, M], G clusters."""
    found = _ratio(sums.sum(0), sizes.sum(0))
    drawn = _drawn(sums, sizes, seed, replicates)
    below = ((drawn < found) + 0.5 * (drawn == found)).mean(0)
    bias = [NORMAL.inv_cdf(min(max(share, 0.5 / replicates), 1 - 0.5 / replicates)) for share in below.tolist()]
    bounds = np.full((2, len(found)), np.nan)
    for column, (shift, speed) in enumerate(zip(bias, _acceleration(sums, sizes).tolist(), strict=True)):
        z = [shift + NORMAL.inv_cdf(share) for share in ((1 - level) / 2, (1 + level) / 2)]
        at = [NORMAL.cdf(shift + side / max(1 - speed * side, 1e-9)) for side in z]
        if not np.isnan(found[column]):
            bounds[:, column] = np.nanquantile(drawn[:, column], at)
    return bounds[0], bounds[1]


def sign_flip(sums: np.ndarray, *, seed: int = 0, replicates: int = REPLICATES) -> np.ndarray:
    """The two-sided p [M] of every column's total, were each cluster's sign a matter of chance; sums: float [G, M]."""
    rng, (groups, columns) = np.random.default_rng(seed), sums.shape
    total, extreme, left = np.abs(sums.sum(0)), np.zeros(columns), replicates
    while left:
        rows = min(left, max(1, CHUNK // max(1, groups)))
        signs = 2.0 * rng.integers(0, 2, (rows, groups), dtype=np.int8) - 1.0
        extreme += (np.abs(signs @ sums) >= total * (1 - 1e-9) - 1e-12).sum(0)
        left -= rows
    p: np.ndarray = (1 + extreme) / (1 + replicates)
    return p


def holm(ps: Sequence[float]) -> list[float]:
    """The p values adjusted for their number, step by step (Holm 1979); in the order given."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted, worst = [0.0] * len(ps), 0.0
    for step, i in enumerate(order):
        worst = max(worst, min(1.0, (len(ps) - step) * ps[i]))
        adjusted[i] = worst
    return adjusted


def _drawn(sums: np.ndarray, sizes: np.ndarray, seed: int, replicates: int) -> np.ndarray:
    """float [replicates, M]: the ratios over clusters drawn with replacement."""
    rng, groups, parts, left = np.random.default_rng(seed), len(sums), [], replicates
    while left:
        rows = min(left, max(1, CHUNK // max(1, groups)))
        places = rng.integers(0, groups, (rows, groups)) + groups * np.arange(rows)[:, None]
        times = np.bincount(places.ravel(), minlength=rows * groups).reshape(rows, groups).astype(float)
        parts.append(_ratio(times @ sums, times @ sizes))
        left -= rows
    return np.concatenate(parts)


def _acceleration(sums: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """float [M]: a sixth of the skewness of the jackknife."""
    left_out = _ratio(sums.sum(0) - sums, sizes.sum(0) - sizes)
    off = left_out.mean(0) - left_out
    spread = (off**2).sum(0) ** 1.5
    skewed: np.ndarray = np.divide((off**3).sum(0), 6 * spread, out=np.zeros(len(spread)), where=spread > 1e-30)
    return skewed


def _by_cluster(values: np.ndarray, units: np.ndarray, groups: int) -> np.ndarray:
    found = np.zeros((groups, values.shape[1]))
    np.add.at(found, units, values)
    return found


def _ratio(sums: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    quotient: np.ndarray = np.divide(sums, sizes, out=np.full(np.shape(sums), np.nan), where=sizes != 0)
    return quotient
