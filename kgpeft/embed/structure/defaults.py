"""Settings chosen from the statistics of a graph, so that users need none."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .training import Recipe

WORK = 5e9  # queries x (entities + 4000) of a training that makes a part of embeddings, beside text and messages
CHECKS = 20  # on held-out edges, in such a training
CPU, GPU = 4e14, 6e16  # floating-point operations of a training for link prediction: an hour or two
FULL, NEGATIVES = 100_000, 1024  # entities up to which the softmax is over all; else how many are drawn for a batch
MANY = 30_000  # entities up to which the same holds of a training for link prediction on a CPU
GUESSABLE = 60  # relations from which the guess of a relation is as hard, and weighs as much, as that of an answer
DIMS = (64, 2000)  # least and most columns of vectors for link prediction
TOGETHER = 4  # answers of a query that are learnt together at first, in graphs whose queries have as many on average
ONE_RELATION = 1.25  # relations between two linked entities below which their relation can be guessed
DISTANCES = ("transe", "rotate")


@dataclass(frozen=True)
class Statistics:
    """What settings are chosen by."""

    entities: int
    relations: int
    edges: int
    per_pair: float  # relations between two entities that any relation leads between
    per_query: float  # answers to a subject and relation that have any

    @classmethod
    def of(cls, queries: Tensor, entities: int) -> "Statistics":
        """Of the queries [2E, 3] to be trained with."""
        edges = queries[: len(queries) // 2]
        pairs = torch.unique(edges[:, 0] * entities + edges[:, 2])
        asked = torch.unique(queries[:, 0] * (1 + queries[:, 1].max()) + queries[:, 1])
        relations = (1 + int(queries[:, 1].max())) // 2
        return cls(
            entities, relations, len(edges), len(edges) / max(1, len(pairs)), len(queries) / max(1, len(asked))
        )  # fmt: skip


def link_recipe(graph: Statistics, model: str = "complex", gpu: bool = False) -> Recipe:
    """The best that is known for guessing edges of such a graph; wide vectors where the work allows.

    Fitted by hand to UMLS, Nations, Kinships, a part of WordNet and the published settings for FB15k-237 and WN18RR
    (Lacroix et al. 2018, Chen et al. 2021): the penalty grows with the number of candidates; relations are guessed too
    where two entities are mostly linked by one, and the more of them there are the more that counts.
    """
    epochs = 150 if gpu else 30
    batch = min(1000, max(128, graph.edges // 64))
    negatives = 0 if gpu or graph.entities <= MANY else 2 * NEGATIVES
    candidates = 2 * batch + negatives if negatives else graph.entities
    columns = (GPU if gpu else CPU) / (12.0 * candidates * graph.edges * epochs)
    dim = 2 * round(min(DIMS[1], max(DIMS[0], columns)) / 2)
    penalty = min(0.1, max(0.005, 0.01 * (graph.entities / 500) ** 0.5))
    together = TOGETHER if graph.per_query >= TOGETHER else 1
    weight = min(4.0, graph.relations / GUESSABLE) if graph.per_pair < ONE_RELATION else 0.0
    recipe = Recipe(
        model, dim, epochs, batch, together, penalty=penalty, relation_weight=weight,
        check=max(1, epochs // CHECKS), patience=8, negatives=negatives,
    )  # fmt: skip
    if model in DISTANCES:
        rate = 0.3 if model == "transe" else 0.1  # with 0.1 TransE does not even unroll a square grid
        return replace(recipe, rate=rate, penalty=penalty / 10, relation_weight=weight / 4)
    return recipe


def default_epochs(edges: int, entities: int) -> int:
    """Epochs that a graph of this size gets when the settings name none: 5 to 100, a few minutes at most."""
    return min(100, max(5, round(WORK / (2 * edges * (entities + 4000)))))


def default_recipe(edges: int, entities: int, dim: int, epochs: int | None, seed: int) -> Recipe:
    """How the structure part of embeddings is learnt: small vectors, soon done."""
    epochs = epochs or default_epochs(edges, entities)
    negatives = NEGATIVES if entities > FULL else 0
    batch = NEGATIVES if negatives else Recipe.batch
    return Recipe("complex", dim, epochs, batch, check=max(1, epochs // CHECKS), seed=seed, negatives=negatives)
