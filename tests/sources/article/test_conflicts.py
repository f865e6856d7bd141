"""What a text says twice: conversions, two figures for one period, reported ranges, and words that are no periods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tracker.sources.article import NamedCompany, Reading, extract
from tracker.sources.article.find import periods

DAY = date(2025, 8, 5)


def read(text: str, currency: str = "USD") -> Reading:
    halden = NamedCompany("halden", ("Halden Freight",), currency, 12)
    return extract(text, published=DAY, about=halden, companies=[halden])


CONVERSIONS = [
    "Revenue of Halden Freight was $512 million (€441 million) in 2024.",
    "Revenue of Halden Freight was $512 million (about 441 million euros) in 2024.",
    "Revenue of Halden Freight was $512 million, or roughly 441 million euros, in 2024.",
    "Halden Freight hat 2024 einen Umsatz von 512 Millionen Dollar (umgerechnet rund 441 Millionen Euro) erzielt.",
    "Le chiffre d'affaires de Halden Freight a atteint 512 millions de dollars (soit 441 millions d'euros) en 2024.",
    "Los ingresos de Halden Freight fueron de 512 millones de dólares (unos 441 millones de euros) en 2024.",
    "I ricavi di Halden Freight sono stati pari a 512 milioni di dollari (circa 441 milioni di euro) nel 2024.",
    "Doanh thu năm 2024 của Halden Freight đạt 512 triệu USD (tương đương 441 triệu euro).",
    "Halden Freightの2024年の売上高は5億1200万ドル(約4億4100万ユーロ)だった。",
]


@pytest.mark.parametrize("text", CONVERSIONS)
def test_a_conversion_is_no_second_figure(text: str) -> None:
    found = read(text)
    assert [(figure.unit, figure.value) for figure in found.facts] == [("USD", Decimal(512_000_000))]
    assert [figure.unit for figure in found.abstained if figure.reason == "conversion"] == ["EUR"]


def test_the_amount_in_the_company_s_own_currency_is_the_stated_one() -> None:
    [figure] = read(CONVERSIONS[0], "EUR").facts
    assert (figure.unit, figure.value) == ("EUR", Decimal(441_000_000))


@pytest.mark.parametrize(
    "text",
    [
        "Halden Freight expects 2025 revenue of $2.4 billion. It expects 2025 revenue of $2.2 billion.",
        "Halden Freight expects 2025 revenue of $2.4 billion to $2.6 billion. It sees 2025 revenue of $2.5 to $2.7 billion.",
        "Revenue of Halden Freight was $2.4 billion in 2024. In 2024, revenue was $1.9 billion.",
    ],
)
def test_two_different_figures_for_one_period_are_both_left_open(text: str) -> None:
    found = read(text)
    assert not found.facts
    assert [figure.reason for figure in found.review] == ["contradiction", "contradiction"]


@pytest.mark.parametrize(
    "text",
    [
        "Halden Freight expects 2025 revenue of $2.4 billion to $2.6 billion. It expects 2025 revenue of $2.5 billion.",
        "Revenue of Halden Freight was $2.4 billion in 2024. In 2024, revenue was $2.41 billion.",
    ],
)
def test_figures_that_agree_stay(text: str) -> None:
    assert len(read(text).facts) == 2


def test_a_reported_range_is_left_open() -> None:
    found = read("Halden Freight had revenue of $510 million to $530 million in the first quarter of 2025.")
    assert not found.facts
    assert [figure.reason for figure in found.review] == ["range_reported"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "valcomo si attende di più e ti dice che l'it cresce"),
        ("es", "no sabe si crece"),
        ("pt", "a empresa não se diz se si"),
        ("fr", "si tout va bien"),
        ("id", "si pemilik"),
        ("en", "hi there"),
        ("ms", "it is so"),
    ],
)
def test_words_of_two_letters_are_no_quarters(language: str, text: str) -> None:
    assert not [item for item in periods.find_periods(text, 0, len(text), language) if item.part]


@pytest.mark.parametrize(
    ("language", "text", "part"),
    [("it", "s1 2025", "H1"), ("es", "1t 2025", "Q1"), ("pt", "t2 2025", "Q2"), ("fr", "t1 2025", "Q1"), ("vi", "qi/2025", "Q1"), ("id", "kuartal i 2025", "Q1")],
)  # fmt: skip
def test_short_names_of_quarters_stay(language: str, text: str, part: str) -> None:
    assert [item.part for item in periods.find_periods(text, 0, len(text), language) if item.part] == [part]


@pytest.mark.parametrize(
    "text",
    [
        "Revenue of Halden Freight was $4.2 billion in 2024, up 9% from the previous year's $3.85 billion.",
        "Revenue of Halden Freight was $4.2 billion in 2024, up 9% compared with the year before ($3.85 billion).",
    ],
)
def test_the_base_of_a_rate_is_of_the_year_before(text: str) -> None:
    levels = {figure.period: figure.value for figure in read(text).facts if figure.kind == "actual"}
    assert levels == {"FY2024": Decimal(4_200_000_000), "FY2023": Decimal(3_850_000_000)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Halden Freight expects 2025 operating income $20 million below the $150 million midpoint.", "change"),
        ("Halden Freight raised the low end of its 2025 revenue guidance by $50 million to $2.35 billion.", "range_end"),
        ("Halden Freight erwartet 2025 einen Umsatz am unteren Ende von 2,35 Milliarden Dollar.", "range_end"),
        ("Halden Freight a relevé le bas de la fourchette de ses prévisions de chiffre d'affaires 2025 à 2,35 milliards de dollars.", "range_end"),
        ("Halden Freightは2025年の売上高予想の下限を23億5000万ドルに引き上げた。", "range_end"),
    ],
)  # fmt: skip
def test_a_distance_and_one_end_of_a_range_are_no_forecast(text: str, reason: str) -> None:
    found = read(text)
    assert not found.facts
    assert reason in {figure.reason for figure in (*found.review, *found.abstained)}


@pytest.mark.parametrize(
    ("text", "periods_of"),
    [
        ("Halden Freight reported 2024 revenue of $1.5 billion and fourth-quarter operating income of $35 million.", {"revenue": "FY2024", "operating_income": "2024Q4"}),
        ("Halden Freight expects 2026 revenue of $1.5 billion and first-quarter operating income of $35 million.", {"revenue": "FY2026", "operating_income": "2026Q1"}),
    ],
)  # fmt: skip
def test_a_period_behind_and_is_of_the_next_amount(text: str, periods_of: dict[str, str]) -> None:
    assert {figure.metric: figure.period for figure in read(text).facts} == periods_of


def test_a_base_told_in_other_words_is_of_the_same_period() -> None:
    text = "Net income of Halden Freight was $42 million in the second quarter of 2025, compared to $31 million, or $0.62 per share, in the second quarter of 2024."
    assert {(figure.metric, figure.period) for figure in read(text).facts} == {
        ("net_income", "2025Q2"),
        ("net_income", "2024Q2"),
        ("eps", "2024Q2"),
    }


OLD = [
    "Statt der im Mai angepeilten 140 bis 150 Millionen Dollar erwartet Halden Freight 2025 ein Betriebsergebnis von 120 bis 130 Millionen Dollar.",
    "Em vez do lucro operacional de US$ 140 milhões a US$ 150 milhões estimado em maio, a Halden Freight espera US$ 120 milhões a US$ 130 milhões em 2025.",
    "Instead of the $140 million to $150 million projected in May, Halden Freight expects 2025 operating income of $120 million to $130 million.",
    "Halden Freight prevede per il 2025 un utile operativo di 120-130 milioni di dollari e non più i 140-150 milioni di dollari.",
    "De los 140 a 150 millones de dólares de beneficio operativo que preveía para 2025, Halden Freight pasa ahora a una previsión de 120 a 130 millones de dólares.",
]


@pytest.mark.parametrize("text", OLD)
def test_what_another_forecast_has_taken_the_place_of_is_no_step(text: str) -> None:
    found = {(figure.kind, figure.low, figure.high) for figure in read(text).facts}
    assert found <= {("guidance", Decimal(120_000_000), Decimal(130_000_000))}
    assert {"prior_guidance", "denied"} & {figure.reason for figure in read(text).abstained}


@pytest.mark.parametrize("amount", ["$75¹ million", "$75² million", "$75.0³ million", "$75 million¹", "$75¹² million"])
def test_the_mark_of_a_note_is_no_part_of_an_amount(amount: str) -> None:
    [figure] = read(f"Revenue of Halden Freight was {amount} in 2024.").facts
    assert figure.value == Decimal(75_000_000)


def test_a_power_of_ten_is_no_note() -> None:
    [figure] = read("Revenue of Halden Freight was $1.5 x 10¹² in 2024.").facts
    assert figure.value == Decimal(1_500_000_000_000)
