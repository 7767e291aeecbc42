"""XML made safe before it is parsed: no external entities, no expansion bombs, quotes a parser accepts, no lost end."""

import codecs
import io
import re
from typing import Any, BinaryIO, NoReturn

from kgpeft.errors import SourceError
from kgpeft.graph.sources.detect import HEAD, declarations, root_of
from kgpeft.graph.sources.limits import ENTITY, EXPANSION, PIECE, PROLOG, TIMES, Pace
from kgpeft.graph.sources.sniff import Opened

_UTF = {"utf8", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii"}
_DECLARED = re.compile(rb"(\s*+<\?xml\s[^>]*?encoding\s*+=\s*+[\"'])([\w.:-]++)")
_ENTITY = re.compile(rb"<!ENTITY\s++([^\s%\"'<>&;]++)\s++(\"[^\"]*+\"|'[^']*+')\s*+>", re.I)
_EXTERNAL = re.compile(rb"<!ENTITY\s++%|(?:<!ENTITY|^<!DOCTYPE)\s++\S++\s++(?:SYSTEM|PUBLIC)\b", re.I)
_INCLUDE = re.compile(rb"xmlns:[^\s=]++\s*+=\s*+[\"']http://www\.w3\.org/2001/XInclude[\"']")
_COMMENT = re.compile(rb"<!--.*?-->", re.S)  # in a document type, where each one that begins also ends
_AMPERSAND = re.compile(rb"&#(?:0*+38|[xX]0*+26);")
_REFERENCE = re.compile(rb"&([^\s#%\"'<>&;]++);")


class SafeXml(io.RawIOBase):
    """A stream of the source's bytes in UTF-8 with a harmless document type.

    Opening it raises SourceError for external entities and expansion bombs, reading it for entities that expand to too
    much altogether or a parser that comes to a standstill; ``check_end`` does for a lost end.
    """

    def __init__(self, source: Opened, stream: BinaryIO) -> None:
        self.source, self.stream, self.pace = source, stream, Pace(source.path)
        self.decoder = _decoder(source)
        self.tail, self.rest = b"", b""
        self.heavy: dict[bytes, int] = {}  # entities that expand to more than TIMES their reference -> size
        self.entities: set[bytes] = set()
        self.taken = self.expanded = 0
        self.ready = self._prolog()

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most ``size`` of them."""
        if size < 0:
            return b"".join(iter(lambda: self.read(HEAD), b""))
        if not self.ready:
            self.ready = self._more()
            self._check(self.ready)
        size = min(size, PIECE)
        part, self.ready = self.ready[:size], self.ready[size:]
        self.pace.check(len(part))
        return part

    def readinto(self, buffer: Any) -> int:
        """The next bytes into a buffer."""
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def check_end(self) -> None:
        """SourceError if the root element was never closed; pyoxigraph reads such a file without complaint."""
        head = self.source.head
        root, start = root_of(head), head[declarations(head)[1] :]
        closed = re.search(rb"</%b\s*+>" % re.escape(root), self.tail) or re.match(rb"<[^<>]*+(?<=/)>", start)
        if root and not closed:
            what = f"the XML ends before </{root.decode(errors='replace')}>"
            raise SourceError(what, where=self.source.path, remedy="it is not complete: download or export it again")

    def _more(self) -> bytes:
        """The next bytes of the source in UTF-8, none at its end."""
        while part := self.stream.read(HEAD):
            if text := self.decoder.decode(part).encode() if self.decoder else part:
                return text
        if self.decoder:
            self.decoder.decode(b"", final=True)
        return b""

    def _check(self, part: bytes) -> None:
        """SourceError for a second document type, or for entities that expand to too much."""
        self.tail = (self.tail + part)[-HEAD:]
        text, self.rest = self.rest + part, part[-8:]
        if b"<!ENTITY" in text:
            self._refuse("there is an entity outside of the document type", "remove it, or write its text out")
        if self.heavy:
            self.rest = text[cut:] if (cut := text.rfind(b"&")) > text.rfind(b";") else self.rest
            self.taken += len(part)
            self.expanded += sum(self.heavy.get(name, 0) for name in _REFERENCE.findall(text))
            if self.expanded > max(EXPANSION, TIMES * self.taken):
                self._refuse("its entities expand to too much, as in a bomb", "write their text out in the file")

    def _prolog(self) -> bytes:
        """Everything up to the root element, made harmless, and some more."""
        text, root = b"", 0
        spans: list[tuple[int, int]] = []
        while root == len(text) and (part := self._more()):
            text += part
            spans, root = declarations(text)
            if len(text) > PROLOG:
                self._refuse(f"there is no element in its first {PROLOG >> 20} MB", "is it XML?")
        if root == len(text):
            self._refuse("the XML ends before its first element", "download or export it again")
        safe = b"".join(self._harmless(text[start:end]) for start, end in spans)
        if _INCLUDE.search(text, root, text.find(b">", root) + 1):
            self._refuse("it includes other files (XInclude)", "put their content in its place")
        self._check(text[root:])
        lines = text.count(b"\n", 0, root) - safe.count(b"\n")  # numbers of lines stay right
        return safe + b"\n" * lines + text[root:]

    def _harmless(self, part: bytes) -> bytes:
        """A part of the prolog: the declaration for UTF-8, a document type with each entity once, in double quotes.

        SourceError for external entities and bombs.
        """
        lines = b"\n" * part.count(b"\n")
        if part.startswith((b"<!--", b"<?")):
            return _DECLARED.sub(rb"\1UTF-8", part, count=1) if part.startswith(b"<?xml") else lines
        if _EXTERNAL.search(part):
            self._refuse("the document type refers to an external entity", "remove it: nothing else is read")
        sizes = dict.fromkeys((b"amp", b"lt", b"gt", b"quot", b"apos"), 1)

        def clean(match: re.Match[bytes]) -> bytes:
            name, value = match[1], match[2][1:-1].replace(b'"', b"&#34;")
            if name in self.entities:
                return b""  # the first definition counts
            self.entities.add(name)
            inner = _REFERENCE.findall(_AMPERSAND.sub(b"&", value))
            sizes[name] = len(value) + sum(sizes.get(part, ENTITY) for part in inner)
            if sizes[name] > ENTITY:
                shown = name.decode(errors="replace")
                self._refuse(f"the entity &{shown}; may expand to more than {ENTITY} characters", "write its text out")
            if sizes[name] > TIMES * (len(name) + 2):
                self.heavy[name] = sizes[name]
            return b'<!ENTITY %b "%b">' % (name, value)

        return _ENTITY.sub(clean, _COMMENT.sub(b"", part))

    def _refuse(self, what: str, remedy: str) -> NoReturn:
        raise SourceError(what, where=self.source.path, remedy=remedy)


def _decoder(source: Opened) -> codecs.IncrementalDecoder | None:
    """What decodes the character set that the XML declares; nothing for UTF-8, which ``stream`` makes of UTF-16."""
    if not (found := _DECLARED.match(source.head)):
        return None
    name = found[2].decode()
    try:
        codec = codecs.lookup(name)
        io.TextIOWrapper(io.BytesIO(), name)  # a LookupError as well if what it decodes to is no text, as base64
    except LookupError as error:
        raise SourceError(f"its encoding {name} is not known", where=source.path, remedy="save it as UTF-8") from error
    return None if codec.name in _UTF else codec.incrementaldecoder()
