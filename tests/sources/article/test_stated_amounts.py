# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Amounts as stated: thousands in words, dollars of a country, notes on brackets, and what is no report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tracker.sources.article import ExtractedFigure, extract

DAY = date(2025, 8, 20)


def read(text: str) -> tuple[ExtractedFigure, ...]:
    return extract(text, published=DAY).facts


THOUSANDS = [
    ("La minera mexicana Cobrex ganó mil 105 millones de pesos en 2024.", 1_105_000_000),
    ("La minera mexicana Cobrex facturó dos mil 300 millones de pesos en 2024.", 2_300_000_000),
    ("La minera mexicana Cobrex facturó mil 105.5 millones de pesos en 2024.", 1_105_500_000),
    ("A Cobrex faturou mil e 200 milhões de reais em 2024.", 1_200_000_000),
    ("I ricavi di Kalista sono stati pari a mille e 200 milioni di euro nel 2024.", 1_200_000_000),
    ("Le chiffre d'affaires de Kalista a atteint mille 200 millions d'euros en 2024.", 1_200_000_000),
    ("PT Kalista membukukan pendapatan seribu 200 miliar rupiah pada 2024.", 1_200_000_000_000),
    ("Hasil Kalista Bhd mencecah seribu 200 juta ringgit pada 2024.", 1_200_000_000),
    ("Doanh thu của Kalista đạt một nghìn 200 tỷ đồng năm 2024.", 1_200_000_000_000),
    ("Kalista erzielte 2024 einen Umsatz von tausend 200 Millionen Euro.", 1_200_000_000),
    ("Cobrex tiene mil 250 empleados al cierre de 2024.", 1250),
    ("Los ingresos de la mexicana Cobrex sumaron 18 mil 420 millones de pesos en 2024.", 18_420_000_000),
]


@pytest.mark.parametrize(("text", "value"), THOUSANDS)
def test_a_thousand_in_words_belongs_to_the_digits_behind_it(text: str, value: int) -> None:
    assert [figure.value for figure in read(text)] == [Decimal(value)]


@pytest.mark.parametrize("number", ["veintidós mil 300", "ciento cinco mil 300"])
def test_a_number_whose_first_words_are_not_read_is_left_open(number: str) -> None:
    found = extract(f"Los ingresos de la mexicana Cobrex sumaron {number} millones de pesos en 2024.", published=DAY)
    assert not found.facts
    assert [figure.reason for figure in found.review] == ["scale_open"]


DOLLARS = [
    ("Le chiffre d'affaires de Boréalis Mines a atteint 12,4 M$ CA en 2024.", "CAD"),
    ("Le chiffre d'affaires de Boréalis Mines a atteint 12,4 M$ CAN en 2024.", "CAD"),
    ("Le chiffre d'affaires de Boréalis Mines a atteint 12,4 M$ US en 2024.", "USD"),
    ("Boréalis Mines a réalisé 12,4 M$ de CA en 2024.", "USD"),
    ("Le chiffre d'affaires de Boréalis Mines a atteint 12,4 M$, au Canada et ailleurs, en 2024.", "USD"),
    ("Revenue of Boreal Mines was $12.4 million Canadian in 2024.", "CAD"),
    ("Revenue of Boreal Mines was $12.4 million CAD in 2024.", "CAD"),
    ("A receita da Boreal Minas foi de 12,4 milhões de dólares canadianos em 2024.", "CAD"),
    ("Pendapatan Boreal Minas mencapai 12,4 juta dolar Kanada pada 2024.", "CAD"),
    ("Le chiffre d'affaires de Boréalis Mines a atteint 12 millions de dollars singapouriens en 2024.", "SGD"),
]


@pytest.mark.parametrize(("text", "unit"), DOLLARS)
def test_a_dollar_is_of_the_country_behind_it(text: str, unit: str) -> None:
    assert [figure.unit for figure in read(text)] == [unit]


NOTES = [
    "Halden Marine ASA, full year 2024 (EUR million, 2023 in brackets)\nRevenue: 512 (498)\nOperating profit: 31 (44)",
    "Weserland AG – Geschäftsjahr 2024 (in Mio. Euro, Vorjahr in Klammern)\nUmsatz: 512 (498)\nBetriebsergebnis: 31 (44)",
    (
        "Laval Papier, exercice 2024 (en millions d'euros, 2023 entre parenthèses)\nChiffre d'affaires : 512 (498)\n"
        "Résultat opérationnel : 31 (44)"
    ),
    (
        "Cobre Sur S.A., ejercicio 2024 (en millones de euros; entre paréntesis, 2023)\nIngresos: 512 (498)\n"
        "Resultado operativo: 31 (44)"
    ),
    "Zeffira S.p.A., esercizio 2024 (milioni di euro, tra parentesi il 2023)\nRicavi: 512 (498)\nRisultato operativo: 31 (44)",
    "Celbeira, ano 2024 (milhões de euros, 2023 entre parênteses)\nReceita: 512 (498)\nResultado operacional: 31 (44)",
    "PT Sinar Kaca, tahun 2024 (juta rupiah, 2023 dalam kurung)\nPendapatan: 512 (498)\nLaba usaha: 31 (44)",
    "青峰电子2024年业绩（单位：百万元人民币，括号内为2023年）\n营业收入 512（498）\n营业利润 31（44）",
]


@pytest.mark.parametrize("text", NOTES)
def test_a_note_gives_brackets_their_period(text: str) -> None:
    said = [(figure.period, int(figure.value or 0) // 1_000_000) for figure in read(text)]
    assert sorted(said) == [("FY2023", 44), ("FY2023", 498), ("FY2024", 31), ("FY2024", 512)]


def test_a_note_on_losses_leaves_brackets_a_minus_sign() -> None:
    text = "Halden Marine ASA, full year 2024 (USD million, losses in brackets)\nOperating profit: (164)"
    assert [figure.value for figure in read(text)] == [Decimal(-164_000_000)]


def test_a_note_on_something_else_leaves_brackets_open() -> None:
    text = "Halden Marine ASA, full year 2024 (USD million, change in brackets)\nOperating profit: 164 (38)"
    found = extract(text, published=DAY)
    assert not found.facts
    assert {figure.reason for figure in found.review} == {"bracket_sign", "columns_open"}


NO_FIGURES = [
    ("Corvid Research raised its revenue forecast for Halden Marine to $890 million for 2025.", "analyst"),
    ("Ambayu Research menaikkan unjuran hasil Kencana Gas untuk 2025 kepada RM890 juta.", "analyst"),
    ('"We have no target of $1.5 billion in revenue for 2026," said Sillon Telecom.', "denied"),
    (
        "« Nous n'avons pas d'objectif de 1,5 milliard d'euros de chiffre d'affaires pour 2026 », a dit Sillon Télécom.",
        "denied",
    ),
]


@pytest.mark.parametrize(("text", "reason"), NO_FIGURES)
def test_what_others_forecast_and_what_is_denied_is_no_figure(text: str, reason: str) -> None:
    found = extract(text, published=DAY)
    assert not found.facts
    assert [figure.reason for figure in found.abstained] == [reason]


def test_an_amount_at_an_exchange_rate_is_a_conversion() -> None:
    text = "Lácteos Brisa ganó 21.400 millones de pesos argentinos en 2023. Al tipo de cambio oficial, el beneficio es de 21 millones de dólares."
    assert [figure.unit for figure in read(text)] == ["ARS"]


def test_growth_behind_after_is_of_its_own_period() -> None:
    text = "Halden Marine aims for revenue growth of 20% this year, after revenue tripled to $36 million in 2024."
    assert [(figure.kind, figure.period) for figure in read(text)] == [
        ("guidance", "FY2025"),
        ("growth_yoy", "FY2024"),
        ("actual", "FY2024"),
    ]


@pytest.mark.parametrize(("head", "kind"), [("plan for 2024:", "guidance"), ("results for 2024:", "actual")])
def test_numbered_items_below_a_plan_are_forecasts(head: str, kind: str) -> None:
    text = f"Halden Marine {head}\n1. Revenue: $2.8 billion\n2. Capital expenditure: $120 million"
    assert [figure.kind for figure in extract(text, published=date(2025, 1, 15)).facts] == [kind, kind]
