import itertools
import time

import pytest
import torch

from kgpeft.adapters.weights import LoraSettings, fresh
from kgpeft.evidence.statements import statements
from kgpeft.evidence.vectors import FactVectors
from kgpeft.training.collate import Collator, Episode
from kgpeft.training.loop import AnswerLoss, TrainSettings, train

FAST = TrainSettings(steps=12, learning_rate=5e-3, injection_rate=1e-2)


@pytest.fixture
def memory(loaded, toy_embeddings):
    torch.manual_seed(0)
    return fresh(loaded()[0], FactVectors(toy_embeddings).dim, LoraSettings(rank=4, alpha=8, injection_rank=6))


@pytest.fixture
def batch(loaded, toy, toy_embeddings):
    def episode(name, question, answer):
        return Episode(tuple(statements(toy, toy.names.index(name))), ((question, answer),))

    collate = Collator(loaded()[1], FactVectors(toy_embeddings))
    return collate([
        episode("biceps brachii", "What is biceps brachii innervated by?", "musculocutaneous nerve"),
        episode("soleus", "What is the length of soleus?", "31 cm"),
    ])


def test_steps_on_one_batch_lower_its_loss(memory, batch):
    log = train(memory, itertools.repeat(batch), FAST)
    assert log.steps == len(log.losses) == 12
    assert log.losses[-1] < 0.8 * log.losses[0]


def test_the_base_weights_stay_as_they_were(memory, batch, loaded):
    train(memory, itertools.repeat(batch), FAST)
    trained = {n.replace(".base_layer", ""): p for n, p in memory.model.get_base_model().named_parameters()}
    for name, before in loaded()[0].named_parameters():
        assert trained[name].detach().numpy().tobytes() == before.detach().numpy().tobytes(), name


def test_the_gradient_reaches_lora_and_injection(memory, batch, stir):
    AnswerLoss(stir(memory))(batch).backward()
    trained = {name: p for name, p in memory.named_parameters() if p.requires_grad}
    kinds = ("lora_A", "lora_B", "injection.keys", "injection.values", "injection.project")
    assert all(any(kind in name for name in trained) for kind in kinds)
    still = {name for name, p in trained.items() if p.grad is None or not p.grad.any()}
    assert still == set()


def test_a_fresh_adapter_learns_in_every_part(memory, batch):
    before = {name: p.detach().clone() for name, p in memory.named_parameters() if p.requires_grad}
    train(memory, itertools.repeat(batch), FAST)
    assert [name for name, p in memory.named_parameters() if name in before and torch.equal(p, before[name])] == []


def test_the_same_seed_gives_the_same_losses(loaded, toy_embeddings, batch):
    def losses():
        torch.manual_seed(3)
        memory = fresh(loaded()[0], FactVectors(toy_embeddings).dim, LoraSettings(rank=4, alpha=8, injection_rank=6))
        return train(memory, itertools.repeat(batch), FAST).losses

    assert losses() == losses()


def test_a_budget_of_seconds_ends_training(memory, batch):
    begin = time.perf_counter()
    log = train(memory, itertools.repeat(batch), TrainSettings(steps=10**9, seconds=0.5))
    assert log.seconds >= 0.5 and time.perf_counter() - begin < 3 and log.tokens_per_second > 0


def test_progress_rises_to_one(memory, batch):
    told = []
    train(memory, itertools.repeat(batch), FAST, told.append)
    assert told == sorted(told) and told[-1] == 1.0 and len(told) == 12


def test_training_ends_where_its_batches_end(memory, batch):
    assert train(memory, [batch] * 3, FAST).steps == 3


def test_after_training_the_model_is_at_rest(memory, batch):
    train(memory, [batch], FAST)
    assert not any(module.training for module in memory.modules())
