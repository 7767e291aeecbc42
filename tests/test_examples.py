"""The examples run as they are written."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def ran(name: str, *arguments: object) -> str:
    command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_fits_on_a_screen(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 30


def test_reading_a_graph_shows_a_term_by_its_synonym():
    assert "galena is a sulfide mineral" in ran("1_read_a_graph.py")


def test_building_a_dataset_writes_the_question_file(tmp_path):
    assert "unknown entity" in ran("2_build_a_dataset.py", tmp_path)
    assert (tmp_path / "questions.jsonl").is_file()


@pytest.mark.slow
@pytest.mark.models
def test_adapting_and_asking_give_an_answer_with_its_fact(tmp_path):
    assert "kgpeft" in ran("3_adapt.py", tmp_path / "run", "--quick")
    assert "topaz — mohs hardness — 8.0" in ran("4_ask.py", tmp_path / "run", "How hard is topaz?")
