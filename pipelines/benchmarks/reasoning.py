"""What --reason gives on real ontologies: python reasoning.py [DATA] [SECONDS].

For each: edges that are inferred, unsatisfiable classes, whether it is complete, seconds in all. One JSON line. The
authors of pizza say in comments that CheeseyVegetableTopping and IceCream are unsatisfiable: a check.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from kgpeft.graph import ReadSettings, read

FILES = ("pizza/pizza-2.0.owl", "bfo/bfo-core.owl", "ro/ro.owl", "go/go-nucleus.owl", "doid/DO_cancer_slim.owl")
EXPECTED = {"CheeseyVegetableTopping", "IceCream"}


def main() -> int:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data")
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    made = {}
    for name in FILES:
        begin = time.perf_counter()
        graph = read(data / name, settings=ReadSettings(reason=True, reason_seconds=seconds))
        about = graph.manifest["sources"][-1]
        edges = int((graph.origins == len(graph.manifest["sources"]) - 1).sum())
        bad = [iri.rpartition("#")[2] for iri in about["unsatisfiable"]]
        made[name] = {
            "edges": len(graph.edges),
            "inferred": edges,
            "unsatisfiable": bad,
            "complete": about["complete"],
            "limits": about.get("limits", {}),
            "seconds": round(time.perf_counter() - begin, 2),
        }
    right = set(made[FILES[0]]["unsatisfiable"]) == EXPECTED
    print(
        json.dumps({"benchmark": "reasoning", "time limit": seconds, "pizza as its authors say": right, "files": made})
    )
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
