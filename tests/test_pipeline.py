"""The road in little: a tiny random model, a toy graph; stages that are done are never done again."""

import json
import shutil
import time

import pytest

import kgpeft.embed
from kgpeft import artifacts, pipeline
from kgpeft.adapters import adapter as adapter_module
from kgpeft.adapters import folder
from kgpeft.dataset import Dataset
from kgpeft.embed import Embeddings, embed
from kgpeft.errors import ArtifactError, RecipeError, SourceError
from kgpeft.graph import KnowledgeGraph
from kgpeft.recipe import build

STAGES = [
    "graph", "dataset", "embeddings", "weights", "answers/base", "answers/base+facts", "rivals/lora", "answers/lora",
    "answers/kgpeft",
    "evaluation", "adapter",
]


class Heard:
    """A progress that remembers."""

    def __init__(self):
        self.ended, self.shares = {}, {}

    def step(self, stage, done, note=""):
        self.shares.setdefault(stage, []).append(done)

    def end(self, stage, summary, seconds, reused):
        assert summary and seconds >= 0
        self.ended[stage] = reused


@pytest.fixture(autouse=True)
def in_little(hashed_words, monkeypatch):
    monkeypatch.setattr(adapter_module, "LONGEST", 3)


@pytest.fixture(scope="module")
def settings(tiny):
    return {
        "base": str(tiny), "embed": {"encoder": "hashed", "structure_dim": 4, "epochs": 1},
        "dataset": {"per_family": 2}, "train": {"reader": None, "seconds": 30, "steps": 2, "episodes": 1},
    }


@pytest.fixture
def recipe(settings, toy_source, tmp_path):
    """A recipe whose source may be edited."""
    shutil.copy(toy_source, tmp_path / "graph.ttl")
    return build({**settings, "sources": [str(tmp_path / "graph.ttl")]})


def run(recipe, out):
    heard = Heard()
    return pipeline.run(recipe, out, heard), heard


def files(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_run_makes_every_stage_and_the_next_reuses_all(recipe, tmp_path):
    out = tmp_path / "out"
    result, heard = run(recipe, out)
    assert list(heard.ended) == STAGES and not any(heard.ended.values())
    assert all(shares == sorted(shares) and 0 <= shares[0] <= shares[-1] <= 1 for shares in heard.shares.values())
    assert result.report.is_file() and list(result.systems) == ["base", "base+facts", "lora", "kgpeft"]
    assert all(artifacts.check(out / stage, stage) for stage in STAGES)
    before, begin = files(out), time.perf_counter()
    again, heard = run(recipe, out)
    assert list(heard.ended) == STAGES and all(heard.ended.values()) and time.perf_counter() - begin < 2
    assert files(out) == before and again.systems == result.systems


def test_the_adapter_answers_and_refuses(recipe, tmp_path):
    result, _ = run(recipe.model_copy(update={"evaluate": recipe.evaluate.model_copy(update={"systems": ("kgpeft",)})}),
                    tmp_path / "out")
    loaded = folder.load(tmp_path / "out")
    assert loaded.ask("What is a zygote?").abstained
    assert loaded.ask("What is the deltoid innervated by?").facts
    (result.adapter / "graph" / "manifest.json").write_text("{}")
    with pytest.raises(ArtifactError, match="changed"):
        folder.load(tmp_path / "out")


@pytest.mark.parametrize(
    ("killed", "done"),
    [
        ("kgpeft.dataset.write", 1), ("kgpeft.embed.embed", 2), ("kgpeft.training.tune.train", 3),
        ("kgpeft.training.tune.rival", 6), ("kgpeft.evaluation.stage.write_results", 9),
    ],
)
def test_a_killed_run_goes_on_where_it_ended(recipe, tmp_path, monkeypatch, killed, done):
    out = tmp_path / "out"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(killed, interrupted)
        run(recipe, out)
    assert not (out / STAGES[done]).exists() and not list(out.rglob(".draft-*"))
    _, heard = run(recipe, out)
    assert [stage for stage, reused in heard.ended.items() if reused] == STAGES[:done]


def interrupted(*arguments):
    raise KeyboardInterrupt


@pytest.fixture
def short(recipe):
    """A recipe that asks one system."""
    return recipe.model_copy(update={"evaluate": recipe.evaluate.model_copy(update={"systems": ("kgpeft",)})})


def made(heard):
    return [stage for stage, reused in heard.ended.items() if not reused]


def test_an_edited_source_makes_all_anew(short, tmp_path):
    run(short, tmp_path / "out")
    with open(short.sources[0], "a", encoding="utf-8") as source:
        source.write(":supinator :opposes :biceps .\n")
    _, heard = run(short, tmp_path / "out")
    assert len(made(heard)) == len(heard.ended)
    assert "supinator" in (tmp_path / "out" / "dataset" / "questions.jsonl").read_text()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": "Other"}, ["evaluation", "adapter"]),
        ({"train": {"seed": 1}}, ["weights", "answers/kgpeft", "evaluation", "adapter"]),
        ({"dataset": {"seed": 1}}, ["dataset", "embeddings", "weights", "answers/kgpeft", "evaluation", "adapter"]),
    ],
)
def test_a_changed_setting_makes_anew_what_depends_on_it(short, tmp_path, changes, expected):
    run(short, tmp_path / "out")
    document = short.model_dump()
    for key, value in changes.items():
        document[key] = {**document[key], **value} if isinstance(value, dict) else value
    _, heard = run(build(document), tmp_path / "out")
    assert made(heard) == expected


def test_a_changed_question_file_is_answered_anew(short, tmp_path):
    asked = tmp_path / "q.jsonl"
    asking = short.model_copy(update={"evaluate": short.evaluate.model_copy(update={"questions": str(asked)})})
    for number in (1, 2):
        rows = [{"id": str(i), "family": "mine", "question": "What is a zygote?", "answers": []} for i in range(number)]
        asked.write_text("".join(json.dumps(row) + "\n" for row in rows))
        result, heard = run(asking, tmp_path / "out")
        assert result.systems["kgpeft"]["n"] == result.systems["kgpeft"]["abstained"] == number
    assert made(heard) == ["answers/kgpeft", "evaluation", "adapter"]


def test_one_recipe_gives_the_same_artifacts_in_any_folder(short, tmp_path):
    for place in ("one", "two"):
        run(short, tmp_path / place)
    one, two = (files(tmp_path / place) for place in ("one", "two"))
    timed = ("training.json", "artifact.json", "outputs.jsonl", "cost.json", "metrics.json", "report.html")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name] and not name.endswith(timed)] == []


def test_adapt_takes_the_keys_of_a_recipe(settings, toy_source, tmp_path):
    adapter = pipeline.adapt(toy_source, out=tmp_path / "a", **settings, evaluate={"systems": ["kgpeft"]})
    assert adapter.ask("What is a zygote?").abstained
    with pytest.raises(RecipeError, match="did you mean 'train'"):
        pipeline.adapt(toy_source, out=tmp_path / "b", trian={})


def test_questions_about_the_edit_are_asked_of_the_edited_graph_and_are_families_of_the_report(short, tmp_path):
    result, _ = run(short, tmp_path / "out")
    families = result.systems["kgpeft"]["families"]
    kept = Dataset.load(tmp_path / "out" / "dataset")
    assert families["retracted fact"]["n"] + families["deleted entity"]["n"] == len(kept.edited) > 0
    answers = [json.loads(x) for x in (tmp_path / "out/answers/kgpeft/outputs.jsonl").read_text().splitlines()]
    asked = dict(zip([q.id for q in [*kept.questions, *kept.edited]], answers, strict=True))
    graph = KnowledgeGraph.load(tmp_path / "out" / "graph")
    gone = {" — ".join(graph.names[s] for s in ends) for ends in [graph.edges[e, [0, 2]] for e in kept.edit.retracted]}
    for q in kept.edited:
        told = {f.partition(" — ")[0] + " — " + f.rpartition(": ")[2] for f in asked[q.id]["facts"]}
        assert not told & gone
        assert q.family == "retracted fact" or asked[q.id]["abstained"]


def test_embeddings_know_nothing_of_facts_that_are_added_after_training(short, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(kgpeft.embed, "embed", lambda graph, *rest: seen.append(graph) or embed(graph, *rest))
    run(short, tmp_path / "out")
    graph, edit = KnowledgeGraph.load(tmp_path / "out" / "graph"), Dataset.load(tmp_path / "out" / "dataset").edit
    assert edit.added and len(seen[0].edges) == len(graph.edges) - len(edit.added)
    assert not {tuple(graph.edges[e].tolist()) for e in edit.added} & {tuple(e) for e in seen[0].edges.tolist()}
    assert Embeddings.load(tmp_path / "out" / "embeddings", graph).graph == graph.fingerprint


def test_the_card_names_base_graph_and_what_was_measured(short, tmp_path):
    result, _ = run(short, tmp_path / "out")
    card = (result.adapter / "README.md").read_text(encoding="utf-8")
    graph = json.loads((result.adapter / "kgpeft.json").read_text(encoding="utf-8"))["graph"]
    assert f"base_model: {short.base}" in card and graph["fingerprint"] in card and "| kgpeft |" in card


def test_a_missing_source_leaves_nothing_behind(short, tmp_path):
    gone = short.model_copy(update={"sources": (str(tmp_path / "absent.ttl"),)})
    with pytest.raises(SourceError):
        run(gone, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_claim_is_refused_where_the_graph_is_too_small_and_says_all_that_was_gathered(recipe, tmp_path):
    changes = {"systems": ("base", "base+refusal", "lora+refusals", "kgpeft"), "claim": True}
    asking = recipe.model_copy(update={"evaluate": recipe.evaluate.model_copy(update=changes)})
    _, heard = run(asking, tmp_path / "out")
    metrics = json.loads((tmp_path / "out" / "evaluation" / "metrics.json").read_text(encoding="utf-8"))["evaluation"]
    failing = {c["name"]: c["why"] for c in metrics["claim"]["conditions"] if not c["holds"]}
    assert not metrics["claim"]["holds"] and "clusters" in failing["size"]
    assert "not run" not in failing["shuffled graph"] and "not measured" not in failing.get("batch size", "")
    assert metrics["followed"]["asked"] >= metrics["followed"]["new"] and "counterfactual graph" in failing
    assert set(metrics["controls"]) == {"empty", "shuffled", "wrong", "counterfactual"} and "leakage" not in failing
    gathered = {"answers/shuffled", "answers/kgpeft@8", "twin/answers/kgpeft", "outside/answers/adapted"}
    assert gathered <= set(heard.ended)
    twins = (tmp_path / "out" / "twin" / "dataset" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = " ".join(json.loads(line)["question"] for line in twins)
    assert "innervated" in asked and not any(name in asked for name in ("biceps", "deltoid", "supinator"))
