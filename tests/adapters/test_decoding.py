"""How a batch is decoded: rows leave it when they have ended, and no other row notices."""

import pytest
import torch

from kgpeft.adapters.decoding import Until, answer, finished, first_end, greedy
from kgpeft.adapters.tokens import encode, rows

QUESTIONS = ["What is the biceps?", "Which nerve innervates the long head of it?", "Bone?", "What is a zygote called?"]


@pytest.fixture
def asked(loaded):
    tokenizer = loaded()[1]
    return lambda *texts: rows(encode(tokenizer, texts), 0, left=True)


def test_rows_that_end_early_change_no_other_row(fresh_memory, stir, asked):
    memory = stir(fresh_memory())
    whole = greedy(memory, None, asked(*QUESTIONS), Until(-1, 12))
    ends = {0: 2, 1: 12, 2: 1, 3: 7}  # row: tokens after which it ends
    by_start = {tuple(row[:2]): ends[i] for i, row in enumerate(whole[0].tolist())}
    assert len(by_start) == len(QUESTIONS)
    until = Until(-1, 12, lambda ids: len(ids) >= by_start.get(tuple(ids[:2]), 99))
    tokens, scores = greedy(memory, None, asked(*QUESTIONS), until)
    for i, row in enumerate(whole[0].tolist()):
        n = max(2, by_start[tuple(row[:2])])
        assert tokens[i, :n].tolist() == row[:n] and set(tokens[i, n:].tolist()) <= {-1}
        torch.testing.assert_close(scores[i, :n], whole[1][i, :n], atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("text", "over"),
    [("cubic\n", True), ("\ncubic", False), ("\n cubic\nno", True), ("They are:\n", False), ("They are: **\n", False),
     ("1. copper\n", False), ("- copper\n", False), ("2.5 g\n", True), ("cubic", False), (" \n \n", False)],
)
def test_an_answer_ends_at_its_first_line_break_unless_that_announces_or_begins_a_list(text, over):
    assert finished(text) == over


@pytest.mark.parametrize(
    ("text", "whole", "expected"),
    [("cubic\nIt is a", False, "cubic"), ("a cubic sys", False, "a cubic"), ("cubic", False, "cubic"),
     ("It is cubic. It i", False, "It is cubic."),
     ("a cubic system", True, "a cubic system"), ("They are:\n- iron\n- cop", False, "They are:\n- iron\n-")],
)
def test_what_was_cut_off_loses_its_last_word_and_what_follows_a_line_is_left_out(text, whole, expected):
    assert answer(text, whole) == expected


def test_a_line_is_recognised_from_its_tokens(loaded):
    tokenizer = loaded()[1]
    ended = first_end(tokenizer)
    ids = encode(tokenizer, ["a nerve\nand"])[0]
    said = [ended(ids[: i + 1]) for i in range(len(ids))]
    assert sorted(said) == said and said[-1] and not said[0]
