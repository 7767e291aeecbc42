"""What is read as a source: what lies in files, and what an endpoint or a database holds now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from kgpeft.errors import SourceError
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.sources.compress import Span
from kgpeft.graph.sources.database import materialized
from kgpeft.graph.sources.sniff import Opened, look
from kgpeft.graph.sources.sparql import fetched
from kgpeft.graph.sources.walk import walk


def opened(place: str | Path, settings: ReadSettings, notes: list[str]) -> Iterator[Opened]:
    """The readable sources of a place: ``sparql:URL``, ``rml:mapping.ttl``, or whatever ``walk`` finds there."""
    kind, _, rest = str(place).partition(":")
    live: AbstractContextManager[Path]
    if kind == "sparql":
        live, format_ = fetched(rest, notes), "N-Triples"
    elif kind == "rml":
        live, format_ = materialized(Path(rest), settings), "N-Quads"
    else:
        yield from walk(place, notes)
        return
    with live as path:
        if not path.stat().st_size:
            raise SourceError("there is no statement in it", where=str(place), remedy="check the address")
        yield replace(look(Span(str(path)), str(place)), format=format_)
