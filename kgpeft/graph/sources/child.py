"""Parsing tried in a process of its own, where it might abort: there, that is only an error.

Of all that pyoxigraph parses, only quoted triples within each other (RDF 1.2) are walked by recursion: some 20,000
levels overflow the stack, which no exception tells of. A file with few of them cannot hold so many levels.
"""

import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import BinaryIO, cast

from kgpeft.errors import SourceError
from kgpeft.graph.sources.limits import QUOTED, Paced
from kgpeft.graph.sources.sniff import Opened

_CHUNK = 1 << 20
_STACK = 2 << 20  # bytes: a fourth of what a process usually has
_SIGNS = {
    **dict.fromkeys(("Turtle", "TriG", "N-Triples", "N-Quads"), re.compile(rb"<<\(")),
    "RDF/XML": re.compile(rb"parseType\s{0,9}=\s{0,9}[\"'](?!(?:Collection|Resource|Literal)[\"'])"),
}


def check_parser(source: Opened, safe: Callable[[Opened, BinaryIO], BinaryIO]) -> None:
    """SourceError if the parser would abort on what ``safe`` makes of a source's bytes.

    Costs a look through the bytes, and a process where there is something to see.
    """
    if source.format not in _SIGNS or not _has_many(source, _SIGNS[source.format]):
        return
    with source.stream() as stream:
        code = _try(safe(source, stream), source.format)
    if code:
        cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        what = f"the parser dies of it ({cause}): quoted triples are nested too deeply"
        raise SourceError(what, where=source.path, remedy="nest them less")


def _has_many(source: Opened, sign: re.Pattern[bytes]) -> bool:
    count, rest = 0, b""
    with source.stream() as stream:
        while part := stream.read(_CHUNK):
            count += len(sign.findall(rest + part))
            if count >= QUOTED:
                return True
            rest = part[-40:]
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
        except BrokenPipeError:  # it is dead; so it says when waited for
            pass
        return child.wait()


def main(form: str) -> None:
    """Parses standard input as ``form``; errors of syntax are none here."""
    import pyoxigraph as ox

    from kgpeft.graph.formats.rdf import FORMATS

    resource.setrlimit(resource.RLIMIT_STACK, (_STACK, _STACK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stream = cast(BinaryIO, Paced(sys.stdin.buffer, "standard input"))
    quads = ox.parse(stream, FORMATS[form], base_iri="file:///source", lenient=True)
    while True:
        try:
            for quad in quads:
                str(quad)
            return
        except SyntaxError:
            if form == "RDF/XML":
                return


if __name__ == "__main__":
    main(sys.argv[1])
