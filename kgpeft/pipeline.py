"""The road: sources → graph → dataset → embeddings → weights → answers → evaluation → adapter, each an artifact."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgpeft import __version__, artifacts
from kgpeft.models import identity
from kgpeft.recipe import Recipe, build
from kgpeft.shelf import Inputs, Progress, Shelf, Silent, Within

if TYPE_CHECKING:
    from kgpeft.adapters.adapter import Adapter
    from kgpeft.adapters.folder import Parts
    from kgpeft.dataset import Dataset, Question
    from kgpeft.evaluation.claim import Evidence, Twin
    from kgpeft.evaluation.report import Context
    from kgpeft.evaluation.stage import Exam
    from kgpeft.graph import KnowledgeGraph

METRICS = "evaluation/metrics.json"


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


class Run(Shelf):
    """The stages of one recipe; what a stage made is loaded only when a later stage must be built."""

    def __init__(self, recipe: Recipe, out: Path, progress: Progress) -> None:
        super().__init__(out, progress)
        self.recipe = recipe
        self._loaded: dict[str, Any] = {}

    def all(self) -> None:
        """Every stage, in order."""
        parts = self.made()
        self.adapter(parts["weights"], self.evaluation(parts))

    def made(self) -> dict[str, Inputs]:
        """The stages up to the weights: what identifies graph, embeddings, dataset and weights."""
        graph = self.graph()
        dataset = self.dataset(graph)
        embeddings = self.embeddings(graph, dataset)
        weights = self.weights(embeddings, dataset)
        return {"graph": graph, "embeddings": embeddings, "dataset": dataset, "weights": weights}

    def measured(self) -> Exam:
        """The answers of every system, without conclusions."""
        parts = self.made()
        exam = self.exam(parts)
        self._answered(exam, parts)
        return exam

    # stages ----------------------------------------------------------------------------------------------------------
    def graph(self) -> Inputs:
        """Sources → KnowledgeGraph."""
        def build(folder: Path) -> None:
            from kgpeft.graph import read

            read(*self.recipe.sources, settings=self.recipe.ingest).save(folder)

        return self.keep("graph", ingredients(self.recipe), build)

    def embeddings(self, graph: Inputs, dataset: Inputs) -> Inputs:
        """KnowledgeGraph → Embeddings, which know nothing of the facts that are added after training."""
        settings = self.recipe.embed

        def build(folder: Path) -> None:
            from kgpeft.embed import embed

            shares = {"text": (0.0, 0.6), "message": (0.6, 0.1), "structure": (0.7, 0.3)}

            def tell(part: str, done: float) -> None:
                start, share = shares[part]
                self.progress.step("embeddings", start + share * done)

            whole = self._graph()
            replace(embed(self._dataset().edit.before(whole), settings, tell), graph=whole.fingerprint).save(folder)

        made_of = {"graph": graph, "dataset": dataset}
        inputs = made_of | {"embed": settings.model_dump(), "encoder": identity(settings.encoder)}
        return self.keep("embeddings", inputs, build)

    def dataset(self, graph: Inputs) -> Inputs:
        """KnowledgeGraph → examples and question file."""

        def build(folder: Path) -> None:
            from kgpeft.dataset import write

            write(self._graph(), self.recipe.dataset).save(folder)

        return self.keep("dataset", {"graph": graph, "dataset": self.recipe.dataset.model_dump()}, build)

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

        return self.keep("weights", inputs, build)

    def evaluation(self, parts: Mapping[str, Inputs]) -> Inputs:
        """Adapter → answers of every system, graded: metrics.json, report.html, answers.jsonl."""
        from kgpeft.evaluation.claim import Evidence

        settings, exam = self.recipe.evaluate, self.exam(parts)
        kept = self._answered(exam, parts)
        evidence = self._evidence(exam, parts) if settings.claim else Evidence()
        claim = {"claim": settings.claim, "runs": [digest(str(Path(run) / METRICS)) for run in settings.runs]}
        inputs = {"answers": kept, "title": self.recipe.title, **claim}
        return dict(exam.conclude(settings.systems, self._context, evidence, inputs))

    def exam(self, parts: Mapping[str, Inputs]) -> Exam:
        """The questions and the bench of this run; `parts` identifies graph, embeddings, dataset and weights."""
        from kgpeft.evaluation.bench import Bench
        from kgpeft.evaluation.stage import Exam
        from kgpeft.evaluation.systems import RIVALS

        asked = self.recipe.evaluate.questions
        needs = {
            "base": identity(self.recipe.base), "search": parts["embeddings"], "graph": parts["graph"],
            "weights": parts["weights"], "facts": parts["dataset"],
            "questions": digest(asked) if asked else {"all, edited too": parts["dataset"]},
            **{name: self._rival_inputs(name, parts) for name in RIVALS},
        }
        bench = Bench(
            self._parts, self.out / "weights", lambda name: self.out / "rivals" / name,
            facts=lambda: {a.question.id: a.facts for a in self._dataset().test},
            edit=None if asked else lambda graph: self._dataset().edit.after(graph),
        )
        return Exam(self.out, self, bench, self._questions, needs)

    def _answered(self, exam: Exam, parts: Mapping[str, Inputs]) -> Inputs:
        """Every system's answers, after the training of those that are rivals."""
        from kgpeft.evaluation.systems import RIVALS

        kept: Inputs = {}
        for system in self.recipe.evaluate.systems:
            if system in RIVALS:
                self.rival(system, parts)
            kept[system] = exam.answer(system)
        return kept

    def _evidence(self, exam: Exam, parts: Mapping[str, Inputs]) -> Evidence:
        """What the claim needs beside the answers; what is not gathered is missing, and fails it."""
        from kgpeft.evaluation.claim import Evidence, Shown

        found = [json.loads((Path(run) / METRICS).read_text(encoding="utf-8")) for run in self.recipe.evaluate.runs]
        within = Shelf(self.out / "outside", Within("outside/", self.progress))
        outside = replace(
            exam, out=within.out, shelf=within, parts={**exam.parts, "questions": {"outside": parts["dataset"]}},
            read=lambda: self._dataset().outside,
        )
        retention, local = outside.kept_ability()
        return Evidence(
            self._graph().fingerprint, self.recipe.base, [str(leak) for leak in self._dataset().leaks(self._graph())],
            exam.controls(), exam.followed(), self._twin(parts), retention, local, exam.flips(),
            runs=[Shown(**metrics["evaluation"]["claim"]["shown"]) for metrics in found],
        )

    def _twin(self, parts: Mapping[str, Inputs]) -> Twin:
        """The same road on the same graph under invented names, for ours and those it must beat."""
        from kgpeft.evaluation.claim import Roles, Twin

        systems = (Roles().ours, Roles().refusing, Roles().tuned)
        settings = self.recipe.evaluate.model_copy(update={"systems": systems, "claim": False, "questions": None})
        twin = _Twin(self.recipe.model_copy(update={"evaluate": settings}), self.out / "twin", self, parts["graph"])
        exam = twin.measured()
        return Twin(exam.questions, [exam.result(system) for system in systems])

    def rival(self, name: str, parts: Mapping[str, Inputs]) -> Inputs:
        """The weights of a closed-book LoRA or one that reads facts as text, trained with our budget."""
        from kgpeft.adapters.weights import save_weights
        from kgpeft.training.tune import rival

        stage = f"rivals/{name}"

        def build(folder: Path) -> None:
            tell = partial(self.step, stage)
            save_weights(rival(name, self._parts(), self._dataset(), self.recipe.train, tell).memory, folder)

        return self.keep(stage, self._rival_inputs(name, parts), build)

    def _rival_inputs(self, name: str, parts: Mapping[str, Inputs]) -> Inputs:
        return {
            "rival": name, "dataset": parts["dataset"], "base": identity(self.recipe.base),
            "train": self.recipe.train.model_dump(),
            "search": parts["embeddings"] if name == "lora+facts" else None,
        }

    def adapter(self, weights: Inputs, evaluation: Inputs) -> Inputs:
        """Everything that answering needs, in one folder that peft loads too."""

        def build(folder: Path) -> None:
            from kgpeft.adapters.folder import pack
            from kgpeft.evaluation.card import card

            metrics = json.loads((self.out / "evaluation" / "metrics.json").read_text(encoding="utf-8"))
            told = about(self.recipe, self._graph())
            pack(folder, self.out, told, card(told, metrics))

        return self.keep("adapter", {"weights": weights, "evaluation": evaluation}, build)

    # helpers ---------------------------------------------------------------------------------------------------------
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

        asked = self.recipe.evaluate.questions
        return read_questions(asked) if asked else [*self._dataset().questions, *self._dataset().edited]

    def _parts(self) -> Parts:
        from kgpeft.adapters.folder import Parts
        from kgpeft.embed import Embeddings

        embeddings = self._load("embeddings", lambda: Embeddings.load(self.out / "embeddings", self._graph()))
        return Parts(self.recipe.base, self.recipe.embed.encoder, self._graph(), embeddings)

    def _context(self) -> Context:
        from kgpeft.evaluation.report import Context
        from kgpeft.evaluation.run import versions

        training = json.loads((self.out / "weights" / "training.json").read_text(encoding="utf-8"))
        model = {
            "base": self.recipe.base, "text encoder": self.recipe.embed.encoder,
            "tuning": f"{training['steps']} steps in {training['seconds']:.0f} s",
        }
        return Context(title(self.recipe), self._graph().manifest, model, versions(), dict(self.timings))


class _Twin(Run):
    """The run on the renamed graph; whoever watches sees its stages as the twin's."""

    def __init__(self, recipe: Recipe, out: Path, original: Run, graph: Inputs) -> None:
        super().__init__(recipe, out, Within("twin/", original.progress))
        self._original, self._from = original, graph

    def graph(self) -> Inputs:
        """The original's graph under invented names."""
        def build(folder: Path) -> None:
            from kgpeft.evaluation.graphs import renamed

            renamed(self._original._graph()).save(folder)

        return self.keep("graph", {"renamed": self._from, "version": __version__}, build)


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
