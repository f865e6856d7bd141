"""A whole document as one picture, for a README or a slide: headline, all charts, the source below."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from tracker.report.charts.drawing import compose
from tracker.report.charts.leaves import PALETTE, WIDTH
from tracker.report.text.labels import tie_amounts, untie_amounts

if TYPE_CHECKING:
    from tracker.report.document import Document, Picture
    from tracker.report.text.language import Language

__all__ = ["picture"]

_HEADLINE_WIDTH: Final = 82
_LEAD_WIDTH: Final = 150
_TITLE_WIDTH: Final = {True: 44, False: 128}  # characters over a narrow chart and over a wide one


def picture(document: Document) -> dict[str, Any]:
    """Make the Vega-Lite specification of the picture, data and all."""
    language = document.language
    charts = [(_make_head(language, drawn), drawn.chart) for section in document.sections for drawn in section.pictures]
    return compose(language, _make_title(document), charts, document.foot)


def _make_title(document: Document) -> dict[str, Any]:
    language = document.language
    return {
        "text": balanced(language, document.headline, _HEADLINE_WIDTH)[:4],
        "subtitle": balanced(language, document.lead, _LEAD_WIDTH)[:6],
        "fontSize": 26,
        "lineHeight": 32,
        "subtitleFontSize": 15,
        "subtitleLineHeight": 21,
        "subtitlePadding": 10,
        "offset": 26,
        "anchor": "start",
    }


def balanced(language: Language, text: str, width: int) -> list[str]:
    """Break text into as few lines as the width allows, of about one length."""
    text = tie_amounts(language, text)
    lines = textwrap.wrap(text, width)
    while width > 1 and len(shorter := textwrap.wrap(text, width - 1)) == len(lines):
        lines, width = shorter, width - 1
    return [untie_amounts(line) for line in lines]


def _make_head(language: Language, drawn: Picture) -> dict[str, Any]:
    width = _TITLE_WIDTH[drawn.chart.width <= WIDTH]
    return {
        "text": balanced(language, drawn.title, width)[:2],
        "subtitle": textwrap.shorten(drawn.unit, width + 20, placeholder=" …"),
        "fontSize": 16,
        "lineHeight": 20,
        "subtitleFontSize": 12,
        "color": PALETTE["ink"],
        "offset": 8,
        "anchor": "start",
    }
