"""What a reader must know to trust a figure: definitions, and all that is derived, missing, restated or in conflict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tracker.report.charts.panel import CAP
from tracker.report.document import Note
from tracker.report.text.labels import DASH, amount, day, days, isolated, percent
from tracker.report.text.language import mark, phrase, say, term
from tracker.report.text.prose import stop
from tracker.report.text.retold import retold
from tracker.report.text.words import capital, noun, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.report.data.edition import Edition, Evidence, Figure, Guided

__all__ = ["BOUNDS", "notes"]


def notes(edition: Edition) -> list[Note]:
    """What to know, in the order a reader needs it."""
    found = [
        *_definitions(edition),
        *_derived(edition),
        *_missing(edition),
        *_measured(edition),
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
        defined = capital(term(edition.definitions[metric])) if metric in edition.definitions else ""
        yield capital(noun(row).name), _defined(defined, filed) if filed else term(_STATED)


def _defined(definition: str, filed: Sequence[str]) -> str:
    """A definition with the names of its parts."""
    names = mark("comma").join(filed)
    if not definition:
        return say("As filed under {names}.", names=names)
    return say("{definition}; as filed under {names}.", definition=definition, names=names)


_STATED: Final = phrase("As its source states it; other sources may define it otherwise.")


def _any(edition: Edition, metric: str) -> Figure:
    return next(row for row in edition.figures if row.metric == metric)


def _derived(edition: Edition) -> Iterable[tuple[str, str]]:
    derived, stated = (_counts(edition, method) for method in ("derived", "stated"))
    if derived:
        rules = [say(_RULE), *([say(_REST)] if _has_rest(edition) else [])]
        yield say("Derived figures"), mark("gap").join([stop(derived), *rules])
    if stated:
        yield say("From articles or data sets"), say("{counts}: no filing of these is in the warehouse.", counts=stated)


_RULE: Final = phrase(
    "A quarter that no filing states is the year to date less the year to date before, from filings in which"
    " both were true; a metric of several parts is their sum."
)

_REST: Final = phrase("Where the year to date before is not stated, it is a longer period less its other quarters.")


def _has_rest(edition: Edition) -> bool:
    """Whether a quarter shown is a longer period less several others: three operands or more of one concept."""
    rows = [row for metric in edition.metrics for row in edition.series(metric) if row.span == "quarter"]
    return any(count > _PAIR for row in rows for count in Counter(_concepts(edition, row.operands)).values())


_PAIR: Final = 2


def _concepts(edition: Edition, operands: Iterable[str]) -> list[str]:
    """The concepts of statements, one for each."""
    return [edition.evidence[sign[1:]].concept for sign in operands if sign[1:] in edition.evidence]


def _counts(edition: Edition, method: str) -> str:
    """`3 of 13 for revenue; ...`, for the metrics of which any figure came about so."""
    counts = {metric: _count(edition, metric, method) for metric in edition.metrics}
    return mark("semicolon").join(
        say(
            "{count} of {all} for {metric}",
            count=str(count),
            all=str(len(edition.series(metric))),
            metric=noun(_any(edition, metric)).name,
        )
        for metric, count in counts.items()
        if count
    )


def _count(edition: Edition, metric: str, method: str) -> int:
    return sum(row.method == method for row in edition.series(metric))


def _missing(edition: Edition) -> Iterable[tuple[str, str]]:
    gaps = [row for metric in edition.metrics for row in edition.series(metric) if row.value is None]
    if gaps:
        told = [
            f"{noun(row).name} {row.fiscal_period}{mark('colon')}{retold(row.reason or 'not stated')}" for row in gaps
        ]
        yield say("Missing"), stop(mark("semicolon").join(told))
    absent = [noun(_any(edition, metric)).name for metric in edition.metrics if edition.figure(metric) is None]
    absent += [metric for metric in edition.definition.metrics if metric not in edition.metrics]
    if absent:
        text = phrase("{metrics} for {period}.")
        yield say("Not on record"), say(text, metrics=mark("comma").join(absent), period=edition.period)


def _measured(edition: Edition) -> Iterable[tuple[str, str]]:
    """Where the base of a rate is not the figure shown for its period, what it is."""
    told = [
        say(
            _MEASURED,
            metric=noun(row).name,
            period=row.fiscal_period,
            base=amount(row.base, row.unit, 3),
            before=shown.fiscal_period,
            names=mark("comma").join(dict.fromkeys(_concepts(edition, row.base_operands))),
            shown=amount(shown.value, shown.unit, 3),
        )
        for metric in edition.metrics
        if (row := edition.figure(metric)) is not None
        and row.base is not None
        and (shown := edition.figure(metric, row.base_period)) is not None
        and shown.value is not None
        and shown.value != row.base
    ]
    if told:
        yield say("Base of growth"), mark("gap").join(told)


_MEASURED: Final = phrase(
    "Growth of {metric} in {period} is measured from {base} for {before}, as filed under {names} on the same basis;"
    " the figure shown for {before} is {shown}."
)


def _restated(edition: Edition) -> Iterable[tuple[str, str]]:
    changes = [
        say(
            "{concept} for {days} went from {before} ({first}) to {after} ({latest}) on {day}.",
            concept=row.concept,
            days=days(row.period_start, row.period_end),
            before=amount(row.value_before, row.unit, 3),
            first=row.accession_before or DASH,
            after=amount(row.value, row.unit, 3),
            latest=row.accession or DASH,
            day=day(row.known_on),
        )
        for row in edition.restated
    ]
    if changes:
        yield say("Restated"), mark("gap").join([*changes, say("Growth uses the later figures on both sides.")])


def _conflicts(edition: Edition) -> Iterable[tuple[str, str]]:
    wrong = sum("unsupported" in {claim.filed_verdict, claim.own_verdict} for claim in edition.claims)
    if wrong:
        yield say("In conflict"), say(_CONFLICT, count=str(wrong))


_CONFLICT: Final = phrase(
    "{count} growth rates in articles do not follow from filings or from the figures of the article itself;"
    " the table of articles marks them."
)
BOUNDS: Final = phrase(
    "A printed figure is an interval: 8.5 billion means 8.45 to 8.55. Bounds of figures and growth rates are what"
    " that rounding leaves open, printed outward; all other numbers are rounded half up."
)


def _bounds(edition: Edition) -> Iterable[tuple[str, str]]:
    yield say("Bounds"), term(BOUNDS)
    rates = [row.rate for metric in edition.metrics for row in edition.series(metric) if row.rate is not None]
    if rates and max(rates) > CAP:
        yield say("Cut off"), say("Columns of growth end at {rate}; their labels do not.", rate=percent(CAP, 0))


def _later(edition: Edition) -> Iterable[tuple[str, str]]:
    own = next(row for metric in edition.metrics if (row := edition.figure(metric)))
    rows = [row for metric in edition.metrics for row in edition.series(metric)]
    if any(row.period_end > own.period_end for row in rows):
        later = say("What came after {period} is shown too, in grey.", period=when(own))
        yield (
            say("Later periods"),
            mark("gap").join([later, say("With --as-of and a day, only what was known by then is.")]),
        )


def _sources(edition: Edition) -> Iterable[tuple[str, str]]:
    """The titles of what the tables cite by its id."""
    rows: list[Evidence | Guided] = [*edition.evidence.values(), *edition.guided]
    titles = {row.source_id: row.title for row in rows if row.title and not row.publisher}
    if titles:
        yield say("Sources"), stop(mark("semicolon").join(_titled(*pair) for pair in sorted(titles.items())))


def _titled(name: str, title: str) -> str:
    return f"{isolated(name)}{mark('colon')}{title}"
