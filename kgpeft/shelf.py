"""Where a run's artifacts are kept, and who is told how it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from kgpeft import artifacts
from kgpeft.summaries import summary

Inputs = dict[str, object]


class Progress(Protocol):
    """Who is told how a run goes on."""

    def step(self, stage: str, done: float, note: str = "") -> None:
        """A stage has done this share of its work, 0 to 1, with a word on how it goes."""

    def end(self, stage: str, summary: str, seconds: float, reused: bool) -> None:
        """A stage has ended."""


class Silent:
    """Tells nobody."""

    def step(self, stage: str, done: float, note: str = "") -> None:
        """Nothing."""

    def end(self, stage: str, summary: str, seconds: float, reused: bool) -> None:
        """Nothing."""


class Within:
    """A progress whose stages are part of another's."""

    def __init__(self, prefix: str, progress: Progress) -> None:
        self._prefix, self._progress = prefix, progress

    def step(self, stage: str, done: float, note: str = "") -> None:
        """As the other, of a stage within."""
        self._progress.step(self._prefix + stage, done, note)

    def end(self, stage: str, summary: str, seconds: float, reused: bool) -> None:
        """As the other, of a stage within."""
        self._progress.end(self._prefix + stage, summary, seconds, reused)


class Shelf:
    """A folder of artifacts, a stage each; what is there already is not built again."""

    def __init__(self, out: Path, progress: Progress) -> None:
        self.out, self.progress = out, progress
        self.timings: dict[str, float] = {}

    def keep(
        self, stage: str, inputs: Mapping[str, object], build: Callable[[Path], None],
        told: Callable[[], str] | None = None,
    ) -> Inputs:
        """Builds a stage unless it is there, and tells (what `told` says, if it was built); what identifies it."""
        begin, folder = time.perf_counter(), self.out / stage
        made = artifacts.keep(folder, stage, inputs, build)
        self.timings[stage] = time.perf_counter() - begin
        words = told() if told and made else summary(folder, stage)
        self.progress.end(stage, words, self.timings[stage], not made)
        return {"stage": stage, "key": artifacts.fingerprint(dict(inputs))}

    def step(self, stage: str, done: float, note: str = "") -> None:
        """Tells how far a stage is."""
        self.progress.step(stage, done, note)
