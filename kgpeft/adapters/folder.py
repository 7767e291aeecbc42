"""The adapter folder: what is written, what is checked when it is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kgpeft import artifacts
from kgpeft.adapters.adapter import Adapter
from kgpeft.adapters.weights import fresh, load_base, load_weights
from kgpeft.embed import Embeddings, TextEncoder
from kgpeft.errors import ArtifactError
from kgpeft.evidence.vectors import FactVectors
from kgpeft.graph import KnowledgeGraph
from kgpeft.models import base_model

ABOUT = "kgpeft.json"
KIND = "adapter"


@dataclass(frozen=True)
class Parts:
    """What an adapter is made of beside its weights."""

    base: str
    encoder: str
    graph: KnowledgeGraph
    embeddings: Embeddings


def assemble(parts: Parts, weights: Path | None, *, trainable: bool = False) -> Adapter:
    """The adapter of these parts with the weights in a folder, or with fresh ones that change nothing yet."""
    base, tokenizer = load_base(base_model(parts.base))
    base.name_or_path = parts.base  # what adapter_config.json shall name, wherever the model was found
    if weights is None:
        memory = fresh(base, FactVectors(parts.embeddings).dim)
    else:
        memory = load_weights(base, weights, trainable=trainable)
    encode = partial(TextEncoder(parts.encoder).encode, keep=False)  # what users ask is nobody's to store
    return Adapter(memory, tokenizer, parts.graph, parts.embeddings, encode)


def load(folder: Path | str) -> Adapter:
    """The adapter in a folder, ready to answer; ArtifactError if a file changed, is missing or is of another kind."""
    folder = find(Path(folder))
    return assemble(parts_of(folder), folder)


def parts_of(folder: Path) -> Parts:
    """What the adapter in a folder is made of beside its weights; ArtifactError as `load`."""
    artifacts.check(folder, KIND)
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    graph = KnowledgeGraph.load(folder / "graph")
    return Parts(about["base"], about["encoder"], graph, Embeddings.load(folder / "embeddings", graph))


def find(folder: Path) -> Path:
    """The adapter folder itself, or the one inside the folder of a run."""
    for place in (folder, folder / "adapter"):
        if (place / ABOUT).is_file():
            return place
    state = "no adapter here" if folder.is_dir() else "no such folder"
    raise ArtifactError(state, where=str(folder), remedy="give the folder that `kgpeft run` or `kgpeft train` wrote")


def pack(folder: Path, run: Path, about: Mapping[str, Any], card: str) -> None:
    """Fills an adapter folder from the stages of a run, with `about` in kgpeft.json and the model card."""
    shutil.copytree(run / "weights", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(artifacts.MANIFEST))
    for stage in ("graph", "embeddings"):
        shutil.copytree(run / stage, folder / stage, ignore=shutil.ignore_patterns(artifacts.MANIFEST))
    if (run / "evaluation").is_dir():
        shutil.copytree(run / "evaluation", folder / "eval", ignore=shutil.ignore_patterns(artifacts.MANIFEST))
    (folder / ABOUT).write_text(json.dumps(dict(about), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")
