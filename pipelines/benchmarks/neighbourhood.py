"""Personalised PageRank by forward push against scipy's power iteration, on one power-law graph; one JSON line.

    python pipelines/benchmarks/neighbourhood.py [EDGES [SEEDS [SKEW]]]

The graph is symmetric; its degrees fall like rank ** (1 / SKEW - 1), so that their distribution has the exponent 3 with
SKEW 2 and 2.5 with SKEW 3. Timed are processor seconds: medians over the seeds of a push,
of 20 steps of power iteration (an error of up to 4 % of the probability is left), and of two capped hops. The top 50 are
compared with those after 60 steps.
"""

import json
import sys
import time

import numpy as np
from scipy.sparse import csr_array

from kgpeft.evidence.ends import Ends
from kgpeft.evidence.neighbourhood import TELEPORT, Neighbourhood

STEPS, CONVERGED, TOP = 20, 60, 50


def power_law(edges, skew, rng):
    """Ends of one relation over edges / 10 nodes, without loops."""
    nodes = max(10, edges // 10)
    draw = rng.permutation(nodes)[(nodes * rng.random((edges, 2)) ** skew).astype(np.int64)]
    draw = draw[draw[:, 0] != draw[:, 1]]
    begin, end = np.concatenate([draw, draw[:, ::-1]]).T
    order = np.argsort(begin, kind="stable")
    first = np.searchsorted(begin[order], np.arange(nodes + 1))
    edge = (order % len(draw)).astype(np.int32)
    return Ends(np.arange(nodes + 1), np.zeros(nodes, np.int32), first, end[order].astype(np.int32), edge)


def power(walk, seed, steps):
    start = np.zeros(walk.shape[0])
    start[seed] = 1.0
    rank = start
    for _ in range(steps):
        rank = TELEPORT * start + (1 - TELEPORT) * (walk @ rank)
    return rank


def timed(call, *arguments):
    begin = time.process_time()
    found = call(*arguments)
    return found, time.process_time() - begin


def main(edges=10_000_000, seeds=10, skew=3):
    rng = np.random.default_rng(0)
    ends = power_law(int(edges), float(skew), rng)
    near, built = timed(Neighbourhood, ends)
    degree = np.diff(ends.first)
    walk = csr_array(((1 / np.maximum(degree, 1))[ends.end], ends.end, ends.first), shape=(len(degree),) * 2)
    chosen = rng.choice(np.flatnonzero(degree), int(seeds), replace=False).tolist()
    push, steps, hops, shared = [], [], [], []
    for seed in chosen:
        (nodes, _), seconds = timed(near.rank, [seed])
        push.append(seconds)
        steps.append(timed(power, walk, seed, STEPS)[1])
        hops.append(timed(near.around, [seed])[1])
        best = np.argsort(-power(walk, seed, CONVERGED))[:TOP]
        shared.append(len(set(nodes[:TOP].tolist()) & set(best.tolist())) / TOP)
    print(
        json.dumps(
            {
                "nodes": len(degree),
                "edges": len(ends.end) // 2,
                "skew": float(skew),
                "seeds": len(chosen),
                "build_seconds": round(built, 3),
                "push_ms": round(1e3 * float(np.median(push)), 2),
                "power_ms": round(1e3 * float(np.median(steps)), 1),
                "ratio": round(float(np.median(steps) / np.median(push))),
                "hops_ms": round(1e3 * float(np.median(hops)), 2),
                "top50_mean": round(float(np.mean(shared)), 4),
                "top50_least": min(shared),
                "largest_degree": int(degree.max()),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
