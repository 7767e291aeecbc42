"""Evidence for SimpleQuestions on Wikidata: python simplequestions.py DATA/simplequestions_wd [--dense].

The graph is what the labelled questions are about, train and valid together: every question is answered by one of its
facts. Relations that the file leaves as numbers get their English label of Wikidata; the line "as numbers" is without.
Prints one JSON line a system: share of questions whose thing is linked, and whose fact is among 8 statements, and among 8
single edges. The scorer was trained on other graphs.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgpeft.embed import TextEncoder
from kgpeft.evidence.baselines import Bm25, Dense
from kgpeft.evidence.search import Search
from kgpeft.evidence.selection import edges, select
from kgpeft.graph import KnowledgeGraph, read
from kgpeft.models import DEFAULT_ENCODER

FACTS = 8
LABELS = {  # wikidata.org, English
    "P21": "sex or gender", "P58": "screenwriter", "P86": "composer", "P150": "contains the administrative territorial entity",
    "P155": "follows", "P156": "followed by", "P162": "producer", "P272": "production company", "P276": "location",
    "P344": "director of photography", "P364": "original language of film or TV show", "P413": "position played on team",
    "P421": "located in time zone", "P607": "conflict", "P710": "participant", "P738": "influence of",
    "P1040": "film editor", "P1431": "executive producer",
}
WIKIDATA = "http://www.wikidata.org/entity/"


@dataclass(frozen=True)
class Row:
    """One question and the fact that answers it."""

    text: str
    fact: tuple[str, str, str]  # Q, P, Q
    thing: str  # Q that the question names


def rows(folder: Path) -> tuple[list[Row], dict[str, str]]:
    """The questions, and the labels of all identifiers."""
    found, labels = [], {}
    for part in ("train", "valid"):
        for line in (folder / f"labelled_{part}.tsv").read_text("utf-8").splitlines():
            text, name, relation, value, thing, way, other = line.split("\t")
            number = f"P{way[1:]}"
            labels |= {thing: name, other: value}
            if not (said := relation.removeprefix("inverse ")).startswith("P"):
                labels[number] = said
            fact = (other, number, thing) if way.startswith("R") else (thing, number, other)
            found.append(Row(text, fact, thing))
    return found, labels


def graph_of(asked: Sequence[Row], labels: dict[str, str]) -> KnowledgeGraph:
    """All facts as N-Triples with labels."""
    named = {x for row in asked for x in row.fact}
    lines = [f"<{WIKIDATA}{x}> <http://www.w3.org/2000/01/rdf-schema#label> {json.dumps(labels[x])} ." for x in sorted(named & set(labels))]
    lines += [" ".join(f"<{WIKIDATA}{x}>" for x in row.fact) + " ." for row in asked]
    with tempfile.TemporaryDirectory() as out:
        path = Path(out) / "facts.nt"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return read(path)


def recall(gold: Sequence[int], chosen: Sequence[Sequence[int]]) -> float:
    """Share of questions whose fact is among the chosen, in per cent."""
    return round(100 * float(np.mean([g in c for g, c in zip(gold, chosen, strict=True)])), 2)


def main() -> None:
    asked, given = rows(Path(sys.argv[1]))
    encoder = TextEncoder(DEFAULT_ENCODER)
    for name, labels in (("selection", given | LABELS), ("selection, relations as numbers", given)):
        graph = graph_of(asked, labels)
        number = {term.removeprefix(WIKIDATA): i for i, term in enumerate(graph.terms)}
        relation = {term.removeprefix(WIKIDATA): i for i, term in enumerate(graph.relations)}
        edge = {tuple(e): i for i, e in enumerate(np.asarray(graph.edges).tolist())}
        gold = [edge[number[s], relation[r], number[o]] for s, r, o in (row.fact for row in asked)]
        search = Search(graph, encoder.encode)
        linked = [search.linker.link(row.text) for row in asked]
        rankings = search.rank([row.text for row in asked], linked)
        thing = [any(number[row.thing] in m.entities for m in ms) for row, ms in zip(asked, linked, strict=True)]
        stated = [[e for s, _ in select(search.steps, r, FACTS) for e in s.edges] if r else [] for r in rankings]
        single = [edges(search.steps, r, FACTS) if r else [] for r in rankings]
        print(json.dumps({"system": name, "n": len(asked), "linked": round(100 * float(np.mean(thing)), 2),
                          "8 statements": recall(gold, stated), "8 edges": recall(gold, single)}), flush=True)
        if name == "selection":
            systems: dict[str, Callable[[str, int], list]] = {"BM25": Bm25(graph)}
            systems |= {"dense": Dense(graph, encoder.encode)} if "--dense" in sys.argv else {}
            for other, retrieve in systems.items():
                found = [[e for s in retrieve(row.text, FACTS) for e in s.edges] for row in asked]
                print(json.dumps({"system": other, "n": len(asked), "8 statements": recall(gold, found),
                                  "8 edges": recall(gold, [f[:FACTS] for f in found])}), flush=True)


if __name__ == "__main__":
    main()
