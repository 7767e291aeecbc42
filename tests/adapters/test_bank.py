import pytest
import torch

from kgpeft.adapters import bank as module
from kgpeft.adapters.bank import FactBank
from kgpeft.adapters.fact_memory import lay
from kgpeft.adapters.tokens import fact_tokens, rows
from kgpeft.evidence.statements import statements
from kgpeft.evidence.vectors import FactVectors


@pytest.fixture
def bank(adapter, toy_embeddings):
    return FactBank(adapter.memory, adapter.tokenizer, FactVectors(toy_embeddings))


@pytest.fixture
def told(toy):
    return lambda name: statements(toy, toy.names.index(name))


def parts(memory):
    return torch.stack([x for pair in memory.layers for x in pair])


def test_a_statement_is_compiled_once(bank, told):
    bank.read([told("soleus"), told("soleus")])
    assert bank.compiled == len(told("soleus"))
    bank.read([told("deltoid"), told("soleus")])
    assert bank.compiled == len(told("soleus")) + len(told("deltoid"))


def test_it_gives_what_compiling_and_laying_give(bank, adapter, told):
    shown = told("biceps brachii")
    tokens = rows(fact_tokens(adapter.tokenizer, [s.text for s in shown]), 0)
    compiled = adapter.memory.compile_facts(tokens, torch.from_numpy(adapter.vectors(shown)))
    laid = lay(compiled, tokens.mask, torch.arange(len(shown))[None])
    memory, real = bank.read([shown]), laid.mask[0].bool()
    assert memory.mask.all() and memory.mask.sum() == real.sum()
    torch.testing.assert_close(parts(memory), parts(laid)[:, :, :, real], atol=1e-4, rtol=0)


def test_a_row_is_masked_beyond_its_own_facts(bank, told):
    long, short = told("biceps brachii"), told("sartorius")
    together, alone = bank.read([long, short]), bank.read([short])
    length = alone.mask.shape[1]
    assert together.mask[0].all() and together.mask[1].tolist() == [1] * length + [0] * (len(together.mask[0]) - length)
    assert torch.equal(parts(together)[:, 1, :, :length], parts(alone)[:, 0])


def test_beyond_its_capacity_the_least_recently_read_is_forgotten(bank, told, monkeypatch):
    monkeypatch.setattr(module, "CAPACITY", 2)
    one, two, three = (told(name)[:1] for name in ("soleus", "deltoid", "sartorius"))
    for statement in (one, two, one, three):  # now two is the one that was not read for longest
        bank.read([statement])
    assert bank.compiled == 3
    bank.read([one]), bank.read([three])
    assert bank.compiled == 3
    bank.read([two])
    assert bank.compiled == 4


def test_a_question_may_read_more_than_the_capacity(bank, told, monkeypatch):
    shown = told("biceps brachii")
    expected = bank.read([shown])
    monkeypatch.setattr(module, "CAPACITY", 1)
    assert torch.equal(parts(bank.read([shown])), parts(expected))
