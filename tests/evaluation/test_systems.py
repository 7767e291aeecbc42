"""Every system answers every question, from what it may know and from nothing else."""

import pytest

from kgpeft.adapters import adapter as adapter_module
from kgpeft.adapters.folder import Parts
from kgpeft.adapters.prompts import BARE, SYSTEM
from kgpeft.adapters.weights import save_weights
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.dataset.questions import Question
from kgpeft.errors import UsageError
from kgpeft.evaluation import systems as module
from kgpeft.evaluation.bench import Bench
from kgpeft.evaluation.systems import CONTROLS, RIVALS, SYSTEMS, find

EX = "http://example.org/"
BY, TO = EX + "innervatedBy", EX + "attachesTo"
ASKED = [
    Question("1", "held-out", "What is the biceps innervated by?", (("musculocutaneous nerve",),), EX + "biceps", BY),
    Question("2", "unknown entity", "What is the zygote innervated by?", (), None, BY),
    Question("3", "seen fact", "What does the triceps brachii attach to?", (("ulna",),), EX + "triceps", TO),
]


@pytest.fixture
def bench(adapter, hashed_words, monkeypatch, tmp_path, tiny):
    monkeypatch.setattr(adapter_module, "LONGEST", 3)
    save_weights(adapter.memory, tmp_path)
    parts = Parts(str(tiny), "hashed", adapter.graph, adapter.embeddings)
    return Bench(lambda: parts, tmp_path, lambda name: tmp_path)


@pytest.fixture
def prompts(monkeypatch):
    """The prompts that systems without a memory put, instead of generating."""
    seen = []

    def generated(adapter, asked, mode):
        seen.extend(asked)
        return [module.Output("", True, 0.5, 0.0, p.facts) for p in asked]

    monkeypatch.setattr(module, "_generated", generated)
    return seen


@pytest.mark.parametrize("name", SYSTEMS)
def test_it_answers_every_question(bench, name):
    outputs = find(name).open(bench)(ASKED)
    assert len(outputs) == len(ASKED) and all(0 <= o.confidence <= 1 and o.seconds >= 0 for o in outputs)


@pytest.mark.parametrize("name", SYSTEMS)
def test_it_says_the_same_in_whatever_company(bench, name):
    answer = find(name).open(bench)
    together, alone = answer(ASKED), [answer([q])[0] for q in ASKED]
    assert [o.text for o in together] == [o.text for o in alone]


def test_systems_that_read_the_same_facts_are_given_the_same(bench, prompts):
    ours = [o.facts for o in find("kgpeft").open(bench)(ASKED)]
    for name in ("base+facts", "lora+facts"):
        prompts.clear()
        find(name).open(bench)(ASKED)
        assert [p.facts for p in prompts] == ours and all(f in p.text for p in prompts for f in p.facts)
        assert all(SYSTEM in p.text for p in prompts)


def test_base_and_lora_are_given_no_fact(bench, prompts):
    for name in ("base", "base+refusal", "lora", "lora+refusals"):
        find(name).open(bench)(ASKED)
    assert not any(p.facts for p in prompts) and BARE in prompts[0].text and module.CAUTIOUS in prompts[3].text


def test_the_oracle_gives_what_answers_and_nothing_where_nothing_does(bench, prompts):
    find("base+oracle").open(bench)(ASKED)
    first, none, third = (p.facts for p in prompts)
    assert len(first) == 1 and "musculocutaneous nerve" in first[0] and none == () and "ulna" in third[0]


def test_base_is_the_model_without_the_adapter(bench):
    from kgpeft.adapters.prompts import prompt

    base = find("base").open(bench)(ASKED)
    with bench.adapter.switched_off():
        said = bench.adapter.generate([prompt(bench.adapter.tokenizer, q.question, system=BARE) for q in ASKED], None)
    assert [o.text for o in base] == [s.text for s in said]


def test_over_an_empty_graph_everything_is_refused(bench):
    assert all(o.abstained and not o.facts for o in find("empty").open(bench)(ASKED))


def test_controls_read_other_facts_than_ours(bench):
    ours = find("kgpeft").open(bench)(ASKED)
    for name in CONTROLS:
        assert find(name).open(bench)(ASKED)[0].facts != ours[0].facts


def test_the_base_says_the_same_after_others_were_asked(bench):
    before = find("base").open(bench)(ASKED)
    find("kgpeft").open(bench)(ASKED)
    assert [(o.text, o.confidence) for o in find("base").open(bench)(ASKED)] == [(o.text, o.confidence) for o in before]


def test_a_checked_answer_is_ours_or_a_refusal(bench):
    ours, checked = (find(name).open(bench)(ASKED) for name in ("kgpeft", "kgpeft+check"))
    assert all(c.text == o.text or c.abstained for o, c in zip(ours, checked, strict=True))


def test_trivial_baselines_say_what_their_name_says(bench):
    said = {name: [o.text for o in find(name).open(bench)(ASKED)] for name in
            ("always-refuse", "majority", "head-word", "nearest-label")}
    assert said["always-refuse"] == [REFUSAL] * 3
    assert said["majority"][0] in ("musculocutaneous nerve", "radial nerve")  # two muscles each
    assert "triceps brachii" not in said["nearest-label"][2] and said["head-word"][2] == "brachii"


def test_an_unknown_system_is_told_with_those_there_are():
    with pytest.raises(UsageError, match=r"'bse'; there are base, .*openai:URL#MODEL; did you mean 'base"):
        find("bse")
    assert set(RIVALS) | set(CONTROLS) < set(SYSTEMS)
