"""A process that reads hostile files one after the other: a path a line in, a JSON object a line out."""

import json
import os
import sys
import traceback
from pathlib import Path

REACHES = ("socket.connect", "socket.getaddrinfo", "socket.bind", "urllib.Request", "ftplib.connect", "os.exec")
reached: list[str] = []


def watch(event: str, args: tuple[object, ...]) -> None:
    """Notes what a reader must never do: reach out, or open what is not its own."""
    if event in REACHES:
        reached.append(f"{event} {args[1:]}")
    elif event == "open" and str(args[0]).startswith(("/etc/passwd", "/run/", "/dev/zero")):
        reached.append(f"open {args[0]}")


def peak_mb() -> int:
    """The most memory held since ``clear_refs`` was written, in MB."""
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) // 1024


def attempt(path: Path) -> dict[str, object]:
    """What comes of reading a path."""
    from kgpeft.errors import KgpeftError
    from kgpeft.graph import read

    reached.clear()
    Path("/proc/self/clear_refs").write_text("5")
    begin, base = sum(os.times()[:4]), peak_mb()
    try:
        graph = read(path)
        names, relations = graph.names, graph.relation_names
        facts = [(names[s], relations[r], names[o]) for s, r, o in graph.edges[:100_000].tolist()]
        said: dict[str, object] = {"facts": [fact for fact in facts if max(map(len, fact)) < 100]}
    except KgpeftError as error:
        said = {"error": str(error)}
    except BaseException as error:  # noqa: BLE001 - this is what is looked for
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = {"crash": f"{type(error).__name__}: {error} at {where.filename}:{where.lineno}"}
    return said | {"seconds": sum(os.times()[:4]) - begin, "mb": peak_mb() - base, "reached": list(reached)}


def main() -> None:
    """Until standard input ends."""
    attempt(Path(sys.argv[1]))  # imports are no part of the first case
    sys.addaudithook(watch)
    for line in sys.stdin:
        print(json.dumps(attempt(Path(json.loads(line)))), flush=True)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main()
