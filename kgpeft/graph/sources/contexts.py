"""JSON-LD contexts that lie in files beside the source are written into it: parsers read nothing but the source.

Only files in the source's own folder and below it count, never an address, an absolute path or a link that leads
out. https://www.w3.org/TR/json-ld11-api/#context-processing-algorithm
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kgpeft.graph.sources.sniff import Opened

_KEY = re.compile(r'"@context"\s*+:\s*+(?=["\[{])')
_SCHEMA_ORG = re.compile(r"https?://(?:www\.)?schema\.org/?")
_NO_NAME = re.compile(r"[:\\\0\ud800-\udfff]|.{1000}|^\s*$", re.S)  # of a file that could hold a context
_SIZE = 1 << 21  # bytes of context files that are written into one source, each counted as at least
_LEAST = 1 << 12
_ROW = 20  # context files that refer to each other in a row


def complete(data: bytes, source: Opened) -> tuple[bytes, list[Path]]:
    """The bytes with schema.org's context and those of files beside the source, on the same lines; the files."""
    if b'"@context"' not in data:
        return data, []
    text, parts, at, changed = data.decode("utf-8", "surrogateescape"), [""], 0, False
    own = source.span.size < 0 and source.path == source.span.file  # no member of an archive, no standard input
    beside = _Beside(Path(source.span.file).resolve().parent if own else None)
    while match := _KEY.search(text, at):
        try:
            value, end = json.JSONDecoder().raw_decode(text, match.end())
        except ValueError:  # the parser will say what is wrong
            break
        found = beside.context(value, _Place(beside.folder))
        if found != value:
            lines = "\n" * text.count("\n", match.end(), end)
            parts += [text[at : match.end()], json.dumps(found), lines]
            changed = True
        else:
            parts.append(text[at:end])
        at = end
    return "".join([*parts, text[at:]]).encode("utf-8", "surrogateescape") if changed else data, beside.files


def files_beside(source: Opened) -> list[Path]:
    """The files that hold contexts of a source, none for one that is not JSON-LD."""
    if source.format != "JSON-LD":
        return []
    with source.stream() as stream:
        return complete(stream.read(), source)[1]


@dataclass(frozen=True)
class _Place:
    """The folder that references are relative to, the files that led here, and whether the context is a term's own."""

    folder: Path | None
    through: tuple[Path, ...] = ()
    scoped: bool = False


class _Beside:
    """The context files of a source."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.files: list[Path] = []
        self.left = _SIZE

    def context(self, value: Any, here: _Place) -> Any:
        """A context with every reference to a file replaced by what the file holds; others stay."""
        if isinstance(value, str):
            return self._held(value, here)
        if isinstance(value, list):
            return [inner for part in value for inner in self._parts(part, here)]
        if not isinstance(value, dict):
            return value
        whole = {term: self._term(meaning, here) for term, meaning in value.items()}
        imported = whole.get("@import")
        found = self._held(imported, here) if isinstance(imported, str) else None
        return found | {term: whole[term] for term in whole if term != "@import"} if isinstance(found, dict) else whole

    def _parts(self, part: Any, here: _Place) -> list[Any]:
        found = self.context(part, here)
        return found if isinstance(part, str) and isinstance(found, list) else [found]

    def _term(self, meaning: Any, here: _Place) -> Any:
        if isinstance(meaning, dict) and "@context" in meaning:
            return meaning | {"@context": self.context(meaning["@context"], replace(here, scoped=True))}
        return meaning

    def _held(self, name: str, here: _Place) -> Any:
        """The context in a file, or the reference itself if there is none to be read.

        A term's own context may lead back to itself: the second time it has said all it has to say.
        """
        if _SCHEMA_ORG.fullmatch(name):
            return {"@vocab": "http://schema.org/"}
        path = self._path(name, here.folder)
        again = here.through.count(path) if path else 0
        if again > 1:
            return []
        if path is None or (again and not here.scoped) or len(here.through) == _ROW:
            return name
        if (context := self._read(path)) is None:
            return name
        return _without_base(self.context(context, replace(here, folder=path.parent, through=(*here.through, path))))

    def _read(self, path: Path) -> Any:
        """What a file says is its context; nothing if it says nothing, or there were too many others."""
        self.left -= max(_LEAST, path.stat().st_size)
        if self.left < 0:
            return None
        try:
            document = json.loads(path.read_bytes())
        except ValueError:
            return None
        if path not in self.files:
            self.files.append(path)
        return document.get("@context") if isinstance(document, dict) else None

    def _path(self, name: str, folder: Path | None) -> Path | None:
        if self.folder is None or folder is None or name.startswith("/") or _NO_NAME.search(name):
            return None
        path = (folder / name).resolve()
        return path if path.is_relative_to(self.folder) and path.is_file() else None


def _without_base(context: Any) -> Any:
    """A context as it counts where it is referred to: the base is the source's own."""
    if isinstance(context, list):
        return [_without_base(part) for part in context]
    return {key: context[key] for key in context if key != "@base"} if isinstance(context, dict) else context
