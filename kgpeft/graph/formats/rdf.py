"""Turtle, TriG, N-Triples, N-Quads, RDF/XML and JSON-LD → statements, through pyoxigraph."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import compress, islice
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

import pyoxigraph as ox

from kgpeft.artifacts import file_sha256
from kgpeft.errors import SourceError
from kgpeft.graph.formats.feed import Feed
from kgpeft.graph.formats.jsonld import SafeJson
from kgpeft.graph.formats.mend import mend
from kgpeft.graph.formats.quads import block, is_plain, rows
from kgpeft.graph.formats.xml import SafeXml
from kgpeft.graph.sources.child import check_parser
from kgpeft.graph.sources.contexts import files_beside
from kgpeft.graph.sources.sniff import Held, Opened
from kgpeft.graph.statements import Statements

BLOCK = 1 << 13  # triples numbered at a time
PIECE = 1 << 19  # bytes of lines looked at at a time
LONGEST = 32 << 20  # bytes of a line: of each of its parts, parsers hold half of that

FORMATS = {
    "Turtle": ox.RdfFormat.TRIG,  # a superset
    "TriG": ox.RdfFormat.TRIG,
    "N-Triples": ox.RdfFormat.N_QUADS,  # a superset
    "N-Quads": ox.RdfFormat.N_QUADS,
    "RDF/XML": ox.RdfFormat.RDF_XML,
    "JSON-LD": ox.RdfFormat.JSON_LD,
}
_STRICT = FORMATS | {"Turtle": ox.RdfFormat.TURTLE, "N-Triples": ox.RdfFormat.N_TRIPLES}
_REMEDIES = {  # what a parser's message says -> what to do
    "remote context": "write the context into the file, or into one beside it: nothing is fetched",
    "utf-8": "save it as UTF-8",
    "unrecognized entity": "declare it in the document type, or write the character itself",
    "unknown prefix": "declare it: xmlns:…=\"…\" in the root element",
    "namespaces are required": "an element or attribute lacks its prefix: write rdf:about, not about",
}
_SHORTEN = "shorten it: parsers hold no text longer than that"
_GRAPHS = ("TriG", "N-Quads", "JSON-LD")  # may name graphs
_BY_LINE = ("N-Triples", "N-Quads")
_TRIPLE = attrgetter("triple")
_UNSAFE = re.compile(r"[\x00-\x20<>\"{}|^`\\]")  # in an IRI of Turtle only as an escape
_WHERE = re.compile(r"(?:Parser error )?(?:(?:at|between) line \d+[^:]*|at \d+\.\.\d+|(?:syntax|ill-formed)[a-z ]+): ")
_BEFORE = re.compile("line jumps|followed by a dot")
_RESUMABLE = ("Turtle", "TriG", "N-Triples", "N-Quads")


def read_rdf(source: Opened, into: Statements) -> None:
    """The file's triples added to ``into``; a broken statement is quarantined where the format allows to go on.

    Instead of a line, rows have the number of their statement, negative: ``lines`` finds the line when it is asked for.
    """
    check_parser(source, _safe)
    if source.format in _BY_LINE and not source.strict:
        _add_lines(source, into)
    else:
        _add(source, into)
    if used := files_beside(source):
        into.sources[-1]["contexts"] = [{"path": str(path), "sha256": file_sha256(path)} for path in used]


def _add_lines(source: Opened, into: Statements) -> None:
    """Adds the triples of many lines at a time; only where one of them is not plain, a parser is needed."""
    lines = statements = 0
    with source.stream() as stream:
        for text in _pieces(stream, source.path):
            count = text.count(b"\n")
            if is_plain(text) and (found := block(text, count, len(into.sources), statements)):
                into.append(found)
                statements += count
            else:
                statements += _add(Held.of(source, text), into, lines, statements)
            lines += count


def _pieces(stream: BinaryIO, where: str) -> Iterator[bytes]:
    """A stream in pieces of whole lines."""
    rest = b""
    while part := stream.read(PIECE):
        whole = part.rfind(b"\n") + 1
        if whole:
            yield rest + part[:whole]
            rest = part[whole:]
        elif len(rest) < LONGEST:
            rest += part
        else:
            raise SourceError(f"a line is longer than {LONGEST >> 20} MB", where=where, remedy=_SHORTEN)
    if rest:
        yield rest


def _add(source: Opened, into: Statements, lines: int = 0, before: int = 0) -> int:
    """Adds what a parser finds in a source, or in its part after so many lines and statements; how many it found."""
    blocks, bad = len(into.blocks), len(into.quarantined)
    if (found := _by_text(source, into, lines, before)) is None:
        del into.blocks[blocks:], into.quarantined[bad:]
        found = _by_statement(source, into, lines, before)
    return found


def _by_text(source: Opened, into: Statements, lines: int = 0, before: int = 0) -> int | None:
    """Adds the triples as the parser writes them; None if a line of that leaves a doubt."""
    with _reading(source, into) as (quads, feed):
        feed.before, done = lines, 0
        triples = map(_TRIPLE, quads) if source.format in _GRAPHS else quads
        while text := ox.serialize(islice(triples, BLOCK), format=ox.RdfFormat.N_QUADS):
            if (found := block(text, feed.statements - done, len(into.sources), before + done)) is None:
                return None
            into.append(found)
            done = feed.statements
    return done


def _by_statement(source: Opened, into: Statements, lines: int, before: int) -> int:
    """Adds the triples one by one, at half the speed."""
    with _reading(source, into) as (quads, feed):
        feed.before = lines
        numbered = enumerate(quads, before + 1)
        while part := [*islice(numbered, BLOCK)]:
            into.append(rows(part, len(into.sources)))
    return feed.statements


def lines(source: Opened, statements: Iterable[int]) -> dict[int, int]:
    """The line in which each of these statements (1 is the first) ends: the file is read again, up to the last one."""
    wanted = set(statements)
    try:
        return _lines(source, wanted)
    except SourceError:
        if (whole := mend(source)) is None:
            raise
        return _lines(whole, wanted)


def _lines(source: Opened, wanted: set[int]) -> dict[int, int]:
    found = dict[int, int]()
    with _reading(source, Statements(sources=[{"path": source.path}]), by_line=True) as (quads, feed):
        for number, _ in enumerate(islice(quads, max(wanted, default=0)), 1):
            if number in wanted:
                found[number] = feed.line
    return found


@contextmanager
def _reading(source: Opened, into: Statements, by_line: bool = False) -> Iterator[tuple[Iterator[ox.Quad], Feed]]:
    """The statements of a source, and the stream they come from."""
    with ExitStack() as files:
        feed = Feed(_safe(source, files.enter_context(source.stream())), by_line)
        quads = _quads(source, feed, into)
        bases = getattr(feed.stream, "bases", None)
        yield bases.restored(quads) if bases and bases.known else quads, feed


def _safe(source: Opened, stream: BinaryIO) -> BinaryIO:
    """The stream as its parser may have it; nothing is ever fetched."""
    if source.format == "RDF/XML":
        return cast(BinaryIO, SafeXml(source, stream))
    if source.format == "JSON-LD":
        return cast(BinaryIO, SafeJson(source, stream))
    return stream


def _quads(source: Opened, feed: Feed, into: Statements) -> Iterator[ox.Quad]:
    """The statements that can be read."""
    base = source.base or "file:///" + quote(Path(source.path).name)
    form = (_STRICT if source.strict else FORMATS)[source.format]
    quads = ox.parse(cast(BinaryIO, feed), form, base_iri=base, lenient=not source.strict)
    while True:
        try:
            yield from compress(quads, feed.ticks)
            if isinstance(feed.stream, SafeXml):
                feed.stream.check_end()
            return
        except SyntaxError as error:
            if source.format not in _RESUMABLE:
                raise _broken(source, error, feed) from error
            by_line = form != ox.RdfFormat.TRIG
            if by_line and error.offset == 1 and _BEFORE.search(error.msg):
                error.lineno = (error.lineno or 2) - 1  # the parser has seen it where the next line begins
            into.quarantine(feed.before + (error.lineno or 0), _WHERE.sub("", error.msg, count=1))
            if source.strict:
                continue
            known = "" if by_line else _said(quads)
            # left alone, the parser would lose the next statement too, or, by line, all up to the next quote
            if feed.skip(error, known, by_line):
                quads = ox.parse(cast(BinaryIO, feed), form, base_iri=base, lenient=True)
            elif not by_line:
                line = feed.before + (error.lineno or 0)
                into.quarantine(line, "all that follows: too many statements before it are broken")
                return
        except MemoryError as error:  # so pyoxigraph says it
            raise SourceError("a text or name is longer than 16 MB", where=source.path, remedy=_SHORTEN) from error


def _said(quads: ox.QuadParser) -> str:
    """The base and the prefixes that are known so far, on one line."""
    known = "".join(f"@prefix {name}: <{_spelt(iri)}> . " for name, iri in quads.prefixes.items())
    return f"@base <{_spelt(quads.base_iri)}> . {known}" if quads.base_iri else known


def _spelt(iri: str) -> str:
    """An IRI as it stands between < and >: a lenient parser has let through what would end it, or its line."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04X}", iri)


def _broken(source: Opened, error: SyntaxError, feed: Feed) -> SourceError:
    message = _WHERE.sub("", error.msg, count=1)
    found = (remedy for sign, remedy in _REMEDIES.items() if sign in message.lower())
    remedy = next(found, "mend that line; is it complete? Download or export it again")
    line = error.lineno or (feed.line if feed.by_line else _broken_line(source))
    return SourceError(f"broken {source.format}, line {line}: {message}", where=source.path, remedy=remedy)


def _broken_line(source: Opened) -> int:
    """The line in which a source breaks whose parser does not tell: it is read again, line by line."""
    with _reading(source, Statements(sources=[{"path": source.path}]), by_line=True) as (quads, feed):
        with suppress(SourceError):
            for _ in quads:
                pass
        return feed.line
