"""The same ontology in its several syntaxes gives the same edges: python same_edges.py [DATA].

One JSON line an ontology: the edges that each file gives, those of the first file that another lacks or has beside
them, and for every such edge what the other file says of it. The reasons are looked up in the text of the file, never
taken from a list of edges: a difference without one is counted as unexplained.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

from kgpeft.graph import KnowledgeGraph
from kgpeft.graph.names import curie
from kgpeft.graph.read import read

ONTOLOGIES = {
    "bfo": "bfo/bfo-core.owl bfo/bfo-core.ttl bfo/bfo-core.ofn",
    "go-nucleus": "go/go-nucleus.owl go/go-nucleus.owl.ttl go/go-nucleus.ofn go/go-nucleus.obo go/go-nucleus.json",
    "DO_cancer_slim": "doid/DO_cancer_slim.owl doid/DO_cancer_slim.obo doid/DO_cancer_slim.json",
    "ro": "ro/ro.owl ro/ro.json ro/ro.obo",
    "schemaorg": " ".join(f"schemaorg/schemaorg-current-https.{end}" for end in ("ttl", "nt", "nq", "rdf", "jsonld")),
    "uat": "uat/UAT.rdf uat/UAT.json uat/UAT.csv",
}
Edge = tuple[str, str, str, int]  # subject, relation, object, pattern


def edges(graph: KnowledgeGraph) -> set[Edge]:
    rows = zip(graph.edges.tolist(), graph.patterns.tolist(), strict=True)
    return {(graph.terms[s], graph.relations[r], graph.terms[o], pattern) for (s, r, o), pattern in rows}


def called(graph: KnowledgeGraph) -> set[Edge]:
    """The edges by name, for a file that has no identifiers."""
    rows = zip(graph.edges.tolist(), graph.patterns.tolist(), strict=True)
    return {(graph.names[s], graph.relation_names[r], graph.names[o], pattern) for (s, r, o), pattern in rows}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")


def mentions(text: str, term: str) -> bool:
    """Whether a file speaks of a term, in any of the ways to write it."""
    forms = {term, curie(term), re.split(r"[#/]", term)[-1]}
    return any(re.search(rf"(?<![\w:]){re.escape(form)}(?!\w)", text) for form in forms)


def reason(edge: Edge, text: str) -> str:
    """Why a file does not give an edge that another one gives, or nothing."""
    if text.startswith("level 1,"):
        return "" if edge[1] == "has broader" else "a table of levels has no such relation"
    for term in (edge[0], edge[2]):
        if not mentions(text, term):
            return "the file does not mention one of its ends"
    if text.startswith("format-version"):
        if not stanza(text, edge[0]):
            return "the file has no stanza of its subject"
        if "subClassOf" not in edge[1] and not stanza(text, edge[1]):
            return "the file has no stanza of its relation, which is an annotation without a name then"
    return ""


def stanza(text: str, term: str) -> bool:
    """Whether an OBO file has a stanza of a term."""
    return f"\nid: {curie(term)}\n" in text


def compare(data: Path, files: list[str]) -> dict[str, object]:
    first, *others = [read(data / name) for name in files]
    counts = {Path(name).name: len(graph.edges) for name, graph in zip(files, [first, *others], strict=True)}
    differences, unexplained = [], 0
    for name, graph in zip(files[1:], others, strict=True):
        nameless = not any("://" in term for term in graph.terms)
        ours, theirs = (called(first), called(graph)) if nameless else (edges(first), edges(graph))
        lacks = {edge: reason(edge, text_of(data / name)) for edge in ours - theirs}
        more = {edge: reason(edge, text_of(data / files[0])) for edge in theirs - ours}
        open_ = sorted(edge for edge, why in (lacks | more).items() if not why)
        unexplained += len(open_)
        if ours != theirs:
            counted = {"lacks": Counter(lacks.values()), "has more": Counter(more.values()), "unexplained": open_[:3]}
            differences.append({"file": Path(name).name, **counted})
    return {"edges": counts, "same": not differences, "unexplained": unexplained, "differences": differences}


def main(data: Path) -> None:
    for ontology, files in ONTOLOGIES.items():
        print(json.dumps({"ontology": ontology, **compare(data, files.split())}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
