"""What a reader must know to trust a figure: definitions, and all that is derived, missing, restated or in conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.report.charts import CAP
from tracker.report.labels import amount, day, days, percent
from tracker.report.words import capital, noun, when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.report.edition import Edition, Figure

__all__ = ["notes"]


def notes(edition: Edition) -> list[tuple[str, str]]:
    """Pairs of a short title and a sentence or two, in the order a reader needs them."""
    found = [
        *_definitions(edition),
        *_derived(edition),
        *_missing(edition),
        *_restated(edition),
        *_conflicts(edition),
        *_bounds(edition),
        *_later(edition),
    ]
    return [(title, text) for title, text in found if text]


def _definitions(edition: Edition) -> Iterable[tuple[str, str]]:
    for metric in edition.metrics:
        row = _any(edition, metric)
        basis = edition.bases.get(metric)
        if basis:
            yield capital(noun(row).name), f"{capital(basis)}." if ":" not in basis else f"As filed under {basis}."


def _any(edition: Edition, metric: str) -> Figure:
    return next(row for row in edition.figures if row.metric == metric)


def _derived(edition: Edition) -> Iterable[tuple[str, str]]:
    names = [noun(_any(edition, metric)).name for metric in edition.metrics if _count(edition, metric, "derived")]
    counts = [
        f"{_count(edition, metric, 'derived')} of {len(edition.series(metric))} for {noun(_any(edition, metric)).name}"
        for metric in edition.metrics
        if _count(edition, metric, "derived")
    ]
    if names:
        yield (
            "Derived figures",
            f"{'; '.join(counts)}. A quarter that no filing states is the year to date less the year to date before, "
            "from filings in which both were true; a metric of several parts is their sum.",
        )
    stated = [
        f"{_count(edition, metric, 'stated')} for {noun(_any(edition, metric)).name}"
        for metric in edition.metrics
        if _count(edition, metric, "stated")
    ]
    if stated:
        yield "From articles or data sets", f"{'; '.join(stated)}: no filing of these is in the warehouse."


def _count(edition: Edition, metric: str, method: str) -> int:
    return sum(row.method == method for row in edition.series(metric))


def _missing(edition: Edition) -> Iterable[tuple[str, str]]:
    gaps = [row for metric in edition.metrics for row in edition.series(metric) if row.value is None]
    if gaps:
        yield (
            "Missing",
            "; ".join(f"{noun(row).name} {row.fiscal_period}: {row.reason or 'not stated'}" for row in gaps) + ".",
        )
    absent = [noun(_any(edition, metric)).name for metric in edition.metrics if edition.figure(metric) is None]
    absent += [metric for metric in edition.definition.metrics if metric not in edition.metrics]
    if absent:
        yield "Not on record", f"{', '.join(absent)} for {edition.period}."


def _restated(edition: Edition) -> Iterable[tuple[str, str]]:
    changes = [
        f"{row.concept} for {days(row.period_start, row.period_end)} went from {amount(row.value_before, row.unit, 3)}"
        f" ({row.accession_before}) to {amount(row.value, row.unit, 3)} ({row.accession}) on {day(row.known_on)}."
        for row in edition.restated
    ]
    if changes:
        yield "Restated", f"{' '.join(changes)} Growth uses the later figures on both sides."


def _conflicts(edition: Edition) -> Iterable[tuple[str, str]]:
    wrong = [claim for claim in edition.claims if "unsupported" in {claim.filed_verdict, claim.own_verdict}]
    if wrong:
        yield (
            "In conflict",
            f"{len(wrong)} growth claims of articles do not follow from filings or from the article’s own figures; the table of articles marks them.",
        )


def _bounds(edition: Edition) -> Iterable[tuple[str, str]]:
    yield (
        "Bounds",
        "A printed figure is an interval: 8.5 billion means 8.45 to 8.55. Bounds of figures and growth rates are what that "
        "rounding leaves open, printed outward; all other numbers are rounded half up.",
    )
    rates = [row.yoy_ratio or 0 for metric in edition.metrics for row in edition.series(metric)]
    if max(rates, default=0) > CAP:
        yield "Cut off", f"Columns of growth end at {percent(CAP, 0)}; their labels do not."


def _later(edition: Edition) -> Iterable[tuple[str, str]]:
    own = next(row for metric in edition.metrics if (row := edition.figure(metric)))
    if any(row.period_end > own.period_end for metric in edition.metrics for row in edition.series(metric)):
        yield (
            "Later periods",
            f"What came after {when(own)} is shown too, in grey. With --as-of and a day, only what was known by then is.",
        )
