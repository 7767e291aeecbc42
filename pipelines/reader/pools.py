"""Writes the pools that train.py draws names and definitions from: python pools.py DATA_FOLDER OUT_FOLDER.

Beside pools.json it writes fb15k237.tsv, the triples of that graph under names, for train.py --graphs.

DATA_FOLDER holds public ontologies (OBO, OBO.gz) and FB15k-237's entity2text.txt anywhere below it. Terms of our test
domains are left out: minerals, crystals, pizza.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from pathlib import Path

HELD_OUT = re.compile("mineral|crystal|pizza", re.IGNORECASE)
LABELS, NAMES, DEFINITIONS = 9000, 4500, 2500
LONGEST = 60  # words of a definition


def texts(folder: Path) -> list[str]:
    """The OBO files below a folder."""
    plain = [p.read_text(encoding="utf-8", errors="replace") for p in sorted(folder.rglob("*.obo"))]
    packed = [gzip.decompress(p.read_bytes()).decode("utf-8", "replace") for p in sorted(folder.rglob("*.obo.gz"))]
    return plain + packed


def main() -> None:
    folder, out = map(Path, sys.argv[1:3])
    labels: set[str] = set()
    definitions: set[str] = set()
    for text in texts(folder):
        labels.update(m.strip() for m in re.findall(r"^name: (.+)$", text, re.M) if 2 < len(m) < 60)
        found = re.findall(r'^def: "((?:[^"\\]|\\.)*)"', text, re.M)
        definitions.update(d for d in found if 5 <= len(d.split()) <= LONGEST and "http" not in d and "\\" not in d)
    names = [n for p in sorted(folder.rglob("entity2text.txt")) for n in p.read_text(encoding="utf-8").splitlines()]
    rng = random.Random(0)

    def draw(pool: list[str], n: int) -> list[str]:
        kept = [x for x in pool if not HELD_OUT.search(x) and not x.startswith("obsolete")]
        return rng.sample(kept, min(n, len(kept)))

    people = sorted({n.split("\t")[-1] for n in names if len(n.split("\t")[-1]) < 45})
    pools = {
        "labels": draw(sorted(labels), LABELS) + draw(people, NAMES),
        "definitions": draw(sorted(definitions), DEFINITIONS),
    }
    (out / "pools.json").write_text(json.dumps(pools, ensure_ascii=False), encoding="utf-8")
    named = dict(n.split("\t") for n in names)
    rows = [line.split("\t") for p in folder.rglob("fb15k237/train.txt") for line in p.read_text("utf-8").splitlines()]
    kept = (f"{named[s]}\t{r}\t{named[o]}\n" for s, r, o in rows if s in named and o in named)
    (out / "fb15k237.tsv").write_text("".join(kept), encoding="utf-8")
    print({k: len(v) for k, v in pools.items()})


if __name__ == "__main__":
    main()
