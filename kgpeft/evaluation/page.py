"""report.html: one self-contained page that needs no network and no script, on a phone, on a desk, in print."""

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from kgpeft.dataset.questions import Question
from kgpeft.evaluation.claim import Roles
from kgpeft.evaluation.grading import Grade
from kgpeft.evaluation.outputs import Output
from kgpeft.evaluation.plots import LINES, reliability, risk_coverage
from kgpeft.evaluation.report import Context, SystemResult, our

WRONG_SHOWN, RIGHT_SHOWN = 12, 6
RELATIONS_SHOWN = 25
LONGEST = 500  # characters of an output that are shown
SEGMENTS = (  # of a bar: class, label, key of the score
    ("correct", "correct", "correct"), ("refused", "rightly refused", "right_abstentions"),
    ("over", "refused, though answerable", "over_refusals"), ("wrong", "hallucinated", "incorrect"))


class _Example(NamedTuple):
    question: Question
    text: str
    output: Output
    grade: Grade
    picture: str


def page(questions: Sequence[Question], results: Sequence[SystemResult], context: Context,
         found: dict[str, Any]) -> str:
    """The report as one HTML page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(loader=PackageLoader("kgpeft", "evaluation/templates"), autoescape=True,
                              trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {"percent": _percent, "span": _span, "points": _points, "number": _number}
    ours, drawn = our(results), _drawn([r.name for r in results], our(results).name)
    measured = found["evaluation"]["systems"]
    return environment.get_template("report.html").render(
        context=context, found=found, ours=ours.name, headline=headline(context.title, ours.name, found),
        claim=found["evaluation"]["claim"], shown=[c for c in found["evaluation"]["claim"]["conditions"]],
        bars={name: _bar(system) for name, system in found["systems"].items()}, drawn=drawn,
        curves=risk_coverage({name: measured[name]["curve"] for name in drawn}),
        dials={name: reliability(measured[name]["bins"]) for name in drawn if measured[name]["bins"]},
        families=list(dict.fromkeys(question.family for question in questions)), relations_shown=RELATIONS_SHOWN,
        wrong=[_drawn_of(row, context) for row in _examples(questions, ours, True)[:WRONG_SHOWN]],
        right=_examples(questions, ours, False)[:RIGHT_SHOWN])


def headline(title: str, ours: str, found: dict[str, Any]) -> str:
    """One sentence that states what was measured, and no more."""
    system, n = found["systems"][ours], found["n"]
    answerable = system["answerable"]
    asked = f"On {n} questions about {title} ({answerable} answerable, {n - answerable} not), {ours}"
    right = f" answered {_percent(system['accuracy'])} of the answerable ones correctly and" if answerable else ""
    wrong = f" hallucinated on {_percent(system['hallucination_rate'])} of all"
    rates = [f"{name} on {_percent(other['hallucination_rate'])}" for name, other in found["systems"].items()
             if name != ours]
    others = "; " + ", ".join(rates) if rates else ""
    return f"{asked}{right}{wrong} (95 % interval {_span(system['intervals']['hallucination_rate'])}){others}."


def _drawn(names: Sequence[str], ours: str) -> list[str]:
    """The systems that a drawing has room for: ours, those that it must beat, then the others as they come."""
    roles = Roles()
    first = [name for name in (ours, roles.refusing, roles.tuned, *roles.text, "base") if name in names]
    chosen = list(dict.fromkeys([*first, *names]))[:LINES]
    return [ours, *(name for name in names if name in chosen and name != ours)]


def _bar(system: dict[str, Any]) -> list[tuple[str, str, int, float, float]]:
    """Segments of a stacked bar: class, label, count, start and width in percent."""
    bar, start = [], 0.0
    for css, label, key in SEGMENTS:
        width = 100 * system[key] / max(1, system["n"])
        bar.append((css, label, system[key], round(start, 3), round(width, 3)))
        start += width
    return bar


def _drawn_of(row: _Example, context: Context) -> _Example:
    return row._replace(picture=context.picture(row.question, row.output))


def _examples(questions: Sequence[Question], result: SystemResult, wrong: bool) -> list[_Example]:
    """Hallucinations, or right answers (those with citations first), taken from the families in turn."""
    rows = [_Example(question, _cut(output.text), output, grade, "")
            for question, output, grade in zip(questions, result.outputs, result.grades, strict=True)
            if grade.outcome == ("incorrect" if wrong else "correct")]
    by_family: dict[str, list[_Example]] = {}
    for row in rows if wrong else sorted(rows, key=lambda row: not row.output.citations):
        by_family.setdefault(row.question.family, []).append(row)
    return [row for row in chain.from_iterable(zip_longest(*by_family.values())) if row is not None]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " […]"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}\u00a0%"


def _span(interval: Sequence[float] | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:.1f}\u2013{100 * interval[1]:.1f}\u00a0%"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\u2212")


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "\u2212")
