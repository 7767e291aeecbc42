import numpy as np
import pytest

from kgpeft.embed.message import pass_messages

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")

dice = np.random.default_rng(0)
ENTITY, RELATION = dice.normal(size=(6, 70)).astype(np.float32), dice.normal(size=(2, 70)).astype(np.float32)
ENTITY /= np.linalg.norm(ENTITY, axis=1, keepdims=True)
CHAIN = np.array([[0, 0, 1], [1, 1, 2], [2, 0, 3], [3, 1, 4]], np.int32)  # node 5 stands alone


def test_two_rounds_are_what_the_formula_says() -> None:
    x = ENTITY
    for _ in range(2):
        sums, counts = np.zeros_like(x), np.zeros((len(x), 1))
        for start, relation, end in CHAIN:
            for here, there in ((start, end), (end, start)):
                sums[here] += x[there] + RELATION[relation]
                counts[here] += 1
        x = x + sums / np.maximum(counts, 1)
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
    np.testing.assert_allclose(pass_messages(ENTITY, RELATION, CHAIN), x, atol=1e-5)


def test_a_node_without_edges_keeps_its_text() -> None:
    np.testing.assert_allclose(pass_messages(ENTITY, RELATION, CHAIN)[5], ENTITY[5], atol=1e-6)
    np.testing.assert_allclose(pass_messages(ENTITY, RELATION, CHAIN[:0]), ENTITY, atol=1e-6)


def test_a_new_node_gets_a_vector_and_changes_only_what_is_two_edges_away() -> None:
    before = pass_messages(ENTITY, RELATION, CHAIN)
    after = pass_messages(ENTITY, RELATION, np.vstack([CHAIN, [[5, 0, 0]]]))
    changed = np.abs(before - after).max(axis=1) > 1e-4
    np.testing.assert_array_equal(changed, [True, True, False, False, False, True])


def test_ids_do_not_matter() -> None:
    order = np.array([3, 0, 5, 1, 4, 2])  # new id -> old id
    renamed = np.column_stack([np.argsort(order)[CHAIN[:, 0]], CHAIN[:, 1], np.argsort(order)[CHAIN[:, 2]]])
    expected = pass_messages(ENTITY, RELATION, CHAIN)[order]
    np.testing.assert_allclose(pass_messages(ENTITY[order], RELATION, renamed), expected, atol=1e-6)


def test_the_vectors_given_are_left_as_they_were() -> None:
    entity = ENTITY.copy()
    pass_messages(entity, RELATION, CHAIN)
    np.testing.assert_array_equal(entity, ENTITY)
