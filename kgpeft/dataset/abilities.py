"""General questions without end, to see whether an adapted model has kept what the base could do.

A margin of one point needs some 3,100 questions (one-sided, if 5 % of the answers change). These are made,
not collected: each holds all that its answer needs, or asks for what every speaker of English knows. Their numbers
say nothing of how able a model is, only whether it has changed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

Made = tuple[str, tuple[str, ...]]  # question, aliases of its one answer

NAMES = "Anna Ben Clara David Emma Felix Grace Henry Ivan Julia Karl Laura Martin Nina Oscar Paula Robert Sarah".split()
COLOURS = "red blue green yellow black white brown purple orange pink".split()
THINGS = "bag coat car hat chair door cup lamp bicycle umbrella notebook jacket phone sofa scarf".split()
PLACES = "London Paris Berlin Madrid Rome Vienna Oslo Prague Lisbon Dublin Warsaw Athens Boston Chicago Tokyo".split()
JOBS = "teacher nurse farmer baker pilot doctor lawyer painter driver cook tailor singer dentist plumber".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
KINDS = {
    "an animal": "dog cat horse cow sheep rabbit lion tiger elephant monkey frog duck goat bear wolf".split(),
    "a fruit": "apple banana pear cherry grape lemon peach plum mango strawberry melon".split(),
    "a tool": "hammer saw screwdriver drill shovel axe wrench rake chisel".split(),
    "a piece of furniture": "table sofa bed desk armchair bookcase wardrobe".split(),
    "an item of clothing": "shirt trousers sweater skirt sock glove dress".split(),
    "a musical instrument": "piano violin guitar trumpet flute drum cello".split(),
}


def reading(rng: random.Random) -> Made:
    """What was just said."""
    one, other = rng.sample(NAMES, 2)
    a, b = rng.sample(COLOURS, 2)
    thing, (here, there), (job, trade) = rng.choice(THINGS), rng.sample(PLACES, 2), rng.sample(JOBS, 2)
    return rng.choice((
        (f"{one} has a {a} {thing} and {other} has a {b} {thing}. What colour is {other}'s {thing}?", (b,)),
        (f"{one} lives in {here} and {other} lives in {there}. In which city does {one} live?", (here,)),
        (f"{one} is a {job}. {other} is a {trade}. What is the job of {one}?", (job,)),
    ))


def arithmetic(rng: random.Random) -> Made:
    """Small sums."""
    a, b = rng.randint(2, 40), rng.randint(2, 20)
    high, low = max(a, b), min(a, b)
    return rng.choice(((f"What is {a} plus {b}?", (str(a + b),)), (f"What is {high} minus {low}?", (str(high - low),))))


def order(rng: random.Random) -> Made:
    """What comes next, or is the larger."""
    names = rng.choice((DAYS, MONTHS))
    at, (a, b) = rng.randrange(len(names)), rng.sample(range(1, 1000), 2)
    word = "day" if names is DAYS else "month"
    return rng.choice((
        (f"Which {word} comes after {names[at - 1]}?", (names[at],)),
        (f"Which {word} comes before {names[at]}?", (names[at - 1],)),
        (f"Which number is larger, {a} or {b}?", (str(max(a, b)),)),
        (f"Which number is smaller, {a} or {b}?", (str(min(a, b)),)),
    ))


def sorting(rng: random.Random) -> Made:
    """Which of some things is of a kind."""
    kind, *others = rng.sample(list(KINDS), 4)
    right = rng.choice(KINDS[kind])
    shown = [right, *(rng.choice(KINDS[other]) for other in others)]
    rng.shuffle(shown)
    return f"Which of these is {kind}: {', '.join(shown[:-1])} or {shown[-1]}?", (right,)


ABILITIES: tuple[Callable[[random.Random], Made], ...] = (reading, arithmetic, order, sorting)


def abilities(rng: random.Random) -> Iterator[tuple[str, Made]]:
    """(ability, question) in turn, without end; questions may come again."""
    while True:
        for make in ABILITIES:
            yield make.__name__, make(rng)
