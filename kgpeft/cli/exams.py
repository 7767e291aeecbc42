"""Measuring an adapter on a question file: from folder to folder, and the JSON object that is printed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kgpeft.artifacts import MANIFEST, fingerprint, keep
from kgpeft.pipeline import METRICS, digest
from kgpeft.shelf import Progress, Shelf

if TYPE_CHECKING:
    from kgpeft.dataset import Question
    from kgpeft.evaluation.stage import Exam

ABOUT = "kgpeft.json"
SHOWN = ("report.html", "metrics.json")  # what people open lies at the top of the folder


def choose_systems(names: str) -> list[str]:
    """The systems named in 'a,b'; UsageError for those that do not exist."""
    from kgpeft.evaluation.systems import find

    chosen = list(dict.fromkeys(filter(None, (name.strip() for name in names.split(",")))))
    for name in chosen or [""]:
        find(name)
    return chosen


def evaluate(folder: Path, questions: Path, systems: Sequence[str], out: Path | None,
             progress: Progress) -> dict[str, Any]:
    """The metrics of an adapter's systems on a question file; with ``out`` answers, metrics and report are kept."""
    from kgpeft.adapters.folder import find
    from kgpeft.evaluation.foreign import read_any

    asked = read_any(questions)  # a broken file is told before the model is loaded
    folder = find(folder)
    if out is not None:
        metrics = _evaluated(folder, asked, systems, Shelf(out, progress))
        for name in SHOWN:
            shutil.copyfile(out / "evaluation" / name, out / name)
        return metrics | {"report": str(out / "report.html")}
    with TemporaryDirectory() as scratch:
        return _evaluated(folder, asked, systems, Shelf(Path(scratch), progress))


def export_tasks(place: Path, questions: Path | None, out: Path, name: str) -> dict[str, Any]:
    """Tasks of lm-evaluation-harness from a question file and a graph, or a run's own; their names and the command."""
    from kgpeft.cli.stages import open_graph
    from kgpeft.evaluation.foreign import read_any
    from kgpeft.evaluation.tasks import export

    asked, graph = read_any(questions or place / "dataset" / "questions.jsonl"), open_graph(place)
    inputs = {"graph": graph.fingerprint, "questions": fingerprint([asdict(q) for q in asked]), "name": name}

    def build(draft: Path) -> None:
        export(draft, name, asked, graph, out)

    keep(out, "tasks", inputs, build)
    command = f"lm-eval run --include_path {out} --tasks {name}"
    found = sorted(path.stem for path in out.glob("*.yaml"))
    return {"tasks": found, "questions": len(asked), "folder": str(out), "run": command}


def _evaluated(folder: Path, asked: Sequence[Question], systems: Sequence[str], shelf: Shelf) -> dict[str, Any]:
    from kgpeft.evaluation.claim import Evidence
    from kgpeft.evaluation.report import Context
    from kgpeft.evaluation.run import versions
    from kgpeft.evaluation.systems import RIVALS

    exam = _exam(folder, asked, shelf)
    for system in set(systems) & set(RIVALS):
        exam.bench.rivals(system)  # that it was never trained is told at once
    kept = {system: exam.answer(system) for system in systems}
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    model = {"base": about["base"], "text encoder": about["encoder"], "adapter": str(folder)}

    def context() -> Context:
        return Context(about["title"], exam.bench.graph.manifest, model, versions(), dict(shelf.timings))

    exam.conclude(systems, context, Evidence(), {"answers": kept, "model": model})
    metrics: dict[str, Any] = json.loads((shelf.out / METRICS).read_text(encoding="utf-8"))
    return metrics


def _exam(folder: Path, asked: Sequence[Question], shelf: Shelf) -> Exam:
    """Questions to an adapter; rivals are known if it lies in the folder of the run that trained them."""
    from kgpeft.adapters.folder import parts_of
    from kgpeft.evaluation.bench import Bench, no_rival
    from kgpeft.evaluation.stage import Exam
    from kgpeft.evaluation.systems import RIVALS

    rivals = folder.absolute().parent / "rivals"

    def rival(name: str) -> Path:
        return rivals / name if (rivals / name / MANIFEST).is_file() else no_rival(name)

    known = dict.fromkeys(("base", "search", "graph", "facts", "weights"), digest(str(folder / MANIFEST)))
    known |= {name: digest(str(rivals / name / MANIFEST)) for name in RIVALS}
    parts = known | {"questions": fingerprint([asdict(q) for q in asked])}
    return Exam(shelf.out, shelf, Bench(lambda: parts_of(folder), folder, rival), lambda: asked, parts)
