import json
from pathlib import Path

import pytest
import torch

from kgpeft.adapters.folder import Parts, assemble
from kgpeft.adapters.weights import round_weights, save_weights
from kgpeft.dataset import DatasetSettings, write
from kgpeft.training.settings import TuneSettings
from kgpeft.training.tune import rival, tune

SHORT = TuneSettings(reader=None, seconds=60, steps=3, episodes=2)


@pytest.fixture
def parts(hashed_words, tiny, toy, toy_embeddings):
    return Parts(str(tiny), "hashed words", toy, toy_embeddings)


@pytest.fixture(scope="module")
def dataset(toy):
    return write(toy, DatasetSettings(per_family=4))


@pytest.fixture
def reader(parts, stir, tmp_path):
    """A folder with the weights of a reader."""
    memory = stir(assemble(parts, None).memory)
    round_weights(memory)
    save_weights(memory, tmp_path / "reader")
    return str(tmp_path / "reader")


def weights(adapter):
    return [p.detach().clone() for name, p in adapter.memory.named_parameters() if "lora" in name or "inject" in name]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def silent(done):
    pass


def test_it_trains_and_what_it_saves_answers_alike(parts, dataset, tmp_path):
    made = tune(parts, dataset, SHORT, silent)
    made.save(tmp_path / "w")
    told = json.loads((tmp_path / "w" / "training.json").read_text())
    assert (told["steps"], told["kept"]) == (3, made.kept)
    assert same(made.adapter, assemble(parts, tmp_path / "w"))


def test_the_same_seed_gives_the_same_weights(parts, dataset):
    torch.manual_seed(1)
    one = tune(parts, dataset, SHORT, silent)
    torch.manual_seed(2)
    assert same(one.adapter, tune(parts, dataset, SHORT, silent).adapter)


def test_without_seconds_the_reader_is_used_as_it_is(parts, dataset, reader):
    made = tune(parts, dataset, SHORT.model_copy(update={"reader": reader, "seconds": 0.0}), silent)
    assert made.log is None and not made.kept and same(made.adapter, assemble(parts, Path(reader)))


@pytest.mark.parametrize("after", [2.0, 1.0, float("nan")])
def test_tuning_that_makes_it_no_better_is_not_kept(parts, dataset, reader, monkeypatch, after):
    losses = iter([1.0, after])
    monkeypatch.setattr("kgpeft.training.tune._loss", lambda adapter, batches: next(losses))
    made = tune(parts, dataset, SHORT.model_copy(update={"reader": reader}), silent)
    assert made.log.steps == 3 and not made.kept and same(made.adapter, assemble(parts, Path(reader)))


def test_tuning_that_makes_it_better_is_kept(parts, dataset, reader):
    made = tune(parts, dataset, SHORT.model_copy(update={"reader": reader, "learning_rate": 1e-2, "steps": 8}), silent)
    assert made.after < made.before and made.kept and not same(made.adapter, assemble(parts, Path(reader)))


@pytest.mark.parametrize("kind", ["lora", "lora+refusals", "lora+facts"])
def test_a_rival_learns_without_the_injection(parts, dataset, kind):
    fresh, taught = assemble(parts, None), rival(kind, parts, dataset, SHORT, silent)
    assert torch.equal(fresh.memory.injection.keys, taught.memory.injection.keys)
    assert any(p.any() for name, p in taught.memory.model.named_parameters() if "lora_B" in name)
