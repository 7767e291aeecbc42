"""How much memory there is, and what is too large for it."""

import os
from pathlib import Path

SMALL = 256 << 20  # bytes of triples that are never too large
SHARE = 8  # a graph is made in up to four times the memory of its triples; half of what is free stays free
UNKNOWN = 4 << 30  # bytes taken for free where the system does not say
_MEMORY, _SIZE, _GROUP = Path("/proc/meminfo"), Path("/proc/self/statm"), Path("/sys/fs/cgroup")


def spare() -> None:
    """Lets Arrow take memory from the system, for the whole process, unless the environment says otherwise.

    Its own allocator keeps what is given back: reading takes half as much memory again, and not less time.
    """
    if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
        import pyarrow as pa

        pa.set_memory_pool(pa.system_memory_pool())


def too_large(size: int) -> bool:
    """True if a graph of triples of so many bytes should not be made in memory."""
    return size > SMALL and size > free() // SHARE


def free() -> int:
    """The bytes of memory that this process may still take: of the machine, its container and its own limit."""
    return min(_of_machine(), _of_container(), _of_process())


def _of_machine() -> int:
    if not _MEMORY.exists():
        return UNKNOWN
    fields = dict(line.split(":", 1) for line in _MEMORY.read_text(encoding="ascii").splitlines())
    return int(fields["MemAvailable"].split()[0]) << 10


def _of_container() -> int:
    most, taken = _GROUP / "memory.max", _GROUP / "memory.current"
    if not (most.exists() and taken.exists()) or (limit := most.read_text(encoding="ascii").strip()) == "max":
        return _of_machine()
    return int(limit) - int(taken.read_text(encoding="ascii"))


def _of_process() -> int:
    if os.name == "nt" or not _SIZE.exists():
        return _of_machine()
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    size = int(_SIZE.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return _of_machine() if limit == resource.RLIM_INFINITY else limit - size
