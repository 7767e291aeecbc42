"""Trains the graph encoder on the arrays that graphs.py made, and judges it on graphs it never saw.

    python pipelines/encoder/train.py runs/encoder --out runs/encoder/encoder.safetensors --seconds 300

A step takes a piece of one graph, hides some of its edges and asks for both ends of each among the nodes of the piece.
With `--set '{"rounds": 0}'` the same scorer is trained without message passing. Prints one JSON line a judged graph.
Needs torch, torch-geometric, numpy and safetensors alone.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[2] / "kgpeft" / "embed"))  # the model alone: it needs no more than torch
from encoder.model import GraphEncoder
from protocol import JUDGED, encoder_ranks, withheld

NODES = 3000  # of a piece
SPREAD = 12  # neighbours of a node that a piece grows to
DEV = ("uat", "go")
ASKED = 0.06  # of the edges of a piece
RATE, WARM, DECAY = 1e-3, 100, 0.02


class Piecewise:
    """A graph on a device, and pieces of it that hang together."""

    def __init__(self, path: Path, device: str) -> None:
        found = np.load(path)
        self.text, self.relation = (torch.from_numpy(found[k]).float().to(device) for k in ("text", "relation"))
        self.edges = torch.from_numpy(found["edges"].astype(np.int64)).to(device)
        ends = np.concatenate([found["edges"][:, [0, 2]], found["edges"][:, [2, 0]]])
        ends = ends[np.argsort(ends[:, 0], kind="stable")]
        self.start, self.near = np.searchsorted(ends[:, 0], np.arange(len(found["text"]) + 1)), ends[:, 1]

    def piece(self, dice: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Texts [n, T] and edges [e, 3] of up to NODES nodes, grown from a few at random."""
        nodes = len(self.text)
        if nodes <= NODES:
            return self.text, self.edges
        inside, edge = np.zeros(nodes, bool), dice.choice(nodes, 5)
        inside[edge] = True
        while inside.sum() < NODES:
            reached = [self._some(node, dice) for node in edge]
            fresh = np.unique(np.concatenate(reached)) if reached else np.zeros(0, np.int64)
            fresh = fresh[~inside[fresh]]
            edge = (
                dice.permutation(fresh)[: NODES - inside.sum()]
                if len(fresh)
                else dice.choice(np.flatnonzero(~inside), 5)
            )
            inside[edge] = True
        kept = torch.from_numpy(np.flatnonzero(inside)).to(self.text.device)
        number = torch.full((nodes,), -1, device=self.text.device).scatter(
            0, kept, torch.arange(len(kept), device=kept.device)
        )
        ends = number[self.edges[:, [0, 2]]]
        both = (ends >= 0).all(1)
        return self.text[kept], torch.column_stack([ends[both, 0], self.edges[both, 1], ends[both, 1]])

    def _some(self, node: int, dice: np.random.Generator) -> np.ndarray:
        near = self.near[self.start[node] : self.start[node + 1]]
        return near if len(near) <= SPREAD else dice.choice(near, SPREAD, replace=False)


def train(model: GraphEncoder, graphs: list[Piecewise], seconds: float, most: int) -> int:
    """Steps made in the seconds; the rate follows the time, so that it ends at zero."""
    dice, start, step = np.random.default_rng(0), time.perf_counter(), 0
    steps = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    odds = np.array([len(graph.edges) ** 0.5 for graph in graphs])
    running = 0.0
    model.train()
    while step < most and (done := (time.perf_counter() - start) / seconds) < 1:
        graph = graphs[dice.choice(len(graphs), p=odds / odds.sum())]
        text, edges = graph.piece(dice)
        if len(edges) < 20:
            continue
        asked = torch.from_numpy(dice.random(len(edges)) < min(0.2, max(ASKED, 32 / len(edges)))).to(edges.device)
        if not asked.any():
            continue
        loss = model.loss(text, graph.relation, edges, asked)
        for group in steps.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM) * (0.5 + 0.5 * math.cos(math.pi * done))
        steps.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        steps.step()
        step += 1
        running += loss.item()
        if step % 100 == 0:
            sys.stderr.write(f"{step} {done:.2f} loss {running / 100:.3f}\n")
            running = 0.0
    return step


def judge(model: GraphEncoder, folder: Path, device: str) -> Iterator[dict[str, object]]:
    """Figures on the graphs that were kept out: DEV, by which settings are chosen, and JUDGED, which are reported."""
    model.eval()
    for name in (*DEV, *JUDGED):
        graph = Piecewise(folder / f"{name}.npz", device)
        task = withheld(graph.edges, len(graph.text), seed=0)
        found = encoder_ranks(model, graph.text, graph.relation, graph.edges, task)
        yield {
            "graph": name,
            "mrr": float((1 / found).mean()),
            "hits@10": float((found <= 10).double().mean()),
            "n": len(found),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="file of weights")
    parser.add_argument("--seconds", type=float, default=240, help="of training")
    parser.add_argument("--steps", type=int, default=10**9, help="most steps")
    parser.add_argument("--set", type=json.loads, default={}, help='of the encoder, JSON: {"rounds": 0}')
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    paths = [path for path in sorted(given.folder.glob("*.npz")) if path.stem not in (*DEV, *JUDGED)]
    torch.manual_seed(0)
    model = GraphEncoder(**given.set).to(given.device)
    steps = train(model, [Piecewise(path, given.device) for path in paths], given.seconds, given.steps)
    save_file({key: value.half().cpu().contiguous() for key, value in model.state_dict().items()}, given.out)
    for line in judge(model, given.folder, given.device):
        print(json.dumps({"weights": given.out.stem, "steps": steps, **line}), flush=True)


if __name__ == "__main__":
    main()
