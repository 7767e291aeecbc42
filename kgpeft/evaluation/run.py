"""From stored answers to graded results: regrading never generates anything again."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kgpeft import __version__
from kgpeft.dataset.questions import Question
from kgpeft.evaluation.claim import Evidence
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.measures import NOTHING
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.report import Context, SystemResult, report

ANSWERS = "answers.jsonl"


def grade_outputs(
    name: str, outputs: Sequence[Output], questions: Sequence[Question], names: NameIndex,
    spent: Mapping[str, Any] | None = None,
) -> SystemResult:
    """A system's outputs with their grades; a system's own word that it abstained is not taken, the grade decides."""
    grades = [grade(q, o.text, names) for q, o in zip(questions, outputs, strict=True)]
    told = [replace(o, abstained=g.outcome == "abstained") for o, g in zip(outputs, grades, strict=True)]
    return SystemResult(name, told, grades, spent or {})


def write_results(
    folder: Path, questions: Sequence[Question], results: Sequence[SystemResult], context: Context,
    evidence: Evidence = NOTHING,
) -> dict[str, Any]:
    """Writes metrics.json, report.html and answers.jsonl from graded systems; returns the metrics."""
    metrics = report(folder, questions, results, context, evidence)
    with open(folder / ANSWERS, "w", encoding="utf-8", newline="\n") as file:
        for i, question in enumerate(questions):
            row = asdict(question) | {
                "systems": {
                    r.name: {"text": r.outputs[i].text, "outcome": r.grades[i].outcome, "why": r.grades[i].why}
                    for r in results
                }
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return metrics


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    packages = ("torch", "transformers", "peft", "sentence-transformers", "torch-geometric", "pyoxigraph")
    return {"kgpeft": __version__, "python": platform.python_version(), **{p: version(p) for p in packages}}


def hardware() -> str:
    """The machine in words."""
    import torch

    if torch.cuda.is_available():
        return f"{torch.cuda.device_count()} x {torch.cuda.get_device_name()}"
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), no GPU"
