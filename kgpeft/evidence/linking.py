"""Entity linking: which nodes of the graph a question names, by label and synonym."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph

LONGEST = 16  # words of a name that are looked up
GREEK = dict(zip("αβγδεκλω", "alpha beta gamma delta epsilon kappa lambda omega".split(), strict=True))
_WORD = re.compile(r"[^\W_]+(?:\.\d+)*")
# words that questions are made of: alone they name nothing
COMMON = frozenset(
    "a an the of in on at by to for from with and or is are was were be been has have had do does did can could what"
    " which who whom whose where when why how many much name list tell me give it its that this these those there any"
    " all one i you we kind type thing part found made called known as not no than then so if into about out up down"
    " over under".split()
)


@dataclass(frozen=True)
class Mention:
    """A stretch of the question, [start, end) in characters, and the nodes that bear that name."""

    start: int
    end: int
    text: str
    entities: tuple[int, ...]


def words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text, folded (case, accents, Greek letters), with their places."""
    return [(fold(m.group()), m.start(), m.end()) for m in _WORD.finditer(text)]


def fold(word: str) -> str:
    """One spelling for the spellings of a word that differ in case, accents or Greek letters."""
    spelt = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(GREEK.get(c, c) for c in spelt if not unicodedata.combining(c))


def singular(word: str) -> str:
    """A plain plural's singular; other words as they are."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class Linker:
    """Finds a graph's names in text: longest match first, left to right, whole words only."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._index: dict[tuple[str, ...], list[int]] = {}
        self._plural: dict[tuple[str, ...], list[int]] = {}
        for node in range(len(graph.terms)):
            for alias in graph.aliases(node):
                key = tuple(w for w, _, _ in words(alias))
                if key and len(key) <= LONGEST:
                    self._add(key, node)

    def _add(self, key: tuple[str, ...], node: int) -> None:
        for index, k in ((self._index, key), (self._plural, (*key[:-1], singular(key[-1])))):
            nodes = index.setdefault(k, [])
            if node not in nodes:
                nodes.append(node)

    def link(self, text: str) -> list[Mention]:
        """The mentions of a text, in its order, none overlapping; a longer name wins over the names inside it."""
        found, taken = [], [False] * len(tokens) if (tokens := words(text)) else []
        for size in range(min(LONGEST, len(tokens)), 0, -1):
            for i in range(len(tokens) - size + 1):
                if any(taken[i : i + size]):
                    continue
                nodes = self._look(tuple(w for w, _, _ in tokens[i : i + size]))
                if nodes:
                    taken[i : i + size] = [True] * size
                    start, end = tokens[i][1], tokens[i + size - 1][2]
                    found.append(Mention(start, end, text[start:end], nodes))
        return sorted(found, key=lambda m: m.start)

    def _look(self, key: tuple[str, ...]) -> tuple[int, ...]:
        if all(w in COMMON for w in key):
            return ()
        found = self._index.get(key) or self._plural.get((*key[:-1], singular(key[-1])), [])
        return tuple(found)
