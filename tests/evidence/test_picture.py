from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgpeft.evidence.layout import Box, Edge, arrange, text_width, wrap
from kgpeft.evidence.linking import Linker
from kgpeft.evidence.picture import neighbourhood_svg
from kgpeft.evidence.search import Evidence
from kgpeft.evidence.statements import statements

SVG = "{http://www.w3.org/2000/svg}"


def evidence(graph, question):
    mentions = Linker(graph).link(question)
    found = [s for m in mentions for e in m.entities for s in statements(graph, e)]
    return Evidence(question, tuple(mentions), tuple(found), tuple(1.0 for _ in found))


@pytest.fixture(scope="module")
def drawn(toy):
    found = evidence(toy, "What is biceps brachii innervated by?")
    used = [e for s in found.statements if s.relation == "innervated by" for e in s.edges]
    return neighbourhood_svg(toy, found, used, "Which nerve?"), neighbourhood_svg(toy, found, used, "Which nerve?")


def test_the_same_evidence_gives_the_same_picture(drawn):
    assert drawn[0] == drawn[1]


def test_a_picture_is_xml_with_title_description_and_the_facts_in_words(drawn):
    root = ElementTree.fromstring(drawn[0])
    assert root.find(f"{SVG}title").text == "Which nerve?" and root.get("role") == "img"
    assert "biceps brachii — innervated by — musculocutaneous nerve" in root.find(f"{SVG}desc").text


def test_what_the_answer_rests_on_and_what_was_asked_stand_out(drawn):
    root = ElementTree.fromstring(drawn[0])
    kinds = {group.get("class"): "".join(group.itertext()) for group in root.iter(f"{SVG}g") if group.get("class")}
    assert kinds["asked"].strip() == "biceps brachii" and "musculocutaneous" in kinds["used"]
    assert len(root.findall(f".//{SVG}path[@class='edge used']")) == 2  # the edge, and its kind in the key


def test_a_picture_of_a_hub_holds_no_more_things_than_it_may(graph_from):
    graph = graph_from(*((f"leaf {i}", f"r{i % 7}", "hub") for i in range(300)))
    root = ElementTree.fromstring(neighbourhood_svg(graph, evidence(graph, "hub?"), most=12))
    assert len(root.findall(f".//{SVG}rect[@class='box']")) <= 12 and "more" in "".join(root.itertext())


def test_a_question_that_names_nothing_has_a_picture_that_says_so(toy):
    root = ElementTree.fromstring(neighbourhood_svg(toy, evidence(toy, "What of the zygote?")))
    assert "nothing that the graph has" in "".join(root.find(f"{SVG}text").itertext())


@pytest.mark.parametrize("name", ["name <b>&amp;\"'", "日本語の名前", "x" * 300, "a\u0301 " * 60])
def test_any_name_is_drawn(graph_from, name):
    graph = graph_from((name, "r & s", "other"))
    root = ElementTree.fromstring(neighbourhood_svg(graph, evidence(graph, "other?")))
    assert any(name.strip()[:40] in (text or "") for text in root.itertext())


LABELS = st.lists(st.text(alphabet="abc 日", min_size=1, max_size=60), min_size=2, max_size=20, unique=True)


@settings(max_examples=25, deadline=None)
@given(LABELS, st.data())
def test_no_box_covers_another(labels, data):
    ends = st.sampled_from(range(len(labels)))
    pairs = data.draw(st.lists(st.tuples(ends, ends).filter(lambda p: p[0] != p[1]), max_size=25))
    boxes = {str(at): Box(label, "other") for at, label in enumerate(labels)}
    arrange(boxes, [Edge(str(a), str(b), "r", "read") for a, b in pairs])
    for a, b in combinations(boxes.values(), 2):
        assert abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2


@given(st.text(max_size=200), st.integers(40, 200))
def test_wrapped_lines_fit_and_only_what_is_too_long_is_cut(text, width):
    lines = wrap(text, width)
    assert 1 <= len(lines) <= 3 and all(text_width(line) <= width for line in lines)
    assert "…" in lines[-1] or "…" in "".join(lines) or " ".join(lines) == " ".join(text.split())
