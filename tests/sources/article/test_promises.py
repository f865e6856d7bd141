"""Guidance without a number: withdrawn, a direction, a likeness; in thirteen languages, from the text to the views."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from support.project import init_at, made_once, write_guidance, write_sources
from tracker.pipeline.ingest import ingest
from tracker.sources.article import extract, record
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PUBLISHED = date(2024, 8, 1)
REV, CAP, ALL = "revenue", "capex", "outlook"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # a sentence, and what it promises: metric, how, period, unit
        ("Meta withdrew its full-year guidance on Tuesday.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta has suspended its revenue forecast for 2024.", [(REV, "withdrawn", "FY2024", "USD")]),
        ("The 2024 outlook was withdrawn by Meta.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta has not withdrawn its guidance.", []),
        ("Analysts at Fairview withdrew their forecast for Meta.", []),
        ("If sales fall, Meta could withdraw its guidance.", []),
        ("Meta withdrew its margin forecast.", []),
        ("Meta withdrew its shipment target for 2024.", []),
        ("Meta pulled the app from its store, a target for regulators.", []),
        ("Meta expects significantly higher capital expenditures in 2025.", [(CAP, "direction_up", "FY2025", "USD")]),
        ("Meta expects revenue to decline next year.", [(REV, "direction_down", "FY2025", "USD")]),
        ("Meta expects revenue growth in 2025 to be similar to last year's.", [(REV, "similar", "FY2025", "ratio")]),
        ("Meta expects 2025 capital expenditures in line with 2023.", [(CAP, "similar", "FY2025", "USD")]),
        ("Meta expects full-year operating expenses in line with last year.", [("total_costs", "similar", "FY2024", "USD")]),
        ("Meta expects capital expenditures to rise 20% in 2025.", []),
        ("Analysts expect higher revenue at Meta next year.", []),
        ("Meta's revenue rose last year, as expected.", []),
        ("Meta may see lower revenue next year.", []),
        ("Meta does not expect higher capital expenditures in 2025.", []),
        ("Meta ha ritirato le previsioni per il 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta prevede ricavi in calo nel 2025.", [(REV, "direction_down", "FY2025", "USD")]),
        ("Meta hat seine Prognose für 2024 zurückgezogen.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta zieht die Prognose für das Gesamtjahr zurück.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta erwartet 2025 einen höheren Umsatz.", [(REV, "direction_up", "FY2025", "USD")]),
        ("Meta a suspendu ses prévisions pour 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta prévoit un chiffre d'affaires en baisse en 2025.", [(REV, "direction_down", "FY2025", "USD")]),
        ("Meta retiró sus previsiones para 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta espera que los ingresos aumenten en 2025.", [(REV, "direction_up", "FY2025", "USD")]),
        ("A Meta suspendeu as suas previsões para 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("A Meta espera que a receita cresça em 2025.", [(REV, "direction_up", "FY2025", "USD")]),
        ("Meta menarik balik panduan kewangan untuk 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta menjangkakan hasil lebih tinggi pada 2025.", [(REV, "direction_up", "FY2025", "USD")]),
        ("Meta mencabut proyeksi keuangan untuk 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta memperkirakan pendapatan akan turun pada 2025.", [(REV, "direction_down", "FY2025", "USD")]),
        ("Meta đã rút lại dự báo cho năm 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta dự kiến doanh thu sẽ giảm trong năm 2025.", [(REV, "direction_down", "FY2025", "USD")]),
        ("سحبت ميتا توقعاتها لعام 2024.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("تتوقع ميتا ارتفاع الإيرادات في عام 2025.", [(REV, "direction_up", "FY2025", "USD")]),
        ("メタは2024年度の業績予想を取り下げた。", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("メタは2025年度の売上高が増加すると見込む。", [(REV, "direction_up", "FY2025", "USD")]),
        ("Meta撤回了2024年的业绩指引。", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("Meta预计2025年营收将增长。", [(REV, "direction_up", "FY2025", "USD")]),
        ("메타는 2024년 가이던스를 철회했다.", [(ALL, "withdrawn", "FY2024", "USD")]),
        ("메타는 2025년 매출이 증가할 것으로 예상했다.", [(REV, "direction_up", "FY2025", "USD")]),
    ],
)  # fmt: skip
def test_promises_in_words(text: str, said: Sequence[tuple[str, str, str, str]]) -> None:
    found = extract(text, published=PUBLISHED)
    assert [(p.metric, p.qualifier, p.period, p.unit) for p in found.promises] == list(said)
    for promise in found.promises:
        assert text[promise.start : promise.end] == promise.quote
        assert (promise.value, promise.low, promise.high, promise.entity) == (None, None, None, "Meta")


def test_a_period_that_is_named_and_not_known_is_not_every_period() -> None:
    assert not extract("Meta withdrew its full-year guidance.").promises
    assert [promise.period for promise in extract("Meta withdrew its guidance.").promises] == [None]


def test_only_of_companies_that_are_known() -> None:
    assert not extract("Zyxtron withdrew its guidance for 2024.", published=PUBLISHED).promises


def test_promises_are_apart_from_figures() -> None:
    line = record("a", extract("Meta expects significantly higher capital expenditures in 2025.", published=PUBLISHED))
    assert line["facts"] == []
    (promise,) = line["promises"]
    assert (promise["qualifier"], promise["span"]) == ("direction_up", "significantly higher")
    assert not {"value", "low", "high"} & set(promise)


TELLERS = [
    # the company's own release takes its ranges back; an article that says so only relays it
    ("release", "withdrawn"),
    ("article", "initial"),
]
#: The company of each case, which is called as its id is.
COMPANIES = {"release": "Acme", "article": "Zyxtron"}


def store(folder: Path) -> None:
    """Two companies with the same forecasts, and of each a text that takes them back."""
    project = init_at(folder, list(COMPANIES.values()))
    write_sources(project, "r1,release,Acme,,en,,,,,2024-08-01,\n")
    ranges = ("revenue,FY2024,2024-02-01,,30,37,9,USD,range,r1,", "capex,FY2024,2024-02-01,5,,,9,USD,approx,r1,")
    write_guidance(project, *(f"{company},{said}" for company in COMPANIES.values() for said in ranges))
    ingest(project, [project.seeds])
    for kind, company in COMPANIES.items():
        path = folder / f"{kind}.txt"
        path.write_text(f"Given the state of the market, {company} withdraws its full-year financial guidance.")
        ingest(project, [path], published=PUBLISHED, entity=company, kind=kind)


@pytest.fixture(scope="module")
def forecasts(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str, bool]]:
    """Of each company and metric: what became of its forecast, and whether it has none before."""
    with Warehouse(made_once(tmp_path_factory, "promises-cases", store) / "warehouse") as warehouse:
        return warehouse.sql("select entity, metric, status, low_before is null from guidance order by all").fetchall()


@pytest.mark.parametrize(("kind", "status"), TELLERS)
def test_a_release_takes_all_forecasts_back(
    forecasts: list[tuple[str, str, str, bool]], kind: str, status: str
) -> None:
    rows = [row for company, *row in forecasts if company == COMPANIES[kind]]
    assert rows == [["capex", status, kind == "article"], ["revenue", status, kind == "article"]]
