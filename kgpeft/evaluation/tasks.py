"""A question file as tasks of lm-evaluation-harness: the same questions, and the same grade for the same answer.

A folder with a task a family, a group over them, the questions, the names that the grader needs, and `utils.py`, which
calls this package's grader; `lm-eval run --include_path FOLDER --tasks NAME`. Checked with lm_eval 0.4.13
(`pipelines/benchmarks/harness_parity.py`). An answer ends at a blank line there, as harness tasks' answers do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from kgpeft.adapters.prompts import BARE, LONGEST
from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph

METRICS = ("correct", "hallucinated", "abstained", "right")
UTILS = '''"""Grades with kgpeft, from this folder: pip install kgpeft."""

from functools import cache
from pathlib import Path

from kgpeft.evaluation.tasks import Grader


@cache
def _grader():
    return Grader(Path(__file__).parent)


def process_results(doc, results):
    return _grader().metrics(doc, results[0])
'''


def export(
    folder: Path, name: str, questions: Sequence[Question], graph: KnowledgeGraph | None, place: Path | None = None
) -> list[str]:
    """Writes the task folder and returns the names of its tasks: the group, then one a family.

    `place` is where the folder will be moved to, if anywhere: the harness needs absolute paths. With a graph the grader
    knows all its names, as here; without one, those that the questions' answers give.
    """
    folder.mkdir(parents=True, exist_ok=True)
    families = list(dict.fromkeys(q.family for q in questions))
    tasks = {f"{name}_{_plain(family)}": family for family in families}
    for task, family in tasks.items():
        rows = [json.dumps(asdict(q), ensure_ascii=False) + "\n" for q in questions if q.family == family]
        (folder / f"{task}.jsonl").write_text("".join(rows), encoding="utf-8", newline="\n")
        _write_yaml(folder / f"{task}.yaml", _task(task, (place or folder) / f"{task}.jsonl"))
    metrics = [{"metric": m, "aggregation": "mean", "weight_by_size": True} for m in METRICS]
    _write_yaml(folder / f"{name}.yaml", {"group": name, "task": list(tasks), "aggregate_metric_list": metrics})
    (folder / "utils.py").write_text(UTILS, encoding="utf-8")
    if graph is not None:
        graph.save(folder / "graph")
    return [name, *tasks]


class Grader:
    """The grader of an exported folder."""

    def __init__(self, folder: Path) -> None:
        from kgpeft.graph import KnowledgeGraph

        graph, rows = folder / "graph", [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.jsonl"))]
        every = [question(json.loads(line)) for text in rows for line in text.split("\n") if line]
        known = graph.is_dir()
        self.names = NameIndex.from_graph(KnowledgeGraph.load(graph)) if known else NameIndex.from_answers(every)

    def metrics(self, doc: dict[str, Any], text: str) -> dict[str, float]:
        """1.0 for what an output is: correct, hallucinated, abstained; and right (correct, or rightly abstained)."""
        asked = question(doc)
        outcome = grade(asked, text, self.names).outcome
        found = {"correct": outcome == "correct", "hallucinated": outcome == "incorrect"}
        found |= {"abstained": outcome == "abstained", "right": outcome == asked_for(asked)}
        return {metric: float(holds) for metric, holds in found.items()}


def asked_for(asked: Question) -> str:
    """The outcome that is right for a question."""
    return "correct" if asked.answerable else "abstained"


def question(doc: dict[str, Any]) -> Question:
    """A row of the harness as a question."""
    answers, facts = (tuple(tuple(row) for row in doc[key]) for key in ("answers", "facts"))
    return Question(**{**{key: doc[key] for key in Question.__dataclass_fields__}, "answers": answers, "facts": facts})


def _task(name: str, data: Path) -> dict[str, Any]:
    return {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data.absolute())}},
        "test_split": "test",
        "output_type": "generate_until",
        "description": f"{BARE}\n\n",
        "doc_to_text": "Question: {{question}}\nAnswer:",
        "doc_to_target": "{{answers|map('first')|join('; ')}}",
        "target_delimiter": " ",
        "process_results": "!function utils.process_results",
        "generation_kwargs": {"until": ["\n\n", "\nQuestion:"], "do_sample": False, "max_gen_toks": LONGEST},
        "metric_list": [
            {"metric": m, "aggregation": "mean", "higher_is_better": m in ("correct", "right")} for m in METRICS
        ],
        "metadata": {"version": 1.0},
    }


def _plain(family: str) -> str:
    return re.sub(r"\W+", "_", family.lower()).strip("_")


def _write_yaml(path: Path, document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
    text = re.sub(r"'(!function [\w.]+)'", r"\1", text)  # a tag of the harness
    path.write_text(text, encoding="utf-8", newline="\n")
