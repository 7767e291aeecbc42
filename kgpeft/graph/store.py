"""KnowledgeGraph ⇄ a folder of Parquet, npy and JSON."""

import json
from pathlib import Path

import numpy as np

from kgpeft.errors import ArtifactError
from kgpeft.graph.model import KnowledgeGraph, Label
from kgpeft.graph.notes import Notes

_ARRAYS = {"edges": np.int32, "patterns": np.uint8, "origins": np.int32, "lines": np.int32, "places": np.int32}


def save(graph: KnowledgeGraph, folder: Path) -> None:
    """Writes nodes, relations, labels and the texts of notes as Parquet, arrays as npy, and manifest.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "nodes.parquet", {"term": graph.terms, "name": graph.names, "kind": graph.kinds})
    _write(folder / "relations.parquet", {"term": graph.relations, "name": graph.relation_names})
    columns = zip(*graph.labels, strict=True) if graph.labels else ([], [], [], [])
    _write(folder / "labels.parquet", dict(zip(Label._fields, map(list, columns), strict=True)))
    _write(folder / "notes.parquet", {"text": list(graph.notes.texts)})
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
    nodes, relations = _read(folder / "nodes.parquet"), _read(folder / "relations.parquet")
    labels = _read(folder / "labels.parquet")
    axioms, fingerprint = manifest.pop("axioms"), manifest.pop("fingerprint")
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
    graph = KnowledgeGraph(
        terms=nodes["term"],
        names=nodes["name"],
        kinds=np.asarray(nodes["kind"], np.uint8),
        relations=relations["term"],
        relation_names=relations["name"],
        labels=[Label(*row) for row in zip(*(labels[name] for name in Label._fields), strict=True)],
        axioms=axioms,
        manifest=manifest,
        notes=Notes(_read(folder / "notes.parquet")["text"], np.load(folder / "notes.npy", mmap_mode="r")),
        **arrays,
    )
    return graph, fingerprint


def _write(path: Path, columns: dict[str, object]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"kind": pa.uint8(), "entity": pa.int32()}
    arrays = {name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()}
    pq.write_table(pa.table(arrays), path, compression="zstd")


def _read(path: Path) -> dict[str, list]:  # type: ignore[type-arg]
    import pyarrow.parquet as pq

    return dict(pq.read_table(path, memory_map=True).to_pydict())
