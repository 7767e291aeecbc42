"""Settings chosen from the statistics of a graph, so that users need none."""

from .training import Recipe

WORK = 5e9  # queries x (entities + 4000) of a whole training: 5,000 edges get 100 epochs, 100,000 get the least
CHECKS = 20  # on held-out edges, in a whole training


def default_epochs(edges: int, entities: int) -> int:
    """Epochs that a graph of this size gets when the settings name none: 5 to 100, a few minutes at most."""
    return min(100, max(5, round(WORK / (2 * edges * (entities + 4000)))))


def default_recipe(edges: int, entities: int, dim: int, epochs: int | None, seed: int) -> Recipe:
    """How a graph of this size is learnt."""
    epochs = epochs or default_epochs(edges, entities)
    return Recipe("complex", dim, epochs, check=max(1, epochs // CHECKS), seed=seed)
