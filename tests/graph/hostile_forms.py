"""Hostile files of every format: errors without end, numbers and tables out of all bounds, lies; like ``hostile``."""

import bz2
import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

from .hostile import ANY, EITHER, FACT, GRAPHML, LINK, NT, TTL, XML, Case, laughs
from .hostile_places import packed, tarred

CSV = b"subject,predicate,object\ns,p,o\n"
OBO = b"format-version: 1.2\nontology: x\n\n[Term]\nid: X:1\nname: s\n"
NODES = [{"id": "http://e.org/s", "lbl": "s"}, {"id": "http://e.org/o", "lbl": "o"}]
GRAPH = {"nodes": NODES, "edges": [{"sub": "http://e.org/s", "pred": "http://e.org/p", "obj": "http://e.org/o"}]}


def errors() -> Iterator[Case]:
    """What is broken again and again, and what a reader that goes on or mends may take too long for."""
    yield Case("ttl errors a line", TTL + b"x\n.\n" * 1_000_000, FACT)
    yield Case("ttl errors on one line", TTL + b"x . " * 1_000_000, FACT)
    yield Case("ttl error in a long line", TTL + b"x " + b"e:a e:b e:c ; " * 700_000, FACT)
    yield Case("ttl error, quotes", TTL + b"x " + b'"' * 3_000_001, FACT)
    yield Case("ttl error, escapes", TTL + b'x "' + b"\\" * 3_000_001, FACT)
    yield Case("ttl error, open iris", TTL + b"x " + b"<" * 1_000_000 + b"\n", FACT)
    yield Case(
        "ttl error after many prefixes",
        b"".join(b"@prefix p%d: <x:> .\n" % n for n in range(20_000)) + TTL + b"x\n.\n" * 100_000,
        FACT,
    )
    yield Case("ttl carriage returns", TTL + b"x\r.\r" * 500_000, FACT)
    yield Case("merge marks", TTL + b"<<<<<<< HEAD\n" * 100_000, FACT)
    yield Case("nt quotes", NT + b'<a:s> <a:p> "x .\n' * 200_000, FACT)
    yield Case("nt errors", NT + b"x\n" * 1_000_000 + NT, FACT)
    yield Case("trig braces", TTL + b"e:g { x " * 200_000, FACT)
    yield Case("xml ampersands", XML.format(LINK + "<e:q>" + "& " * 500_000 + "</e:q>").encode(), FACT)
    yield Case("xml open comments", XML.format(LINK + "&" + "<!--" * 300_000).encode(), ANY)
    yield Case("xml open sections", XML.format(LINK + "&" + "<![CDATA[" * 200_000).encode(), ANY)
    yield Case("xml open types", XML.format(LINK + "&" + "<!DOCTYPE[" * 200_000).encode(), ANY)
    yield Case(
        "xml ids", XML.format(LINK).replace("</rdf:RDF>", "<e:C rdf:ID='1'/>" * 50_000 + "</rdf:RDF>").encode(), FACT
    )
    yield Case("xml id without end", XML.format(LINK + "<e:C" + " rdf:ID = " * 200_000).encode(), ANY)
    yield Case("xml latin-1", XML.format(LINK + "<e:q>" + "\u00e9" * 5_000_000 + "</e:q>").encode("latin-1"), FACT)
    yield Case("xml entities of html", XML.format(LINK + "<e:q>" + "&eacute;" * 300_000 + "</e:q>").encode(), FACT)
    yield Case("mended bomb", (laughs(9) + XML.format("<e:p>&x; & &nbsp;</e:p>")).encode(), "may expand")
    yield Case(
        "mended external",
        b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + XML.format("<e:p>&x; & &nbsp;</e:p>").encode(),
        "external",
    )
    yield Case(
        "laughs in utf-16",
        ('<?xml version="1.0"?>' + laughs(9) + XML.format("<e:p>&x;</e:p>")).encode("utf-16"),
        "may expand",
    )


def tables() -> Iterator[Case]:
    """CSV and Parquet."""
    yield Case("csv quotes that end late", CSV + b'a,"b\n' * 200_000, EITHER)
    yield Case("csv a quote before many rows", CSV + b'a,p,"b\n' + b"s,p,o\n" * 500_000, FACT)
    yield Case("csv nothing but quotes", CSV + b'"' * 2_000_001, FACT)
    yield Case("csv doubled quotes", CSV + b'x,"' + b'""\n' * 300_000, EITHER)
    yield Case("csv a million columns", b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n1,2\n", ANY)
    yield Case("csv a million delimiters", CSV + b"," * 1_000_000 + b"\n", FACT)
    yield Case("csv same columns", b"id" + b",name" * 100_000 + b"\n" + b"x" * 100_001 + b"\n", EITHER)
    yield Case("sep= and nothing", b"sep=;\n", ANY)
    yield Case("levels", b"level1,level2,level3\n" + b"a,b,c\n" * 200_000, EITHER)
    yield from _parquet()


def _parquet() -> Iterator[Case]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def written(table: pa.Table, **how: object) -> bytes:
        buffer = io.BytesIO()
        pq.write_table(table, buffer, **how)
        return buffer.getvalue()

    good = written(pa.table({"subject": ["s"], "predicate": ["p"], "object": ["o"]}))
    yield Case("parquet", good, FACT)
    yield Case("parquet footer too long", good[:-8] + b"\xff\xff\xff\x7fPAR1", "broken Parquet")
    yield Case("parquet footer of nothing", good[:-8] + b"\0\0\0\0PAR1", "broken Parquet")
    for at in range(12, 120, 12):
        changed = bytearray(good)
        changed[-at] ^= 0xFF
        yield Case(f"parquet footer {at}", bytes(changed), EITHER)
    long = pa.table({"subject": ["s"] * 2_000_000, "predicate": ["p"] * 2_000_000, "object": ["o"] * 2_000_000})
    yield Case("parquet of one row 100,000 times", written(long.slice(0, 100_000)), FACT)
    deep = pa.array([[]], pa.list_(pa.int8()))
    for _ in range(50):
        deep = pa.array([None], pa.list_(deep.type))
    yield Case("parquet nested", written(pa.table({"subject": ["s"], "predicate": ["p"], "object": deep})), EITHER)
    yield Case("parquet wide", written(pa.table({f"c{n}": [1] for n in range(5_000)})), ANY)


def trees() -> Iterator[Case]:
    """JSON in its several forms, OBO, Manchester, functional syntax, GraphML."""
    digits = "9" * 100_000
    yield Case("obo graphs", json.dumps({"graphs": [GRAPH]}).encode(), FACT)
    yield Case(
        "obo graphs digits", json.dumps({"graphs": [GRAPH]})[:-1].encode() + f', "n": {digits}}}'.encode(), EITHER
    )
    yield Case(
        "json-ld digits", f'{{"@context":{{"n":{digits}}},"@id":"http://e.org/s","http://e.org/p":1}}'.encode(), EITHER
    )
    yield Case("json tree digits", f'{{"name":"a","children":[{{"name":"b","n":{digits}}}]}}'.encode(), EITHER)
    yield Case("obo graphs 100,000", json.dumps({"graphs": [GRAPH, *[{"id": "a:b"}] * 100_000]}).encode(), FACT)
    yield Case(
        "obo graphs of lists",
        json.dumps({"graphs": [GRAPH, {"nodes": [[[]]] * 50_000, "edges": [1] * 50_000}]}).encode(),
        FACT,
    )
    wrong = [
        {"id": ["x"]},
        {"id": {}},
        {"id": "x", "meta": [1]},
        {"id": "x", "lbl": 1, "type": []},
        {"id": "x", "propertyType": {}},
    ]
    yield Case(
        "obo graphs of the wrong kinds", json.dumps({"graphs": [GRAPH, {"nodes": wrong, "meta": 7}]}).encode(), FACT
    )
    yield Case("obo graphs infinity", json.dumps({"graphs": [GRAPH, {"nodes": [{"id": float("inf")}]}]}).encode(), FACT)
    yield Case(
        "json-ld bases",
        b'{"@context":['
        + b",".join([b'{"@base":"http://e.org/./%d/"}' % n for n in range(50_000)])
        + b'],"@id":"http://e.org/s","http://e.org/p":{"@id":"http://e.org/o"}}',
        EITHER,
    )
    yield Case(
        "json-ld base of dots",
        b'{"@context":{"@base":"http://e.org' + b"/.." * 500_000 + b'/"},"@id":"x","http://e.org/p":1}',
        EITHER,
    )
    yield Case(
        "json-ld marks",
        b'{"@context":{"@base":"http://e.org/./"},"@id":"x-base-0-0-","http://e.org/p":"-base-1-0-"}',
        EITHER,
    )
    yield Case("obo stanzas without ids", OBO + b"\n[Term]\nname: x\n" * 50_000, EITHER)
    yield Case(
        "obo a chain",
        OBO + b"".join(b"\n[Term]\nid: X:%d\nis_a: X:%d\n" % (n + 1, n) for n in range(1, 30_000)),
        EITHER,
    )
    yield Case(
        "obo a circle",
        OBO + b"is_a: X:9999\n" + b"".join(b"\n[Term]\nid: X:%d\nis_a: X:%d\n" % (n, n - 1) for n in range(2, 10_000)),
        EITHER,
    )
    yield Case("obo continued", OBO + b"def: " + b"\\\n" * 300_000, EITHER)
    yield Case("obo spaces", OBO + b"is_a: X:2" + b" " * 3_000_000 + b"!\n", EITHER)
    yield Case("obo carriage returns", OBO.replace(b"\n", b"\r") + b"x\r" * 500_000, EITHER)
    yield Case(
        "functional prefixes",
        b"".join(b"Prefix(p%d:=<x:>)\n" % n for n in range(50_000)) + b"Ontology(<x:o> SubClassOf(<x:s> <x:o>))",
        EITHER,
    )
    yield Case("functional parentheses", b"Ontology(<x:o>\n" + b"SubClassOf(<x:s> <x:o>))\n" * 50_000, EITHER)
    yield Case("manchester commas", b"Ontology: <x:o>\nClass: <x:s>\n  SubClassOf: " + b"<x:o>, " * 100_000, EITHER)
    yield Case("manchester frames", b"Ontology: <x:o>\n" + b"Class: <x:s>\n SubClassOf:\n" * 50_000, EITHER)
    edges = "".join(f'<edge source="a" target="x{n}"/>' for n in range(50_000))
    yield Case("graphml edges to nothing", GRAPHML.format('<node id="a"/>' + edges).encode(), EITHER)
    yield Case(
        "graphml dtd", b'<!DOCTYPE graphml SYSTEM "http://127.0.0.1:9/x.dtd">' + GRAPHML.format("").encode(), "external"
    )


def boxes() -> Iterator[Case]:
    """Archives and compression, once more."""
    yield Case("gz of 50,000 parts", gzip.compress(b"") * 50_000 + gzip.compress(NT), EITHER)
    yield Case("bz2 of 20,000 parts", bz2.compress(b"") * 20_000 + bz2.compress(NT), EITHER)
    yield Case(
        "gz with a long name",
        gzip.compress(NT)[:3] + b"\x08" + gzip.compress(NT)[4:10] + b"n" * 5_000_000 + b"\0" + gzip.compress(NT)[10:],
        EITHER,
    )
    yield Case("zst with a window of 2 GB", b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(99), ANY)
    yield Case("zip of the same names", packed(lambda archive: _same(archive)), EITHER)
    yield Case("zip with a zip as comment", packed(lambda archive: _comment(archive)), EITHER)
    yield Case("zip with a long name", packed(lambda archive: archive.writestr("a" * 60_000, NT)), EITHER)
    yield Case("tar of 10,000", tarred(("a.nt", NT), *[(f"{n}", b"") for n in range(10_000)]), FACT)
    yield Case("tar with a long name", tarred(("a" * 1_000_000, NT)), EITHER)
    yield Case("tar with many records", _records(), EITHER)
    yield Case("a folder of 5,000", _crowd, FACT)


def _same(archive: object) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(500):
            archive.writestr("a.nt", NT)  # type: ignore[attr-defined]


def _comment(archive: object) -> None:
    archive.writestr("a.nt", NT)  # type: ignore[attr-defined]
    archive.comment = packed(lambda inner: inner.writestr("b.nt", b"x"))  # type: ignore[attr-defined]


def _records() -> bytes:
    info = tarfile.TarInfo("a.nt")
    info.size, info.pax_headers = len(NT), {f"k{n}": "v" for n in range(50_000)}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(NT))
    return buffer.getvalue()


def _crowd(folder: Path) -> Path:
    (folder / "a.nt").write_bytes(NT)
    for number in range(5000):
        (folder / f"{number}.txt").write_bytes(b"x")
    return folder
