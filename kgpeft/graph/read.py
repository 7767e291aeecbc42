"""Files → KnowledgeGraph."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kgpeft.errors import SourceError, UsageError
from kgpeft.graph.formats.feed import merge_mark
from kgpeft.graph.formats.functional import read_functional
from kgpeft.graph.formats.graphml import read_graphml
from kgpeft.graph.formats.manchester import read_manchester
from kgpeft.graph.formats.mend import mend
from kgpeft.graph.formats.obo import read_obo
from kgpeft.graph.formats.obographs import read_obographs
from kgpeft.graph.formats.owlxml import read_owlxml
from kgpeft.graph.formats.parquet import read_parquet
from kgpeft.graph.formats.rdf import FORMATS, read_rdf
from kgpeft.graph.formats.table import read_table
from kgpeft.graph.formats.tree import read_tree
from kgpeft.graph.memory import spare
from kgpeft.graph.model import KnowledgeGraph
from kgpeft.graph.project import project
from kgpeft.graph.reason import infer
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.sources.imports import follow
from kgpeft.graph.sources.live import opened
from kgpeft.graph.sources.sniff import Opened
from kgpeft.graph.spool import Spool
from kgpeft.graph.statements import Statements

_READERS = {
    **dict.fromkeys(FORMATS, read_rdf),
    "GraphML": read_graphml,
    "Manchester": read_manchester,
    "OBO": read_obo,
    "OBO Graphs": read_obographs,
    "OWL functional": read_functional,
    "OWL/XML": read_owlxml,
    "Parquet": read_parquet,
    "JSON tree": read_tree,
    "table": read_table,
}


def read(*sources: str | Path, settings: ReadSettings = ReadSettings()) -> KnowledgeGraph:  # noqa: B008 - frozen
    """The knowledge graph that the files state together.

    Formats are told by content: all of RDF, OWL functional, OWL/XML, Manchester, OBO, OBO Graphs, tables, GraphML, each
    also gzipped. SourceError for a file that cannot be read, GraphError if nothing in them can be answered from.
    """
    with _no_garbage():
        statements = read_statements(*sources, settings=settings)
        if settings.reason:
            infer(statements, settings)
        return project(statements, settings)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Reading makes millions of tuples and no cycles: a fifth of the time would go into looking for some."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def read_statements(*sources: str | Path, settings: ReadSettings = ReadSettings()) -> Statements:  # noqa: B008
    """Everything that the files and what they import state; UsageError, SourceError as from ``read``."""
    spare()
    if not sources:
        raise UsageError("no source to read", remedy="name at least one ontology, RDF file or edge list")
    statements = Statements(
        columns=settings.columns, spool=Spool() if settings.on_disk else None, may_spill=settings.on_disk is None
    )
    for place in sources:
        for source in opened(place, settings, statements.notes):
            _read_found(source, statements)
    follow(statements, settings, _read_one, _parse)
    return statements


def _read_found(source: Opened, into: Statements) -> None:
    """Reads a source; a table in a folder or archive that turns out to be no edge list is only noted."""
    try:
        _read_one(source, into)
    except SourceError as error:
        if not source.inside or source.format != "table":
            raise
        into.withdraw()
        into.notes.append(f"not read: {source.path}: {error.what}")


def _read_one(source: Opened, into: Statements) -> None:
    into.begin(source.about)
    rows, bad = len(into), len(into.quarantined)
    try:
        _parse(source, into)
    except SourceError as error:
        _read_mended(source, into, error)
    if len(into.quarantined) > bad and (line := merge_mark(source)):
        what = "is the mark of an unresolved merge: what both sides say was read"
        into.notes.append(f"{source.path}: line {line} {what}")
    into.quarantined[bad:] = sorted(into.quarantined[bad:], key=lambda part: int(part["line"]))
    if len(into) == rows and len(into.quarantined) > bad:
        first = into.quarantined[bad]
        what = f"nothing in it could be read as {source.format}: line {first['line']}: {first['reason']}"
        prefix = "declare its prefixes" if "prefix" in first["reason"] else "check what the file is"
        raise SourceError(what, where=source.path, remedy=prefix)


def _read_mended(source: Opened, into: Statements, error: SourceError) -> None:
    """Reads a source that is broken, if it can be mended; else raises the error."""
    if whole := mend(source):
        into.withdraw()
        into.begin(source.about)
        _parse(whole, into)
        into.notes.append(f"{source.path}: it is broken and was mended: {whole.how}")
    elif line := merge_mark(source):
        remedy = f"line {line} is the mark of an unresolved merge: resolve that"
        raise SourceError(error.what, where=error.where, instead=error.instead, remedy=remedy) from error
    else:
        raise error


def _parse(source: Opened, into: Statements) -> None:
    if (reader := _READERS.get(source.format)) is None:
        what = f"this is {source.format}, which is not read"
        raise SourceError(what, where=source.path, remedy="convert it to Turtle, e.g. with `robot convert`")
    reader(source, into)
