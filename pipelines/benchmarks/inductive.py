"""Link prediction on entities that no training saw: the graph encoder against text alone and structure alone.

    python pipelines/encoder/graphs.py ../shared/data runs/encoder
    python pipelines/benchmarks/inductive.py runs/encoder [--weights kgpeft/readers/graph-encoder --text FILE]

Protocol: pipelines/encoder/protocol.py. One JSON line a graph: filtered MRR and Hits@10 of both ends for

- encoder: the shipped weights, never trained on these graphs, the cosine of names added to its scores;
- text: the same scorer without message passing, trained as long (weights of `--text`), the cosine added likewise;
- encoder_alone, text_alone: without the cosine;
- cosine: of the names' vectors, whatever the relation; passed: of those after two rounds of untrained message passing;
- structure: ComplEx trained without the entities, which get the mean of their neighbours' vectors;

and the differences of MRR between the encoder and each other, with 95 % intervals (bootstrap over entities).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

sys.path.insert(0, str(Path(__file__).parents[2] / "kgpeft" / "embed"))  # no more than torch is needed
sys.path.insert(0, str(Path(__file__).parents[1] / "encoder"))
from protocol import JUDGED, Withheld, cosine, encoder_ranks, ranks

from encoder import GraphEncoder, load_encoder  # isort: skip
from structure.defaults import Statistics, link_recipe  # isort: skip
from structure.edges import hold_out, queries  # isort: skip
from structure.models import MODELS  # isort: skip
from structure.ranking import Known  # isort: skip
from structure.training import Tables, Task, fit  # isort: skip

ROOT = Path(__file__).parents[2]
DRAWS = 10_000  # of the bootstrap
COLUMNS, EPOCHS = 200, 60  # of the structure vectors


def passed(text: Tensor, edges: Tensor) -> Tensor:
    """Two rounds of x <- unit(x + mean of the neighbours)."""
    ends = torch.cat([edges[:, [0, 2]], edges[:, [2, 0]]])
    x = text
    for _ in range(2):
        x = normalize(x + _mean(x, ends), dim=1)
    return x


def _mean(x: Tensor, ends: Tensor) -> Tensor:
    """Mean [N, D] of the rows x[ends[:, 1]] for each ends[:, 0]; zero where there are none."""
    sums = torch.zeros_like(x).index_add_(0, ends[:, 0], x[ends[:, 1]])
    return sums / torch.bincount(ends[:, 0], minlength=len(x)).clamp(min=1)[:, None]


def structure(edges: Tensor, task: Withheld, nodes: int, relations: int) -> Callable[[Tensor], Tensor]:
    """ComplEx learnt from the edges that touch none of the entities; they are placed amid their neighbours."""
    new = torch.zeros(nodes, dtype=torch.bool)
    new[task.entities] = True
    old = edges[task.seen & ~new[edges[:, 0]] & ~new[edges[:, 2]]].numpy()
    every = torch.from_numpy(queries(old, relations))
    recipe = link_recipe(Statistics.of(every, nodes))
    recipe = replace(recipe, dim=min(recipe.dim, COLUMNS), epochs=EPOCHS)
    made, held = Tables.fresh(recipe, nodes, relations), torch.from_numpy(np.tile(hold_out(old, 0), 2))
    fit(made, Task(every[~held], every[held], Known(every)), recipe, lambda epoch, found: None)
    seen = edges[task.seen]
    ends = torch.cat([seen[:, [0, 2]], seen[:, [2, 0]]])
    entity = made.entity.clone()
    entity[task.entities] = 0
    entity[task.entities] = _mean(entity, ends[new[ends[:, 0]]])[task.entities]
    return lambda asked: MODELS["complex"].answers(entity[asked[:, 0]], made.relation[asked[:, 1]], entity)


def interval(difference: np.ndarray) -> list[float]:
    """Mean and 95 % interval of differences [K], entities drawn anew."""
    dice = np.random.default_rng(0)
    means = np.array([difference[dice.integers(0, len(difference), len(difference))].mean() for _ in range(DRAWS)])
    return [round(float(x), 4) for x in (difference.mean(), *np.quantile(means, [0.025, 0.975]))]


def judge(path: Path, encoders: dict[str, GraphEncoder]) -> dict[str, object]:
    """All ways on one graph."""
    from protocol import withheld

    found = np.load(path)
    text, relation = (torch.from_numpy(found[k]).float() for k in ("text", "relation"))
    edges = torch.from_numpy(found["edges"].astype(np.int64))
    task, sizes = withheld(edges, len(text), seed=0), (len(text), len(relation))
    ways = {name: encoder_ranks(model, text, relation, edges, task) for name, model in encoders.items()}
    ways |= {
        f"{name}_alone": encoder_ranks(model, text, relation, edges, task, 0.0) for name, model in encoders.items()
    }
    others = {
        "cosine": cosine(text), "passed": cosine(passed(text, edges[task.seen])),
        "structure": structure(edges, task, *sizes),
    }  # fmt: skip
    ways |= {name: ranks(score, edges, task, *sizes) for name, score in others.items()}
    single = {name: (1 / ranked).mean(1).numpy() for name, ranked in ways.items()}
    return {
        "graph": path.stem, "n": len(task.entities), "nodes": len(text), "edges": len(edges),
        "mrr": {name: round(float(x.mean()), 4) for name, x in single.items()},
        "hits@10": {name: round(float((x <= 10).double().mean()), 4) for name, x in ways.items()},
        "encoder_minus": {name: interval(single["encoder"] - x) for name, x in single.items() if name != "encoder"},
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, default=ROOT / "kgpeft/readers/graph-encoder/model.safetensors")
    parser.add_argument("--text", type=Path, help="weights of the scorer without message passing, from train.py")
    given = parser.parse_args()
    torch.set_num_threads(1)
    encoders = {"encoder": load_encoder(given.weights)} | ({"text": load_encoder(given.text)} if given.text else {})
    for name in JUDGED:
        print(json.dumps(judge(given.folder / f"{name}.npz", encoders)), flush=True)


if __name__ == "__main__":
    main()
