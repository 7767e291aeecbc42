from kgpeft.adapters.answer import Answer, Citation
from kgpeft.adapters.explain import explain, picture
from kgpeft.cli.explained import WIDTH, explanation

NERVE = "What is Biceps innervated by?"


def answered(adapter, question):
    (statement, *_) = [s for s in adapter.search(question).statements if s.relation == "innervated by"]
    terms = adapter.graph.terms
    relation = adapter.graph.relations[statement.relation_id]
    ends = terms[statement.entity_id], relation, terms[statement.value_ids[0]]
    cited = Citation(statement.entity, statement.relation, statement.values[0], *ends, "x.ttl")
    return Answer(question, statement.values[0], False, 0.9, (cited,), said=statement.values[0])


def test_an_explanation_tells_links_statements_and_which_of_them_was_used(adapter):
    told = explain(adapter, answered(adapter, NERVE))
    assert told["links"][0]["entities"][0]["label"] == "biceps brachii" and told["links"][0]["how"] == "synonym"
    used = [s["text"] for s in told["statements"] if s["used"]]  # the same fact may be read from both of its ends
    assert used[0] == "biceps brachii — innervated by: musculocutaneous nerve"
    assert all("biceps brachii" in text and "musculocutaneous nerve" in text for text in used)
    assert all(s["read"] for s in told["statements"] if s["used"]) and told["decision"] == "answered"


def test_what_is_told_is_what_the_adapter_read(adapter):
    answer = adapter.ask(NERVE)
    told = explain(adapter, answer)
    assert {s["text"] for s in told["statements"] if s["read"]} == set(answer.facts)


def test_a_question_that_names_nothing_was_refused_unread(adapter):
    answer = adapter.ask("What is the zygote made of?")
    told = explain(adapter, answer)
    assert answer.said == "" and told["decision"] == "refused unread" and told["links"] == []
    assert "names nothing" in told["why"]


def test_an_answer_that_nothing_supports_is_told_word_for_word(adapter):
    told = explain(adapter, Answer(NERVE, "I don't know", True, 0.9, said="the vagus"))
    assert told["decision"] == "unsupported" and told["said"] == "the vagus"


def test_an_explanation_fits_a_terminal_of_100_columns(adapter):
    told = explain(adapter, answered(adapter, NERVE))
    told["statements"][0]["text"] *= 9
    shown = explanation(told, NERVE)
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert "Biceps → biceps brachii" in shown and "rests on" in shown and "answered" in shown


def test_a_picture_shows_the_edge_that_the_answer_rests_on(adapter):
    assert 'class="edge used"' in picture(adapter, answered(adapter, NERVE))
    assert 'class="edge used"' not in picture(adapter, Answer(NERVE, "?", True, 0.5))
