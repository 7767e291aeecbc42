from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgpeft.graph import KnowledgeGraph, read
from kgpeft.graph.read import _parse
from kgpeft.graph.sources.sniff import sniff
from kgpeft.graph.statements import Block, Statements, split_literal

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
def prefixes() -> str:
    """The usual prefixes of Turtle."""
    return PREFIXES


@pytest.fixture
def turtle(graph_of) -> Callable[[str], KnowledgeGraph]:
    """The graph of Turtle whose usual prefixes are given."""
    return lambda text: graph_of(PREFIXES + text)


@pytest.fixture
def facts() -> Callable[[KnowledgeGraph], set[tuple[str, str, str]]]:
    """The edges of a graph by name."""
    return lambda graph: {(graph.names[s], graph.relation_names[r], graph.names[o]) for s, r, o in graph.edges.tolist()}


@pytest.fixture
def triples_of(tmp_path: Path) -> Callable[[str], set[str]]:
    """The triples that a reader makes of a text in any format, with canonical names of blank nodes."""

    def build(text: str) -> set[str]:
        path, into = tmp_path / "source", Statements()
        path.write_text(text, encoding="utf-8")
        into.begin({"path": str(path)})
        _parse(sniff(path), into)
        assert not into.quarantined
        into.close()
        data = ox.Dataset(quad for block in into.blocks for quad in _quads(block))
        data.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return {str(quad) for quad in data}

    return build


def _quads(block: Block) -> Iterator[ox.Quad]:
    terms = [_term(term) for term in block.terms.to_pylist()]
    return (ox.Quad(terms[s], terms[p], terms[o]) for s, p, o in zip(block.s, block.p, block.o, strict=True))


def _term(key: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if key.startswith('"'):
        value, datatype, lang = split_literal(key)
        return ox.Literal(value, language=lang) if lang else ox.Literal(value, datatype=ox.NamedNode(datatype))
    return ox.BlankNode("b" + key[2:].replace(":", "x").replace(".", "y")) if key[:2] == "_:" else ox.NamedNode(key)


@pytest.fixture
def axioms() -> Callable[[KnowledgeGraph], set[tuple[str | int, ...]]]:
    """The axioms of a graph: what each is, the last letter of its terms and its number."""

    def told(graph: KnowledgeGraph) -> set[tuple[str | int, ...]]:
        return {
            (axiom["axiom"], *(term[-1] for term in axiom["terms"]), *([axiom["n"]] if "n" in axiom else []))
            for axiom in graph.axioms
        }

    return told
