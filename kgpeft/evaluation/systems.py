"""The systems that are compared: one base model, asked in four ways."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from kgpeft.adapters.adapter import Adapter
from kgpeft.adapters.prompts import BARE, prompt
from kgpeft.errors import UsageError
from kgpeft.evaluation.report import Output

SYSTEMS = ("base", "base+facts", "lora", "kgpeft")
BATCH = 16

Told = Callable[[int], None]


def answers(name: str, adapter: Adapter, questions: Sequence[str], progress: Told | None = None) -> list[Output]:
    """What a system says to the questions.

    `base` is the base model alone, `base+facts` reads the same selected facts as text, `lora` is `adapter`'s own LoRA
    without facts (give an adapter trained closed-book), `kgpeft` is the adapter. UsageError for other names.
    """
    tell = progress or (lambda done: None)
    if name == "kgpeft":
        return _adapted(adapter, questions, tell)
    if name == "lora":
        return _generated(adapter, [prompt(adapter.tokenizer, q) for q in questions], nullcontext(), tell)
    if name == "base":
        prompts = [prompt(adapter.tokenizer, q, system=BARE) for q in questions]
        return _generated(adapter, prompts, adapter.switched_off(), tell)
    if name == "base+facts":
        evidence = adapter.search.many(questions)
        facts = [tuple(s.text for s in e.statements) for e in evidence]
        prompts = [prompt(adapter.tokenizer, e.question, f) for e, f in zip(evidence, facts, strict=True)]
        return _generated(adapter, prompts, adapter.switched_off(), tell, facts)
    raise UsageError(f"no system called {name!r}", instead=f"there are {', '.join(SYSTEMS)}")


def _adapted(adapter: Adapter, questions: Sequence[str], tell: Told) -> list[Output]:
    return [
        Output(a.text, a.abstained, a.confidence, a.seconds, a.facts, tuple(map(str, a.citations)))
        for a in adapter.ask_many(questions, tell)
    ]


def _generated(
    adapter: Adapter, prompts: Sequence[str], mode: AbstractContextManager[None], tell: Told,
    facts: Sequence[tuple[str, ...]] | None = None,
) -> list[Output]:
    """Plain generation; prompts of like length go together, so that little is computed for padding."""
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    outputs: dict[int, Output] = {}
    with mode:
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            begin = time.perf_counter()
            said = adapter.generate([prompts[i] for i in part], None)
            seconds = (time.perf_counter() - begin) / len(part)
            for i, (text, confidence) in zip(part, said, strict=True):
                outputs[i] = Output(text, not text, confidence, seconds, facts[i] if facts else ())
            tell(len(outputs))
    return [outputs[i] for i in range(len(prompts))]
