"""The scorer: a small network over frozen sentence vectors that says which candidate a question asks for, if any.

The same functions run on numpy arrays when answering and on torch tensors when training (pipelines/scorer). Weights
without "query" read no vectors, only features that are alike under every encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgpeft.evidence.candidates import RAW, Asked, Candidates
from kgpeft.evidence.linking import Encode
from kgpeft.evidence.steps import Steps

WEIGHTS = Path(__file__).with_name("scorer.safetensors")
WIDTH = 128  # of a step's key
HIDDEN = 96
SEEN = 9  # what "none" knows of the candidates and of all steps
FAR = -10.0  # logit of what is not there
PROBE = "Which encoder is this?"  # its vector tells whether the encoder is the one that was trained with
SAME = 0.99

Weights = dict[str, Any]  # arrays of numpy or torch
Array = Any


@dataclass(frozen=True)
class StepInputs:
    """What keys are made of: label, start, end, kind [S, D], shape [S, SHAPE], inverse [S, 1]."""

    label: Array
    start: Array
    end: Array
    kind: Array
    shape: Array
    inverse: Array


def keys(w: Weights, s: StepInputs) -> Array:
    """[S, WIDTH] what each step can be asked for by; None where no vectors are read."""

    def mix(name: str) -> Array:
        label = (s.label @ w[f"{name}.label"]) * (1 - s.inverse) + (s.label @ w[f"{name}.label_inverse"]) * s.inverse
        ends = s.start @ w[f"{name}.start"] + s.end @ w[f"{name}.end"] + s.kind @ w[f"{name}.kind"]
        return label + ends + s.shape @ w[f"{name}.shape"]

    if "query" not in w:
        return None
    return mix("key") + (mix("key_hidden") + w["key_hidden.bias"]).clip(0) @ w["key_hidden.out"]


def queries(w: Weights, vectors: Array) -> Array:
    """[M, 4 * WIDTH] what each question asks for: in one step, in the first and the second of two, of none."""
    if "query" not in w:
        return None
    hidden = (vectors @ w["query_hidden"] + w["query_hidden.bias"]).clip(0)
    return vectors @ w["query"] + hidden @ w["query_hidden.out"]


def scores(w: Weights, asked: tuple[Array, Array], k: Array, steps: StepInputs, c: Any) -> tuple[Array, list[Array]]:
    """[C] logits of candidates, and columns [C] of what "none" is to know; asked: `queries` and forms [M, ASKED]."""
    u, form = asked
    last = c.second * (c.second >= 0) + c.first * (c.second < 0)
    features = c.features if u is not None else c.features[:, :-RAW]
    inner = features @ w["mlp.features"] + (steps.shape @ w["mlp.shape"])[last] + w["mlp.bias"]
    asking, alike, two, known = form @ w["mlp.form"], 0, 1 * (c.second >= 0), 1 - 1 * c.lacking
    one, pair, parts = (1 - two) * known, two * known, []
    if u is not None:
        asking = asking + u @ w["mlp.query"]
        role, row = u.reshape(-1, WIDTH), 4 * c.asked
        first, onward = role[row + two] * k[c.first], two[:, None] * (role[row + 2] * k[last])
        product = first + onward
        inner, alike = inner + product @ w["mlp.product"], product.sum(-1)
        parts = [_where(x, y.sum(-1)) for x, y in ((one, first), (pair, first), (pair, onward))]
    inner = inner + asking[c.asked]
    found = alike + (inner.clip(0) @ w["mlp.out"])[:, 0] + features @ w["linear"]
    return found, [_where(one, found), _where(pair, found), _where(1 - known, found), *parts]


def anywhere(u: Array, k: Array) -> list[Array]:
    """[M] each: how well the graph's best step matches what is asked: in one step, in the first and second of two."""
    if u is None:
        return []
    alike = u[:, : 3 * WIDTH].reshape(-1, 3, WIDTH) @ k.T
    best = alike.amax(-1) if hasattr(alike, "amax") else alike.max(-1)
    return [best[:, i] for i in range(3)]


def nulls(w: Weights, asked: tuple[Array, Array], seen: Array) -> Array:
    """[Q] logits of "the graph does not say"; seen [Q, SEEN or 3]: the best candidates' columns, and `anywhere`."""
    u, form = asked
    seen = seen.clip(FAR, -FAR) / -FAR
    inner = form @ w["null.form"] + seen @ w["null.seen"] + w["null.bias"]
    if u is not None:
        inner = inner + u[:, 3 * WIDTH :]
    return inner.clip(0) @ w["null.out"] + seen @ w["null.linear"] + w["null.level"]


def _where(there: Array, value: Array) -> Array:
    return there * value + (1 - there) * FAR


class Scorer:
    """The shipped scorer, made ready for the steps of one graph."""

    def __init__(self, steps: Steps, encode: Encode, weights: Weights | None = None) -> None:
        self.weights = weights if weights is not None else shipped(encode)
        self.inputs = inputs(steps)
        self.keys = keys(self.weights, self.inputs)

    def __call__(
        self, c: Candidates, asked: Sequence[Asked], vectors: np.ndarray, main: int
    ) -> tuple[np.ndarray, float]:
        """Probabilities of the candidates [C], and that none of them is asked for: that the graph does not say."""
        u, form = queries(self.weights, vectors), np.stack([a.form for a in asked])
        found, columns = scores(self.weights, (u, form), self.keys, self.inputs, c)
        about = None if u is None else u[main : main + 1]
        seen = [[column.max(initial=FAR) for column in columns] + [float(x[0]) for x in anywhere(about, self.keys)]]
        none = nulls(self.weights, (about, form[main : main + 1]), np.array(seen, np.float32))
        logits = np.concatenate([found, none]) / self.weights["temperature"]
        share = np.exp(logits - logits.max())
        share /= share.sum()
        return share[:-1], float(share[-1] + share[:-1][c.lacking].sum())


def inputs(steps: Steps) -> StepInputs:
    """A graph's steps as the network takes them."""
    inverse = steps.inverse[:, None].astype(np.float32)
    return StepInputs(steps.label, steps.start, steps.end, steps.kind, steps.shape, inverse)


def shipped(encode: Encode) -> Weights:
    """The weights for an encoder: those that read vectors are for the one that they were trained with alone."""
    from safetensors.numpy import load_file

    every = load_file(WEIGHTS)
    probe, known = encode([PROBE])[0], every["probe"]
    same = probe.shape == known.shape and float(probe @ known) > SAME
    part = "text." if same else "plain."
    return {name.removeprefix(part): w.astype(np.float32) for name, w in every.items() if name.startswith(part)}
