"""Sources opened: where they lie, what they are, and their bytes as UTF-8 with every compression undone."""

import codecs
import difflib
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from kgpeft.artifacts import file_sha256
from kgpeft.errors import SourceError
from kgpeft.graph.sources.archive import archive_kind, shown
from kgpeft.graph.sources.compress import DAMAGE, Span
from kgpeft.graph.sources.detect import HEAD, delimiter, encoding, format_of

__all__ = ["HEAD", "Held", "Opened", "check", "delimiter", "look", "sniff", "trouble"]

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Opened:
    """A readable source: its name for people, what it is, its first bytes (as ``stream`` gives them), where it lies.

    Relative IRIs are resolved against ``base``, by default the file's name. A ``strict`` RDF parser takes the format as
    its specification has it; the default one takes IRIs that hold anything, and the format's superset.
    """

    path: str
    format: str
    head: bytes
    span: Span
    inside: bool = False  # found in a folder or archive, not named
    base: str = ""
    strict: bool = False

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        """The bytes, decompressed, as UTF-8 if they are UTF-16 or UTF-32, after any byte-order mark.

        SourceError for what is damaged, unfolds to too much, or is nested too deeply for the reader in this block.
        """
        with trouble(self.path), self.span.stream() as raw:
            yield _text(raw)

    @property
    def about(self) -> dict[str, Any]:
        """What the manifest says of a source; of a member of an archive, the sum and size of the member."""
        if self.span.size < 0:
            digest, size = file_sha256(Path(self.span.file)), os.path.getsize(self.span.file)
        else:
            with trouble(self.path), self.span.bytes() as file:
                state, size = hashlib.sha256(), 0
                while part := file.read(_CHUNK):
                    state.update(part)
                    size += len(part)
            digest = state.hexdigest()
        return {"path": self.path, "sha256": digest, "format": self.format, "bytes": size}


@dataclass(frozen=True)
class Held(Opened):
    """A source, or a part of one, whose bytes are ``data``."""

    data: bytes = b""

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        """The bytes."""
        yield io.BytesIO(self.data)

    @classmethod
    def of(cls, source: Opened, data: bytes, **more: Any) -> Self:
        """A source with these bytes in the place of its own."""
        given = {name: value for name, value in vars(source).items() if name != "head"}
        return cls(**given, head=data[:HEAD], data=data, **more)


def sniff(path: str | Path) -> Opened:
    """The file at ``path`` with its format; SourceError saying what it is instead and what to do."""
    check(path)
    return look(Span(str(path)), shown(str(path)))


def look(span: Span, where: str, inside: bool = False) -> Opened:
    """A source with its format, told by its first bytes."""
    with trouble(where), span.stream() as raw:
        packed = archive_kind(raw.peek(512))  # type: ignore[attr-defined]
        head = _text(raw).read(HEAD)
    if packed:
        raise SourceError(f"this is a {packed} archive", where=where, remedy="unpack it and name the files inside")
    return Opened(where, format_of(head, where), head, span, inside)


def check(path: str | Path) -> None:
    """SourceError unless there is a regular file at ``path``."""
    file, where = Path(path), shown(str(path))
    try:
        mode = os.stat(file).st_mode
    except FileNotFoundError as error:
        raise SourceError("there is no such file", where=where, instead=_neighbour(file), remedy="check it") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"cannot be opened ({_why(error)})", where=where) from error
    if stat.S_ISDIR(mode):
        raise SourceError("this is a folder, not a file", where=where, remedy="name the files inside it")
    if not stat.S_ISREG(mode):
        what = "this is a device, pipe or socket, not a file"
        raise SourceError(what, where=where, remedy="pipe it into `-`, which is standard input")


@contextmanager
def trouble(where: str) -> Iterator[None]:
    """Turns what goes wrong while a source's bytes are read or understood into a SourceError that names it."""
    try:
        yield
    except DAMAGE as error:
        raise _damaged(where, error) from error
    except UnicodeDecodeError as error:
        what = f"byte {error.start} of a part is not {error.encoding}"
        raise SourceError(what, where=where, remedy="save it as UTF-8") from error
    except RecursionError as error:
        raise SourceError("it is nested too deeply", where=where, remedy="is it meant to be?") from error
    except MemoryError as error:
        raise SourceError("reading it needs more memory than there is", where=where) from error
    except SourceError as error:
        if error.where:
            raise
        raise SourceError(error.what, where=where, instead=error.instead, remedy=error.remedy) from error
    except OSError as error:
        if error.errno is None:  # decoders say so of damaged data
            raise _damaged(where, error) from error
        if error.filename is None and error.strerror != "Input/output error":
            raise
        raise SourceError(f"cannot be read ({_why(error)})", where=where) from error


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _damaged(where: str, error: Exception) -> SourceError:
    if "emory" in str(error):  # "Memory usage limit exceeded" of xz, "requires too much memory" of zstandard
        what = f"it is compressed with a window above 128 MB (zstandard) or a dictionary above 192 MB (xz) ({error})"
        return SourceError(what, where=where, remedy="unpack it and name the unpacked file")
    what = f"the compressed data is damaged or ends early ({error})"
    return SourceError(what, where=where, remedy="download or compress it again")


def _neighbour(file: Path) -> str:
    if not file.parent.is_dir():
        return f"there is no folder {file.parent} either"
    close = difflib.get_close_matches(file.name, [path.name for path in file.parent.iterdir()], n=1)
    return f"did you mean {file.parent / close[0]}?" if close else ""


def _text(raw: BinaryIO) -> BinaryIO:
    """A stream as UTF-8 without byte-order mark."""
    start = cast(io.BufferedReader, raw).peek(256)
    if start.startswith(codecs.BOM_UTF8):
        raw.read(len(codecs.BOM_UTF8))
    if name := encoding(start):
        return cast(BinaryIO, io.BufferedReader(_Recoded(raw, name), _CHUNK))
    return raw


class _Recoded(io.RawIOBase):
    """UTF-16 or UTF-32 as UTF-8."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        self.raw, self.decoder, self.left = raw, codecs.getincrementaldecoder(name)(), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.left and (part := self.raw.read(_CHUNK)):
            self.left = self.decoder.decode(part).encode()
        if not self.left:
            self.decoder.decode(b"", final=True)
        data, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)
