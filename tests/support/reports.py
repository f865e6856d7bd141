"""Definitions of reports that several tests draw, and a report written by hand."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from support.languages import ENGLISH
from tracker.report import FORMATS, Definition, render, write_index
from tracker.report.charts.leaves import Chart, make_layers
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Table

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse


def define_report(
    kind: str, entities: tuple[str, ...], metrics: tuple[str, ...] = (), **other: str | None
) -> Definition:
    """Define a report of this kind in every format, of all periods and days unless `other` names some."""
    blank = Definition("mine", kind, entities, metrics, None, None, None, FORMATS)
    return replace(blank, **other)  # type: ignore[arg-type]


#: One report of each kind on the seeds, as known on a day so that later seeds change nothing.
EXAMPLES = {
    "growth": define_report("growth", ("meta",), ("capex", "revenue"), period="2024Q2", as_of="2024-11-05"),
    "peers": define_report("peers", ("amazon", "alphabet", "meta"), ("capex",), period="2025Q4"),
    "guidance": define_report("guidance", ("meta",), ("capex",), as_of="2024-08-05"),
    "restatements": define_report("restatements", ("meta",)),
    "reconciliation": define_report("reconciliation", ("meta",), ("capex", "revenue"), period="2024Q2"),
    "changes": define_report("changes", ("meta",), since="2024-07-30", as_of="2024-08-05"),
}

#: A report of one chart, which the project defines itself.
OWN_CHARTS = Definition("own", "charts", (), (), None, None, "Ours", ("html", "json"), charts=("mine",))


def write_own_chart(folder: Path, **texts: str) -> Path:
    """Write the files of the chart `mine` (`sql`, `toml`, `py`) and return the folder of reports."""
    (folder / "charts").mkdir()
    for ending, text in texts.items():
        (folder / "charts" / f"mine.{ending}").write_text(text, "utf-8")
    return folder


_AMOUNTS_BY_DAY = """
select period_end as day, cast(period_end as timestamp) as moment, entity, cast(value as double) / 1e9 as amount
from figure where metric = 'revenue' and span = 'quarter' and entity in ('meta', 'amazon') order by 1, 3
"""


_TWO_CHARTS = Definition("charts", "charts", (), (), None, None, "Ours", FORMATS, charts=("days", "moments"))


EVERY_KIND = [
    *(replace(definition, name=kind) for kind, definition in EXAMPLES.items()),
    _TWO_CHARTS,
    replace(EXAMPLES["growth"], name="growth-ar", language="ar", is_interactive=True),
]


def _write_own_charts(folder: Path) -> None:
    (folder / "charts").mkdir()
    for name, x in (("days", "day"), ("moments", "moment")):
        (folder / "charts" / f"{name}.sql").write_text(_AMOUNTS_BY_DAY, "utf-8")
        (folder / "charts" / f"{name}.toml").write_text(f'x = "{x}"\ny = "amount"\nmark = "line"\nseries = "entity"\n')


def write_every_kind(warehouse: Warehouse, folder: Path) -> None:
    """Write every kind of report in every format, and the list of them."""
    _write_own_charts(folder)
    for definition in EVERY_KIND:
        render(warehouse, definition, folder)
    write_index(folder, EVERY_KIND, warehouse.snapshot)


FILING = Link("0001326801-24-000069", "https://www.sec.gov/Archives/edgar/data/1326801/000132680124000069/")


EARLIER = Link("0001326801-24-000049", "https://www.sec.gov/Archives/edgar/data/1326801/000132680124000049/", "less")


def make_chart() -> Chart:
    """Make a chart of three columns."""
    bars = [{"from": at + 0.1, "to": at + 0.9, "value": at + 1.0, "zero": 0, "role": "history"} for at in range(3)]
    scales = {"x": {"domain": [0, 3], "range": [0, 300]}, "y": {"domain": [0, 3], "range": [100, 0]}}
    view = {"width": 300, "height": 110, "layer": make_layers(ENGLISH, "made", ["bars"], scales)}
    return Chart((view,), {"made-bars": bars}, 340)


def make_document(**changed: Any) -> Document:
    """Make a report by hand; `changed` replaces parts of it."""
    rows = (
        Row(
            (
                Cell("2024Q2"),
                Cell("8,472", Decimal(8472000000)),
                Cell("+33.3%", Decimal("0.333333333333")),
                Cell("30 June 2024", date(2024, 6, 30)),
                Cell("", links=(FILING, EARLIER)),
            ),
            is_marked=True,
            key="capex-2024q2",
        ),
        Row(
            (
                Cell("2023Q2"),
                Cell("6,354.5", Decimal("6354500000.25")),
                Cell("no year-earlier figure", tone="muted"),
                Cell("30 June 2023", date(2023, 6, 30)),
                Cell("", links=(EARLIER,)),
            )
        ),
    )
    columns = (Column("Period"), Column("Figure", "number"), Column("Growth", "ratio"), Column("Ends", "date"), Column("Source"))  # fmt: skip
    table = Table("capex", "Capital spending, $ million", columns, rows, "Capital spending", "Rounded half up.")
    picture = Picture("capex", "Capital spending", "$ billion", "Three columns, rising.", make_chart())
    parts: dict[str, Any] = {
        "definition": Definition("made", "growth", ("meta",), ("capex",), None, None, None, ("html",)),
        "language": ENGLISH,
        "kicker": "Meta Platforms, Inc. · Second quarter of 2024",
        "headline": "Meta’s capital spending rose 33% to $8.5 billion",
        "lead": "A year earlier it was $6.4 billion.",
        "cards": (
            Card("Capital spending", "$8.47 bn", "+33.3%", "up", "from $6.35 bn"),
            Card("Net income", "−$1.20 bn", "−12.0%", "down", ""),
        ),
        "sections": (Section("figures", "Every figure", "All of them.", (picture,), (table,)),),
        "notes": (Note("Bounds", "A printed figure is an interval."),),
        "foot": ("Source: company filings.",),
        "known_on": date(2024, 8, 5),
        "commit": 7,
        "command": "tracker report made",
        "data": {},
    }
    return Document(**{**parts, **changed})
