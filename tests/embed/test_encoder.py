import numpy as np
import pytest
import torch

from kgpeft.embed.encoder import encode_nodes, load_encoder, model
from kgpeft.embed.encoder.model import GraphEncoder, between, both_ways, right_answers

dice = np.random.default_rng(0)
TEXT, RELATION = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in dice.normal(size=(2, 6, 16)).astype(np.float32))
RELATION = RELATION[:2]
CHAIN = np.array([[0, 0, 1], [1, 1, 2], [2, 0, 3], [3, 1, 4]], np.int32)  # node 5 stands alone


@pytest.fixture(scope="module")
def encoder() -> GraphEncoder:
    torch.manual_seed(0)
    return GraphEncoder(text=16, width=8, rounds=2).eval()


def test_vectors_are_of_length_one_and_as_wide_as_a_text(encoder: GraphEncoder) -> None:
    found = encode_nodes(encoder, TEXT, RELATION, CHAIN)
    assert found.shape == (6, 16) and found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_a_new_node_gets_a_vector_and_changes_only_what_is_two_edges_away(encoder: GraphEncoder) -> None:
    before = encode_nodes(encoder, TEXT, RELATION, CHAIN)
    after = encode_nodes(encoder, TEXT, RELATION, np.vstack([CHAIN, [[5, 0, 0]]]))
    np.testing.assert_array_equal(np.abs(before - after).max(axis=1) > 1e-6, [True, True, False, False, False, True])


def test_ids_do_not_matter(encoder: GraphEncoder) -> None:
    order, swapped = np.array([3, 0, 5, 1, 4, 2]), np.array([1, 0])  # new id -> old id
    renamed = np.column_stack([np.argsort(order)[CHAIN[:, 0]], swapped[CHAIN[:, 1]], np.argsort(order)[CHAIN[:, 2]]])
    expected = encode_nodes(encoder, TEXT, RELATION, CHAIN)[order]
    np.testing.assert_allclose(encode_nodes(encoder, TEXT[order], RELATION[swapped], renamed), expected, atol=1e-5)


def test_the_direction_and_the_name_of_a_relation_count(encoder: GraphEncoder) -> None:
    first = encode_nodes(encoder, TEXT, RELATION, CHAIN)
    turned = encode_nodes(encoder, TEXT, RELATION, CHAIN[:, ::-1])
    renamed = encode_nodes(encoder, TEXT, RELATION[::-1].copy(), CHAIN)
    assert np.abs(first - turned).max() > 1e-4 and np.abs(first - renamed).max() > 1e-4


def test_messages_in_parts_are_those_of_the_whole(encoder: GraphEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encode_nodes(encoder, TEXT, RELATION, CHAIN)
    monkeypatch.setattr(model, "LINKS", 3)
    np.testing.assert_allclose(encode_nodes(encoder, TEXT, RELATION, CHAIN), whole, atol=1e-6)


def test_a_graph_without_edges_is_encoded(encoder: GraphEncoder) -> None:
    assert np.isfinite(encode_nodes(encoder, TEXT, RELATION, CHAIN[:0])).all()
    assert np.isfinite(encode_nodes(encoder, TEXT, RELATION[:0], CHAIN[:0])).all()


def test_an_edge_that_is_asked_for_is_not_seen() -> None:
    edges = torch.tensor([[0, 0, 1], [1, 1, 0], [0, 0, 2], [2, 0, 3]])
    assert between(edges, edges[:1], 4).tolist() == [True, True, False, False]


def test_every_right_answer_is_known() -> None:
    edges = torch.tensor([[0, 0, 1], [0, 0, 2], [3, 1, 1]])
    every = both_ways(edges, 2)
    found = right_answers(every, torch.tensor([[0, 0, 1], [1, 3, 3], [2, 0, 0]]), 4)
    assert [row.nonzero().flatten().tolist() for row in found] == [[1, 2], [3], []]


def test_training_teaches_what_edges_follow_from_names_and_neighbours() -> None:
    torch.manual_seed(0)
    encoder = GraphEncoder(text=16, width=16, rounds=1, dropout=0.0)
    text = torch.nn.functional.normalize(torch.randn(40, 16), dim=1)
    edges = torch.tensor([[i, r, (i + 1 + r) % 40] for i in range(40) for r in (0, 1)])
    steps, losses = torch.optim.Adam(encoder.parameters(), lr=3e-3), []
    for step in range(60):
        asked = torch.arange(len(edges)) % 8 == step % 8
        loss = encoder.loss(text, torch.eye(2, 16), edges, asked)
        steps.zero_grad()
        loss.backward()
        steps.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_the_shipped_encoder_reads_default_text_vectors() -> None:
    encoder = load_encoder()
    text = torch.nn.functional.normalize(torch.randn(5, 384, generator=torch.Generator().manual_seed(0)), dim=1).numpy()
    first, again = (encode_nodes(encoder, text, text[:1], CHAIN[:3] * [1, 0, 1]) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - text).max() > 0.01
