"""Training by a softmax over all entities, in both directions.

The recipe is that of Lacroix et al. 2018 (Canonical Tensor Decomposition for Knowledge Base Completion): reciprocal
relations, cross-entropy against every entity, nuclear 3-norm penalty, Adagrad; with relation prediction beside it
(Chen et al. 2021). The step falls linearly to zero over the last part of training. Queries that differ in their answer
alone are scored once where they meet in a batch, which changes no gradient. In graphs too large for a softmax over all
entities it is over those of the batch and some drawn at random, and no others are touched.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax

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
    together: int = 1  # answers to a query that are learnt together, in batches larger by as much, until the step falls
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
        now = at_epoch(recipe, state.epoch)
        run_epoch(made, task.train[shuffled(task.train, now.together, state.dice)], now, share)
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


def shuffled(queries: Tensor, together: int, dice: torch.Generator) -> Tensor:
    """An order [T] of queries [T, 3] by chance, but that answers of one subject and relation come by so many."""
    order = torch.randperm(len(queries), generator=dice).to(queries.device)
    if together == 1 or not len(queries):
        return order
    keys, among = torch.sort(_pairs(queries[order], int(queries[:, 1].max()) + 1), stable=True)
    counts = torch.unique_consecutive(keys, return_counts=True)[1]
    place = torch.arange(len(keys), device=keys.device) - torch.repeat_interleave(counts.cumsum(0) - counts, counts)
    chunk = (place % together == 0).cumsum(0) - 1
    lots = torch.randperm(int(chunk[-1]) + 1, generator=dice).to(queries.device)
    return order[among[torch.argsort(lots[chunk], stable=True)]]


def _pairs(queries: Tensor, relations: int) -> Tensor:
    """A number for each subject and relation."""
    return queries[:, 0] * relations + queries[:, 1]


def at_epoch(recipe: Recipe, epoch: int) -> Recipe:
    """The recipe as it is in an epoch, counted from 1: answers may be learnt together until the step begins to fall.

    Relations are not guessed while answers are together: that costs more there than all the rest.
    """
    left = (1 - (epoch - 1) / recipe.epochs) / max(recipe.decay, 1e-9)
    if left <= 1:
        return replace(recipe, rate=recipe.rate * left, together=1)
    return replace(recipe, relation_weight=recipe.relation_weight if recipe.together == 1 else 0.0)


def run_epoch(made: Tables, queries: Tensor, recipe: Recipe, share: Tensor | None = None) -> None:
    """One pass over shuffled queries [T, 3]; with shares [N] of all queries, against sampled entities alone."""
    for batch in queries.split(recipe.batch * recipe.together):
        if share is None:
            made.descend(gradients(made, batch, recipe), recipe.rate)
        else:
            _sampled_step(made, batch, recipe, share)


def _sampled_step(made: Tables, batch: Tensor, recipe: Recipe, share: Tensor) -> None:
    """A step in which only the entities of the batch [B, 3] and those drawn beside them are read and written."""
    near = sampling.draw(batch, share, recipe.negatives)
    few = Tables(made.entity[near.ids], made.relation, [made.sums[0][near.ids], made.sums[1]])
    few.descend(gradients(few, near.queries, recipe, near.bias), recipe.rate)
    made.entity[near.ids], made.sums[0][near.ids] = few.entity, few.sums[0]


def gradients(made: Tables, batch: Tensor, recipe: Recipe, bias: Tensor | None = None) -> list[Tensor]:
    """Of the mean loss over queries batch [B, 3], for both tables; its slices add up to the same as the whole.

    The bias [N] is added to the scores of all entities but the right one.

    Rows are gathered outside of autograd and their gradients added by hand: that spares a dense gradient a gather.
    """
    ends = [made.entity.detach().requires_grad_(), made.relation.detach().requires_grad_()]
    for part in batch.split(slice_rows(len(made.entity))):
        asked = Asked.of(part, len(made.relation) if recipe.together > 1 and bias is None else 0)
        places = list(zip((0, 1, 0), asked[:3], strict=True))  # subject, relation, answer: table and row numbers
        rows = [ends[table].detach().index_select(0, ids).requires_grad_() for table, ids in places]
        (loss(rows, asked, ends, recipe, bias) / len(batch)).backward()
        for (table, ids), own, times in zip(places, rows, (asked.counts, asked.counts, None), strict=True):
            _gradient(ends[table]).index_add_(0, ids, _slope(own, times, recipe, len(batch)))
    return [_gradient(end) for end in ends]


class Asked(NamedTuple):
    """Queries [T, 3] of which neighbours with the same subject and relation are one, with several answers."""

    subject: Tensor  # int64 [G]
    relation: Tensor  # int64 [G]
    answer: Tensor  # int64 [T]
    row: Tensor  # int64 [T]: which of the G an answer belongs to
    counts: Tensor  # int64 [G]: its answers

    @classmethod
    def of(cls, queries: Tensor, relations: int) -> "Asked":
        """The queries, brought together if the number of relations is given."""
        subject, relation, answer = queries.unbind(1)
        each = torch.arange(len(queries), device=queries.device)
        if not relations:
            return cls(subject, relation, answer, each, torch.ones_like(each))
        found = torch.unique_consecutive(_pairs(queries, relations), return_inverse=True, return_counts=True)
        first = found[2].cumsum(0) - found[2]
        return cls(subject[first], relation[first], answer, found[1], found[2])


def _gradient(end: Tensor) -> Tensor:
    """What has been summed up for a table so far."""
    if end.grad is None:
        end.grad = torch.zeros_like(end)
    return end.grad


def _slope(own: Tensor, times: Tensor | None, recipe: Recipe, queries: int) -> Tensor:
    """Gradient of gathered rows [B, D]: that of the loss, if it saw them, and that of the penalty on their cubes."""
    pull = MODELS[recipe.model].sizes(own.detach()).mul_(own.detach()).mul_(3 * recipe.penalty / queries)
    if times is not None:
        pull.mul_(times[:, None])
    return pull if own.grad is None else pull.add_(own.grad)


def loss(rows: list[Tensor], asked: Asked, ends: list[Tensor], recipe: Recipe, bias: Tensor | None) -> Tensor:
    """Cross-entropies summed over the queries: of answers, and of relations if their weight is above zero.

    rows are the vectors of subject [G, D], relation [G, D] and answer [T, D]; ends the tables of entities and of
    relations.
    """
    model, (subject, relation, answer) = MODELS[recipe.model], rows
    with torch.autocast(subject.device.type, torch.bfloat16) if recipe.half else nullcontext():
        scores = model.answers(subject, relation, ends[0])
        if bias is not None:
            right = asked.answer
            scores = (scores + bias).scatter_add(1, right[:, None], -bias[right, None])
        chances = log_softmax(scores, dim=1).flatten()
        total = -chances.index_select(0, asked.row * scores.shape[1] + asked.answer).sum()
        if recipe.relation_weight:
            guesses = model.relations(subject.index_select(0, asked.row), answer, ends[1])
            guessed = cross_entropy(guesses, asked.relation[asked.row], reduction="sum")
            total = total + recipe.relation_weight * guessed
    return total
