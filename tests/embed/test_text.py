from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from kgpeft.embed.text import TextEncoder
from kgpeft.models import DEFAULT_ENCODER


class Recorder:
    """Stands for a SentenceTransformer: a text's vector holds its length, and every text seen is written down."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], **options: Any) -> np.ndarray:
        assert options["show_progress_bar"] is False
        self.seen += texts
        return np.array([[len(text), 1.0] for text in texts], np.float32)


@pytest.fixture
def encoder() -> TextEncoder:
    made = TextEncoder.__new__(TextEncoder)
    made._model, made.dim = Recorder(), 2  # type: ignore[assignment]
    return made


def test_equal_texts_are_encoded_once_and_short_ones_first(encoder: TextEncoder) -> None:
    vectors = encoder.encode(["three", "a", "three", "to"])
    assert encoder._model.seen == ["a", "to", "three"]
    np.testing.assert_array_equal(vectors[:, 0], [5, 1, 5, 2])


def test_no_texts_give_no_rows(encoder: TextEncoder) -> None:
    assert encoder.encode([]).shape == (0, 2)


def test_progress_grows_to_one(encoder: TextEncoder) -> None:
    told: list[float] = []
    encoder.encode([f"text {i}" for i in range(1200)], told.append)
    assert told == sorted(told) and len(told) == 3 and told[-1] == 1.0


@pytest.mark.models
def test_the_default_encoder_puts_synonyms_close_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    vectors = TextEncoder(DEFAULT_ENCODER).encode(["heart attack", "myocardial infarction", "garden chair", ""])
    assert vectors.shape == (4, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    attack, infarction, chair, _ = vectors
    assert attack @ infarction > attack @ chair + 0.3
    assert capfd.readouterr() == ("", "")
