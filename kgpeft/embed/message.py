"""Vectors of what stands around each node, by passing text vectors along the edges.

There is nothing to train and no table of ids, so a node added later gets its vector at once.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

ROUNDS = 2
COLUMNS = 64  # passed at a time, so that memory does not grow with the width of the vectors


def pass_messages(entity: np.ndarray, relation: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Unit vectors float32 [N, D] from entity [N, D], relation [R, D] and edges [E, 3].

    Two rounds of x_i <- norm(x_i + mean over edges ij, incoming and outgoing, of (x_j + r_ij)). A mean of sums is a
    sum of means, so the relations' share is computed once. A node without edges keeps its vector.
    """
    start, kind, end = torch.from_numpy(edges.astype(np.int64)).unbind(1)
    sources, targets = torch.cat([end, start]), torch.cat([start, end])
    x = torch.from_numpy(entity)
    shared = _mean(torch.from_numpy(relation), torch.stack([kind.repeat(2), targets]), len(x))
    for _ in range(ROUNDS):
        x = normalize(x + _mean(x, torch.stack([sources, targets]), len(x)) + shared)
    vectors: np.ndarray = x.numpy()
    return vectors


def _mean(x: Tensor, links: Tensor, targets: int) -> Tensor:
    """Mean [targets, D] of the rows of x [sources, D] that links [2, L] lead from; zero where none lead to."""
    from torch_geometric.nn import SimpleConv

    conv, size = SimpleConv(aggr="mean"), (len(x), targets)
    return torch.cat([conv((part, None), links, size=size) for part in x.split(COLUMNS, dim=1)], dim=1)
