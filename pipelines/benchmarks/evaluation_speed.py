"""How long an evaluation takes: python evaluation_speed.py RUN [QUESTIONS] [SYSTEM...]; one JSON line a system.

RUN is a folder that `kgpeft run` made; every so-many-th of its test questions is asked, so that all families have their
share. CPU seconds count, since others may use the machine; `for 1000` is what they make for 1,000 questions, and is an
extrapolation unless 1,000 were asked.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from kgpeft.adapters.folder import Parts
from kgpeft.dataset import read_questions
from kgpeft.embed import Embeddings
from kgpeft.evaluation.bench import Bench
from kgpeft.evaluation.outputs import CHUNK
from kgpeft.evaluation.systems import find
from kgpeft.graph import KnowledgeGraph
from kgpeft.models import DEFAULT_BASE, DEFAULT_ENCODER

SYSTEMS = ("base", "base+facts", "lora", "kgpeft")


def main() -> None:
    run, n = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 96
    graph = KnowledgeGraph.load(run / "graph")
    parts = Parts(DEFAULT_BASE, DEFAULT_ENCODER, graph, Embeddings.load(run / "embeddings", graph))
    every = read_questions(run / "dataset" / "questions.jsonl")
    asked = every[:: max(1, len(every) // n)][:n]
    bench = Bench(lambda: parts, run / "weights", lambda name: run / "rivals" / name)
    for system in sys.argv[3:] or SYSTEMS:
        answer = find(system).open(bench)
        wall, cpu = time.perf_counter(), time.process_time()
        outputs = [o for start in range(0, len(asked), CHUNK) for o in answer(asked[start : start + CHUNK])]
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        heard, spoken = sum(o.heard for o in outputs), sum(o.spoken for o in outputs)
        print(
            json.dumps(
                {
                    "system": system,
                    "n": len(asked),
                    "seconds": round(wall, 1),
                    "cpu_seconds": round(cpu, 1),
                    "tokens read": heard,
                    "tokens said": spoken,
                    "said a cpu second": round(spoken / cpu, 1),
                    "for 1000": round(1000 * cpu / len(asked)),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
