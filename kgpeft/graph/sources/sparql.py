"""``sparql:https://…``: every triple of an endpoint's default graph, in pages that any server can answer.

A predicate at a time, ordered by subject and continued after the last one (OFFSET is slow or wrong on many servers).
A time-out or a body that ends early asks for half as much; what arrives is compared with a COUNT asked for before. What
has been read is kept until all of it has, so that a run that was stopped goes on where it was. Statements about blank
nodes come in one answer, because their names mean nothing in another.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from kgpeft.errors import SourceError, UsageError
from kgpeft.graph.sources.web import TimedOut, Web

PAGE = 50_000  # statements asked for at once
MOST = 1 << 28  # bytes of one answer
LEAST = 10  # statements below which a time-out is the server's fault
KEPT = 86_400.0  # seconds for which an unfinished reading can go on
_ACCEPT = {"Accept": "application/sparql-results+json", "Accept-Encoding": "gzip"}
_NAMED = "FILTER(isIRI(?s) && !isBlank(?o))"
_BLANK = "FILTER(isBlank(?s) || isBlank(?o))"

Row = dict[str, dict[str, Any]]


@contextmanager
def fetched(url: str, notes: list[str], seconds: float = 60.0) -> Iterator[Path]:
    """A file of N-Triples with everything in an endpoint's default graph; SourceError if it cannot be had."""
    from filelock import FileLock, Timeout

    folder = _home() / "sparql" / hashlib.sha256(url.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=0):
            with Log.open(folder) as log:
                Reading(Endpoint(url, seconds), log, notes).all()
            yield log.triples
            shutil.rmtree(folder)
    except Timeout as error:
        raise SourceError("another process is reading this endpoint", where=url, remedy="wait for its end") from error


def _home() -> Path:
    return Path(os.environ.get("KGPEFT_HOME") or "~/.cache/kgpeft").expanduser()


@dataclass(frozen=True)
class Endpoint:
    """A SPARQL 1.1 endpoint; credentials come from KGPEFT_SPARQL_TOKEN, or _USER and _PASSWORD."""

    url: str
    seconds: float = 60.0

    def rows(self, query: str) -> list[Row]:
        """The solutions; TimedOut if they do not come whole in time."""
        host = urlsplit(self.url).hostname or ""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **_ACCEPT, **self._credentials(host)}
        web = Web(frozenset({host.lower()}), self.seconds, MOST)
        body = b"".join(web.fetch(self.url, headers, urlencode({"query": query}).encode()))
        try:
            found = json.loads(body)["results"]["bindings"]
        except (KeyError, TypeError, RecursionError):
            found = None
        except ValueError as error:  # servers that run out of time end in the middle of the body
            if not body.lstrip().startswith(b"{"):
                raise _no_result(self.url) from error
            raise TimedOut("the answer ended early", where=self.url) from error
        if not isinstance(found, list) or not all(map(_is_row, found)):
            raise _no_result(self.url)
        return found

    def count(self, pattern: str) -> int | None:
        """How many solutions a pattern has; None if the endpoint cannot tell in time."""
        try:
            return int(self.rows(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")[0]["n"]["value"])
        except TimedOut:
            return None
        except (KeyError, IndexError, ValueError) as error:
            raise SourceError("the endpoint does not count", where=self.url) from error

    def _credentials(self, host: str) -> dict[str, str]:
        token, user = os.environ.get("KGPEFT_SPARQL_TOKEN"), os.environ.get("KGPEFT_SPARQL_USER")
        if not token and not user:
            return {}
        if urlsplit(self.url).scheme != "https" and host not in ("localhost", "127.0.0.1", "::1"):
            raise UsageError("credentials are sent over https only", where=self.url, remedy="use https, or unset them")
        if token:
            return {"Authorization": f"Bearer {token}"}
        pair = f"{user}:{os.environ.get('KGPEFT_SPARQL_PASSWORD', '')}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@dataclass
class Log:
    """What has been read: ``triples`` and, a JSON line for each page, how far that is."""

    triples: Path
    pages: Path
    file: BinaryIO
    journal: BinaryIO
    done: list[dict[str, Any]]

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator[Log]:
        """The log in a folder: that of a reading which was stopped, if it is young enough, cut after its last page."""
        triples, pages = folder / "triples.nt", folder / "pages.jsonl"
        if pages.exists() and time.time() - pages.stat().st_mtime > KEPT:
            pages.unlink()
        done = _journal(pages)
        size, journal = (done[-1]["bytes"], sum(page.pop("line") for page in done)) if done else (0, 0)
        with triples.open("ab") as file, pages.open("ab") as lines:
            file.truncate(size)
            lines.truncate(journal)
            yield cls(triples, pages, file, lines, done)

    def add(self, rows: list[bytes], **state: Any) -> None:
        """One page and where it ends; both are on the disk when this returns."""
        self.file.writelines(rows)
        self.file.flush()
        os.fsync(self.file.fileno())
        page = {**state, "rows": len(rows), "bytes": os.path.getsize(self.triples)}
        self.done.append(page)
        self.journal.write(json.dumps(page).encode() + b"\n")
        self.journal.flush()


def _journal(pages: Path) -> list[dict[str, Any]]:
    done = []
    for line in pages.read_bytes().splitlines(keepends=True) if pages.exists() else []:
        if line.endswith(b"\n"):
            done.append({**json.loads(line), "line": len(line)})
    return done


@dataclass
class Reading:
    """One reading of an endpoint into a log."""

    endpoint: Endpoint
    log: Log
    notes: list[str]
    page: int = field(default_factory=lambda: PAGE)
    refused: int = 0
    finished: set[str] = field(default_factory=set)

    def all(self) -> None:
        """Everything, or SourceError."""
        if self.log.done:
            got = sum(page["rows"] for page in self.log.done)
            self.notes.append(f"{self.endpoint.url}: went on after {got:,} statements, where a reading was stopped")
        self.finished = {page["predicate"] for page in self.log.done if page.get("end")}
        for predicate, expected in self._predicates():
            if predicate not in self.finished:
                self._predicate(predicate, expected)
        if "" not in self.finished:
            self._blank()
        if self.refused:
            self.notes.append(f"{self.endpoint.url}: {self.refused:,} statements that RDF does not allow were left out")

    def _predicates(self) -> list[tuple[str, int | None]]:
        """Every predicate with how many statements are to come, None if the endpoint cannot tell."""
        pattern = f"WHERE {{ ?s ?p ?o {_NAMED} }}"
        try:
            rows = self.endpoint.rows(f"SELECT ?p (COUNT(*) AS ?n) {pattern} GROUP BY ?p")
        except TimedOut:
            rows = self.endpoint.rows("SELECT DISTINCT ?p WHERE { ?s ?p ?o }")
            found = sorted(row["p"]["value"] for row in rows)
            return [(iri, self.endpoint.count(f"?s <{iri}> ?o {_NAMED}")) for iri in found]
        return sorted((row["p"]["value"], int(row["n"]["value"])) for row in rows if row.keys() >= {"p", "n"})

    def _predicate(self, predicate: str, expected: int | None) -> None:
        mine = [page for page in self.log.done if page["predicate"] == predicate]
        last, got = (mine[-1]["last"], sum(page["rows"] for page in mine)) if mine else ("", 0)
        while expected is None or got < expected:
            rows = self._at_once(predicate, expected) if not got else []
            rows = rows or self._ask(predicate, last)
            if not rows:
                break
            rows = self._whole(predicate, rows, last_page=expected is not None and got + len(rows) >= expected)
            last, got = rows[-1]["s"]["value"], got + len(rows)
            self.log.add(self._lines(rows, predicate), predicate=predicate, last=last)
        self.log.add([], predicate=predicate, last=last, end=True)
        if expected is not None and got != expected:
            self.notes.append(f"{self.endpoint.url}: {predicate}: {got:,} statements came, {expected:,} were counted")

    def _at_once(self, predicate: str, expected: int | None) -> list[Row]:
        """All statements of a predicate if they fit into a page, which spares the server the sorting; else nothing."""
        if expected is None or expected > self.page:
            return []
        try:
            rows = self.endpoint.rows(f"SELECT ?s ?o WHERE {{ ?s <{predicate}> ?o {_NAMED} }} LIMIT {self.page}")
        except TimedOut:
            return []
        return rows if len(rows) == expected else []

    def _ask(self, predicate: str, last: str) -> list[Row]:
        """The next page; a page that times out is halved, and stays so."""
        after = f"FILTER(STR(?s) > {_quoted(last)})" if last else ""
        while True:
            query = f"SELECT ?s ?o WHERE {{ ?s <{predicate}> ?o {_NAMED} {after} }} ORDER BY STR(?s) LIMIT {self.page}"
            try:
                return self.endpoint.rows(query)
            except TimedOut as error:
                if self.page // 2 < LEAST:
                    what = f"{predicate}: even {self.page} statements do not come in {self.endpoint.seconds:.0f} s"
                    remedy = "run it again later: it goes on from here"
                    raise SourceError(what, where=self.endpoint.url, remedy=remedy) from error
                self.page //= 2

    def _whole(self, predicate: str, rows: list[Row], last_page: bool) -> list[Row]:
        """The rows of the subjects that a page surely holds whole; of a lone subject all, by pages of its own."""
        final = rows[-1]["s"]["value"]
        if last_page:
            return rows
        if rows[0]["s"]["value"] != final:
            return [row for row in rows if row["s"]["value"] != final]
        pattern = f"<{final}> <{predicate}> ?o FILTER(!isBlank(?o))"
        expected, seen = self.endpoint.count(pattern), list[Row]()
        while expected is None or len(seen) < expected:
            page = f"ORDER BY STR(?o) DATATYPE(?o) LANG(?o) OFFSET {len(seen)} LIMIT {self.page}"
            if not (more := self.endpoint.rows(f"SELECT ?o WHERE {{ {pattern} }} {page}")):
                break
            seen += [{"s": rows[0]["s"], **row} for row in more]
        return seen

    def _blank(self) -> None:
        expected = self.endpoint.count(f"?s ?p ?o {_BLANK}")
        if expected:
            try:
                rows = self.endpoint.rows(f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o {_BLANK} }}")
            except TimedOut as error:
                what = f"its {expected:,} statements about blank nodes do not come in one answer"
                remedy = "ask its owner for a dump, and give that"
                raise SourceError(what, where=self.endpoint.url, remedy=remedy) from error
            if len(rows) != expected:
                said = f"{len(rows):,} statements about blank nodes came, {expected:,} were counted"
                self.notes.append(f"{self.endpoint.url}: {said}")
            self.log.add(self._lines(rows), predicate="", last="")
        self.log.add([], predicate="", last="", end=True)

    def _lines(self, rows: list[Row], predicate: str = "") -> list[bytes]:
        """Rows as N-Triples, one line each, an empty one for what RDF does not allow."""
        from pyoxigraph import NamedNode

        made = []
        for row in rows:
            try:
                middle = NamedNode(predicate) if predicate else _term(row["p"])
                made.append(f"{_term(row['s'])} {middle} {_term(row['o'])} .\n".encode())
            except (ValueError, KeyError):
                self.refused += 1
                made.append(b"\n")
        return sorted(made)


def _no_result(url: str) -> SourceError:
    return SourceError("the answer is no SPARQL result in JSON", where=url, remedy="is this the endpoint's address?")


def _is_row(row: Any) -> bool:
    texts = (term.get(key) for term in row.values() for key in ("type", "value")) if isinstance(row, dict) else (None,)
    return all(isinstance(text, str | dict) for text in texts)


def _term(value: dict[str, Any]) -> Any:
    """One value of a SPARQL JSON result as a term that prints itself as N-Triples; ValueError if it is none."""
    from pyoxigraph import BlankNode, Literal, NamedNode

    text = value["value"]
    if value["type"] == "uri":
        return NamedNode(text)
    if value["type"] == "bnode":
        return BlankNode("b" + hashlib.sha256(text.encode()).hexdigest()[:20])
    if value["type"] not in ("literal", "typed-literal"):
        raise ValueError(value["type"])
    if lang := value.get("xml:lang"):
        return Literal(text, language=lang)
    return Literal(text, datatype=NamedNode(value.get("datatype", "http://www.w3.org/2001/XMLSchema#string")))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
