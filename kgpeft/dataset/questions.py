"""Question files: one JSON object a line, read strictly, written back byte for byte alike."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from kgpeft.errors import QuestionError

REQUIRED = ("id", "family", "question", "answers")
KEYS = (*REQUIRED, "subject", "relation")
SHAPE = '[["label", "alias", ...], ...], or [] where only an abstention is right'


@dataclass(frozen=True)
class Question:
    """One question; `answers` holds an alias set for each right entity or value, and is empty if unanswerable."""

    id: str
    family: str
    question: str
    answers: tuple[tuple[str, ...], ...] = ()
    subject: str | None = None
    relation: str | None = None

    @property
    def answerable(self) -> bool:
        """Whether anything but an abstention can be right."""
        return bool(self.answers)

    @property
    def group(self) -> tuple[str, str]:
        """The fact the question is about; questions of one group are not independent."""
        return (self.subject, self.relation or "") if self.subject else (self.id, "")


def read_questions(path: str | Path) -> list[Question]:
    """The questions of a file, in order; QuestionError names file, line, key and what is expected."""
    path = Path(path)
    questions: dict[str, Question] = {}
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        question = _question(_row(line, where), where)
        if question.id in questions:
            raise QuestionError(f"the id {question.id!r} occurs twice", where=where, remedy="give each its own")
        questions[question.id] = question
    if not questions:
        raise QuestionError("no question in the file", where=str(path), remedy="write one JSON object a line")
    return list(questions.values())


def write_questions(path: str | Path, questions: Iterable[Question]) -> None:
    """A file that `read_questions` reads back as the same questions."""
    lines = [json.dumps(asdict(question), ensure_ascii=False) + "\n" for question in questions]
    Path(path).write_text("".join(lines), encoding="utf-8", newline="\n")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise QuestionError(f"cannot read the question file: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise QuestionError("the question file is not UTF-8", where=str(path), remedy="save it as UTF-8") from error


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise QuestionError(f"not JSON: {error.msg} at column {error.colno}", where=where,
                            remedy="write one JSON object a line") from error
    if not isinstance(row, dict):
        raise QuestionError(f"expected a JSON object, found {type(row).__name__}", where=where)
    for key in row:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, 1)
            raise QuestionError(f"unknown key {key!r}", where=where, instead=f"the keys are {', '.join(KEYS)}",
                                remedy=f"did you mean {near[0]!r}?" if near else "remove the key")
    for key in REQUIRED:
        if key not in row:
            raise QuestionError(f"the key {key!r} is missing", where=where, instead=f"found {', '.join(row) or 'none'}")
    return row


def _question(row: dict[str, Any], where: str) -> Question:
    for key in ("id", "family", "question"):
        _expect(isinstance(row[key], str) and row[key].strip(), key, "a text that is not empty", row[key], where)
    for key in ("subject", "relation"):
        value = row.get(key)
        _expect(value is None or (isinstance(value, str) and value), key, "an IRI or null", value, where)
    answers = row["answers"]
    _expect(isinstance(answers, list), "answers", SHAPE, answers, where)
    for aliases in answers:
        _expect(isinstance(aliases, list) and aliases, "answers", SHAPE, aliases, where)
        for alias in aliases:
            _expect(isinstance(alias, str) and alias.strip(), "answers", SHAPE, alias, where)
    return Question(row["id"], row["family"], row["question"], tuple(map(tuple, answers)), row.get("subject"),
                    row.get("relation"))


def _expect(holds: object, key: str, expected: str, found: object, where: str) -> None:
    if not holds:
        raise QuestionError(f"{key}: expected {expected}, found {json.dumps(found)[:60]}", where=where)
