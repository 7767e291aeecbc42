"""Selection over generated graphs of growing size: python selection_scale.py POOLS.json [QUESTIONS] [--dense] [--sizes 10000,40000].

Scenes of the relation bank (pipelines/scorer), asked in phrasings that the scorer never saw ("relations": "seen"), and
over relations that it never saw either ("unseen", while they last: at 10,000 facts). One JSON line a graph: of questions that the
graph answers, in per cent, those with a whole path among 8 statements, of one step and of two (ranked as the search ranks; it hands the reader paths of one step alone), and of BM25 (dense retrieval up to
40,000 facts with --dense); AUROC of "the graph does not say"; median processor time of a question, its encoding included,
and of the encoding alone; seconds and peak memory of building the search.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "scorer"))
from scenes import Asker, Bank, Query, Scene, relations

from kgpeft.embed import TextEncoder
from kgpeft.evidence.baselines import Bm25, Dense
from kgpeft.evidence.search import Search
from kgpeft.evidence.selection import select
from kgpeft.evidence.statements import Statement
from kgpeft.graph.names import relation_name
from kgpeft.models import DEFAULT_ENCODER

PLACES = 8
SIZES = (10_000, 40_000, 1_000_000)
DENSE = 50_000  # facts that are affordable to encode
SEED = 7_001


def holds(found: Sequence[Statement], q: Query) -> bool:
    """Whether statements hold a whole path that answers a question."""
    said = [(s.entity.lower(), s.relation, s.inverse, {v.lower() for v in s.values}) for s in found]
    said += [(v, r, not back, {e}) for e, r, back, vs in said for v in vs]  # a statement can be read either way

    def ends(path: tuple[tuple[str, bool], ...]) -> set[str]:
        front = {q.thing.lower()}
        for label, back in path:
            front = {v for e, r, b, vs in said if e in front and r == relation_name(label) and b is back for v in vs}
        return front

    return any(ends(path) for path in q.paths)


def recall(asked: Sequence[Query], found: Sequence[Sequence[Statement]], steps: int = 0) -> float | None:
    """Per cent of questions with so many steps (0: any) whose path is held."""
    hits = [holds(f, q) for q, f in zip(asked, found, strict=True) if q.paths and steps in (0, len(next(iter(q.paths))))]
    return round(100 * float(np.mean(hits)), 2) if hits else None


def auroc(there: np.ndarray, missing: np.ndarray) -> float:
    return round(float((missing[:, None] > there[None]).mean() + 0.5 * (missing[:, None] == there[None]).mean()), 4)


def timed(search: Search, text: str) -> tuple[list[Statement], float, float]:
    """What is selected for a question, paths of two steps too; that the graph does not say; milliseconds."""
    begin = time.process_time()
    (ranking,) = search.rank([text], [search.linker.link(text)])
    found = [s for s, _ in select(search.steps, ranking, PLACES)] if ranking else []
    return found, ranking.absent if ranking else 1.0, 1000 * (time.process_time() - begin)


def measure(
    encoder: TextEncoder, scene: Scene, part: str, n: int, dense: bool
) -> dict[str, object]:
    def encode(texts: Sequence[str]) -> np.ndarray:
        return encoder.encode(texts, keep=False)

    graph, asker = scene.graph(), Asker(scene, random.Random(1), held=part == "train")
    asked = [asker() for _ in range(n)]
    begin = time.process_time()
    search = Search(graph, encode)
    built = time.process_time() - begin
    search("warm up the encoder")
    shown, without, times = zip(*(timed(search, q.text) for q in asked), strict=True)
    begin = time.process_time()
    for q in asked[:50]:
        encode([q.template])
    encoding = 1000 * (time.process_time() - begin) / min(n, 50)
    absent, there = np.array(without), np.array([bool(q.paths) for q in asked])
    lines: dict[str, object] = {
        "facts": len(graph.edges), "relations": "seen" if part == "train" else "unseen", "n": [int(there.sum()), int((~there).sum())],
        "recall@8": recall(asked, shown), "one step": recall(asked, shown, 1), "two steps": recall(asked, shown, 2),
        "auroc": auroc(absent[there], absent[~there]), "auroc, one step": _one_step(asked, absent),
        "auroc by family": {f: auroc(absent[there], absent[of]) for f, of in _families(asked).items()},
        "median ms": round(float(np.median(times)), 1), "encoding ms": round(encoding, 1), "build s": round(built, 1),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    systems: dict[str, Callable[[str, int], list[Statement]]] = {"BM25": Bm25(graph)}
    if dense and len(graph.edges) <= DENSE:
        systems["dense"] = Dense(graph, encoder.encode)
    for name, retrieve in systems.items():
        other = [retrieve(q.text, PLACES) if q.paths else [] for q in asked]
        lines[name] = {"recall@8": recall(asked, other), "one step": recall(asked, other, 1), "two steps": recall(asked, other, 2)}
    return lines


def _families(asked: Sequence[Query]) -> dict[str, np.ndarray]:
    """Which questions are of each family that the graph does not answer."""
    names = sorted({q.family for q in asked if not q.paths})
    return {f: np.array([q.family == f for q in asked]) for f in names}


def _one_step(asked: Sequence[Query], absent: np.ndarray) -> float:
    """AUROC over questions for one fact, there or absent."""
    simple = [q.family.split()[0] in ("forward", "backward") for q in asked]
    there = np.array([s and bool(q.paths) for s, q in zip(simple, asked, strict=True)])
    missing = np.array([s and not q.paths for s, q in zip(simple, asked, strict=True)])
    return auroc(absent[there], absent[missing])


def main() -> None:
    pools = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    n = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 400
    chosen = [int(s) for s in sys.argv[sys.argv.index("--sizes") + 1].split(",")] if "--sizes" in sys.argv else SIZES
    bank, encoder = Bank.load(), TextEncoder(DEFAULT_ENCODER)
    for facts, part in [(SIZES[0], "test"), *((facts, "train") for facts in chosen)]:
        scene = Scene(bank, relations(bank, part), pools, random.Random(SEED + facts), facts)
        print(json.dumps(measure(encoder, scene, part, n, "--dense" in sys.argv)), flush=True)


if __name__ == "__main__":
    main()
