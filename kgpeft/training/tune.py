"""Tuning on one graph: from the shipped reader, within a time budget, kept only if it reads no worse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from kgpeft.adapters.adapter import Adapter
from kgpeft.adapters.folder import Parts, assemble
from kgpeft.adapters.readers import find_reader
from kgpeft.adapters.weights import round_weights, save_weights
from kgpeft.dataset import Dataset
from kgpeft.training.collate import Batch, Collator, Episode
from kgpeft.training.episodes import Episodes, as_text, closed_book
from kgpeft.training.loop import AnswerLoss, TrainLog, TrainSettings, train
from kgpeft.training.settings import TuneSettings

PLAIN_RATE = 5e-4  # learning rate of LoRA that starts from nothing
CHECKED = 8  # episodes set aside to see whether tuning helped

Tell = Callable[[float], None]


@dataclass(frozen=True)
class Tuned:
    """What tuning made and measured; losses are those of set-aside episodes, before and after."""

    adapter: Adapter
    log: TrainLog | None
    before: float
    after: float
    kept: bool

    def save(self, folder: Path) -> None:
        """Writes the weights and training.json."""
        save_weights(self.adapter.memory, folder)
        about = {
            "steps": self.log.steps if self.log else 0, "seconds": self.log.seconds if self.log else 0.0,
            "tokens_per_second": self.log.tokens_per_second if self.log else 0.0,
            "loss_before": self.before, "loss_after": self.after, "kept": self.kept,
        }
        (folder / "training.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def tune(parts: Parts, dataset: Dataset, settings: TuneSettings, tell: Tell) -> Tuned:
    """The reader (or a fresh adapter) tuned on the dataset's training side.

    If the loss on set-aside episodes did not fall, the reader is kept as it was: tuning must not make it worse.
    """
    torch.manual_seed(settings.seed)
    reader = find_reader(parts.base, settings.reader)
    adapter = assemble(parts, reader, trainable=True)
    aside = _batches(Episodes(adapter.search, dataset, settings.seed + 1), adapter, settings.episodes)
    check = [next(aside) for _ in range(max(1, CHECKED // settings.episodes))] if dataset.train else []
    before = _loss(adapter, check)
    if settings.seconds == 0 or not dataset.train:
        return Tuned(adapter, None, before, before, kept=False)
    log = _train(adapter, Episodes(adapter.search, dataset, settings.seed), settings, tell)
    after = _loss(adapter, check)
    if reader is not None and not after < before:  # a loss that is no number is no gain
        return Tuned(assemble(parts, reader), log, before, after, kept=False)
    return Tuned(adapter, log, before, after, kept=True)


def rival(kind: str, parts: Parts, dataset: Dataset, settings: TuneSettings, tell: Tell) -> Adapter:
    """Plain LoRA, trained from nothing on the same examples in the same time.

    `lora` learns the answers by heart, `lora+refusals` learns refusals too, `lora+facts` reads facts as text.
    """
    torch.manual_seed(settings.seed)
    adapter = assemble(parts, None)
    if dataset.train and settings.seconds:
        read = kind == "lora+facts"
        episodes = (as_text(Episodes(adapter.search, dataset, settings.seed)) if read
                    else closed_book(dataset, settings.seed, refusals=kind == "lora+refusals"))
        plain = settings.model_copy(update={"learning_rate": PLAIN_RATE, "episodes": 4})
        _train(adapter, episodes, plain, tell)
    return adapter


def _train(adapter: Adapter, episodes: Iterable[Episode], settings: TuneSettings, tell: Tell) -> TrainLog:
    plan = TrainSettings(
        steps=settings.steps, seconds=settings.seconds, learning_rate=settings.learning_rate,
        injection_rate=2 * settings.learning_rate,
    )
    log = train(adapter.memory, _batches(episodes, adapter, settings.episodes), plan, tell)
    round_weights(adapter.memory)
    return log


def _batches(episodes: Iterable[Episode], adapter: Adapter, size: int) -> Iterator[Batch]:
    collate, source = Collator(adapter.tokenizer, adapter.vectors), iter(episodes)
    while True:
        yield collate([next(source) for _ in range(size)])


@torch.inference_mode()
def _loss(adapter: Adapter, batches: list[Batch]) -> float:
    loss = AnswerLoss(adapter.memory).eval()
    return sum(float(loss(batch)) for batch in batches) / max(1, len(batches))
