"""The contrasts that a claim rests on, over the questions that it rests on.

Those are questions on facts that no training example gave away (held-out facts, entities held out whole) and questions
without an answer; not those where the answer can be read off the subject's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kgpeft.dataset.questions import LEXICAL, Question
from kgpeft.evaluation.confidence import Answered, answered, augrc_influence, matched
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.resampling import REPLICATES, Difference, clusters, holm, paired
from kgpeft.evaluation.statistics import penalised

if TYPE_CHECKING:
    from kgpeft.evaluation.report import SystemResult

MAIN = ("held-out fact", "entity-disjoint")
METRICS = ("hallucination", "penalised", "augrc")
TARGET = 0.75  # confidence target of the penalised score
OVER_REFUSAL = "over_refusal"


def headline(questions: Sequence[Question]) -> np.ndarray:
    """bool [N]: the questions that a claim rests on."""
    open_ones = [q.stratum != LEXICAL for q in questions]
    asked = [q.family in MAIN or not q.answerable for q in questions]
    return np.logical_and(open_ones, asked)


@dataclass(frozen=True)
class Stratum:
    """The questions that a claim rests on, and how they are drawn."""

    questions: Sequence[Question]
    rows: np.ndarray  # int64 [n]: their places among all questions
    units: np.ndarray  # int64 [n]

    @classmethod
    def of(cls, questions: Sequence[Question]) -> Stratum:
        """The stratum of all questions; it may be empty."""
        rows = np.flatnonzero(headline(questions))
        inside = [questions[i] for i in rows.tolist()]
        return cls(inside, rows, clusters(inside))

    @property
    def sizes(self) -> dict[str, int]:
        """Questions, groups and clusters, of them with and without an answer."""
        answerable = np.array([q.answerable for q in self.questions], bool)
        return {"questions": len(self.rows), "groups": len({q.group for q in self.questions}),
                "clusters": len(set(self.units.tolist())),
                "answerable": len(set(self.units[answerable].tolist())),
                "unanswerable": len(set(self.units[~answerable].tolist()))}

    def answered(self, system: SystemResult) -> Answered:
        """A system's answers to these questions."""
        return answered(self.questions, self.grades(system), [system.outputs[i] for i in self.rows])

    def grades(self, system: SystemResult) -> list[Grade]:
        """A system's grades on these questions."""
        return [system.grades[i] for i in self.rows]


def contrasts(stratum: Stratum, ours: SystemResult, others: Sequence[SystemResult],
              replicates: int = REPLICATES) -> list[dict[str, Any]]:
    """Ours against each other system: hallucination at matched coverage, penalised score, AUGRC, over-refusal.

    Keys: metric, ours, other, value_ours, value_other, difference (ours - other), interval, p, and `better` where the
    interval lies wholly on the good side; for hallucination the `coverage` of answerable questions too; for
    AUGRC `told`, whether both say how sure they are. p_holm is `p` after Holm over all rows but over-refusals.
    """
    made = [row for other in others for row in _columns(stratum, ours, other)]
    values = np.array([row.pop("values") for row in made], float).reshape(len(made), len(stratum.rows)).T
    counted = np.array([row.pop("counted") for row in made], bool).reshape(values.shape[::-1]).T
    for row, d in zip(made, paired(values, stratum.units, counted, replicates=replicates), strict=True):
        row |= _found(d, row["metric"] == "penalised")
    primary = [row for row in made if row["metric"] != OVER_REFUSAL]
    for row, p in zip(primary, holm([row["p"] for row in primary]), strict=True):
        row["p_holm"] = p
    return made


def gain(stratum: Stratum, ours: SystemResult, other: SystemResult) -> float:
    """By how much ours hallucinates less than another system, both at the same coverage."""
    cut = matched(stratum.answered(ours), stratum.answered(other), [q.id for q in stratum.questions])
    return -float(cut.values.sum()) / max(1, len(stratum.rows))


def rates(stratum: Stratum, systems: Sequence[SystemResult]) -> dict[str, dict[str, Any]]:
    """For every system hallucination, accuracy, penalised score and AUGRC, each [value, low, high]; clusters drawn."""
    names, columns, counted = ("hallucination", "accuracy", "penalised", "augrc"), [], []
    for system in systems:
        a = stratum.answered(system)
        columns += [a.wrong, a.correct & a.answerable, _earned(stratum, system), augrc_influence(a)]
        every = np.ones(len(stratum.rows), bool)
        counted += [every, a.answerable, every, every]
    shape = (len(columns), len(stratum.rows))
    values, within = np.array(columns, float).reshape(shape).T, np.array(counted, bool).reshape(shape).T
    found = iter(paired(values, stratum.units, within))
    return {system.name: {name: _numbers(next(found)) for name in names} for system in systems}


def _columns(stratum: Stratum, ours: SystemResult, other: SystemResult) -> list[dict[str, Any]]:
    mine, theirs = stratum.answered(ours), stratum.answered(other)
    cut = matched(mine, theirs, [q.id for q in stratum.questions])
    hits = [mine.wrong & cut.ours, theirs.wrong & cut.theirs]
    earned = [_earned(stratum, system) for system in (ours, other)]
    ranked = [augrc_influence(a) for a in (mine, theirs)]
    refused = [~a.attempted & a.answerable for a in (mine, theirs)]
    every = np.ones(len(stratum.rows), bool)
    return [
        _row(ours, other, "hallucination", hits, every) | {"coverage": cut.coverage, "values": cut.values},
        _row(ours, other, "penalised", earned, every),
        _row(ours, other, "augrc", ranked, every) | {"told": mine.told and theirs.told},
        _row(ours, other, OVER_REFUSAL, refused, mine.answerable)]


def _row(ours: SystemResult, other: SystemResult, metric: str, pair: Sequence[np.ndarray],
         counted: np.ndarray) -> dict[str, Any]:
    mine, theirs = (part.astype(float) for part in pair)
    return {"metric": metric, "ours": ours.name, "other": other.name, "value_ours": _mean(mine[counted]),
            "value_other": _mean(theirs[counted]), "values": mine - theirs, "counted": counted}


def _found(d: Difference, higher: bool) -> Mapping[str, Any]:
    value, low, high = _numbers(d)
    better = value is not None and (d.low > 0 if higher else d.high < 0)
    return {"difference": value, "interval": [low, high], "p": d.p, "better": better}


def _earned(stratum: Stratum, system: SystemResult) -> np.ndarray:
    return np.array([penalised(grade, TARGET) for grade in stratum.grades(system)], float)


def _numbers(d: Difference) -> list[float | None]:
    return [None if np.isnan(number) else number for number in d[:3]]


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
