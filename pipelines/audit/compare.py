"""Compares hand labels with the grader: python compare.py LABELS NAME=SOURCE...; one JSON object.

LABELS (JSONL) has in each row sample, graph, system, question (all of it), output and label; SOURCE is an ontology or a
graph folder. One object a sample: the agreement with its 95 % Wilson interval, by system and label, Cohen's kappa, and
every disagreement. The labels beside this script are of SmolLM2-135M-Instruct on minerals and DO cancer slim:
python compare.py labels.jsonl minerals=../../ontologies/minerals.ttl doid=DO_cancer_slim.obo
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.statistics import wilson
from kgpeft.evaluation.tasks import question
from kgpeft.graph import KnowledgeGraph, read


def graph_of(place: str) -> KnowledgeGraph:
    return KnowledgeGraph.load(Path(place)) if (Path(place) / "manifest.json").is_file() else read(place)


def compared(rows: list[dict], names: dict[str, NameIndex]) -> dict:
    pairs, missed = [], []
    for row in rows:
        asked = question(row["question"])
        found = grade(asked, row["output"], names[row["graph"]])
        pairs.append((row["system"], row["label"], found.outcome))
        if found.outcome != row["label"]:
            missed.append({"question": asked.question, "answers": [a[0] for a in asked.answers], "output": row["output"],
                           "hand": row["label"], "grader": found.outcome, "why": found.why})
    n, same = len(pairs), sum(hand == machine for _, hand, machine in pairs)
    hands, machines = (Counter(pair[i] for pair in pairs) for i in (1, 2))
    chance = sum(hands[o] * machines[o] for o in hands) / n**2
    return {
        "n": n, "agree": round(same / n, 4), "interval": [round(x, 4) for x in wilson(same, n)],
        "kappa": round((same / n - chance) / (1 - chance), 4),
        "by label": {o: f"{sum(h == m == o for _, h, m in pairs)} of {hands[o]}" for o in hands},
        "by system": {s: f"{sum(h == m for x, h, m in pairs if x == s)} of {sum(x == s for x, _, _ in pairs)}" for s in sorted({s for s, _, _ in pairs})},
        "disagreements": missed}


def main() -> None:
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    names = {name: NameIndex.from_graph(graph_of(place)) for name, _, place in (a.partition("=") for a in sys.argv[2:])}
    for sample in sorted({row["sample"] for row in rows}):
        of_it = [row for row in rows if row["sample"] == sample]
        print(json.dumps({"sample": sample} | compared(of_it, names), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
