"""Adapt a language model to an ontology, measure it, and read the numbers: usage 3_adapt.py OUT [--quick]."""

import json
import sys
from pathlib import Path

import kgpeft
from kgpeft import recipe

HERE = Path(__file__).parent.parent
quick = ["dataset.per_family=1", "train.seconds=0", "evaluate.systems=[kgpeft]"] if "--quick" in sys.argv else []

result = kgpeft.run(recipe.load(HERE / "pipelines" / "demo.yaml", quick), Path(sys.argv[1]))
print("adapter:", result.adapter)
print("report: ", result.report)
for name, scores in result.systems.items():
    print(f"{name:12} answered right {scores['accuracy']:.0%}   hallucinated {scores['hallucination_rate']:.0%}")
print(json.dumps(result.systems["kgpeft"]["families"]["fact absent"], indent=1)[:200])
