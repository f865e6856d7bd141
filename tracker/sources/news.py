"""News articles as facts: what the article reader finds, for companies the project knows.

A text file is read as it is, an HTML file as the text it shows; spans are offsets into that text. A figure of a company
that is not in `entities.toml` is a problem, never a series of its own, and so is one the reader is not sure of.

What a company promises counts as its own guidance (`guided:`) only in its own text: a release, filing or call that
the caller names as such with the company, or that `sources.csv` lists by its hash with the company as publisher. The
wording decides nothing: an article that quotes a release word for word relays it (`stated:`).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from bs4 import BeautifulSoup

from tracker.errors import InputError, Problem
from tracker.fact import Fact, rows_table, to_table
from tracker.period import FiscalCalendar
from tracker.sources import Batch, Request
from tracker.sources.article import Company, Figure, extract
from tracker.sources.article.entities import companies_known
from tracker.sources.submissions import day_end
from tracker.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from tracker.entity import Entities, Entity
    from tracker.period import Period

__all__ = ["OWN_KINDS", "TEXT_KINDS", "ArticleSource", "companies_of", "entity_ids", "shown_text"]

#: Kinds of texts in which a company itself speaks, and all kinds.
OWN_KINDS: Final = ("release", "filing", "call")
TEXT_KINDS: Final = ("article", "news", *OWN_KINDS)

_TEXT: Final = frozenset({".txt", ".md"})
_HTML: Final = frozenset({".html", ".htm"})
_UNSEEN: Final = ("script", "style", "noscript", "template", "head")
_LEGAL_FORM: Final = re.compile(
    r",?\s+(Inc|Incorporated|Corp|Corporation|Company|Co|Ltd|Limited|LLC|plc|N\.?V|S\.?A|AG|SE|Holdings?)\.?$",
    re.IGNORECASE,
)
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
            published=request.published,
            companies=companies_of(request.entities),
            about=article.about,
            known=request.known,
        )
        facts = [fact for figure in (*found.facts, *found.promises) if (fact := article.fact(figure))]
        article.problems += [article.problem(figure, figure.reason or "review") for figure in found.review]
        language = max((figure.language for figure in found.facts), default=None)
        rows = {} if digest in request.source_ids else {"source": article.source(language, digest)}
        yield Batch(to_table(facts), rows, tuple(article.problems))


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


def companies_of(entities: Entities) -> list[Company]:
    """The project's companies that the reader does not know by itself."""
    ids = entity_ids(entities)
    known = {ids[name] for company in companies_known() for name in _names(company) if name in ids}
    return [
        Company(
            entity.name,
            tuple(dict.fromkeys(_written(entity))),
            entity.currency,
            entity.calendar.end_month if entity.calendar else 12,
        )
        for entity in entities.by_id.values()
        if entity.entity not in known
    ]


def _written(entity: Entity) -> list[str]:
    """How a company is written: its names, and each without the legal form that articles leave out."""
    names = [entity.name, *(alias.alias for alias in entity.aliases if alias.kind == "name")]
    return [*names, *(bare for name in names if (bare := _LEGAL_FORM.sub("", name).strip(" ,")))]


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
        self.problems: list[Problem] = []

    @property
    def about(self) -> Company | None:
        """The company of figures that name none: the one that speaks, or that the caller named."""
        name = self.speaker or self.request.entity
        if name is None or name not in self.request.entities:
            return None
        entity = self.request.entities[name]
        return Company(name, (), entity.currency, entity.calendar.end_month if entity.calendar else 12)

    @property
    def published_at(self) -> datetime | None:
        """The end of the day of publication, where it is known."""
        return day_end(self.request.published) if self.request.published else None

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
        """The days of a figure's period: `FY...` after the company's calendar, bare quarters after the year's."""
        if figure.period is None:
            return None
        own = self.request.entities[entity].calendar
        calendar = own if figure.period.startswith("FY") else FiscalCalendar(12)
        return calendar.period(figure.period) if calendar else None

    def problem(self, figure: Figure, code: str) -> Problem:
        """Why a figure is not in a series, at the line it stands on."""
        line = self.text.count("\n", 0, figure.start) + 1
        what, remedy = _REASONS.get(code, (f"is not sure enough ({code})", "check it, and add it to a seed table"))
        fitting = ", ".join(flag.removeprefix("fits:") for flag in figure.flags if flag.startswith("fits:"))
        what = what.format(fitting)
        return Problem(str(self.request.path), line, figure.metric, code, f"{figure.quote!r} {what}", remedy)

    def source(self, language: str | None, digest: str) -> pa.Table:
        """The article's row of `source`."""
        row = dict.fromkeys(list(TABLES["source"])[:-1])
        row |= {"source_id": self.source_id, "kind": self.kind, "language": language, "origin": "article"}
        row |= {"publisher": self.request.entities[self.speaker].name if self.speaker else None}
        row |= {"file": self.request.path.name, "sha256": digest}
        row |= {"published_at": self.published_at, "published_basis": "stated"}
        return rows_table("source", [tuple(row.values())])


_REASONS: Final = {
    "unknown_company": ("is of a company the project does not know", "add the company to entities.toml"),
    "no_calendar": ("is of a fiscal year whose days are not known", "give the company a fiscal_year_end"),
    "period_several": ("names no period and fits {}", "give the day with --published"),
    "period_chance": ("names no period; that it fits {} may be chance", "give the day with --published"),
    "off_history": ("is a hundred times off the company's history", "check the scale, and add it to a seed table"),
}
