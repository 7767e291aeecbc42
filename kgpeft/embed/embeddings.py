"""What the embed stage takes and gives: settings, and one vector per node and per relation."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from kgpeft.errors import ArtifactError
from kgpeft.graph import KnowledgeGraph
from kgpeft.models import DEFAULT_ENCODER

Progress = Callable[[str, float], None]  # name of the part, fraction done


class EmbedSettings(BaseModel):
    """How a graph is embedded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: str = Field(DEFAULT_ENCODER, description="sentence-transformers model that reads names")
    structure_dim: int = Field(64, gt=0, multiple_of=2, description="columns of the structure part")
    epochs: int | None = Field(None, gt=0, description="most epochs of the structure part; null: by the graph's size")
    seed: int = Field(0, ge=0)


@dataclass(frozen=True)
class Embeddings:
    """One vector a row; row numbers are the graph's node and relation ids."""

    entity: np.ndarray  # float32 [N, D]
    relation: np.ndarray  # float32 [R, D]
    parts: dict[str, tuple[int, int]]  # columns [first, last) of each part: text, message, structure
    graph: str  # fingerprint of the graph they describe
    metrics: dict[str, float]  # of the structure part: filtered mrr and hits@10 on n held-out edges; all 0 if n is 0

    def columns(self, part: str) -> slice:
        """The columns of one part: ``embeddings.entity[:, embeddings.columns("text")]``."""
        return slice(*self.parts[part])

    def save(self, folder: Path) -> None:
        """Write entity.npy, relation.npy and embeddings.json into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "entity.npy", self.entity)
        np.save(folder / "relation.npy", self.relation)
        facts = {"parts": self.parts, "graph": self.graph, "metrics": self.metrics}
        (folder / "embeddings.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, graph: KnowledgeGraph | None = None) -> "Embeddings":
        """What was saved; ArtifactError if there is nothing, or if it describes another graph than the one given."""
        facts_file = folder / "embeddings.json"
        if not facts_file.is_file():
            raise ArtifactError("no embeddings here", where=str(folder), remedy="make them with kgpeft embed")
        facts = json.loads(facts_file.read_text(encoding="utf-8"))
        if graph is not None and facts["graph"] != graph.fingerprint:
            raise ArtifactError(
                "these embeddings are of another graph",
                where=str(folder),
                instead=f"theirs is {facts['graph'][:12]}, the one given {graph.fingerprint[:12]}",
                remedy="run kgpeft embed on it",
            )
        facts["parts"] = {name: tuple(columns) for name, columns in facts["parts"].items()}
        return cls(np.load(folder / "entity.npy"), np.load(folder / "relation.npy"), **facts)
