"""What the graph knows of one term."""

import difflib
from typing import Any

from kgpeft.errors import GraphError
from kgpeft.graph.model import PATTERNS, KnowledgeGraph


def describe(graph: KnowledgeGraph, term: str) -> dict[str, Any]:
    """Label, IRI, types, synonyms, definition and all facts, in both directions, of the entity a term names.

    Of several entities with that name the one with most facts is meant, and ``others`` lists the rest. GraphError
    with the closest names for an unknown term.
    """
    found = graph.find(term)
    if not found:
        raise _unknown(graph, term)
    entity = max(found, key=lambda number: len(graph.outgoing(number)) + len(graph.incoming(number)))
    edges = [*graph.outgoing(entity).tolist(), *graph.incoming(entity).tolist()]
    above = {PATTERNS.index(pattern) for pattern in ("sub", "type", "broader")}
    types = [int(graph.edges[edge, 2]) for edge in graph.outgoing(entity) if graph.patterns[edge] in above]
    return {
        "label": graph.names[entity],
        "iri": graph.terms[entity],
        "types": [graph.names[number] for number in types],
        "synonyms": graph.aliases(entity)[1:],
        "definition": graph.definition(entity),
        "facts": [fact(graph, edge) for edge in dict.fromkeys(edges)],
        "others": [graph.terms[number] for number in found if number != entity],
    }


def fact(graph: KnowledgeGraph, edge: int) -> dict[str, str]:
    """One edge in words, with the file that states it."""
    subject, relation, node = graph.edges[edge].tolist()
    return {
        "subject": graph.names[subject],
        "relation": graph.relation_names[relation],
        "object": graph.names[node],
        "source": graph.manifest["sources"][graph.origins[edge]]["path"],
    }


def _unknown(graph: KnowledgeGraph, term: str) -> GraphError:
    names = {name.casefold(): name for name in graph.names}
    close = difflib.get_close_matches(term.casefold(), names, n=3, cutoff=0.6)
    instead = "did you mean " + " or ".join(f"{names[name]!r}" for name in close) + "?" if close else ""
    return GraphError(f"no entity is called {term!r}", instead=instead, remedy="give a name, synonym, CURIE or IRI")
