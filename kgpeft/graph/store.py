"""KnowledgeGraph ⇄ a folder of Arrow, npy and JSON."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kgpeft.errors import ArtifactError
from kgpeft.graph.model import KnowledgeGraph
from kgpeft.graph.notes import Notes
from kgpeft.graph.terms import Terms, arrow, narrow, numbers, strings
from kgpeft.graph.terms import load as read
from kgpeft.graph.terms import save as write
from kgpeft.graph.texts import Coded, Labels

if TYPE_CHECKING:
    import pyarrow as pa

LAYOUT = 2  # of the folder
_ARRAYS = {
    "edges": np.int32, "kinds": np.uint8, "patterns": np.uint8, "origins": np.int32, "lines": np.int32,
    "places": np.int32,
}  # fmt: skip


def save(graph: KnowledgeGraph, folder: Path) -> None:
    """Writes texts as Arrow, arrays as npy, and manifest.json.

    All but the last is mapped into memory again by ``load``, not read.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "nodes.arrow", term=arrow(graph.terms), name=arrow(graph.names))
    write(folder / "relations.arrow", term=arrow(graph.relations), name=arrow(graph.relation_names))
    labels = graph.labels
    write(folder / "labels.arrow", text=labels.text, role=_coded(labels.role), lang=_coded(labels.lang))
    write(folder / "notes.arrow", text=arrow(graph.notes.texts))
    np.save(folder / "notes.npy", graph.notes.rows)
    np.save(folder / "labels.npy", labels.entity)
    for name, kind in _ARRAYS.items():
        np.save(folder / f"{name}.npy", np.asarray(getattr(graph, name), kind))
    text = json.dumps(graph.manifest | {"axioms": graph.axioms, "fingerprint": graph.fingerprint}, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> KnowledgeGraph:
    """The graph saved in ``folder``; ArtifactError if it is not whole or not what was saved."""
    folder = Path(folder)
    try:
        graph, fingerprint = _load(folder)
    except FileNotFoundError as error:
        what = f"no saved graph here: {Path(str(error.filename)).name} is missing"
        raise ArtifactError(what, where=str(folder), remedy="make one with `kgpeft ingest`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError("the saved graph is damaged", where=str(folder), remedy="ingest it again") from error
    if graph.fingerprint != fingerprint:
        raise ArtifactError("the graph changed since it was saved", where=str(folder), remedy="ingest it again")
    return graph


def _load(folder: Path) -> tuple[KnowledgeGraph, str]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    nodes, relations, labels = (read(folder / f"{name}.arrow") for name in ("nodes", "relations", "labels"))
    axioms, fingerprint = manifest.pop("axioms"), manifest.pop("fingerprint")
    arrays = {name: _array(folder, name) for name in _ARRAYS}
    graph = KnowledgeGraph(
        terms=Terms(nodes["term"]),
        names=Terms(nodes["name"]),
        relations=relations["term"].to_pylist(),
        relation_names=relations["name"].to_pylist(),
        labels=Labels(_array(folder, "labels"), _decoded(labels["role"]), labels["text"], _decoded(labels["lang"])),
        axioms=axioms,
        manifest=manifest,
        notes=Notes(Terms(read(folder / "notes.arrow")["text"]), _array(folder, "notes")),
        **arrays,
    )
    return graph, fingerprint


def _array(folder: Path, name: str) -> NDArray[Any]:
    found: NDArray[Any] = np.load(folder / f"{name}.npy", mmap_mode="r")
    return found


def _coded(column: Coded) -> "pa.DictionaryArray":
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(narrow(column.index), strings(column.names))


def _decoded(array: "pa.DictionaryArray") -> Coded:
    return Coded(array.dictionary.to_pylist(), numbers(array.indices))
