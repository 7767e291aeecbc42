"""Question files of other projects are told by content and asked as they stand."""

import json
from pathlib import Path

import pytest

from kgpeft.dataset.questions import Question, write_questions
from kgpeft.errors import QuestionError
from kgpeft.evaluation.foreign import read_any

DATA = Path(__file__).parents[2].parent / "shared" / "data"
QALD = {"dataset": {"id": "qald-9"}, "questions": [
    {"id": "7", "answertype": "resource", "question": [{"language": "de", "string": "Wo?"},
     {"language": "en", "string": "Where is it?"}],
     "answers": [{"results": {"bindings": [{"uri": {"type": "uri", "value": "http://e.org/New_York_(city)"}}]}}]},
    {"id": "8", "answertype": "boolean", "question": [{"language": "en", "string": "Is it?"}],
     "answers": [{"boolean": True}]},
    {"id": "9", "answertype": "number", "question": [{"language": "en", "string": "How many?"}], "answers": []},
]}


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "q").write_text(text, encoding="utf-8")
        return tmp_path / "q"

    return write


def test_metaqa_marks_its_entity_and_lists_its_answers(file):
    (q,) = read_any(file("what does [Tom Cullen] act in\tWeekend|Black Mirror\n"))
    assert q.question == "what does Tom Cullen act in" and q.answers == (("Weekend",), ("Black Mirror",))


def test_metaqa_with_triples(file):
    row = {"question": "what does [A] act in", "triples": [{"h": "A", "r": "starred_actors [inverse]", "t": "B"}]}
    (q,) = read_any(file(json.dumps(row) + "\n"))
    assert q.answers == (("B",),) and q.facts == (("A", "starred_actors [inverse]", "B"),)


def test_simplequestions_keep_their_identifiers(file):
    (q,) = read_any(file("who wrote it\tit\tP58\tJonathan Swift\tQ1422237\tP58\tQ41166\n"))
    assert q.answers == (("Jonathan Swift",),) and q.subject == "http://www.wikidata.org/entity/Q1422237"


def test_webquestions(file):
    (q,) = read_any(file(json.dumps([{"qId": "w1", "answers": ["Rome", "Rome"], "qText": "where?"}])))
    assert q == Question("w1", "fact", "where?", (("Rome",),))


def test_qald_is_asked_in_english_and_answered_by_names_truth_and_nothing_else(file):
    one, other = read_any(file(json.dumps(QALD)))
    assert one.question == "Where is it?" and one.answers == (("New York", "New York (city)"),)
    assert other.answers == (("yes",),) and other.family == "yes or no"


def test_ours_is_read_as_ours(tmp_path):
    asked = [Question("1", "fact", "what?\twhy?", (("a", "b"),)), Question("2", "absent", "who?")]
    write_questions(tmp_path / "q.jsonl", asked)
    assert read_any(tmp_path / "q.jsonl") == asked


@pytest.mark.parametrize("text", ["[1, 2]", "what is [x]\ty\nno tab\n", "", "{\"id\": 1}"])
def test_what_is_none_of_them_is_told(file, text):
    with pytest.raises(QuestionError):
        read_any(file(text))


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    ("name", "least"),
    [("metaqa/1-hop/dev.txt", 9000), ("metaqa/3-hop/dev.txt", 9000), ("metaqa/1-hop/dev.json", 9000),
     ("simplequestions_wd/labelled_valid.tsv", 135), ("webquestions/val.json", 700),
     ("qald/9/data/qald-9-train-multilingual.json", 300)],
)
def test_the_files_as_they_are_published(name, least):
    questions = read_any(DATA / name)
    assert len(questions) >= least and len({q.id for q in questions}) == len(questions)
