"""The names nearest to a mention at first sight: by the words they share, or nearly share but for the spelling.

A word stands for itself and, weaker, for the words of the names whose letters are much the same, so that slips of
spelling do not matter, and for those that mean much the same, where an encoder is given to tell; the order of words
never matters. Rare words count more (tf-idf, cosine). No mention is encoded, which would take twenty times as long.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kgpeft import spelling
from kgpeft.errors import UsageError

Encode = Callable[[Sequence[str]], np.ndarray]

ALIKE, ALIKES = 0.45, 12  # least likeness of two words' letters, and most words that one stands for
MEANT, MEANS, LESS = 0.6, 10, 0.8  # least cosine of two words' meanings, most such words, and how much they count
MOST = 2**15  # words up to which the meanings of every two are compared
COMMON = 0.02  # of the names: words in more of them do not make a candidate, unless a mention has no others
CANDIDATES = 64
AGAIN = 50  # candidates that an encoder ranks
BLOCK = 512  # mentions at once
_WORD = re.compile(r"[^\W_]+")


class Nearest:
    """Finds names by mentions: ``Nearest(names)(mentions, k)``."""

    def __init__(self, names: Sequence[str], encode: Encode | None = None) -> None:
        """An encoder (unit vectors float32 [n, D]) is given each word of the names, once."""
        self._names, self._encode = list(names), encode
        self._words: dict[str, int] = {}
        spelt: dict[str, str] = {}  # folded → as it is written somewhere
        counts = _counts([_folded(name, spelt) for name in names], self._words, grow=True)
        spread = np.bincount(counts.indices, minlength=len(self._words))
        self._weight = np.log(1 + len(self._names) / np.maximum(1, spread)).astype(np.float32)
        self._rows = _unit(counts, self._weight)
        self._lists = self._rows.T.tocsr()  # word → names
        self._alike = _Alike(self._words, self._weight, spread > COMMON * len(self._names))
        if encode is not None and 0 < len(self._words) <= MOST:
            self._alike.compare(encode([spelt[word] for word in self._words]))

    def __call__(
        self, mentions: Sequence[str], k: int = 10, rerank: bool = False
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Numbers int32 [n, k] of the names nearest to each of n mentions, and their scores [n, k], best first.

        Scores are likenesses from 0 to 1, 1 for the same words. To rerank is to encode the mentions and their best 50
        names, and to add the cosine. Where fewer than k names share anything with a mention, the rest are -1 and 0.
        """
        ids = np.full((len(mentions), k), -1, np.int32)
        scores = np.zeros((len(mentions), k), np.float32)
        for start in range(0, len(mentions), BLOCK):
            for row, (found, score) in enumerate(self._look(mentions[start : start + BLOCK], rerank), start):
                best = np.argsort(-score, kind="stable")[:k]
                ids[row, : len(best)], scores[row, : len(best)] = found[best], score[best]
        return ids, scores

    def _look(self, mentions: Sequence[str], rerank: bool) -> list[tuple[np.ndarray, np.ndarray]]:
        """The candidates of each mention and their scores, in no order."""
        meant, very, few = self._alike.stand_for([_folded(mention) for mention in mentions])
        hits = few @ self._lists
        found = []
        for row in range(len(mentions)):
            part = slice(hits.indptr[row], hits.indptr[row + 1])
            ids = hits.indices[part]
            if len(ids) > CANDIDATES:
                ids = ids[np.argpartition(hits.data[part], len(ids) - CANDIDATES)[-CANDIDATES:]]
            found.append(ids)
        scores = self._scores([meant, very], found)
        found = list(zip(found, np.split(scores, np.cumsum([len(ids) for ids in found])[:-1]), strict=True))
        return self._by_meaning(mentions, found) if rerank else found

    def _scores(self, asked: list[sparse.csr_matrix], found: list[np.ndarray]) -> np.ndarray:
        """Scores [sum of candidates]: of two cosines, of all words that are meant and, weaker, of the very words.

        A name may hold several words that one word stands for, so that the first can be above one: it is cut there.
        """
        rows = self._rows[np.concatenate(found)]
        mention = np.repeat(np.arange(len(found)), [len(ids) for ids in found])
        entry = np.repeat(np.arange(len(mention)), np.diff(rows.indptr))  # candidate of each word of a candidate
        shares = [words.toarray()[mention[entry], rows.indices] * rows.data for words in asked]
        meant, very = (np.bincount(entry, share, len(mention)) for share in shares)
        return (0.8 * np.minimum(1, meant) + 0.2 * very).astype(np.float32)

    def _by_meaning(
        self, mentions: Sequence[str], found: list[tuple[np.ndarray, np.ndarray]]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """The best of each mention's candidates with the cosine of meanings added to the likeness of words."""
        if self._encode is None:
            raise UsageError("nothing to rerank with", remedy="give Nearest an encoder")
        best = [(ids[order], score[order]) for ids, score in found for order in [np.argsort(-score)[:AGAIN]]]
        needed = np.unique(np.concatenate([ids for ids, _ in best])) if best else np.zeros(0, np.int64)
        meanings, asked = self._encode([self._names[i] for i in needed]), self._encode(mentions)
        return [
            (ids, score + meanings[np.searchsorted(needed, ids)] @ meant)
            for (ids, score), meant in zip(best, asked, strict=True)
        ]


class _Word(NamedTuple):
    """What a word stands for."""

    ids: np.ndarray  # int32 [a]: words of the names, best first
    share: np.ndarray  # float32 [a]: its weight, less the less they are alike
    weight: float
    own: bool  # the first is the word itself
    common: bool  # in so many names that it makes no candidate


class _Alike:
    """Which words of the names a word stands for, and how much."""

    def __init__(self, words: dict[str, int], weight: np.ndarray, common: np.ndarray) -> None:
        self._words, self._weight, self._common = words, weight, common
        self._pieces: dict[str, int] = {}
        counts = _counts([_pieces(word) for word in words], self._pieces, grow=True)
        spread = np.bincount(counts.indices, minlength=len(self._pieces))
        self._rarity = np.log(1 + len(words) / np.maximum(1, spread)).astype(np.float32)
        self._lists = _unit(counts, self._rarity).T.tocsr()
        self._known: dict[str, _Word] = {}
        self._meant: list[tuple[np.ndarray, np.ndarray]] = []  # of each word, others that mean much the same

    def compare(self, vectors: np.ndarray) -> None:
        """Finds the words that mean much the same, by unit vectors [words, D]."""
        for start in range(0, len(vectors), BLOCK):
            near = vectors[start : start + BLOCK] @ vectors.T
            near[np.arange(len(near)), start + np.arange(len(near))] = 0
            for row in near:
                close = np.flatnonzero(row >= MEANT)
                close = close[np.argsort(-row[close], kind="stable")[:MEANS]]
                self._meant.append((close.astype(np.int32), LESS * row[close]))

    def stand_for(self, texts: list[list[str]]) -> list[sparse.csr_matrix]:
        """Rows [n, words] of n texts: what their words stand for, the very words, and the first for rare words alone.

        The second are unit rows, but for words that no name has; a text of common words alone keeps them.
        """
        self._learn(sorted({word for text in texts for word in text} - self._known.keys()))
        rows = [[self._known[word] for word in dict.fromkeys(text)] for text in texts]
        few = [[word for word in row if not word.common] or row for row in rows]
        lengths = [sum(word.weight**2 for word in row) ** 0.5 or 1.0 for row in rows]
        very = [[word._replace(ids=word.ids[:1], share=word.share[:1]) for word in row if word.own] for row in rows]
        return [self._matrix(part, lengths) for part in (rows, very, few)]

    def _matrix(self, rows: list[list[_Word]], lengths: list[float]) -> sparse.csr_matrix:
        ends = np.cumsum([0, *(sum(len(word.ids) for word in row) for row in rows)])
        ids = [np.zeros(0, np.int32), *(word.ids for row in rows for word in row)]
        shares = [np.zeros(0), *(word.share / n for row, n in zip(rows, lengths, strict=True) for word in row)]
        data, indices = np.concatenate(shares).astype(np.float32), np.concatenate(ids)
        return sparse.csr_matrix((data, indices, ends), shape=(len(rows), len(self._words)))

    def _learn(self, words: list[str]) -> None:
        near = _unit(_counts([_pieces(word) for word in words], self._pieces, grow=False), self._rarity) @ self._lists
        alike = near.data >= ALIKE
        ends = np.concatenate([[0], np.cumsum(alike)])[near.indptr]
        every, shares = near.indices[alike], near.data[alike]
        for row, word in enumerate(words):
            part = slice(ends[row], ends[row + 1])
            ids, share = every[part], shares[part]
            own = self._words.get(word, -1)
            share = np.where(ids == own, np.float32(1.01), share)  # the first of those spelt as much alike
            best = np.argsort(-share, kind="stable")[:ALIKES]
            ids, share = ids[best].astype(np.int32), np.minimum(1, share[best])
            if own >= 0:
                weight, common = float(self._weight[own]), bool(self._common[own])
                ids, share = self._with_meant(own, ids, share)
            else:
                weight, common = float(self._weight[ids] @ share / share.sum()) if len(ids) else 0.0, False
            self._known[word] = _Word(ids, share * np.float32(weight), weight, own >= 0, common)

    def _with_meant(self, own: int, ids: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The words that are spelt alike and, behind them, those that mean much the same."""
        if not self._meant:
            return ids, share
        others, cosine = self._meant[own]
        fresh = ~np.isin(others, ids)
        return np.concatenate([ids, others[fresh]]), np.concatenate([share, cosine[fresh]])


def _folded(text: str, spelt: dict[str, str] | None = None) -> list[str]:
    """The words of a text in one spelling: without case, accents, number, British ways; notes how each is written."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(spelling.GREEK.get(c, c) for c in text if not unicodedata.combining(c))
    words = _WORD.findall(text.lower())
    folded = [spelling.fold(word) for word in words]
    if spelt is not None:
        spelt.update((fold, word) for fold, word in zip(folded, words, strict=True) if fold not in spelt)
    return folded


def _pieces(word: str) -> list[str]:
    """Every three letters in a row of a word with its ends marked."""
    marked = f"<{word}>"
    return [marked[i : i + 3] for i in range(len(marked) - 2)]


def _counts(rows: Iterable[list[str]], numbers: dict[str, int], grow: bool) -> sparse.csr_matrix:
    """Which of the numbered strings each row has, float32 [n, strings]; others get a number too, or are left out."""
    columns: list[int] = []
    ends = [0]
    for row in rows:
        found = (numbers.setdefault(x, len(numbers)) if grow else numbers.get(x, -1) for x in dict.fromkeys(row))
        columns += [number for number in found if number >= 0]
        ends.append(len(columns))
    shape = (len(ends) - 1, len(numbers))
    return sparse.csr_matrix((np.ones(len(columns), np.float32), np.array(columns, np.int32), ends), shape=shape)


def _unit(counts: sparse.csr_matrix, weight: np.ndarray) -> sparse.csr_matrix:
    """Rows of counts, each column weighed, brought to length one."""
    sizes = np.diff(counts.indptr)
    weighed = weight[counts.indices]
    lengths = np.sqrt(np.bincount(np.repeat(np.arange(len(sizes)), sizes), weighed**2, len(sizes)))
    data = (weighed / np.repeat(lengths, sizes)).astype(np.float32)
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)
