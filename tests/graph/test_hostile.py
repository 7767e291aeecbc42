"""No hostile file hangs, crashes or reaches out.

Each gives a typed error or the right facts, in 5 s of processor time and 1 GiB.
"""

import json
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .hostile import NT, Case, benign, bombs, depths, encodings, entities, iris, remote, sizes, slow
from .hostile_forms import boxes, errors, tables, trees
from .hostile_places import archives, compressed, paths

HERE = Path(__file__).parent
GROUPS = (
    entities, bombs, benign, depths, sizes, slow, archives, compressed, remote, paths, encodings, iris, errors, tables,
    trees, boxes,
)  # fmt: skip
SECONDS, MEGABYTES = 5.0, 1024


class Worker:
    """A process that reads files; a new one after it died."""

    def __init__(self, warm: Path) -> None:
        self.warm = warm
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, str(HERE / "hostile_worker.py"), str(self.warm)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, path: Path) -> dict[str, Any]:
        """What came of a path, or how the process died of it."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(str(path)) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], 6 * SECONDS)
        if ready and (line := self.process.stdout.readline()):
            return json.loads(line)
        self.end()
        code, self.process = self.process.returncode, self._start()
        return {"died": f"died ({code})" if ready else "hangs"}

    def end(self) -> None:
        """Ends the process."""
        assert self.process.stdin and self.process.stdout
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    warm = tmp_path_factory.mktemp("warm") / "a.nt"
    warm.write_bytes(NT)
    worker = Worker(warm)
    yield worker
    worker.end()


def verdict(case: Case, said: dict[str, Any]) -> str:
    """What is wrong with what came of a case, or nothing."""
    if "died" in said:
        return f"the process {said['died']}"
    if "crash" in said:
        return str(said["crash"])
    if said["reached"]:
        return f"it reached out: {said['reached']}"
    if said["seconds"] > SECONDS or said["mb"] > MEGABYTES:
        return f"it took {said['seconds']:.1f} s and {said['mb']} MB"
    if isinstance(case.expected, str):
        good = "error" in said and case.expected in said["error"] and "\n" not in said["error"]
    else:
        good = not case.expected or case.expected <= {tuple(fact) for fact in said.get("facts", [])}
    return "" if good else str(said)[:500]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_hostile_files_give_an_error_or_the_right_facts(worker: Worker, tmp_path: Path, group: Callable[[], Any]):
    wrong, names = {}, set()
    for number, case in enumerate(group()):
        folder = tmp_path / str(number)
        folder.mkdir()
        if callable(case.content):
            path = case.content(folder)
        else:
            path = folder / "file"
            path.write_bytes(case.content)
        if problem := verdict(case, worker.read(path)):
            wrong[case.name] = problem
        assert case.name not in names
        names.add(case.name)
        shutil.rmtree(folder)
    assert not wrong
