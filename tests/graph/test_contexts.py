"""JSON-LD contexts come from the source, from files beside it, and from nowhere else."""

import json

import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import ReadSettings, read
from kgpeft.graph.sources.imports import held

P = {"p": "http://e.org/p"}


@pytest.fixture
def write(tmp_path):
    """A JSON-LD source with a context, and context files beside it."""

    def build(context, **files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"@context": content}))
        (tmp_path / "in").mkdir(exist_ok=True)
        source = tmp_path / "in" / "a.jsonld"
        facts = {"@id": "http://e.org/a", "p": {"@id": "http://e.org/b", "p": {"@id": "http://e.org/c"}}}
        source.write_text(json.dumps({"@context": context, **facts}))
        return source

    return build


def edges(path):
    return len(read(path).edges)


@pytest.mark.parametrize("context", ["c", ["d/e", {"q": "x:q"}], {"@version": 1.1, "@import": "c"}, "d/up"])
def test_a_file_beside_the_source_or_below_it_is_its_context(write, context):
    path = write(context, in__c=P, in__d__e=[P, {}], in__d__up="../c")
    assert edges(path) == 2 and read(path).manifest["sources"][0]["contexts"]


ELSEWHERE = ["../c", "/etc/hostname", "file:c", "http://127.0.0.1:9/c", "nowhere", "link", "circle", "x" * 5000, ""]


@pytest.mark.parametrize("context", ELSEWHERE)
def test_nothing_else_is_read(write, context, tmp_path):
    path = write(context, c=P, in__circle="circle")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "c")
    with pytest.raises(SourceError, match="write the context into the file"):
        read(path)


def test_a_reference_that_is_no_text_is_an_error(write):
    with pytest.raises(SourceError, match="surrogate"):
        read(write("\ud800"))


def test_a_term_may_lead_back_to_its_own_context(write):
    circle = {"@version": 1.1, "p": {"@id": "http://e.org/p", "@context": "c"}}
    assert edges(write("c", in__c=circle)) == edges(write(P))


def test_contexts_that_refer_to_each_other_too_often_are_refused(write):
    names = [f"in__c{number}" for number in range(30)]
    files = {name: [f"c{number + 1}"] * 2 for number, name in enumerate(names)}
    with pytest.raises(SourceError, match="write the context into the file"):
        read(write("c0", **files, in__c30=P))


def test_schema_org_may_be_one_of_several_contexts(write):
    assert read(write(["https://schema.org", {"@base": "x:"}])).relations == ["http://schema.org/p"]
    assert read(write(["https://schema.org", P])).relations == ["http://e.org/p"]


def test_the_key_of_a_graph_holds_its_contexts(write, tmp_path):
    path = str(write("c", in__c=P))
    before = held(ReadSettings(), (path,))
    (tmp_path / "in" / "c").write_text(json.dumps({"@context": {"p": "http://e.org/other"}}))
    assert before.keys() == held(ReadSettings(), (path,)).keys() and before != held(ReadSettings(), (path,))


@pytest.mark.parametrize(
    ("reference", "iri"),
    [("x", "http://e.org/a/x"), ("../x", "http://e.org/x"), ("", "http://e.org/a/./c"), ("?q", "http://e.org/a/./c?q")],
)
@pytest.mark.parametrize("base", ["http://e.org/a/./c", ["http://e.org/b/../a/", "./c"]])
def test_dot_segments_of_a_base_count_only_where_it_is_kept(tmp_path, reference, iri, base):
    bases = [{"@base": each} for each in ([base] if isinstance(base, str) else base)]
    path = tmp_path / "a.jsonld"
    path.write_text(json.dumps({"@context": bases, "@id": reference, "http://e.org/p": {"@id": "http://e.org/o"}}))
    assert iri.replace("/./", "/" if len(bases) > 1 else "/./") in read(path).terms
