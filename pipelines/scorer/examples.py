"""Examples for the scorer: questions of generated graphs with their candidates, made by the code that answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

import numpy as np
from scenes import Asker, Bank, Query, Relation, Scene

from kgpeft.evidence.candidates import Asked, Candidates, candidates, longest
from kgpeft.evidence.linking import Encode, Linker
from kgpeft.evidence.steps import Steps
from kgpeft.graph.names import relation_name

FACTS = (60, 150, 300, 600, 1_000, 1_500)
LIKE = 24  # column of the features: how alike label and question are
HARD, NEGATIVES = 48, 64  # wrong paths of two steps that a question keeps: the likeliest by label, and others drawn at random


class Vectors:
    """Sentence vectors of all texts met; collects them first, then encodes each once."""

    def __init__(self, dim: int) -> None:
        self.dim, self.row, self.table = dim, dict[str, int](), np.zeros((0, dim), np.float16)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [n, D]; zeros for texts that are not encoded yet."""
        rows = np.array([self.row.setdefault(t, len(self.row)) for t in texts], np.int64)
        done = np.zeros((len(rows), self.dim), np.float32)
        known = rows < len(self.table)
        done[known] = self.table[rows[known]]
        return done

    def fill(self, encode: Encode) -> None:
        """Encodes what was collected."""
        new = list(self.row)[len(self.table) :]
        if new:
            self.table = np.concatenate([self.table, encode(new).astype(np.float16)])


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
    stands: np.ndarray  # float32 [C] logarithm of how many candidates each stands for
    gold: np.ndarray  # bool [C] what is asked: a path that is there, or the step that is lacking
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
    steps: Steps, asked: Sequence[Sequence[Asked]], queries: Sequence[Query], vectors: Vectors, prune: bool
) -> Example | None:
    """The example of a scene; questions whose thing was not linked are left out."""
    rng = np.random.default_rng(0)
    found: list[Candidates] = []
    golds, stands, rows, main, present, families = [], [], [], [], [], []
    for q, row in zip(queries, asked, strict=True):
        named = any(steps.graph.names[n].lower() == q.thing.lower() for a in row for n in a.mention.entities)
        if not row or named is (q.family == "stranger"):
            continue
        own = candidates(steps, row, vectors([a.rest for a in row]))
        gold = _gold(steps, own, q)
        if (gold & ~own.lacking).any() != bool(q.paths):
            continue
        kept, standing = _kept(own, gold, rng) if prune else (np.arange(len(own)), np.zeros(len(own), np.float32))
        main.append(len(rows) + longest(row))
        found.append(replace(own.take(kept), asked=own.asked[kept] + len(rows)))
        golds.append(gold[kept])
        stands.append(standing)
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
        *every[1:4], every[4].astype(half), np.concatenate(stands), np.concatenate(golds), np.array(main), np.array(present), families,
    )


def _kept(found: Candidates, gold: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidates that are trained on, and the logarithm of how many each stands for."""
    paths = (found.second >= 0) & ~found.lacking
    others = np.flatnonzero(~gold & paths)
    order = others[np.argsort(-found.features[others, LIKE], kind="stable")]
    drawn = rng.permutation(order[HARD:])[:NEGATIVES]
    kept = np.concatenate([np.flatnonzero(gold | ~paths), order[:HARD], drawn])
    stands = np.zeros(len(kept), np.float32)
    if len(drawn):
        stands[-len(drawn) :] = np.log(len(order[HARD:]) / len(drawn))
    return kept, stands


def _gold(steps: Steps, found: Candidates, q: Query) -> np.ndarray:
    """bool [C]: which candidates are a path that answers; where there is none, the lacking step that is asked for."""
    names = steps.graph.relation_names
    spoken = [*((n, False) for n in names), *((n, True) for n in names), ("definition", False), ("also called", False)]
    paths = {tuple((relation_name(label), back) for label, back in path) for path in q.asked}
    things = np.array([steps.graph.names[n].lower() == q.thing.lower() for n in found.node])
    said = np.array([
        (spoken[a],) in paths if b < 0 else (spoken[a], spoken[b]) in paths
        for a, b in zip(found.first, found.second, strict=True)
    ])
    if q.family == "statement":  # from either end
        things[:] = True
    gold: np.ndarray = things & said & (bool(q.paths) ^ found.lacking)
    return gold


@dataclass(frozen=True)
class Job:
    """Questions of some scenes, to be made into examples; every scene is made anew wherever it is needed."""

    scene: Callable[[int], Scene]
    questions: int  # of one scene
    held: bool  # in the phrasings that training never sees
    prune: bool
    vectors: Vectors

    def texts(self, i: int) -> list[str]:
        """What scene i needs vectors of."""
        found = Vectors(self.vectors.dim)
        scene = self.scene(i)
        collect(scene, ask(scene, self.questions, i, self.held), found)
        return list(found.row)

    def example(self, i: int) -> Example | None:
        """The example of scene i, once all vectors are there."""
        scene = self.scene(i)
        queries = ask(scene, self.questions, i, self.held)
        return example(*collect(scene, queries, self.vectors), queries, self.vectors, self.prune)


def build(job: Job, scenes: int, encode: Encode, workers: int) -> list[Example]:
    """The examples of the first scenes of a job, each text encoded once."""
    for texts in _mapped(job.texts, range(scenes), workers):
        job.vectors(texts)
    job.vectors.fill(encode)
    return [e for e in _mapped(job.example, range(scenes), workers) if e is not None]


def _mapped(do: Callable[[int], Any], numbers: Sequence[int], workers: int) -> list[Any]:
    """What a function makes of each number, by forked processes, which inherit what the function holds."""
    global _do
    _do = do
    if workers < 2:
        return list(map(do, numbers))
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        return list(pool.map(_run, numbers, chunksize=4))


def _run(i: int) -> Any:
    return _do(i)


_do: Callable[[int], Any]


def generated(bank: Bank, chosen: list[Relation], pools: dict[str, list[str]], seed: int, i: int) -> Scene:
    """Scene i of a seed."""
    rng = random.Random(seed * 100_003 + i)
    return Scene(bank, chosen, pools, rng, rng.choice(FACTS))
