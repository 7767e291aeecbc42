"""An explanation (``kgpeft.adapters.explain``) for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 100
INDENT = 14
LISTED = 8  # statements that were not read, and alternatives of a link, that are shown
_MARK = {(True, True): "rests on", (True, False): "read", (False, False): "", (False, True): "rests on"}


def explanation(told: Mapping[str, Any], question: str) -> str:
    """Links, statements with their scores, and the decision, in lines of at most 100 columns."""
    parts = [("links", [line for link in told["links"] for line in _link(link)] or ["none"])]
    if told["asked"] != question:
        parts.append(("read as", [told["asked"]]))
    parts.append(("absent", [f"{told['absent']:.2f}   (refused unread above {told['refused_from']})"]))
    parts.append(("statements", _statements(told["statements"]) or ["none"]))
    said = f": the model said {told['said']!r}" if told["said"] and told["decision"] != "refused" else ""
    parts.append(("decision", [f"{told['decision']}{said}; {told['why']}"]))
    return "\n".join(line for title, lines in parts for line in _block(title, lines))


def _link(link: Mapping[str, Any]) -> list[str]:
    meant = ", ".join(dict.fromkeys(entity["label"] for entity in link["entities"]))
    lines = [f"{link['text']} → {meant}   {link['how']}, {link['score']:.2f}"]
    if link["partial"]:
        lines.append(f"    but the graph knows no “{link['partial']}”")
    others = [f"{c['label']} ({c['how']}, {c['score']:.2f})" for c in link["alternatives"][:LISTED]]
    return lines + ([f"    not {'; '.join(others)}"] if others else [])


def _statements(statements: Sequence[Mapping[str, Any]]) -> list[str]:
    read, rest = [s for s in statements if s["read"]], [s for s in statements if not s["read"]]
    lines = [f"{s['score']:>6.3f}  {_MARK[s['read'], s['used']]:<8}  {s['text']}" for s in [*read, *rest[:LISTED]]]
    return lines + ([f"        ... and {len(rest) - LISTED} more that were not read"] if len(rest) > LISTED else [])


def _block(title: str, lines: Sequence[str]) -> list[str]:
    shown: list[str] = []
    for line in lines:
        begin = f"{title if not shown else '':<{INDENT}}"
        deeper = " " * (INDENT + 4 + len(line) - len(line.lstrip()))
        shown += textwrap.wrap(line, WIDTH, initial_indent=begin, subsequent_indent=deeper, drop_whitespace=True)[:3]
    return shown
