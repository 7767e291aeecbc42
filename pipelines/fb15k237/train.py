"""FB15k-237 (or any folder of train.txt, valid.txt and test.txt): four models, trained and tested.

    python pipelines/fb15k237/train.py FOLDER --seconds complex=150,distmult=80,transe=80,rotate=80

Prints one JSON line a model: filtered MRR and Hits of both directions on the test edges, averaged, with the settings
and the seconds of training, held-out checks included. The vectors tested are those of the best check on the valid
edges, with which nothing is trained. Needs torch alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[2] / "kgpeft" / "embed"))  # structure alone: no more than torch is needed
from structure.models import MODELS
from structure.ranking import Known, metrics, ranks
from structure.training import Recipe, Tables, Task, fit, gradients

ALL = 10**6  # checks that may bring nothing: the whole of the time is used
RECIPES = {
    "complex": Recipe(
        "complex", 2000, epochs=300, batch=1000, penalty=0.05, relation_weight=4, half=True, patience=ALL
    ),
    "distmult": Recipe(
        "distmult", 2000, epochs=200, batch=1000, penalty=0.05, relation_weight=4, half=True, patience=ALL
    ),
    "transe": Recipe("transe", 1000, epochs=150, batch=1000, penalty=0.01, patience=ALL),
    "rotate": Recipe("rotate", 1000, epochs=150, batch=1000, penalty=0.0, relation_weight=1, patience=ALL),
}
CHECKED_AFTER = 20.0  # seconds between two checks
FEWEST = 10  # checks in a training, however short


class Split:
    """The three files as queries int64 [2E, 3]: every edge, then every reciprocal edge."""

    def __init__(self, folder: Path, device: str, most: int | None) -> None:
        lines = {part: (folder / f"{part}.txt").read_text("utf-8").splitlines() for part in ("train", "valid", "test")}
        rows = {part: [line.split("\t") for line in found if line.strip()] for part, found in lines.items()}
        every = [row for found in rows.values() for row in found]
        self.entities = {name: i for i, name in enumerate(sorted({x for s, _, o in every for x in (s, o)}))}
        self.relations = {name: i for i, name in enumerate(sorted({r for _, r, _ in every}))}
        self.queries = {part: self._queries(found[:most]).to(device) for part, found in rows.items()}
        self.known = Known(torch.cat(list(self.queries.values())))
        self.task = Task(self.queries["train"], self.queries["valid"], self.known)

    def _queries(self, rows: list[list[str]]) -> Tensor:
        ids = torch.tensor([[self.entities[s], self.relations[r], self.entities[o]] for s, r, o in rows])
        reciprocal = torch.stack([ids[:, 2], ids[:, 1] + len(self.relations), ids[:, 0]], dim=1)
        return torch.cat([ids, reciprocal])


def now(device: str) -> float:
    """Seconds, once the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def timed(recipe: Recipe, split: Split, seconds: float, device: str) -> Recipe:
    """The recipe with as many epochs and checks as fit into the seconds; a few steps are made and thrown away."""
    train = split.queries["train"]
    made, steps = Tables.fresh(recipe, len(split.entities), len(split.relations), device), 20
    for _ in range(2):  # the first warms up
        start = now(device)
        for _step in range(steps):
            made.descend(gradients(made, train[: recipe.batch], recipe), 0.0)
    per_epoch = (now(device) - start) / steps * len(train) / recipe.batch
    epochs = min(recipe.epochs, max(1, int(0.93 * seconds / per_epoch)))
    check = max(1, min(round(CHECKED_AFTER / per_epoch), epochs // FEWEST))
    return replace(recipe, epochs=epochs, check=check)


def run(recipe: Recipe, split: Split, seconds: float, device: str) -> dict[str, object]:
    """One model trained and tested."""
    torch.set_float32_matmul_precision("high")  # TF32 where there is any
    recipe = timed(recipe, split, seconds, device)
    made = Tables.fresh(recipe, len(split.entities), len(split.relations), device)
    start = now(device)

    def log(epoch: int, found: dict[str, float]) -> None:
        line = (
            f"{recipe.model} {now(device) - start:6.1f} s  epoch {epoch}/{recipe.epochs}  valid MRR {found['mrr']:.4f}"
        )
        print(line, file=sys.stderr, flush=True)

    best = fit(made, split.task, recipe, log)
    spent = now(device) - start
    torch.set_float32_matmul_precision("highest")
    found = metrics(ranks(MODELS[recipe.model], made.entity, made.relation, split.queries["test"], split.known))
    return {**{k: round(v, 4) for k, v in found.items()}, "valid_mrr": round(best["mrr"], 4), "seconds": round(spent, 1),
            "device": torch.cuda.get_device_name() if device == "cuda" else "cpu", "torch": torch.__version__,
            "settings": asdict(recipe)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--seconds",
        default="complex=150,distmult=80,transe=80,rotate=80",
        help="budget of each model; only those named run",
    )
    parser.add_argument("--set", default="{}", type=json.loads, help='other settings, JSON: {"complex": {"dim": 1000}}')
    parser.add_argument("--first", type=int, help="only so many edges of each file, to try the script")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    split = Split(given.folder, given.device, given.first)
    for name, seconds in (part.split("=") for part in given.seconds.split(",")):
        recipe = replace(RECIPES[name], **given.set.get(name, {}))
        print(json.dumps(run(recipe, split, float(seconds), given.device)), flush=True)


if __name__ == "__main__":
    main()
