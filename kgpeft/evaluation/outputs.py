"""What systems say: stored as it comes, so that neither an interruption nor a better grader asks a model again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kgpeft.dataset.questions import Question
from kgpeft.errors import ArtifactError

OUTPUTS, COST = "outputs.jsonl", "cost.json"
CHUNK = 256  # questions that are asked and stored together

Answerer = Callable[[Sequence[Question]], "list[Output]"]
Told = Callable[[Sequence["Output"]], None]


@dataclass(frozen=True)
class Output:
    """What a system returned for one question, with the facts it was given and the ones it cites."""

    text: str
    abstained: bool
    confidence: float  # 0 to 1; nan where a system does not say
    seconds: float
    facts: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    heard: int = 0  # tokens read
    spoken: int = 0  # tokens said


def save_outputs(outputs: Sequence[Output], folder: Path) -> None:
    """Writes a system's outputs, one JSON object a line."""
    (folder / OUTPUTS).write_text("".join(map(_line, outputs)), encoding="utf-8", newline="\n")


def load_outputs(folder: Path) -> list[Output]:
    """What `save_outputs` wrote; ArtifactError where it is not there or not that."""
    path = folder / OUTPUTS
    if not path.is_file():
        raise ArtifactError("no stored answers here", where=str(folder), remedy="run the evaluation first")
    return [_output(json.loads(line)) for line in path.read_text(encoding="utf-8").split("\n") if line]


def cost(folder: Path) -> dict[str, Any]:
    """What `ask_all` noted of the effort."""
    found: dict[str, Any] = json.loads((folder / COST).read_text(encoding="utf-8"))
    return found


def ask_all(
    opened: Callable[[], Answerer], questions: Sequence[Question], journal: Path, key: str, tell: Told
) -> tuple[list[Output], dict[str, Any]]:
    """A system's outputs to all questions, and what they cost: wall and CPU seconds, and MB at most.

    They are added to the journal (JSON lines, the first one names `key`) chunk by chunk. A journal of the same key is
    gone on with where its last whole chunk ends; the system is opened only if something is left to ask.
    """
    done, spent = _resumed(journal, key)
    tell(done)
    if len(done) < len(questions):
        answer = opened()
        with open(journal, "a", encoding="utf-8", newline="\n") as file:
            for start in range(len(done), len(questions), CHUNK):
                begin = time.perf_counter(), time.process_time()
                part = answer(questions[start : start + CHUNK])
                spent["wall_seconds"] += time.perf_counter() - begin[0]
                spent["cpu_seconds"] += time.process_time() - begin[1]
                spent["peak_mb"] = max(spent["peak_mb"], peak_mb())
                file.write("".join(map(_line, part)) + json.dumps({"spent": spent}) + "\n")
                file.flush()
                os.fsync(file.fileno())
                done += part
                tell(part)
    return done, spent


def peak_mb() -> float:
    """Most memory that this process has held, in MiB; 0 where the system does not tell (Windows)."""
    if os.name == "nt":
        return 0.0
    import resource
    import sys

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def _resumed(journal: Path, key: str) -> tuple[list[Output], dict[str, float]]:
    """The whole chunks of a journal, which is cut after them; a journal of another key begins anew."""
    head, chunk = json.dumps({"key": key}) + "\n", list[Output]()
    done, spent, end = list[Output](), {"wall_seconds": 0.0, "cpu_seconds": 0.0, "peak_mb": 0.0}, len(head)
    text = journal.read_bytes() if journal.is_file() else b""
    if not text.startswith(head.encode()):
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_text(head, encoding="utf-8", newline="\n")
        return done, spent
    place = end
    for line in text[end:].splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        place, row = place + len(line), json.loads(line)
        if "spent" in row:
            done, chunk, spent, end = done + chunk, [], row["spent"], place
        else:
            chunk.append(_output(row))
    os.truncate(journal, end)
    return done, spent


def _line(output: Output) -> str:
    return json.dumps(asdict(output), ensure_ascii=False) + "\n"


def _output(row: dict[str, Any]) -> Output:
    return Output(**{**row, "facts": tuple(row["facts"]), "citations": tuple(row["citations"])})
