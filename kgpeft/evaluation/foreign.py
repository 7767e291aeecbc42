"""Question files of other projects, told by content: MetaQA, SimpleQuestions, WebQuestions and QALD.

Their answers are what their files say, their families are told by what they ask; subjects and relations are kept where
they are IRIs or identifiers of a graph. Whatever is none of these is read as kgpeft's own format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kgpeft.dataset.questions import Question, read_questions
from kgpeft.errors import QuestionError

WIKIDATA = "http://www.wikidata.org/"
_BRACKETED = re.compile(r"\[([^\]]+)\]")
_ID = re.compile(r"[QPR]\d+")
_BRANCH = re.compile(r"_\(([^)]*)\)$")  # what tells one Wikipedia article from others of its name


def read_any(path: str | Path) -> list[Question]:
    """The questions of a file in kgpeft's or another known format; QuestionError says what is wrong with it."""
    path = Path(path)
    reader = _told(path)
    if reader is None:
        return read_questions(path)
    text = path.read_text(encoding="utf-8-sig")
    questions = [q for q in reader(text, path) if q.answers]
    if not questions:
        raise QuestionError("no question with an answer in the file", where=str(path))
    return questions


def _told(path: Path) -> Callable[[str, Path], Iterator[Question]] | None:
    """The reader for what a file begins with."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            head = file.read(4096).lstrip()
    except (OSError, UnicodeDecodeError):
        return None  # told by read_questions
    line = head.partition("\n")[0].rstrip("\r")
    if head.startswith("["):
        return _webquestions if '"qText"' in head else None
    if head.startswith("{"):
        if '"triples"' in line and '"question"' in line:
            return _metaqa_triples
        return _qald if '"questions"' in head or '"dataset"' in head else None
    columns = line.split("\t")
    if len(columns) == 2 and _BRACKETED.search(columns[0]):
        return _metaqa
    return _simple if len(columns) == 7 and _ID.fullmatch(columns[4]) and _ID.fullmatch(columns[6]) else None


def _metaqa(text: str, path: Path) -> Iterator[Question]:
    """A question with its entity in brackets, a tab, and answers with | between them (Zhang et al. 2018)."""
    for n, line in _lines(text):
        question, tab, answers = line.partition("\t")
        if not tab:
            raise QuestionError("expected a question, a tab and answers", where=f"{path}:{n}")
        family = path.parent.name if path.parent.name.endswith("-hop") else "metaqa"
        said = tuple((a,) for a in dict.fromkeys(answers.split("|")) if a.strip())
        yield Question(f"metaqa-{n}", family, _BRACKETED.sub(r"\1", question), said)


def _metaqa_triples(text: str, path: Path) -> Iterator[Question]:
    """JSON lines with the question and the triples that answer it."""
    for n, line in _lines(text):
        row = _json(line, f"{path}:{n}")
        triples = [(t["h"], t["r"], t["t"]) for t in row["triples"]]
        said = tuple((t,) for t in dict.fromkeys(t for _, _, t in triples))
        yield Question(f"metaqa-{n}", "1-hop", _BRACKETED.sub(r"\1", row["question"]), said, facts=tuple(triples))


def _simple(text: str, path: Path) -> Iterator[Question]:
    """SimpleQuestions over Wikidata: question, subject, relation, object in words, then their identifiers."""
    for n, line in _lines(text):
        columns = line.split("\t")
        if len(columns) != 7:
            raise QuestionError(f"expected 7 columns, found {len(columns)}", where=f"{path}:{n}")
        question, *_, answer, subject, relation, _ = columns
        about = f"{WIKIDATA}entity/{subject}"
        by = f"{WIKIDATA}prop/direct/{relation}"
        family = "reverse" if relation.startswith("R") else "fact"
        yield Question(f"simple-{n}", family, question, ((answer,),), about, by)


def _webquestions(text: str, path: Path) -> Iterator[Question]:
    """A JSON list with qId, qText and answers (Berant et al. 2013)."""
    for row in _json(text, str(path)):
        said = tuple((a,) for a in dict.fromkeys(row["answers"]) if a.strip())
        yield Question(row["qId"], "set" if len(said) > 1 else "fact", row["qText"], said)


def _qald(text: str, path: Path) -> Iterator[Question]:
    """QALD JSON: English questions; IRIs are answered by their local name, with and without what tells namesakes."""
    for row in _json(text, str(path))["questions"]:
        asked = next((q["string"] for q in row["question"] if q["language"] == "en" and q.get("string")), "")
        said = tuple(dict.fromkeys(a for found in row["answers"] for a in _qald_answers(found)))
        kind = "yes or no" if row.get("answertype") == "boolean" else row.get("answertype") or "resource"
        if asked.strip():
            yield Question(f"qald-{row['id']}", kind, asked.strip(), said)


def _qald_answers(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    if isinstance(found.get("boolean"), bool):
        yield ("yes" if found["boolean"] else "no",)
    for binding in found.get("results", {}).get("bindings", []):
        for value in binding.values():
            yield tuple(dict.fromkeys(_names(value["value"]) if value["type"] == "uri" else [value["value"]]))


def _names(iri: str) -> Iterator[str]:
    local = unquote(re.split(r"[/#]", iri.rstrip("/"))[-1])
    yield _BRANCH.sub("", local).replace("_", " ")
    yield local.replace("_", " ")


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return ((n, line.rstrip("\r")) for n, line in enumerate(text.split("\n"), 1) if line.strip())


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise QuestionError(f"not JSON: {error.msg}", where=f"{where}, line {error.lineno}") from error
