from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from kgpeft.embed import structure
from kgpeft.embed.embeddings import EmbedSettings
from kgpeft.embed.structure import ComplEx, Structure, hold_out, learn_structure


def facts(edges: Any, entities: int, relations: int) -> Any:
    """As much of a KnowledgeGraph as the structure part reads."""
    edges = np.array(edges, np.int32).reshape(-1, 3)
    return SimpleNamespace(terms=["x"] * entities, relations=["r"] * relations, edges=edges)


def ring(size: int = 30) -> Any:
    """'next' and 'two on' around a ring, each with its inverse: every edge follows from its twin."""
    steps = {0: 1, 1: -1, 2: 2, 3: -2}
    return facts([[i, r, (i + step) % size] for i in range(size) for r, step in steps.items()], size, 4)


def learn(graph: Any, **settings: Any) -> Structure:
    return learn_structure(graph, EmbedSettings(structure_dim=16, **settings), lambda part, fraction: None)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
def test_scores_equal_those_of_torch_geometric() -> None:
    from torch_geometric.nn.kge import ComplEx as Theirs

    ours, theirs = ComplEx(9, 2, 8, seed=0), Theirs(9, 4, 4)
    with torch.no_grad():
        for table, (real, imaginary) in {
            ours.entity: (theirs.node_emb, theirs.node_emb_im),
            ours.relation: (theirs.rel_emb, theirs.rel_emb_im),
        }.items():
            table.copy_(torch.cat([real.weight, imaginary.weight], dim=1))
    queries = torch.cartesian_prod(torch.arange(9), torch.arange(4), torch.arange(9))
    scores = ours(queries).gather(1, queries[:, 2:]).squeeze(1)
    torch.testing.assert_close(scores, theirs(*queries.unbind(1)))


def test_edges_that_follow_from_others_are_ranked_first() -> None:
    metrics = learn(ring(), epochs=60).metrics
    assert metrics["n"] == 6
    assert metrics["mrr"] > 0.9
    assert metrics["hits@10"] == 1.0


def test_the_same_seed_gives_the_same_vectors_and_another_seed_others() -> None:
    first, again, other = learn(ring(), epochs=3), learn(ring(), epochs=3), learn(ring(), epochs=3, seed=1)
    np.testing.assert_array_equal(first.entity, again.entity)
    np.testing.assert_array_equal(first.relation, again.relation)
    assert not np.array_equal(first.entity, other.entity)


def test_training_leaves_the_callers_random_numbers_and_threads_alone() -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    learn(ring(), epochs=1)
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_held_out_edges_leave_every_node_and_relation_in_training() -> None:
    dice = np.random.default_rng(0)
    edges = np.unique(dice.integers(0, [60, 5, 60], (400, 3)), axis=0)
    held = hold_out(edges, seed=0)
    assert held.sum() == int(0.05 * len(edges))
    assert set(edges[~held][:, [0, 2]].flat) == set(edges[:, [0, 2]].flat)
    assert set(edges[~held][:, 1]) == set(edges[:, 1])


def test_no_edge_is_held_out_where_all_are_needed() -> None:
    star = np.array([[0, 0, leaf] for leaf in range(1, 100)])
    loops = np.array([[node, 0, node] for node in range(100)])
    assert not hold_out(star, seed=0).any()
    assert not hold_out(loops, seed=0).any()


def test_without_edges_vectors_and_metrics_are_zero() -> None:
    found = learn(facts([], 1, 0))
    assert found.entity.shape == (1, 16) and found.relation.shape == (0, 16)
    assert not found.entity.any()
    assert found.metrics == {"mrr": 0.0, "hits@10": 0.0, "n": 0.0}


@pytest.mark.parametrize("edges", [[[0, 0, 0]], [[0, 0, 1]], [[0, 0, 1], [1, 0, 0]]])
def test_a_graph_too_small_to_hold_out_is_learnt_whole(edges: list[list[int]]) -> None:
    found = learn(facts(edges, 2, 1))
    assert found.metrics["n"] == 0
    assert np.isfinite(found.entity).all() and found.entity.any()


def test_slices_of_a_batch_give_the_gradient_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learn(ring(), epochs=2)
    monkeypatch.setattr(structure, "LOGITS", 7 * 30)
    np.testing.assert_allclose(learn(ring(), epochs=2).entity, whole.entity, atol=1e-5)


def test_ranks_pass_over_other_right_answers_and_share_ties() -> None:
    model = ComplEx(4, 1, 2, seed=0)
    with torch.no_grad():
        model.entity.copy_(torch.tensor([[1.0, 0.0], [3.0, 0.0], [2.0, 0.0], [2.0, 0.0]]))
        model.relation.fill_(0.0)[0, 0] = 1.0
    known = structure._Known(np.array([[0, 0, 1], [0, 0, 2]]))
    ranks = structure._ranks(model, np.array([[0, 0, 2], [0, 0, 1]]), known)
    np.testing.assert_array_equal(ranks, [1.5, 1.0])


def test_epochs_shrink_as_graphs_grow() -> None:
    sizes = [(100, 50), (5_000, 135), (8_000, 7_000), (300_000, 15_000)]
    epochs = [structure.default_epochs(*size) for size in sizes]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] == 100 and epochs[-1] == 5
