import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.evaluation.wording import normalise, tokens
from kgpeft.spelling import fold, stem

PIECES = st.sampled_from(
    [
        *"aZ09 .,-_'’()%αßİ½²",
        "1,200",
        "6.50",
        "July",
        "20",
        "1969",
        "1969-07-20",
        "can't",
        "n't",
        "'s",
        "7mm",
        "1.5e3",
        "-",
        "the ",
        "Graves' ",
    ]
)


@given(st.text() | st.lists(PIECES).map("".join))
def test_normalising_twice_is_normalising_once(text):
    assert normalise(normalise(text)) == normalise(text)


@given(
    st.lists(st.text("abcdefgh", min_size=2, max_size=8), min_size=1, max_size=5),
    st.sampled_from([" ", "-", "_", ", ", " / "]),
)
def test_case_and_punctuation_do_not_matter(words, mark):
    assert normalise(mark.join(words).title()) == normalise(" ".join(words) + ".")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6.50", "6.5"),
        ("7", "7.0"),
        ("1,200", "1200"),
        ("0.50", ".5"),
        ("-0.0", "0"),
        ("−5", "-5"),
        ("2.65E0", "2.65"),
        ("7mm", "7 mm"),
        ("6.5mm", "6.5 mm"),
        ("CaF₂", "CaF2"),
        ("β-catenin", "beta catenin"),
        ("TNFα", "TNF-alpha"),
        ("Sjögren's syndrome", "Sjogren syndrome"),
        ("Graves’ disease", "graves disease"),
        ("Straße", "STRASSE"),
        ("20 July 1969", "1969-07-20"),
        ("July 20, 1969", "1969-07-20"),
        ("20th of Jul. 1969", "1969-07-20"),
        ("1969-07-20T00:00:00Z", "1969-07-20"),
        ("don't know", "do not know"),
        ("can't", "cannot"),
        ("β-2-microglobulin", "beta-2 microglobulin"),
        ("part_of", "part of"),
        ("skin & bone", "skin and bone"),
        ("Fœtus", "foetus"),
        ("Crohn's_disease", "crohn disease"),
    ],
)
def test_equal_values_have_equal_tokens(one, other):
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6.5", "65"),
        ("5", "-5"),
        ("007", "7"),
        ("1.2.3", "1.23"),
        ("Fe2O3", "Fe3O4"),
        ("MYC+ lymphoma", "MYC- lymphoma"),
        ("Fe2+", "Fe2"),
        ("1969-07-20", "1969-07-21"),
        ("type 1", "type 2"),
        ("6,5", "65"),
        ("p53", "p 53"),
    ],
)
def test_different_values_have_different_tokens(one, other):
    assert tokens(one) != tokens(other)


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("hearts", "heart"),
        ("kidneys", "kidney"),
        ("arteries", "artery"),
        ("processes", "process"),
        ("colours", "color"),
        ("tumours", "tumor"),
    ],
)
def test_simple_plurals_and_spellings_fold(plural, singular):
    assert fold(plural) == fold(singular)


@pytest.mark.parametrize("word", ["virus", "glass", "pelvis", "gas", "as", "s100"])
def test_words_that_only_look_plural_stay(word):
    assert fold(word) == word


@pytest.mark.parametrize(
    "words",
    [
        "crystal crystallizes crystallized",
        "treat treats treatment",
        "innervates innervated innervation",
        "supply supplies supplied",
    ],
)
def test_inflections_share_a_stem(words):
    assert len({stem(word) for word in words.split()}) == 1
