"""LUBM-like data of any size as N-Triples: python lubm.py TRIPLES [SEED] > lubm.nt; python lubm.py --scale [FOLDER].

Universities, departments, faculty, courses, students and publications in the proportions of the Lehigh University
Benchmark (Guo, Pan, Heflin: LUBM, 2005), written as a stream: memory does not grow, the same arguments give the same
bytes. `--scale [FOLDER] [SIZES]` reads 1e5, 1e6 and 1e7 triples (or SIZES) to arrays, to a saved graph, and by the
complete `kgpeft ingest` with the start of Python and its modules, each in a process of its own, and prints one JSON
line: CPU-seconds, peak memory of the process and the exponent of time over size (1 is linear).
`--disk TRIPLES [GB]` ingests so many by way of the disk (`ingest.on_disk`) and loads the graph, in a process whose whole
address space is limited (RLIMIT_AS, 1.5 GB); for up to 1e6 triples it compares every file with those of the way through
memory, byte for byte.
"""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from kgpeft.artifacts import file_sha256

UB = "http://swat.cse.lehigh.edu/onto/univ-bench.owl#"
OWL, RDF = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS, XSD = "http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2001/XMLSchema#"
CLASSES = {  # class -> class above
    "FullProfessor": "Professor", "AssociateProfessor": "Professor", "AssistantProfessor": "Professor",
    "Professor": "Faculty", "Lecturer": "Faculty", "Faculty": "Employee", "Employee": "Person",
    "UndergraduateStudent": "Student", "GraduateStudent": "Student", "Student": "Person", "Person": "",
    "University": "Organization", "Department": "Organization", "ResearchGroup": "Organization", "Organization": "",
    "GraduateCourse": "Course", "Course": "", "Publication": "",
}  # fmt: skip
FACULTY = {"FullProfessor": (7, 10), "AssociateProfessor": (10, 14), "AssistantProfessor": (8, 11), "Lecturer": (5, 7)}
SIZES = (100_000, 1_000_000, 10_000_000)

Triple = tuple[str, str, str]


def triples(seed: int = 0) -> Iterator[Triple]:
    """The schema, then universities without end."""
    for name, above in CLASSES.items():
        yield UB + name, RDF + "type", f"<{OWL}Class>"
        if above:
            yield UB + name, RDFS + "subClassOf", f"<{UB}{above}>"
    for number in count():
        yield from _university(number, random.Random(f"{seed}.{number}"))


def _university(number: int, rng: random.Random) -> Iterator[Triple]:
    university = f"http://www.University{number}.edu"
    yield university, RDF + "type", f"<{UB}University>"
    yield university, UB + "name", f'"University{number}"'
    for at in range(rng.randint(15, 25)):
        department = f"http://www.Department{at}.University{number}.edu"
        yield department, RDF + "type", f"<{UB}Department>"
        yield department, UB + "subOrganizationOf", f"<{university}>"
        yield from _department(department, number, rng)


def _department(department: str, university: int, rng: random.Random) -> Iterator[Triple]:
    for at in range(rng.randint(10, 20)):
        yield f"{department}/ResearchGroup{at}", RDF + "type", f"<{UB}ResearchGroup>"
        yield f"{department}/ResearchGroup{at}", UB + "subOrganizationOf", f"<{department}>"
    faculty, courses = list[str](), 0
    for kind, (low, high) in FACULTY.items():
        for at in range(rng.randint(low, high)):
            person = f"{department}/{kind}{at}"
            faculty.append(person)
            yield from _person(person, kind, department, rng)
            yield person, UB + "worksFor", f"<{department}>"
            yield person, UB + "doctoralDegreeFrom", f"<http://www.University{rng.randrange(university + 1)}.edu>"
            for _ in range(rng.randint(1, 2)):
                yield f"{department}/Course{courses}", RDF + "type", f"<{UB}Course>"
                yield person, UB + "teacherOf", f"<{department}/Course{courses}>"
                courses += 1
            for paper in range(rng.randint(5, 15)):
                yield f"{person}/Publication{paper}", RDF + "type", f"<{UB}Publication>"
                yield f"{person}/Publication{paper}", UB + "publicationAuthor", f"<{person}>"
    for kind, ratio in (("UndergraduateStudent", 8), ("GraduateStudent", 3)):
        for at in range(len(faculty) * ratio):
            student = f"{department}/{kind}{at}"
            yield from _person(student, kind, department, rng)
            yield student, UB + "memberOf", f"<{department}>"
            for course in rng.sample(range(courses), rng.randint(2, 4)):
                yield student, UB + "takesCourse", f"<{department}/Course{course}>"
            if kind == "GraduateStudent" or rng.random() < 0.2:
                yield student, UB + "advisor", f"<{rng.choice(faculty)}>"


def _person(person: str, kind: str, department: str, rng: random.Random) -> Iterator[Triple]:
    name = person.removeprefix(department + "/")
    yield person, RDF + "type", f"<{UB}{kind}>"
    yield person, UB + "name", f'"{name}"'
    yield person, UB + "emailAddress", f'"{name}@{department.removeprefix("http://www.")}"'
    yield person, UB + "age", f'"{rng.randint(18, 70)}"^^<{XSD}integer>'


def write(path: Path, size: int, seed: int = 0) -> None:
    """The first ``size`` triples as N-Triples."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"<{s}> <{p}> {o} .\n" for s, p, o in islice(triples(seed), size))


WARM = """
import json, sys, time
from pathlib import Path
from kgpeft.graph.columns import Columns
from kgpeft.graph.read import read, read_statements
source, out = map(Path, sys.argv[1:])
(out.parent / "warm.nt").write_text("<a:a> <a:b> <a:c> .\\n")
read(out.parent / "warm.nt").save(out)  # modules are loaded
start = time.process_time()
DO
print(json.dumps({"cpu_s": time.process_time() - start}))
"""
ARRAYS, GRAPH = WARM.replace("DO", "Columns(read_statements(source))"), WARM.replace("DO", "read(source).save(out)")
LIMITED = """
import json, resource, sys
limit = int(float(sys.argv[1]) * 1e9)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from pathlib import Path
from kgpeft.cli import main
from kgpeft.graph import KnowledgeGraph
code = main(["ingest", sys.argv[2], "--out", sys.argv[3], "--set", "ingest.on_disk=" + sys.argv[4], "--json"])
peak = open("/proc/self/status").read().split("VmPeak:")[1].split()[0]
print(json.dumps({"peak_address_mb": int(peak) // 1024, "exit": code}))
if code:
    sys.exit(code)
print(json.dumps({"fingerprint": KnowledgeGraph.load(Path(sys.argv[3])).fingerprint}))  # under the limit as well
"""


SMALL = {  # neither glibc nor Arrow reserves address space ahead, or keeps what was given back
    "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": str(1 << 18), "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # fmt: skip


def spent(arguments: list[str], **environment: str) -> tuple[list[dict[str, object]], dict[str, float]]:
    """What a process prints as JSON lines; its CPU-seconds, all modules included, and its peak of resident memory."""
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"it failed: {printed}")
    lines = [json.loads(line) for line in printed.splitlines()]
    return lines, {"cpu_s": round(used.ru_utime + used.ru_stime, 2), "peak_mb": used.ru_maxrss // 1024}


def ingested(path: Path, out: Path) -> dict[str, object]:
    """The complete `kgpeft ingest`, from the start of the process to the saved graph."""
    (told,), used = spent(["-m", "kgpeft", "ingest", str(path), "--out", str(out), "--json"])
    return {"triples": told["triples"], "edges": told["edges"], **used}


def disk(folder: Path, size: int, gigabytes: float) -> None:
    """A complete ingest by way of the disk under a limit of the address space; the same in memory up to 1e6 triples."""
    write(folder / "lubm.nt", size)
    found, files = {}, {}
    for way, limit in (("true", gigabytes), ("false", 100.0))[: 2 if size <= 1_000_000 else 1]:
        out = folder / way
        lines, used = spent(["-c", LIMITED, str(limit), str(folder / "lubm.nt"), str(out), way], **SMALL)
        kept = {key: lines[0][key] for key in ("triples", "entities", "edges")}
        found["disk" if way == "true" else "memory"] = {**kept, **used, **lines[1], **lines[2]}
        files[way] = {path.name: file_sha256(path) for path in out.iterdir() if path.name != "artifact.json"}
    same = {"same_files": files["true"] == files["false"]} if len(files) == 2 else {}
    print(json.dumps({"benchmark": "lubm_disk", "limit_gb": gigabytes, **same, **found}))


def exponent(found: list[dict[str, float]], key: str) -> float:
    """The slope of the line through log size and log of ``key`` (least squares)."""
    x, y = [math.log(one["triples"]) for one in found], [math.log(one[key]) for one in found]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)


def scale(folder: Path, sizes: tuple[int, ...] = SIZES) -> None:
    found = []
    for size in sizes:
        source, out, one = folder / "lubm.nt", folder / "graph", dict[str, object](triples=size)
        write(source, size)
        for name, code in (("arrays", ARRAYS), ("graph", GRAPH)):
            (told,), used = spent(["-c", code, str(source), str(out)])
            one |= {f"{name}_s": round(told["cpu_s"], 2), f"{name}_mb": used["peak_mb"]}
        shutil.rmtree(out)
        whole = ingested(source, out)
        found.append(one | {"ingest_s": whole["cpu_s"], "ingest_mb": whole["peak_mb"], "edges": whole["edges"]})
        shutil.rmtree(out)
    slopes = {f"exponent_{key}": round(exponent(found, f"{key}_s"), 3) for key in ("arrays", "graph", "ingest")}
    print(json.dumps({"benchmark": "lubm", **slopes, "sizes": found}))


if __name__ == "__main__":
    if sys.argv[1] == "--scale":
        with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
            scale(Path(folder), tuple(map(int, sys.argv[3:])) or SIZES)
    elif sys.argv[1] == "--disk":
        with tempfile.TemporaryDirectory() as folder:
            disk(Path(folder), int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 1.5)
    else:
        for s, p, o in islice(triples(int(sys.argv[2]) if len(sys.argv) > 2 else 0), int(sys.argv[1])):
            sys.stdout.write(f"<{s}> <{p}> {o} .\n")
