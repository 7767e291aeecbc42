from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgpeft.embed.nearest import Nearest
from kgpeft.errors import UsageError

NAMES = [
    "myocardial infarction",
    "infarction of spleen",
    "diaphragm paralysis",
    "β-thalassemia",
    "tumour of the breast",
]
letters = st.text("abcdeé", min_size=1, max_size=6)
some_names = st.lists(st.lists(letters, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=8)


def best(mention: str, names: Sequence[str] = NAMES) -> str:
    ids, _ = Nearest(names)([mention], 1)
    return names[ids[0, 0]]


@pytest.mark.parametrize(("mention", "name"), [
    ("Infarction, MYOCARDIAL", 0), ("splenn infarctions", 1), ("paralysed diaphragma", 2), ("beta thalassaemia", 3),
    ("breast tumors", 4),
])  # fmt: skip
def test_case_order_number_and_spelling_do_not_matter(mention: str, name: int) -> None:
    assert best(mention) == NAMES[name]


@settings(deadline=None, max_examples=50)
@given(names=some_names)
def test_a_name_is_nearest_to_itself(names: list[str]) -> None:
    ids, scores = Nearest(names)(names, len(names))
    np.testing.assert_array_equal(scores, -np.sort(-scores, axis=1))
    for row, name in enumerate(names):
        place = ids[row].tolist().index(row)
        assert scores[row, place] >= scores[row, 0] - 1e-5, name


@settings(deadline=None, max_examples=50)
@given(names=some_names, mention=st.lists(letters, max_size=4))
def test_the_order_of_words_does_not_matter(names: list[str], mention: list[str]) -> None:
    ways = (" ".join(mention), " ".join(reversed(mention)))
    _, scores = Nearest(names)(ways, 3)
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)


def test_a_mention_gets_the_same_names_alone_and_among_others() -> None:
    mentions = ["spleen", "paralysis of breast", "?", ""] * 200
    ids, scores = Nearest(NAMES)(mentions, 5)
    for row in range(4):
        alone = Nearest(NAMES)([mentions[row]], 5)
        np.testing.assert_array_equal(ids[row + 796], alone[0][0])
        np.testing.assert_allclose(scores[row + 796], alone[1][0], atol=1e-6)


def test_what_shares_nothing_finds_nothing() -> None:
    ids, scores = Nearest(NAMES)(["xyz", "!"], 3)
    assert (ids == -1).all() and not scores.any()
    assert Nearest([])(["breast"], 2)[0].tolist() == [[-1, -1]]
    assert Nearest(NAMES)([], 2)[0].shape == (0, 2)


def test_reranking_adds_the_meaning_of_the_whole() -> None:
    meaning = {"infarction": [1.0, 0.0], "infarction of spleen": [0.0, 1.0], "myocardial infarction": [1.0, 0.0]}

    def encode(texts: Sequence[str]) -> np.ndarray:
        return np.array([meaning.get(text, [0.0, 0.0]) for text in texts], np.float32)

    ids, scores = Nearest(NAMES, encode)(["infarction"], 2, rerank=True)
    assert ids.tolist() == [[0, 1]]
    assert scores[0, 0] > 1 > scores[0, 1]
    with pytest.raises(UsageError, match="encoder"):
        Nearest(NAMES)(["infarction"], rerank=True)


def test_an_encoder_tells_words_that_mean_the_same() -> None:
    names, kin = ["renal cyst", "hepatic cyst", "kidney stone"], {"renal": 0, "kidney": 0, "hepatic": 1}

    def encode(words: Sequence[str]) -> np.ndarray:
        return np.eye(9, dtype=np.float32)[[kin.get(word, 2 + len(word)) for word in words]]

    assert Nearest(names, encode)(["kidney cysts"], 3)[0].tolist() == [[0, 2, 1]]
    assert Nearest(names)(["kidney cysts"], 1)[0].tolist() == [[2]]
