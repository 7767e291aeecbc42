"""Parsing tried in a process of its own, where it might abort or never end: there, that is only an error.

Of all that pyoxigraph parses, only quoted triples within each other (RDF 1.2) are walked by recursion: some 20,000
levels overflow the stack, which no exception tells of. And contexts of JSON-LD within each other take time in the
square of their size, before the first statement comes. A file with few of these signs, or a small one, is no danger.
"""

import io
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, NamedTuple, cast

from kgpeft.errors import SourceError
from kgpeft.graph.sources.limits import Paced, seconds_for, standstill
from kgpeft.graph.sources.sniff import Opened

_CHUNK = 1 << 20
_TOO_LONG = 9  # exit code
_STACK = 2 << 20  # bytes: a fourth of what a process usually has


class _Sign(NamedTuple):
    """What tells of danger: a pattern, how often at least, in how many bytes at least."""

    pattern: re.Pattern[bytes]
    times: int
    size: int = 0


_CONTEXT = b"".join(rb"(?:%c|\\u00%02x)" % (letter, letter) for letter in b"@context")
_QUOTED = re.compile(rb"parseType\s{0,9}=\s{0,9}[\"'](?!(?:Collection|Resource|Literal)[\"'])")
_SIGNS = {
    **dict.fromkeys(("Turtle", "TriG", "N-Triples", "N-Quads"), _Sign(re.compile(rb"<<\("), 1000)),
    "RDF/XML": _Sign(_QUOTED, 1000),
    "JSON-LD": _Sign(re.compile(b'"' + _CONTEXT + b'"'), 2, 200_000),
}


def check_parser(source: Opened, safe: Callable[[Opened, BinaryIO], BinaryIO]) -> None:
    """SourceError if the parser would abort on what ``safe`` makes of a source's bytes.

    Costs a look through the bytes, and a process where there is something to see.
    """
    if source.format not in _SIGNS or not _dangerous(source, _SIGNS[source.format]):
        return
    with source.stream() as stream:
        code = _try(safe(source, stream), source.format)
    if code in (_TOO_LONG, -signal.SIGPROF):
        raise standstill(source.path)
    if code:
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        what = f"the parser dies of it ({cause}): quoted triples are nested too deeply"
        raise SourceError(what, where=source.path, remedy="nest them less")


def _dangerous(source: Opened, sign: _Sign) -> bool:
    count, size, rest = 0, 0, b""
    with source.stream() as stream:
        while part := stream.read(_CHUNK):
            count, size = count + len(sign.pattern.findall(rest + part)), size + len(part)
            if count >= sign.times and size >= sign.size:
                return True
            rest = part[-50:]
    return False


def _try(stream: BinaryIO, form: str) -> int:
    """What a process that parses the bytes ends with."""
    command = [sys.executable, "-m", "kgpeft.graph.sources.child", form]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        try:
            while part := stream.read(_CHUNK):
                child.stdin.write(part)
            child.stdin.close()
        except BrokenPipeError:  # it is dead, and waiting tells of what
            with suppress(BrokenPipeError):  # closing writes what is left
                child.stdin.close()
        return child.wait()


def main(form: str) -> None:
    """Parses standard input as ``form`` within limits; errors of syntax are none here."""
    import pyoxigraph as ox

    from kgpeft.graph.formats.rdf import FORMATS

    resource.setrlimit(resource.RLIMIT_STACK, (_STACK, _STACK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stream = cast(BinaryIO, Paced(sys.stdin.buffer, "standard input"))
    if form == "JSON-LD":
        data = sys.stdin.buffer.read()
        signal.setitimer(signal.ITIMER_PROF, seconds_for(len(data)))  # its signal ends the process
        stream = io.BytesIO(data)
    quads = ox.parse(stream, FORMATS[form], base_iri="file:///source", lenient=True)
    while True:
        try:
            for quad in quads:
                str(quad)
            return
        except SyntaxError:
            if form in ("RDF/XML", "JSON-LD"):
                return
        except MemoryError:  # as pyoxigraph says of long texts
            return
        except SourceError:
            sys.exit(_TOO_LONG)


if __name__ == "__main__":
    main(sys.argv[1])
