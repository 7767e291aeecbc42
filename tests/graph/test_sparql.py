"""Everything in an endpoint arrives, whatever the server does: a real server, and a proxy that misbehaves before it."""

import http.client
import http.server
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from kgpeft.errors import SourceError, UsageError
from kgpeft.graph import read
from kgpeft.graph.sources import sparql

OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
pytestmark = pytest.mark.skipif(OXIGRAPH is None, reason="no SPARQL server: pip install oxigraph")

DATA = "".join(f'<http://e.org/{i:03}> <http://e.org/r> <http://e.org/{i * 7 % 60:03}> .\n' for i in range(60))
DATA += "".join(f'<http://e.org/many> <http://e.org/v> "{i}"@en .\n' for i in range(40))
DATA += '<http://e.org/a> <http://e.org/v> "x\\"y\\n\\u00e9"^^<http://e.org/t> .\n'
RDFS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
OWL = "http://www.w3.org/2002/07/owl#"
DATA += f"<http://e.org/C> <{RDFS}> _:r .\n_:r <{OWL}onProperty> <http://e.org/r> .\n_:r <{OWL}someValuesFrom> "
DATA += "<http://e.org/D> .\n"
N = DATA.count("\n")


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The port of a SPARQL server that holds DATA."""
    folder = tmp_path_factory.mktemp("store")
    (folder / "d.nt").write_text(DATA)
    subprocess.run([OXIGRAPH, "load", "-l", folder / "s", "-f", folder / "d.nt"], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    command = [OXIGRAPH, "serve-read-only", "-l", folder / "s", "-b", f"127.0.0.1:{number}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", number)) == 0:
                        break
                time.sleep(0.05)
            yield number
        finally:
            server.terminate()


@pytest.fixture
def endpoint(port, monkeypatch, tmp_path):
    """Starts a proxy; ``spoil(query, number of the query, headers)`` may give (status, body → body) instead."""
    monkeypatch.setenv("KGPEFT_HOME", str(tmp_path / "home"))

    @contextmanager
    def start(spoil=lambda query, number, headers: None):
        asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"]))
                query = parse_qs(form.decode())["query"][0]
                asked.append(query)
                status, change = spoil(query, len(asked), self.headers) or (200, lambda body: body)
                connection = http.client.HTTPConnection("127.0.0.1", port)
                kept = {name: self.headers[name] for name in ("Content-Type", "Accept")}
                connection.request("POST", "/query", form, kept)
                body = change(connection.getresponse().read())
                connection.close()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
            thread = threading.Thread(target=running.serve_forever)
            thread.start()
            try:
                yield f"sparql:http://127.0.0.1:{running.server_port}/query", asked
            finally:
                running.shutdown()
                thread.join()

    return start


def limit(query):
    found = re.search(r"LIMIT (\d+)", query)
    return int(found[1]) if found else 0


def whole(graph):
    return graph.manifest["counts"]["triples"] == N and not graph.manifest["quarantined"]


def test_everything_arrives_as_from_a_file(endpoint, facts, tmp_path):
    with endpoint() as (place, asked):
        graph = read(place)
    (tmp_path / "d.nt").write_text(DATA)
    assert graph.fingerprint == read(tmp_path / "d.nt").fingerprint
    assert whole(graph) and ("C", "r", "D") in facts(graph) and ("many", "v", "39") in facts(graph)
    source = graph.manifest["sources"][0]
    assert source["path"] == place and len(source["sha256"]) == 64 and len(asked) < 12
    assert not [note for note in graph.manifest["notes"] if "counted" in note]


@pytest.mark.parametrize("page", [10, 13, 25])
def test_small_pages_lose_nothing(endpoint, page, monkeypatch):
    monkeypatch.setattr(sparql, "PAGE", page)
    with endpoint() as (place, asked):
        assert whole(read(place)) and all(limit(query) <= page for query in asked)


@pytest.mark.parametrize("status", [504, 500, 200])
def test_time_outs_and_cut_bodies_halve_the_page(endpoint, status):
    def spoil(query, _, __):
        return (status, lambda body: body[: len(body) // 2]) if limit(query) > 20 else None

    with endpoint(spoil) as (place, asked):
        assert whole(read(place))
    assert {limit(query) for query in asked} >= {50_000, 25_000, 12}


def test_a_server_that_caps_its_answers_in_silence_is_seen_through(endpoint):
    def cap(body):
        found = json.loads(body)
        found["results"]["bindings"] = found["results"]["bindings"][:11]
        return json.dumps(found).encode()

    with endpoint(lambda *_: (200, cap)) as (place, _):
        assert whole(read(place))


def test_a_server_that_cannot_count_is_read_to_the_empty_page(endpoint):
    with endpoint(lambda query, *_: (504, bytes) if "COUNT" in query and "isBlank(?s) ||" not in query else None) as (
        place, _):
        assert whole(read(place))


def test_what_is_counted_and_does_not_come_is_said(endpoint):
    with endpoint(lambda query, *_: (200, lambda body: body.replace(b'"60"', b'"61"'))) as (place, _):
        graph = read(place)
    assert any("60 statements came, 61 were counted" in note for note in graph.manifest["notes"])


def test_a_reading_that_was_stopped_goes_on_where_it_was(endpoint, monkeypatch):
    monkeypatch.setattr(sparql, "PAGE", 10)
    with endpoint(lambda query, number, _: (403, bytes) if number > 6 else None) as (place, _):
        with pytest.raises(SourceError, match="403"):
            read(place)
        kept = next((sparql._home() / "sparql").iterdir())
    with (kept / "triples.nt").open("ab") as file:
        file.write(b"<http://e.org/half")
    with endpoint() as (other, again):
        shutil.move(kept, kept.parent / sparql.hashlib.sha256(other.removeprefix("sparql:").encode()).hexdigest()[:16])
        graph = read(other)
    assert whole(graph) and any("went on after" in note for note in graph.manifest["notes"])
    assert any('FILTER(STR(?s) > "http://e.org/0' in query for query in again[:4])
    assert not list((sparql._home() / "sparql").iterdir())


def test_credentials_come_from_the_environment(endpoint, monkeypatch):
    seen = []

    def guard(_, __, headers):
        seen.append(headers["Authorization"])

    monkeypatch.setenv("KGPEFT_SPARQL_USER", "anna")
    monkeypatch.setenv("KGPEFT_SPARQL_PASSWORD", "secret")
    with endpoint(guard) as (place, _):
        graph = read(place)
        monkeypatch.setenv("KGPEFT_SPARQL_TOKEN", "abc")
        read(place)
    assert set(seen) == {"Basic YW5uYTpzZWNyZXQ=", "Bearer abc"}
    assert "secret" not in json.dumps(graph.manifest)


def test_credentials_go_over_https_only(monkeypatch):
    monkeypatch.setenv("KGPEFT_SPARQL_TOKEN", "abc")
    with pytest.raises(UsageError, match="https only"):
        sparql.Endpoint("http://e.org/query").rows("ASK {}")


@pytest.mark.parametrize("body", [b"<html></html>", b"[]", b'{"results": {"bindings": [1]}}', b'{"boolean": true}'])
def test_what_is_no_endpoint_is_named(endpoint, body):
    with endpoint(lambda *_: (200, lambda _: body)) as (place, _), pytest.raises(SourceError, match="no SPARQL result"):
        read(place)
