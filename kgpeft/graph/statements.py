"""What every reader fills: triples of interned terms, column by column."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from kgpeft.graph.memory import too_large
from kgpeft.graph.spool import Spool, Stored
from kgpeft.graph.terms import Ints, merge, strings
from kgpeft.graph.vocabulary import RDF, XSD

if TYPE_CHECKING:
    import pyarrow as pa

Node = str  # an IRI or plain name; "_:" + id for a blank node; '"' + value + "^^" + datatype (or "@lang") for a literal

STORED = 32 << 20  # bytes of blocks that go to disk together
STRING = XSD + "string"


def literal(value: str, datatype: str = STRING, lang: str = "") -> Node:
    """The key of a literal; a language tag takes the datatype's place."""
    return f'"{value}^^@{language(lang)}' if lang else f'"{value}^^{datatype}'


def language(tag: str) -> str:
    """A language tag in lower case; ``en_US`` is meant as en-us."""
    return tag.lower().replace("_", "-")


def split_literal(node: Node) -> tuple[str, str, str]:
    """Value, datatype and language of a literal's key, with or without its leading quote."""
    value, _, tail = node.removeprefix('"').rpartition("^^")
    return (value, RDF + "langString", tail[1:]) if tail.startswith("@") else (value, tail, "")


class Block(NamedTuple):
    """Triples [T] as columns of numbers into the block's own terms [n], and the line each comes from.

    A line of 0 is unknown; a negative one is the number of the statement in its source, whose line
    ``formats.rdf.lines`` finds when it is asked for.
    """

    s: Ints
    p: Ints
    o: Ints
    line: Ints
    terms: "pa.Array"


def united(blocks: Sequence[Block]) -> Block:
    """Blocks as one."""
    terms, places = merge([block.terms for block in blocks])
    none = [np.zeros(0, np.int32)] * 4
    columns = ([*(place[column] for column in one[:3]), one.line] for one, place in zip(blocks, places, strict=False))
    s, p, o, line = map(np.concatenate, zip(none, *columns, strict=True))
    return Block(s, p, o, line, terms.array)


@dataclass
class Statements:
    """Triples from all sources: blocks that are done, and the open columns that ``add`` fills for the current source.

    ``starts[i]`` is the row at which source i begins. Readers of line-oriented formats set ``line`` before they add
    (0: unknown). What could not be read is in ``quarantined`` and ``dropped``.
    """

    blocks: "list[Block | Stored]" = field(default_factory=list)
    spool: Spool | None = None  # where the blocks lie, if not in memory
    may_spill: bool = False  # to disk, once they are large for the memory there is
    held: int = 0  # bytes of the blocks in memory
    terms: dict[Node, int] = field(default_factory=dict)
    subjects: "array[int]" = field(default_factory=lambda: array("i"))
    predicates: "array[int]" = field(default_factory=lambda: array("i"))
    objects: "array[int]" = field(default_factory=lambda: array("i"))
    lines: "array[int]" = field(default_factory=lambda: array("i"))
    line: int = 0
    sources: list[dict[str, Any]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    quarantined: list[dict[str, Any]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    blanks: int = 0
    freed: int = 0  # rows of blocks that are gone
    columns: Mapping[str, str] = field(default_factory=dict)  # of tables, as ReadSettings has them

    def begin(self, source: dict[str, Any]) -> None:
        """Everything added from now on comes from this source."""
        self.close()
        self._store()
        self.line = 0
        self.sources.append(source)
        self.starts.append(len(self))

    def withdraw(self) -> None:
        """Undoes ``begin``: what the current source added is gone, and it is none."""
        self.close()
        rows, path = self.starts.pop(), self.sources.pop()["path"]
        while len(self) > rows:
            self.blocks.pop()
        self.quarantined[:] = [part for part in self.quarantined if part["source"] != path]

    def close(self) -> None:
        """Makes a block of the open columns; the numbers ``term`` gave are void."""
        if self.subjects:
            columns = (self.subjects, self.predicates, self.objects, self.lines)
            s, p, o, line = (np.frombuffer(column, np.int32) for column in columns)
            self._keep(Block(s, p, o, line, strings(list(self.terms))))
        self.terms = {}
        self.subjects, self.predicates, self.objects, self.lines = (array("i") for _ in range(4))

    def free(self) -> None:
        """Lets go of the blocks, which columns have been made of; only their number of rows is known from now on."""
        self.freed, self.blocks = len(self), []

    def append(self, block: Block) -> None:
        """Triples that a reader has numbered itself, after those added so far."""
        self.close()
        self._keep(block)

    def _keep(self, block: Block) -> None:
        self.blocks.append(block)
        self.held += block.terms.nbytes + 16 * len(block.s)
        if self.may_spill and not self.spool and too_large(self.held):
            self.spool, self.held = Spool(), 0
            self.blocks = [self.spool.keep(cast(Block, one)) for one in self.blocks]
        if self.held > STORED:
            self._store()

    def _store(self) -> None:
        """Brings the blocks that are in memory to disk, if that is where they go: few large ones instead of many."""
        if self.spool:
            waiting = list[Block]()
            while self.blocks and isinstance(self.blocks[-1], Block):
                waiting.insert(0, cast(Block, self.blocks.pop()))
            if waiting:
                self.blocks.append(self.spool.keep(united(waiting)))
            self.held = 0

    def term(self, node: Node) -> int:
        """The number of a term in the open columns."""
        return self.terms.setdefault(node, len(self.terms))

    def blank(self) -> Node:
        """A blank node used nowhere else."""
        self.blanks += 1
        return f"_:{len(self.sources)}.{self.blanks}"

    def add(self, subject: Node, predicate: Node, node: Node) -> None:
        """One triple."""
        self.row(self.term(subject), self.term(predicate), self.term(node))

    def row(self, subject: int, predicate: int, node: int) -> None:
        """One triple of terms that have numbers already."""
        self.subjects.append(subject)
        self.predicates.append(predicate)
        self.objects.append(node)
        self.lines.append(self.line)

    def quarantine(self, line: int, reason: str) -> None:
        """One part of the current source that could not be read."""
        self.quarantined.append({"source": self.sources[-1]["path"], "line": line, "reason": " ".join(reason.split())})

    def __len__(self) -> int:
        return self.freed + sum(len(block.s) for block in self.blocks) + len(self.subjects)
