"""Every entry of the catalogue can be fetched, checked and read."""

import re
from pathlib import Path

import yaml

CATALOGUE = yaml.safe_load((Path(__file__).parents[2] / "ontologies" / "catalogue.yaml").read_text(encoding="utf-8"))


def test_every_entry_is_complete():
    keys = {"name", "about", "home", "download", "licence", "format", "pinned"}
    assert [entry["name"] for entry in CATALOGUE if set(entry) != keys] == []


def test_formats_are_read():
    assert {entry["format"] for entry in CATALOGUE} <= {"Turtle", "RDF/XML", "OBO"}


def test_pinned_sources_name_a_commit_and_a_digest():
    for entry in CATALOGUE:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} .+", entry["pinned"]["source"]), entry["name"]
        assert re.fullmatch(r"[0-9a-f]{64}", entry["pinned"]["sha256"]), entry["name"]
