"""What an output claims: it is cut into gold names, other names, refusals, and words that link to nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.golds import Golds
from kgpeft.evaluation.names import ARTICLES, MARKS, Link, NameIndex, has_marks
from kgpeft.evaluation.quantities import NUMBERS_IN_WORDS, in_base_units, is_number, is_quantity, unit_asked_for
from kgpeft.evaluation.refusals import GUESSES, HEDGES, NEGATIONS, refused
from kgpeft.evaluation.wording import FUNCTION, UNITS, Tokens, tokens
from kgpeft.spelling import fold, forms, run_together, stem

MOST_READERS = 10_000  # kept at once
_LISTED = r"(?m)^\s*(?:\d{1,2}[.)]|[-*•])\s+(?=\S)"
_LINK = r"https?://\S+|\[\d+\]"
_CURIE = r"\b[A-Z][A-Za-z]+[:_]\d{4,}\b"


@dataclass(frozen=True)
class Claim:
    """What an output says: gold alias sets named, other entities, words that link to nothing, refusal, denial."""

    said: Tokens
    named: frozenset[int]
    others: tuple[str, ...]
    ids: tuple[frozenset[int], ...]  # of the others
    broader: tuple[str, ...]  # classes of the gold, where the gold itself is not named
    invented: tuple[str, ...]
    refuses: bool
    denies: bool

    @property
    def stray(self) -> str:
        """All that is claimed beside the gold."""
        return ", ".join(repr(text) for text in self.others + self.invented)


def answer_part(text: str, kept: str = "") -> str:
    """What follows the last "Answer:", else the first paragraph, else (a refusal, a list, a final colon) everything.

    Links and identifiers are left out, but for the identifiers that stand in `kept`.
    """
    text = next((part for part in reversed(re.split(r"(?im)^\W*(?:final )?answer\W*:", text)) if part.strip()), "")
    text = re.sub(_CURIE, lambda match: match[0] if match[0].casefold() in kept else " ", re.sub(_LINK, " ", text))
    first = re.split(r"\n\s*\n", text.strip())[0]
    whole = first.rstrip(" *_").endswith(":") or re.match(_LISTED, first) or refused(tokens(first))
    return re.sub(_LISTED, "; ", text if whole else first)


class Reader:
    """Cuts outputs to one question into gold, other entities, refusals and leftovers."""

    def __init__(self, question: Question, names: NameIndex) -> None:
        self.names = names
        self.asked = tokens(question.question)
        self.kept = " ".join(alias for aliases in question.answers for alias in aliases).casefold()
        unit = unit_asked_for(question.question)
        aliases = [_with_quantities(aliases, unit) for aliases in question.answers]
        marked = [tokens(alias) for found in aliases for alias in found if has_marks(alias)]
        self.marked = {run_together(form) for name in marked for form in forms(name)}
        self.measured = any(is_quantity(alias) for found in aliases for alias in found)
        self.golds = Golds(question, names, aliases)
        self.mentioned = {node for link in names.links(self.asked) for node in link.ids}
        self.classes = names.above(self.mentioned)
        self.gold_classes = names.above({node for ids in self.golds.ids for node in ids})
        self.own_words = {fold(word) for word in self.asked}
        self.tolerated = {stem(word) for word in self.asked} | names.relation_words

    def read(self, text: str) -> Claim:
        """The claim an output makes in the part that is graded; quantities in base units if the question is for one."""
        part = answer_part(text, self.kept)
        part = in_base_units(part) if self.measured else part
        return self._claim(tokens(part), _parted(part))

    def _claim(self, said: Tokens, parted: dict[int, str]) -> Claim:
        links = list(self._links(said, parted))
        hits = {link: self._gold(said, link) for link in links}
        named = {link: gold for link, gold in hits.items() if gold is not None}
        covered = {i for link in named for i in range(link.start, link.stop)}
        refusal = refused(said) - covered
        hedged = frozenset(map(fold, HEDGES)) if refusal else frozenset()
        guessed = refusal and not named and not GUESSES.isdisjoint(said)  # "I don't know, maybe a mineral"
        excused = self.mentioned | self.gold_classes | (set() if guessed else self.classes)
        beside = [link for link in links if link not in named and not link.ids & excused]
        others = [link for link in beside if not self._is_wording(said, link, refusal, hedged)]
        broader = [link for link in links if link.ids & self.gold_classes - self.mentioned and not named]
        covered |= refusal | {i for link in links for i in range(link.start, link.stop)}
        left = [i for i in range(len(said)) if i not in covered]
        return Claim(
            said,
            frozenset(named.values()),
            tuple(dict.fromkeys(" ".join(said[link.start:link.stop]) for link in others)),
            tuple(link.ids for link in others),
            tuple(dict.fromkeys(" ".join(said[link.start:link.stop]) for link in broader)),
            _phrases(said, [i for i in left if not self._tolerated(said, i, hedged)]),
            bool(refusal),
            any(said[i] in NEGATIONS and said[i] not in self.asked for i in left))

    def _links(self, said: Tokens, parted: dict[int, str]) -> list[Link]:
        """Links to the graph, where a gold alias that the graph does not know counts as a name too."""
        links, start = [], 0
        while start < len(said):
            link = self._link(said, start)
            inside = [at for at in parted if link and start < at < link.stop]
            if link and inside and not self._is_marked(said[start:link.stop]):
                link = self._within(said, link, inside, parted)
            links += [link] if link else []
            start = link.stop if link else start + 1
        return links

    def _within(self, said: Tokens, link: Link, marks: list[int], parted: dict[int, str]) -> Link | None:
        """The name that ends at a semicolon or line; or at a comma, if what stands before and behind it are names."""
        first = self._link(said[:marks[0]], link.start)
        rest = self._link(said[:link.stop], marks[0])
        names = first and rest and (first.stop, rest.stop) == (marks[0], link.stop)
        return first if names or any(parted[at] != "," for at in marks) else link

    def _is_marked(self, name: Tokens) -> bool:
        texts = {run_together(name), run_together(name[1:] if name[0] in ARTICLES else name)}
        return bool(texts & self.marked or texts & self.names.with_marks)

    def _link(self, said: Tokens, start: int) -> Link | None:
        """The longest name that begins at a word, of the gold or of the graph."""
        stop = self.golds.stop(said, start)
        if said[start] in ARTICLES and start + 1 < len(said):
            after = self.names.at(said, start + 1)
            stop = start if after and after.stop > stop else stop
        link = self.names.at(said, start)
        return Link(start, stop, self.names.find(said[start:stop])) if stop > (link.stop if link else start) else link

    def _gold(self, said: Tokens, link: Link) -> int | None:
        """The gold alias set that the link names, unless it only repeats a longer phrase of the question."""
        found = self.golds.find(said[link.start:link.stop])
        if found is None:
            found = next((gold for gold, ids in enumerate(self.golds.ids) if ids & link.ids), None)
        return None if found is not None and self._repeats(said, link) else found

    def _repeats(self, said: Tokens, link: Link) -> bool:
        """Whether the link stands in a run of words of the question that says more than the link."""
        size = link.stop - link.start
        for at in range(len(self.asked) - size + 1):
            if self.asked[at:at + size] != said[link.start:link.stop]:
                continue
            before = _shared(reversed(self.asked[:at]), reversed(said[:link.start]))
            after = _shared(self.asked[at + size:], said[link.stop:])
            if {*before, *after} - FUNCTION:
                return True
        return False

    def _is_wording(self, said: Tokens, link: Link, refusal: frozenset[int], hedged: frozenset[str]) -> bool:
        """Whether the name is no more than the wording of a refusal or of the question."""
        words = said[link.start:link.stop]
        return set(range(link.start, link.stop)) <= refusal or all(
            word in FUNCTION or fold(word) in self.own_words | hedged for word in words)

    def _tolerated(self, said: Tokens, i: int, hedged: frozenset[str]) -> bool:
        if {said[i], fold(said[i])} & (FUNCTION | NEGATIONS | hedged) or stem(said[i]) in self.tolerated:
            return True
        before = next((said[j] for j in range(i - 1, -1, -1) if said[j] not in UNITS and said[j] not in FUNCTION), "")
        counted = is_number(before) or before in NUMBERS_IN_WORDS
        return self.golds.are_counts and not self.measured and said[i] in UNITS and counted


def _shared(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """The words that both begin with."""
    return [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]


def reader_of(question: Question, names: NameIndex) -> Reader:
    """The reader of outputs to this question, which further outputs to it share."""
    readers = names.readers
    if question not in readers:
        if len(readers) >= MOST_READERS:
            readers.clear()
        readers[question] = Reader(question, names)
    return readers[question]


def _with_quantities(aliases: tuple[str, ...], unit: str) -> list[str]:
    """The aliases, and those with a unit in base units; a plain number takes the unit that the question asks for."""
    plain = [alias for alias in aliases if unit and is_number(" ".join(tokens(alias)))]
    measured = [alias for alias in (*aliases, *(f"{alias} {unit}" for alias in plain)) if is_quantity(alias)]
    return [*aliases, *map(in_base_units, measured)]


def _parted(text: str) -> dict[int, str]:
    """Before which words there is a semicolon, a comma or a new line; none where one stands within a date or value."""
    if not has_marks(text):
        return {}
    pieces, marks = re.split(MARKS, text)[::2], re.split(MARKS, text)[1::2]
    words = [tokens(piece) for piece in pieces]
    if sum(words, ()) != tokens(text):
        return {}
    found: dict[int, str] = {}
    at = 0
    for said, mark in zip(words, marks, strict=False):
        at += len(said)
        found[at] = mark if mark != "," else found.get(at, mark)
    return found


def _phrases(said: Tokens, positions: list[int]) -> tuple[str, ...]:
    """The words at the positions, neighbours joined."""
    runs: list[list[int]] = []
    for i in positions:
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return tuple(dict.fromkeys(" ".join(said[i] for i in run) for run in runs))
