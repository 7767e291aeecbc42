"""Same answers, same grades in lm-evaluation-harness: python harness_parity.py RUN; one JSON line a system.

RUN is a folder that `kgpeft run` made (or any with graph/, answers/ and a question file, given as second argument). Its
questions are exported as tasks, and a model that repeats the stored answers is evaluated by the real harness. Needs
lm_eval beside kgpeft (pip install lm_eval; no torch is used). Ends with 1 unless every grade agrees.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import lm_eval
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager

from kgpeft.dataset import read_questions
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.outputs import load_outputs
from kgpeft.evaluation.tasks import export
from kgpeft.graph import KnowledgeGraph


class Stored(LM):
    """Says what was said before."""

    def __init__(self, said: dict[str, str]) -> None:
        super().__init__()
        self.said = said

    def generate_until(self, requests, disable_tqdm=False):
        return [self.said[request.doc["id"]] for request in requests]

    def loglikelihood(self, requests, disable_tqdm=False):
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


def main() -> int:
    run = Path(sys.argv[1])
    questions = read_questions(sys.argv[2] if len(sys.argv) > 2 else run / "dataset" / "questions.jsonl")
    graph, failed = KnowledgeGraph.load(run / "graph"), False
    names = NameIndex.from_graph(graph)
    with TemporaryDirectory() as scratch:
        tasks = export(Path(scratch), "parity", questions, graph)
        manager = TaskManager(include_path=scratch, include_defaults=False)
        for folder in sorted(path.parent for path in (run / "answers").glob("[!.]*/outputs.jsonl")):
            texts = [o.text for o in load_outputs(folder)]
            ours = {q.id: grade(q, text, names).outcome for q, text in zip(questions, texts, strict=True)}
            said = dict(zip(ours, texts, strict=True))
            found = lm_eval.simple_evaluate(Stored(said), tasks=tasks[:1], task_manager=manager, log_samples=True, bootstrap_iters=0)
            keys = {"correct": "correct", "incorrect": "hallucinated", "abstained": "abstained"}
            samples = [s for rows in found["samples"].values() for s in rows]
            same = [s[keys[ours[s["doc"]["id"]]]] == 1.0 for s in samples]
            failed |= not (all(same) and len(same) == len(questions))
            print(json.dumps({"system": folder.name, "n": len(same), "agree": sum(same) / len(same),
                              "hallucinated there": found["results"]["parity"]["hallucinated,none"],
                              "here": round(list(ours.values()).count("incorrect") / len(ours), 6)}), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
