"""Reasoning, when asked: what follows from the axioms becomes statements of a source of its own.

The reasoner is rustdl (OWL 2 DL, no Java). What it infers is sound. Whether that is every superclass and type there
is to infer is said in the source's manifest entry: "complete", "limits", "dropped" (axioms it does not know),
"unsatisfiable" classes. Facts are those that hierarchy, inverses, symmetry, chains and transitivity give.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kgpeft.errors import MissingError
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.statements import Statements, split_literal
from kgpeft.graph.vocabulary import OWL, RDF, RDFS, SUBCLASS, TYPE

if TYPE_CHECKING:
    import pyoxigraph as ox

Triple = tuple[str, str, str]

EQUIVALENT = OWL + "equivalentClass"
_NOT_LOGIC = (OWL + "imports", OWL + "deprecated", OWL + "versionInfo", OWL + "versionIRI", OWL + "priorVersion")
_LOGIC = (RDF, OWL, SUBCLASS, RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range")
_PROPERTIES = (OWL + "ObjectProperty", OWL + "DatatypeProperty")
_MEANT = {  # a predicate of an unnamed node -> what the node is, where the file forgot to say
    **{OWL + name: OWL + "Class" for name in ("intersectionOf", "unionOf", "complementOf", "oneOf")},
    OWL + "onProperty": OWL + "Restriction",
}
_TWO_BY_TWO = {
    OWL + "AllDisjointClasses": OWL + "disjointWith",
    OWL + "AllDisjointProperties": OWL + "propertyDisjointWith",
}
MEMBERS = 1000  # of a disjoint group: their pairs grow with the square
NAMED = 3  # terms that a note names


def infer(statements: Statements, settings: ReadSettings) -> None:
    """Adds direct superclasses, equivalences, types and facts that follow and are not stated; notes what to know."""
    begin = time.perf_counter()
    stated = list(_triples(statements))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ontology.owl"
        lost: Counter[str] = Counter()
        refused = _write(_logic(stated, lost), path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        parts, end = _run(path, settings.reason_seconds)
    classes = parts.get("classes", {"complete": False})
    found = _new(parts, set(stated))
    name = f"inferred by rustdl {_version()}"
    about = {key: classes[key] for key in ("inconsistent", "unsatisfiable", "limits") if key in classes}
    about["dropped"] = {**classes.get("dropped", {}), **lost}
    whole = bool(classes["complete"]) and not (end or refused or about.get("limits") or about["dropped"])
    about |= {"complete": whole, "seconds": round(time.perf_counter() - begin, 3)}
    statements.begin({"path": name, "sha256": digest, "format": "inferred", "bytes": 0, "inferred": True, **about})
    for triple in found:
        statements.add(*triple)
    statements.notes += _notes(about, len(found), end, refused)


def _notes(about: dict[str, Any], found: int, end: str, refused: int) -> list[str]:
    complete = "every superclass and type that follows, and the facts that the axioms about properties give"
    whole = complete if about["complete"] else "sound, but not all that follows"
    notes = [f"reasoning added {found:,} statements in {about['seconds']:.1f} s: {whole}"]
    if end:
        notes.append(f"reasoning {end}; give it more time: --set ingest.reason_seconds=600")
    if about.get("limits"):
        notes.append("limits that the reasoner met: " + ", ".join(f"{key} {n}" for key, n in about["limits"].items()))
    if about.get("dropped"):
        listed = ", ".join(f"{kind} {count:,}" for kind, count in sorted(about["dropped"].items()))
        notes.append(f"axioms that the reasoner does not know: {listed}")
    if refused:
        notes.append(f"{refused:,} statements with broken IRIs were left out of reasoning")
    if about.get("inconsistent"):
        notes.append("the ontology contradicts itself: everything follows from it, so nothing was inferred")
    elif bad := about.get("unsatisfiable"):
        some = ", ".join(bad[:NAMED]) + (f" and {len(bad) - NAMED} more" if len(bad) > NAMED else "")
        notes.append(f"{len(bad)} classes can have no member (unsatisfiable): {some}")
    return notes


def _triples(statements: Statements) -> Iterator[Triple]:
    statements.close()
    for block in statements.blocks:
        terms = block.terms.to_pylist()
        for s, p, o in zip(block.s.tolist(), block.p.tolist(), block.o.tolist(), strict=True):
            yield terms[s], terms[p], terms[o]


def _logic(stated: list[Triple], lost: Counter[str]) -> Iterator[Triple]:
    """The statements that a reasoner reads: axioms, and facts of declared properties; with forgotten types added."""
    properties = {s for s, p, o in stated if p == TYPE and o in _PROPERTIES}
    for s, p, o in stated:
        if p in properties or (p.startswith(_LOGIC) and p not in _NOT_LOGIC and not s.startswith('"')):
            yield s, p, o
        if s.startswith("_:") and p in _MEANT:
            yield s, TYPE, _MEANT[p]
    yield from _pairs(stated, lost)


def _pairs(stated: list[Triple], lost: Counter[str]) -> Iterator[Triple]:
    """Classes and properties that are disjoint all together, two by two: rustdl's reader loses the axiom otherwise."""
    kind = {s: _TWO_BY_TWO[o] for s, p, o in stated if p == TYPE and o in _TWO_BY_TWO}
    first = {s: o for s, p, o in stated if p == RDF + "first"}
    rest = {s: o for s, p, o in stated if p == RDF + "rest"}
    for s, p, cell in stated:
        if p == OWL + "members" and s in kind:
            members: dict[str, None] = {}
            seen: set[str] = set()
            while cell in first and cell not in seen:
                seen.add(cell)
                members[first[cell]] = None
                cell = rest.get(cell, "")
            if len(members) > MEMBERS:
                lost[f"disjoint group of more than {MEMBERS:,}"] += 1
                continue
            yield from ((one, kind[s], other) for one, other in combinations(members, 2))


def _write(triples: Iterator[Triple], path: Path) -> int:
    """Writes RDF/XML; how many triples could not be written because an IRI is broken."""
    import pyoxigraph as ox

    refused = 0
    blanks: dict[str, ox.BlankNode] = {}

    def made() -> Iterator[ox.Triple]:
        nonlocal refused
        for triple in dict.fromkeys(triples):
            try:
                s, p, o = (_node(term, blanks) for term in triple)
            except ValueError:
                refused += 1
                continue
            yield ox.Triple(s, p, o)  # type: ignore[arg-type]

    ox.serialize(made(), str(path), ox.RdfFormat.RDF_XML)
    return refused


def _node(term: str, blanks: dict[str, ox.BlankNode]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    import pyoxigraph as ox

    if term.startswith("_:"):
        return blanks.setdefault(term, ox.BlankNode(f"b{len(blanks)}"))
    if not term.startswith('"'):
        return ox.NamedNode(term)
    value, datatype, lang = split_literal(term)
    return ox.Literal(value, language=lang) if lang else ox.Literal(value, datatype=ox.NamedNode(datatype))


def _run(path: Path, seconds: float) -> tuple[dict[str, Any], str]:
    """The parts that the reasoner finished, and how it ended if it did not end well."""
    command = [sys.executable, "-P", "-m", "kgpeft.graph.reasoner", str(path), str(seconds)]
    _version()
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)
        out, end = done.stdout, _ended(done)
    except subprocess.TimeoutExpired as error:
        out, end = error.stdout or b"", f"was stopped after {seconds:.0f} s"
    whole = out[: out.rfind(b"\n") + 1].decode().splitlines()
    return {part["part"]: part for part in map(json.loads, whole)}, end


def _ended(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode == 0:
        return ""
    last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"code {done.returncode}"])[-1]
    return f"ended early ({last[:200]})"


def _version() -> str:
    try:
        return version("rustdl")
    except PackageNotFoundError as error:
        raise MissingError("rustdl is not installed", remedy="pip install 'kgpeft[reason]'") from error


def _new(parts: dict[str, Any], stated: set[Triple]) -> list[Triple]:
    """What follows and is not stated, sorted."""
    classes = parts.get("classes", {})
    if classes.get("inconsistent"):
        return []
    same = {name: set(others) - {name} for name, others in classes.get("same", {}).items()}
    found = {(name, EQUIVALENT, other) for name, others in same.items() for other in others if name < other}
    found -= {(o, p, s) for s, p, o in stated if p == EQUIVALENT}
    direct = classes.get("direct", {})
    found |= {(name, SUBCLASS, up) for name, ups in direct.items() for up in ups if up not in same.get(name, ())}
    types = parts.get("types", {}).get("types", {})
    found |= {(name, TYPE, kind) for name, kinds in types.items() for kind in kinds}
    found |= {(s, p, o) for s, p, o in parts.get("facts", {}).get("facts", ())}
    own = {OWL + "Thing", OWL + "Nothing"}
    return sorted(triple for triple in found - stated if triple[2] not in own and triple[0] not in own)
