"""Training by a softmax over all entities, in both directions.

The recipe is that of Lacroix et al. 2018 (Canonical Tensor Decomposition for Knowledge Base Completion): reciprocal
relations, cross-entropy against every entity, nuclear 3-norm penalty, Adagrad; with relation prediction beside it
(Chen et al. 2021). The step falls linearly to zero over the last part of training.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

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


def fit(made: Tables, train: Tensor, held: Tensor, known: Known, recipe: Recipe, report: Report) -> dict[str, float]:
    """Metrics of the best check on queries held [H, 3], whose vectors the tables are left with.

    Learns from queries train [T, 3]; a check without held-out queries always counts as better.
    """
    dice = torch.Generator().manual_seed(recipe.seed)
    best, kept, stale = {"mrr": 0.0}, made.copy(), 0
    for epoch in range(1, recipe.epochs + 1):
        shuffled = train[torch.randperm(len(train), generator=dice).to(train.device)]
        run_epoch(made, shuffled, recipe, step_size(recipe, epoch))
        if epoch % recipe.check and epoch < recipe.epochs:
            continue
        found = metrics(ranks(MODELS[recipe.model], made.entity, made.relation, held, known))
        report(epoch, found)
        stale += 1
        if found["mrr"] >= best["mrr"]:
            best, kept, stale = found, made.copy(), 0
        if stale == recipe.patience:
            break
    made.entity, made.relation = kept
    return best


def step_size(recipe: Recipe, epoch: int) -> float:
    """The rate of an epoch, counted from 1."""
    return recipe.rate * min(1.0, (1 - (epoch - 1) / recipe.epochs) / max(recipe.decay, 1e-9))


def run_epoch(made: Tables, queries: Tensor, recipe: Recipe, rate: float) -> None:
    """One pass over shuffled queries [T, 3]."""
    for batch in queries.split(recipe.batch):
        made.descend(gradients(made, batch, recipe), rate)


def gradients(made: Tables, batch: Tensor, recipe: Recipe) -> list[Tensor]:
    """Of the mean loss over queries batch [B, 3], for both tables; its slices add up to the same as the whole.

    Rows are gathered outside of autograd and their gradients added by hand: that spares a dense gradient a gather.
    """
    ends = [made.entity.detach().requires_grad_(), made.relation.detach().requires_grad_()]
    for part in batch.split(slice_rows(len(made.entity))):
        places = list(zip((0, 1, 0), part.unbind(1), strict=True))  # subject, relation, answer: table and row numbers
        rows = [ends[table].detach().index_select(0, ids).requires_grad_() for table, ids in places]
        (loss(rows, part, ends, recipe) / len(batch)).backward()
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


def loss(rows: list[Tensor], queries: Tensor, ends: list[Tensor], recipe: Recipe) -> Tensor:
    """Cross-entropies summed over queries [B, 3]: of answers, and of relations if their weight is above zero.

    rows are the vectors [B, D] of subject, relation and answer; ends the tables of entities and of relations.
    """
    model, (subject, relation, answer) = MODELS[recipe.model], rows
    with torch.autocast(queries.device.type, torch.bfloat16) if recipe.half else nullcontext():
        total = cross_entropy(model.answers(subject, relation, ends[0]), queries[:, 2], reduction="sum")
        if recipe.relation_weight:
            guessed = cross_entropy(model.relations(subject, answer, ends[1]), queries[:, 1], reduction="sum")
            total = total + recipe.relation_weight * guessed
    return total
