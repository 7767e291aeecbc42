"""Search and shipped reader together, on questions phrased far from the labels: python far_phrasing.py POOLS.json [WORLDS].

Generated worlds whose values may be of the wrong kind, once over relations that the reader never saw in training, once
over those it did. Prints one JSON line each: share answered with exactly the right values, share rightly refused, n.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import numpy as np
from absence import Bank, graph_of, questions, worlds

from kgpeft.adapters.adapter import Adapter
from kgpeft.adapters.readers import find_reader
from kgpeft.adapters.weights import load_base, load_weights
from kgpeft.embed import Embeddings, TextEncoder
from kgpeft.embed.message import pass_messages
from kgpeft.graph import KnowledgeGraph
from kgpeft.models import DEFAULT_BASE, DEFAULT_ENCODER, base_model

ASKED = 40  # questions a world
STRUCTURE = 64  # columns that the shipped reader does not use


def embedded(graph: KnowledgeGraph, encoder: TextEncoder) -> Embeddings:
    """Text and message vectors; the structure part is left at zero."""
    names, relations = encoder.encode(graph.names), encoder.encode(graph.relation_names)
    around, d = pass_messages(names, relations, graph.edges), names.shape[1]
    entity = np.pad(np.hstack([names, around]), ((0, 0), (0, STRUCTURE)))
    parts = {"text": (0, d), "message": (d, 2 * d), "structure": (2 * d, 2 * d + STRUCTURE)}
    return Embeddings(entity, np.pad(relations, ((0, 0), (0, d + STRUCTURE))), parts, graph.fingerprint, {})


def main() -> None:
    pools, n = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2]) if len(sys.argv) > 2 else 4
    base, tokenizer = load_base(base_model(DEFAULT_BASE))
    reader = find_reader(DEFAULT_BASE, "shipped")
    assert reader is not None
    memory, encoder = load_weights(base, reader), TextEncoder(DEFAULT_ENCODER)
    for unseen in (True, False):
        right: dict[bool, list[bool]] = {True: [], False: []}
        for i, world in enumerate(worlds(Bank.load(), pools, n, 901, held_relations=unseen)):
            graph, rng = graph_of(world), random.Random(i)
            adapter = Adapter(memory, tokenizer, graph, embedded(graph, encoder), encoder.encode)
            every = questions(world, rng)
            asked = rng.sample(every, min(len(every), ASKED))
            for (question, label, there), answer in zip(asked, adapter.ask_many([q for q, _, _ in asked]), strict=True):
                thing = next(x for x in sorted(world.facts, key=len, reverse=True) if x in question)
                want = {v for r, vs in world.facts[thing].items() if world.label[r] == label for v in vs}
                right[there].append(set(answer.text.split("; ")) == want if there else answer.abstained)
        print(
            json.dumps(
                {
                    "relations never trained on": unseen,
                    "answered": round(float(np.mean(right[True])), 4),
                    "refused": round(float(np.mean(right[False])), 4),
                    "n": [len(right[True]), len(right[False])],
                }
            )
        )


if __name__ == "__main__":
    main()
