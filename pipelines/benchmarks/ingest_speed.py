"""Ingestion against rdflib on the same files in the same run: python ingest_speed.py [DATA] [REPEATS].

The RDF of the data folder (test suites left out): its files as they came, read as one graph; then merged by rdflib into
one file a format. CPU-seconds: the best of REPEATS (3) of each, in alternation; rdflib's parse numbers nothing.
Prints one JSON line: triples a CPU-second to integer arrays, to the whole graph, and by the complete `kgpeft ingest` (a
process of its own, with the start of Python, its modules and saving), how many times rdflib's parse each is, and the
peak memory of arrays and graph a million triples beyond that of a process with all modules loaded.
"""

from __future__ import annotations

import gc
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import rdflib

from kgpeft.graph.columns import Columns
from kgpeft.graph.read import read, read_statements
from kgpeft.graph.settings import ReadSettings

SYNTAX = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml", ".owl": "xml", ".nq": "nquads", ".jsonld": "json-ld"}
LEFT_OUT = ("rdf_tests", "jsonld_tests", "obo_tests", "po")  # test cases; a file in Manchester syntax
MERGED = {"nt": "nt", "turtle": "ttl", "pretty-xml": "rdf"}
OURS = ("arrays", "graph", "command")
PLAIN = ReadSettings(import_depth=0)  # each file alone, as rdflib reads it
PEAK = """
import re, sys
from kgpeft.graph.columns import Columns
from kgpeft.graph.read import read, read_statements
def high():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
read(sys.argv[2])
before = high()
rows = len(Columns(read_statements(sys.argv[1])).s)
arrays = high()
read(sys.argv[1])
print((arrays - before) / rows * 1e6, (high() - before) / rows * 1e6)
"""


def sources(data: Path) -> list[Path]:
    """The RDF files of the data folder."""
    every = (path for path in sorted(data.rglob("*")) if path.suffix in SYNTAX)
    return [path for path in every if path.relative_to(data).parts[0] not in LEFT_OUT]


def seconds(job: Callable[[], object]) -> float:
    """The CPU-seconds a job takes."""
    gc.collect()
    start = time.process_time()
    job()
    return time.process_time() - start


def parsed(path: Path) -> rdflib.Graph:
    """What rdflib reads."""
    graph = rdflib.Dataset(default_union=True) if path.suffix == ".nq" else rdflib.Graph()
    return graph.parse(path, format=SYNTAX[path.suffix])


def arrays(paths: list[Path]) -> Columns:
    """Triples as integer columns over sorted terms."""
    return Columns(read_statements(*paths, settings=PLAIN))


def command(paths: list[Path]) -> float:
    """CPU-seconds of the complete `kgpeft ingest`."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [sys.executable, "-m", "kgpeft", "ingest", *map(str, paths), "--out", f"{folder}/graph", "--json"]
        arguments += ["--set", "ingest.import_depth=0"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(arguments, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(paths: list[Path], repeats: int) -> dict[str, float]:
    """CPU-seconds of rdflib's parse and of ours, and how many triples there are."""
    spent = [
        {
            "rdflib": seconds(lambda: [parsed(path) for path in paths]),
            "arrays": seconds(lambda: arrays(paths)),
            "graph": seconds(lambda: read(*paths, settings=PLAIN)),
            "command": command(paths),
        }
        for _ in range(repeats)
    ]
    return {"triples": len(arrays(paths).s), **{key: min(one[key] for one in spent) for key in spent[0]}}


def summary(found: list[dict[str, float]]) -> dict[str, float]:
    """Rates and ratios of some measurements together."""
    total = {key: sum(one[key] for one in found) for key in found[0]}
    rates = {f"{key}_per_s": round(total["triples"] / total[key]) for key in ("rdflib", *OURS)}
    times = {f"{key}_times_rdflib": round(total["rdflib"] / total[key], 1) for key in OURS}
    return {"triples": int(total["triples"]), **rates, **times}


def merge(files: list[Path], folder: Path) -> list[Path]:
    """All files as one graph, written once a format."""
    whole = rdflib.Graph()
    for path in files:
        for triple in parsed(path):
            whole.add(triple[:3])
    for name, suffix in MERGED.items():
        whole.serialize(folder / f"merged.{suffix}", format=name)
    return [folder / f"merged.{suffix}" for suffix in MERGED.values()]


def main(data: Path, repeats: int) -> None:
    logging.disable(logging.CRITICAL)  # rdflib writes thousands of lines about IRIs
    warnings.simplefilter("ignore")
    files = sources(data)
    read(files[0], settings=PLAIN)  # modules are loaded
    found = {"files": {"files": len(files), **summary([compare(files, repeats)])}}
    with tempfile.TemporaryDirectory() as folder:
        merged = merge(files, Path(folder))
        measured = [compare([path], repeats) for path in merged]
        for path, one in zip(merged, measured, strict=True):
            arguments = [sys.executable, "-c", PEAK, str(path), str(files[0])]
            peak = subprocess.run(arguments, check=True, capture_output=True, text=True)
            arrays_mb, graph_mb = (round(float(text)) for text in peak.stdout.split())
            found[path.suffix] = {**summary([one]), "arrays_mb_per_million": arrays_mb, "graph_mb_per_million": graph_mb}
        found["merged"] = summary(measured)
    print(json.dumps({"benchmark": "ingest_speed", **found}))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
