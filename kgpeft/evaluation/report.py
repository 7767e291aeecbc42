"""The report: metrics.json for programs, report.html for people, and a table for a paper."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.claim import Evidence
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.measures import NOTHING, evaluate
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.statistics import compare_all, score

OURS = "kgpeft"
SCHEMA = "schema.json"  # of metrics.json, beside this file
LEAST_ASKED = 3  # questions about a relation that is told apart


@dataclass(frozen=True)
class SystemResult:
    """The outputs of one system and their grades, in the order of the questions; what they cost, as `ask_all` notes."""

    name: str
    outputs: Sequence[Output]
    grades: Sequence[Grade]
    spent: Mapping[str, Any] = field(default_factory=dict)


def _nothing(question: Question, output: Output) -> str:
    return ""


@dataclass(frozen=True)
class Context:
    """Where the numbers come from: the graph's manifest, the models, versions, seconds by stage, the machine."""

    title: str
    graph: dict[str, Any] = field(default_factory=dict)
    model: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    hardware: str = ""
    relations: Mapping[str, str] = field(default_factory=dict)  # name by IRI
    picture: Callable[[Question, Output], str] = _nothing  # an SVG of what a question is about and what was read


def report(folder: Path, questions: Sequence[Question], results: Sequence[SystemResult],
           context: Context, evidence: Evidence = NOTHING) -> dict[str, Any]:
    """The metrics, after writing them to metrics.json, report.html and table.tex in the folder."""
    from kgpeft.evaluation.card import latex
    from kgpeft.evaluation.page import page

    found = metrics(questions, results, context, evidence)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    files = {"metrics.json": text, "report.html": page(questions, results, context, found), "table.tex": latex(found)}
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return found


def metrics(questions: Sequence[Question], results: Sequence[SystemResult], context: Context,
            evidence: Evidence = NOTHING) -> dict[str, Any]:
    """Scores of every system, our system compared with each other one, what they show, where the numbers come from.

    The shape is that of the JSON Schema in `schema.json`.
    """
    ours = our(results)
    systems = {r.name: score(questions, r.grades) | {"median_seconds": _median(r)} for r in results}
    for r in results:
        systems[r.name] |= {"relations": _relations(questions, r, context.relations), "cost": _cost(r),
                            "evidence": _evidence(questions, r)}
    others = {other.name: other.grades for other in results if other is not ours}
    compared = compare_all(questions, ours.grades, others) if others else {}
    return {
        "title": context.title,
        "n": len(questions),
        "systems": systems,
        "comparisons": {f"{ours.name} - {name}": found for name, found in compared.items()},
        "evaluation": evaluate(questions, results, evidence),
        "provenance": {"graph": {key: context.graph.get(key) for key in ("sources", "counts")}, "model": context.model,
                       "versions": context.versions, "seconds": context.timings, "hardware": context.hardware},
    }


def our(results: Sequence[SystemResult]) -> SystemResult:
    """Ours, or the last one."""
    return next((result for result in results if result.name == OURS), results[-1])


def _relations(questions: Sequence[Question], result: SystemResult, names: Mapping[str, str]) -> dict[str, Any]:
    """By relation, most asked first: n, right (or rightly refused), hallucinated."""
    found: dict[str, list[bool]] = {}
    counts: dict[str, list[int]] = {}
    for q, g in zip(questions, result.grades, strict=True):
        name = names.get(q.relation or "", q.relation or "(none)")
        right = g.outcome == ("correct" if q.answerable else "abstained")
        found.setdefault(name, []).append(right)
        counts.setdefault(name, []).append(g.outcome == "incorrect")
    order = sorted(found, key=lambda name: (-len(found[name]), name))
    return {name: {"n": len(found[name]), "right": sum(found[name]), "incorrect": sum(counts[name])}
            for name in order if len(found[name]) >= LEAST_ASKED}


def _cost(result: SystemResult) -> dict[str, Any]:
    """Tokens read and said a question, wall and CPU seconds of all, most memory in MiB; None where unknown."""
    n = max(1, len(result.outputs))
    return {"tokens_read": sum(o.heard for o in result.outputs) / n,
            "tokens_said": sum(o.spoken for o in result.outputs) / n,
            **{key: result.spent.get(key) for key in ("wall_seconds", "cpu_seconds", "peak_mb")}}


def _evidence(questions: Sequence[Question], result: SystemResult) -> dict[str, Any]:
    """Facts given a question, and the share of answerable questions whose facts hold an answer (recall)."""
    rows = [(o.facts, [alias.casefold() for aliases in q.answers for alias in aliases])
            for q, o in zip(questions, result.outputs, strict=True) if q.answerable]
    told = [any(alias in fact.casefold() for fact in facts for alias in golds) for facts, golds in rows]
    given = sum(len(o.facts) for o in result.outputs)
    return {"facts": given / max(1, len(result.outputs)), "recall": sum(told) / len(told) if told and given else None}


def _median(result: SystemResult) -> float | None:
    return median(output.seconds for output in result.outputs) if result.outputs else None
