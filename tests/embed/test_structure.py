from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from kgpeft.embed.embeddings import EmbedSettings
from kgpeft.embed.structure import Structure, learn_structure, ranking
from kgpeft.embed.structure.defaults import Statistics, link_recipe
from kgpeft.embed.structure.edges import hold_out, queries
from kgpeft.embed.structure.models import MODELS, tables
from kgpeft.embed.structure.sampling import shares
from kgpeft.embed.structure.training import Recipe, Tables, Task, at_epoch, fit, gradients, run_epoch, shuffled

every_model = pytest.mark.parametrize("name", MODELS)


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


def every_triple(entities: int, relations: int) -> torch.Tensor:
    return torch.cartesian_prod(torch.arange(entities), torch.arange(relations), torch.arange(entities))


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
@every_model
def test_scores_equal_those_of_torch_geometric(name: str) -> None:
    from torch_geometric.nn import kge

    entity, relation = tables(name, 9, 2, 8, seed=0)
    relation = torch.nn.functional.normalize(relation.view(4, 2, 4), dim=1).view(4, 8)  # of length one, as angles are
    theirs = {
        "transe": lambda: kge.TransE(9, 4, 8, p_norm=2.0),
        "distmult": lambda: kge.DistMult(9, 4, 8),
        "complex": lambda: kge.ComplEx(9, 4, 4),
        "rotate": lambda: kge.RotatE(9, 4, 4, margin=0.0),
    }[name]()
    entity = torch.nn.functional.normalize(entity, dim=1)  # as TransE there does
    halves = entity.chunk(2, 1), relation.chunk(2, 1)
    with torch.no_grad():
        if name in ("transe", "distmult"):
            theirs.node_emb.weight.copy_(entity), theirs.rel_emb.weight.copy_(relation)
        else:
            theirs.node_emb.weight.copy_(halves[0][0]), theirs.node_emb_im.weight.copy_(halves[0][1])
        if name == "complex":
            theirs.rel_emb.weight.copy_(halves[1][0]), theirs.rel_emb_im.weight.copy_(halves[1][1])
        if name == "rotate":
            theirs.rel_emb.weight.copy_(torch.atan2(halves[1][1], halves[1][0]))
    s, r, o = every_triple(9, 4).unbind(1)
    ours = MODELS[name].answers(entity[s], relation[r], entity).gather(1, o[:, None]).squeeze(1)
    torch.testing.assert_close(ours, theirs(s, r, o), atol=1e-3, rtol=1e-4)


@every_model
def test_a_triple_scores_alike_as_answer_and_as_relation(name: str) -> None:
    entity, relation = tables(name, 5, 2, 6, seed=0)
    s, r, o = every_triple(5, 4).unbind(1)
    answers = MODELS[name].answers(entity[s], relation[r], entity).gather(1, o[:, None])
    relations = MODELS[name].relations(entity[s], entity[o], relation).gather(1, r[:, None])
    torch.testing.assert_close(answers, relations, atol=1e-3, rtol=1e-4)


@every_model
def test_gradients_equal_those_of_the_loss_written_out(name: str) -> None:
    recipe, model, entropy = Recipe(name, dim=6, penalty=0.1, relation_weight=0.5), MODELS[name], cross_entropy
    made, triples = Tables.fresh(recipe, 7, 2), every_triple(7, 4)[::5]
    entity, relation = made.entity.clone().requires_grad_(), made.relation.clone().requires_grad_()
    subject, link, answer = entity[triples[:, 0]], relation[triples[:, 1]], entity[triples[:, 2]]
    halves = 2 if name in ("complex", "rotate") else 1  # each modulus stands in both halves
    loss = entropy(model.answers(subject, link, entity), triples[:, 2])
    loss = loss + 0.5 * entropy(model.relations(subject, answer, relation), triples[:, 1])
    for row in (subject, link, answer):
        loss = loss + 0.1 * model.sizes(row).pow(3).sum() / halves / len(triples)
    loss.backward()
    torch.testing.assert_close(gradients(made, triples, recipe), [entity.grad, relation.grad])


def grid(size: int = 7) -> Any:
    """Steps right and up on a square, each with its inverse: what adds up to nothing along a ring is beyond TransE."""
    spots = [(x, y) for x in range(size) for y in range(size)]
    steps = {0: (1, 0), 1: (-1, 0), 2: (0, 1), 3: (0, -1)}
    found = [(s, r, (s[0] + step[0], s[1] + step[1])) for s in spots for r, step in steps.items()]
    return facts([[spots.index(s), r, spots.index(o)] for s, r, o in found if o in spots], size * size, 4)


def task(graph: Any) -> Task:
    every, held = torch.from_numpy(queries(graph.edges, 4)), np.tile(hold_out(graph.edges, 0), 2)
    return Task(every[~held], every[held], ranking.Known(every))


def train(
    graph: Any, recipe: Recipe, checkpoint: Path | None = None, stop: int | None = None
) -> tuple[Tables, dict[str, float]]:
    def report(epoch: int, found: dict[str, float]) -> None:
        if epoch == stop:
            raise KeyboardInterrupt

    made = Tables.fresh(recipe, len(graph.terms), 4)
    return made, fit(made, task(graph), recipe, report, checkpoint)


@pytest.mark.parametrize(("name", "graph", "least"), [
    ("transe", grid(), 0.9), ("distmult", ring(), 0.4), ("complex", ring(), 0.9), ("rotate", ring(), 0.9),
])  # fmt: skip
def test_edges_that_follow_from_others_are_ranked_first(name: str, graph: Any, least: float) -> None:
    """DistMult knows no direction: of two neighbours it can only name both."""
    rate = 0.3 if name == "transe" else 0.1
    _, found = train(graph, Recipe(name, dim=32, epochs=60, batch=64, rate=rate, penalty=0.001))
    assert found["n"] >= 6
    assert found["mrr"] > least


def test_a_training_taken_up_gives_what_one_in_one_go_gives(tmp_path: Path) -> None:
    recipe = Recipe(dim=8, epochs=6, check=2, negatives=5)
    whole, told = train(ring(), recipe)
    with pytest.raises(KeyboardInterrupt):
        train(ring(), recipe, tmp_path / "state", stop=2)
    again, found = train(ring(), recipe, tmp_path / "state")
    assert found == told
    assert torch.equal(again.entity, whole.entity)


def test_a_softmax_over_all_that_was_drawn_is_the_full_one() -> None:
    recipe = Recipe(dim=8, negatives=3000, batch=50)
    full, drawn = Tables.fresh(recipe, 30, 4), Tables.fresh(recipe, 30, 4)
    rows = task(ring()).train
    run_epoch(full, rows, recipe)
    run_epoch(drawn, rows, recipe, shares(rows, 30))
    torch.testing.assert_close(drawn.entity, full.entity)


def test_a_sampled_step_leaves_the_other_entities_alone() -> None:
    recipe = Recipe(dim=8, negatives=3)
    made, rows = Tables.fresh(recipe, 30, 4), task(ring()).train
    before = made.entity.clone()
    run_epoch(made, rows[:2], recipe, shares(rows, 30))
    assert 2 <= (made.entity != before).any(1).sum() <= 7


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
    assert set(found.metrics) == {"mrr", "hits@1", "hits@3", "hits@10", "n"} and not any(found.metrics.values())


@pytest.mark.parametrize("edges", [[[0, 0, 0]], [[0, 0, 1]], [[0, 0, 1], [1, 0, 0]]])
def test_a_graph_too_small_to_hold_out_is_learnt_whole(edges: list[list[int]]) -> None:
    found = learn(facts(edges, 2, 1))
    assert found.metrics["n"] == 0
    assert np.isfinite(found.entity).all() and found.entity.any()


def test_slices_of_a_batch_give_the_gradient_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learn(ring(), epochs=2)
    monkeypatch.setattr(ranking, "LOGITS", 7 * 30)
    np.testing.assert_allclose(learn(ring(), epochs=2).entity, whole.entity, atol=1e-5)


def test_ranks_pass_over_other_right_answers_and_share_ties() -> None:
    entity = torch.tensor([[1.0, 0.0], [3.0, 0.0], [2.0, 0.0], [2.0, 0.0]])
    relation = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    known = ranking.Known(torch.tensor([[0, 0, 1], [0, 0, 2]]))
    found = ranking.ranks(MODELS["complex"], entity, relation, torch.tensor([[0, 0, 2], [0, 0, 1]]), known)
    assert found.tolist() == [1.5, 1.0]


@every_model
def test_answers_learnt_together_change_no_gradient(name: str) -> None:
    recipe, triples = Recipe(name, dim=6, penalty=0.1, relation_weight=0.5), every_triple(7, 4)
    triples = triples[shuffled(triples, 5, torch.Generator().manual_seed(0))]
    made = Tables.fresh(recipe, 7, 2)
    torch.testing.assert_close(gradients(made, triples, replace(recipe, together=5)), gradients(made, triples, recipe))


@given(st.integers(1, 9), st.integers(0, 99))
def test_an_order_has_every_query_once_and_answers_side_by_side(together: int, seed: int) -> None:
    triples = every_triple(7, 4)
    order = shuffled(triples, together, torch.Generator().manual_seed(seed))
    assert sorted(order.tolist()) == list(range(len(triples)))
    runs = torch.unique_consecutive(triples[order][:, :2], dim=0)
    assert len(runs) <= 28 * -(-7 // together)  # 28 pairs of seven answers


def test_the_step_falls_to_almost_zero_over_the_last_part_where_answers_part() -> None:
    told = [at_epoch(Recipe(epochs=10, rate=1.0, decay=0.5, together=3), epoch) for epoch in range(1, 11)]
    steps = [recipe.rate for recipe in told]
    assert [recipe.together for recipe in told] == [3] * 5 + [1] * 5
    assert steps[:6] == [1.0] * 6
    assert steps[-1] == pytest.approx(0.2)


@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize("size", [(17_050, 51, 185_584), (40_943, 11, 86_835), (123_182, 37, 1_079_040)])
def test_no_graph_of_a_common_size_starves(size: tuple[int, int, int], gpu: bool) -> None:
    entities, relations, edges = size
    recipe = link_recipe(Statistics(entities, relations, edges, per_pair=1.05, per_query=2.0), gpu=gpu)
    assert recipe.dim >= 200 and recipe.epochs >= 30
    assert recipe.relation_weight < 1
