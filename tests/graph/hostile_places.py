"""Hostile archives, compressed files, names and folders; like ``hostile``."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from .hostile import ANY, EITHER, FACT, NT, Case


def packed(write: Callable[[zipfile.ZipFile], None]) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return buffer.getvalue()


def tarred(*members: tuple[str, bytes | dict[str, object]], mode: str = "w") -> bytes:
    """A tar archive of files, or of members with these attributes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members:
            info = tarfile.TarInfo(name)
            data = content if isinstance(content, bytes) else b""
            info.size = len(data)
            for key, value in ({} if isinstance(content, bytes) else content).items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zstd(data: bytes) -> bytes:
    """Data compressed by zstandard."""
    import pyarrow as pa

    return pa.compress(data, codec="zstd", asbytes=True)


def archives() -> Iterator[Case]:
    """ZIP and tar archives."""
    good = packed(lambda archive: archive.writestr("a/b.nt", NT))
    yield Case("zip", good, FACT)
    for name in ("../x.nt", "/x.nt", "a/../../x.nt", "..\\x.nt", "C:\\x.nt", "\\\\host\\x.nt", "a/b/../../../x.nt"):
        yield Case(f"zip {name}", packed(lambda archive, name=name: archive.writestr(name, NT)), "outside")
        yield Case(f"tar {name}", tarred((name, NT)), "outside")
    yield Case("zip inside itself", packed(lambda archive: archive.writestr("a/../b.nt", NT)), FACT)
    link = zipfile.ZipInfo("link.nt")
    link.external_attr = 0o120777 << 16
    yield Case("zip link", packed(lambda archive: archive.writestr(link, "/etc/passwd")), "link")
    yield Case("zip encrypted", _flip(good, {6: 1, good.rindex(b"PK\1\2") + 8: 1}), "encrypted")
    yield Case("zip method", _flip(good, {good.rindex(b"PK\1\2") + 10: 99}), "not known")
    yield Case(
        "zip checksum", _flip(good, {good.rindex(b"PK\1\2") + 16: good[good.rindex(b"PK\1\2") + 16] ^ 255}), "damaged"
    )
    yield Case("zip cut", good[: len(good) // 2], "broken ZIP")
    yield Case("zip of nothing", packed(lambda archive: None), "no source")
    yield Case("zip in zip", packed(lambda archive: archive.writestr("a.zip", good)), "archive")
    yield Case("zip of gz", packed(lambda archive: archive.writestr("a.nt.gz", gzip.compress(NT))), FACT)
    yield Case("zip bomb", packed(lambda archive: archive.writestr("a.nt", NT + b"#\n" * 35_000_000)), "bomb")
    yield Case("zip overlap", _overlap(good), "overlap")
    yield Case("zip of a million", _many(1_000_000), "too many")
    yield Case("zip with others", packed(lambda archive: _several(archive)), FACT)
    yield Case("zip method bzip2", _zip_with(zipfile.ZIP_BZIP2), FACT)
    yield Case("zip method lzma", _zip_with(zipfile.ZIP_LZMA), "not known")
    yield Case("tar", tarred(("a.nt", NT)), FACT)
    for mode in ("gz", "bz2", "xz"):
        yield Case(f"tar {mode}", tarred(("a.nt", NT), mode=f"w:{mode}"), FACT)
    yield Case("tar zst", zstd(tarred(("a.nt", NT))), FACT)
    yield Case("tar link out", tarred(("a", {"type": tarfile.SYMTYPE, "linkname": "../../etc/passwd"})), "outside")
    yield Case("tar link to root", tarred(("a", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})), ANY)
    yield Case("tar hard link", tarred(("a", {"type": tarfile.LNKTYPE, "linkname": "../x"})), "outside")
    yield Case("tar inner link", tarred(("a.nt", NT), ("b", {"type": tarfile.SYMTYPE, "linkname": "a.nt"})), FACT)
    yield Case("tar device", tarred(("a", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 5})), "device")
    yield Case("tar pipe", tarred(("a", {"type": tarfile.FIFOTYPE})), "device or pipe")
    yield Case("tar cut", tarred(("a.nt", NT * 99))[:900], ANY)
    yield Case("tar header", _flip(tarred(("a.nt", NT), ("b.nt", NT)), {1024: 255}), EITHER)
    yield Case("tar negative size", _negative(), ANY)
    yield Case("tar huge size", tarred(("a.nt", NT))[:124] + b"77777777777\0" + tarred(("a.nt", NT))[136:], ANY)
    yield Case("tar bomb", gzip.compress(tarred(("a.nt", NT + b"#\n" * 35_000_000))), "bomb")
    yield Case("tar in tar", tarred(("a.tar", tarred(("a.nt", NT)))), "archive")
    yield Case("tar in zip", packed(lambda archive: archive.writestr("a.tar", tarred(("a.nt", NT)))), "archive")
    yield Case("tar names", tarred(("a\x1b[2J\n.nt", NT)), FACT)


def _flip(data: bytes, bytes_at: dict[int, int]) -> bytes:
    changed = bytearray(data)
    for at, value in bytes_at.items():
        changed[at] = value
    return bytes(changed)


def _several(archive: zipfile.ZipFile) -> None:
    for name, data in {"README": b"read me", "a.png": b"\x89PNG", "b.nt": NT, "c/": b"", "d.json": b'{"a":1}'}.items():
        archive.writestr(name, data)


def _zip_with(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.nt", NT)
    return buffer.getvalue()


def _overlap(good: bytes) -> bytes:
    """Two entries of the table of contents for one member."""
    start, end = good.index(b"PK\1\2"), good.rindex(b"PK\5\6")
    entry = good[start:end]
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, 2 * len(entry), start, 0)
    return good[:start] + entry * 2 + tail


def _many(count: int) -> bytes:
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entry) * count, len(local), 0)
    return local + entry * count + tail


def _negative() -> bytes:
    """A tar member whose size is a negative number, with a checksum that fits."""
    data = bytearray(tarred(("a.nt", NT)))
    data[124:136] = b"\xff" * 10 + b"\xfc\x00"
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def compressed() -> Iterator[Case]:
    """Compression, damaged or too good to be true."""
    rows = b"".join(b"<http://e.org/%d> <http://e.org/p> <http://e.org/o> .\n" % n for n in range(20_000))
    packers = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}
    for name, pack in packers.items():
        whole = pack(NT + rows)
        yield Case(f"{name}", whole, FACT)
        yield Case(f"{name} twice", gzip.compress(whole), FACT)
        yield Case(f"{name} two parts", pack(NT) + pack(rows), FACT)
        yield Case(f"{name} cut", whole[: len(whole) // 2], "damaged or ends early")
        yield Case(
            f"{name} flipped", _flip(whole, {len(whole) // 2: whole[len(whole) // 2] ^ 255}), "damaged or ends early"
        )
        yield Case(f"{name} of nothing", pack(b""), ANY)
        yield Case(f"{name} bomb", pack(NT) + pack(b"#\n" * 500_000) * 70, "bomb")
        yield Case(f"{name} start only", whole[:12], ANY)
    deep = NT
    for _ in range(5):
        deep = gzip.compress(deep)
    yield Case("gz five times", deep, ANY)
    yield Case("bombs in each other", gzip.compress(bz2.compress(NT) + bz2.compress(b"#\n" * 500_000) * 70), "bomb")
    yield Case(
        "xz dictionary",
        lzma.compress(NT, format=lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]),
        "dictionary above",
    )
    block = struct.pack("<I", 1 | len(NT) << 3)[:3] + NT  # the last one, stored
    for bits in (27, 28, 31, 41):
        frame = b"\x28\xb5\x2f\xfd\0" + bytes([bits - 10 << 3]) + block
        yield Case(f"zst window {bits}", frame, FACT if bits == 27 else "window above 128 MB")
        sized = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 1 << bits) + block
        yield Case(f"zst size {bits}", sized, "damaged" if bits == 27 else "window above 128 MB")
    yield Case("gz and garbage", gzip.compress(NT) + b"garbage", "damaged")
    yield Case("gz and zeros", gzip.compress(NT) + bytes(999), FACT)


def paths() -> Iterator[Case]:
    """Names and folders."""

    def named(name: str | bytes) -> Callable[[Path], Path]:
        def write(folder: Path) -> Path:
            path = Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(name))))
            path.write_bytes(NT)
            return path

        return write

    for title, name in {
        "control": "a\x1b[2J\r\n.nt",
        "long": "a" * 255,
        "dash": "-rf",
        "not utf-8": b"a\xff\xfe.nt",
        "right to left": "a\u202etn.x",
        "decomposed": "e\u0301.nt",
        "spaces": " . nt ",
        "windows": "CON",
        "url": "http:__e.org",
        "percent": "%2e%2e%2f.nt",
    }.items():
        yield Case(f"name {title}", named(name), FACT)
    yield Case("too long a name", lambda folder: folder / ("a" * 5000), ANY)
    yield Case("a name with NUL", lambda folder: folder / "a\0b", ANY)
    yield Case("a folder", _folder, FACT)
    yield Case("an empty folder", lambda folder: folder, "no source")
    yield Case("a loop of links", _loop, ANY)
    yield Case("a device", lambda folder: Path("/dev/zero"), "device")
    yield Case("a pipe", _pipe, "pipe")
    yield Case("deep folders", _deep, FACT)
    yield Case("a folder within reach of links", _links, FACT)


def _folder(folder: Path) -> Path:
    files = {
        "a.nt": NT,
        "b.txt": b"words",
        "c.zip": packed(lambda a: a.writestr("../x", NT)),
        ".d": b"x",
        "e.csv": b"a,b\n1,2\n",
        "f.csv": b"a,b,c,d\n1,2,3,4\n",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    os.mkfifo(folder / "g.nt")
    return folder


def _links(folder: Path) -> Path:
    (folder / "a.nt").write_bytes(NT)
    (folder / "b.nt").symlink_to("/etc/passwd")
    (folder / "c").symlink_to(folder, target_is_directory=True)
    (folder / "d.nt").symlink_to("/dev/zero")
    return folder


def _loop(folder: Path) -> Path:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    return folder / "a"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _deep(folder: Path) -> Path:
    inner = folder.joinpath(*["d"] * 300)
    inner.mkdir(parents=True)
    (inner / "a.nt").write_bytes(NT)
    return folder
