"""XML that is broken in a way that leaves no doubt what was meant, made whole; each way is counted and told."""

import html
import re
from collections import Counter
from dataclasses import dataclass
from html.entities import html5

from kgpeft.graph.sources.sniff import Held, Opened
from kgpeft.graph.vocabulary import OWL, RDF, RDFS, SKOS, XSD

_LARGEST = 1 << 26  # bytes that are mended, in memory
_SPACES = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD, "skos": SKOS}
_PARTS = re.compile(  # what is left alone, and what may have to be mended
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<!DOCTYPE(?:[^\[>]|\[[^\]]*+(?:\]|\Z))*+|<\?.*?(?:\?>|\Z)"
    r"|&(?P<name>[A-Za-z][\w.-]*);|&(?P<bare>(?!#\d+;|#x[\da-fA-F]+;))"
    r"|(?P<id>\srdf:ID\s*=\s*)(?P<quote>[\"'])(?P<value>[^\"'<>]*)(?P=quote)",
    re.S,
)
_DECLARED = re.compile(r"<!ENTITY\s+([^\s%\"'<>&;]+)\s")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_XML = {"amp", "lt", "gt", "quot", "apos"}


@dataclass(frozen=True)
class Mended(Held):
    """A source made whole; ``how`` says what was done to its bytes."""

    how: str = ""


def mend(source: Opened) -> Mended | None:
    """The source made whole, or None if there is nothing of the kind in it.

    Bytes that are not UTF-8 are taken for Latin-1, an ampersand that begins no reference for itself, entities of HTML
    and of the usual namespaces as declared, and an rdf:ID that is no XML name for an rdf:about.
    """
    if source.format not in ("RDF/XML", "OWL/XML", "GraphML") or source.strict or isinstance(source, Mended):
        return None
    with source.stream() as stream:
        data = stream.read(_LARGEST)
    done: Counter[str] = Counter()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        if re.match(rb"\s*<\?xml\s[^>]*encoding\s*=\s*[\"'](?!utf-?8)", data, re.I):
            return None
        text = data.decode("cp1252", "replace")
        done["bytes that are not UTF-8, read as Latin-1"] = len(data.translate(None, bytes(range(128))))
    declared = _XML.union(_DECLARED.findall(text[: text.find("]>") + 1]))
    whole = _PARTS.sub(lambda match: _mended(match, declared, done), text)
    if not done or len(data) == _LARGEST:
        return None
    how = ", ".join(f"{count:,} {what}" for what, count in done.items())
    return Mended.of(source, whole.encode(), how=how)


def _mended(match: re.Match[str], declared: set[str], done: Counter[str]) -> str:
    if (name := match["name"]) and name not in declared:
        if value := _SPACES.get(name) or html5.get(f"{name};"):
            done["entities that are not declared, as HTML and the usual namespaces have them"] += 1
            return html.escape(value)
    elif match["bare"] is not None:
        done["ampersands that begin no reference, as such"] += 1
        return "&amp;"
    elif match["id"] and not _NAME.fullmatch(match["value"]):
        done["rdf:ID that are no XML names, as rdf:about"] += 1
        return f"{match['id'].replace('rdf:ID', 'rdf:about')}{match['quote']}#{match['value']}{match['quote']}"
    return match[0]
