"""TransE, DistMult, ComplEx and RotatE behind one interface: a model says what a query looks like and what a link is.

Letters: N entities, R relations, B batch, D columns. A complex vector is kept as real numbers, its real half before its
imaginary half, so that one matrix product scores every candidate. A query is an edge or its reciprocal
(object, relation + R, subject). Only torch is needed, so that a training script runs without the rest of kgpeft.
"""

from typing import Protocol

import torch
from torch import Tensor

INITIAL = {"transe": 0.05, "distmult": 1e-3, "complex": 1e-3, "rotate": 0.05}
NEAREST = 1e-6  # least squared distance and
LEAST = 1e-20  # least squared modulus: the slopes of their roots stay finite


class Model(Protocol):
    """How entities and relations make a score; vectors are rows, scores are higher for what is more likely."""

    def answers(self, subject: Tensor, relation: Tensor, entity: Tensor) -> Tensor:
        """Scores [B, N] of each row of entity [N, D] as the object of subject [B, D] and relation [B, D]."""
        ...

    def relations(self, subject: Tensor, answer: Tensor, relation: Tensor) -> Tensor:
        """Scores [B, 2R] of each row of relation [2R, D] as what leads from subject [B, D] to answer [B, D]."""
        ...

    def sizes(self, vectors: Tensor) -> Tensor:
        """Absolute value [B, D] of the number, real or complex, that each column of vectors [B, D] belongs to."""
        ...


class TransE:
    """A relation is a step: the answer lies near subject + relation (Bordes et al. 2013), in Euclidean distance."""

    def answers(self, subject: Tensor, relation: Tensor, entity: Tensor) -> Tensor:
        """Minus the distance from subject + relation."""
        return nearness(subject + relation, entity)

    def relations(self, subject: Tensor, answer: Tensor, relation: Tensor) -> Tensor:
        """Minus the distance from the step that was made."""
        return nearness(answer - subject, relation)

    def sizes(self, vectors: Tensor) -> Tensor:
        """Absolute values."""
        return vectors.abs()


class DistMult:
    """A relation weighs each column: sum of subject x relation x answer (Yang et al. 2015)."""

    def answers(self, subject: Tensor, relation: Tensor, entity: Tensor) -> Tensor:
        """The trilinear product."""
        return product(subject * relation, entity)

    def relations(self, subject: Tensor, answer: Tensor, relation: Tensor) -> Tensor:
        """The same product, for every relation."""
        return product(subject * answer, relation)

    def sizes(self, vectors: Tensor) -> Tensor:
        """Absolute values."""
        return vectors.abs()


class ComplEx:
    """DistMult over complex numbers, the answer conjugated: relations need not be symmetric (Trouillon et al. 2016)."""

    def answers(self, subject: Tensor, relation: Tensor, entity: Tensor) -> Tensor:
        """Real part of the trilinear product."""
        return product(times(subject, relation), entity)

    def relations(self, subject: Tensor, answer: Tensor, relation: Tensor) -> Tensor:
        """The same product, for every relation."""
        return product(times(answer, conjugate(subject)), relation)

    def sizes(self, vectors: Tensor) -> Tensor:
        """Moduli, once for the real and once for the imaginary half."""
        return moduli(vectors)


class RotatE:
    """A relation turns each complex number of the subject towards the answer's (Sun et al. 2019).

    Angles are held as any complex numbers and used at length one, which makes relations [.., D] like entities.
    """

    def answers(self, subject: Tensor, relation: Tensor, entity: Tensor) -> Tensor:
        """Minus the distance from the subject turned by the relation."""
        return nearness(times(subject, turn(relation)), entity)

    def relations(self, subject: Tensor, answer: Tensor, relation: Tensor) -> Tensor:
        """Minus the distance that each relation would leave."""
        lengths = subject.square().sum(1, keepdim=True) + answer.square().sum(1, keepdim=True)
        left = lengths - 2 * product(times(answer, conjugate(subject)), turn(relation))
        return -left.clamp(min=NEAREST).sqrt()

    def sizes(self, vectors: Tensor) -> Tensor:
        """Moduli, once for the real and once for the imaginary half."""
        return moduli(vectors)


MODELS: dict[str, Model] = {"transe": TransE(), "distmult": DistMult(), "complex": ComplEx(), "rotate": RotatE()}


def tables(name: str, entities: int, relations: int, dim: int, seed: int) -> tuple[Tensor, Tensor]:
    """Fresh tables of entity vectors [N, D] and of relation vectors [2R, D], the reciprocal relations last."""
    dice = torch.Generator().manual_seed(seed)
    made = [INITIAL[name] * torch.randn(rows, dim, generator=dice) for rows in (entities, 2 * relations)]
    return made[0], made[1]


def product(query: Tensor, table: Tensor) -> Tensor:
    """Products [B, N] of the rows of query [B, D] and of table [N, D]; of half precision if autocast says so."""
    return query @ table.T


def nearness(query: Tensor, table: Tensor) -> Tensor:
    """Minus the Euclidean distances [B, N] between the rows of query [B, D] and of table [N, D]."""
    squares = query.square().sum(1, keepdim=True) + table.square().sum(1) - 2 * product(query, table)
    return -squares.clamp(min=NEAREST).sqrt()


def times(a: Tensor, b: Tensor) -> Tensor:
    """Complex products [B, D] of rows."""
    a_re, a_im = a.chunk(2, dim=1)
    b_re, b_im = b.chunk(2, dim=1)
    return torch.cat([a_re * b_re - a_im * b_im, a_re * b_im + a_im * b_re], dim=1)


def conjugate(a: Tensor) -> Tensor:
    """Complex conjugates [B, D] of rows."""
    real, imaginary = a.chunk(2, dim=1)
    return torch.cat([real, -imaginary], dim=1)


def moduli(a: Tensor) -> Tensor:
    """Moduli of complex rows [B, D], above zero, once for the real and once for the imaginary half."""
    real, imaginary = a.chunk(2, dim=1)
    return (real.square() + imaginary.square()).clamp(min=LEAST).sqrt().repeat(1, 2)


def turn(a: Tensor) -> Tensor:
    """Rows [B, D] with every complex number brought to length one."""
    return a / moduli(a)
