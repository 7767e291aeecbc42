"""What format a source is in, told by its first bytes and never by its name.

Expressions here are matched against hostile bytes: each takes time in proportion to them, so nothing that repeats is
followed by something that may match the same bytes.
"""

import re

from kgpeft.errors import SourceError

HEAD = 1 << 16  # bytes looked at
_LINE = 4096  # bytes of a line looked at
RDF = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_READS = "RDF, OWL, OBO, tables, GraphML and Parquet are read"
_BINARY = {
    b"%PDF": ("a PDF document", "give the ontology or table itself, not a document about it"),
    b"PK": ("a ZIP archive inside another one", "unpack it and name the files inside"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it and name the files inside"),
    b"Rar!": ("a RAR archive", "unpack it and name the files inside"),
    b"\x1f\x9d": ("compressed with compress", "unpack it, or compress it with gzip"),
    b"\x89PNG": ("a PNG image", ""),
    b"\xff\xd8\xff": ("a JPEG image", ""),
    b"GIF8": ("a GIF image", ""),
    b"SQLite format 3": ("an SQLite database", "export it as CSV with the columns subject, predicate, object"),
    b"$HDT": ("an HDT file", "convert it to N-Triples with hdt2rdf"),
    b"\x7fELF": ("a program", ""),
    b"version https://git-lfs": ("a Git LFS pointer, not the file itself", "fetch the file with `git lfs pull`"),
}
_TAG = re.compile(rb"<(?:[?!]|[^\W\d][\w.-]*+(?::[\w.-]++)?(?:\s|/?>))")
_ROOT = re.compile(rb"<([\w:.-]+)(?=[\s/>])")
_HTML = re.compile(rb"<!doctype\s++html|<html[\s>]|<head>|<body[\s>]", re.I)
_JSON = re.compile(rb"\{\s*+(?:\"|\}\s*+$|$)|\[\s*+(?:[{\"\[]|\]\s*+$)")
_JSON_LD = re.compile(rb'"@(?:context|graph|id|type|value|list|set|included|nest|reverse|vocab|base)"')
_OBO_GRAPHS = re.compile(
    rb'"graphs"\s*+:\s*+\[\s*+\{\s*+"(?!@)|"(?:logicalDefinitionAxioms|equivalentNodesSets)"\s*+:|"lbl"\s*+:'
)
_IRI = rb"<[^<>\"{}|^`\s]*+>"
_ABSOLUTE = rb"<[A-Za-z][\w+.-]*+:[^<>\"\s]*+>"
_NODE = rb"(?:%b|_:[^\s<>\"]*[^\s<>\".])" % _ABSOLUTE
_LITERAL = rb"\"(?:[^\"\\\n]|\\.)*+(?:$|\"(?:@[\w-]++|\^\^%b)?)" % _IRI  # one may be cut off
_TRIPLE = re.compile(rb"%b\s*+%b\s*+(?:%b|%b|<<\(.*\)>>)" % (_NODE, _ABSOLUTE, _NODE, _LITERAL))
_END = re.compile(rb"\s*+(?:(%b)\s*+)?\.\s*+(?:#|$)" % _NODE)
_DIRECTIVE = re.compile(
    rb"@(?:prefix|base|version)\b|(?i:prefix)\s++[\w.-]*+:\s*+<|(?i:base)\s*+<|(?i:version)\s++\""
)
_TURTLE = re.compile(rb"(?i:graph)\s++[<\w]|%b\s|<<|[\[({]|_:" % _IRI)
_STATEMENT = re.compile(rb"<[^<>\s]*+>\s++(?:a|<[^<>\s]*+>|[\w-]*+:[\w-]++)\s[^\n]*[.;,][ \t\r]*+(?:#|\n|$)")
_GRAPH = re.compile(
    rb"(?mi)^[ \t]*+(?:graph[ \t]++[^\s{]++|<[^<>\s]*+>|_:\w++|[\w.-]*+:[\w.-]*+)?[ \t]*+\{(?!\|)",
)
_OBO = re.compile(rb"(?m)^(?:format-version[ \t]*+:|\[(?:Term|Typedef|Instance)\][ \t]*+(?:!.*)?\r?$)")
_FUNCTIONAL = re.compile(rb"(?m)^[ \t]*+(?:Prefix[ \t]*+\([^\s=(]*+:?[ \t]*+=|Ontology[ \t]*+\()")
_MANCHESTER = re.compile(
    rb"(?m)^[ \t]*+(?:(?:Prefix|Ontology|Import|Class|ObjectProperty|DataProperty|AnnotationProperty|Individual"
    rb"|Datatype|DisjointClasses|EquivalentClasses|SameIndividual|DifferentIndividuals|Namespace):(?:\s|$))"
)
_DOCTYPE = re.compile(rb"<!--|<\?|[\"'\[\]>]")
_CLOSES = {b"<!--": b"-->", b"<?": b"?>", b'"': b'"', b"'": b"'"}
_COMMENTS = re.compile(rb"(?:\s++|#[^\n]*+(?:\n|$))*+")


def encoding(head: bytes) -> str:
    """UTF-16 or UTF-32 if the first bytes are, with or without a byte-order mark; else nothing."""
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(head) >= 4:
        high, low = head[:256:2], head[1:256:2]
        if low.count(0) * 10 > len(low) * 8 and 0 not in high:
            return "utf-16-le"
        if high.count(0) * 10 > len(high) * 8 and 0 not in low:
            return "utf-16-be"
    return ""

_TREE = re.compile(rb'"children"\s*+:\s*+\[')


def format_of(head: bytes, where: str) -> str:
    """The format of a source that begins with ``head``; SourceError saying what it is instead and what to do."""
    if head.startswith(b"PAR1"):
        return "Parquet"
    for magic, (what, remedy) in _BINARY.items():
        if head.startswith(magic) and (len(magic) > 2 or b"\0" in head[:64]):
            raise SourceError(f"this is {what}", where=where, instead=_READS, remedy=remedy)
    text = head.lstrip()
    if not text:
        raise SourceError("the file is empty", where=where, remedy="download or export it again")
    if head.count(0) * 20 > len(head):
        raise SourceError("this is a binary file", where=where, instead=_READS)
    return _xml(text, where) or _json(text, where) or _text(text, where)


def _xml(text: bytes, where: str) -> str | None:
    if _STATEMENT.match(text) or not _TAG.match(text):
        return None
    if _HTML.search(text[: declarations(text)[1] + 64]):
        remedy = "download the file itself (the raw link), not the page about it"
        raise SourceError("this is a web page (HTML), not an ontology", where=where, remedy=remedy)
    root = root_of(text).decode(errors="replace")
    name = root.rpartition(":")[2].lower()
    if name in ("ontology", "graphml"):
        return {"ontology": "OWL/XML", "graphml": "GraphML"}[name]
    if name == "rdf" or (root and name != "svg" and RDF in text):
        return "RDF/XML"
    if not root and len(text) > HEAD // 2:  # it is further on
        return "RDF/XML"
    if not root:
        raise SourceError("the XML ends before its first element", where=where, remedy="download or export it again")
    raise SourceError(f"this is XML with the root <{root}>, not RDF/XML", where=where, instead=_READS)


def declarations(text: bytes) -> tuple[list[tuple[int, int]], int]:
    """Where declarations, comments and document types before the root element lie, and where that begins.

    If the root element is not there, its place is the text's end.
    """
    found: list[tuple[int, int]] = []
    at = 0
    while (at := text.find(b"<", at)) >= 0:
        if text.startswith(b"<?", at):
            end = text.find(b"?>", at) + 2
        elif text.startswith(b"<!--", at):
            end = text.find(b"-->", at + 4) + 3
        elif text.startswith(b"<!", at):
            end = doctype_end(text, at)
        else:
            return found, at
        if end <= at:
            break
        found.append((at, end))
        at = end
    return found, len(text)


def doctype_end(text: bytes, at: int) -> int:
    """The position after the document type that begins at ``at``, or -1 if its end is not there."""
    depth, at = 0, at + 2
    while match := _DOCTYPE.search(text, at):
        at = match.end()
        if close := _CLOSES.get(match[0]):
            if (end := text.find(close, at)) < 0:
                return -1
            at = end + len(close)
        elif match[0] == b">" and depth <= 0:
            return at
        else:
            depth += {b"[": 1, b"]": -1}.get(match[0], 0)
    return -1


def root_of(text: bytes) -> bytes:
    """The name of the root element, or nothing."""
    match = _ROOT.match(text, declarations(text)[1])
    return match[1] if match else b""


def _json(text: bytes, where: str) -> str | None:
    if not _JSON.match(text):
        return None
    if _OBO_GRAPHS.search(text):
        return "OBO Graphs"
    if _JSON_LD.search(text):
        return "JSON-LD"
    if _TREE.search(text):
        return "JSON tree"
    raise SourceError("this is JSON without any JSON-LD keyword such as @id", where=where, instead=_READS)


def _text(text: bytes, where: str) -> str:
    text = text[start.end() :] if (start := _COMMENTS.match(text)) else text
    if not text:
        raise SourceError("there is nothing but comments in it", where=where, remedy="download or export it again")
    if _DIRECTIVE.match(text):
        return "TriG" if _GRAPH.search(text) else "Turtle"
    if not text.startswith(b"{") and (name := _quads(text)):
        return name
    for name, sign in (("OBO", _OBO), ("OWL functional", _FUNCTIONAL), ("Manchester", _MANCHESTER)):
        if sign.search(text):
            return name
    if _TURTLE.match(text):
        return "TriG" if _GRAPH.search(text) else "Turtle"
    if delimiter(text) and 0 not in text:
        return "table"
    what = "this is a binary file" if 0 in text else "the text is in no known format"
    raise SourceError(what, where=where, instead=_READS)


def _quads(text: bytes) -> str:
    """N-Triples or N-Quads if most of the first lines are, else nothing."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(b"#")][:50]
    found = [_quad(line) for line in lines]
    if sum(map(bool, found)) * 2 <= len(found):
        return ""
    return "N-Quads" if "N-Quads" in found else "N-Triples"


def _quad(line: bytes) -> str:
    """N-Triples or N-Quads if the line is a statement of it, else nothing."""
    line = line[:_LINE]
    if not (triple := _TRIPLE.match(line)):
        return ""
    if triple.end() == _LINE:
        return "N-Triples"
    end = _END.match(line, triple.end())
    return "" if not end else "N-Quads" if end[1] else "N-Triples"


def delimiter(head: bytes) -> str | None:
    """The delimiter of a table with at least three columns, told from its first lines, or None."""
    text = [line for line in head.decode("utf-8", "replace").splitlines() if line.strip()]
    if text and len(text[0]) == 5 and text[0].startswith("sep="):  # Excel's
        return text[0][4]
    lines = [line for line in text if not line.startswith("#")][:20] or text[:20]
    counts = {mark: [line.count(mark) for line in lines] for mark in "\t,;|"}
    for mark, found in counts.items():
        if found and sum(count >= 2 for count in found) * 2 > len(found):
            return mark
    return None
