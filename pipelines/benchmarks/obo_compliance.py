"""The OBO compliance cases of OAK, one by one: python obo_compliance.py [DATA].

One JSON line a case and one for all. ``same``: the triples that the OBO file gives are those that the expected
ontology gives, in OWL functional syntax and in RDF/XML, up to blank node names, with two things apart that the expected files add by
themselves: declarations (what ours declare, theirs must too) and names of the properties that OBO itself uses.
A case of an invalid file passes if something in it is quarantined or refused. Ends with 1 if a case fails that
``obo_exceptions.json`` does not name, or one that it names passes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from suites import Row, exceptions, read_one, same

from kgpeft.graph.sources.sniff import sniff
from kgpeft.graph.vocabulary import IAO, LABEL, OIO, OWL, RDFS, TYPE

_KINDS = "Class ObjectProperty AnnotationProperty DatatypeProperty NamedIndividual Ontology".split()
_DECLARED = {*(OWL + kind for kind in _KINDS), RDFS + "Datatype"}


def split(graph: list[Row]) -> tuple[set[Row], set[Row]]:
    """What a graph says, and what it only declares."""
    declared = {row for row in graph if row[1] == TYPE and row[2] in _DECLARED}
    named = {row for row in graph if row[1] == LABEL and row[0].startswith((OIO, IAO))}
    return set(graph) - declared - named, {row for row in declared if not row[0].startswith("_:")}


def case(folder: Path) -> dict[str, object]:
    """How a case compares: same, or what ours has more and what it lacks, blank nodes apart."""
    graph, trouble = read_one(sniff(folder / f"{folder.name}.obo"))
    expected = folder / f"{folder.name}.expected.ofn"
    if not expected.exists():
        return {"case": folder.name, "invalid": True, "passed": bool(trouble), "reason": trouble}
    (ours, declared), (theirs, known) = split(graph), split(read_one(sniff(expected))[0])
    again, _ = split(read_one(sniff(expected.with_suffix(".owl")))[0])
    fine = same(ours, theirs) and same(ours, again) and declared <= known and not trouble
    found: dict[str, object] = {"case": folder.name, "passed": fine, "triples": len(ours)}
    if not fine:
        found |= {"more": shown(ours - theirs | declared - known), "lacks": shown(theirs - ours), "reason": trouble}
    return found


def shown(rows: set[Row]) -> list[str]:
    return sorted(" ".join(row) for row in rows if not any(node.startswith("_:") for node in row))


def main(data: Path) -> int:
    known = exceptions("obo_exceptions.json")
    cases = [case(folder) for folder in sorted((data / "obo_tests" / "oak_obo_compliance").iterdir())]
    for found in cases:
        print(json.dumps({"benchmark": "obo_compliance", **found}))
    failed = {str(found["case"]) for found in cases if not found["passed"]}
    surprises = sorted(failed ^ known.keys())
    total = {"benchmark": "obo_compliance", "cases": len(cases), "passed": len(cases) - len(failed)}
    print(json.dumps({**total, "exceptions": known, "not as listed": surprises}))
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")))
