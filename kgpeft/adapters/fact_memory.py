"""Fact memory: a causal language model reads facts from its own keys and values.

Every fact is run through the model alone, with the adapter on; its keys and values are laid beside those of the other
facts and the question attends to all of them (Parallel Context Windows, Ratner et al. 2023, arXiv 2212.10947, with the
windows trained). All facts start at position 0, so that a fact's block does not depend on its place: the memory is a
set, a block can be compiled once, kept, edited or swapped, and the order of facts cannot change an answer.

Training reads facts and questions in one pass under a mask that says the same; `test_packed_equals_compiled` holds it.

Shapes: F facts, L tokens of a fact, B questions, T tokens of a question, M tokens of memory.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from kgpeft.adapters.cache import as_cache
from kgpeft.adapters.injection import GraphInjection

SPAN = 64  # positions that a fact may use; the question starts behind them

KeyValues = list[tuple[Tensor, Tensor]]  # one (keys, values) pair a layer, each [rows, heads, tokens, d]


@dataclass(frozen=True)
class Tokens:
    """Padded token rows: `ids` int64 [rows, length], `mask` int64, 1 where a token is real."""

    ids: Tensor
    mask: Tensor

    def to(self, device: torch.device | str) -> Tokens:
        """The same rows on another device."""
        return Tokens(self.ids.to(device), self.mask.to(device))


@dataclass(frozen=True)
class Memory:
    """What a batch of questions attends to: keys and values [B, heads, M, d] a layer, and their mask [B, M].

    `span` is the position that the questions start at.
    """

    layers: KeyValues
    mask: Tensor
    span: int = SPAN


class FactMemory(nn.Module):
    """Compiles facts to keys and values with a (LoRA-wrapped) causal LM and reads questions over them."""

    def __init__(self, model: Any, injection: GraphInjection | None) -> None:
        super().__init__()
        self.model = model
        self.injection = injection
        if injection is not None:
            injection.attach(self._causal_lm)

    @property
    def _causal_lm(self) -> Any:
        return self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        device: torch.device = next(self.model.parameters()).device
        return device

    @contextmanager
    def merged(self) -> Iterator[None]:
        """Within it LoRA's products are part of the weights, so that a token costs what it costs the base.

        The base's own weights are kept aside and come back bit for bit. On a GPU nothing is done: it would
        cost memory there, and win little time.
        """
        from peft.tuners.tuners_utils import BaseTunerLayer

        tuned = [m for m in self.model.modules() if isinstance(m, BaseTunerLayer)] if self.device.type == "cpu" else []
        kept = [(layer, layer.get_base_layer().weight.data) for layer in tuned if not layer.merged]
        try:
            with torch.no_grad():
                for layer, _ in kept:
                    layer.merge(safe_merge=True)  # into a copy
            yield
        finally:
            for layer, weight in kept:
                layer.get_base_layer().weight.data = weight
                layer.merged_adapters.clear()

    def _injected(self, vectors: Tensor | None, fact_of_token: Tensor) -> AbstractContextManager[None]:
        return nullcontext() if self.injection is None else self.injection.reading(vectors, fact_of_token)

    def compile_facts(self, facts: Tokens, vectors: Tensor | None = None) -> KeyValues:
        """Keys and values of every fact, each run alone from position 0, with its graph vector (float [F, G]) added."""
        rows, length = facts.ids.shape
        positions = torch.arange(length, device=facts.ids.device).expand(rows, -1)
        which = torch.arange(rows, device=facts.ids.device)[:, None].expand(rows, length)
        with self._injected(vectors, which):
            out = self._causal_lm.base_model(
                input_ids=facts.ids, attention_mask=facts.mask, position_ids=positions, use_cache=True
            )
        return [(layer.keys, layer.values) for layer in out.past_key_values.layers]

    def packed(self, ids: Tensor, positions: Tensor, mask: Tensor, vectors: Tensor | None, facts: Tensor) -> Tensor:
        """Hidden states [B, T, H] of rows that hold facts and questions under a boolean mask [B, 1, T, T]."""
        with self._injected(vectors, facts):
            out = self._causal_lm.base_model(
                input_ids=ids, position_ids=positions, attention_mask=mask, use_cache=False
            )
        hidden: Tensor = out.last_hidden_state
        return hidden

    def read(self, memory: Memory | None, prompt: Tokens) -> tuple[Tensor, Any]:
        """Hidden states [B, T, H] of the prompts over the memory, and the cache to go on from."""
        positions = (prompt.mask.cumsum(1) - 1).clamp(min=0)
        mask, cache = prompt.mask, None
        if memory is not None:
            positions, mask = positions + memory.span, torch.cat([memory.mask, prompt.mask], 1)
            cache = as_cache(memory.layers)
        return self.go_on(prompt.ids, mask, positions, cache)

    def begun(self, prompt: Tokens) -> tuple[Memory | None, Tokens]:
        """What all left-padded prompts begin with, read once for all of them, and what is left of each to read."""
        shared = _shared(prompt)
        if not shared:
            return None, prompt
        size, length = prompt.ids.shape
        first = int(length - prompt.mask[0].sum())
        start = prompt.ids[:1, first : first + shared]
        positions = torch.arange(shared, device=start.device)[None]
        _, cache = self.go_on(start, torch.ones_like(start), positions, None)
        layers = [(x.keys.expand(size, -1, -1, -1), x.values.expand(size, -1, -1, -1)) for x in cache.layers]
        seen = prompt.mask * (prompt.mask.cumsum(1) > shared)
        rest = Tokens(prompt.ids[:, shared:], seen[:, shared:])
        return Memory(layers, prompt.mask.new_ones(size, shared), shared), rest

    def logits(self, hidden: Tensor) -> Tensor:
        """Next-token scores of hidden states [..., H]."""
        scores: Tensor = self._causal_lm.get_output_embeddings()(hidden)
        return scores

    def next_position(self, memory: Memory | None, prompt: Tokens) -> Tensor:
        """int64 [B, 1]: the position behind each prompt."""
        return prompt.mask.sum(1, keepdim=True) + (0 if memory is None else memory.span)

    def go_on(self, ids: Tensor, mask: Tensor, positions: Tensor, cache: Any) -> tuple[Tensor, Any]:
        """Hidden states [B, T, H] of further tokens, and the cache behind them; the mask covers the cache too."""
        model = self._causal_lm.base_model
        name = "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"
        out = model(
            input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=True, **{name: cache}
        )  # transformers renamed the argument in 5.24
        return out.last_hidden_state, out.past_key_values


def lay(layers: KeyValues, mask: Tensor, index: Tensor) -> Memory:
    """Lays compiled facts side by side: row b reads the facts index[b] (int64 [B, S]); -1 is an empty place."""
    index = torch.where(index < 0, len(mask), index)

    def place(x: Tensor) -> Tensor:
        rows = torch.cat([x, x.new_zeros(1, *x.shape[1:])])[index]  # [B, S, heads, L, d]
        return rows.permute(0, 2, 1, 3, 4).flatten(2, 3)

    laid = torch.cat([mask, mask.new_zeros(1, mask.shape[1])])[index].flatten(1)
    return Memory([(place(k), place(v)) for k, v in layers], laid)


def _shared(prompt: Tokens) -> int:
    """How many tokens all left-padded prompts begin with, one left for each; 0 where there is but one prompt."""
    if len(prompt.ids) < 2:
        return 0
    said = [ids[mask.bool()] for ids, mask in zip(prompt.ids, prompt.mask, strict=True)]
    least = min(map(len, said)) - 1
    heads = torch.stack([ids[:least] for ids in said])
    return int((heads == heads[0]).all(0).long().cumprod(0).sum())
