"""Training by a softmax over all entities, in both directions.

The recipe is that of Lacroix et al. 2018 (Canonical Tensor Decomposition for Knowledge Base Completion): reciprocal
relations, cross-entropy against every entity, nuclear 3-norm penalty, Adagrad; with relation prediction beside it
(Chen et al. 2021). The step falls linearly to zero over the last part of training. In graphs too large for that the
softmax is over the entities of the batch and some drawn at random, and no others are touched.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from . import sampling
from .models import MODELS, tables
from .ranking import Known, metrics, ranks, slice_rows

NOTHING = 1e-20  # where sums of squares start
Report = Callable[[int, dict[str, float]], None]  # epochs done, metrics of the check


@dataclass(frozen=True)
class Recipe:
    """How vectors are learnt."""

    model: str = "complex"  # transe, distmult, complex, rotate
    dim: int = 200  # columns of the tables
    epochs: int = 100
    batch: int = 256
    rate: float = 0.1
    penalty: float = 0.01  # of the cubes of the numbers of subject, relation and answer (N3)
    relation_weight: float = 0.0  # of the loss of relation prediction
    decay: float = 0.5  # part of training, its last, over which the step falls to zero
    check: int = 5  # epochs between two checks on held-out edges
    patience: int = 4  # checks that may bring nothing, one after another
    seed: int = 0
    half: bool = False  # products of matrices in bfloat16
    negatives: int = 0  # entities drawn for a batch, shared by its queries; 0: every entity, every time


@dataclass
class Tables:
    """What is learnt: entity vectors [N, D], relation vectors [2R, D] and the sums of their squared gradients."""

    entity: Tensor
    relation: Tensor
    sums: list[Tensor] = field(default_factory=list)

    @classmethod
    def fresh(cls, recipe: Recipe, entities: int, relations: int, device: str = "cpu") -> "Tables":
        """Tables before any training."""
        entity, relation = (x.to(device) for x in tables(recipe.model, entities, relations, recipe.dim, recipe.seed))
        return cls(entity, relation, [torch.full_like(entity, NOTHING), torch.full_like(relation, NOTHING)])

    def copy(self) -> tuple[Tensor, Tensor]:
        """The vectors as they are now."""
        return self.entity.clone(), self.relation.clone()

    def descend(self, slopes: list[Tensor], rate: float) -> None:
        """One step of Adagrad along the gradients of both tables."""
        for table, squares, slope in zip((self.entity, self.relation), self.sums, slopes, strict=True):
            squares.addcmul_(slope, slope)
            table.addcmul_(slope, squares.rsqrt(), value=-rate)


@dataclass(frozen=True)
class Task:
    """What to learn from and what to be judged by: queries [.., 3], and all right answers, which ranks pass over."""

    train: Tensor
    held: Tensor  # a check without any always counts as better
    known: Known


def fit(made: Tables, task: Task, recipe: Recipe, report: Report, checkpoint: Path | None = None) -> dict[str, float]:
    """Metrics of the best check on the held queries, whose vectors the tables are left with.

    A checkpoint is written at every check and taken up if it is there: the result is that of a run in one go.
    """
    state = _State.begin(made, recipe, checkpoint)
    share = sampling.shares(task.train, len(made.entity)) if recipe.negatives else None
    while state.epoch < recipe.epochs and state.stale < recipe.patience:
        state.epoch += 1
        order = torch.randperm(len(task.train), generator=state.dice).to(task.train.device)
        run_epoch(made, task.train[order], recipe, step_size(recipe, state.epoch), share)
        if state.epoch % recipe.check and state.epoch < recipe.epochs:
            continue
        found = metrics(ranks(MODELS[recipe.model], made.entity, made.relation, task.held, task.known))
        state.judge(made, found)
        state.save(made, checkpoint)
        report(state.epoch, found)
    made.entity, made.relation = state.kept
    return state.best


@dataclass
class _State:
    """How far a training is."""

    dice: torch.Generator
    kept: tuple[Tensor, Tensor]
    best: dict[str, float]
    stale: int = 0
    epoch: int = 0

    @classmethod
    def begin(cls, made: Tables, recipe: Recipe, checkpoint: Path | None) -> "_State":
        """The start, or where the checkpoint was left."""
        state = cls(torch.Generator().manual_seed(recipe.seed), made.copy(), {"mrr": 0.0})
        if checkpoint is not None and checkpoint.exists():
            saved = torch.load(checkpoint, map_location=made.entity.device, weights_only=True)
            made.entity, made.relation, made.sums = saved["entity"], saved["relation"], saved["sums"]
            state.dice.set_state(saved["dice"].cpu())
            state.kept, state.best = saved["kept"], saved["best"]
            state.stale, state.epoch = saved["stale"], saved["epoch"]
        return state

    def judge(self, made: Tables, found: dict[str, float]) -> None:
        """Keeps the vectors if they are no worse than the best."""
        self.stale += 1
        if found["mrr"] >= self.best["mrr"]:
            self.best, self.kept, self.stale = found, made.copy(), 0

    def save(self, made: Tables, checkpoint: Path | None) -> None:
        """Writes the checkpoint whole or not at all."""
        if checkpoint is None:
            return
        saved = {"entity": made.entity, "relation": made.relation, "sums": made.sums, "dice": self.dice.get_state()}
        rest = {"kept": self.kept, "best": self.best, "stale": self.stale, "epoch": self.epoch}
        draft = checkpoint.with_suffix(".draft")
        torch.save(saved | rest, draft)
        draft.replace(checkpoint)


def step_size(recipe: Recipe, epoch: int) -> float:
    """The rate of an epoch, counted from 1."""
    return recipe.rate * min(1.0, (1 - (epoch - 1) / recipe.epochs) / max(recipe.decay, 1e-9))


def run_epoch(made: Tables, queries: Tensor, recipe: Recipe, rate: float, share: Tensor | None = None) -> None:
    """One pass over shuffled queries [T, 3]; with shares [N] of all queries, against sampled entities alone."""
    for batch in queries.split(recipe.batch):
        if share is None:
            made.descend(gradients(made, batch, recipe), rate)
        else:
            _sampled_step(made, batch, recipe, rate, share)


def _sampled_step(made: Tables, batch: Tensor, recipe: Recipe, rate: float, share: Tensor) -> None:
    """A step in which only the entities of the batch [B, 3] and those drawn beside them are read and written."""
    near = sampling.draw(batch, share, recipe.negatives)
    few = Tables(made.entity[near.ids], made.relation, [made.sums[0][near.ids], made.sums[1]])
    few.descend(gradients(few, near.queries, recipe, near.bias), rate)
    made.entity[near.ids], made.sums[0][near.ids] = few.entity, few.sums[0]


def gradients(made: Tables, batch: Tensor, recipe: Recipe, bias: Tensor | None = None) -> list[Tensor]:
    """Of the mean loss over queries batch [B, 3], for both tables; its slices add up to the same as the whole.

    The bias [N] is added to the scores of all entities but the right one.

    Rows are gathered outside of autograd and their gradients added by hand: that spares a dense gradient a gather.
    """
    ends = [made.entity.detach().requires_grad_(), made.relation.detach().requires_grad_()]
    for part in batch.split(slice_rows(len(made.entity))):
        places = list(zip((0, 1, 0), part.unbind(1), strict=True))  # subject, relation, answer: table and row numbers
        rows = [ends[table].detach().index_select(0, ids).requires_grad_() for table, ids in places]
        (loss(rows, part, ends, recipe, bias) / len(batch)).backward()
        for (table, ids), own in zip(places, rows, strict=True):
            _gradient(ends[table]).index_add_(0, ids, _slope(own, recipe, len(batch)))
    return [_gradient(end) for end in ends]


def _gradient(end: Tensor) -> Tensor:
    """What has been summed up for a table so far."""
    if end.grad is None:
        end.grad = torch.zeros_like(end)
    return end.grad


def _slope(own: Tensor, recipe: Recipe, queries: int) -> Tensor:
    """Gradient of gathered rows [B, D]: that of the loss, if it saw them, and that of the penalty on their cubes."""
    pull = MODELS[recipe.model].sizes(own.detach()).mul_(own.detach()).mul_(3 * recipe.penalty / queries)
    return pull if own.grad is None else pull.add_(own.grad)


def loss(rows: list[Tensor], queries: Tensor, ends: list[Tensor], recipe: Recipe, bias: Tensor | None) -> Tensor:
    """Cross-entropies summed over queries [B, 3]: of answers, and of relations if their weight is above zero.

    rows are the vectors [B, D] of subject, relation and answer; ends the tables of entities and of relations.
    """
    model, (subject, relation, answer) = MODELS[recipe.model], rows
    with torch.autocast(queries.device.type, torch.bfloat16) if recipe.half else nullcontext():
        scores, right = model.answers(subject, relation, ends[0]), queries[:, 2]
        if bias is not None:
            scores = (scores + bias).scatter_add(1, right[:, None], -bias[right, None])
        total = cross_entropy(scores, right, reduction="sum")
        if recipe.relation_weight:
            guessed = cross_entropy(model.relations(subject, answer, ends[1]), queries[:, 1], reduction="sum")
            total = total + recipe.relation_weight * guessed
    return total
