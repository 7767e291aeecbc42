"""Link prediction with default settings: python link_prediction.py FOLDER... [--model complex] [--seeds 1].

A folder holds train.txt, valid.txt and test.txt. Prints one JSON line a folder: filtered MRR and Hits of both
directions on the test edges, means over seeds, with CPU seconds and the settings that the graph's statistics chose.
The valid edges stop the training and choose the check that is kept; nothing else is tuned.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "fb15k237"))
from train import Split  # this puts kgpeft/embed on the path: structure needs torch alone

from structure.defaults import Statistics, link_recipe  # isort: skip
from structure.models import MODELS
from structure.ranking import metrics, ranks
from structure.training import Tables, fit


def run(split: Split, model: str, seed: int) -> dict[str, object]:
    """One training and its test."""
    statistics = Statistics.of(split.queries["train"], len(split.entities))
    recipe = replace(link_recipe(statistics, model, split.known.keys.is_cuda), seed=seed)
    made = Tables.fresh(recipe, len(split.entities), len(split.relations), str(split.known.keys.device))
    start = time.process_time()
    best = fit(made, split.task, recipe, lambda epoch, found: None)
    spent = time.process_time() - start
    found = metrics(ranks(MODELS[model], made.entity, made.relation, split.queries["test"], split.known))
    return {**found, "valid_mrr": best["mrr"], "cpu_seconds": spent, "settings": asdict(recipe)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--model", default="complex", choices=list(MODELS))
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    for folder in given.folders:
        split = Split(folder, "cuda" if torch.cuda.is_available() else "cpu", None)
        runs = [run(split, given.model, seed) for seed in range(given.seeds)]
        numbers = [key for key, value in runs[0].items() if isinstance(value, float)]
        means = {key: round(sum(r[key] for r in runs) / len(runs), 4) for key in numbers}
        line = {
            "data": folder.name,
            **means,
            "mrrs": [round(r["mrr"], 4) for r in runs],
            "settings": runs[0]["settings"],
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
