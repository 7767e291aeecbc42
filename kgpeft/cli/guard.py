"""Between a verb and its user: errors as one line with an exit code, third parties silenced, any terminal served."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any, cast

import typer

from kgpeft.errors import DiskFull, KgpeftError, MissingError, UsageError

INTERRUPTED = 130
_MISUSE = cast(type[Exception], typer.BadParameter.__base__)  # UsageError, wherever this typer keeps it
_QUIET = {  # read by the libraries when they are first imported
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
_NOISE: tuple[tuple[str, type[Warning]], ...] = (  # a third party's message (a regular expression), its category
    ("`is_gradient_checkpointing` is deprecated", FutureWarning),  # peft asks transformers for it
)


def guarded(arguments: list[str]) -> int:
    """Runs a command line; the exit code, after a line on stderr if it is not 0."""
    _prepare()
    as_json = "--json" in arguments
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KgpeftError as error:
        return _tell(error, as_json)
    except _MISUSE as error:
        return _tell(_misuse(error), as_json)
    except MemoryError:
        return _tell(MissingError("not enough memory", remedy="free some, or give a smaller source"), as_json)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _tell(_environment(error), as_json)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:
        sys.stderr.write("kgpeft: interrupted\n")
    return code


def _run(arguments: Sequence[str]) -> int:
    from kgpeft.cli.app import app

    return app(list(arguments) or ["--help"], prog_name="kgpeft", standalone_mode=False) or 0


def _prepare() -> None:
    """Third parties keep quiet (we show our own progress), and no character is too odd for the terminal."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    for message, category in _NOISE:
        warnings.filterwarnings("ignore", message, category)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _tell(error: KgpeftError, as_json: bool) -> int:
    if as_json:
        parts = {key: getattr(error, key) for key in ("what", "where", "instead", "remedy")}
        sys.stdout.write(json.dumps({"error": {"message": str(error), **parts}}) + "\n")
    sys.stderr.write(f"kgpeft: {error}\n")
    return error.exit_code


def _misuse(error: Any) -> UsageError:
    """The command-line parser's complaint in our form."""
    near = ", ".join(getattr(error, "possibilities", None) or [])
    path = error.ctx.command_path if error.ctx else "kgpeft"
    message = error.message if near else error.format_message()
    return UsageError(message, instead=f"did you mean {near}?" if near else "", remedy=f"see {path} --help")


def _environment(error: OSError) -> KgpeftError:
    where = str(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("no space left", where=where, remedy="free some space, or choose another disk with --out")
    remedy = "check that the place exists and that you may write there"
    return MissingError(error.strerror or str(error), where=where, remedy=remedy)
