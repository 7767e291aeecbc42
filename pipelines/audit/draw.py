"""Draws real outputs to be graded by hand, blind: python draw.py SHEET N SEED NAME=RUN...

RUN is a folder with dataset/, graph/ and answers/SYSTEM (made by `kgpeft run`), or RUN:FILE with another question file.
The sample is stratified by graph, system and the grader's outcome, as evenly as there are outputs. SHEET (JSONL) has for
each output the question, the answers that are right, and the text: no grade and no system. Those go to SHEET.key, which
is not to be opened before the sheet is labelled. Give each row a "label": correct, incorrect or abstained.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import asdict
from pathlib import Path

from kgpeft.dataset import read_questions
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.outputs import load_outputs
from kgpeft.graph import KnowledgeGraph


def strata(name: str, place: str) -> dict[tuple[str, str, str], list[tuple[dict, str]]]:
    """Outputs that hold a word, by graph, system and outcome, each with its question; no text twice for one question."""
    run, _, file = place.partition(":")
    questions = read_questions(file or Path(run) / "dataset" / "questions.jsonl")
    names = NameIndex.from_graph(KnowledgeGraph.load(Path(run) / "graph"))
    found: dict[tuple[str, str, str], list[tuple[dict, str]]] = {}
    for folder in sorted(path.parent for path in (Path(run) / "answers").glob("[!.]*/outputs.jsonl")):
        for question, output in zip(questions, load_outputs(folder), strict=True):
            outcome = grade(question, output.text, names).outcome
            found.setdefault((name, folder.name, outcome), []).append((asdict(question), output.text))
    return found


def main() -> None:
    sheet, n, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    pools = {key: rows for place in sys.argv[4:] for key, rows in strata(*place.split("=", 1)).items()}
    for rows in pools.values():
        rng.shuffle(rows)
    drawn: list[tuple[tuple[str, str, str], dict, str]] = []
    while len(drawn) < n and any(pools.values()):
        for key in sorted(pools):
            if pools[key] and len(drawn) < n:
                drawn.append((key, *pools[key].pop()))
    rng.shuffle(drawn)
    with open(sheet, "w", encoding="utf-8") as shown, open(f"{sheet}.key", "w", encoding="utf-8") as hidden:
        for i, ((graph, system, _), question, text) in enumerate(drawn):
            row = {"id": i, "graph": graph, "question": question["question"], "answers": question["answers"], "output": text, "label": ""}
            shown.write(json.dumps(row, ensure_ascii=False) + "\n")
            hidden.write(json.dumps({"id": i, "system": system, "question": question}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
