"""JSON-LD made safe before it is parsed: not too deep, no parser at a standstill, no context from elsewhere."""

import io
import re
from typing import BinaryIO, cast

import numpy as np

from kgpeft.errors import SourceError
from kgpeft.graph.sources.limits import DEPTH, Paced
from kgpeft.graph.sources.sniff import Opened

_SCHEMA_ORG = re.compile(rb'("@context"\s*+:\s*+)"https?://(?:www\.)?schema\.org/?"')
_NO_MARK = bytes(set(range(256)) - set(b'"[]{}'))


def safe_json(source: Opened, stream: BinaryIO) -> BinaryIO:
    """The source's bytes with schema.org's context, the one that is everywhere; SourceError if nested too deeply."""
    data = stream.read()
    if (levels := depth(data)) > DEPTH:
        what = f"its JSON is nested {levels} levels deep, more than {DEPTH}"
        raise SourceError(what, where=source.path, remedy="write it in Turtle or flatter JSON-LD")
    return cast(BinaryIO, Paced(io.BytesIO(_SCHEMA_ORG.sub(rb'\1{"@vocab": "http://schema.org/"}', data)), source.path))


def depth(data: bytes) -> int:
    """How many brackets are open at once in JSON, apart from those in strings."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = b"".join(data.translate(None, _NO_MARK).split(b'"')[::2])
    steps = np.frombuffer(marks, np.uint8)
    opens = (steps == ord("[")) | (steps == ord("{"))
    return int(np.cumsum(np.where(opens, 1, -1)).max(initial=0))
