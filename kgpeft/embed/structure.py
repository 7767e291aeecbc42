"""Vectors of where each node stands in the graph: ComplEx, trained by a softmax over all entities in both directions.

The recipe is that of Lacroix et al. 2018 (Canonical Tensor Decomposition for Knowledge Base Completion): reciprocal
relations, cross-entropy against every entity, nuclear 3-norm penalty, Adagrad. A complex vector is kept as real
numbers, its real half before its imaginary half, so that one matrix product scores every entity.
Letters: N entities, R relations, E edges, B batch, D columns (D / 2 complex numbers). A query is an edge or its
reciprocal (object, relation + R, subject).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, embedding

from kgpeft.embed.embeddings import EmbedSettings, Progress
from kgpeft.graph import KnowledgeGraph

HELD_OUT = 0.05
LEARNING_RATE = 0.1
INITIAL = 1e-3
PENALTY = 0.01
BATCH = 256
LOGITS = 2**25  # most logits held at once (128 MB): in a larger graph a batch passes in slices of rows, exactly
ONE_THREAD = 4096  # entities below which threads cost more time than they save
WORK = 5e9  # queries x (entities + 4000) of a whole training: 5,000 edges get 100 epochs, 100,000 get the least
CHECKS, PATIENCE = 20, 4  # held-out checks of a whole training, and how many in a row may bring nothing


@dataclass(frozen=True)
class Structure:
    """One row per node and per relation, and how well they rank the edges that training did not see."""

    entity: np.ndarray  # float32 [N, D]
    relation: np.ndarray  # float32 [R, D]
    metrics: dict[str, float]  # filtered mrr and hits@10 over both directions of n held-out edges; all 0 if n is 0


def learn_structure(graph: KnowledgeGraph, settings: EmbedSettings, progress: Progress) -> Structure:
    """ComplEx vectors of the graph, a function of its edges and the settings alone; zeros if there are no edges.

    5 % of the edges are held out, for early stopping and for the metrics alike; the vectors of the best check are kept.
    The metrics flatter, for that reason and because a held-out edge's inverse may be trained on; the edges of a tree
    cannot be guessed from each other at all. So they compare trainings on one graph, and nothing more.
    """
    entities, relations, dim = len(graph.terms), len(graph.relations), settings.structure_dim
    if not len(graph.edges):
        zeros = np.zeros((entities + relations, dim), np.float32)
        return Structure(zeros[:entities], zeros[entities:], _metrics(np.empty(0)))
    model = ComplEx(entities, relations, dim, settings.seed)
    with _threads(1 if entities < ONE_THREAD else torch.get_num_threads()):
        metrics = _fit(model, graph, settings, progress)
    return Structure(model.entity.detach().numpy(), model.relation.detach()[:relations].numpy(), metrics)


def score(subject: Tensor, relation: Tensor, entity: Tensor) -> Tensor:
    """ComplEx scores [B, N] of each row of entity [N, D] as the object of subject [B, D] and relation [B, D]."""
    subject_re, subject_im = subject.chunk(2, dim=1)
    relation_re, relation_im = relation.chunk(2, dim=1)
    product_re = subject_re * relation_re - subject_im * relation_im
    product_im = subject_re * relation_im + subject_im * relation_re
    return torch.cat([product_re, product_im], dim=1) @ entity.T


class ComplEx(torch.nn.Module):
    """A table of entity vectors [N, D] and one of relation vectors [2R, D], the reciprocal relations last."""

    def __init__(self, entities: int, relations: int, dim: int, seed: int) -> None:
        super().__init__()
        dice = torch.Generator().manual_seed(seed)
        self.entity = torch.nn.Parameter(INITIAL * torch.randn(entities, dim, generator=dice))
        self.relation = torch.nn.Parameter(INITIAL * torch.randn(2 * relations, dim, generator=dice))

    def forward(self, queries: Tensor) -> Tensor:
        """Scores [B, N] of every entity as the answer to queries [B, 3]."""
        subject, relation, _ = self._vectors(queries)
        return score(subject, relation, self.entity)

    def loss(self, queries: Tensor) -> Tensor:
        """Cross-entropy and penalty, summed over queries [B, 3]."""
        subject, relation, answer = self._vectors(queries)
        real, imaginary = torch.stack([subject, relation, answer]).chunk(2, dim=2)
        cubes = (real.square() + imaginary.square()).pow(1.5).sum()
        scores = score(subject, relation, self.entity)
        return cross_entropy(scores, queries[:, 2], reduction="sum") + PENALTY * cubes

    def _vectors(self, queries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Subject, relation and answer vectors, [B, D] each; embedding(), unlike indexing, sums gradients in order."""
        subject, relation, answer = queries.unbind(1)
        return embedding(subject, self.entity), embedding(relation, self.relation), embedding(answer, self.entity)


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


def default_epochs(edges: int, entities: int) -> int:
    """Epochs that a graph of this size gets when the settings name none: 5 to 100, a few minutes at most."""
    return min(100, max(5, round(WORK / (2 * edges * (entities + 4000)))))


def _fit(model: ComplEx, graph: KnowledgeGraph, settings: EmbedSettings, progress: Progress) -> dict[str, float]:
    """Metrics of the best check, whose vectors the model is left with."""
    queries, held = _queries(graph.edges, len(graph.relations)), np.tile(hold_out(graph.edges, settings.seed), 2)
    train, known = torch.from_numpy(queries[~held]), _Known(queries)
    epochs = settings.epochs or default_epochs(len(graph.edges), len(graph.terms))
    optimiser = torch.optim.Adagrad(model.parameters(), lr=LEARNING_RATE)
    dice = torch.Generator().manual_seed(settings.seed)
    best, kept, stale = {"mrr": 0.0}, model.state_dict(), 0
    for epoch in range(1, epochs + 1):
        _epoch(model, optimiser, train[torch.randperm(len(train), generator=dice)])
        progress("structure", epoch / epochs)
        if epoch % max(1, epochs // CHECKS):
            continue
        metrics = _metrics(_ranks(model, queries[held], known))
        stale += 1
        if metrics["mrr"] >= best["mrr"]:
            best, kept, stale = metrics, {name: table.clone() for name, table in model.state_dict().items()}, 0
        if stale == PATIENCE:
            break
    model.load_state_dict(kept)
    return best


def _epoch(model: ComplEx, optimiser: torch.optim.Optimizer, queries: Tensor) -> None:
    """One pass over shuffled queries; the slices of a batch add up to the same gradient as the whole."""
    for batch in queries.split(BATCH):
        optimiser.zero_grad()
        for rows in batch.split(_rows(model)):
            (model.loss(rows) / len(batch)).backward()
        optimiser.step()


def _ranks(model: ComplEx, queries: np.ndarray, known: "_Known") -> np.ndarray:
    """Filtered ranks float64 [B] of the answers to queries [B, 3]: 1 is best, ties share their mean rank."""
    found = [np.empty(0)]
    for start in range(0, len(queries), _rows(model)):
        part = queries[start : start + _rows(model)]
        with torch.no_grad():
            scores = model(torch.from_numpy(part)).numpy()
        own = scores[np.arange(len(part)), part[:, 2]][:, None]
        scores[known.answers(part)] = -np.inf  # the own answer too
        found.append(1 + (scores > own).sum(1) + (scores == own).sum(1) / 2)
    return np.concatenate(found)


def _metrics(ranks: np.ndarray) -> dict[str, float]:
    """Mrr and hits@10 of the ranks of both directions of n edges; all 0 if there are none."""
    if not len(ranks):
        return {"mrr": 0.0, "hits@10": 0.0, "n": 0.0}
    return {"mrr": float((1 / ranks).mean()), "hits@10": float((ranks <= 10).mean()), "n": len(ranks) / 2}


def _queries(edges: np.ndarray, relations: int) -> np.ndarray:
    """Queries int64 [2E, 3]: every edge, then every reciprocal edge."""
    reciprocal = np.stack([edges[:, 2], edges[:, 1] + relations, edges[:, 0]], axis=1)
    return np.concatenate([edges, reciprocal]).astype(np.int64)


class _Known:
    """All right answers to a query, for filtered ranks."""

    def __init__(self, queries: np.ndarray) -> None:
        self.width = int(queries[:, 1].max()) + 1
        keys = self._keys(queries)
        order = np.argsort(keys, kind="stable")
        self.keys, self.entities = keys[order], queries[order, 2]

    def answers(self, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and entity of every right answer to any of the queries [B, 3]."""
        keys = self._keys(queries)
        first, last = np.searchsorted(self.keys, keys), np.searchsorted(self.keys, keys, side="right")
        spans = [self.entities[start:end] for start, end in zip(first, last, strict=True)]
        return np.repeat(np.arange(len(queries)), last - first), np.concatenate(spans)

    def _keys(self, queries: np.ndarray) -> np.ndarray:
        keys: np.ndarray = queries[:, 0] * self.width + queries[:, 1]
        return keys


def _rows(model: ComplEx) -> int:
    """Queries whose logits may be held at once."""
    return max(1, LOGITS // len(model.entity))


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Torch computing with so many threads for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
