"""Evidence for MetaQA's questions: python metaqa.py DATA/metaqa [QUESTIONS] [--dense].

A fixed sample of the dev questions of one and two hops, whose paths are those of the question types. Prints one JSON line a
hop count and system: share of questions whose topic is linked, whose selected facts hold at least one whole answer path,
and the mean share of answers that they hold a whole path to; with 16 single edges and with 16 statements (a statement is
all values of one thing and relation). BM25 and dense retrieval (with --dense) over the same facts as sentences. The scorer
was trained on other graphs.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from kgpeft.embed import TextEncoder
from kgpeft.evidence.baselines import Bm25, Dense
from kgpeft.evidence.search import Search
from kgpeft.evidence.selection import edges, select
from kgpeft.graph import KnowledgeGraph, read
from kgpeft.models import DEFAULT_ENCODER

FACTS = 16
RELATIONS = {
    "actor": "starred actors", "director": "directed by", "writer": "written by", "year": "release year",
    "language": "in language", "tags": "has tags", "tag": "has tags", "genre": "has genre",
    "imdbvotes": "has imdb votes", "imdbrating": "has imdb rating",
}


@dataclass(frozen=True)
class Question:
    """A question, its topic's node (-1: the graph has none of that name), its steps (relation, backwards), and its answers' nodes."""

    text: str
    topic: int
    steps: tuple[tuple[int, bool], ...]
    answers: frozenset[int]


def graph_of(folder: Path) -> KnowledgeGraph:
    """The movie graph."""
    with tempfile.TemporaryDirectory() as out:
        path = Path(out) / "metaqa.tsv"
        rows = (line.split("|") for line in (folder / "kb_rebuilt.txt").read_text("utf-8").splitlines())
        path.write_text("subject\tpredicate\tobject\n" + "".join("\t".join(r) + "\n" for r in rows), "utf-8")
        return read(path)


def questions(folder: Path, hops: int, graph: KnowledgeGraph, n: int) -> list[Question]:
    """A sample of the dev questions."""
    number = {name: i for i, name in enumerate(graph.names)}
    relation = {name: i for i, name in enumerate(graph.relation_names)}
    lines = (folder / f"{hops}-hop/dev.txt").read_text("utf-8").splitlines()
    types = (folder / f"{hops}-hop/qa_dev_qtype.txt").read_text("utf-8").splitlines()
    found = []
    for line, kind in random.Random(0).sample(list(zip(lines, types, strict=True)), min(n, len(lines))):
        text, answers = line.split("\t")
        topic = text[text.index("[") + 1 : text.index("]")]
        ways = kind.split("_to_")
        steps = [(relation[RELATIONS[b if a == "movie" else a]], b == "movie") for a, b in pairwise(ways)]
        known = frozenset(number[a] for a in answers.split("|") if a in number)
        found.append(Question(text.replace("[", "").replace("]", ""), number.get(topic, -1), tuple(steps), known))
    return found


def reached(graph: KnowledgeGraph, chosen: Sequence[int], q: Question) -> set[int]:
    """The nodes to which the chosen edges hold the whole path."""
    front, said = {q.topic}, np.asarray(graph.edges[list(chosen)]).tolist() if len(chosen) else []
    for relation, back in q.steps:
        front = {s if back else o for s, r, o in said if r == relation and (o if back else s) in front}
    return front - ({q.topic} if len(q.steps) > 1 else set())


def measure(graph: KnowledgeGraph, asked: Sequence[Question], chosen: Iterator[Sequence[int]]) -> dict[str, float]:
    """Shares of questions with a whole path and of answers found, in per cent."""
    whole, recall = [], []
    for q, facts in zip(asked, chosen, strict=True):
        hit = reached(graph, facts, q) & q.answers
        whole.append(bool(hit))
        recall.append(len(hit) / max(len(q.answers), 1))  # answers that the graph does not have are not found
    return {"whole path": round(100 * float(np.mean(whole)), 2), "answers": round(100 * float(np.mean(recall)), 2)}


def report(hops: int, system: str, n: int, found: dict[str, object]) -> None:
    print(json.dumps({"hops": hops, "system": system, "n": n} | found), flush=True)


def main() -> None:
    folder, n = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 500
    graph, encoder = graph_of(folder), TextEncoder(DEFAULT_ENCODER)

    def encode(texts: Sequence[str]) -> np.ndarray:
        return encoder.encode(texts, keep=False)

    search, bm25 = Search(graph, encode), Bm25(graph)
    retrievers: dict[str, Callable[[str, int], list]] = {"BM25": bm25}
    if "--dense" in sys.argv:
        retrievers["dense"] = Dense(graph, encoder.encode)
    for hops in (1, 2):
        asked = questions(folder, hops, graph, n)
        begin = time.process_time()
        linked = [search.linker.link(q.text) for q in asked]
        rankings = search.rank([q.text for q in asked], linked)
        seconds = (time.process_time() - begin) / len(asked)
        topic = np.mean([any(q.topic in m.entities for m in ms) for q, ms in zip(asked, linked, strict=True)])
        single = measure(graph, asked, (edges(search.steps, r, FACTS) if r else [] for r in rankings))
        several = measure(graph, asked, (
            [e for s, _ in select(search.steps, r, FACTS) for e in s.edges] if r else [] for r in rankings
        ))
        report(hops, "selection", len(asked), {
            "topic linked": round(100 * float(topic), 2), "16 edges": single, "16 statements": several,
            "ms a question": round(1000 * seconds, 1),
        })
        for name, retrieve in retrievers.items():
            stated = [[s.edges for s in retrieve(q.text, FACTS)] for q in asked]
            report(hops, name, len(asked), {
                "16 edges": measure(graph, asked, ([e for es in ss for e in es][:FACTS] for ss in stated)),
                "16 statements": measure(graph, asked, ([e for es in ss for e in es] for ss in stated)),
            })


if __name__ == "__main__":
    main()
