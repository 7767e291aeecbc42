"""Hierarchies of names: JSON in which things hold their ``children``, tables with a column a level → SKOS.

Nothing says whether what lies below is a kind, a part or a topic: hence skos:broader.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from kgpeft.graph.formats.cells import Cells
from kgpeft.graph.formats.obographs import Record, load_json
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import Node, Statements, literal
from kgpeft.graph.vocabulary import BROADER, CONCEPT, RELATED, SKOS, TYPE

_IDS = ("uri", "iri", "@id", "id")
_NAMES = ("name", "prefLabel", "label", "title", "text")
_TEXTS = {
    **dict.fromkeys(("altLabel", "altLabels", "synonym", "synonyms"), SKOS + "altLabel"),
    **dict.fromkeys(("definition", "description"), SKOS + "definition"),
    **dict.fromkeys(("scopeNote", "scopeNotes"), SKOS + "scopeNote"),
    **dict.fromkeys(("example", "examples"), SKOS + "example"),
}
_LEVEL = re.compile(r"(?:level|lvl|tier|l)[\s_-]*\d+", re.I)


def read_tree(source: Opened, into: Statements) -> None:
    """Every thing with its names, what it lies under and is related to; those without a name are quarantined."""
    cells, left = Cells(into, {}), set[str]()
    todo: list[tuple[Any, Node]] = [(load_json(source), "")]
    while todo:
        thing, above = todo.pop()
        if not isinstance(thing, dict) or not (node := _node(thing, cells) or (not above and thing.get("children"))):
            into.quarantine(0, f"a thing without a name: {thing!r:.80}")
            continue
        node = node if isinstance(node, str) else ""
        if node:
            _describe(thing, node, into, cells)
            if above:
                into.add(node, BROADER, above)
        children = thing.get("children") or []
        todo += [(child, node) for child in (reversed(children) if isinstance(children, list) else [children])]
        left.update(thing.keys() - {"children", "related", *_IDS, *_NAMES, *_TEXTS})
    if left:
        into.notes.append(f"{source.path}: keys that are not read: {', '.join(sorted(left))[:200]}")


def _first(thing: Record, keys: tuple[str, ...]) -> str:
    found = (thing.get(key) for key in keys)
    return next((str(value).strip() for value in found if isinstance(value, str | int) and str(value).strip()), "")


def _node(thing: Any, cells: Cells) -> Node:
    """What a thing is called in the graph: by its id, or else by its name."""
    return cells.name(_first(thing, _IDS) or _first(thing, _NAMES)) if isinstance(thing, dict) else ""


def _describe(thing: Record, node: Node, into: Statements, cells: Cells) -> None:
    into.add(node, TYPE, CONCEPT)
    if (name := _first(thing, _NAMES)) and name != node:
        into.add(node, SKOS + "prefLabel", literal(name))
    for key, predicate in _TEXTS.items():
        values = thing.get(key) or ()
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str):
                into.add(node, predicate, literal(value))
    related = thing.get("related") or ()
    for other in related if isinstance(related, list) else [related]:
        if end := cells.name(other) if isinstance(other, str) else _node(other, cells):
            into.add(node, RELATED, end)


def is_levels(header: list[str]) -> bool:
    """True for the header of a table whose columns are the levels of a hierarchy."""
    return len(header) > 1 and all(_LEVEL.fullmatch(name.strip()) for name in header)


def read_levels(rows: Callable[[], Iterator[tuple[int, list[str]]]], cells: Cells) -> None:
    """What each row's path says that lies below what; paths repeat, and a pair is stated once."""
    into, stated = cells.into, set[tuple[str, str]]()
    for line, row in rows():
        into.line = line
        path = [cell.strip() for cell in row]
        path = path[: path.index("")] if "" in path else path
        if not path or any(cell.strip() for cell in row[len(path) :]):
            into.quarantine(line, "a path with a gap")
            continue
        for above, below in zip(["", *path], path, strict=False):
            if (above, below) not in stated:
                stated.add((above, below))
                into.add(cells.name(below), *((BROADER, cells.name(above)) if above else (TYPE, CONCEPT)))
