# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""The stages of the article reader, one by one: case tables with the rule each case stands for."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model.quantity import Interval
from tracker.sources.article.find import amounts, claims, companies, period_labels, periods, topics
from tracker.sources.article.model import ExtractedFigure
from tracker.sources.article.read import check
from tracker.sources.article.text import sentences
from tracker.sources.article.text.digits import decimal_habit, read_digits
from tracker.sources.article.text.lexicon import LANGUAGES, compile_table, least, locale
from tracker.sources.article.text.normalise import fold, normalise

# Normalise -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "plain"),
    [
        ("１２，３４５％", "12,345%"),  # full width
        ("٣١٢٫٩ و٨٬٠٠٠٪", "312.9 و8,000%"),  # Arabic-Indic
        ("8\u00a0Mrd.\u202f€", "8 Mrd. €"),  # blanks
        ("l’année “x”", 'l\'année "x"'),  # quotes
        ("−5 – 7", "-5 - 7"),  # minus and dashes
        ("a\u200bb\u202ec\u00ad", "abc"),  # what is not seen
        (unicodedata.normalize("NFD", "tỷ đồng"), "tỷ đồng"),
    ],
)
def test_one_spelling(received: str, plain: str) -> None:
    assert normalise(received).text == plain


@given(st.text(max_size=80))
def test_every_span_leads_back(text: str) -> None:
    normal = normalise(text)
    assert len(normal.starts) == len(normal.ends) == len(normal.text)
    for index in range(len(normal.text)):
        start, end = normal.span(index, index + 1)
        assert 0 <= start < end <= len(text)
    assert list(normal.starts) == sorted(normal.starts)


@given(st.text(max_size=80))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(st.text(max_size=80))
def test_folding_keeps_length(text: str) -> None:
    assert len(fold(text)) == len(text)


# Numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "decimal", "value"),
    [
        ("1.397,2", ",", "1397.2"),  # both signs: the last is the decimal one
        ("1,397.2", ",", "1397.2"),
        ("6.731", ",", "6731"),  # one sign, three digits: the locale decides
        ("6.731", ".", "6.731"),
        ("0,125", ",", "0.125"),
        ("12,5", ".", "12.5"),  # two digits behind a sign are no thousands
        ("1.234.567", ".", "1234567"),
        ("1,50,000", ".", "150000"),  # Indian grouping
        ("23 450", ",", "23450"),
        ("3.1.4", ".", None),  # a version
        ("12,34,5", ".", None),
    ],
)
def test_digits(printed: str, decimal: str, value: str | None) -> None:
    read = read_digits(printed, decimal)
    assert (None if read is None else read[0]) == (None if value is None else Decimal(value))


def test_a_text_shows_its_decimal_sign() -> None:
    assert decimal_habit("from 3.5 to 4.25") == "."
    assert decimal_habit("3.5 and 4,25") is None


# Sentences and language ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The group said that sales were flat in the spring."),
        ("de", "Der Konzern will im 2. Quartal wieder wachsen."),
        ("fr", "Les ventes du groupe ont été stables au printemps."),
        ("es", "Las ventas de la empresa se mantuvieron estables este año."),
        ("it", "Le vendite della società sono rimaste stabili nel trimestre."),
        ("pt", "As vendas da empresa ficaram estáveis no trimestre."),
        ("ms", "Syarikat itu berkata jualan bagi suku ini kekal stabil."),
        ("id", "Perseroan mengatakan penjualan pada kuartal ini tetap stabil."),
        ("vi", "Công ty cho biết doanh thu trong quý này ổn định."),
        ("ar", "قالت الشركة إن المبيعات استقرت هذا العام."),
        ("ja", "同社は売上高が横ばいだったと発表した。"),
        ("zh", "该公司表示本季度营收持平。"),
        ("ko", "회사는 이번 분기 매출이 보합이라고 밝혔다."),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_language(language: str, text: str, form: str) -> None:
    normal = normalise(unicodedata.normalize(form, text))  # type: ignore[arg-type]
    assert {sentence.language for sentence in sentences.split_sentences(normal.text)} == {language}


def test_two_languages_in_one_text() -> None:
    found = sentences.split_sentences(
        "Doanh thu của công ty tăng mạnh trong năm nay.\nThe company said that it will invest."
    )
    assert [sentence.language for sentence in found] == ["vi", "en"]


def test_an_ordinal_or_an_abbreviation_ends_no_sentence() -> None:
    assert len(sentences.split_sentences("Im 2. Quartal waren es 8 Mrd. Euro mehr. Das Jahr war gut.", "de")) == 2


# Quantities ------------------------------------------------------------------------------------------------------

QUANTITIES = [
    # scales and currencies
    ("en", "sales of $6.3B", "6300000000", "USD", "exact"),
    ("en", "about 3 lakh crore rupees", "3000000000000", "INR", "approx"),
    ("en", "half a billion euros", "500000000", "EUR", "exact"),
    ("en", "45 cents", "0.45", "USD", "exact"),
    ("de", "knapp 1,5 Mrd. Euro", "1500000000", "EUR", "nearly"),
    ("de", "rund 980 Tsd. Franken", "980000", "CHF", "approx"),
    ("fr", "plus de 71 M€", "71000000", "EUR", "more_than"),
    ("fr", "1 234,5 millions d'euros", "1234500000", "EUR", "exact"),
    ("es", "2,7 mil millones de dólares", "2700000000", "USD", "exact"),
    ("es", "3 billones de pesos chilenos", "3000000000000", "CLP", "exact"),
    ("it", "oltre mezzo miliardo di euro", "500000000", "EUR", "more_than"),
    ("it", "1 miliardo e 200 milioni di euro", "1200000000", "EUR", "exact"),
    ("pt", "pelo menos R$ 715 mi", "715000000", "BRL", "at_least"),
    ("ms", "hampir RM2.5 bilion", "2500000000", "MYR", "nearly"),
    ("id", "sekitar Rp 3,5 triliun", "3500000000000", "IDR", "approx"),
    ("vi", "hơn 2,6 nghìn tỷ đồng", "2600000000000", "VND", "more_than"),
    ("vi", "29 tỷ đô la", "29000000000", "USD", "exact"),
    ("ar", "نحو ملياري دولار", "2000000000", "USD", "approx"),
    ("ar", "٤٥ مليون درهم إماراتي", "45000000", "AED", "exact"),
    ("ja", "1兆2000億円を超えた", "1200000000000", "JPY", "more_than"),
    ("ja", "約12万3456円", "123456", "JPY", "approx"),
    ("zh", "近7.9亿港元", "790000000", "HKD", "nearly"),
    ("zh", "新台幣61.8億元", "6180000000", "TWD", "exact"),
    ("ko", "71조2840억원 이상", "71284000000000", "KRW", "at_least"),
    # rates and multiples
    ("en", "up 37 percent", "0.37", "ratio", "exact"),
    ("ja", "3割5分", "0.35", "ratio", "exact"),
    ("zh", "增长百分之二十", "0.20", "ratio", "exact"),
    ("en", "profit tripled", "2", "ratio", "exact"),
    ("zh", "增至2.5倍", "1.5", "ratio", "exact"),
]


def _read(language: str, text: str) -> list[amounts.Quantity]:
    folded = fold(normalise(text).text)
    return amounts.find_amounts(folded, 0, len(folded), language, (), amounts.Context())


@pytest.mark.parametrize(("language", "text", "value", "unit", "qualifier"), QUANTITIES)
def test_quantity(language: str, text: str, value: str, unit: str, qualifier: str) -> None:
    [quantity] = _read(language, text)
    assert (quantity.value, quantity.unit, quantity.qualifier) == (Decimal(value), unit, qualifier)


@pytest.mark.parametrize(
    ("language", "text", "low", "high"),
    [
        ("en", "$21-23B", "21e9", "23e9"),
        ("en", "between 22 and 24 billion dollars", "22e9", "24e9"),
        ("de", "300 bis 350 Millionen Euro", "300e6", "350e6"),
        ("fr", "entre 450 et 500 millions d'euros", "450e6", "500e6"),
        ("it", "tra 1,8 e 2 miliardi di euro", "1.8e9", "2e9"),
        ("pt", "R$ 3,1 bilhões a R$ 3,4 bilhões", "3.1e9", "3.4e9"),
        ("vi", "từ 5.000 tỷ đồng đến 5.500 tỷ đồng", "5e12", "5.5e12"),
        ("ar", "بين 4 و5 مليارات دولار", "4e9", "5e9"),
        ("ja", "300億〜350億円", "30e9", "35e9"),
        ("ko", "2조~2조5000억원", "2e12", "2.5e12"),
    ],
)
def test_range(language: str, text: str, low: str, high: str) -> None:
    [quantity] = _read(language, text)
    assert (quantity.low, quantity.high, quantity.qualifier) == (Decimal(low), Decimal(high), "range")


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "sales rose from $2 billion to $3 billion"), ("it", "i ricavi sono saliti da 2 a 3 miliardi di euro")],
)
def test_from_one_level_to_another_is_no_range(language: str, text: str) -> None:
    assert all(quantity.low is None for quantity in _read(language, text))


@pytest.mark.parametrize("text", ["a chip called H100", "Turbo2.7305B", "billions of dollars", "call 06-9876-5432"])
def test_names_and_vague_words_are_no_money(text: str) -> None:
    assert not [quantity for quantity in _read("en", text) if quantity.kind == "money"]


# Periods ---------------------------------------------------------------------------------------------------------

SPRING, AUTUMN = date(2025, 5, 5), date(2024, 11, 20)
PERIODS = [
    ("en", "in the third quarter", AUTUMN, "2024Q3"),
    ("en", "for the quarter ended March 31", AUTUMN, "2024Q1"),
    ("en", "in the year to March 2024", AUTUMN, "FY2024"),
    ("en", "the fiscal second quarter of 2025", AUTUMN, "FY2025Q2"),
    ("en", "the first half of 2024", AUTUMN, "2024H1"),
    ("de", "im Geschäftsjahr 2024/25", AUTUMN, "FY2025"),
    ("de", "in den ersten neun Monaten 2024", AUTUMN, "2024M9"),
    ("fr", "au T3 2024", AUTUMN, "2024Q3"),
    ("fr", "au premier semestre", AUTUMN, "2024H1"),
    ("es", "en el 2T24", AUTUMN, "2024Q2"),
    ("it", "nel quarto trimestre", SPRING, "2024Q4"),
    ("pt", "no acumulado do 9M24", AUTUMN, "2024M9"),
    ("ms", "suku kedua berakhir 30 Jun 2023", AUTUMN, "2023Q2"),
    ("id", "semester I-2024", AUTUMN, "2024H1"),
    ("vi", "quý III/2024", AUTUMN, "2024Q3"),
    ("ar", "الربع الثاني من عام 2024", AUTUMN, "2024Q2"),
    ("ja", "2025年3月期", AUTUMN, "FY2025"),
    ("ja", "7〜9月期", AUTUMN, "2024Q3"),
    ("zh", "2024年前三季度", AUTUMN, "2024M9"),
    ("ko", "지난해 4분기", SPRING, "2024Q4"),
]


@pytest.mark.parametrize(("language", "text", "published", "label"), PERIODS)
def test_period(language: str, text: str, published: date, label: str) -> None:
    folded = fold(normalise(text).text)
    [period, *_] = periods.find_periods(folded, 0, len(folded), language)
    assert period_labels.resolve(period, published, forward=False, frame=None) == label


def test_nothing_relative_is_resolved_without_a_date() -> None:
    [period] = periods.find_periods("in the third quarter", 0, 20, "en")
    assert period_labels.resolve(period, None, forward=False, frame=None) is None


def test_this_year_is_the_year_so_far_or_the_year_promised() -> None:
    [period] = periods.find_periods("this year", 0, 9, "en")
    assert period_labels.resolve(period, AUTUMN, forward=False, frame=None) == "2024M9"
    assert period_labels.resolve(period, AUTUMN, forward=True, frame=None) == "FY2024"


@given(st.integers(2000, 2099), st.sampled_from(["Q1", "Q4", "H2", "M9", ""]), st.integers(-5, 5))
def test_a_year_back_and_forth(year: int, part: str, years: int) -> None:
    label = f"{year}{part}" if part else f"FY{year}"
    assert period_labels.shift(period_labels.shift(label, years), -years) == label


# Topics, claims, companies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "metric"),
    [
        ("en", "net profit margin", None),
        ("en", "cloud revenue", None),
        ("en", "adjusted net income", None),
        ("en", "capital expenditures", "capex"),
        ("fr", "résultat net ajusté", None),
        ("fr", "chiffre d'affaires", "revenue"),
        ("ja", "営業利益率", None),
        ("ja", "営業利益", "operating_income"),
        ("ko", "주당순이익", "eps"),
        ("ar", "النفقات الرأسمالية", "capex"),
        ("de", "freier Cashflow", "free_cash_flow"),
        ("vi", "lợi nhuận trước thuế", None),
    ],
)
def test_topic(language: str, text: str, metric: str | None) -> None:
    folded = fold(normalise(text).text)
    found = topics.find_topics(folded, 0, len(folded), language, ())
    assert {topic.metric for topic in found} == {metric}


def test_a_clause_ends_at_its_conjunction() -> None:
    text = "sales rose, while costs fell; debt grew"
    found = claims.find_boundaries(text, 0, len(text), "en")
    assert [text[place:].split(maxsplit=1)[0] for place in found.hard] == ["while", ";"]


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "Revenue at Larkspur Mills rose", "Larkspur Mills"),
        ("de", "Der Umsatz der Talbach AG stieg", "Talbach AG"),
        ("ar", "قالت شركة ميتا", "Meta"),
        ("ko", "삼성전자는 밝혔다", "Samsung Electronics"),
        ("ja", "任天堂が発表した", "Nintendo"),
    ],
)
def test_company(language: str, text: str, name: str) -> None:
    normal = normalise(text).text
    found = companies.find_companies(normal, fold(normal), 0, len(normal), language, (), ())
    assert name in {mention.name for mention in found}


# Check -----------------------------------------------------------------------------------------------------------


def _figure(kind: str, period: str, value: str, unit: str) -> ExtractedFigure:
    amount = Decimal(value)
    places = -int(amount.as_tuple().exponent)
    return ExtractedFigure(
        "Larkspur", "revenue", kind, period, amount, None, None, unit, "exact", places, 0, 1, "x", "en", 0.9, None, (), ()
    )  # fmt: skip


@pytest.mark.parametrize(("rate", "flag"), [("0.33", check.AGREED), ("0.50", check.CONTRADICTED)])
def test_level_growth_and_the_year_before(rate: str, flag: str) -> None:
    now, before = _figure("actual", "2024Q2", "9.6", "USD"), _figure("actual", "2023Q2", "7.2", "USD")
    flagged = check.together([now, before, _figure("growth_yoy", "2024Q2", rate, "ratio")])
    assert all(flag in figure.flags for figure in flagged)


def test_known_levels_choose_among_periods() -> None:
    known = {"2024M9": Interval(Decimal(122), Decimal(123)), "2023M9": Interval(Decimal(100), Decimal(100))}
    rate = _figure("growth_yoy", "FY2024", "0.22", "ratio")
    assert check.choose(rate, ["2024M9", "2024Q3"], lambda _entity, _metric, period: known.get(period)) == "2024M9"


# Locale tables ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_table_compiles_and_every_language_has_the_same_sections(code: str) -> None:
    own, english = locale(code), locale("en")
    wanted = {name for name, table in english.data.items() if isinstance(table, dict)} - {
        "scales_with_money",
        "minor_units",
        "shared_currencies",
    }
    assert wanted <= set(own.data)
    assert set(english.table("metrics")) == set(own.table("metrics"))
    for name in ("metrics", "other_topics", "modifiers", "directions", "claims", "compare", "clauses", "multiples"):
        written = own.phrases(name).written
        assert written
        assert all(re.compile(expression).groups == len(labels) for expression, labels in written.values())


@pytest.mark.parametrize(
    ("phrase", "width"), [("sales", 5), ("dollars?", 6), ("(net )?sales", 5), ("(a|bcd) e", 3), ("rai*", 3)]
)
def test_least_width(phrase: str, width: int) -> None:
    assert least(phrase) == width


def test_the_longer_phrase_is_found_first() -> None:
    table = compile_table({"long": "(net |gross )?profit margin", "short": "profit"}, "words")
    assert [mark.label for mark in table.find("a profit margin and a profit")] == ["long", "short"]
