"""Trains the scorer of the evidence search (how the shipped weights were made: LOG.md, "Evidence: selection"):

    python pipelines/scorer/train.py POOLS.json --graphs GRAPH... --out scorer.safetensors [--scenes 900] [--steps 3000]

POOLS.json is written by pipelines/reader/pools.py; GRAPHS are ontologies of which smaller scenes are cut. The generated
scenes are of the relation bank without its dev and test relations. The temperature is fitted on half of the dev scenes,
whose relations training never sees, and the other half is what the printed JSON line tells of: how often the asked path
is first and among the first, and the AUROC of "the graph does not say". Uses a GPU where there is one; without one most
of the time goes into sentence vectors, which are kept.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from real import real_scene
from safetensors.torch import load_file, save_file
from scenes import Bank, relations
from torch import Tensor

from examples import Example, Job, Vectors, build, generated
from kgpeft.embed import TextEncoder
from kgpeft.evidence.candidates import ASKED, FEATURES, RAW
from kgpeft.evidence.linking import Encode
from kgpeft.evidence.scorer import (
    FAR,
    HIDDEN,
    PROBE,
    SEEN,
    WEIGHTS,
    WIDTH,
    StepInputs,
    anywhere,
    keys,
    nulls,
    queries,
    scores,
)
from kgpeft.evidence.steps import SHAPE
from kgpeft.models import DEFAULT_ENCODER, text_encoder

DECAY = 0.05
SCENES, QUESTIONS = 2, 60  # of each step: scenes, and questions of each of them
DROPOUT = 0.3  # of the sentence vectors
WHICH = 0.5  # weight of which step is lacking
PER_SCENE, DEV_SCENES = 90, 24
REAL = 0.15  # real scenes for each generated one
HALVES = {"vectors", "features", "label", "start", "end", "kind"}
OF_CANDIDATES = ("asked", "first", "second", "lacking", "features", "stands", "gold")
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def initial(dim: int, seed: int = 0) -> dict[str, Tensor]:
    """Weights under which a label and a question match as far as their vectors are alike; none of vectors if dim is 0."""
    draw = torch.Generator().manual_seed(seed)

    def normal(*size: int, scale: float = 1.0) -> Tensor:
        return torch.randn(size, generator=draw) * scale / math.sqrt(size[0])

    w = {
        "mlp.features": normal(FEATURES if dim else FEATURES - RAW, HIDDEN), "mlp.form": normal(ASKED, HIDDEN),
        "mlp.shape": normal(SHAPE, HIDDEN), "mlp.bias": torch.zeros(HIDDEN), "mlp.out": normal(HIDDEN, 1),
        "linear": torch.zeros(FEATURES if dim else FEATURES - RAW), "null.form": normal(ASKED, WIDTH),
        "null.bias": torch.zeros(WIDTH), "null.out": normal(WIDTH, 1)[:, 0], "null.level": torch.zeros(()),
        "null.seen": normal(SEEN if dim else 3, WIDTH), "null.linear": torch.zeros(SEEN if dim else 3),
    }
    if dim:
        shared = torch.randn((dim, WIDTH), generator=draw) * 3 / math.sqrt(WIDTH)
        w |= {f"key.{part}": shared.clone() for part in ("label", "label_inverse")}
        w |= {f"key.{part}": torch.zeros(dim, WIDTH) for part in ("start", "end", "kind")}
        w |= {f"key_hidden.{part}": normal(dim, WIDTH) for part in ("label", "label_inverse", "start", "end", "kind")}
        w |= {
            "key.shape": torch.zeros(SHAPE, WIDTH), "key_hidden.shape": normal(SHAPE, WIDTH),
            "key_hidden.bias": torch.zeros(WIDTH), "key_hidden.out": torch.zeros(WIDTH, WIDTH),
            "query": torch.cat([shared, shared, shared, normal(dim, WIDTH)], 1), "query_hidden": normal(dim, 2 * WIDTH),
            "query_hidden.bias": torch.zeros(2 * WIDTH), "query_hidden.out": torch.zeros(2 * WIDTH, 4 * WIDTH),
            "mlp.product": normal(WIDTH, HIDDEN), "mlp.query": normal(4 * WIDTH, HIDDEN, scale=0.3),
        }
    return {name: t.to(DEVICE).requires_grad_() for name, t in w.items()}


def tensors(e: Example) -> SimpleNamespace:
    """An example as tensors."""
    return SimpleNamespace(**{k: torch.from_numpy(v).to(DEVICE) for k, v in vars(e).items() if isinstance(v, np.ndarray)})


def some(t: SimpleNamespace, n: int) -> SimpleNamespace:
    """n questions of an example, drawn at random."""
    chosen = torch.randperm(len(t.main))[:n].to(DEVICE)
    place = torch.full((len(t.main),), -1, device=DEVICE)
    place[chosen] = torch.arange(len(chosen), device=DEVICE)
    keep = (place[t.question] >= 0).nonzero()[:, 0]
    rows = {name: getattr(t, name)[keep] for name in OF_CANDIDATES}
    return SimpleNamespace(**vars(t) | rows | {"question": place[t.question[keep]], "main": t.main[chosen], "present": t.present[chosen]})


def logits(w: dict[str, Tensor], t: SimpleNamespace, dropout: float = 0.0) -> tuple[Tensor, Tensor]:
    """Of the candidates [C] and of the nulls [Q]."""
    t = SimpleNamespace(**{name: x.float() if name in HALVES else x for name, x in vars(t).items()})

    def drop(x: Tensor) -> Tensor:
        return torch.nn.functional.dropout(x, dropout, training=dropout > 0)

    steps = StepInputs(drop(t.label), drop(t.start), drop(t.end), drop(t.kind), t.shape, t.inverse)
    u, k = queries(w, drop(t.vectors)), keys(w, steps)
    found, columns = scores(w, (u, t.form), k, steps, t)
    about = None if u is None else u[t.main]
    best = [torch.full((len(t.main),), FAR, device=DEVICE).scatter_reduce(0, t.question, column, "amax") for column in columns]
    return found, nulls(w, (about, t.form[t.main]), torch.stack([*best, *anywhere(about, k)], 1))


def masses(t: SimpleNamespace, found: Tensor, none: Tensor) -> tuple[Tensor, Tensor]:
    """log-probabilities [Q] of the gold candidates, and that there is none."""
    found = found + t.stands
    level = torch.maximum(none, torch.full_like(none, -1e4).scatter_reduce(0, t.question, found, "amax")).detach()
    weight = (found - level[t.question]).exp()
    nothing = (none - level).exp()
    total = nothing.index_add(0, t.question, weight)
    gold = torch.zeros_like(total).index_add(0, t.question, weight * t.gold)
    lacking = nothing.index_add(0, t.question, weight * t.lacking)
    return (gold / total).clamp(min=1e-9).log(), (lacking / total).clamp(min=1e-9).log()


def loss(w: dict[str, Tensor], t: SimpleNamespace, dropout: float) -> Tensor:
    """Surprise at what is asked; where the graph does not say, at that, and at which step is lacking if it is one of the graph's."""
    gold, none = masses(t, *logits(w, t, dropout))
    known = torch.zeros_like(none).index_add(0, t.question, 1.0 * t.gold) > 0
    return -torch.where(t.present, gold, none + WHICH * known * gold).mean()


def begun(path: Path) -> dict[str, Tensor]:
    """The weights of a file that read vectors, to go on with."""
    named = {name.removeprefix("text."): t for name, t in load_file(path).items() if name.startswith("text.")}
    return {name: t.float().to(DEVICE).requires_grad_() for name, t in named.items() if name != "temperature"}


def fit(examples: Sequence[SimpleNamespace], w: dict[str, Tensor], steps: int, rate: float) -> dict[str, Tensor]:
    """Weights trained from those given."""
    torch.manual_seed(0)
    plain = [t for t in w.values() if t.ndim < 2]
    groups: list[dict[str, Any]] = [{"params": [t for t in w.values() if t.ndim > 1], "weight_decay": DECAY}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, rate)
    for step in range(steps):
        drawn = torch.randint(len(examples), (SCENES,)).tolist()
        torch.stack([loss(w, some(examples[i], QUESTIONS), DROPOUT) for i in drawn]).mean().backward()
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        torch.nn.utils.clip_grad_norm_(list(w.values()), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return {n: t.detach() for n, t in w.items()}


@torch.no_grad()
def measure(w: dict[str, Tensor], examples: Sequence[Example]) -> dict[str, Any]:
    """On questions with an answer: share whose path is first, and among the first 4 and 16 candidates; AUROC of none."""
    rank: dict[str, list[int]] = defaultdict(list)
    absent: dict[bool, list[float]] = {True: [], False: []}
    log = []
    for e in examples:
        t = tensors(e)
        found, none = logits(w, t)
        gold, nothing = masses(t, found, none)
        log.append(-torch.where(t.present, gold, nothing))
        for q, family in enumerate(e.families):
            absent[bool(e.present[q])].append(float(nothing[q]))
            mine = (t.question == q) & ~t.lacking
            if e.present[q]:
                rank[family].append(int((found[mine] > found[mine & t.gold].max()).sum()))
    every = np.array([r for rs in rank.values() for r in rs])
    a, b = np.array(absent[True]), np.array(absent[False])
    auroc = float((b[:, None] > a[None]).mean() + 0.5 * (b[:, None] == a[None]).mean())
    return {
        "loss": round(float(torch.cat(log).mean()), 4), "n": [len(a), len(b)], "auroc": round(auroc, 4),
        "recall": {k: round(float((every < k).mean()), 4) for k in (1, 4, 8, 16)},
        "families": {f: [round(float(np.mean(np.array(r) < k)), 3) for k in (1, 4)] for f, r in sorted(rank.items())},
    }


def calibrated(w: dict[str, Tensor], examples: Sequence[Example]) -> dict[str, Tensor]:
    """The weights with the temperature under which scenes that were not trained on are likeliest."""
    with torch.no_grad():
        found = [(t, *logits(w, t)) for t in map(tensors, examples)]

    def surprise(temperature: float) -> float:
        parts = [(t, *masses(t, c / temperature, n / temperature)) for t, c, n in found]
        return float(torch.cat([-torch.where(t.present, gold, none) for t, gold, none in parts]).mean())

    return w | {"temperature": torch.tensor(min(np.geomspace(0.5, 4, 43).tolist(), key=surprise))}


def save(text: dict[str, Tensor], plain: dict[str, Tensor], probe: np.ndarray, path: Path) -> None:
    """Both sets of weights in one file, in float16."""
    every = {f"text.{n}": t for n, t in text.items()} | {f"plain.{n}": t for n, t in plain.items()}
    save_file({n: t.half().cpu().contiguous() for n, t in every.items()} | {"probe": torch.from_numpy(probe)}, path)


def encoding() -> Encode:
    """The default encoder: on a GPU where there is one, else with what it encoded before."""
    if DEVICE == "cpu":
        return TextEncoder(DEFAULT_ENCODER).encode
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(text_encoder(DEFAULT_ENCODER)), device=DEVICE, local_files_only=True)
    return partial(model.encode, batch_size=1024, normalize_embeddings=True)


def examples(given: argparse.Namespace, encode: Encode, dim: int) -> tuple[list[Example], list[Example]]:
    """Those to train on, and the dev ones."""
    bank, pools, vectors = Bank.load(), json.loads(given.pools.read_text("utf-8")), Vectors(dim)

    def made(scene: Any, n: int, *, prune: bool) -> list[Example]:
        return build(Job(scene, PER_SCENE, False, prune, vectors), n, encode, given.workers)

    seen = made(partial(generated, bank, relations(bank, "train"), pools, 1), given.scenes, prune=True)
    if given.graphs:
        seen += made(partial(real_scene, given.graphs, bank, pools), int(REAL * given.scenes), prune=True)
    return seen, made(partial(generated, bank, relations(bank, "dev"), pools, 5), DEV_SCENES, prune=False)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pools", type=Path)
    parser.add_argument("--graphs", type=Path, nargs="*", default=[], help="ontologies to cut scenes of")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--scenes", type=int, default=900)
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--begun", type=Path, help="weights to go on with")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    given = parser.parse_args()
    begin, encode = time.time(), encoding()
    probe = encode([PROBE])[0]
    seen, dev = examples(given, encode, len(probe))
    ready, training = time.time() - begin, [tensors(e) for e in seen]
    first = begun(given.begun) if given.begun else initial(len(probe))
    text = calibrated(fit(training, first, given.steps, given.rate), dev[::2])
    plain = calibrated(fit(training, initial(0), given.steps // 4, given.rate), dev[::2])
    save(text, plain, probe, given.out)
    told = {"scenes": len(seen), "questions": sum(len(e.families) for e in seen), "steps": given.steps, "temperature": float(text["temperature"])}
    times = {"seconds of examples": round(ready), "seconds of training": round(time.time() - begin - ready)}
    print(json.dumps(told | times | {"text": measure(text, dev[1::2]), "plain": measure(plain, dev[1::2])}))


if __name__ == "__main__":
    main()
