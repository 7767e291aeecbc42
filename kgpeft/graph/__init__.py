"""Sources → KnowledgeGraph: a reader a format, one projection, nothing lost uncounted."""

from kgpeft.graph.inspect import describe
from kgpeft.graph.model import PATTERNS, Kind, KnowledgeGraph
from kgpeft.graph.read import read
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.texts import Label

__all__ = ["PATTERNS", "Kind", "KnowledgeGraph", "Label", "ReadSettings", "describe", "read"]
