"""CSV and TSV tables → statements: edge lists (also of KGX and SSSOM), and tables with a row a thing."""

import csv
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice

from kgpeft.errors import SourceError
from kgpeft.graph.formats.cells import Cells, curie_map
from kgpeft.graph.formats.records import Records, records_layout
from kgpeft.graph.formats.text import decoded, lines_of
from kgpeft.graph.formats.tree import is_levels, read_levels
from kgpeft.graph.sources.sniff import Opened, delimiter
from kgpeft.graph.statements import Statements
from kgpeft.graph.vocabulary import LABEL

Row = tuple[int, list[str]]  # line number, cells

_HEADER = {  # role -> names of its column
    "subject": {"subject", "s", "head", "source", "from", "subject_id", "start", "start_id"},
    "predicate": {"predicate", "relation", "p", "r", "property", "edge", "predicate_id", "rel"},
    "object": {"object", "o", "tail", "target", "to", "value", "object_id", "end", "end_id"},
    "datatype": {"datatype", "object_datatype"},
    "lang": {"lang", "language"},
    "unit": {"unit", "units"},
    "negated": {"negated", "predicate_modifier"},
    "subject_label": {"subject_label", "subject_name"},
    "object_label": {"object_label", "object_name"},
}
_RELATIONS = ("type", "label", "relationship", "relationship_type", "relation_type", "interaction", "kind")  # or these
_ENDS = {"subject": {"source", "from", "start", "start_id"}, "object": {"target", "to", "end", "end_id"}}
_FIRST = {"id", "name", "label", "title", "key", "source", "from", "subject", "start", "node", "entity", "curie", "iri"}
_YES = {"true", "1", "yes", "not"}
_WANTED = "the columns subject, predicate, object, or say which column is what in the recipe: ingest.columns"


@dataclass(frozen=True)
class Table:
    """A table that can be read again and again: its header (none: []) and its rows after that."""

    header: list[str]
    rows: Callable[[], Iterator[Row]]
    spaces: Mapping[str, str]  # prefixes it declares


def read_table(source: Opened, into: Statements) -> None:
    """The rows of a table added to ``into``; rows that are no edge or thing are quarantined.

    Three columns need no header. SourceError for a table of which no column is known.
    """
    with closing(_rows(source, into)) as rows:
        _, first = next(rows, (0, []))
    known = edge_layout(first, into.columns) or records_layout(first, into.columns) or is_levels(first)
    if len(first) == 3 and not known and first[0].strip().lower() not in _FIRST:
        table = Table([], lambda: _rows(source, into), {})
    else:
        table = Table(first, lambda: islice(_rows(source, into), 1, None), curie_map(source.head))
    read_rows(table, source, into)


def read_rows(table: Table, source: Opened, into: Statements) -> None:
    """The rows of any kind of table added to ``into``."""
    cells = Cells(into, table.spaces)
    used = set(range(len(table.header)))
    if is_levels(table.header):
        read_levels(table.rows, cells)
    elif (edges := edge_layout(table.header, into.columns)) or not table.header:
        _read_edges(table, edges or {"subject": 0, "predicate": 1, "object": 2}, cells)
        if not edges:  # a header that names the columns is believed
            _refuse_records(source, into)
        used = set((edges or {}).values())
    elif things := records_layout(table.header, into.columns):
        Records(things, cells).read(table.rows)
        used = things.used
    else:
        what = f"a table of {len(table.header)} columns without a header that names those of an edge list"
        raise SourceError(what, where=source.path, remedy=f"give it {_WANTED}")
    if left := [name for at, name in enumerate(table.header) if at not in used and name.strip()]:
        into.notes.append(f"{source.path}: columns that are not read: {', '.join(left)[:200]}")


def _rows(source: Opened, into: Statements) -> Generator[Row, None, None]:
    """Rows with their line numbers, without empty ones, ``#`` comments and Excel's line about the delimiter."""
    mark = delimiter(source.head) or "\t"
    with source.stream() as stream:
        lines = ((number, decoded(line, into)) for number, line in enumerate(lines_of(stream), 1))
        found = _plain(lines, mark) if mark in "\t|" else _quoted(lines, mark)
        yield from (row for row in found if not row[1][0].startswith(("#", "sep=")))


def _plain(lines: Iterator[tuple[int, str]], mark: str) -> Iterator[Row]:
    """Rows of a table in which a quote inside a cell is plain text."""
    for number, line in lines:
        if line.strip():
            yield number, [_unquoted(cell) for cell in line.rstrip("\r\n").split(mark)]


def _quoted(lines: Iterator[tuple[int, str]], mark: str) -> Iterator[Row]:
    """Rows of a table in which cells may be quoted. A quote that does not end costs its own line."""
    held: list[tuple[int, str]] = []  # of the row that is being read

    def taken(source: Iterator[tuple[int, str]]) -> Iterator[str]:
        for number, line in source:
            held.append((number, line))
            yield line

    while True:
        reader, wrong = csv.reader(taken(lines), delimiter=mark), ""
        try:
            for row in reader:
                if len(held) > 1 and not _ends([line for _, line in held], mark):
                    break
                if any(row):
                    yield held[-1][0], row
                held.clear()
        except csv.Error as error:  # a cell that is far too long, most often for the same reason
            wrong = f" ({error})"
        if not held:
            return
        yield held[0][0], [f"a quote that does not end{wrong}: {held[0][1]}"]
        lines = chain(held[1:], lines)
        held = []


def _ends(lines: list[str], mark: str) -> bool:
    """Whether the quotes in the lines of a row end."""
    try:
        return bool(list(csv.reader(lines, delimiter=mark, strict=True)))
    except csv.Error as error:
        return "end of data" not in str(error)


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == '"' == cell[-1]:
        return cell[1:-1].replace('""', '"')
    return cell


def edge_layout(header: list[str], columns: Mapping[str, str]) -> dict[str, int] | None:
    """Which column holds what in an edge list, or None if the header is not of one."""
    names = [cell.strip().lower().lstrip(":").replace(" ", "_") for cell in header]
    found = {
        role: at for role, known in _HEADER.items() for at in [_first(names, known)] if at >= 0 and role not in columns
    }
    ends = all(names[found[role]] in known for role, known in _ENDS.items()) if _ENDS.keys() <= found.keys() else False
    if ends and "predicate" not in found and (at := _first(names, {*_RELATIONS})) >= 0:
        found["predicate"] = at
    found |= {role: header.index(name) for role, name in columns.items() if role in _HEADER and name in header}
    return found if {"subject", "predicate", "object"} <= found.keys() else None


def _first(names: list[str], known: set[str]) -> int:
    return next((at for at, name in enumerate(names) if name in known), -1)


def _read_edges(table: Table, layout: dict[str, int], cells: Cells) -> None:
    width = len(table.header) or 3
    add = _adder(layout, cells)
    for line, row in table.rows():
        cells.into.line = line
        if reason := _reason(row, layout, width):
            cells.into.quarantine(line, reason)
        else:
            add(row)


def _reason(row: list[str], layout: dict[str, int], width: int) -> str:
    """Why a row is no edge, or nothing."""
    if len(row) != width:
        return f"{len(row)} cells instead of {width}{f': {row[0][:80]}' if len(row) == 1 else ''}"
    if empty := [name for name in ("subject", "predicate", "object") if not row[layout[name]].strip()]:
        return f"no {' and no '.join(empty)}"
    return ""


def _adder(layout: dict[str, int], cells: Cells) -> Callable[[list[str]], None]:
    """What adds a row."""
    subject_at, predicate_at, object_at = layout["subject"], layout["predicate"], layout["object"]
    extra = {role: at for role, at in layout.items() if role not in ("subject", "predicate", "object")}
    row_of, node, relation_of = cells.into.row, cells.node, cells.relation

    def add(row: list[str]) -> None:
        relation, text = relation_of(row[predicate_at])
        said = {role: row[at].strip() for role, at in extra.items() if row[at].strip()}
        subject, cell = node(row[subject_at]), row[object_at]
        if "unit" in said:
            value = cells.quantity(cell, said["unit"])
        elif text or "datatype" in said or "lang" in said:
            value = cells.text(cell, said.get("datatype", ""), said.get("lang", ""))
        else:
            value = node(cell)
        if said.get("negated", "").lower() in _YES:
            cells.deny(subject, relation, value)
        else:
            row_of(subject, relation, value)
        for role, number in (("subject_label", subject), ("object_label", value)):
            if role in said:
                row_of(number, cells.into.term(LABEL), cells.text(said[role]))

    return add


def _refuse_records(source: Opened, into: Statements) -> None:
    """SourceError if the middle column holds no relations but something of each row's own."""
    rows = len(into.predicates)
    kinds = len(set(into.predicates))
    if rows >= 50 and kinds * 3 > rows:
        what = f"no edge list: {kinds} different relations in {rows} rows"
        raise SourceError(what, where=source.path, remedy=f"give it {_WANTED}")
