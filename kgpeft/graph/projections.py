"""Other ways from axioms to edges than the OBO Graphs rules: taxonomy, owl2vec, raw."""

from collections.abc import Iterable, Iterator

import numpy as np

from kgpeft.graph.columns import BLANK, LITERAL, Columns, Ints, Mask
from kgpeft.graph.expressions import BROADER, FACT, SOME, SUB, TYPED, VALUE, Found, Stated
from kgpeft.graph.vocabulary import BROADER as BROADER_IRI
from kgpeft.graph.vocabulary import SUBCLASS, TYPE

ROUNDS = 50  # of sub-property and inverse inference


def raw_edges(columns: Columns) -> Iterator[Found]:
    """Every triple as an edge, blank nodes, labels and built-in terms included; blank nodes are numbered."""
    _number_blanks(columns)
    for part in columns.chunks():
        s, p, o = columns.s[part], columns.p[part], columns.o[part]
        pattern = np.where(columns.kinds[o] == LITERAL, VALUE, FACT).astype(np.int32)
        for iri, own in ((SUBCLASS, SUB), (TYPE, TYPED), (BROADER_IRI, BROADER)):
            pattern[p == columns.id(iri)] = own
        yield Found.of(s, p, o, pattern, np.arange(part.start, part.stop))


def _number_blanks(columns: Columns) -> None:
    """Blank nodes are called _:b0, _:b1 … in the order in which they are first named."""
    first = np.full(len(columns.terms), np.iinfo(np.int64).max)
    for part in columns.chunks():
        ends = np.stack([columns.s[part], columns.o[part]], axis=1).ravel()
        at = np.flatnonzero(columns.kinds[ends] == BLANK)
        np.minimum.at(first, ends[at], 2 * part.start + at)
    blanks = np.flatnonzero((columns.kinds == BLANK) & (first < np.iinfo(np.int64).max))
    for place, number in enumerate(blanks[np.argsort(first[blanks])].tolist()):
        columns.terms[number] = f"_:b{place}"


def only_taxonomy(columns: Columns, found: Iterable[Found]) -> Iterator[Found]:
    """The edges between classes, to types and to broader concepts; the rows of the others are counted."""
    for part in found:
        kept = np.isin(part.edges[:, 3], (SUB, TYPED, BROADER))
        columns.drop("relation outside the taxonomy", np.unique(part.edges[~kept, 4]).astype(np.int64))
        yield Found(part.edges[kept])


def owl2vec_edges(columns: Columns, edges: Ints, stated: list[Stated], builtin: Mask) -> Ints:
    """The edges [E, 5] with those that OWL2Vec* infers: domain–range pairs, super-relations, inverses, chains of two.

    Method: Chen et al., OWL2Vec*: embedding of OWL ontologies, 2021, section 3.2.1.
    """
    between = _domain_range(stated)
    edges = np.concatenate([edges, between[~builtin[between[:, 0]] & ~builtin[between[:, 2]]]])
    literal = columns.kinds[edges[:, 2]] == LITERAL
    edges = np.concatenate([edges, *(_follow(edges[~(literal & step[2])], *step) for step in sorted(_implied(stated)))])
    chains = [axiom for axiom in stated if axiom.name == "chain" and len(axiom.terms) == 3]
    return np.concatenate([edges, *(_chain(edges, axiom.terms) for axiom in chains)])


def _domain_range(stated: list[Stated]) -> Ints:
    ranges: dict[int, list[int]] = {}
    for axiom in stated:
        if axiom.name == "range":
            ranges.setdefault(axiom.terms[0], []).extend(axiom.terms[1:])
    found = [
        (domain, axiom.terms[0], node, SOME, axiom.row)
        for axiom in stated if axiom.name == "domain"
        for domain in axiom.terms[1:] for node in ranges.get(axiom.terms[0], ())
    ]  # fmt: skip
    return np.asarray(found, np.int32).reshape(-1, 5)


def _implied(stated: list[Stated]) -> set[tuple[int, int, bool]]:
    """Relation, relation that follows from it, and whether it follows the other way round."""
    steps = {(a.terms[0], a.terms[1], False) for a in stated if a.name == "subproperty"}
    steps |= {(*pair, True) for a in stated if a.name == "inverse" for pair in (a.terms, a.terms[::-1])}  # type: ignore[misc]
    steps |= {(a.terms[0], a.terms[0], True) for a in stated if a.name == "symmetric"}
    steps |= {(*pair, False) for a in stated if a.name == "equivalent property" for pair in (a.terms, a.terms[::-1])}  # type: ignore[misc]
    after: dict[int, set[tuple[int, bool]]] = {}
    for one, other, turned in steps:
        after.setdefault(one, set()).add((other, turned))
    for _ in range(ROUNDS):
        further = {
            (one, last, turned != again)
            for one, other, turned in steps for last, again in after.get(other, ())
        } - steps  # fmt: skip
        if not further:
            break
        steps |= further
    return {step for step in steps if step != (step[0], step[0], False)}


def _follow(edges: Ints, one: int, other: int, turned: bool) -> Ints:
    found: Ints = edges[edges[:, 1] == one].copy()
    found[:, 1] = other
    if turned:
        found[:, [0, 2]] = found[:, [2, 0]]
    return found


def _chain(edges: Ints, terms: tuple[int, ...]) -> Ints:
    """The edges that ``first ∘ second ⊑ whole`` adds."""
    whole, first, second = terms
    one, other = edges[edges[:, 1] == first], edges[edges[:, 1] == second]
    other = other[np.argsort(other[:, 0], kind="stable")]
    low, high = np.searchsorted(other[:, 0], one[:, 2]), np.searchsorted(other[:, 0], one[:, 2], "right")
    size = high - low
    left = np.repeat(np.arange(len(one)), size)
    right = np.arange(len(left)) + np.repeat(low - np.cumsum(size) + size, size)
    found: Ints = one[left].copy()
    found[:, 1], found[:, 2] = whole, other[right, 2]
    return found


