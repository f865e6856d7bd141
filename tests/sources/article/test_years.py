"""Which days a quarter is: the company's own year, the calendar's, or open; and nothing ahead is a report."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.project import ROOT, often
from tracker.model.period import FiscalCalendar
from tracker.sources.article import NamedCompany, Reading, days_of, extract, stated_days
from tracker.sources.article.find import periods
from tracker.sources.article.find.stated_period import StatedPeriod
from tracker.sources.article.read import years
from tracker.sources.article.text.normalise import fold, normalise

TEXTS = [json.loads(line) for line in (ROOT / "tests/data/article/fiscal.jsonl").read_text("utf-8").splitlines()]
NEWEST = date(2026, 11, 29)


def company_of(text: dict[str, Any]) -> NamedCompany:
    is_own = text.get("own", False)
    return NamedCompany(text["company"], (text["company"],), text["currency"], text["year_end"], speaks=is_own)


def said(found: Reading, company: NamedCompany) -> list[tuple[Any, ...]]:
    """What a reading states: metric, kind, value and days."""
    out = []
    for figure in found.facts:
        days = stated_days(figure, company.calendar)
        assert days is not None
        out.append((figure.metric, figure.kind, figure.value, str(days.start), str(days.end)))
    return sorted(out, key=str)


@pytest.mark.parametrize("text", TEXTS, ids=[text["id"] for text in TEXTS])
def test_labelled_text(text: dict[str, Any]) -> None:
    company = company_of(text)
    about = company if company.speaks else None
    found = extract(text["text"], published=date.fromisoformat(text["published"]), companies=[company], about=about)
    wanted = [
        (fact["metric"], fact["kind"], None if fact["value"] is None else Decimal(fact["value"]), *fact["days"])
        for fact in text["facts"]
    ]
    assert said(found, company) == sorted(wanted, key=str)


@pytest.mark.parametrize("text", TEXTS, ids=[text["id"] for text in TEXTS])
def test_what_is_left_open_says_why(text: dict[str, Any]) -> None:
    company = company_of(text)
    found = extract(text["text"], published=date.fromisoformat(text["published"]), companies=[company])
    assert all(figure.reason for figure in (*found.review, *found.abstained))
    for figure in found.review:
        fits = [flag for flag in figure.flags if flag.startswith("fits:")]
        assert (figure.reason == "fiscal_or_calendar") == bool(fits), figure


# The words ---------------------------------------------------------------------------------------------------------

WORDS = [
    # language, words, part of a year, its number, whose year they say is meant
    ("en", "in the third quarter of fiscal year 2025", "Q3", 2025, "fiscal"),
    ("en", "in its third fiscal quarter of 2025", "Q3", 2025, "fiscal"),
    ("en", "in Q3 FY25", "Q3", 2025, "fiscal"),
    ("en", "in the first half of its 2025 financial year", "H1", 2025, "fiscal"),
    ("en", "in calendar Q3 2025", "Q3", 2025, "civil"),
    ("en", "in the third quarter of calendar year 2025", "Q3", 2025, "civil"),
    ("de", "im dritten Geschäftsquartal 2025", "Q3", 2025, "fiscal"),
    ("de", "im dritten Quartal des Kalenderjahres 2025", "Q3", 2025, "civil"),
    ("de", "im ersten Halbjahr des Geschäftsjahres 2024/25", "H1", 2025, "fiscal"),
    ("fr", "au troisième trimestre de l'exercice 2024-2025", "Q3", 2025, "fiscal"),
    ("fr", "au troisième trimestre fiscal 2025", "Q3", 2025, "fiscal"),
    ("fr", "au troisième trimestre de l'année civile 2025", "Q3", 2025, "civil"),
    ("es", "en el tercer trimestre del ejercicio fiscal 2025", "Q3", 2025, "fiscal"),
    ("es", "en el tercer trimestre del año natural 2025", "Q3", 2025, "civil"),
    ("it", "nel terzo trimestre dell'esercizio 2024/2025", "Q3", 2025, "fiscal"),
    ("it", "nel terzo trimestre dell'anno solare 2025", "Q3", 2025, "civil"),
    ("pt", "no terceiro trimestre do exercício de 2025", "Q3", 2025, "fiscal"),
    ("pt", "no terceiro trimestre do ano civil de 2025", "Q3", 2025, "civil"),
    ("id", "pada kuartal III tahun buku 2025", "Q3", 2025, "fiscal"),
    ("id", "pada kuartal ketiga tahun kalender 2025", "Q3", 2025, "civil"),
    ("ms", "pada suku ketiga tahun kewangan 2025", "Q3", 2025, "fiscal"),
    ("ms", "pada suku ketiga tahun kalendar 2025", "Q3", 2025, "civil"),
    ("vi", "trong 9 tháng đầu niên độ 2025", "M9", 2025, "fiscal"),
    ("vi", "trong quý III năm dương lịch 2025", "Q3", 2025, "civil"),
    ("ar", "في الربع المالي الثالث من 2025", "Q3", 2025, "fiscal"),
    ("ar", "في الربع الثالث من السنة التقويمية 2025", "Q3", 2025, "civil"),
    ("ja", "2025年度第3四半期", "Q3", 2025, "fiscal"),
    ("ja", "暦年2025年第3四半期", "Q3", 2025, "civil"),
    ("ko", "2025년 회계 3분기", "Q3", 2025, "fiscal"),
    ("ko", "역년 2025년 3분기", "Q3", 2025, "civil"),
    ("zh", "2025财年第三财季", "Q3", 2025, "fiscal"),
    ("zh", "2025自然年第三季度", "Q3", 2025, "civil"),
    ("en", "in the third quarter of 2025", "Q3", 2025, ""),
]


@pytest.mark.parametrize(("language", "words", "part", "year", "meant"), WORDS)
def test_words_say_whose_year_is_meant(language: str, words: str, part: str, year: int, meant: str) -> None:
    folded = fold(normalise(words).text)
    [period] = periods.find_periods(folded, 0, len(folded), language)
    assert (period.part, period.year) == (part, year)
    assert (period.fiscal, period.civil) == (meant == "fiscal", meant == "civil")


EVENTS = [
    # a day or a month when something happened is no period
    ("en", "On July 30, 2025 the company spoke"), ("en", "In July 2025 sales rose"), ("en", "In June 2025 sales rose"),
    ("en", "on 05/06/2025 it said"), ("de", "am 14. Mai 2025"), ("fr", "le 4 février 2025"), ("es", "el 3 de julio de 2025"),
    ("it", "il 6 maggio 2025"), ("pt", "em 13 de fevereiro de 2025"), ("id", "pada 5 Mei 2025"), ("ms", "pada 27 Mei 2025"),
    ("vi", "ngày 29 tháng 4 năm 2025"), ("ar", "في 6 مايو 2025"), ("ja", "2025年10月の売上高"), ("ja", "2025年2月7日"),
    ("ko", "2025년 5월 14일"), ("zh", "2025年5月8日"), ("en", "2025-07-30"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "words"), EVENTS)
def test_the_day_of_an_event_is_no_period(language: str, words: str) -> None:
    folded = fold(normalise(words).text)
    assert not [period for period in periods.find_periods(folded, 0, len(folded), language) if period.definite]


# The days ----------------------------------------------------------------------------------------------------------

JUNE, JANUARY, DECEMBER = 6, 1, 12
DAYS = [
    # year ends in, published, words, first and last day (none: open)
    (JUNE, "2025-05-05", "in the third quarter", "2025-01-01", "2025-03-31"),
    (JUNE, "2025-05-05", "in the third quarter of 2025", "2025-01-01", "2025-03-31"),
    (JUNE, "2025-11-05", "in the third quarter of 2025", None, None),
    (JUNE, "2025-11-05", "in the third quarter", None, None),
    (JUNE, "2025-02-05", "in the second quarter", "2024-10-01", "2024-12-31"),
    (JUNE, "2025-08-20", "in the full year", "2024-07-01", "2025-06-30"),
    (JUNE, "2025-02-05", "in the first half", "2024-07-01", "2024-12-31"),
    (JUNE, "2025-05-05", "in the first nine months", "2024-07-01", "2025-03-31"),
    (JUNE, "2025-05-05", "in the nine months to March 31, 2025", "2024-07-01", "2025-03-31"),
    (JUNE, "2025-11-05", "in the three months to September 30", "2025-07-01", "2025-09-30"),
    (JUNE, "2025-11-05", "in the twelve months ended September 30, 2025", None, None),
    (JUNE, "2025-11-05", "in the third quarter of last year", None, None),
    (JUNE, "2025-05-05", "last year", "2023-07-01", "2024-06-30"),
    (JUNE, "2025-08-20", "last year", None, None),
    (JANUARY, "2025-09-04", "in the second quarter", "2025-05-01", "2025-07-31"),
    (JANUARY, "2025-09-04", "in the quarter ended August 2, 2025", "2025-05-01", "2025-07-31"),
    (JANUARY, "2025-09-04", "in the latest quarter", "2025-05-01", "2025-07-31"),
    (DECEMBER, "2025-02-05", "in the six months ended December 31, 2024", "2024-07-01", "2024-12-31"),
    (DECEMBER, "2025-05-05", "in the nine months ended March 31, 2025", None, None),
    (DECEMBER, "2025-05-05", "in the third quarter", "2024-07-01", "2024-09-30"),
    (None, "2025-05-05", "in the third quarter of 2024", None, None),
    (None, "2025-05-05", "in the three months to March 31, 2025", "2025-01-01", "2025-03-31"),
    (None, "2025-05-05", "in the third quarter of calendar 2024", "2024-07-01", "2024-09-30"),
]


@pytest.mark.parametrize(("closing", "published", "words", "start", "end"), DAYS)
def test_days(closing: int | None, published: str, words: str, start: str | None, end: str | None) -> None:
    company = NamedCompany("Lindqvist Boats", ("Lindqvist Boats",), "USD", closing)
    text = f"Revenue of Lindqvist Boats was $640 million {words}."
    found = extract(text, published=date.fromisoformat(published), companies=[company])
    days = [stated_days(figure, company.calendar) for figure in found.facts]
    assert [(str(item.start), str(item.end)) for item in days if item] == ([] if start is None else [(start, end)])


def test_a_retailer_names_its_year_by_the_beginning() -> None:
    kite = NamedCompany("Kite Stores", ("Kite Stores",), "USD", JANUARY, is_named_by_start=True)
    text = (
        "Kite Stores' sales were $800 million in the first quarter. For fiscal 2025 it expects sales of $3.5 billion."
    )
    found = extract(text, published=date(2025, 6, 5), companies=[kite])
    assert [str(days.end) for figure in found.facts if (days := stated_days(figure, kite.calendar))] == [
        "2025-04-30",
        "2026-01-31",
    ]


def test_a_japanese_year_is_named_by_its_beginning() -> None:
    """2024年度 is the year that begins in 2024, for figures, for the year before and for promises without a number."""
    company = NamedCompany("柊食品", ("柊食品",), "JPY", 3)
    text = "柊食品の2024年度第2四半期の売上高は405億円、前年同期は390億円だった。柊食品は2024年度の設備投資が大幅に増えると見込む。"
    found = extract(text, published=date(2024, 11, 8), companies=[company])
    figures = (*found.facts, *found.promises)
    assert [figure.period for figure in figures] == ["FY2024Q2", "FY2023Q2", "FY2024"]
    days = [stated_days(figure, company.calendar) for figure in figures]
    assert [str(item.end) for item in days if item] == ["2024-09-30", "2023-09-30", "2025-03-31"]


def test_one_text_keeps_to_one_way_of_counting() -> None:
    """That 2025 is the company's own year, the day shows; so is 2024, of which the day alone says nothing."""
    company = NamedCompany("Lindqvist Boats", ("Lindqvist Boats",), "USD", JUNE)
    text = "Revenue of Lindqvist Boats was $64 million in the third quarter of 2025 and $59 million in the third quarter of 2024."
    found = extract(text, published=date(2025, 5, 5), companies=[company])
    assert [figure.period for figure in found.facts] == ["FY2025Q3", "FY2024Q3"]


def test_a_period_is_not_carried_to_a_company_that_counts_otherwise() -> None:
    both = [NamedCompany("Lindqvist Boats", ("Lindqvist Boats",), "USD", JUNE), NamedCompany("Orrin Tools", ("Orrin Tools",), "USD", DECEMBER)]  # fmt: skip
    text = "Revenue of Lindqvist Boats was $64 million in its third quarter. Revenue of Orrin Tools was $30 million."
    found = extract(text, published=date(2025, 5, 5), companies=both)
    assert [(figure.entity, figure.period) for figure in found.facts] == [("Lindqvist Boats", "FY2025Q3")]
    assert [figure.reason for figure in found.review] == ["fiscal_or_calendar"]


@pytest.mark.parametrize(
    "text",
    [
        "Revenue of Orrin Tools rose from $30 million in the third quarter of 2024 to $33 million in the third quarter of 2025.",
        "Der Umsatz von Orrin Tools stieg von 30 Millionen Euro im dritten Quartal 2024 auf 33 Millionen Euro im dritten Quartal 2025.",
        "Los ingresos de Orrin Tools subieron de 30 millones de euros en el tercer trimestre de 2024 a 33 millones de euros en el tercer trimestre de 2025.",
    ],
)  # fmt: skip
def test_each_amount_has_the_period_behind_it(text: str) -> None:
    found = extract(text, published=date(2025, 11, 5))
    assert [figure.period for figure in found.facts] == ["2024Q3", "2025Q3"]


# Tables ------------------------------------------------------------------------------------------------------------

TABLES = [
    # heads in one line or two, the period of each cell (none: it stays open)
    ("Three Months Ended June 30, 2025 2024\nRevenue 76 64", ["2025Q2", "2024Q2"]),
    ("Three Months Ended June 30, Twelve Months Ended June 30,\n2025 2024 2025 2024\nRevenue 76 64 281 245",
     ["2025Q2", "2024Q2", "FY2025", "FY2024"]),
    ("Quarter ended June 30\n2025 2024\nRevenue 76 64", ["2025Q2", "2024Q2"]),
    ("2025 2024 2025 2024\nRevenue 76 64 281 245", []),
    ("Q3 2025 Q3 2024\nRevenue 76 64", ["FY2025Q3", "FY2024Q3"]),
    ("2024 2023\nRevenue 281 245", ["FY2024", "FY2023"]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "labels"), TABLES)
def test_heads_of_columns(table: str, labels: list[str]) -> None:
    company = NamedCompany("Lindqvist Boats", ("Lindqvist Boats",), "USD", JUNE)
    text = f"Lindqvist Boats\n(in millions of dollars)\n{table}\n"
    day = date(2025, 5, 5) if "Q3" in table else date(2025, 7, 30)
    assert [figure.period for figure in extract(text, published=day, companies=[company]).facts] == labels


# Without a day -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Orrin Tools had revenue of $30 million in the third quarter of 2025.", ["2025Q3"]),
        ("Orrin Tools had revenue of $30 million in the third quarter.", []),
        ("2024 was good for Orrin Tools. It had revenue of $30 million in the third quarter.", []),
        ("Orrin Tools had revenue of $30 million in the first quarter of 2027.", []),
        ("Orrin Tools had 900 employees at the end of 2027.", []),
        ("Orrin Tools had revenue of $30 million in the third quarter of 2025. In the fourth quarter it was $33 million.",
         ["2025Q3"]),
    ],
)  # fmt: skip
def test_a_text_without_a_day_guesses_nothing(text: str, labels: list[str]) -> None:
    company = NamedCompany("Orrin Tools", ("Orrin Tools",), "USD", DECEMBER)
    found = extract(text, latest=NEWEST, companies=[company])
    assert [figure.period for figure in found.facts] == labels


# Laws --------------------------------------------------------------------------------------------------------------

PARTS = ["Q1", "Q2", "Q3", "Q4", "H1", "H2", "M9"]
WRITTEN = {"Q1": "first quarter", "Q2": "second quarter", "Q3": "third quarter", "Q4": "fourth quarter",
           "H1": "first half", "H2": "second half", "M9": "first nine months"}  # fmt: skip
DATES = st.dates(date(2015, 1, 1), date(2040, 12, 31))


@given(
    closing=st.integers(1, 12),
    part=st.sampled_from(PARTS),
    published=DATES,
    year=st.sampled_from(["", " of 2024", " of 2025"]),
    is_own=st.booleans(),
)
def test_a_reported_period_is_over_and_of_one_of_the_two_years(
    *, closing: int, part: str, published: date, year: str, is_own: bool
) -> None:
    company = NamedCompany("x", ("x",), "USD", closing, speaks=is_own)
    words = f"in the {WRITTEN[part]}{year}"
    (period,) = periods.find_periods(words, 0, len(words), "en")
    setting = years.Setting(published, company=company)
    found = years.resolve(period, setting, forward=False, frame=None)
    if found.label is None:
        assert found.reason == "fiscal_or_calendar"
        assert not is_own
        return
    days = days_of(found.label, company.calendar)
    assert year or days.end <= published
    assert found.label.endswith(part)
    assert found.label.startswith("FY") or closing == DECEMBER or found.convention == "civil"


@given(st.integers(1, 12), st.sampled_from(PARTS), st.integers(1990, 2090))
def test_months_lead_back_to_their_own_part(closing: int, part: str, year: int) -> None:
    """A part of a company's year that is named by its last day and its length is found again, by whichever name."""
    calendar = FiscalCalendar(closing)
    days = calendar.period(f"FY{year}{part}")
    length = {"Q": 3, "H": 6, "M": 9}[part[0]]
    period = StatedPeriod(0, 1, month=days.end.month, day=days.end.day, year=days.end.year, length=length)
    company = NamedCompany("x", ("x",), "USD", closing)
    found = years.resolve(period, years.Setting(None, company=company), forward=False, frame=None)
    assert found.label is not None
    assert days_of(found.label, calendar) == days


@pytest.mark.parametrize("seed", range(often(2)))
def test_noise_does_not_break_the_reader(seed: int) -> None:
    """Odd days of publication, and texts in pieces."""
    for text in TEXTS[seed::7]:
        company = company_of(text)
        for published in (date.min, date.max, date(2024, 2, 29)):
            for cut in (len(text["text"]), len(text["text"]) // 2):
                found = extract(text["text"][:cut], published=published, companies=[company])
                assert all(figure.reason for figure in found.review)
