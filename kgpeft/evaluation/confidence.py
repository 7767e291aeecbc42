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
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import Grade

if TYPE_CHECKING:
    from kgpeft.evaluation.outputs import Output

BINS = 15  # of equal mass
COVERAGES = (0.5, 0.7, 0.9)
RISK = 0.05
POINTS = 100  # of a risk-coverage curve
NEAR = 25  # answers on either side of a cut, at least
LEAST_SHARE = 0.05  # of answers to answerable questions around a cut


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


class Matched(NamedTuple):
    """Two systems cut to the same coverage: which answers stand, the coverage, and what the choice of the cut costs."""

    ours: np.ndarray  # bool [N]
    theirs: np.ndarray  # bool [N]
    coverage: float  # of the answerable questions, the smaller of both
    values: np.ndarray  # float64 [N]: their mean is the difference of hallucination rates, their spread its uncertainty


def matched(ours: Answered, theirs: Answered, ids: Sequence[str]) -> Matched:
    """The system that answers more answerable questions gives up its least sure answers, until both answer as many.

    The cut looks at confidence and at which questions have an answer, never at a grade, so it may be made on the very
    questions that are tested. It is chance all the same: had other questions been drawn, it would lie elsewhere. So the
    values take off what a difference of coverage is worth there, the hallucinations lost for every answerable question
    lost; without that a test finds differences between equal systems three times as often as it says. Ties are broken
    by the question's id, alike for both.
    """
    lots = np.array([zlib.crc32(i.encode()) for i in ids], np.int64)
    pools = [a.attempted & a.answerable for a in (ours, theirs)]
    target = min(int(pool.sum()) for pool in pools)
    orders = [np.lexsort((lots, np.where(a.attempted, a.confidence, -math.inf), a.attempted))[::-1]
              for a in (ours, theirs)]
    kept = [_surest(a, order, target) for a, order in zip((ours, theirs), orders, strict=True)]
    cut = 0 if pools[0].sum() >= pools[1].sum() else 1
    worth = _worth((ours, theirs)[cut], orders[cut], int(kept[cut].sum()))
    wrong = (ours.wrong & kept[0]).astype(float) - (theirs.wrong & kept[1])
    covers = (pools[0] & kept[0]).astype(float) - (pools[1] & kept[1])
    return Matched(kept[0], kept[1], target / max(1, int(ours.answerable.sum())), wrong - worth * covers)


def _surest(a: Answered, order: np.ndarray, target: int) -> np.ndarray:
    """bool [N]: the surest answers, down to the target-th to an answerable question; all, if that is the last."""
    pool = a.attempted & a.answerable
    if target in (0, int(pool.sum())):
        return a.attempted & (target > 0)
    kept = np.zeros(len(order), bool)
    kept[order[: int(np.flatnonzero(np.cumsum(pool[order]) == target)[0]) + 1]] = True
    return kept


def _worth(a: Answered, order: np.ndarray, cut: int) -> float:
    """Hallucinations for every answer to an answerable question at the cut, by straight lines through those around."""
    width = max(NEAR, int(len(order) ** 0.7))
    places = np.arange(max(0, cut - width), min(cut + width, int(a.attempted.sum())))
    if len(places) < 3:
        return 0.0
    wrong, answerable = (np.polyfit(places + 0.5 - cut, hits[order[places]].astype(float), 1)[1]
                         for hits in (a.wrong, a.answerable))
    return float(max(0.0, wrong) / max(LEAST_SHARE, answerable))


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
