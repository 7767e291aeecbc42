"""Drawings of the report as inline SVG: no script, no font of their own, colours from the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

WIDTH, HEIGHT = 360, 236  # units of a plot
LEFT, RIGHT, TOP, BOTTOM = 34, 18, 10, 36  # its margins
LINES = 6  # colours that the page has for systems

Point = Sequence[float]


def risk_coverage(curves: Mapping[str, Sequence[Point]]) -> str:
    """Risk against coverage, a line a system; curves: [[coverage, risk], ...], both 0 to 1."""
    top = max([risk for curve in curves.values() for _, risk in curve] or [1.0])
    plot = _Plot("coverage: share of the questions answered, surest first", "risk", 1.0, _ceiling(top))
    lines = [plot.line(curve, number) for number, curve in enumerate(curves.values())]
    told = "; ".join(f"{name} {100 * curve[-1][1]:.0f} % at full coverage" for name, curve in curves.items() if curve)
    return plot.svg(lines, f"Risk against coverage: {told}")


def reliability(bins: Sequence[Point]) -> str:
    """How often answers of a confidence are right: a dot a bin [mean confidence, share right, n], area by n."""
    plot = _Plot("confidence", "right", 1.0, 1.0)
    total = sum(n for _, _, n in bins) or 1
    dots = [plot.dot(sure, right, 3 + 16 * (n / total) ** 0.5) for sure, right, n in bins]
    told = ", ".join(f"{sure:.2f}: {100 * right:.0f} %" for sure, right, _ in bins)
    return plot.svg([plot.path([(0, 0), (1, 1)], "ideal"), *dots], f"Share right by confidence: {told}")


def _ceiling(value: float) -> float:
    """The next step of the scale above a value."""
    return next((step for step in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8) if value <= step), 1.0)


class _Plot:
    """A frame with two axes from 0."""

    def __init__(self, x: str, y: str, most_x: float, most_y: float) -> None:
        self.names, self.most = (x, y), (most_x, most_y)

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / self.most[0] * (WIDTH - LEFT - RIGHT)
        down = HEIGHT - BOTTOM - y / self.most[1] * (HEIGHT - TOP - BOTTOM)
        return round(across, 1), round(down, 1)

    def path(self, points: Iterable[Point], css: str) -> str:
        places = " ".join(f"{px},{py}" for px, py in (self.at(x, y) for x, y in points))
        return f'<polyline class="{css}" points="{places}"/>'

    def line(self, curve: Sequence[Point], number: int) -> str:
        return self.path(curve, f"line s{number % LINES}") if curve else ""

    def dot(self, x: float, y: float, radius: float) -> str:
        px, py = self.at(x, y)
        return f'<circle class="bin" cx="{px}" cy="{py}" r="{radius:.1f}"/>'

    def svg(self, marks: Sequence[str], label: str) -> str:
        body = "".join([*self._axes(), *marks])
        head = f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{_escaped(label)}">'
        return f"{head}{body}</svg>"

    def _axes(self) -> Iterable[str]:
        for step in (0.0, 0.25, 0.5, 0.75, 1.0):
            x, y = step * self.most[0], step * self.most[1]
            (x0, y0), (x1, y1) = self.at(0, y), self.at(self.most[0], y)
            yield f'<line class="grid" x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}"/>'
            yield f'<text class="tick" x="{x0 - 4}" y="{y0 + 3}" text-anchor="end">{_percent(y)}</text>'
            px, py = self.at(x, 0)
            yield f'<text class="tick" x="{px}" y="{py + 13}" text-anchor="middle">{_percent(x)}</text>'
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield f'<text class="name" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{self.names[0]}</text>'
        yield f'<text class="name" x="{LEFT + 4}" y="{TOP + 9}">{self.names[1]}</text>'


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
