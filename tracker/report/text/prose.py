"""Sentences of a whole report: headline, lead, guidance, and the alternative texts of its charts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.report.text.labels import (
    format_day,
    format_percent,
    format_range,
    format_share,
    format_short,
    name_period,
    strip_unseen,
)
from tracker.report.text.language import phrase
from tracker.report.text.words import (
    capitalize,
    describe_value,
    name_figure_period,
    name_owner,
    noun,
    write_clause,
    write_finding,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.report.data.edition import Edition, EditionCompany, EditionFigure, Guided
    from tracker.report.document import Document
    from tracker.report.text.language import Language

__all__ = [
    "describe_ends",
    "describe_guidance_chart",
    "describe_origin",
    "describe_panel",
    "describe_position",
    "describe_range",
    "describe_remaining",
    "drop_repeated_steps",
    "end_sentence",
    "join_clauses",
    "judge_outcome",
    "write_guidance",
    "write_headline",
    "write_lead",
]


def write_headline(edition: Edition) -> str:
    """Write the finding on the first metric that has a figure, or on the first of all."""
    if edition.definition.title:
        return strip_unseen(edition.definition.title)
    figure = find_lead_figure(edition)
    return write_finding(edition.language, figure, edition.company)


def find_lead_figure(edition: Edition) -> EditionFigure:
    """Find the figure the headline is about."""
    rows = [row for metric in edition.metrics if (row := edition.figure(metric))]
    return next((row for row in rows if row.value is not None), rows[0])


def write_lead(edition: Edition) -> str:
    """Write the sentences under the headline: its base, the other metrics, the guidance."""
    language = edition.language
    first = find_lead_figure(edition)
    opening = (
        [end_sentence(language, write_finding(language, first, edition.company))] if edition.definition.title else []
    )
    return language.gap.join(
        [*opening, *_say_base(language, first), *_say_others(edition, first), *_say_promises(edition)]
    )


def end_sentence(language: Language, text: str) -> str:
    """End a sentence with its full stop."""
    return f"{text}{language.full_stop}"


def _say_base(language: Language, figure: EditionFigure) -> Iterable[str]:
    if figure.yoy_status == "ok" and figure.base is not None:
        text = (
            phrase("A year earlier they were {base}.")
            if noun(language, figure).is_plural
            else phrase("A year earlier it was {base}.")
        )
        yield language.say(text, base=describe_value(language, figure.base, figure.unit))


def _say_others(edition: Edition, first: EditionFigure) -> Iterable[str]:
    language = edition.language
    rows = [row for metric in edition.metrics if metric != first.metric and (row := edition.figure(metric))]
    clauses = [write_clause(language, row, edition.company) for row in rows]
    if clauses:
        yield end_sentence(language, capitalize(join_clauses(language, clauses)))


def join_clauses(language: Language, clauses: Sequence[str]) -> str:
    """Join clauses to one sentence: two plain ones by "and", others by semicolons."""
    is_plain = len(clauses) == 2 and not any(", " in text or "; " in text for text in clauses)  # noqa: PLR2004 - "a and b"
    if is_plain:
        return language.say("{first} and {second}", first=clauses[0], second=clauses[1])
    return language.semicolon.join(clauses)


def _say_promises(edition: Edition) -> Iterable[str]:
    year = find_lead_figure(edition).fiscal_year
    for metric in edition.metrics:
        if sentence := write_guidance(edition, metric, f"FY{year}"):
            yield sentence


def write_guidance(edition: Edition, metric: str, target: str) -> str:
    """Write the guidance for a year and its outcome; empty if there is no guidance in numbers."""
    language = edition.language
    steps = edition.guidance(metric, target)
    spent = edition.year_to_date(metric, int(target[2:]))
    figure = edition.figure(metric) or (spent[-1] if spent else None)
    if not steps or figure is None:
        return ""
    values = {
        "metric": noun(language, figure).name,
        "range": describe_range(language, steps[-1]),
        "year": name_period(language, target, is_calendar=figure.is_calendar),
    }
    if spent and spent[-1].fiscal_period == target:
        came = _CAME[judge_outcome(spent[-1].value, steps[-1])]
        return capitalize(language.say(came, value=describe_value(language, spent[-1].value, figure.unit), **values))
    is_open = edition.known_on <= steps[-1].period_end
    guides = language.say(
        phrase("The company guides to {metric} of {range} for {year}")
        if is_open
        else phrase("The company guided to {metric} of {range} for {year}"),
        **values,
    )
    return end_sentence(
        language, language.semicolon.join([guides, _say_rest(language, steps[-1], spent[-1])]) if spent else guides
    )


_CAME: Final = {
    "inside": phrase("{metric} for {year} came to {value}, inside the {range} the company last guided to."),
    "above": phrase("{metric} for {year} came to {value}, above the {range} the company last guided to."),
    "below": phrase("{metric} for {year} came to {value}, below the {range} the company last guided to."),
    "against": phrase("{metric} for {year} came to {value}, against the {range} the company last guided to."),
}


def _say_rest(language: Language, step: Guided, spent: EditionFigure) -> str:
    done = language.say(_SO_FAR[spent.fiscal_quarter], value=describe_value(language, spent.value, spent.unit))
    left = describe_remaining(language, step, spent.value)
    if left is None:
        return language.say("it had reached {done}, already past that", done=done)
    return language.say("after {done}, the rest of the year must add {left}", done=done, left=left)


_SO_FAR: Final = {
    1: phrase("{value} in the first quarter"),
    2: phrase("{value} in the first half"),
    3: phrase("{value} in the first nine months"),
    4: phrase("{value} in the year"),
}


def describe_remaining(language: Language, step: Guided, so_far: Decimal | None) -> str | None:
    """Say what the rest must add to end inside the range: $21.8 to 24.8 billion; None if the high end is passed."""
    done = so_far or Decimal(0)
    low = None if step.low is None else max(step.low - done, Decimal(0))
    high = None if step.high is None else step.high - done
    return None if high is not None and high < 0 else describe_ends(language, low, high, step.unit)


def judge_outcome(value: Decimal | None, step: Guided) -> str:
    """Compare an outcome with a range: inside, above or below."""
    if value is None:
        return "against"
    if step.low is not None and value < step.low:
        return "below"
    return "above" if step.high is not None and value > step.high else "inside"


def describe_position(language: Language, value: Decimal | None, step: Guided) -> str:
    """Say how far up its range an inside outcome lies: `61% up the range`; empty elsewhere."""
    if (
        value is None
        or step.low is None
        or step.high is None
        or not step.low <= value <= step.high
        or step.low == step.high
    ):
        return ""
    return language.say(
        "{percent} up the range", percent=format_share(language, (value - step.low) / (step.high - step.low))
    )


def describe_range(language: Language, step: Guided) -> str:
    """Write a promised range with its currency and scale: $37 to 40 billion, `at least $60 billion`."""
    return describe_ends(language, step.low, step.high, step.unit)


def describe_ends(language: Language, low: Decimal | None, high: Decimal | None, unit: str) -> str:
    """Write a range by its ends, with its currency and scale; an end that is open is None."""
    if low is None or high is None:
        known = format_short(language, (low if high is None else high) or Decimal(0), unit)
        return (
            language.say("at least {amount}", amount=known)
            if high is None
            else language.say("at most {amount}", amount=known)
        )
    return format_short(language, low, unit) if low == high else format_range(language, low, high, unit)


def describe_origin(document: Document) -> str:
    """Say which data a report rests on, before the command that makes it again."""
    language = document.language
    known = format_day(language, document.known_on)
    if document.definition.as_of:
        text = phrase("As known at {moment}; the latest statement is of {day}.")
        first = language.say(text, moment=document.definition.as_of, day=known)
    else:
        first = language.say("With all that was known by {day}.", day=known)
    return language.gap.join(
        [first, language.say("Warehouse commit {commit}. Made again by", commit=str(document.commit))]
    )


def describe_panel(
    language: Language, series: Sequence[EditionFigure], figure: EditionFigure | None, company: EditionCompany
) -> str:
    """Describe what a panel of levels and growth shows, in two sentences."""
    known = [row for row in series if row.value is not None]
    if not known:
        return language.say("No figure is known for these periods.")
    highest = max(known, key=lambda row: row.value or Decimal(0))
    first, last, top = (
        f"{name_figure_period(language, row)} ({describe_value(language, row.value, row.unit)})"
        for row in (known[0], known[-1], highest)
    )
    levels = language.say(
        "Columns of {owner} {metric} from {first} to {last}, highest in {top}.",
        **name_owner(language, company.short),
        metric=noun(language, known[0]).name,
        first=first,
        last=last,
        top=top,
    )
    return language.gap.join([levels, _describe_growth_chart(language, known, figure)])


def _describe_growth_chart(language: Language, known: Sequence[EditionFigure], figure: EditionFigure | None) -> str:
    rated = [row for row in known if row.rate is not None]
    if not rated:
        return language.say("No growth on a year earlier can be stated.")
    least, most = (
        _rate_and_period(language, pick(rated, key=lambda row: row.rate or Decimal(0))) for pick in (min, max)
    )
    if figure is None or figure.rate is None:
        return language.say("Below, growth on a year earlier ranges from {least} to {most}.", least=least, most=most)
    return language.say(
        "Below, growth on a year earlier is {rate} in {period}, and ranges from {least} to {most}.",
        rate=format_percent(language, figure.rate),
        period=name_figure_period(language, figure),
        least=least,
        most=most,
    )


def _rate_and_period(language: Language, figure: EditionFigure) -> str:
    period = name_figure_period(language, figure).removeprefix("the ")
    return f"{format_percent(language, figure.rate or Decimal(0))} ({period})"


def describe_guidance_chart(edition: Edition, metric: str, target: str) -> str:
    """Describe a chart of promises: each range with its day, then what came of them."""
    language = edition.language
    steps = edition.guidance(metric, target)
    ranges = language.semicolon.join(
        language.say(
            "{range} from {day}", range=describe_range(language, step), day=format_day(language, step.issued_on)
        )
        for step in drop_repeated_steps(steps)
    )
    spent = edition.year_to_date(metric, int(target[2:]))
    so_far = language.comma.join(
        language.say(
            "{value} by {day}",
            value=describe_value(language, row.value, row.unit),
            day=format_day(language, row.period_end),
        )
        for row in spent
    )
    bands = language.say("Bands of guidance: {ranges}.", ranges=ranges)
    return language.gap.join(
        [bands, language.say("A line of the sum so far: {sums}.", sums=so_far)] if so_far else [bands]
    )


def drop_repeated_steps(steps: Sequence[Guided]) -> tuple[Guided, ...]:
    """Keep the steps at which a range changed; a repeated range is not a step of its own."""
    return tuple(
        step
        for at, step in enumerate(steps)
        if at == 0 or (step.low, step.high) != (steps[at - 1].low, steps[at - 1].high)
    )
