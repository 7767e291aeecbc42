"""Boxes and edges as SVG text."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from kgpeft.evidence.layout import BOLD, LINE, Box, Edge, text_width, wrap

MARGIN = 18.0
NARROWEST = 340.0
SMALL = 11.0  # letters of an edge's label
STYLE = """
.kgp{--bg:#ffffff;--ink:#1c2127;--soft:#5b6570;--line:#b4bdc6;--box:#f3f5f7;--used:#1f6fb2;--asked:#1f6fb2;
--asked-ink:#ffffff;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){.kgp{--bg:#14181c;--ink:#e7ebee;--soft:#a2adb7;--line:#56616b;--box:#232a31;
--used:#5aa9ea;--asked:#2d7fc1;--asked-ink:#ffffff}}
.kgp .ground{fill:var(--bg)}
.kgp rect.box{fill:var(--box);stroke:var(--line);stroke-width:1}
.kgp .used rect.box{stroke:var(--used);stroke-width:2}
.kgp .asked rect.box{fill:var(--asked);stroke:var(--asked)}
.kgp .name{fill:var(--ink);font-size:13px;text-anchor:middle}
.kgp .asked .name{fill:var(--asked-ink);font-weight:600}
.kgp .edge{fill:none;stroke:var(--soft);stroke-width:1.4}
.kgp .edge.used{stroke:var(--used);stroke-width:2.6}
.kgp .edge.besides{stroke:var(--line);stroke-dasharray:3 4}
.kgp .tip{fill:var(--soft)} .kgp .tip.used{fill:var(--used)} .kgp .tip.besides{fill:var(--line)}
.kgp .label{fill:var(--soft);font-size:11px;text-anchor:middle}
.kgp .behind{fill:var(--bg);opacity:.88}
.kgp .label.used{fill:var(--used);font-weight:600}
.kgp .key{fill:var(--soft);font-size:11px}
""".strip()
KEY = (("used", "the answer rests on it"), ("read", "was read"), ("besides", "is there besides"))


def draw(boxes: Mapping[str, Box], edges: Sequence[Edge], title: str, description: str) -> str:
    """One SVG element: a ground, edges with their labels, boxes, and a key to the kinds of edges that there are."""
    kinds = [(kind, text) for kind, text in KEY if any(edge.kind == kind for edge in edges)]
    wide = max([b.x + b.width / 2 for b in boxes.values()] + [_key_width(kinds), NARROWEST - 2 * MARGIN])
    high = max([b.y + b.height / 2 for b in boxes.values()], default=LINE)
    shift = (wide - max((b.x + b.width / 2 for b in boxes.values()), default=0.0)) / 2 if boxes else 0.0
    width, height = wide + 2 * MARGIN, high + 2 * MARGIN + (26 if kinds else 0)
    name = f"kgp{zlib.crc32((title + description).encode()):08x}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="kgp" role="img" aria-labelledby="{name}t {name}d"'
        f' viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" style="max-width:100%">',
        f'<title id="{name}t">{escape(title)}</title>', f'<desc id="{name}d">{escape(description)}</desc>',
        f"<style>{STYLE}</style>", f'<rect class="ground" width="{width:.0f}" height="{height:.0f}" rx="8"/>',
        f'<g transform="translate({MARGIN + shift:.1f} {MARGIN:.1f})">',
        *_edges(boxes, edges), *(_box(box) for box in boxes.values()), "</g>",
        *([] if boxes else [f'<text class="key" x="{MARGIN}" y="{MARGIN + 12}">{escape(description)}</text>']),
        *_key(kinds, height), "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(box: Box) -> str:
    left, top = box.x - box.width / 2, box.y - box.height / 2
    lines, y = "", box.y - (len(box.lines) - 1) * LINE / 2 + 4.5
    for at, line in enumerate(box.lines):
        lines += f'<tspan x="{box.x:.1f}" y="{y + at * LINE:.1f}">{escape(line)}</tspan>'
    whole = f"<title>{escape(box.label)}</title>" if " ".join(box.lines) != box.label else ""
    rect = f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/>'
    return f'<g class="{box.kind}">{whole}{rect}<text class="name">{lines}</text></g>'


def _edges(boxes: Mapping[str, Box], edges: Sequence[Edge]) -> list[str]:
    """Lines first, labels over them; edges between the same two boxes are bent apart."""
    lines, labels = [], []
    placed: list[tuple[float, float, float, float]] = []
    between: dict[frozenset[str], int] = {}
    for edge in sorted(edges, key=lambda e: ("besides", "read", "used").index(e.kind)):
        pair = frozenset((edge.start, edge.end))
        bend = between.get(pair, 0)
        between[pair] = bend + 1
        line = _Line(boxes[edge.start], boxes[edge.end], (bend + 1) // 2 * 44.0 * (-1) ** bend)
        lines.append(f'<path class="edge {edge.kind}" d="{line.path}"/><path class="tip {edge.kind}" d="{line.tip}"/>')
        labels.append(_label(edge, line, list(boxes.values()), placed))
    return lines + labels


def _label(edge: Edge, line: _Line, boxes: list[Box], placed: list[tuple[float, float, float, float]]) -> str:
    """The label where on its line it covers least."""
    text = wrap(edge.label, 170.0, 1)[0]
    half = text_width(text, SMALL) * (BOLD if edge.kind == "used" else 1.0) / 2 + 2
    taken = [(b.x, b.y, b.width / 2, b.height / 2) for b in boxes] + placed
    spots = [line.at(share / 100) for share in (52, 60, 44, 68, 36, 74, 30)]
    x, y = min(spots, key=lambda spot: sum(_cover((*spot, half, 8.0), other) for other in taken))
    placed.append((x, y, half, 8.0))
    whole = f"<title>{escape(edge.label)}</title>" if text != edge.label else ""
    behind = f'<rect class="behind" x="{x - half:.1f}" y="{y - 7:.1f}" width="{2 * half:.1f}" height="14" rx="3"/>'
    return f'{behind}<text class="label {edge.kind}" x="{x:.1f}" y="{y + 3.5:.1f}">{escape(text)}{whole}</text>'


def _cover(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    across = a[2] + b[2] - abs(a[0] - b[0])
    down = a[3] + b[3] - abs(a[1] - b[1])
    return across * down if across > 0 and down > 0 else 0.0


class _Line:
    """A quadratic curve from the edge of one box to that of another, bent by some pixels, with an arrow's tip."""

    def __init__(self, start: Box, end: Box, bend: float) -> None:
        dx, dy = end.x - start.x, end.y - start.y
        length = max((dx * dx + dy * dy) ** 0.5, 1.0)
        side = bend if (start.x, start.y) <= (end.x, end.y) else -bend
        self._middle = (start.x + end.x) / 2 - dy / length * side, (start.y + end.y) / 2 + dx / length * side
        self._start, (tip_x, tip_y) = _border(start, self._middle), _border(end, self._middle)
        back = max(((tip_x - self._middle[0]) ** 2 + (tip_y - self._middle[1]) ** 2) ** 0.5, 1.0)
        ux, uy = (tip_x - self._middle[0]) / back, (tip_y - self._middle[1]) / back
        x, y = self._end = (tip_x - 7 * ux, tip_y - 7 * uy)
        self.path = "M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*self._start, *self._middle, *self._end)
        corners = (tip_x, tip_y, x - 3.6 * uy, y + 3.6 * ux, x + 3.6 * uy, y - 3.6 * ux)
        self.tip = "M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}Z".format(*corners)

    def at(self, share: float) -> tuple[float, float]:
        """The point that lies so far along the line."""
        a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
        x, y = (a * s + b * m + c * e for s, m, e in zip(self._start, self._middle, self._end, strict=True))
        return x, y


def _border(box: Box, towards: tuple[float, float]) -> tuple[float, float]:
    """Where the line from a box's middle to a point leaves the box."""
    dx, dy = towards[0] - box.x, towards[1] - box.y
    share = min(1.0, (box.width / 2 + 2) / max(abs(dx), 1e-9), (box.height / 2 + 2) / max(abs(dy), 1e-9))
    return box.x + dx * share, box.y + dy * share


def _key_width(kinds: Sequence[tuple[str, str]]) -> float:
    return sum(text_width(text, SMALL) + 52 for _, text in kinds)


def _key(kinds: Sequence[tuple[str, str]], height: float) -> list[str]:
    made, x = [], MARGIN
    for kind, text in kinds:
        y = height - MARGIN
        made.append(f'<path class="edge {kind}" d="M{x:.1f} {y - 4:.1f}h24"/>')
        made.append(f'<text class="key" x="{x + 30:.1f}" y="{y:.1f}">{escape(text)}</text>')
        x += text_width(text, SMALL) + 52
    return made
