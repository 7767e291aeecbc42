"""Why an adapter answered as it did: what was linked, found, read, and decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.evidence.picture import neighbourhood_svg
from kgpeft.evidence.search import ABSENT, PLACES, Evidence

if TYPE_CHECKING:
    from kgpeft.adapters.adapter import Adapter
    from kgpeft.adapters.answer import Answer
    from kgpeft.evidence.linking import Candidate, Mention
    from kgpeft.evidence.statements import Statement
    from kgpeft.graph import KnowledgeGraph

CONSIDERED = 3 * PLACES  # statements that are told of


def explain(adapter: Adapter, answer: Answer) -> dict[str, Any]:
    """What `kgpeft ask --explain` tells of an answer.

    Keys: asked (the question as it was read), links, statements (best first, each with its score, whether it was read
    and whether the answer rests on it), absent (how much it looks as if the graph did not say), refused_from, said (by
    the model, word for word), decision (answered, settled by the graph, refused unread, refused, unsupported) and why.
    """
    search = adapter.search
    evidence = search(answer.question)
    wider = search(answer.question, CONSIDERED)
    scores = dict(zip(wider.statements, wider.scores, strict=True))
    scores |= dict(zip(evidence.statements, evidence.scores, strict=True))
    settled = adapter.premises.settle(answer.question, evidence)
    decision, why = ("settled by the graph", settled.why) if settled else _decision(evidence, answer)
    used = used_edges(adapter.graph, evidence, answer)
    read = set() if decision == "refused unread" else set(evidence.statements)
    ranked = sorted(scores, key=lambda s: (s not in read, -scores[s]))
    return {
        "asked": evidence.question,
        "links": [_link(adapter.graph, mention) for mention in evidence.mentions],
        "statements": [
            {"text": s.text, "score": round(scores[s], 4), "read": s in read, "used": _is_used(s, answer, used)}
            for s in ranked
        ],
        "absent": round(evidence.absent, 4), "refused_from": ABSENT, "said": answer.said, "decision": decision,
        "why": why,
    }


def picture(adapter: Adapter, answer: Answer) -> str:
    """What lies around the things that a question names, as SVG; the facts that the answer rests on stand out."""
    evidence = adapter.search(answer.question)
    return neighbourhood_svg(adapter.graph, evidence, used_edges(adapter.graph, evidence, answer), answer.question)


def used_edges(graph: KnowledgeGraph, evidence: Evidence, answer: Answer) -> set[int]:
    """The edges that an answer cites."""
    cited = {(c.subject_iri, c.relation_iri, c.object_iri) for c in answer.citations}
    edges = {edge for s in evidence.statements for edge in s.edges}
    return {e for e in edges if _terms(graph, e) in cited}


def _terms(graph: KnowledgeGraph, edge: int) -> tuple[str, str, str]:
    subject, relation, object_ = graph.edges[edge].tolist()
    return graph.terms[subject], graph.relations[relation], graph.terms[object_]


def _is_used(statement: Statement, answer: Answer, used: set[int]) -> bool:
    if statement.edges:
        return not used.isdisjoint(statement.edges)
    return any((c.subject, c.relation) == (statement.entity, statement.relation) for c in answer.citations)


def _decision(evidence: Evidence, answer: Answer) -> tuple[str, str]:
    partly = [m.partial for m in evidence.mentions if m.partial]
    if not evidence.mentions:
        return "refused unread", "the question names nothing that the graph has"
    if not answer.abstained:
        return "answered", "a statement that was read supports what the model said"
    if not evidence.statements:
        return "refused unread", "the graph says nothing of what the question names"
    if not answer.said:
        reason = f"the graph knows no {partly[0]!r}" if partly else "it looks as if the graph did not say"
        return "refused unread", f"{reason} ({evidence.absent:.2f}, refused from {ABSENT})"
    if answer.said == REFUSAL:
        return "refused", "the model found no answer in the statements that it read"
    return "unsupported", "what the model said is in no statement that it read"


def _link(graph: KnowledgeGraph, mention: Mention) -> dict[str, Any]:
    meant = set(mention.entities)
    told = [_candidate(graph, c) | {"meant": c.entity in meant} for c in mention.candidates]
    return {
        "text": mention.text, "start": mention.start, "end": mention.end, "how": mention.how,
        "score": round(mention.score, 3), "partial": mention.partial,
        "entities": [c for c in told if c["meant"]], "alternatives": [c for c in told if not c["meant"]],
    }


def _candidate(graph: KnowledgeGraph, candidate: Candidate) -> dict[str, Any]:
    return {
        "label": graph.names[candidate.entity], "iri": graph.terms[candidate.entity], "name": candidate.name,
        "how": candidate.how, "score": round(candidate.score, 3), "text": candidate.text,
    }
