import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import kgpeft.embed
from kgpeft.graph import KnowledgeGraph, read


class HashedEncoder:
    """Unit vectors [n, 16] that depend on the text alone."""

    def __init__(self, name: str) -> None:
        pass

    def encode(
        self, texts: Sequence[str], progress: Callable[[float], None] | None = None, keep: bool = True
    ) -> np.ndarray:
        rows = [np.random.default_rng(zlib.crc32(text.encode())).normal(size=16) for text in texts]
        vectors = np.array(rows, np.float32).reshape(-1, 16)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kgpeft.embed, "TextEncoder", HashedEncoder)


@pytest.fixture
def graph_of(tmp_path: Path) -> Callable[..., KnowledgeGraph]:
    """A graph made of (subject, relation, object) names."""

    def build(*facts: tuple[str, str, str]) -> KnowledgeGraph:
        path = tmp_path / f"facts{len(facts)}.tsv"
        path.write_text("".join("\t".join(fact) + "\n" for fact in facts), encoding="utf-8")
        return read(path)

    return build


@pytest.fixture
def ring(graph_of: Callable[..., KnowledgeGraph]) -> KnowledgeGraph:
    """40 nodes in a ring: 'next' to the one after, 'skip' to the one after that, 'mirror' both ways."""
    return graph_of(
        *(
            (f"node {i:02}", relation, f"node {j % 40:02}")
            for i in range(40)
            for relation, j in (("next", i + 1), ("skip", i + 2), ("mirror", 40 - i))
        )
    )
