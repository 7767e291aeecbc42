"""Every name of a graph's nodes, under a key that the spellings of a name share."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kgpeft import spelling
from kgpeft.evidence.words import COMMON, words

if TYPE_CHECKING:
    from kgpeft.graph import KnowledgeGraph

LONGEST = 16  # words of a name that are looked up
LONGEST_TEXT = 200  # characters of such a name
LABEL, SYNONYM, NEAR, SHORT, UNBRACKETED, ARTICLELESS = range(6)  # what a name is of its node
_NEAR = frozenset({"related", "narrow", "broad", "hidden"})  # roles of synonyms that mean nearly the same
_BRACKETED = re.compile(r"(.*\S)\s*\(([^()]+)\)")
_SHORT = re.compile(r"[A-Z][A-Za-z]{0,2}[A-Z0-9][A-Z0-9-]{0,6}")
PREFIX, SURE = 8, 10  # characters of a key by which names are grouped; of a longer one, with which they are final
NEIGHBOURS = 8  # words that an unknown one may stand for
_ONES = np.unpackbits(np.arange(1 << 16, dtype=np.uint16).view(np.uint8)).reshape(-1, 16).sum(axis=1, dtype=np.uint8)

Key = str


@lru_cache(maxsize=1 << 18)
def word_key(word: str) -> Key:
    """What the number and the British or American spelling of a folded word do not change."""
    return spelling.fold(word)


def extend(key: Key, word: Key) -> Key:
    """A key with one more word; words run together, but for digits: "b cell", "b-cell" and "bcell" are alike."""
    return f"{key}_{word}" if key[-1:].isdigit() and word[:1].isdigit() else key + word


def joined(key: Key) -> Key:
    """The key to look up; British digraphs are folded where words meet, too."""
    return spelling.digraphs(key) if "ae" in key or "oe" in key else key


class Names:
    """Rows of names: the node, what the name is of it, and where the text stands."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self.nodes, self.roles, self.sizes = array("i"), array("b"), array("b")  # sizes: words
        self._labels = array("i")  # -1: the display name
        self.first: dict[Key, int] = {}
        self._more: dict[Key, list[int]] = {}
        self.vocabulary: set[Key] = set()
        self.reach: dict[Key, int] = {}  # beginning of a key -> characters of the longest that begins so
        labelled = {label.entity for label in graph.labels}
        self.text = lru_cache(maxsize=1 << 16)(self._text)
        self.near = lru_cache(maxsize=1 << 14)(self._near)
        for node, name in enumerate(graph.names):
            self._add_forms(name, node, LABEL, -1)
            if node in labelled:
                self._add_synonyms(node, name)
        for begins, most in list(self.reach.items()):
            for size in range(1, len(begins)):
                if most > self.reach.get(begins[:size], 0):
                    self.reach[begins[:size]] = most

    def longest(self, key: Key) -> int:
        """Characters of the longest name whose key begins with this one, or a bit more; 0 if none does."""
        most = self.reach.get(key[:PREFIX], 0)
        return most if most >= len(key) else 0

    def ends(self, key: Key) -> bool:
        """True if no name begins with this key of some words."""
        return len(key) >= SURE and len(key) > self.reach.get(key[:PREFIX], 0)

    def rows(self, key: Key) -> Sequence[int]:
        """The rows of the names with this key."""
        row = self.first.get(key)
        return () if row is None else [row, *self._more[key]] if key in self._more else (row,)

    def _text(self, row: int) -> str:
        """The name as the graph writes it."""
        label = self._labels[row]
        return self._graph.names[self.nodes[row]] if label < 0 else self._graph.labels[label].text

    def _near(self, word: str, most: int) -> list[tuple[Key, int]]:
        """Words of the names within so many edits (insert, delete, replace, swap neighbours), nearest first."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        found: dict[Key, int] = {}
        for asked in {word, word_key(word)}:  # a slip may have changed what looks like a plural
            for step in range(-most, most + 1):
                pool = self._by_length.get(len(asked) + step)
                like = pool.like(asked, most) if pool else []
                for near, edits, _ in extract(asked, like, scorer=OSA.distance, score_cutoff=most, limit=None):
                    found[near] = min(int(edits), found.get(near, most))
        ranked = sorted((edits, near[0] != word[0], near) for near, edits in found.items() if edits)
        return [(near, edits) for edits, _, near in ranked[:NEIGHBOURS]]

    def initials(self, letters: str) -> Sequence[int]:
        """The rows of the labels and synonyms whose words begin with these letters."""
        return self._initials.get(letters, ())

    def _add_synonyms(self, node: int, name: str) -> None:
        graph = self._graph
        same, first = set(graph.aliases(node)), graph.first_label(node)
        for at, label in enumerate(graph.labels_of(node), first):
            if label.text in same and label.role in ("label", "exact"):
                if label.text != name:
                    self._add_forms(label.text, node, SYNONYM, at)
            elif label.role in _NEAR:
                self._add_forms(label.text, node, NEAR, at)

    def _add_forms(self, text: str, node: int, role: int, label: int) -> None:
        if len(text) > LONGEST_TEXT:
            return
        folded = [word for word, _, _ in words(text)]
        self._add(folded, node, role, label)
        if len(folded) > 1 and folded[0] in ("the", "a", "an") and not COMMON.issuperset(folded[1:]):
            self._add(folded[1:], node, ARTICLELESS, label)
        if text[-1:] == ")" and (parts := _BRACKETED.fullmatch(text)):
            short = bool(_SHORT.fullmatch(parts[2]))
            self._add([word for word, _, _ in words(parts[1])], node, role if short else UNBRACKETED, label)
            if short:
                self._add([word for word, _, _ in words(parts[2])], node, SHORT, label)

    def _add(self, folded: Sequence[str], node: int, role: int, label: int) -> None:
        if not folded or len(folded) > LONGEST:
            return
        key = ""
        for word in map(word_key, folded):
            self.vocabulary.add(word)
            key = extend(key, word)
        key = joined(key)
        row = self.first.setdefault(key, len(self.nodes))
        if row != len(self.nodes):
            if self.nodes[self._more.get(key, [row])[-1]] == node:  # nodes come in their order
                return
            self._more.setdefault(key, []).append(len(self.nodes))
        if len(key) > self.reach.get(key[:PREFIX], 0):
            self.reach[key[:PREFIX]] = len(key)
        self.nodes.append(node)
        self.roles.append(role)
        self.sizes.append(len(folded))
        self._labels.append(label)

    @cached_property
    def _by_length(self) -> dict[int, Pool]:
        found: dict[int, list[Key]] = defaultdict(list)
        for word in sorted(self.vocabulary):
            if word.isalpha():
                found[len(word)].append(word)
        return {size: Pool(words) for size, words in found.items()}

    @cached_property
    def _initials(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row in range(len(self.nodes)):
            if self.roles[row] in (LABEL, SYNONYM):
                for letters in _initials([word for word, _, _ in words(self.text(row))]):
                    found[letters].append(row)
        return dict(found)


class Pool:
    """Words of one length, with the letters that each has."""

    def __init__(self, words: list[Key]) -> None:
        self._words, self._letters = words, _letters_of(words)

    def like(self, word: Key, edits: int) -> list[Key]:
        """The words that can be this one but for so many edits: each edit changes at most two letters of the set."""
        odd = self._letters ^ _letters_of([word])
        near = _ONES[odd & 0xFFFF] + _ONES[odd >> 16] <= 2 * edits
        return [self._words[at] for at in np.flatnonzero(near).tolist()]


def _letters_of(words: list[Key]) -> np.ndarray:
    """The letters of words of one length, a bit each, uint32 [n]; letters of other alphabets share the bits."""
    codes = np.array(words).view(np.uint32).reshape(len(words), -1)
    bits: np.ndarray = np.bitwise_or.reduce(np.uint32(1) << (codes % 32), axis=1)
    return bits


def _initials(folded: Sequence[str]) -> Iterable[str]:
    """The first letters of a name's words, with and without words such as "of"."""
    return {letters for letters in _letters(folded) if 1 < len(letters) <= LONGEST}


def _letters(folded: Sequence[str]) -> Iterator[str]:
    yield "".join(word[0] for word in folded)
    yield "".join(word[0] for word in folded if word not in COMMON)
