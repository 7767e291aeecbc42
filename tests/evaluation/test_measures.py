import json

import pytest

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.claim import Evidence, Followed
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.measures import evaluate
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.report import SystemResult

GOLD = (("a",), ("b",))
QUESTIONS = [
    *(Question(f"held {i}", "held-out fact", "?", GOLD, f"urn:{i}", "urn:r") for i in range(10)),
    *(Question(f"absent {i}", "fact absent", "?", (), f"urn:{i}", "urn:s") for i in range(10)),
    Question("local", "locality", "?", (("x",),)),
]


def system(name, outcome, text="a"):
    outputs = [Output(text, outcome == "abstained", i / 40, 0.1) for i in range(len(QUESTIONS))]
    return SystemResult(name, outputs, [Grade(outcome, "")] * len(QUESTIONS))


@pytest.fixture(scope="module")
def found():
    evidence = Evidence(controls={"empty": system("empty", "incorrect", "b")}, followed=Followed(9, 8, 1))
    return evaluate(QUESTIONS, [system("base", "incorrect", "b"), system("kgpeft", "abstained")], evidence)


def test_everything_is_json_without_nan(found):
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_keys_are_those_that_are_documented(found):
    told = evaluate.__doc__
    assert all(f"\n    {key}" in told or f" {key}:" in told or f"{key}, " in told for key in found)
    for system in found["systems"].values():
        assert all(f"`{key}`" in told for key in system)


def test_entities_are_counted_once(found):
    assert found["stratum"] == {"questions": 20, "groups": 20, "clusters": 10, "answerable": 10, "unanswerable": 10}


def test_an_empty_graph_answers_as_the_base_does(found):
    assert found["controls"]["empty"]["same"] == 1


def test_locality_compares_with_the_base(found):
    assert found["systems"]["base"]["locality"]["same"] == 1 and found["systems"]["kgpeft"]["locality"]["same"] == 0


def test_gates_name_what_is_met(found):
    assert {gate["name"] for gate in found["gates"] if gate["holds"]} == {
        "abstention recall", "hallucinated on held-out facts", "contradictions of the axioms"}


def test_without_questions_or_systems_nothing_is_claimed():
    for questions, results in (([], []), ([], [SystemResult("kgpeft", [], [])]), (QUESTIONS, [])):
        found = evaluate(questions, results)
        assert not found["claim"]["holds"] and json.dumps(found, allow_nan=False)
