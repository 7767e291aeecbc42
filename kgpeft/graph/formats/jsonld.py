"""JSON-LD made safe before it is parsed: not too deep, no parser at a standstill, no context from elsewhere.

And with bases that the parser can resolve against: it leaves the dot segments of ``http://a/b/../c`` as they are.
"""

import io
import re
from collections.abc import Iterable, Iterator
from itertools import count
from typing import BinaryIO
from urllib.parse import urljoin

import numpy as np
import pyoxigraph as ox

from kgpeft.errors import SourceError
from kgpeft.graph.sources.contexts import complete
from kgpeft.graph.sources.limits import DEPTH, Paced
from kgpeft.graph.sources.sniff import Opened

_DOTTED = re.compile(rb'("@base"\s*+:\s*+")(https?://[^"/?#\\\s]++)((?:/[^"/?#\\\s]*+)*/)([^"/?#\\\s]*+)')
_DOTS = re.compile(rb"/\.\.?/")
_NO_MARK = bytes(set(range(256)) - set(b'"[]{}'))


class SafeJson(Paced):
    """The source's bytes with its contexts in it, as far as they lie beside it; SourceError if nested too deeply."""

    def __init__(self, source: Opened, stream: BinaryIO) -> None:
        data = stream.read()
        _check_depth(data, source.path)
        whole, used = complete(data, source)
        if used:
            _check_depth(whole, source.path)
        self.bases = Bases(whole)
        super().__init__(io.BytesIO(self.bases.data), source.path)


class Bases:
    """JSON-LD in whose ``data`` bases have no dot segments but a mark at their end.

    What is relative to a base is relative to its path without dot segments; only ``""``, ``?q`` and ``#f`` keep them.
    The mark is found again in those, and in nothing else. https://www.rfc-editor.org/rfc/rfc3986#section-5.2
    """

    def __init__(self, data: bytes) -> None:
        self.mark = next(mark for n in count() if (mark := b"-base-%d-" % n) not in data)
        self.marks: dict[tuple[bytes, bytes], int] = {}  # a base without dot segments and as it was -> its number
        self.data = _DOTTED.sub(self._marked, data) if b'"@base"' in data else data
        self.known = list(self.marks)

    def _marked(self, match: re.Match[bytes]) -> bytes:
        if not _DOTS.search(match[3]):
            return match[0]
        host, path = (part.decode("utf-8", "surrogateescape") for part in match.group(2, 3))
        try:
            plain = urljoin(host, path).encode("utf-8", "surrogateescape")
        except ValueError:  # no base at all: the parser says so
            return match[0]
        number = self.marks.setdefault((plain, b"".join(match.group(2, 3, 4))), len(self.marks))
        return b"%b%b%b%d-" % (match[1], plain, self.mark, number)

    def restored(self, quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
        """The quads with every base as it was."""
        marked = re.compile(re.escape(self.mark) + rb"(\d+)-")
        for quad in quads:
            text = ox.serialize([quad], format=ox.RdfFormat.N_QUADS) or b""
            first, *rest = marked.split(text)
            if not rest:
                yield quad
                continue
            for number, after in zip(rest[::2], rest[1::2], strict=True):
                plain, own = self.known[int(number)]
                first = first.removesuffix(plain) + own + after
            yield from ox.parse(first, ox.RdfFormat.N_QUADS, lenient=True)


def _check_depth(data: bytes, where: str) -> None:
    if (levels := depth(data)) > DEPTH:
        what = f"its JSON is nested {levels} levels deep, more than {DEPTH}"
        raise SourceError(what, where=where, remedy="write it in Turtle or flatter JSON-LD")


def depth(data: bytes) -> int:
    """How many brackets are open at once in JSON, apart from those in strings."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = b"".join(data.translate(None, _NO_MARK).split(b'"')[::2])
    steps = np.frombuffer(marks, np.uint8)
    opens = (steps == ord("[")) | (steps == ord("{"))
    return int(np.cumsum(np.where(opens, 1, -1)).max(initial=0))
