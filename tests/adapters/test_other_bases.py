"""Base models other than Llama: whatever has a key-value cache can read facts."""

import pytest
import torch
from transformers import (
    AutoTokenizer,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    Phi3Config,
    Phi3ForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from kgpeft.adapters.fact_memory import Tokens, lay
from kgpeft.adapters.tokens import encode, fact_tokens, rows
from kgpeft.adapters.weights import LoraSettings, fresh, load_weights, round_weights, save_weights
from kgpeft.evidence.statements import Statement
from kgpeft.training.collate import Collator, Episode

SHAPE = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
         "vocab_size": 512, "initializer_range": 0.3, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
BASES = {
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**SHAPE, num_key_value_heads=2)),
    "neox": lambda: GPTNeoXForCausalLM(GPTNeoXConfig(**SHAPE)),  # queries, keys and values in one matrix
    "phi3": lambda: Phi3ForCausalLM(Phi3Config(**SHAPE, num_key_value_heads=2)),  # the same
}


@pytest.fixture(params=BASES)
def base(request):
    """Makes one base model, the same each time."""

    def make():
        torch.manual_seed(0)
        return BASES[request.param]().eval()

    return make


@torch.no_grad()
def test_it_reads_facts_saves_and_reloads(base, tiny, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    memory = fresh(base(), 12, LoraSettings(rank=4, alpha=8, injection_rank=6))
    for name, p in memory.named_parameters():
        if "lora_B" in name or "injection" in name:
            p.normal_(std=0.1)
    round_weights(memory)
    save_weights(memory, tmp_path)
    facts = rows(fact_tokens(tokenizer, ["soleus — has length: 31 cm", "ulna — is a: bone"]), 0)
    asked = rows(encode(tokenizer, ["What is ulna?"]), 0, left=True)

    def read(model, index):
        compiled = model.compile_facts(facts, torch.ones(2, 12))
        return model.logits(model.read(lay(compiled, facts.mask, torch.tensor([index])), asked)[0])

    assert torch.equal(read(load_weights(base(), tmp_path), [0, 1]), read(memory, [0, 1]))
    torch.testing.assert_close(read(memory, [1, 0]), read(memory, [0, 1]), atol=1e-4, rtol=0)
    assert not torch.allclose(read(memory, [0, -1]), read(memory, [1, -1]), atol=1e-2)


@torch.no_grad()
def test_its_packed_pass_equals_compiled_facts_and_reading(base, tiny):
    tokenizer, memory = AutoTokenizer.from_pretrained(tiny), fresh(base(), 12, LoraSettings(4, 8, 6))
    shown = Statement("soleus", "has length", ("31 cm",)), Statement("ulna", "is a", ("bone",))
    vectors = torch.randn(2, 12)
    batch = Collator(tokenizer)([Episode(shown, (("What is ulna?", "bone"),))])
    packed = memory.packed(batch.ids, batch.positions, batch.mask, vectors, batch.facts)[0][batch.block[0] < 0]
    facts = rows(fact_tokens(tokenizer, [s.text for s in shown]), 0)
    ids = batch.ids[0][batch.block[0] < 0][None]
    laid = lay(memory.compile_facts(facts, vectors), facts.mask, torch.tensor([[0, 1]]))
    torch.testing.assert_close(packed, memory.read(laid, Tokens(ids, torch.ones_like(ids)))[0][0], atol=1e-4, rtol=1e-4)
