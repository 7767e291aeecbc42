"""Whether the tests err as often as they say: python inference.py [EXPERIMENTS] [SCENARIO...].

Simulated evaluations of three systems, whose answers to the questions of one fact (or of one entity) are alike. Prints
one JSON line a scenario: for every metric the share of experiments with p < 0.05 (without a true difference the type-I
error, else the power) and the share of 95 % intervals that hold the true difference; how often anything is found at
all (`any`, six contrasts after Holm) and how often a z test finds a difference of hallucination that takes questions
for independent (`naive`). The true difference is that of 400 such experiments' worth of facts, 0 where systems are alike.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.contrasts import METRICS, Stratum, contrasts
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.report import SystemResult

GRADES = {name: Grade(name, "") for name in ("correct", "incorrect", "abstained")}
SEEN, REPLICATES, LARGE = ("hallucination", "penalised", "augrc"), 1_000, 400


@dataclass(frozen=True)
class Scenario:
    """A world: how many things are asked, how alike their answers are, how surely and how well each system answers."""

    facts: int = 300
    phrasings: int = 4
    per_entity: int = 1  # facts of one entity, all as alike as phrasings of one fact
    alike: float = 0.5  # correlation of the latent knowledge within an entity (and within a fact)
    bold: tuple[float, float, float] = (0.3, 0.3, 0.3)  # each system answers where it is surer than this
    skill: tuple[float, float, float] = (0.0, 0.0, 0.0)


SCENARIOS = {
    "alike .2": Scenario(alike=0.2),
    "alike .5": Scenario(),
    "alike .8": Scenario(alike=0.8),
    "60 facts": Scenario(facts=60),
    "1000 facts": Scenario(facts=1000, phrasings=1),
    "one refuses more": Scenario(bold=(0.5, 0.3, 0.3)),
    "entities": Scenario(phrasings=2, per_entity=3),
    "better": Scenario(skill=(0.25, 0.0, 0.0)),
}


def asked(s: Scenario) -> list[Question]:
    found = []
    for fact in range(s.facts):
        entity = fact // s.per_entity
        answers = (("a",),) if entity % 2 else ()
        found += [
            Question(
                f"{fact}-{i}",
                "held-out fact" if answers else "fact absent",
                "?",
                answers,
                f"urn:{entity}",
                f"urn:r{fact}",
            )
            for i in range(s.phrasings)
        ]
    return found


def answers(
    s: Scenario, system: int, answerable: np.ndarray, rng: np.random.Generator, shared: np.ndarray
) -> SystemResult:
    """Knowledge is normal, partly shared by all systems and by all questions on an entity; confidence follows it."""
    n, share = len(answerable), s.phrasings * s.per_entity
    own = np.repeat(rng.normal(size=-(-n // share)), share)[:n]
    knows = np.sqrt(s.alike) * (0.6 * shared + 0.8 * own) + np.sqrt(1 - s.alike) * rng.normal(size=n) + s.skill[system]
    sure = 1 / (1 + np.exp(-(knows + 0.5 * rng.normal(size=n) - 0.7 * ~answerable)))
    outcome = np.where(sure < s.bold[system], "abstained", np.where(answerable & (knows > 0.2), "correct", "incorrect"))
    outputs = [Output("", False, c, 0.0) for c in sure.tolist()]
    return SystemResult(f"system {system}", outputs, [GRADES[o] for o in outcome.tolist()])


def experiment(s: Scenario, stratum: Stratum, rng: np.random.Generator, replicates: int) -> list[dict]:
    answerable = np.array([q.answerable for q in stratum.questions])
    share = s.phrasings * s.per_entity
    shared = np.repeat(rng.normal(size=-(-len(answerable) // share)), share)[: len(answerable)]
    ours, *others = [answers(s, i, answerable, rng, shared) for i in range(3)]
    rows = [row for row in contrasts(stratum, ours, others, replicates) if row["metric"] in METRICS]
    wrong = [np.array([g.outcome == "incorrect" for g in r.grades], float) for r in (ours, others[0])]
    off = wrong[0] - wrong[1]
    z = off.mean() / (off.std() / np.sqrt(len(off)) or 1.0)
    rows.append({"metric": "naive", "p": 2 * NormalDist().cdf(-abs(z))})
    return rows


def truth(s: Scenario) -> dict[str, float]:
    if len(set(s.skill)) == 1 and len(set(s.bold)) == 1:
        return dict.fromkeys(SEEN, 0.0)
    large = Scenario(s.facts * LARGE // 20, s.phrasings, s.per_entity, s.alike, s.bold, s.skill)
    stratum, rng = Stratum.of(asked(large)), np.random.default_rng(1)
    runs = [experiment(large, stratum, rng, 1)[:3] for _ in range(20)]
    return {m: float(np.mean([row["difference"] for run in runs for row in run if row["metric"] == m])) for m in SEEN}


def measure(name: str, experiments: int) -> dict:
    s = SCENARIOS[name]
    stratum, rng, true = Stratum.of(asked(s)), np.random.default_rng(0), truth(s)
    found = {m: [0, 0] for m in SEEN}
    anything, naive, off = 0, 0, {m: 0.0 for m in SEEN}
    for _ in range(experiments):
        rows = experiment(s, stratum, rng, REPLICATES)
        for row in rows[:3]:
            low, high = row["interval"]
            found[row["metric"]][0] += row["p"] < 0.05
            found[row["metric"]][1] += low <= true[row["metric"]] <= high
            off[row["metric"]] += row["difference"] / experiments
        anything += any(row["p_holm"] < 0.05 for row in rows[:-1])
        naive += rows[-1]["p"] < 0.05
    return {
        "scenario": name,
        "experiments": experiments,
        "questions": len(stratum.questions),
        "clusters": stratum.sizes["clusters"],
        "true": true,
        "mean": off,
        "rejects": {m: hits / experiments for m, (hits, _) in found.items()},
        "covers": {m: hits / experiments for m, (_, hits) in found.items()},
        "any": anything / experiments,
        "naive": naive / experiments,
    }


if __name__ == "__main__":
    chosen = sys.argv[2:] or list(SCENARIOS)
    for scenario in chosen:
        print(json.dumps(measure(scenario, int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)), flush=True)
