"""What a reader must know to trust a figure: definitions, and all that is derived, missing, restated or in conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tracker.report.charts import CAP
from tracker.report.document import Note
from tracker.report.labels import APOSTROPHE, amount, day, days, percent
from tracker.report.words import capital, noun, when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.report.edition import Edition, Evidence, Figure, Guided

__all__ = ["notes"]


def notes(edition: Edition) -> list[Note]:
    """What to know, in the order a reader needs it."""
    found = [
        *_definitions(edition),
        *_derived(edition),
        *_missing(edition),
        *_restated(edition),
        *_conflicts(edition),
        *_bounds(edition),
        *_later(edition),
        *_sources(edition),
    ]
    return [Note(title, text) for title, text in found if text]


def _definitions(edition: Edition) -> Iterable[tuple[str, str]]:
    """What each metric is: the company's definition of it, and what the parts are called where they are filed."""
    for metric in edition.metrics:
        row = edition.figure(metric)
        if row is None or row.value is None:
            continue
        facts = [edition.evidence[sign[1:]] for sign in row.operands if sign[1:] in edition.evidence]
        concepts = dict.fromkeys(fact.concept for fact in facts)
        filed = [concept for concept in concepts if not concept.startswith("stated:")]
        defined = f"{capital(edition.definitions[metric])}; as" if metric in edition.definitions else "As"
        yield capital(noun(row).name), f"{defined} filed under {' and '.join(filed)}." if filed else _STATED


_STATED: Final = "As its source states it; other sources may define it otherwise."


def _any(edition: Edition, metric: str) -> Figure:
    return next(row for row in edition.figures if row.metric == metric)


def _derived(edition: Edition) -> Iterable[tuple[str, str]]:
    derived, stated = (_counts(edition, method) for method in ("derived", "stated"))
    rule = (
        "A quarter that no filing states is the year to date less the year to date before, from filings in which"
        " both were true; a metric of several parts is their sum."
    )
    if derived:
        yield "Derived figures", f"{derived}. {rule}"
    if stated:
        yield "From articles or data sets", f"{stated}: no filing of these is in the warehouse."


def _counts(edition: Edition, method: str) -> str:
    """`3 of 13 for revenue; ...`, for the metrics of which any figure came about so."""
    counts = {metric: _count(edition, metric, method) for metric in edition.metrics}
    return "; ".join(
        f"{count} of {len(edition.series(metric))} for {noun(_any(edition, metric)).name}"
        for metric, count in counts.items()
        if count
    )


def _count(edition: Edition, metric: str, method: str) -> int:
    return sum(row.method == method for row in edition.series(metric))


def _missing(edition: Edition) -> Iterable[tuple[str, str]]:
    gaps = [row for metric in edition.metrics for row in edition.series(metric) if row.value is None]
    if gaps:
        told = [f"{noun(row).name} {row.fiscal_period}: {row.reason or 'not stated'}" for row in gaps]
        yield "Missing", f"{'; '.join(told)}."
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
    wrong = sum("unsupported" in {claim.filed_verdict, claim.own_verdict} for claim in edition.claims)
    if wrong:
        against = (
            f"{wrong} growth rates in articles do not follow from filings or from the article{APOSTROPHE}s own figures"
        )
        yield "In conflict", f"{against}; the table of articles marks them."


_BOUNDS: Final = (
    "A printed figure is an interval: 8.5 billion means 8.45 to 8.55. Bounds of figures and growth rates are what"
    " that rounding leaves open, printed outward; all other numbers are rounded half up."
)


def _bounds(edition: Edition) -> Iterable[tuple[str, str]]:
    yield "Bounds", _BOUNDS
    rates = [row.yoy_ratio for metric in edition.metrics for row in edition.series(metric) if row.yoy_ratio is not None]
    if rates and max(rates) > CAP:
        yield "Cut off", f"Columns of growth end at {percent(CAP, 0)}; their labels do not."


def _later(edition: Edition) -> Iterable[tuple[str, str]]:
    own = next(row for metric in edition.metrics if (row := edition.figure(metric)))
    rows = [row for metric in edition.metrics for row in edition.series(metric)]
    if any(row.period_end > own.period_end for row in rows):
        later = f"What came after {when(own)} is shown too, in grey."
        yield "Later periods", f"{later} With --as-of and a day, only what was known by then is."


def _sources(edition: Edition) -> Iterable[tuple[str, str]]:
    """The titles of what the tables cite by its id."""
    rows: list[Evidence | Guided] = [*edition.evidence.values(), *edition.guided]
    titles = {row.source_id: row.title for row in rows if row.title and not row.publisher}
    if titles:
        yield "Sources", f"{'; '.join(f'{name}: {title}' for name, title in sorted(titles.items()))}."
