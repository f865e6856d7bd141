"""The pages: each function reads the values that a page shows, which are also its JSON."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracker.answers.company import (
    list_forecasts,
    list_parts,
    list_vintages,
    read_head,
    read_statements,
)
from tracker.answers.company_list import find_companies, find_metrics
from tracker.answers.rows import to_plain
from tracker.answers.view_list import list_views
from tracker.errors import NothingMatchedError, QueryError, UsageError
from tracker.explain.quotation import make_quote
from tracker.explain.tree import explain_fact, explain_figure
from tracker.pipeline.check import check
from tracker.pipeline.followed import find_late_companies
from tracker.report import Definition, load_definitions
from tracker.warehouse.catalog import as_of_instant
from tracker.warehouse.export import fetch_texts, list_numeric, write
from tracker.warehouse.safe.door import Limits

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup

    from tracker.answers.view_list import ViewLine
    from tracker.explain.node import Node
    from tracker.project import Project
    from tracker.report.document import Document
    from tracker.serve.readers import Readers
    from tracker.warehouse.reader import Warehouse
    from tracker.warehouse.safe.door import SafeAnswer, SafeDoor

__all__ = ["DOWNLOADS", "PAGES", "Desk", "PageQuestion", "ShownPage", "download", "page_to_json"]

#: The limits of strangers' SQL on a page, and in a file.
ON_PAGE: Final = Limits(seconds=10, megabytes=512, rows=100_000, bytes=32 * 2**20)
#: Rows of an answer that a page shows.
SHOWN: Final = 500
_COMPANIES: Final = 50  # on a page
_SPANS: Final = {"quarter": "Quarters", "year": "Years"}
_MOST_PERIODS: Final = 24  # in a list of rates
#: The formats of an answer's file, and their types.
DOWNLOADS: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What pages need: the project, its open warehouses (those for SQL are separate), and the door for SQL."""

    project: Project
    readers: Readers
    sql_readers: Readers
    door: SafeDoor


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A request for a page: the words of its path and of its query, and an event that is set when nobody waits."""

    words: Mapping[str, str]
    query: Mapping[str, str]
    gone: threading.Event

    @property
    def as_of(self) -> str | None:
        """Return the day or moment that the page is about; UsageError if the text is neither."""
        text = self.query.get("as_of", "").strip()
        return text if text and as_of_instant(text) else None

    def choose(self, name: str, known: Mapping[str, str]) -> str:
        """Return a word of the query that must be one of these; the first one if it is missing, else UsageError."""
        word = self.query.get(name, "") or next(iter(known))
        if word not in known:
            raise UsageError(f"there is no {name} {word!r}; it may be {', '.join(known)}")
        return word


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page: its template, its title, the values of its JSON, and what the template shows beside them."""

    template: str
    title: str
    data: Mapping[str, Any]
    beside: Mapping[str, Any] = field(default_factory=dict)


# -- companies ---------------------------------------------------------------------------------------------------------


def companies(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the list of companies."""
    text, at = asked.query.get("q", ""), _read_number(asked.query.get("page", ""))
    with desk.readers.lease(asked.as_of) as warehouse:
        found = find_companies(warehouse, text, _COMPANIES + 1, (at - 1) * _COMPANIES)
        metrics = find_metrics(warehouse, text, 8) if text else []
        data = {
            **_origin(warehouse),
            "search": text,
            "page": at,
            "has_more": len(found) > _COMPANIES,
            "companies": found[:_COMPANIES],
            "metrics": metrics,
        }
    return ShownPage("companies.html", "Companies", data, {"today": datetime.now(UTC).date()})


def _read_number(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal() and int(text[:9]) >= 1 and len(text) < 9):  # noqa: PLR2004 - digits
        raise UsageError(f"{text!r} is no number of a page")
    return int(text)


def _origin(warehouse: Warehouse) -> dict[str, Any]:
    """Return what every page says about its data: the commit and the as-of moment."""
    return {"commit": warehouse.snapshot.versions["fact"], "as_of": warehouse.as_of}


def company(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the page of a company: its statements, forecasts and parts."""
    span = asked.choose("span", _SPANS)
    with desk.readers.lease(asked.as_of) as warehouse:
        entity = warehouse.entity_of(asked.words["entity"])
        head = read_head(warehouse, entity)
        data = {
            **_origin(warehouse),
            "company": head,
            "span": span,
            "statements": read_statements(warehouse, entity, span),
            "forecasts": list_forecasts(warehouse, entity, most=30),
            "parts": list_parts(warehouse, entity, most=60),
        }
    today = datetime.now(UTC).date()
    return ShownPage("company.html", head.name or entity, data, {"spans": _SPANS, "today": today})


# -- metric and figure -------------------------------------------------------------------------------------------------


def metric(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the page of a metric of a company: the growth report on it, and the values that its figures had."""
    with desk.readers.lease(asked.as_of) as warehouse:
        entity, name = warehouse.entity_of(asked.words["entity"]), asked.words["metric"]
        head, vintages = read_head(warehouse, entity), list_vintages(warehouse, entity, name)
        data = {
            **_origin(warehouse),
            "company": head,
            "metric": name,
            "forecasts": list_forecasts(warehouse, entity, name),
            "vintages": vintages,
        }
        if _find_measure(warehouse, name) == "ratio":
            return _make_rate_page(warehouse, entity, data)
        document = _make_document(warehouse, entity, name, asked)
    figures = document.data["figures"]
    data |= {"headline": document.headline, "lead": document.lead, "figures": figures}
    periods = [row["fiscal_period"] for row in reversed(figures) if row["value"] is not None]
    beside = {"body": _draw_body(document, vintages), "periods": periods}
    return ShownPage("metric.html", document.headline, data, beside)


def _make_document(warehouse: Warehouse, entity: str, name: str, asked: PageQuestion) -> Document:
    from tracker.report import document_of  # noqa: PLC0415 - loads what draws

    period = asked.query.get("period") or None
    title = f"{entity[:40]}-{name[:40]}"
    definition = Definition(title, "growth", (entity,), (name,), period, asked.as_of, None, ("html",))
    document = document_of(warehouse, definition)
    latest = document.data["figures"][-1]["fiscal_period"]
    return replace(document, command=f"tracker explain {entity} {name} {period or latest}")


def _make_rate_page(warehouse: Warehouse, entity: str, data: dict[str, Any]) -> ShownPage:
    """Make the page of a metric that is itself a rate: growth of a rate says nothing, so its values are listed."""
    tables = [table for span in _SPANS for table in read_statements(warehouse, entity, span, _MOST_PERIODS)]
    lines = [line for table in tables for line in table.lines if line.metric == data["metric"]]
    if not lines:
        raise NothingMatchedError(f"{entity} has no {data['metric']}")
    title = f"{lines[0].label}, {data['company'].name or entity}"
    return ShownPage("rate.html", title, {**data, "lines": lines})


def _find_measure(warehouse: Warehouse, name: str) -> str | None:
    """Find the measure of a metric (money, ratio, ...); NothingMatchedError if there is no such metric."""
    found = warehouse.records("select measure from metric where metric = $name", {"name": name})
    if not found:
        raise NothingMatchedError(f"there is no metric {name}; `select metric, label from metric` lists them")
    measure: str | None = found[0]["measure"]
    return measure


def _draw_body(document: Document, vintages: list[Any]) -> Markup:
    from tracker.report.output.page import page_body  # noqa: PLC0415 - loads what draws
    from tracker.serve.vintages import vintage_section  # noqa: PLC0415 - the same

    if not vintages:
        return page_body(document)
    at = len(document.sections) - 1
    sections = (*document.sections[:at], vintage_section(vintages), *document.sections[at:])
    return page_body(replace(document, sections=sections))


def figure(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the page of a figure: the explanation down to filings and the characters of articles."""
    with desk.readers.lease(asked.as_of) as warehouse:
        entity, name, period = (asked.words[word] for word in ("entity", "metric", "period"))
        tree = explain_figure(warehouse, entity, name, period, _quote(desk.project))
        return _make_tree_page(warehouse, tree, f"{tree.record.get('name') or entity}, {name}, {period}")


def fact(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the page of a statement: its evidence, its versions, and the figure it belongs to."""
    with desk.readers.lease(asked.as_of) as warehouse:
        tree = explain_fact(warehouse, asked.words["fact"], _quote(desk.project))
        return _make_tree_page(warehouse, tree, f"Statement {asked.words['fact'][:12]}")


def _quote(project: Project) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    return make_quote(project.root, project.articles)


def _make_tree_page(warehouse: Warehouse, tree: Node, title: str) -> ShownPage:
    return ShownPage("figure.html", title, {**_origin(warehouse), "explanation": tree.tree()}, {"tree": tree})


# -- reports, runs and checks ------------------------------------------------------------------------------------------


def reports(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the list of the project's reports."""
    from tracker.report import list_reports  # noqa: PLC0415 - loads what draws

    del asked
    project = desk.project
    with desk.readers.lease() as warehouse:
        found = list_reports(
            project.reports, load_definitions(project.reports), warehouse.snapshot, find_late_companies(project)
        )
        data = {**_origin(warehouse), "reports": found}
    return ShownPage("reports.html", "Reports", data)


_RUNS: Final = """
    select job, slot, attempt, status, reason, started_at, finished_at, commit_version, added, stopped
    from run order by started_at desc limit 100
"""
_PROBLEMS: Final = """
    select path, line, field, code, message, remedy, recorded_at from problem order by recorded_at desc, path, line
    limit 100
"""


def runs(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the page of scheduled runs, checks, and what could not be read."""
    del asked
    with desk.readers.lease() as warehouse:
        data = {**_origin(warehouse), "runs": warehouse.records(_RUNS), "problems": warehouse.records(_PROBLEMS)}
    found = check(desk.project).findings
    states = {"failed": 0, "stale": 1, "warn": 2, "unknown": 3, "pass": 4}
    findings = sorted(found, key=lambda one: (states.get(one.state, 2), one.check, one.entity or ""))
    return ShownPage("runs.html", "Runs and checks", {**data, "checks": findings})


# -- SQL ---------------------------------------------------------------------------------------------------------------

_SHOWS: Final = {"table": "Table", "chart": "Chart"}
_FIRST: Final = "select fiscal_period, value, yoy_ratio\nfrom yoy\nwhere entity = '{entity}' and metric = '{metric}' "
_REST: Final = "and span = 'quarter'\norder by period_end"


def sql(desk: Desk, asked: PageQuestion) -> ShownPage:
    """Make the page for a question in SQL, with its answer."""
    query, show = asked.query.get("q", "").strip(), asked.choose("show", _SHOWS)
    shown: dict[str, Any] = {"shows": _SHOWS, "show": show, "formats": [*DOWNLOADS], "chart": ""}
    with desk.sql_readers.lease(asked.as_of) as warehouse:
        shown["views"] = list_views(warehouse)
        if not query and (start := asked.query.get("view")):
            query = f"select *\nfrom {_require_view(shown['views'], start)}\nlimit 50"
        data: dict[str, Any] = {**_origin(warehouse), "query": query or _suggest_query(warehouse)}
        if not query:
            return ShownPage("sql.html", "SQL", data, shown | {"answer": None})
        answer = _ask_safely(desk, warehouse, query, asked, SHOWN)
    result = answer.result()
    numeric, texts = list_numeric(result), fetch_texts(result)
    shown["answer"] = {"columns": answer.columns, "numeric": numeric, "rows": texts}
    if show == "chart":
        shown["chart"] = _draw_chart(answer)
    data |= {"columns": answer.columns, "rows": _rows_to_json(answer), "is_cut": answer.is_cut}
    return ShownPage("sql.html", "SQL", data, shown)


def _require_view(known: Sequence[ViewLine], name: str) -> str:
    if name not in {one.name for one in known}:
        raise NothingMatchedError(f"there is no view {name!r}; choose one from the list")
    return name


def _suggest_query(warehouse: Warehouse) -> str:
    """Suggest a first question: the growth of the company with most figures."""
    found = warehouse.records(
        "select entity, metric from yoy where span = 'quarter' and yoy_ratio is not null "
        "group by entity, metric order by count(*) desc, metric <> 'revenue', entity, metric limit 1"
    )
    known = found[0] if found else {"entity": "meta", "metric": "revenue"}
    return _FIRST.format_map(known) + _REST


def _ask_safely(desk: Desk, warehouse: Warehouse, query: str, asked: PageQuestion, head: int | None) -> SafeAnswer:
    return desk.door.ask(warehouse, query, limits=ON_PAGE, head=head, is_cancelled=asked.gone.is_set)


def _rows_to_json(answer: SafeAnswer) -> Any:
    return json.loads(_write(answer, "json"), parse_float=str)


def _draw_chart(answer: SafeAnswer) -> Markup:
    from tracker.serve.answer_chart import draw_answer  # noqa: PLC0415 - loads what draws

    return draw_answer(answer)


def download(desk: Desk, asked: PageQuestion, form: str) -> bytes:
    """Answer a question in SQL as a file of a format."""
    query = asked.query.get("q", "").strip()
    if not query:
        raise QueryError("no question; write one on the page")
    with desk.sql_readers.lease(asked.as_of) as warehouse:
        answer = _ask_safely(desk, warehouse, query, asked, None)
    return _write(answer, form)


def _write(answer: SafeAnswer, form: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"answer.{form}"
        write(answer.result(), form, file)
        return file.read_bytes()


#: The pages by the pattern of their path.
PAGES: Final[Mapping[str, Callable[[Desk, PageQuestion], ShownPage]]] = {
    "/": companies,
    "/companies": companies,
    "/company/{entity}": company,
    "/company/{entity}/{metric}": metric,
    "/company/{entity}/{metric}/{period}": figure,
    "/fact/{fact}": fact,
    "/reports": reports,
    "/runs": runs,
    "/sql": sql,
}


def page_to_json(page: ShownPage) -> dict[str, Any]:
    """Return what a page shows as plain values."""
    plain: dict[str, Any] = to_plain({"title": page.title, **page.data})
    return plain
