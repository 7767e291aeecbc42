"""A key-value cache with room at its end: a further token is written in place, and what is there is not copied."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

ROOM = 16  # tokens that there is room for behind those that are held


def as_cache(layers: list[tuple[Tensor, Tensor]]) -> Any:
    """A transformers cache of keys and values [rows, heads, tokens, d]: every causal LM with such a cache reads it."""
    from transformers.cache_utils import Cache

    held = Cache(layer_class_to_replicate=_roomy())
    for i, (keys, values) in enumerate(layers):
        held.update(keys, values, i)
    return held


@cache
def _roomy() -> type:
    from transformers.cache_utils import DynamicLayer

    class RoomyLayer(DynamicLayer):
        """Keys and values are the beginnings of larger tensors, which are filled up before anything is copied."""

        keys: Any
        values: Any
        rooms = (torch.empty(0), torch.empty(0))

        def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
            self.keys, first = longer(self.keys, key_states, self.rooms[0])
            self.values, second = longer(self.values, value_states, self.rooms[1])
            self.rooms = first, second
            return self.keys, self.values

    return RoomyLayer


def longer(held: Tensor, more: Tensor, room: Tensor) -> tuple[Tensor, Tensor]:
    """Both, one after the other, as a part of a tensor that has room: of `room` if `held` is one and more fits."""
    start = held.shape[-2] if held.numel() else 0
    end = start + more.shape[-2]
    if held.data_ptr() != room.data_ptr() or len(room) != len(more) or end > room.shape[-2]:
        room = more.new_empty(*more.shape[:2], end + ROOM, more.shape[-1])
        room[:, :, :start] = held if start else 0
    room[:, :, start:end] = more
    return room[:, :, :end], room
