"""Text of a source in pieces, with line numbers."""

from collections.abc import Iterator
from typing import BinaryIO

from kgpeft.graph.statements import Statements

PIECE = 1 << 20  # bytes read at a time
LONGEST = 1 << 24  # characters of one literal


def decoded(data: bytes, into: Statements) -> str:
    """The bytes as UTF-8, or else as Latin-1, which is then noted."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        note = f"{into.sources[-1]['path']}: lines that are not UTF-8 were read as Latin-1"
        if note not in into.notes:
            into.notes.append(note)
        return data.decode("latin-1")


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends; those of a file from the time when a carriage return alone was one, too."""
    for line in stream:
        if line.find(b"\r", 0, len(line) - 2) >= 0:
            yield from line.splitlines(keepends=True)
        else:
            yield line


def pieces(stream: BinaryIO, into: Statements) -> Iterator[str]:
    """Whole lines, about a megabyte of them at a time."""
    while lines := stream.readlines(PIECE):
        if lines[0].count(b"\r") > 1:
            lines = [line.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for line in lines]
        try:
            yield b"".join(lines).decode("utf-8")
        except UnicodeDecodeError:
            yield "".join(decoded(line, into) for line in lines)
