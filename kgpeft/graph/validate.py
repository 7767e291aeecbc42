"""SHACL: which nodes break which shapes, as pyshacl finds; nothing is fetched and nothing is inferred.

pyshacl runs in a process of its own (``python -m kgpeft.graph.validate``, JSON in and out), which can be stopped: a
pattern or a path of a shape may take forever.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kgpeft.errors import DataError, MissingError
from kgpeft.graph.statements import STRING, Statements, literal, split_literal

if TYPE_CHECKING:
    import rdflib

SH = "http://www.w3.org/ns/shacl#"
SECONDS = 600.0  # that a check may take
SEVERITIES = ("Violation", "Warning", "Info")
_PARTS = {
    "focus": "focusNode",
    "path": "resultPath",
    "value": "value",
    "message": "resultMessage",
    "severity": "resultSeverity",
    "constraint": "sourceConstraintComponent",
    "shape": "sourceShape",
}
_QUERIES = ("select", "ask", "construct", "update")
_NEUTRAL = re.compile(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|#[^\n]*', re.S)
_REACHING = re.compile(r"(?<![?$:\w-])(?:service|from|load)(?![\w:-])", re.I)


def validate(data: rdflib.Graph, shapes: rdflib.Graph, seconds: float = SECONDS) -> dict[str, Any]:
    """Whether data conforms to shapes, and every result: focus, path, value, message, severity, constraint, shape.

    DataError for shapes that are no SHACL, whose queries would reach out (SERVICE, FROM, LOAD), or that take too long.
    """
    if find_spec("pyshacl") is None:
        raise MissingError("pyshacl is not installed", remedy="pip install 'kgpeft[shacl]'")
    _refuse_queries(shapes)
    counts = {"triples": len(data), "shapes": _shapes(shapes)}
    if not counts["shapes"]:
        raise DataError("no SHACL shape in the shapes", remedy="give a file with sh:NodeShape or sh:PropertyShape")
    made = _run({"data": _keys(data), "shapes": _keys(shapes)}, seconds)
    if error := made.get("error"):
        raise DataError(f"the shapes cannot be used: {error}", remedy="mend the shape that is named")
    found = Counter(result["severity"] for result in made["results"])
    return {"conforms": made["conforms"], **counts, **{name.lower(): found[name] for name in SEVERITIES},
            "results": made["results"]}  # fmt: skip


def _run(asked: dict[str, Any], seconds: float) -> dict[str, Any]:
    """What the process says; DataError if it takes too long or dies."""
    command = [sys.executable, "-P", "-m", "kgpeft.graph.validate"]
    try:
        done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        what = f"checking the shapes was stopped after {seconds:g} s"
        remedy = "give it more time with --seconds, or check fewer shapes or less data at a time"
        raise DataError(what, remedy=remedy) from error
    if done.returncode:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"code {done.returncode}"])[-1]
        raise DataError(f"checking the shapes ended early ({last[:200]})", remedy="check fewer shapes or less data")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Checks the graphs on standard input and prints what was found, or why the shapes cannot be used."""
    import pyshacl

    asked = json.load(sys.stdin)
    data, shapes = _graph(asked["data"]), _graph(asked["shapes"])
    try:
        conforms, report, text = pyshacl.validate(data, shacl_graph=shapes, do_owl_imports=False, inplace=True)
    except RuntimeError as error:  # what pyshacl's own errors are, and too deep a nesting
        made: dict[str, Any] = {"error": str(error)}
    else:
        failed = isinstance(report, pyshacl.errors.ValidationFailure)
        made = {"error": text} if failed else {"conforms": bool(conforms), "results": _results(report)}
    sys.stdout.write(json.dumps(made))


def _keys(graph: rdflib.Graph) -> list[list[str]]:
    return [[_key(term) for term in triple] for triple in graph]


def _key(term: Any) -> str:
    """The key of an rdflib term, which ``_node`` makes it of again."""
    from rdflib import BNode, Literal

    if isinstance(term, Literal):
        return literal(str(term), str(term.datatype or STRING), term.language or "")
    return f"_:{term}" if isinstance(term, BNode) else str(term)


def _graph(keys: list[list[str]]) -> rdflib.Graph:
    from rdflib import Graph

    graph = Graph()
    nodes = {key: _node(key) for triple in keys for key in triple}
    for subject, predicate, node in keys:
        graph.add((nodes[subject], nodes[predicate], nodes[node]))
    return graph


def to_rdf(statements: Statements) -> rdflib.Graph:
    """All triples that the sources state, as they state them."""
    from rdflib import Graph

    graph = Graph()
    statements.close()
    for block in statements.blocks:
        nodes = [_node(term) for term in block.terms.to_pylist()]
        columns = (column.tolist() for column in (block.s, block.p, block.o))
        for subject, predicate, node in zip(*columns, strict=True):
            graph.add((nodes[subject], nodes[predicate], nodes[node]))
    return graph


def _node(term: str) -> Any:
    from rdflib import BNode, Literal, URIRef

    if term.startswith("_:"):
        return BNode(term[2:])
    if not term.startswith('"'):
        return URIRef(term)
    value, datatype, lang = split_literal(term)
    return Literal(value, lang=lang) if lang else Literal(value, datatype=URIRef(datatype), normalize=False)


def _shapes(shapes: rdflib.Graph) -> int:
    from rdflib import RDF, Namespace

    sh = Namespace(SH)
    typed = {shape for kind in (sh.NodeShape, sh.PropertyShape) for shape in shapes.subjects(RDF.type, kind)}
    targets = (sh.targetClass, sh.targetNode, sh.targetSubjectsOf, sh.targetObjectsOf, sh.property)
    return len(typed | {shape for target in targets for shape in shapes.subjects(target)})


def _refuse_queries(shapes: rdflib.Graph) -> None:
    from rdflib import URIRef

    for name in _QUERIES:
        for shape, query in shapes.subject_objects(URIRef(SH + name)):
            if found := _REACHING.search(_NEUTRAL.sub(" ", str(query))):
                what = f"a query of the shapes says {found[0].upper()}, which would reach out"
                raise DataError(what, where=str(shape), remedy="nothing is fetched: give the data as a file")


def _results(report: Any) -> list[dict[str, str]]:
    """The results of a report graph, the worst first, then by focus, path and value."""
    from rdflib import RDF, URIRef

    found = [
        {key: _text(report, report.value(result, URIRef(SH + name))) for key, name in _PARTS.items()}
        for result in report.subjects(RDF.type, URIRef(SH + "ValidationResult"))
    ]
    rank = {name: place for place, name in enumerate(SEVERITIES)}
    return sorted(found, key=lambda result: (rank.get(result["severity"], 9), *(result[key] for key in sorted(_PARTS))))


def _text(report: Any, node: Any) -> str:
    """An IRI or text; of SHACL's own terms the local name; of a blank node nothing, its name means nothing."""
    from rdflib import BNode

    return "" if node is None or isinstance(node, BNode) else str(node).removeprefix(SH)


if __name__ == "__main__":
    main()
