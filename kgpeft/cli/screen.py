"""What a person sees: stages on stderr while they go on, results on stdout as text or as one JSON object."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kgpeft.cli.explained import explanation

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0  # seconds before a bar appears
LISTED = 20  # broken shapes that are shown
CITED = 300  # characters of a cited text that are shown


class Screen:
    """Tells how work goes on: a line when a stage ends; on a terminal a bar while one takes long."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._at: tuple[str, float | None] = ("working", None)

    def __enter__(self) -> Screen:
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def step(self, stage: str, done: float, note: str = "") -> None:
        """A stage has done this share of its work, 0 to 1, with a word on how it goes."""
        with self._lock:
            self._at = (f"{stage:<19}{note}".rstrip(), done)
            self._draw()

    def end(self, stage: str, summary: str, seconds: float, reused: bool) -> None:
        """A stage has ended."""
        self._clear()
        note(f"{stage:<19}{summary}   {'(reused)' if reused else f'{seconds:.1f} s'}")
        self._wait()

    def _wait(self) -> None:
        if sys.stderr.isatty():
            self._at = ("working", None)
            self._timer = threading.Timer(PATIENCE, self._show)
            self._timer.daemon = True
            self._timer.start()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task("", total=None)
            self._draw()
            self._bar.start()

    def _draw(self) -> None:
        if self._bar is not None:
            stage, done = self._at
            total = None if done is None else 1.0
            self._bar.update(self._bar.task_ids[0], description=stage, total=total, completed=done or 0.0)

    def _clear(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            self._bar = self._timer = None


def note(line: str) -> None:
    """One line on stderr."""
    sys.stderr.write(line + "\n")


def show(value: Mapping[str, Any], text: str, as_json: bool) -> None:
    """The result on stdout: the text, or the value as one JSON object on one line."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write((json.dumps(value, ensure_ascii=not unicode) if as_json else text) + "\n")


def lines(value: Mapping[str, Any]) -> str:
    """Keys and plain values, one a line."""
    width = max(map(len, value), default=0)
    return "\n".join(f"{key:<{width}}  {_plain(item)}" for key, item in value.items())


def families(made: Mapping[str, Any]) -> str:
    """How many questions of each family there are to train on and to measure with, why not more, what was dropped."""
    tested, missing = made["tested"], made["unfilled"]
    rows = [["family", "train", "test", ""]]
    for family in dict.fromkeys([*tested, *missing, *made["families"]]):
        test = tested.get(family, 0)
        rows.append([family, f"{made['families'].get(family, 0) - test:,}", f"{test:,}", missing.get(family, "")])
    width = max(len(row[0]) for row in rows)
    told = [f"{row[0]:<{width}}  {row[1]:>7}  {row[2]:>6}  {row[3]}".rstrip() for row in rows]
    lost = [f"dropped, as training tells it: {text}" for text in made["dropped"]]
    return "\n".join([*told, *lost, lines({key: made[key] for key in ("examples", "seconds", "dataset")})])


def table(systems: Mapping[str, Mapping[str, Any]]) -> str:
    """What was measured of each system, rates with their 95 % Wilson intervals."""
    from kgpeft.evaluation.card import rate

    rates = ("accuracy", "hallucination_rate", "abstention_recall")
    rows = [["system", "n", "answered right", "hallucinated", "refused rightly"]]
    rows += [[name, str(s["n"]), *(rate(s, key) for key in rates)] for name, s in systems.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def audit(counted: Mapping[str, Any]) -> str:
    """Where every triple went, a row a source and one for all, and the constructs that were dropped."""
    parts = [key for key, value in counted.items() if isinstance(value, int)]
    sources = sorted(counted["sources"], key=lambda source: -source["triples"])[:LISTED]
    rest = len(counted["sources"]) - len(sources)
    rows = [["", *parts], *([source["path"], *(f"{source[part]:,}" for part in parts)] for source in sources)]
    rows += [[f"... and {rest} more"]] if rest else []
    if len(counted["sources"]) > 1:
        rows += [["all", *(f"{counted[part]:,}" for part in parts)]]
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(len(parts) + 1)]
    shown = ["  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=False))])
             for row in rows]
    dropped = sorted(counted["constructs"].get("dropped", {}).items(), key=lambda pair: -pair[1])
    lost = [f"dropped: {', '.join(f'{name} {number:,}' for name, number in dropped[:LISTED])}"] if dropped else []
    return "\n".join([*(line.rstrip() for line in shown), *lost])


def answer(said: Mapping[str, Any]) -> str:
    """An answer (``Answer.to_dict``) with its citations below it, and its explanation if it has one."""
    cited = [
        f"    {c['subject']} — {c['relation']} — {_cut(c['object'])}\n    "
        + "  ".join(f"<{c[key]}>" for key in ("subject_iri", "relation_iri", "object_iri") if c[key])
        + f"  {c['source']}"
        for c in said["citations"]
    ]
    told = ["", explanation(said["explanation"], said["question"])] if "explanation" in said else []
    return "\n".join([f"Q: {said['question']}", f"A: {said['answer']}", *cited, *told])


def knowledge(graph: Mapping[str, Any]) -> str:
    """What a whole graph holds."""
    relations = [f"  {r['edges']:>9,}  {r['name']}" for r in graph["relations"]]
    head = {key: graph[key] for key in ("sources", *graph["counts"]) if key in graph} | graph["counts"]
    lost = {key: graph[key] for key in ("quarantined", "dropped") if graph[key]}
    return "\n".join([lines({**head, **lost}), *graph["notes"], "relations and their edges:", *relations])


def term(known: Mapping[str, Any]) -> str:
    """What a graph knows of one term, each part with where it is stated."""
    keys = ("label", "iri", "types", "synonyms", "definition", "others", "edges")
    head = {key: known[key] for key in keys if known.get(key)}
    texts = [("names", "role", "text"), ("notes", "property", "value")]
    parts = {key: [f"{_tag(part[kind], part)}  {_cut(part[text])}" for part in known[key]] for key, kind, text in texts}
    parts["facts"] = [
        f"{f['subject']} — {f['relation']} — {_cut(f['object'])}" + ("" if f["line"] else f"   {_cut(f['axiom'])}")
        for f in known["facts"]
    ]
    parts["axioms"] = [_cut(axiom["axiom"]) for axiom in known["axioms"]]
    shown = [line for key in ("names", "facts", "axioms", "notes") for line in _part(key, parts[key], known[key])]
    return "\n".join([*map(_gone, known["obsolete"]), lines(head), *shown])


def _part(title: str, texts: Sequence[str], parts: Sequence[Mapping[str, Any]]) -> list[str]:
    if not parts:
        return []
    return [f"{len(parts)} {title}", *(f"  {text}   {_place(part)}" for text, part in zip(texts, parts, strict=True))]


def _place(part: Mapping[str, Any]) -> str:
    where = f":{part['line']}" if part["line"] else f", statement {part['statement']}" if "statement" in part else ""
    return f"[{part['source']}{where}]"


def _tag(kind: str, part: Mapping[str, Any]) -> str:
    about = f" of {_cut(part['about'])!r}" if part.get("about") else ""
    return f"{kind}{about}{'@' + part['lang'] if part['lang'] else ''}"


def _gone(term: Mapping[str, Any]) -> str:
    words = [f"replaced by {', '.join(term['replaced_by'])}"] if term["replaced_by"] else []
    words += [f"consider {', '.join(term['consider'])}"] if term["consider"] else []
    return f"{term['label']} <{term['iri']}> is obsolete{': ' * bool(words)}{'; '.join(words)}"


def breaches(checked: Mapping[str, Any]) -> str:
    """What a check against shapes found, one result a line after the counts."""
    keys = ("focus", "path", "value")
    found = [
        f"  {r['severity'].lower()}  " + "  ".join(_cut(r[key]) for key in keys if r[key]) + f": {r['message']}"
        for r in checked["results"][:LISTED]
    ]
    more = len(checked["results"]) - LISTED
    head = lines({key: value for key, value in checked.items() if key != "results"})
    return "\n".join([head, *found, *([f"  ... and {more:,} more; --json lists all"] if more > 0 else [])])


def _cut(text: str) -> str:
    return text if len(text) <= CITED else text[:CITED] + " […]"


def _plain(item: Any) -> str:
    if isinstance(item, bool) or item is None:
        return {True: "yes", False: "no", None: "–"}[item]
    if isinstance(item, int | float):
        return f"{item:,}" if isinstance(item, int) else f"{item:.4g}"
    if isinstance(item, Mapping):
        return ", ".join(f"{key} {_plain(part)}" for key, part in item.items()) or "–"
    return ", ".join(map(str, item)) or "–" if isinstance(item, list | tuple) else str(item)
