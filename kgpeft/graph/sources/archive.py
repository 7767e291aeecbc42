"""ZIP and tar archives: which members they have, as spans of the file; nothing is ever extracted by name."""

import struct
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from kgpeft.errors import SourceError
from kgpeft.graph.sources.compress import METHODS, Span
from kgpeft.graph.sources.limits import INDEX, MEMBERS

_UNPACK = "unpack it with a tool you trust and name the files inside"
_LINKS = (tarfile.SYMTYPE, tarfile.LNKTYPE)
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, NotImplementedError, ValueError, struct.error, EOFError, OverflowError)


@dataclass(frozen=True)
class Member:
    """A file in an archive: its name and its bytes, or why it cannot be read."""

    name: str
    span: Span
    reason: str = ""


def archive_kind(head: bytes) -> str:
    """``zip`` or ``tar`` if the first bytes are an archive's, else nothing."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return ""
    return "tar"


def members(path: str, kind: str, where: str) -> list[Member]:
    """The files in an archive, sorted by name; SourceError if it is broken, too big, or reaches out of itself."""
    try:
        found = list(_zip(path) if kind == "zip" else _tar(path))
    except _BROKEN as error:
        what = f"broken {kind.upper()} archive: {error}"
        raise SourceError(what, where=where, remedy="download or pack it again") from error
    except SourceError as error:
        raise SourceError(error.what, where=where, remedy=error.remedy) from error
    return sorted(found, key=lambda member: (member.name, member.span.start))


def _zip(path: str) -> Iterator[Member]:
    with open(path, "rb") as file:
        _check_index(file)
        with zipfile.ZipFile(file) as archive:
            infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
        end = 0
        for number, info in enumerate(infos):
            start, mode = _data_start(file, info), info.external_attr >> 16
            if info.header_offset < end:
                raise SourceError("members of the archive overlap, as in a decompression bomb", remedy=_UNPACK)
            end = start + info.compress_size
            _check(info.filename, number)
            if info.is_dir():
                continue
            span = Span(path, start, info.compress_size, METHODS.get(info.compress_type, ""), info.CRC)
            yield Member(info.filename, span, _zip_reason(info, mode))


def _zip_reason(info: zipfile.ZipInfo, mode: int) -> str:
    """Why a member cannot be read, or nothing."""
    if info.flag_bits & 1:
        return "it is encrypted"
    if info.compress_type not in METHODS:
        return f"its compression (method {info.compress_type}) is not known"
    return "it is a link" if mode & 0o170000 == 0o120000 else ""


def _check_index(file: BinaryIO) -> None:
    """SourceError for a table of contents too big to be read; zipfile would read it whole."""
    file.seek(max(0, file.seek(0, 2) - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    size = struct.unpack_from("<L", tail, at + 12)[0] if 0 <= at <= len(tail) - 16 else 0
    if size == 0xFFFFFFFF and (zip64 := tail.rfind(b"PK\x06\x06", 0, at)) >= 0:
        size = struct.unpack_from("<Q", tail, zip64 + 40)[0]
    if size > INDEX:
        raise SourceError("the archive has too many members", remedy=_UNPACK)


def _data_start(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Where a member's bytes begin, after its local header."""
    file.seek(max(0, info.header_offset))
    header = file.read(30)
    if info.header_offset < 0 or len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"no member at byte {info.header_offset}")
    name, extra = struct.unpack_from("<HH", header, 26)
    return info.header_offset + 30 + int(name) + int(extra)


def _tar(path: str) -> Iterator[Member]:
    with tarfile.open(path, "r:", errorlevel=2) as archive:
        offset = -1
        for number in range(MEMBERS + 1):
            if (info := archive.next()) is None:
                return
            if info.offset_data <= offset or info.size < 0:  # else next() can go round in circles
                raise tarfile.TarError("sizes that make no sense")
            offset = info.offset_data
            _check(info.name, number)
            if info.type in _LINKS:
                _check(str(PurePosixPath(info.name).parent / info.linkname) if info.issym() else info.linkname, 0)
            if not info.isdir():
                yield Member(info.name, Span(path, offset, info.size), _tar_reason(info))


def _tar_reason(info: tarfile.TarInfo) -> str:
    if info.issparse():
        return "it is a sparse file"
    if info.type in _LINKS:
        return "it is a link"
    if info.type not in _FILES:
        raise SourceError(f"the archive has a device or pipe in it: {shown(info.name)}", remedy=_UNPACK)
    return ""


def _check(name: str, number: int) -> None:
    """SourceError for a name that leads out of the archive, or one member too many."""
    if number >= MEMBERS:
        raise SourceError(f"the archive has more than {MEMBERS} members", remedy=_UNPACK)
    parts, depth, least = name.replace("\\", "/").split("/"), 0, 0
    for part in parts:
        depth += {"": 0, ".": 0, "..": -1}.get(part, 1)
        least = min(least, depth)
    if least < 0 or (not parts[0] and len(parts) > 1) or parts[0][1:2] == ":":
        raise SourceError(f"a member of the archive lies outside of it: {shown(name)}", remedy=_UNPACK)


def shown(name: str) -> str:
    """A file's name as it can be printed: control characters and lone surrogates are written as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)
