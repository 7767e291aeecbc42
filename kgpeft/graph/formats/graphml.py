"""GraphML → statements, as yEd, networkx, Neo4j and Gephi write it.

Format: http://graphml.graphdrawing.org/specification.html. A node is what its id says, unless that is a mere number:
then it is what its label says. Values of edges are annotations of the edge.
"""

import re
from dataclasses import dataclass, field

from kgpeft.graph.formats.build import state
from kgpeft.graph.formats.cells import PLAIN, TEXTS, Cells
from kgpeft.graph.formats.sax import parse_xml
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import STRING, Node, Statements, literal
from kgpeft.graph.vocabulary import LABEL, TYPE, XSD

LINK = "linked to"  # the relation of edges that name none
_TYPES = {"int": "integer", "long": "integer", "float": "double", "double": "double", "boolean": "boolean"}
_RELATIONS = ("label", "relation", "predicate", "type", "relationship", "name", "edgelabel", "edge label")
_NUMBERED = re.compile(r"n?\d+(?:::n?\d+)*")
_IRIS = ("uri", "iri", "url")


@dataclass
class _Item:
    """A node or edge being read: attributes, and values by name with their datatype."""

    tag: str
    line: int
    attributes: dict[str, str]
    values: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, datatype

    def first(self, *names: str) -> str:
        """The value of the first of these names that has one."""
        found = {name.lower(): value for name, value, _ in reversed(self.values)}
        return next((found[name] for name in names if found.get(name)), "")


def read_graphml(source: Opened, into: Statements) -> None:
    """Nodes, their values and edges added to ``into``; broken ones are quarantined."""
    reader = _Reader(into)
    parse_xml(source, reader)
    for edge in reader.edges:
        into.line = edge.line
        reader.link(edge)


class _Reader:
    """Elements → nodes at once, edges when all nodes are known."""

    def __init__(self, into: Statements) -> None:
        self.into, self.cells = into, Cells(into, {})
        self.keys: dict[str, tuple[str, str]] = {}  # key -> name, datatype
        self.items: list[_Item] = []  # the nodes and edges we are in
        self.nodes: dict[str, Node] = {}
        self.edges: list[_Item] = []
        self.data: list[str] | None = None
        self.key = ""

    def start(self, line: int, tag: str, attributes: dict[str, str]) -> None:
        """The beginning of an element."""
        if tag == "key":
            kind = _TYPES.get(attributes.get("attr.type", ""), "string")
            self.keys[attributes.get("id", "")] = attributes.get("attr.name", attributes.get("id", "")), XSD + kind
        elif tag in ("node", "edge", "hyperedge"):
            self.items.append(_Item(tag, line, attributes))
        elif tag == "data":
            self.data, self.key = [], attributes.get("key", "")
        elif tag in ("NodeLabel", "EdgeLabel"):  # yEd
            self.data, self.key = [], "label"

    def text(self, data: str) -> None:
        """Characters inside an element."""
        if self.data is not None:
            self.data.append(data)

    def end(self, tag: str) -> None:
        """The end of an element."""
        if tag in ("data", "NodeLabel", "EdgeLabel"):
            value = "".join(self.data or ()).strip()
            if value and self.items:
                name, datatype = self.keys.get(self.key, (self.key, STRING))
                self.items[-1].values.append((name, value, datatype))
            self.data = None
        elif tag in ("node", "edge", "hyperedge"):
            self._done(self.items.pop())

    def _done(self, item: _Item) -> None:
        self.into.line = item.line
        if item.tag == "hyperedge":
            self.into.quarantine(item.line, "hyperedge: an edge has two ends here")
        elif item.tag == "edge":
            self.edges.append(item)
        elif not (name := item.attributes.get("id", "").strip()):
            self.into.quarantine(item.line, "node without an id")
        else:
            self._node(name, item)

    def _node(self, name: str, item: _Item) -> None:
        label, iri = item.first("label", "name", "prefLabel"), item.first(*_IRIS)
        numbered = _NUMBERED.fullmatch(name) and label
        node = f"_:{len(self.into.sources)}:{name}" if numbered and not iri else self.cells.name(iri or name)
        self.nodes[name] = node
        for kind in item.attributes.get("labels", "").split(":"):  # Neo4j
            if kind:
                self.into.add(node, TYPE, self.cells.name(kind))
        if label and label != node:
            self.into.add(node, LABEL, literal(label))
        for key, value, datatype in item.values:
            if value not in (label, iri) and key.lower() != "labels":
                self._value(node, key, value, datatype)

    def _value(self, node: Node, key: str, value: str, datatype: str) -> None:
        relation = PLAIN.get(key.lower()) or self.cells.name(key)
        text = relation in TEXTS or relation not in PLAIN.values()
        self.into.add(node, relation, literal(value, datatype) if text else self.cells.name(value))

    def link(self, edge: _Item) -> None:
        """One edge, with its other values noted about it."""
        ends = [edge.attributes.get(end, "").strip() for end in ("source", "target")]
        if missing := [end for end in ends if end not in self.nodes]:
            self.into.quarantine(edge.line, f"edge to a node that is not there: {missing[0][:80] or 'none'}")
            return
        name = edge.attributes.get("label") or edge.first(*_RELATIONS) or LINK
        relation = PLAIN.get("_".join(name.lower().split())) or self.cells.name(name)
        notes = [(self.cells.name(key), literal(value, kind)) for key, value, kind in edge.values if value != name]
        state(self.into, self.nodes[ends[0]], relation, self.nodes[ends[1]], notes)
