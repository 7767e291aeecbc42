"""One line on what a finished stage holds, read from its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def summary(folder: Path, stage: str) -> str:
    """What a person wants to know of a stage's folder."""
    return _SUMMARIES[stage.split("/")[0]](folder)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _graph(folder: Path) -> str:
    manifest = _json(folder / "manifest.json")
    counts, notes = manifest["counts"], manifest["notes"]
    parts = [f"{counts[k]:,} {k}" for k in ("entities", "relations", "edges")]
    lost = {"quarantined": len(manifest["quarantined"]), "statements dropped": sum(manifest["dropped"].values())}
    return ", ".join([*parts, *(f"{n:,} {k}" for k, n in lost.items() if n), *notes])


def _embeddings(folder: Path) -> str:
    about = _json(folder / "embeddings.json")
    width, metrics = max(end for _, end in about["parts"].values()), about["metrics"]
    held = f", held-out edges MRR {metrics['mrr']:.2f} (n={metrics['n']:.0f})" if metrics["n"] else ""
    return f"{width} columns ({', '.join(about['parts'])}){held}"


def _dataset(folder: Path) -> str:
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    families = {json.loads(line)["family"] for line in lines}
    split = _json(folder / "split.json")
    hidden = len(split["hidden"])
    told = f"{len(lines):,} test questions in {len(families)} families, {hidden:,} facts held out of training"
    dropped = f", {len(split['dropped'])} questions dropped that training tells" if split["dropped"] else ""
    return told + dropped


def _weights(folder: Path) -> str:
    t = _json(folder / "training.json")
    if not t["steps"]:
        return "not trained: the weights they started from"
    kept = "kept" if t["kept"] else "no better: the reader is used as it was"
    return f"{t['steps']} steps, loss {t['loss_before']:.3f} → {t['loss_after']:.3f}, {kept}"


def _answers(folder: Path) -> str:
    return f"{len((folder / 'outputs.jsonl').read_text(encoding='utf-8').splitlines()):,} answers"


def _rivals(folder: Path) -> str:
    return f"{(folder / 'adapter_model.safetensors').stat().st_size / 1e6:.0f} MB of LoRA"


def _evaluation(folder: Path) -> str:
    systems = _json(folder / "metrics.json")["systems"]
    return ", ".join(f"{name} hallucinates {100 * s['hallucination_rate']:.1f} %" for name, s in systems.items())


def _adapter(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{size / 1e6:.0f} MB in {folder}"


_SUMMARIES = {
    "graph": _graph, "embeddings": _embeddings, "dataset": _dataset, "weights": _weights, "answers": _answers,
    "rivals": _rivals, "evaluation": _evaluation, "adapter": _adapter,
}
