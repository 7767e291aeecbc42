"""Vectors of where each node stands in the graph, learnt by guessing the ends of its edges.

Inside this package imports are relative and need torch and numpy alone, so that it runs where kgpeft is not installed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from .defaults import default_recipe
from .edges import hold_out, queries
from .ranking import Known, metrics
from .training import Tables, Task, fit

if TYPE_CHECKING:
    from kgpeft.embed.embeddings import EmbedSettings
    from kgpeft.graph import KnowledgeGraph

ONE_THREAD = 4096  # entities below which threads cost more time than they save


@dataclass(frozen=True)
class Structure:
    """One row per node and per relation, and how well they rank the edges that training did not see."""

    entity: np.ndarray  # float32 [N, D]
    relation: np.ndarray  # float32 [R, D]
    metrics: dict[str, float]  # filtered mrr and hits@k over both directions of n held-out edges; all 0 if n is 0


def learn_structure(
    graph: "KnowledgeGraph", settings: "EmbedSettings", progress: Callable[[str, float], None]
) -> Structure:
    """ComplEx vectors of the graph, a function of its edges and the settings alone; zeros if there are no edges.

    5 % of the edges are held out, for early stopping and for the metrics alike; the vectors of the best check are kept.
    The metrics flatter, for that reason and because a held-out edge's inverse may be trained on; the edges of a tree
    cannot be guessed from each other at all. So they compare trainings on one graph, and nothing more.
    """
    entities, relations, dim = len(graph.terms), len(graph.relations), settings.structure_dim
    if not len(graph.edges):
        zeros = np.zeros((entities + relations, dim), np.float32)
        return Structure(zeros[:entities], zeros[entities:], metrics(torch.empty(0)))
    recipe = default_recipe(len(graph.edges), entities, dim, settings.epochs, settings.seed)
    every = torch.from_numpy(queries(graph.edges, relations))
    held = torch.from_numpy(np.tile(hold_out(graph.edges, settings.seed), 2))
    made = Tables.fresh(recipe, entities, relations)
    with _threads(1 if entities < ONE_THREAD else torch.get_num_threads()):
        found = fit(
            made, Task(every[~held], every[held], Known(every)), recipe,
            lambda epoch, found: progress("structure", epoch / recipe.epochs),
        )  # fmt: skip
    return Structure(made.entity.numpy(), made.relation[:relations].numpy(), found)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Torch computing with so many threads for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
