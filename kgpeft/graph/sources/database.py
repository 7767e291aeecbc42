"""``rml:mapping.ttl``: the triples that an R2RML or RML mapping makes of a relational database.

morph-kgc does it, in a process and an environment of its own (its pins exclude ours), and hands over N-Quads. The
database's URL is the setting ``ingest.database`` or the environment variable KGPEFT_DATABASE_URL, and only the latter
may hold a password. Relative paths (SQLite, files that the mapping names) start at the mapping.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from kgpeft.errors import MissingError, SourceError, UsageError
from kgpeft.graph.settings import ReadSettings
from kgpeft.graph.sources.sniff import check

_CONFIG = """[CONFIGURATION]
output_file: {out}
output_format: N-QUADS
number_of_processes: 1
logging_level: ERROR
[database]
mappings: {mapping}
"""
_MAPS = ("r2rml#logicalTable", "rml#logicalSource", "rml/logicalSource")
_PLACES = ("rml#source", "rml/source", "rml/path", "rml/root", "csvw#url", "dcat#downloadURL", "td#hasTarget")
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}


@contextmanager
def materialized(mapping: Path, settings: ReadSettings) -> Iterator[Path]:
    """A file of N-Quads with what the mapping makes; SourceError with the reason if it makes nothing."""
    check(mapping)
    _refuse_remote(mapping, settings)
    url, python = _url(settings, mapping), _python()
    with TemporaryDirectory() as folder:
        out, config = Path(folder) / "out.nq", Path(folder) / "config.ini"
        text = _CONFIG.format(out=_plain(out), mapping=_plain(mapping.resolve()))
        config.write_text(text + ("db_url: {KGPEFT_DATABASE_URL}\n" if url else ""), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        more = {"KGPEFT_DATABASE_URL": url, "PYTHONHASHSEED": "0"}  # its order of lines hangs on hashes
        done = _run([str(python), "-s", "-P", "-m", "morph_kgc", str(config)], mapping, kept | more, settings)
        if done.returncode or not out.exists() or not out.stat().st_size:
            reason = _reason(done.stderr.decode("utf-8", "replace"), url) or "the mapping makes no statement of it"
            remedy = "check the mapping and the database's URL"
            raise SourceError(f"the database could not be read: {reason}", where=str(mapping), remedy=remedy)
        yield out


def _run(
    command: list[str], mapping: Path, env: dict[str, str], settings: ReadSettings
) -> subprocess.CompletedProcess[bytes]:
    folder, seconds = mapping.resolve().parent, settings.database_seconds
    try:
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=seconds
        )
    except subprocess.TimeoutExpired as error:
        what = f"the database did not answer all of it in {seconds:g} s"
        remedy = "give it more time: --set ingest.database_seconds=86400; or map less at a time"
        raise SourceError(what, where=str(mapping), remedy=remedy) from error


def _refuse_remote(mapping: Path, settings: ReadSettings) -> None:
    """SourceError for what is no mapping in Turtle, or, unless the network is allowed, maps a remote file."""
    import pyoxigraph as ox

    try:
        with mapping.open("rb") as file:
            quads = list(ox.parse(file, ox.RdfFormat.TURTLE, base_iri=mapping.resolve().as_uri()))
    except SyntaxError as error:
        what = f"this is no mapping in Turtle: line {error.lineno}: {error.msg}"
        raise SourceError(what, where=str(mapping), remedy="give an R2RML or RML mapping") from error
    if not any(quad.predicate.value.endswith(_MAPS) for quad in quads):
        raise SourceError("there is no triples map in it", where=str(mapping), remedy="give an R2RML or RML mapping")
    places = (str(getattr(quad.object, "value", "")) for quad in quads if quad.predicate.value.endswith(_PLACES))
    remote = next((place for place in places if place.lower().startswith(("http:", "https:", "ftp:"))), None)
    if remote and not settings.network:
        remedy = "download it, or allow the network with --allow-network"
        raise SourceError(f"the mapping reads {remote}", where=str(mapping), remedy=remedy)


def _url(settings: ReadSettings, mapping: Path) -> str:
    """The database's URL with the driver that is installed; empty if the mapping names files instead."""
    found = os.environ.get("KGPEFT_DATABASE_URL", "")
    if not found:
        found = settings.database
        if urlsplit(found).password:
            remedy = "put the URL into the environment variable KGPEFT_DATABASE_URL"
            raise UsageError("ingest.database holds a password", where=str(mapping), remedy=remedy)
    scheme, colon, rest = found.partition("://")
    if found and not colon:
        remedy = "write it as sqlite:///file.db or postgresql://user@host/name"
        raise UsageError("ingest.database is no URL", where=str(mapping), remedy=remedy)
    return f"{_DRIVERS.get(scheme, scheme)}{colon}{rest}"


def _python() -> Path:
    """The interpreter of morph-kgc's environment."""
    home = Path(os.environ.get("KGPEFT_HOME") or "~/.cache/kgpeft").expanduser() / "morph-kgc"
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = Path(os.environ.get("KGPEFT_MORPH_KGC") or home / inside)
    if not python.exists():
        install = f"python -m venv {home} && {home / inside} -m pip install 'morph-kgc[postgresql]'"
        remedy = f"{install}; or set KGPEFT_MORPH_KGC to the python of an environment that has it"
        raise MissingError("morph-kgc is not installed in an environment of its own", where=str(python), remedy=remedy)
    return python


def _plain(path: Path) -> str:
    """A path as the configuration's parser reads it back."""
    return str(path).replace("$", "$$")


def _reason(said: str, url: str) -> str:
    """The last line of a traceback, without the URL: it may hold a password."""
    lines = [line for line in said.strip().splitlines() if line.strip() and not line.startswith((" ", "(Background"))]
    last = next((line for line in reversed(lines) if ":" in line), lines[-1] if lines else "")
    hidden = urlsplit(url).password
    return (last.replace(url, "…") if url else last).replace(hidden or "\0", "…")[:300]
