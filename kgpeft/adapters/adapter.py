"""The adapter: a base model, its trained weights, and the graph it answers from."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from torch import Tensor

from kgpeft.adapters.answer import Answer, Citation
from kgpeft.adapters.bank import FactBank
from kgpeft.adapters.decoding import Until, answer, first_end, greedy
from kgpeft.adapters.fact_memory import FactMemory, Memory
from kgpeft.adapters.premises import Premises, Settled
from kgpeft.adapters.prompts import LONGEST, prompt, stop_token
from kgpeft.adapters.tokens import encode, parcels, rows
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.embed import Embeddings
from kgpeft.evidence.linking import Encode
from kgpeft.evidence.search import ABSENT, Evidence, Search
from kgpeft.evidence.statements import Statement
from kgpeft.evidence.vectors import FactVectors
from kgpeft.evidence.words import words
from kgpeft.graph import KnowledgeGraph

BATCH = 8  # questions read together
# probability above which a refusal is believed; below it the best answer is given: readers say no too readily where a
# question is phrased far from the relation's label (pipelines/benchmarks/refusal.py)
SURE = 0.98
ALIKE = 0.85  # similarity from which an answer is a slip of the pen for what a fact says
MORE = re.compile(r"and \d+ more")  # how a list ends that is too long to say
ABSTENTION = "I don't know: the graph does not say."


class Said(NamedTuple):
    """What a model says, how sure it is (0 to 1), how many tokens it read and how many it said."""

    text: str
    confidence: float
    heard: int
    spoken: int


NOTHING = Said(REFUSAL, 1.0, 0, 0)  # by a model that was not asked


class Adapter:
    """Answers questions from its graph, cites the facts, and abstains where the graph does not say."""

    def __init__(
        self, memory: FactMemory, tokenizer: Any, graph: KnowledgeGraph, embeddings: Embeddings, encode_text: Encode
    ) -> None:
        self.memory, self.tokenizer, self.graph, self.embeddings = memory, tokenizer, graph, embeddings
        self.vectors = FactVectors(embeddings)
        self.search = Search(graph, encode_text, embeddings)
        self.premises = Premises(graph)
        self.bank = FactBank(memory, tokenizer, self.vectors)

    def ask(self, question: str) -> Answer:
        """The answer to one question."""
        return self.ask_many([question])[0]

    def ask_many(
        self, questions: Sequence[str], progress: Callable[[int], None] | None = None, batch: int = BATCH
    ) -> list[Answer]:
        """The answers to several questions, so many read together; `progress` is told how many are done.

        Questions of like length are read together, so that little is computed for padding.
        """
        order = sorted(range(len(questions)), key=lambda i: len(questions[i]))
        answers: dict[int, Answer] = {}
        for start in range(0, len(order), batch):
            part = order[start : start + batch]
            answers.update(zip(part, self._batch([questions[i] for i in part]), strict=True))
            if progress is not None:
                progress(len(answers))
        return [answers[i] for i in range(len(questions))]

    def _batch(self, questions: Sequence[str]) -> list[Answer]:
        begin = time.perf_counter()
        evidence = self.search.many(questions)
        settled = [self.premises.settle(q, e) for q, e in zip(questions, evidence, strict=True)]
        worth = [e.statements and e.absent <= ABSENT for e in evidence]
        read = [i for i, told in enumerate(settled) if told is None and worth[i]]
        said: dict[int, Said] = {}
        for part in parcels([_letters(evidence[i]) for i in read], len(questions)):
            chosen = [read[place] for place in part]
            memory = self.bank.read([evidence[i].statements for i in chosen])
            prompts = [prompt(self.tokenizer, evidence[i].question) for i in chosen]
            said.update(zip(chosen, self.generate(prompts, memory), strict=True))
        seconds = (time.perf_counter() - begin) / len(questions)
        return [
            self._settled(q, told, seconds) if told else self._answer(q, e, said.get(i, NOTHING), seconds)
            for i, (q, e, told) in enumerate(zip(questions, evidence, settled, strict=True))
        ]

    def _settled(self, question: str, told: Settled, seconds: float) -> Answer:
        """What the graph decides without a reader, citing statement or axiom; if nothing, what it says instead."""
        cited = [c for s in told.behind for c in self._citations(s, range(len(s.values)))]
        if told.about >= 0:
            graph = self.graph
            name, iri = graph.names[told.about], graph.terms[told.about]
            cited.append(Citation(name, "axiom", told.why, iri, "", "", _first_source(graph)))
        facts = tuple(s.text for s in told.behind)
        return Answer(question, told.answer or ABSTENTION, not told.answer, 1.0, tuple(cited), facts, seconds=seconds)

    def generate(self, prompts: Sequence[str], memory: Memory | None) -> list[Said]:
        """Greedy continuations, each with the geometric mean of its tokens' probabilities."""
        stop = stop_token(self.tokenizer)
        asked = rows(encode(self.tokenizer, prompts), stop, left=True).to(self.memory.device)
        unless = (encode(self.tokenizer, [REFUSAL])[0][0], SURE) if memory is not None else None
        until = Until(stop, LONGEST, first_end(self.tokenizer), unless)
        tokens, scores = greedy(self.memory, memory, asked, until)
        facts = [0] * len(prompts) if memory is None else memory.mask.sum(1).tolist()
        heard = (int(mask.sum()) + fact for mask, fact in zip(asked.mask, facts, strict=True))
        return [self._said(t, s, read, stop) for t, s, read in zip(tokens, scores, heard, strict=True)]

    def _said(self, tokens: Tensor, scores: Tensor, heard: int, stop: int) -> Said:
        ends = (tokens == stop).nonzero()
        spoken = int(ends[0]) if len(ends) else len(tokens)
        text = self.tokenizer.decode(tokens[:spoken], skip_special_tokens=True)
        whole = bool(len(ends)) or len(tokens) < LONGEST
        return Said(answer(text, whole), math.exp(float(scores.nanmean())), heard, spoken)

    def _answer(self, question: str, evidence: Evidence, said: Said, seconds: float) -> Answer:
        rests = None if said.text == REFUSAL else support(said.text, evidence)
        facts = tuple(s.text for s in evidence.statements)
        told: dict[str, Any] = {"facts": facts, "seconds": seconds, "tokens": (said.heard, said.spoken)}
        told["said"] = said.text if said.heard else ""
        if rests is None:  # an answer that no fact supports is not an answer from the graph
            return Answer(question, ABSTENTION, True, said.confidence, **told)
        statement, named = rests
        citations = tuple(self._citations(statement, named))
        text = "; ".join(dict.fromkeys(statement.values[i] for i in named))  # in full what the model may say cut short
        return Answer(question, text, False, said.confidence, citations, **told)

    def _citations(self, statement: Statement, named: Sequence[int]) -> Iterator[Citation]:
        graph = self.graph
        if not statement.edges:
            source, iri = _first_source(graph), graph.terms[statement.entity_id]
            for i in named:
                yield Citation(statement.entity, statement.relation, statement.values[i], iri, "", "", source)
            return
        for edge in dict.fromkeys(statement.edges[i] for i in named):
            s, r, o = graph.edges[edge].tolist()
            source = graph.manifest["sources"][graph.origins[edge]]["path"]
            yield Citation(
                graph.names[s], graph.relation_names[r], graph.names[o],
                graph.terms[s], graph.relations[r], graph.terms[o], source,
            )

    @contextmanager
    def switched_off(self) -> Iterator[None]:
        """Within it the model is the base model, bit for bit."""
        with self.memory.model.disable_adapter():
            yield


def _first_source(graph: KnowledgeGraph) -> str:
    return graph.manifest["sources"][0]["path"] if graph.manifest["sources"] else ""


def _letters(evidence: Evidence) -> int:
    """How much there is to read."""
    return len(evidence.question) + sum(len(s.text) for s in evidence.statements)


def support(text: str, evidence: Evidence) -> tuple[Statement, list[int]] | None:
    """The statement that an answer rests on, with the numbers of the values it names; None if there is none.

    Of several statements that hold the answer, the one with most of it named is meant, then the best ranked. A list
    that ends with "and 7 more" names all values of its statement, a text that ends with "…" the one it begins.
    """
    *parts, last = text.split("; ")
    more = bool(parts) and bool(MORE.fullmatch(last))
    said = {_words(part) for part in (parts if more else [*parts, last])}
    for says in (_says, _nearly):
        found = []
        for rank, s in enumerate(evidence.statements):
            values = [_words(v) for v in s.values]
            entire = [i for i, v in enumerate(values) if v and says(_words(text), v)]  # a text with a semicolon in it
            named = entire or [i for i, v in enumerate(values) if v and any(says(p, v) for p in said)]
            if named:
                covered = 1.0 if entire else len({values[i] for i in named}) / len(said)
                every = list(range(len(values))) if more and len(named) >= len(s.shown) else named
                found.append((-covered, rank, s, every))
        if found:
            return min(found, key=lambda f: f[:2])[2:]
    return None


def _words(text: str) -> str:
    return " ".join(w for w, _, _ in words(text))


def _says(part: str, value: str) -> bool:
    """Whether a part of an answer names a value; a long text may be cut short."""
    return part == value or (len(part) > 30 and value.startswith(part))


def _nearly(part: str, value: str) -> bool:
    """Whether a part is a value with a slip in its spelling; numbers must be the same."""
    if min(len(part), len(value)) < 5 or re.findall(r"\d+", part) != re.findall(r"\d+", value):
        return False
    return SequenceMatcher(None, part, value).ratio() >= ALIKE
