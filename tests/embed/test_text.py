import multiprocessing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgpeft.embed.store import FILE, VectorStore
from kgpeft.embed.text import SHARD, TextEncoder
from kgpeft.graph import KnowledgeGraph
from kgpeft.models import DEFAULT_ENCODER, text_encoder


class Recorder:
    """Stands for a SentenceTransformer: a text's vector holds its length, and every text seen is written down."""

    tokenizer = None

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], **options: Any) -> np.ndarray:
        assert options["show_progress_bar"] is False
        self.seen += texts
        return np.array([[len(text), 1.0] for text in texts], np.float32)


def encoder_in(folder: Path) -> TextEncoder:
    made = TextEncoder.__new__(TextEncoder)
    made._model, made.dim, made._store = Recorder(), 2, VectorStore(folder)  # type: ignore[assignment]
    return made


def seen(encoder: TextEncoder) -> list[str]:
    return encoder._model.seen  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def encoder(tmp_path: Path) -> TextEncoder:
    return encoder_in(tmp_path / "store")


def rows(texts: Sequence[str]) -> np.ndarray:
    return np.array([[len(text), 1.0] for text in texts], np.float32).reshape(-1, 2)


def test_equal_texts_are_encoded_once_and_short_ones_first(encoder: TextEncoder) -> None:
    vectors = encoder.encode(["three", "a", "three", "to"])
    assert seen(encoder) == ["a", "to", "three"]
    np.testing.assert_array_equal(vectors[:, 0], [5, 1, 5, 2])


def test_no_texts_give_no_rows(encoder: TextEncoder) -> None:
    assert encoder.encode([]).shape == (0, 2)


def test_progress_grows_to_one(encoder: TextEncoder) -> None:
    told: list[float] = []
    encoder.encode([f"text {i}" for i in range(SHARD + 1)], told.append)
    assert told == sorted(told) and len(told) == 2 and told[-1] == 1.0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(st.lists(st.text(max_size=4), max_size=6), max_size=5))
def test_every_text_is_encoded_once_ever(calls: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, encoded = tmp_path_factory.mktemp("store"), []
    for texts in calls:
        encoder = encoder_in(folder)  # as another process finds the store
        np.testing.assert_array_equal(encoder.encode(texts), rows(texts))
        encoded += seen(encoder)
    assert sorted(encoded) == sorted({text for texts in calls for text in texts})


def test_what_is_not_to_be_kept_is_looked_up_and_not_written(encoder: TextEncoder) -> None:
    encoder.encode(["kept"])
    encoder.encode(["kept", "asked"], keep=False)
    encoder.encode(["kept", "asked"], keep=False)
    assert seen(encoder) == ["kept", "asked", "asked"]


@pytest.mark.parametrize("harm", [
    lambda file: file.write_bytes(file.read_bytes()[:-3]), lambda file: file.unlink(),
    lambda file: file.write_bytes(file.read_bytes()[:-1] + bytes([file.read_bytes()[-1] ^ 1])),
], ids=["cut", "gone", "flipped"])  # fmt: skip
def test_a_damaged_shard_is_told_of_and_made_again(
    harm: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder_in(tmp_path).encode(["a", "bb"])
    encoder_in(tmp_path).encode(["ccc"])
    harm(next(tmp_path.glob(f"*/{FILE}")))
    again = encoder_in(tmp_path)
    np.testing.assert_array_equal(again.encode(["a", "bb", "ccc"]), rows(["a", "bb", "ccc"]))
    assert seen(again) in (["a", "bb"], ["ccc"])
    assert "encoded again" in capsys.readouterr().err
    last = encoder_in(tmp_path)
    last.encode(["a", "bb", "ccc"])
    assert seen(last) == []


def _write(folder: Path, first: int) -> None:
    encoder = encoder_in(folder)
    for start in range(first, first + 30, 10):
        encoder.encode([f"text {i}" for i in range(start, start + 20)])


def test_processes_may_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(tmp_path, first)) for first in (0, 0, 10)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    texts, reader = [f"text {i}" for i in range(50)], encoder_in(tmp_path)
    np.testing.assert_array_equal(reader.encode(texts), rows(texts))
    assert seen(reader) == []


def test_a_killed_writer_leaves_nothing_that_is_read(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", die)
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(["a"])
    monkeypatch.undo()
    np.testing.assert_array_equal(encoder.encode(["a"]), rows(["a"]))


def test_roles_stay_apart(encoder: TextEncoder, toy: KnowledgeGraph) -> None:
    names, synonyms, meanings = (encoder.role(toy, role) for role in ("label", "exact", "definition"))
    assert synonyms.texts == ["biceps"] and toy.names[synonyms.entities[0]] == "biceps brachii"
    assert sorted(meanings.texts) == ["A muscle that bends the elbow.", "A tissue that contracts."]
    np.testing.assert_array_equal(names.vectors, rows(names.texts))
    assert len(encoder.role(toy, "hidden").vectors) == 0


@pytest.mark.models
def test_vectors_equal_those_of_the_sentence_transformer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sentence_transformers import SentenceTransformer

    folder = str(text_encoder(DEFAULT_ENCODER))
    monkeypatch.setenv("KGPEFT_HOME", str(tmp_path))
    texts = ["heart attack", "", "heart attack", "a garden chair of wood", "x" * 300, "μ " * 400]
    plain = SentenceTransformer(folder, device="cpu").encode(texts, normalize_embeddings=True)
    for _ in range(2):
        np.testing.assert_allclose(TextEncoder(folder).encode(texts), plain, atol=1e-5)
    assert len([*(tmp_path / "vectors").glob("*/*")]) == 1


@pytest.mark.models
def test_the_default_encoder_puts_synonyms_close_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    texts = ["heart attack", "myocardial infarction", "garden chair", ""]
    vectors = TextEncoder(DEFAULT_ENCODER).encode(texts, keep=False)
    assert vectors.shape == (4, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    attack, infarction, chair, _ = vectors
    assert attack @ infarction > attack @ chair + 0.3
    assert capfd.readouterr() == ("", "")
