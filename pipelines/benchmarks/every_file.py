"""Every ontology file of the data folder, and FIBO as one graph with its imports: python every_file.py [DATA].

One JSON line a file: what it is, where every one of its triples went (the audit), what was quarantined and why, the
processor time; or the error, for a file that is not read. Ends with 1 if an audit does not add up, or a file fails
or has something quarantined that ``every_file_exceptions.json`` does not name with a reason that is the file's fault.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from suites import exceptions

from kgpeft.errors import KgpeftError
from kgpeft.graph import ReadSettings, read

FOLDERS = "bfo brick doid go hpo mondo pizza po ro schemaorg uat uberon".split()
_FATES = ("edge", "annotation", "axiom", "structure", "dropped")


def sources(data: Path) -> Iterator[tuple[str, list[Path], ReadSettings]]:
    """What is read together: each file alone, then all of FIBO."""
    for folder in FOLDERS:
        for path in sorted((data / folder).iterdir()):
            yield f"{folder}/{path.name}", [path], ReadSettings()
    fibo = data / "fibo"
    yield "fibo", sorted(fibo.rglob("*.rdf")), ReadSettings(catalogs=(str(fibo),))
    yield "fibo from its roots", sorted(fibo.glob("*/All*.rdf")), ReadSettings(catalogs=(str(fibo),))


def ingested(name: str, paths: list[Path], settings: ReadSettings) -> dict[str, object]:
    begin = time.process_time()
    try:
        graph = read(*paths, settings=settings)
    except KgpeftError as error:
        return {"source": name, "error": str(error)}
    account = graph.manifest["audit"]
    sums = sum(account[fate] for fate in _FATES) == account["triples"]
    by_file = all(sum(part[fate] for fate in _FATES) == part["triples"] for part in account["sources"])
    files = sum(part["triples"] for part in account["sources"]) == account["triples"]
    found: dict[str, object] = {
        "source": name,
        "format": graph.manifest["sources"][0]["format"],
        "files": len(account["sources"]),
    }
    found |= {fate: account[fate] for fate in ("triples", *_FATES, "quarantined")}
    found |= {"adds up": sums and by_file and files, "lost": account["constructs"].get("dropped", {})}
    found["why"] = sorted({part["reason"] for part in graph.manifest["quarantined"]})[:5]
    return found | {
        "entities": len(graph.terms),
        "edges": len(graph.edges),
        "cpu_s": round(time.process_time() - begin, 2),
    }


def main(data: Path) -> int:
    known, troubled, wrong, count = exceptions("every_file_exceptions.json"), set(), [], 0
    for name, paths, settings in sources(data):
        found = ingested(name, paths, settings)
        print(json.dumps({"benchmark": "every_file", **found}), flush=True)
        count += 1
        if "error" in found or found["quarantined"]:
            troubled.add(name)
        if not found.get("adds up", True):
            wrong.append(name)
    surprises = sorted(troubled ^ known.keys())
    total = {
        "benchmark": "every_file",
        "sources": count,
        "read whole": count - len(troubled),
        "audits that do not add up": wrong,
    }
    print(json.dumps({**total, "exceptions": known, "not as listed": surprises}))
    return 1 if surprises or wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")))
