"""The report: metrics.json for programs and report.html, one self-contained page, for people."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.claim import Evidence
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.measures import NOTHING, evaluate
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.statistics import compare_all, score

OURS = "kgpeft"
WRONG_SHOWN, RIGHT_SHOWN = 12, 8
LONGEST = 700  # characters of an output that are shown
SEGMENTS = (  # of a bar: class, label, key of the score
    ("correct", "correct", "correct"), ("refused", "rightly refused", "right_abstentions"),
    ("over", "refused, though answerable", "over_refusals"), ("wrong", "hallucinated", "incorrect"))


@dataclass(frozen=True)
class SystemResult:
    """The outputs of one system and their grades, in the order of the questions."""

    name: str
    outputs: Sequence[Output]
    grades: Sequence[Grade]


@dataclass(frozen=True)
class Context:
    """Where the numbers come from: the graph's manifest, the models, versions, seconds by stage, the machine."""

    title: str
    graph: dict[str, Any] = field(default_factory=dict)
    model: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    hardware: str = ""


class _Example(NamedTuple):
    question: Question
    text: str
    output: Output
    grade: Grade


def report(folder: Path, questions: Sequence[Question], results: Sequence[SystemResult],
           context: Context, evidence: Evidence = NOTHING) -> dict[str, Any]:
    """The metrics, after writing them to metrics.json and report.html in the folder."""
    found = metrics(questions, results, context, evidence)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    (folder / "metrics.json").write_text(text, encoding="utf-8", newline="\n")
    (folder / "report.html").write_text(page(questions, results, context, found), encoding="utf-8", newline="\n")
    return found


def metrics(questions: Sequence[Question], results: Sequence[SystemResult], context: Context,
            evidence: Evidence = NOTHING) -> dict[str, Any]:
    """Scores of every system, our system compared with each other one, what they show, where the numbers come from."""
    ours = _ours(results)
    systems = {result.name: score(questions, result.grades) | {"median_seconds": _median(result)} for result in results}
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


def page(questions: Sequence[Question], results: Sequence[SystemResult], context: Context,
         found: dict[str, Any]) -> str:
    """The report as one HTML page that needs no network and no script."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("kgpeft", "evaluation/templates"), autoescape=True,
                              trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {"percent": _percent, "span": _span, "points": _points}
    ours = _ours(results)
    return environment.get_template("report.html").render(
        context=context, found=found, ours=ours.name, headline=headline(context.title, ours.name, found),
        bars={name: _bar(system) for name, system in found["systems"].items()},
        families=list(dict.fromkeys(question.family for question in questions)),
        wrong=_examples(questions, ours, True)[:WRONG_SHOWN], right=_examples(questions, ours, False)[:RIGHT_SHOWN])


def headline(title: str, ours: str, found: dict[str, Any]) -> str:
    """One sentence that states what was measured, and no more."""
    system, n = found["systems"][ours], found["n"]
    answerable = system["answerable"]
    asked = f"On {n} questions about {title} ({answerable} answerable, {n - answerable} not), {ours}"
    right = f" answered {_percent(system['accuracy'])} of the answerable ones correctly and" if answerable else ""
    wrong = f" hallucinated on {_percent(system['hallucination_rate'])} of all"
    rates = [f"{name} on {_percent(other['hallucination_rate'])}" for name, other in found["systems"].items()
             if name != ours]
    others = "; " + ", ".join(rates) if rates else ""
    return f"{asked}{right}{wrong} (95 % interval {_span(system['intervals']['hallucination_rate'])}){others}."


def _ours(results: Sequence[SystemResult]) -> SystemResult:
    return next((result for result in results if result.name == OURS), results[-1])


def _median(result: SystemResult) -> float | None:
    return median(output.seconds for output in result.outputs) if result.outputs else None


def _bar(system: dict[str, Any]) -> list[tuple[str, str, int, float, float]]:
    """Segments of a stacked bar: class, label, count, start and width in percent."""
    bar, start = [], 0.0
    for css, label, key in SEGMENTS:
        width = 100 * system[key] / max(1, system["n"])
        bar.append((css, label, system[key], round(start, 3), round(width, 3)))
        start += width
    return bar


def _examples(questions: Sequence[Question], result: SystemResult, wrong: bool) -> list[_Example]:
    """Hallucinations, or right answers (those with citations first), taken from the families in turn."""
    rows = [_Example(question, _cut(output.text), output, grade)
            for question, output, grade in zip(questions, result.outputs, result.grades, strict=True)
            if grade.outcome == ("incorrect" if wrong else "correct")]
    by_family: dict[str, list[_Example]] = {}
    for row in rows if wrong else sorted(rows, key=lambda row: not row.output.citations):
        by_family.setdefault(row.question.family, []).append(row)
    return [row for row in chain.from_iterable(zip_longest(*by_family.values())) if row is not None]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " […]"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}\u00a0%"


def _span(interval: Sequence[float] | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:.1f}\u2013{100 * interval[1]:.1f}\u00a0%"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\u2212")
