"""The shipped readers: adapters trained once on many graphs, one a base model."""

from __future__ import annotations

from pathlib import Path

from kgpeft.artifacts import file_sha256
from kgpeft.errors import UsageError

READERS = Path(__file__).parent.parent / "readers"
FILES = ("adapter_config.json", "adapter_model.safetensors", "kg_adapter_config.json", "kg_adapter.safetensors")


def find_reader(base: str, reader: str | None) -> Path | None:
    """The folder of a reader: 'shipped' for the base model's own (None if there is none), a folder, or None."""
    if reader is None:
        return None
    folder = READERS / _short(base) if reader == "shipped" else Path(reader)
    if all((folder / name).is_file() for name in FILES):
        return folder
    if reader == "shipped":
        return None
    raise UsageError(
        "no reader in this folder", where=reader, instead=f"a reader has {', '.join(FILES)}",
        remedy="use 'shipped', or null to train from nothing",
    )


def reader_digest(base: str, reader: str | None) -> list[str]:
    """The sha256 of the reader's files; empty without one."""
    folder = find_reader(base, reader)
    return [file_sha256(folder / name) for name in FILES] if folder else []


def _short(base: str) -> str:
    return base.rstrip("/").rsplit("/", 1)[-1].lower().removesuffix("-instruct")
