"""Training reads facts and questions in one packed pass; answering reads compiled facts. They must be one model."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kgpeft.adapters.fact_memory import SPAN, Tokens, lay
from kgpeft.adapters.prompts import prompt
from kgpeft.adapters.tokens import encode, fact_tokens, rows
from kgpeft.evidence.statements import Statement, statements
from kgpeft.training.collate import IGNORED, Collator, Episode

TURNS = ("What is it innervated by?", "radial nerve"), ("How long is it?", "31 cm")


@pytest.fixture
def collate(adapter):
    return Collator(adapter.tokenizer, adapter.vectors)


@pytest.fixture
def episode(toy):
    return lambda name: Episode(tuple(statements(toy, toy.names.index(name))[:4]), TURNS)


@torch.no_grad()
def test_packed_equals_compiled(adapter, collate, episode):
    shown = [episode("biceps brachii"), episode("soleus")]
    batch = collate(shown)
    hidden = adapter.memory.packed(batch.ids, batch.positions, batch.mask, batch.vectors, batch.facts)
    for row, e in enumerate(shown):
        tokens = rows(fact_tokens(adapter.tokenizer, [s.text for s in e.statements]), 0)
        compiled = adapter.memory.compile_facts(tokens, torch.from_numpy(adapter.vectors(e.statements)))
        laid = lay(compiled, tokens.mask, torch.arange(len(e.statements))[None])
        for turn in range(len(TURNS)):
            mine = batch.block[row] == -1 - turn
            ids = batch.ids[row][mine][None]
            read, _ = adapter.memory.read(laid, Tokens(ids, torch.ones_like(ids)))
            torch.testing.assert_close(hidden[row][mine], read[0], atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_without_facts_packed_equals_a_plain_pass(adapter, collate):
    batch = collate([Episode((), TURNS)])
    hidden = adapter.memory.packed(batch.ids, batch.positions, batch.mask, None, batch.facts)
    ids = batch.ids[0][batch.block[0] == -2][None]
    read, _ = adapter.memory.read(None, Tokens(ids, torch.ones_like(ids)))
    torch.testing.assert_close(hidden[0][batch.block[0] == -2], read[0], atol=1e-4, rtol=1e-4)


def test_labels_are_the_answers_and_their_end(adapter, collate, episode):
    batch = collate([episode("soleus")])
    for turn, (question, answer) in enumerate(TURNS):
        mine = batch.block[0] == -1 - turn
        asked, labels = batch.ids[0][mine], batch.labels[0][mine]
        length = len(encode(adapter.tokenizer, [prompt(adapter.tokenizer, question)])[0])
        assert (labels[:length] == IGNORED).all() and torch.equal(labels[length:], asked[length:])
        assert adapter.tokenizer.decode(labels[length:-1]) == answer and labels[-1] == adapter.tokenizer.eos_token_id
    assert (batch.labels[batch.block >= 0] == IGNORED).all()


def test_every_fact_starts_at_zero_and_every_question_behind_the_span(collate, episode):
    batch = collate([episode("biceps brachii")])
    for block in batch.block[0].unique().tolist():
        positions = batch.positions[0][batch.block[0] == block]
        assert torch.equal(positions, torch.arange(len(positions)) + (SPAN if block < 0 else 0))


words = st.text("abc —:é7", min_size=1, max_size=30)
made = st.builds(Statement, words, words, st.lists(words, min_size=1, max_size=3).map(tuple))
episodes = st.builds(Episode, st.lists(made, max_size=3).map(tuple), st.lists(st.tuples(words, words), max_size=3))


@settings(max_examples=40, deadline=None)
@given(st.lists(episodes, min_size=1, max_size=3))
def test_a_token_sees_its_own_past_and_a_question_all_facts_of_its_row(plain_collate, shown):
    batch = plain_collate(shown)
    size = batch.ids.shape[1]
    for b in range(len(shown)):
        block = batch.block[b].tolist()
        expected = [
            [(block[i] == block[j] and j <= i) or (block[i] < 0 < block[j]) for j in range(size)] for i in range(size)
        ]
        assert batch.mask[b, 0].tolist() == expected
    assert ((batch.facts >= 0) == (batch.block > 0)).all()


@pytest.fixture(scope="module")
def plain_collate(tiny):
    from kgpeft.adapters.weights import load_base

    return Collator(load_base(tiny)[1])
