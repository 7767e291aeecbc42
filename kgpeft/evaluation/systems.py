"""The systems that are compared: one base model, asked and taught in many ways. This is the one place to add one.

A system is a function from a `Bench` (what systems answer from) to a function from questions to outputs. All of one
base model are decoded greedily by the same rule and budget (`adapters.decoding`); those that read facts read as many.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgpeft.adapters.prompts import BARE, SYSTEM, prompt
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.dataset.questions import Question
from kgpeft.errors import UsageError
from kgpeft.evaluation import graphs, trivial
from kgpeft.evaluation.endpoint import PREFIX, endpoint
from kgpeft.evaluation.outputs import Answerer, Output

if TYPE_CHECKING:
    from kgpeft.adapters.adapter import Adapter
    from kgpeft.evaluation.bench import Bench
    from kgpeft.graph import KnowledgeGraph

BATCH = 128  # questions decoded together
CAUTIOUS = (
    "Answer with the name or value alone, and only if you are certain that it is right. If you are not certain, or if "
    f'the question is about something that you do not know, say only "{REFUSAL}"'
)

Facts = Callable[["Bench", Sequence[Question]], list[tuple[str, ...]]]


@dataclass(frozen=True)
class System:
    """A system: how it is opened, and what its answers depend on beside the questions.

    `needs` are names of parts of a bench: base, search, weights, graph, facts, or a rival that must be trained.
    """

    open: Callable[[Bench], Answerer]
    needs: tuple[str, ...] = ("base",)


def find(name: str) -> System:
    """The system of this name; UsageError names those there are."""
    if name.startswith(PREFIX):
        return System(lambda bench: endpoint(name), ())
    if name not in SYSTEMS:
        near = difflib.get_close_matches(name, SYSTEMS, 1)
        raise UsageError(
            f"no system called {name!r}", instead=f"there are {', '.join(SYSTEMS)}, {PREFIX}URL#MODEL",
            remedy=f"did you mean {near[0]!r}?" if near else "",
        )
    return SYSTEMS[name]


# the base model, and the base model with facts as text ---------------------------------------------------------------
def _base(system: str, facts: Facts | None = None, needs: tuple[str, ...] = ()) -> System:
    def opened(bench: Bench) -> Answerer:
        adapter = bench.adapter
        return lambda asked: _generated(adapter, _prompts(bench, asked, system, facts), adapter.switched_off)

    return System(opened, ("base", *needs))


def _lora(rival: str, facts: Facts | None = None, needs: tuple[str, ...] = ()) -> System:
    def opened(bench: Bench) -> Answerer:
        taught = bench.rival(rival)
        return lambda asked: _generated(taught, _prompts(bench, asked, SYSTEM, facts), taught.memory.merged)

    return System(opened, (rival, *needs))


@dataclass(frozen=True)
class _Prompt:
    text: str
    facts: tuple[str, ...]


def _prompts(bench: Bench, asked: Sequence[Question], system: str, facts: Facts | None) -> list[_Prompt]:
    given = facts(bench, asked) if facts else [()] * len(asked)
    return [
        _Prompt(prompt(bench.adapter.tokenizer, q.question, told, system), told)
        for q, told in zip(asked, given, strict=True)
    ]


def _generated(
    adapter: Adapter, prompts: Sequence[_Prompt], mode: Callable[[], AbstractContextManager[None]]
) -> list[Output]:
    """Plain generation; prompts of like length go together, so that little is computed for padding."""
    from kgpeft.adapters.tokens import parcels

    outputs: dict[int, Output] = {}
    with mode():
        for part in parcels([len(p.text) for p in prompts], BATCH):
            begin = time.perf_counter()
            said = adapter.generate([prompts[i].text for i in part], None)
            seconds = (time.perf_counter() - begin) / len(part)
            for i, s in zip(part, said, strict=True):
                facts = prompts[i].facts
                outputs[i] = Output(s.text, not s.text, s.confidence, seconds, facts, (), s.heard, s.spoken)
    return [outputs[i] for i in range(len(prompts))]


def _selected(bench: Bench, asked: Sequence[Question]) -> list[tuple[str, ...]]:
    return [tuple(s.text for s in e.statements) for e in bench.evidence(asked)]


def _bm25(bench: Bench, asked: Sequence[Question]) -> list[tuple[str, ...]]:
    return bench.retrieved("bm25", asked)


def _dense(bench: Bench, asked: Sequence[Question]) -> list[tuple[str, ...]]:
    return bench.retrieved("dense", asked)


def _oracle(bench: Bench, asked: Sequence[Question]) -> list[tuple[str, ...]]:
    return bench.supporting(asked)


# ours ----------------------------------------------------------------------------------------------------------------
def _ours(bench: Bench) -> Answerer:
    return _asked(bench.adapter, bench.batch)


def _over(change: Callable[[KnowledgeGraph], KnowledgeGraph]) -> Callable[[Bench], Answerer]:
    """Ours, answering from another graph."""
    return lambda bench: _asked(bench.over(change(bench.graph)), bench.batch)


def _asked(adapter: Adapter, batch: int) -> Answerer:
    def answer(asked: Sequence[Question]) -> list[Output]:
        with adapter.memory.merged():
            said = adapter.ask_many([q.question for q in asked], batch=batch)
        return [
            Output(a.text, a.abstained, a.confidence, a.seconds, a.facts, tuple(map(str, a.citations)), *a.tokens)
            for a in said
        ]

    return answer


def _adapted(bench: Bench) -> Answerer:
    """The adapted model without its graph, asked as the base is: what it has kept of what the base knew."""
    adapter = bench.adapter
    return lambda asked: _generated(adapter, _prompts(bench, asked, BARE, None), adapter.memory.merged)


def _checked(bench: Bench) -> Answerer:
    """Ours, but an answer stands only if its fact is likelier to be meant than that the graph does not say."""
    answer = _ours(bench)

    def checked(asked: Sequence[Question]) -> list[Output]:
        return list(_upheld(answer(asked), bench, asked))

    return checked


def _upheld(outputs: Sequence[Output], bench: Bench, asked: Sequence[Question]) -> Iterator[Output]:
    from kgpeft.adapters.adapter import ABSTENTION, support

    for output, evidence in zip(outputs, bench.evidence(asked), strict=True):
        rests = None if output.abstained else support(output.text, evidence)
        fits = rests and evidence.scores[evidence.statements.index(rests[0])] >= evidence.absent
        settled = output.text in ("yes", "no")  # by the graph: a reader's own yes has become a refusal already
        yield output if output.abstained or settled or fits else Output(
            ABSTENTION, True, output.confidence, output.seconds, output.facts, (), output.heard, output.spoken)


SYSTEMS: dict[str, System] = {
    "base": _base(BARE),
    "base+refusal": _base(CAUTIOUS),
    "base+facts": _base(SYSTEM, _selected, ("search",)),
    "base+bm25": _base(SYSTEM, _bm25, ("graph",)),
    "base+dense": _base(SYSTEM, _dense, ("search",)),
    "base+oracle": _base(SYSTEM, _oracle, ("facts",)),
    "lora": _lora("lora"),
    "lora+refusals": _lora("lora+refusals"),
    "lora+facts": _lora("lora+facts", _selected, ("search",)),
    "kgpeft": System(_ours, ("weights",)),
    "adapted": System(_adapted, ("weights",)),
    "kgpeft+check": System(_checked, ("weights",)),
    "empty": System(_over(graphs.emptied), ("weights",)),
    "shuffled": System(_over(graphs.shuffled), ("weights",)),
    "wrong": System(_over(graphs.misnamed), ("weights",)),
    "counterfactual": System(_over(graphs.counterfactual), ("weights",)),
    "always-refuse": System(trivial.refusing, ()),
    "majority": System(trivial.majority, ("graph",)),
    "head-word": System(trivial.head_word, ("search",)),
    "nearest-label": System(trivial.nearest_label, ("search",)),
}
RIVALS = ("lora", "lora+refusals", "lora+facts")  # trained anew, each in the time that ours is trained
# ours with another graph: what it answers as before, it does not know from ours
CONTROLS = ("empty", "shuffled", "wrong", "counterfactual")
