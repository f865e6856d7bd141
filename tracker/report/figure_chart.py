"""The chart of one metric of one company, as the reports draw it, as an Altair chart that you can change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from tracker.report.charts.drawing import chart_spec
from tracker.report.charts.leaves import PALETTE
from tracker.report.charts.panel import draw_panel
from tracker.report.data.edition import read_edition
from tracker.report.definition import Definition, check
from tracker.report.text.language import language_of

if TYPE_CHECKING:
    from tracker.warehouse.reader import Warehouse

__all__ = ["chart_of"]


def chart_of(warehouse: Warehouse, entity: str, metric: str, period: str | None = None) -> alt.VConcatChart:
    """Draw a metric of a company, by its id, as an Altair chart: levels, and below them growth on a year earlier.

    `period` is the one that stands out, and decides whether quarters, half-years or years are drawn; None for the
    latest quarter. The chart holds its data and the reports' look; your own charts stay as they are.

    Raises:
        NothingMatchedError: the company or the period has no figure of the metric.
        UsageError: the text is no period.

    """
    definition = Definition(f"{metric}-chart", "growth", (entity,), (metric,), period, warehouse.as_of, None, ("html",))
    check(definition)
    language = language_of("en")
    edition = read_edition(warehouse, definition, language, is_bare=True)
    spec = chart_spec(language, draw_panel(edition, metric)) | {"background": PALETTE["paper"]}
    return alt.VConcatChart.from_dict(spec)
