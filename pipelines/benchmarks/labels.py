"""Encoding labels and linking mentions to them: python labels.py FOLDER [--sample 2000] [--linking].

FOLDER is the data folder (hpo, doid and uberon). Prints one JSON line:

- encoding: a random sample of the distinct labels and synonyms of the three, by SentenceTransformer.encode and by
  TextEncoder into an empty store, texts a CPU-second and the largest difference; then again, as a second graph that
  has the same texts would;
- with --linking: mentions sought among the labels of the three (some 21,000, encoded once: minutes) by MiniLM, by
  Nearest with the meanings of words from MiniLM, and by that with its best 50 ranked anew: recall@10 of the entity and
  mentions a CPU-second. Mentions are exact synonyms, and labels with a slip of spelling or their words in another order.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from kgpeft.embed import TextEncoder
from kgpeft.embed.nearest import Nearest
from kgpeft.graph import read
from kgpeft.models import DEFAULT_ENCODER, text_encoder

SOURCES = ("hpo/hpo.obo.gz", "doid/doid_2016-03.obo", "uberon/musculoskeletal.obo")
HELD, CHANGED, DEEP = 1000, 500, 100  # synonyms, names changed in each way, names looked at for 10 entities
BLOCK = 500
SEED = 1  # of the mentions; the constants of Nearest were set with others
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Named = list[tuple[str, int]]  # text, entity


def texts(folder: Path) -> list[tuple[str, str, int]]:
    """Role, text and entity of every label and synonym of the three, entities numbered through."""
    found, offset = [], 0
    for source in SOURCES:
        graph = read(folder / source)
        found += [(x.role, x.text, offset + x.entity) for x in graph.labels if x.role != "definition"]
        offset += len(graph.terms)
    return found


def encoding(distinct: list[str], sample: int) -> dict[str, object]:
    """Speed and likeness of both ways on a sample."""
    some = random.Random(0).sample(distinct, sample)
    folder = str(text_encoder(DEFAULT_ENCODER))
    plain = SentenceTransformer(folder, device="cpu")
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as home:
        os.environ["KGPEFT_HOME"] = home
        ours = TextEncoder(folder)
        for warm in (plain.encode, ours.encode):
            warm(["a warm-up"])
        theirs, slow = clocked(lambda: plain.encode(some, normalize_embeddings=True))
        made, fast = clocked(lambda: ours.encode(some))
        again, free = clocked(lambda: TextEncoder(folder).encode(some[::-1])[::-1])
        os.environ.clear()
        os.environ.update(before)
    return {
        "n": sample, "plain_per_second": round(sample / slow, 1), "ours_per_second": round(sample / fast, 1),
        "again_per_second": round(sample / free, 1), "largest_difference": float(np.abs(theirs - made).max()),
        "again_equal": bool((made == again).all()),
    }  # fmt: skip


def mentions(rows: list[tuple[str, str, int]]) -> tuple[Named, dict[str, Named]]:
    """The names to be searched, and mentions of three kinds."""
    dice = random.Random(SEED)
    names = [(text, entity) for role, text, entity in rows if role == "label"]
    asked = {"synonym": dice.sample([(text, entity) for role, text, entity in rows if role == "exact"], HELD)}
    for kind, change in (("slip", slip), ("order", reorder)):
        changed = ((change(text, dice), entity) for text, entity in dice.sample(names, 4 * CHANGED))
        asked[kind] = [(text, entity) for text, entity in changed if text][:CHANGED]
    return names, asked


def slip(text: str, dice: random.Random) -> str:
    """The text with a letter of a longer word dropped, swapped, replaced or added; empty if it has no such word."""
    words = text.split(" ")
    able = [i for i, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    if not able:
        return ""
    i = dice.choice(able)
    word, at, other = words[i], dice.randrange(1, len(words[i]) - 1), dice.choice(LETTERS)
    start, end = word[:at], word[at + 1 :]
    words[i] = dice.choice(
        [start + end, start + end[0] + word[at] + end[1:], start + other + end, start + other + word[at:]]
    )
    return " ".join(words)


def reorder(text: str, dice: random.Random) -> str:
    """The words of the text in another order; empty if there is none."""
    words = text.replace(",", "").split(" ")
    return "" if len(set(words)) < 2 else " ".join(words[(k := dice.randrange(1, len(words))) :] + words[:k])


def linking(rows: list[tuple[str, str, int]]) -> dict[str, object]:
    """Recall and speed of three ways."""
    names, asked = mentions(rows)
    entity, every = np.array([e for _, e in names]), [text for kind in asked.values() for text, _ in kind]
    encoder = TextEncoder(DEFAULT_ENCODER)
    vectors = encoder.encode([text for text, _ in names])
    fresh = lambda some: encoder.encode(some, keep=False)  # noqa: E731
    first, build = clocked(lambda: Nearest([text for text, _ in names], encoder.encode))

    def dense(some: Sequence[str]) -> np.ndarray:
        blocks = [fresh(some[i : i + BLOCK]) @ vectors.T for i in range(0, len(some), BLOCK)]
        return np.concatenate([best(near) for near in blocks])

    def best(near: np.ndarray) -> np.ndarray:
        ids = np.argpartition(near, -DEEP, axis=1)[:, -DEEP:]
        return np.take_along_axis(ids, np.argsort(-np.take_along_axis(near, ids, 1), axis=1), 1)

    ways: dict[str, Callable[[Sequence[str]], np.ndarray]] = {
        "nearest": lambda some: first(some, DEEP)[0], "minilm": dense, "nearest_then_minilm": lambda some: first(some, DEEP, rerank=True)[0],
    }  # fmt: skip
    found: dict[str, object] = {"names": len(names), "build_seconds": round(build, 2)}
    for way, look in ways.items():
        ids, seconds = clocked(lambda look=look: look(every))  # type: ignore[misc]
        right = [e for kind in asked.values() for _, e in kind]
        hit = np.array(
            [e in list(dict.fromkeys(entity[row[row >= 0]].tolist()))[:10] for row, e in zip(ids, right, strict=True)]
        )
        parts = np.split(hit, np.cumsum([len(kind) for kind in asked.values()])[:-1])
        recall = {kind: round(float(part.mean()), 4) for kind, part in zip(asked, parts, strict=True)}
        found[way] = {
            "recall@10": {**recall, "all": round(float(hit.mean()), 4)},
            "per_second": round(len(every) / seconds, 1),
        }
    found["n"] = {kind: len(part) for kind, part in asked.items()}
    return found


def clocked(do: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and the CPU seconds it took."""
    start = time.process_time()
    made = do()
    return made, time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=2000)
    parser.add_argument("--linking", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = texts(given.folder)
    distinct = sorted({text for _, text, _ in rows})
    line = {"texts": len(rows), "distinct": len(distinct), "encoding": encoding(distinct, given.sample)}
    if given.linking:
        line["linking"] = linking(rows)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
