"""Texts are read together with others of their length."""

from hypothesis import given
from hypothesis import strategies as st

from kgpeft.adapters.tokens import LETTERS, MOST, parcels


@given(st.lists(st.integers(0, 3 * LETTERS * MOST)), st.integers(1, 9))
def test_parcels_hold_every_text_once_the_short_ones_first_and_long_ones_in_small_company(letters, most):
    parts = list(parcels(letters, most))
    assert sorted(i for part in parts for i in part) == list(range(len(letters)))
    lengths = [letters[i] for part in parts for i in part]
    assert lengths == sorted(lengths)
    for part in parts:
        assert len(part) == 1 or (len(part) <= most and len(part) * letters[part[-1]] <= LETTERS * MOST)
