"""OASIS XML catalogs (``catalog-v001.xml``): which local file holds an ontology."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.parsers import expat

from kgpeft.errors import SourceError

NAME = "catalog-v001.xml"
_BASE = "http://www.w3.org/XML/1998/namespace base"
_SPACE = "urn:oasis:names:tc:entity:xmlns:xml:catalog"
_PARTS = {  # element -> the attributes with what is asked for and where it is
    "uri": ("name", "uri"),
    "system": ("systemId", "uri"),
    "rewriteURI": ("uriStartString", "rewritePrefix"),
    "rewriteSystem": ("systemIdStartString", "rewritePrefix"),
    "uriSuffix": ("uriSuffix", "uri"),
    "delegateURI": ("uriStartString", "catalog"),
    "nextCatalog": ("catalog", "catalog"),
}
LIMIT = 1 << 24  # bytes of a catalog
LINKED = 100  # catalogs that one may lead to


@dataclass
class Catalog:
    """What one catalog file says, in the order of OASIS XML Catalogs 1.1, section 7.2; places are absolute IRIs."""

    path: Path
    exact: dict[str, str] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    suffixes: dict[str, str] = field(default_factory=dict)
    delegates: dict[str, str] = field(default_factory=dict)
    following: list[str] = field(default_factory=list)

    def find(self, iri: str) -> str | None:
        """The place of an IRI in this file and those it leads to, or None; ``file:`` or a remote IRI."""
        return _find(self, iri, {self.path})

    def own(self, iri: str) -> str | None:
        """The place of an IRI in this file alone."""
        if iri in self.exact:
            return self.exact[iri]
        if start := max((start for start in self.prefixes if iri.startswith(start)), key=len, default=""):
            return self.prefixes[start] + iri[len(start) :]
        end = max((end for end in self.suffixes if iri.endswith(end)), key=len, default="")
        return self.suffixes.get(end)

    def links(self, iri: str) -> list[Path]:
        """The local catalogs to ask next."""
        delegates = sorted((start for start in self.delegates if iri.startswith(start)), key=len, reverse=True)
        places = [self.delegates[start] for start in delegates] or self.following
        return [path for place in places if (path := local_path(place))]

    def files(self) -> list[Path]:
        """The local files that it names one by one."""
        places = (*self.exact.values(), *self.suffixes.values())
        return sorted({path for place in places if (path := local_path(place))})


def read_catalog(path: Path) -> Catalog:
    """The catalog in a file; SourceError if it is no catalog."""
    catalog = Catalog(path.resolve())
    parser = expat.ParserCreate(namespace_separator=" ")
    bases: list[str] = [catalog.path.as_uri()]

    def start(tag: str, attributes: dict[str, str]) -> None:
        bases.append(urljoin(bases[-1], attributes.get(_BASE, "")))
        space, _, name = tag.rpartition(" ")
        if len(bases) == 2 and (name != "catalog" or space != _SPACE):
            what = f"the root is <{name}>, not the <catalog> of an OASIS XML catalog"
            raise SourceError(what, where=str(path), remedy="give a catalog-v001.xml, or a folder of ontologies")
        if name in _PARTS and space == _SPACE:
            _enter(catalog, name, attributes, bases[-1])

    def refuse(*_: object) -> None:
        raise SourceError("a catalog with entities is not read", where=str(path), remedy="write them out")

    parser.StartElementHandler, parser.EndElementHandler = start, lambda _: bases.pop()
    parser.EntityDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.Parse(file.read(LIMIT), True)
    except expat.ExpatError as error:
        raise SourceError(f"broken XML in a catalog: {error}", where=str(path), remedy="export it again") from error
    except ValueError as error:
        raise SourceError(f"a catalog with an address that is none: {error}", where=str(path)) from error
    except OSError as error:
        raise SourceError(f"the catalog cannot be opened ({error.strerror})", where=str(path)) from error
    return catalog


def _enter(catalog: Catalog, name: str, attributes: dict[str, str], base: str) -> None:
    key, value = (attributes.get(attribute, "") for attribute in _PARTS[name])
    if not key or not value:
        return
    place = urljoin(base, value)
    if name == "nextCatalog":
        catalog.following.append(place)
    elif name == "delegateURI":
        catalog.delegates.setdefault(key, place)
    elif name == "uriSuffix":
        catalog.suffixes.setdefault(key, place)
    elif name.startswith("rewrite"):
        catalog.prefixes.setdefault(key, place)
    else:
        catalog.exact.setdefault(key, place)


def _find(catalog: Catalog, iri: str, seen: set[Path]) -> str | None:
    if found := catalog.own(iri):
        return found
    for path in catalog.links(iri):
        if path not in seen and len(seen) < LINKED:
            seen.add(path)
            if found := _find(read_catalog(path), iri, seen):
                return found
    return None


def local_path(iri: str) -> Path | None:
    """The path of a ``file:`` IRI of this computer, or None."""
    try:
        parts = urlsplit(iri)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in unquote(parts.path):
        return None
    return Path(unquote(parts.path))
