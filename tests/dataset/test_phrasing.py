import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.dataset.grammar import put
from kgpeft.dataset.phrasing import DEFINITION, phrasing, plain
from kgpeft.dataset.writer import SEEN_TEMPLATES

LABELS = (
    "has crystal system", "innervated by", "part of", "treats", "develops from", "is ore of", "hasTopping", "is a",
    "mohs hardness", "contains element", "lives in", "composed primarily of", "has_part", "regulates", "is", "has",
)


@pytest.mark.parametrize(
    ("label", "value", "bearer"),
    [
        ("has crystal system", "What crystal system does {x} have?", "What has {x} as a crystal system?"),
        ("innervated by", "What is {x} innervated by?", "What is innervated by {x}?"),
        ("part of", "What is {x} part of?", "What is part of {x}?"),
        ("treats", "What does {x} treat?", "What treats {x}?"),
        ("develops from", "What does {x} develop from?", "What develops from {x}?"),
        ("is ore of", "What is {x} an ore of?", "What is an ore of {x}?"),
        ("hasTopping", "What topping does {x} have?", "What has {x} as a topping?"),
        ("is a", "What kind of thing is {x}?", "What are the kinds of {x}?"),
        ("contains element", "Which element does {x} contain?", "What contains the element {x}?"),
        ("identifies", "What does {x} identify?", "What identifies {x}?"),
        ("continuous with", "What is {x} continuous with?", "What is continuous with {x}?"),
        ("negatively regulates", "What does {x} negatively regulate?", "What negatively regulates {x}?"),
        ("has shared sovereignty over", "What does {x} have shared sovereignty over?",
         "What has shared sovereignty over {x}?"),
        ("commonly found with", "What is {x} commonly found with?", "What is commonly found with {x}?"),
        ("applies to account", "Which account does {x} apply to?", "What applies to the account {x}?"),
        ("only in taxon", "In which taxon is {x} only found?", "What is only found in the taxon {x}?"),
        ("existence starts during", "What does the existence of {x} start during?",
         "What has an existence that starts during {x}?"),
        ("hasQUDTReference", "What QUDT reference does {x} have?", "What has {x} as a QUDT reference?"),
        ("alias of", "What is {x} an alias of?", "What is an alias of {x}?"),
        ("uses", "What does {x} use?", "What uses {x}?"),
        ("has broader", "What is the broader concept of {x}?", "What are the narrower concepts of {x}?"),
        ("mohs hardness", "What is the mohs hardness of {x}?", "What has the mohs hardness {x}?"),
    ],
)
def test_the_grammar_of_a_label_decides_how_it_is_asked_for(label, value, bearer):
    made = phrasing(label)
    assert (made.object[0], made.subject[0]) == (value, bearer)


@pytest.mark.parametrize("label", LABELS)
def test_some_phrasings_are_left_to_measure_unseen_ones(label):
    made = phrasing(label)
    assert len(made.object) > SEEN_TEMPLATES and len(set(made.object)) == len(made.object)


@given(st.one_of(st.sampled_from(LABELS), st.text(st.characters(codec="utf-8", exclude_characters="{}"), min_size=1)))
def test_every_template_holds_one_place_for_a_name(label):
    made = phrasing(label)
    assert all(template.count("{x}") == 1 for template in (*made.object, *made.subject, made.path))
    assert all(template.count("{x}") == template.count("{y}") == 1 for template in (made.confirm, made.why))


def test_a_definition_is_asked_for_in_templates_too():
    assert all(template.count("{x}") == 1 for template in DEFINITION.object)


@pytest.mark.parametrize("spelling", ["hasCrystalSystem", "has_crystal_system", "Has crystal  system"])
def test_spellings_of_a_label_are_one_label(spelling):
    assert plain(spelling) == "has crystal system" and phrasing(spelling) == phrasing("has crystal system")


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("Star clusters", "What are Star clusters related to?"),
        ("walls of the cell", "What are walls of the cell related to?"),
        ("Stellar dynamics", "What is Stellar dynamics related to?"),
        ("wall of cells", "What is wall of cells related to?"),
        ("galena", "What is galena related to?"),
    ],
)
def test_a_verb_agrees_with_the_name_it_is_asked_of(name, question):
    assert put(name, "What is {x} related to?") == question
