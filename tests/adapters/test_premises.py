"""Yes needs a statement, no an axiom, and what a question wrongly takes for granted is refused with what is so."""

import pytest

from kgpeft.adapters.premises import Premises
from kgpeft.evidence.search import Search
from kgpeft.graph import read

GRAPH = """
@prefix : <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
:lustre a owl:ObjectProperty ; rdfs:label "has lustre" . :after a owl:ObjectProperty ; rdfs:label "named after" .
:mineral a owl:Class ; rdfs:label "mineral" . :sulfide a owl:Class ; rdfs:label "sulfide" ; rdfs:subClassOf :mineral .
:person a owl:Class ; rdfs:label "person" ; owl:disjointWith :mineral .
:galena a owl:Class ; rdfs:label "galena" ; rdfs:subClassOf :sulfide ; :lustre :metallic .
:smithsonite a owl:Class ; rdfs:label "smithsonite" ; rdfs:subClassOf :mineral ; :lustre :vitreous ; :after :smithson .
:metallic a :shine ; rdfs:label "metallic" . :vitreous a :shine ; rdfs:label "vitreous" .
:shine a owl:Class ; rdfs:label "shine" . :smithson a :person ; rdfs:label "James Smithson" .
"""


@pytest.fixture(scope="module")
def settle(tmp_path_factory, encode):
    path = tmp_path_factory.mktemp("premises") / "g.ttl"
    path.write_text(GRAPH, encoding="utf-8")
    graph = read(path)
    search, premises = Search(graph, encode), Premises(graph)
    return lambda question: premises.settle(question, search(question))


@pytest.mark.parametrize(
    ("question", "answer"),
    [("Is galena a kind of mineral?", "yes"), ("Is galena a mineral?", "yes"), ("Is mineral a kind of galena?", ""),
     ("Is galena a kind of person?", "no"), ("Is vitreous the lustre of smithsonite?", "yes"),
     ("Does galena have metallic as its lustre?", "yes"), ("Is vitreous the lustre of galena?", ""),
     ("Is smithsonite named after James Smithson?", "yes"), ("Is James Smithson named after smithsonite?", ""),
     ("Is galena heavy?", ""), ("Is smithsonite older than James Smithson?", "")],
)
def test_yes_needs_a_statement_and_no_an_axiom(settle, question, answer):
    assert settle(question).answer == answer


def test_a_yes_rests_on_every_step_up_and_a_no_on_the_axiom(settle):
    way = [s.text for s in settle("Is galena a kind of mineral?").behind]
    assert way == ["galena — is a: sulfide", "sulfide — is a: mineral"]
    assert settle("Is galena a kind of person?").why == "mineral and person are disjoint"


def test_what_is_so_instead_is_told_and_a_reason_is_never_invented(settle):
    wrong, right = (settle(f"Why is {value} the lustre of galena?") for value in ("vitreous", "metallic"))
    assert (wrong.answer, right.answer) == ("", "") and not right.behind
    assert [s.text for s in wrong.behind] == ["galena — has lustre: metallic"]


@pytest.mark.parametrize("question", [
    "What is the lustre of galena?", "Can you tell me the lustre of galena?", "Why is galena mined?",
    "Which mineral with vitreous lustre is named after James Smithson?", "", "Do you know what galena is?"])
def test_other_questions_are_left_to_the_reader(settle, question):
    assert settle(question) is None
