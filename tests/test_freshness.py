"""When the next report is due: from a company's own calendar and its usual lag, and how late is how bad."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tracker.errors import UsageError
from tracker.project import Project, check, ingest
from tracker.warehouse import Warehouse, moment_of

from conftest import SHARED, write_facts
from filings import Statement, accession, company, write_company

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

DUE = "next_fiscal_period, next_period_end, usual_lag_days, expected_date, stale_date, reason"


def day(text: str) -> date:
    return date.fromisoformat(text)


def statements(reports: Iterable[tuple[date, date, str, int]], year_opens: dict[date, date]) -> list[Statement]:
    """What each report (start and end of its last quarter, form, lag) says of revenue: the year so far."""
    said: list[Statement] = []
    for number, (start, end, form, lag) in enumerate(reports):
        filed = (end + timedelta(lag)).isoformat()
        opens = year_opens[end]
        begins = sorted({start, opens}) if form == "10-Q" else [opens]
        said += [
            (first.isoformat(), end.isoformat(), 5_000_000_000, accession(number), form, filed) for first in begins
        ]
    return said


def by_quarter(closes: Sequence[date], *, lags: tuple[int, int] = (30, 45)) -> list[Statement]:
    """A filer of four reports a year; `closes` begins with the close of a fiscal year, of which nothing is told."""
    spans = [(before + timedelta(1), end) for before, end in itertools.pairwise(closes)]
    opens = {end: spans[number // 4 * 4][0] for number, (_, end) in enumerate(spans)}
    reports = [
        (start, end, "10-K" if number % 4 == 3 else "10-Q", lags[number % 4 == 3])
        for number, (start, end) in enumerate(spans)
    ]
    return statements(reports, opens)


def month_ends(first: str, count: int, step: int = 3) -> list[date]:
    """The last days of every third month."""
    year, month = map(int, first.split("-"))
    found = []
    for n in range(count):
        after = month + n * step
        found.append(date(year + after // 12, after % 12 + 1, 1) - timedelta(1))
    return found


def week_ends(last: date, years: int) -> list[date]:
    """Quarters of 13 weeks and years that close on the last Saturday of the month of `last`: 52 weeks or 53."""
    closes = [last]
    for _ in range(years):
        for quarter in range(4):
            weeks = 13
            if quarter == 3 and (closes[-1] + timedelta(7 * 14)).month == last.month:
                weeks = 14
            closes.append(closes[-1] + timedelta(7 * weeks))
    return closes


def filed(project: Project, folder: Path, said: list[Statement], cik: int = 9) -> Warehouse:
    ingest(project, [write_company(folder, company(cik, {"Revenues": said}))])
    return Warehouse(project.warehouse)


def due(warehouse: Warehouse, entity: str, at: str | None = None) -> tuple[Any, ...]:
    view = f"freshness_as_of('{at}')" if at else "freshness"
    return warehouse.sql(f"select {DUE} from {view} where entity = $entity", {"entity": entity}).fetchall()[0]


def test_the_next_report_of_a_filer_by_the_month(empty: Project, tmp_path: Path) -> None:
    """Quarters to 2024-03-31; the half-year is due 30 days after it closes, and missing a week after that."""
    known = filed(empty, tmp_path, by_quarter(month_ends("2021-12", 10)))
    assert due(known, "cik0000000009") == (
        "2024Q2", day("2024-06-30"), 30, day("2024-07-30"), day("2024-08-06"), None,
    )  # fmt: skip


def test_annual_reports_have_a_lag_of_their_own(empty: Project, tmp_path: Path) -> None:
    known = filed(empty, tmp_path, by_quarter(month_ends("2021-12", 12)))
    assert due(known, "cik0000000009")[:4] == ("FY2024", day("2024-12-31"), 45, day("2025-02-14"))


def test_as_of_a_day_the_report_before_is_the_last(empty: Project, tmp_path: Path) -> None:
    known = filed(empty, tmp_path, by_quarter(month_ends("2021-12", 10)))
    assert due(known, "cik0000000009", "2023-10-29")[0] == "2023Q3"
    assert due(known, "cik0000000009", "2023-10-30")[0] == "FY2023"


def test_one_who_reports_once_a_year_is_not_asked_for_quarters(empty: Project, tmp_path: Path) -> None:
    closes = month_ends("2021-06", 4, step=12)
    spans = [(before + timedelta(1), end) for before, end in itertools.pairwise(closes)]
    said = statements([(*span, "20-F", 100) for span in spans], {end: start for start, end in spans})
    assert due(filed(empty, tmp_path, said), "cik0000000009")[:4] == (
        "FY2025", day("2025-06-30"), 100, day("2025-10-08"),
    )  # fmt: skip


def test_a_young_filer_goes_on_by_the_quarter_and_its_first_annual_lag_is_unknown(
    empty: Project, tmp_path: Path
) -> None:
    known = filed(empty, tmp_path, by_quarter(month_ends("2022-12", 3)))
    assert due(known, "cik0000000009")[:2] == ("2023Q3", day("2023-09-30"))
    known = filed(empty, tmp_path, by_quarter(month_ends("2022-12", 4)), cik=10)
    period, end, lag, expected, _, reason = due(known, "cik0000000010")
    assert (period, end, lag, expected) == ("FY2023", day("2023-12-31"), None, None)
    assert "no report of this kind" in reason


@pytest.mark.parametrize("last", ["2013-09-28", "2013-01-26", "2013-06-29"])
def test_years_of_52_and_53_weeks_close_where_they_should(empty: Project, tmp_path: Path, last: str) -> None:
    """Twelve years that close on the last Saturday; from the eighth on, each next close is told right."""
    closes = week_ends(day(last), 12)
    assert {(b - a).days for a, b in itertools.pairwise(closes)} == {91, 98}
    known = filed(empty, tmp_path, by_quarter(closes))
    for number in range(8 * 4, len(closes) - 1):
        seen = closes[number] + timedelta(45)
        assert due(known, "cik0000000009", seen.isoformat())[1] == closes[number + 1], seen


def test_the_lag_is_that_of_the_last_three_years(empty: Project, tmp_path: Path) -> None:
    closes = month_ends("2015-12", 30)
    early, late = by_quarter(closes[:13], lags=(90, 90)), by_quarter(closes, lags=(20, 40))
    known = filed(empty, tmp_path, [*early, *late[len(early) :]])
    assert due(known, "cik0000000009")[2] == 20


def test_an_amendment_and_a_comparative_are_no_report(empty: Project, tmp_path: Path) -> None:
    said = by_quarter(month_ends("2021-12", 10))
    last_start, last_end = said[-1][:2]
    said += [(last_start, last_end, 5_000_000_000, accession(90), "10-Q/A", "2024-06-20")]
    assert due(filed(empty, tmp_path, said), "cik0000000009")[3] == day("2024-07-30")


# -- set against a moment ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "state", "since"),
    [
        ("2024-07-30", "pass", None),
        ("2024-07-31", "warn", "2024-07-30"),
        ("2024-08-06T23:59:59Z", "warn", "2024-07-30"),
        ("2024-08-06T23:59:59-05:00", "stale", "2024-08-06"),
        ("2024-08-07", "stale", "2024-08-06"),
    ],
)
def test_late_is_told_from_missing(empty: Project, tmp_path: Path, now: str, state: str, since: str | None) -> None:
    filed(empty, tmp_path, by_quarter(month_ends("2021-12", 10)))
    checked = check(empty, ["freshness"], now=moment_of(now))
    (found,) = [finding for finding in checked.findings if finding.entity == "cik0000000009"]
    assert (found.state, found.since, found.expected) == (state, since and day(since), day("2024-07-30"))
    assert checked.exit_code == (3 if state == "stale" else 0)
    assert "2024Q2" in found.message


def test_a_company_known_from_texts_alone_is_unknown_and_not_passed(empty: Project) -> None:
    write_facts(empty, "acme,,capex,actual,2024Q2,8.5,,,9,USD,exact,a1,en,0,3,8.5")
    ingest(empty, [empty.seeds])
    checked = check(empty, ["freshness"], now=moment_of("2030-01-01"))
    assert {(finding.entity, finding.state) for finding in checked.findings} == {
        ("acme", "unknown"),
        ("june", "unknown"),
    }
    assert all("texts alone" in finding.message for finding in checked.findings)
    assert checked.exit_code == 0


def test_only_companies_that_are_followed_count(empty: Project, tmp_path: Path) -> None:
    filed(empty, tmp_path, by_quarter(month_ends("2021-12", 10)))
    filed(empty, tmp_path, by_quarter(month_ends("2021-12", 10)), cik=10)
    (empty.reports / "nine.toml").write_text('entity = "cik0000000009"\n')
    checked = check(empty, ["freshness"], now=moment_of("2030-01-01"))
    assert [(finding.entity, finding.state) for finding in checked.findings] == [("cik0000000009", "stale")]


def test_settings_say_who_is_followed(empty: Project, tmp_path: Path) -> None:
    from tracker.project import load_project

    filed(empty, tmp_path, by_quarter(month_ends("2021-12", 10)))
    settings = empty.root / "tracker.toml"
    settings.write_text(settings.read_text() + '\n[check]\nentities = ["cik0000000009", "nobody"]\n')
    checked = check(load_project(empty.root), ["freshness"], now=moment_of("2024-07-01"))
    assert [(f.entity, f.state) for f in checked.findings] == [("cik0000000009", "pass"), ("nobody", "unknown")]


def test_as_of_a_past_day_it_was_not_late(project: Project) -> None:
    (found,) = check(project, ["freshness"], as_of="2024-08-05").findings
    assert (found.entity, found.state, found.expected) == ("meta", "pass", day("2024-10-27"))


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "2024-02-30"])
def test_what_is_no_moment_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="is no moment"):
        moment_of(text)


# -- real filers -------------------------------------------------------------------------------------


@pytest.mark.skipif(not (SHARED / "sec").is_dir(), reason="the shared SEC files are not here")
def test_real_filers_close_and_report_when_they_were_expected_to(empty: Project) -> None:
    """As of each of its reports since 2020, the next close is told to the day, and the next report was not missed.

    NVIDIA's annual report for fiscal 2022 came 47 days after the close, three weeks later than any of the years before.
    """
    ingest(empty, sorted((SHARED / "sec").glob("CIK*.json.gz")))
    known = Warehouse(empty.warehouse)
    reports = known.sql(
        """select entity, accession, cast(min(known_at) as date) as day, max(period_end) from fact_known
           where period_start is not null and form in ('10-K', '10-Q', '20-F') and period_end <= cast(known_at as date)
           group by entity, accession having min(known_at) >= timestamp '2020-06-01 00:00:00+00:00' order by 1, 3"""
    ).fetchall()
    wrong, missed, told = [], [], 0
    for (entity, _, seen, _), (other, _, came, closed) in itertools.pairwise(reports):
        if entity != other:
            continue
        _, end, _, _, stale, _ = due(known, entity, seen.isoformat())
        told += 1
        wrong += [(entity, seen, end, closed)] if end != closed else []
        missed += [(entity, came)] if stale is not None and came > stale else []
    assert told > 60
    assert wrong == []
    assert missed == [("cik0001045810", day("2022-03-18"))]
