"""How far a source may unfold, and how long a parser may take, before the source is refused."""

import io
import time
from typing import BinaryIO

from kgpeft.errors import SourceError

FREE = 64 << 20  # bytes that any compressed source may unfold to
RATIO = 200  # beyond those: unpacked bytes for each packed one; regular data in xz reach 150, bombs 1,000 and more
SIZE = 1 << 40  # bytes that no source may exceed unpacked
MEMBERS = 20_000  # files in a folder or archive: each is looked into
INDEX = 16 << 20  # bytes of a ZIP archive's table of contents
LAYERS = 3  # compressions around each other
DEPTH = 500  # levels of nested JSON; parsers need memory or time in its square
PROLOG = 1 << 20  # bytes of XML before its first element
ENTITY = 4096  # characters that one XML entity may expand to
EXPANSION = 8 << 20  # bytes that all long entities may expand to together, or, if that is more,
TIMES = 20  # this many bytes for each one read
PIECE = 1 << 13  # bytes between two looks at the clock
_GRACE, _SECONDS_A_MEGABYTE = 1.5, 0.25  # processor time; reading takes 0.02 to 0.04 s a megabyte


def allowance(packed: int) -> int:
    """How many bytes a source of ``packed`` bytes may unfold to."""
    return min(SIZE, max(FREE, RATIO * packed))


def seconds_for(size: int) -> float:
    """The processor time that a parser may take for so many bytes."""
    return _GRACE + _SECONDS_A_MEGABYTE * size / 1e6


def standstill(where: str) -> SourceError:
    """What is said of a parser that takes too long."""
    what = "parsing comes to a standstill: it is nested too deeply, or made to take forever"
    return SourceError(what, where=where, remedy="write it in N-Triples or Turtle")


class Paced(io.RawIOBase):
    """A stream handed out in pieces, each with a look at the clock."""

    def __init__(self, stream: BinaryIO, where: str) -> None:
        self.stream, self.pace = stream, Pace(where)

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most 8 kB."""
        part = self.stream.read(min(size, PIECE) if size >= 0 else PIECE)
        self.pace.check(len(part))
        return part


class Pace:
    """A clock that stops a parser whose time grows with the square of what it reads."""

    def __init__(self, where: str) -> None:
        self.where, self.taken, self.start = where, 0, time.thread_time()

    def check(self, size: int) -> None:
        """Counts ``size`` more bytes; SourceError if the parser is too slow for all it took so far."""
        self.taken += size
        if time.thread_time() - self.start > seconds_for(self.taken):
            raise standstill(self.where)
