"""XML made safe before it is parsed: no external entities, no expansion bombs, quotes a parser accepts, no lost end."""

import io
import re
from typing import BinaryIO

from kgpeft.errors import SourceError
from kgpeft.graph.sources.sniff import HEAD, ROOT, Opened

LIMIT = 4096  # characters an internal entity may expand to

_ONE_BYTE = ("iso-8859-1", "iso-8859-15", "latin1", "windows-1252", "us-ascii")
_DECLARED = re.compile(rb"(\s*<\?xml[^>]*encoding\s*=\s*[\"'])([\w.-]+)")
_DOCTYPE = re.compile(rb"<!DOCTYPE\s", re.I)
_WHOLE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[(?:\"[^\"]*\"|'[^']*'|<!--.*?-->|[^\]\"'])*\]\s*)?>", re.S | re.I)
_ENTITY = re.compile(rb"<!ENTITY\s+([\w.:-]+)\s+(\"[^\"]*\"|'[^']*')\s*>")
_EXTERNAL = re.compile(rb"<!ENTITY\s+%|<!ENTITY\s+\S+\s+(?:SYSTEM|PUBLIC)\b|<!DOCTYPE\s+[\w:.-]+\s+(?:SYSTEM|PUBLIC)\b")
_REFERENCE = re.compile(rb"&([\w.:-]+);")


class SafeXml(io.RawIOBase):
    """A stream of the source's bytes with a harmless document type.

    Opening it raises SourceError for external entities and expansion bombs; ``check_end`` does for a lost end.
    """

    def __init__(self, source: Opened, stream: BinaryIO) -> None:
        self.source, self.stream = source, stream
        self.charset = _charset(source)
        self.head = _safe_head(source, stream)
        self.tail = b""
        if self.charset:
            self.head = _DECLARED.sub(rb"\1UTF-8", self.head or stream.read(HEAD), count=1)

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most ``size`` of them."""
        if self.charset and size > 0:
            size = max(1, size // 3)  # one byte becomes three at most
        if self.head:
            size = len(self.head) if size < 0 else size
            part, self.head = self.head[:size], self.head[size:]
        else:
            part = self.stream.read(size)
        if self.charset:
            part = part.decode(self.charset, "replace").encode()
        self.tail = (self.tail + part)[-HEAD:]
        return part

    def check_end(self) -> None:
        """SourceError if the root element was never closed; pyoxigraph reads such a file without complaint."""
        root = ROOT.match(self.source.head)
        closed = root is None or re.search(rb"</%b\s*>" % re.escape(root[1]), self.tail)
        if root and not closed and not re.match(rb"[^<>]*/>", self.source.head[root.end() :]):
            what = f"the XML ends before </{root[1].decode()}>"
            raise SourceError(what, where=self.source.path, remedy="it is not complete: download or export it again")


def _charset(source: Opened) -> str:
    """The one-byte character set that the XML declares, or nothing for UTF-8."""
    name = found[2].decode().lower() if (found := _DECLARED.match(source.head)) else ""
    return name if name in _ONE_BYTE else ""


def _safe_head(source: Opened, stream: BinaryIO) -> bytes:
    """The first bytes up to the end of the document type at least, made harmless."""
    if not (start := _DOCTYPE.search(source.head)):
        return b""
    head = stream.read(HEAD)
    start = _DOCTYPE.search(head)
    while start and not (whole := _WHOLE.match(head, start.start())):
        if not (more := stream.read(HEAD)):
            raise SourceError("the document type never ends", where=source.path, remedy="download it again")
        head += more
    if not start or not whole:
        return head
    _refuse(whole[0], source.path)
    clean = _ENTITY.sub(lambda match: b'<!ENTITY %b "%b">' % (match[1], _value(match)), whole[0])
    return head[: whole.start()] + clean + head[whole.end() :]


def _refuse(doctype: bytes, where: str) -> None:
    if _EXTERNAL.search(doctype):
        remedy = "remove it: nothing but the file itself is read"
        raise SourceError("the document type refers to an external entity", where=where, remedy=remedy)
    sizes = dict.fromkeys((b"amp", b"lt", b"gt", b"quot", b"apos"), 1)
    for match in _ENTITY.finditer(doctype):
        value = _value(match)
        sizes[match[1]] = len(value) + sum(sizes.get(name, LIMIT) for name in _REFERENCE.findall(value))
        if sizes[match[1]] > LIMIT:
            what = f"the entity &{match[1].decode('utf-8', 'replace')}; may expand to more than {LIMIT} characters"
            raise SourceError(what, where=where, remedy="write its text out in the file")


def _value(match: re.Match[bytes]) -> bytes:
    return match[2][1:-1].replace(b'"', b"&#34;")
