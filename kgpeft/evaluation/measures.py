"""Everything that is measured and concluded from the graded answers of several systems to the same questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.claim import Case, Evidence, claim
from kgpeft.evaluation.confidence import answered, calibration, selective
from kgpeft.evaluation.contrasts import MAIN, rates
from kgpeft.evaluation.power import plan
from kgpeft.evaluation.statistics import consistency, locality, score, set_scores

if TYPE_CHECKING:
    from kgpeft.evaluation.report import SystemResult

NOTHING = Evidence()
BASE = "base"  # what locality is measured against


def evaluate(questions: Sequence[Question], results: Sequence[SystemResult],
             evidence: Evidence = NOTHING) -> dict[str, Any]:
    """What the results show, ready for JSON; None stands for what cannot be told.

    systems: by name, over all questions: `aurc`, `augrc`, `risk_at` {coverage: risk}, `coverage_at_risk`, `curve`
      [[coverage, risk]]; `auroc`, `ece`, `brier`, `bins` [[mean confidence, share right, n]]; `consistency` {facts,
      same, worst}; `sets` {n, precision, recall, f1}; `locality` {n, same, interval}, None without a base.
    stratum: how many questions a claim rests on: questions, groups, clusters, and clusters answerable, unanswerable.
    rates: by name, over the stratum: hallucination, accuracy, penalised, augrc, each [value, low, high].
    contrasts, text: rows as in `contrasts.contrasts`, against the comparators and against facts as text.
    controls: by name of the control, what `score` says of it, and `same`, the share of answers equal to the base's.
    followed: {asked, new, old}, see `claim.Followed`; None where the counterfactual graph was not asked.
    power: see `power.plan`. gates: [{name, value, bar, holds}], proposed for a release, not part of the claim.
    claim: see `claim.claim`.
    """
    case = Case.of(questions, results, evidence)
    ours, base = case.systems.get(evidence.roles.ours), case.systems.get(BASE)
    systems = {result.name: _system(questions, result, base) for result in results}
    return {
        "stratum": case.stratum.sizes, "systems": systems, "rates": rates(case.stratum, results),
        "contrasts": list(case.contrasts), "text": list(case.text),
        "controls": {name: _control(questions, control, base) for name, control in evidence.controls.items()},
        "followed": evidence.followed._asdict() if evidence.followed else None,
        "power": plan(questions), "gates": _gates(questions, ours, systems, evidence), "claim": claim(case)}


def _system(questions: Sequence[Question], result: SystemResult, base: SystemResult | None) -> dict[str, Any]:
    a, texts = answered(questions, result.grades, result.outputs), [output.text for output in result.outputs]
    before = [output.text for output in base.outputs] if base else None
    return selective(a) | calibration(a) | {
        "consistency": consistency(questions, result.grades, texts), "sets": set_scores(questions, result.grades),
        "locality": locality(questions, before, texts) if before else None}


def _control(questions: Sequence[Question], control: SystemResult, base: SystemResult | None) -> dict[str, Any]:
    pairs = zip(control.outputs, base.outputs, strict=True) if base else []
    same = [mine.text == theirs.text for mine, theirs in pairs]
    return score(questions, control.grades) | {"same": float(np.mean(same)) if same else None}


def _gates(questions: Sequence[Question], ours: SystemResult | None,
           systems: Mapping[str, Mapping[str, Any]], evidence: Evidence) -> list[dict[str, Any]]:
    """The proposed bars of a release; a value that is not there holds no gate."""
    if ours is None:
        return []
    total, found = score(questions, ours.grades), systems[ours.name]
    same, asked = evidence.local or (0, 0)
    local = same / asked if asked else (found["locality"] or {}).get("same")
    main = total["families"].get(MAIN[0], {})
    contradicted = total["kinds"].get("contradiction", 0) / total["n"] if total["n"] else None
    gates = (("abstention recall", total["abstention_recall"], 0.9, True),
             ("right on held-out facts", main.get("accuracy"), 0.8, True),
             ("hallucinated on held-out facts", main.get("hallucination_rate"), 0.05, False),
             ("consistency", found["consistency"]["same"], 0.9, True),
             ("locality", local, 0.97, True),
             ("contradictions of the axioms", contradicted, 0.005, False))
    return [{"name": name, "value": value, "bar": bar,
             "holds": value is not None and (value >= bar if above else value <= bar)}
            for name, value, bar, above in gates]
