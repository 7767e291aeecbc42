"""Numbers of statements → lines, for sources that are still where they were read."""

from collections.abc import Iterable
from typing import Any

from kgpeft.errors import SourceError
from kgpeft.graph.formats.rdf import FORMATS, lines
from kgpeft.graph.sources.walk import walk

LARGEST = 100_000_000  # bytes of a source that is read again


def settle_lines(parts: Iterable[dict[str, Any]], sources: list[dict[str, Any]]) -> None:
    """Gives every part {"source": path, "line": n} its line where n is negative, the number of a statement.

    The source is read again. One that is gone, has changed or is too large leaves the number as "statement".
    """
    waiting: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        if part["line"] < 0:
            waiting.setdefault(part["source"], []).append(part)
    for source in sources:
        if mine := waiting.get(source["path"]):
            found = _lines(source, {-part["line"] for part in mine})
            for part in mine:
                number = -part["line"]
                part["line"] = found.get(number, 0)
                if not part["line"]:
                    part["statement"] = number


def _lines(source: dict[str, Any], wanted: set[int]) -> dict[int, int]:
    if source.get("format") not in FORMATS or source["bytes"] > LARGEST:
        return {}
    try:
        for opened in walk(source["path"].partition("!")[0], []):
            if opened.path == source["path"] and opened.about["sha256"] == source["sha256"]:
                return lines(opened, wanted)
    except SourceError:  # it is gone; what was read from it is still known
        pass
    return {}
