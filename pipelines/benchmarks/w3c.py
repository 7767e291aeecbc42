"""The W3C's test suites of RDF 1.1 parsers: python w3c.py [DATA].

One JSON line a suite, and one for all. ``strict``: our reader held to the specification: the graph of a positive test
is the expected one up to blank node names, a positive syntax test is read whole, a negative one gives an error or a
quarantined part. ``by content``: the same as users have it, the format told by the content and the parser lenient:
positive tests only, because leniency is meant to read some of the negative ones (``accepted``). Names of graphs are
not compared, since no reader keeps them. Ends with 1 if a test fails that ``w3c_exceptions.json`` does not name, or
one that it names passes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from suites import exceptions, lines, read_one, rows, same

from kgpeft.errors import SourceError
from kgpeft.graph.read import read_statements
from kgpeft.graph.sources.compress import Span
from kgpeft.graph.sources.sniff import HEAD, Opened, look
from kgpeft.graph.vocabulary import RDF

SUITES = {
    "rdf-n-triples": "N-Triples",
    "rdf-n-quads": "N-Quads",
    "rdf-turtle": "Turtle",
    "rdf-trig": "TriG",
    "rdf-xml": "RDF/XML",
}
_MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
_BASE = "https://w3c.github.io/rdf-tests/rdf/rdf11/"


@dataclass(frozen=True)
class Test:
    """One test: its suite and name, its kind, its file and, if there is one, the file with the expected graph."""

    name: str
    kind: str  # Positive, Negative or Eval
    file: Path
    expected: Path | None
    base: str


def tests(folder: Path) -> Iterator[Test]:
    """What a suite's manifest lists, read by the reader it is to test."""
    about: dict[str, dict[str, str]] = {}
    for s, p, o in rows(read_statements(folder / "manifest.ttl")):
        about.setdefault(s, {})[p] = o
    for name, parts in about.items():
        kind = parts.get(RDF + "type", "").rpartition("#Test")[2]
        if _MF + "action" in parts:
            file, result = (parts.get(_MF + part, "").removeprefix("file:///") for part in ("action", "result"))
            kind = next(word for word in ("Negative", "Positive", "Eval") if word in kind)
            expected = folder / result if kind == "Eval" else None
            yield Test(
                f"{folder.name}#{name.rpartition('#')[2]}",
                kind,
                folder / file,
                expected,
                f"{_BASE}{folder.name}/{file}",
            )


def strict(test: Test, form: str) -> str:
    """Why a test fails, or nothing."""
    source = Opened(
        test.file.name, form, test.file.read_bytes()[:HEAD], Span(str(test.file)), base=test.base, strict=True
    )
    return verdict(test, *read_one(source))


def by_content(test: Test) -> str:
    try:
        found = look(Span(str(test.file)), test.file.name)
    except SourceError as error:
        return error.what
    return verdict(test, *read_one(replace(found, base=test.base)))


def verdict(test: Test, graph: list[tuple[str, str, str]], trouble: str) -> str:
    if test.kind == "Negative":
        return "" if trouble else "accepted"
    if trouble:
        return trouble
    return "" if test.expected is None or same(graph, lines(test.expected)) else "another graph"


def main(data: Path) -> int:
    known, failed, passed, total = exceptions("w3c_exceptions.json"), {}, 0, 0
    for suite, form in SUITES.items():
        all_tests = list(tests(data / "rdf_tests" / "rdf11" / suite))
        wrong = {test.name: why for test in all_tests if (why := strict(test, form))}
        loose = {test.name: (test.kind, why) for test in all_tests if (why := by_content(test))}
        positive = [test for test in all_tests if test.kind != "Negative"]
        lost = {name: why for name, (kind, why) in loose.items() if kind != "Negative"}
        content = {
            "positive": len(positive),
            "passed": len(positive) - len(lost),
            "failed": lost,
            "negative": len(all_tests) - len(positive),
            "accepted": len(loose) - len(lost),
        }
        print(
            json.dumps(
                {
                    "benchmark": "w3c",
                    "suite": suite,
                    "tests": len(all_tests),
                    "strict": len(all_tests) - len(wrong),
                    "failed": wrong,
                    "by content": content,
                }
            ),
            flush=True,
        )
        failed, passed, total = failed | wrong, passed + len(all_tests) - len(wrong), total + len(all_tests)
    surprises = sorted(failed.keys() ^ known.keys())
    print(
        json.dumps(
            {"benchmark": "w3c", "tests": total, "passed": passed, "exceptions": known, "not as listed": surprises}
        )
    )
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")))
