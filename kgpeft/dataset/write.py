"""KnowledgeGraph → Dataset: examples with the facts that support them, and the question files to measure with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kgpeft.dataset.families import Families
from kgpeft.dataset.leakage import Leak, leaks
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.dataset.questions import Question, write_questions
from kgpeft.dataset.settings import EDITED, OUTSIDE, DatasetSettings
from kgpeft.dataset.splits import without
from kgpeft.dataset.writer import Asked
from kgpeft.errors import ArtifactError, GraphError
from kgpeft.graph import KnowledgeGraph
from kgpeft.graph.terms import packed
from kgpeft.graph.texts import Labels

if TYPE_CHECKING:
    import datasets

    from kgpeft.evidence.statements import Statement

EXAMPLES, QUESTIONS, SPLIT = "examples.parquet", "questions.jsonl", "split.json"
EDITED_QUESTIONS, OUTSIDE_QUESTIONS = "edited.jsonl", "outside.jsonl"


@dataclass(frozen=True)
class Edit:
    """How the graph changes after training, as edge ids and node ids: what is added, retracted and deleted."""

    added: frozenset[int] = frozenset()
    retracted: frozenset[int] = frozenset()
    deleted: frozenset[int] = frozenset()

    def before(self, graph: KnowledgeGraph) -> KnowledgeGraph:
        """The graph without the facts that are added after training; all nodes keep their numbers."""
        return _reduced(graph, self.added, frozenset())

    def after(self, graph: KnowledgeGraph) -> KnowledgeGraph:
        """The graph without what is retracted, and with deleted entities nameless; all nodes keep their numbers."""
        return _reduced(graph, self.retracted, self.deleted)


@dataclass(frozen=True)
class Dataset:
    """Examples to train on, questions to measure with, and what training must not see."""

    train: tuple[Asked, ...]
    test: tuple[Asked, ...]
    hidden: frozenset[int]  # edges
    graph: str  # fingerprint of the graph
    veiled: frozenset[int] = frozenset()  # entities whose definition and synonyms training must not see
    edit: Edit = Edit()
    unfilled: dict[str, str] = field(default_factory=dict, hash=False)  # family → how many there are and why not more
    dropped: tuple[str, ...] = ()  # test questions that training gave away, in words

    @property
    def questions(self) -> list[Question]:
        """The test questions on the graph as it is."""
        return [a.question for a in self.test if a.question.family not in (*EDITED, *OUTSIDE)]

    @property
    def edited(self) -> list[Question]:
        """The test questions that hold for `edit.after(graph)` alone."""
        return [a.question for a in self.test if a.question.family in EDITED]

    @property
    def outside(self) -> list[Question]:
        """General questions that are not about the graph: locality and retention."""
        return [a.question for a in self.test if a.question.family in OUTSIDE]

    @property
    def counts(self) -> dict[str, Any]:
        """How many examples there are, by family and by split; what could not be filled, and what was dropped."""
        families = Counter(a.question.family for a in (*self.train, *self.test))
        return {
            "examples": len(self.train) + len(self.test), "families": dict(sorted(families.items())),
            "splits": {"train": len(self.train), "test": len(self.test)},
            "tested": dict(Counter(a.question.family for a in self.test)), "unfilled": self.unfilled,
            "dropped": list(self.dropped),
        }

    def shown(self, statement: Statement) -> Statement | None:
        """What training may see of a statement; None if nothing."""
        if statement.relation_id < 0:
            return None if statement.entity_id in self.veiled else statement
        return without(statement, self.hidden)

    def leaks(self, graph: KnowledgeGraph) -> list[Leak]:
        """Every way in which training gives a test fact away; see `leakage.leaks`."""
        return leaks(graph, self.train, self.test, self.hidden, self.veiled)

    def table(self) -> datasets.Dataset:
        """All examples as a Hugging Face table: messages, answers, facts (edge ids), family, split, ..."""
        import datasets

        rows = [_row(a, "train") for a in self.train] + [_row(a, "test") for a in self.test]
        return datasets.Dataset.from_dict({key: [row[key] for row in rows] for key in rows[0]})

    def save(self, folder: Path) -> None:
        """Writes examples.parquet, split.json and three question files: questions, edited and outside."""
        folder.mkdir(parents=True, exist_ok=True)
        self.table().to_parquet(folder / EXAMPLES)
        files = {QUESTIONS: self.questions, EDITED_QUESTIONS: self.edited, OUTSIDE_QUESTIONS: self.outside}
        for name, questions in files.items():
            write_questions(folder / name, questions)
        about = {
            "graph": self.graph, "hidden": sorted(self.hidden), "veiled": sorted(self.veiled),
            "edit": {key: sorted(ids) for key, ids in vars(self.edit).items()}, "unfilled": self.unfilled,
            "dropped": list(self.dropped),
        }
        (folder / SPLIT).write_text(json.dumps(about) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Dataset:
        """What `save` wrote; ArtifactError where it is not there."""
        import datasets

        for name in (EXAMPLES, QUESTIONS, SPLIT):
            if not (folder / name).is_file():
                raise ArtifactError(f"no {name}", where=str(folder), remedy="make it with kgpeft dataset")
        about = json.loads((folder / SPLIT).read_text(encoding="utf-8"))
        if not {"veiled", "edit", "unfilled", "dropped"} <= about.keys():
            raise ArtifactError("the dataset is of an older version", where=str(folder), remedy="make it anew")
        table = datasets.Dataset.from_parquet(str(folder / EXAMPLES), keep_in_memory=True)
        made = [(row["split"], _asked(row)) for row in table]
        train, test = (tuple(a for s, a in made if s == wanted) for wanted in ("train", "test"))
        edit = Edit(**{key: frozenset(ids) for key, ids in about["edit"].items()})
        return cls(train, test, frozenset(about["hidden"]), about["graph"], frozenset(about["veiled"]), edit,
                   about["unfilled"], tuple(about["dropped"]))


def write(graph: KnowledgeGraph, settings: DatasetSettings | None = None) -> Dataset:
    """The dataset of a graph: the same for the same graph, settings and seed.

    Test questions that training gives away all the same are dropped, and `dropped` says why.
    """
    families = Families(graph, settings or DatasetSettings())
    train, test = tuple(families.train()), tuple(families.test())
    split = families.writer.split
    if not train and all(a.question.family in OUTSIDE for a in test):
        raise GraphError(
            "nothing can be asked of this graph: it has no definition, and no fact whose ends have names of their own",
            remedy="give a source with facts and labels, or more of its files",
        )
    edit = Edit(*(frozenset(ids) for ids in (
        split.edges["added fact"], split.edges["retracted fact"], split.entities["deleted entity"])))
    made = Dataset(train, test, split.hidden, graph.fingerprint, split.veiled, edit, families.unfilled)
    found = {leak.question: str(leak) for leak in reversed(made.leaks(graph))}
    kept = tuple(a for a in test if a.question.id not in found)
    return replace(made, test=kept, dropped=tuple(found[a.question.id] for a in test if a.question.id in found))


def say(answers: Iterable[tuple[str, ...]]) -> str:
    """Answers as the model is taught to say them."""
    return "; ".join(aliases[0] for aliases in answers) or REFUSAL


def _reduced(graph: KnowledgeGraph, edges: frozenset[int], nodes: frozenset[int]) -> KnowledgeGraph:
    keep = np.ones(len(graph.edges), bool)
    keep[sorted(edges)] = False
    keep &= ~np.isin(graph.edges[:, [0, 2]], sorted(nodes)).any(1)
    columns: dict[str, Any] = {name: getattr(graph, name)[keep] for name in ("edges", "patterns", "origins", "lines")
                               if len(getattr(graph, name)) == len(keep)}
    if nodes:
        columns["names"] = packed([["" if node in nodes else name for node, name in enumerate(graph.names)]])
        columns["labels"] = Labels.of(label for label in graph.labels if label.entity not in nodes)
        left = np.flatnonzero([label.entity not in nodes for label in graph.labels])
        columns["places"] = graph.places[left] if len(graph.places) == len(graph.labels) else graph.places
    return replace(graph, **columns)


def _row(asked: Asked, split: str) -> dict[str, Any]:
    q = asked.question
    messages = [{"role": "user", "content": q.question}, {"role": "assistant", "content": say(q.answers)}]
    return {
        "id": q.id, "messages": messages, "answers": [list(a) for a in q.answers], "facts": list(asked.facts),
        "family": q.family, "split": split, "subject": q.subject, "relation": q.relation, "group": q.group,
        "stratum": q.stratum, "reason": q.reason, "statements": [list(fact) for fact in q.facts],
    }


def _asked(row: dict[str, Any]) -> Asked:
    answers = tuple(tuple(a) for a in row["answers"])
    question = Question(
        row["id"], row["family"], row["messages"][0]["content"], answers, row["subject"], row["relation"], row["group"],
        row["stratum"], row["reason"], tuple((s, r, o) for s, r, o in row["statements"]),
    )
    return Asked(question, tuple(row["facts"]), trained=row["split"] == "train")
