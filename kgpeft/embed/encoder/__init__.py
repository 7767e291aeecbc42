"""The graph encoder: vectors of what stands around each node, for graphs and nodes that no training saw.

Inside this package imports are relative and need torch and torch-geometric alone, so that it is trained where kgpeft
is not installed (pipelines/encoder).
"""

from pathlib import Path

import numpy as np
import torch

from .model import GraphEncoder

WEIGHTS = Path(__file__).parents[2] / "readers" / "graph-encoder" / "model.safetensors"


def load_encoder(weights: Path = WEIGHTS) -> GraphEncoder:
    """The encoder with the weights of a file, those shipped if none is named; its sizes are theirs."""
    from safetensors.torch import load_file

    state = {name: values.float() for name, values in load_file(weights).items()}
    rounds = len({name.split(".")[1] for name in state if name.startswith("rounds.")})
    width, text = state["enter.weight"].shape
    encoder = GraphEncoder(text, width, rounds)
    encoder.load_state_dict(state)
    return encoder.eval()


@torch.no_grad()
def encode_nodes(encoder: GraphEncoder, entity: np.ndarray, relation: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Unit vectors float32 [N, T] of nodes with names entity [N, T], among edges [E, 3] of relations [R, T]."""
    links = torch.from_numpy(np.asarray(edges, np.int64))
    found: np.ndarray = encoder(torch.from_numpy(entity), encoder.relations(torch.from_numpy(relation)), links).numpy()
    return found
