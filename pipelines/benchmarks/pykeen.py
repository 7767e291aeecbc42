"""CPU seconds to PyKEEN's own ComplEx MRR: python pykeen.py FOLDER... (needs `pip install pykeen`).

Both train on one thread in one process, with as many columns. PyKEEN comes first, once with each of its settings below.
All have our loss (LCWA, which scores each query once for all of its answers, cross-entropy, reciprocal relations) and a
fair start (Xavier): they differ in optimizer, step and batch, since its defaults are made for larger graphs. A
setting's MRR is its best on the valid edges at any check, its seconds those to that check. Ours, with the settings that
the graph's statistics choose, are the seconds to the first check not below it. The ratio reported is the least over
PyKEEN's settings whose MRR comes within 0.01 of its best. Checks are not counted, on either side. One JSON line a folder.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

sys.path.pop(0)  # this folder: the file would hide the package of its name
sys.path.insert(0, str(Path(__file__).parents[1] / "fb15k237"))
from train import Split

from structure.defaults import Statistics, link_recipe  # isort: skip
from structure.models import MODELS
from structure.ranking import metrics, ranks
from structure.training import Tables, at_epoch, run_epoch, shuffled

SETTINGS = [  # of PyKEEN: optimizer, its learning rate, batch size
    ("Adam", 0.01, 256), ("Adam", 0.01, 1024), ("Adam", 0.003, 256), ("Adagrad", 0.1, 256),
]  # fmt: skip
CHECK = 2  # epochs of PyKEEN between checks
PARTS = 4  # checks an epoch of ours
PATIENCE = 5  # checks of PyKEEN that may bring nothing
DIM = 200  # complex numbers a vector, in both


def theirs(folder: Path, epochs: int, setting: tuple[str, float, int]) -> dict[str, Any]:
    """PyKEEN's best valid MRR with a setting, the seconds of training until then, its test MRR at that check."""
    kind, rate, batch = setting
    triples = importlib.import_module("pykeen.triples").TriplesFactory
    train = triples.from_path(folder / "train.txt", create_inverse_triples=True)
    ids = {"entity_to_id": train.entity_to_id, "relation_to_id": train.relation_to_id}
    rest = {part: triples.from_path(folder / f"{part}.txt", **ids) for part in ("valid", "test")}
    model = importlib.import_module("pykeen.models").ComplEx(
        triples_factory=train, embedding_dim=DIM, loss="crossentropy", random_seed=0,
        entity_initializer="xavier_normal", relation_initializer="xavier_normal",
    )  # fmt: skip
    steps = getattr(torch.optim, kind)(model.parameters(), lr=rate)
    loop = importlib.import_module("pykeen.training").LCWATrainingLoop(
        model=model, triples_factory=train, optimizer=steps
    )
    spent, best = 0.0, {"valid": 0.0, "epochs": 0}
    for done in range(CHECK, epochs + 1, CHECK):
        start = time.process_time()
        loop.train(train, num_epochs=done, batch_size=batch, use_tqdm=False, continue_training=done > CHECK)
        spent += time.process_time() - start
        valid = their_mrr(model, train, rest, "valid")
        if valid > best["valid"]:
            best = {"valid": valid, "seconds": spent, "epochs": done, "test": their_mrr(model, train, rest, "test")}
        if done - best["epochs"] >= CHECK * PATIENCE:
            break
    print("pykeen", folder.name, setting, best, file=sys.stderr, flush=True)
    return {"setting": setting, **best}


def their_mrr(model: Any, train: Any, rest: dict[str, Any], part: str) -> float:
    """Filtered MRR of both directions, by PyKEEN's evaluator."""
    evaluator = importlib.import_module("pykeen.evaluation").RankBasedEvaluator(filtered=True)
    others = [train.mapped_triples, *(rest[other].mapped_triples for other in rest if other != part)]
    result = evaluator.evaluate(
        model, rest[part].mapped_triples, batch_size=256, additional_filter_triples=others, use_tqdm=False
    )
    return float(result.get_metric("both.realistic.inverse_harmonic_mean_rank"))


def ours(split: Split) -> list[dict[str, float]]:
    """Seconds of training and MRRs at every check."""
    recipe = replace(link_recipe(Statistics.of(split.queries["train"], len(split.entities))), dim=2 * DIM)
    made, train = Tables.fresh(recipe, len(split.entities), len(split.relations)), split.queries["train"]
    dice, spent, checks = torch.Generator().manual_seed(recipe.seed), 0.0, []
    for epoch in range(1, recipe.epochs + 1):
        start = time.process_time()
        now = at_epoch(recipe, epoch)
        order = shuffled(train, now.together, dice)
        spent += time.process_time() - start
        size = now.batch * now.together
        for rows in order.split(-(-len(train) // (PARTS * size)) * size):
            start = time.process_time()
            run_epoch(made, train[rows], now)
            spent += time.process_time() - start
            found = {key: our_mrr(made, split, key) for key in ("valid", "test")}
            checks.append({"seconds": spent, "epoch": epoch, **found})
    return checks


def our_mrr(made: Tables, split: Split, part: str) -> float:
    """Filtered MRR of both directions."""
    found = ranks(MODELS["complex"], made.entity, made.relation, split.queries[part], split.known)
    return metrics(found)["mrr"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--epochs", type=int, default=60, help="most epochs of PyKEEN")
    given = parser.parse_args()
    torch.set_num_threads(1)
    for folder in given.folders:
        found = [theirs(folder, given.epochs, setting) for setting in SETTINGS]
        checks = ours(Split(folder, "cpu", None))
        for line in found:
            reached = [check for check in checks if check["valid"] >= line["valid"]]
            line["kgpeft"] = reached[0] if reached else None
            line["ratio"] = line["seconds"] / reached[0]["seconds"] if reached else 0.0
        best = max(line["valid"] for line in found)
        ratio = min(line["ratio"] for line in found if line["valid"] >= best - 0.01)
        print(json.dumps({"data": folder.name, "ratio": ratio, "pykeen": found, "kgpeft": checks[-1]}), flush=True)


if __name__ == "__main__":
    main()
