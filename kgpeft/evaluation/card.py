"""The model card: what an adapter is, what it was measured at, how to use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEX = {c: "\\" + c for c in "&%$#_{}"} | {"\u2013": "--", "\u2212": "$-$", "\u00a0": "~", "\\": r"\textbackslash{}"}
RATES = ("accuracy", "hallucination_rate", "abstention_recall")


def table(metrics: Mapping[str, Any]) -> str:
    """The measured table as Markdown: each rate with its 95 % Wilson interval."""
    head = "| system | n | answered right | hallucinated | refused rightly |\n|---|--:|--:|--:|--:|"
    rows = [
        f"| {' | '.join([name, str(s['n']), *(rate(s, key) for key in RATES)])} |"
        for name, s in metrics["systems"].items()
    ]
    return "\n".join([head, *rows])


def measured_section(metrics: Mapping[str, Any]) -> str:
    """What was measured and what it shows, as the section of a model card."""
    claim, seconds = metrics["evaluation"]["claim"], metrics["provenance"]["hardware"]
    failing = [f"- not met: {c['name']} ({c['why']})" for c in claim["conditions"] if not c["holds"]]
    first = claim["lines"][0] if claim["text_facts"] else claim["text"]
    parts = [
        first, *([claim["text"]] if first != claim["text"] else []), table(metrics),
        f"{metrics['n']} questions, 95 % Wilson intervals; graded by a program, not by a model. {seconds}".rstrip(),
        *(["The claim needs:", "\n".join(failing)] if failing else []), "Details: `eval/report.html`.",
    ]
    return "\n\n".join(parts)


def latex(metrics: Mapping[str, Any]) -> str:
    """The same table for a paper: a LaTeX tabular (booktabs), with the sentence that the report begins with."""
    claim = metrics["evaluation"]["claim"]
    rows = [
        " & ".join([_tex(name), str(s["n"]), *(_tex(rate(s, key)) for key in RATES)]) + r" \\"
        for name, s in metrics["systems"].items()
    ]
    head = r"System & $n$ & Answered right & Hallucinated & Refused rightly \\"
    begin = [f"% {claim['lines'][0]}", r"\begin{tabular}{lrrrr}", r"\toprule", head, r"\midrule"]
    lines = [*begin, *rows, r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines) + "\n"


def _tex(text: str) -> str:
    return "".join(TEX.get(c, c) for c in text)


def card(about: Mapping[str, Any], metrics: Mapping[str, Any] | None) -> str:
    """README.md of an adapter folder."""
    measured = f"\n## Evaluation\n\n{measured_section(metrics)}\n" if metrics else ""
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
