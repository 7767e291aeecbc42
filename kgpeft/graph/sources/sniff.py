"""What a file is, told by its bytes and never by its name."""

import difflib
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from kgpeft.errors import SourceError

HEAD = 1 << 16  # bytes looked at
CONVERT = "convert it to Turtle, RDF/XML or OBO, e.g. with `robot convert`"

_BINARY = {
    b"%PDF": ("a PDF document", "give the ontology or table itself, not a document about it"),
    b"PK\x03\x04": ("a ZIP archive", "unzip it and name the files inside"),
    b"BZh": ("bzip2-compressed", "decompress it with bunzip2, or compress it with gzip"),
    b"\xfd7zXZ": ("xz-compressed", "decompress it with unxz, or compress it with gzip"),
    b"\x28\xb5\x2f\xfd": ("zstandard-compressed", "decompress it with unzstd, or compress it with gzip"),
    b"\x89PNG": ("a PNG image", ""),
    b"\xff\xd8\xff": ("a JPEG image", ""),
    b"PAR1": ("a Parquet file", "export it as CSV with the columns subject, predicate, object"),
    b"SQLite format 3": ("an SQLite database", "export it as CSV with the columns subject, predicate, object"),
    b"$HDT": ("an HDT file", "convert it to N-Triples with hdt2rdf"),
    b"\xff\xfe": ("UTF-16 text", "save it as UTF-8"),
    b"\xfe\xff": ("UTF-16 text", "save it as UTF-8"),
}
_READS = "Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD, OBO and CSV/TSV edge lists are read"
ROOT = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|\s+)*<([\w:.-]+)", re.S | re.I)
_IRI = rb"<[^<>\"{}|^`\s]*>"
_QUAD = re.compile(
    rb"(?:%b|_:\S+)\s*%b\s*(?:%b|_:\S+|\"(?:[^\"\\\n]|\\.)*\"\S*?)\s*(%b\s*|_:\S+\s*)?\.\s*(?:#.*)?$" % ((_IRI,) * 4)
)
_TURTLE = re.compile(
    rb"\s*(?:#.*\n\s*)*(?:@prefix\b|@base\b|(?i:prefix|base)\s+[\w.-]*:?\s*<|(?i:graph)\s+<|%b\s|\[|\(|\{|_:)" % _IRI
)
_STATEMENT = re.compile(rb"\s*<[^<>\s]*>\s+(?:a|<[^<>\s]*>|[\w-]*:[\w-]+)\s[^\n]*[.;,]\s*(?:#.*)?(?:\n|$)")
_OBO_GRAPHS = re.compile(rb'"graphs"\s*:\s*\[|"(?:logicalDefinitionAxioms|equivalentNodesSets)"\s*:|"lbl"\s*:')
_OBO = re.compile(rb"(?m)^(?:format-version\s*:|\[(?:Term|Typedef|Instance)\]\s*(?:!.*)?$)")
_FUNCTIONAL = re.compile(rb"(?m)^\s*(?:Prefix\s*\(|Ontology\s*\()")
_MANCHESTER = re.compile(rb"(?m)^\s*(?:Ontology:\s|Class:\s|Prefix:\s)")


@dataclass(frozen=True)
class Opened:
    """A readable source: where it is, what it is, and its first bytes (decompressed, without a byte-order mark)."""

    path: str
    format: str
    head: bytes
    packed: bool

    @contextmanager
    def stream(self) -> Iterator[BinaryIO]:
        """The decompressed bytes after any byte-order mark; SourceError if the compression is damaged."""
        with _open(self.path, self.packed) as file:
            try:
                if file.read(3) != b"\xef\xbb\xbf":
                    file.seek(0)
                yield file
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise _damaged(self.path) from error


def sniff(path: str | Path) -> Opened:
    """The source at ``path`` with its format; SourceError saying what it is instead and what to do."""
    where, file = str(path), Path(path)
    if file.is_dir():
        raise SourceError("this is a folder, not a file", where=where, remedy="name the files inside it")
    if not file.exists():
        raise SourceError("there is no such file", where=where, instead=_neighbour(file), remedy="check the path")
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with _open(where, packed) as stream:
            head = stream.read(HEAD).removeprefix(b"\xef\xbb\xbf")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _damaged(where) from error
    except OSError as error:
        raise SourceError(f"cannot be opened ({error.strerror})", where=where) from error
    return Opened(where, _format(head, where), head, packed)


def _open(path: str, packed: bool) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if packed else Path(path).open("rb")


def _damaged(path: str) -> SourceError:
    return SourceError("the gzip data ends early or is damaged", where=path, remedy="download or compress it again")


def _neighbour(file: Path) -> str:
    if not file.parent.is_dir():
        return f"there is no folder {file.parent} either"
    close = difflib.get_close_matches(file.name, [path.name for path in file.parent.iterdir()], n=1)
    return f"did you mean {file.parent / close[0]}?" if close else ""


def _format(head: bytes, where: str) -> str:
    for magic, (what, remedy) in _BINARY.items():
        if head.startswith(magic):
            raise SourceError(f"this is {what}", where=where, instead=_READS, remedy=remedy)
    if not head.strip():
        raise SourceError("the file is empty", where=where, remedy="download or export it again")
    if b"\0" in head:
        raise SourceError("this is a binary file", where=where, instead=_READS)
    return _xml(head, where) or _json(head, where) or _text(head, where)


def _xml(head: bytes, where: str) -> str | None:
    if _STATEMENT.match(head) or not re.match(rb"\s*<(?:[?!]|[\w.-]+(?::[\w.-]+)?(?:\s[^<]*|/)?>)", head):
        return None
    root = match[1].decode().lower() if (match := ROOT.match(head)) else ""
    if root.rpartition(":")[2] == "ontology":
        return "OWL/XML"
    if root.rpartition(":")[2] == "rdf" or b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" in head:
        return "RDF/XML"
    if root == "html" or re.search(rb"<!doctype\s+html|<html|<head|<body", head, re.I):
        remedy = "download the file itself (the raw link), not the page about it"
        raise SourceError("this is a web page (HTML), not an ontology", where=where, remedy=remedy)
    if not root:
        raise SourceError("the XML ends before its first element", where=where, remedy="download or export it again")
    raise SourceError(f"this is XML with the root <{root}>, not RDF/XML", where=where, instead=_READS)


def _json(head: bytes, where: str) -> str | None:
    if not re.match(rb"\s*(?:\{\s*(?:\"|\})|\[\s*(?:[{\"\[]|\]\s*$))", head):
        return None
    if _OBO_GRAPHS.search(head):
        return "OBO Graphs"
    if re.search(rb'"@(?:context|graph|id|type|value)"', head):
        return "JSON-LD"
    raise SourceError("this is JSON without any JSON-LD keyword such as @id", where=where, instead=_READS)


def _text(head: bytes, where: str) -> str:
    lines = [line for line in (head[:-1] + b"\n").splitlines() if line.strip() and not line.lstrip().startswith(b"#")]
    quads = [_QUAD.match(line.strip()) for line in lines[:50]]
    if quads and sum(map(bool, quads)) * 2 > len(quads):
        return "N-Quads" if any(quad[1] for quad in quads if quad) else "N-Triples"
    if _OBO.search(head):
        return "OBO"
    if _FUNCTIONAL.search(head):
        return "OWL functional"
    if _MANCHESTER.search(head):
        return "Manchester"
    if _TURTLE.match(head):
        return "Turtle"
    if delimiter(head):
        return "table"
    raise SourceError("the text is in no known format", where=where, instead=_READS)


def delimiter(head: bytes) -> str | None:
    """The delimiter of a table with at least three columns, told from its first lines, or None."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:20] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in "\t,;|"}
    for mark, found in counts.items():
        if found and sum(count >= 2 for count in found) * 2 > len(found):
            return mark
    return None
