from collections.abc import Callable
from pathlib import Path

import pytest

from kgpeft.graph import KnowledgeGraph, read

PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
"""


@pytest.fixture
def graph_of(tmp_path: Path) -> Callable[[str], KnowledgeGraph]:
    """The graph of a text in any format."""

    def build(text: str) -> KnowledgeGraph:
        path = tmp_path / "source"
        path.write_text(text, encoding="utf-8")
        return read(path)

    return build


@pytest.fixture
def turtle(graph_of) -> Callable[[str], KnowledgeGraph]:
    """The graph of Turtle whose usual prefixes are given."""
    return lambda text: graph_of(PREFIXES + text)


@pytest.fixture
def facts() -> Callable[[KnowledgeGraph], set[tuple[str, str, str]]]:
    """The edges of a graph by name."""
    return lambda graph: {(graph.names[s], graph.relation_names[r], graph.names[o]) for s, r, o in graph.edges.tolist()}
