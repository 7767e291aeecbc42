"""The JSON-LD suite, toRdf: python jsonld.py [DATA].

Two JSON lines. The reader is held to the specification; contexts come from the files beside the source. A test with an
expected graph passes if the reader gives that graph up to the names of blank nodes (names of graphs apart, which no
reader keeps); one without passes if it gives an error, or, where the suite's manifest says that only the syntax counts,
if it is read. The manifest is not in the data folder: what it says of options is in ``_BASES`` and ``_SYNTAX``.
``of 1.1``: without the tests that its authors mark as being of JSON-LD 1.0 or as optional. Ends with 1 if a test fails
that ``jsonld_exceptions.json`` does not name, or one that it names passes.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from suites import exceptions, lines, read_one, same

from kgpeft.graph.sources.compress import Span
from kgpeft.graph.sources.sniff import HEAD, Opened

_FOLDER = "https://w3c.github.io/json-ld-api/tests/toRdf/"
_BASES = {
    **dict.fromkeys(("e076", "e089", "e090", "e091"), "http://example/base/"),
    **dict.fromkeys(("li11", "li13", "li14"), "http://example.com/"),
    "m005": "http://example.org/",
}
_SYNTAX = re.compile(r"nt\d\d")
_OLD = set("0118 c029 e014 e026 e038 e071 e075 e115 e116 ep02 er02 er03 er21 er24 er32 er42 pi01 so01 tn01".split())
_OPTIONAL = set("di09 di10 di11 di12".split())  # the option rdfDirection, not normative


def failure(file: Path) -> str:
    """Why a test fails, or nothing."""
    name = file.name.removesuffix("-in.jsonld")
    base, expected = _BASES.get(name, _FOLDER + file.name), file.with_name(f"{name}-out.nq")
    source = Opened(str(file), "JSON-LD", file.read_bytes()[:HEAD], Span(str(file)), base=base, strict=True)
    graph, trouble = read_one(source)
    if expected.exists():
        return trouble or ("" if same(graph, lines(expected)) else "another graph")
    if _SYNTAX.fullmatch(name):
        return trouble
    return "" if trouble else "accepted"


def main(data: Path) -> int:
    known = exceptions("jsonld_exceptions.json")
    files = sorted((data / "jsonld_tests" / "toRdf").glob("*-in.jsonld"))
    wrong = {file.name.removesuffix("-in.jsonld"): why for file in files if (why := failure(file))}
    apart = (_OLD | _OPTIONAL) & {file.name.removesuffix("-in.jsonld") for file in files}
    graphs = [file for file in files if file.with_name(file.name.replace("-in.jsonld", "-out.nq")).exists()]
    lost = sum(file.name.removesuffix("-in.jsonld") in wrong for file in graphs)
    of_1_1 = {"tests": len(files) - len(apart), "passed": len(files) - len(apart) - len(wrong.keys() - apart)}
    print(
        json.dumps(
            {
                "benchmark": "jsonld",
                "tests": len(files),
                "passed": len(files) - len(wrong),
                "of 1.1": of_1_1,
                "with a graph": {"tests": len(graphs), "passed": len(graphs) - lost},
                "failed": wrong,
            }
        )
    )
    surprises = sorted(wrong.keys() ^ known.keys())
    print(json.dumps({"benchmark": "jsonld", "exceptions": known, "not as listed": surprises}))
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")))
