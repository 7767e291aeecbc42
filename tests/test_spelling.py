import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.spelling import fold, inflected, run_together

WORDS = st.text("abcdefghiklmnoprstuxyz", min_size=4, max_size=12)


@pytest.mark.parametrize(
    "words",
    [
        "disease diseases",
        "virus viruses",
        "headache headaches",
        "calorie calories",
        "toe toes",
        "lie lies",
        "size sizes",
        "axe axes",
        "nose noses",
        "lens lenses",
        "abscess abscesses",
        "haemorrhage hemorrhages",
        "diarrhoea diarrhea",
        "foetus fetuses",
        "hyperlipidaemia hyperlipidemia",
        "leucocyte leukocytes",
        "goitre goiter",
        "fibreglass fiberglass",
        "analysed analyzed",
        "labelled labeled",
        "catalogue catalogs",
        "discs disk",
        "behavioural behavioral",
        "colouration coloration",
    ],
)
def test_plural_and_spelling_fold_alike(words):
    assert len(set(map(fold, words.split()))) == 1


@pytest.mark.parametrize(
    "words",
    "four/for hour/her toes/to testis/tests ileum/ilium axon/axis zeta/seta tibia/tibial princess/prince".split(),
)
def test_other_words_stay_apart(words):
    one, other = words.split("/")
    assert fold(one) != fold(other) and other not in inflected(one)


@pytest.mark.parametrize(
    "pair",
    "vertebra/vertebrae nucleus/nuclei bacterium/bacteria ganglion/ganglia axis/axes cortex/cortices matrix/matrices "
    "phalanx/phalanges stoma/stomata foramen/foramina tooth/teeth child/children leaf/leaves iris/irides menu/menus "
    "pelvis/pelviss".split(),
)
def test_latin_and_irregular_plurals_are_known_both_ways(pair):
    one, many = pair.split("/")
    assert many in inflected(one) and (one in inflected(many) or many.endswith("ss"))


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_folding_is_the_same_each_time_and_joints_do_not_matter_between_letters(words):
    assert run_together(tuple(words)) == run_together(tuple(words)) and run_together(("b", "cell")) == "bcell"


def test_joints_between_digits_matter():
    assert run_together(("type", "1", "1")) != run_together(("type", "11"))
