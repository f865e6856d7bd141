"""Draw the answer to a question in SQL as the reports draw a project's own charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from tracker.report.charts.drawing import inline_svg
from tracker.report.custom import draw_rows
from tracker.report.text.language import language_of
from tracker.warehouse.sandbox import Answer

if TYPE_CHECKING:
    from tracker.warehouse.safe.door import SafeAnswer

__all__ = ["draw_answer"]


def draw_answer(answer: SafeAnswer) -> Markup:
    """Draw the first column across and the first column of numbers up, twice: for wide and for narrow screens.

    Raises:
        UsageError: the rows cannot be drawn, for example because no column has numbers.

    """
    language = language_of("en")
    rows = tuple(answer.result().fetchall())
    picture = draw_rows(language, "The answer", Answer(tuple(answer.columns), rows), {})
    drawn = {
        name: inline_svg(language, chart, f"answer-{name}", "answer-name", picture.alt)
        for name, chart in (("wide", picture.chart), ("narrow", picture.narrow or picture.chart))
    }
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(
        *(Markup(svg) for svg in drawn.values())  # noqa: S704 - the renderer's own output
    )
