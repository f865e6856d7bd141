"""News articles as facts: what the article reader finds, for companies the project knows.

A text file is read as it is, a saved page as the article it shows; spans are offsets into that text. A figure of a
company that is not in `entities.toml` is a problem, never a series of its own, and so is one the reader is not sure of.

What a company promises counts as its own guidance (`guided:`) only in its own text: a release, filing or call that
the caller names as such with the company, or that `sources.csv` lists by its hash with the company as publisher. The
wording decides nothing: an article that quotes a release word for word relays it (`stated:`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tracker.errors import Problem
from tracker.model.batch import Batch
from tracker.model.company_names import bare_name
from tracker.model.entity import Entities
from tracker.model.fact import Fact, rows_table, to_table
from tracker.model.quantity import MAX_DIGITS
from tracker.model.schema import TABLES
from tracker.sources.article import ExtractedFigure, NamedCompany, days_of, extract, stated_days
from tracker.sources.article.document import is_page, is_text, read_document
from tracker.sources.article.find.companies import companies_known
from tracker.sources.article.page_head import Head
from tracker.sources.article.publication import REMEDY, newest_day
from tracker.sources.article.reader_version import reader_version
from tracker.sources.article.same_source import find_stored, publication_of
from tracker.sources.sec.submissions import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from tracker.model.entity import Entity
    from tracker.model.period import FiscalCalendar, Period
    from tracker.sources.article import Reading
    from tracker.sources.article.document import ReceivedText
    from tracker.sources.base import Request, StoredSource

__all__ = ["OWN_KINDS", "TEXT_KINDS", "ArticleSource", "companies_of", "entity_ids"]

#: Kinds of texts in which a company itself speaks, and all kinds.
OWN_KINDS: Final = ("release", "filing", "call")
TEXT_KINDS: Final = ("article", "news", *OWN_KINDS)

_KINDS: Final = {"growth_yoy": "growth"}


class ArticleSource:
    """Reads a news article from a text or HTML file."""

    name = "article"
    needs_background = True

    def accepts(self, path: Path) -> bool:
        """Return true if the name ends as a text or a page does."""
        return is_text(path) or is_page(path)

    def read(self, request: Request) -> Iterator[Batch]:
        """Yield the figures of the article as one batch; InputError where the file is no text in its encoding."""
        document = read_document(request.path)
        article = _Article(request, document)
        found = extract(
            document.text,
            published=article.publication.day,
            latest=newest_day(),
            lang=document.language,
            companies=companies_of(request.entities, article.speaker),
            about=article.about,
            known=request.background.known,
        )
        facts = [fact for figure in (*found.facts, *found.promises) if (fact := article.fact(figure))]
        facts += article.prior_forecasts(facts, found.abstained)
        article.problems += [article.problem(figure, figure.reason or "review") for figure in found.review]
        article.problems += [*article.undated(found.abstained), *document.unread(found.unread)]
        rows = {"source": article.source(_choose_language(document, found)), "reading": article.reading()}
        note = "" if article.publication.basis == "stated" else article.publication.note
        yield Batch(to_table(facts), rows, tuple(article.problems), note=note)


def _choose_language(document: ReceivedText, found: Reading) -> str | None:
    """Return the language of a text: the one its page names, else that of most of its figures."""
    languages = Counter(figure.language for figure in (*found.facts, *found.promises))
    return document.language or next((language for language, _ in languages.most_common(1)), None)


def companies_of(entities: Entities, speaker: str | None = None) -> list[NamedCompany]:
    """Return the project's companies with their calendars, and which of them speaks in the text.

    Those that the reader knows by itself keep its names; the project's calendar holds where it has one.
    """
    ids = entity_ids(entities)
    well_known = {ids[name]: company for company in companies_known() for name in _names(company) if name in ids}
    return [
        _name_company(entity, well_known.get(entity.entity), is_speaker=entity.entity == speaker)
        for entity in entities.by_id.values()
    ]


def _name_company(entity: Entity, well_known: NamedCompany | None, *, is_speaker: bool) -> NamedCompany:
    """Return a company of the project as the reader looks for it."""
    calendar = entity.calendar or (well_known.calendar if well_known else None)
    names = tuple(dict.fromkeys(_written_names(entity)))
    own = well_known or NamedCompany(entity.name, names, entity.currency, None)
    return replace(
        own,
        fiscal_year_end=calendar.end_month if calendar else None,
        is_named_by_start=calendar is not None and calendar.named_by_start,
        speaks=is_speaker,
    )


def _written_names(entity: Entity) -> list[str]:
    """Return how a company is written: its names, and each without the legal form that articles leave out."""
    names = [entity.name, *(alias.alias for alias in entity.aliases if alias.kind == "name")]
    return [*names, *map(bare_name, names)]


def entity_ids(entities: Entities) -> dict[str, str]:
    """Return the project's companies by every name they are written with, small letters: the reader's names too."""
    own = {
        name.casefold(): entity.entity
        for entity in entities.by_id.values()
        for name in (entity.entity, *_written_names(entity), *(a.alias for a in entity.aliases if a.kind == "ticker"))
    }
    for company in companies_known():
        owner = next((own[name] for name in _names(company) if name in own), None)
        if owner:
            own |= dict.fromkeys(_names(company), owner) | {company.entity.casefold(): owner}
    return own


def _names(company: NamedCompany) -> list[str]:
    return [name.casefold() for name in (company.entity, *company.names)]


class _Article:
    """One article on its way into facts."""

    def __init__(self, request: Request, document: ReceivedText) -> None:
        self.request = request
        self.document = document
        self.stored = stored = find_stored(request, document)
        self.kind = _kind(request, stored)
        self.source_id = stored.row["source_id"] if stored else f"{self.kind}-{document.text_digest[:12]}"
        self.speaker = _speaker(request, stored, self.kind)
        self.subject = request.entity or (stored.about if stored else None)
        self.ids = entity_ids(request.entities)
        self.calendars: dict[str, FiscalCalendar | None] = {}
        self.publication = publication_of(request, document, stored)
        self.problems = [*document.problems, *self._disputed()]

    @cached_property
    def line_ends(self) -> list[int]:
        """Return where the lines of the text end."""
        return [found.start() for found in re.finditer("\n", self.document.text)]

    @property
    def about(self) -> NamedCompany | None:
        """Return the company of figures that name none: the one that speaks, or that the caller named."""
        name = self.speaker or self.subject
        if name is None or name not in self.request.entities:
            return None
        companies = companies_of(Entities({name: self.request.entities[name]}), self.speaker)
        return replace(companies[0], entity=name, names=())

    @property
    def published_at(self) -> datetime | None:
        """Return the end of the day of publication, where it is known."""
        return day_end(self.publication.day) if self.publication.day else None

    def fact(self, figure: ExtractedFigure) -> Fact | None:
        """Return a figure as a fact of a company the project knows, or a problem and None."""
        entity = self.ids.get(figure.entity.casefold())
        if entity is None or entity not in self.request.entities:
            self.problems.append(self.problem(figure, "unknown_company"))
            return None
        period = self._fact_period(figure, entity)
        if figure.period is not None and period is None:
            self.problems.append(self.problem(figure, "no_calendar"))
            return None
        if any(amount and amount.adjusted() >= MAX_DIGITS for amount in (figure.value, figure.low, figure.high)):
            self.problems.append(self.problem(figure, "too_large"))
            return None
        is_own = figure.kind == "guidance" and entity == self.speaker
        return Fact(
            entity=entity,
            concept=f"{'guided' if is_own else 'stated'}:{figure.metric}",
            metric=figure.metric,
            kind=_KINDS.get(figure.kind, figure.kind),
            period_start=period.start if period else None,
            period_end=period.end if period else None,
            value=figure.value,
            low=figure.low,
            high=figure.high,
            unit=figure.unit,
            decimals=figure.decimals,
            qualifier=figure.qualifier,
            source_id=self.source_id,
            accession=None,
            form=None,
            language=figure.language,
            span_start=figure.start,
            span_end=figure.end,
            quote=figure.quote,
            method="extracted",
            confidence=figure.confidence,
            known_at=self.published_at,
            retracts=None,
        )

    def prior_forecasts(self, facts: Iterable[Fact], left_out: Iterable[ExtractedFigure]) -> list[Fact]:
        """Return the forecasts that the text says stood before those it gives ("up from 6.1 to 6.4 billion").

        Each is as sure as the forecast that took its place; one that none took the place of is left out.
        """
        steps = {
            (fact.entity, fact.metric, fact.period_start, fact.period_end, fact.unit): fact
            for fact in facts
            if fact.kind == "guidance" and fact.period_end is not None
        }
        found = []
        for figure in left_out:
            entity = self.ids.get(figure.entity.casefold())
            if figure.reason != "prior_guidance" or entity is None or entity not in self.request.entities:
                continue
            period = self._fact_period(figure, entity)
            step = period and steps.get((entity, figure.metric, period.start, period.end, figure.unit))
            if step:
                found.append(self._prior_forecast(figure, step))
        return found

    def _prior_forecast(self, figure: ExtractedFigure, step: Fact) -> Fact:
        return replace(
            step,
            concept=f"prior:{figure.metric}",
            value=figure.value,
            low=figure.low,
            high=figure.high,
            decimals=figure.decimals,
            qualifier=figure.qualifier,
            span_start=figure.start,
            span_end=figure.end,
            quote=figure.quote,
        )

    def _fact_period(self, figure: ExtractedFigure, entity: str) -> Period | None:
        """Return the days of a figure's period: `FY...` by the company's calendar, bare quarters by the year's."""
        return stated_days(figure, self._calendar(entity))

    def _calendar(self, entity: str) -> FiscalCalendar | None:
        if entity not in self.calendars:
            self.calendars[entity] = companies_of(Entities({entity: self.request.entities[entity]}))[0].calendar
        return self.calendars[entity]

    def undated(self, figures: Iterable[ExtractedFigure]) -> list[Problem]:
        """Return what was left out because its period depends on a day of publication that nobody knows."""
        if self.publication.day is not None:
            return []
        return [self.problem(figure, "no_day") for figure in figures if figure.metric and figure.reason == "no_period"]

    def _disputed(self) -> list[Problem]:
        """Return days of publication that lie apart."""
        conflict = self.publication.conflict
        path = str(self.request.path)
        return [Problem(path, None, "published", "day_conflict", conflict, REMEDY)] if conflict else []

    def problem(self, figure: ExtractedFigure, code: str) -> Problem:
        """Return why a figure is not in a series, at the line it stands on."""
        line = bisect_right(self.line_ends, figure.start - 1) + 1
        what, remedy = _REASONS.get(code, (f"is not sure enough ({code})", "check it, and add it to a seed table"))
        entity = self.ids.get(figure.entity.casefold(), "")
        calendar = self._calendar(entity) if entity in self.request.entities else None
        fitting = [flag.removeprefix("fits:") for flag in figure.flags if flag.startswith("fits:")]
        what = what.format(" or ".join(_with_days(label, calendar) for label in fitting))
        return Problem(str(self.request.path), line, figure.metric, code, f"{figure.quote!r} {what}", remedy)

    def source(self, language: str | None) -> pa.Table:
        """Return the article's row of `source`; what this file does not say stays as an earlier one said it."""
        head = self.document.page.head if self.document.page else Head()
        speaker = self.request.entities[self.speaker].name if self.speaker else None
        said = {
            "kind": self.kind,
            "publisher": speaker or head.publisher,
            "title": head.title,
            "language": language,
            "url": head.address,
            "published_at": self.published_at,
            "published_basis": self.publication.basis,
        }
        row = dict(self.stored.row if self.stored else dict.fromkeys(list(TABLES["source"])[:-1]))
        row |= {name: value for name, value in said.items() if value is not None}
        row |= {"source_id": self.source_id, "origin": "article"}
        row |= {"file": self.request.path.name, "sha256": self.document.digest}
        return rows_table("source", [tuple(row.values())])

    def reading(self) -> pa.Table:
        """Return the article's row of `reading`."""
        document = self.document
        of_file = (self.request.path.name, document.digest, document.text_digest, document.address)
        return rows_table("reading", [(self.source_id, *of_file, self.subject, reader_version())])


def _kind(request: Request, stored: StoredSource | None) -> str:
    """Return what kind of text it is: as people list it, as the caller says, or as it was said before."""
    if stored is not None and (stored.is_listed or request.kind is None):
        return str(stored.row["kind"])
    return request.kind or "article"


def _speaker(request: Request, stored: StoredSource | None, kind: str) -> str | None:
    """Whose own words it is."""
    before = stored.speaker if stored and (stored.is_listed or request.kind is None) else None
    return before or (request.entity if kind in OWN_KINDS else None)


def _with_days(label: str, calendar: FiscalCalendar | None) -> str:
    """Return a period with its days, for people who do not know the company's year by heart."""
    days = days_of(label, calendar)
    return f"{label} ({days.start} to {days.end})" if calendar or not label.startswith("FY") else label


_REASONS: Final = {
    "unknown_company": ("is of a company the project does not know", "add the company to entities.toml"),
    "too_large": ("has more digits than can be stored exactly", "check the figure in the text"),
    "no_calendar": ("is of a fiscal year whose days are not known", "give the company a fiscal_year_end"),
    "no_day": ("has no period that is known without the day of publication", REMEDY),
    "period_several": ("names no period and fits {}", REMEDY),
    "period_chance": ("names no period; that it fits {} may be chance", REMEDY),
    "period_open": (
        "is stated as reported, and its period was not over on the day of publication",
        "check that day and the company's fiscal_year_end",
    ),
    "fiscal_or_calendar": (
        "may be of the company's own year or of the calendar's: {}",
        "say that the company speaks (--kind release --entity ID) if it does, or add the figure to a seed table",
    ),
    "off_calendar": (
        "is of months that are no quarter, half, nine months or year of the company",
        "check the company's fiscal_year_end, or add the figure to a seed table",
    ),
    "head_refused": ("takes its period from a figure that was not taken", "see to that figure first"),
    "range_end": (
        "is one end of a range whose other end the sentence does not tell",
        "add the whole range to a seed table",
    ),
    "range_reported": (
        "is a range, and no word says that it is expected",
        "see what is meant, and add it to a seed table",
    ),
    "contradiction": (
        "is one of two different figures that the text gives for the same metric and period",
        "see which one is meant, and add it to a seed table",
    ),
    "bracket_sign": (
        "stands in brackets, which may be a minus sign or an aside",
        "write it with a minus sign or without brackets, or add it to a seed table",
    ),
    "sign_open": (
        "is of a loss by one word and of a profit by another",
        "check the sign, and add the figure to a seed table",
    ),
    "columns_open": (
        "stands in a row whose columns have no periods that are known",
        "name the period of each column above the row, or add the figure to a seed table",
    ),
    "currency_open": (
        "is of a currency that the text does not name, or of several countries' money of one name",
        "write the currency or its country into the text, or give the company a currency",
    ),
    "scale_open": (
        "may be in another scale: by the head of a table, or by a separator that parts thousands or decimals",
        "write it with its scale (million, billion), or add it to a seed table",
    ),
    "too_long": (
        "has more digits than an amount can have, or than can be stored",
        "check the text; if it is an amount, add it to a seed table in a larger unit",
    ),
    "below_zero": (
        "is below zero as printed, and this metric never is",
        "check the sign, and add the figure to a seed table",
    ),
    "off_history": ("is a hundred times off the company's history", "check the scale, and add it to a seed table"),
}
