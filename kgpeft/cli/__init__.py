"""The command line: the library's nouns and verbs, one JSON object with --json, one line for an error."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command line: 0, 2 wrong use, 3 bad data, 4 gate, 5 environment, 130 interrupted."""
    try:
        from kgpeft.cli.guard import guarded

        return guarded(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:  # while the command line itself was loading
        return 130
