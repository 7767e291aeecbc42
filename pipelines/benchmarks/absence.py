"""How well the evidence search sees that a graph does not say: python absence.py POOLS.json [WORLDS].

Generated worlds, relations and phrasings of the reader's bank, no language model; once over relations that the scorer saw
in training, once over those it never saw. Prints one JSON line each: recall of the asked statement, and for thresholds on
`Evidence.absent` the share of answerable questions above (wrongly refused) and of unanswerable ones above (rightly
refused); for margins, the share of asked statements further below the best (lost) and how many statements remain. The
last two set `ABSENT` of `kgpeft.evidence.search` and `MARGIN` of `kgpeft.evidence.selection`.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "reader"))
from worlds import Bank, World, worlds

import kgpeft.evidence.selection as selection_module
from kgpeft.embed import TextEncoder
from kgpeft.evidence.search import Search
from kgpeft.graph import KnowledgeGraph, read
from kgpeft.graph.names import relation_name
from kgpeft.models import DEFAULT_ENCODER

MARGINS = (0.1, 0.05, 0.02, 0.01, 0.005)
CUTS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98)


def graph_of(world: World) -> KnowledgeGraph:
    """A world as a graph, by way of an edge list."""
    lines = [f"{n}\t{world.label[r]}\t{v}" for n, facts in world.facts.items() for r, vs in facts.items() for v in vs]
    lines += [f"{n}\t{world.taxonomy}\t{world.kind(n)}" for n in world.facts]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.tsv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read(path)


def questions(world: World, rng: random.Random) -> list[tuple[str, str, bool]]:
    """(question, relation label, answerable) over every thing of a world."""
    made = []
    for name, facts in world.facts.items():
        own = [r for r in world.relations if world.kind_of[name] in r.subjects]
        said = {x for r in facts for x in (*r.labels, *r.overlaps, world.label[r])}
        for r in rng.sample(own, min(4, len(own))):
            if r in facts or not said & {world.label[r], *r.labels, *r.overlaps}:
                made.append((rng.choice(r.ask.object).replace("{x}", name), world.label[r], r in facts))
    return made


def measure(pools: dict[str, list[str]], n: int, encoder: TextEncoder, unseen: bool) -> dict[str, object]:
    answerable, missing, ranks, shares, left = [], [], [], [], []
    for i, world in enumerate(worlds(Bank.load(), pools, n, 500, held_relations=unseen)):
        search = Search(graph_of(world), encoder.encode)
        asked = questions(world, random.Random(i))
        for evidence, (_, label, there) in zip(search.many([q for q, _, _ in asked]), asked, strict=True):
            (answerable if there else missing).append(evidence.absent)
            if there:
                name = relation_name(label)
                found = [k for k, s in enumerate(evidence.statements) if s.relation == name and not s.inverse]
                ranks.append(found[0] if found else 99)
                shares.append(evidence.scores[found[0]] / evidence.scores[0] if found else 0.0)
                left.append([sum(x >= evidence.scores[0] * m for x in evidence.scores) for m in MARGINS])
    a, b, r = np.array(answerable), np.array(missing), np.array(ranks)
    margins = {
        str(m): [round(float((np.array(shares) < m).mean()), 4), round(float(np.array(left)[:, k].mean()), 2)]
        for k, m in enumerate(MARGINS)
    }
    return {
        "relations never trained on": unseen, "n": [len(a), len(b)], "recall": round(float((r < 99).mean()), 4),
        "first": round(float((r == 0).mean()), 4), "auroc": round(float((b[:, None] > a[None]).mean()), 4),
        "wrongly and rightly refused above": {str(t): [round(float((x > t).mean()), 4) for x in (a, b)] for t in CUTS},
        "lost and left within a margin": margins,
    }


def main() -> None:
    selection_module.MARGIN = 0.0  # see every statement, so that a margin can be judged
    pools, n = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    encoder = TextEncoder(DEFAULT_ENCODER)
    for unseen in (False, True):
        print(json.dumps(measure(pools, n, encoder, unseen)), flush=True)


if __name__ == "__main__":
    main()
