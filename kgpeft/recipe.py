"""The whole run as one strict document: YAML in, JSON Schema out, unknown keys refused with a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from os.path import normpath
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kgpeft.dataset.settings import DatasetSettings
from kgpeft.embed import EmbedSettings
from kgpeft.errors import RecipeError
from kgpeft.graph.settings import ReadSettings
from kgpeft.models import DEFAULT_BASE
from kgpeft.training.settings import TuneSettings


class EvaluationSettings(BaseModel):
    """What is measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    systems: tuple[str, ...] = Field(("base", "base+facts", "lora", "kgpeft"), description="systems to compare")
    questions: str | None = Field(None, description="a question file instead of the dataset's own test questions")
    claim: bool = Field(False, description="gather what the claim needs: controls, renamed twin, other batch sizes")
    runs: tuple[str, ...] = Field((), description="folders of runs on other graphs and bases; their findings count")


class Recipe(BaseModel):
    """One run: sources → graph → dataset → embeddings → adapter → report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", description="heading of the report; empty: the first source's name")
    sources: tuple[str, ...] = Field(description="ontology or graph files; relative paths start at the recipe")
    base: str = Field(DEFAULT_BASE, description="causal language model: a folder or a Hub name")
    ingest: ReadSettings = ReadSettings()
    embed: EmbedSettings = EmbedSettings()
    dataset: DatasetSettings = DatasetSettings()
    train: TuneSettings = TuneSettings()
    evaluate: EvaluationSettings = EvaluationSettings()


def load(path: Path | str, changes: Iterable[str] = ()) -> Recipe:
    """The recipe in a YAML file, with changes such as 'train.seconds=30'; RecipeError names key, line and remedy."""
    path = Path(path)
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RecipeError(f"not YAML: {' '.join(str(error).split())}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise RecipeError("not a text file in UTF-8", where=str(path)) from error
    except OSError as error:
        raise RecipeError(f"cannot read the recipe: {error.strerror}", where=str(path)) from error
    if not isinstance(document, dict):
        raise RecipeError("a recipe is a mapping of keys to values", where=str(path), remedy="see pipelines/demo.yaml")
    recipe = build(document, changes, where=str(path))
    folder = path.parent
    sources = tuple(placed(source, folder) for source in recipe.sources)
    asked = recipe.evaluate.questions
    runs = tuple(normpath(folder / run) for run in recipe.evaluate.runs)
    evaluate = recipe.evaluate.model_copy(update={"questions": asked and normpath(folder / asked), "runs": runs})
    ingest = recipe.ingest.model_copy(update={"catalogs": tuple(normpath(folder / c) for c in recipe.ingest.catalogs)})
    return recipe.model_copy(update={"sources": sources, "ingest": ingest, "evaluate": evaluate})


def placed(source: str, folder: Path) -> str:
    """A source whose relative path starts at a folder; stdin and endpoints are where they are."""
    kind, colon, rest = source.partition(":")
    if source == "-" or kind == "sparql":
        return source
    if colon and kind == "rml":
        return f"rml:{normpath(folder / rest)}"
    return normpath(folder / source)  # an absolute path stays what it is


def build(document: Mapping[str, Any], changes: Iterable[str] = (), where: str = "recipe") -> Recipe:
    """The recipe of a plain document, after changes of the form 'a.b=value' (values are YAML)."""
    merged = _copy(document)
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals:
            raise RecipeError(f"not a setting: {change!r}", where="--set", remedy="write it as train.seconds=30")
        _put(merged, key.strip().split("."), _value(value))
    try:
        return Recipe.model_validate(merged)
    except ValidationError as error:
        raise _explained(error, where) from error


def _value(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"not a value in YAML: {text!r}", where="--set", remedy="quote it") from error


def _copy(value: Any) -> Any:
    return {k: _copy(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _put(document: dict[str, Any], path: list[str], value: Any) -> None:
    for key in path[:-1]:
        document = document.setdefault(key, {})
        if not isinstance(document, dict):
            raise RecipeError(f"{key} is a value, not a group of settings", where="--set")
    document[path[-1]] = value


def _explained(error: ValidationError, where: str) -> RecipeError:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    if first["type"] != "extra_forbidden":
        what = f"{'.'.join(path)}: {first['msg']}"
        return RecipeError(what, where=where, instead="" if first["type"] == "missing" else f"found {first['input']!r}")
    keys = list(_fields(path[:-1]))
    near = difflib.get_close_matches(path[-1], keys, 1)
    return RecipeError(
        f"{'.'.join(path)}: unknown key", where=where, instead=f"the keys there are {', '.join(keys)}",
        remedy=f"did you mean {near[0]!r}?" if near else "remove it",
    )


def _fields(path: list[str]) -> Iterable[str]:
    model: Any = Recipe
    for part in path:
        kind = model.model_fields[part].annotation if part in getattr(model, "model_fields", {}) else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return ["object", "subject"]  # the one nested mapping: templates by relation label
        model = kind
    return list(model.model_fields)
