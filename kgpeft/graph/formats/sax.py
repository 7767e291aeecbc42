"""XML of a source, element by element."""

from typing import Protocol
from xml.parsers import expat

from kgpeft.errors import SourceError
from kgpeft.graph.formats.xml import SafeXml
from kgpeft.graph.sources.sniff import Opened

XML = "http://www.w3.org/XML/1998/namespace "  # before the names of attributes such as xml:lang


class Handler(Protocol):
    """What hears of the elements; names are without their namespace, attributes' names "namespace name" if any."""

    def start(self, line: int, tag: str, attributes: dict[str, str]) -> None:
        """The beginning of an element."""

    def text(self, data: str) -> None:
        """Characters inside an element."""

    def end(self, tag: str) -> None:
        """The end of an element."""


def parse_xml(source: Opened, handler: Handler) -> None:
    """Tells the handler of every element; SourceError if the XML is broken or not harmless."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: handler.start(
        parser.CurrentLineNumber, name.rpartition(" ")[2], attributes
    )
    parser.EndElementHandler = lambda name: handler.end(name.rpartition(" ")[2])
    parser.CharacterDataHandler = handler.text
    with source.stream() as stream:
        try:
            parser.ParseFile(SafeXml(source, stream))
        except expat.ExpatError as error:
            what = f"broken {source.format}, line {error.lineno}: {expat.ErrorString(error.code)}"
            raise SourceError(what, where=source.path, remedy="is it complete? Download or export it again") from error
