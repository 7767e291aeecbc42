"""The laws of the source tree, held by reading it: imports point one way, files and functions stay short."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = (  # each may import those before it; names on one line may not import each other
    "errors",
    "artifacts",
    "models spelling",
    "graph",
    "embed",
    "evidence",
    "dataset",
    "adapters",
    "training",
    "evaluation serving",
    "recipe summaries",
    "shelf",
    "pipeline",
    "cli",
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}
HEAVY = {"torch", "transformers", "sentence_transformers", "datasets", "torch_geometric", "rdflib", "networkx"}
HEAVY |= {"matplotlib", "peft", "accelerate"}
MAY_HOLD_TORCH = {"embed", "adapters", "training"}

FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "kgpeft").rglob("*.py"))
}
every_file = pytest.mark.parametrize("module", FILES)


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def imported(module: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        package = module.split(".") if FILES[module].name == "__init__.py" else module.split(".")[:-1]
        base = package[: len(package) - node.level + 1] if node.level else []
        source = ".".join([*base, *filter(None, [node.module])])
        names = [f"{source}.{alias.name}" for alias in node.names]
        yield from (name if name in FILES else source for name in names)


def own_imports(module: str, nodes: Iterable[ast.AST]) -> set[str]:
    found = {name for node in nodes for name in imported(module, node)}
    return {name for name in found if name in FILES and name != "kgpeft"}


def layer(module: str) -> str:
    return module.split(".")[1]


@every_file
def test_imports_point_to_earlier_layers(module):
    if module in ("kgpeft", "kgpeft.__main__"):
        return
    assert layer(module) in RANK, f"give {layer(module)} its place in LAYERS"
    outside = {layer(name) for name in own_imports(module, ast.walk(tree(module)))} - {layer(module)}
    assert [name for name in outside if RANK[name] >= RANK[layer(module)]] == []


def test_importing_runs_into_no_cycle():
    TopologicalSorter({module: own_imports(module, tree(module).body) for module in FILES}).prepare()


@every_file
def test_no_file_is_longer_than_400_lines(module):
    assert len(FILES[module].read_text(encoding="utf-8").splitlines()) <= 400


@every_file
def test_no_function_is_longer_than_50_lines(module):
    functions = [node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [node.name for node in functions if node.end_lineno - node.lineno >= 50] == []


@every_file
def test_no_error_is_swallowed_wholesale(module):
    handlers = [node for node in ast.walk(tree(module)) if isinstance(node, ast.ExceptHandler)]
    caught = [node.lineno for node in handlers if node.type is None or "Exception'" in ast.dump(node.type)]
    assert caught == []


@every_file
def test_heavy_libraries_are_imported_inside_functions(module):
    allowed = {"torch"} if module != "kgpeft" and layer(module) in MAY_HOLD_TORCH else set()
    names = {name.split(".")[0] for node in tree(module).body for name in imported(module, node)}
    assert names & HEAVY <= allowed


@pytest.mark.parametrize("module", [name for name in ("kgpeft", "kgpeft.cli") if name in FILES])
def test_importing_it_loads_nothing_heavy(module):
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_public_name_exists():
    import kgpeft

    assert 0 < len(kgpeft.__all__) <= 20
    assert all(getattr(kgpeft, name) is not None for name in kgpeft.__all__)


def test_an_unknown_public_name_is_an_attribute_error_that_lists_the_others():
    import kgpeft

    with pytest.raises(AttributeError, match=r"no attribute 'raed'; it has: .*KgpeftError"):
        kgpeft.raed  # noqa: B018
