from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgpeft.evidence.linking import Linker
from kgpeft.evidence.names import Pool
from kgpeft.evidence.words import COMMON, fold

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
    assert linker.link(" ".join(sorted(COMMON)) + " zygote") == []


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


CELLS = """
[Term]
id: X:1
name: squamous cell carcinoma
synonym: "epidermoid carcinoma" EXACT []
synonym: "planocellular tumour" RELATED []
is_a: X:4

[Term]
id: X:2
name: chronic lymphocytic leukaemia (CLL)
is_a: X:4

[Term]
id: X:3
name: nucleus of cell
relationship: part_of X:7

[Term]
id: X:4
name: carcinoma

[Term]
id: X:5
name: type 2 collagen

[Term]
id: X:6
name: mercury (planet)

[Term]
id: X:7
name: mercury (element)

[Term]
id: X:8
name: island

[Term]
id: X:9
name: Her
"""


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    from kgpeft.graph import read

    path = tmp_path_factory.mktemp("cells") / "cells.obo"
    path.write_text("format-version: 1.2\n" + CELLS)
    graph = read(path)
    return graph, Linker(graph)


@pytest.mark.parametrize(
    ("said", "name", "how"),
    [
        ("squamous cell carcinoma", "squamous cell carcinoma", "exact"),
        ("Squamous Cell carcinoma", "squamous cell carcinoma", "folded"),
        ("squamous-cell carcinomas", "squamous cell carcinoma", "inflected"),
        ("nuclei of cells", "nucleus of cell", "inflected"),
        ("epidermoid carcinoma", "squamous cell carcinoma", "synonym"),
        ("planocellular tumor", "squamous cell carcinoma", "synonym"),
        ("CLL", "chronic lymphocytic leukaemia (CLL)", "abbreviation"),
        ("chronic lymphocytic leukemia", "chronic lymphocytic leukaemia (CLL)", "inflected"),
        ("SCC", "squamous cell carcinoma", "abbreviation"),
        ("squamuos cell carcinoma", "squamous cell carcinoma", "typo"),
        ("squamous cel carcinoma", "carcinoma", "exact"),  # too short a word to be a slip
        ("squamouscell carcimona", "squamous cell carcinoma", "typo"),
    ],
)
def test_a_name_is_found_in_many_forms_and_the_mention_says_how(cells, said, name, how):
    graph, linker = cells
    mention = linker.link(f"What causes {said}?")[-1]
    assert (graph.names[mention.entities[0]], mention.how) == (name, how)


@pytest.mark.parametrize(
    "stranger",
    ["zolmerin", "type 3 collagen", "an is land", "carcinogen", "collage", "tupe 7 colagen", "cell", "mercer"],
)
def test_a_stranger_is_not_linked(cells, stranger):
    assert cells[1].link(f"What causes {stranger}?") == []


@pytest.mark.parametrize(
    ("said", "partial"),
    [
        ("solven carcinoma", "solven carcinoma"),
        ("squamous melanic carcinoma", "squamous melanic carcinoma"),
        ("type 2 collagen 7", "type 2 collagen 7"),
        ("[basal carcinoma]", "basal carcinoma"),
        ("unpleasant carcinoma", ""),
        ("solvens and carcinoma", ""),
    ],
)
def test_a_name_with_words_that_the_graph_does_not_know_is_only_partly_there(cells, said, partial):
    mention = cells[1].link(f"What causes {said}?")[-1]
    assert mention.partial == partial and (mention.score < 0.6) == bool(partial)


def test_the_rest_of_the_question_tells_namesakes_apart_and_both_are_told(cells):
    graph, linker = cells
    for said, meant in (("the planet", "mercury (planet)"), ("the element", "mercury (element)")):
        (mention,) = linker.link(f"Where is {said} mercury?")
        assert [graph.names[e] for e in mention.entities] == [meant]
        assert {graph.names[c.entity] for c in mention.candidates} == {"mercury (planet)", "mercury (element)"}


def test_a_thing_next_to_another_that_is_named_is_meant(cells):
    graph, linker = cells
    mention = linker.link("Is the nucleus of cell near mercury?")[-1]
    assert [graph.names[e] for e in mention.entities] == ["mercury (element)"]


@pytest.mark.parametrize(
    ("question", "found"),
    [("Who saw Her?", ["Her"]), ('Who made "her"?', ["her"]), ("Who is her zygote?", []), ("what about her", ["her"])],
)
def test_a_word_that_questions_are_made_of_needs_a_reason_to_be_a_name(cells, question, found):
    assert [m.text for m in cells[1].link(question)] == found


def test_what_a_longer_name_hides_is_told(cells):
    graph, linker = cells
    (mention,) = linker.link("What causes squamous cell carcinoma?")
    assert [graph.names[c.entity] for c in mention.candidates] == ["squamous cell carcinoma", "carcinoma"]


def test_a_relations_word_is_no_name_where_it_asks_for_the_relation(graph_from):
    linker = Linker(graph_from(("talc", "has lustre", "pearly"), ("lustre", "is a", "quality")))
    assert [m.text for m in linker.link("What is the lustre of talc?")] == ["talc"]
    assert [m.text for m in linker.link("Is lustre a quality?")] == ["lustre", "quality"]


def test_a_name_ends_with_the_marks_that_the_graph_writes(graph_from):
    graph = graph_from(("Up", "made by", "Pixar"), ("Up!", "made by", "Meyer"))
    for name in ("Up", "Up!"):
        (mention,) = Linker(graph).link(f"Who saw {name}")
        assert (mention.text, [graph.names[e] for e in mention.entities]) == (name, [name])


def test_a_question_that_names_nothing_may_name_something_by_its_meaning(graph_from):
    graph = graph_from(("talc", "near", "quartz"))
    vectors = np.eye(len(graph.terms), dtype=np.float32)
    linker = Linker(graph, lambda texts: vectors[[graph.names.index("talc")] * len(texts)], vectors)
    (mention,) = linker.link("How soft is steatite?")
    assert (mention.how, [graph.names[e] for e in mention.entities]) == ("embedding", ["talc"])


@given(st.sets(st.text("abcdéß", min_size=5, max_size=5), min_size=1), st.text("abcdéß", min_size=4, max_size=6))
def test_no_word_within_two_slips_is_passed_over(words, slipped):
    from rapidfuzz.distance import OSA

    for edits in (1, 2):
        near = {word for word in words if OSA.distance(word, slipped) <= edits}
        assert near <= set(Pool(sorted(words)).like(slipped, edits))


def test_what_a_mention_hides_is_told_when_asked_for(graph_from):
    (mention,) = Linker(graph_from(*((name, "near", "place") for name in NAMES))).link("Where is the heart valve?")
    assert [c.name for c in mention.candidates] == ["heart valve", "heart"]
