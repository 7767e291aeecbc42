"""Relational databases through R2RML: a real SQLite file and a real PostgreSQL server."""

import os
import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from kgpeft.errors import MissingError, SourceError, UsageError
from kgpeft.graph import ReadSettings, read
from kgpeft.graph.sources import database

MAPPING = """@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix e: <http://e.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<#People> a rr:TriplesMap ; rr:logicalTable [ rr:tableName "people" ] ;
  rr:subjectMap [ rr:template "http://e.org/person/{id}" ; rr:class e:Person ] ;
  rr:predicateObjectMap [ rr:predicate rdfs:label ; rr:objectMap [ rr:column "name" ] ] ;
  rr:predicateObjectMap [ rr:predicate e:age ; rr:objectMap [ rr:column "age" ] ] ;
  rr:predicateObjectMap [ rr:predicate e:boss ; rr:objectMap [ rr:template "http://e.org/person/{boss}" ] ] .
"""
ROWS = [(1, "Anna", 44, None), (2, "Bert", 31, 1), (3, "Zoë \"Z\"", None, 1)]
TABLE = "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(40), age INTEGER, boss INTEGER)"
FACTS = {("Anna", "instance of", "Person"), ("Bert", "instance of", "Person"), ('Zoë "Z"', "instance of", "Person"),
         ("Anna", "age", "44"), ("Bert", "age", "31"), ("Bert", "boss", "Anna"), ('Zoë "Z"', "boss", "Anna")}


def installed():
    try:
        return database._python()
    except MissingError:
        return None


needs_morph = pytest.mark.skipif(
    installed() is None, reason="no environment with morph-kgc (KGPEFT_MORPH_KGC, or morph-kgc/ in KGPEFT_HOME)"
)
POSTGRES = next(
    (folder for place in (shutil.which("pg_ctl"), *map(str, Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))) if place
     for folder in [Path(place).resolve().parent]), None,
)


@pytest.fixture
def mapping(tmp_path):
    (tmp_path / "m.ttl").write_text(MAPPING)
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", ROWS)
    connection.close()
    return f"rml:{tmp_path / 'm.ttl'}"


@needs_morph
def test_an_sqlite_database_becomes_a_graph(mapping, facts):
    graph = read(mapping, settings=ReadSettings(database="sqlite:///shop.db"))
    assert facts(graph) == FACTS
    assert graph.manifest["sources"][0]["path"] == mapping and graph.manifest["quarantined"] == []


@needs_morph
def test_the_same_database_gives_the_same_bytes(mapping, monkeypatch):
    monkeypatch.setenv("KGPEFT_DATABASE_URL", "sqlite:///shop.db")
    first, second = (read(mapping).manifest["sources"][0]["sha256"] for _ in range(2))
    assert first == second


@needs_morph
def test_a_missing_table_is_said_without_the_password(mapping, tmp_path, monkeypatch):
    (tmp_path / "m.ttl").write_text(MAPPING.replace('"people"', '"persons"'))
    monkeypatch.setenv("KGPEFT_DATABASE_URL", "sqlite:///shop.db?secret")
    with pytest.raises(SourceError, match="could not be read") as caught:
        read(mapping)
    assert "secret" not in str(caught.value)


def test_a_password_belongs_into_the_environment(mapping):
    with pytest.raises(UsageError, match="KGPEFT_DATABASE_URL"):
        read(mapping, settings=ReadSettings(database="postgresql://anna:secret@host/shop"))


def test_without_morph_kgc_the_error_says_how_to_get_it(mapping, monkeypatch):
    monkeypatch.setenv("KGPEFT_MORPH_KGC", "/nowhere/python")
    with pytest.raises(MissingError, match=r"pip install 'morph-kgc\[postgresql\]'"):
        read(mapping, settings=ReadSettings(database="sqlite:///shop.db"))


@pytest.fixture
def postgres(tmp_path):
    """The URL of a PostgreSQL server of this test's own."""
    data, user = tmp_path / "pg", {}
    data.mkdir()
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = {"user": "postgres", "group": "postgres"}
        shutil.chown(data, "postgres", "postgres")
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(*command):
        subprocess.run([str(POSTGRES / command[0]), *command[1:]], check=True, capture_output=True, cwd=data, **user)

    call("initdb", "-D", data / "d", "-U", "anna", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
    call("pg_ctl", "-D", data / "d", "-l", data / "log", "-w", "-o", options, "start")
    try:
        values = ", ".join(
            "(" + ", ".join("NULL" if cell is None else repr(cell) for cell in row) + ")" for row in ROWS
        )
        sql = f"{TABLE}; INSERT INTO people VALUES {values}"
        call("psql", "-h", "127.0.0.1", "-p", str(port), "-U", "anna", "-d", "postgres", "-c", sql)
        yield f"postgresql://anna@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "-D", data / "d", "-m", "immediate", "stop")


@needs_morph
@pytest.mark.skipif(POSTGRES is None, reason="no PostgreSQL server: apt-get install postgresql")
def test_a_postgresql_database_becomes_the_same_graph(mapping, postgres, facts):
    assert facts(read(mapping, settings=ReadSettings(database=postgres))) == FACTS


@pytest.mark.parametrize(("text", "what"), [
    ("@prefix : <http://e.org/> . :a :b :c .", "no triples map"), ("mappings:\n  a: [x]\n", "no mapping in Turtle"),
    ('@prefix r: <http://semweb.mmlab.be/ns/rml#> . [] r:logicalSource [ r:source "http://e.org/x.csv" ] .',
     "reads http://e.org/x.csv; download it"),
])
def test_what_is_no_mapping_or_reaches_out_is_refused(tmp_path, text, what):
    (tmp_path / "m.ttl").write_text(text)
    with pytest.raises(SourceError, match=what):
        read(f"rml:{tmp_path / 'm.ttl'}")


def test_a_database_that_does_not_answer_is_given_up(tmp_path, monkeypatch):
    (tmp_path / "m.ttl").write_text(MAPPING)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setenv("KGPEFT_MORPH_KGC", str(python))
    with pytest.raises(SourceError, match=r"did not answer all of it in 0.5 s; give it more time"):
        read(f"rml:{tmp_path / 'm.ttl'}", settings=ReadSettings(database="sqlite:///x.db", database_seconds=0.5))
