"""One stage at a time: each verb's work, from folder to folder, and the JSON object it prints."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kgpeft import __version__
from kgpeft.artifacts import file_sha256, keep
from kgpeft.errors import ArtifactError
from kgpeft.pipeline import about, ingredients
from kgpeft.recipe import Recipe
from kgpeft.shelf import Progress

if TYPE_CHECKING:
    from kgpeft.adapters.adapter import Adapter
    from kgpeft.dataset import Dataset
    from kgpeft.embed import Embeddings
    from kgpeft.graph import KnowledgeGraph

COUNTS = ("triples", "entities", "relations", "edges", "labels")
UNREAD = "not read: "  # how a note on a file begins that lies beside sources
LISTED = 3  # quarantined statements that are shown


def ingest(recipe: Recipe, out: Path) -> dict[str, Any]:
    """Sources → a graph folder; counts of what was read, quarantined and dropped."""
    from kgpeft.graph import read

    begin = time.perf_counter()
    keep(out, "graph", ingredients(recipe), lambda folder: read(*recipe.sources, settings=recipe.ingest).save(folder))
    about = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return {
        **{key: about["counts"][key] for key in COUNTS},
        "quarantined": len(about["quarantined"]), "dropped": about["audit"]["dropped"],
        "seconds": _since(begin), "peak_mb": _peak_mb(), "graph": str(out), "audit": about["audit"],
        "details": {key: about[key] for key in ("quarantined", "dropped", "notes")},
    }


def remarks(ingested: dict[str, Any]) -> list[str]:
    """What a person must know of an ingested graph: notes, and the first quarantined statements."""
    details = ingested["details"]
    broken = [f"quarantined {q['source']}:{q['line']}: {q['reason']}" for q in details["quarantined"]]
    more = [f"... and {len(broken) - LISTED} more, listed in manifest.json"] if len(broken) > LISTED else []
    unread = [text for text in details["notes"] if text.startswith(UNREAD)]
    if len(unread) > LISTED:
        more.append(f"... and {len(unread) - LISTED} more files not read, listed in manifest.json")
    notes = [*(text for text in details["notes"] if text not in unread), *unread[:LISTED]]
    return [*(f"note: {text}" for text in notes), *broken[:LISTED], *more]


def open_graph(place: Path) -> KnowledgeGraph:
    """The graph in a folder, in the graph/ of a run or an adapter, or in a source file."""
    from kgpeft.graph import KnowledgeGraph, read

    if place.is_dir():
        return KnowledgeGraph.load(place / "graph" if (place / "graph").is_dir() else place)
    return read(place)


def inspect(place: Path, term: str | None) -> dict[str, Any]:
    """What a graph knows of a term, or what it holds altogether."""
    import numpy as np

    from kgpeft.graph import describe

    graph = open_graph(place)
    if term is not None:
        return describe(graph, term)
    edges = np.bincount(graph.edges[:, 1], minlength=len(graph.relations)).tolist()
    named = sorted(zip(edges, graph.relation_names, graph.relations, strict=True), key=lambda row: (-row[0], row[1:]))
    return {
        **graph.manifest, "sources": [source["path"] for source in graph.manifest["sources"]],
        "relations": [{"name": name, "iri": iri, "edges": count} for count, name, iri in named],
        "fingerprint": graph.fingerprint,
    }


def validate(places: Sequence[Path], shapes: Sequence[Path], seconds: float) -> dict[str, Any]:
    """Whether a saved graph, or what some sources state, conforms to SHACL shapes; every result."""
    from kgpeft.graph import ReadSettings
    from kgpeft.graph.read import read_statements
    from kgpeft.graph.validate import to_rdf
    from kgpeft.graph.validate import validate as check

    begin, settings = time.perf_counter(), ReadSettings(import_depth=0)
    saved = len(places) == 1 and any((places[0] / part).is_file() for part in ("manifest.json", "graph/manifest.json"))
    data = open_graph(places[0]).to_rdflib() if saved else to_rdf(read_statements(*places, settings=settings))
    made = check(data, to_rdf(read_statements(*shapes, settings=settings)), seconds)
    results = made.pop("results")
    return {**made, "seconds": _since(begin), "results": results}


def embed(place: Path, out: Path, recipe: Recipe, progress: Progress) -> dict[str, Any]:
    """Graph → an embeddings folder."""
    from kgpeft.embed import Embeddings

    begin, graph = time.perf_counter(), open_graph(place)
    inputs = {"graph": graph.fingerprint, "embed": recipe.embed.model_dump()}
    keep(out, "embeddings", inputs, lambda folder: _embed(graph, recipe, progress).save(folder))
    made = Embeddings.load(out, graph)
    return {
        "entities": graph.manifest["counts"]["entities"], "dim": made.entity.shape[1], "metrics": made.metrics,
        "seconds": _since(begin), "embeddings": str(out),
    }


def dataset(place: Path, out: Path, recipe: Recipe) -> dict[str, Any]:
    """Graph → a dataset folder: examples.parquet and questions.jsonl."""
    from kgpeft.dataset import Dataset, write

    begin, graph = time.perf_counter(), open_graph(place)
    inputs = {"graph": graph.fingerprint, "dataset": recipe.dataset.model_dump()}
    keep(out, "dataset", inputs, lambda folder: write(graph, recipe.dataset).save(folder))
    return {**Dataset.load(out).counts, "seconds": _since(begin), "dataset": str(out)}


@dataclass(frozen=True)
class Places:
    """Where training reads from; a dataset's graph and embeddings lie beside it unless told otherwise."""

    dataset: Path
    graph: Path | None = None
    embeddings: Path | None = None


def train(places: Places, out: Path, recipe: Recipe, progress: Progress) -> dict[str, Any]:
    """Dataset → an adapter folder, tuned on the dataset's training side."""
    from kgpeft.adapters.readers import reader_digest
    from kgpeft.dataset import Dataset

    examples = Dataset.load(places.dataset)
    graph = open_graph(places.graph or places.dataset.absolute().parent / "graph")
    if examples.graph != graph.fingerprint:
        raise ArtifactError("this dataset is of another graph", where=str(places.dataset), remedy="name its --graph")
    recipe = recipe.model_copy(update={"sources": tuple(source["path"] for source in graph.manifest["sources"])})
    embeddings = _embeddings(places, graph, recipe, progress)
    inputs = {
        "version": __version__, "graph": graph.fingerprint, "embeddings": embeddings.entity.tobytes(),
        "dataset": [file_sha256(places.dataset / name) for name in ("examples.parquet", "split.json")],
        "base": recipe.base, "encoder": recipe.embed.encoder, "train": recipe.train.model_dump(),
        "reader": reader_digest(recipe.base, recipe.train.reader),
    }
    keep(out, "adapter", inputs, partial(_pack, recipe, graph, embeddings, examples, progress))
    log = json.loads((out / "training.json").read_text(encoding="utf-8"))
    return {"adapter": str(out), **log}


def load_adapter(folder: Path) -> Adapter:
    """The adapter in a folder or in the folder of a run."""
    from kgpeft.adapters.folder import load

    return load(folder)


def ask(folder: Path, questions: Sequence[str], explained: bool, drawn: Path | None) -> list[dict[str, Any]]:
    """The answers of an adapter, with explanations if asked for; a picture for the first is written."""
    from kgpeft.adapters.explain import explain, picture

    adapter = load_adapter(folder)
    answers = adapter.ask_many(questions)
    if drawn is not None:
        drawn.write_text(picture(adapter, answers[0]), encoding="utf-8", newline="\n")
    told = [{"explanation": explain(adapter, answer)} if explained else {} for answer in answers]
    return [answer.to_dict() | more for answer, more in zip(answers, told, strict=True)]


def _embed(graph: KnowledgeGraph, recipe: Recipe, progress: Progress) -> Embeddings:
    from kgpeft.embed import embed

    return embed(graph, recipe.embed, lambda part, done: progress.step(f"embeddings: {part}", done))


def _embeddings(places: Places, graph: KnowledgeGraph, recipe: Recipe, progress: Progress) -> Embeddings:
    from kgpeft.embed import Embeddings

    beside = places.dataset.absolute().parent / "embeddings"
    if places.embeddings is None and not beside.is_dir():
        return _embed(graph, recipe, progress)
    return Embeddings.load(places.embeddings or beside, graph)


def _pack(recipe: Recipe, graph: KnowledgeGraph, embeddings: Embeddings, examples: Dataset, progress: Progress,
          draft: Path) -> None:
    from kgpeft.adapters.folder import Parts, pack
    from kgpeft.evaluation.card import card
    from kgpeft.training.tune import tune

    parts = Parts(recipe.base, recipe.embed.encoder, graph, embeddings)
    made = tune(parts, examples, recipe.train, lambda done: progress.step("weights", done))
    with TemporaryDirectory(dir=draft) as scratch:
        made.save(Path(scratch) / "weights")
        graph.save(Path(scratch) / "graph")
        embeddings.save(Path(scratch) / "embeddings")
        told = about(recipe, graph)
        pack(draft, Path(scratch), told, card(told, None))


def _since(begin: float) -> float:
    return round(time.perf_counter() - begin, 3)


def _peak_mb() -> float | None:
    """Most memory this process has held, in MiB; None where the system does not tell (Windows)."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
