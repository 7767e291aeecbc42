"""A deterministic grader: was the right thing named, and nothing else claimed? No model judges.

An output is cut into names (longest match against the graph), refusal phrases, and leftover words. What is neither the
question's own wording nor a function word is a claim; one claim beyond the gold makes the answer incorrect.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.names import LONG, Link, NameIndex
from kgpeft.evaluation.refusals import GUESSES, HEDGES, NEGATIONS, refused
from kgpeft.evaluation.wording import FUNCTION, NUMBERS_IN_WORDS, UNITS, Tokens, fold, is_number, stem, tokens

Outcome = Literal["correct", "incorrect", "abstained"]
Kind = Literal["", "invented", "confused", "contradiction", "unsupported"]
YES, NO = frozenset(("yes", "true")), frozenset(("no", "false"))
AUXILIARIES = frozenset("is are was were does do did can could has have had will would should".split())
ENOUGH_F1 = 0.75  # of a description's tokens


@dataclass(frozen=True)
class Grade:
    """The outcome and the reason in plain words, what sort of error it is, and figures that belong to it.

    `details`: precision, recall and f1 over the gold set; the axiom that a contradiction breaks; how far a name that
    was confused with the gold lies from it.
    """

    outcome: Outcome
    why: str
    flag: str = ""  # "empty": no output; "denied": an unanswerable question's premise; "underspecified": true, too broad
    kind: Kind = ""  # of an incorrect one
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def precision(self) -> float | None:
        """The share of what was claimed that is gold, where that can be told."""
        return self.details.get("precision")

    @property
    def recall(self) -> float | None:
        """The share of the gold that was named, where that can be told."""
        return self.details.get("recall")


@dataclass(frozen=True)
class _Claim:
    """What an output says: gold alias sets named, other entities, words that link to nothing, refusal, denial."""

    named: frozenset[int]
    others: tuple[str, ...]
    invented: tuple[str, ...]
    refuses: bool
    denies: bool

    @property
    def stray(self) -> str:
        return ", ".join(repr(text) for text in self.others + self.invented)


def grade(question: Question, text: str, names: NameIndex) -> Grade:
    """The grade of one output: correct, incorrect (a hallucination) or abstained, and why."""
    if not tokens(text):
        return Grade("abstained", "the output is empty", flag="empty")
    said = tokens(answer_part(text))
    if not said:
        return Grade("incorrect", "the output holds no word that can be read")
    claim = _Reader(question, names).read(said)
    if claim.refuses and not (claim.named or claim.stray):
        return Grade("abstained", "it says that it does not know, and claims nothing else")
    if not question.answerable:
        return _unanswerable(question, claim)
    if wanted := _yes_or_no(question):
        return _decided(said, wanted)
    if not claim.named and (long := [tokens(a) for golds in question.answers for a in golds if _is_long(a, names)]):
        return _described(said, long, question)
    return _named(question, claim)


def answer_part(text: str) -> str:
    """What follows the last "Answer:", else the first paragraph, else (a refusal, a list, a final colon) everything."""
    text = next((part for part in reversed(re.split(r"(?im)^\W*(?:final )?answer\W*:", text)) if part.strip()), "")
    text = re.sub(r"https?://\S+|\b[A-Z][A-Za-z]+[:_]\d{4,}\b|\[\d+\]", " ", text)
    listed = r"(?m)^\s*(?:\d{1,2}[.)]|[-*•])\s+(?=\S)"
    first = re.split(r"\n\s*\n", text.strip())[0]
    whole = first.rstrip(" *_").endswith(":") or re.match(listed, first) or refused(tokens(first))
    return re.sub(listed, "; ", text if whole else first)


def _unanswerable(question: Question, claim: _Claim) -> Grade:
    yes_no = (tokens(question.question) or ("",))[0] in AUXILIARIES
    if claim.denies and not claim.stray and not yes_no:
        return Grade("abstained", "it denies that there is an answer, and claims nothing else", flag="denied")
    return Grade("incorrect", f"there is no answer, yet it claims {claim.stray or 'one'}", details={"precision": 0.0})


def _yes_or_no(question: Question) -> frozenset[str]:
    words = {word for golds in question.answers for alias in golds for word in (" ".join(tokens(alias)),)}
    return next((wanted for wanted in (YES, NO) if words <= wanted), frozenset())


def _decided(said: Tokens, wanted: frozenset[str]) -> Grade:
    if said[0] not in YES | NO:
        return Grade("incorrect", f"a yes-no question is answered with {said[0]!r}")
    if said[0] in wanted:
        return Grade("correct", f"it says {said[0]!r}, as the graph does")
    return Grade("incorrect", f"it says {said[0]!r}, the graph does not")


def _is_long(alias: str, names: NameIndex) -> bool:
    key = tokens(alias)
    return len(key) > LONG and not names.find(key)


def _described(said: Tokens, golds: list[Tokens], question: Question) -> Grade:
    """A description is right if most of its words are there, or if a stretch of it is given word for word."""
    own = FUNCTION | set(tokens(question.question))
    start = next((i for i, word in enumerate(said) if word not in own), 0)
    best = 0.0
    for gold in golds:
        same_sense = bool(NEGATIONS & set(said)) == bool(NEGATIONS & set(gold))
        for cut in {0, start}:
            part = said[cut:]
            if len(part) >= LONG and f" {' '.join(part)}" in f" {' '.join(gold)}":
                return Grade("correct", "it gives the description word for word")
            best = max(best, _f1(part, gold) if same_sense else 0.0)
    outcome: Outcome = "correct" if best >= ENOUGH_F1 else "incorrect"
    return Grade(outcome, f"its words overlap with the description at F1 {best:.2f} (needed: {ENOUGH_F1})")


def _f1(said: Tokens, gold: Tokens) -> float:
    shared = (Counter(map(fold, said)) & Counter(map(fold, gold))).total()
    return 2 * shared / (len(said) + len(gold))


def _named(question: Question, claim: _Claim) -> Grade:
    """Right if at least half of the gold is named and nothing beside it is claimed."""
    asked, hits = len(question.answers), len(claim.named)
    wrong = len(claim.others) + bool(claim.invented)
    precision, recall = hits / (hits + wrong) if hits + wrong else 0.0, hits / asked
    gold = " / ".join(aliases[0] for aliases in question.answers[:3])
    if claim.others:
        why = f"it names {', '.join(map(repr, claim.others))}, which is not the answer ({gold})"
    elif claim.invented:
        why = f"it claims {', '.join(map(repr, claim.invented))}, which names nothing the graph knows ({gold})"
    elif not hits:
        why = f"it does not name the answer ({gold})"
    elif claim.denies:
        why = f"it names the answer ({gold}) only to negate it"
    elif 2 * hits < asked:
        why = f"it names {hits} of {asked} answers, less than half"
    else:
        why = f"it names {'the answer' if asked == 1 else f'{hits} of {asked} answers'} and claims nothing else"
        return Grade("correct", why, details={"precision": precision, "recall": recall})
    return Grade("incorrect", why, details={"precision": precision, "recall": recall})


class _Reader:
    """Cuts outputs to one question into gold, other entities, refusals and leftovers."""

    def __init__(self, question: Question, names: NameIndex) -> None:
        self.names = names
        self.asked = tokens(question.question)
        self.golds = [{tokens(alias) for alias in aliases} - {()} for aliases in question.answers]
        self.gold_ids = [self._identity(aliases[0]) for aliases in question.answers]
        self.golds = [keys | self._shorter(keys, ids) for keys, ids in zip(self.golds, self.gold_ids, strict=True)]
        self.most = max((len(key) for keys in self.golds for key in keys), default=0)
        mentioned = {node for link in names.links(self.asked) for node in link.ids}
        gold_ids = {node for ids in self.gold_ids for node in ids}
        self.mentioned, self.classes = mentioned, names.above(mentioned)
        self.gold_classes = names.above(gold_ids)
        self.own_words = {fold(word) for word in self.asked}
        self.tolerated = {stem(word) for word in self.asked} | names.relation_words
        self.plain_numbers = any(len(key) == 1 and is_number(key[0]) for keys in self.golds for key in keys)

    def read(self, said: Tokens) -> _Claim:
        """The claim an output makes."""
        links = list(self._links(said))
        hits = {link: self._gold(said, link) for link in links}
        named = {link: gold for link, gold in hits.items() if gold is not None}
        covered = {i for link in named for i in range(link.start, link.stop)}
        refusal = refused(said) - covered
        hedged = frozenset(map(fold, HEDGES)) if refusal else frozenset()
        guessed = refusal and not named and not GUESSES.isdisjoint(said)  # "I don't know, maybe a mineral"
        excused = self.mentioned | (set() if guessed else self.classes) | (self.gold_classes if named else set())
        beside = [link for link in links if link not in named and not link.ids & excused]
        others = [link for link in beside if not self._is_wording(said, link, refusal, hedged)]
        covered |= refusal | {i for link in links for i in range(link.start, link.stop)}
        left = [i for i in range(len(said)) if i not in covered]
        return _Claim(
            frozenset(named.values()),
            tuple(dict.fromkeys(" ".join(said[link.start:link.stop]) for link in others)),
            _phrases(said, [i for i in left if not self._tolerated(said, i, hedged)]),
            bool(refusal),
            any(said[i] in NEGATIONS and said[i] not in self.asked for i in left))

    def _links(self, said: Tokens) -> list[Link]:
        """Links to the graph, where a gold alias that the graph does not know counts as a name too."""
        links, start = [], 0
        while start < len(said):
            stop = next((stop for stop in range(min(len(said), start + self.most), start, -1)
                         if self._key(said[start:stop])), start)
            link = self.names.at(said, start)
            if stop > (link.stop if link else start):
                link = Link(start, stop, self.names.find(said[start:stop]))
            links += [link] if link else []
            start = link.stop if link else start + 1
        return links

    def _gold(self, said: Tokens, link: Link) -> int | None:
        """The gold alias set that the link names, unless it only repeats a longer phrase of the question."""
        name = said[link.start:link.stop]
        key = self._key(name)
        for gold, (keys, ids) in enumerate(zip(self.golds, self.gold_ids, strict=True)):
            if key in keys or ids & link.ids:
                return None if self._repeats(said, link) else gold
        return None

    def _key(self, name: Tokens) -> Tokens:
        """The gold key the words stand for: as they are, or with plurals folded where no other entity has that name."""
        for keys in self.golds:
            if name in keys:
                return name
        folded = tuple(map(fold, name))
        near = [key for keys in self.golds for key in keys if tuple(map(fold, key)) == folded]
        return near[0] if near and not self.names.exact.get(name) else ()

    def _identity(self, label: str) -> frozenset[int]:
        ids = self.names.find(tokens(label))
        return ids if len(ids) == 1 else frozenset()

    def _shorter(self, keys: set[Tokens], ids: frozenset[int]) -> set[Tokens]:
        """Keys without their head words where the question says those: "trigonal" for "Which crystal system ...?"."""
        found = set()
        own = {fold(word) for word in self.asked}
        for key in keys:
            stop = len(key)
            while stop and fold(key[stop - 1]) in own:
                stop -= 1
            short = key[:stop]
            if 0 < stop < len(key) and short[-1] not in FUNCTION and self.names.find(short) <= ids:
                found.add(short)
        counts = {key[0] for key in keys if len(key) == 1}
        return found | {(word,) for count, word in enumerate(NUMBERS_IN_WORDS) if str(count) in counts and count != 1}

    def _repeats(self, said: Tokens, link: Link) -> bool:
        size = link.stop - link.start
        for at in range(len(self.asked) - size + 1):
            if self.asked[at:at + size] != said[link.start:link.stop]:
                continue
            before = set(self.asked[max(at - 1, 0):at]) & set(said[max(link.start - 1, 0):link.start])
            after = set(self.asked[at + size:at + size + 1]) & set(said[link.stop:link.stop + 1])
            if (before | after) - FUNCTION:
                return True
        return False

    def _is_wording(self, said: Tokens, link: Link, refusal: frozenset[int], hedged: frozenset[str]) -> bool:
        """Whether the name is no more than the wording of a refusal or of the question."""
        words = [fold(word) for word in said[link.start:link.stop]]
        return set(range(link.start, link.stop)) <= refusal or all(
            word in self.own_words or word in FUNCTION or word in hedged for word in words)

    def _tolerated(self, said: Tokens, i: int, hedged: frozenset[str]) -> bool:
        if {said[i], fold(said[i])} & (FUNCTION | NEGATIONS | hedged) or stem(said[i]) in self.tolerated:
            return True
        before = next((said[j] for j in range(i - 1, -1, -1) if said[j] not in UNITS and said[j] not in FUNCTION), "")
        return self.plain_numbers and said[i] in UNITS and (is_number(before) or before in NUMBERS_IN_WORDS)


def _phrases(said: Tokens, positions: list[int]) -> tuple[str, ...]:
    """The words at the positions, neighbours joined."""
    runs: list[list[int]] = []
    for i in positions:
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return tuple(dict.fromkeys(" ".join(said[i] for i in run) for run in runs))
