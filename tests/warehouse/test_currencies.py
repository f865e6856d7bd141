"""Amounts in another currency: by a table of exchange rates that people bring, or not at all."""

from __future__ import annotations

import random
import shutil
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from support.project import fact_line, init_at, made_once, often, write_facts, write_sources
from tracker.errors import InputError, NothingMatchedError
from tracker.explain.tree import explain_figure
from tracker.pipeline.ingest import ingest
from tracker.project import load_project
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.view_macros import macros_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tracker.project import Project

FIRST, LAST = date(2023, 12, 1), date(2024, 7, 31)
#: Days on which the bank publishes no rates although they are no weekends.
HOLIDAYS = {
    date(2023, 12, 25),
    date(2023, 12, 26),
    date(2024, 1, 1),
    date(2024, 3, 29),
    date(2024, 4, 1),
    date(2024, 5, 1),
}
DAYS = [
    day
    for day in (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
    if day.weekday() < 5 and day not in HOLIDAYS
]


def rates_by_chance(days: list[date] = DAYS) -> dict[date, dict[str, str]]:
    """Return a table of rates: the dollar, the yen and the rupiah for one euro."""
    chance = random.Random(7)
    return {
        day: {
            "USD": f"{chance.uniform(1.02, 1.12):.4f}",
            "JPY": f"{chance.uniform(150, 172):.2f}",
            "IDR": f"{chance.uniform(16500, 17800):.2f}",
        }
        for day in days
    }


def write_rates(project: Project, rates: Mapping[date, Mapping[str, str]]) -> None:
    """Write a table as the bank does: newest first, and a comma at the end of each line."""
    names = list(next(iter(rates.values())))
    lines = [",".join([day.isoformat(), *(rates[day][name] for name in names)]) for day in sorted(rates, reverse=True)]
    (project.seeds / "fx.csv").write_text("".join(f"{line},\n" for line in [",".join(["Date", *names]), *lines]))


FIGURES = [
    fact_line("Revenues", "2024Q1", "100", entity="a"),
    fact_line("Revenues", "2024Q2", "120", entity="a"),
    fact_line("Assets", "2024-03-31", "900", entity="a"),
    fact_line("NetIncomeLoss", "2024Q1", "-7", entity="a"),
    fact_line("Revenues", "2024Q1", "15000", unit="JPY", entity="b"),
    fact_line("Revenues", "2024Q1", "50", unit="EUR", entity="c"),
    fact_line("Revenues", "2024Q1", "70", unit="VND", entity="d"),
]


def _store_figures(folder: Path) -> None:
    project = init_at(folder, ["a", "b", "c", "d"])
    write_sources(project, "r1,release,C,,en,,,,,2024-08-01,\n")
    write_facts(project, *FIGURES)
    ingest(project, [project.seeds])


@pytest.fixture
def store(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Return a function that makes a project with figures in several currencies and with these rates."""

    def write(rates: Mapping[date, Mapping[str, str]] | None) -> Project:
        project = load_project(
            shutil.copytree(made_once(tmp_path_factory, "currency-figures", _store_figures), tmp_path / "p")
        )
        if rates:
            write_rates(project, rates)
            ingest(project, [project.seeds])
        return project

    return write


def converted(project: Project, columns: str, where: str, view: str = "converted_figure") -> list[tuple[Any, ...]]:
    with Warehouse(project.warehouse) as warehouse:
        return warehouse.sql(f"select {columns} from {view} where {where} order by all").fetchall()


def average(rates: Mapping[date, Mapping[str, str]], currency: str, first: date, last: date) -> Decimal:
    found = [
        Decimal(one[currency]) if currency != "EUR" else Decimal(1)
        for day, one in rates.items()
        if first <= day <= last
    ]
    return sum(found, Decimal(0)) / len(found)


def expected(amount: Decimal, above: Decimal, below: Decimal) -> tuple[Decimal, Decimal]:
    """Return the rate and the converted amount, rounded as the documentation says."""
    with localcontext() as context:
        context.prec = 80
        rate = (above / below).quantize(Decimal(1).scaleb(-12), ROUND_HALF_UP)
        return rate, (amount * rate).quantize(Decimal(1).scaleb(-6), ROUND_HALF_UP)


Q1 = (date(2024, 1, 1), date(2024, 3, 31))


def test_a_flow_takes_the_average_of_its_period(store: Callable[..., Project]) -> None:
    rates = rates_by_chance()
    project = store(rates)
    days = [day for day in DAYS if Q1[0] <= day <= Q1[1]]
    for entity, of, to in (("a", "USD", "EUR"), ("a", "USD", "JPY"), ("b", "JPY", "USD"), ("c", "EUR", "IDR")):
        ((value, rate, *rest),) = converted(
            project,
            "value, rate, status, stated_unit, unit, rate_kind, rate_from, rate_to, rate_days, rate_source, stated_value",
            f"entity = '{entity}' and metric = 'revenue' and fiscal_period = '2024Q1' and currency = '{to}'",
        )
        assert rest[:-1] == ["converted", of, to, "average", days[0], days[-1], len(days), "seeds/fx.csv"]
        assert (rate, value) == expected(rest[-1], average(rates, to, *Q1), average(rates, of, *Q1))


def test_a_balance_takes_the_last_day_before_it(store: Callable[..., Project]) -> None:
    """31 March 2024 was a Sunday, and the Friday before it a holiday."""
    rates = rates_by_chance()
    project = store(rates)
    ((value, rate, stated, *rest),) = converted(
        project, "value, rate, stated_value, rate_kind, rate_from, rate_to, rate_days",
        "entity = 'a' and metric = 'total_assets' and currency = 'JPY'",
    )  # fmt: skip
    thursday = date(2024, 3, 28)
    assert rest == ["closing", thursday, thursday, 1]
    assert (rate, value) == expected(stated, *(Decimal(rates[thursday][name]) for name in ("JPY", "USD")))


def test_bounds_are_those_of_the_figure_times_the_rate(store: Callable[..., Project]) -> None:
    project = store(rates_by_chance())
    rows = converted(
        project, "low, value, high, stated_low, stated_high, rate",
        "entity = 'a' and currency = 'EUR' and fiscal_period = '2024Q1'",
    )  # fmt: skip
    for low, value, high, stated_low, stated_high, rate in rows:
        assert low <= value <= high
        assert (low, high) == tuple(expected(one, rate, Decimal(1))[1] for one in (stated_low, stated_high))
    assert len(rows) == 3


def test_an_amount_in_the_currency_itself_is_left_alone(store: Callable[..., Project]) -> None:
    ((status, value, stated, rate, source),) = converted(
        store(rates_by_chance()), "status, value, stated_value, rate, rate_source", "entity = 'c' and currency = 'EUR'"
    )
    assert (status, value, rate, source) == ("same_currency", stated, 1, None)


def test_the_last_four_quarters_take_the_average_of_their_own_days(tmp_path: Path) -> None:
    """One rate for the whole sum, and not the sum of quarters that are converted one by one."""
    project = init_at(tmp_path / "p", ["a"])
    write_sources(project, "r1,release,C,,en,,,,,2024-08-01,\n")
    quarters = {"2023Q3": "90", "2023Q4": "95", "2024Q1": "100", "2024Q2": "120"}
    write_facts(project, *(fact_line("Revenues", period, text, entity="a") for period, text in quarters.items()))
    days = [date(2023, 6, 30) + timedelta(days=number) for number in range(398)]
    rates = rates_by_chance(days)
    write_rates(project, rates)
    ingest(project, [project.seeds])
    year = (date(2023, 7, 1), date(2024, 6, 30))
    ((value, low, high, rate, *rest),) = converted(
        project, "value, low, high, rate, status, fiscal_period, period_start, period_end, rate_kind, rate_days",
        "metric = 'revenue' and span = 'ttm' and currency = 'EUR'",
    )  # fmt: skip
    assert rest == ["converted", "TTM2024Q2", *year, "average", 366]
    assert (rate, value) == expected(Decimal(405_000_000), Decimal(1), average(rates, "USD", *year))
    assert (low, high) == tuple(expected(Decimal(amount), rate, Decimal(1))[1] for amount in (403_000_000, 407_000_000))
    with Warehouse(project.warehouse) as warehouse:
        text = explain_figure(warehouse, "a", "revenue", "TTM2024Q2", currency="EUR").below[0].text
    assert "= 405,000,000 USD at " in text
    assert "average of 366 days, 2023-07-01 to 2024-06-30" in text


def without(*days: date) -> dict[date, dict[str, str]]:
    return {day: one for day, one in rates_by_chance().items() if day not in days}


def with_gap(currency: str, *days: date) -> dict[date, dict[str, str]]:
    return {day: one | ({currency: "N/A"} if day in days else {}) for day, one in rates_by_chance().items()}


REFUSALS: list[tuple[str, dict[date, dict[str, str]], str, str]] = [
    # case, rates, which figure, reason
    ("no such currency", rates_by_chance(), "entity = 'd'", "currency_without_rates"),
    ("ends before", without(*(day for day in DAYS if day > date(2024, 6, 20))), "fiscal_period = '2024Q2'", "rates_not_covering"),
    ("begins after", without(*(day for day in DAYS if day < date(2024, 1, 12))), "entity = 'a' and metric = 'revenue' and fiscal_period = '2024Q1'", "rates_not_covering"),
    ("days left out", without(*(day for day in DAYS if date(2024, 2, 5) <= day < date(2024, 2, 16))), "entity = 'a' and metric = 'revenue' and fiscal_period = '2024Q1'", "rates_not_covering"),
    ("no day near a balance", without(*(day for day in DAYS if date(2024, 3, 22) < day < date(2024, 4, 3))), "metric = 'total_assets'", "rates_not_covering"),
    ("a day without a rate", with_gap("USD", date(2024, 2, 7)), "entity = 'a' and metric = 'revenue' and fiscal_period = '2024Q1'", "rate_days_missing"),
    ("a day without the other rate", with_gap("JPY", date(2024, 2, 7)), "entity = 'b' and metric = 'revenue'", "rate_days_missing"),
    ("no rate for a balance", with_gap("USD", date(2024, 3, 28)), "metric = 'total_assets'", "rate_days_missing"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "rates", "where", "reason"), REFUSALS, ids=[case for case, *_ in REFUSALS])
def test_what_the_table_does_not_say_is_refused(
    store: Callable[..., Project], case: str, rates: dict[date, dict[str, str]], where: str, reason: str
) -> None:
    rows = converted(store(rates), "status, value, rate, reason_code, reason is null", f"{where} and currency = 'EUR'")
    assert rows == [("refused", None, None, reason, False)], case


def test_without_a_table_there_is_no_other_currency(store: Callable[..., Project]) -> None:
    assert converted(store(None), "currency", "true") == []


def test_a_day_sees_only_the_rates_of_days_before_it(store: Callable[..., Project]) -> None:
    """The figures are known from 1 August; the rates of a day count from 16:00 UTC."""
    project = store(rates_by_chance())
    with Warehouse(project.warehouse) as warehouse:
        for moment, last in (
            ("2024-06-27", date(2024, 6, 27)),
            ("2024-06-28T15:59:59Z", date(2024, 6, 27)),
            ("2024-06-28T16:00:00Z", date(2024, 6, 28)),
            ("2024-06-30", date(2024, 6, 28)),
        ):
            ((seen,),) = warehouse.sql(f"select max(rate_date) from euro_rate_as_of('{moment}')").fetchall()
            assert seen == last
        assert warehouse.sql("select count(*) from converted_figure_as_of('2024-07-31')").fetchall() == [(0,)]
        ((moments, late),) = warehouse.sql(
            """select count(*), count(*) filter (where known_at < cast(rate_to as timestamptz)) from converted_figure
               where status = 'converted'"""
        ).fetchall()
        assert (moments > 0, late) == (True, 0)


def test_a_table_that_was_taken_out_converts_nothing_any_more(store: Callable[..., Project]) -> None:
    project = store(rates_by_chance())
    (project.seeds / "fx.csv").unlink()
    ingest(project, [project.seeds])
    assert converted(project, "currency", "true") == []
    with Warehouse(project.warehouse) as warehouse:
        assert warehouse.sql("select count(*) from fx_rate where is_withdrawn").fetchall() != [(0,)]


def test_only_years_with_new_days_are_stored_again(store: Callable[..., Project]) -> None:
    project = store(without(*(day for day in DAYS if day > date(2024, 6, 30))))
    write_rates(project, rates_by_chance())
    ingest(project, [project.seeds])
    with Warehouse(project.warehouse) as warehouse:
        years = warehouse.sql(
            "select rate_year, count(distinct recorded_at) from stored_fx_rate group by rate_year order by 1"
        ).fetchall()
        assert years == [(2023, 1), (2024, 2)]
        assert warehouse.sql("select max(rate_date) from euro_rate").fetchall() == [(LAST,)]


DAMAGE: list[tuple[str, str, str, tuple[int, str | None, str]]] = [
    # case, what is replaced, by what; line, column and code of the problem
    ("a word", "2024-07-30,1.5", "2024-07-30,about 1.5", (3, "USD", "malformed")),
    ("a comma for a point", "2024-07-30,1.5,", '2024-07-30,"1,5",', (3, "USD", "malformed")),
    ("below zero", "2024-07-30,1.5", "2024-07-30,-1.5", (3, "USD", "malformed")),
    ("zero", "2024-07-30,1.5", "2024-07-30,0.0", (3, "USD", "malformed")),
    ("not a number", "2024-07-30,1.5", "2024-07-30,NaN", (3, "USD", "malformed")),
    ("too many decimals", "2024-07-30,1.5", "2024-07-30,1.5000001", (3, "USD", "malformed")),
    ("nothing", "2024-07-30,1.5,", "2024-07-30,,", (3, "USD", "malformed")),
    ("a day twice", "2024-07-30", "2024-07-31", (3, "Date", "duplicate")),
    ("no day", "2024-07-30", "2024-07-32", (3, "Date", "malformed")),
    ("another form of a day", "2024-07-30", "30 July 2024", (3, "Date", "malformed")),
    ("a cell less", "2024-07-30,1.5,160", "2024-07-30,1.5", (3, None, "cells")),
    ("a cell more", "2024-07-30,1.5,160", "2024-07-30,1.5,160,3", (3, None, "cells")),
    ("another first column", "Date,", "Day,", (1, "Day", "header")),
    ("no header", "Date,USD,JPY,\n", "", (1, "2024-07-31", "header")),
    ("a currency twice", "Date,USD,JPY", "Date,USD,USD", (1, "USD", "doubled_column")),
    ("no currency", "Date,USD,JPY", "Date,USD,Yen", (1, "Yen", "currency")),
    ("the euro", "Date,USD,JPY", "Date,USD,EUR", (1, "EUR", "currency")),
    ("an open quote", "2024-07-30,1.5", '2024-07-30,"1.5', (4, None, "csv")),
    ("an empty table", "Date,USD,JPY,\n2024-07-31,1.5,160,\n2024-07-30,1.5,160,\n2024-07-29,1.5,160,\n", "", (1, None, "header")),
]  # fmt: skip


@pytest.mark.parametrize(("case", "old", "new", "where"), DAMAGE, ids=[case for case, *_ in DAMAGE])
def test_a_damaged_table_is_a_problem_and_converts_nothing(
    tmp_path: Path, case: str, old: str, new: str, where: tuple[int, str | None, str]
) -> None:
    project = init_at(tmp_path / "p", ["a"])
    write_sources(project, "r1,release,C,,en,,,,,2024-08-01,\n")
    write_facts(project, FIGURES[0])
    sound = "Date,USD,JPY,\n2024-07-31,1.5,160,\n2024-07-30,1.5,160,\n2024-07-29,1.5,160,\n"
    (project.seeds / "fx.csv").write_text(sound.replace(old, new, 1))
    with pytest.raises(InputError) as raised:
        ingest(project, [project.seeds])
    first = raised.value.problems[0]
    assert (first.line, first.column, first.code) == where, case
    assert first.path.endswith("fx.csv")
    assert converted(project, "currency", "true") == [] if (project.warehouse / "fact").is_dir() else True


def test_amounts_of_every_size_are_converted_to_the_digit() -> None:
    chance = random.Random(3)
    amounts = [
        Decimal(chance.randint(-(10**size), 10**size)).scaleb(-6) for size in range(1, 24) for _ in range(often(4))
    ]
    rates = [Decimal(chance.randint(1, 10**size)).scaleb(-12) for size in (4, 9, 13, 17) for _ in range(often(4))]
    pairs = [(amount, rate) for amount in amounts for rate in rates]
    with duckdb.connect() as connection:
        connection.execute(macros_sql())
        found = connection.execute(
            """select times_rate(cast(a as decimal(38, 6)), cast(r as decimal(38, 12))),
                   exact_quotient(cast(abs(cast(a as decimal(38, 6))) % 1000000000 + 0.000001 as decimal(38, 6)), cast(17000.123456 as decimal(38, 6))),
                   abs(cast(a as decimal(38, 6))) % 1000000000 + 0.000001
               from (select unnest($1) as a, unnest($2) as r)""",
            [[f"{amount:f}" for amount, _ in pairs], [f"{rate:f}" for _, rate in pairs]],
        ).fetchall()
    for (amount, rate), (product, quotient, dividend) in zip(pairs, found, strict=True):
        assert product == expected(amount, rate, Decimal(1))[1]
        assert quotient == expected(Decimal(1), dividend, Decimal("17000.123456"))[0]


def explained(project: Project, entity: str, metric: str, currency: str) -> str:
    with Warehouse(project.warehouse) as warehouse:
        return explain_figure(warehouse, entity, metric, "2024Q1", currency=currency).below[0].text


def test_an_explanation_says_by_which_rate(store: Callable[..., Project]) -> None:
    project = store(with_gap("JPY", date(2024, 2, 7)))
    rates = rates_by_chance()
    rate, value = expected(Decimal(100_000_000), Decimal(1), average(rates, "USD", *Q1))
    text = explained(project, "a", "revenue", "EUR")
    assert text.startswith(f"converted: {value.normalize():,f} EUR (from ")
    assert (
        f"= 100,000,000 USD at {rate.normalize():f} EUR for one USD (average of 63 days, 2024-01-02 to 2024-03-28"
        in text
    )
    assert explained(project, "c", "revenue", "EUR") == "in EUR as stated: 50,000,000 EUR"
    assert explained(project, "b", "revenue", "EUR").startswith(
        "not converted into EUR: the table of exchange rates has"
    )
    assert "(rate of 2024-03-28; seeds/fx.csv)" in explained(project, "a", "total_assets", "EUR")
    with pytest.raises(NothingMatchedError, match=r"into XXX; put a table"):
        explained(project, "a", "revenue", "XXX")
