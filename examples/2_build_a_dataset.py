"""Turn an ontology into questions: what it says, what was held out, and what it does not say."""

import sys
import tempfile
from pathlib import Path

import kgpeft
from kgpeft.dataset import DatasetSettings, write

ONTOLOGY = Path(__file__).parent.parent / "ontologies" / "minerals.ttl"

dataset = write(kgpeft.read(ONTOLOGY), DatasetSettings(per_family=3))
for asked in dataset.test:
    answers = "; ".join(aliases[0] for aliases in asked.question.answers) or "(refuse)"
    print(f"{asked.question.family:20} {asked.question.question}  →  {answers[:60]}")

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
dataset.save(folder)  # examples.parquet for `datasets`, questions.jsonl for `kgpeft eval`
print(dataset.table())
