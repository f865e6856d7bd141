"""Sentences of a whole report: headline, lead, what was promised, and the alternative texts of its charts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.report.text.labels import day, percent, period_words, range_of, seen, share, short_of
from tracker.report.text.language import mark, phrase, say
from tracker.report.text.words import capital, clause, finding, noun, told, when, whose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.report.data.edition import Company, Edition, Figure, Guided
    from tracker.report.document import Document

__all__ = [
    "alt_guidance",
    "alt_panel",
    "changed",
    "guidance_sentence",
    "headline",
    "joined",
    "lead",
    "origin",
    "outcome",
    "position",
    "range_words",
    "remaining",
    "stop",
]


def headline(edition: Edition) -> str:
    """The finding on the first metric that has a figure, or on the first of all where none has."""
    if edition.definition.title:
        return seen(edition.definition.title)
    figure = lead_figure(edition)
    return finding(figure, edition.company)


def lead_figure(edition: Edition) -> Figure:
    """The figure the headline is about."""
    rows = [row for metric in edition.metrics if (row := edition.figure(metric))]
    return next((row for row in rows if row.value is not None), rows[0])


def lead(edition: Edition) -> str:
    """The sentences under the headline: the base it is measured from, the other metrics, the promise."""
    first = lead_figure(edition)
    opening = [stop(finding(first, edition.company))] if edition.definition.title else []
    return mark("gap").join([*opening, *_base_sentence(first), *_others(edition, first), *_promises(edition)])


def stop(text: str) -> str:
    """A sentence with its full stop."""
    return f"{text}{mark('full_stop')}"


def _base_sentence(figure: Figure) -> Iterable[str]:
    if figure.yoy_status == "ok" and figure.base is not None:
        text = (
            phrase("A year earlier they were {base}.")
            if noun(figure).is_plural
            else phrase("A year earlier it was {base}.")
        )
        yield say(text, base=told(figure.base, figure))


def _others(edition: Edition, first: Figure) -> Iterable[str]:
    rows = [row for metric in edition.metrics if metric != first.metric and (row := edition.figure(metric))]
    clauses = [clause(row, edition.company) for row in rows]
    if clauses:
        yield stop(capital(joined(clauses)))


def joined(clauses: Sequence[str]) -> str:
    """Clauses as one sentence: two plain ones by "and", others by semicolons."""
    is_plain = len(clauses) == 2 and not any(", " in text or "; " in text for text in clauses)  # noqa: PLR2004 - "a and b"
    if is_plain:
        return say("{first} and {second}", first=clauses[0], second=clauses[1])
    return mark("semicolon").join(clauses)


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
    values = {
        "metric": noun(figure).name,
        "range": range_words(steps[-1]),
        "year": period_words(target, is_calendar=figure.is_calendar),
    }
    if spent and spent[-1].fiscal_period == target:
        came = _CAME[outcome(spent[-1].value, steps[-1])]
        return capital(say(came, value=told(spent[-1].value, figure), **values))
    is_open = edition.known_on <= steps[-1].period_end
    guides = say(
        phrase("The company guides to {metric} of {range} for {year}")
        if is_open
        else phrase("The company guided to {metric} of {range} for {year}"),
        **values,
    )
    return stop(mark("semicolon").join([guides, _rest(steps[-1], spent[-1])]) if spent else guides)


_CAME: Final = {
    "inside": phrase("{metric} for {year} came to {value}, inside the {range} the company last guided to."),
    "above": phrase("{metric} for {year} came to {value}, above the {range} the company last guided to."),
    "below": phrase("{metric} for {year} came to {value}, below the {range} the company last guided to."),
    "against": phrase("{metric} for {year} came to {value}, against the {range} the company last guided to."),
}


def _rest(step: Guided, spent: Figure) -> str:
    done = say(_SO_FAR[spent.fiscal_quarter], value=told(spent.value, spent))
    left = remaining(step, spent)
    if left is None:
        return say("it had reached {done}, already past that", done=done)
    return say("after {done}, the rest of the year must add {left}", done=done, left=left)


_SO_FAR: Final = {
    1: phrase("{value} in the first quarter"),
    2: phrase("{value} in the first half"),
    3: phrase("{value} in the first nine months"),
    4: phrase("{value} in the year"),
}


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
    return say("{percent} up the range", percent=share((value - step.low) / (step.high - step.low)))


def range_words(step: Guided) -> str:
    """A promised range with its currency and scale: $37 to 40 billion, `at least $60 billion`."""
    return _range(step.low, step.high, step.unit)


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is None or high is None:
        known = short_of((low if high is None else high) or Decimal(0), unit)
        return say("at least {amount}", amount=known) if high is None else say("at most {amount}", amount=known)
    return short_of(low, unit) if low == high else range_of(low, high, unit)


def origin(document: Document) -> str:
    """What a report rests on, before the command that makes it again."""
    known = day(document.known_on)
    if document.definition.as_of:
        text = phrase("As known at {moment}; the latest statement is of {day}.")
        first = say(text, moment=document.definition.as_of, day=known)
    else:
        first = say("With all that was known by {day}.", day=known)
    return mark("gap").join([first, say("Warehouse commit {commit}. Made again by", commit=str(document.commit))])


def alt_panel(series: Sequence[Figure], figure: Figure | None, company: Company) -> str:
    """What a panel of levels and growth shows, in two sentences."""
    known = [row for row in series if row.value is not None]
    if not known:
        return say("No figure is known for these periods.")
    highest = max(known, key=lambda row: row.value or Decimal(0))
    first, last, top = (f"{when(row)} ({told(row.value, row)})" for row in (known[0], known[-1], highest))
    levels = say(
        "Columns of {owner} {metric} from {first} to {last}, highest in {top}.",
        **whose(company.short),
        metric=noun(known[0]).name,
        first=first,
        last=last,
        top=top,
    )
    return mark("gap").join([levels, _alt_growth(known, figure)])


def _alt_growth(known: Sequence[Figure], figure: Figure | None) -> str:
    rated = [row for row in known if row.rate is not None]
    if not rated:
        return say("No growth on a year earlier can be stated.")
    least, most = (_rate(pick(rated, key=lambda row: row.rate or Decimal(0))) for pick in (min, max))
    if figure is None or figure.rate is None:
        return say("Below, growth on a year earlier ranges from {least} to {most}.", least=least, most=most)
    return say(
        "Below, growth on a year earlier is {rate} in {period}, and ranges from {least} to {most}.",
        rate=percent(figure.rate),
        period=when(figure),
        least=least,
        most=most,
    )


def _rate(figure: Figure) -> str:
    return f"{percent(figure.rate or Decimal(0))} ({when(figure).removeprefix('the ')})"


def alt_guidance(edition: Edition, metric: str, target: str) -> str:
    """What a chart of promises shows: each range with its day, then what came of them."""
    steps = edition.guidance(metric, target)
    ranges = mark("semicolon").join(
        say("{range} from {day}", range=range_words(step), day=day(step.issued_on)) for step in changed(steps)
    )
    spent = edition.year_to_date(metric, int(target[2:]))
    so_far = mark("comma").join(
        say("{value} by {day}", value=told(row.value, row), day=day(row.period_end)) for row in spent
    )
    bands = say("Bands of guidance: {ranges}.", ranges=ranges)
    return mark("gap").join([bands, say("A line of the sum so far: {sums}.", sums=so_far)] if so_far else [bands])


def changed(steps: Sequence[Guided]) -> tuple[Guided, ...]:
    """The steps at which a range changed; one said again is no step of its own."""
    return tuple(
        step
        for at, step in enumerate(steps)
        if at == 0 or (step.low, step.high) != (steps[at - 1].low, steps[at - 1].high)
    )
