"""Ingestion against rdflib on the same files in the same run: python ingest_speed.py [DATA] [REPEATS].

The RDF of the data folder (test suites left out), first file by file as it came, then merged into one file a format
by rdflib itself. CPU-seconds, the best of REPEATS (3) of ours and the only one of rdflib's parse, which is given the
better case: it numbers nothing. Prints one JSON line: triples a CPU-second to integer arrays and to the whole graph,
how many times rdflib's parse each is, peak memory a million triples (of the merged file, in a process of its own).
"""

from __future__ import annotations

import gc
import json
import logging
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import rdflib

from kgpeft.errors import GraphError
from kgpeft.graph import KnowledgeGraph
from kgpeft.graph.columns import Columns
from kgpeft.graph.read import read, read_statements
from kgpeft.graph.settings import ReadSettings

SYNTAX = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml", ".owl": "xml", ".nq": "nquads", ".jsonld": "json-ld"}
LEFT_OUT = ("rdf_tests", "jsonld_tests", "obo_tests", "po")  # test cases; a file in Manchester syntax
MERGED = {"nt": "nt", "turtle": "ttl", "pretty-xml": "rdf"}
PLAIN = ReadSettings(import_depth=0)  # each file alone, as rdflib reads it
PEAK = """
import re, sys
from kgpeft.graph.columns import Columns
from kgpeft.graph.read import read_statements
from kgpeft.graph.settings import ReadSettings
def high():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
before = high()
rows = len(Columns(read_statements(sys.argv[1], settings=ReadSettings())).s)
print((high() - before) / rows * 1e6)
"""


def sources(data: Path) -> list[Path]:
    """The RDF files of the data folder."""
    every = (path for path in sorted(data.rglob("*")) if path.suffix in SYNTAX)
    return [path for path in every if path.relative_to(data).parts[0] not in LEFT_OUT]


def seconds(job: Callable[[], object], repeats: int) -> float:
    """The fewest CPU-seconds a job took."""
    found = []
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        job()
        found.append(time.process_time() - start)
    return min(found)


def parsed(path: Path) -> rdflib.Graph:
    """What rdflib reads."""
    graph = rdflib.Dataset(default_union=True) if path.suffix == ".nq" else rdflib.Graph()
    return graph.parse(path, format=SYNTAX[path.suffix])


def arrays(path: Path) -> Columns:
    """Triples as integer columns over sorted terms."""
    return Columns(read_statements(path, settings=PLAIN))


def whole(path: Path) -> KnowledgeGraph | None:
    """The projected graph; None of a file that only imports others."""
    with suppress(GraphError):
        return read(path, settings=PLAIN)
    return None


def compare(path: Path, repeats: int) -> dict[str, float]:
    """CPU-seconds of rdflib's parse and of ours, and how many triples there are."""
    spent = {"rdflib": seconds(lambda: parsed(path), 1), "arrays": seconds(lambda: arrays(path), repeats)}
    return {"triples": len(arrays(path).s), **spent, "graph": seconds(lambda: whole(path), repeats)}


def summary(found: list[dict[str, float]]) -> dict[str, float]:
    """Rates and ratios of some files together."""
    total = {key: sum(one[key] for one in found) for key in found[0]}
    rates = {f"{key}_per_s": round(total["triples"] / total[key]) for key in ("rdflib", "arrays", "graph")}
    times = {f"{key}_times_rdflib": round(total["rdflib"] / total[key], 1) for key in ("arrays", "graph")}
    return {"files": len(found), "triples": int(total["triples"]), **rates, **times}


def main(data: Path, repeats: int) -> None:
    logging.disable(logging.CRITICAL)  # rdflib writes thousands of lines about IRIs
    warnings.simplefilter("ignore")
    whole_graph, found = rdflib.Graph(), dict[str, dict[str, float]]()
    files = sources(data)
    whole(files[0])  # modules are loaded
    found["files"] = summary([compare(path, repeats) for path in files])
    for path in files:
        for triple in parsed(path):
            whole_graph.add(triple[:3])
    with tempfile.TemporaryDirectory() as folder:
        for name, suffix in MERGED.items():
            path = Path(folder) / f"merged.{suffix}"
            whole_graph.serialize(path, format=name)
            peak = subprocess.run([sys.executable, "-c", PEAK, str(path)], check=True, capture_output=True, text=True)
            found[suffix] = {**summary([compare(path, repeats)]), "mb_per_million": round(float(peak.stdout))}
    print(json.dumps({"benchmark": "ingest_speed", **found}))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
