"""Trains the scorer of the evidence search:

    python pipelines/scorer/train.py POOLS.json --out scorer.safetensors [--scenes 120] [--seconds 60] [--begun FILE.pt]

POOLS.json is written by pipelines/reader/pools.py. Scenes of the relation bank without its dev and test relations; the
temperature is fitted on half of the dev scenes, whose relations and phrasings training never sees, and the other half is
what the printed JSON line tells of: how often the asked path is first and among the first, and the AUROC of "the graph does
not say". FILE.pt keeps the weights that read vectors, so that a later run can go on with them.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from scenes import Bank, relations
from torch import Tensor

from examples import Example, Vectors, build, scenes
from kgpeft.embed import TextEncoder
from kgpeft.evidence.candidates import ASKED, FEATURES, RAW
from kgpeft.evidence.scorer import HIDDEN, PROBE, WEIGHTS, WIDTH, StepInputs, keys, nulls, queries, scores
from kgpeft.evidence.steps import SHAPE
from kgpeft.models import DEFAULT_ENCODER

LEARNING_RATE, DECAY = 2e-3, 0.05
QUESTIONS = 60  # of one scene, at each step
DROPOUT = 0.15  # of the sentence vectors


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
    return {name: t.requires_grad_() for name, t in w.items()}


def some(e: Example, n: int, rng: random.Random) -> Example:
    """n questions of an example."""
    chosen = np.array(sorted(rng.sample(range(len(e.main)), min(n, len(e.main)))))
    place = np.full(len(e.main), -1)
    place[chosen] = np.arange(len(chosen))
    keep = place[e.question] >= 0
    rows = {name: getattr(e, name)[keep] for name in ("asked", "first", "second", "lacking", "features", "gold")}
    return replace(e, **rows, question=place[e.question[keep]], main=e.main[chosen], present=e.present[chosen])


def tensors(e: Example) -> SimpleNamespace:
    """An example as tensors."""
    found = {k: torch.from_numpy(v) for k, v in vars(e).items() if isinstance(v, np.ndarray)}
    return SimpleNamespace(**{k: v.float() if v.dtype == torch.float16 else v for k, v in found.items()})


def logits(w: dict[str, Tensor], t: SimpleNamespace, dropout: float = 0.0) -> tuple[Tensor, Tensor]:
    """Of the candidates [C] and of the nulls [Q]."""

    def drop(x: Tensor) -> Tensor:
        return torch.nn.functional.dropout(x, dropout, training=dropout > 0)

    steps = StepInputs(drop(t.label), drop(t.start), drop(t.end), drop(t.kind), t.shape, t.inverse)
    u = queries(w, drop(t.vectors))
    found = scores(w, (u, t.form), keys(w, steps), steps, t)
    return found, nulls(w, (None if u is None else u[t.main], t.form[t.main]))


def masses(t: SimpleNamespace, found: Tensor, none: Tensor) -> tuple[Tensor, Tensor]:
    """log-probabilities [Q] of the gold candidates, and that there is none."""
    level = torch.maximum(none, torch.full_like(none, -1e4).scatter_reduce(0, t.question, found, "amax")).detach()
    weight = (found - level[t.question]).exp()
    nothing = (none - level).exp()
    total = nothing.index_add(0, t.question, weight)
    gold = torch.zeros_like(total).index_add(0, t.question, weight * t.gold)
    lacking = nothing.index_add(0, t.question, weight * t.lacking)
    return (gold / total).clamp(min=1e-9).log(), (lacking / total).clamp(min=1e-9).log()


def loss(w: dict[str, Tensor], t: SimpleNamespace, dropout: float) -> Tensor:
    gold, none = masses(t, *logits(w, t, dropout))
    return -torch.where(t.present, gold, none).mean()


def fit(
    examples: Sequence[Example], dim: int, seconds: float, seed: int = 0, begun: dict[str, Tensor] | None = None
) -> dict[str, Tensor]:
    """Trained weights, new or gone on with; seconds of processor time."""
    w = {n: t.clone().requires_grad_() for n, t in begun.items()} if begun else initial(dim, seed)
    torch.manual_seed(seed)
    plain = [t for n, t in w.items() if t.ndim < 2]
    optimizer = torch.optim.AdamW([{"params": [t for t in w.values() if t.ndim > 1], "weight_decay": DECAY}, {"params": plain, "weight_decay": 0.0}], LEARNING_RATE)
    begin, rng, done = time.process_time(), random.Random(seed), 0.0
    for step, e in enumerate(_endless(examples, rng), 1):
        loss(w, tensors(some(e, QUESTIONS, rng)), DROPOUT).backward()
        done = (time.process_time() - begin) / seconds
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1, step / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        torch.nn.utils.clip_grad_norm_(list(w.values()), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return {n: t.detach() for n, t in w.items()}


def _endless(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    while True:
        yield from rng.sample(list(examples), len(examples))


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
    save_file({n: t.half().contiguous() for n, t in every.items()} | {"probe": torch.from_numpy(probe)}, path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pools", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--scenes", type=int, default=120)
    parser.add_argument("--seconds", type=float, default=60, help="of processor time, for the weights that read vectors")
    parser.add_argument("--begun", type=Path, help="weights to go on with, if there are any, and to be written")
    given = parser.parse_args()
    bank, pools, encoder = Bank.load(), json.loads(given.pools.read_text("utf-8")), TextEncoder(DEFAULT_ENCODER)
    vectors = Vectors(encoder.encode, encoder.dim)
    seen = build(scenes(bank, relations(bank, "train"), pools, given.scenes, 1), 90, vectors, held=False, prune=True)
    dev = build(scenes(bank, relations(bank, "dev"), pools, 24, 5), 80, vectors, held=False, prune=False)
    begun = torch.load(given.begun) if given.begun and given.begun.exists() else None
    text = fit(seen, encoder.dim, given.seconds, begun=begun)
    if given.begun:
        torch.save(text, given.begun)
    text, plain = calibrated(text, dev[::2]), calibrated(fit(seen, 0, given.seconds / 6), dev[::2])
    save(text, plain, encoder.encode([PROBE])[0], given.out)
    told = {"scenes": given.scenes, "seconds": given.seconds, "temperature": float(text["temperature"])}
    print(json.dumps(told | {"text": measure(text, dev[1::2]), "plain": measure(plain, dev[1::2])}))


if __name__ == "__main__":
    main()
