"""KnowledgeGraph → Dataset: examples with the facts that support them, and the question file to measure with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgpeft.dataset.families import Asked, DatasetSettings, Families
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.dataset.questions import Question, read_questions, write_questions
from kgpeft.errors import ArtifactError, GraphError
from kgpeft.graph import KnowledgeGraph

if TYPE_CHECKING:
    import datasets

EXAMPLES, QUESTIONS, SPLIT = "examples.parquet", "questions.jsonl", "split.json"


@dataclass(frozen=True)
class Dataset:
    """Examples to train on, questions to measure with, and the edges that training must not see."""

    train: tuple[Asked, ...]
    test: tuple[Asked, ...]
    hidden: frozenset[int]
    graph: str  # fingerprint of the graph

    @property
    def questions(self) -> list[Question]:
        """The test questions."""
        return [asked.question for asked in self.test]

    @property
    def counts(self) -> dict[str, Any]:
        """How many examples there are, by family and by split."""
        families = Counter(a.question.family for a in (*self.train, *self.test))
        return {
            "examples": len(self.train) + len(self.test), "families": dict(sorted(families.items())),
            "splits": {"train": len(self.train), "test": len(self.test)},
        }

    def table(self) -> datasets.Dataset:
        """All examples as a Hugging Face table: messages, answers, facts (edge ids), family, split, ..."""
        import datasets

        rows = [_row(a, "train") for a in self.train] + [_row(a, "test") for a in self.test]
        return datasets.Dataset.from_list(rows)

    def save(self, folder: Path) -> None:
        """Writes examples.parquet, questions.jsonl and split.json."""
        folder.mkdir(parents=True, exist_ok=True)
        self.table().to_parquet(folder / EXAMPLES)
        write_questions(folder / QUESTIONS, self.questions)
        split = {"graph": self.graph, "hidden": sorted(self.hidden)}
        (folder / SPLIT).write_text(json.dumps(split) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Dataset:
        """What `save` wrote; ArtifactError where it is not there."""
        import datasets

        for name in (EXAMPLES, QUESTIONS, SPLIT):
            if not (folder / name).is_file():
                raise ArtifactError(f"no {name}", where=str(folder), remedy="make it with kgpeft dataset")
        split = json.loads((folder / SPLIT).read_text(encoding="utf-8"))
        table = datasets.Dataset.from_parquet(str(folder / EXAMPLES), keep_in_memory=True)
        tests = {q.id: q for q in read_questions(folder / QUESTIONS)}
        made = [(row["split"], _asked(row, tests)) for row in table]
        train, test = (tuple(a for s, a in made if s == wanted) for wanted in ("train", "test"))
        return cls(train, test, frozenset(split["hidden"]), split["graph"])


def write(graph: KnowledgeGraph, settings: DatasetSettings | None = None) -> Dataset:
    """The dataset of a graph: leakage-safe, the same for the same graph, settings and seed."""
    families = Families(graph, settings or DatasetSettings())
    train, test = tuple(families.train()), tuple(families.test())
    if not train and not test:
        raise GraphError(
            "nothing can be asked of this graph: it has no fact and no definition",
            remedy="give a source with facts, or more of its files",
        )
    return Dataset(train, test, families.hidden, graph.fingerprint)


def say(answers: Iterable[tuple[str, ...]]) -> str:
    """Answers as the model is taught to say them."""
    return "; ".join(aliases[0] for aliases in answers) or REFUSAL


def _row(asked: Asked, split: str) -> dict[str, Any]:
    q = asked.question
    messages = [{"role": "user", "content": q.question}, {"role": "assistant", "content": say(q.answers)}]
    return {
        "id": q.id, "messages": messages, "answers": [list(a) for a in q.answers], "facts": list(asked.facts),
        "family": q.family, "split": split, "subject": q.subject, "relation": q.relation,
    }


def _asked(row: dict[str, Any], tests: dict[str, Question]) -> Asked:
    if row["split"] == "test":
        return Asked(tests[row["id"]], tuple(row["facts"]))
    answers = tuple(tuple(a) for a in row["answers"])
    question = Question(
        row["id"], row["family"], row["messages"][0]["content"], answers, row["subject"], row["relation"]
    )
    return Asked(question, tuple(row["facts"]), trained=True)
