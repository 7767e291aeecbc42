"""The bytes a parser takes, with what is needed to go on after a broken statement."""

import re
from operator import length_hint
from typing import BinaryIO

from kgpeft.graph.sources.limits import EXPANSION, TIMES
from kgpeft.graph.sources.sniff import HEAD, Opened

_RESTART = 4000  # bytes that could be parsed while a parser is made anew
_ENDLESS = 1 << 62  # statements
_COUNTED = 64  # parts whose lines are counted together
_KEPT = 32 << 20  # bytes that may have to be looked at again: twice the longest text that parsers hold
_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r(?=.))", re.S)
_ENDED = re.compile(rb"\.[ \t]*+(?:(?<=\s)#[^\r\n]*+)?(?=[\r\n]*+$)")  # in a line, the end of a statement
_TO_END = re.compile(  # to the end of a statement in a line; what is not closed takes the rest of the line
    rb"(?:[^<\"'#.\\\r\n]++|<[^<>\s]*+>|<|\"(?:[^\"\\\r\n]|\\.)*+\"?|'(?:[^'\\\r\n]|\\.)*+'?|#[^\r\n]*+|\\.|\.(?!\s|$))*+"
    rb"(?P<end>\.(?=\s|$))?"
)
_LAST = re.compile(rb"(?=[\r\n]*+$)")  # in a line, its end
_MERGE = re.compile(rb"(?:<{7}|>{7}|\|{7}|={7})(?:[ \t][^\r\n]*+)?(?=\s|$)")  # what a version control leaves behind


class Feed:
    """A stream read in blocks and handed out in parts, by line if ``line`` is to be where the last statement ended.

    ``ticks`` goes on by one for every statement that came out of it (so that nothing of Python's has to run for each),
    ``before`` is the lines before the first one that the parser counts.
    """

    def __init__(self, stream: BinaryIO, by_line: bool) -> None:
        self.stream, self.by_line = stream, by_line
        self.block, self.at, self.line, self.next = b"", 0, 1, 1
        self.later: list[tuple[bytes, int]] = []  # blocks that come after this one, the next one last
        self.ticks, self.before = iter(range(1, _ENDLESS)), 0
        self.kept: list[bytes] = []  # parts that the parser may still be in
        self.past: list[bytes] = []  # parts that it has left, whose lines are not counted yet
        self.kept_line = 1  # the one in which ``past`` begins, or else what is kept
        self.done = self.taken = self.repeated = 0
        self.said = 0  # bytes at the beginning of what is kept that are no part of the stream

    @property
    def statements(self) -> int:
        """How many came out of it."""
        return _ENDLESS - 1 - length_hint(self.ticks)

    def read(self, size: int = -1) -> bytes:
        """The next part, at most ``size`` bytes; nothing at the end."""
        part = self._take(size if size >= 0 else HEAD)
        if self.by_line:
            whole = part.find(b"\n") + 1 or len(part)
            self.at -= len(part) - whole
            part, self.line = part[:whole], self.next
            self.next += part.endswith(b"\n")
        self._keep(part)
        return part

    def _take(self, size: int) -> bytes:
        if self.at == len(self.block):
            self.block, self.at = self.later.pop() if self.later else (self.stream.read(HEAD), 0)
        part = self.block[self.at : self.at + size]
        self.at += len(part)
        self.taken += len(part)
        return part

    def _more(self, size: int) -> bytes:
        """At least as many bytes, if there are: what is looked at again grows twofold each time."""
        parts = [self._take(HEAD)]
        while parts[-1] and len(parts) * HEAD < size:
            parts.append(self._take(HEAD))
        return b"".join(parts)

    def _keep(self, part: bytes) -> None:
        """A parser asks for more in the middle of a statement: if one has ended since, that began in the last part."""
        if (statements := self.statements) > self.done or len(self.kept) > _KEPT // HEAD:
            self.past += self.kept[:-1]
            self.kept, self.said = self.kept[-1:], self.said if len(self.kept) == 1 else 0
        self.done = statements
        self.kept.append(part)
        if len(self.past) > _COUNTED:
            self._count()

    def _count(self) -> None:
        """Counts the lines that have been left."""
        self.kept_line += _ends(b"".join(self.past), self.kept[0] if self.kept else b"")
        self.past = []

    def skip(self, error: SyntaxError, said: str, by_line: bool) -> bool:
        """Goes on behind the statement (``by_line``: the line) that an error is in, after what was ``said`` before.

        False if all that would have to be said again is too much for what the source holds, or is broken itself.
        """
        far = sum(map(len, self.kept)) - 2 * HEAD  # that the parser looked for an end of what is broken
        self.repeated += len(said) + _RESTART + max(far, 0)
        if self.repeated > max(EXPANSION, TIMES * self.taken):
            return False
        before = self.taken
        number, rest = self._after(error, by_line)
        if sum(map(len, self.kept)) + self.taken - before - len(rest) < self.said:  # what was said is broken itself
            return False
        if self.at < len(self.block):
            self.later.append((self.block, self.at))
        self.taken -= len(said) + len(rest)
        self.before += number - 1
        self.block, self.at, self.kept, self.kept_line = said.encode() + rest, 0, [], 1
        self.said = len(said.encode())
        self.line = self.next = self.before + 1
        return True

    def _after(self, error: SyntaxError, by_line: bool) -> tuple[int, bytes]:
        """The line, as the parser counts, and the bytes with which to go on."""
        self._count()
        data, at, number = b"".join(self.kept), 0, self.kept_line
        broken = error.lineno or number
        while True:
            if number == broken and not by_line:
                data, cut = self._end(data, at, error)
                if cut >= 0:
                    return number, data[cut:]
            while not (match := _LINE.match(data, at)) and (more := self._more(len(data))):
                data += more
            if not (text := data[at : match.end() if match else len(data)]):
                return number, b""
            ended = _LAST.search(text) if by_line else _ENDED.search(text)
            if number >= broken and ended:
                return number, data[at + ended.end() :]
            at, number = at + len(text), number + 1

    def _end(self, data: bytes, at: int, error: SyntaxError) -> tuple[bytes, int]:
        """Where in its own line, which begins at ``at``, the broken statement ends, or -1; and the data, grown."""
        column = (error.offset or 1) - 1
        start = data[at : at + 4 * column].decode("utf-8", "surrogateescape")[:column]
        place = at + len(start.encode("utf-8", "surrogateescape"))
        if mark := _MERGE.match(data, at):
            return data, mark.end()
        if "dot is expected" in error.msg:
            return data, place
        if data.startswith(b"}", place):
            return data, place + 1
        while (match := _TO_END.match(data, place)) and match.end() == len(data) and (more := self._more(len(data))):
            data += more
        return data, match.end() if match and match["end"] else -1


def merge_mark(source: Opened) -> int:
    """The first line that marks an unresolved merge, 0 if none does."""
    with source.stream() as stream:
        head = stream.read(_KEPT)
    found = re.search(rb"(?m)^<{7}[ \t\r]", head)
    return head.count(b"\n", 0, found.start()) + 1 if found else 0


def _ends(part: bytes, following: bytes) -> int:
    """How many lines end in a part."""
    if b"\r" not in part:
        return part.count(b"\n")
    ends = part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n")
    return ends - (part.endswith(b"\r") and following.startswith(b"\n"))
