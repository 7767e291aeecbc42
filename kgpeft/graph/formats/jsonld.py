"""JSON-LD made safe before it is parsed: not too deep, no parser at a standstill, no context from elsewhere."""

import io
from typing import BinaryIO, cast

import numpy as np

from kgpeft.errors import SourceError
from kgpeft.graph.sources.contexts import complete
from kgpeft.graph.sources.limits import DEPTH, Paced
from kgpeft.graph.sources.sniff import Opened

_NO_MARK = bytes(set(range(256)) - set(b'"[]{}'))


def safe_json(source: Opened, stream: BinaryIO) -> BinaryIO:
    """The source's bytes with its contexts in it, as far as they lie beside it; SourceError if nested too deeply."""
    data = stream.read()
    _check_depth(data, source.path)
    whole, used = complete(data, source)
    if used:
        _check_depth(whole, source.path)
    return cast(BinaryIO, Paced(io.BytesIO(whole), source.path))


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
