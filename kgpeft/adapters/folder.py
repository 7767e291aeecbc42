"""The adapter folder: what is written, what is checked when it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgpeft import artifacts
from kgpeft.adapters.adapter import Adapter
from kgpeft.adapters.weights import load_base, load_weights, save_weights
from kgpeft.embed import Embeddings, TextEncoder
from kgpeft.errors import ArtifactError
from kgpeft.graph import KnowledgeGraph
from kgpeft.models import base_model

ABOUT = "kgpeft.json"
KIND = "adapter"
READERS = Path(__file__).parent.parent / "readers"


def reader_for(base: str) -> Path | None:
    """The folder of the shipped reader for a base model; None where there is none yet."""
    folder = READERS / base.rsplit("/", 1)[-1].lower().removesuffix("-instruct")
    return folder if (folder / "adapter_config.json").is_file() else None


def write(folder: Path, adapter: Adapter, about: Mapping[str, Any]) -> None:
    """Writes weights, graph, embeddings and `about` (base, encoder, fingerprints, versions, training) into a folder."""
    save_weights(adapter.memory, folder)
    adapter.graph.save(folder / "graph")
    adapter.embeddings.save(folder / "embeddings")
    (folder / ABOUT).write_text(json.dumps(dict(about), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path | str) -> Adapter:
    """The adapter in a folder, ready to answer; ArtifactError if a file changed, is missing or is of another kind."""
    folder = find(Path(folder))
    artifacts.check(folder, KIND)
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    base, tokenizer = load_base(base_model(about["base"]))
    graph = KnowledgeGraph.load(folder / "graph")
    embeddings = Embeddings.load(folder / "embeddings", graph)
    encoder = TextEncoder(about["encoder"])
    return Adapter(load_weights(base, folder), tokenizer, graph, embeddings, encoder.encode)


def find(folder: Path) -> Path:
    """The adapter folder itself, or the one inside the folder of a run."""
    for place in (folder, folder / "adapter"):
        if (place / ABOUT).is_file():
            return place
    state = "no adapter here" if folder.is_dir() else "no such folder"
    raise ArtifactError(state, where=str(folder), remedy="give the folder that `kgpeft run` or `kgpeft train` wrote")
