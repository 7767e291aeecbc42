"""Vectors of what names mean, from a sentence encoder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from kgpeft.models import text_encoder

CHUNK = 512  # texts between two reports of progress
BATCH = 32
LONGEST = 64  # tokens of a text that are read


class TextEncoder:
    """A sentence encoder on the CPU in float32; the same text gets the same vector, up to rounding."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        with _no_progress_bar():
            self._model = SentenceTransformer(str(text_encoder(name)), device="cpu", local_files_only=True)
        self._model.float()
        self._model.max_seq_length = LONGEST
        self.dim = len(self._model.encode("", show_progress_bar=False))

    def encode(self, texts: Sequence[str], progress: Callable[[float], None] | None = None) -> np.ndarray:
        """Unit vectors float32 [n, D]; equal texts are encoded once, and texts of like length together."""
        unique = sorted(set(texts), key=lambda text: (len(text), text))
        rows = [np.empty((0, self.dim), np.float32)]
        for start in range(0, len(unique), CHUNK):
            chunk = unique[start : start + CHUNK]
            rows.append(self._model.encode(chunk, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True))
            if progress:
                progress((start + len(chunk)) / len(unique))
        row = {text: index for index, text in enumerate(unique)}
        vectors: np.ndarray = np.concatenate(rows)[[row[text] for text in texts]]
        return vectors


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Transformers loading weights in silence."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
