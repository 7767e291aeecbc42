"""Bytes of a file, or of a part of one, with any compression undone and within limits."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from kgpeft.errors import SourceError
from kgpeft.graph.sources.limits import LAYERS, allowance

_CHUNK = 1 << 16
_DICTIONARY = 256 << 20  # bytes of memory an xz decoder may ask for; a zstandard one 128 MB, as libzstd has it
_MAGIC = {
    "gzip": (b"\x1f\x8b\x08",),
    "bzip2": tuple(b"BZh%d1AY&SY" % level for level in range(1, 10)),
    "xz": (b"\xfd7zXZ\0",),
    "zstandard": (b"\x28\xb5\x2f\xfd",),
}
_ENGINES: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "deflate": lambda: zlib.decompressobj(-15),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=_DICTIONARY),
}
METHODS = {0: "", 8: "deflate", 12: "bzip2", 93: "zstandard"}  # of ZIP members
DAMAGE = (EOFError, zlib.error, lzma.LZMAError)


@dataclass(frozen=True)
class Span:
    """Where a source's bytes lie on disk: a file, or ``size`` bytes of one from ``start`` (a member of an archive)."""

    file: str
    start: int = 0
    size: int = -1  # up to the end
    method: str = ""  # the archive's compression
    crc: int = -1  # of the unpacked bytes, if known

    @contextmanager
    def bytes(self) -> Iterator[BinaryIO]:
        """The source's own bytes, which may be compressed once more."""
        with open(self.file, "rb") as file:
            raw: Any = file
            if self.size >= 0:
                raw = io.BufferedReader(_Slice(file, self.start, self.size))
            if self.method:
                raw = unpack(raw, self.method, allowance(self.size), self.crc)
            yield cast(BinaryIO, raw)

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        """The bytes under every compression; OSError, EOFError or the decoder's own error if they are damaged."""
        with ExitStack() as stack:
            raw: Any = stack.enter_context(self.bytes())
            limit = allowance(self.size if self.size >= 0 else raw.seek(0, 2) - raw.seek(0))
            for _ in range(LAYERS):
                if not (method := packing(raw.peek(10))):
                    break
                raw = unpack(raw, method, limit)
            yield raw


def packing(head: bytes) -> str:
    """The compression that the first bytes tell of, or nothing."""
    return next((name for name, magic in _MAGIC.items() if head.startswith(magic)), "")


def unpack(raw: BinaryIO, method: str, limit: int, crc: int = -1) -> io.BufferedReader:
    """The unpacked bytes of a compressed stream, at most ``limit``; SourceError for more."""
    if method == "zstandard":
        import pyarrow as pa

        raw, method = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd"), ""
    return io.BufferedReader(_Unpacked(raw, method, limit, crc), _CHUNK)


class _Slice(io.RawIOBase):
    """A part of a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self.file, self.left = file, size
        file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(min(len(buffer), self.left))
        if self.left and not data:
            raise EOFError("the archive ends early")
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)


class _Unpacked(io.RawIOBase):
    """What a decoder gives, counted and checked."""

    def __init__(self, raw: Any, method: str, limit: int, crc: int) -> None:
        self.raw, self.method, self.limit, self.wanted = raw, method, limit, crc
        self.engine: Any = _ENGINES[method]() if method else None
        self.fed, self.total, self.crc = b"", 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.engine:
            data: bytes | memoryview = self._decode(len(buffer))
            buffer[: len(data)] = data
        else:  # readinto, for pyarrow's read() never frees what it read into if it fails
            data = memoryview(buffer)[: self.raw.readinto(buffer)]
        self.total += len(data)
        if self.total > self.limit:
            what = f"unpacks to more than {self.limit >> 20} MB, as a decompression bomb does"
            raise SourceError(what, remedy="if it is to be trusted, unpack it and name the unpacked file")
        if self.wanted >= 0:
            self.crc = zlib.crc32(data, self.crc)
            if not data and self.crc != self.wanted:
                raise EOFError("the checksum differs")
        return len(data)

    def _decode(self, size: int) -> bytes:
        while True:
            if self.engine.eof and not self._next_stream():
                return b""
            if hungry := getattr(self.engine, "needs_input", True) and not self.fed:
                self.fed = self.raw.read(_CHUNK)
            ended = hungry and not self.fed
            data = self.engine.decompress(self.fed, size)
            self.fed = getattr(self.engine, "unconsumed_tail", b"")
            if data:
                return cast(bytes, data)
            if ended and not self.engine.eof:
                raise EOFError("the compressed data ends early")

    def _next_stream(self) -> bool:
        """Whether another compressed stream follows the one that ended."""
        rest = (self.engine.unused_data or self.raw.read(_CHUNK)).lstrip(b"\0")
        if not rest or self.method == "deflate":
            return False
        self.engine, self.fed = _ENGINES[self.method](), rest
        return True
