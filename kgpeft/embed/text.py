"""Vectors of what texts mean, from a sentence encoder; every distinct text is encoded once, ever."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kgpeft.artifacts import fingerprint
from kgpeft.embed.store import VectorStore
from kgpeft.graph import KnowledgeGraph
from kgpeft.models import home, identity, text_encoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SHARD = 4096  # texts between two reports of progress; a killed run loses no more
BATCH = 64
VERSION = 1  # of how a text becomes a vector


class Named(NamedTuple):
    """The texts that entities have in one role, in the graph's order."""

    entities: np.ndarray  # int32 [n]
    texts: list[str]
    vectors: np.ndarray  # float32 [n, D]


class TextEncoder:
    """A sentence encoder on the CPU in float32; the same text gets the same vector, up to rounding.

    Vectors are kept under $KGPEFT_HOME by what the encoder's files and the text hold. The model is loaded only for a
    text that is not there yet.
    """

    def __init__(self, name: str) -> None:
        self._folder = text_encoder(name)
        which = fingerprint([VERSION, *identity(str(self._folder))[1:]])
        self._store = VectorStore(home() / "vectors" / which[:32])

    @cached_property
    def _model(self) -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer

        with _no_progress_bar():
            model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        return model.float()

    def encode(
        self, texts: Sequence[str], progress: Callable[[float], None] | None = None, keep: bool = True
    ) -> np.ndarray:
        """Unit vectors float32 [n, D]; progress is told the fraction done.

        What is not to be kept, such as users' questions, is looked up, but never written.
        """
        unique = sorted(set(texts), key=lambda text: (len(text), text))
        here, known = self._store.get(unique)
        missing = [text for text, found in zip(unique, here, strict=True) if not found]
        made = [known] if len(known) else []
        for start in range(0, len(missing), SHARD):
            shard = missing[start : start + SHARD]
            made.append(self._run(shard))
            if keep:
                self._store.add(shard, made[-1])
            if progress:
                progress((len(known) + start + len(shard)) / len(unique))
        if not unique:
            return self._run([])
        row = np.empty(len(unique), np.int64)
        row[np.argsort(~here, kind="stable")] = np.arange(len(unique))
        place = dict(zip(unique, row.tolist(), strict=True))
        vectors: np.ndarray = np.concatenate(made)[[place[text] for text in texts]]
        return vectors

    def role(self, graph: KnowledgeGraph, role: str) -> Named:
        """The graph's texts of one role ("label", "exact", "related", "narrow", "broad", "definition")."""
        found = [label for label in graph.labels if label.role == role]
        texts = [label.text for label in found]
        return Named(np.array([label.entity for label in found], np.int32), texts, self.encode(texts))

    def _run(self, texts: list[str]) -> np.ndarray:
        """Unit vectors [n, D], texts of as many tokens side by side: padding would take a third of the time."""
        order = np.argsort(self._lengths(texts), kind="stable")
        vectors = np.empty((len(texts), self.dim), np.float32)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = self._model.encode(
                [texts[row] for row in rows], batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True
            )
        return vectors

    @cached_property
    def dim(self) -> int:
        """Columns of a vector."""
        return len(self._model.encode("", show_progress_bar=False))

    def _lengths(self, texts: list[str]) -> list[int]:
        """Tokens of each text, or its characters where the encoder has no tokenizer of the usual kind."""
        from transformers import PreTrainedTokenizerBase

        tokenizer = self._model.tokenizer
        if not texts or not isinstance(tokenizer, PreTrainedTokenizerBase):
            return [len(text) for text in texts]
        most = self._model.max_seq_length
        return [len(ids) for ids in tokenizer(texts, truncation=most is not None, max_length=most)["input_ids"]]


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
