"""The whole report as one picture, for a README or a slide: headline, all charts, the source below."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from tracker.report.charts import chart_scale, panel, unit_words
from tracker.report.drawing import WIDE, compose
from tracker.report.labels import APOSTROPHE, day, period_words, tied, untied
from tracker.report.leaves import PALETTE
from tracker.report.promise import guidance_chart, scale_of_steps
from tracker.report.prose import headline, lead
from tracker.report.words import capital, noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.report.edition import Edition
    from tracker.report.leaves import Chart

__all__ = ["picture"]

_HEADLINE_WIDTH: Final = 82
_LEAD_WIDTH: Final = 150


def picture(edition: Edition) -> dict[str, Any]:
    """The Vega-Lite specification of the picture, data and all."""
    return compose(_title(edition), list(_charts(edition)), _foot(edition))


def _title(edition: Edition) -> dict[str, Any]:
    return {
        "text": _balanced(headline(edition), _HEADLINE_WIDTH)[:4],
        "subtitle": _balanced(lead(edition), _LEAD_WIDTH)[:5],
        "fontSize": 26,
        "lineHeight": 32,
        "subtitleFontSize": 15,
        "subtitleLineHeight": 21,
        "subtitlePadding": 10,
        "offset": 26,
        "anchor": "start",
    }


def _balanced(text: str, width: int) -> list[str]:
    """The text in as few lines as the width allows, of about one length."""
    text = tied(text)
    lines = textwrap.wrap(text, width)
    while width > 1 and len(shorter := textwrap.wrap(text, width - 1)) == len(lines):
        lines, width = shorter, width - 1
    return [untied(line) for line in lines]


def _charts(edition: Edition) -> Iterator[tuple[dict[str, Any], Chart]]:
    for metric in edition.metrics:
        series = edition.series(metric)
        unit = unit_words(series[0], chart_scale(series))
        yield _head(capital(noun(series[0]).name), unit), panel(edition, metric)
    for metric in edition.metrics:
        row = edition.series(metric)[0]
        target = f"FY{next(figure.fiscal_year for figure in edition.figures if figure.fiscal_period == edition.period)}"
        chart = guidance_chart(edition, metric, target, WIDE)
        if chart is not None:
            year = period_words(target, is_calendar=row.is_calendar)
            title = f"{capital(noun(row).name)} for {year}: guidance and outcome"
            unit = capital(unit_words(row, scale_of_steps(edition.guidance(metric, target))))
            begun = edition.year_to_date(metric, int(target[2:]))
            line = "; line: sum since the start of the year" if begun else ""
            yield _head(title, f"{unit}; bands: guidance in force{line}"), chart


def _head(title: str, unit: str) -> dict[str, Any]:
    return {
        "text": textwrap.shorten(title, 120, placeholder=" …"),
        "subtitle": unit,
        "fontSize": 16,
        "subtitleFontSize": 12,
        "color": PALETTE["ink"],
        "offset": 8,
        "anchor": "start",
    }


_KINDS: Final = {"filing": "company filings", "article": "articles", "dataset": "data sets", "news": "news reports"}


def _foot(edition: Edition) -> list[str]:
    kinds = dict.fromkeys(_KINDS.get(row.source_kind or "", "statements") for row in edition.evidence.values())
    known = f"Source: {', '.join(sorted(kinds))}; known by {day(edition.known_on)}."
    return [
        f"{known} Blue: the period of the headline; dark grey: a year earlier.",
        f"Guidance as reported when issued. The report{APOSTROPHE}s table has every figure, its bounds and its source.",
    ]
