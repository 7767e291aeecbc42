"""Rates with intervals, and the paired comparison of two systems on the same questions."""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.resampling import REPLICATES, clusters, paired
from kgpeft.evaluation.wording import normalise

Z95 = 1.959963984540054
PENALTIES = (0.0, 0.5, 0.75, 0.9)  # confidence targets t of the penalised scores (Kalai et al., 2509.04664)
LOCALITY = "locality"  # the family of questions that the graph does not touch


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
            replicates: int = REPLICATES) -> dict[str, Any]:
    """The difference of hallucination rates (ours - theirs); the keys are those of `compare_all`."""
    return compare_all(questions, ours, {"": theirs}, seed, replicates)[""]


def compare_all(questions: Sequence[Question], ours: Sequence[Grade], others: Mapping[str, Sequence[Grade]],
                seed: int = 0, replicates: int = REPLICATES) -> dict[str, dict[str, Any]]:
    """For each other system the difference of hallucination rates (ours - theirs), its 95 % interval and its p.

    Interval and p are those of `resampling.paired`, which draws groups of questions, not questions. The exact McNemar
    p is given only where every group has one question: with more, its questions are not independent and p would be far
    too small.
    """
    units, groups = clusters(questions), len({question.group for question in questions})
    columns = [[int(hallucinated(our)) - int(hallucinated(their)) for our, their in zip(ours, theirs, strict=True)]
               for theirs in others.values()]
    values = np.array(columns, float).reshape(len(columns), len(questions)).T
    found = {}
    for name, d, rows in zip(others, paired(values, units, seed=seed, replicates=replicates), columns, strict=True):
        more, fewer = rows.count(1), rows.count(-1)
        found[name] = {
            "difference": d.value, "interval": [d.low, d.high], "p": d.p,
            "questions": len(questions), "groups": groups, "clusters": len(set(units.tolist())),
            "only_ours_hallucinates": more, "only_theirs_hallucinates": fewer,
            "p_mcnemar": mcnemar(more, fewer) if groups == len(questions) else None}
    return found


def mcnemar(one: int, other: int) -> float:
    """The two-sided exact p of so uneven a split of the discordant pairs, were both sides equally likely."""
    n = one + other
    tail = sum(math.comb(n, k) for k in range(min(one, other) + 1))
    return min(1.0, float(2 * tail / 2**n))


def penalised(grade: Grade, t: float) -> float:
    """What an answer earns where guessing pays only above confidence t: 1, -t / (1 - t) if wrong, 0 for abstaining."""
    return {"correct": 1.0, "incorrect": -t / (1 - t), "abstained": 0.0}[grade.outcome]


def set_scores(questions: Sequence[Question], grades: Sequence[Grade]) -> dict[str, Any]:
    """Mean precision, recall and F1 over the questions with several answers; what names nothing scores 0."""
    rows = [(g.precision or 0.0, g.recall or 0.0) for q, g in zip(questions, grades, strict=True) if len(q.answers) > 1]
    f1 = [2 * p * r / (p + r) if p + r else 0.0 for p, r in rows]
    precision, recall = ([row[i] for row in rows] for i in (0, 1))
    means = {"precision": _mean(precision), "recall": _mean(recall), "f1": _mean(f1)}
    return {"n": len(rows), **means}


def consistency(questions: Sequence[Question], grades: Sequence[Grade], texts: Sequence[str]) -> dict[str, Any]:
    """Over the facts that a family asks in several phrasings: the share answered alike, and always rightly.

    Alike: all right, all abstained, or the same wrong words. `worst` is the mean over facts of their worst phrasing.
    """
    asked: dict[Hashable, list[tuple[str, bool]]] = {}
    for q, g, text in zip(questions, grades, texts, strict=True):
        right = g.outcome == ("correct" if q.answerable else "abstained")
        asked.setdefault((q.family, q.group, q.answers, q.relation), []).append((said(g, text), right))
    facts = [rows for rows in asked.values() if len(rows) > 1]
    return {
        "facts": len(facts), "same": _mean([len({what for what, _ in rows}) == 1 for rows in facts]),
        "worst": _mean([all(right for _, right in rows) for rows in facts])}


def locality(questions: Sequence[Question], before: Sequence[str], after: Sequence[str]) -> dict[str, Any]:
    """The share of questions outside the graph (family "locality") that get the same words before and after."""
    same = [normalise(was) == normalise(now) for q, was, now in zip(questions, before, after, strict=True)
            if q.family == LOCALITY]
    return {"n": len(same), "same": _mean(same), "interval": list(wilson(sum(same), len(same)))}


def said(grade: Grade, text: str) -> str:
    """What an output comes down to: that it is right, that it abstains, or the words of its error."""
    return normalise(text) if grade.outcome == "incorrect" else f"<{grade.outcome}>"


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _score(pairs: Sequence[tuple[Question, Grade]]) -> dict[str, Any]:
    counts = Counter((question.answerable, grade.outcome) for question, grade in pairs)
    n, answerable = len(pairs), sum(question.answerable for question, _ in pairs)
    wrong, invented = counts[True, "incorrect"], counts[False, "incorrect"]
    right, refused = counts[True, "correct"] + counts[False, "correct"], counts[False, "abstained"]
    rates = {
        "accuracy": (counts[True, "correct"], answerable), "hallucination_rate": (wrong + invented, n),
        "abstention_recall": (refused, n - answerable),
        "over_refusal_rate": (counts[True, "abstained"], answerable),
        "abstention_precision": (refused, refused + counts[True, "abstained"]),
        "precision": (right, right + wrong + invented), "attempted": (right + wrong + invented, n)}
    return {
        "n": n, "answerable": answerable, "correct": counts[True, "correct"], "incorrect": wrong + invented,
        "abstained": counts[True, "abstained"] + counts[False, "abstained"],
        "right_abstentions": counts[False, "abstained"], "over_refusals": counts[True, "abstained"],
        "empty": sum(grade.flag == "empty" for _, grade in pairs),
        "kinds": dict(Counter(grade.kind or "other" for _, grade in pairs if hallucinated(grade))),
        "simpleqa_f": 2 * right / (n + right + wrong + invented) if n else None,
        "penalised": {f"{t:g}": _mean([penalised(grade, t) for _, grade in pairs]) for t in PENALTIES},
        **{name: hits / of if of else None for name, (hits, of) in rates.items()},
        "intervals": {name: list(wilson(hits, of)) if of else None for name, (hits, of) in rates.items()}}
