"""The words of a text, folded, with their places."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kgpeft.spelling import GREEK

_WORD = re.compile(r"([^\W_]+(?:\.\d+)*)(?:['’]s(?![^\W_]))?")  # a possessive's s belongs to no name
# words that questions are made of: alone they name nothing
COMMON = frozenset(
    "a an the of in on at by to for from with and or is are was were be been being am has have had do does did done can"
    " could may might must shall should will would what which who whom whose where when why how many much name list"
    " tell me give it its that this these those there here any all some each every both either neither one ones i you"
    " he she we they him her his hers us our them their my your mine yours kind kinds type types sort thing things part"
    " parts found made called known named as not no nor than then so if into onto about out up down over under between"
    " among through during before after again also only own same such very just too but because while until".split()
)


def words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text, folded (case, accents, Greek letters), with their places; a possessive without its s."""
    return [(fold(m[1]), m.start(1), m.end(1)) for m in _WORD.finditer(text)]


@lru_cache(maxsize=1 << 18)
def fold(word: str) -> str:
    """One spelling for the spellings of a word that differ in case, accents or Greek letters."""
    if word.isascii():
        return word.lower()
    spelt = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(GREEK.get(c, c) for c in spelt if not unicodedata.combining(c))
