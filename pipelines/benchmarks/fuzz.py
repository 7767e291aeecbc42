"""Mutated files for every reader, until one crashes or hangs: python fuzz.py [--kind KIND] [--seconds 600] [--processes 1].

Seeds are one small ontology in each format and, if the data folder is there, up to 40 small files of it; each input is
one of them after one to eight mutations (bytes changed, cut, doubled, exchanged with another seed's, tokens of all
formats put in), or, where those would mostly break what is around, after some inside of it (values of JSON, texts and
attributes of XML, what is compressed), all by fuzz_inputs.py. It is read as what it then looks like, and must give a graph whose audit adds up or a KgpeftError of one
line, within 5 CPU-seconds and 1 GiB. Runs in a process a kind; what kills it or anything else that is raised is a
finding, whose input is kept in --findings (default runs/fuzz). Prints one JSON line a kind: inputs, what became of them,
findings, the most CPU-seconds one took, the process's peak memory. Ends with 1 if there was a finding.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz_inputs import mutate, mutate_inside, seeds

from kgpeft.errors import KgpeftError, SourceError
from kgpeft.graph import read
from kgpeft.graph.sources.sniff import sniff

LIMIT, MEMORY = 5, 1 << 10  # CPU-seconds an input, MB of the process
LEAP = 100  # MB; a peak that got there in smaller steps is that of a leak, and the input kept is just the last one
GRACE = 60  # seconds of wall clock after which a process counts as stuck
SMALL, SAMPLE = 20_000, 40  # bytes of a file that is a seed, and how many of a format are
EVERY = 0.5  # seconds between two reports of a process
def found_seeds(data: Path) -> dict[str, list[bytes]]:
    """Small files of the data folder by format, the same ones every time."""
    found: dict[str, list[bytes]] = {}
    for path in sorted(path for path in data.rglob("*") if path.is_file() and path.stat().st_size <= SMALL):
        try:
            found.setdefault(_KIND.get(form := sniff(path).format, form), []).append(path.read_bytes())
        except SourceError:  # no source: most of the suites' manifests, for instance
            continue
    return {kind: random.Random(0).sample(files, min(SAMPLE, len(files))) for kind, files in found.items()}


_KIND = {"TriG": "Turtle", "N-Triples": "N-Quads"}


@dataclass
class Tally:
    """What became of the inputs of one kind."""

    became: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    peak_mb: int = 0

    def took(self, seconds: float) -> None:
        self.slowest_s = max(self.slowest_s, round(seconds, 3))
        self.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

    def add(self, other: Tally) -> None:
        self.became += other.became
        self.slowest_s, self.peak_mb = max(self.slowest_s, other.slowest_s), max(self.peak_mb, other.peak_mb)

    @property
    def findings(self) -> dict[str, int]:
        return {cause: number for cause, number in self.became.items() if cause not in ("graph", "error")}


def attempt(path: Path) -> str:
    """ "graph" or "error"; anything else that is raised is a finding."""
    try:
        audit = read(path).manifest["audit"]
    except KgpeftError as error:
        assert "\n" not in str(error)
        return "error"
    assert audit["triples"] == sum(audit[fate] for fate in ("edge", "annotation", "axiom", "structure", "dropped"))
    return "graph"


def child(asked: argparse.Namespace) -> None:
    """Reads mutated files and reports; the newest input lies in the folder, should the process die of it."""
    rng, every = random.Random(asked.seed), seeds()
    mine, others = every[asked.child], [data for texts in every.values() for data in texts]
    mine = mine + found_seeds(asked.data).get(asked.child, [])
    folder, tally = asked.findings, Tally()
    path, end, report = folder / "input", time.monotonic() + asked.seconds, 0.0
    path.write_bytes(mine[0])
    attempt(path)  # what is imported is no part of the first input
    while time.monotonic() < end:
        path.write_bytes(rng.choice((mutate, mutate_inside))(rng.choice(mine), others, rng))
        signal.setitimer(signal.ITIMER_PROF, LIMIT)  # its signal ends the process
        before, peak = sum(os.times()[:4]), tally.peak_mb
        tally.became[cause := result(path)] += 1
        tally.took(sum(os.times()[:4]) - before)
        if peak <= MEMORY < tally.peak_mb:
            tally.became[cause := "memory" if tally.peak_mb - peak > LEAP else "leak"] += 1
        if cause not in ("graph", "error"):
            keep(path, folder.parent, f"{asked.child}-{cause}")
        if time.monotonic() > report:
            report = time.monotonic() + EVERY
            print(json.dumps(vars(tally)), flush=True)
    print(json.dumps(vars(tally)), flush=True)


def result(path: Path) -> str:
    """What becomes of an input: a graph, an error, or what is raised and where."""
    try:
        return attempt(path)
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} {Path(where.filename).name}:{where.lineno}"


def keep(path: Path, findings: Path, title: str) -> None:
    """A finding for later; of its sort the first."""
    kept = findings / title.replace("/", "").replace(" ", "-")
    if path.exists() and not kept.exists():
        kept.write_bytes(path.read_bytes())


def fuzz(kind: str, asked: argparse.Namespace) -> Tally:
    """What became of the inputs of one kind, in processes one after the other if they die."""
    tally, seed, end = Tally(), asked.seed, time.monotonic() + asked.seconds
    folder = asked.findings / f".{kind.replace('/', '')}-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    while (left := end - time.monotonic()) > 1:
        cause, reports = run(["--child", kind, "--seconds", str(left), "--seed", str(seed)], asked, folder, left)
        if reports:
            tally.add(Tally(**{**json.loads(reports[-1]), "became": Counter(json.loads(reports[-1])["became"])}))
        if not cause:
            break
        tally.became[cause] += 1
        keep(folder / "input", asked.findings, f"{kind}-{cause}-{seed}")
        seed += 1000
    shutil.rmtree(folder)
    return tally


def run(options: list[str], asked: argparse.Namespace, folder: Path, seconds: float) -> tuple[str, list[str]]:
    """How a process ended, if not well, and its reports."""
    command = [sys.executable, __file__, *options, "--findings", str(folder), "--data", str(asked.data)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + GRACE)
    except subprocess.TimeoutExpired as error:
        return "stuck", [line for line in (error.stdout or b"").decode().splitlines() if line.endswith("}")]
    if done.returncode > 0:
        print(done.stderr[-2000:], file=sys.stderr)
    names = {0: "", -signal.SIGPROF: "hang"}
    return names.get(done.returncode, f"died {done.returncode}"), done.stdout.splitlines()


def line(kind: str, asked: argparse.Namespace) -> dict[str, Any]:
    tally = fuzz(kind, asked)
    inputs = tally.became["graph"] + tally.became["error"] + sum(tally.findings.values())
    told = {"benchmark": "fuzz", "kind": kind, "seconds": asked.seconds, "seed": asked.seed, "inputs": inputs}
    told |= {"graphs": tally.became["graph"], "errors": tally.became["error"], "findings": tally.findings}
    told |= {"slowest_s": tally.slowest_s, "peak_mb": tally.peak_mb}
    print(json.dumps(told), flush=True)
    return told


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=[*seeds()], help="one kind; all of them if left out")
    parser.add_argument("--seconds", type=float, default=600, help="a kind")
    parser.add_argument("--processes", type=int, default=1, help="kinds at a time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="a folder of more seeds, if it is there"
    )
    parser.add_argument("--findings", type=Path, default=Path("runs/fuzz"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked)
        return 0
    kinds = [asked.kind] if asked.kind else [*seeds()]
    with ThreadPoolExecutor(asked.processes) as pool:
        told = list(pool.map(lambda kind: line(kind, asked), kinds))
    return int(any(each["findings"] for each in told))


if __name__ == "__main__":
    sys.exit(main())
