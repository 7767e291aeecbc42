"""Names in OWL's own syntaxes → node keys."""

from kgpeft.graph.formats.owl import Unreadable
from kgpeft.graph.statements import Node, Statements, literal
from kgpeft.graph.vocabulary import OWL, RDF, RDFS, XSD

_GIVEN = {"owl": OWL, "rdf": RDF, "rdfs": RDFS, "xsd": XSD, "xml": "http://www.w3.org/XML/1998/namespace"}


class Names:
    """The prefixes that a file declares (``spaces``, by prefix without colon) and what its names mean."""

    def __init__(self, into: Statements) -> None:
        self.source = len(into.sources)
        self.spaces = dict(_GIVEN)

    def iri(self, name: str) -> Node:
        """The IRI of an abbreviated name, or the blank node; Unreadable if its prefix is not declared."""
        prefix, colon, local = name.partition(":")
        if prefix == "_" and colon:
            return self.blank(local)
        if not colon or prefix not in self.spaces:
            raise Unreadable(f"the prefix of {name[:80]} is not declared" if colon else f"{name[:80]} is no name")
        return self.spaces[prefix] + local

    def simple(self, name: str) -> Node:
        """The IRI of a name, which without a colon lies in the default namespace."""
        return self.iri(name if ":" in name else f":{name}")

    def blank(self, name: str) -> Node:
        """The blank node of this file with this name."""
        return f"_:{self.source}:{name}"

    def typed(self, text: str, datatype: Node, lang: str = "") -> Node:
        """A literal; plain ones may carry their language in the text."""
        if lang:
            return literal(text, lang=lang)
        if datatype == RDF + "PlainLiteral" and "@" in text:
            value, _, lang = text.rpartition("@")
            return literal(value, lang=lang)
        return literal(text) if datatype == RDF + "PlainLiteral" else literal(text, datatype)
