"""kgpeft turns an ontology or a knowledge graph into a domain adapter for a language model.

The adapter answers from the graph, cites it, and says "I don't know" when the graph does not say.
Names are loaded on first use: importing the package loads no torch.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0.dev0"

_PUBLIC = {  # name -> module that defines it
    "Adapter": "kgpeft.adapters.adapter",
    "Answer": "kgpeft.adapters.answer",
    "ArtifactError": "kgpeft.errors",
    "Dataset": "kgpeft.dataset",
    "Embeddings": "kgpeft.embed",
    "KgpeftError": "kgpeft.errors",
    "KnowledgeGraph": "kgpeft.graph",
    "Recipe": "kgpeft.recipe",
    "adapt": "kgpeft.pipeline",
    "load": "kgpeft.adapters.folder",
    "read": "kgpeft.graph",
    "run": "kgpeft.pipeline",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'kgpeft' has no attribute {name!r}; it has: {', '.join(__all__)}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
