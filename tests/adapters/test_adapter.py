"""What an adapter answers, cites and refuses; what the model says is given, for it is not trained here."""

import json

import pytest

from kgpeft.adapters import adapter as module
from kgpeft.adapters.adapter import ABSTENTION, Said, support
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.evidence.search import Evidence
from kgpeft.evidence.statements import Statement

BICEPS = "What is the biceps innervated by?"


@pytest.fixture
def saying(adapter, monkeypatch):
    """An adapter whose model says a given text to every question."""

    def make(text, confidence=0.9):
        monkeypatch.setattr(adapter, "generate", lambda prompts, memory: [Said(text, confidence, 0, 0)] * len(prompts))
        return adapter

    return make


def test_without_evidence_it_abstains_and_does_not_ask_the_model(adapter, monkeypatch):
    monkeypatch.setattr(adapter, "generate", None)
    answer = adapter.ask("What is the zygote innervated by?")
    assert (answer.text, answer.abstained, answer.citations, answer.facts) == (ABSTENTION, True, (), ())


def test_an_answer_cites_the_fact_that_names_it(saying):
    answer = saying("musculocutaneous nerve").ask(BICEPS)
    (cited,) = answer.citations
    assert not answer.abstained and answer.text == "musculocutaneous nerve"
    assert (cited.subject, cited.relation, cited.object) == ("biceps brachii", "innervated by", answer.text)


def test_case_does_not_hide_what_an_answer_names(saying):
    assert len(saying("Musculocutaneous Nerve").ask(BICEPS).citations) == 1


@pytest.mark.parametrize("text", [REFUSAL, "", "nerve", "axillary nerve", "the musculocutaneous nerve of the arm"])
def test_what_no_fact_says_becomes_an_abstention(saying, text):
    answer = saying(text).ask(BICEPS)
    assert (answer.text, answer.abstained, answer.citations) == (ABSTENTION, True, ())
    assert answer.facts


def test_every_named_value_is_cited_and_no_other(saying):
    whole = saying("radius; scapula").ask("What does biceps brachii attach to?")
    part = saying("scapula").ask("What does biceps brachii attach to?")
    assert {c.object for c in whole.citations} == {"radius", "scapula"}
    assert {c.object for c in part.citations} == {"scapula"}


def test_citations_are_facts_of_the_graph(saying, toy, toy_source):
    edges = {(toy.terms[s], toy.relations[r], toy.terms[o]) for s, r, o in toy.edges.tolist()}
    for question, text in ((BICEPS, "musculocutaneous nerve"), ("What attaches to the ulna?", "supinator; brachialis")):
        citations = saying(text).ask(question).citations
        assert citations and all((c.subject_iri, c.relation_iri, c.object_iri) in edges for c in citations)
        assert {c.source for c in citations} == {str(toy_source)}


def test_a_definition_is_cited_by_its_entity(saying):
    (cited,) = saying("A muscle that bends the elbow.").ask("Define biceps brachii.").citations
    assert (cited.relation, cited.subject_iri) == ("definition", "http://example.org/biceps")


def test_the_statement_that_names_most_of_an_answer_supports_it(adapter):
    evidence = adapter.search("What do the brachialis and the supinator attach to?")
    statement, named = support("ulna; radius", evidence)
    assert statement.entity == "supinator" and len(named) == 2


def test_a_slip_in_the_spelling_is_answered_as_the_fact_spells_it_but_never_another_number():
    s = Statement("plant", "rated", ("LEED Gold 12",))
    evidence = Evidence("", (), (s,), (1.0,))
    assert support("LEEDS Gold 12", evidence) == (s, [0]) and support("LEED Gold 13", evidence) is None


def test_what_the_model_says_cut_short_is_answered_in_full():
    text, many = "A very long text; it goes on. " * 9, tuple(f"thing {i}" for i in range(30))
    for s in (Statement("box", "definition", (text,)), Statement("box", "holds", many)):
        statement, named = support(s.answer, Evidence("", (), (s,), (1.0,)))
        assert len(s.answer) < 200 and [statement.values[i] for i in named] == list(s.values)


def test_each_question_keeps_its_own_answer_whatever_the_batch(adapter, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 4)
    questions = [BICEPS, "What is a zygote?", "What is soleus?", "What does deltoid attach to?", "Define bone."]
    told: list[int] = []
    answers = adapter.ask_many(questions, told.append, batch=2)
    assert [a.question for a in answers] == questions and told == [2, 4, 5]
    assert answers[1].facts == () and all(a.facts for i, a in enumerate(answers) if i != 1)


def test_an_answer_is_the_same_alone_and_in_a_batch(adapter, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 8)
    questions = [BICEPS, "What is the length of the soleus?", "Define bone."]
    shown = [adapter.search(question).statements for question in questions]
    together = adapter.generate(questions, adapter.bank.read(shown))
    alone = [adapter.generate([q], adapter.bank.read([s]))[0] for q, s in zip(questions, shown, strict=True)]
    assert [s.text for s in together] == [s.text for s in alone]
    assert [s.confidence for s in together] == pytest.approx([s.confidence for s in alone], rel=1e-4)


def test_the_order_of_evidence_changes_no_greedy_answer(adapter, toy):
    found = list(adapter.search(BICEPS).statements)
    memory = adapter.bank.read([found, found[::-1], sorted(found, key=lambda s: s.text)])
    texts = [said.text for said in adapter.generate([BICEPS] * 3, memory)]
    assert texts[0] == texts[1] == texts[2]


def test_a_confidence_is_a_probability(adapter, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 4)
    (said,) = adapter.generate(["What is soleus?"], None)
    assert 0 < said.confidence <= 1 and said.heard > 0 and 0 < said.spoken <= 4


def test_an_answer_is_plain_json(saying):
    told = json.loads(json.dumps(saying("musculocutaneous nerve").ask(BICEPS).to_dict()))
    assert told["answer"] == "musculocutaneous nerve" and told["citations"][0]["object"] == "musculocutaneous nerve"


def test_no_questions_have_no_answers(adapter):
    assert adapter.ask_many([]) == []


def test_a_question_for_yes_or_no_is_answered_by_the_graph_and_cited(adapter, monkeypatch):
    monkeypatch.setattr(adapter, "generate", None)
    yes, neither = adapter.ask_many(["Is biceps a kind of muscle?", "Is the biceps innervated by the radial nerve?"])
    assert (yes.text, yes.abstained) == ("yes", False)
    assert [c.object for c in yes.citations] == ["flexor muscle", "muscle"]
    assert (neither.text, neither.abstained) == (ABSTENTION, True)
    assert [c.object for c in neither.citations] == ["musculocutaneous nerve"]
