from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.evidence.linking import COMMON, Linker, fold

NAMES = "heart", "heart valve", "Übergang", "α-globin", "muscle cell", "part", "ear", "artery"


@pytest.fixture(scope="module")
def link(graph_from):
    linker = Linker(graph_from(*((name, "near", "place") for name in NAMES)))
    return lambda text: [mention.text for mention in linker.link(text)]


def test_the_longest_name_wins(link):
    assert link("What is the heart valve of the heart?") == ["heart valve", "heart"]


def test_only_whole_words_link(link):
    assert link("hearty hearing of bears, earth") == []


@pytest.mark.parametrize("spelling", ["HEART", "Heart", "übergang", "UBERGANG", "ALPHA-globin", "Α-Globin", "ά-globin"])
def test_case_accents_and_greek_letters_do_not_matter(link, spelling):
    assert link(f"Where is {spelling}?") == [spelling]


@pytest.mark.parametrize("plural", ["hearts", "heart valves", "muscle cells", "arteries"])
def test_a_plural_finds_its_singular(link, plural):
    assert link(f"Which {plural}?") == [plural]


def test_words_that_questions_are_made_of_name_nothing(graph_from):
    linker = Linker(graph_from(*((word, "near", "place") for word in sorted(COMMON))))
    assert linker.link(" ".join(sorted(COMMON))) == []


def test_a_synonym_finds_its_entity(toy):
    (mention,) = Linker(toy).link("What innervates the biceps?")
    assert [toy.names[e] for e in mention.entities] == ["biceps brachii"]


def test_one_name_of_two_things_finds_both(turtle_pair):
    (mention,) = Linker(turtle_pair).link("Where is mercury?")
    assert len(mention.entities) == 2


@pytest.fixture
def turtle_pair(tmp_path):
    from kgpeft.graph import read

    synonym = "<http://www.geneontology.org/formats/oboInOwl#hasExactSynonym>"
    (tmp_path / "pair.ttl").write_text(f'<urn:a> {synonym} "mercury" ; <urn:r> <urn:b> . <urn:b> {synonym} "Mercury" .')
    return read(tmp_path / "pair.ttl")


@given(st.lists(st.sampled_from([*NAMES, "of", "the", "hearts", "cell", "?", "§"]), max_size=12).map(" ".join))
def test_mentions_stand_in_order_where_they_say_and_never_overlap(link_all, text):
    mentions = link_all(text)
    assert all(text[m.start : m.end] == m.text and m.entities for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))


@pytest.fixture(scope="module")
def link_all(graph_from):
    return Linker(graph_from(*((name, "near", "place") for name in NAMES))).link


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)
