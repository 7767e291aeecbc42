"""XML made safe before it is parsed: no external entities, no expansion bombs, quotes a parser accepts."""

import io
import re
from typing import BinaryIO

from kgpeft.errors import SourceError
from kgpeft.graph.sniff import HEAD, Opened

LIMIT = 4096  # characters an internal entity may expand to

_DOCTYPE = re.compile(rb"<!DOCTYPE\s", re.I)
_ENTITY = re.compile(rb"<!ENTITY\s+([\w.:-]+)\s+(\"[^\"]*\"|'[^']*')\s*>")
_EXTERNAL = re.compile(rb"<!ENTITY\s+%|<!ENTITY\s+\S+\s+(?:SYSTEM|PUBLIC)\b|<!DOCTYPE\s+[\w:.-]+\s+(?:SYSTEM|PUBLIC)\b")
_REFERENCE = re.compile(rb"&([\w.:-]+);")


class _Chained(io.RawIOBase):
    """The bytes of ``head``, then those of ``rest``."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self.head, self.rest = head, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self.head:
            return self.rest.read(size)
        size = len(self.head) if size < 0 else size
        part, self.head = self.head[:size], self.head[size:]
        return part


def safe_xml(source: Opened, stream: BinaryIO) -> BinaryIO:
    """The stream with a harmless document type; SourceError for external entities and expansion bombs."""
    if not (start := _DOCTYPE.search(source.head)):
        return stream
    head = stream.read(HEAD)
    while (end := _end(head, start.start())) < 0:
        if not (more := stream.read(HEAD)):
            raise SourceError("the document type never ends", where=source.path, remedy="download it again")
        head += more
    doctype = head[start.start() : end]
    _refuse(doctype, source.path)
    clean = _ENTITY.sub(lambda match: b'<!ENTITY %b "%b">' % (match[1], _value(match)), doctype)
    return _Chained(head[: start.start()] + clean + head[end:], stream)  # type: ignore[return-value]


def _end(head: bytes, start: int) -> int:
    """The offset after the document type declaration, or -1 if the bytes end before it does."""
    match = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[(?:\"[^\"]*\"|'[^']*'|<!--.*?-->|[^\]\"'])*\]\s*)?>", re.S | re.I).match(
        head, start
    )
    return match.end() if match else -1


def _refuse(doctype: bytes, where: str) -> None:
    if _EXTERNAL.search(doctype):
        raise SourceError(
            "the document type refers to an external entity", where=where, remedy="remove it: only the file is read"
        )
    sizes: dict[bytes, int] = {}
    for match in _ENTITY.finditer(doctype):  # an entity may use the ones before it
        value = _value(match)
        sizes[match[1]] = len(value) + sum(sizes.get(name, 0) for name in _REFERENCE.findall(value))
        if sizes[match[1]] > LIMIT:
            name = match[1].decode("utf-8", "replace")
            raise SourceError(
                f"the entity &{name}; expands to more than {LIMIT} characters", where=where, remedy="expand it by hand"
            )


def _value(match: re.Match[bytes]) -> bytes:
    return match[2][1:-1].replace(b'"', b"&#34;")
