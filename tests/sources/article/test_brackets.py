# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Brackets as a minus sign: what they decide, what they leave open, and what is no sign at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tracker.sources.article import ExtractedFigure, NamedCompany, Reading, extract
from tracker.sources.article.text.lexicon import LANGUAGES, locale

DAY = date(2025, 8, 5)


def read(text: str) -> Reading:
    return extract(text, published=DAY, about=NamedCompany("tarn", ("Tarn Optics",), "USD", 12))


def values(figures: tuple[ExtractedFigure, ...]) -> list[tuple[object, object]]:
    return [(figure.metric, figure.value) for figure in figures]


# One whole amount --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("($310 million)", "-310000000"),
        ("($310) million", "-310000000"),
        ("$(310) million", "-310000000"),
        ("$(310)M", "-310000000"),
        ("(US$ 1.2bn)", "-1200000000"),
        ("US$(1.2)bn", "-1200000000"),
        ("(1.2) billion dollars", "-1200000000"),
        ("(1.2 billion) dollars", "-1200000000"),
        ("EUR (1.2) billion", "-1200000000"),
        ("-$(310) million", "-310000000"),
        ("(-$310 million)", "-310000000"),
        ("US$ -310 million", "-310000000"),
        ("$-310 million", "-310000000"),
        ("negative ($310) million", "-310000000"),
    ],
)
def test_a_loss_in_brackets(printed: str, value: str) -> None:
    [figure] = read(f"Operating income was {printed} in the second quarter of 2025.").facts
    assert (figure.metric, figure.value) == ("operating_income", Decimal(value))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("a net loss of ($310 million)", "-310000000"),
        ("a net loss of $(310) million", "-310000000"),
        ("a net loss ($310 million)", "-310000000"),
        ("a net income of ($310 million)", "-310000000"),
    ],
)
def test_a_loss_is_not_negated_twice(words: str, value: str) -> None:
    [figure] = read(f"Tarn Optics reported {words} in the second quarter of 2025.").facts
    assert figure.value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Operating income was a loss of $(310) million in 2024.", ("operating_income", -310_000_000)),
        (
            "El resultado operativo fue una pérdida de 310 millones de dólares en 2024.",
            ("operating_income", -310_000_000),
        ),
        ("Net income was a loss of $310 million in 2024.", ("net_income", -310_000_000)),
        ("The operating income and a loss of $310 million in 2024.", ("net_income", -310_000_000)),
    ],
)
def test_a_loss_of_the_result_named_before(text: str, fact: tuple[str, int]) -> None:
    assert values(read(text).facts) == [fact]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("Revenue growth was (5.2)% in the second quarter of 2025.", "-0.052"),
        ("Revenue decreased (5.2)% in the second quarter of 2025.", "-0.052"),
        ("Revenue decreased (5.2%) in the second quarter of 2025.", "-0.052"),
        ("Revenue grew strongly (5.2%) in the second quarter of 2025.", "0.052"),
    ],
)
def test_a_rate_in_brackets(text: str, rate: str) -> None:
    assert [figure.value for figure in read(text).facts] == [Decimal(rate)]


# Ranges ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("operating income of ($1.2) billion to ($1.0) billion", "-1200000000", "-1000000000"),
        ("operating income of ($1.0) to ($1.2) billion", "-1200000000", "-1000000000"),
        ("operating income between ($120) million and ($100) million", "-120000000", "-100000000"),
        ("operating income of $(120)-(100) million", "-120000000", "-100000000"),
        ("an operating loss of ($1.2 - 1.0 billion)", "-1200000000", "-1000000000"),
        ("an operating loss of ($120) million to ($100) million", "-120000000", "-100000000"),
        ("operating income of ($10) million to $20 million", "-10000000", "20000000"),
        ("operating income of $20 million to ($10) million", "-10000000", "20000000"),
        ("operating income of $(10) - $20 million", "-10000000", "20000000"),
        ("operating income of ($1.2) billion, plus or minus $50 million", "-1250000000", "-1150000000"),
    ],
)
def test_a_range_with_ends_in_brackets(words: str, low: str, high: str) -> None:
    [figure] = read(f"Tarn Optics expects 2025 {words}.").facts
    assert (figure.kind, figure.low, figure.high) == ("guidance", Decimal(low), Decimal(high))


# What cannot be below zero, and what may be an aside ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Revenue fell ($1.2 billion in 2024).", [("revenue", 1_200_000_000)]),
        ("Revenue was strong ($1.2 billion) in 2024.", [("revenue", 1_200_000_000)]),
        ("Capital expenditures were ($1.2) billion in 2024.", [("capex", 1_200_000_000)]),
        ("Revenue of $5 billion (4.6 billion euros) in 2024.", [("revenue", 5 * 10**9)]),
        (
            "Net income of $5 billion (4.6 billion euros) in 2024.",
            [("net_income", 5 * 10**9)],
        ),
        (
            "Net income was $2.0 billion in 2024 (2023: $1.1 billion).",
            [("net_income", 2 * 10**9), ("net_income", 1_100_000_000)],
        ),
        ("Revenue (1) was $5 billion in 2024.", [("revenue", 5 * 10**9)]),
        ("Net income was $310 million (note 3) in 2024.", [("net_income", 310_000_000)]),
        (
            "Net income was $310 million ($0.45 per share) in 2024.",
            [("net_income", 310_000_000), ("eps", Decimal("0.45"))],
        ),
    ],
)
def test_brackets_that_are_no_sign(text: str, facts: list[tuple[str, int | Decimal]]) -> None:
    assert values(read(text).facts) == facts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Operating income in the second quarter of 2025 ($310 million) beat forecasts.", "bracket_sign"),
        ("Net income fell to a lower level ($310 million) in the second quarter of 2025.", "bracket_sign"),
        ("Revenue changed (5.2%) year over year in the second quarter of 2025.", "bracket_sign"),
        ("Revenue was ($1.2) billion in the second quarter of 2025.", "below_zero"),
        ("Revenue was -$1.2 billion in the second quarter of 2025.", "below_zero"),
        ("بلغ الدخل التشغيلي (310) مليون دولار في الربع الثاني من 2025.", "bracket_sign"),
        ("2025년 2분기 실적은 ▲310억원 영업이익 ▲연구개발 강화다.", "bracket_sign"),
    ],
)
def test_what_is_left_open(text: str, reason: str) -> None:
    found = read(text)
    assert reason in {figure.reason for figure in found.review}
    assert not any(figure.start <= item.start < figure.end for figure in found.review for item in found.facts)


def test_rows_hold_losses_in_brackets() -> None:
    found = read("Tarn Optics, second quarter 2025\nOperating income ($310 million)\nDiluted EPS ($0.45)")
    assert values(found.facts) == [("operating_income", -310_000_000), ("eps", Decimal("-0.45"))]
    found = read("Tarn Optics, second quarter 2025\nNet income $310 million ($290 million)")
    assert values(found.facts) == [("net_income", 310_000_000)]
    assert [figure.reason for figure in found.review] == ["bracket_sign"]


def test_rows_with_revenue_in_brackets_show_that_brackets_are_no_sign() -> None:
    found = read("Tarn Optics, second quarter 2025\nRevenue ($1.2 billion)\nNet income ($310 million)")
    assert values(found.facts) == [("revenue", 1_200_000_000)]
    assert [figure.reason for figure in found.review] == ["bracket_sign"]


@pytest.mark.parametrize(
    "text",
    [
        "Net income was up in the second quarter of 2025 ($310 million).",
        "Net income was strong in the second quarter of 2025 ($310 million).",
        "Das Betriebsergebnis stieg im zweiten Quartal 2025 (310 Mio. Euro).",
        "Le résultat opérationnel est meilleur au deuxième trimestre 2025 (310 millions d'euros).",
        "2025年第2四半期の営業利益は前の期(310百万円)を上回った。",
    ],
)
def test_an_aside_behind_a_period(text: str) -> None:
    found = read(text)
    assert not any(figure.value == -310_000_000 for figure in found.facts)
    assert not any(figure.quote.startswith("(") for figure in found.review)


@pytest.mark.parametrize(
    "text",
    [
        "Operating income was, in the second quarter of 2025, ($310 million).",
        "Operating income was in the second quarter of 2025 ($310 million).",
        "Das Betriebsergebnis betrug im zweiten Quartal 2025 ($310 Millionen).",
        "El resultado operativo fue en el segundo trimestre de 2025 ($310 millones).",
    ],
)
def test_a_verb_that_waits_for_its_amount(text: str) -> None:
    assert values(read(text).facts) == [("operating_income", -310_000_000)]


# Signs of other scripts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("2025年第2四半期の売上高は前年同期比▲5.2%だった。", ("revenue", "-0.052")),
        ("2025년 2분기 매출은 ▲5.2% 증가했다.", ("revenue", "0.052")),
        ("2025년 2분기 영업이익은 ▲310억원이었다.", ("operating_income", "-31000000000")),
        ("2025年第2四半期の1株当たり純利益は△45円30銭だった。", ("eps", "-45.30")),
        ("2025年第2四半期の純利益は（３１０百万円）だった。", ("net_income", "-310000000")),
        ("2025年第二季度净利润为－3.1亿元。", ("net_income", "-310000000")),
    ],
)
def test_signs_of_other_scripts(text: str, fact: tuple[str, str]) -> None:
    assert values(read(text).facts) == [(fact[0], Decimal(fact[1]))]


def test_a_triangle_that_may_mean_a_rise_is_no_sign() -> None:
    found = read("2025년 2분기 매출은 3조원(▲5.2%)이다.")
    assert values(found.facts) == [("revenue", 3 * 10**12)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_names_the_words_before_an_amount(code: str) -> None:
    own = locale(code)
    assert own.words("brackets", "lead")
    assert own.words("brackets", "verb")
