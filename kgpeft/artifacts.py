"""Content-addressed artifact folders: built whole or not at all.

A folder is built as a hidden draft beside its place and renamed when complete, so a killed run leaves either the
old artifact, nothing, or a draft that the next run sweeps. ``artifact.json`` says what went in and what came out.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from kgpeft.errors import ArtifactError, DiskFull

MANIFEST = "artifact.json"
VERSION = 1  # of the manifest's layout


def keep(folder: Path, kind: str, inputs: Mapping[str, object], build: Callable[[Path], None]) -> bool:
    """True if ``build`` made the artifact now, False if a complete one of the same kind and inputs was reused.

    ``build`` gets an empty folder to write into. An older artifact of the same kind is replaced; anything else at
    that place is left alone: ArtifactError. No space left: DiskFull.
    """
    folder, key = Path(os.path.abspath(folder)), _key(kind, inputs)
    if _is_complete(folder, key):
        return False
    with _parents(folder), _locked(folder):
        if _is_complete(folder, key):
            return False
        _refuse_strangers(folder, kind)
        with _Draft(folder) as draft:
            build(draft)
            _seal(draft, kind, key)
            _swap(draft, folder)
    return True


def is_kept(folder: Path, kind: str, inputs: Mapping[str, object]) -> bool:
    """True if ``folder`` is a complete artifact of this kind and these inputs: ``keep`` would reuse it."""
    return _is_complete(folder, _key(kind, inputs))


def check(folder: Path, kind: str) -> dict[str, Any]:
    """The manifest of an artifact whose every byte is as it was written; ArtifactError otherwise."""
    manifest = _read_manifest(folder)
    if manifest is None:
        raise ArtifactError(f"no {kind} here", where=str(folder), remedy=f"give the folder of a {kind}")
    if manifest["kind"] != kind:
        raise ArtifactError(f"not a {kind}", where=str(folder), instead=f"it is a {manifest['kind']}")
    for name, entry in manifest["files"].items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != entry["sha256"]:
            state = "changed since it was written" if path.is_file() else "missing"
            raise ArtifactError(state, where=str(path), remedy=f"build the {kind} again")
    return manifest


def fingerprint(value: object) -> str:
    """The sha256 (hex) of a value's canonical JSON: equal values, equal fingerprints, on any machine.

    Values are made of dict, list, tuple, str, int, float, bool, None, Path and bytes; TypeError for others.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def file_sha256(path: Path | str) -> str:
    """The sha256 (hex) of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    raise TypeError(f"no fingerprint for a {type(value).__name__}")


def _key(kind: str, inputs: Mapping[str, object]) -> str:
    return fingerprint({"kind": kind, "version": VERSION, "inputs": dict(inputs)})


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise ArtifactError("not readable as JSON", where=str(folder / MANIFEST), remedy="remove the folder") from error
    if not isinstance(manifest, dict) or not {"kind", "version", "key", "files"} <= manifest.keys():
        raise ArtifactError("not the manifest of an artifact", where=str(folder / MANIFEST))
    return manifest


def _is_complete(folder: Path, key: str) -> bool:
    """True if the manifest has this key and every file its recorded size (``check`` compares the bytes as well)."""
    manifest = _read_manifest(folder)
    if manifest is None or manifest["key"] != key:
        return False
    files = ((folder / name, entry["bytes"]) for name, entry in manifest["files"].items())
    return all(path.is_file() and path.stat().st_size == size for path, size in files)


def _refuse_strangers(folder: Path, kind: str) -> None:
    manifest = _read_manifest(folder)
    if manifest is not None and manifest["kind"] != kind:
        held = f"holds a {manifest['kind']}, not a {kind}"
        raise ArtifactError(held, where=str(folder), remedy="choose another folder")
    if manifest is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArtifactError("is in use by something else", where=str(folder), remedy="choose a new or empty folder")


def _seal(draft: Path, kind: str, key: str) -> None:
    paths = sorted(path for path in draft.rglob("*") if path.is_file())
    files = {
        path.relative_to(draft).as_posix(): {"sha256": file_sha256(path), "bytes": path.stat().st_size}
        for path in paths
    }
    manifest = {"kind": kind, "version": VERSION, "key": key, "files": files}
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for path in [*paths, draft / MANIFEST, draft]:
        _flush(path)


def _swap(draft: Path, folder: Path) -> None:
    if folder.exists():
        folder.rename(_hidden(folder, ".draft-old-"))
    draft.rename(folder)
    _flush(folder.parent)
    shutil.rmtree(_hidden(folder, ".draft-old-"), ignore_errors=True)


def _flush(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hidden(folder: Path, prefix: str) -> Path:
    return folder.with_name(prefix + folder.name)


@contextlib.contextmanager
def _parents(folder: Path) -> Iterator[None]:
    """Makes the folders above an artifact; after a failure those that it made are gone, unless they hold something."""
    made = [parent for parent in folder.parents if not parent.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not folder.exists():
            with contextlib.suppress(OSError):  # not empty
                for parent in made:
                    parent.rmdir()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(_hidden(folder, ".lock-"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        sys.stderr.write(f"waiting for another run to finish {folder}\n")
        lock.acquire()
    try:
        yield
    finally:
        if os.name != "nt":  # while it is still held: whoever waits sees that the file is gone, and makes its own
            os.unlink(lock.lock_file)
        lock.release()


class _Draft:
    """An empty folder to build in; swept before and after, and a full disk becomes DiskFull."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = _hidden(folder, ".draft-")

    def __enter__(self) -> Path:
        for path in (self.path, _hidden(self.folder, ".draft-old-")):
            shutil.rmtree(path, ignore_errors=True)
        self.path.mkdir()
        return self.path

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if error is not None and _is_disk_full(error):
            raise DiskFull("no space left", where=str(self.folder.parent), remedy="free some space") from error


def _is_disk_full(error: BaseException) -> bool:
    # safetensors reports I/O errors of its own as plain text
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left on device" in str(error)
