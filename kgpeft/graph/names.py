"""Readable names for things that have only an identifier."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from kgpeft.graph.terms import PIECE, Terms, packed
from kgpeft.graph.vocabulary import PREFIXES, RELATION_NAMES

LANGUAGES = ("", "en")  # of names, best first; "" is untagged
_NUMBERED = re.compile(r"([A-Za-z][A-Za-z.]*)_(\d{5,})|(?<=/obo/)([A-Za-z]\w*)_(\d+)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SHORT = {namespace: prefix for prefix, namespace in reversed(PREFIXES.items())}


def local_name(term: str) -> str:
    """The part of an IRI after its last ``#``, ``/`` or ``:``; a term that is no IRI, whole."""
    if not _ABSOLUTE.fullmatch(term):
        return term
    return _last(term)


def curie(term: str) -> str:
    """A short form of an IRI: ``DOID:162``, ``rdfs:label``; the local name where no prefix is known."""
    local = local_name(term)
    if number := _number(term, local):
        return number
    prefix = _SHORT.get(term.removesuffix(local))
    return f"{prefix}:{local}" if prefix and local else local


def entity_name(term: str) -> str:
    """A name for an entity without a label: ``MargheritaPizza`` becomes ``Margherita Pizza``."""
    if not _ABSOLUTE.fullmatch(term):
        return _spaced(term)
    local = _last(term)
    return ("_" in local and _number(term, local)) or _spaced(_HUMP.sub(" ", local))


def relation_name(term: str) -> str:
    """A name for a relation without a label: ``hasTopping`` becomes ``has topping``."""
    if term in RELATION_NAMES:
        return RELATION_NAMES[term]
    local = local_name(term)
    if not _ABSOLUTE.fullmatch(term) and term.startswith("/"):  # Freebase: /location/country/capital
        local = term.rsplit("/", 1)[-1]
    if number := _number(term, local):
        return number
    words = _spaced(_HUMP.sub(" ", local)).split(" ")
    return " ".join(word if word.isupper() and len(word) > 1 else word[:1].lower() + word[1:] for word in words)


def entity_names(terms: Sequence[str], labels: dict[int, str]) -> Terms:
    """A name for each term: its label, by its place, if it has one.

    A label that several share gives way to a fuller name: of two things called Mushroom, ``…#MushroomTopping`` is the
    Mushroom Topping.
    """
    wanted = {label.casefold() for label in labels.values()}
    names = packed(_named(terms, labels))
    counts = Counter(name for name in map(str.casefold, names) if name in wanted) if wanted else {}
    for at, label in labels.items():
        if counts[label.casefold()] > 1 and label.casefold() in (full := entity_name(terms[at])).casefold():
            names[at] = full
    return names


def _named(terms: Sequence[str], labels: dict[int, str]) -> Iterator[list[str]]:
    for start in range(0, len(terms), PIECE):
        yield [labels.get(at) or entity_name(term) for at, term in enumerate(terms[start : start + PIECE], start)]


def is_identifier(label: str, term: str, lang: str, languages: Sequence[str] = LANGUAGES) -> bool:
    """True if a label is no words: it repeats the IRI's camel case, or is camel case in a language not asked for."""
    if " " in label or not _HUMP.search(label):
        return False
    return label == local_name(term) or preference(lang, languages)[0] == len(languages)


def preference(lang: str, languages: Sequence[str] = LANGUAGES) -> tuple[int, str]:
    """How early a language is chosen: in the order of ``languages``, ``en`` before ``en-gb``, then any other."""
    for rank, wanted in enumerate(languages):
        if lang == wanted or (wanted and lang.startswith(f"{wanted}-")):
            return rank, lang.removeprefix(wanted)
    return len(languages), lang


def _last(iri: str) -> str:
    trimmed = iri.rstrip("/#")
    return trimmed[max(trimmed.rfind("#"), trimmed.rfind("/"), trimmed.rfind(":")) + 1 :] or iri


def _number(term: str, local: str) -> str | None:
    """``DOID:162`` for an identifier made of a prefix and a number; a short number only in the OBO namespace."""
    match = _NUMBERED.fullmatch(term, len(term) - len(local))
    return f"{match[1] or match[3]}:{match[2] or match[4]}" if match else None


def _spaced(text: str) -> str:
    return " ".join(text.replace("_", " ").split()) or text
