"""What was said is kept: an interruption costs the chunk under way, and no answer is asked for twice."""

import json

import pytest

from kgpeft.dataset.questions import Question
from kgpeft.errors import ArtifactError
from kgpeft.evaluation.outputs import CHUNK, Output, ask_all, load_outputs, save_outputs

QUESTIONS = [Question(f"q{i}", "fact", f"What is {i}?") for i in range(3 * CHUNK + 5)]


class Parrot:
    """Says each question, and may break off in its third chunk."""

    def __init__(self, breaks=False):
        self.asked, self.breaks = [], breaks

    def __call__(self, asked):
        if self.breaks and len(self.asked) == 2 * CHUNK:
            raise KeyboardInterrupt
        self.asked += asked
        return [Output(q.question, False, 0.5, 0.1, ("fact é",), ("cited",), 7, 3) for q in asked]


def ask(parrot, path, key="k"):
    return ask_all(lambda: parrot, QUESTIONS, path, key, lambda part: None)


def test_an_interrupted_system_goes_on_where_it_was(tmp_path):
    first, second = Parrot(breaks=True), Parrot()
    with pytest.raises(KeyboardInterrupt):
        ask(first, tmp_path / "j.jsonl")
    outputs, spent = ask(second, tmp_path / "j.jsonl")
    assert [o.text for o in outputs] == [q.question for q in QUESTIONS]
    assert first.asked + second.asked == QUESTIONS and spent["wall_seconds"] > 0 and spent["peak_mb"] > 1


@pytest.mark.parametrize("cut", [1, 40, 3000])
def test_a_journal_that_was_cut_loses_no_more_than_its_last_chunk(tmp_path, cut):
    path = tmp_path / "j.jsonl"
    whole, _ = ask(Parrot(), path)
    path.write_bytes(path.read_bytes()[:-cut])
    again = Parrot()
    assert ask(again, path)[0] == whole and len(again.asked) in (5, CHUNK + 5)


def test_answers_of_another_model_are_not_gone_on_with(tmp_path):
    ask(Parrot(), tmp_path / "j.jsonl", "one")
    again = Parrot()
    ask(again, tmp_path / "j.jsonl", "two")
    assert again.asked == QUESTIONS


def test_a_complete_journal_opens_no_system(tmp_path):
    whole, spent = ask(Parrot(), tmp_path / "j.jsonl")
    assert ask_all(None, QUESTIONS, tmp_path / "j.jsonl", "k", lambda part: None) == (whole, spent)


def test_outputs_survive_the_disk(tmp_path):
    outputs = [Output("a\u2028b", True, 0.1, 2.0, ("f",), (), 1, 2), Output("", False, 1.0, 0.0)]
    save_outputs(outputs, tmp_path)
    assert load_outputs(tmp_path) == outputs
    assert all(json.loads(line) for line in (tmp_path / "outputs.jsonl").read_text(encoding="utf-8").split("\n")[:-1])
    with pytest.raises(ArtifactError, match="no stored answers"):
        load_outputs(tmp_path / "gone")
