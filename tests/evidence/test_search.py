import pytest

from kgpeft.evidence.search import PLACES


@pytest.fixture(scope="module")
def search(toy, search_of):
    return search_of(toy)


def test_only_statements_of_what_is_named_come_back(search):
    evidence = search("What is the deltoid innervated by?")
    assert {s.entity for s in evidence.statements} == {"deltoid"}


@pytest.mark.parametrize(
    ("question", "relation", "values"),
    [
        ("What is the biceps innervated by?", "innervated by", {"musculocutaneous nerve"}),
        ("What does supinator attach to? It attaches to...", "attaches to", {"ulna", "radius"}),
        ("What is soleus' length?", "has length", {"31 cm"}),
        ("What is the definition of biceps brachii?", "definition", {"A muscle that bends the elbow."}),
    ],
)
def test_the_best_statement_has_the_relation_that_the_question_names(search, question, relation, values):
    best = search(question).statements[0]
    assert (best.relation, set(best.values)) == (relation, values)


def test_the_same_question_gets_the_same_evidence(search):
    questions = ["What is triceps brachii innervated by?", "What attaches to the ulna?"]
    assert search.many(questions) == [search(question) for question in questions]


def test_statements_come_best_first_and_fill_no_more_than_their_places(search):
    evidence = search("biceps brachii, triceps brachii, brachialis, supinator, deltoid and soleus?")
    assert 2 < len(evidence.statements) <= PLACES and len(set(evidence.statements)) == len(evidence.statements)
    assert list(evidence.scores) == sorted(evidence.scores, reverse=True)
    assert len(search("biceps brachii?", 2).statements) == 2


def test_nothing_named_is_no_evidence_and_absent(search):
    evidence = search("What is the zygote made of?")
    assert evidence.statements == () and evidence.mentions == () and evidence.absent == 1.0


def test_an_absent_relation_looks_more_absent_than_one_that_is_there(search):
    lacking, there = search("What is sartorius innervated by?"), search("What is soleus innervated by?")
    assert lacking.absent > there.absent


def test_the_question_goes_on_under_preferred_names(search):
    assert search("What is Biceps innervated by?").question == "What is biceps brachii innervated by?"


def test_no_questions_are_no_evidence(search):
    assert search.many([]) == []
