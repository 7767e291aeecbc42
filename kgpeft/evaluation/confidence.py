"""What a system's confidence is worth: risk against coverage, ranking, calibration, and cuts at equal coverage.

Everything is over all N questions. An abstention is ranked below every answer; it is an error where the question had
an answer (else always refusing would be the best of systems), and none where it had none. Ties count as their mean, so
the order of the questions changes nothing.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import Grade

if TYPE_CHECKING:
    from kgpeft.evaluation.report import Output

BINS = 15  # of equal mass
COVERAGES = (0.5, 0.7, 0.9)
RISK = 0.05
POINTS = 100  # of a risk-coverage curve


@dataclass(frozen=True)
class Answered:
    """One system's answers as arrays over N questions."""

    confidence: np.ndarray  # float64 [N]; -inf where it abstained
    error: np.ndarray  # bool [N]: hallucinated, or abstained though there was an answer
    correct: np.ndarray  # bool [N]
    wrong: np.ndarray  # bool [N]: hallucinated
    answerable: np.ndarray  # bool [N]

    @property
    def attempted(self) -> np.ndarray:
        """bool [N]: where it did not abstain."""
        either: np.ndarray = self.correct | self.wrong
        return either

    @property
    def told(self) -> bool:
        """Whether it says how sure it is: a number for every answer, and not the same for all."""
        said = self.confidence[self.attempted]
        return bool(np.isfinite(said).all() and len(np.unique(said)) > 1)

    def at(self, rows: np.ndarray) -> Answered:
        """The same over some of the questions; rows: bool or int."""
        return Answered(*(part[rows] for part in (
            self.confidence, self.error, self.correct, self.wrong, self.answerable)))


def answered(questions: Sequence[Question], grades: Sequence[Grade], outputs: Sequence[Output]) -> Answered:
    """The answers of a system; a confidence that is no number is the least of all."""
    correct, wrong = (np.array([g.outcome == name for g in grades], bool) for name in ("correct", "incorrect"))
    answerable = np.array([q.answerable for q in questions], bool)
    said = np.array([-math.inf if math.isnan(o.confidence) else o.confidence for o in outputs], float)
    confidence = np.where(correct | wrong, said, -math.inf)
    return Answered(confidence, wrong | (~correct & answerable), correct, wrong, answerable)


def selective(a: Answered) -> dict[str, Any]:
    """AURC, AUGRC, risk at fixed coverages, coverage at fixed risk, and the curve as [coverage, risk] pairs.

    AURC = 1/N sum E_k / k, AUGRC = 1/N sum E_k / N with E_k errors among the k surest (Traub et al., 2407.01032).
    """
    n = len(a.error)
    if not n:
        return {"aurc": None, "augrc": None, "risk_at": {}, "coverage_at_risk": None, "curve": []}
    errors = np.cumsum(_tied(a.error.astype(float), a.confidence)[np.argsort(-a.confidence, kind="stable")])
    risk = errors / np.arange(1, n + 1)
    low = np.flatnonzero(risk <= RISK + 1e-12)
    shown = np.unique(np.linspace(1, n, min(n, POINTS)).round().astype(int))
    return {
        "aurc": float(risk.mean()), "augrc": float(errors.mean() / n),
        "risk_at": {f"{c:g}": float(risk[math.ceil(c * n) - 1]) for c in COVERAGES},
        "coverage_at_risk": float((low[-1] + 1) / n) if len(low) else 0.0,
        "curve": [[float(k / n), float(risk[k - 1])] for k in shown]}


def calibration(a: Answered) -> dict[str, Any]:
    """AUROC, ECE, Brier score and the bins [mean confidence, share correct, n] of the answers given.

    None where nothing was answered, where all or none of it is right (AUROC), where a confidence is no probability.
    """
    said, right = a.confidence[a.attempted], a.correct[a.attempted].astype(float)
    probable = bool(len(said) and np.isfinite(said).all() and said.min() >= 0 and said.max() <= 1)
    bins = _bins(said, right) if probable else []
    return {
        "auroc": _auroc(said, right),
        "ece": sum(n * abs(sure - share) for sure, share, n in bins) / len(said) if probable else None,
        "brier": float(((said - right) ** 2).mean()) if probable else None,
        "bins": [[sure, share, n] for sure, share, n in bins]}


def augrc_influence(a: Answered) -> np.ndarray:
    """float [N]: values whose mean is the AUGRC and whose spread is its uncertainty (its first-order influence).

    AUGRC is a mean over pairs, error_i where j is no surer than i; each question has a share as i and one as j.
    """
    n, error = len(a.error), a.error.astype(float)
    order, places, ties = np.unique(a.confidence, return_inverse=True, return_counts=True)
    errors = np.bincount(places, error, len(order))
    below, above = np.cumsum(ties) - ties, errors.sum() - np.cumsum(errors)
    as_i = error * (below + (ties + 1) / 2)[places] / n
    as_j = (above + errors / 2)[places] / n
    values: np.ndarray = as_i + as_j - (as_j.mean() if n else 0.0)
    return values


def matched(ours: Answered, theirs: Answered, units: np.ndarray, ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """bool [N], bool [N]: the answers of two systems that stand when both cover as many answerable questions.

    Each half of the clusters is cut at the confidence that, on the other half, gives the smaller of both coverages: no
    threshold is applied where it was chosen. Ties are broken by the question's id, alike for both.
    """
    lots = np.array([zlib.crc32(i.encode()) for i in ids], float) / 2**32
    half = (np.random.default_rng(0).permutation(int(units.max(initial=0)) + 1) % 2 == 0)[units]
    kept = np.zeros((2, len(units)), bool)
    for dev in (half, ~half):
        pools = [a.attempted & a.answerable & dev for a in (ours, theirs)]
        target = min(int(pool.sum()) for pool in pools)
        for system, (a, pool) in enumerate(zip((ours, theirs), pools, strict=True)):
            kept[system] |= ~dev & a.attempted & _above(a.confidence, lots, pool, target)
    return kept[0], kept[1]


def _above(confidence: np.ndarray, lots: np.ndarray, pool: np.ndarray, target: int) -> np.ndarray:
    """bool [N]: what is at least as sure as the target-th surest of the pool (bool [N]); all if that is its last."""
    if target == pool.sum():
        return np.full(len(pool), target > 0)
    if target == 0:
        return np.zeros(len(pool), bool)
    rows = np.flatnonzero(pool)
    last = rows[np.lexsort((lots[rows], confidence[rows]))[-target]]
    above: np.ndarray = (confidence > confidence[last]) | (
        (confidence == confidence[last]) & (lots >= lots[last]))
    return above


def _tied(values: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """The values, each replaced by the mean of those with its key."""
    _, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
    means: np.ndarray = (np.bincount(places, values) / counts)[places]
    return means


def _auroc(said: np.ndarray, right: np.ndarray) -> float | None:
    hits, n = int(right.sum()), len(right)
    if hits in (0, n):
        return None
    _, places, counts = np.unique(said, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return float((ranks[right > 0].sum() - hits * (hits + 1) / 2) / (hits * (n - hits)))


def _bins(said: np.ndarray, right: np.ndarray) -> list[tuple[float, float, int]]:
    order, right = np.argsort(said, kind="stable"), _tied(right, said)
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return [(float(said[part].mean()), float(right[part].mean()), len(part)) for part in parts]
