"""The verbs, each a line or two over the library."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from kgpeft import __version__
from kgpeft.cli import screen
from kgpeft.cli.screen import Screen, note, show
from kgpeft.errors import GateError, UsageError

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
    help="Turns an ontology or a knowledge graph into a language-model adapter that answers from it, cites it, and "
    "says when it does not know.",
)
RECIPES = {".yaml", ".yml"}

Out = Annotated[Path, typer.Option(help="Folder to write.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Base = Annotated[str | None, typer.Option(help="Base language model: a folder or a Hub name.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="A.B=VALUE", help="Change a recipe setting; may be repeated.")
]
GraphPlace = Annotated[Path, typer.Argument(metavar="GRAPH", help="Graph folder, run folder, or source file.")]
AdapterPlace = Annotated[Path, typer.Argument(metavar="ADAPTER", help="Adapter folder, or the folder of a run.")]


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"kgpeft {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    pass


@app.command()
def run(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE_OR_RECIPE...", help="Ontologies, or one recipe.")],
    out: Out, base: Base = None, changes: Changes = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the resolved recipe as YAML.")] = False,
    as_json: Json = False,
) -> None:
    """The whole road, from sources to an evaluated adapter; what is finished is reused."""
    from kgpeft import pipeline

    recipe = _recipe(sources, base, changes)
    if dry_run:
        return _print_recipe(recipe, as_json)
    with Screen() as progress:
        made = pipeline.run(recipe, out, progress)
    value = {**asdict(made), "adapter": str(made.adapter), "report": str(made.report)}
    text = f"\n{screen.table(made.systems)}\n\nreport   {made.report}\nadapter  {made.adapter}"
    show(value, text, as_json)


@app.command()
def ingest(  # noqa: PLR0913 - an argument a flag
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE_OR_RECIPE...", help="Ontologies, or one recipe.")],
    out: Out,
    catalog: Annotated[
        list[str] | None, typer.Option(help="Catalog file or folder that holds owl:imports; may be repeated.")
    ] = None,
    allow_network: Annotated[
        bool, typer.Option("--allow-network", help="Fetch imports that are found nowhere else.")
    ] = False,
    reason: Annotated[bool, typer.Option("--reason", help="Add what follows from the axioms, marked as such.")] = False,
    changes: Changes = None, as_json: Json = False,
) -> None:
    """Sources → graph."""
    from kgpeft.cli import stages

    asked = ["ingest.network=true"] if allow_network else []
    asked += ["ingest.reason=true"] if reason else []
    asked += [f"ingest.catalogs={json.dumps(catalog)}"] if catalog else []
    with Screen():
        made = stages.ingest(_recipe(sources, None, [*asked, *(changes or [])]), out)
    for line in stages.remarks(made):
        note(line)
    plain = screen.lines({key: value for key, value in made.items() if key not in ("details", "audit")})
    show(made, f"{plain}\n\n{screen.audit(made['audit'])}", as_json)


@app.command()
def inspect(
    place: GraphPlace, term: Annotated[str | None, typer.Argument(help="Name, synonym, CURIE or IRI.")] = None,
    as_json: Json = False,
) -> None:
    """What a graph knows, or knows of one term."""
    from kgpeft.cli import stages

    with Screen():
        known = stages.inspect(place, term)
    show(known, screen.knowledge(known) if term is None else screen.term(known), as_json)


@app.command()
def validate(
    places: Annotated[list[Path], typer.Argument(metavar="GRAPH_OR_SOURCE...", help="Graph folder, or sources.")],
    shapes: Annotated[list[Path], typer.Option(help="File with SHACL shapes; may be repeated.")],
    seconds: Annotated[float, typer.Option(min=1, help="Time after which the check is given up.")] = 600,
    as_json: Json = False,
) -> None:
    """Checks a graph, or the statements of sources, against SHACL shapes; ends with 4 if it breaks one."""
    from kgpeft.cli import stages

    with Screen():
        checked = stages.validate(places, shapes, seconds)
    show(checked, screen.breaches(checked), as_json)
    if not checked["conforms"]:
        raise typer.Exit(GateError.exit_code)


@app.command()
def embed(place: GraphPlace, out: Out, changes: Changes = None, as_json: Json = False) -> None:
    """Graph → embeddings."""
    from kgpeft.cli import stages

    recipe = _recipe([str(place)], None, changes)
    with Screen() as progress:
        made = stages.embed(place, out, recipe, progress)
    show(made, screen.lines(made), as_json)


@app.command()
def dataset(place: GraphPlace, out: Out, changes: Changes = None, as_json: Json = False) -> None:
    """Graph → examples and leakage-safe question files."""
    from kgpeft.cli import stages

    recipe = _recipe([str(place)], None, changes)
    with Screen():
        made = stages.dataset(place, out, recipe)
    show(made, screen.families(made), as_json)


@app.command()
def train(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Dataset folder.")], out: Out,
    graph: Annotated[Path | None, typer.Option(help="Its graph; default: graph/ beside the dataset.")] = None,
    embeddings: Annotated[
        Path | None, typer.Option(help="Its embeddings; default: embeddings/ beside the dataset, or made anew.")
    ] = None,
    changes: Changes = None, as_json: Json = False,
) -> None:
    """Trains or tunes an adapter on a dataset."""
    from kgpeft.cli import stages

    recipe = _recipe([str(dataset)], None, changes)
    with Screen() as progress:
        made = stages.train(stages.Places(dataset, graph, embeddings), out, recipe, progress)
    show(made, screen.lines(made), as_json)


@app.command(name="eval")
def evaluate(
    adapter: AdapterPlace,
    questions: Annotated[
        Path, typer.Option(metavar="FILE", help="Questions: ours, or of MetaQA, SimpleQuestions, WebQuestions, QALD.")
    ],
    systems: Annotated[str, typer.Option(help="Systems to compare, with commas.")] = "kgpeft,base,base+facts",
    out: Annotated[Path | None, typer.Option(help="Folder for answers and report; what is there is reused.")] = None,
    as_json: Json = False,
) -> None:
    """Asks an adapter the questions of a file and grades the answers; goes on where it was interrupted."""
    from kgpeft.cli import exams

    chosen = exams.choose_systems(systems)
    with Screen() as progress:
        metrics = exams.evaluate(adapter, questions, chosen, out, progress)
    report = f"\n\nreport   {metrics['report']}" if out else ""
    show(metrics, f"\n{screen.table(metrics['systems'])}{report}", as_json)


@app.command(name="export-tasks")
def export_tasks(
    place: Annotated[Path, typer.Argument(metavar="RUN_OR_GRAPH", help="Run folder, graph folder, or source file.")],
    out: Out,
    questions: Annotated[Path | None, typer.Option(metavar="FILE", help="Questions; default: the run's own.")] = None,
    name: Annotated[str, typer.Option(help="Name of the group of tasks.")] = "kgpeft", as_json: Json = False,
) -> None:
    """Questions → tasks of lm-evaluation-harness, graded there as here."""
    from kgpeft.cli import exams

    with Screen():
        made = exams.export_tasks(place, questions, out, name)
    show(made, screen.lines(made), as_json)


@app.command()
def ask(
    adapter: AdapterPlace, questions: Annotated[list[str], typer.Argument(metavar="QUESTION...")],
    explain: Annotated[bool, typer.Option("--explain", help="Tell what was linked, found, read and decided.")] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw what lies around one question's names.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Answers questions from the graph, with citations."""
    from kgpeft.cli import stages

    if not all(question.strip() for question in questions):
        raise UsageError("an empty question", remedy="put each question in quotes")
    if picture is not None and len(questions) > 1:
        raise UsageError("one picture for several questions", where="--picture", remedy="ask one question")
    with Screen():
        said = stages.ask(adapter, questions, explain, picture)
    text = "\n\n".join(map(screen.answer, said))
    show(said[0] if len(said) == 1 else {"answers": said}, text, as_json)


@app.command()
def chat(adapter: AdapterPlace, as_json: Json = False) -> None:
    """Answers one question a line; /facts shows what was read for the last one, Ctrl-D ends."""
    from kgpeft.cli import stages

    with Screen():
        answering = stages.load_adapter(adapter)
    said: dict[str, Any] = {"facts": []}
    for question in _typed():
        if question == "/facts":
            show({"facts": said["facts"]}, "\n".join(f"    {fact}" for fact in said["facts"]), as_json)
        else:
            said = answering.ask(question).to_dict()
            show(said, screen.answer(said).partition("\n")[2], as_json)
        sys.stdout.flush()


def _typed() -> Iterator[str]:
    """The lines of stdin that are not empty, after a prompt if somebody sits there."""
    shown = sys.stdin.isatty()
    while True:
        if shown:
            sys.stderr.write("> ")
            sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _recipe(sources: list[str], base: str | None, changes: list[str] | None) -> Any:
    """The recipe file, or the recipe of some sources, with the changes of the command line."""
    from kgpeft import recipe

    asked = [*([f"base={base}"] if base else []), *(changes or [])]
    files = [source for source in sources if Path(source).suffix.lower() in RECIPES]
    if not files:
        return recipe.build({"sources": sources}, asked, where="--set")
    if len(sources) > 1:
        raise UsageError("a recipe names its own sources", where=files[0], remedy="give the recipe alone")
    return recipe.load(files[0], asked)


def _print_recipe(recipe: Any, as_json: bool) -> None:
    """The recipe with absolute sources, so that it means the same wherever it is put."""
    import yaml

    from kgpeft.recipe import placed

    value = recipe.model_dump(mode="json") | {"sources": [placed(s, Path.cwd()) for s in recipe.sources]}
    show(value, yaml.safe_dump(value, sort_keys=False, allow_unicode=True).rstrip(), as_json)
