"""Tables with a row a thing: node files of KGX, exports with an id and a label, tables that a recipe explains."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kgpeft.graph.formats.cells import PLAIN, Cells, number
from kgpeft.graph.vocabulary import DEFINITION, LABEL

_IDS = ("id", "curie", "iri", "uri", "node_id", "term_id")
_ROBOT = ("SC ", "EC ", "DC ", "C ", "A ", "AT ", "AL ", "AI ", "TYPE")  # https://robot.obolibrary.org/template
_WHOLE = {LABEL, DEFINITION}  # values in which "|" is plain text
_SEVERAL = re.compile(r"\||,\s*(?=https?://)")  # what stands between several values


@dataclass(frozen=True)
class Layout:
    """The column of the things' ids, and the column of each relation."""

    id: int
    relations: dict[str, int]
    width: int

    @property
    def used(self) -> set[int]:
        """The columns that are read."""
        return {self.id, *self.relations.values()}


def records_layout(header: list[str], columns: Mapping[str, str]) -> Layout | None:
    """Which column holds what: as the recipe says, or by well-known names; None for any other table.

    In ``columns`` "subject" is the column of ids; any other key is a relation.
    """
    if columns.get("subject") in header:
        at = {relation: header.index(name) for relation, name in columns.items() if name in header}
        return Layout(at.pop("subject"), at, len(header))
    names = [cell.strip().lower().lstrip(":").replace(" ", "_") for cell in header]
    place = next((names.index(name) for name in _IDS if name in names), 0 if names[:1] in (["name"], ["label"]) else -1)
    known = {name: at for at, name in enumerate(names) if name in PLAIN and at != place}
    return Layout(place, known, len(header)) if place >= 0 and known else None


class Records:
    """Rows on their way into the statements."""

    def __init__(self, layout: Layout, cells: Cells) -> None:
        self.layout, self.cells = layout, cells
        self.columns: list[tuple[int, int, bool, bool]] = []  # column, relation, values are text, values are a list
        for name, at in layout.relations.items():
            relation, text = cells.relation(name)
            whole = PLAIN.get(name.lower()) in _WHOLE
            self.columns.append((at, relation, text, not whole))
        self.called: dict[str, str] = {}  # label -> id, "" if several have it

    def read(self, rows: Callable[[], Iterator[tuple[int, list[str]]]]) -> None:
        """Every row's thing with its names and relations; rows without an id or with other columns are quarantined."""
        label = next((at for name, at in self.layout.relations.items() if PLAIN.get(name.lower()) == LABEL), -1)
        if label >= 0 and not all(text for _, _, text, _ in self.columns):
            for _, row in rows():
                if len(row) == self.layout.width:
                    name, identifier = row[label].strip(), row[self.layout.id].strip()
                    self.called[name] = identifier if self.called.get(name, identifier) == identifier else ""
        for line, row in rows():
            self.cells.into.line = line
            if reason := self._reason(row):
                self.cells.into.quarantine(line, reason)
            else:
                self._add(row)

    def _reason(self, row: list[str]) -> str:
        if len(row) != self.layout.width:
            return f"{len(row)} cells instead of {self.layout.width}"
        if row[self.layout.id] == "ID" and any(cell == "LABEL" or cell.startswith(_ROBOT) for cell in row):
            return "ROBOT's template of the columns, not a thing"
        return "" if row[self.layout.id].strip() else "no id"

    def _add(self, row: list[str]) -> None:
        subject = self.cells.node(row[self.layout.id])
        for at, relation, text, several in self.columns:
            for part in _SEVERAL.split(row[at]) if several else [row[at]]:
                if value := part.strip():
                    self.cells.into.row(subject, relation, self.cells.text(value) if text else self._value(value))

    def _value(self, value: str) -> int:
        """A number, the thing that alone has this label, or the thing named."""
        if literal := number(value):
            return self.cells.into.term(literal)
        return self.cells.node(self.called.get(value) or value)
