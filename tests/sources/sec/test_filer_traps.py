"""Traps in what companies file, each on figures of our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.company_facts import TO_DATE, ingest_file, make_files, query_project, unnamed_entity, write_submissions
from support.filings import accession, company, write_archive, write_company
from support.project import by_company, made_once, small_project, worked_out
from tracker.errors import InputError
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import Project, load_project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse

#: What each company of this section files, by what its case is about.
TRAPS: dict[str, dict[str, Any]] = {}


def trap(make: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """File what this function makes for a company of its own, in the warehouse of this section."""
    TRAPS[make.__name__] = make()
    return make


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse of the companies of this section, for reading."""

    def store(folder: Path) -> None:
        texts = [json.dumps(content | {"cik": cik}) for cik, content in enumerate(TRAPS.values(), 1)]
        ingest(small_project(folder), [write_archive(folder, texts)])

    return worked_out(made_once(tmp_path_factory, "company-facts-traps", store) / "warehouse")


def ask(traps: Warehouse, make: Callable[[], dict[str, Any]], query: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the company of a case, which it calls `$one`."""
    return traps.sql(query, {"one": unnamed_entity([*TRAPS].index(make.__name__) + 1)}).fetchall()


@trap
def netted() -> dict[str, Any]:
    """Meta's purchases of property in USD million: gross until 2024-04-25, net of disposals since."""
    tag, other = "PaymentsToAcquirePropertyPlantAndEquipment", "ProceedsFromSaleOfPropertyPlantAndEquipment"
    y = [(s.replace("2024", "2023"), e.replace("2024", "2023")) for s, e in TO_DATE]
    gross = [
        (*y[n], v * 10**6, accession(n + 1), "10-K" if n == 3 else "10-Q", filed)
        for n, (v, filed) in enumerate(
            zip((6842, 13058, 19601, 27266), ("2023-04-27", "2023-07-27", "2023-10-26", "2024-02-02"), strict=True)
        )
    ]
    sold = [
        (*y[n], v * 10**6, accession(n + 1), "10-Q", row[5])
        for n, (v, row) in enumerate(zip((19, 101, 148, 221), gross, strict=True))
    ]
    net = [
        (*y[n], v * 10**6, accession(n + 5), "10-Q", filed)
        for n, (v, filed) in enumerate(zip((6823, 12957), ("2024-04-25", "2024-08-01"), strict=True))
    ]
    now = [
        (*TO_DATE[n], v * 10**6, accession(n + 5), "10-Q", filed)
        for n, (v, filed) in enumerate(zip((6400, 14573), ("2024-04-25", "2024-08-01"), strict=True))
    ]
    return company(0, {tag: [*gross, *net, *now], other: sold})


def test_gross_to_net_is_a_change_of_basis(traps: Warehouse) -> None:
    in_millions = "select fiscal_period, cast(value / 1e6 as integer), basis from quarter_by_concept{} where entity = $one and concept like '%PaymentsToAcquire%' and fiscal_period in ('2023Q2', '2023Q4', '2024Q2') order by 1"
    assert ask(traps, netted, in_millions.format("_as_of('2023-07-27')")) == [("2023Q2", 6216, None)]
    assert ask(traps, netted, in_millions.format("_as_of('2024-05-01')")) == [
        ("2023Q2", 6216, None),
        ("2023Q4", 7665, None),
    ]
    net = "net of us-gaap:ProceedsFromSaleOfPropertyPlantAndEquipment"
    assert ask(traps, netted, in_millions.format("")) == [
        ("2023Q2", 6134, net),
        ("2023Q4", 7665, None),
        ("2024Q2", 8173, net),
    ]
    assert ask(
        traps,
        netted,
        "select fiscal_period, cast(delta / 1e6 as integer), cause from restatement where entity = $one order by 1",
    ) == [
        ("2023H1", -101, "basis"),
        ("2023Q1", -19, "basis"),
    ]
    assert ask(
        traps,
        netted,
        "select qoq_status from qoq_as_of('2024-05-01') where entity = $one and metric = 'capex_ppe' and fiscal_period = '2024Q1'",
    ) == [("basis_changed",)]


@trap
def restated_year() -> dict[str, Any]:
    rows = [
        (*TO_DATE[n], v, accession(n + 1), "10-K" if n == 3 else "10-Q", filed)
        for n, (v, filed) in enumerate(
            zip((11, 23, 36, 51), ("2024-05-01", "2024-08-01", "2024-11-01", "2025-02-01"), strict=True)
        )
    ]
    amended = (*TO_DATE[3], 81, accession(9), "10-K/A", "2025-06-01")
    restated_nine = (*TO_DATE[2], 55, accession(10), "10-Q", "2025-11-01")
    return company(0, {"NetIncomeLoss": [*rows, amended, restated_nine]})


def test_a_restated_year_is_not_mixed_with_old_nine_months(traps: Warehouse) -> None:
    fourth = "select cast(value as integer) from quarter_by_concept{} where entity = $one and fiscal_period = '2024Q4' and value is not null"
    assert ask(traps, restated_year, fourth.format("_as_of('2025-02-01')")) == [(15,)]
    assert ask(traps, restated_year, fourth.format("_as_of('2025-06-01')")) == [(15,)], "81 - 36 would mix two vintages"


@trap
def finer_print() -> dict[str, Any]:
    fine = [
        (*TO_DATE[0], 29_068_000, accession(1), "10-Q", "2024-08-01"),
        (*TO_DATE[1], 311_516_000, accession(1), "10-Q", "2024-08-01"),
    ]
    coarse = [
        (*TO_DATE[0], 29_000_000, accession(2), "10-Q", "2025-05-01"),
        (*TO_DATE[1], 311_000_000, accession(2), "10-Q", "2025-05-01"),
    ]
    return company(0, {"Revenues": [*fine, *coarse]})


def test_precision_is_no_restatement_and_the_finer_print_stays(traps: Warehouse) -> None:
    assert ask(
        traps,
        finer_print,
        "select cast(value as bigint) from quarter_by_concept where entity = $one and fiscal_period = '2024Q1'",
    ) == [(29_068_000,)]
    assert ask(
        traps, finer_print, "select distinct cause, versions, statements from restatement where entity = $one"
    ) == [("precision", 1, 2)]


@trap
def other_forms() -> dict[str, Any]:
    rows = [
        (*TO_DATE[0], 500_000_000, accession(1), "10-Q", "2024-05-01"),
        (*TO_DATE[0], 500_000, accession(2), "8-K", "2024-06-01"),
    ]
    lone = [(*TO_DATE[1], 900_000_000, accession(3), "8-K", "2024-08-01")]
    return company(0, {"Revenues": rows, "Other": lone})


def test_forms_that_are_no_reports_come_last(traps: Warehouse) -> None:
    assert ask(traps, other_forms, "select concept, cast(value as bigint) from version where entity = $one and is_latest order by 1") == [
        ("us-gaap:Other", 900_000_000), ("us-gaap:Revenues", 500_000_000),
    ]  # fmt: skip


@trap
def trailing_months() -> dict[str, Any]:
    """Three durations share one end date, as Amazon files them."""
    rows = [
        (
            *TO_DATE[n],
            10 * (n + 1),
            accession(n + 1),
            "10-K" if n == 3 else "10-Q",
            f"2024-{5 + 3 * n:02d}-01" if n < 3 else "2025-02-01",
        )
        for n in range(4)
    ]
    rows += [
        ("2023-07-01", "2024-06-30", 77, accession(2), "10-Q", "2024-08-01"),
        ("2024-04-01", "2024-06-30", 12, accession(2), "10-Q", "2024-08-01"),
    ]
    return company(0, {"Revenues": rows})


def test_trailing_twelve_months_are_no_fiscal_year(traps: Warehouse) -> None:
    assert ask(
        traps,
        trailing_months,
        "select fiscal_period, cast(value as integer) from quarter_by_concept where entity = $one order by 1",
    ) == [
        ("2024Q1", 10),
        ("2024Q2", 12),
        ("2024Q3", 10),
        ("2024Q4", 10),
    ]
    assert ask(
        traps,
        trailing_months,
        "select fiscal_period, cast(value as integer) from annual_by_concept where entity = $one",
    ) == [("FY2024", 40)]


@trap
def long_year() -> dict[str, Any]:
    years = [
        ("2021-09-26", "2022-09-24", 100, accession(1), "10-K", "2022-10-28"),
        ("2022-09-25", "2023-09-30", 110, accession(2), "10-K", "2023-11-03"),
    ]
    return company(0, {"Revenues": years})


def test_a_53rd_week_is_said(traps: Warehouse) -> None:
    assert ask(
        traps,
        long_year,
        "select fiscal_period, yoy_ratio, yoy_status from yoy where entity = $one and span = 'year' order by 1",
    ) == [
        ("FY2022", None, "no_base"),
        ("FY2023", None, "long_period"),
    ]


LABELS = [
    # first and last day of an annual report's year, the number its filer gives it
    ("2011-01-31", "2012-01-29", "FY2012"),  # NVIDIA
    ("2022-09-25", "2023-09-30", "FY2023"),  # Apple
    ("2022-01-03", "2023-01-01", "FY2022"),  # Johnson & Johnson
    ("2021-02-01", "2022-01-31", "FY2022"),  # Snowflake
    ("2023-07-01", "2024-06-30", "FY2024"),  # Microsoft
    ("2023-09-04", "2024-09-01", "FY2024"),  # Costco
]


def test_years_are_numbered_as_their_filers_do(empty: Project) -> None:
    years = [{"Revenues": [(start, end, 1, accession(1), "10-K", "2025-01-01")]} for start, end, _ in LABELS]
    ingest_file(empty, write_archive(empty.root, make_files(years)))
    labels = query_project(empty, "select fiscal_period from statement order by entity")
    assert labels == [(label,) for _, _, label in LABELS]


FISCAL_YEAR_ENDS = [
    # of submissions, in entities.toml, month and day on which the nominal year after 1 March 2024 closes
    ("0229", "02-29", "2025-02-28"),
    ("0228", "02-28", "2025-02-28"),
    ("0230", "02-30", "2025-02-28"),
    ("0931", "09-31", "2024-09-30"),
    ("1131", "11-31", "2024-11-30"),
    ("0103", "1-3", "2024-12-31"),  # 52 or 53 weeks: the first days of January belong to December
    ("0201", "02-01", "2025-01-31"),
]


def test_a_year_may_end_on_a_day_its_month_does_not_have(empty: Project) -> None:
    """As submissions say it of the first companies, and `entities.toml` of the others."""
    count, curated = len(FISCAL_YEAR_ENDS), []
    for number, (filed, written, _) in enumerate(FISCAL_YEAR_ENDS, 1):
        page = {"fiscalYearEnd": filed, "filings": {"recent": {}}}
        (empty.root / f"submissions-CIK{number:010d}.json").write_text(json.dumps(page))
        curated.append(f'[leap{number}]\nname = "Leap"\ncik = {count + number}\nfiscal_year_end = "{written}"\n')
    (empty.seeds / "entities.toml").write_text("".join(curated))
    quarter = {"Revenues": [("2024-03-01", "2024-05-31", 50, accession(1), "10-Q", "2024-07-01")]}
    ingest_file(empty, write_archive(empty.root, make_files([quarter] * (2 * count))))
    query = "select period_end::varchar from fiscal_year where date '2024-05-31' between period_start and period_end order by entity"
    assert query_project(empty, query) == [(closes,) for _, _, closes in FISCAL_YEAR_ENDS] * 2


def test_a_year_end_that_is_no_day_is_refused(empty: Project) -> None:
    written = ["02-32", "13-01", "00-10", "02-00", "0229", "2-29x", "29 Feb"]
    entries = [f'[leap{at}]\nname = "Leap"\nfiscal_year_end = "{one}"\n' for at, one in enumerate(written)]
    (empty.seeds / "entities.toml").write_text("".join(entries))
    with pytest.raises(InputError) as refused:
        ingest(empty, [empty.seeds])
    told = [problem.message for problem in refused.value.problems]
    assert [
        ("is not a month and day" in message, f"'{one}'" in message) for one, message in zip(written, told, strict=True)
    ] == [(True, True)] * len(written)


def six_k(number: int, start: str, end: str, value: int) -> tuple[str, str, int, str, str, str]:
    """A statement of the n-th 6-K."""
    return start, end, value, accession(number), "6-K", f"2025-{number % 12 + 1:02d}-10"


YEARS_OF_6K = {
    "each year twice": ([six_k(n, f"20{n + k:02d}-04-01", f"20{n + k + 1:02d}-03-31", 10 * (n + k)) for n in (20, 21) for k in (0, 1)],
        ["FY2021", "FY2022", "FY2023"]),
    "one filing of two years": ([six_k(1, f"20{n}-01-01", f"20{n}-12-31", n) for n in (22, 23)], ["FY2022", "FY2023"]),
    "one year in two filings": ([six_k(n, "2022-01-01", "2022-12-31", 5) for n in (3, 4)], ["FY2022"]),
    "years beside trailing ones": (
        [six_k(n, f"20{n}-01-01", f"20{n}-12-31", n) for n in (21, 22, 23)] + [six_k(9, "2022-07-01", "2023-06-30", 22)],
        ["FY2021", "FY2022", "FY2023"],
    ),
    "a single year": ([six_k(1, "2022-01-01", "2022-12-31", 5)], []),
}  # fmt: skip


def test_years_of_a_filer_without_annual_reports_follow_from_what_repeats(empty: Project) -> None:
    filed = [{"ifrs-full:Revenue": rows} for rows, _ in YEARS_OF_6K.values()]
    ingest_file(empty, write_archive(empty.root, make_files(filed, unit="CAD")))
    query = (
        "select entity, fiscal_period from figure "
        "where metric = 'revenue' and span = 'year' and value is not null order by all"
    )
    shown = by_company(query_project(empty, query))
    for number, (name, (_, labels)) in enumerate(YEARS_OF_6K.items(), 1):
        assert shown[unnamed_entity(number)] == [(label,) for label in labels], name


HALVES = [six_k(2 * n, f"20{n}-01-01", f"20{n}-06-30", 40 + n) for n in (22, 23, 24)] + [
    six_k(2 * n + 1, f"20{n}-07-01", f"20{n}-12-31", 50 + n) for n in (22, 23, 24)
]
FIRST_HALVES = {
    # what says when the years close, the half-years that show
    "nothing": ("", [], []),
    "December": ("12-31", [], [("2022H1", 62), ("2023H1", 63), ("2024H1", 64)]),
    "June": ("06-30", [], [("2023H1", 72), ("2024H1", 73), ("2025H1", 74)]),
    "nine months": ("", [six_k(9, "2024-01-01", "2024-09-30", 95)], [("2022H1", 62), ("2023H1", 63), ("2024H1", 64)]),
    "years that repeat": (
        "", [six_k(n, f"20{n}-07-01", f"20{n + 1}-06-30", 100 + n) for n in (22, 23)],
        [("2023H1", 72), ("2024H1", 73), ("2025H1", 74)],
    ),
}  # fmt: skip


def test_which_of_two_halves_is_the_first_is_never_guessed(empty: Project) -> None:
    (empty.seeds / "entities.toml").write_text(
        "".join(
            f'[half{number}]\nname = "Half"\ncik = {number}\nfiscal_year_end = "{year_end}"\n'
            for number, (year_end, _, _) in enumerate(FIRST_HALVES.values(), 1)
            if year_end
        )
    )
    filed = [{"ifrs-full:Revenue": [*HALVES, *more]} for _, more, _ in FIRST_HALVES.values()]
    (note,) = ingest_file(empty, write_archive(empty.root, make_files(filed))).notes
    query = "select entity, fiscal_period, value::integer from figure where metric = 'revenue' and span = 'half' order by all"
    halves = by_company(query_project(empty, query))
    for number, (name, (year_end, _, shown)) in enumerate(FIRST_HALVES.items(), 1):
        assert halves[f"half{number}" if year_end else unnamed_entity(number)] == shown, name
    untold = [unnamed_entity(number) for number, (_, _, shown) in enumerate(FIRST_HALVES.values(), 1) if not shown]
    assert note.startswith(f"nothing says when the fiscal years of {', '.join(untold)} close")


@pytest.mark.parametrize("end", ["2024-05-31", "2025-02-28"])
def test_an_ingestion_says_why_figures_do_not_show(empty: Project, end: str) -> None:
    rows = [("2024-03-01", end, 50, accession(1), "6-K", "2025-07-01")]
    path = write_company(empty.root, company(77, {"Revenues": rows}))
    (note,) = ingest_file(empty, path).notes
    assert note.startswith("nothing says when the fiscal years of cik0000000077 close")
    assert "give them a fiscal_year_end in entities.toml" in note
    write_submissions(empty.root, 77, {})
    assert ingest_file(empty, path).notes == ()


def test_an_ingestion_lists_its_problems(empty: Project) -> None:
    rows: list[Any] = [(*TO_DATE[0], f"{n}x", accession(1), "10-Q", "2024-05-01") for n in range(23)]
    told: list[str] = []
    ingest(empty, [write_company(empty.root, company(77, {"Revenues": rows}))], say=told.append)
    assert told[-22].endswith(
        "CIK0000000077.json: 0 new, 0 known, 23 problems, 1 company new or changed, names of 1 company changed"
    )
    assert "0x'\" is no number" in told[-21]
    assert told[-1] == "  and 3 problems more: 3 statement"


@trap
def changed_year_end() -> dict[str, Any]:
    rows = [
        ("2021-01-01", "2021-12-31", 100, accession(1), "10-K", "2022-02-01"),
        ("2022-01-01", "2022-12-31", 110, accession(2), "10-K", "2023-02-01"),
        ("2023-01-01", "2023-05-31", 50, accession(3), "10-KT", "2023-07-01"),
        ("2023-06-01", "2024-05-31", 130, accession(4), "10-K", "2024-07-01"),
        ("2024-06-01", "2024-08-31", 40, accession(5), "10-Q", "2024-10-01"),
    ]
    return company(0, {"Revenues": rows})


def test_a_changed_year_end_leaves_a_stub(traps: Warehouse) -> None:
    assert ask(traps, changed_year_end, "select period_end::varchar, span, fiscal_period from statement where entity = $one order by 1") == [
        ("2021-12-31", "year", "FY2021"), ("2022-12-31", "year", "FY2022"), ("2023-05-31", "other", None),
        ("2024-05-31", "year", "FY2024"), ("2024-08-31", "quarter", "2025Q1"),
    ]  # fmt: skip
    assert ask(traps, changed_year_end, "select fiscal_period, yoy_status from yoy where entity = $one and span = 'year' order by 1") == [
        ("FY2021", "no_base"), ("FY2022", "ok"), ("FY2024", "no_base"),
    ]  # fmt: skip


@trap
def moved_year_end() -> dict[str, Any]:
    """Years to June until 2022, half a year that stands alone, and calendar years since."""
    rows = [
        ("2020-07-01", "2021-06-30", 400, accession(1), "10-K", "2021-09-01"),
        ("2021-07-01", "2022-06-30", 480, accession(2), "10-K", "2022-09-01"),
        ("2022-07-01", "2022-09-30", 125, accession(3), "10-Q", "2022-11-05"),
        ("2021-07-01", "2021-09-30", 115, accession(3), "10-Q", "2022-11-05"),
        ("2022-07-01", "2022-12-31", 255, accession(4), "10-KT", "2023-03-01"),
        ("2021-07-01", "2021-12-31", 235, accession(4), "10-KT", "2023-03-01"),
        ("2023-01-01", "2023-03-31", 132, accession(5), "10-Q", "2023-05-05"),
        ("2022-01-01", "2022-03-31", 121, accession(5), "10-Q", "2023-05-05"),
        ("2023-01-01", "2023-06-30", 267, accession(6), "10-Q", "2023-08-05"),
        ("2022-04-01", "2022-06-30", 124, accession(6), "10-Q", "2023-08-05"),
        ("2023-01-01", "2023-12-31", 560, accession(7), "10-K", "2024-03-01"),
        ("2024-01-01", "2024-12-31", 600, accession(8), "10-K", "2025-03-01"),
    ]
    return company(0, {"Revenues": rows})


def test_nothing_is_measured_across_a_moved_year_end(traps: Warehouse) -> None:
    moved = "the company changed its fiscal year end between {} and {}"
    assert ask(
        traps,
        moved_year_end,
        "select fiscal_period, round(yoy_ratio, 4), yoy_status, reason from yoy where entity = $one and metric = 'revenue' "
        "and fiscal_period in ('FY2022', '2023Q1', '2023Q2', 'FY2023', 'FY2024') order by period_end, 1",
    ) == [
        ("FY2022", 0.2, "ok", None),
        ("2023Q1", None, "no_base", moved.format("2022Q1", "2023Q1")),
        ("2023Q2", None, "no_base", moved.format("2022Q2", "2023Q2")),
        ("FY2023", None, "no_base", moved.format("FY2022", "FY2023")),
        ("FY2024", 0.0714, "ok", None),
    ]  # fmt: skip
    assert ask(
        traps,
        moved_year_end,
        "select qoq_status, reason from qoq where entity = $one and metric = 'revenue' and fiscal_period = '2023Q1'",
    ) == [("no_base", moved.format("2022Q4", "2023Q1"))]
    assert ask(
        traps,
        moved_year_end,
        "select fiscal_period, cast(value as integer), reason_code from ttm where entity = $one and metric = 'revenue' "
        "and fiscal_period in ('2022Q4', '2023Q1', '2023Q2', '2023Q4') order by 1",
    ) == [
        ("2022Q4", 480, None), ("2023Q1", None, "too_few_quarters"), ("2023Q2", None, "too_few_quarters"),
        ("2023Q4", 560, None),
    ]  # fmt: skip
    assert ask(traps, moved_year_end, "select fiscal_period from cagr where entity = $one") == []


@trap
def odd_balances() -> dict[str, Any]:
    """A balance of a day after the quarter, stated as often and later than that of its close, and one of such a day alone."""
    flows = [("2024-01-01", "2024-03-31", 10, accession(1), "10-Q", "2024-05-01")]
    cash = [
        (None, "2024-03-31", 12, accession(1), "10-Q", "2024-05-01"),
        (None, "2024-04-05", 77, accession(4), "10-K", "2025-02-01"),
        (None, "2024-12-31", 15, accession(4), "10-K", "2025-02-01"),
    ]
    equity = [(None, "2024-04-20", 7, accession(1), "10-Q", "2024-05-01"), *cash[2:]]
    year = [("2024-01-01", "2024-12-31", 44, accession(4), "10-K", "2025-02-01")]
    tags = {"CashAndCashEquivalentsAtCarryingValue": cash, "StockholdersEquity": equity}
    return company(0, {"Revenues": [*flows, *year], **tags})


def test_a_balance_is_that_of_the_day_on_which_the_quarter_closes(traps: Warehouse) -> None:
    assert ask(
        traps,
        odd_balances,
        "select metric, fiscal_period, cast(value as integer) from figure where entity = $one "
        "and metric in ('cash', 'equity') order by 1, 2",
    ) == [("cash", "2024Q1", 12), ("cash", "2024Q4", 15), ("equity", "2024Q4", 15)]


@trap
def quarters_of_averages() -> dict[str, Any]:
    """Averages and rates by quarter, and no half-year, nine months or year of them."""
    quarters = [("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31")]
    rows = [
        (f"2024-{a}", f"2024-{b}", 100, accession(n), "10-Q", f"2025-0{n}-01") for n, (a, b) in enumerate(quarters, 1)
    ]
    year = [("2024-01-01", "2024-12-31", 44, accession(5), "10-K", "2025-02-01")]
    content = company(0, {"Revenues": year})
    for concept, unit in (
        ("WeightedAverageNumberOfDilutedSharesOutstanding", "shares"), ("EarningsPerShareDiluted", "USD/shares"),
        ("EffectiveIncomeTaxRateContinuingOperations", "pure"),
    ):  # fmt: skip
        content["facts"]["us-gaap"] |= company(0, {concept: rows}, unit=unit)["facts"]["us-gaap"]
    return content


def test_averages_and_rates_are_not_added_up(traps: Warehouse) -> None:
    found = ask(
        traps,
        quarters_of_averages,
        "select fiscal_period, count(*), count(value), min(reason) from figure where entity = $one "
        "and span <> 'quarter' and metric <> 'revenue' group by 1 order by 1",
    )
    assert found == [
        ("2024H1", 3, 0, "the half-year is not stated"), ("2024M9", 3, 0, "the nine-month figure is not stated"),
        ("FY2024", 3, 0, "the year is not stated"),
    ]  # fmt: skip


@trap
def weeks_since_a_purchase() -> dict[str, Any]:
    """Beside the year to date, what came in since another company was bought on 5 January; stated more often."""
    days = [("2024-01-01", "2024-03-31", 10), ("2024-01-01", "2024-06-30", 21), ("2024-01-01", "2024-12-31", 44)]
    stub = [("2024-01-06", "2024-03-31", 3), ("2024-01-06", "2024-06-30", 7)]
    filed = [(1, "10-Q", "2024-05-01"), (2, "10-Q", "2024-08-01"), (3, "10-K", "2025-02-01")]
    rows = [(*row, accession(n), form, day) for row, (n, form, day) in zip(days, filed, strict=True)]
    again = [(*row, accession(n), form, day) for row in stub for n, form, day in filed[1:]]
    return company(0, {"Revenues": [*rows, *again]})


def test_the_company_s_own_quarter_comes_before_a_part_of_it(traps: Warehouse) -> None:
    assert ask(
        traps,
        weeks_since_a_purchase,
        "select fiscal_period, cast(value as integer), method from figure where entity = $one and value is not null "
        "and metric = 'revenue' order by 1",
    ) == [
        ("2024H1", 21, "reported"), ("2024Q1", 10, "reported"), ("2024Q2", 11, "derived"), ("FY2024", 44, "reported"),
    ]  # fmt: skip


@trap
def proxy_in_millions() -> dict[str, Any]:
    """Five years of net income in a proxy statement, in millions that are tagged as units, beside a report's two years."""
    report = [
        (f"{y}-01-01", f"{y}-12-31", v * 10**6, accession(1), "10-K", "2025-02-01") for y, v in ((2024, 46), (2023, 40))
    ]
    proxy = [(f"{y}-01-01", f"{y}-12-31", y - 1980, accession(2), "DEF 14A", "2025-04-01") for y in range(2020, 2025)]
    return company(0, {"NetIncomeLoss": [*report, *proxy]})


def test_a_proxy_statement_states_no_figure(traps: Warehouse) -> None:
    assert ask(
        traps,
        proxy_in_millions,
        "select fiscal_period, cast(value / 1e6 as integer), round(yoy_ratio, 2), yoy_status from yoy "
        "where entity = $one and span = 'year' order by 1",
    ) == [("FY2023", 40, None, "no_base"), ("FY2024", 46, 0.15, "ok")]
    assert ask(traps, proxy_in_millions, "select count(*) from statement where entity = $one and form = 'DEF 14A'") == [
        (5,)
    ]


@trap
def disagreeing_tags() -> dict[str, Any]:
    steady = [
        (f"{y}-01-01", f"{y}-12-31", 83_000 + y, accession(y), "10-K", f"{y + 1}-02-01") for y in range(2010, 2018)
    ]
    stray = [("2014-01-01", "2014-12-31", 29_400, accession(2014), "10-K", "2015-02-01")]
    return company(0, {"SalesRevenueNet": steady, "Revenues": stray})


def test_tags_that_disagree_are_shown_with_the_rule(traps: Warehouse) -> None:
    assert ask(
        traps,
        disagreeing_tags,
        "select cast(value as integer), definition from annual where entity = $one and fiscal_period = 'FY2014' and metric = 'revenue'",
    ) == [(85_014, "us-gaap:SalesRevenueNet")]
    assert ask(
        traps,
        disagreeing_tags,
        "select cast(other_value as integer), other_concept, rule, rules_version = (select max(version) from metric) from conflict where entity = $one and fiscal_period = 'FY2014'",
    ) == [(29_400, "us-gaap:Revenues", "a stray tag comes last", True)]


@trap
def fees_of_a_bank() -> dict[str, Any]:
    years = range(2019, 2024)
    fees, net = (
        [(f"{y}-01-01", f"{y}-12-31", value + y, accession(y), "10-K", f"{y + 1}-02-01") for y in years]
        for value in (200_000, 1_500_000)
    )
    tags = {"RevenueFromContractWithCustomerExcludingAssessedTax": fees, "RevenuesNetOfInterestExpense": net}
    return company(0, tags)


def test_the_fees_of_a_bank_are_not_its_revenue(traps: Warehouse) -> None:
    shown = ask(
        traps,
        fees_of_a_bank,
        "select definition, count(*) from annual where entity = $one and metric = 'revenue' group by definition",
    )
    assert shown == [("us-gaap:RevenuesNetOfInterestExpense", 5)]
    kept = ask(
        traps,
        fees_of_a_bank,
        "select distinct other_concept from conflict where entity = $one and metric = 'revenue' and span = 'year'",
    )
    assert kept == [("us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",)]


@trap
def loss_per_share() -> dict[str, Any]:
    loss = [("2023-01-01", "2023-12-31", -2, accession(1), "10-K", "2024-02-01")]
    return company(0, {"EarningsPerShareBasicAndDiluted": loss}, unit="USD/shares")


def test_one_figure_per_share_of_a_loss_stands_for_both(traps: Warehouse) -> None:
    shown = "select metric, cast(value as integer) from annual where entity = $one and metric like 'eps%' order by 1"
    assert ask(traps, loss_per_share, shown) == [("eps_basic", -2), ("eps_diluted", -2)]


def test_a_user_overrides_a_definition_without_touching_the_package(tmp_path: Path) -> None:
    init(tmp_path)
    config = tmp_path / "tracker.toml"
    config.write_text(config.read_text() + 'metrics = "metrics.toml"\n')
    (tmp_path / "metrics.toml").write_text(
        '[revenue]\nlabel = "Sales"\ntype = "duration"\nadditive = true\nmeasure = "money"\ntags = ["us-gaap:SpecialRevenue"]\n'
    )
    project = load_project(tmp_path)
    ingest_file(
        project,
        write_company(
            tmp_path,
            company(
                77,
                {
                    "SpecialRevenue": [
                        (*TO_DATE[0], 5, accession(1), "10-Q", "2024-05-02"),
                        (*TO_DATE[3], 25, accession(2), "10-K", "2025-02-02"),
                    ]
                },
            ),
        ),
    )
    assert query_project(
        project, "select metric, cast(value as integer) from quarter where fiscal_period = '2024Q1'"
    ) == [("revenue", 5)]
