"""Sentences of a whole report: headline, lead, what was promised, and the alternative texts of its charts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.report.labels import DASH, day, percent, period_words, scale_of, seen, symbol, trimmed
from tracker.report.words import capital, clause, finding, noun, possessive, told, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.report.edition import Company, Edition, Figure, Guided

__all__ = [
    "alt_guidance",
    "alt_panel",
    "changed",
    "guidance_sentence",
    "headline",
    "lead",
    "outcome",
    "position",
    "range_words",
    "remaining",
]


def headline(edition: Edition) -> str:
    """The finding on the first metric that has a figure, or on the first of all where none has."""
    if edition.definition.title:
        return seen(edition.definition.title)
    figure = lead_figure(edition)
    return finding(figure, edition.company, when(figure))


def lead_figure(edition: Edition) -> Figure:
    """The figure the headline is about."""
    rows = [row for metric in edition.metrics if (row := edition.figure(metric))]
    return next((row for row in rows if row.value is not None), rows[0])


def lead(edition: Edition) -> str:
    """The sentences under the headline: the base it is measured from, the other metrics, the promise."""
    first = lead_figure(edition)
    opening = [f"{finding(first, edition.company, when(first))}."] if edition.definition.title else []
    return " ".join([*opening, *_base_sentence(first), *_others(edition, first), *_promises(edition)])


def _base_sentence(figure: Figure) -> Iterable[str]:
    if figure.yoy_status == "ok" and figure.base is not None:
        it = "they were" if noun(figure).is_plural else "it was"
        yield f"A year earlier {it} {told(figure.base, figure)}."


def _others(edition: Edition, first: Figure) -> Iterable[str]:
    rows = [row for metric in edition.metrics if metric != first.metric and (row := edition.figure(metric))]
    clauses = [clause(row, edition.company) for row in rows]
    if clauses:
        yield capital(_joined(clauses)) + "."


def _joined(clauses: Sequence[str]) -> str:
    is_plain = len(clauses) <= 2 and not any("," in text or ";" in text for text in clauses)  # noqa: PLR2004 - "a and b"
    return (" and " if is_plain else "; ").join(clauses)


def _promises(edition: Edition) -> Iterable[str]:
    year = lead_figure(edition).fiscal_year
    for metric in edition.metrics:
        if sentence := guidance_sentence(edition, metric, f"FY{year}"):
            yield sentence


def guidance_sentence(edition: Edition, metric: str, target: str) -> str:
    """What was promised for a year and what has come of it; empty where nothing was promised in numbers."""
    steps = edition.guidance(metric, target)
    spent = edition.year_to_date(metric, int(target[2:]))
    figure = edition.figure(metric) or (spent[-1] if spent else None)
    if not steps or figure is None:
        return ""
    year = period_words(target, is_calendar=figure.is_calendar)
    promised = range_words(steps[-1])
    name = noun(figure).name
    if spent and spent[-1].fiscal_period == target:
        where = outcome(spent[-1].value, steps[-1])
        came = f"{capital(name)} for {year} came to {told(spent[-1].value, figure)}"
        return f"{came}, {where} the {promised} the company last guided to."
    rest = f"; {_rest(steps[-1], spent[-1])}" if spent else ""
    guides = "guides" if edition.known_on <= steps[-1].period_end else "guided"
    return f"The company {guides} to {name} of {promised} for {year}{rest}."


def _rest(step: Guided, spent: Figure) -> str:
    so_far = f"{told(spent.value, spent)} in the first {_SO_FAR[spent.fiscal_quarter]}"
    left = remaining(step, spent)
    if left is None:
        return f"it had reached {so_far}, already past that"
    return f"after {so_far}, the rest of the year must add {left}"


_SO_FAR: Final = {1: "quarter", 2: "half", 3: "nine months", 4: "year"}


def remaining(step: Guided, spent: Figure) -> str | None:
    """What must still come to end inside the range: $21.8 to 24.8 billion; None where the high end is passed."""
    done = spent.value or Decimal(0)
    low = None if step.low is None else max(step.low - done, Decimal(0))
    high = None if step.high is None else step.high - done
    return None if high is not None and high < 0 else _range(low, high, step.unit)


def outcome(value: Decimal | None, step: Guided) -> str:
    """Where an outcome lies against a range: inside, above, below."""
    if value is None:
        return "against"
    if step.low is not None and value < step.low:
        return "below"
    return "above" if step.high is not None and value > step.high else "inside"


def position(value: Decimal | None, step: Guided) -> str:
    """How far up its range an inside outcome lies: `61% up the range`; empty elsewhere."""
    if (
        value is None
        or step.low is None
        or step.high is None
        or not step.low <= value <= step.high
        or step.low == step.high
    ):
        return ""
    return f"{trimmed((value - step.low) / (step.high - step.low) * 100, 0)}% up the range"


def range_words(step: Guided) -> str:
    """A promised range with its currency and scale: $37 to 40 billion, `at least $60 billion`."""
    return _range(step.low, step.high, step.unit)


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is None or high is None:
        known = low if high is None else high
        return f"{'at least' if high is None else 'at most'} {_short(known or Decimal(0), unit)}"
    if low == high:
        return _short(low, unit)
    scale = scale_of(high)
    numbers = DASH.join(trimmed(scale.of(end), 1) for end in (low, high))
    return f"{symbol(unit)}{numbers}{' ' if scale.word else ''}{scale.word}"


def _short(value: Decimal, unit: str) -> str:
    scale = scale_of(value)
    return f"{symbol(unit)}{trimmed(scale.of(value), 1)}{' ' if scale.word else ''}{scale.word}"


def alt_panel(series: Sequence[Figure], figure: Figure | None, company: Company) -> str:
    """What a panel of levels and growth shows, in two sentences."""
    known = [row for row in series if row.value is not None]
    if not known:
        return "No figure is known for these periods."
    top = max(known, key=lambda row: row.value or Decimal(0))
    first, last, highest = (f"{when(row)} ({told(row.value, row)})" for row in (known[0], known[-1], top))
    what = f"{possessive(company.short)} {noun(known[0]).name}"
    return f"Columns of {what} from {first} to {last}, highest in {highest}. {_alt_growth(known, figure)}"


def _alt_growth(known: Sequence[Figure], figure: Figure | None) -> str:
    rated = [row for row in known if row.yoy_ratio is not None]
    if not rated:
        return "No growth on a year earlier can be stated."
    least, most = (pick(rated, key=lambda row: row.yoy_ratio or Decimal(0)) for pick in (min, max))
    here = (
        f"growth on a year earlier is {percent(figure.yoy_ratio)} in {when(figure)}, and ranges"
        if figure is not None and figure.yoy_ratio is not None
        else "growth on a year earlier ranges"
    )
    return f"Below, {here} from {_rate(least)} to {_rate(most)}."


def _rate(figure: Figure) -> str:
    return f"{percent(figure.yoy_ratio or Decimal(0))} ({when(figure).removeprefix('the ')})"


def alt_guidance(edition: Edition, metric: str, target: str) -> str:
    """What a chart of promises shows: each range with its day, then what came of them."""
    steps = edition.guidance(metric, target)
    ranges = "; ".join(f"{range_words(step)} from {day(step.issued_on)}" for step in changed(steps))
    spent = edition.year_to_date(metric, int(target[2:]))
    so_far = ", ".join(f"{told(row.value, row)} by {day(row.period_end)}" for row in spent)
    return f"Bands of guidance: {ranges}." + (f" A line of the sum so far: {so_far}." if so_far else "")


def changed(steps: Sequence[Guided]) -> tuple[Guided, ...]:
    """The steps at which a range changed; one said again is no step of its own."""
    return tuple(
        step
        for at, step in enumerate(steps)
        if at == 0 or (step.low, step.high) != (steps[at - 1].low, steps[at - 1].high)
    )
