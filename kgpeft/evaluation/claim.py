"""The sentence "reduces hallucination", and everything that keeps it from being printed.

The rule fails closed: the sentence needs every condition, and evidence that is missing fails its condition. Where facts
given as plain text do as well, that is said first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.errors import DataError
from kgpeft.evaluation.contrasts import OVER_REFUSAL, Stratum, contrasts, gain
from kgpeft.evaluation.power import plan
from kgpeft.evaluation.resampling import paired

if TYPE_CHECKING:
    from kgpeft.evaluation.report import SystemResult

ALPHA = 0.05
MOST_OVER_REFUSAL = 0.05  # more refusals of answerable questions than the other system
MOST_LOST, MOST_LOST_EACH = 0.01, 0.02  # of general ability, pooled and in one benchmark
LEAST_KEPT, LEAST_EACH = 300, 300  # general questions: 300 without a loss exclude one of 1 %; in one benchmark
LEAST_ABLE = 0.1  # share of them that the base gets right: who can do nothing has nothing to lose
SURVIVES, KEEPS = 0.2, 0.8  # share of the gain that a shuffled graph may keep, and that a renamed one must
FOLLOWS = 0.8  # share of the facts that a counterfactual graph changes which must be answered as it says
AS_GOOD = 0.02
FLIPS = 0.25  # of the smallest effect: answers that change with the batch size
LEAST_SIDE = 50  # clusters with, and clusters without an answer
LEAST_ONTOLOGIES, SHARE_OF_ONTOLOGIES = 2, 2 / 3
TESTED = {"hallucination": "hallucination at matched coverage", "penalised": "penalised score at confidence 0.75",
          "augrc": "area under generalised risk and coverage"}


@dataclass(frozen=True)
class Roles:
    """Which system plays which part: the names by which the claim finds them."""

    ours: str = "kgpeft"
    refusing: str = "base+refusal"  # the base, told to refuse what it does not know
    tuned: str = "lora+refusals"  # closed-book LoRA that has learnt to refuse
    # facts as text: every system whose name begins so, but for those whose name ends with the bound, which are given
    # the right facts and are no rivals
    text: tuple[str, ...] = ("base+facts", "base+bm25", "base+dense", "lora+facts")
    bound: str = "oracle"


class Shown(NamedTuple):
    """What another run found: whether ours beat both comparators there, without a leak."""

    ontology: str
    base: str
    shows: bool


class Followed(NamedTuple):
    """Facts that ours got right and a counterfactual graph says otherwise: how many it then answers as which graph."""

    asked: int
    new: int
    old: int


class Twin(NamedTuple):
    """The same graph under invented names: its questions, and the systems' answers to them."""

    questions: Sequence[Question]
    results: Sequence[SystemResult]


@dataclass(frozen=True)
class Evidence:
    """What a claim needs beside the systems' answers. None, or nothing, is missing evidence and fails."""

    ontology: str = ""  # what tells it from others: best the graph's fingerprint
    base: str = ""
    leaks: Sequence[str] | None = None  # test facts that training gives away, in words; empty: checked, none found
    controls: Mapping[str, SystemResult] = field(default_factory=dict)  # ours with another graph: "shuffled", "empty"
    followed: Followed | None = None  # what ours answers from the counterfactual graph
    renamed: Twin | None = None
    retention: Mapping[str, Sequence[tuple[bool, bool]]] = field(default_factory=dict)  # right before, right after
    local: tuple[int, int] | None = None  # of general questions, those answered in the same words before and after; all
    flips: float | None = None  # share of answers that differ between two batch sizes
    runs: Sequence[Shown] = ()  # on other ontologies and bases
    roles: Roles = Roles()


class Condition(NamedTuple):
    """One condition, whether it holds, and why, in words with figures."""

    name: str
    holds: bool
    why: str


@dataclass(frozen=True)
class Case:
    """All that the conditions look at."""

    questions: Sequence[Question]
    systems: Mapping[str, SystemResult]
    evidence: Evidence
    stratum: Stratum
    contrasts: Sequence[Mapping[str, Any]]  # ours against the comparators
    text: Sequence[Mapping[str, Any]]  # ours against facts as text

    @classmethod
    def of(cls, questions: Sequence[Question], results: Sequence[SystemResult], evidence: Evidence) -> Case:
        """The case of some results, with its contrasts; DataError where a system did not answer every question."""
        for r in (*results, *evidence.controls.values()):
            if not len(r.outputs) == len(r.grades) == len(questions):
                raise DataError(f"{len(r.outputs)} outputs and {len(r.grades)} grades for {len(questions)} questions",
                                where=r.name, remedy="let every system answer every question")
        stratum, systems, roles = Stratum.of(questions), {r.name: r for r in results}, evidence.roles
        ours = systems.get(roles.ours)
        others = [systems[name] for name in (roles.refusing, roles.tuned) if name in systems]
        told = [r for r in results if r.name.startswith(roles.text) and not r.name.endswith(roles.bound)]
        made = (contrasts(stratum, ours, others), contrasts(stratum, ours, told)) if ours else ([], [])
        return cls(questions, systems, evidence, stratum, *made)

    @property
    def comparators(self) -> tuple[str, ...]:
        """The systems that must be beaten."""
        return self.evidence.roles.refusing, self.evidence.roles.tuned

    def missing(self) -> list[str]:
        """Systems that the claim needs and that were not run."""
        return [name for name in (self.evidence.roles.ours, *self.comparators) if name not in self.systems]

    def tested(self, metric: str) -> list[Mapping[str, Any]]:
        """The contrasts of one metric."""
        return [row for row in self.contrasts if row["metric"] == metric]


def claim(case: Case) -> dict[str, Any]:
    """The verdict: `holds`, `text` (one sentence), `lines` (what a report prints first), `conditions`, `shown`.

    `lines` begins with plain text facts where these do as well, then has the sentence, then the conditions that fail.
    `shown` is what this run contributes to the claim of others: ontology, base, shows. `text_facts`: see `text_facts`.
    """
    conditions = [
        _leakage(case), _size(case), *(_beaten(case, metric) for metric in TESTED), _over_refusal(case),
        _retention(case.evidence.retention), _shuffled(case), _followed(case.evidence.followed), _renamed(case),
        _compared_with_text(case), _stable(case), _elsewhere(case)]
    holds = all(condition.holds for condition in conditions)
    ours, facts = case.evidence.roles.ours, text_facts(case)
    first = [facts["text"]] if facts and facts["as_well"] else []
    text = _sentence(case) if holds else f"No reduction of hallucination is shown for {ours}."
    failing = [f"{condition.name}: {condition.why}" for condition in conditions if not condition.holds]
    return {
        "holds": holds, "text": text, "lines": [*first, text, *failing], "text_facts": facts,
        "conditions": [condition._asdict() for condition in conditions], "shown": _shown(case)._asdict()}


def text_facts(case: Case) -> dict[str, Any] | None:
    """Ours against the best of the systems that read facts as text; None where there is none.

    `verdict` of ours: better, worse, within 2 points, or undecided; `as_well`: whether plain text does as well, which
    it does unless ours is shown to be better. Seconds are medians.
    """
    told = [row for row in case.text if row["difference"] is not None]
    rows = {row["other"]: row for row in told if row["metric"] == "hallucination"}
    if not rows:
        return None
    earned = {row["other"]: row["difference"] for row in told if row["metric"] == "penalised"}
    best = max(rows, key=lambda name: rows[name]["difference"])
    row, roles = rows[best], case.evidence.roles
    low, high = row["interval"]
    verdict = ("better" if high < 0 <= earned[best] else "worse" if low > 0 else
               "within 2 points" if max(-low, high) <= AS_GOOD else "undecided")
    words = {"better": "do less well than", "worse": "do better than"}.get(verdict, "do as well as")
    ours, theirs = (_seconds(case.systems[name]) for name in (roles.ours, best))
    unsure = ", as far as so few questions tell" if verdict == "undecided" else ""
    text = (f"Facts given as plain text ({best}) {words} {roles.ours}{unsure}: {_against(row)}; "
            f"{theirs:.2f} s a question, {roles.ours} {ours:.2f} s.")
    return {"system": best, "verdict": verdict, "as_well": verdict != "better", "difference": row["difference"],
            "interval": [low, high], "seconds": {best: theirs, roles.ours: ours}, "text": text}


def _leakage(case: Case) -> Condition:
    leaks = case.evidence.leaks
    if leaks is None:
        return Condition("leakage", False, "it was not checked whether training gives test facts away")
    told = f"{len(leaks)} test facts are given away by training: {'; '.join(leaks[:3])}"
    return Condition("leakage", not leaks, told if leaks else "no test fact is given away by training")


def _size(case: Case) -> Condition:
    planned, sizes = plan(case.questions), case.stratum.sizes
    sides = f"{sizes['answerable']} with and {sizes['unanswerable']} without an answer"
    enough = planned["enough"] and min(sizes["answerable"], sizes["unanswerable"]) >= LEAST_SIDE
    return Condition("size", enough, f"{planned['text']}, and {LEAST_SIDE} of each kind; there are {sides}")


def _beaten(case: Case, metric: str) -> Condition:
    if missing := case.missing():
        return Condition(TESTED[metric], False, f"not run: {', '.join(missing)}")
    rows = case.tested(metric)
    why = "; ".join(f"{_against(row)}, p = {row['p_holm']:.2g} after Holm{_but(row)}" for row in rows)
    return Condition(TESTED[metric], all(_wins(row) for row in rows), why)


def _wins(row: Mapping[str, Any]) -> bool:
    return bool(row["better"] and row["p_holm"] < ALPHA and not _but(row))


def _but(row: Mapping[str, Any]) -> str:
    """What makes a comparison unfair, or nothing."""
    return "" if row.get("told", True) else ", but one of them does not say how sure it is"


def _over_refusal(case: Case) -> Condition:
    name = "over-refusal"
    if missing := case.missing():
        return Condition(name, False, f"not run: {', '.join(missing)}")
    rows = case.tested(OVER_REFUSAL)
    fair = [row["interval"][1] is not None and row["interval"][1] <= MOST_OVER_REFUSAL for row in rows]
    allowed = f"up to {100 * MOST_OVER_REFUSAL:g} points more are allowed, with the interval"
    return Condition(name, all(fair), f"{'; '.join(map(_against, rows))}; {allowed}")


def _retention(pairs: Mapping[str, Sequence[tuple[bool, bool]]]) -> Condition:
    name, items = "general ability", np.array([pair for rows in pairs.values() for pair in rows], float).reshape(-1, 2)
    able = float(items[:, 0].mean()) if len(items) else 0.0
    if len(items) < LEAST_KEPT or able < LEAST_ABLE:
        return Condition(name, False, (
            f"measured on {len(items)} questions, of which the base gets {100 * able:.0f} % right: {LEAST_KEPT} are "
            f"needed, some 3,100 to show a margin of a point, and {100 * LEAST_ABLE:g} %"))
    pooled = paired((items[:, 1] - items[:, 0])[:, None], np.arange(len(items)), level=1 - 2 * ALPHA,
                    replicates=2_000)[0]
    each = {bench: float(np.diff(np.array(rows, float)).mean()) for bench, rows in pairs.items()
            if len(rows) >= LEAST_EACH} or {"all": pooled.value}
    worst = min(each, key=lambda bench: each[bench])
    holds = pooled.low >= -MOST_LOST and each[worst] >= -MOST_LOST_EACH
    return Condition(name, holds, (
        f"{100 * pooled.value:+.1f} points pooled over {len(items)} questions ({100 * able:.0f} % right before), with "
        f"95 % confidence not below {100 * pooled.low:+.1f} ({-100 * MOST_LOST:g} is allowed); in {worst} "
        f"{100 * each[worst]:+.1f} ({-100 * MOST_LOST_EACH:g})"))


def _shuffled(case: Case) -> Condition:
    name, control = "shuffled graph", case.evidence.controls.get("shuffled")
    if control is None or case.missing():
        return Condition(name, False, "not run" if control is None else f"not run: {', '.join(case.missing())}")
    shares = _shares(case, lambda other: gain(case.stratum, control, other))
    return Condition(name, all(share is not None and share <= SURVIVES for share in shares.values()),
                     f"{_kept(shares)} of the gain survives; at most {100 * SURVIVES:g} % may")


def _followed(found: Followed | None) -> Condition:
    name = "counterfactual graph"
    if found is None:
        return Condition(name, False, "not run")
    enough = found.asked >= LEAST_SIDE
    share, old = (100 * part / max(1, found.asked) for part in (found.new, found.old))
    return Condition(name, enough and found.new >= FOLLOWS * found.asked, (
        f"of {found.asked} facts that it got right and the changed graph says otherwise, {share:.0f} % are answered as "
        f"that graph says and {old:.0f} % as before; {LEAST_SIDE} facts and {100 * FOLLOWS:g} % are needed"))


def _renamed(case: Case) -> Condition:
    name, twin = "renamed twin", case.evidence.renamed
    if twin is None or case.missing():
        return Condition(name, False, "not run" if twin is None else f"not run: {', '.join(case.missing())}")
    systems, stratum = {r.name: r for r in twin.results}, Stratum.of(twin.questions)
    absent = [role for role in (case.evidence.roles.ours, *case.comparators) if role not in systems]
    if absent or not plan(twin.questions)["enough"]:
        return Condition(name, False, f"not run on the twin: {', '.join(absent) or 'enough questions'}")
    ours = systems[case.evidence.roles.ours]
    shares = _shares(case, lambda other: gain(stratum, ours, systems[other.name]))
    return Condition(name, all(share is not None and share >= KEEPS for share in shares.values()),
                     f"{_kept(shares)} of the gain is there under invented names; at least {100 * KEEPS:g} % must be")


def _compared_with_text(case: Case) -> Condition:
    facts = text_facts(case)
    return Condition("facts as text", facts is not None, facts["text"] if facts else (
        f"no system that reads facts as text was run ({', '.join(case.evidence.roles.text)}…)"))


def _stable(case: Case) -> Condition:
    name, flips = "batch size", case.evidence.flips
    if flips is None:
        return Condition(name, False, "it was not measured how many answers change with it")
    effects = [-(row["difference"] or 0.0) for row in case.tested("hallucination")]
    most = FLIPS * min(effects, default=0.0)
    return Condition(name, flips < most, (
        f"{100 * flips:.2f} % of the answers change with it; a quarter of the effect is {100 * most:.2f} points"))


def _elsewhere(case: Case) -> Condition:
    """On at least two ontologies and two thirds of those tried, this one among them, with every base model."""
    runs = {(run.ontology, run.base): run.shows for run in (*case.evidence.runs, _shown(case))}
    bases = dict.fromkeys(base for _, base in runs)
    tried = {base: [shows for (_, other), shows in runs.items() if other == base] for base in bases}
    enough = [sum(rows) >= max(LEAST_ONTOLOGIES, SHARE_OF_ONTOLOGIES * len(rows)) for rows in tried.values()]
    told = "; ".join(f"with {base or 'this base'} on {sum(rows)} of {len(rows)}" for base, rows in tried.items())
    return Condition("other ontologies", all(enough) and _shown(case).shows, (
        f"shown {told}; at least {LEAST_ONTOLOGIES} ontologies and two thirds of those tried are needed, this one "
        "among them, for every base model"))


def _shown(case: Case) -> Shown:
    evidence = case.evidence
    clean = not case.missing() and _leakage(case).holds and _size(case).holds
    return Shown(evidence.ontology, evidence.base, clean and all(_beaten(case, metric).holds for metric in TESTED))


def _shares(case: Case, other_gain: Callable[[SystemResult], float]) -> dict[str, float | None]:
    """For every comparator, another gain over it as a share of ours; None where ours is nothing."""
    full = {row["other"]: -(row["difference"] or 0.0) for row in case.tested("hallucination")}
    return {name: other_gain(case.systems[name]) / whole if whole > 0 else None for name, whole in full.items()}


def _kept(shares: Mapping[str, float | None]) -> str:
    words = {name: "nothing, as nothing was gained," if s is None else f"{100 * s:.0f} %" for name, s in shares.items()}
    return "; ".join(f"against {name} {share}" for name, share in words.items())


def _against(row: Mapping[str, Any]) -> str:
    """A contrast in words: both values, the difference, its interval."""
    if row["difference"] is None or None in row["interval"]:
        return f"{row['ours']} and {row['other']} cannot be compared, for want of questions"
    scale, unit, points, digits = (1.0, "", "", 2) if row["metric"] == "penalised" else (100.0, " %", " points", 1)
    mine, theirs, difference, low, high = (
        scale * number for number in (row["value_ours"], row["value_other"], row["difference"], *row["interval"]))
    at = f", at {100 * row['coverage']:.0f} % coverage" if "coverage" in row else ""
    return (f"{row['ours']} {mine:.{digits}f}{unit}, {row['other']} {theirs:.{digits}f}{unit}, difference "
            f"{difference:+.{digits}f}{points} ({low:+.{digits}f} to {high:+.{digits}f}{at})")


def _sentence(case: Case) -> str:
    rows = "; ".join(_against(row) for row in case.tested("hallucination"))
    return f"{case.evidence.roles.ours} reduces hallucination: at matched coverage, {rows}."


def _seconds(system: SystemResult) -> float:
    return median(output.seconds for output in system.outputs)
