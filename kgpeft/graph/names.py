"""Readable names for things that have only an identifier."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.terms import Ints, Terms, ints, joined, numbers, replaced, strings, truths
from kgpeft.graph.vocabulary import PREFIXES, RELATION_NAMES

if TYPE_CHECKING:
    import pyarrow as pa

LANGUAGES = ("", "en")  # of names, best first; "" is untagged
_NUMBERED = re.compile(r"([A-Za-z][A-Za-z.]*)_(\d{5,})|(?<=/obo/)([A-Za-z]\w*)_(\d+)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_LOCAL = r"[!\"$-.0-9;-~]*"
_SIMPLE = rf"^[A-Za-z][A-Za-z0-9+.-]*:(?:[!-~]*[#/:])?{_LOCAL}[A-Za-z0-9]{_LOCAL}$"  # an IRI that ends in words
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


def made_up(terms: "pa.LargeStringArray") -> "pa.LargeStringArray":
    """``entity_name`` of many terms."""
    import pyarrow.compute as pc

    simple = pc.and_not(pc.match_substring_regex(terms, _SIMPLE), pc.match_substring_regex(terms, "_[0-9]+$"))
    names = pc.replace_substring_regex(terms.filter(simple), r"^.*[#/:]", "")
    for hump in (r"([a-z0-9])([A-Z])", r"([A-Z])([A-Z][a-z])"):
        names = pc.replace_substring_regex(names, hump, r"\1 \2")
    names = pc.utf8_trim(pc.replace_substring_regex(names, "_+", " "), " ")
    plain = truths(simple)
    others = strings(list(map(entity_name, terms.filter(pc.invert(simple)).to_pylist())))
    order = np.where(plain, np.cumsum(plain) - 1, len(names) + np.cumsum(~plain) - 1)
    return joined([names, others]).take(ints(order))


def fuller(
    labels: "pa.LargeStringArray", terms: Terms, which: Ints, others: "Iterable[pa.LargeStringArray]"
) -> "pa.LargeStringArray":
    """The labels [n] of some terms; one that several share, or that is another name too, gives way to a fuller name.

    Of two things called Mushroom, ``…#MushroomTopping`` is the Mushroom Topping.
    """
    import pyarrow.compute as pc

    if not len(labels):
        return labels
    coded = _folded(labels).dictionary_encode()
    index = numbers(coded.indices)
    counts = np.bincount(index, minlength=len(coded.dictionary))
    for part in others:
        met = pc.index_in(_folded(part), value_set=coded.dictionary).drop_null()
        counts += np.bincount(numbers(met), minlength=len(counts))
    at = np.flatnonzero(counts[index] > 1)
    pairs = zip(at.tolist(), labels.take(ints(at)).to_pylist(), map(entity_name, terms.take(which[at])), strict=True)
    found = [(place, full) for place, label, full in pairs if label.casefold() in full.casefold()]
    return replaced(labels, [place for place, _ in found], [full for _, full in found])


def camel_case(texts: "pa.LargeStringArray") -> NDArray[np.bool_]:
    """True at the texts [n] of one word that may be an identifier in camel case."""
    import pyarrow.compute as pc

    return truths(pc.match_substring_regex(texts, "[a-z0-9][A-Z]|[A-Z][A-Z][a-z]")) & ~truths(
        pc.match_substring(texts, " ")
    )


def _folded(texts: "pa.LargeStringArray") -> "pa.LargeStringArray":
    """Texts without regard to case, as ``str.casefold`` has it."""
    import pyarrow.compute as pc

    at = np.flatnonzero(truths(pc.match_substring_regex(texts, r"[^\x00-\x7f]")))
    return replaced(pc.ascii_lower(texts), at, [text.casefold() for text in texts.take(ints(at)).to_pylist()])


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
