"""The laws of the fact memory and of the graph injection, on a tiny random Llama."""

import pytest
import torch
from peft import PeftModel

from kgpeft.adapters.decoding import Until, greedy
from kgpeft.adapters.fact_memory import SPAN, FactMemory, lay
from kgpeft.adapters.tokens import encode, fact_tokens, rows
from kgpeft.adapters.weights import load_weights, round_weights, save_weights
from kgpeft.errors import ArtifactError

FACTS = "biceps — innervated by: musculocutaneous nerve", "soleus — has length: 31 cm", "ulna — is a: bone"
QUESTIONS = "What is the length of soleus?", "What is ulna?"


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.no_grad():
        yield


@pytest.fixture
def asked(loaded):
    tokenizer = loaded()[1]
    return lambda *texts: rows(encode(tokenizer, texts), tokenizer.eos_token_id, left=True)


@pytest.fixture
def facts(loaded):
    tokenizer = loaded()[1]
    return lambda *texts: rows(fact_tokens(tokenizer, texts), 0)


@pytest.fixture
def vectors():
    return torch.randn(len(FACTS), 12, generator=torch.Generator().manual_seed(1))


def base_logits(base, prompt):
    positions = (prompt.mask.cumsum(1) - 1).clamp(min=0)
    return base(input_ids=prompt.ids, attention_mask=prompt.mask, position_ids=positions).logits


def read(memory, tokens, prompt, vectors=None, index=None):
    """Logits of one question, or of one a row of `index`, over compiled facts."""
    index = torch.arange(len(tokens.ids))[None] if index is None else index
    hidden, _ = memory.read(lay(memory.compile_facts(tokens, vectors), tokens.mask, index), prompt)
    return memory.logits(hidden)


def flat(layers):
    return torch.stack([x for pair in layers for x in pair])


def test_a_fresh_adapter_changes_no_logit(fresh_memory, loaded, asked):
    memory, prompt = fresh_memory(), asked(*QUESTIONS)
    ours = memory.logits(memory.read(None, prompt)[0])
    assert torch.equal(ours, base_logits(loaded()[0], prompt))


def test_a_fresh_adapter_changes_no_fact(fresh_memory, loaded, facts, vectors):
    tokens = facts(*FACTS)
    plain = FactMemory(loaded()[0], None).compile_facts(tokens)
    assert torch.equal(flat(fresh_memory().compile_facts(tokens, vectors)), flat(plain))


def test_switched_off_and_without_facts_it_is_the_base_bit_for_bit(adapter, loaded, asked):
    prompt, memory = asked(*QUESTIONS), adapter.memory
    expected = base_logits(loaded()[0], prompt)
    assert not torch.equal(memory.logits(memory.read(None, prompt)[0]), expected)
    with adapter.switched_off():
        assert torch.equal(memory.logits(memory.read(None, prompt)[0]), expected)
        assert torch.equal(memory.model(input_ids=prompt.ids).logits, loaded()[0](input_ids=prompt.ids).logits)


@pytest.fixture
def reading(facts, asked, vectors):
    """Logits of the first question over all facts."""
    return lambda memory: read(memory, facts(*FACTS), asked(QUESTIONS[0]), vectors)


def test_saved_and_reloaded_it_gives_the_same_logits(fresh_memory, loaded, stir, reading, tmp_path):
    memory = stir(fresh_memory())
    round_weights(memory)
    save_weights(memory, tmp_path)
    again = load_weights(loaded()[0], tmp_path)
    assert torch.equal(reading(again), reading(memory))


def test_merged_it_says_the_same_and_afterwards_the_base_is_what_it_was_bit_for_bit(adapter, asked):
    prompt, memory = asked(*QUESTIONS), adapter.memory
    before = memory.logits(memory.read(None, prompt)[0])
    with adapter.switched_off():
        base = memory.logits(memory.read(None, prompt)[0])
    with memory.merged():
        torch.testing.assert_close(memory.logits(memory.read(None, prompt)[0]), before, atol=1e-4, rtol=0)
    assert torch.equal(memory.logits(memory.read(None, prompt)[0]), before)
    with adapter.switched_off():
        assert torch.equal(memory.logits(memory.read(None, prompt)[0]), base)


def test_what_prompts_begin_with_alike_is_read_once_and_changes_nothing(fresh_memory, stir, asked):
    memory, prompt = stir(fresh_memory()), asked("What is the length of soleus?", "What is the ulna?", "What is the")
    start, rest = memory.begun(prompt)
    assert start.span == start.mask.shape[1] > 1 and rest.mask.sum(1).tolist()[-1] == 1
    whole, parts = memory.read(None, prompt)[0][:, -1], memory.read(start, rest)[0][:, -1]
    torch.testing.assert_close(parts, whole, atol=1e-4, rtol=0)
    assert memory.begun(asked("What is it?"))[0] is None and memory.begun(asked("Where?", "It is."))[0] is None


def test_rounding_twice_is_rounding_once(fresh_memory, stir):
    memory = stir(fresh_memory())
    round_weights(memory)
    before = [p.clone() for p in memory.parameters()]
    round_weights(memory)
    assert all(torch.equal(a, b) for a, b in zip(before, memory.parameters(), strict=True))


def test_peft_alone_loads_the_lora(fresh_memory, loaded, stir, asked, tmp_path):
    memory, prompt = stir(fresh_memory()), asked(*QUESTIONS)
    round_weights(memory)
    save_weights(memory, tmp_path)
    peft = PeftModel.from_pretrained(loaded()[0], tmp_path).eval()
    assert torch.equal(base_logits(peft, prompt), memory.logits(memory.read(None, prompt)[0]))


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "kg_adapter.safetensors", "kg_adapter_config.json"])
def test_a_missing_file_is_named(fresh_memory, loaded, tmp_path, name):
    save_weights(fresh_memory(), tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ArtifactError, match=f"no {name}"):
        load_weights(loaded()[0], tmp_path)


def test_the_order_of_facts_changes_nothing(fresh_memory, stir, facts, asked, vectors):
    memory, tokens, prompt = stir(fresh_memory()), facts(*FACTS), asked(QUESTIONS[0])
    expected = read(memory, tokens, prompt, vectors)
    for order in ([[2, 0, 1]], [[1, 2, 0]], [[2, 1, 0]]):
        torch.testing.assert_close(
            read(memory, tokens, prompt, vectors, torch.tensor(order)), expected, atol=1e-4, rtol=0
        )


def test_the_order_of_facts_changes_no_greedy_answer(fresh_memory, stir, facts, asked, vectors):
    memory, tokens, prompt = stir(fresh_memory()), facts(*FACTS), asked(QUESTIONS[0])
    compiled = memory.compile_facts(tokens, vectors)
    said = [
        greedy(memory, lay(compiled, tokens.mask, torch.tensor([order])), prompt, Until(0, 12))[0].tolist()
        for order in ([0, 1, 2], [2, 0, 1], [2, 1, 0])
    ]
    assert said[0] == said[1] == said[2]


def test_a_question_reads_the_same_alone_and_in_a_batch(fresh_memory, stir, facts, asked, vectors):
    memory, tokens = stir(fresh_memory()), facts(*FACTS)
    places = torch.tensor([[0, 1, 2], [2, -1, -1]])
    together = read(memory, tokens, asked(*QUESTIONS), vectors, places)[:, -1]
    for question, index, expected in zip(QUESTIONS, places, together, strict=True):
        alone = read(memory, tokens, asked(question), vectors, index[index >= 0][None])[0, -1]
        torch.testing.assert_close(alone, expected, atol=1e-4, rtol=0)


def test_a_fact_is_compiled_the_same_alone_and_beside_longer_ones(fresh_memory, stir, facts, vectors):
    memory, together = stir(fresh_memory()), facts(*FACTS)
    compiled = flat(memory.compile_facts(together, vectors))
    for i, fact in enumerate(FACTS):
        alone = flat(memory.compile_facts(facts(fact), vectors[i : i + 1]))[:, 0]
        torch.testing.assert_close(alone, compiled[:, i, :, : alone.shape[2]], atol=1e-4, rtol=0)


def test_facts_are_read(fresh_memory, facts, asked):
    memory, prompt = fresh_memory(), asked(QUESTIONS[0])
    one, other = (read(memory, facts(fact), prompt) for fact in FACTS[:2])
    assert not torch.allclose(one, other, atol=1e-2)


def test_generation_goes_on_where_reading_ends(fresh_memory, stir, facts, asked, vectors):
    """Every generated token is the most probable one, were the whole text read at once."""
    memory, tokens, prompt = stir(fresh_memory()), facts(*FACTS), asked(QUESTIONS[0])
    laid = lay(memory.compile_facts(tokens, vectors), tokens.mask, torch.arange(3)[None])
    said, scores = greedy(memory, laid, prompt, Until(-1, 6))
    whole = type(prompt)(torch.cat([prompt.ids, said], 1), torch.cat([prompt.mask, torch.ones_like(said)], 1))
    expected = read(memory, tokens, whole, vectors)[:, prompt.ids.shape[1] - 1 : -1].log_softmax(-1).max(-1)
    assert torch.equal(expected.indices, said)
    torch.testing.assert_close(scores, expected.values, atol=1e-4, rtol=0)


# the graph injection -------------------------------------------------------------------------------------------------
def test_other_vectors_make_another_memory(fresh_memory, stir, facts, vectors):
    memory, tokens = stir(fresh_memory()), facts(*FACTS)
    one, other, none = (flat(memory.compile_facts(tokens, v)) for v in (vectors, -vectors, None))
    assert not torch.allclose(one, other, atol=1e-3) and not torch.allclose(one, none, atol=1e-3)


def test_with_u_at_zero_vectors_change_nothing(fresh_memory, stir, facts, vectors):
    memory, tokens = stir(fresh_memory()), facts(*FACTS)
    memory.injection.keys.zero_()
    memory.injection.values.zero_()
    assert torch.equal(flat(memory.compile_facts(tokens, vectors)), flat(memory.compile_facts(tokens)))


def test_the_vector_of_one_fact_is_not_in_another(fresh_memory, stir, facts, vectors):
    memory, tokens = stir(fresh_memory()), facts(*FACTS)
    changed = vectors.clone()
    changed[1] += 1
    one, other = (flat(memory.compile_facts(tokens, v)) for v in (vectors, changed))
    assert torch.equal(one[:, [0, 2]], other[:, [0, 2]]) and not torch.allclose(one[:, 1], other[:, 1], atol=1e-3)


def test_the_tokens_of_a_question_carry_no_vector(fresh_memory, stir, facts, asked, vectors):
    """In the first layer, where facts and question have not met, the question's keys and values are the LoRA's own."""
    memory, tokens, prompt = stir(fresh_memory()), facts(*FACTS), asked(QUESTIONS[0])
    laid = lay(memory.compile_facts(tokens, vectors), tokens.mask, torch.arange(3)[None])
    length = prompt.ids.shape[1]
    seen = memory.read(laid, prompt)[1].layers[0].values[:, :, -length:]
    memory.injection.values.zero_()
    assert torch.equal(seen, memory.read(None, prompt)[1].layers[0].values)


def test_the_injection_ends_with_the_pass_even_if_it_fails(fresh_memory, facts, vectors):
    memory, tokens = fresh_memory(), facts(*FACTS)
    with pytest.raises(IndexError):
        memory.compile_facts(type(tokens)(tokens.ids + 10_000, tokens.mask), vectors)
    assert memory.injection._now is None


def test_facts_are_cut_at_their_span(facts):
    assert facts("word " * 200).ids.shape == (1, SPAN)


def test_a_first_token_that_is_not_sure_enough_gives_way_to_the_next_best(fresh_memory, asked):
    memory, prompt = fresh_memory(), asked(*QUESTIONS)
    plain = greedy(memory, None, prompt, Until(-1, 3))[0]
    first = int(plain[0, 0])
    assert greedy(memory, None, prompt, Until(-1, 3, unless=(first, 1.0)))[0][0, 0] != first
    assert torch.equal(greedy(memory, None, prompt, Until(-1, 3, unless=(first, 1e-9)))[0], plain)
