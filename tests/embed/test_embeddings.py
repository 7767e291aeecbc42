from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from kgpeft.embed import Embeddings, EmbedSettings, embed
from kgpeft.errors import ArtifactError
from kgpeft.graph import KnowledgeGraph

pytestmark = [
    pytest.mark.usefixtures("fake_encoder"),
    pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning"),
]
QUICK = EmbedSettings(structure_dim=8, epochs=3)


def test_every_node_and_relation_gets_every_part(ring: KnowledgeGraph) -> None:
    found = embed(ring, QUICK)
    assert found.parts == {"text": (0, 16), "message": (16, 32), "structure": (32, 40)}
    assert found.entity.shape == (len(ring.terms), 40) and found.entity.dtype == np.float32
    assert found.relation.shape == (len(ring.relations), 40) and found.relation.dtype == np.float32
    assert not found.relation[:, found.columns("message")].any()
    assert found.relation[:, found.columns("structure")].any()
    assert found.graph == ring.fingerprint


def test_text_and_message_parts_are_unit_vectors(ring: KnowledgeGraph) -> None:
    found = embed(ring, QUICK)
    for part in ("text", "message"):
        np.testing.assert_allclose(np.linalg.norm(found.entity[:, found.columns(part)], axis=1), 1, atol=1e-5)


def test_equal_graphs_get_equal_vectors(ring: KnowledgeGraph) -> None:
    np.testing.assert_array_equal(embed(ring, QUICK).entity, embed(ring, QUICK).entity)


def test_load_gives_what_save_was_given(ring: KnowledgeGraph, tmp_path: Path) -> None:
    saved = embed(ring, QUICK)
    saved.save(tmp_path / "embeddings")
    loaded = Embeddings.load(tmp_path / "embeddings", ring)
    np.testing.assert_array_equal(loaded.entity, saved.entity)
    np.testing.assert_array_equal(loaded.relation, saved.relation)
    assert (loaded.parts, loaded.graph, loaded.metrics) == (saved.parts, saved.graph, saved.metrics)


def test_embeddings_of_another_graph_are_refused(
    ring: KnowledgeGraph, graph_of: Callable[..., KnowledgeGraph], tmp_path: Path
) -> None:
    embed(ring, QUICK).save(tmp_path)
    assert Embeddings.load(tmp_path).graph == ring.fingerprint
    with pytest.raises(ArtifactError, match="another graph"):
        Embeddings.load(tmp_path, graph_of(("a", "likes", "b")))


def test_a_folder_without_embeddings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no embeddings"):
        Embeddings.load(tmp_path)


@pytest.mark.parametrize("fact", [("a", "likes", "a"), ("a", "likes", "b")])
def test_a_graph_of_one_edge_is_embedded(fact: tuple[str, str, str], graph_of: Callable[..., KnowledgeGraph]) -> None:
    found = embed(graph_of(fact), EmbedSettings())
    assert np.isfinite(found.entity).all()
    assert not any(found.metrics.values())


def test_progress_ends_at_one_for_every_part(ring: KnowledgeGraph) -> None:
    told: dict[str, float] = {}
    embed(ring, QUICK, told.__setitem__)
    assert told["message"] == told["structure"] == 1.0


def test_settings_refuse_unknown_keys_and_half_complex_numbers() -> None:
    for wrong in ({"epoch": 3}, {"structure_dim": 7}, {"epochs": 0}):
        with pytest.raises(ValidationError):
            EmbedSettings.model_validate(wrong)
