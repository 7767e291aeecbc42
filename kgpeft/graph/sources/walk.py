"""What a person names as a source → the readable files in it."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from kgpeft.errors import SourceError
from kgpeft.graph.sources.archive import archive_kind, members, shown
from kgpeft.graph.sources.compress import Span
from kgpeft.graph.sources.limits import MEMBERS, SIZE
from kgpeft.graph.sources.sniff import Opened, check, look, trouble

STANDARD_INPUT = "-"
_CHUNK = 1 << 20


def walk(place: str | Path, notes: list[str]) -> Iterator[Opened]:
    """The readable files of a place, sorted: a file, a folder, an archive (also compressed), ``-`` (standard input).

    What a folder or archive holds besides is said in ``notes``. An opened source is readable until the next one is
    asked for. SourceError for a place that cannot be read or holds nothing that can.
    """
    if str(place) == STANDARD_INPUT:
        with _kept(sys.stdin.buffer) as path:
            yield from _file(Span(path), "standard input", notes)
    elif os.path.isdir(place):
        yield from _any(_folder(Path(place), notes), f"{shown(str(place))}", "folder", notes)
    else:
        check(place)
        yield from _file(Span(str(place)), shown(str(place)), notes)


def _file(span: Span, where: str, notes: list[str], inside: bool = False) -> Iterator[Opened]:
    """The source at a span, or the members if it is an archive."""
    with ExitStack() as stack:
        with trouble(where), span.stream() as raw:
            kind = archive_kind(raw.peek(512))  # type: ignore[attr-defined]
            if kind and not archive_kind(_first(span)):  # compressed around the archive
                span = Span(stack.enter_context(_kept(raw)))
        if kind:
            yield from _any(_members(span, kind, where, notes), where, "archive", notes)
        else:
            yield look(span, where, inside)


def _first(span: Span) -> bytes:
    with span.bytes() as file:
        return file.read(512)


def _any(found: Iterable[Opened], where: str, what: str, notes: list[str]) -> Iterator[Opened]:
    """What was found; SourceError with the first reasons if it is nothing."""
    known, nothing = len(notes), True
    for source in found:
        nothing = False
        yield source
    if nothing:
        reasons = "; ".join(notes[known : known + 3])
        raise SourceError(f"the {what} holds no source that can be read", where=where, instead=reasons)


def _members(span: Span, kind: str, where: str, notes: list[str]) -> Iterator[Opened]:
    for member in members(span.file, kind, where):
        name = f"{where}!{shown(member.name)}"
        try:
            if member.reason:
                raise SourceError(member.reason, where=name)
            yield look(member.span, name, inside=True)
        except SourceError as error:
            notes.append(f"not read: {name}: {error.what}")


def _folder(folder: Path, notes: list[str]) -> Iterator[Opened]:
    for path in _files(folder):
        name = shown(str(path))
        try:
            if path.is_symlink():
                raise SourceError("it is a link", where=name)
            check(path)
            yield from _file(Span(str(path)), name, notes, inside=True)
        except SourceError as error:
            notes.append(f"not read: {name}: {error.what}")


def _files(folder: Path) -> list[Path]:
    """The files below a folder, sorted, without hidden ones."""
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in files if not name.startswith(".")]
        if len(found) > MEMBERS:
            what = f"the folder has more than {MEMBERS} files"
            raise SourceError(what, where=shown(str(folder)), remedy="name those that are to be read")
    return sorted(found, key=lambda path: os.fsencode(path))


@contextmanager
def _kept(stream: BinaryIO) -> Iterator[str]:
    """A temporary file with the bytes of a stream that can be read only once."""
    with NamedTemporaryFile(prefix="kgpeft-") as file:
        size = 0
        while part := stream.read(_CHUNK):
            if (size := size + len(part)) > SIZE:
                raise SourceError(f"there is more than {SIZE >> 30} GB of it")
            file.write(part)
        file.flush()
        yield file.name
