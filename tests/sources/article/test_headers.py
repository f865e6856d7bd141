# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""The scale in a header: what is a header, which amounts it is of, and what stays open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tracker.sources.article import NamedCompany, Reading, extract
from tracker.sources.article.find.amounts import Context
from tracker.sources.article.find.headers import find_headers
from tracker.sources.article.text.lexicon import LANGUAGES, locale
from tracker.sources.article.text.normalise import fold, normalise
from tracker.sources.article.text.sentences import Sentence

DAY = date(2025, 11, 5)
ORRIN = NamedCompany("orrin", ("Orrin Labs",), "USD", 12)
TITLE = "Orrin Labs third quarter 2025 results"


def read(text: str) -> Reading:
    return extract(text, published=DAY, companies=[ORRIN])


def told(text: str) -> list[tuple[object, object, object]]:
    return [(figure.metric, figure.period, figure.value) for figure in read(text).facts]


def reasons(text: str) -> set[str | None]:
    return {figure.reason for figure in read(text).review}


# Headers -----------------------------------------------------------------------------------------------------------

HEADERS = """
en | (in thousands, except per share data) | 3
en | ($ in millions) | 6 USD
en | Dollars in millions, except per-share amounts | 6 USD
en | (unaudited; in millions of U.S. dollars) | 6 USD
en | Consolidated statements of income - in thousands of euros | 3 EUR
en | All figures in millions of euros unless otherwise stated. | 6 EUR
en | (US$'000) | 3 USD
en | (in 000s) | 3
en | (£m) | 6 GBP
en | (₹ in crores) | 7 INR
en | (C$ in millions, except per share amounts) | 6 CAD
en | (in euros) | 0 EUR
de | In Mio. Euro | 6 EUR
de | (in TEUR) | 3 EUR
de | Alle Angaben in Tsd. CHF, außer Ergebnis je Aktie | 3 CHF
fr | (en millions d'euros) | 6 EUR
fr | En k€ | 3 EUR
fr | (en milliers d'euros, sauf données par action) | 3 EUR
es | (miles de euros, salvo datos por acción) | 3 EUR
es | Cifras en millones de dólares | 6 USD
pt | (R$ mil) | 3 BRL
pt | Valores em milhões de euros | 6 EUR
it | (€/000) | 3 EUR
it | Importi in milioni di euro | 6 EUR
id | (dalam jutaan rupiah) | 6 IDR
id | Disajikan dalam ribuan dolar AS | 3 USD
ms | (RM'000) | 3 MYR
ms | Dalam jutaan ringgit, kecuali perolehan sesaham | 6 MYR
vi | (đơn vị: tỷ đồng) | 9 VND
vi | Đơn vị tính: triệu đồng | 6 VND
ar | (بالملايين) | 6
ar | (بآلاف الريالات) | 3 SAR
ar | (بملايين الدولارات، باستثناء بيانات السهم) | 6 USD
ja | （単位：百万円） | 6 JPY
ja | （百万円未満切捨て） | 6 JPY
ja | 単位：千米ドル | 3 USD
zh | （单位：百万元） | 6 CNY
zh | 單位：新台幣千元 | 3 TWD
zh | 单位：万元 币种：人民币 | 4 CNY
zh | （以百万美元计） | 6 USD
ko | (단위: 백만원) | 6 KRW
ko | 단위: 억원 | 8 KRW
"""


def found_in(text: str, code: str) -> list[str]:
    folded = fold(normalise(text).text)
    return [
        f"{header.power} {header.unit or ''}".strip()
        for header in find_headers(folded, Sentence(0, len(folded), code, 0), Context())
        if header.is_clear
    ]


@pytest.mark.parametrize("line", HEADERS.strip().splitlines())
def test_a_header(line: str) -> None:
    code, text, expected = line.split(" | ")
    assert found_in(text, code) == [expected]


@pytest.mark.parametrize(
    "text",
    ["(in person)", "(the euro)", "(m)", "(in thousands of shares)", "In millions of homes, people watched.", "(Q3)"],
)
def test_what_is_no_header(text: str) -> None:
    assert found_in(text, "en") == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_words_of_headers(code: str) -> None:
    for key in ("lead", "plain", "note", "except", "unless", "money", "everywhere", "or"):
        assert locale(code).words("header", key), key


# What a header is of -----------------------------------------------------------------------------------------------


def test_lines_below_a_header() -> None:
    text = f"{TITLE}\n(in thousands, except per share data)\nRevenue $1,234,567\nNet income $50,100\nDiluted EPS $0.45"
    found = read(text).facts
    assert [(figure.metric, figure.value, figure.decimals) for figure in found] == [
        ("revenue", 1_234_567_000, -3),
        ("net_income", 50_100_000, -3),
        ("eps", Decimal("0.45"), 2),
    ]


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ("Revenue $1,234,567 (in thousands)", 1_234_567_000),
        ("Revenue (in thousands) $1,234,567", 1_234_567_000),
        ("Revenue (in thousands): 1,234,567", 1_234_567_000),
        ("Orrin Labs had revenue, in thousands, of $1,234,567.", 1_234_567_000),
        ("Orrin Labs had revenue of $1,234,567 in thousands.", 1_234_567_000),
        ("($ in millions)\nRevenue .......... 1,234.5", 1_234_500_000),
        ("($ in millions)\n| Revenue | 1,234.5 |", 1_234_500_000),
        ("($ in millions)\nRevenue $1.2 billion", 1_200_000_000),
        ("($ in millions)\n(in thousands of dollars)\nRevenue 1,234,567", 1_234_567_000),
        ("($ in millions)\nCost base 50\n\nSecond table (in dollars)\nRevenue 1,234,567", 1_234_567),
    ],
)
def test_one_amount(rows: str, value: int) -> None:
    assert told(f"{TITLE}\n{rows}") == [("revenue", "2025Q3", value)]


def test_a_scale_of_one_line_is_of_that_line() -> None:
    text = f"{TITLE}\nRevenue (in thousands) $1,234,567\nNet income $50,100,000\nSubscribers (in thousands) 12,345"
    assert told(text) == [
        ("revenue", "2025Q3", 1_234_567_000),
        ("net_income", "2025Q3", 50_100_000),
        ("users", "2025Q3", 12_345_000),
    ]


@pytest.mark.parametrize(
    ("header", "users"),
    [
        ("(in thousands)", 12_345_000),
        ("(in thousands, except per share data)", 12_345_000),
        ("(in thousands, except per share and subscriber data)", 12_345),
        ("(in thousands, except per share data and subscribers)", 12_345),
        ("($ in thousands)", 12_345),
        ("(in thousands of dollars)", 12_345),
        ("(amounts in thousands)", None),
        ("(in thousands, unless otherwise noted)", None),
    ],
)
def test_counts_follow_the_words_of_the_header(header: str, users: int | None) -> None:
    text = f"{TITLE}\n{header}\nRevenue $1,234,567\nSubscribers 12,345\nGross margin 45%"
    found = {figure.metric: figure.value for figure in read(text).facts}
    assert found == {"revenue": 1_234_567_000} | ({} if users is None else {"users": users})
    assert ("scale_open" in reasons(text)) is (users is None)


def test_prose_below_a_table() -> None:
    table = f"{TITLE}\n($ in millions)\nRevenue 1,234\n\n"
    own = "Orrin Labs had revenue of $1.1 billion in 2024. Its EPS was $0.45 in 2024."
    assert told(table + own)[1:] == [("revenue", "FY2024", 1_100_000_000), ("eps", "FY2024", Decimal("0.45"))]
    bare = "Orrin Labs had revenue of $1,180 in the second quarter of 2025."
    assert told(table + bare) == [("revenue", "2025Q3", 1_234_000_000)]
    assert reasons(table + bare) == {"scale_open"}


def test_a_scale_for_the_whole_text() -> None:
    text = (
        "All amounts in thousands of US dollars unless otherwise noted.\n\nOrrin Labs had revenue of $45,123 in 2024."
    )
    assert told(text) == [("revenue", "FY2024", 45_123_000)]


@pytest.mark.parametrize(
    "header",
    [
        "(rounded and in thousands of dollars for convenience)",
        "Numbers below have been rounded and are in thousands by choice",
    ],
)
def test_a_scale_among_other_words_leaves_rows_open(header: str) -> None:
    assert told(f"{TITLE}\n{header}\nRevenue $1,234,567") == []
    assert reasons(f"{TITLE}\n{header}\nRevenue $1,234,567") == {"scale_open"}
    assert told(f"{TITLE}\n{header}\nRevenue $1.2 billion") == [("revenue", "2025Q3", 1_200_000_000)]


@pytest.mark.parametrize(
    "text",
    [
        "Cost of revenue 700,000",
        "Cost of goods sold 700,000",
        "Costs of sales 700,000",
    ],
)
def test_the_cost_of_revenue_is_no_revenue(text: str) -> None:
    assert told(f"{TITLE}\n($ in thousands)\n{text}") == []


def test_headings_in_capitals_name_no_company() -> None:
    text = f"{TITLE}\n\nCONDENSED CONSOLIDATED STATEMENTS OF INCOME\n($ in thousands)\nRevenue 1,234"
    assert [figure.entity for figure in read(text).facts] == ["orrin"]


def test_rows_of_people_have_columns() -> None:
    text = f"{TITLE}\n($ in millions)\nQ3 2025 Q3 2024\nRevenue 1,234 1,100\nEmployees 12,345 11,980"
    assert told(text)[2:] == [("headcount", "2025Q3", 12_345), ("headcount", "2024Q3", 11_980)]


# Columns and labels ------------------------------------------------------------------------------------------------


def test_columns_that_nothing_names_are_left_open() -> None:
    for rows in ("Revenue $1,234,567 $1,100,000", "($ in thousands)\nRevenue 1,234,567 1,100,000"):
        assert told(f"{TITLE}\n{rows}") == []
        assert reasons(f"{TITLE}\n{rows}") == {"columns_open"}


def test_columns_with_heads() -> None:
    text = f"{TITLE}\n($ in thousands)\nQ3 2025 Q3 2024 Change\nRevenue $ 1,234 $ 1,100 $ 134\nNet (loss) income (50) 45 n/a"
    assert told(text) == [
        ("revenue", "2025Q3", 1_234_000),
        ("revenue", "2024Q3", 1_100_000),
        ("net_income", "2025Q3", -50_000),
        ("net_income", "2024Q3", 45_000),
    ]
    assert told(text.replace("45 n/a", "n/a"))[2:] == []


def test_quarters_and_years_to_date_side_by_side() -> None:
    heads = "Three months ended September 30, Nine months ended September 30,\n2025 2024 2025 2024"
    text = f"{TITLE}\n($ in thousands)\n{heads}\nRevenue 1,234 1,100 3,500 3,200"
    assert [(period, value) for _, period, value in told(text)] == [
        ("2025Q3", 1_234_000),
        ("2024Q3", 1_100_000),
        ("2025M9", 3_500_000),
        ("2024M9", 3_200_000),
    ]


@pytest.mark.parametrize(
    ("label", "metric", "value"),
    [
        ("Net income (loss)", "net_income", 50_100_000),
        ("Net (loss) income", "net_income", 50_100_000),
        ("Operating income (loss)", "operating_income", 50_100_000),
        ("Net loss", "net_income", -50_100_000),
        ("Net income (loss) per share, diluted", "eps", 50_100),
        ("Net loss per share", "eps", -50_100),
    ],
)
def test_labels_that_name_profit_and_loss(label: str, metric: str, value: int) -> None:
    assert told(f"{TITLE}\n(in thousands)\n{label} $50,100") == [(metric, "2025Q3", value)]


def test_what_is_counted_per_share_has_no_scale() -> None:
    assert told(f"{TITLE}\n($ in millions)\nFree cash flow per share 0.45\nRevenue per share 1.20") == []


def test_rows_behind_a_paragraph_need_a_header_of_their_own() -> None:
    text = (
        f"{TITLE}\n($ in millions)\nRevenue 1,234\n\nOrrin Labs makes robots that sort parcels.\n\nNet income $50,100"
    )
    assert told(text) == [("revenue", "2025Q3", 1_234_000_000)]
    assert reasons(text) == {"scale_open"}


def test_the_number_of_a_footnote_is_no_cell() -> None:
    text = f"{TITLE}\n($ in thousands)\nQ3 2025 Q3 2024\nRevenue (1) 1,234,567 1,100,000\nNet income 50,100 (2)"
    assert not [value for _, _, value in told(text) if value in (1_000, 2_000, -1_000)]


def test_digits_that_blanks_part() -> None:
    title = "Groupe Lavandin, exercice 2024"
    for rows, values in (
        ("2024 2023\nChiffre d'affaires 845 790", [845_000_000, 790_000_000]),
        ("2024 2023\nChiffre d'affaires 84 512 79 034", [84_512_000_000, 79_034_000_000]),
        ("Chiffre d'affaires 84 512", [84_512_000_000]),
        ("Chiffre d'affaires 845 790", []),
        ("Chiffre d'affaires 845 790\nRésultat net 12 345", [845_790_000_000, 12_345_000_000]),
        ("Résultat net (50 100)\nChiffre d'affaires 845 790", [-50_100_000_000, 845_790_000_000]),
        ("Chiffre d'affaires 845 790\nRésultat net 62 8", []),
        ("Chiffre d'affaires 845 790\nRésultat net 312 290", []),
        ("Chiffre d'affaires 845 790\nRésultat net 3 120 2 900\nBénéfice par action 1,20", []),
        ("Chiffre d'affaires 845 090", [845_090_000_000]),
        ("Résultat net (50 100)", [-50_100_000_000]),
    ):
        found = extract(f"{title}\nEn millions d'euros\n{rows}", published=date(2025, 3, 5)).facts
        assert [figure.value for figure in found if figure.metric != "eps"] == values


def test_the_currency_of_bare_rows() -> None:
    rows = "\n(in thousands)\nRevenue 1,234,567"
    assert told(f"{TITLE}{rows}") == [("revenue", "2025Q3", 1_234_567_000)]
    found = extract(f"{TITLE}{rows}", published=DAY)
    assert ([*found.facts], {figure.reason for figure in found.review}) == ([], {"currency_open"})


def test_a_table_of_forecasts() -> None:
    text = "Orrin Labs outlook for 2026 ($ in millions)\nRevenue $1,200 to $1,300\nOperating income (20) to 10"
    found: list[tuple[object, ...]] = [(item.kind, item.period, item.low, item.high) for item in read(text).facts]
    assert found == [
        ("guidance", "FY2026", 1_200_000_000, 1_300_000_000),
        ("guidance", "FY2026", -20_000_000, 10_000_000),
    ]


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("$2.5 × 10^9", 2_500_000_000),
        ("$2.5 x 10^6", 2_500_000),
        ("$2.5 × 10⁹", 2_500_000_000),
        ("$2.5e9", 2_500_000_000),
        ("$2.5E+09", 2_500_000_000),
        ("$25*10**8", 2_500_000_000),
        ("2.5·10^9 dollars", 2_500_000_000),
        ("$2.5 × 10^90", None),
    ],
)
def test_a_power_of_ten_is_a_scale(printed: str, value: int | None) -> None:
    text = f"Meta reported revenue of {printed} for the second quarter of 2024."
    found = extract(text, published=date(2024, 8, 2))
    assert [figure.value for figure in found.facts] == ([] if value is None else [value])
