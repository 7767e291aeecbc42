"""A strict RDF reader takes what the specifications of RDF 1.1 allow and no more; the default one is lenient."""

from dataclasses import replace

import pytest

from kgpeft.graph.read import _parse
from kgpeft.graph.sources.compress import Span
from kgpeft.graph.sources.sniff import Opened, sniff
from kgpeft.graph.statements import Statements

BROKEN = {
    "Turtle": "<http://e.org/g> { <http://e.org/s> <http://e.org/p> <http://e.org/o> }",
    "N-Triples": "<http://e.org/s> <http://e.org/p> <http://e.org/o> <http://e.org/g> .",
    "N-Quads": "<http://e.org/s s> <http://e.org/p> <http://e.org/o> .",
}


@pytest.mark.parametrize("form", BROKEN)
def test_only_the_lenient_reader_takes_more_than_the_specification(tmp_path, form):
    path = tmp_path / "source"
    path.write_text(BROKEN[form])
    read = {}
    for strict in (False, True):
        into = Statements()
        into.begin({"path": "source"})
        _parse(Opened("source", form, path.read_bytes(), Span(str(path)), strict=strict), into)
        read[strict] = not into.quarantined
    assert read == {False: True, True: False}


def test_relative_iris_are_resolved_against_a_base(tmp_path):
    path = tmp_path / "source.ttl"
    path.write_text("<s> <p> <o> .")
    into = Statements()
    _parse(replace(sniff(path), base="http://e.org/a/b"), into)
    assert into.blocks[0].terms.to_pylist() == ["http://e.org/a/s", "http://e.org/a/p", "http://e.org/a/o"]


@pytest.mark.parametrize("text", ["{\n<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:q> .\n}", "BASE<a:b>\n:g{<s><p><o>.}"])
def test_graphs_in_braces_are_trig(tmp_path, text):
    (tmp_path / "source").write_text(text)
    assert sniff(tmp_path / "source").format == "TriG"
