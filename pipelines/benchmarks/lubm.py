"""LUBM-like data of any size as N-Triples: python lubm.py TRIPLES [SEED] > lubm.nt; python lubm.py --scale [FOLDER].

Universities, departments, faculty, courses, students and publications in the proportions of the Lehigh University
Benchmark (Guo, Pan, Heflin: LUBM, 2005), written as a stream: memory does not grow, the same arguments give the same
bytes. `--scale` reads 1e5, 1e6 and 1e7 triples, each in a process of its own, and prints one JSON line: CPU-seconds,
peak memory and the exponent of time over size (1 is linear). `--disk TRIPLES [GB]` makes the arrays of so many by way
of the disk (`ingest.on_disk`) in a process whose whole address space is limited (RLIMIT_AS, 1.5 GB), and for up to 1e6
triples compares them with those made in memory, byte for byte.
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

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


MEASURE = """
import json, re, sys, time
import pyarrow.compute
from kgpeft.graph.columns import Columns
from kgpeft.graph.read import read, read_statements
from kgpeft.graph.settings import ReadSettings
def high():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024
open(sys.argv[1] + ".warm.nt", "w").write("<a:a> <a:b> <a:c> .\\n")
read(sys.argv[1] + ".warm.nt")  # modules are loaded
start = time.process_time()
Columns(read_statements(sys.argv[1], settings=ReadSettings()))
arrays = time.process_time() - start
peak = high()
start = time.process_time()
graph = read(sys.argv[1])
print(json.dumps({"arrays_s": arrays, "arrays_mb": peak, "graph_s": time.process_time() - start,
                  "graph_mb": high(), "edges": len(graph.edges)}))
"""


DISK = """
import hashlib, json, os, re, resource, sys, time
import numpy as np
from kgpeft.graph.columns import Columns
from kgpeft.graph.read import read_statements
from kgpeft.graph.settings import ReadSettings
limit = int(float(sys.argv[2]) * 1e9)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
start = time.process_time()
columns = Columns(read_statements(sys.argv[1], settings=ReadSettings(on_disk=sys.argv[3] == "disk")))
spent = time.process_time() - start
digest = hashlib.sha256()
for part in (columns.s, columns.p, columns.o, columns.line, columns.terms.ends(), columns.terms.data()):
    digest.update(part)
peak = {name: int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024 for name in ("VmPeak", "VmHWM")}
print(json.dumps({"triples": len(columns.s), "terms": len(columns.terms), "cpu_s": round(spent, 1), **peak,
                  "sha256": digest.hexdigest()}))
"""


def disk(folder: Path, size: int, gigabytes: float) -> None:
    """Arrays by way of the disk under a limit of the address space."""
    write(folder / "lubm.nt", size)
    found = {}
    for where in ("disk", "memory") if size <= 1_000_000 else ("disk",):
        arguments = [
            sys.executable,
            "-c",
            DISK,
            str(folder / "lubm.nt"),
            str(gigabytes if where == "disk" else 100),
            where,
        ]
        small = {
            **os.environ,
            "MALLOC_ARENA_MAX": "1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
        }  # reserve no address space
        found[where] = json.loads(
            subprocess.run(arguments, check=True, capture_output=True, text=True, env=small).stdout
        )
    same = {"same_bytes": found["disk"]["sha256"] == found["memory"]["sha256"]} if "memory" in found else {}
    print(json.dumps({"benchmark": "lubm_disk", "limit_gb": gigabytes, **same, **found}))


def measure(path: Path) -> dict[str, float]:
    """CPU-seconds and peak memory of reading a file, to arrays and to the graph, in a process of its own."""
    found = subprocess.run([sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True)
    return json.loads(found.stdout)


def exponent(found: list[dict[str, float]], key: str) -> float:
    """The slope of the line through log size and log of ``key`` (least squares)."""
    x, y = [math.log(one["triples"]) for one in found], [math.log(one[key]) for one in found]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)


def scale(folder: Path, sizes: tuple[int, ...] = SIZES) -> None:
    found = []
    for size in sizes:
        write(folder / "lubm.nt", size)
        found.append({"triples": size, **measure(folder / "lubm.nt")})
    slopes = {f"exponent_{key}": round(exponent(found, f"{key}_s"), 3) for key in ("arrays", "graph")}
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
