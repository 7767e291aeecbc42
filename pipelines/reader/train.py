"""Trains a shipped reader: LoRA, fact memory and graph injection over generated worlds.

    python pipelines/reader/train.py --base DIR --encoder DIR --pools pools.json --out DIR --seconds 500

Prints one JSON line: settings, steps, tokens a second, and exact-match rates on relations, phrasings and (where
--natural gives a file) human questions that training never saw. Runs on any number of GPUs under `accelerate launch`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from graphs import graph_worlds
from worlds import Bank, World, episodes, number, worlds

from kgpeft.adapters.fact_memory import FactMemory, lay
from kgpeft.adapters.prompts import REFUSAL, prompt, stop_token
from kgpeft.adapters.tokens import encode, fact_tokens, pad, rows
from kgpeft.adapters.weights import fresh, load_base, load_weights, round_weights, save_weights
from kgpeft.embed.message import pass_messages
from kgpeft.evidence.statements import MAX_VALUES, Statement
from kgpeft.training.collate import Batch, Collator, Episode
from kgpeft.training.loop import TrainSettings, train

GRAPH_WORLDS = 4  # of each real graph


def ids_of(statements: Sequence[Statement]) -> np.ndarray:
    """[F, 3 + MAX_VALUES]: entity, relation, direction and values as row numbers, -1 for none."""
    table = np.full((len(statements), 3 + MAX_VALUES), -1, np.float32)
    for i, s in enumerate(statements):
        table[i, :3] = s.entity_id, s.relation_id, -1 if s.inverse else 1
        values = s.value_ids[:MAX_VALUES]
        table[i, 3 : 3 + len(values)] = values
    return table


class Table:
    """Text and message vectors of every node of every world, on the device."""

    def __init__(self, made: Sequence[World], encoder: Any, structure: int, device: str) -> None:
        parts, relations = [], []
        for world in made:
            nodes = encoder.encode(list(world.ids), convert_to_numpy=True, normalize_embeddings=True, batch_size=512)
            labels = encoder.encode(list(world.relation_ids), convert_to_numpy=True, normalize_embeddings=True)
            edges = np.array(world.triples, np.int32)
            parts.append(np.concatenate([nodes, pass_messages(nodes, labels, edges)], 1).astype(np.float16))
            relations.append(labels.astype(np.float16))
        self.node = torch.from_numpy(np.concatenate(parts)).to(device)
        self.relation = torch.from_numpy(np.concatenate(relations)).to(device)
        self.structure = structure
        self.dim = 2 * (self.node.shape[1] + structure) + self.node.shape[1] + structure

    def __call__(self, ids: Tensor) -> Tensor:
        """Fact vectors [F, dim], laid out as kgpeft.embed.FactVectors does."""
        ids = ids.long()
        node = self._node(ids[:, 0])
        relation = self.relation[ids[:, 1].clamp(min=0)].float() * ids[:, 2, None]
        relation = torch.where(ids[:, 1, None] >= 0, relation, 0.0)
        relation = torch.nn.functional.pad(relation, (0, node.shape[1] - relation.shape[1]))
        values, there = self._node(ids[:, 3:].clamp(min=0)), (ids[:, 3:] >= 0).float()[..., None]
        mean = (values * there).sum(1) / there.sum(1).clamp(min=1)
        return torch.cat([node, relation, mean], 1)

    def _node(self, ids: Tensor) -> Tensor:
        return torch.nn.functional.pad(self.node[ids].float(), (0, self.structure))


def length(episode: Episode) -> int:
    """Characters of an episode, about in step with its tokens."""
    return sum(len(s.text) for s in episode.statements) + sum(len(q) + len(a) + 60 for q, a in episode.turns)


class Stream(torch.utils.data.IterableDataset):
    """Collated batches of episodes; every loader worker draws its own."""

    def __init__(self, made: list[World], collate: Collator, size: int, seed: int) -> None:
        self.made, self.collate, self.size, self.seed = made, collate, size, seed

    def __iter__(self) -> Iterator[Batch]:
        info = torch.utils.data.get_worker_info()
        seed = self.seed + 7919 * (info.id if info else 0)
        source, rng = episodes(self.made, seed), random.Random(seed)
        while True:  # episodes of like length go together: else half of a batch is padding
            drawn = sorted((next(source) for _ in range(8 * self.size)), key=length)
            starts = list(range(0, len(drawn), self.size))
            rng.shuffle(starts)
            for start in starts:
                yield self.collate(drawn[start : start + self.size])


def answers(memory: FactMemory, tokenizer: Any, cases: list[Episode], table: Table | None, device: str) -> list[str]:
    """The model's answer to the one question of every case."""
    said: list[str] = []
    stop = stop_token(tokenizer)
    for start in range(0, len(cases), 64):
        part = cases[start : start + 64]
        statements = [s for e in part for s in e.statements] or [Statement("", "", ())]
        facts = rows(fact_tokens(tokenizer, [s.text for s in statements]), stop).to(device)
        numbers = iter(range(len(statements)))
        index = pad([[next(numbers) for _ in e.statements] for e in part], -1).to(device)
        asked = rows(encode(tokenizer, [prompt(tokenizer, e.turns[0][0]) for e in part]), stop, left=True).to(device)
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            vectors = table(torch.from_numpy(ids_of(statements)).to(device)) if table else None
            laid = lay(memory.compile_facts(facts, vectors), facts.mask, index)
            tokens, _ = memory.generate(laid, asked, stop, 48)
        said += [t.strip() for t in tokenizer.batch_decode(tokens, skip_special_tokens=True)]
    return said


def measure(memory: FactMemory, tokenizer: Any, cases: list[Episode], table: Table | None, device: str) -> dict[str, Any]:
    """Exact match of answerable and of unanswerable questions, and some wrong ones to look at."""
    right, wrong = defaultdict(list), []
    for case, got in zip(cases, answers(memory, tokenizer, cases, table, device), strict=True):
        question, want = case.turns[0]
        family = "refused" if want == REFUSAL else "answered"
        right[family].append(got == want)
        if got != want and len(wrong) < 25:
            wrong.append([question, want, got, [s.text for s in case.statements][:14]])
    rates = {k: round(sum(v) / len(v), 4) for k, v in sorted(right.items())}
    return {**rates, "n": len(cases), "wrong": wrong}


def single(source: Iterator[Episode], n: int) -> list[Episode]:
    """n cases of one question each."""
    cases: list[Episode] = []
    while len(cases) < n:
        episode = next(source)
        cases += [Episode(episode.statements, (turn,)) for turn in episode.turns[:2]]
    return cases[:n]


def natural(path: Path | None) -> list[Episode]:
    """Human questions with statements made beforehand: [{statements: [[entity, relation, values, inverse]], ...}]."""
    if path is None:
        return []
    cases = json.loads(path.read_text(encoding="utf-8"))
    return [
        Episode(tuple(Statement(e, r, tuple(v), i) for e, r, v, i in c["statements"]), ((c["question"], c["answer"]),))
        for c in cases
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, help="text encoder folder; without it no graph injection is trained")
    parser.add_argument("--pools", type=Path, required=True)
    parser.add_argument("--graphs", type=Path, nargs="*", default=[], help="real graphs to train on beside the generated")
    parser.add_argument("--natural", type=Path)
    parser.add_argument("--resume", type=Path, help="weights to go on from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="HuggingFaceTB/SmolLM2-135M-Instruct")
    parser.add_argument("--seconds", type=float, default=500.0)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--episodes", type=int, default=64, help="a step")
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--workers", type=int, default=12)
    parser.add_argument("--cases", type=int, default=512)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def measured(
    memory: FactMemory, tokenizer: Any, made: tuple[list[World], list[World]], table: Table | None, args: argparse.Namespace
) -> dict[str, Any]:
    """Exact match on phrasings, relations and human questions that training never saw, with and without vectors."""
    seen, unseen = made
    phrasings = single(episodes(seen, 99, held_templates=True), args.cases)
    relations = single(episodes(unseen, 98), args.cases)
    sets = {
        "seen relations, unseen phrasing": (phrasings, table),
        "unseen relations": (relations, table),
        "seen relations, unseen phrasing, no graph vectors": (phrasings, None),
        "unseen relations, no graph vectors": (relations, None),
        "human questions": (natural(args.natural)[: args.cases], None),
    }
    device = str(memory.device.type)
    return {name: measure(memory, tokenizer, cases, t, device) for name, (cases, t) in sets.items() if cases}


def main() -> None:
    args = arguments()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(args.seed)
    bank, pools = Bank.load(), json.loads(args.pools.read_text(encoding="utf-8"))
    made = worlds(bank, pools, args.worlds, args.seed) + graph_worlds(args.graphs, pools, GRAPH_WORLDS, args.seed)
    unseen = worlds(bank, pools, max(2, args.worlds // 10), args.seed + 1, held_relations=True)
    number([*made, *unseen])
    base, tokenizer = load_base(args.base, torch.bfloat16 if device == "cuda" else torch.float32)
    base.to(device)
    table = None
    if args.encoder:
        from sentence_transformers import SentenceTransformer

        table = Table([*made, *unseen], SentenceTransformer(str(args.encoder), device=device), 64, device)
    memory = (
        load_weights(base, args.resume, trainable=True) if args.resume else fresh(base, table.dim if table else 0, name=args.name)
    )
    collate = Collator(tokenizer, ids_of if table else None)
    stream = Stream(made, collate, args.episodes, args.seed)
    loader = torch.utils.data.DataLoader(stream, batch_size=None, num_workers=args.workers, pin_memory=device == "cuda")
    begin = time.time()

    def batches() -> Iterator[Batch]:
        for step, batch in enumerate(loader):
            batch = batch.to(device)
            bare = table is None or step % 7 == 6  # a reader must also do without graph vectors
            yield replace(batch, vectors=batch.vectors[:, :0] if bare else table(batch.vectors))

    told = [0.0]

    def progress(done: float) -> None:
        if done - told[0] > 0.02:
            told[0] = done
            print(f"{done:.0%}  {time.time() - begin:.0f} s", file=sys.stderr, flush=True)

    settings = TrainSettings(steps=args.steps, seconds=args.seconds, learning_rate=args.rate)
    log = train(memory, batches(), settings, progress)
    round_weights(memory)
    save_weights(memory, args.out)
    memory.eval()
    result = measured(memory, tokenizer, (made, unseen), table, args)
    (args.out / "dev.json").write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    short = {name: {k: v for k, v in r.items() if k != "wrong"} for name, r in result.items()}
    line = {"steps": log.steps, "seconds": round(log.seconds, 1), "tokens_per_second": round(log.tokens_per_second),
            "loss": round(float(np.mean(log.losses[-50:])), 4), "relations": len(bank.part(False)), "dev": short,
            "args": {k: str(v) for k, v in vars(args).items()},
            "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 1) if device == "cuda" else None}
    (args.out / "metrics.json").write_text(json.dumps(line, indent=1), encoding="utf-8")
    print(json.dumps(line))


if __name__ == "__main__":
    main()
