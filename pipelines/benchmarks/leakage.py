"""Does training give a test fact away? Checked twice: by the dataset's own check, and by a reasoner that knows nothing of it.

    python pipelines/benchmarks/leakage.py SOURCE... [--per-family N] [--seconds S]

One JSON line a source: questions by family, families that could not be filled, fact groups, hidden facts, leaks that the
dataset's check finds and drops, and what the other check finds; and, to see that both can find something, how many facts
of a random fifth each of them finds to follow from the rest. The other check writes what training may see as OWL (edges as
axioms, the axioms kept but for definitions that restate a hidden edge, and for every test fact on classes a probe class "relation some value"), has rustdl (OWL 2 DL)
classify it, and looks for each test fact among what follows; and it looks for both ends of each test fact, by all their
names, in every definition that training may see. It ends with 1 if either finds a leak.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.collection import Collection

from kgpeft.dataset import Dataset, DatasetSettings, write
from kgpeft.dataset.closure import Closure
from kgpeft.dataset.groups import Groups
from kgpeft.dataset.settings import UNTRAINED
from kgpeft.graph import PATTERNS, Kind, KnowledgeGraph, read
from kgpeft.graph.vocabulary import RELATED

PROBE, WORD = "urn:probe:", re.compile(r"[^\W_]+")
PAIRS = {"subproperty": RDFS.subPropertyOf, "equivalent property": OWL.equivalentProperty, "inverse": OWL.inverseOf,
         "same": OWL.sameAs, "equivalent": OWL.equivalentClass}
KINDS = {"transitive": OWL.TransitiveProperty, "symmetric": OWL.SymmetricProperty}


def main() -> int:
    """Prints a line a source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--per-family", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=300.0, help="that the reasoner may take")
    args = parser.parse_args()
    bad = 0
    for source in args.sources:
        line = checked(source, args.per_family, args.seconds)
        print(json.dumps(line, ensure_ascii=False), flush=True)
        bad += bool(line["leaks"] or line["entailed"] or line["told"] or not line["reasoned"])
    return int(bad > 0)


def checked(source: str, per_family: int, seconds: float) -> dict[str, Any]:
    """What both checks say of one source."""
    graph = read(source)
    begin = time.process_time()
    dataset = write(graph, DatasetSettings(per_family=per_family))
    spent = time.process_time() - begin
    edges = sorted({e for a in dataset.test if a.question.family in UNTRAINED for e in a.facts})
    entailed, reasoned, unchecked = by_reasoner(graph, dataset.hidden, edges, seconds)
    fifth = frozenset(random.Random(0).sample(range(len(graph.edges)), len(graph.edges) // 5))
    visible = np.array([e not in fifth for e in range(len(graph.edges))])
    ours = Closure(graph, visible, range(len(graph.relations)))
    mine = {e for e in fifth if ours.entails(*graph.edges[e].tolist())}
    theirs, whole, _ = by_reasoner(graph, fifth, sorted(fifth), seconds)
    groups = Groups.read(graph)
    return {
        "source": Path(source).name, "edges": len(graph.edges), "tested": dataset.counts["tested"],
        "unfilled": dataset.unfilled, "groups": len(groups.members), "pinned": len(groups.pinned),
        "hidden": len(dataset.hidden), "veiled": len(dataset.veiled), "dropped": list(dataset.dropped),
        "leaks": [str(leak) for leak in dataset.leaks(graph)], "test_facts": len(edges), "entailed": entailed,
        "told": by_text(graph, dataset, edges), "reasoned": reasoned, "literal": unchecked,
        "lexical": sum(a.question.stratum == "lexical" for a in dataset.test if a.question.family in UNTRAINED),
        "random_fifth": {"facts": len(fifth), "ours": len(mine), "reasoner": len(theirs), "reasoned": whole,
                         "only_ours": len({said(graph, e) for e in mine} - set(theirs)),
                         "only_theirs": sorted(set(theirs) - {said(graph, e) for e in mine})[:5]},
        "seconds": round(spent, 1),
    }


def by_reasoner(
    graph: KnowledgeGraph, hidden: frozenset[int], edges: list[int], seconds: float
) -> tuple[list[str], bool, int]:
    """Test facts that follow; whether the reasoner finished; how many facts end in a literal."""
    rdf = as_owl(graph, hidden)
    for edge in edges:
        s, r, o = graph.edges[edge].tolist()
        if PATTERNS[graph.patterns[edge]] == "some":
            rdf.add((URIRef(f"{PROBE}{edge}"), RDF.type, OWL.Class))
            rdf.add((URIRef(f"{PROBE}{edge}"), OWL.equivalentClass, some(rdf, graph.relations[r], graph.terms[o])))
    parts = reasoned(rdf, seconds)
    classes, facts = parts.get("classes", {}), parts.get("facts", {}).get("facts", [])
    types, above = parts.get("types", {}).get("types", {}), superclasses(classes)
    known = {tuple(fact) for fact in facts}
    shown = [row for e, row in enumerate(graph.edges.tolist()) if e not in hidden]
    narrower = {tuple(a["terms"]) for a in graph.axioms if a["axiom"] in ("subproperty", "equivalent property")}
    given = {(s, graph.relations[r], o) for s, r, o in shown}
    found, values = [], 0
    for edge in edges:
        s, r, o = graph.edges[edge].tolist()
        subject, relation, value = graph.terms[s], graph.relations[r], graph.terms[o]
        pattern = PATTERNS[graph.patterns[edge]]
        literal = graph.kinds[o] == Kind.LITERAL
        values += literal
        follows = (
            any(high == relation and (s, low, o) in given for low, high in narrower) if literal else
            value in above(subject) if pattern == "sub" else
            f"{PROBE}{edge}" in above(subject) | set(types.get(subject, ())) if pattern == "some" else
            any(value in above(kind) for kind in types.get(subject, ())) if pattern == "type" else
            (subject, relation, value) in known
        )
        if follows:
            found.append(said(graph, edge))
    needs_types = any(PATTERNS[graph.patterns[e]] == "type" for e in edges)
    whole = bool(classes.get("complete")) and not classes.get("inconsistent") and (not needs_types or "types" in parts)
    return found, whole, int(values)


def as_owl(graph: KnowledgeGraph, hidden: frozenset[int]) -> Graph:
    """What training may see, as OWL: every edge that is not hidden, and the axioms kept."""
    rdf = Graph()
    for term, kind in zip(graph.terms, graph.kinds.tolist(), strict=True):
        if kind != Kind.LITERAL:
            rdf.add((URIRef(term), RDF.type, OWL.Class if kind == Kind.CLASS else OWL.NamedIndividual))
    for edge, ((s, r, o), at) in enumerate(zip(graph.edges.tolist(), graph.patterns.tolist(), strict=True)):
        if edge in hidden or graph.kinds[o] == Kind.LITERAL:
            continue
        subject, relation, node = URIRef(graph.terms[s]), graph.relations[r], URIRef(graph.terms[o])
        pattern, individual = PATTERNS[at], graph.kinds[s] != Kind.CLASS
        if pattern in ("sub", "type"):
            rdf.add((subject, RDFS.subClassOf if pattern == "sub" else RDF.type, node))
        elif pattern == "some" or not individual:
            restriction = some(rdf, relation, graph.terms[o], "some" if pattern == "some" else "value")
            rdf.add((subject, RDF.type if individual else RDFS.subClassOf, restriction))
        else:
            rdf.add((URIRef(relation), RDF.type, OWL.ObjectProperty))
            rdf.add((subject, URIRef(relation), node))
    if RELATED in graph.relations:
        rdf.add((URIRef(RELATED), RDF.type, OWL.SymmetricProperty))
    gone = {tuple(graph.terms[n] for n in graph.edges[e, ::2].tolist()) for e in hidden}
    for axiom in graph.axioms:
        if gone.isdisjoint(restated(axiom)):
            add_axiom(rdf, axiom)
    return rdf


def restated(axiom: dict[str, Any]) -> set[tuple[str, ...]]:
    """The ends of the edges that a definition says again: it is hidden with any of them."""
    first, *others = axiom["terms"]
    values = [*others, *(o for _, o in axiom.get("some", ()))] if axiom["axiom"] == "definition" else []
    return {(first, other) for other in values}


def add_axiom(rdf: Graph, axiom: dict[str, Any]) -> None:
    """One kept axiom; those that forbid something entail no fact in a consistent ontology and are left out."""
    name, terms = axiom["axiom"], [URIRef(term) for term in axiom["terms"]]
    relations = terms if name in ("subproperty", "equivalent property", "inverse", "chain", *KINDS) else terms[:1]
    if name in (*PAIRS, *KINDS, "chain", "domain", "range") and name not in ("same", "equivalent"):
        for relation in relations:
            rdf.add((relation, RDF.type, OWL.ObjectProperty))
    if name in PAIRS:
        rdf.add((terms[0], PAIRS[name], terms[1]))
    elif name in KINDS:
        rdf.add((terms[0], RDF.type, KINDS[name]))
    elif name in ("domain", "range") and len(terms) == 2:
        rdf.add((terms[0], RDFS.domain if name == "domain" else RDFS.range, terms[1]))
    elif name == "chain":
        head = BNode()
        Collection(rdf, head, list(terms[1:]))
        rdf.add((terms[0], OWL.propertyChainAxiom, head))
    elif name in ("union of", "disjoint union"):
        for member in terms[1:]:
            rdf.add((member, RDFS.subClassOf, terms[0]))
    elif name == "definition":
        both, head = BNode(), BNode()
        Collection(rdf, head, [*terms[1:], *(some(rdf, r, o) for r, o in axiom.get("some", ()))])
        rdf.add((both, RDF.type, OWL.Class))
        rdf.add((both, OWL.intersectionOf, head))
        rdf.add((terms[0], OWL.equivalentClass, both))


def some(rdf: Graph, relation: str, node: str, kind: str = "some") -> BNode:
    """A restriction."""
    made = BNode()
    rdf.add((URIRef(relation), RDF.type, OWL.ObjectProperty))
    rdf.add((made, RDF.type, OWL.Restriction))
    rdf.add((made, OWL.onProperty, URIRef(relation)))
    rdf.add((made, OWL.someValuesFrom if kind == "some" else OWL.hasValue, URIRef(node)))
    return made


def reasoned(rdf: Graph, seconds: float) -> dict[str, Any]:
    """The parts that rustdl finished in time: classes, facts, types."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "training.owl"
        rdf.serialize(path, format="xml")
        command = [sys.executable, "-m", "kgpeft.graph.reasoner", str(path), str(seconds)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=seconds, check=False).stdout
        except subprocess.TimeoutExpired as error:
            done = error.stdout or b""
    lines = done[: done.rfind(b"\n") + 1].decode().splitlines()
    return {part["part"]: part for part in map(json.loads, lines)}


def superclasses(classes: dict[str, Any]) -> Any:
    """A function from a class to all that is above it, itself too, by direct superclasses and equivalents."""
    direct, same = classes.get("direct", {}), classes.get("same", {})

    def above(name: str) -> set[str]:
        found, front = set[str](), [name]
        while front:
            at = front.pop()
            if at not in found:
                found.add(at)
                front += [*direct.get(at, ()), *same.get(at, ())]
        return found

    return above


def by_text(graph: KnowledgeGraph, dataset: Dataset, edges: list[int]) -> list[str]:
    """Test facts both of whose ends, by any of their names, stand in a definition that training may see."""
    shown = [label for label in graph.labels if label.role == "definition" and label.entity not in dataset.veiled]
    texts = [(label.entity, flat(label.text)) for label in shown]
    found = []
    for edge in edges:
        s, _, o = graph.edges[edge].tolist()
        ends = [(node, [flat(alias).strip() for alias in graph.aliases(node)]) for node in (s, o)]
        for entity, text in texts:
            if all(entity == node or any(has(text, name) for name in names) for node, names in ends):
                found.append(f"{said(graph, edge)}: {graph.names[entity]} is {text.strip()}")
                break
    return found


def said(graph: KnowledgeGraph, edge: int) -> str:
    """A fact in words."""
    s, r, o = graph.edges[edge].tolist()
    return f"{graph.names[s]} — {graph.relation_names[r]} — {graph.names[o]}"


def flat(text: str) -> str:
    """A text in lower case, words parted by one blank, one before and behind."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def has(text: str, name: str) -> bool:
    """Whether a text has a name in it, in the singular or the plural."""
    return bool(name) and any(f" {form} " in text for form in (name, f"{name}s", name.removesuffix("s")) if form)


if __name__ == "__main__":
    sys.exit(main())
