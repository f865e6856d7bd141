"""How pages look: templates in the style of the reports, and how numbers are printed in them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import jinja2
from markupsafe import Markup

from tracker.files.sparkline import draw_sparkline
from tracker.model.quantity import amount_text
from tracker.report.text.labels import (
    format_amount,
    format_day,
    format_number,
    format_percent,
    format_percent_range,
    format_share,
    to_ratio,
)
from tracker.report.text.language import language_of
from tracker.report.text.prose import describe_ends

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.answers.company import ForecastStep, StatementLine
    from tracker.serve.pages import ShownPage

__all__ = ["draw_page", "style"]

_ENGLISH: Final = language_of("en")
_RATIO: Final = "ratio"
_MILLION: Final = Decimal(10) ** 6
#: Lines whose largest amount is below this are printed in whole units.
_SMALL: Final = 10 * _MILLION


@cache
def style() -> tuple[str, str]:
    """Return the style of all pages (that of the reports, then our own rules), and its hash."""
    reports = files("tracker").joinpath("report", "output", "page.css").read_text("utf-8")
    text = reports + _read_template("serve.css")
    return text, hashlib.sha256(text.encode()).hexdigest()[:16]


def _read_template(name: str) -> str:
    return files("tracker").joinpath("serve", "templates", name).read_text("utf-8")


def draw_page(page: ShownPage, path: str, query: Mapping[str, str]) -> str:
    """Draw a page as HTML; `path` and `query` are those of its address."""
    as_of = page.data.get("as_of")
    json_query = {name: value for name, value in query.items() if value}
    address = path if path != "/" else "/companies"
    return (
        _load_templates()
        .get_template(page.template)
        .render(
            {
                **page.data,
                **page.beside,
                "title": page.title,
                "path": path,
                "json_address": _make_address(f"{address}.json", json_query),
                "style_hash": style()[1],
                "link": partial(_link, as_of),
            }
        )
    )


def _link(moment: str | None, /, *parts: str, **query: object) -> str:
    """Return the address of a page, with the as-of moment of the page that links to it."""
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    known = {name: str(value) for name, value in query.items() if value not in {None, ""}}
    return _make_address(path, known | ({"as_of": moment} if moment and "as_of" not in query else {}))


def _make_address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


@cache
def _load_templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(
            lambda name: files("tracker").joinpath("serve", "templates", name).read_text("utf-8")
        ),
    )
    environment.filters |= {
        "amount": _print_amount,
        "cell": _print_cell,
        "day": _print_day,
        "ends": _print_ends,
        "growth": _print_growth,
        "line_unit": _name_line_unit,
        "spark": lambda points: Markup(draw_sparkline(points)),  # noqa: S704 - numbers of ours
        "within": _print_bounds,
    }
    return environment


def _print_amount(value: Decimal | None, unit: str) -> str:
    if value is None:
        return ""
    return amount_text(value, unit) if unit == _RATIO else format_amount(_ENGLISH, value, unit)


def _print_ends(step: ForecastStep) -> str:
    if step.unit != _RATIO:
        return describe_ends(_ENGLISH, step.low, step.high, step.unit)
    low, high = (None if end is None else amount_text(end, _RATIO) for end in (step.low, step.high))
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return low if low == high else f"{low} to {high}"


def _print_growth(ratio: float | Decimal | None) -> str:
    return "" if ratio is None else format_percent(_ENGLISH, _exact(ratio))


def _print_bounds(row: Any) -> str:
    if row.yoy_low is None and row.yoy_high is None:
        return ""
    low, high = (None if end is None else _exact(end) for end in (row.yoy_low, row.yoy_high))
    return format_percent_range(_ENGLISH, low, high, 1)


def _exact(ratio: float | Decimal) -> Decimal:
    return to_ratio(ratio) if isinstance(ratio, float) else ratio


def _print_day(moment: date | datetime | None) -> str:
    if moment is None:
        return ""
    return format_day(_ENGLISH, moment.date() if isinstance(moment, datetime) else moment)


def _print_cell(value: Decimal | None, line: StatementLine) -> str:
    """Print a figure in a table of statements, in the unit that its line names."""
    if value is None:
        return ""
    if line.measure == _RATIO:
        return format_share(_ENGLISH, value, 1)
    if "/" in line.unit:
        return format_number(_ENGLISH, value, 2)
    return format_number(_ENGLISH, value if _is_small(line) else value / _MILLION, 0)


def _name_line_unit(line: StatementLine) -> str:
    """Return the unit of a line; empty for ratios and for millions of money."""
    if line.measure == _RATIO:
        return ""
    if "/" in line.unit:
        return line.unit.replace("/", " per ").removesuffix("s")
    if _is_small(line):
        return "" if line.unit == "count" else f"whole {line.unit}"
    return "millions" if line.unit == "count" else ""


def _is_small(line: StatementLine) -> bool:
    values: Sequence[Decimal] = [abs(cell.value) for cell in line.cells if cell is not None and cell.value is not None]
    return max(values, default=Decimal(0)) < _SMALL
