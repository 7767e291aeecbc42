"""FIBO as one graph: python imports.py [DATA].

From every module that collects others (AllBE, AllFND ...), its owl:imports out of the folder by the names modules give
themselves, compared with the closure that regular expressions over the files give; then all modules together. Prints
one JSON line; ends with 1 if a closure differs.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from kgpeft.graph import KnowledgeGraph, ReadSettings, read


def stated(folder: Path) -> dict[str, tuple[Path, list[str]]]:
    """Ontology IRI → file and imports, as written."""
    found = {}
    for path in sorted(folder.rglob("*.rdf")):
        text = path.read_text(encoding="utf-8")
        entities = dict(re.findall(r'<!ENTITY\s+([\w.-]+)\s+"([^"]*)"', text))
        text = re.sub(r"&([\w.-]+);", lambda match, known=entities: known.get(match[1], match[0]), text)
        own = re.search(r'<owl:Ontology rdf:about="([^"]*)"', text)
        assert own, path
        found[own[1]] = (path, re.findall(r'<owl:imports rdf:resource="([^"]*)"', text))
    return found


def closure(modules: dict[str, tuple[Path, list[str]]], root: str) -> set[Path]:
    """The files that a module needs, itself included."""
    seen: dict[str, Path] = {}
    todo = [root]
    while todo:
        iri = todo.pop()
        if iri in modules and iri not in seen:
            seen[iri] = modules[iri][0]
            todo += modules[iri][1]
    return set(seen.values())


def measured(graph: KnowledgeGraph, seconds: float) -> dict[str, object]:
    """What one reading gave."""
    missing = {iri for source in graph.manifest["sources"] for iri in source.get("missing", ())}
    counts = {key: graph.manifest["counts"][key] for key in ("triples", "entities", "edges", "axioms")}
    files = len(graph.manifest["sources"])
    return {
        "files": files,
        "missing": len(missing),
        **counts,
        "quarantined": len(graph.manifest["quarantined"]),
        "seconds": round(seconds, 2),
    }


def main() -> int:
    folder = (Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data")) / "fibo"
    modules, made, wrong = stated(folder), {}, []
    settings = ReadSettings(catalogs=(str(folder),))
    for root, (path, _) in modules.items():
        if path.parent.parent == folder and path.name.startswith("All"):
            begin = time.perf_counter()
            graph = read(path, settings=settings)
            made[path.stem] = measured(graph, time.perf_counter() - begin)
            if {Path(source["path"]).resolve() for source in graph.manifest["sources"]} != {
                file.resolve() for file in closure(modules, root)
            }:
                wrong.append(path.stem)
    begin = time.perf_counter()
    graph = read(*(path for path, _ in modules.values()), settings=settings)
    made["all modules"] = measured(graph, time.perf_counter() - begin)
    print(json.dumps({"benchmark": "imports", "modules": len(modules), "closures that differ": wrong, "roots": made}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
