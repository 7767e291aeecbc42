"""Hostile files, and benign ones that look hostile, written by code, in groups.

Each has what must come of it: a phrase of the error, facts (by name) that must be read, or EITHER, an error or a graph.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

EITHER = None
ANY = ""  # any error
Expected = str | set[tuple[str, str, str]] | None
FACT = {("s", "p", "o")}
NT = b"<http://e.org/s> <http://e.org/p> <http://e.org/o> .\n"
TTL = b"@prefix e: <http://e.org/> .\ne:s e:p e:o .\n"
OPEN = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">'
XML = OPEN + '<rdf:Description rdf:about="http://e.org/s">{}</rdf:Description></rdf:RDF>'
LINK = '<e:p rdf:resource="http://e.org/o"/>'
OWX = '<Ontology xmlns="http://www.w3.org/2002/07/owl#" ontologyIRI="http://e.org/">{}</Ontology>'
GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed">{}</graph></graphml>'


class Case(NamedTuple):
    """A hostile file: its name, its bytes or what writes it into a folder (and returns the path), what must come."""

    name: str
    content: bytes | Callable[[Path], Path]
    expected: Expected


def entities() -> Iterator[Case]:
    """References out of an XML file."""
    doctypes = {
        "file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "http": '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
        "public": '<!DOCTYPE r [<!ENTITY x PUBLIC "a" "http://127.0.0.1:9/x">]>',
        "parameter": '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>',
        "inner parameter": "<!DOCTYPE r [<!ENTITY % x \"<!ENTITY y 'z'>\"> %x;]>",
        "dtd": '<!DOCTYPE rdf:RDF SYSTEM "http://127.0.0.1:9/x.dtd">',
        "public dtd": '<!DOCTYPE rdf:RDF PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
        "late": f'<!--{" " * 70_000}--><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "second": '<!DOCTYPE r [<!ENTITY y "z">]><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    }
    for (name, doctype), coding in itertools.product(doctypes.items(), ("utf-8", "utf-16")):
        text = f'<?xml version="1.0" encoding="{coding}"?>{doctype}{XML.format("<e:p>&x;</e:p>")}'
        yield Case(f"entity {name} {coding}", text.encode(coding), "external entity")
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    yield Case("include inside", XML.format(include).encode(), ANY)
    declared = XML.replace("<rdf:RDF", '<rdf:RDF xmlns:xi="http://www.w3.org/2001/XInclude"')
    yield Case("include declared", declared.format(LINK).encode(), "XInclude")
    for name, text in {"owl/xml": OWX, "graphml": GRAPHML}.items():
        doctype = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        yield Case(f"entity {name}", (doctype + text.format("&x;")).encode(), "external entity")


def laughs(levels: int, seed: str = "lol", times: int = 10) -> str:
    """A document type whose entity ``x`` expands to ``times ** levels`` seeds."""
    parts = [f'<!ENTITY x0 "{seed}">']
    parts += [f'<!ENTITY x{n} "{f"&x{n - 1};" * times}">' for n in range(1, levels + 1)]
    return f'<!DOCTYPE r [{"".join(parts)}<!ENTITY x "&x{levels};">]>'


def bombs() -> Iterator[Case]:
    """Entities that expand to too much."""
    places = {
        "text": "<e:p>&x;</e:p>",
        "attribute": '<e:p e:q="&x;"/>',
        "iri": '<e:p rdf:resource="http://e.org/&x;"/>',
    }
    for levels, (place, body) in itertools.product(range(5, 13), places.items()):
        yield Case(f"laughs {levels} {place}", (laughs(levels) + XML.format(body)).encode(), "may expand to more than")
    for name, text in {"owl/xml": OWX, "graphml": GRAPHML}.items():
        yield Case(f"laughs {name}", (laughs(9) + text.format("&x;")).encode(), "may expand to more than")
    long = f'<!DOCTYPE r [<!ENTITY x "{"a" * 4000}">]>'
    yield Case("quadratic", (long + XML.format(f"<e:p>{'&x;' * 50_000}</e:p>")).encode(), "expand to too much")
    yield Case("quadratic attribute", (long + XML.format(f'<e:p e:q="{"&x;" * 50_000}"/>')).encode(), "too much")
    yield Case("quadratic elements", (long + XML.format("<e:p>&x;</e:p>" * 50_000)).encode(), "too much")
    yield Case("hidden", laughs(9).replace("&x", "&#38;x").encode() + XML.format("<e:p>&x;</e:p>").encode(), "expand")
    accents = laughs(9).replace("x", "\u00e9") + XML.format("<e:p>&\u00e9;</e:p>")
    yield Case("accented", accents.encode(), "may expand to more than")
    yield Case("lower case", (laughs(9).lower() + XML.format("<e:p>&x;</e:p>")).encode(), ANY)
    yield Case("recursive", ('<!DOCTYPE r [<!ENTITY x "&x;">]>' + XML.format("<e:p>&x;</e:p>")).encode(), "may expand")
    both = '<!DOCTYPE r [<!ENTITY x "&y;"><!ENTITY y "&x;">]>'
    yield Case("mutual", (both + XML.format("<e:p>&x;</e:p>")).encode(), "may expand")
    yield Case("in the body", XML.format(laughs(7) + "<e:p>&x;</e:p>").encode(), "outside of the document type")
    yield Case("never ends", b'<?xml version="1.0"?><!DOCTYPE r [' + b'<!ENTITY a "b">' * 99_999, ANY)
    yield Case("comments", b"<?xml version='1.0'?>" + b"<!-- a -->" * 99_999 + XML.format(LINK).encode(), FACT)


def benign() -> Iterator[Case]:
    """Entities and character sets as real ontologies use them."""
    flat = "<!DOCTYPE rdf:RDF [<!ENTITY e 'http://e.org/'><!-- ]> --><!ENTITY f \"http://e.org/\">]>"
    fact = '<rdf:Description rdf:about="&e;s"><e:p rdf:resource="&f;o"/></rdf:Description></rdf:RDF>'
    yield Case("flat entities", (flat + OPEN + fact).encode(), FACT)
    many = "".join(f'<!ENTITY n{n} "http://e.org/{n}/">\n' for n in range(3000))
    yield Case("3,000 entities", (f"<!DOCTYPE r [{many}]>" + XML.format(LINK)).encode(), FACT)
    nested = '<!DOCTYPE r [<!ENTITY h "http://"><!ENTITY e "&h;e.org/"><!ENTITY f "&h;e.org/">]>'
    yield Case("nested a little", (nested + OPEN + fact).encode(), FACT)
    first = flat.replace("]>", '<!ENTITY e "http://wrong.org/">]>')
    yield Case("the first definition counts", (first.replace("<!-- ]> -->", "") + OPEN + fact).encode(), FACT)
    used = XML.format("".join(f'<e:p rdf:resource="&e;{n}"/>' for n in range(30_000)) + LINK)
    yield Case("used 30,000 times", (flat + used).encode(), FACT)
    yield Case("doctype in a comment", ("<!-- <!DOCTYPE r SYSTEM 'x'> -->" + XML.format(LINK)).encode(), FACT)
    yield Case("a page in CDATA", XML.format(LINK + "<e:q><![CDATA[<!DOCTYPE html>]]></e:q>").encode(), FACT)
    yield Case("undefined entity", XML.format("<e:p>&nowhere;</e:p>").encode(), "entity")
    yield Case("undefined entity of HTML", XML.format(LINK + "<e:q>&nbsp;</e:q>").encode(), FACT)
    for coding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "windows-1252", "shift_jis", "us-ascii"):
        text = f'<?xml version="1.0" encoding="{coding}"?>\n' + XML.format(LINK)
        yield Case(f"xml in {coding}", text.encode(coding), FACT)
    yield Case(
        "unknown encoding", b'<?xml version="1.0" encoding="ebcdic-7"?>' + XML.format(LINK).encode(), "not known"
    )
    yield Case("elements declared", ("<!DOCTYPE r [<!ELEMENT a (b)>]>" + XML.format(LINK)).encode(), FACT)


NESTED = {  # what comes before, each level's beginning, what is inside, each level's end, what comes after
    "ttl blank": ("<a:s> <a:p> ", "[ <a:p> ", "<a:o>", " ]", " ."),
    "ttl list": ("<a:s> <a:p> ", "( ", "<a:o>", " )", " ."),
    "ttl quoted": ("<a:s> <a:p> ", "<<( <a:s> <a:p> ", "<a:o>", " )>>", " ."),
    "ttl reified": ("<a:s> <a:p> ", "<< <a:s> <a:p> ", "<a:o>", " >>", " ."),
    "ttl annotated": ("<a:s> <a:p> <a:o> ", "{| <a:p> <a:o> ", "", " |}", " ."),
    "xml": (
        XML.partition("{}")[0],
        "<e:p><rdf:Description>",
        "",
        "</rdf:Description></e:p>",
        XML.partition("{}")[2],
    ),
    "xml quoted": (
        XML.partition("{}")[0],
        '<e:p rdf:parseType="Triple"><rdf:Description rdf:about="a:s">',
        "<e:p>x</e:p>",
        "</rdf:Description></e:p>",
        XML.partition("{}")[2],
    ),
    "json-ld object": ('{"@id":"a:s","a:p":', '{"a:p":', "1", "}", "}"),
    "json-ld list": ('{"@id":"a:s","a:p":', "[", "1", "]", "}"),
    "json-ld graph": ('{"@id":"a:s","@graph":', '[{"@graph":', "[]", "}]", "}"),
    "json-ld context": ('{"@id":"a:s","@context":', '{"a":{"@id":"a:p","@context":', "{}", "}}", "}"),
    "obo graphs": ('{"graphs":[{"nodes":[{"id":"a:s","lbl":"s","meta":', '{"meta":', "{}", "}", "}]}]}"),
    "functional": (
        "Prefix(:=<http://e.org/>)\nOntology(<http://e.org/>\nSubClassOf(:s ",
        "ObjectSomeValuesFrom(:p ",
        ":o",
        ")",
        "))",
    ),
    "owl/xml": (
        OWX.partition("{}")[0] + '<SubClassOf><Class IRI="#s"/>',
        '<ObjectSomeValuesFrom><ObjectProperty IRI="#p"/>',
        '<Class IRI="#o"/>',
        "</ObjectSomeValuesFrom>",
        "</SubClassOf>" + OWX.partition("{}")[2],
    ),
    "manchester": (
        "Prefix: : <http://e.org/>\nOntology: <http://e.org/>\nClass: :s\n  SubClassOf: ",
        "(:p some ",
        ":o",
        ")",
        "\n",
    ),
    "graphml": (
        GRAPHML.partition("{}")[0],
        '<node id="a"><graph>',
        "",
        "</graph></node>",
        GRAPHML.partition("{}")[2],
    ),
}


def depths() -> Iterator[Case]:
    """Nesting."""
    for (name, (start, opened, middle, closed, end)), n in itertools.product(
        NESTED.items(), (10, 1000, 10_000, 100_000)
    ):
        yield Case(f"depth {name} {n}", (start + opened * n + middle + closed * n + end).encode(), EITHER)
    yield Case("depth ttl open", b"<a:s> <a:p> " + b"[ <a:p> " * 1_000_000, EITHER)
    yield Case("depth json open", b'{"@id":"a:s","a:p":' + b"[" * 1_000_000, ANY)


def sizes() -> Iterator[Case]:
    """Long texts, lines and names."""
    long = b"a" * 10_000_000
    yield Case("longer than parsers hold", TTL + b'e:s e:p "' + long * 2 + b'" .\n', "longer than 16 MB")
    yield Case("line longer than that", NT + b'<http://e.org/s> <http://e.org/p> "' + long * 4 + b'" .\n', "than 32 MB")
    yield Case("long nt literal", NT + b'<http://e.org/s> <http://e.org/p> "' + long + b'" .\n', FACT)
    yield Case("long ttl literal", TTL + b'e:s e:p """' + b"line\n" * 2_000_000 + b'""" .\n', FACT)
    yield Case("long xml literal", XML.format(LINK + "<e:q>" + "line\n" * 1_000_000 + "</e:q>").encode(), FACT)
    yield Case("long iri", NT + b"<http://e.org/s> <http://e.org/p> <http://e.org/" + long + b"> .\n", FACT)
    yield Case("long cell", b"s\tp\to\ns\tp\to\ns\tp\t" + long + b"\n", FACT)
    yield Case("long quoted cell", b'subject,predicate,object\ns,p,o\ns,p,"' + long + b'"\n', EITHER)
    yield Case("long obo line", b"format-version: 1.2\n\n[Term]\nid: X:1\nname: " + long + b"\n", EITHER)
    yield Case(
        "long json string",
        b'{"@id":"http://e.org/s","http://e.org/p":[{"@id":"http://e.org/o"},"' + long + b'"]}',
        EITHER,
    )
    yield Case("many cells", b"s\tp\to\n" * 9 + b"a\t" * 5_000_000 + b"\n", FACT)
    yield Case(
        "many prefixes",
        b"".join(b"@prefix p%d: <http://e.org/> .\n" % n for n in range(50_000)) + b"p1:s p2:p p3:o .",
        FACT,
    )
    attributes = " ".join(f'e:a{n}="1"' for n in range(20_000))
    yield Case(
        "many attributes",
        XML.format(LINK).replace("<rdf:Description", f"<rdf:Description {attributes}").encode(),
        EITHER,
    )
    names = " ".join(f'xmlns:n{n}="http://e.org/{n}"' for n in range(10_000))
    yield Case("many namespaces", XML.format(LINK).replace("<rdf:RDF", f"<rdf:RDF {names}").encode(), FACT)
    yield Case(
        "large number",
        b'{"@id":"http://e.org/s","http://e.org/p":[{"@id":"http://e.org/o"},1e' + b"9" * 99_999 + b"]}",
        EITHER,
    )
    yield Case(
        "many synonyms",
        b"format-version: 1.2\n\n[Term]\nid: X:1\nname: x\n" + b'synonym: "a" EXACT []\n' * 200_000,
        EITHER,
    )


def slow() -> Iterator[Case]:
    """What makes a careless expression or parser take forever."""
    yield Case("spaces", b" " * 5_000_000, "empty")
    yield Case("newlines", b"\n" * 65_000 + b"x", ANY)
    yield Case("newlines then turtle", b"\n" * 60_000 + TTL, FACT)
    yield Case("spaces then a tag", b" " * 65_000 + b"<", ANY)
    yield Case("declarations", b"<?xml " + b"<!" * 32_000, ANY)
    yield Case("comments that never end", b"<!--" * 16_000, ANY)
    yield Case("colons", b"_:" * 32_000 + b"\n", ANY)
    yield Case("quotes", b'"' * 65_000, ANY)
    yield Case("backslashes", b'<a:s> <a:p> "' + b"\\" * 2_000_001 + b'" .\n', ANY)
    yield Case("commas", b"<a:s> <a:p> " + b", #" * 20_000, ANY)
    yield Case("brackets", b"[Term]" * 10_000, ANY)
    yield Case(
        "obo modifiers",
        b"format-version: 1.2\n\n[Term]\nid: X:1\nname: x\nis_a: X:2 " + b'{a="' * 100_000 + b"\n",
        EITHER,
    )
    yield Case(
        "obo escapes", b"format-version: 1.2\n\n[Term]\nid: X:1\nname: x\ndef: " + b'"\\' * 100_000 + b"\n", EITHER
    )
    yield Case(
        "obo comments", b"format-version: 1.2\n\n[Term]\nid: X:1\nname: x\nis_a: X:2" + b" !" * 100_000 + b"\n", EITHER
    )
    terms = ",".join(f'"t{n}":"http://e.org/{n}"' for n in range(20_000))
    scoped = ",".join(['{"t1":{"@context":{"x":"http://e.org/y"},"t2":1}}'] * 20_000)
    yield Case("json-ld contexts", f'{{"@context":{{{terms}}},"@graph":[{scoped}]}}'.encode(), EITHER)
    yield Case(
        "manchester words",
        b"Ontology: <http://e.org/>\nClass: <http://e.org/s>\n  SubClassOf: " + b"not " * 100_000,
        EITHER,
    )
    yield Case("functional quotes", b"Ontology(<http://e.org/>\nAnnotation(rdfs:label " + b'"\\' * 200_000, EITHER)
    yield Case("csv quotes", b"subject,predicate,object\ns,p,o\n" + b'"",' * 500_000, EITHER)


def remote() -> Iterator[Case]:
    """References to elsewhere; nothing may be opened."""
    places = (
        "http://127.0.0.1:9/c",
        "https://localhost:9/c",
        "http://[::1]:9/c",
        "http://2130706433:9/c",
        "ftp://127.0.0.1:9/c",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//127.0.0.1:9/c",
        "unix:/run/x.sock",
    )
    for place in places:
        context = {"@context": place, "@id": "http://e.org/s", "p": "x"}
        yield Case(f"context {place}", json.dumps(context).encode(), ANY)
        scoped = {
            "@context": {"p": {"@id": "http://e.org/p", "@context": place}},
            "@id": "http://e.org/s",
            "p": {"q": "x"},
        }
        yield Case(f"scoped context {place}", json.dumps(scoped).encode(), ANY)
        imported = {"@context": {"@version": 1.1, "@import": place}, "@id": "http://e.org/s", "p": "x"}
        yield Case(f"imported context {place}", json.dumps(imported).encode(), ANY)
        owl = "http://www.w3.org/2002/07/owl#"
        text = f"<http://e.org/> a <{owl}Ontology> ; <{owl}imports> <{place}> ."
        yield Case(f"owl:imports {place}", TTL + text.encode(), FACT)
    yield Case(
        "schema reference",
        XML.format(LINK)
        .replace(
            "<rdf:RDF",
            '<rdf:RDF xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a http://127.0.0.1:9/x.xsd"',
        )
        .encode(),
        EITHER,
    )
    yield Case("style sheet", b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>' + XML.format(LINK).encode(), FACT)


def encodings() -> Iterator[Case]:
    """Character sets, byte-order marks, line ends, bytes that are no text."""
    texts = {
        "ttl": TTL.decode(),
        "nt": NT.decode(),
        "tsv": "s\tp\to\n" * 3,
        "csv": "subject,predicate,object\ns,p,o\n",
        "json": '{"@id":"http://e.org/s","http://e.org/p":{"@id":"http://e.org/o"}}',
        "xml": XML.format(LINK),
    }
    for (name, text), coding in itertools.product(
        texts.items(), ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    ):
        yield Case(f"{name} {coding}", text.encode(coding), FACT)
    for name, text in texts.items():
        yield Case(f"{name} crlf", text.replace("\n", "\r\n").encode(), FACT)
        yield Case(f"{name} cr", text.replace("\n", "\r").encode(), EITHER)
        yield Case(f"{name} half", text.encode("utf-16")[:-1], ANY)
        yield Case(f"{name} 0xff", text.encode() + b"\xff\n", EITHER)
        yield Case(f"{name} nul", text.encode() + b"\0\n", EITHER)
        yield Case(f"{name} surrogate", text.encode() + b"\xed\xa0\x80\n", EITHER)
    latin = {
        "ttl": TTL + 'e:s e:q "caf\u00e9" .\n'.encode("latin-1") + b"e:s e:p e:o .\n",
        "nt": NT + '<a:s> <a:q> "caf\u00e9" .\n'.encode("latin-1") + NT,
        "tsv": b"s\tp\to\n" * 3 + "s\tq\tcaf\u00e9\n".encode("latin-1"),
    }
    for name, data in latin.items():
        yield Case(f"{name} latin-1", data, FACT)
    yield Case(
        "json surrogates", b'{"@id":"http://e.org/s","http://e.org/p":[{"@id":"http://e.org/o"},"\\ud800"]}', EITHER
    )
    yield Case("ttl surrogates", TTL + b'e:s e:q "\\uD800" .\n', FACT)
    yield Case("xml control character", XML.format(LINK + "<e:q>&#1;</e:q>").encode(), EITHER)
    yield Case("obo surrogates", b"format-version: 1.2\n\n[Term]\nid: X:1\nname: a\xed\xa0\x80\n", EITHER)


def iris() -> Iterator[Case]:
    """IRIs that hold what only a lenient parser lets pass."""
    odd = {
        "space": " ",
        "newline": "\n",
        "close": ">",
        "open": "<",
        "quote": '"',
        "nul": "\0",
        "both": "> <a:b> <c:d> .\n",
        "dot": " .",
        "blank": "_:b",
    }
    for name, text in odd.items():
        escaped = "".join(f"\\u{ord(char):04X}" for char in text)
        yield Case(
            f"nt iri {name}",
            NT + f"<http://e.org/x{escaped}y> <http://e.org/p> <http://e.org/z{escaped}> .\n".encode() + NT,
            FACT,
        )
        yield Case(
            f"nt raw iri {name}",
            NT + f"<http://e.org/x{text}y> <http://e.org/p{text}> <http://e.org/z> .\n".encode() + NT,
            FACT,
        )
        yield Case(
            f"nt datatype {name}",
            NT + f'<http://e.org/x> <http://e.org/p> "v"^^<http://e.org/d{escaped}> .\n'.encode() + NT,
            FACT,
        )
        node = {
            "@id": f"http://e.org/x{text}y",
            f"http://e.org/p{text}": [
                {"@id": f"http://e.org/z{text}"},
                {"@value": "v", "@type": f"http://e.org/d{text}"},
            ],
        }
        good = {"@id": "http://e.org/s", "http://e.org/p": {"@id": "http://e.org/o"}}
        yield Case(f"json iri {name}", json.dumps([good, node]).encode(), EITHER)
        if name != "nul":
            value = (
                text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace('"', "&quot;")
                .replace("\n", "&#10;")
            )
            yield Case(
                f"xml iri {name}", XML.format(LINK + f'<e:q rdf:resource="http://e.org/z{value}"/>').encode(), FACT
            )
