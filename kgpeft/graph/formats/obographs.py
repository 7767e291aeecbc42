"""OBO Graphs JSON → statements.

Mapping: https://github.com/geneontology/obographs, README-owlmapping.md; what the format cannot hold (which relations
are functional, nested expressions) is not there to be read.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from kgpeft.errors import SourceError
from kgpeft.graph.formats.build import intersection, restriction, sequence, state
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import Node, Statements, literal
from kgpeft.graph.vocabulary import (
    ANNOTATION,
    COMMENT,
    DEFINITION,
    DEPRECATED,
    LABEL,
    OBO,
    OIO,
    OWL,
    RDF,
    RDFS,
    SUBCLASS,
    TYPE,
    XSD,
    expand,
)

Record = dict[str, Any]
Said = tuple[Node, Node, list[tuple[Node, Node]]]  # property, value, annotations of that

_KINDS = {"CLASS": OWL + "Class", "INDIVIDUAL": OWL + "NamedIndividual"}
_PROPERTIES = {"OBJECT": OWL + "ObjectProperty", "DATA": OWL + "DatatypeProperty", "ANNOTATION": ANNOTATION}
_EDGES = {
    "is_a": SUBCLASS,
    "subPropertyOf": RDFS + "subPropertyOf",
    "inverseOf": OWL + "inverseOf",
    "type": TYPE,
}
_SCOPE = OIO + "hasScope"  # what a synonym type has
_CURIE = re.compile(r"([A-Za-z][A-Za-z_]*):(\w+)")
_ABSOLUTE = re.compile(r"(?:https?|ftp|urn|file):\S+")


def read_obographs(source: Opened, into: Statements) -> None:
    """Nodes, edges and axioms of every graph in the file as OWL; records that are broken are quarantined."""
    document = load_json(source)
    graphs = document.get("graphs", [document])
    if not isinstance(graphs, list) or not all(isinstance(graph, dict) for graph in graphs):
        raise SourceError("'graphs' is no list of graphs", where=source.path, remedy="export it again")
    nodes = [node for graph in graphs for node in _records(graph, "nodes", None)]
    kinds = {node["id"]: node.get("type") for node in nodes if isinstance(node.get("id"), str)}
    declared = {name for node in nodes if node.get("propertyType") and isinstance(name := node.get("id"), str)}
    for notes in sorted(_annotations(graphs, nodes) - declared):
        kinds[notes] = "NOTE"
        into.add(iri(notes), TYPE, ANNOTATION)
    for graph in graphs:
        _Graph(kinds, into).read(graph)


def load_json(source: Opened) -> Record:
    """The object that a JSON file is; SourceError for anything else."""
    with source.stream() as stream:
        try:
            document = json.load(stream)
        except json.JSONDecodeError as error:
            what = f"broken JSON, line {error.lineno}: {error.msg}"
            raise SourceError(what, where=source.path, remedy="is it complete? Download or export it again") from error
        except UnicodeDecodeError as error:
            what = f"broken JSON: byte {error.start} is not UTF-8"
            raise SourceError(what, where=source.path, remedy="save it as UTF-8") from error
        except ValueError as error:  # a number of more digits than are read
            raise SourceError(f"broken JSON: {error}"[:120], where=source.path, remedy="is it meant to be?") from error
        except RecursionError as error:
            raise SourceError("the JSON is nested too deeply", where=source.path, remedy="export it again") from error
    if not isinstance(document, dict):
        raise SourceError(f"the JSON is a list, not {source.format}", where=source.path, remedy="export it again")
    return document


def _records(holder: Record, key: str, into: Statements | None) -> Iterator[Record]:
    """The records in the list under ``key``; anything else there is quarantined."""
    found = holder.get(key) or []
    for record in found if isinstance(found, list) else [found]:
        if isinstance(record, dict):
            yield record
        elif into is not None:
            into.quarantine(0, f"{key}: no record: {record!r:.80}")


def _annotations(graphs: list[Record], nodes: list[Record]) -> set[str]:
    """Identifiers used where OWL has nothing but an annotation property: for plain values, synonym types, subsets."""
    metas = [meta for holder in graphs + nodes if isinstance(meta := holder.get("meta"), dict)]
    found = [pair.get("pred") for meta in metas for pair in _records(meta, "basicPropertyValues", None)]
    found += [synonym.get("synonymType") for meta in metas for synonym in _records(meta, "synonyms", None)]
    found += [name for meta in metas if isinstance(names := meta.get("subsets"), list) for name in names]
    scoped = (node for node in nodes if isinstance(node.get("meta"), dict) and not node.get("type"))
    found += [node.get("id") for node in scoped if _SCOPE in json.dumps(node["meta"])]
    return {name for name in found if isinstance(name, str)}


class _Graph:
    """One graph being turned into triples; ``kinds`` are the node types of the whole file."""

    def __init__(self, kinds: dict[Any, Any], into: Statements) -> None:
        self.kinds, self.into = kinds, into

    def read(self, graph: Record) -> None:
        """Everything in it; a record that lacks what it needs is quarantined whole."""
        if isinstance(graph.get("id"), str):
            self.into.add(iri(graph["id"]), TYPE, OWL + "Ontology")
            self._attempt("meta", graph, self._header)
        for key, read in (
            ("nodes", self._node),
            ("edges", self._edge),
            ("equivalentNodesSets", self._equivalent),
            ("logicalDefinitionAxioms", self._definition),
            ("domainRangeAxioms", self._domain_range),
            ("propertyChainAxioms", self._chain),
        ):
            for record in _records(graph, key, self.into):
                self._attempt(key, record, read)

    def _attempt(self, key: str, record: Any, read: Callable[[Any], None]) -> None:
        try:
            read(record)
        except (KeyError, TypeError, AttributeError) as error:
            reason = f"lacks {error}" if isinstance(error, KeyError) else "holds a value of the wrong kind"
            self.into.quarantine(0, f"{key}: {reason}: {json.dumps(record)[:80]}")

    def _header(self, graph: Record) -> None:
        subject, meta = iri(graph["id"]), graph.get("meta") or {}
        self._meta(subject, meta)
        if meta.get("version"):
            self.into.add(subject, OWL + "versionIRI", value_of(meta["version"]))

    def _node(self, node: Record) -> None:
        subject, kind = iri(node["id"]), node.get("type")
        if kind == "PROPERTY":
            self.into.add(subject, TYPE, _PROPERTIES.get(node.get("propertyType", ""), RDF + "Property"))
        elif kind in _KINDS:
            self.into.add(subject, TYPE, _KINDS[kind])
        if node.get("lbl"):
            self.into.add(subject, LABEL, text_of(node["lbl"]))
        self._meta(subject, node.get("meta") or {})

    def _meta(self, subject: Node, meta: Record) -> None:
        """What is noted of a thing; each note that is broken is quarantined alone."""
        readers: dict[str, Callable[[Any], Said]] = {
            "definition": lambda part: (DEFINITION, text_of(part["val"]), _sources(part)),
            "synonyms": _synonym,
            "xrefs": lambda part: (OIO + "hasDbXref", text_of(part["val"]), []),
            "subsets": lambda part: (OIO + "inSubset", iri(part), []),
            "comments": lambda part: (COMMENT, text_of(part), []),
            "basicPropertyValues": lambda part: (iri(part["pred"]), value_of(part["val"]), _sources(part)),
        }
        for key, said in readers.items():
            parts = meta.get(key) or ()
            for part in parts if isinstance(parts, list) else [parts] if parts else ():
                self._attempt(f"{key} of {subject}", part, partial(self._state, subject, said))
        if meta.get("deprecated"):
            self.into.add(subject, DEPRECATED, literal("true", XSD + "boolean"))

    def _state(self, subject: Node, said: Callable[[Any], Said], part: Any) -> None:
        state(self.into, subject, *said(part))

    def _edge(self, edge: Record) -> None:
        """Between classes ``P some B``; from an individual to an individual, or between properties, a fact."""
        subject, predicate, node = iri(edge["sub"]), edge["pred"], iri(edge.get("obj") or edge["object"])
        ends = self.kinds.get(edge["sub"]), self.kinds.get(edge.get("obj"))
        if predicate in _EDGES:
            self.into.add(subject, _EDGES[predicate], node)
        elif ends[0] == "PROPERTY" or ends == ("INDIVIDUAL", "INDIVIDUAL"):
            self.into.add(subject, iri(predicate), node)
        else:
            kind = "hasValue" if ends[1] == "INDIVIDUAL" else "someValuesFrom"
            relation = TYPE if ends[0] == "INDIVIDUAL" else SUBCLASS
            self.into.add(subject, relation, restriction(self.into, iri(predicate), kind, node))

    def _equivalent(self, record: Record) -> None:
        same = [iri(node) for node in record["nodeIds"]]
        individuals = any(self.kinds.get(node) == "INDIVIDUAL" for node in record["nodeIds"])
        for other in same[1:]:
            self.into.add(same[0], OWL + ("sameAs" if individuals else "equivalentClass"), other)

    def _definition(self, record: Record) -> None:
        parts = [iri(genus) for genus in record.get("genusIds") or ()]
        pairs = [(iri(part["propertyId"]), iri(part["fillerId"])) for part in record.get("restrictions") or () if part]
        parts += [restriction(self.into, relation, "someValuesFrom", filler) for relation, filler in pairs]
        if parts:
            self.into.add(iri(record["definedClassId"]), OWL + "equivalentClass", intersection(self.into, parts))

    def _domain_range(self, record: Record) -> None:
        relation = iri(record["predicateId"])
        for key, predicate in (("domainClassIds", RDFS + "domain"), ("rangeClassIds", RDFS + "range")):
            for target in record.get(key) or ():
                self.into.add(relation, predicate, iri(target))
        for edge in record.get("allValuesFromEdges") or ():
            only = restriction(self.into, iri(edge["pred"]), "allValuesFrom", iri(edge["obj"]))
            self.into.add(iri(edge["sub"]), SUBCLASS, only)

    def _chain(self, record: Record) -> None:
        chain = [iri(link) for link in record["chainPredicateIds"]]
        self.into.add(iri(record["predicateId"]), OWL + "propertyChainAxiom", sequence(self.into, chain))


def iri(text: str) -> Node:
    """The IRI of an identifier, which may be a CURIE; TypeError if it is no text."""
    if not isinstance(text, str):
        raise TypeError(text)
    if _ABSOLUTE.fullmatch(text):
        return text
    if known := expand(text):
        return known
    match = _CURIE.fullmatch(text)
    return f"{OBO}{match[1]}_{match[2]}" if match else text.removeprefix('"').removeprefix("_:")


def text_of(value: Any) -> Node:
    """The literal of a text; TypeError if it is none."""
    if not isinstance(value, str):
        raise TypeError(value)
    return literal(value)


def value_of(value: Any) -> Node:
    """A value as the format writes it: text, in which IRIs are not marked."""
    if isinstance(value, bool):
        return literal(str(value).lower(), XSD + "boolean")
    if not isinstance(value, str | int | float):
        raise TypeError(value)
    text = value if isinstance(value, str) else str(value)
    return text if _ABSOLUTE.fullmatch(text) else literal(text)


def _synonym(part: Record) -> Said:
    notes = _sources(part)
    if part.get("synonymType"):
        notes.append((OIO + "hasSynonymType", iri(part["synonymType"])))
    predicate = part["pred"]
    return iri(predicate) if ":" in predicate else OIO + predicate, text_of(part["val"]), notes


def _sources(record: Record) -> list[tuple[Node, Node]]:
    return [(OIO + "hasDbXref", text_of(xref)) for xref in record.get("xrefs") or ()]
