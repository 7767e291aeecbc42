"""A deterministic grader: was the right thing named, and nothing else claimed? No model judges.

An output is cut into names (longest match against the graph), refusal phrases, and leftover words. What is neither the
question's own wording nor a function word is a claim; one claim beyond the gold makes the answer incorrect.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.names import LONG, NameIndex
from kgpeft.evaluation.quantities import is_number
from kgpeft.evaluation.reading import Claim, Reader, answer_part, reader_of
from kgpeft.evaluation.refusals import NEGATIONS
from kgpeft.evaluation.wording import FUNCTION, Tokens, tokens
from kgpeft.spelling import fold

__all__ = ["Grade", "Kind", "Outcome", "answer_part", "grade"]

Outcome = Literal["correct", "incorrect", "abstained"]
Kind = Literal["", "invented", "confused", "contradiction", "unsupported"]
YES, NO = frozenset(("yes", "true")), frozenset(("no", "false"))
AUXILIARIES = frozenset("is are was were does do did can could has have had will would should".split())
PRESUPPOSES = "presupposition"  # in the name of a family whose questions presuppose what is not so
ENOUGH_F1 = 0.75  # of a description's tokens


@dataclass(frozen=True)
class Grade:
    """The outcome and the reason in plain words, what sort of error it is, and figures that belong to it.

    `details`: precision, recall and f1 over the gold set; the "axiom" that a contradiction breaks; the "distance" of a
    confused name from the gold ("narrower", "sibling" or "unrelated").
    """

    outcome: Outcome
    why: str
    flag: str = ""  # empty, denied or corrected (an unanswerable question's premise), underspecified (true, too broad)
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


def grade(question: Question, text: str, names: NameIndex) -> Grade:
    """The grade of one output: correct, incorrect (a hallucination) or abstained, and why."""
    if not tokens(text):
        return Grade("abstained", "the output is empty", flag="empty")
    reader = reader_of(question, names)
    claim = reader.read(text)
    said = claim.said
    if not said:
        return Grade("incorrect", "the output holds no word that can be read")
    if claim.refuses and not (claim.named or claim.stray or claim.broader):
        return Grade("abstained", "it says that it does not know, and claims nothing else")
    if not question.answerable:
        return _unanswerable(question, claim, _Known(question, reader))
    if wanted := _yes_or_no(question):
        return _decided(said, wanted, _Known(question, reader))
    if not claim.named and (long := [tokens(a) for golds in question.answers for a in golds if _is_long(a, names)]):
        return _described(said, long, question)
    return _named(question, claim, _Known(question, reader))


class _Known:
    """What the graph knows of the claims to one question: which axioms they break, how far they are from the gold."""

    def __init__(self, question: Question, reader: Reader) -> None:
        self.axioms, self.relation = reader.names.axioms, question.relation or ""
        self.subject = self.axioms.ids.get(question.subject or "") if self.axioms else None
        self.golds = {node for ids in reader.golds.ids for node in ids}
        self.numbers = [key for key in reader.golds.exact if len(key) == 1 and is_number(key[0])]
        self.mentioned, self.names = reader.mentioned, reader.names
        facts = question.facts if PRESUPPOSES in question.family else ()
        ids = self.axioms.ids if self.axioms else {}
        self.corrections = {ids[term] for fact in facts for term in fact if term in ids}  # what is so instead

    def broken(self, claimed: Sequence[Iterable[int]]) -> str:
        """The axiom broken whichever of what is named the relation is claimed to hold for, "" if one breaks none."""
        found = [[self._broken(node) for node in nodes] for nodes in claimed]
        return found[0][0] if found and all(nodes and all(nodes) for nodes in found) else ""

    def _broken(self, node: int) -> str:
        if self.axioms is None or self.subject is None:
            return ""
        reverse = any(self.axioms.states(gold, self.relation, self.subject) for gold in self.golds)  # who has it?
        one, other = (node, self.subject) if reverse else (self.subject, node)
        return self.axioms.broken(one, self.relation, other)

    def broken_by_number(self, words: Iterable[str]) -> str:
        """The axiom broken if one of the words is another number than the one there can be."""
        single = self.axioms.single(self.relation) if self.axioms and self.numbers else ""
        other = any(is_number(part) for word in words for part in word.split())
        return f"{single}, and the graph has {self.numbers[0][0]}" if single and other else ""

    def distance(self, nodes: frozenset[int]) -> str:
        """How far what was named is from the gold: a narrower term, one with the same direct class, or further."""
        if self.golds & self.names.above(nodes):
            return "narrower"
        direct = {above for node in self.golds for above in self.names.broader.get(node, ())}
        return "sibling" if any(direct & self.names.broader.get(node, frozenset()) for node in nodes) else "unrelated"

    def denied(self) -> str:
        """The statement of the graph that a "no" denies, "" if there is none."""
        axioms, subject = self.axioms, self.subject
        if axioms is None or subject is None:
            return ""
        stated = (node for node in sorted(self.mentioned) if axioms.states(subject, self.relation, node))
        return next((axioms.say(subject, self.relation, node) for node in stated), "")


def _unanswerable(question: Question, claim: Claim, known: _Known) -> Grade:
    yes_no = (tokens(question.question) or ("",))[0] in AUXILIARIES
    beside = [ids for ids in claim.ids if not ids & known.corrections]
    if claim.denies and not yes_no and not beside and not claim.invented:
        flag, more = ("corrected", "says what is so instead") if claim.ids else ("denied", "claims nothing else")
        return Grade("abstained", f"it denies that there is an answer, and {more}", flag=flag)
    axiom = known.broken(claim.ids)
    kind: Kind = "contradiction" if axiom else "invented" if claim.invented and not claim.others else "unsupported"
    why = f"there is no answer, yet it claims {claim.stray or 'one'}{_but(axiom)}"
    return Grade("incorrect", why, kind=kind, details=_figures(0.0, None) | _axiom(axiom))


def _but(axiom: str) -> str:
    return f", but {axiom}" if axiom else ""


def _axiom(axiom: str) -> dict[str, Any]:
    return {"axiom": axiom} if axiom else {}


def _figures(precision: float, recall: float | None) -> dict[str, Any]:
    """Precision, recall and F1, their harmonic mean; without a gold there is only precision."""
    if recall is None:
        return {"precision": precision}
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def _yes_or_no(question: Question) -> frozenset[str]:
    words = {word for golds in question.answers for alias in golds for word in (" ".join(tokens(alias)),)}
    return next((wanted for wanted in (YES, NO) if words <= wanted), frozenset())


def _decided(said: Tokens, wanted: frozenset[str], known: _Known) -> Grade:
    if said[0] not in YES | NO:
        return Grade("incorrect", f"a yes-no question is answered with {said[0]!r}")
    if said[0] in wanted:
        return Grade("correct", f"it says {said[0]!r}, as the graph does")
    axiom = known.broken([known.mentioned - {known.subject}]) if said[0] in YES else known.denied()
    why = f"it says {said[0]!r}, the graph does not{_but(axiom)}"
    return Grade("incorrect", why, kind="contradiction" if axiom else "unsupported", details=_axiom(axiom))


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
    why = f"its words overlap with the description at F1 {best:.2f} (needed: {ENOUGH_F1})"
    return Grade("correct", why) if best >= ENOUGH_F1 else Grade("incorrect", why, kind="unsupported")


def _f1(said: Tokens, gold: Tokens) -> float:
    shared = (Counter(map(fold, said)) & Counter(map(fold, gold))).total()
    return 2 * shared / (len(said) + len(gold))


def _named(question: Question, claim: Claim, known: _Known) -> Grade:
    """Right if at least half of the gold is named and nothing beside it is claimed."""
    asked, hits = len(question.answers), len(claim.named)
    wrong = len(claim.others) + bool(claim.invented)
    figures = _figures(hits / (hits + wrong) if hits + wrong else 0.0, hits / asked)
    gold = " / ".join(aliases[0] for aliases in question.answers[:3])
    if claim.others or claim.invented:
        return _strayed(claim, gold, known, figures)
    if claim.denies and hits:
        why = f"it names the answer ({gold}) only to negate it"
        return Grade("incorrect", why, kind="unsupported", details=figures)
    if claim.broader and not hits and not claim.denies:
        why = f"it names {', '.join(map(repr, claim.broader))}, which is true but less than the answer ({gold})"
        return Grade("abstained", why, flag="underspecified", details=figures)
    if not hits:
        return Grade("incorrect", f"it does not name the answer ({gold})", details=figures)
    if 2 * hits < asked:
        return Grade("incorrect", f"it names {hits} of {asked} answers, less than half", details=figures)
    named = "the answer" if asked == 1 else f"{hits} of {asked} answers"
    return Grade("correct", f"it names {named} and claims nothing else", details=figures)


def _strayed(claim: Claim, gold: str, known: _Known, figures: dict[str, Any]) -> Grade:
    """Something beside the gold is claimed: a name of the graph (confused), or none (invented)."""
    if claim.others:
        why = f"it names {', '.join(map(repr, claim.others))}, which is not the answer ({gold})"
    else:
        why = f"it claims {', '.join(map(repr, claim.invented))}, which names nothing the graph knows ({gold})"
    axiom = known.broken(claim.ids) or known.broken_by_number(claim.invented)
    kind: Kind = "contradiction" if axiom else "confused" if claim.others else "invented"
    distance = {"distance": known.distance(claim.ids[0])} if claim.ids and known.golds else {}
    return Grade("incorrect", why + _but(axiom), kind=kind, details=figures | distance | _axiom(axiom))
