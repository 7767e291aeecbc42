"""What the search is measured against: BM25 and dense retrieval over facts as sentences. No answer rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kgpeft.evidence.ends import Ends, spans
from kgpeft.evidence.linking import Encode
from kgpeft.evidence.statements import Statement, stated
from kgpeft.evidence.words import words

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph

K1, B = 1.2, 0.75  # of Okapi BM25, as Lucene has them
CHUNK = 4_096  # facts encoded at once


class Facts:
    """The forward statements of a graph as documents, one for each thing and relation."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph, self.ends = graph, Ends.of(graph)
        self.groups = np.flatnonzero(self.ends.step < len(graph.relations))
        self.nodes = np.repeat(np.arange(len(graph.terms)), np.diff(self.ends.group_of))[self.groups]

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, document: int) -> Statement:
        edges = self.ends.edge[self.ends.members(int(self.groups[document]))].tolist()
        return stated(self.graph, int(self.nodes[document]), edges, inverse=False)

    def best(self, scores: np.ndarray, places: int) -> list[Statement]:
        """The documents with the highest scores, best first; of equals the first."""
        many = min(4 * places, len(scores))
        rough = np.argpartition(-scores, many - 1)[:many] if many else np.zeros(0, int)
        ranked = rough[np.lexsort((rough, -scores[rough]))]
        return [self[int(d)] for d in ranked[:places] if scores[d] > 0]


class Bm25:
    """Okapi BM25 (Robertson and Zaragoza 2009) over entity, relation and values, with Lucene's idf."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.facts = facts = Facts(graph)
        self.vocabulary: dict[str, int] = {}
        name, relation = _Tokens(graph.names, self.vocabulary), _Tokens(graph.relation_names, self.vocabulary)
        values, owner = spans(facts.ends.first[facts.groups], facts.ends.sizes(facts.groups))
        every = np.arange(len(facts))
        term, document = (np.concatenate(parts) for parts in zip(
            name.of(facts.nodes, every), relation.of(facts.ends.step[facts.groups], every),
            name.of(facts.ends.end[values], owner), strict=True,
        ))
        self._weigh(term, document)

    def _weigh(self, term: np.ndarray, document: np.ndarray) -> None:
        n, length = len(self.facts), np.bincount(document, minlength=len(self.facts))
        pair, count = np.unique(term.astype(np.int64) * max(n, 1) + document, return_counts=True)
        term, self.document = np.divmod(pair, max(n, 1))
        self.start = np.searchsorted(term, np.arange(len(self.vocabulary) + 1))
        holding = np.diff(self.start)
        idf = np.log(1 + (n - holding + 0.5) / (holding + 0.5))
        norm = K1 * (1 - B + B * length[self.document] / max(length.mean() if n else 1, 1e-9))
        self.weight = (idf[term] * count * (K1 + 1) / (count + norm)).astype(np.float32)

    def __call__(self, question: str, places: int) -> list[Statement]:
        """The best statements for a question, best first."""
        scores = np.zeros(len(self.facts), np.float32)
        for word, _, _ in words(question):
            t = self.vocabulary.get(word, -1)
            if t >= 0:
                of_term = slice(self.start[t], self.start[t + 1])
                scores[self.document[of_term]] += self.weight[of_term]
        return self.facts.best(scores, places)


class _Tokens:
    """The words of many texts as numbers, laid end to end."""

    def __init__(self, texts: Sequence[str], vocabulary: dict[str, int]) -> None:
        found = [[vocabulary.setdefault(w, len(vocabulary)) for w, _, _ in words(text)] for text in texts]
        self.size = np.array([len(ws) for ws in found], np.int64)
        self.first = np.cumsum(self.size) - self.size
        self.token = np.array([w for ws in found for w in ws], np.int32)

    def of(self, texts: np.ndarray, documents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Words of these texts, and for each the document that its text stands in."""
        places, owner = spans(self.first[texts], self.size[texts])
        return self.token[places], documents[owner]


class Dense:
    """Cosine of sentence vectors of a question and of each statement's text."""

    def __init__(self, graph: KnowledgeGraph, encode: Encode) -> None:
        self.facts, self.encode = Facts(graph), encode
        rows = [np.zeros((0, len(encode([""])[0])), np.float32)]
        for start in range(0, len(self.facts), CHUNK):
            rows.append(encode([self.facts[d].text for d in range(start, min(start + CHUNK, len(self.facts)))]))
        self.vectors = np.concatenate(rows)

    def __call__(self, question: str, places: int) -> list[Statement]:
        """The best statements for a question, best first."""
        return self.facts.best(1 + self.vectors @ self.encode([question])[0], places)
