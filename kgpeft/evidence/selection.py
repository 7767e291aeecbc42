"""Selection: which facts a question gets to read, from the probabilities of its candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from kgpeft.evidence.candidates import MIDDLES, Candidates
from kgpeft.evidence.statements import Statement, definitions, stated, synonyms
from kgpeft.evidence.steps import Steps

CONSIDERED = 64  # candidates of a question that are selected from
VALUES = 2_000  # values of a statement that are looked up
# candidates less probable than this share of the best are not read: on generated graphs 1 % of the answers lie there
MARGIN = 0.02


@dataclass(frozen=True)
class Ranking:
    """The candidates of one question with their probabilities, and that of none."""

    found: Candidates
    probability: np.ndarray  # float32 [C]
    absent: float  # probability that the graph does not say

    def best(self, longest: int = 2) -> list[int]:
        """The candidates worth reading, best first, of at most so many steps; those that the things lack are none."""
        there = np.flatnonzero(~self.found.lacking)
        order = there[np.argsort(-self.probability[there], kind="stable")][:CONSIDERED]
        least = MARGIN * self.probability[order[0]] if len(order) else 0
        short = self.found.second < 0 if longest == 1 else np.ones(len(self.probability), bool)
        return [int(c) for c in order if self.probability[c] >= least and short[c]]


def select(steps: Steps, ranking: Ranking, places: int, longest: int = 2) -> list[tuple[Statement, float]]:
    """At most so many statements with the probabilities of their paths, best first.

    All values of one step are one statement. A path of two steps is the first step's statement and one for each node
    between that is taken: it is whole or not there. Paths have at most ``longest`` steps.
    """
    best = ranking.best(longest)
    prices = [_places(ranking.found, c) for c in best]
    taken = allot([float(ranking.probability[c]) for c in best], prices, places)
    chosen: dict[Statement, float] = {}
    for c, parts in zip(best, taken, strict=True):
        for s in _statements(steps, ranking.found, c, parts):
            chosen.setdefault(s, float(ranking.probability[c]))
    return list(chosen.items())


def edges(steps: Steps, ranking: Ranking, facts: int) -> list[int]:
    """At most so many single edges: the reading of "k facts" in which a set of thirty values is thirty facts."""
    best = ranking.best()
    paths = [_edges(steps, ranking.found, c) for c in best]
    taken = allot([float(ranking.probability[c]) for c in best], [[len(p) for p in ps] for ps in paths], facts)
    return list(dict.fromkeys(e for ps, parts in zip(paths, taken, strict=True) for p in ps[:parts] for e in p))


def allot(probability: Sequence[float], prices: Sequence[Sequence[int]], budget: int) -> list[int]:
    """How many of its parts each candidate gets: those that add most, at their price, to what is expected to be found.

    A part is worth its share of the candidate's answers, and the first one also that there is an answer at all.
    """
    taken = [0] * len(prices)

    def offer(c: int) -> tuple[float, int]:
        worth = probability[c] * ((taken[c] == 0) + 1 / len(prices[c]))
        return -worth / max(prices[c][taken[c]], 1), c

    offers = [offer(c) for c, own in enumerate(prices) if own]
    heapify(offers)
    while offers:
        c = heappop(offers)[1]
        if prices[c][taken[c]] > budget:  # what follows would leave a gap
            continue
        budget -= prices[c][taken[c]]
        taken[c] += 1
        if taken[c] < len(prices[c]):
            heappush(offers, offer(c))
    return taken


def _places(found: Candidates, c: int) -> list[int]:
    """The statements that each part of a candidate takes."""
    return [1] if found.second[c] < 0 else [2, *[1] * (int(found.middles[c]) - 1)]


def _statements(steps: Steps, found: Candidates, c: int, parts: int) -> list[Statement]:
    """The statements of a candidate of which so many parts are taken."""
    graph, node, group = steps.graph, int(found.node[c]), int(found.group[c])
    first, second = int(found.first[c]), int(found.second[c])
    if group < 0 or not parts:
        told = synonyms if first == steps.synonym else definitions
        return told(graph, node) if parts else []
    middles = [] if second < 0 else _middles(steps, group, second)[:parts]
    onward = [_stated(steps, middle, g, second) for _, middle, g in middles]
    return [_stated(steps, node, group, first), *onward]


def _stated(steps: Steps, node: int, group: int, step: int) -> Statement:
    edges = steps.ends.edge[steps.ends.members(group, VALUES)].tolist()
    return stated(steps.graph, node, edges, inverse=bool(steps.inverse[step]))


def _edges(steps: Steps, found: Candidates, c: int) -> list[list[int]]:
    """The edges of each part; none of what the graph's labels say."""
    ends, group, second = steps.ends, int(found.group[c]), int(found.second[c])
    if group < 0:
        return []
    if second < 0:
        return [[int(e)] for e in ends.edge[ends.members(group, MIDDLES)]]
    parts = []
    for place, _, onward in _middles(steps, group, second):
        first, *rest = ends.edge[ends.members(onward, MIDDLES)].tolist()
        parts += [[int(ends.edge[place]), first], *([edge] for edge in rest)]
    return parts


def _middles(steps: Steps, group: int, second: int) -> list[tuple[int, int, int]]:
    """(place, node, group of the second step) of the nodes between that lead on."""
    found = []
    for place in steps.ends.members(group, MIDDLES).tolist():
        node = int(steps.ends.end[place])
        onward = steps.ends.group(node, second)
        if onward is not None:
            found.append((place, node, onward))
    return found
