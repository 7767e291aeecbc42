"""Readable names for things that have only an identifier."""

import re

from kgpeft.graph.vocabulary import PREFIXES, RELATION_NAMES

_NUMBERED = re.compile(r"([A-Za-z][\w.-]*)_(\d+)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SHORT = {namespace: prefix for prefix, namespace in reversed(PREFIXES.items())}


def local_name(term: str) -> str:
    """The part of an IRI after its last ``#``, ``/`` or ``:``; a term that is no IRI, whole."""
    if not _ABSOLUTE.fullmatch(term):
        return term
    trimmed = term.rstrip("/#")
    return re.split(r"[#/:]", trimmed)[-1] or term


def curie(term: str) -> str:
    """A short form of an IRI: ``DOID:162``, ``rdfs:label``; the local name where no prefix is known."""
    local = local_name(term)
    if numbered := _NUMBERED.fullmatch(local):
        return f"{numbered[1]}:{numbered[2]}"
    prefix = _SHORT.get(term.removesuffix(local))
    return f"{prefix}:{local}" if prefix and local else local


def entity_name(term: str) -> str:
    """A name for an entity without a label: ``MargheritaPizza`` becomes ``Margherita Pizza``."""
    if not _ABSOLUTE.fullmatch(term):
        return _spaced(term)
    local = local_name(term)
    if numbered := _NUMBERED.fullmatch(local):
        return f"{numbered[1]}:{numbered[2]}"
    return _spaced(_HUMP.sub(" ", local))


def relation_name(term: str) -> str:
    """A name for a relation without a label: ``hasTopping`` becomes ``has topping``."""
    if term in RELATION_NAMES:
        return RELATION_NAMES[term]
    local = local_name(term)
    if not _ABSOLUTE.fullmatch(term) and term.startswith("/"):  # Freebase: /location/country/capital
        local = term.rsplit("/", 1)[-1]
    if _NUMBERED.fullmatch(local):
        return local.replace("_", ":")
    words = _spaced(_HUMP.sub(" ", local)).split(" ")
    return " ".join(word if word.isupper() and len(word) > 1 else word[:1].lower() + word[1:] for word in words)


def is_identifier(label: str, term: str) -> bool:
    """True if a label only repeats the identifier in camel case: ``MeatTopping`` of ``…#MeatTopping``."""
    return label == local_name(term) and bool(_HUMP.search(label))


def _spaced(text: str) -> str:
    return " ".join(text.replace("_", " ").split()) or text
