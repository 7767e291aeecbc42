"""owl:imports come from where the user says, and from the network only when asked."""

import http.server
import threading
from contextlib import contextmanager

import pytest

from kgpeft.errors import SourceError
from kgpeft.graph import ReadSettings, read
from kgpeft.graph.sources.catalogs import read_catalog
from kgpeft.graph.sources.imports import held

CATALOG = '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{}</catalog>'
OWL = "@prefix : <http://e.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def ontology(name, *imports, fact=""):
    stated = "".join(f"<http://e.org/{name}> owl:imports <{iri}> .\n" for iri in imports)
    return f"{OWL}<http://e.org/{name}> a owl:Ontology .\n{stated}{fact or f':{name}1 :r :{name}2 .'}\n"


@pytest.fixture
def files(tmp_path):
    """Writes files below the test's folder and gives that folder."""

    def write(**texts):
        for name, text in texts.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


@contextmanager
def server(pages):
    """A web server on this computer; its list of the paths that were asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, body = pages.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}", asked
        finally:
            running.shutdown()
            thread.join()


def entry(name, uri):
    return CATALOG.format(f'<uri name="{name}" uri="{uri}"/>')


def fact_names(graph):
    return {graph.names[s] for s in graph.edges[:, 0].tolist()}


def test_a_catalog_beside_the_file_is_used(files, facts):
    place = files(a_ttl=ontology("a", "http://e.org/b"), sub__b_ttl=ontology("b"))
    (place / "catalog-v001.xml").write_text(entry("http://e.org/b", "sub/b.ttl"))
    graph = read(place / "a.ttl")
    assert facts(graph) == {("a1", "r", "a2"), ("b1", "r", "b2")}
    source = graph.manifest["sources"][1]
    assert source["import"] == "http://e.org/b" and source["imported_by"] == str(place / "a.ttl")
    assert len(source["sha256"]) == 64 and graph.manifest["notes"][:-1] == []


def test_a_catalog_that_nobody_named_points_to_no_other_folder(files):
    place = files(in__a_ttl=ontology("a", "http://e.org/b"), secret_ttl=ontology("b"))
    (place / "in" / "catalog-v001.xml").write_text(entry("http://e.org/b", "../secret.ttl"))
    graph = read(place / "in" / "a.ttl")
    assert len(graph.manifest["sources"]) == 1 and graph.manifest["sources"][0]["missing"] == ["http://e.org/b"]
    named = ReadSettings(catalogs=(str(place / "in"),))
    assert len(read(place / "in" / "a.ttl", settings=named).manifest["sources"]) == 2


def test_a_folder_is_searched_by_the_names_that_ontologies_give_themselves(files):
    far = "# " + "x" * 70 + "\n"
    place = files(a_ttl=ontology("a", "https://e.org/b/", "http://e.org/2.0/c"), lib__x__one_ttl=ontology("b"),
                  lib__two_ttl=OWL + far * 5000 + ontology("c") + ":c owl:versionIRI <http://e.org/2.0/c> .",
                  lib__junk_txt="nothing", lib__d_ttl=ontology("d"))
    graph = read(place / "a.ttl", settings=ReadSettings(catalogs=(str(place / "lib"),)))
    assert fact_names(graph) == {"a1", "b1", "c1"}
    assert "missing" not in graph.manifest["sources"][0]


def test_imports_of_imports_in_a_circle_are_read_once_and_as_deep_as_allowed(files):
    place = files(a_ttl=ontology("a", "http://e.org/b"), b_ttl=ontology("b", "http://e.org/c"),
                  c_ttl=ontology("c", "http://e.org/a", "http://e.org/b"))
    settings = ReadSettings(catalogs=(str(place),))
    assert len(read(place / "a.ttl", settings=settings).manifest["sources"]) == 3
    graph = read(place / "a.ttl", settings=settings.model_copy(update={"import_depth": 1}))
    assert fact_names(graph) == {"a1", "b1"}
    assert "beyond ingest.import_depth=1 were not read: http://e.org/c" in " ".join(graph.manifest["notes"])


def test_what_is_found_nowhere_is_said_and_listed(files):
    graph = read(files(a_ttl=ontology("a", "http://e.org/b", "file:///etc/passwd")) / "a.ttl")
    assert graph.manifest["sources"][0]["missing"] == ["http://e.org/b", "file:///etc/passwd"]
    said = "2 imports were found nowhere: file:///etc/passwd, http://e.org/b; name a catalog"
    assert said in graph.manifest["notes"][0]


def test_a_relative_import_is_a_neighbour(files):
    place = files(a_ttl=ontology("a", "sub/b.ttl", "../out.ttl"), sub__b_ttl=ontology("b"))
    assert fact_names(read(place / "a.ttl")) == {"a1", "b1"}


def test_obo_files_import_and_are_imported(files, facts):
    place = files(a_obo="format-version: 1.2\nontology: a\nimport: http://purl.obolibrary.org/obo/b.owl\n\n"
                  "[Term]\nid: A:1\nis_a: B:1\n", b_obo="ontology: b\n\n[Term]\nid: B:1\nname: bee\n")
    settings = ReadSettings(catalogs=(str(place),))
    assert ("A:1", "is a", "bee") in facts(read(place / "a.obo", settings=settings))


def test_a_broken_import_is_named_with_who_wants_it(files):
    place = files(a_ttl=ontology("a", "b.owl"), b_owl='<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><')
    with pytest.raises(SourceError, match=r"b\.owl: imported by .*a\.ttl: .*import_depth=0"):
        read(place / "a.ttl")


def test_without_leave_nothing_is_fetched(files):
    with server({}) as (url, asked):
        place = files(a_ttl=ontology("a", f"{url}/b"))
        (place / "catalog-v001.xml").write_text(entry(f"{url}/b", f"{url}/c"))
        settings = ReadSettings(hosts=("127.0.0.1",), catalogs=(str(place),))
        assert "found nowhere" in read(place / "a.ttl", settings=settings).manifest["notes"][0]
    assert asked == []


def test_with_leave_imports_are_fetched_through_redirects_and_recorded(files):
    page = ontology("b").encode()
    with server({"/b": (303, {"Location": "/c"}, b""), "/c": (200, {}, page)}) as (url, asked):
        place = files(a_ttl=ontology("a", f"{url}/b"))
        graph = read(place / "a.ttl", settings=ReadSettings(network=True, hosts=("127.0.0.1",)))
    assert fact_names(graph) == {"a1", "b1"} and asked == ["/b", "/c"]
    source = graph.manifest["sources"][1]
    assert source["path"] == f"{url}/b" and source["bytes"] == len(page)


def test_relative_iris_of_a_fetched_import_are_relative_to_its_address(files):
    with server({"/o/b": (200, {}, b"<x> <y> <z> . <w> <y> <z> .")}) as (url, _):
        place = files(a_ttl=ontology("a", f"{url}/o/b"))
        graph = read(place / "a.ttl", settings=ReadSettings(network=True, hosts=("127.0.0.1",)))
    assert f"{url}/o/x" in graph.terms


@pytest.mark.parametrize("page", [(404, {}, b""), (200, {}, b"<html><body>moved</body></html>"),
                                  (302, {"Location": "file:///etc/passwd"}, b""), (302, {"Location": "/b"}, b""),
                                  (302, {"Location": "http://[x/"}, b"")])
def test_what_cannot_be_fetched_is_missing_with_a_reason(files, page):
    with server({"/b": page}) as (url, _):
        place = files(a_ttl=ontology("a", f"{url}/b"))
        graph = read(place / "a.ttl", settings=ReadSettings(network=True, hosts=("127.0.0.1",)))
    assert graph.manifest["sources"][0]["missing"] == [f"{url}/b"]
    assert any("could not be fetched" in note for note in graph.manifest["notes"])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]", "0x7f000001"])
def test_inner_hosts_are_not_asked_unless_named(files, host):
    place = files(a_ttl=ontology("a", f"http://{host}:9/x"))
    graph = read(place / "a.ttl", settings=ReadSettings(network=True))
    assert any("is not public" in note or "cannot be reached" in note for note in graph.manifest["notes"])


def test_catalogs_rewrite_lead_on_and_have_bases(files):
    place = files(
        a_xml=CATALOG.format(
            '<group xml:base="up/"><uri name="u:1" uri="one.ttl"/></group><rewriteURI uriStartString="http://e.org/" '
            'rewritePrefix="lib/"/><uriSuffix uriSuffix="z.owl" uri="z.ttl"/><nextCatalog catalog="b.xml"/>'
        ),
        b_xml=CATALOG.format('<uri name="u:2" uri="two.ttl"/><nextCatalog catalog="a.xml"/>'),
    )
    catalog = read_catalog(place / "a.xml")
    found = {iri: catalog.find(iri) for iri in ("u:1", "u:2", "u:3", "http://e.org/q/r.owl", "urn:x:z.owl")}
    at = place.resolve().as_uri()
    assert found == {"u:1": f"{at}/up/one.ttl", "u:2": f"{at}/two.ttl", "u:3": None,
                     "http://e.org/q/r.owl": f"{at}/lib/q/r.owl", "urn:x:z.owl": f"{at}/z.ttl"}


@pytest.mark.parametrize(("text", "what"), [
    ("<catalog/>", "not the <catalog>"), ("<catalog", "broken XML"), ("", "broken XML"),
    ('<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + CATALOG.format("&x;"), "entities"),
    (entry("u:1", "http://[x/"), "an address that is none"),
])
def test_a_catalog_that_is_none_is_refused(files, text, what):
    place = files(a_ttl=ontology("a"), c_xml=text)
    with pytest.raises(SourceError, match=what):
        read(place / "a.ttl", settings=ReadSettings(catalogs=(str(place / "c.xml"),)))


def test_the_key_of_a_graph_holds_its_imports(files):
    place = files(a_ttl=ontology("a", "http://e.org/b"), b_ttl=ontology("b"))
    (place / "catalog-v001.xml").write_text(entry("http://e.org/b", "b.ttl"))
    before = held(ReadSettings(), (str(place / "a.ttl"),))
    (place / "b.ttl").write_text(ontology("b", fact=":b1 :r :b3 ."))
    assert before != held(ReadSettings(), (str(place / "a.ttl"),)) and len(before) == 2


def test_the_name_of_a_large_file_is_told_from_its_beginning(files):
    rdf = f'{RDF} xmlns:e="http://e.org/" xml:base="http://e.org/b">'
    one = '<e:T rdf:about="http://e.org/{}"><e:r rdf:resource="http://e.org/0"/></e:T>'
    things = "".join(one.format(i) for i in range(9999))
    header = '<owl:Ontology rdf:about="" xmlns:owl="http://www.w3.org/2002/07/owl#"/>'
    place = files(a_ttl=ontology("a", "http://e.org/b"), lib__b_owl=f"{rdf}{header}{things}</rdf:RDF>")
    graph = read(place / "a.ttl", settings=ReadSettings(catalogs=(str(place / "lib"),)))
    assert len(graph.edges) == 1 + 2 * 9999
