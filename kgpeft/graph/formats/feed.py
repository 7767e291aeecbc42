"""The bytes a parser takes, with what is needed to go on after a broken statement of Turtle or TriG."""

import re
from collections.abc import Mapping
from typing import BinaryIO

from kgpeft.graph.sources.limits import EXPANSION, TIMES
from kgpeft.graph.sources.sniff import HEAD, Opened

_KEPT = 32 << 20  # bytes that may have to be looked at again: twice the longest text that parsers hold
_ENDED = re.compile(rb"\.[ \t]*+(?:(?<=\s)#[^\r\n]*+)?(?=[\r\n]*+$)")  # in a line, the end of a statement
_TOKEN = re.compile(  # in a line; what is not closed takes the rest of it
    rb"<[^<>\s]*+>|\"(?:[^\"\\]|\\.)*+(?:\"|\\?$)|'(?:[^'\\]|\\.)*+(?:'|\\?$)|#.*|(?P<end>\.)(?=\s|$)|\\?.", re.S
)
_MERGE = re.compile(rb"(?:<<<<<<<|>>>>>>>|\|\|\|\|\|\|\|)(?:\s|$)|=======\s*$")  # what a version control leaves behind


class Feed:
    """A stream read in blocks and handed out in parts, by line if ``line`` is to be where the last statement ended.

    ``statements`` is how many came out of it, ``before`` the lines before the first one that the parser counts.
    """

    def __init__(self, stream: BinaryIO, by_line: bool) -> None:
        self.stream, self.by_line = stream, by_line
        self.block, self.at, self.line, self.next = b"", 0, 1, 1
        self.statements = self.before = 0
        self.kept: list[bytes] = []  # parts that the parser may still be in
        self.kept_line = 1  # the one in which they begin
        self.done = self.taken = self.repeated = 0

    def read(self, size: int = -1) -> bytes:
        """The next part, at most ``size`` bytes; nothing at the end."""
        if self.at == len(self.block):
            self.block, self.at = self._more(), 0
        end = self.at + size if size >= 0 else len(self.block)
        if self.by_line:
            end = min(end, self.block.find(b"\n", self.at) + 1 or len(self.block))
            self.line = self.next
            self.next += self.block[end - 1 : end] == b"\n"
        part = self.block[self.at : end]
        self.at += len(part)
        self._keep(part)
        return part

    def _more(self) -> bytes:
        part = self.stream.read(HEAD)
        self.taken += len(part)
        return part

    def _keep(self, part: bytes) -> None:
        """A parser asks for more in the middle of a statement: if one has ended since, that began in the last part."""
        if self.statements > self.done or len(self.kept) > _KEPT // HEAD:
            for old, following in zip(self.kept[:-1], self.kept[1:], strict=True):
                self.kept_line += _ends(old, following)
            self.kept = self.kept[-1:]
        self.done = self.statements
        self.kept.append(part)

    def skip(self, error: SyntaxError, prefixes: Mapping[str, str], base: str | None) -> bool:
        """Goes on behind the statement that an error is in; False if too much would have to be said again for that."""
        known = "".join(f"@prefix {name}: <{iri}> . " for name, iri in prefixes.items())
        start = f"{f'@base <{base}> . ' if base else ''}{known}".encode()
        number, rest = self._after(error)
        self.before += number - 1
        self.repeated += len(start)
        self.block, self.at, self.kept, self.kept_line = start + rest, 0, [], 1
        self.line = self.next = self.before + 1
        return self.repeated <= max(EXPANSION, TIMES * self.taken)

    def _after(self, error: SyntaxError) -> tuple[int, bytes]:
        """The line, as the parser counts, and the bytes with which to go on."""
        left, number = b"".join([*self.kept, self.block[self.at :]]), self.kept_line
        broken = error.lineno or number
        while True:
            text, left = self._line(left)
            if not text:
                return number, b""
            if number >= broken and (at := _end(text, error, number == broken)) >= 0:
                return number, text[at:] + left
            number += 1

    def _line(self, left: bytes) -> tuple[bytes, bytes]:
        """The next line with its end, and what is left of the bytes read so far."""
        while not (match := _LINE.match(left)):
            if not (more := self._more()):
                return left, b""
            left += more
        return match[0], left[match.end() :]


_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r(?=.))", re.S)


def merge_mark(source: Opened) -> int:
    """The first line that marks an unresolved merge, 0 if none does."""
    with source.stream() as stream:
        head = stream.read(_KEPT)
    found = re.search(rb"(?m)^<{7}[ \t\r]", head)
    return head.count(b"\n", 0, found.start()) + 1 if found else 0


def _ends(part: bytes, following: bytes) -> int:
    """How many lines end in a part."""
    ends = part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n")
    return ends - (part.endswith(b"\r") and following.startswith(b"\n"))


def _end(text: bytes, error: SyntaxError, first: bool) -> int:
    """Where in a line the broken statement ends, or -1; ``first`` is the line of the error."""
    ended = match.end() if (match := _ENDED.search(text)) else -1
    if not first:
        return ended
    if _MERGE.match(text):
        return len(text.rstrip(b"\r\n"))
    before = text.decode("utf-8", "surrogateescape")[: (error.offset or 1) - 1].encode("utf-8", "surrogateescape")
    if "dot is expected" in error.msg:
        return len(before)
    if text.startswith(b"}", len(before)):
        return len(before) + 1
    return next((token.end() for token in _TOKEN.finditer(text, len(before)) if token["end"]), ended)
