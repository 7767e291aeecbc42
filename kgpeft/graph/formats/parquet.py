"""Parquet tables → statements: what is read from a CSV table, with numbers as numbers."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kgpeft.errors import SourceError
from kgpeft.graph.formats.table import Row, Table, edge_layout, read_rows
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.statements import Statements
from kgpeft.graph.vocabulary import XSD

BATCH = 1 << 14  # rows
_NUMBERS = {
    "int": "integer",
    "uint": "integer",
    "halffloat": "double",
    "float": "double",
    "double": "double",
    "decimal": "decimal",
    "bool": "boolean",
}


def read_parquet(source: Opened, into: Statements) -> None:
    """The rows of a Parquet table added to ``into``; "line" is then the number of the row."""
    with _opened(source) as file:
        schema = file.schema_arrow
    header = list(schema.names)
    layout = edge_layout(header, into.columns)
    datatype = _datatype(schema.field(layout["object"]).type) if layout and "datatype" not in layout else ""
    extra = ["datatype"] if datatype else []
    read_rows(Table([*header, *extra], lambda: _rows(source, [datatype] * len(extra)), {}), source, into)


@contextmanager
def _opened(source: Opened) -> Iterator[Any]:
    """A Parquet file; SourceError for what is wrong with it."""
    import pyarrow.parquet as pq
    from pyarrow.lib import ArrowException as Broken

    with source.stream() as stream:
        try:
            yield pq.ParquetFile(stream if stream.seekable() else io.BytesIO(stream.read()))
        except (Broken, OSError) as error:
            what = f"broken Parquet: {' '.join(str(error).split())[:200]}"
            raise SourceError(what, where=source.path, remedy="is it complete? Download or export it again") from error


def _rows(source: Opened, extra: list[str]) -> Iterator[Row]:
    number = 0
    with _opened(source) as file:
        for batch in file.iter_batches(BATCH):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield number, [*map(_cell, row), *extra]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return "|".join(map(_cell, value)) if isinstance(value, list) else str(value)


def _datatype(kind: object) -> str:
    """The datatype of a column of numbers, or nothing."""
    name = str(kind).partition("(")[0].rstrip("0123456789")
    return XSD + _NUMBERS[name] if name in _NUMBERS else ""
