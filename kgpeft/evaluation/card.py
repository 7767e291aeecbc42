"""The model card: what an adapter is, what it was measured at, how to use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table(metrics: Mapping[str, Any]) -> str:
    """The measured table as Markdown: each rate with its 95 % Wilson interval."""
    head = "| system | n | answered right | hallucinated | refused rightly |\n|---|--:|--:|--:|--:|"
    rows = [
        f"| {name} | {s['n']} | {rate(s, 'accuracy')} | {rate(s, 'hallucination_rate')} |"
        f" {rate(s, 'abstention_recall')} |"
        for name, s in metrics["systems"].items()
    ]
    return "\n".join([head, *rows])


def card(about: Mapping[str, Any], metrics: Mapping[str, Any] | None) -> str:
    """README.md of an adapter folder."""
    measured = f"\n## Measured\n\n{table(metrics)}\n\nDetails: `eval/report.html`.\n" if metrics else ""
    graph = about["graph"]
    return f"""---
base_model: {about["base"]}
library_name: peft
tags: [kgpeft, knowledge-graph, lora]
---

# {about["title"]}

A kgpeft adapter for `{about["base"]}`: it answers from a knowledge graph of
{graph["entities"]:,} entities and {graph["edges"]:,} edges, cites the facts, and says that it does not know when the
graph does not say.

    kgpeft ask THIS_FOLDER "a question"

`adapter_model.safetensors` is plain LoRA, which peft loads by itself; the facts are read with `kg_adapter.safetensors`,
`graph/` and `embeddings/`.
{measured}
Made by kgpeft {about["version"]}; graph fingerprint `{graph["fingerprint"]}`.
"""


def rate(scores: Mapping[str, Any], key: str) -> str:
    """A rate in percent with its interval, or a dash where there is none."""
    if scores[key] is None:
        return "–"
    low, high = scores["intervals"][key]
    return f"{100 * scores[key]:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
