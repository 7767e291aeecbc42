import random
from dataclasses import replace

import pytest

from kgpeft.dataset import FAMILIES, Dataset, DatasetSettings, write
from kgpeft.dataset.facts import Facts
from kgpeft.dataset.phrasing import REFUSAL
from kgpeft.dataset.settings import UNANSWERABLE
from kgpeft.dataset.unknown import stranger
from kgpeft.errors import ArtifactError
from kgpeft.evidence.linking import Linker

SMALL = DatasetSettings(per_family=6)


@pytest.fixture(scope="module")
def dataset(toy):
    return write(toy, SMALL)


@pytest.fixture
def family(dataset):
    return lambda name: [asked for asked in dataset.test if asked.question.family == name]


def test_the_same_seed_gives_the_same_dataset(toy, dataset):
    assert write(toy, SMALL) == dataset
    assert write(toy, SMALL.model_copy(update={"seed": 1})) != dataset


def test_what_is_saved_is_loaded(dataset, tmp_path):
    dataset.save(tmp_path)
    assert Dataset.load(tmp_path) == dataset


@pytest.mark.parametrize("name", ["examples.parquet", "questions.jsonl", "split.json"])
def test_a_missing_file_is_named(dataset, tmp_path, name):
    dataset.save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ArtifactError, match=f"no {name}"):
        Dataset.load(tmp_path)


def test_a_dataset_of_an_older_version_says_so(dataset, tmp_path):
    dataset.save(tmp_path)
    (tmp_path / "split.json").write_text('{"graph": "", "hidden": []}')
    with pytest.raises(ArtifactError, match="older version; make it anew"):
        Dataset.load(tmp_path)


def test_every_family_is_filled_or_says_why_not(dataset, family):
    assert all(len(family(name)) == 6 or name in dataset.unfilled for name in FAMILIES)
    empty = {name for name in FAMILIES if not family(name)}
    assert empty == {"negation", "three-hop"}
    assert dataset.unfilled["negation"] == "0 of 6: no axiom denies anything of what can be asked about"


def test_sizes_may_differ_by_family(toy):
    dataset = write(toy, DatasetSettings(per_family=2, sizes={"seen fact": 5, "retention": 0}))
    tested = dataset.counts["tested"]
    assert (tested["seen fact"], tested["value"], "retention" in tested) == (5, 2, False)


def test_an_unknown_family_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"no family called 'revers'; there are: seen fact, .*retention"):
        DatasetSettings(sizes={"revers": 1})


def test_no_question_of_a_family_is_asked_twice_and_no_id_is_used_twice(dataset):
    asked = [(a.question.family, a.question.question) for a in dataset.test]
    assert len(set(asked)) == len(asked)
    everything = [a.question.id for a in (*dataset.train, *dataset.test)]
    assert len(set(everything)) == len(everything)


def test_what_cannot_be_known_has_no_answer_and_all_else_has(dataset):
    for q in (a.question for a in (*dataset.train, *dataset.test)):
        assert (q.family in UNANSWERABLE) == (not q.answers)
        assert q.answers or q.reason


def test_answers_are_the_other_ends_of_the_facts(toy, dataset):
    asked_for = ("seen fact", "unseen phrasing", "reverse", "alias", "value", "held-out fact", "added fact")
    for asked in (a for a in (*dataset.train, *dataset.test) if a.question.family in asked_for):
        end = 0 if asked.question.family == "reverse" else 2
        names = {toy.names[n] for n in toy.edges[list(asked.facts), end].tolist()}
        assert names == {aliases[0] for aliases in asked.question.answers}


def test_a_synonym_is_a_right_answer_too(toy):
    named = [a.question.answers for a in write(toy, DatasetSettings(per_family=99)).test]
    assert ("biceps brachii", "biceps") in {aliases for answers in named for aliases in answers}


def test_an_unseen_phrasing_is_never_trained_on(dataset, family):
    trained = {a.question.question for a in dataset.train}
    assert family("unseen phrasing") and not {a.question.question for a in family("unseen phrasing")} & trained


def test_templates_of_ones_own_are_measured_and_not_trained_on(toy):
    own = {"innervatedBy": {"object": ["Which nerve supplies {x}?"]}}  # the label is "innervated by"
    dataset = write(toy, DatasetSettings(per_family=99, templates=own))
    asked = {a.question.question for a in dataset.test if a.question.family == "unseen phrasing"}
    assert any(question.startswith("Which nerve supplies") for question in asked)
    assert not any(a.question.question.startswith("Which nerve supplies") for a in dataset.train)


def test_strangers_are_not_in_the_graph(toy, family):
    facts, rng = Facts(toy), random.Random(0)
    assert not any(toy.find(stranger(facts, rng)) for _ in range(200))
    assert all(a.question.subject is None and not a.facts for a in family("unknown entity"))


def test_the_table_speaks_as_the_model_is_taught_to(dataset):
    table = dataset.table()
    assert len(table) == len(dataset.train) + len(dataset.test)
    for row in table:
        said = row["messages"][1]["content"]
        assert said == ("; ".join(aliases[0] for aliases in row["answers"]) or REFUSAL)


def test_counts_add_up(dataset):
    counts = dataset.counts
    assert sum(counts["families"].values()) == sum(counts["splits"].values()) == counts["examples"]
    assert sum(counts["tested"].values()) == counts["splits"]["test"]


def test_a_dataset_knows_its_graph(toy, dataset):
    assert dataset.graph == toy.fingerprint
    assert replace(dataset, graph="other") != dataset


def test_a_deleted_entity_is_found_by_no_name_and_nothing_is_said_of_it(toy):
    dataset = write(toy, DatasetSettings(per_family=6, held_out=0.6))
    after = dataset.edit.after(toy)
    assert dataset.edit.deleted and after.fingerprint != toy.fingerprint and len(after.terms) == len(toy.terms)
    for node in dataset.edit.deleted:
        assert not any(node in m.entities for m in Linker(after).link(f"What is {toy.names[node]}?"))
        assert after.aliases(node) == [""] and after.definition(node) is None
        assert not len(after.outgoing(node)) and not len(after.incoming(node))


def test_what_is_added_is_missing_before_and_there_after(toy):
    dataset = write(toy, DatasetSettings(per_family=6))
    before, after = dataset.edit.before(toy), dataset.edit.after(toy)
    assert dataset.edit.added and dataset.edit.added <= dataset.hidden
    for row in toy.edges[sorted(dataset.edit.added)].tolist():
        assert row not in before.edges.tolist() and row in after.edges.tolist()
