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
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.report import Context, Output, SystemResult, report
from kgpeft.graph import KnowledgeGraph

OUTPUTS, ANSWERS = "outputs.jsonl", "answers.jsonl"


def save_outputs(outputs: Sequence[Output], folder: Path) -> None:
    """Writes a system's outputs, one JSON object a line."""
    lines = [json.dumps(asdict(o), ensure_ascii=False) + "\n" for o in outputs]
    (folder / OUTPUTS).write_text("".join(lines), encoding="utf-8", newline="\n")


def load_outputs(folder: Path) -> list[Output]:
    """What `save_outputs` wrote."""
    rows = [json.loads(line) for line in (folder / OUTPUTS).read_text(encoding="utf-8").splitlines()]
    return [Output(**{**r, "facts": tuple(r["facts"]), "citations": tuple(r["citations"])}) for r in rows]


def grade_outputs(
    name: str, outputs: Sequence[Output], questions: Sequence[Question], names: NameIndex
) -> SystemResult:
    """A system's outputs with their grades; a system's own word that it abstained is not taken, the grade decides."""
    grades = [grade(q, o.text, names) for q, o in zip(questions, outputs, strict=True)]
    told = [replace(o, abstained=g.outcome == "abstained") for o, g in zip(outputs, grades, strict=True)]
    return SystemResult(name, told, grades)


def write_results(
    folder: Path, graph: KnowledgeGraph, questions: Sequence[Question], outputs: Mapping[str, Sequence[Output]],
    context: Context,
) -> dict[str, Any]:
    """Grades every system and writes metrics.json, report.html and answers.jsonl; returns the metrics."""
    names = NameIndex.from_graph(graph)
    results = [grade_outputs(name, told, questions, names) for name, told in outputs.items()]
    metrics = report(folder, questions, results, context)
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
