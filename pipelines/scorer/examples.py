"""Examples for the scorer: questions of generated graphs with their candidates, made by the code that answers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scenes import Asker, Bank, Query, Relation, Scene

from kgpeft.evidence.candidates import Asked, Candidates, candidates, longest
from kgpeft.evidence.linking import Linker
from kgpeft.evidence.steps import Steps
from kgpeft.graph.names import relation_name

FACTS = (60, 150, 300, 600, 1_000)
NEGATIVES = 100  # wrong paths of two steps that a question keeps, drawn at random


class Vectors:
    """Sentence vectors of all texts met; collects them first, then encodes each once."""

    def __init__(self, encode, dim: int) -> None:
        self.encode, self.dim, self.row, self.table = encode, dim, {}, np.zeros((0, dim), np.float16)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [n, D]; zeros for texts that are not encoded yet."""
        rows = np.array([self.row.setdefault(t, len(self.row)) for t in texts], np.int64)
        done = np.zeros((len(rows), self.dim), np.float32)
        known = rows < len(self.table)
        done[known] = self.table[rows[known]]
        return done

    def fill(self) -> None:
        """Encodes what was collected."""
        new = list(self.row)[len(self.table) :]
        if new:
            self.table = np.concatenate([self.table, self.encode(new).astype(np.float16)])


@dataclass
class Example:
    """One scene: its steps and the candidates of its questions laid end to end."""

    label: np.ndarray  # float16 [S, D]
    start: np.ndarray
    end: np.ndarray
    kind: np.ndarray  # all float16 [S, D]
    shape: np.ndarray  # float32 [S, SHAPE]
    inverse: np.ndarray  # float32 [S, 1]
    vectors: np.ndarray  # float16 [M, D] one for each mention of each question
    form: np.ndarray  # float32 [M, ASKED]
    asked: np.ndarray  # int [C] row of vectors
    question: np.ndarray  # int [C]
    first: np.ndarray
    second: np.ndarray
    lacking: np.ndarray
    features: np.ndarray  # float16 [C, F]
    gold: np.ndarray  # bool [C]
    main: np.ndarray  # int [Q] row of vectors that the null is read from
    present: np.ndarray  # bool [Q]
    families: list[str]


def ask(scene: Scene, n: int, seed: int, held: bool) -> list[Query]:
    """n questions of a scene."""
    asker = Asker(scene, random.Random(seed), held)
    return [asker() for _ in range(n)]


def collect(scene: Scene, queries: Sequence[Query], vectors: Vectors) -> tuple[Steps, list[list[Asked]]]:
    """The scene's steps and what its questions ask, with vectors as far as they are known."""
    graph = scene.graph()
    linker, steps = Linker(graph), Steps(graph, vectors)
    asked = [[Asked.about(q.text, m) for m in linker.link(q.text)] for q in queries]
    vectors([a.rest for row in asked for a in row])
    return steps, asked


def example(
    steps: Steps, queries: Sequence[Query], asked: Sequence[Sequence[Asked]], vectors: Vectors, prune: bool
) -> Example | None:
    """The example of a scene; questions whose thing was not linked are left out."""
    rng = np.random.default_rng(0)
    found: list[Candidates] = []
    golds, rows, main, present, families = [], [], [], [], []
    for q, row in zip(queries, asked, strict=True):
        nodes = {n for a in row for n in a.mention.entities if steps.graph.names[n].lower() == q.thing.lower()}
        if not nodes:
            continue
        own = candidates(steps, row, vectors([a.rest for a in row]))
        gold = _gold(steps, own, q)
        if bool(q.paths) is not bool(gold.any()):
            continue
        keep = gold | (own.second < 0)
        others = np.flatnonzero(~keep)
        keep[rng.permutation(others)[: NEGATIVES if prune else len(others)]] = True
        main.append(len(rows) + longest(row))
        found.append(replace(own.take(keep), asked=own.asked[keep] + len(rows)))
        golds.append(gold[keep])
        present.append(bool(q.paths))
        families.append(q.family)
        rows += row
    if not found:
        return None
    half, every = np.float16, [np.concatenate([getattr(c, f) for c in found]) for f in ("asked", "first", "second", "lacking", "features")]
    return Example(
        steps.label.astype(half), steps.start.astype(half), steps.end.astype(half), steps.kind.astype(half), steps.shape,
        steps.inverse[:, None].astype(np.float32), vectors([a.rest for a in rows]).astype(half),
        np.stack([a.form for a in rows]), every[0], np.repeat(np.arange(len(found)), [len(c) for c in found]),
        *every[1:4], every[4].astype(half), np.concatenate(golds), np.array(main), np.array(present), families,
    )


def _gold(steps: Steps, found: Candidates, q: Query) -> np.ndarray:
    """bool [C]: which candidates are a path that answers; where there is none, none."""
    names = steps.graph.relation_names
    spoken = [*((n, False) for n in names), *((n, True) for n in names), ("definition", False), ("also called", False)]
    paths = {tuple((relation_name(label), back) for label, back in path) for path in q.paths}
    things = np.array([steps.graph.names[n].lower() == q.thing.lower() for n in found.node])
    said = np.array([
        (spoken[a],) in paths if b < 0 else (spoken[a], spoken[b]) in paths
        for a, b in zip(found.first, found.second, strict=True)
    ])
    if q.family == "statement":  # from either end
        things[:] = True
    gold: np.ndarray = things & said & ~found.lacking
    return gold


def scenes(bank: Bank, chosen: list[Relation], pools: dict[str, list[str]], n: int, seed: int) -> list[Scene]:
    """n scenes of various sizes."""
    rngs = [random.Random(seed * 100_003 + i) for i in range(n)]
    return [Scene(bank, chosen, pools, rng, rng.choice(FACTS)) for rng in rngs]


def build(made: Sequence[Scene], per_scene: int, vectors: Vectors, *, held: bool, prune: bool) -> list[Example]:
    """The examples of some scenes, each text encoded once."""
    queries = [ask(scene, per_scene, i, held) for i, scene in enumerate(made)]
    for scene, q in zip(made, queries, strict=True):
        collect(scene, q, vectors)
    vectors.fill()
    found = []
    for scene, q in zip(made, queries, strict=True):
        steps, asked = collect(scene, q, vectors)
        found.append(example(steps, q, asked, vectors, prune))
    return [e for e in found if e is not None]
