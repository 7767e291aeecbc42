"""The knowledge graph: columns of terms and edges, frozen once read."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.names import LANGUAGES, curie, preference
from kgpeft.graph.notes import Note, Notes
from kgpeft.graph.terms import feed
from kgpeft.graph.texts import Label, Labels
from kgpeft.graph.vocabulary import DEPRECATED, meanings

if TYPE_CHECKING:
    import networkx
    import rdflib
    import torch_geometric.data

PATTERNS = ("sub", "some", "value", "type", "fact", "broader")


class Kind(IntEnum):
    """What a node is."""

    CLASS = 0
    INDIVIDUAL = 1
    LITERAL = 2


@dataclass(frozen=True, eq=False, repr=False)
class KnowledgeGraph:
    """Nodes [N], relations [R] and edges [E] with all that is known of them.

    Entities come first among the nodes, then literals, each sorted; the same content gives the same numbers and the
    same ``fingerprint`` whatever format and order it was read from.
    """

    terms: Sequence[str]  # [N] IRI or plain name; a literal: value^^datatype, or value^^@language
    names: Sequence[str]  # [N] display name
    kinds: NDArray[np.uint8]  # [N] Kind
    relations: list[str]  # [R] IRI or plain name, sorted
    relation_names: list[str]  # [R]
    edges: NDArray[np.int32]  # [E, 3] subject, relation, object; sorted, unique
    patterns: NDArray[np.uint8]  # [E] index into PATTERNS
    origins: NDArray[np.int32]  # [E] index into manifest["sources"]
    labels: Labels  # [L] sorted
    axioms: list[dict[str, Any]]  # {"axiom": name, "terms": [IRI, ...], "source": number, "line": number}
    manifest: dict[str, Any]  # sources, counts, audit, quarantined, dropped, notes
    lines: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))  # [E] 0: unknown
    places: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 2), np.int32))  # [L, 2] source, line
    notes: Notes = field(default_factory=Notes)  # what is kept as text, of obsolete terms and relations too

    def __repr__(self) -> str:
        counts = f"{len(self.terms)} nodes, {len(self.relations)} relations, {len(self.edges)} edges"
        return f"KnowledgeGraph({counts}, {len(self.labels)} labels)"

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of everything answers come from; a text tagged English counts as one without a tag."""
        digest = hashlib.sha256()
        for texts in (self.terms, self.names, self.relations, self.relation_names):
            feed(digest, texts)
        self.labels.feed(digest)
        digest.update(np.ascontiguousarray(self.edges, "<i4").data)
        return digest.hexdigest()

    def outgoing(self, entity: int) -> NDArray[np.int64]:
        """The numbers of the edges that leave an entity."""
        start = self._out
        return np.arange(start[entity], start[entity + 1])

    def incoming(self, entity: int) -> NDArray[np.int64]:
        """The numbers of the edges that reach an entity."""
        order, start = self._in
        return order[start[entity] : start[entity + 1]]

    def labels_of(self, entity: int) -> list[Label]:
        """Every text about an entity."""
        start, stop = self.labels.span(entity)
        return self.labels[start:stop]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that names were chosen from, best first; "" is untagged."""
        return tuple(self.manifest.get("languages", LANGUAGES))

    def first_label(self, entity: int) -> int:
        """The place in ``labels`` and ``places`` of an entity's first text."""
        return self.labels.span(entity)[0]

    def name_of(self, iri: str) -> str | None:
        """The name of the entity or relation with this IRI, or None if the graph has none."""
        return self._names.get(iri)

    @cached_property
    def noted(self) -> dict[str, str]:
        """The labels, by IRI, of what is neither entity nor relation: properties that no edge has, for instance."""
        found = self.notes.having(self.properties("label"))
        ranked = sorted(found, key=lambda pair: preference(pair[1].lang, self.languages), reverse=True)
        return {iri: note.value for iri, note in ranked if iri not in self._names}

    def definition(self, entity: int) -> str | None:
        """The definition of an entity, in the best language there is one."""
        texts = [label for label in self.labels_of(entity) if label.role == "definition"]
        found = [(preference(label.lang, self.languages), label.text) for label in texts]
        return min(found)[1] if found else None

    def aliases(self, entity: int) -> list[str]:
        """The name of an entity, then its other labels and exact synonyms in its or one of the chosen languages."""
        texts = [label for label in self.labels_of(entity) if label.role in ("label", "exact")]
        spoken = {""} | {label.lang for label in texts if label.text == self.names[entity]}
        chosen = len(self.languages)
        same = [
            label.text for label in texts if label.lang in spoken or preference(label.lang, self.languages)[0] < chosen
        ]
        return list(dict.fromkeys([self.names[entity], *same]))

    def find(self, text: str) -> list[int]:
        """The entities whose IRI, CURIE, name, label or synonym equals the text, whatever its case.

        An identifier or name that only an obsolete or merged term had finds what replaces it.
        """
        key = " ".join(text.split()).casefold()
        return self._by_text.get(key) or self._redirects.get(key, [])

    def obsolete(self, text: str) -> list[str]:
        """The obsolete terms whose IRI, CURIE, name or synonym equals the text."""
        return self._obsolete.get(" ".join(text.split()).casefold(), [])

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(zip(self.terms, self.names, strict=True)) | dict(
            zip(self.relations, self.relation_names, strict=True)
        )

    @cached_property
    def _out(self) -> NDArray[np.int64]:
        return np.searchsorted(self.edges[:, 0], np.arange(len(self.terms) + 1)).astype(np.int64)

    @cached_property
    def _in(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.edges[:, 2], kind="stable").astype(np.int64)
        start = np.searchsorted(self.edges[order, 2], np.arange(len(self.terms) + 1))
        return order, start.astype(np.int64)

    @cached_property
    def _by_text(self) -> dict[str, list[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for entity in np.flatnonzero(self.kinds != Kind.LITERAL).tolist():
            for text in (self.terms[entity], curie(self.terms[entity]), self.names[entity]):
                found[text.casefold()].add(entity)
        for label in self.labels:
            if label.role != "definition":
                found[label.text.casefold()].add(label.entity)
        return {text: sorted(entities) for text, entities in found.items()}

    @cached_property
    def _roles(self) -> dict[str, list[str]]:
        """Role → the properties with it, best first."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for iri, (role, rank) in meanings(self.manifest.get("roles", {})).items():
            found[role].append((rank, iri))
        return {role: [iri for _, iri in sorted(ranked)] for role, ranked in found.items()}

    def notes_with(self, role: str) -> list[tuple[str, Note]]:
        """All notes whose property plays a role ("replaced", "xref", "id", ...), each with its subject."""
        return self.notes.having(self._roles.get(role, []))

    def properties(self, role: str) -> list[str]:
        """The annotation properties that play a role, best first."""
        return self._roles.get(role, [])

    @cached_property
    def _obsolete(self) -> dict[str, list[str]]:
        gone = {term for term, note in self.notes.having([DEPRECATED]) if note.value.strip().lower() in ("true", "1")}
        gone |= {term for term, _ in self.notes_with("replaced")}
        found: dict[str, list[str]] = defaultdict(list)
        for term in sorted(gone - set(self.terms)):
            names = [note.value for note in self.notes.of(term) if note.property in self._naming]
            for text in dict.fromkeys(name.casefold() for name in (term, curie(term), *names)):
                found[text].append(term)
        return dict(found)

    @cached_property
    def _naming(self) -> set[str]:
        roles = ("label", "exact", "related", "narrow", "broad", "hidden")
        return {iri for role in roles for iri in self._roles.get(role, [])}

    @cached_property
    def _redirects(self) -> dict[str, list[int]]:
        """Text → the entities that replace the obsolete term with that name, or have it as another identifier."""
        found: dict[str, set[int]] = defaultdict(set)
        replaced: dict[str, set[int]] = defaultdict(set)
        for term, note in self.notes_with("replaced"):
            replaced[term].update(self._by_text.get(note.value.casefold(), []))
        for text, terms in self._obsolete.items():
            found[text].update(entity for term in terms for entity in replaced[term])
        for term, note in self.notes_with("id"):
            found[note.value.casefold()].update(self._by_text.get(term.casefold(), []))
        return {text: sorted(entities) for text, entities in found.items()}

    def save(self, folder: Path) -> None:
        """Writes the graph into a folder as Parquet, npy and JSON."""
        from kgpeft.graph.store import save

        save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> "KnowledgeGraph":
        """The graph saved in a folder; edges are memory-mapped. ArtifactError if it is none or damaged."""
        from kgpeft.graph.store import load

        return load(folder)

    def to_rdflib(self) -> "rdflib.Graph":
        """The edges and labels as an rdflib graph; class relations as OWL restrictions."""
        from kgpeft.graph.views import to_rdflib

        return to_rdflib(self)

    def to_networkx(self) -> "networkx.MultiDiGraph":
        """The edges as a MultiDiGraph over node numbers, with term, name, kind and relation as attributes."""
        from kgpeft.graph.views import to_networkx

        return to_networkx(self)

    def to_pyg(self) -> "torch_geometric.data.Data":
        """The edges as torch_geometric Data: edge_index [2, E], edge_type [E], num_nodes."""
        from kgpeft.graph.views import to_pyg

        return to_pyg(self)
