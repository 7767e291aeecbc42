"""What the graph knows of one term, and where each part of it is stated."""

import difflib
from typing import Any

from kgpeft.errors import GraphError
from kgpeft.graph.lines import settle_lines
from kgpeft.graph.model import PATTERNS, Kind, KnowledgeGraph
from kgpeft.graph.names import curie
from kgpeft.graph.notes import Note
from kgpeft.graph.wording import axiom_text, edge_text, name_of

_ABOVE = {PATTERNS.index(pattern) for pattern in ("sub", "type", "broader")}


def describe(graph: KnowledgeGraph, term: str) -> dict[str, Any]:
    """All that is known of what a term names, be it a property: names by kind, facts both ways, axioms, notes.

    Each part has its source and line (0: unknown; then perhaps the number of its "statement"). Of several entities
    with that name the one with most facts is meant, and ``others`` lists the rest. ``obsolete`` lists the obsolete
    terms of that name; one that is replaced leads to what replaces it. GraphError with the closest names for an
    unknown term.
    """
    known = _known(graph, term)
    parts = [part for key in ("names", "facts", "axioms", "notes") for part in known[key]]
    settle_lines(parts, graph.manifest["sources"])
    return known


def _known(graph: KnowledgeGraph, term: str) -> dict[str, Any]:
    found, gone = graph.find(term), [_obsolete(graph, iri) for iri in graph.obsolete(term)]
    if found:
        entity = max(found, key=lambda number: len(graph.outgoing(number)) + len(graph.incoming(number)))
        others = [graph.terms[number] for number in found if number != entity]
        return _entity(graph, entity) | {"others": others, "obsolete": gone}
    if gone:
        return _bare(graph, gone[0]["label"], gone[0]["iri"]) | {"obsolete": gone}
    key = " ".join(term.split()).casefold()
    for iri, name in zip(graph.relations, graph.relation_names, strict=True):
        if key in (iri.casefold(), name.casefold(), curie(iri).casefold()):
            return _bare(graph, name, iri) | {"edges": int((graph.edges[:, 1] == graph.relations.index(iri)).sum())}
    for iri in dict.fromkeys([*graph.noted, *(term for axiom in graph.axioms for term in axiom["terms"])]):
        if key in (iri.casefold(), name_of(graph, iri).casefold(), curie(iri).casefold()):
            return _bare(graph, name_of(graph, iri), iri)
    raise _unknown(graph, term)


def _entity(graph: KnowledgeGraph, entity: int) -> dict[str, Any]:
    edges = [*graph.outgoing(entity).tolist(), *graph.incoming(entity).tolist()]
    types = [int(graph.edges[edge, 2]) for edge in graph.outgoing(entity) if graph.patterns[edge] in _ABOVE]
    return _bare(graph, graph.names[entity], graph.terms[entity]) | {
        "kind": Kind(graph.kinds[entity]).name.lower(),
        "types": [graph.names[number] for number in types],
        "synonyms": graph.aliases(entity)[1:],
        "definition": graph.definition(entity),
        "names": _names(graph, entity),
        "facts": [fact(graph, edge) for edge in dict.fromkeys(edges)],
    }


def _bare(graph: KnowledgeGraph, label: str, iri: str) -> dict[str, Any]:
    """What is known of anything that has an IRI."""
    return {
        "label": label, "iri": iri, "types": [], "synonyms": [], "definition": None, "names": [], "facts": [],
        "axioms": [_axiom(graph, axiom) for axiom in graph.axioms if _mentions(axiom, iri)],
        "notes": [_note(graph, note) for note in graph.notes.of(iri)], "others": [], "obsolete": [],
    }  # fmt: skip


def _mentions(axiom: dict[str, Any], iri: str) -> bool:
    return iri in axiom["terms"] or any(iri in pair for pair in axiom.get("some", ()))


def _axiom(graph: KnowledgeGraph, axiom: dict[str, Any]) -> dict[str, Any]:
    return {"axiom": axiom_text(graph, axiom), **_place(graph, axiom["source"], axiom["line"])}


def _names(graph: KnowledgeGraph, entity: int) -> list[dict[str, Any]]:
    first = graph.first_label(entity)
    return [
        {"role": label.role, "text": label.text, "lang": label.lang, **_place(graph, *graph.places[at].tolist())}
        for at, label in enumerate(graph.labels_of(entity), first)
    ]


def fact(graph: KnowledgeGraph, edge: int) -> dict[str, Any]:
    """One edge in words, with the file and line that state it, and the axiom it comes from."""
    subject, relation, node = graph.edges[edge].tolist()
    line = int(graph.lines[edge]) if len(graph.lines) else 0
    return {
        "subject": graph.names[subject],
        "relation": graph.relation_names[relation],
        "object": graph.names[node],
        **_place(graph, int(graph.origins[edge]), line),
        "axiom": edge_text(graph, edge),
    }


def _note(graph: KnowledgeGraph, note: Note) -> dict[str, Any]:
    told = {"property": curie(note.property), "value": name_of(graph, note.value), "lang": note.lang}
    about = {"about": name_of(graph, note.about)} if note.about else {}
    return told | about | _place(graph, note.source, note.line)


def _obsolete(graph: KnowledgeGraph, iri: str) -> dict[str, Any]:
    """What an obsolete term was called, and what replaces it or may be meant instead."""
    notes = graph.notes.of(iri)
    labels = [note.value for note in notes if note.property in graph.properties("label")]

    def named(role: str) -> list[str]:
        return [name_of(graph, note.value) for note in notes if note.property in graph.properties(role)]

    return {
        "label": labels[0] if labels else curie(iri), "iri": iri, "replaced_by": named("replaced"),
        "consider": named("consider"),
    }  # fmt: skip


def _place(graph: KnowledgeGraph, source: int, line: int) -> dict[str, Any]:
    return {"source": graph.manifest["sources"][source]["path"], "line": line}


def _unknown(graph: KnowledgeGraph, term: str) -> GraphError:
    names = {name.casefold(): name for name in [*graph.noted.values(), *graph.relation_names, *graph.names]}
    close = difflib.get_close_matches(term.casefold(), names, n=3, cutoff=0.6)
    instead = "did you mean " + " or ".join(f"{names[name]!r}" for name in close) + "?" if close else ""
    return GraphError(f"no entity is called {term!r}", instead=instead, remedy="give a name, synonym, CURIE or IRI")
