import json

import pytest

from kgpeft.dataset.questions import Question, read_questions, write_questions
from kgpeft.errors import QuestionError

GOOD = {
    "id": "1",
    "family": "fact",
    "question": "What treats gout?",
    "answers": [["colchicine"]],
    "subject": None,
    "relation": None,
}


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_what_is_written_is_read_back(tmp_path):
    questions = [
        Question("1", "fact", "Wer heilt Gicht? α", (("colchicine", "col"), ("b",)), "urn:gout", "urn:treats"),
        Question("2", "absent", "And what else?"),
        Question("3", "fact", "?", (("a",),), "urn:s", "urn:r", "fact 7", "lexical", "why", (("s", "r", "o"),)),
    ]
    write_questions(tmp_path / "q.jsonl", questions)
    assert read_questions(tmp_path / "q.jsonl") == questions


def test_subject_and_relation_may_be_left_out(tmp_path):
    row = {key: GOOD[key] for key in ("id", "family", "question", "answers")}
    assert read_questions(write(tmp_path / "q.jsonl", row))[0].subject is None


def test_an_empty_answer_list_is_unanswerable(tmp_path):
    assert not read_questions(write(tmp_path / "q.jsonl", GOOD | {"answers": []}))[0].answerable


def test_an_unknown_key_is_named_with_line_and_suggestion(tmp_path):
    path = write(tmp_path / "q.jsonl", GOOD, GOOD | {"id": "2", "anwsers": []})
    with pytest.raises(QuestionError, match=r"q\.jsonl:2: unknown key 'anwsers'.*did you mean 'answers'"):
        read_questions(path)


@pytest.mark.parametrize("key", ["id", "family", "question", "answers"])
def test_a_missing_key_is_named(tmp_path, key):
    row = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(QuestionError, match=rf"q\.jsonl:1: the key '{key}' is missing"):
        read_questions(write(tmp_path / "q.jsonl", row))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", 7),
        ("family", ""),
        ("question", " "),
        ("answers", "gout"),
        ("answers", ["gout"]),
        ("answers", [[]]),
        ("answers", [[""]]),
        ("answers", [[7]]),
        ("answers", None),
        ("subject", 1),
        ("relation", ""),
        ("relation", []),
        ("group", 3),
        ("stratum", None),
        ("facts", [["s", "r"]]),
        ("facts", "s r o"),
    ],
)
def test_a_value_of_the_wrong_shape_is_named_with_what_is_expected(tmp_path, key, value):
    with pytest.raises(QuestionError, match=rf"q\.jsonl:1: {key}: expected .*, found"):
        read_questions(write(tmp_path / "q.jsonl", GOOD | {key: value}))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "no question"), (b"{]", "not JSON"), (b"[]", "expected a JSON object"), (b"\xff\xfe\x00", "not UTF-8")],
)
def test_a_file_of_another_kind_is_an_error(tmp_path, content, message):
    (tmp_path / "q.jsonl").write_bytes(content)
    with pytest.raises(QuestionError, match=message):
        read_questions(tmp_path / "q.jsonl")


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(QuestionError, match="cannot read"):
        read_questions(tmp_path / "absent.jsonl")


def test_an_id_occurs_once(tmp_path):
    with pytest.raises(QuestionError, match="'1' occurs twice"):
        read_questions(write(tmp_path / "q.jsonl", GOOD, GOOD))


def test_questions_about_one_fact_are_one_group():
    one, other = (Question(i, "f", "?", (("a",),), "urn:s", "urn:r") for i in "12")
    assert one.group == other.group != Question("3", "f", "?", (), None, "urn:r").group
