"""owl:imports: resolved from catalogs and folders, over the network only when asked, never deeper than allowed.

Where an imported IRI is looked for: among the sources themselves, in the ``catalog-v001.xml`` beside the file that
imports it (which may only point to files in its own folder and below), in the catalogs and folders that the settings
name, and last, if they allow it, at its own address.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import numpy as np

from kgpeft.artifacts import file_sha256
from kgpeft.errors import DataError, SourceError
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.sources.catalogs import NAME, Catalog, local_path, read_catalog
from kgpeft.graph.sources.contexts import files_beside
from kgpeft.graph.sources.sniff import Opened, sniff
from kgpeft.graph.sources.web import Web
from kgpeft.graph.spool import Stored
from kgpeft.graph.statements import Block, Statements, split_literal
from kgpeft.graph.terms import Ints, ints, strings
from kgpeft.graph.vocabulary import OWL, TYPE

Read = Callable[[Opened, Statements], None]
HEADS = (1 << 18, 1 << 24)  # bytes in which the name of an ontology is looked for: at first, and if it must be found
FETCHES = 1000  # addresses that one run asks for imports
ACCEPT = {
    "Accept": "application/rdf+xml, text/turtle;q=0.9, application/n-triples;q=0.8, */*;q=0.1",
    "Accept-Encoding": "gzip",
}


def follow(statements: Statements, settings: ReadSettings, read_one: Read, parse: Read) -> None:
    """Reads what the sources import, and what that imports; says in the notes what was found nowhere.

    ``read_one`` reads a file as a source of its own, ``parse`` only adds its triples. The manifest entry of an imported
    source has the IRI as "import" and the importing file as "imported_by"; that of an importing one lists as "missing"
    what was not found.
    """
    asked: set[str] = set()
    headers = Headers()
    with Library(settings, parse) as library:
        for _ in range(settings.import_depth):
            headers.look(statements)
            wave = [(iri, source) for iri, source in headers.imports.items() if _key(iri) not in asked | headers.names]
            if not wave:
                break
            for iri, source in wave:
                if _key(iri) not in asked:
                    asked.add(_key(iri))
                    _read(library, iri, source, statements, read_one)
    headers.look(statements)
    _tell(statements, library, [iri for iri in headers.imports if _key(iri) not in asked | headers.names])


def _read(library: Library, iri: str, source: int, statements: Statements, read_one: Read) -> None:
    importing = statements.sources[source]
    found = library.find(iri, str(importing["path"]))
    if found is None:
        importing.setdefault("missing", []).append(iri)
        return
    if any(_same(found.path, entry) for entry in statements.sources):
        return
    try:
        read_one(found.opened(), statements)
    except DataError as error:
        where, what = found.url or str(found.path), f"imported by {importing['path']}: {error.what}"
        remedy = "mend it, or do without imports: --set ingest.import_depth=0"
        raise type(error)(what, where=where, instead=error.instead, remedy=remedy) from error
    entry = statements.sources[-1]
    entry.update({"import": iri, "imported_by": importing["path"]})
    if found.url:
        entry["path"] = found.url


def _same(path: Path, entry: dict[str, Any]) -> bool:
    return os.path.exists(str(entry["path"])) and path.samefile(str(entry["path"]))


def _tell(statements: Statements, library: Library, late: list[str]) -> None:
    missing = sorted({iri for source in statements.sources for iri in source.get("missing", ())})
    settings, notes = library.settings, statements.notes
    if missing:
        more = "" if settings.network else ", or allow the network with --allow-network"
        remedy = f"name a catalog or a folder that holds them with --catalog{more}"
        notes.append(f"{len(missing)} imports were found nowhere: {_some(missing)}; {remedy}")
    notes += [f"an import could not be fetched: {reason}" for reason in library.failed]
    if late:
        notes.append(f"imports beyond ingest.import_depth={settings.import_depth} were not read: {_some(late)}")


def _some(iris: list[str]) -> str:
    return ", ".join(iris[:3]) + (f" and {len(iris) - 3} more" if len(iris) > 3 else "")


@dataclass
class Headers:
    """What has been read so far says of ontologies; a block of statements is looked at once.

    ``imports`` holds every imported IRI with the number of the first source that imports it, in the order of the
    statements; ``names`` the keys of the IRIs and version IRIs of the ontologies that have been read.
    """

    imports: dict[str, int] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    blocks: int = 0
    rows: int = 0

    def look(self, statements: Statements) -> None:
        """Takes in what has been read since."""
        statements.close()
        for block in statements.blocks[self.blocks :]:
            rows = np.flatnonzero(block.p == _number(block, OWL + "imports"))
            sources = np.searchsorted(np.asarray(statements.starts), rows + self.rows, "right") - 1
            for iri, source in zip(_texts(block, block.o[rows]), sources.tolist(), strict=True):
                self.imports.setdefault(iri, source)
            typed = (block.p == _number(block, TYPE)) & (block.o == _number(block, OWL + "Ontology"))
            versions = block.o[block.p == _number(block, OWL + "versionIRI")]
            self.names.update(map(_key, _texts(block, np.concatenate([block.s[typed], versions]))))
            self.blocks, self.rows = self.blocks + 1, self.rows + len(block.s)


def _number(block: Block | Stored, term: str) -> int:
    """The number of a term in a block; one that nothing has if it does not occur."""
    import pyarrow.compute as pc

    return int(pc.index(block.terms, strings([term])[0]).as_py())


def _texts(block: Block | Stored, numbers: Ints) -> list[str]:
    """Terms as IRIs; a literal gives its text."""
    found = block.terms.take(ints(numbers)).to_pylist()
    return [split_literal(term)[0] if term.startswith('"') else term for term in found]


def _key(iri: str) -> str:
    """What is equal for two ways to write one ontology's IRI: http or https, with or without a last / or #."""
    return iri.removeprefix("http://").removeprefix("https://").rstrip("/#")


@dataclass(frozen=True)
class Place:
    """A file with an ontology, and the address it was fetched from, if it was."""

    path: Path
    url: str = ""

    def opened(self) -> Opened:
        """It, ready to be read; relative IRIs are relative to where it came from."""
        return replace(sniff(self.path), base=self.url)


@dataclass
class Library:
    """Where imported ontologies are found."""

    settings: ReadSettings
    parse: Read
    catalogs: list[Catalog] = field(default_factory=list)
    shelves: list[Shelf] = field(default_factory=list)
    beside: dict[Path, Catalog | None] = field(default_factory=dict)
    fetches: int = 0
    failed: list[str] = field(default_factory=list)
    open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Library:
        for name in self.settings.catalogs:
            path = Path(name)
            if not path.exists():
                raise SourceError("there is no such catalog or folder", where=name, remedy="check ingest.catalogs")
            if path.is_dir():
                self.shelves.append(Shelf(path, self.parse))
            if file := _catalog_at(path):
                self.catalogs.append(read_catalog(file))
        return self

    def __exit__(self, *_: object) -> None:
        self.open.close()

    def find(self, iri: str, importing: str) -> Place | None:
        """The file that holds an ontology, or None; it may be fetched for this."""
        for place in self._places(iri, Path(importing)):
            path = local_path(place)
            if path is not None and os.path.isfile(path):  # Path.is_file raises for a name too long
                return Place(path)
            if path is None and self.settings.network:
                return self._fetch(place)
        return None

    def _places(self, iri: str, importing: Path) -> Iterator[str]:
        catalog = self._beside(importing)
        if catalog and (place := catalog.find(iri)):
            path = local_path(place)
            if path is None or path.resolve().is_relative_to(catalog.path.parent):
                yield place
        if path := local_path(iri):  # a relative import: readers resolve it against file:///
            near = importing.parent.resolve()
            if (inside := (near / path.relative_to("/")).resolve()).is_relative_to(near):
                yield inside.as_uri()
            return
        yield from (place for catalog in self.catalogs if (place := catalog.find(iri)))
        yield from (path.resolve().as_uri() for shelf in self.shelves if (path := shelf.find(iri)))
        yield iri

    def _beside(self, importing: Path) -> Catalog | None:
        folder = importing.parent
        if folder not in self.beside:
            file = _catalog_at(folder)
            self.beside[folder] = read_catalog(file) if file else None
        return self.beside[folder]

    def _fetch(self, url: str) -> Place | None:
        """The ontology at an address, in a file that lasts as long as the library; a failure is kept as a reason."""
        if self.fetches == FETCHES:
            self.failed.append(f"{url}: {FETCHES} others have been asked for")
            return None
        self.fetches += 1
        place = Place(Path(self.open.enter_context(TemporaryDirectory())) / "import", url)
        try:
            with place.path.open("wb") as file:
                file.writelines(Web(frozenset(self.settings.hosts)).fetch(url, ACCEPT))
            place.opened()
        except SourceError as error:
            self.failed.append(f"{url}: {error.what}" if error.where == str(place.path) else str(error))
            return None
        return place


def _catalog_at(place: Path) -> Path | None:
    file = place / NAME if place.is_dir() else place
    return file if file.is_file() else None


@dataclass
class Shelf:
    """A folder of ontologies, by the names that they give themselves."""

    folder: Path
    parse: Read
    held: dict[str, Path] = field(default_factory=dict)
    nameless: list[Path] | None = None  # not yet looked into
    looked: int = 0

    def find(self, iri: str) -> Path | None:
        """The file whose ontology IRI or version IRI this is; the first in order of path, or None."""
        while _key(iri) not in self.held and self.looked < len(HEADS):
            self._look(HEADS[self.looked])
            self.looked += 1
        return self.held.get(_key(iri))

    def _look(self, size: int) -> None:
        files = _files(self.folder) if self.nameless is None else self.nameless
        self.nameless = []
        for path in files:
            names = ontology_names(path, size, self.parse)
            for name in sorted(names):
                self.held.setdefault(name, path)
            if not names and path.stat().st_size > size:
                self.nameless.append(path)


def _files(folder: Path) -> list[Path]:
    """The files of a folder and below, sorted; not those that are hidden."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not any(part[0] == "." for part in path.relative_to(folder).parts))


def ontology_names(path: Path, size: int, parse: Read) -> set[str]:
    """What the ontology in a file is called, as far as its first bytes tell; nothing if they cannot be read."""
    scratch = Statements()
    try:
        opened = sniff(path)
        scratch.begin({"path": opened.path})
        parse(_Beginning(**{**vars(opened), "size": size}), scratch)
    except DataError:  # it is cut off, so this is how most of them end
        pass
    headers = Headers()
    headers.look(scratch)
    return headers.names


@dataclass(frozen=True)
class _Beginning(Opened):
    size: int = 0

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        with super().stream() as file:
            yield io.BytesIO(file.read(self.size))


def held(settings: ReadSettings, sources: tuple[str, ...]) -> dict[str, str]:
    """The sha256 of every local file that imports or contexts may come from: they belong to the key of what is made."""
    files = {path for source in sources for path in _contexts(source)}
    for name in (*settings.catalogs, *(str(Path(source).parent / NAME) for source in sources)):
        path = Path(name)
        if path.is_dir():
            files.update(_files(path))
        if file := _catalog_at(path):
            files.update({file, *read_catalog(file).files()})
    return {str(path): file_sha256(path) for path in sorted(files) if path.is_file()}


def _contexts(source: str) -> list[Path]:
    try:
        return files_beside(sniff(source))
    except SourceError:  # a folder, an archive, an address, or something that reading it will name
        return []
