"""Compares hand labels with the grader: python compare.py LABELS NAME=SOURCE...; one JSON object.

LABELS (JSONL) has in each row graph, system, question (all of it), output and label; SOURCE is an ontology or a graph
folder. Prints the agreement with its 95 % Wilson interval, by system and outcome, Cohen's kappa, and every disagreement.
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


def main() -> None:
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    names = {name: NameIndex.from_graph(graph_of(place)) for name, _, place in (a.partition("=") for a in sys.argv[2:])}
    pairs, missed = [], []
    for row in rows:
        asked = question(row["question"])
        found = grade(asked, row["output"], names[row["graph"]])
        pairs.append((row["system"], row["label"], found.outcome))
        if found.outcome != row["label"]:
            missed.append({"question": asked.question, "answers": asked.answers, "output": row["output"],
                           "hand": row["label"], "grader": found.outcome, "why": found.why})
    n, same = len(pairs), sum(hand == machine for _, hand, machine in pairs)
    chance = sum(Counter(h for _, h, _ in pairs)[o] * Counter(m for _, _, m in pairs)[o] for o in ("correct", "incorrect", "abstained")) / n**2
    print(json.dumps({
        "n": n, "agree": round(same / n, 4), "interval": [round(x, 4) for x in wilson(same, n)],
        "kappa": round((same / n - chance) / (1 - chance), 4),
        "by label": {o: f"{sum(h == m == o for _, h, m in pairs)} of {sum(h == o for _, h, _ in pairs)}" for o in ("correct", "incorrect", "abstained")},
        "by system": {s: f"{sum(h == m for x, h, m in pairs if x == s)} of {sum(x == s for x, _, _ in pairs)}" for s in sorted({s for s, _, _ in pairs})},
        "disagreements": missed}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
