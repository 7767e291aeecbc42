"""How sure a refusal must be: python refusal.py POOLS.json [WORLDS]; one JSON line a threshold.

Questions phrased far from the labels, over relations that the reader never saw. For each the probability of a refusal
and the answer that would be given in its place are measured once; the rates then follow for every threshold.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import numpy as np
import torch
from absence import Bank, graph_of, questions, worlds
from far_phrasing import embedded

import kgpeft.adapters.adapter as module
from kgpeft.adapters.adapter import Adapter
from kgpeft.adapters.prompts import prompt
from kgpeft.adapters.readers import find_reader
from kgpeft.adapters.tokens import encode, rows
from kgpeft.adapters.weights import load_base, load_weights
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.embed import TextEncoder
from kgpeft.evidence.search import ABSENT
from kgpeft.models import DEFAULT_BASE, DEFAULT_ENCODER, base_model

ASKED = 32  # questions a world
THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.999)
SEED = 901


def refusal(adapter: Adapter, questions: list[str]) -> list[float]:
    """The probability that each answer begins as a refusal does; 1 where nothing is read."""
    first = encode(adapter.tokenizer, [REFUSAL])[0][0]
    found = []
    for evidence in adapter.search.many(questions):
        if not evidence.statements or evidence.absent > ABSENT:
            found.append(1.0)
            continue
        asked = rows(encode(adapter.tokenizer, [prompt(adapter.tokenizer, evidence.question)]), first, left=True)
        with torch.inference_mode():
            hidden, _ = adapter.memory.read(adapter.bank.read([evidence.statements]), asked)
            found.append(float(adapter.memory.logits(hidden[:, -1]).float().softmax(-1)[0, first]))
    return found


def main() -> None:
    pools, n = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2]) if len(sys.argv) > 2 else 6
    base, tokenizer = load_base(base_model(DEFAULT_BASE))
    reader = find_reader(DEFAULT_BASE, "shipped")
    assert reader is not None
    memory, encoder = load_weights(base, reader), TextEncoder(DEFAULT_ENCODER)
    module.SURE = 1.0  # no refusal is believed: what would be answered in its place
    measured: list[tuple[bool, float, bool]] = []  # answerable, probability of a refusal, right if answered
    for i, world in enumerate(worlds(Bank.load(), pools, n, SEED, held_relations=True)):
        graph = graph_of(world)
        adapter = Adapter(memory, tokenizer, graph, embedded(graph, encoder), encoder.encode)
        every = questions(world, random.Random(i))
        asked = random.Random(i).sample(every, min(len(every), ASKED))
        texts = [question for question, _, _ in asked]
        for (question, label, there), p, answer in zip(
            asked, refusal(adapter, texts), adapter.ask_many(texts), strict=True
        ):
            thing = next(x for x in sorted(world.facts, key=len, reverse=True) if x in question)
            want = {v for r, vs in world.facts[thing].items() if world.label[r] == label for v in vs}
            measured.append((there, p, set(answer.text.split("; ")) == want))
    for least in THRESHOLDS:
        right = [ok and p < least for there, p, ok in measured if there]
        refused = [p >= least for there, p, _ in measured if not there]
        print(
            json.dumps(
                {
                    "refused when surer than": least,
                    "answered": round(float(np.mean(right)), 4),
                    "refused": round(float(np.mean(refused)), 4),
                    "n": [len(right), len(refused)],
                }
            )
        )


if __name__ == "__main__":
    main()
