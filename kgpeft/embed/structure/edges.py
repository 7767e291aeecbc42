"""Edges as queries, and those held out from training."""

import numpy as np

HELD_OUT = 0.05


def queries(edges: np.ndarray, relations: int) -> np.ndarray:
    """Queries int64 [2E, 3]: every edge, then every reciprocal edge."""
    reciprocal = np.stack([edges[:, 2], edges[:, 1] + relations, edges[:, 0]], axis=1)
    return np.concatenate([edges, reciprocal]).astype(np.int64)


def hold_out(edges: np.ndarray, seed: int) -> np.ndarray:
    """Mask bool [E] of up to 5 % of the edges, drawn so that the others still name every node and relation in use."""
    nodes, relations = np.bincount(edges[:, [0, 2]].ravel()), np.bincount(edges[:, 1])
    held = np.zeros(len(edges), bool)
    wanted = int(HELD_OUT * len(edges))
    for edge in np.random.default_rng(seed).permutation(len(edges)):
        if not wanted:
            break
        start, relation, end = edges[edge]
        if min(nodes[start], nodes[end]) > 1 + (start == end) and relations[relation] > 1:
            np.subtract.at(nodes, [start, end], 1)
            relations[relation] -= 1
            held[edge] = True
            wanted -= 1
    return held
