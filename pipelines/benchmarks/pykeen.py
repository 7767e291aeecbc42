"""CPU seconds to PyKEEN's own ComplEx MRR: python pykeen.py FOLDER... (needs `pip install pykeen`).

Both train on one thread in one process, PyKEEN first, with what is best in it for these graphs: LCWA, cross-entropy,
reciprocal relations, Adam (Adagrad is slower in it). Its MRR is the best on the valid edges at any check, its seconds those to that check;
ours are the seconds to the first check not below it, with default settings but for as many columns as PyKEEN. Checks are not counted, on either side.
One JSON line a folder.
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
from structure.training import Tables, run_epoch, step_size

CHECK = 5  # epochs of PyKEEN between checks
DIM = 200  # complex numbers a vector, in both


def theirs(folder: Path, epochs: int, optimizer: str) -> dict[str, float]:
    """PyKEEN's best valid MRR, the seconds of training until then, its test MRR at that check."""
    kind, rate = optimizer.split("=")
    triples = importlib.import_module("pykeen.triples").TriplesFactory
    train = triples.from_path(folder / "train.txt", create_inverse_triples=True)
    ids = {"entity_to_id": train.entity_to_id, "relation_to_id": train.relation_to_id}
    rest = {part: triples.from_path(folder / f"{part}.txt", **ids) for part in ("valid", "test")}
    model = importlib.import_module("pykeen.models").ComplEx(
        triples_factory=train, embedding_dim=DIM, loss="crossentropy", random_seed=0,
        entity_initializer="xavier_normal", relation_initializer="xavier_normal",
    )  # fmt: skip
    steps = getattr(torch.optim, kind)(model.parameters(), lr=float(rate))
    loop = importlib.import_module("pykeen.training").LCWATrainingLoop(
        model=model, triples_factory=train, optimizer=steps
    )
    spent, best = 0.0, {"valid": 0.0}
    for done in range(CHECK, epochs + 1, CHECK):
        start = time.process_time()
        loop.train(train, num_epochs=done, batch_size=256, use_tqdm=False, continue_training=done > CHECK)
        spent += time.process_time() - start
        found = {part: their_mrr(model, train, rest, part) for part in rest}
        print("pykeen", folder.name, done, round(spent, 1), found, file=sys.stderr, flush=True)
        if found["valid"] > best["valid"]:
            best = {**found, "seconds": spent, "epochs": done}
    return best


def their_mrr(model: Any, train: Any, rest: dict[str, Any], part: str) -> float:
    """Filtered MRR of both directions, by PyKEEN's evaluator."""
    evaluator = importlib.import_module("pykeen.evaluation").RankBasedEvaluator(filtered=True)
    others = [train.mapped_triples, *(rest[other].mapped_triples for other in rest if other != part)]
    result = evaluator.evaluate(
        model, rest[part].mapped_triples, batch_size=256, additional_filter_triples=others, use_tqdm=False
    )
    return float(result.get_metric("both.realistic.inverse_harmonic_mean_rank"))


def ours(split: Split, target: float) -> dict[str, float]:
    """Seconds of training until the valid MRR is no less than the target, and the MRRs there and at the end."""
    recipe = replace(link_recipe(Statistics.of(split.queries["train"], len(split.entities))), dim=2 * DIM)
    made, train = Tables.fresh(recipe, len(split.entities), len(split.relations)), split.queries["train"]
    dice, spent, reached = torch.Generator().manual_seed(recipe.seed), 0.0, {}
    for epoch in range(1, recipe.epochs + 1):
        start = time.process_time()
        run_epoch(made, train[torch.randperm(len(train), generator=dice)], recipe, step_size(recipe, epoch))
        spent += time.process_time() - start
        found = {part: our_mrr(made, split, part) for part in ("valid", "test")}
        print("kgpeft", epoch, round(spent, 2), found, file=sys.stderr, flush=True)
        if found["valid"] >= target and not reached:
            reached = {"seconds": spent, "epochs": epoch, **found}
    return {**reached, "last_valid": found["valid"], "last_test": found["test"], "last_seconds": spent}


def our_mrr(made: Tables, split: Split, part: str) -> float:
    """Filtered MRR of both directions."""
    found = ranks(MODELS["complex"], made.entity, made.relation, split.queries[part], split.known)
    return metrics(found)["mrr"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--epochs", type=int, default=60, help="most epochs of PyKEEN")
    parser.add_argument("--optimizer", default="Adam=0.01", help="PyKEEN's, and its learning rate")
    given = parser.parse_args()
    torch.set_num_threads(1)
    for folder in given.folders:
        their = theirs(folder, given.epochs, given.optimizer)
        our = ours(Split(folder, "cpu", None), their["valid"])
        ratio = their["seconds"] / our["seconds"] if "seconds" in our else 0.0
        print(json.dumps({"data": folder.name, "ratio": ratio, "pykeen": their, "kgpeft": our}), flush=True)


if __name__ == "__main__":
    main()
