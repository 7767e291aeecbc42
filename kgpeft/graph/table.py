"""CSV/TSV edge lists → statements."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kgpeft.graph.sniff import Opened, delimiter
from kgpeft.graph.statements import STRING, Node, Statements, literal
from kgpeft.graph.vocabulary import COMMENT, DEFINITION, DEPRECATED, EXACT, LABEL, OBO, ROLES, SUBCLASS, TYPE, expand

_HEADER = {
    "subject": {"subject", "s", "head", "source", "from", "subject_id"},
    "predicate": {"predicate", "relation", "p", "r", "property", "edge", "predicate_id", "rel"},
    "object": {"object", "o", "tail", "target", "to", "value", "object_id"},
    "datatype": {"datatype", "type", "object_datatype"},
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
_TEXT = {iri for iri, (role, _) in ROLES.items() if role} | {DEPRECATED}


@dataclass(frozen=True)
class _Columns:
    """Where a table keeps what; -1 for a column it does not have."""

    subject: int = 0
    predicate: int = 1
    object: int = 2
    datatype: int = -1
    lang: int = -1

    def cell(self, row: list[str], name: str) -> str:
        at = int(getattr(self, name))
        return row[at].strip() if 0 <= at < len(row) else ""


def read_table(source: Opened, into: Statements) -> None:
    """The rows of an edge list added to ``into``; rows that are no edge are quarantined."""
    mark = delimiter(source.head) or "\t"
    with source.stream() as stream:
        rows = _rows(io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline=""), mark)
        columns, width, known = _Columns(), 0, dict[str, Node]()
        for line, row in rows:
            if not width:
                width, found = len(row), _header(row)
                if found:
                    columns = found
                    continue
            if reason := _reason(row, columns, width):
                into.quarantine(line, reason)
            else:
                _add(row, columns, into, known)


def _rows(text: io.TextIOWrapper, mark: str) -> Iterator[tuple[int, list[str]]]:
    """Non-empty rows with their line numbers; tab- and bar-separated cells hold quotes as plain text unless closed."""
    if mark in "\t|":
        for number, line in enumerate(text, 1):
            if line.strip() and not line.startswith("#"):
                yield number, [_unquoted(cell) for cell in line.rstrip("\r\n").split(mark)]
        return
    reader = csv.reader(text, delimiter=mark)
    while (row := next(reader, None)) is not None:
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _header(row: list[str]) -> _Columns | None:
    names = [cell.strip().lower().lstrip(":").replace(" ", "_") for cell in row]
    found = {
        column: next((at for at, name in enumerate(names) if name in known), -1) for column, known in _HEADER.items()
    }
    return _Columns(**found) if min(found[name] for name in ("subject", "predicate", "object")) >= 0 else None


def _reason(row: list[str], columns: _Columns, width: int) -> str:
    if len(row) != width:
        return f"{len(row)} cells instead of {width}"
    empty = [name for name in ("subject", "predicate", "object") if not columns.cell(row, name)]
    if empty:
        return f"no {' and no '.join(empty)}"
    if "\ufffd" in "".join(row):
        return "not UTF-8"
    return ""


def _add(row: list[str], columns: _Columns, into: Statements, known: dict[str, Node]) -> None:
    subject, relation, target = (columns.cell(row, name) for name in ("subject", "predicate", "object"))
    datatype, lang = columns.cell(row, "datatype"), columns.cell(row, "lang")
    predicate = known.get(relation)
    if predicate is None:
        predicate = known[relation] = _PLAIN.get(relation.lower()) or _node(relation)
    if datatype or lang or predicate in _TEXT:
        into.add(_node(subject), predicate, literal(target, _node(datatype) if datatype else STRING, lang))
    else:
        into.add(_node(subject), predicate, _node(target))


def _node(text: str) -> Node:
    """The IRI a cell means, or the cell itself, which then is the name."""
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    if ":" not in text and "_" not in text:
        return text
    if match := _OBO_ID.fullmatch(text):
        return f"{OBO}{match[1]}_{match[2]}"
    return OBO + text if _IAO_ID.fullmatch(text) else expand(text) or text
