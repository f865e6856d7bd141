"""News articles as facts: what the article reader finds, for companies the project knows.

A text file is read as it is, an HTML file as the text it shows; spans are offsets into that text. A figure of a company
that is not in `entities.toml` is a problem, never a series of its own, and so is one the reader is not sure of.

What a company promises counts as its own guidance (`guided:`) only in its own text: a release, filing or call that
the caller names as such with the company, or that `sources.csv` lists by its hash with the company as publisher. The
wording decides nothing: an article that quotes a release word for word relays it (`stated:`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bs4 import BeautifulSoup

from tracker.entity import Entities
from tracker.errors import InputError, Problem
from tracker.fact import Fact, rows_table, to_table
from tracker.naming import bare_name
from tracker.sources import Batch, Request
from tracker.sources.article import Company, Figure, days_of, extract, stated_days
from tracker.sources.article.entities import companies_known
from tracker.sources.publication import REMEDY, Hints, find_publication, newest_day
from tracker.sources.submissions import day_end
from tracker.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from tracker.entity import Entity
    from tracker.period import FiscalCalendar, Period
    from tracker.sources.publication import Publication

__all__ = ["OWN_KINDS", "TEXT_KINDS", "ArticleSource", "companies_of", "entity_ids", "shown_text"]

#: Kinds of texts in which a company itself speaks, and all kinds.
OWN_KINDS: Final = ("release", "filing", "call")
TEXT_KINDS: Final = ("article", "news", *OWN_KINDS)

_TEXT: Final = frozenset({".txt", ".md"})
_HTML: Final = frozenset({".html", ".htm"})
_UNSEEN: Final = ("script", "style", "noscript", "template", "head")
_KINDS: Final = {"growth_yoy": "growth"}


class ArticleSource:
    """Reads a news article from a text or HTML file."""

    name = "article"

    def accepts(self, path: Path) -> bool:
        """Whether the name ends as a text or a page does."""
        return path.suffix.lower() in _TEXT | _HTML

    def read(self, request: Request) -> Iterator[Batch]:
        """The figures of the article as one batch; InputError where the file is no UTF-8 text."""
        data, text = shown_text(request.path)
        digest = hashlib.sha256(data).hexdigest()
        article = _Article(request, text, digest)
        found = extract(
            text,
            published=article.publication.day,
            latest=newest_day(),
            companies=companies_of(request.entities, article.speaker),
            about=article.about,
            known=request.known,
        )
        facts = [fact for figure in (*found.facts, *found.promises) if (fact := article.fact(figure))]
        article.problems += [article.problem(figure, figure.reason or "review") for figure in found.review]
        article.problems += article.undated(found.abstained)
        language = max((figure.language for figure in found.facts), default=None)
        rows = {} if digest in request.source_ids else {"source": article.source(language, digest)}
        note = "" if article.publication.basis == "stated" else article.publication.told
        yield Batch(to_table(facts), rows, tuple(article.problems), note=note)


def shown_text(path: Path) -> tuple[bytes, str]:
    """The bytes of an article file and the text it shows; InputError where it is not UTF-8."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise InputError([Problem(str(path), line, None, "encoding", message, "save the file as UTF-8")]) from error
    return data, _page_text(text) if path.suffix.lower() in _HTML else text


def _page_text(page: str) -> str:
    soup = BeautifulSoup(page, "html.parser")
    for hidden in soup.find_all(_UNSEEN):
        hidden.decompose()
    lines = (line.strip() for line in soup.get_text("\n").splitlines())
    return "\n".join(line for line in lines if line)


def companies_of(entities: Entities, speaker: str | None = None) -> list[Company]:
    """The project's companies with their calendars, and which of them speaks in the text.

    Those that the reader knows by itself keep its names; the project's calendar holds where it has one.
    """
    ids = entity_ids(entities)
    well_known = {ids[name]: company for company in companies_known() for name in _names(company) if name in ids}
    return [
        _company(entity, well_known.get(entity.entity), is_speaker=entity.entity == speaker)
        for entity in entities.by_id.values()
    ]


def _company(entity: Entity, well_known: Company | None, *, is_speaker: bool) -> Company:
    """A company of the project as the reader looks for it."""
    calendar = entity.calendar or (well_known.calendar if well_known else None)
    names = tuple(dict.fromkeys(_written(entity)))
    own = well_known or Company(entity.name, names, entity.currency, None)
    return replace(
        own,
        fiscal_year_end=calendar.end_month if calendar else None,
        is_named_by_start=calendar is not None and calendar.named_by_start,
        speaks=is_speaker,
    )


def _written(entity: Entity) -> list[str]:
    """How a company is written: its names, and each without the legal form that articles leave out."""
    names = [entity.name, *(alias.alias for alias in entity.aliases if alias.kind == "name")]
    return [*names, *map(bare_name, names)]


def entity_ids(entities: Entities) -> dict[str, str]:
    """The project's companies by every name they are written with, small letters: the reader's names too."""
    own = {
        name.casefold(): entity.entity
        for entity in entities.by_id.values()
        for name in (entity.entity, *_written(entity), *(a.alias for a in entity.aliases if a.kind == "ticker"))
    }
    for company in companies_known():
        owner = next((own[name] for name in _names(company) if name in own), None)
        if owner:
            own |= dict.fromkeys(_names(company), owner) | {company.entity.casefold(): owner}
    return own


def _names(company: Company) -> list[str]:
    return [name.casefold() for name in (company.entity, *company.names)]


class _Article:
    """One article on its way into facts."""

    def __init__(self, request: Request, text: str, digest: str) -> None:
        self.request = request
        self.text = text
        self.kind = request.kind or "article"
        self.source_id = request.source_ids.get(digest, f"{self.kind}-{digest[:12]}")
        self.speaker = request.speakers.get(digest) or (request.entity if self.kind in OWN_KINDS else None)
        self.ids = entity_ids(request.entities)
        self.publication = _publication(request, text, digest)
        self.problems = self._disputed()

    @property
    def about(self) -> Company | None:
        """The company of figures that name none: the one that speaks, or that the caller named."""
        name = self.speaker or self.request.entity
        if name is None or name not in self.request.entities:
            return None
        companies = companies_of(Entities({name: self.request.entities[name]}), self.speaker)
        return replace(companies[0], entity=name, names=())

    @property
    def published_at(self) -> datetime | None:
        """The end of the day of publication, where it is known."""
        return day_end(self.publication.day) if self.publication.day else None

    def fact(self, figure: Figure) -> Fact | None:
        """A figure as a fact of a company the project knows, or a problem and None."""
        entity = self.ids.get(figure.entity.casefold())
        if entity is None or entity not in self.request.entities:
            self.problems.append(self.problem(figure, "unknown_company"))
            return None
        period = self._period(figure, entity)
        if figure.period is not None and period is None:
            self.problems.append(self.problem(figure, "no_calendar"))
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

    def _period(self, figure: Figure, entity: str) -> Period | None:
        """The days of a figure's period: `FY...` by the company's calendar, bare quarters by the year's."""
        return stated_days(figure, self._calendar(entity))

    def _calendar(self, entity: str) -> FiscalCalendar | None:
        return companies_of(Entities({entity: self.request.entities[entity]}))[0].calendar

    def undated(self, figures: Iterable[Figure]) -> list[Problem]:
        """What was left out because its period depends on a day of publication that nobody knows."""
        if self.publication.day is not None:
            return []
        return [self.problem(figure, "no_day") for figure in figures if figure.metric and figure.reason == "no_period"]

    def _disputed(self) -> list[Problem]:
        """Days of publication that lie apart."""
        conflict = self.publication.conflict
        path = str(self.request.path)
        return [Problem(path, None, "published", "day_conflict", conflict, REMEDY)] if conflict else []

    def problem(self, figure: Figure, code: str) -> Problem:
        """Why a figure is not in a series, at the line it stands on."""
        line = self.text.count("\n", 0, figure.start) + 1
        what, remedy = _REASONS.get(code, (f"is not sure enough ({code})", "check it, and add it to a seed table"))
        entity = self.ids.get(figure.entity.casefold(), "")
        calendar = self._calendar(entity) if entity in self.request.entities else None
        fitting = [flag.removeprefix("fits:") for flag in figure.flags if flag.startswith("fits:")]
        what = what.format(" or ".join(_with_days(label, calendar) for label in fitting))
        return Problem(str(self.request.path), line, figure.metric, code, f"{figure.quote!r} {what}", remedy)

    def source(self, language: str | None, digest: str) -> pa.Table:
        """The article's row of `source`."""
        row = dict.fromkeys(list(TABLES["source"])[:-1])
        row |= {"source_id": self.source_id, "kind": self.kind, "language": language, "origin": "article"}
        row |= {"publisher": self.request.entities[self.speaker].name if self.speaker else None}
        row |= {"file": self.request.path.name, "sha256": digest}
        row |= {"published_at": self.published_at, "published_basis": self.publication.basis}
        return rows_table("source", [tuple(row.values())])


def _publication(request: Request, text: str, digest: str) -> Publication:
    """The day of the article: as given now or before, else as it says itself."""
    given = request.published or request.days.get(digest)
    return find_publication(text, given=given, hints=Hints(name=request.path.name), newest=newest_day())


def _with_days(label: str, calendar: FiscalCalendar | None) -> str:
    """A period with its days, for people who do not know the company's year by heart."""
    days = days_of(label, calendar)
    return f"{label} ({days.start} to {days.end})" if calendar or not label.startswith("FY") else label


_REASONS: Final = {
    "unknown_company": ("is of a company the project does not know", "add the company to entities.toml"),
    "no_calendar": ("is of a fiscal year whose days are not known", "give the company a fiscal_year_end"),
    "no_day": ("has no period that is known without the day of publication", REMEDY),
    "period_several": ("names no period and fits {}", REMEDY),
    "period_chance": ("names no period; that it fits {} may be chance", REMEDY),
    "period_open": (
        "is told as reported, and its period was not over on the day of publication",
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
    "off_history": ("is a hundred times off the company's history", "check the scale, and add it to a seed table"),
}
