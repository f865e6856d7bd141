"""The tools: each reads one answer from the warehouse. An assistant sees their docstrings as descriptions."""

# No postponed annotations: the SDK reads the types of arguments and results from them.

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Annotated, Any, Final, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from tracker.answers.company import list_forecasts, list_parts, list_peers
from tracker.answers.company_list import CompanyLine, find_companies, find_metrics
from tracker.answers.figure import Figure, read_figures
from tracker.answers.rows import to_plain
from tracker.assistant.results import (
    CompanyFound,
    EvidenceFound,
    Explained,
    ExplanationLine,
    FigureFound,
    Figures,
    Forecast,
    Forecasts,
    Found,
    MetricFound,
    Missing,
    PartFound,
    PartsFound,
    PeerFound,
    PeersFound,
    Quotation,
    SqlAnswer,
    fit,
)
from tracker.errors import TrackerError
from tracker.explain.node import Node
from tracker.explain.quotation import make_quote
from tracker.explain.tree import explain_figure
from tracker.project import Project
from tracker.serve.readers import Readers
from tracker.warehouse.catalog import as_of_instant
from tracker.warehouse.export import fetch_texts, list_numeric
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.safe.door import Limits, SafeAnswer, SafeDoor

__all__ = ["READ_ONLY", "Toolbox"]

READ_ONLY: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
#: The limits of an assistant's SQL.
_LIMITS: Final = Limits(seconds=10, megabytes=512, rows=100_000, bytes=32 * 2**20)
_ROWS: Final = 200

Company = Annotated[
    str, Field(description="id, ticker or name, present or former: meta, META, Facebook", max_length=200)
]
Metric = Annotated[str, Field(description="id of a metric, as `find` lists them: revenue, capex", max_length=100)]
AsOf = Annotated[
    str | None,
    Field(
        description="a day (2024-08-05) or moment: answer with what the public knew then; left out: all that is known"
    ),
]
_Result = TypeVar("_Result")


def _say_errors(tool: Callable[..., _Result]) -> Callable[..., _Result]:
    """Give the assistant the sentence of an error of ours, which says what to do."""

    @wraps(tool)
    def answer(*arguments: Any, **named: Any) -> _Result:
        try:
            return tool(*arguments, **named)
        except TrackerError as error:
            raise ToolError(str(error)) from error

    return answer


class Toolbox:
    """The tools of one project."""

    def __init__(self, project: Project, readers: Readers, door: SafeDoor) -> None:
        self.project, self.readers, self.door = project, readers, door

    @property
    def tools(self) -> tuple[Callable[..., Any], ...]:
        """Return the tools, in the order in which they are listed."""
        return (self.find, self.figures, self.guidance, self.explain, self.peers, self.parts, self.sql)

    @contextmanager
    def _open_warehouse(self, as_of: str | None) -> Iterator[Warehouse]:
        if as_of:
            as_of_instant(as_of)
        with self.readers.lease(as_of or None) as warehouse:
            yield warehouse

    @_say_errors
    def find(
        self,
        text: Annotated[
            str, Field(description="a name, ticker, CIK, or words of a metric; empty lists all", max_length=200)
        ] = "",
        as_of: AsOf = None,
    ) -> Found:
        """Find companies and metrics. Use this first: other tools take the ids it returns."""
        with self._open_warehouse(as_of) as warehouse:
            companies, metrics = find_companies(warehouse, text, 60), find_metrics(warehouse, text, 100)
            found = Found(*_describe_origin(warehouse), [_describe_company(one) for one in companies], [
                MetricFound(one.metric, one.label, one.section, one.about) for one in metrics
            ])  # fmt: skip
        if not companies and not metrics:
            found.missing.append(Missing(text, "no company and no metric has this in a name"))
        return fit(fit(found, "metrics", "search for a word of them"), "companies", "search for a part of a name")

    @_say_errors
    def figures(
        self,
        company: Company,
        metrics: Annotated[list[Metric], Field(description="up to 10 ids of metrics", min_length=1, max_length=10)],
        periods: Annotated[
            list[str] | None,
            Field(
                description="fiscal periods: 2024Q2, 2024H1, 2024M9, FY2024; left out: the latest quarters",
                max_length=40,
            ),
        ] = None,
        as_of: AsOf = None,
    ) -> Figures:
        """Read figures of a company with growth on the year before, bounds, and the statements they rest on.

        The true value lies between `low` and `high`. A figure that is not known has a reason, and is never zero.
        """
        with self._open_warehouse(as_of) as warehouse:
            entity = warehouse.entity_of(company)
            found = read_figures(warehouse, entity, metrics, periods)
            if periods is None:
                found = _list_latest(found)
            found.sort(key=lambda one: (one.period_end, one.period), reverse=True)
            name = found[0].name if found else entity
            answer = Figures(*_describe_origin(warehouse), entity, name, [_figure(one) for one in found])
        answer.missing += _list_missing(found, metrics, periods)
        return fit(answer, "figures", "ask for fewer metrics, or name the periods")

    @_say_errors
    def guidance(
        self,
        company: Company,
        metric: Annotated[Metric | None, Field(description="left out: every metric")] = None,
        as_of: AsOf = None,
    ) -> Forecasts:
        """Read what a company promised: each step of its guidance as a range, and what came of it."""
        with self._open_warehouse(as_of) as warehouse:
            entity = warehouse.entity_of(company)
            steps = list_forecasts(warehouse, entity, metric)
            answer = Forecasts(*_describe_origin(warehouse), entity, [
                Forecast(
                    one.metric, one.fiscal_period, to_plain(one.issued_at), to_plain(one.superseded_at), one.status,
                    one.shape, to_plain(one.low), to_plain(one.high), one.unit, one.outcome, to_plain(one.actual),
                    one.reason, one.fact_id, one.source_id, one.accession,
                    Quotation(one.quote, one.source_id or "") if one.quote else None,
                ) for one in steps
            ])  # fmt: skip
        if not steps:
            answer.missing.append(Missing(f"guidance of {entity} on {metric or 'any metric'}", "no source states any"))
        return fit(answer, "steps", "name a metric")

    @_say_errors
    def explain(
        self,
        company: Company,
        metric: Metric,
        period: Annotated[str, Field(description="2024Q2, 2024H1, 2024M9, FY2024 or TTM2024Q2", max_length=20)],
        as_of: AsOf = None,
    ) -> Explained:
        """Explain one figure: what it is the sum of, the filings behind it, its growth, guidance, claims of articles
        about it, and candidates that were not chosen."""
        with self._open_warehouse(as_of) as warehouse:
            quote = make_quote(self.project.root, self.project.articles)
            tree = explain_figure(warehouse, company, metric, period, quote)
            answer = Explained(*_describe_origin(warehouse), [*_list_lines(tree, 0)])
        return fit(answer, "lines", f"`tracker explain {company} {metric} {period}` shows all")

    @_say_errors
    def peers(
        self,
        metric: Metric,
        companies: Annotated[list[Company] | None, Field(description="left out: all companies", max_length=50)] = None,
        calendar_quarter: Annotated[
            str | None, Field(description="2024Q2; left out: the latest that most have", max_length=6)
        ] = None,
        as_of: AsOf = None,
    ) -> PeersFound:
        """Rank companies by growth of a metric on the year before, in one quarter of the calendar."""
        with self._open_warehouse(as_of) as warehouse:
            entities = [warehouse.entity_of(one) for one in companies or []]
            found = list_peers(warehouse, metric, entities, calendar_quarter, 200)
            quarter = found[0].calendar_quarter if found else calendar_quarter
            answer = PeersFound(*_describe_origin(warehouse), metric, quarter, [
                PeerFound(
                    one.entity, one.name, one.fiscal_period, to_plain(one.value), one.unit, one.yoy_ratio, one.yoy_low,
                    one.yoy_high, one.yoy_status,
                ) for one in found
            ])  # fmt: skip
        known = {one.entity for one in found}
        answer.missing += [
            Missing(one, f"no {metric} of it is known for that quarter") for one in entities if one not in known
        ]
        answer.missing += [
            Missing(f"growth of {one.entity}", one.reason or one.yoy_status) for one in found if one.yoy_ratio is None
        ]
        return fit(answer, "companies", "name the companies")

    @_say_errors
    def parts(
        self,
        company: Company,
        metric: Annotated[Metric | None, Field(description="left out: every metric")] = None,
        as_of: AsOf = None,
    ) -> PartsFound:
        """Read what was stated about parts of a company: segments, regions, products."""
        with self._open_warehouse(as_of) as warehouse:
            entity = warehouse.entity_of(company)
            found = list_parts(warehouse, entity, metric)
            answer = PartsFound(*_describe_origin(warehouse), entity, [
                PartFound(
                    one.metric, one.part, one.dimensions, one.fiscal_period, to_plain(one.period_end),
                    to_plain(one.value), one.unit, one.source_id, one.accession, one.fact_id,
                ) for one in found
            ])  # fmt: skip
        if not found:
            reason = "no document that names parts is stored; `tracker fetch --filings` brings some"
            answer.missing.append(Missing(f"parts of {entity}", reason))
        return fit(answer, "parts", "name a metric")

    async def sql(
        self,
        query: Annotated[str, Field(description="one SELECT in the dialect of DuckDB", max_length=20_000)],
        as_of: AsOf = None,
    ) -> SqlAnswer:
        """Answer one SELECT over the views. Read the resource `tracker://schema` first, and `tracker://schema/VIEW` for
        columns. Name the columns and a company (where entity = 'meta'), and add a LIMIT. It runs without rights and
        within 10 seconds. Amounts are in whole units of `unit`, and NULL means unknown; `reason` says why."""
        gone = threading.Event()
        try:
            return await anyio.to_thread.run_sync(
                _say_errors(partial(self._answer_sql, query, as_of, gone)), abandon_on_cancel=True
            )
        finally:
            gone.set()

    def _answer_sql(self, query: str, as_of: str | None, gone: threading.Event) -> SqlAnswer:
        with self._open_warehouse(as_of) as warehouse:
            found = self.door.ask(warehouse, query, limits=_LIMITS, head=_ROWS, is_cancelled=gone.is_set)
            answer = SqlAnswer(*_describe_origin(warehouse), found.columns, _list_rows(found))
        if found.is_cut:
            answer.left_out.append(f"rows behind the first {_ROWS}; use LIMIT and OFFSET, or add them up in SQL")
        return fit(answer, "rows", "name fewer columns, or add a LIMIT")

    # -- the schema -----------------------------------------------------------------------------------

    def list_schema(self) -> str:
        """List the views: name, what they show, one row for each of what, and whether they have an as-of twin."""
        with self._open_warehouse(None) as warehouse:
            rows = warehouse.objects(is_short=True).fetchall()
        named = [{"view": name, "what": what, "grain": grain, "as_of_twin": timed} for name, timed, grain, what in rows]
        return json.dumps(named, ensure_ascii=False)

    def describe_view(self, view: str) -> str:
        """List the columns of a view with their types."""
        with self._open_warehouse(None) as warehouse:
            return json.dumps([{"column": name, "type": kind} for name, kind in warehouse.columns_of(view).fetchall()])


def _describe_origin(warehouse: Warehouse) -> tuple[str, int]:
    return warehouse.as_of or "all that is known", warehouse.snapshot.versions["fact"]


def _describe_company(one: CompanyLine) -> CompanyFound:
    return CompanyFound(
        one.entity, one.name, one.ticker, one.cik, one.metric, one.fiscal_period, to_plain(one.value), one.unit,
        one.yoy_ratio, one.next_fiscal_period, to_plain(one.expected_date), one.forecasts,
    )  # fmt: skip


def _figure(one: Figure) -> FigureFound:
    growth = one.growth
    low, high = (None if end is None else float(end) for end in (growth.low, growth.high))
    return FigureFound(
        one.metric, one.period, to_plain(one.period_start), to_plain(one.period_end), to_plain(one.value),
        to_plain(one.low), to_plain(one.high), one.unit, one.method, one.reason,
        None if growth.ratio is None else float(growth.ratio), low, high, growth.status, to_plain(growth.base),
        growth.base_period,
        [
            EvidenceFound(
                sign, to_plain(of.value), of.unit, of.concept, to_plain(of.period_start), to_plain(of.period_end),
                of.source_id, of.accession, of.form, to_plain(of.known_on), of.fact_id, of.url,
                Quotation(of.quote, of.source_id, of.language) if of.quote else None,
            )
            for sign, of in zip(one.signs, one.evidence, strict=True)
        ],
    )  # fmt: skip


_LATEST: Final = 8


def _list_latest(found: list[Figure]) -> list[Figure]:
    """Keep the latest quarters of each metric; the latest periods of any length of one that has no quarters."""
    kept: list[Figure] = []
    for metric in dict.fromkeys(one.metric for one in found):
        own = [one for one in found if one.metric == metric]
        quarters = [one for one in own if "Q" in one.period] or own
        kept += sorted(quarters, key=lambda one: one.period_end)[-_LATEST:]
    return kept


def _list_missing(found: list[Figure], metrics: list[str], periods: list[str] | None) -> Iterator[Missing]:
    """List what was asked for but is not known."""
    there = {(one.metric, one.period) for one in found}
    for one in found:
        if one.value is None:
            yield Missing(f"{one.metric} {one.period}", one.reason or "not known")
    for metric in metrics:
        wanted = [period for period in periods or [] if (metric, period) not in there]
        yield from (Missing(f"{metric} {period}", "no source states or implies it") for period in wanted)
        if periods is None and not any(one.metric == metric for one in found):
            yield Missing(metric, "no source states it; `find` lists the metrics")


#: The marks around a quotation in a line of an explanation.
_OPENING, _CLOSING = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"


def _list_lines(node: Node, depth: int) -> Iterator[ExplanationLine]:
    """List a tree as lines; quotations stand beside the text, never in it."""
    record = node.record
    source = str(record.get("source_id") or "")
    language = record.get("language")
    quotations = [
        Quotation(str(record[name]), source, None if language is None else str(language))
        for name in ("quote", "sentence")
        if record.get(name)
    ]
    text = node.text
    for one in quotations:
        text = text.replace(
            f"\N{LEFT DOUBLE QUOTATION MARK}{one.quoted_data}\N{RIGHT DOUBLE QUOTATION MARK}", "(quoted)"
        )
    fact_id, url = (None if record.get(name) is None else str(record[name]) for name in ("fact_id", "url"))
    yield ExplanationLine(depth, text, fact_id, url, quotations)
    for below in node.below:
        yield from _list_lines(below, depth + 1)


def _list_rows(found: SafeAnswer) -> list[list[Any]]:
    """List the rows as JSON values: amounts as text with every digit, whole numbers and flags as they are."""
    result = found.result()
    texts, numeric = fetch_texts(result), list_numeric(result)
    plain = result.fetchall()
    return [
        [
            None if value is None else value if isinstance(value, bool | int) and is_number else text
            for value, text, is_number in zip(values, shown, numeric, strict=True)
        ]
        for values, shown in zip(plain, texts, strict=True)
    ]
