"""Statements: the unit of evidence. All values that one entity has for one relation, in one direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph

MAX_VALUES = 8  # values spelt out in one statement; a longer list says how many were left out
LENGTH = 120  # characters of the values spelt out; a longer text is cut: a fact must fit the memory's span of positions
CUT = " …"
DEFINITION = "definition"
SYNONYM = "also called"


@dataclass(frozen=True)
class Statement:
    """One entity, one relation, one direction, and every value of it; `values`, `value_ids` and `edges` run parallel.

    `relation_id` is -1 where the values come from the graph's labels (a definition, synonyms): then `edges` is empty.
    """

    entity: str
    relation: str
    values: tuple[str, ...]
    inverse: bool = False
    entity_id: int = -1
    relation_id: int = -1
    value_ids: tuple[int, ...] = ()
    edges: tuple[int, ...] = ()

    @property
    def answer(self) -> str:
        """The values as the model is taught to say them; long texts and lists are cut, and say so."""
        shown = self.shown
        left = len(self.values) - len(shown)
        return "; ".join([*shown, f"and {left} more"] if left else shown)

    @property
    def shown(self) -> list[str]:
        """The first values, as many as fit, each cut where it is too long."""
        shown = [_cut(self.values[0])] if self.values else []
        for value in self.values[1:MAX_VALUES]:
            if sum(map(len, shown)) + len(value) > LENGTH:
                break
            shown.append(value)
        return shown

    @property
    def text(self) -> str:
        """The statement as the model reads it: values last, so that their keys know entity and relation."""
        relation = f"inverse of {self.relation}" if self.inverse else self.relation
        return f"{self.entity} — {relation}: {self.answer}"


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH else text[:LENGTH].rpartition(" ")[0] + CUT


def statements(graph: KnowledgeGraph, entity: int) -> list[Statement]:
    """Everything the graph says of one entity: forward statements, inverse ones, definition and synonyms."""
    found = _grouped(graph, entity, graph.outgoing(entity).tolist(), inverse=False)
    found += _grouped(graph, entity, graph.incoming(entity).tolist(), inverse=True)
    return found + definitions(graph, entity) + synonyms(graph, entity)


def stated(graph: KnowledgeGraph, entity: int, edges: Sequence[int], *, inverse: bool) -> Statement:
    """The statement that some edges of one entity and one relation make."""
    ids = tuple(int(graph.edges[edge, 0 if inverse else 2]) for edge in edges)
    values, relation = tuple(graph.names[i] for i in ids), int(graph.edges[edges[0], 1])
    name = graph.relation_names[relation]
    return Statement(graph.names[entity], name, values, inverse, entity, relation, ids, tuple(edges))


def _grouped(graph: KnowledgeGraph, entity: int, edges: Sequence[int], *, inverse: bool) -> list[Statement]:
    groups: dict[int, list[int]] = {}
    for edge in edges:
        groups.setdefault(int(graph.edges[edge, 1]), []).append(edge)
    return [stated(graph, entity, members, inverse=inverse) for members in groups.values()]


def definitions(graph: KnowledgeGraph, entity: int) -> list[Statement]:
    """The statement of an entity's definition, if it has one."""
    definition = graph.definition(entity)
    return [Statement(graph.names[entity], DEFINITION, (definition,), entity_id=entity)] if definition else []


def synonyms(graph: KnowledgeGraph, entity: int) -> list[Statement]:
    """The statement of an entity's other names, if it has any."""
    name = graph.names[entity]
    others = tuple(alias for alias in graph.aliases(entity) if alias != name)
    return [Statement(name, SYNONYM, others, entity_id=entity)] if others else []
