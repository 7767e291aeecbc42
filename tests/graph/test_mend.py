"""RDF/XML that is broken in a way that leaves no doubt is mended, which is told; what is not says the line."""

import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import read
from kgpeft.graph.inspect import describe

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/" xml:base="http://e.org/x">
<rdf:Description rdf:about="http://e.org/a"><e:p rdf:resource="http://e.org/b"/></rdf:Description>
{}
</rdf:RDF>
"""


@pytest.mark.parametrize(
    ("broken", "fact"),
    [
        ('<rdf:Description rdf:ID="0001c"><e:p>x</e:p></rdf:Description>', ("0001c", "p", "x")),
        ("<e:C rdf:about='#c'><e:p>salt & pepper</e:p></e:C>", ("c", "p", "salt & pepper")),
        ('<e:C rdf:about="#c"><e:p rdf:resource="http://e.org/?q=1&r=2"/></e:C>', ("c", "p", "?q=1&r=2")),
        ('<e:C rdf:about="#c"><e:p>caf&eacute;</e:p></e:C>', ("c", "p", "café")),
        ('<e:C rdf:about="#c"><e:p rdf:datatype="&xsd;string">x</e:p></e:C>', ("c", "p", "x")),
        ('<e:C rdf:about="#c"><e:p><![CDATA[a & b]]></e:p><e:q>&nbsp;</e:q></e:C>', ("c", "p", "a & b")),
        ("<e:C rdf:about='#c'><!-- a & b --><e:p>a & &lt; &#38; b</e:p></e:C>", ("c", "p", "a & < & b")),
    ],
)
def test_what_leaves_no_doubt_is_mended_and_told(graph_of, facts, broken, fact):
    graph = graph_of(RDF.format(broken))
    assert {("a", "p", "b"), fact} <= facts(graph)
    assert "it is broken and was mended: 1 " in graph.manifest["notes"][0]


def test_latin_1_without_a_declaration_is_mended_and_lines_are_found(tmp_path):
    path = tmp_path / "a.owl"
    path.write_bytes(RDF.format("<e:C rdf:about='#c'><e:p>café</e:p></e:C>").encode("latin-1"))
    (fact,) = [fact for fact in describe(read(path), "c")["facts"] if fact["object"] == "café"]
    assert fact["line"] == 4


@pytest.mark.parametrize(
    ("broken", "what", "remedy"),
    [
        ("<e:C><e:p>x</e:C>", "expected `</e:p>`", "mend that line"),
        ("<f:C/>", "Unknown prefix f:", "declare it"),
        ("<e:C about='x'/>", "namespaces are required", "write rdf:about, not about"),
        ("<e:C rdf:about='&base;c'/>", "unrecognized entity `base`", "declare it in the document type"),
    ],
)
def test_what_cannot_be_mended_is_named_by_its_line(graph_of, broken, what, remedy):
    with pytest.raises(SourceError, match=f"broken RDF/XML, line 4: .*{what}.*{remedy}"):
        graph_of(RDF.format(broken))


def test_a_language_tag_with_an_underscore_is_a_language(graph_of):
    label = '<l:label xmlns:l="http://www.w3.org/2000/01/rdf-schema#" xml:lang="en_US">cee</l:label>'
    graph = graph_of(RDF.format(f'<e:C rdf:about="#c">{label}</e:C>'))
    assert [label.lang for label in graph.labels_of(graph.find("cee")[0])] == ["en-us"]


@pytest.mark.parametrize(
    "text",
    [
        '<Ontology xmlns="http://www.w3.org/2002/07/owl#"><Prefix name="r" IRI="http://www.w3.org/2000/01/rdf-schema#"/>'
        '<AnnotationAssertion><AnnotationProperty abbreviatedIRI="r:label"/><IRI>x:a</IRI>'
        '<Literal>salt & pepper</Literal></AnnotationAssertion>'
        '<Declaration><Class IRI="x:a"/></Declaration></Ontology>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="k" for="node" attr.name="label"/><graph>'
        '<node id="a"><data key="k">salt & pepper</data></node></graph></graphml>',
    ],
)
def test_other_xml_is_mended_likewise(graph_of, text):
    graph = graph_of(text)
    assert graph.names == ["salt & pepper"] and "was mended" in graph.manifest["notes"][0]
