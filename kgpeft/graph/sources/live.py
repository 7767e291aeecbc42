"""What is read as a source: what lies in files, and what an endpoint or a database holds now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from kgpeft.errors import SourceError
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.sources.compress import Span
from kgpeft.graph.sources.sniff import Opened, look
from kgpeft.graph.sources.sparql import fetched
from kgpeft.graph.sources.walk import walk

SPARQL = "sparql:"


def opened(place: str | Path, settings: ReadSettings, notes: list[str]) -> Iterator[Opened]:
    """The readable sources of a place: ``sparql:URL``, or whatever ``walk`` finds there."""
    name = str(place)
    if not name.startswith(SPARQL):
        yield from walk(place, notes)
        return
    with fetched(name.removeprefix(SPARQL), notes) as path:
        if not path.stat().st_size:
            raise SourceError("the endpoint's default graph is empty", where=name, remedy="check the address")
        yield replace(look(Span(str(path)), name), format="N-Triples")
