"""The stage that measures: every system's answers, each kept as an artifact, then what they show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from kgpeft.adapters.prompts import LONGEST
from kgpeft.artifacts import fingerprint
from kgpeft.dataset.questions import Question
from kgpeft.dataset.settings import EDITED
from kgpeft.evaluation.bench import Bench
from kgpeft.evaluation.claim import Evidence, Followed
from kgpeft.evaluation.grading import Grade, grade
from kgpeft.evaluation.graphs import contrary, counterfactual
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.outputs import COST, Answerer, Output, ask_all, cost, load_outputs, save_outputs
from kgpeft.evaluation.report import Context, SystemResult
from kgpeft.evaluation.run import grade_outputs, hardware, versions, write_results
from kgpeft.evaluation.statistics import LOCALITY, locality
from kgpeft.evaluation.systems import CONTROLS, System, find
from kgpeft.evidence.linking import Linker

OURS = "kgpeft"
MOST_READ = 400  # statements of one thing that are compared with those that were read
OTHER_BATCH = 8  # questions read together when it is measured what the batch size changes
SMALL = f"{OURS}@{OTHER_BATCH}"

Inputs = Mapping[str, object]


class Keeper(Protocol):
    """Where artifacts are kept, and who is told."""

    def keep(
        self, stage: str, inputs: Inputs, build: Callable[[Path], None], told: Callable[[], str] | None = None
    ) -> dict[str, object]:
        """Builds a stage's folder unless it is there; what identifies it."""

    def step(self, stage: str, done: float, note: str = "") -> None:
        """A stage has done this share of its work, 0 to 1, with a word on how it goes."""


@dataclass(frozen=True)
class Exam:
    """Questions, who answers them, and where the answers are kept: `out`/answers/SYSTEM, `out`/evaluation."""

    out: Path
    shelf: Keeper
    bench: Bench
    read: Callable[[], Sequence[Question]]
    parts: Mapping[str, Any]  # what identifies the parts that systems need, and the "questions"

    @cached_property
    def questions(self) -> Sequence[Question]:
        """What is asked."""
        return self.read()

    @cached_property
    def names(self) -> NameIndex:
        """The names that the grader knows."""
        return NameIndex.from_graph(self.bench.graph)

    def answer(self, system: str) -> dict[str, object]:
        """A system's answers, made now or kept from before."""
        ours = system == SMALL
        made, bench = find(OURS if ours else system), self.bench
        bench = replace(bench, batch=OTHER_BATCH) if ours else bench
        needs = {need: self.parts[need] for need in made.needs}
        inputs = {"system": system, "questions": self.parts["questions"], "rule": rule(), **needs}
        stage = f"answers/{slug(system)}"
        journal, tally = self.out / "answers" / f".journal-{slug(system)}.jsonl", _Tally(self, stage)

        def build(folder: Path) -> None:
            outputs, spent = ask_all(lambda: _routed(made, bench), self.questions, journal, fingerprint(inputs), tally)
            save_outputs(outputs, folder)
            told = spent | {"hardware": hardware(), "versions": versions()}
            (folder / COST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

        kept = self.shelf.keep(stage, inputs, build, tally.told)
        journal.unlink(missing_ok=True)
        return kept

    def result(self, system: str) -> SystemResult:
        """A system's answers with their grades."""
        folder = self.out / "answers" / slug(system)
        return grade_outputs(system, load_outputs(folder), self.questions, self.names, cost(folder))

    def conclude(
        self, systems: Sequence[str], context: Callable[[], Context], evidence: Evidence, inputs: Inputs
    ) -> dict[str, object]:
        """metrics.json, report.html and the like, from stored answers; made anew if the grader has changed too."""

        def build(folder: Path) -> None:
            graph, results = self.bench.graph, [self.result(system) for system in systems]
            names = dict(zip(graph.relations, graph.relation_names, strict=True))
            told = replace(
                context(), relations=names, hardware=results[0].spent.get("hardware", ""), picture=self.picture)
            write_results(folder, self.questions, results, told, evidence)

        return self.shelf.keep("evaluation", {**inputs, "systems": list(systems), "code": code()}, build)

    def picture(self, question: Question, output: Output) -> str:
        """The neighbourhood of what a question names, with the facts that were read; nothing where it names nothing."""
        from kgpeft.evidence.picture import neighbourhood_svg
        from kgpeft.evidence.search import Evidence as Found
        from kgpeft.evidence.statements import statements

        graph, mentions = self.bench.graph, self.linker.link(question.question)
        every = [s for m in mentions for node in m.entities for s in statements(graph, node)[:MOST_READ]]
        read = tuple(dict.fromkeys(s for s in every if s.text in output.facts))
        if not mentions:
            return ""
        return neighbourhood_svg(graph, Found(question.question, tuple(mentions), read, (0.0,) * len(read)))

    @cached_property
    def linker(self) -> Linker:
        """What a question names."""
        return Linker(self.bench.graph)

    def controls(self) -> dict[str, SystemResult]:
        """Ours with other graphs."""
        for system in CONTROLS:
            self.answer(system)
        return {system: self.result(system) for system in CONTROLS}

    def followed(self) -> Followed:
        """How often ours answers as the counterfactual graph says, of facts that it got right from the true one."""
        self.answer("counterfactual")
        ours, graph = self.result(OURS), self.bench.graph
        said = load_outputs(self.out / "answers" / "counterfactual")
        found = contrary(self.questions, graph, counterfactual(graph))
        right = [i for i in found if ours.grades[i].outcome == "correct"]
        changed = [replace(self.questions[i], answers=found[i]) for i in right]
        new, old = (
            [grade(q, said[i].text, self.names).outcome for i, q in zip(right, asked, strict=True)].count("correct")
            for asked in (changed, [self.questions[i] for i in right])
        )
        return Followed(len(right), new, old)

    def flips(self) -> float:
        """The share of our answers that change when other questions are read beside them, and fewer at once."""
        self.answer(SMALL)
        one, other = (load_outputs(self.out / "answers" / slug(name)) for name in (OURS, SMALL))
        return sum(a.text != b.text for a, b in zip(one, other, strict=True)) / max(1, len(one))

    def kept_ability(self) -> tuple[dict[str, list[tuple[bool, bool]]], tuple[int, int]]:
        """Of general questions: by ability, whether the base is right and the adapted model is; how many stay the same.

        The adapted model is asked as the base is, without its graph.
        """
        for system in ("base", "adapted"):
            self.answer(system)
        before, after = (self.result(system) for system in ("base", "adapted"))
        pairs: dict[str, list[tuple[bool, bool]]] = {}
        for q, was, now in zip(self.questions, before.grades, after.grades, strict=True):
            if q.family != LOCALITY:
                pairs.setdefault(q.reason or q.family, []).append((was.outcome == "correct", now.outcome == "correct"))
        found = locality(self.questions, *([o.text for o in r.outputs] for r in (before, after)))
        return pairs, (round((found["same"] or 0.0) * found["n"]), found["n"])


def _routed(system: System, bench: Bench) -> Answerer:
    """A system's answers from the graph; to questions about its edit, from the edited graph."""
    as_it_is = system.open(bench)

    def answer(asked: Sequence[Question]) -> list[Output]:
        parts: dict[bool, list[int]] = {edited: [] for edited in (False, True)}
        for i, q in enumerate(asked):
            parts[q.family in EDITED].append(i)
        said: dict[int, Output] = {}
        for edited, part in parts.items():
            ask = system.open(bench.edited) if edited and bench.edit else as_it_is
            said.update(zip(part, ask([asked[i] for i in part]) if part else (), strict=True))
        return [said[i] for i in range(len(asked))]

    return answer


class _Tally:
    """Counts grades as answers come, for whoever watches."""

    def __init__(self, exam: Exam, stage: str) -> None:
        self.exam, self.stage, self.grades = exam, stage, list[Grade]()

    def __call__(self, outputs: Sequence[Output]) -> None:
        """Grades the next outputs and tells."""
        exam, start = self.exam, len(self.grades)
        asked = exam.questions[start : start + len(outputs)]
        self.grades += [grade(q, o.text, exam.names) for q, o in zip(asked, outputs, strict=True)]
        exam.shelf.step(self.stage, len(self.grades) / max(1, len(exam.questions)), self.told())

    def told(self) -> str:
        """How it goes, in words."""
        pairs = list(zip(self.exam.questions, self.grades, strict=False))
        sides: dict[bool, list[str]] = {s: [g.outcome for q, g in pairs if q.answerable == s] for s in (True, False)}
        rates = (("right", "correct", sides[True]), ("hallucinated", "incorrect", sides[True] + sides[False]),
                 ("refused rightly", "abstained", sides[False]))
        told = [f"{100 * of.count(outcome) / len(of):5.1f} % {words}" for words, outcome, of in rates if of]
        return ", ".join([f"{len(pairs):>5,} answers", *told])


def rule() -> dict[str, object]:
    """What every answer is made by: tokens at most, and where an answer ends."""
    return {"tokens": LONGEST, "ends": "line or sentence"}


def slug(system: str) -> str:
    """A system's name as the name of a folder."""
    return re.sub(r"[^\w.+@-]+", "-", system)


def code() -> str:
    """What tells one grader and report from another: the source of this package."""
    files = sorted(path for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".html", ".json"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
