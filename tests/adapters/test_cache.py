"""A cache with room holds what a cache that copies would hold."""

import torch

from kgpeft.adapters.cache import ROOM, as_cache


def some(rows, tokens, seed):
    return torch.randn(rows, 2, tokens, 4, generator=torch.Generator().manual_seed(seed))


def test_it_holds_what_was_added_in_order_whichever_rows_were_kept():
    cache, expected = as_cache([(some(3, 5, 0), some(3, 5, 1))]), [some(3, 5, 0), some(3, 5, 1)]
    for step in range(2 * ROOM + 3):
        more = [some(len(expected[0]), 1, 10 * step + i) for i in (2, 3)]
        keys, values = cache.update(*more, 0)
        expected = [torch.cat(pair, 2) for pair in zip(expected, more, strict=True)]
        assert torch.equal(keys, expected[0]) and torch.equal(values, expected[1])
        if step in (4, ROOM):
            cache.batch_select_indices(torch.tensor([1, 0]))
            expected = [x[[1, 0]] for x in expected]


def test_what_was_given_out_before_stays_what_it_was():
    cache = as_cache([(some(2, 3, 0), some(2, 3, 1))])
    keys, _ = cache.update(some(2, 1, 2), some(2, 1, 3), 0)
    before = keys.clone()
    cache.update(some(2, 1, 4), some(2, 1, 5), 0)
    assert torch.equal(keys, before)


def test_room_is_filled_before_anything_is_copied():
    cache = as_cache([(some(2, 3, 0), some(2, 3, 1))])
    places = {cache.update(some(2, 1, 2), some(2, 1, 3), 0)[0].data_ptr() for _ in range(ROOM)}
    assert len(places) == 1
