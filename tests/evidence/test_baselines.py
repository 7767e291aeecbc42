import math

import pytest

from kgpeft.evidence.baselines import K1, B, Bm25, Dense
from kgpeft.evidence.statements import statements


@pytest.fixture(scope="module")
def both(toy, encode):
    return Bm25(toy), Dense(toy, encode)


def test_both_find_the_statement_that_says_it_in_the_questions_words(both):
    for retrieve in both:
        best = retrieve("Is the soleus innervated by the tibial nerve?", 3)[0]
        assert (best.entity, best.relation, best.values) == ("soleus", "innervated by", ("tibial nerve",))


def test_what_comes_back_are_statements_of_the_graph_best_first_and_no_more_than_asked_for(both, toy):
    every = {s for node in range(len(toy.terms)) for s in statements(toy, node)}
    for retrieve in both:
        found = retrieve("What attaches to the ulna?", 4)
        assert 0 < len(found) <= 4 and set(found) <= every
        assert retrieve("What attaches to the ulna?", 2) == found[:2]


def test_bm25_scores_as_the_formula_says(graph_from):
    bm25 = Bm25(graph_from(("a", "likes", "tea"), ("b", "likes", "coffee black"), ("c", "has", "tea")))
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    term = bm25.vocabulary["tea"]
    expected = idf * (K1 + 1) / (1 + K1 * (1 - B + B * 3 / (10 / 3)))
    assert bm25.weight[bm25.start[term] : bm25.start[term + 1]] == pytest.approx(expected)


def test_words_that_no_fact_has_find_nothing(both):
    assert both[0]("Zygote?", 5) == []
