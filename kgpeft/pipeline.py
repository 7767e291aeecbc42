"""The road: sources → graph → embeddings → dataset → weights → answers → evaluation → adapter, each an artifact."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kgpeft import __version__, artifacts
from kgpeft.models import identity
from kgpeft.recipe import Recipe, build
from kgpeft.summaries import summary

if TYPE_CHECKING:
    from kgpeft.adapters.adapter import Adapter
    from kgpeft.adapters.folder import Parts
    from kgpeft.dataset import Dataset, Question
    from kgpeft.evaluation.report import Context
    from kgpeft.graph import KnowledgeGraph

Inputs = dict[str, object]


class Progress(Protocol):
    """Who is told how a run goes on."""

    def step(self, stage: str, done: float) -> None:
        """A stage has done this share of its work, 0 to 1."""

    def end(self, stage: str, summary: str, seconds: float, reused: bool) -> None:
        """A stage has ended."""


class Silent:
    """Tells nobody."""

    def step(self, stage: str, done: float) -> None:
        """Nothing."""

    def end(self, stage: str, summary: str, seconds: float, reused: bool) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Result:
    """What a run made."""

    adapter: Path
    report: Path
    seconds: float
    systems: dict[str, Any]


def run(recipe: Recipe, out: Path, progress: Progress | None = None) -> Result:
    """Runs a recipe into a folder; finished stages are reused, so a second or a resumed run starts where it ended."""
    begin = time.perf_counter()
    Run(recipe, out, progress or Silent()).all()
    metrics = json.loads((out / "evaluation" / "metrics.json").read_text(encoding="utf-8"))
    return Result(
        out / "adapter", out / "evaluation" / "report.html", time.perf_counter() - begin, metrics["systems"]
    )


def adapt(*sources: str | Path, out: str | Path, **settings: Any) -> Adapter:
    """The adapter of some sources, made in the folder `out` and ready to answer.

    Settings are a recipe's keys: ``adapt("minerals.ttl", out="runs/minerals", train={"seconds": 30})``.
    """
    from kgpeft.adapters.folder import load

    recipe = build({**settings, "sources": [str(source) for source in sources]})
    return load(run(recipe, Path(out)).adapter)


class Run:
    """The stages of one recipe; what a stage made is loaded only when a later stage must be built."""

    def __init__(self, recipe: Recipe, out: Path, progress: Progress) -> None:
        self.recipe, self.out, self.progress = recipe, out, progress
        self._loaded: dict[str, Any] = {}
        self.timings: dict[str, float] = {}

    def all(self) -> None:
        """Every stage, in order."""
        graph = self.graph()
        embeddings = self.embeddings(graph)
        dataset = self.dataset(graph)
        weights = self.weights(embeddings, dataset)
        evaluation = self.evaluation(weights, dataset)
        self.adapter(weights, evaluation)

    # stages ----------------------------------------------------------------------------------------------------------
    def graph(self) -> Inputs:
        """Sources → KnowledgeGraph."""
        def build(folder: Path) -> None:
            from kgpeft.graph import read

            read(*self.recipe.sources, settings=self.recipe.ingest).save(folder)

        return self._keep("graph", ingredients(self.recipe), build)

    def embeddings(self, graph: Inputs) -> Inputs:
        """KnowledgeGraph → Embeddings."""
        settings = self.recipe.embed

        def build(folder: Path) -> None:
            from kgpeft.embed import embed

            shares = {"text": (0.0, 0.6), "message": (0.6, 0.1), "structure": (0.7, 0.3)}

            def tell(part: str, done: float) -> None:
                start, share = shares[part]
                self.progress.step("embeddings", start + share * done)

            embed(self._graph(), settings, tell).save(folder)

        inputs = {"graph": graph, "embed": settings.model_dump(), "encoder": identity(settings.encoder)}
        return self._keep("embeddings", inputs, build)

    def dataset(self, graph: Inputs) -> Inputs:
        """KnowledgeGraph → examples and question file."""

        def build(folder: Path) -> None:
            from kgpeft.dataset import write

            write(self._graph(), self.recipe.dataset).save(folder)

        return self._keep("dataset", {"graph": graph, "dataset": self.recipe.dataset.model_dump()}, build)

    def weights(self, embeddings: Inputs, dataset: Inputs) -> Inputs:
        """Dataset → tuned LoRA and graph injection."""
        from kgpeft.adapters.readers import reader_digest

        settings = self.recipe.train
        inputs: Inputs = {
            "embeddings": embeddings, "dataset": dataset, "base": identity(self.recipe.base),
            "train": settings.model_dump(), "reader": reader_digest(self.recipe.base, settings.reader),
        }

        def build(folder: Path) -> None:
            from kgpeft.training.tune import tune

            made = tune(self._parts(), self._dataset(), settings, lambda done: self.progress.step("weights", done))
            made.save(folder)

        return self._keep("weights", inputs, build)

    def evaluation(self, weights: Inputs, dataset: Inputs) -> Inputs:
        """Adapter → answers of every system, graded: metrics.json, report.html, answers.jsonl."""
        settings = self.recipe.evaluate
        questions: Inputs = {"dataset": dataset, "file": digest(settings.questions) if settings.questions else None}
        shared: Inputs = {"weights": weights, "questions": questions}
        for system in settings.systems:
            self._keep(f"answers/{system}", {**shared, "system": system}, partial(self._answer, system))

        def build(folder: Path) -> None:
            from kgpeft.evaluation.run import load_outputs, write_results

            outputs = {name: load_outputs(self.out / "answers" / name) for name in settings.systems}
            write_results(folder, self._graph(), self._questions(), outputs, self._context())

        return self._keep("evaluation", {**shared, "systems": settings.systems, "title": self.recipe.title}, build)

    def adapter(self, weights: Inputs, evaluation: Inputs) -> Inputs:
        """Everything that answering needs, in one folder that peft loads too."""

        def build(folder: Path) -> None:
            from kgpeft.adapters.folder import pack
            from kgpeft.evaluation.card import card

            metrics = json.loads((self.out / "evaluation" / "metrics.json").read_text(encoding="utf-8"))
            told = about(self.recipe, self._graph())
            pack(folder, self.out, told, card(told, metrics))

        return self._keep("adapter", {"weights": weights, "evaluation": evaluation}, build)

    # helpers ---------------------------------------------------------------------------------------------------------
    def _answer(self, system: str, folder: Path) -> None:
        from kgpeft.evaluation.run import save_outputs
        from kgpeft.evaluation.systems import answers

        questions = [q.question for q in self._questions()]
        stage = f"answers/{system}"

        trained = 0.5 if system == "lora" else 0.0

        def tell(done: int) -> None:
            self.progress.step(stage, trained + (1 - trained) * done / len(questions))

        save_outputs(answers(system, self._system(system, stage), questions, tell), folder)

    def _system(self, system: str, stage: str) -> Adapter:
        """The adapter a system answers with; closed-book LoRA is trained here, with the adapter's own budget."""
        from kgpeft.adapters.folder import assemble
        from kgpeft.training.tune import remember

        if system == "lora":
            tell = partial(self._half, stage)
            return remember(self._parts(), self._dataset(), self.recipe.train, tell)
        adapter: Adapter = self._load("system", lambda: assemble(self._parts(), self.out / "weights"))
        return adapter

    def _half(self, stage: str, done: float) -> None:
        self.progress.step(stage, done / 2)

    def _keep(self, stage: str, inputs: Mapping[str, object], build: Callable[[Path], None]) -> Inputs:
        begin, folder = time.perf_counter(), self.out / stage
        made = artifacts.keep(folder, stage, inputs, build)
        self.timings[stage] = time.perf_counter() - begin
        self.progress.end(stage, summary(folder, stage), self.timings[stage], not made)
        return {"stage": stage, "key": artifacts.fingerprint(dict(inputs))}

    def _load(self, name: str, read: Callable[[], Any]) -> Any:
        if name not in self._loaded:
            self._loaded[name] = read()
        return self._loaded[name]

    def _graph(self) -> KnowledgeGraph:
        from kgpeft.graph import KnowledgeGraph

        graph: KnowledgeGraph = self._load("graph", lambda: KnowledgeGraph.load(self.out / "graph"))
        return graph

    def _dataset(self) -> Dataset:
        from kgpeft.dataset import Dataset

        dataset: Dataset = self._load("dataset", lambda: Dataset.load(self.out / "dataset"))
        return dataset

    def _questions(self) -> list[Question]:
        from kgpeft.dataset import read_questions

        return read_questions(self.recipe.evaluate.questions or self.out / "dataset" / "questions.jsonl")

    def _parts(self) -> Parts:
        from kgpeft.adapters.folder import Parts
        from kgpeft.embed import Embeddings

        embeddings = self._load("embeddings", lambda: Embeddings.load(self.out / "embeddings", self._graph()))
        return Parts(self.recipe.base, self.recipe.embed.encoder, self._graph(), embeddings)

    def _context(self) -> Context:
        from kgpeft.evaluation.report import Context
        from kgpeft.evaluation.run import hardware, versions

        training = json.loads((self.out / "weights" / "training.json").read_text(encoding="utf-8"))
        model = {
            "base": self.recipe.base, "text encoder": self.recipe.embed.encoder,
            "tuning": f"{training['steps']} steps in {training['seconds']:.0f} s",
        }
        return Context(title(self.recipe), self._graph().manifest, model, versions(), dict(self.timings), hardware())


def about(recipe: Recipe, graph: KnowledgeGraph) -> dict[str, Any]:
    """What kgpeft.json says of an adapter."""
    counts = graph.manifest["counts"]
    return {
        "version": __version__, "title": title(recipe), "base": recipe.base, "encoder": recipe.embed.encoder,
        "recipe": recipe.model_dump(mode="json"),
        "graph": {"fingerprint": graph.fingerprint, "entities": counts["entities"], "edges": counts["edges"]},
    }


def title(recipe: Recipe) -> str:
    """The title of a recipe, or its first source's name."""
    return recipe.title or Path(recipe.sources[0]).stem


def ingredients(recipe: Recipe) -> Inputs:
    """What a graph is made of: version, sources, settings, and every local file that imports may come from."""
    from kgpeft.graph.sources.imports import held
    from kgpeft.graph.store import LAYOUT

    return {
        "version": __version__, "layout": LAYOUT, "sources": [digest(source) for source in recipe.sources],
        "ingest": recipe.ingest.model_dump(), "imports": held(recipe.ingest, recipe.sources),
    }


@cache
def _standard_input() -> str:
    return secrets.token_hex(32)


def digest(source: str) -> dict[str, str]:
    """A source by name and content; what is no file (an endpoint, say) by the whole of what it is called.

    Standard input is another one in each process.
    """
    if source == "-":
        return {"name": source, "sha256": _standard_input()}
    path = Path(source.removeprefix("rml:"))
    if path.is_dir():
        files = [file for file in sorted(path.rglob("*")) if file.is_file()]
        held = {str(file.relative_to(path)): artifacts.file_sha256(file) for file in files}
        return {"name": path.name, "sha256": artifacts.fingerprint(held)}
    if not path.is_file():
        return {"name": source, "sha256": ""}
    return {"name": path.name, "sha256": artifacts.file_sha256(path)}
