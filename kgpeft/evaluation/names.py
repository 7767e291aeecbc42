"""The names a graph knows, found in running text by the longest match."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.wording import Tokens, tokens
from kgpeft.graph.vocabulary import XSD
from kgpeft.spelling import fold, forms, run_together, stem

if TYPE_CHECKING:
    from kgpeft.evaluation.reading import Reader
    from kgpeft.graph import KnowledgeGraph
    from kgpeft.graph.contradictions import Axioms

ARTICLES = ("the", "a", "an")
MARKS = r"(;(?=\s|$)|\n|,(?=\s))"  # what parts the members of a list
LONG = 8  # a text of more words is a description, not a name


class Link(NamedTuple):
    """Tokens start:stop name one of `ids` (several if the name is ambiguous)."""

    start: int
    stop: int
    ids: frozenset[int]


@dataclass
class NameIndex:
    """All names and exact synonyms, and what the grader must know of the graph besides.

    A name is found as it stands, or with plurals folded and its leading article gone where that leaves one entity.
    """

    exact: dict[Tokens, frozenset[int]]
    broader: dict[int, frozenset[int]] = field(default_factory=dict)  # entity -> its direct classes and superclasses
    relation_words: frozenset[str] = frozenset()  # stems of the words of the relations' names
    axioms: "Axioms | None" = None  # what the graph forbids
    with_marks: frozenset[str] = frozenset()  # names that have a comma or semicolon in them, run together
    inexact: dict[str, float] = field(default_factory=dict)  # numbers of float and double literals -> their precision
    folded: dict[Tokens, frozenset[int]] = field(init=False)
    readers: "dict[Question, Reader]" = field(init=False, repr=False, compare=False, default_factory=dict)
    longest: dict[str, int] = field(init=False)  # folded first token -> most tokens of a name that begins so

    def __post_init__(self) -> None:
        """Derive the folded names and the lengths."""
        folded: dict[Tokens, set[int]] = defaultdict(set)
        for name, ids in self.exact.items():
            for key in _looser(name):
                folded[key] |= ids
        self.folded = {key: frozenset(ids) for key, ids in folded.items() if len(ids) == 1}
        self.longest = {}
        for key in folded:
            self.longest[key[0]] = max(len(key), self.longest.get(key[0], 0))

    @classmethod
    def from_graph(cls, graph: "KnowledgeGraph") -> "NameIndex":
        """Names and exact synonyms of the graph's entities (not literals), its hierarchy, its relations' words."""
        from kgpeft.graph import PATTERNS, Kind
        from kgpeft.graph.contradictions import Axioms

        named = [(name, node) for node, name in enumerate(graph.names) if graph.kinds[node] != Kind.LITERAL]
        named += [(label.text, label.entity) for label in graph.labels if label.role in ("label", "exact")]
        broader: dict[int, set[int]] = defaultdict(set)
        upward = [PATTERNS.index(pattern) for pattern in ("sub", "type", "broader")]
        for subject, _, above in graph.edges[np.isin(graph.patterns, upward)].tolist():
            broader[subject].add(above)
        words = frozenset(stem(word) for name in graph.relation_names for word in tokens(name))
        classes = {node: frozenset(above) for node, above in broader.items()}
        marked = frozenset(run_together(tokens(name)) for name, _ in named if has_marks(name))
        return cls(_by_name(named), classes, words, Axioms(graph), marked, _inexact(graph.terms))

    @classmethod
    def from_answers(cls, questions: Iterable[Question]) -> "NameIndex":
        """The names that a question file's own answers give, where there is no graph."""
        golds: dict[tuple[str, ...], int] = {}
        for question in questions:
            for aliases in question.answers:
                golds.setdefault(aliases, len(golds))
        named = ((alias, node) for aliases, node in golds.items() for alias in aliases)
        return cls(_by_name((alias, node) for alias, node in named if len(tokens(alias)) <= LONG))

    def find(self, name: Tokens) -> frozenset[int]:
        """Entities with exactly this name; failing that, the only one whose name differs in plural or article alone."""
        return self.exact.get(name) or self.folded.get(tuple(map(fold, name)), frozenset())

    def at(self, said: Tokens, start: int) -> Link | None:
        """The longest name that begins at this token; None at an article before a name that ends later."""
        most = min(self.longest.get(fold(said[start]), 0), len(said) - start)
        stops = range(start + most, start, -1)
        link = next((Link(start, stop, ids) for stop in stops if (ids := self.find(said[start:stop]))), None)
        after = self.at(said, start + 1) if said[start] in ARTICLES and start + 1 < len(said) else None
        return None if link and after and after.stop > link.stop else link

    def links(self, said: Tokens) -> Iterator[Link]:
        """Names in the text, left to right, the longest at each position; they do not overlap."""
        start = 0
        while start < len(said):
            link = self.at(said, start)
            if link:
                yield link
            start = link.stop if link else start + 1

    def above(self, ids: Iterable[int]) -> set[int]:
        """All classes that the entities belong to, at any distance."""
        reached: set[int] = set()
        waiting = list(ids)
        while waiting:
            new = self.broader.get(waiting.pop(), frozenset()) - reached
            reached |= new
            waiting += new
        return reached


def has_marks(name: str) -> bool:
    """Whether the name has in it what otherwise parts the members of a list."""
    return re.search(MARKS, name) is not None


def _by_name(named: Iterable[tuple[str, int]]) -> dict[Tokens, frozenset[int]]:
    found: dict[Tokens, set[int]] = defaultdict(set)
    for text, node in named:
        if key := tokens(text):
            found[key].add(node)
    return {key: frozenset(ids) for key, ids in found.items()}


def _inexact(terms: Iterable[str]) -> dict[str, float]:
    """The values of xsd:float and xsd:double literals, and how far from each the same value may be written."""
    types = ((XSD + "float", 2.0**-24), (XSD + "double", 2.0**-53))
    ends = tuple((f"^^{datatype}", precision) for datatype, precision in types)
    return {" ".join(tokens(term.removesuffix(end))): precision
            for term in terms for end, precision in ends if term.endswith(end)}


def _looser(name: Tokens) -> Iterator[Tokens]:
    for form in forms(name):
        key = tuple(map(fold, form))
        yield key
        if len(key) > 1 and key[0] in ARTICLES:
            yield key[1:]
