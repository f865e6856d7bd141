"""Reports on the parts of a company: who grew, the share of the whole, and what they rest on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from support.parts import REGION, SEGMENT, init_project, state, year
from support.reports import define_report
from tracker.errors import NothingMatchedError
from tracker.model.batch import Batch
from tracker.model.fact import to_table
from tracker.report import document_of
from tracker.report.output.page import page
from tracker.report.text.language import LANGUAGES
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.report.document import Document, Picture

WEST = f"{REGION}=country:US"
EAST = f"{REGION}=acme:ElsewhereMember"
REPORT = define_report("segments", ("acme",), ("revenue",))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    path = init_project(tmp_path_factory.mktemp("parts") / "p")
    day, form, amounts = year(2024, (60, 50, 45), (40, 40, 45))
    amounts = {**amounts, WEST: {"2024FY": 70, "2023FY": 63}, EAST: {"2024FY": 50, "2023FY": 60}}
    with Writer(path) as writer:
        writer.commit(Batch(to_table(state((day, form, amounts))), {}))
        writer.commit(Batch(to_table(state(year(2024, (9, 10), (-4, -8)), "us-gaap:OperatingIncomeLoss")), {}))
    with Warehouse(path) as stored:
        yield stored


def picture(document: Document, key: str) -> Picture:
    (found,) = [one for section in document.sections for one in section.pictures if one.key == key]
    return found


def test_the_headline_names_the_part_that_grew_most(warehouse: Warehouse) -> None:
    document = document_of(warehouse, REPORT)
    assert document.headline == "Of the parts of Acme, revenue rose most in Rockets (+20%) in 2024"
    assert document.lead == (
        "Rockets $60.0 million (+20%, 60% of the whole); Boats $40.0 million (0%, 40% of the whole)."
    )
    assert [(card.label, card.growth) for card in document.cards] == [("Rockets", "+20.0%"), ("Boats", "0.0%")]


def test_regions_are_named_in_the_language_and_what_does_not_add_up_is_said(warehouse: Warehouse) -> None:
    regions = define_report("segments", ("acme",), ("revenue",), axis=REGION)
    document = document_of(warehouse, regions)
    assert document.headline == "Of the parts of Acme, revenue rose most in United States (+11%) in 2024"
    assert document.lead.endswith(
        "Together they give $120.0 million, more than the $100.0 million of the whole company: some are parts of others."
    )
    spanish = document_of(warehouse, define_report("segments", ("acme",), ("revenue",), axis=REGION, language="es"))
    assert (
        spanish.headline == "Partes de Acme: mayor alza de ingresos en Estados Unidos (+11\N{NO-BREAK SPACE}%) en 2024"
    )


def test_shares_are_lines_over_the_years(warehouse: Warehouse) -> None:
    chart = picture(document_of(warehouse, REPORT), "shares")
    assert chart.alt == "Lines of shares. At their ends: Rockets 60%; Boats 40%."
    lines = next(rows for name, rows in chart.chart.data.items() if name.endswith("-lines"))
    assert [(row["at"], round(row["value"], 2)) for row in lines] == [
        (2022, 50.0), (2023, 55.56), (2024, 60.0), (2022, 50.0), (2023, 44.44), (2024, 40.0),
    ]  # fmt: skip


def test_a_loss_has_no_share(warehouse: Warehouse) -> None:
    document = document_of(warehouse, define_report("segments", ("acme",), ("operating_income",)))
    assert document.headline == "Of the parts of Acme, operating income fell least in Rockets (−10%) in 2024"  # noqa: RUF001
    assert not [section for section in document.sections if section.key == "shares"]


def test_every_figure_leads_to_its_statement(warehouse: Warehouse) -> None:
    text = page(document_of(warehouse, REPORT))
    places = set(re.findall(r'href="#(f[^"]+)"', text))
    assert places
    assert places <= set(re.findall(r'id="([^"]+)"', text))


@pytest.mark.parametrize(
    ("other", "message"),
    [({"axis": SEGMENT, "period": "2021Q1"}, "for 2021Q1 along us-gaap"), ({"metrics": ("goodwill",)}, "any period")],
)
def test_without_two_parts_there_is_no_report(warehouse: Warehouse, other: dict[str, Any], message: str) -> None:
    with pytest.raises(NothingMatchedError, match=message):
        document_of(warehouse, define_report("segments", ("acme",), **({"metrics": ("revenue",)} | other)))


@pytest.mark.parametrize("code", sorted({*LANGUAGES} - {"en"}))
def test_every_phrase_is_translated(warehouse: Warehouse, code: str) -> None:
    for metric in ("revenue", "operating_income"):
        for axis in (None, REGION):
            if metric == "revenue" or axis is None:
                report = define_report(
                    "segments", ("acme",), (metric,), language=code, **({"axis": axis} if axis else {})
                )
                assert not document_of(warehouse, report).language.missing
