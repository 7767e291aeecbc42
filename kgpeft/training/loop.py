"""The training loop, on accelerate: one device or many, bounded by steps and by seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kgpeft.adapters.fact_memory import FactMemory
from kgpeft.training.collate import IGNORED, Batch


@dataclass(frozen=True)
class TrainSettings:
    """How long and how fast to train; the schedule ends with whichever budget ends first."""

    steps: int
    seconds: float = float("inf")
    learning_rate: float = 5e-4
    injection_rate: float = 1e-3
    warmup: float = 0.05


@dataclass(frozen=True)
class TrainLog:
    """What a training run did."""

    steps: int
    seconds: float
    tokens: int
    losses: tuple[float, ...]

    @property
    def tokens_per_second(self) -> float:
        """Real (unpadded) tokens of facts, questions and answers a second."""
        return self.tokens / self.seconds if self.seconds else 0.0


class AnswerLoss(nn.Module):
    """Mean cross-entropy of the answer tokens; logits are computed for those alone."""

    def __init__(self, memory: FactMemory) -> None:
        super().__init__()
        self.memory = memory

    def forward(self, batch: Batch) -> Tensor:
        """The loss of one batch."""
        vectors = batch.vectors if batch.vectors.shape[1] else None
        hidden = self.memory.packed(batch.ids, batch.positions, batch.mask, vectors, batch.facts)
        target = batch.labels[:, 1:]
        chosen = target != IGNORED
        return F.cross_entropy(self.memory.logits(hidden[:, :-1][chosen]).float(), target[chosen])


def train(
    memory: FactMemory,
    batches: Iterable[Batch],
    settings: TrainSettings,
    progress: Callable[[float], None] | None = None,
) -> TrainLog:
    """Trains LoRA and graph injection in place; `progress` is told the share of the budget that is spent."""
    from accelerate import Accelerator
    from peft.helpers import disable_input_dtype_casting

    accelerator = Accelerator(mixed_precision="bf16" if torch.cuda.is_available() else "no")
    loss_of = AnswerLoss(memory)
    optimizer = torch.optim.AdamW(_groups(memory, settings), weight_decay=0.01)
    peaks = [group["lr"] for group in optimizer.param_groups]
    loss_of, optimizer = accelerator.prepare(loss_of, optimizer)
    loss_of.train()
    start, step, done = time.perf_counter(), 0, 0.0
    counts: list[Tensor] = []
    losses: list[Tensor] = []
    for step, batch in enumerate(batches, 1):
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * _shape(done, settings.warmup)
        batch = batch.to(accelerator.device)
        with accelerator.autocast(), disable_input_dtype_casting(memory.model, accelerator.mixed_precision != "no"):
            loss = loss_of(batch)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(loss_of.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        counts.append(batch.block.count_nonzero())
        losses.append(loss.detach())
        done = max(step / settings.steps, (time.perf_counter() - start) / settings.seconds)
        if progress is not None:
            progress(min(1.0, done))
        if done >= 1.0:
            break
    loss_of.eval()
    return TrainLog(step, time.perf_counter() - start, int(sum(counts)), tuple(float(x) for x in losses))


def _groups(memory: FactMemory, settings: TrainSettings) -> list[dict[str, Any]]:
    lora = [p for p in memory.model.parameters() if p.requires_grad]
    groups: list[dict[str, Any]] = [{"params": lora, "lr": settings.learning_rate}]
    if memory.injection is not None:
        groups.append({"params": list(memory.injection.parameters()), "lr": settings.injection_rate})
    return groups


def _shape(done: float, warmup: float) -> float:
    """Share of the peak rate after this share of the run: linear warm-up, then a cosine to a twentieth."""
    if done < warmup:
        return 0.02 + 0.98 * done / warmup
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))
