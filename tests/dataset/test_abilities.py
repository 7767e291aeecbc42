"""Made questions have the answer that a calculator or a reader gives, and there are enough of them."""

import random
import re
from itertools import islice

from kgpeft.dataset import DatasetSettings, write
from kgpeft.dataset.abilities import ABILITIES, abilities, arithmetic, sorting


def test_there_are_as_many_different_ones_as_a_margin_of_one_point_needs(toy):
    dataset = write(toy, DatasetSettings(per_family=1, sizes={"retention": 3200}))
    asked = [q for q in dataset.outside if q.family == "retention"]
    assert len({q.question for q in asked}) == 3200 and {q.reason for q in asked} == {
        "quiz", *(make.__name__ for make in ABILITIES)}


def test_sums_are_right():
    for n in range(200):
        text, (answer,) = arithmetic(random.Random(n))
        a, b = map(int, re.findall(r"\d+", text))
        assert int(answer) == (a + b if "plus" in text else a - b) >= 0


def test_the_answer_is_in_the_question_or_follows_from_it_alone():
    for ability, (text, (answer,)) in islice(abilities(random.Random(1)), 400):
        assert text.endswith("?") and (ability in ("arithmetic", "order") or re.search(rf"\b{answer}\b", text))


def test_only_one_of_the_things_is_of_the_kind():
    from kgpeft.dataset.abilities import KINDS

    text, (answer,) = sorting(random.Random(3))
    kind = next(kind for kind in KINDS if f"is {kind}:" in text)
    shown = set(re.findall(r"\w+", text.partition(":")[2]))
    assert shown & set(KINDS[kind]) == {answer}


def test_the_same_seed_makes_the_same_questions():
    one, other = (list(islice(abilities(random.Random(5)), 40)) for _ in range(2))
    assert one == other
