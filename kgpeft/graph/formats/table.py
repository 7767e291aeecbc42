"""CSV/TSV edge lists → statements."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from kgpeft.errors import SourceError
from kgpeft.graph.sources.sniff import Opened, delimiter
from kgpeft.graph.statements import STRING, Node, Statements, literal
from kgpeft.graph.vocabulary import COMMENT, DEFINITION, DEPRECATED, EXACT, LABEL, OBO, ROLES, SUBCLASS, TYPE, expand

_HEADER = {
    "subject": {"subject", "s", "head", "source", "from", "subject_id"},
    "predicate": {"predicate", "relation", "p", "r", "property", "edge", "predicate_id", "rel"},
    "object": {"object", "o", "tail", "target", "to", "value", "object_id"},
    "datatype": {"datatype", "object_datatype"},
    "lang": {"lang", "language"},
}
_PLAIN = {  # names a relation column uses for what RDF has a property for
    "label": LABEL,
    "synonym": EXACT,
    "altlabel": EXACT,
    "definition": DEFINITION,
    "comment": COMMENT,
    "deprecated": DEPRECATED,
    "is_a": SUBCLASS,
    "is a": SUBCLASS,
    "isa": SUBCLASS,
    "subclassof": SUBCLASS,
    "subclass_of": SUBCLASS,
    "subclass of": SUBCLASS,
    "instance_of": TYPE,
    "instance of": TYPE,
}
_OBO_ID = re.compile(r"([A-Z][A-Za-z_]*):(\d{4,})")
_IAO_ID = re.compile(r"(?:IAO|RO|BFO|OMO)_\d{7}")
_TEXT = {*ROLES, DEPRECATED}
_WANTED = "the columns subject, predicate, object (and, if needed, datatype and lang)"


@dataclass(frozen=True)
class _Layout:
    """Which column holds what (-1: none has it), and how many columns a row has."""

    subject: int
    predicate: int
    object: int
    datatype: int
    lang: int
    width: int


def read_table(source: Opened, into: Statements) -> None:
    """The rows of an edge list added to ``into``; rows that are no edge are quarantined.

    Three columns need no header. SourceError for a table that is no edge list.
    """
    with source.stream() as stream, io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="") as text:
        rows = _rows(text, source)
        line, first = next(rows)
        layout = _header(first)
        if layout is None:
            layout, rows = _Layout(0, 1, 2, -1, -1, width=3), chain([(line, first)], rows)
            if len(first) != 3:
                what = f"a table of {len(first)} columns without a header that names those of an edge list"
                raise SourceError(what, where=source.path, remedy=f"give it {_WANTED}")
        add = _adder(layout, into)
        for line, row in rows:
            if reason := _reason(row, layout):
                into.quarantine(line, reason)
            else:
                into.line = line
                add(row)
    _refuse_records(source, into)


def _rows(text: io.TextIOWrapper, source: Opened) -> Iterator[tuple[int, list[str]]]:
    """Rows with their line numbers, without empty ones and ``#`` comments."""
    mark = delimiter(source.head) or "\t"
    if mark in "\t|":  # a quote inside a cell is plain text
        for number, line in enumerate(text, 1):
            if line.strip() and not line.startswith("#"):
                yield number, [_unquoted(cell) for cell in line.rstrip("\r\n").split(mark)]
        return
    reader = csv.reader(text, delimiter=mark)
    try:
        for row in reader:
            if any(row) and not row[0].startswith("#"):
                yield reader.line_num, row
    except csv.Error as error:
        what = f"broken CSV, line {reader.line_num}: {error}"
        raise SourceError(what, where=source.path, remedy="check the quotes in it") from error


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == '"' == cell[-1]:
        return cell[1:-1].replace('""', '"')
    return cell


def _header(row: list[str]) -> _Layout | None:
    names = [cell.strip().lower().lstrip(":").replace(" ", "_") for cell in row]
    found = {
        column: next((at for at, name in enumerate(names) if name in known), -1) for column, known in _HEADER.items()
    }
    return _Layout(**found, width=len(row)) if min(found["subject"], found["predicate"], found["object"]) >= 0 else None


def _reason(row: list[str], layout: _Layout) -> str:
    """Why a row is no edge, or nothing."""
    if len(row) != layout.width:
        return f"{len(row)} cells instead of {layout.width}"
    wanted = {"subject": layout.subject, "predicate": layout.predicate, "object": layout.object}
    if empty := [name for name, at in wanted.items() if not row[at].strip()]:
        return f"no {' and no '.join(empty)}"
    return "not UTF-8" if any("\ufffd" in cell for cell in row) else ""


def _adder(layout: _Layout, into: Statements) -> Callable[[list[str]], None]:
    """What adds a row to ``into``; cells are understood once and then looked up."""
    nodes: dict[str, int] = {}
    relations: dict[str, tuple[int, bool]] = {}

    def node(cell: str) -> int:
        number = nodes.get(cell)
        if number is None:
            number = nodes[cell] = into.term(_node(cell.strip()))
        return number

    def add(row: list[str]) -> None:
        cell = row[layout.predicate]
        if cell not in relations:
            iri = _PLAIN.get(cell.strip().lower()) or _node(cell.strip())
            relations[cell] = into.term(iri), iri in _TEXT
        relation, text = relations[cell]
        datatype = row[layout.datatype].strip() if layout.datatype >= 0 else ""
        lang = row[layout.lang].strip() if layout.lang >= 0 else ""
        value = (
            node(row[layout.object])
            if not (text or datatype or lang)
            else into.term(literal(row[layout.object].strip(), _node(datatype) if datatype else STRING, lang))
        )
        into.row(node(row[layout.subject]), relation, value)

    return add


def _node(text: str) -> Node:
    """The IRI a cell means, or the cell itself, which then is the name."""
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    if ":" not in text and "_" not in text:
        return text.removeprefix('"')
    if match := _OBO_ID.fullmatch(text):
        return f"{OBO}{match[1]}_{match[2]}"
    return OBO + text if _IAO_ID.fullmatch(text) else expand(text) or text.removeprefix('"').removeprefix("_:")


def _refuse_records(source: Opened, into: Statements) -> None:
    """SourceError if the middle column holds no relations but something of each row's own."""
    rows = len(into.predicates)
    kinds = len(set(into.predicates))
    if rows >= 50 and kinds * 3 > rows:
        what = f"no edge list: {kinds} different relations in {rows} rows"
        raise SourceError(what, where=source.path, remedy=f"give it {_WANTED}")
