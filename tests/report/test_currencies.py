"""Companies that report in several currencies, side by side in one of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest

from support.project import fact_line, init_at, made_once, worked_out, write_facts, write_sources
from support.reports import define_report
from tracker.errors import InputError, NothingMatchedError
from tracker.pipeline.ingest import ingest
from tracker.project import load_project
from tracker.report.definition import load_definitions
from tracker.report.kinds.peers import peers

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.report.document import Document

#: Revenue in millions by quarter.
REVENUE = {
    "acme": ("USD", {"2023Q1": 100, "2023Q2": 110, "2024Q1": 120, "2024Q2": 132}),
    "yen": ("JPY", {"2023Q1": 16000, "2023Q2": 16000, "2024Q1": 32000, "2024Q2": 24000}),
    "euro": ("EUR", {"2023Q1": 70, "2023Q2": 80, "2024Q1": 77, "2024Q2": 84}),
    "dong": ("VND", {"2023Q1": 900, "2023Q2": 900, "2024Q1": 900, "2024Q2": 900}),
}
#: Units for one euro, the same on every day of a year.
RATES = {2023: (Decimal("1.25"), Decimal(160)), 2024: (Decimal("1.20"), Decimal(150))}


def write_project(folder: Path) -> None:
    project = init_at(folder, list(REVENUE))
    write_sources(project, "r1,release,C,,en,,,,,2024-08-01,\n")
    lines = [
        fact_line("Revenues", period, str(value), entity=entity, unit=unit)
        for entity, (unit, values) in REVENUE.items()
        for period, value in values.items()
    ]
    write_facts(project, *lines)
    days = [date(2023, 1, 2) + timedelta(days=number) for number in range(550)]
    rates = [f"{day},{RATES[day.year][0]},{RATES[day.year][1]},\n" for day in reversed(days) if day.weekday() < 5]
    (project.seeds / "fx.csv").write_text("Date,USD,JPY,\n" + "".join(rates))
    ingest(project, [project.seeds])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "currencies", write_project)


def draw(folder: Path, *entities: str, currency: str | None = "EUR", language: str = "en") -> Document:
    wanted = define_report("peers", entities, ("revenue",), period="2024Q2", currency=currency, language=language)
    with worked_out(folder / "warehouse") as warehouse:
        return peers(warehouse, wanted)


def test_amounts_are_converted_and_growth_is_not(folder: Path) -> None:
    document = draw(folder, "acme", "yen", "euro")
    values = {(row["entity"], row["fiscal_period"]): row for row in document.data["figures"]}
    for (entity, period), row in values.items():
        unit, stated = REVENUE[entity]
        at = dict(zip(("USD", "JPY"), RATES[int(period[:4])], strict=True)).get(unit, Decimal(1))
        rate = (1 / at).quantize(Decimal("1e-12"), ROUND_HALF_UP)
        assert (row["value"], row["unit"]) == (stated[period] * 1_000_000 * rate, "EUR")
    assert values["acme", "2024Q2"]["base"] == Decimal(88_000_000)  # 110 at the rate of 2023
    assert values["acme", "2024Q2"]["yoy_ratio"] == Decimal("0.2")
    assert "Together €354.0 million:" in document.lead  # 110 + 160 + 84; rates move the sum, so it has no growth
    assert "not converted" not in document.lead
    assert [picture.key for section in document.sections for picture in section.pictures if "rank" in picture.key] == [
        "rank-0"
    ]


def test_the_report_says_by_which_rates(folder: Path) -> None:
    document = draw(folder, "acme", "yen", "euro")
    (note,) = [note.text for note in document.notes if note.title == "Currencies"]
    assert note.startswith("Amounts are in EUR: those of a period by the average of its daily rates")
    assert "seeds/fx.csv" in note
    (table,) = [table for section in document.sections for table in section.tables if table.key == "t-rates"]
    cells = {(row.cells[0].text, row.cells[1].text): [cell.text for cell in row.cells[2:]] for row in table.rows}
    assert cells["acme", "2024Q2"] == [
        "$132.0 million",
        "0.833333333333",
        "1 April to 28 June 2024 (65)",
        "seeds/fx.csv",
    ]
    assert cells["euro", "2024Q2"] == ["€84.0 million", "1", "", ""]
    (index,) = [picture for section in document.sections for picture in section.pictures if picture.key == "index"]
    assert index.unit == "All companies in EUR; quarters of the calendar"
    found = [
        one for one in document.data["conversions"] if one["entity"] == "yen" and one["period_end"] == date(2024, 6, 30)
    ]
    assert [(one["from_currency"], one["rate_days"], one["status"]) for one in found] == [("JPY", 65, "converted")]


def test_a_company_without_rates_has_no_amount_and_a_reason(folder: Path) -> None:
    document = draw(folder, "acme", "yen", "dong")
    assert "No figure is on record for dong." in document.lead
    (note,) = [note.text for note in document.notes if note.title == "Currencies"]
    assert (
        "Dong: the table of exchange rates has no VND." in note
        or "dong: the table of exchange rates has no VND." in note
    )


def test_without_a_currency_nothing_is_converted(folder: Path) -> None:
    document = draw(folder, "acme", "yen", currency=None)
    assert "Amounts in USD and JPY are not converted." in document.lead or "are not converted" in document.lead
    assert {row["unit"] for row in document.data["figures"]} == {"USD", "JPY"}
    assert document.data["conversions"] == []


def test_a_currency_that_the_table_lacks_is_refused(folder: Path) -> None:
    with pytest.raises(NothingMatchedError, match="no table of exchange rates has CHF"):
        draw(folder, "acme", "yen", currency="CHF")


@pytest.mark.parametrize(("currency", "code"), [('"euro"', "currency"), ("3", "type")])
def test_a_definition_names_a_currency_by_its_code(tmp_path: Path, currency: str, code: str) -> None:
    text = f'kind = "peers"\nentities = ["a", "b"]\ncurrency = {currency}\n'
    (tmp_path / "two.toml").write_text(text)
    with pytest.raises(InputError) as raised:
        load_definitions(tmp_path)
    assert [(one.line, one.column, one.code) for one in raised.value.problems] == [(3, "currency", code)]


def test_a_report_of_another_kind_takes_no_currency(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('kind = "growth"\nentity = "a"\ncurrency = "EUR"\n')
    with pytest.raises(InputError, match="unknown key"):
        load_definitions(tmp_path)


def test_the_project_is_read_again_in_every_language(folder: Path) -> None:
    assert load_project(folder).seeds.is_dir()
    for language in ("de", "ar", "ja"):
        (note,) = [note for note in draw(folder, "acme", "yen", language=language).notes if "seeds/fx.csv" in note.text]
        assert "Amounts" not in note.text
