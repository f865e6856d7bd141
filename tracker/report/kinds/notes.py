"""The notes of a report: definitions, and what is derived, missing, restated or in conflict."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tracker.report.charts.panel import CAP
from tracker.report.document import Note
from tracker.report.text.labels import DASH, format_amount, format_day, format_days, format_percent, isolate
from tracker.report.text.language import phrase
from tracker.report.text.prose import end_sentence
from tracker.report.text.reason_words import say_reason
from tracker.report.text.words import capitalize, name_figure_period, noun

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.report.data.edition import Edition, EditionFigure, Evidence, Guided
    from tracker.report.text.language import Language

__all__ = ["BOUNDS", "notes"]


def notes(edition: Edition) -> list[Note]:
    """Return the notes, in the order in which a reader needs them."""
    found = [
        *_explain_definitions(edition),
        *_explain_derived(edition),
        *_missing(edition),
        *_measured(edition),
        *_restated(edition),
        *_conflicts(edition),
        *_explain_bounds(edition),
        *_later(edition),
        *_list_source_titles(edition),
    ]
    return [Note(title, text) for title, text in found if text]


def _explain_definitions(edition: Edition) -> Iterable[tuple[str, str]]:
    """Yield a note on each metric: the company's definition, and the names under which its parts are filed."""
    language = edition.language
    for metric in edition.metrics:
        row = edition.figure(metric)
        if row is None or row.value is None:
            continue
        facts = [edition.evidence[sign[1:]] for sign in row.operands if sign[1:] in edition.evidence]
        concepts = dict.fromkeys(fact.concept for fact in facts)
        filed = [concept for concept in concepts if not concept.startswith("stated:")]
        defined = capitalize(language.term(edition.definitions[metric])) if metric in edition.definitions else ""
        yield (
            capitalize(noun(language, row).name),
            _write_definition(language, defined, filed) if filed else language.term(_STATED),
        )


def _write_definition(language: Language, definition: str, filed: Sequence[str]) -> str:
    """Return a definition with the names of its parts."""
    names = language.comma.join(filed)
    if not definition:
        return language.say("As filed under {names}.", names=names)
    return language.say("{definition}; as filed under {names}.", definition=definition, names=names)


_STATED: Final = phrase("As its source states it; other sources may define it otherwise.")


def _any(edition: Edition, metric: str) -> EditionFigure:
    return next(row for row in edition.figures if row.metric == metric)


def _explain_derived(edition: Edition) -> Iterable[tuple[str, str]]:
    language = edition.language
    derived, stated = (_count_by_metric(edition, method) for method in ("derived", "stated"))
    if derived:
        rules = [language.say(_RULE), *([language.say(_REST)] if _has_rest(edition) else [])]
        yield language.say("Derived figures"), language.gap.join([end_sentence(language, derived), *rules])
    if stated:
        yield (
            language.say("From articles or data sets"),
            language.say("{counts}: no filing of these is in the warehouse.", counts=stated),
        )


_RULE: Final = phrase(
    "A quarter that no filing states is the year to date less the year to date before, from filings in which"
    " both were true; a metric of several parts is their sum."
)

_REST: Final = phrase("Where the year to date before is not stated, it is a longer period less its other quarters.")


def _has_rest(edition: Edition) -> bool:
    """Return whether a shown quarter is a longer period less several others: it has three or more operands."""
    rows = [row for metric in edition.metrics for row in edition.series(metric) if row.span == "quarter"]
    return any(count > _PAIR for row in rows for count in Counter(_concepts(edition, row.operands)).values())


_PAIR: Final = 2


def _concepts(edition: Edition, operands: Iterable[str]) -> list[str]:
    """Return the concepts of statements, one for each."""
    return [edition.evidence[sign[1:]].concept for sign in operands if sign[1:] in edition.evidence]


def _count_by_metric(edition: Edition, method: str) -> str:
    """Return `3 of 13 for revenue; ...` for the metrics that have such a figure."""
    language = edition.language
    counts = {metric: _count_method(edition, metric, method) for metric in edition.metrics}
    return language.semicolon.join(
        language.say(
            "{count} of {all} for {metric}",
            count=str(count),
            all=str(len(edition.series(metric))),
            metric=noun(language, _any(edition, metric)).name,
        )
        for metric, count in counts.items()
        if count
    )


def _count_method(edition: Edition, metric: str, method: str) -> int:
    return sum(row.method == method for row in edition.series(metric))


def _missing(edition: Edition) -> Iterable[tuple[str, str]]:
    language = edition.language
    gaps = [row for metric in edition.metrics for row in edition.series(metric) if row.value is None]
    if gaps:
        told = [
            language.colon.join(
                [f"{noun(language, row).name} {row.fiscal_period}", say_reason(language, row, "not stated")]
            )
            for row in gaps
        ]
        yield language.say("Missing"), end_sentence(language, language.semicolon.join(told))
    absent = [
        noun(language, _any(edition, metric)).name for metric in edition.metrics if edition.figure(metric) is None
    ]
    absent += [metric for metric in edition.definition.metrics if metric not in edition.metrics]
    if absent:
        text = phrase("{metrics} for {period}.")
        yield (
            language.say("Not on record"),
            language.say(text, metrics=language.comma.join(absent), period=edition.period),
        )


def _measured(edition: Edition) -> Iterable[tuple[str, str]]:
    """Yield the base of each rate whose base is not the figure shown for its period."""
    language = edition.language
    told = [
        language.say(
            _MEASURED,
            metric=noun(language, row).name,
            period=row.fiscal_period,
            base=format_amount(language, row.base, row.unit, 3),
            before=shown.fiscal_period,
            names=language.comma.join(dict.fromkeys(_concepts(edition, row.base_operands))),
            shown=format_amount(language, shown.value, shown.unit, 3),
        )
        for metric in edition.metrics
        if (row := edition.figure(metric)) is not None
        and row.base is not None
        and (shown := edition.figure(metric, row.base_period)) is not None
        and shown.value is not None
        and shown.value != row.base
    ]
    if told:
        yield language.say("Base of growth"), language.gap.join(told)


_MEASURED: Final = phrase(
    "Growth of {metric} in {period} is measured from {base} for {before}, as filed under {names} on the same basis;"
    " the figure shown for {before} is {shown}."
)


def _restated(edition: Edition) -> Iterable[tuple[str, str]]:
    language = edition.language
    changes = [
        language.say(
            "{concept} for {days} went from {before} ({first}) to {after} ({latest}) on {day}.",
            concept=row.concept,
            days=format_days(language, row.period_start, row.period_end),
            before=format_amount(language, row.value_before, row.unit, 3),
            first=row.accession_before or DASH,
            after=format_amount(language, row.value, row.unit, 3),
            latest=row.accession or DASH,
            day=format_day(language, row.known_on),
        )
        for row in edition.restated
    ]
    if changes:
        yield (
            language.say("Restated"),
            language.gap.join([*changes, language.say("Growth uses the later figures on both sides.")]),
        )


def _conflicts(edition: Edition) -> Iterable[tuple[str, str]]:
    language = edition.language
    wrong = sum("unsupported" in {claim.filed_verdict, claim.own_verdict} for claim in edition.claims)
    if wrong:
        yield language.say("In conflict"), language.say(_CONFLICT, count=str(wrong))


_CONFLICT: Final = phrase(
    "{count} growth rates in articles do not follow from filings or from the figures of the article itself;"
    " the table of articles marks them."
)
BOUNDS: Final = phrase(
    "A printed figure is an interval: 8.5 billion means 8.45 to 8.55. Bounds of figures and growth rates are what"
    " that rounding leaves open, printed outward; all other numbers are rounded half up."
)


def _explain_bounds(edition: Edition) -> Iterable[tuple[str, str]]:
    language = edition.language
    yield language.say("Bounds"), language.term(BOUNDS)
    rates = [row.rate for metric in edition.metrics for row in edition.series(metric) if row.rate is not None]
    if rates and max(rates) > CAP:
        yield (
            language.say("Cut off"),
            language.say(
                "Columns of growth end at {rate}; their labels do not.", rate=format_percent(language, CAP, 0)
            ),
        )


def _later(edition: Edition) -> Iterable[tuple[str, str]]:
    language = edition.language
    own = next(row for metric in edition.metrics if (row := edition.figure(metric)))
    rows = [row for metric in edition.metrics for row in edition.series(metric)]
    if any(row.period_end > own.period_end for row in rows):
        later = language.say(
            "What came after {period} is shown too, in grey.", period=name_figure_period(language, own)
        )
        yield (
            language.say("Later periods"),
            language.gap.join([later, language.say("With --as-of and a day, only what was known by then is.")]),
        )


def _list_source_titles(edition: Edition) -> Iterable[tuple[str, str]]:
    """Yield the titles of what the tables cite by its id."""
    language = edition.language
    rows: list[Evidence | Guided] = [*edition.evidence.values(), *edition.guided]
    titles = {row.source_id: row.title for row in rows if row.title and not row.publisher}
    if titles:
        yield (
            language.say("Sources"),
            end_sentence(
                language, language.semicolon.join(_name_title(language, *pair) for pair in sorted(titles.items()))
            ),
        )


def _name_title(language: Language, name: str, title: str) -> str:
    return f"{isolate(language, name)}{language.colon}{title}"
