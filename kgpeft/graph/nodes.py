"""The graph's nodes: which terms they are, in which order, and what they are called."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kgpeft.graph.columns import IRI, LITERAL, Columns, Ints, Mask
from kgpeft.graph.expressions import SOME, SUB, TYPED
from kgpeft.graph.labels import Texts
from kgpeft.graph.literals import split_literals
from kgpeft.graph.model import Kind
from kgpeft.graph.names import fuller, made_up
from kgpeft.graph.quantities import PLAIN, quantity
from kgpeft.graph.spool import Rows, Strings
from kgpeft.graph.terms import PIECE, cut_first, ints, joined, replaced
from kgpeft.graph.things import Things

if TYPE_CHECKING:
    import pyarrow as pa


class Nodes:
    """The terms [N] that are nodes: the first ``entities`` are entities, the others literals, each sorted.

    ``order`` [N] are their numbers as terms, ``place`` [V] their numbers as nodes (-1: none), ``kinds`` [N] what they
    are, ``terms`` and ``names`` [N] their texts.
    """

    def __init__(self, columns: Columns, things: Things, texts: Texts, edges: Rows) -> None:
        self.columns, self.texts = columns, texts
        nodes = np.flatnonzero(_nodes(columns, things, edges, texts.labelled())).astype(np.int32)
        literal = columns.kinds[nodes] == LITERAL
        groups = [_sorted(columns, nodes[~literal]), _sorted(columns, nodes[literal])]
        self.entities, self.order = len(groups[0]), np.concatenate(groups)
        self.place = np.full(len(columns.terms), -1, np.int32)
        self.place[self.order] = np.arange(len(self.order), dtype=np.int32)
        self.kinds = _kinds(columns, things, edges)[self.order]

    def terms(self) -> Strings:
        """Entities by IRI, literals by value and datatype or language."""
        found = Strings(self.columns.spool)
        for entities, literals in self._pieces():
            found.add(joined([entities, cut_first(literals)]))
        return found

    def names(self) -> Strings:
        """A label, or a name made of the identifier; of literals the value."""
        chosen = self.texts.in_words()
        at = self.place[self.texts.subject[chosen]]
        chosen, at = chosen[at >= 0], at[at >= 0]
        chosen, at = chosen[np.argsort(at)], np.sort(at)
        bare = np.ones(self.entities, bool)
        bare[at] = False
        others, numbers = Strings(self.columns.spool), self.order[: self.entities][bare]
        for start in range(0, len(numbers), PIECE):
            others.add(made_up(self.columns.terms.pick(numbers[start : start + PIECE])))
        labels = fuller(self.texts.text.take(ints(chosen)), self.columns.terms, self.order[at], others)
        return self._interleaved(labels, at, others)

    def _interleaved(self, labels: "pa.LargeStringArray", at: Ints, others: Strings) -> Strings:
        """The names [N] of all: labels of the entities ``at`` these places, the others' names in between, values."""
        found, start = Strings(self.columns.spool), 0
        for entities, literals in self._pieces():
            stop = start + len(entities)
            low, high = np.searchsorted(at, [start, stop]).tolist()
            mine = np.zeros(stop - start, bool)
            mine[at[low:high] - start] = True
            order = np.where(mine, np.cumsum(mine) - 1, high - low + np.cumsum(~mine) - 1)
            parts = [labels[low:high], others.some(start - low, stop - high)]
            found.add(joined([joined(parts).take(ints(order)), self._values(literals)]))
            start = stop
        return found

    def _values(self, keys: "pa.LargeStringArray") -> "pa.LargeStringArray":
        """What literals say, numbers with their unit."""
        literals = split_literals(keys)
        measures = [at for at, tail in enumerate(literals.tails) if not tail.startswith(PLAIN)]
        at = np.flatnonzero(np.isin(literals.tail, measures)) if measures else np.zeros(0, np.int64)
        terms = keys.take(ints(at)).to_pylist()
        units = {at: self.texts.name(self.columns.id(literals.tails[at]), in_words=False) for at in measures}
        named = map(units.__getitem__, literals.tail[at].tolist())
        return replaced(literals.value, at, list(map(quantity, terms, named)))

    def _pieces(self) -> "Iterator[tuple[pa.LargeStringArray, pa.LargeStringArray]]":
        """The terms of the nodes, some at a time: entities, and literals with their quote."""
        for start in range(0, max(len(self.order), 1), PIECE):
            part = self.order[start : start + PIECE]
            cut = min(max(self.entities - start, 0), len(part))
            yield self.columns.terms.pick(part[:cut]), self.columns.terms.pick(part[cut:])


def _nodes(columns: Columns, things: Things, edges: Rows, labelled: Mask) -> Mask:
    """The terms [V] that are nodes: ends of edges, declared things, and whatever has a label."""
    relations = np.zeros(len(columns.terms), bool)
    relations[columns.p] = True
    mask = things.classes | things.concepts | things.individuals | (labelled & ~relations)
    mask &= (columns.kinds == IRI) & ~things.never
    for part in edges:
        mask[part[:, 0]] = mask[part[:, 2]] = True
    return mask


def _sorted(columns: Columns, numbers: Ints) -> Ints:
    """The numbers of some terms in the order of what they are called, renamed ones too."""
    moved = np.isin(numbers, list(columns.terms.renamed))
    if not moved.any():
        return numbers
    renamed, rest = sorted(numbers[moved].tolist(), key=columns.terms.__getitem__), numbers[~moved]
    after = [columns.terms.past(columns.terms[number]) for number in renamed]
    return np.insert(rest, np.searchsorted(rest, after), renamed)


def _kinds(columns: Columns, things: Things, edges: Rows) -> NDArray[np.uint8]:
    """The Kind of every term [V] if it is a node."""
    kinds = np.full(len(columns.terms), Kind.INDIVIDUAL, np.uint8)
    for part in edges:
        subject, node, pattern = part[:, 0], part[:, 2], part[:, 3]
        between_classes = (pattern == SUB) | (pattern == SOME)
        kinds[subject[between_classes]] = Kind.CLASS
        kinds[node[between_classes | (pattern == TYPED)]] = Kind.CLASS
    kinds[things.individuals] = Kind.INDIVIDUAL
    kinds[things.classes] = Kind.CLASS
    kinds[columns.kinds == LITERAL] = Kind.LITERAL
    return kinds
