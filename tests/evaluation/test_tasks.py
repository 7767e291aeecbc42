"""Exported tasks hold every question once, and grade as here."""

import importlib.util
import json
import sys

import pytest
import yaml

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.grading import grade
from kgpeft.evaluation.names import NameIndex
from kgpeft.evaluation.tasks import Grader, export, question

ASKED = [
    Question("1", "held-out fact", "What is the biceps innervated by?", (("musculocutaneous nerve",),),
             facts=(("a", "b", "c"),)),
    Question("2", "unknown entity", "What is the zygote innervated by?"),
    Question("3", "held-out fact", "What is the deltoid innervated by?", (("axillary nerve", "circumflex nerve"),)),
]
SAID = ["the musculocutaneous nerve", "radial nerve", "I don't know.", "axillary nerve, zork", "", "Circumflex nerve."]


class Tagged(yaml.SafeLoader):
    pass


Tagged.add_constructor("!function", lambda loader, node: node.value)


@pytest.fixture(scope="module")
def folder(toy, tmp_path_factory):
    place = tmp_path_factory.mktemp("tasks")
    assert export(place, "muscles", ASKED, toy) == ["muscles", "muscles_held_out_fact", "muscles_unknown_entity"]
    return place


def test_every_question_is_in_one_task_and_survives(folder):
    rows = [json.loads(line) for path in folder.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    assert sorted((question(row) for row in rows), key=lambda q: q.id) == ASKED


@pytest.mark.parametrize("said", SAID)
def test_an_answer_has_the_same_grade_there(folder, toy, said):
    there, names = Grader(folder), NameIndex.from_graph(toy)
    for q in ASKED:
        doc = json.loads(json.dumps(q.__dict__))
        outcome = grade(q, said, names).outcome
        found = there.metrics(doc, said)
        assert found["hallucinated"] == (outcome == "incorrect") and found["correct"] == (outcome == "correct")
        assert found["correct"] + found["hallucinated"] + found["abstained"] == 1.0


def test_the_yaml_is_what_the_harness_reads(folder):
    task = yaml.load((folder / "muscles_held_out_fact.yaml").read_text("utf-8"), Tagged)
    assert task["process_results"] == "utils.process_results" and task["generation_kwargs"]["until"][0] == "\n\n"
    group = yaml.safe_load((folder / "muscles.yaml").read_text("utf-8"))
    assert group["task"] == ["muscles_held_out_fact", "muscles_unknown_entity"]


def test_utils_grade_from_their_own_folder(folder):
    spec = importlib.util.spec_from_file_location("exported_utils", folder / "utils.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    doc = json.loads(json.dumps(ASKED[1].__dict__))
    assert module.process_results(doc, ["I don't know."])["right"] == 1.0
    assert "exported_utils" not in sys.modules


def test_without_a_graph_the_answers_names_are_known(tmp_path):
    export(tmp_path, "q", ASKED, None)
    doc = json.loads(json.dumps(ASKED[0].__dict__))
    assert Grader(tmp_path).metrics(doc, "axillary nerve")["hallucinated"] == 1.0
