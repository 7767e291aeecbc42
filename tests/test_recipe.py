import json
from pathlib import Path

import pytest

from kgpeft.errors import RecipeError
from kgpeft.recipe import Recipe, build, load

PLAIN = {"sources": ["graph.ttl"]}


def test_sources_are_all_that_must_be_said():
    recipe = build(PLAIN)
    assert recipe.sources == ("graph.ttl",) and recipe.evaluate.systems == ("base", "base+facts", "lora", "kgpeft")
    with pytest.raises(RecipeError, match="sources: Field required"):
        build({})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"trian": {}}, r"trian: unknown key.*did you mean 'train'"),
        ({"train": {"secnods": 3}}, r"train\.secnods: unknown key.*the keys there are .*did you mean 'seconds'"),
        ({"embed": {"encodr": "x"}}, r"embed\.encodr: .*did you mean 'encoder'"),
        ({"dataset": {"templates": {"treats": {"objct": []}}}}, r"objct: unknown key.*did you mean 'object'"),
        ({"zzz": 1}, r"zzz: unknown key.*remove it"),
    ],
)
def test_an_unknown_key_is_named_with_a_suggestion(document, message):
    with pytest.raises(RecipeError, match=message):
        build(PLAIN | document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"train": {"seconds": -1}}, r"train\.seconds: .*greater than or equal to 0.*found -1"),
        ({"train": {"steps": "many"}}, r"train\.steps: .*found 'many'"),
        ({"dataset": {"held_out": 1.0}}, r"dataset\.held_out: .*less than 1"),
        ({"sources": "graph.ttl"}, r"sources: "),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_shown(document, message):
    with pytest.raises(RecipeError, match=message):
        build(PLAIN | document)


def test_changes_win_over_the_document():
    document = PLAIN | {"train": {"seconds": 5, "steps": 7}}
    recipe = build(document, ["train.seconds=30", "evaluate.systems=[kgpeft]", "train.reader=null"])
    assert (recipe.train.seconds, recipe.train.steps, recipe.train.reader) == (30, 7, None)
    assert recipe.evaluate.systems == ("kgpeft",) and document["train"]["seconds"] == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("train.seconds", "not a setting"), ("train.secnods=3", "did you mean 'seconds'"),
        ("sources.first=3", "sources is a value"), ("train.seconds=[", "not a value in YAML"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(change, message):
    with pytest.raises(RecipeError, match=message):
        build(PLAIN, [change])


def test_relative_files_start_at_the_recipe(tmp_path):
    (tmp_path / "recipe.yaml").write_text(
        f"sources: [graphs/one.ttl, {tmp_path / 'two.ttl'}]\nevaluate: {{questions: q.jsonl}}\n"
    )
    recipe = load(tmp_path / "recipe.yaml")
    assert recipe.sources == (str(tmp_path / "graphs/one.ttl"), str(tmp_path / "two.ttl"))
    assert recipe.evaluate.questions == str(tmp_path / "q.jsonl")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"sources: [", "not YAML"), (b"a: \xff", "not a text file"), (b"- a\n", "a mapping"), (b"", "a mapping")],
)
def test_a_file_of_another_kind_is_an_error_of_one_line(tmp_path, content, message):
    (tmp_path / "recipe.yaml").write_bytes(content)
    with pytest.raises(RecipeError, match=message) as raised:
        load(tmp_path / "recipe.yaml")
    assert "\n" not in str(raised.value) and "recipe.yaml" in str(raised.value)


def test_a_missing_recipe_is_an_error(tmp_path):
    with pytest.raises(RecipeError, match=r"cannot read the recipe.*"):
        load(tmp_path / "absent.yaml")


def test_the_schema_describes_every_key():
    schema = Recipe.model_json_schema()
    assert json.loads(json.dumps(schema))["additionalProperties"] is False
    assert set(schema["properties"]) == {"title", "sources", "base", "ingest", "embed", "dataset", "train", "evaluate"}
    settings = [schema, *schema["$defs"].values()]
    assert all(s["additionalProperties"] is False for s in settings)
    assert schema["$defs"]["TuneSettings"]["properties"]["seconds"]["minimum"] == 0


def test_a_recipe_survives_json(tmp_path):
    recipe = build(PLAIN | {"dataset": {"templates": {"treats": {"object": ["What helps {x}?"]}}}})
    assert build(json.loads(recipe.model_dump_json())) == recipe


def test_the_recipes_that_ship_are_recipes():
    shipped = sorted((Path(__file__).parents[1] / "pipelines").glob("*.yaml"))
    assert shipped and all(Path(source).is_file() for path in shipped for source in load(path).sources)


def test_only_sources_that_are_files_start_at_the_recipe(tmp_path):
    (tmp_path / "r.yaml").write_text("sources: [a.ttl, /b.ttl, '-', 'sparql:https://e.org/q', 'rml:m.ttl']")
    made = [str(tmp_path / "a.ttl"), "/b.ttl", "-", "sparql:https://e.org/q", f"rml:{tmp_path / 'm.ttl'}"]
    assert list(load(tmp_path / "r.yaml").sources) == made
