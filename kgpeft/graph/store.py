"""KnowledgeGraph ⇄ a folder of Parquet, npy and JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.errors import ArtifactError
from kgpeft.graph.model import KnowledgeGraph, Label
from kgpeft.graph.notes import Notes
from kgpeft.graph.terms import Terms, packed
from kgpeft.graph.terms import load as read
from kgpeft.graph.terms import save as write

if TYPE_CHECKING:
    import pyarrow as pa

_ARRAYS = {"edges": np.int32, "patterns": np.uint8, "origins": np.int32, "lines": np.int32, "places": np.int32}


def save(graph: KnowledgeGraph, folder: Path) -> None:
    """Writes nodes and the texts of notes as Arrow, relations and labels as Parquet, arrays as npy, manifest.json.

    What grows with the nodes and edges, Arrow and npy, is mapped into memory again by ``load``, not read.
    """
    import pyarrow as pa

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "nodes.arrow", term=_array(graph.terms), name=_array(graph.names), kind=pa.array(graph.kinds))
    _write(folder / "relations.parquet", {"term": graph.relations, "name": graph.relation_names})
    columns = zip(*graph.labels, strict=True) if graph.labels else ([], [], [], [])
    _write(folder / "labels.parquet", dict(zip(Label._fields, map(list, columns), strict=True)))
    write(folder / "notes.arrow", text=_array(graph.notes.texts))
    np.save(folder / "notes.npy", graph.notes.rows)
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
    nodes, relations = read(folder / "nodes.arrow"), _read(folder / "relations.parquet")
    labels = _read(folder / "labels.parquet")
    axioms, fingerprint = manifest.pop("axioms"), manifest.pop("fingerprint")
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
    graph = KnowledgeGraph(
        terms=Terms(nodes["term"]),
        names=Terms(nodes["name"]),
        kinds=nodes["kind"].to_numpy(),
        relations=relations["term"],
        relation_names=relations["name"],
        labels=[Label(*row) for row in zip(*(labels[name] for name in Label._fields), strict=True)],
        axioms=axioms,
        manifest=manifest,
        notes=Notes(Terms(read(folder / "notes.arrow")["text"]), np.load(folder / "notes.npy", mmap_mode="r")),
        **arrays,
    )
    return graph, fingerprint


def _array(texts: Sequence[str]) -> "pa.Array":
    return packed([texts]).array if not isinstance(texts, Terms) or texts.renamed else texts.array


def _write(path: Path, columns: dict[str, object]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"entity": pa.int32()}
    arrays = {name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()}
    pq.write_table(pa.table(arrays), path, compression="zstd")


def _read(path: Path) -> dict[str, list]:  # type: ignore[type-arg]
    import pyarrow.parquet as pq

    return dict(pq.read_table(path, memory_map=True).to_pydict())
