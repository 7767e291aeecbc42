"""Question files: one JSON object a line, read strictly, written back byte for byte alike."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from kgpeft.errors import QuestionError

REQUIRED = ("id", "family", "question", "answers")
OPTIONAL = ("group", "stratum", "reason", "facts")
KEYS = (*REQUIRED, "subject", "relation", *OPTIONAL)
LEXICAL = "lexical"  # stratum of questions whose answer shares a word with the subject's name
SHAPE = '[["label", "alias", ...], ...], or [] where only an abstention is right'
TRIPLES = '[["subject", "relation", "object"], ...]'


@dataclass(frozen=True)
class Question:
    """One question; `answers` holds an alias set for each right entity or value, and is empty if unanswerable.

    `group`: the fact it is about; questions of one group are not independent. `stratum`: "lexical" or "non-lexical".
    `reason`: why there is no answer, or what an answer rests on beside facts. `facts`: the statements that support the
    answer, or correct a false presupposition, as (subject, relation, object).
    """

    id: str
    family: str
    question: str
    answers: tuple[tuple[str, ...], ...] = ()
    subject: str | None = None
    relation: str | None = None
    group: str = ""
    stratum: str = ""
    reason: str = ""
    facts: tuple[tuple[str, str, str], ...] = ()

    def __post_init__(self) -> None:
        """Without a group of its own a question is about its subject's relation, or stands alone."""
        if not self.group:
            about = f"{self.subject} {self.relation or ''}".strip() if self.subject else self.id
            object.__setattr__(self, "group", about)

    @property
    def answerable(self) -> bool:
        """Whether anything but an abstention can be right."""
        return bool(self.answers)


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
    rows = [{key: value for key, value in asdict(q).items() if value or key not in OPTIONAL} for q in questions]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
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
    for key in ("group", "stratum", "reason"):
        _expect(isinstance(row.get(key, ""), str), key, "a text", row.get(key), where)
    answers, facts = row["answers"], row.get("facts", [])
    _expect(isinstance(answers, list), "answers", SHAPE, answers, where)
    for aliases in answers:
        _expect(isinstance(aliases, list) and aliases, "answers", SHAPE, aliases, where)
        for alias in aliases:
            _expect(isinstance(alias, str) and alias.strip(), "answers", SHAPE, alias, where)
    whole = isinstance(facts, list) and all(isinstance(fact, list) and len(fact) == 3 for fact in facts)
    _expect(whole and all(isinstance(t, str) for fact in facts for t in fact), "facts", TRIPLES, facts, where)
    return Question(row["id"], row["family"], row["question"], tuple(map(tuple, answers)), row.get("subject"),
                    row.get("relation"), row.get("group", ""), row.get("stratum", ""), row.get("reason", ""),
                    tuple((s, r, o) for s, r, o in facts))


def _expect(holds: object, key: str, expected: str, found: object, where: str) -> None:
    if not holds:
        raise QuestionError(f"{key}: expected {expected}, found {json.dumps(found)[:60]}", where=where)
