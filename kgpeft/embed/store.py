"""Vectors of texts, kept for good: what was encoded once is never encoded again, whichever graph it comes from.

A shard is an artifact folder (`kgpeft.artifacts`) with one .npy file of keys and vectors, written once and never
changed. So a killed run leaves no half shard, two processes may write at once, and nothing is unpickled.
"""

import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kgpeft import artifacts
from kgpeft.errors import ArtifactError

KIND = "text vectors"
FILE = "vectors.npy"


class VectorStore:
    """Text → unit vector, in a folder that belongs to one encoder; opened when it is first asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shards: dict[str, np.ndarray] = {}  # name → records {key: 2 × uint64, vector: D × float32} on the disk
        self._sorted = np.zeros(0, np.uint64)  # first halves of all keys
        self._places = np.zeros((0, 2), np.int64)  # shard and row of each

    def get(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Mask bool [n] of the texts that are here, and their vectors float32 [found, D] in order."""
        self._open()
        keys = _keys(texts)
        near = np.searchsorted(self._sorted, keys[:, 0]).clip(max=max(0, len(self._sorted) - 1))
        here = np.zeros(len(texts), bool)
        if not len(self._sorted):
            return here, np.zeros((0, 0), np.float32)
        records = list(self._shards.values())
        vectors = np.empty((len(texts), records[0].dtype["vector"].shape[0]), np.float32)
        for shard in np.unique(self._places[near, 0]):
            asked = np.flatnonzero(self._places[near, 0] == shard)
            rows = self._places[near[asked], 1]
            here[asked] = (records[shard]["key"][rows] == keys[asked]).all(1)
            vectors[asked] = records[shard]["vector"][rows]
        return here, vectors[here]

    def add(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Keeps the vectors float32 [n, D] of n texts as one more shard."""
        keys = _keys(texts)
        kind = np.dtype([("key", "<u8", 2), ("vector", "<f4", vectors.shape[1])])
        records = np.empty(len(texts), kind)
        records["key"], records["vector"] = keys, vectors
        name = hashlib.sha256(keys.tobytes()).hexdigest()[:32]
        artifacts.keep(self.folder / name, KIND, {"keys": name}, lambda draft: np.save(draft / FILE, records))

    def _open(self) -> None:
        """Takes up the shards that were written since, by this process or another; damaged ones are removed."""
        found = sorted(path.name for path in self.folder.glob("*") if not path.name.startswith("."))
        if found == list(self._shards):
            return
        shards = {name: self._shards[name] if name in self._shards else self._read(name) for name in found}
        self._shards = {name: records for name, records in shards.items() if records is not None}
        if not self._shards:
            self._sorted, self._places = np.zeros(0, np.uint64), np.zeros((0, 2), np.int64)
            return
        first = np.concatenate([records["key"][:, 0] for records in self._shards.values()])
        sizes = [len(records) for records in self._shards.values()]
        places = np.column_stack([np.repeat(np.arange(len(sizes)), sizes), np.concatenate([*map(np.arange, sizes)])])
        order = np.argsort(first, kind="stable")
        self._sorted, self._places = first[order], places[order]

    def _read(self, name: str) -> np.ndarray | None:
        """The records of a shard, memory-mapped, or None if its bytes are not those that were written."""
        place = self.folder / name
        try:
            artifacts.check(place, KIND)
        except ArtifactError as error:
            sys.stderr.write(f"{error}; removed, its texts are encoded again\n")
            shutil.rmtree(place, ignore_errors=True)
            return None
        records: np.ndarray = np.load(place / FILE, mmap_mode="r", allow_pickle=False)
        return records


def _keys(texts: Sequence[str]) -> np.ndarray:
    """The first 128 bits of each text's sha256, uint64 [n, 2]."""
    digests = b"".join(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts)
    return np.frombuffer(digests, "<u8").reshape(-1, 2)
