"""Where the boxes of a picture stand: networkx places them, then none covers another."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

SIZE = 13.0  # of the letters, in pixels
LINE = 16.0  # height of a line
PADDING = 9.0
WIDEST = 150.0  # pixels of a line; longer labels are wrapped
LINES = 3  # of a label; what is longer is cut
GAP = 26.0, 30.0  # free pixels between boxes, across and down
REACH = 128.0, 5.0  # pixels between neighbours, and more for each box
WIDE = 1.5  # how much wider than high
BOLD = 1.09  # how much wider bold letters are
ROUNDS = 400
_WIDTHS = {  # of letters in a common sans-serif face, by their size
    **dict.fromkeys("ijl.,'|!:;()[]ftr -I·", 0.34), **dict.fromkeys("mwMW@%—…", 0.9), **dict.fromkeys("—…", 1.0),
}


class Edge(NamedTuple):
    """A fact between two boxes; kind: used (the answer rests on it), read or besides."""

    start: str
    end: str
    label: str
    kind: str


@dataclass
class Box:
    """A thing in a picture; kind: asked (the question names it), used (by the answer) or other. x, y: its middle."""

    label: str
    kind: str
    lines: list[str] = field(init=False)
    width: float = field(init=False)
    height: float = field(init=False)
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        self.lines = wrap(self.label, WIDEST)
        bold = BOLD if self.kind == "asked" else 1.0
        self.width = bold * max(map(text_width, self.lines)) + 2 * PADDING
        self.height = len(self.lines) * LINE + PADDING


def text_width(text: str, size: float = SIZE) -> float:
    """About how many pixels wide a text is; no fonts are at hand to measure it."""
    return size * sum(map(_letter, text))


def wrap(text: str, width: float, lines: int = LINES) -> list[str]:
    """The text in so many lines that fit a width; what does not fit ends with an ellipsis."""
    made = [""]
    for word in text.split() or [""]:
        longer = f"{made[-1]} {word}".strip()
        if text_width(longer) <= width or not made[-1]:
            made[-1] = longer
        else:
            made.append(word)
    shown = [_cut(line, width) for line in made[:lines]]
    return [*shown[:-1], _cut(f"{shown[-1]} …", width)] if len(made) > lines else shown


def arrange(boxes: dict[str, Box], edges: Sequence[Edge]) -> dict[str, Box]:
    """The boxes, each placed so that neighbours are near and none covers another; the corner is at 0, 0."""
    places = _places(boxes, edges)
    for key, box in boxes.items():
        box.x, box.y = places[key]
    for _ in range(ROUNDS):
        if not _pushed(list(boxes.values())):
            break
    left = min((b.x - b.width / 2 for b in boxes.values()), default=0.0)
    top = min((b.y - b.height / 2 for b in boxes.values()), default=0.0)
    for box in boxes.values():
        box.x, box.y = box.x - left, box.y - top
    return boxes


def _places(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> dict[str, tuple[float, float]]:
    """Kamada and Kawai's layout of each connected part, begun with a circle and not by chance; the parts in a row."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(boxes)
    graph.add_edges_from((edge.start, edge.end) for edge in edges)
    found: dict[str, tuple[float, float]] = {}
    offset, reach = 0.0, REACH[0] + REACH[1] * len(boxes)
    for part in nx.connected_components(graph):
        inner = nx.Graph()  # in an order that no hash decides
        inner.add_nodes_from(key for key in boxes if key in part)
        inner.add_edges_from((edge.start, edge.end) for edge in edges if edge.start in part)
        around = nx.kamada_kawai_layout(inner, pos=nx.circular_layout(inner)) if len(inner) > 1 else {min(part): (0, 0)}
        lengths = [math.dist(around[a], around[b]) for a, b in inner.edges]
        scale = reach / median(lengths) if lengths else 0.0
        left = min(float(x) for x, _ in around.values())
        for key in inner:
            x, y = around[key]
            found[key] = (offset + WIDE * scale * (float(x) - left), scale * float(y))
        offset = max(found[key][0] for key in inner) + 1.5 * reach
    return found


def _pushed(boxes: Sequence[Box]) -> bool:
    """Pushes boxes that cover each other apart, the shorter way; False if none did."""
    moved = False
    for at, a in enumerate(boxes):
        for b in boxes[at + 1 :]:
            across = (a.width + b.width) / 2 + GAP[0] - abs(a.x - b.x)
            down = (a.height + b.height) / 2 + GAP[1] - abs(a.y - b.y)
            if across <= 0 or down <= 0:
                continue
            moved = True
            if across < down:
                step = across / 2 + 0.5 if a.x <= b.x else -across / 2 - 0.5
                a.x, b.x = a.x - step, b.x + step
            else:
                step = down / 2 + 0.5 if a.y <= b.y else -down / 2 - 0.5
                a.y, b.y = a.y - step, b.y + step
    return moved


def _letter(letter: str) -> float:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.0 if unicodedata.combining(letter) else 0.7 if letter.isupper() else 0.57


def _cut(line: str, width: float) -> str:
    if text_width(line) <= width:
        return line
    ends = line.endswith(" …")
    kept = line.removesuffix(" …") if ends else line
    while kept and text_width(kept + "…") > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"
