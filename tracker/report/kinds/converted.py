"""Convert the figures of companies into one currency, and say what a reader must know about the rates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tracker.errors import NothingMatchedError
from tracker.report.data.conversion import convert_edition, read_conversions
from tracker.report.document import Cell, Column, Row, Table
from tracker.report.text.labels import format_days, format_number, format_trimmed, isolate
from tracker.report.text.language import phrase
from tracker.report.text.prose import end_sentence
from tracker.report.text.reason_words import say_reason
from tracker.report.text.words import describe_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from tracker.report.data.conversion import Conversion
    from tracker.report.data.edition import Edition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["convert_editions", "describe_rates", "list_conversions", "make_rate_table"]


def list_conversions(
    warehouse: Warehouse, editions: Mapping[str, Edition], currency: str
) -> dict[str, Mapping[date, Conversion]]:
    """List the figures of each company in a currency.

    Raises:
        NothingMatchedError: no table of exchange rates has the currency.

    """
    found = {prefix: read_conversions(warehouse, edition, currency) for prefix, edition in editions.items()}
    if not any(found.values()):
        name = next(iter(editions.values())).definition.name
        raise NothingMatchedError(f"{name}: no table of exchange rates has {currency}; put one into seeds/fx.csv")
    return found


def convert_editions(
    editions: Mapping[str, Edition], conversions: Mapping[str, Mapping[date, Conversion]]
) -> dict[str, Edition]:
    """Convert the figures of each company."""
    return {prefix: convert_edition(edition, conversions[prefix]) for prefix, edition in editions.items()}


def describe_rates(
    language: Language, editions: Mapping[str, Edition], conversions: Mapping[str, Mapping[date, Conversion]]
) -> Iterator[str]:
    """Say how amounts were converted, and why an amount of the report's period was not."""
    used = [one for found in conversions.values() for one in found.values() if one.rate_source]
    if used:
        yield language.say(
            "Amounts are in {currency}: those of a period by the average of its daily rates, balances by the rate of"
            " their day or of the last day before it, as {place} gives them.",
            currency=used[0].currency,
            place=isolate(language, used[0].rate_source or ""),
        )
        yield language.say("Growth of a company is measured in the currency in which it reports.")
    for prefix, edition in editions.items():
        row = edition.figure(edition.metrics[0])
        refused = conversions[prefix].get(row.period_end) if row else None
        if refused is not None and refused.status == "refused":
            reason = say_reason(language, refused)
            name = isolate(language, edition.company.short)
            yield end_sentence(language, language.say("{period}: {reason}", period=name, reason=reason))


def make_rate_table(
    language: Language, editions: Mapping[str, Edition], conversions: Mapping[str, Mapping[date, Conversion]]
) -> Table:
    """Make the table of all amounts as stated, each with its rate, the days of the rate and the table of rates."""
    rows = tuple(
        _make_row(language, edition, row.fiscal_period, conversions[prefix][row.period_end])
        for prefix, edition in editions.items()
        for row in reversed(edition.series(edition.metrics[0]))
        if row.period_end in conversions[prefix]
    )
    columns = (
        Column(phrase("Company")),
        Column(phrase("Quarter")),
        Column(phrase("As stated"), "number"),
        Column(phrase("Rate"), "number"),
        Column(phrase("Days of the rate")),
        Column(phrase("Source")),
    )
    return Table("t-rates", language.say("Amounts as stated, and their rates"), columns, rows, language.say("Rates"))


def _make_row(language: Language, edition: Edition, period: str, one: Conversion) -> Row:
    rate = Cell("", tone="muted") if one.rate is None else Cell(format_trimmed(language, one.rate, 12), one.rate)
    days = "" if one.rate_from is None or one.rate_to is None else format_days(language, one.rate_from, one.rate_to)
    if one.rate_days and one.rate_days > 1:
        days = language.say("{days} ({count})", days=days, count=format_number(language, Decimal(one.rate_days), 0))
    return Row(
        (
            Cell(isolate(language, edition.company.short)),
            Cell(period),
            Cell(describe_value(language, one.stated_value, one.stated_unit), one.stated_value, unit=one.stated_unit),
            rate,
            Cell(say_reason(language, one) if one.status == "refused" else days),
            Cell(one.rate_source or ""),
        ),
        period == edition.period,
    )
