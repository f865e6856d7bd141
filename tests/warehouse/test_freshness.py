"""When the next report is due: from a company's own calendar and its usual lag, and how late is how bad."""

from __future__ import annotations

import itertools
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import Statement, accession, company
from support.project import made_once, small_project, worked_out, write_facts
from tracker.errors import UsageError
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
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


def by_year(closes: Sequence[date], lag: int) -> list[Statement]:
    """A filer of one report a year."""
    spans = [(before + timedelta(1), end) for before, end in itertools.pairwise(closes)]
    return statements([(*span, "20-F", lag) for span in spans], {end: start for start, end in spans})


def with_other_lags_before() -> list[Statement]:
    """Seven years of reports, which took longer in the first three of them."""
    closes = month_ends("2015-12", 30)
    early, late = by_quarter(closes[:13], lags=(90, 90)), by_quarter(closes, lags=(20, 40))
    return [*early, *late[len(early) :]]


def with_an_amendment() -> list[Statement]:
    """Quarters to 2024-03-31, the last of which is told again weeks later."""
    said = by_quarter(month_ends("2021-12", 10))
    return [*said, (*said[-1][:2], 5_000_000_000, accession(90), "10-Q/A", "2024-06-20")]


WEEKS = ["2013-09-28", "2013-01-26", "2013-06-29"]
#: What each filer says, by what it is like.
FILERS: dict[str, list[Statement]] = {
    "monthly": by_quarter(month_ends("2021-12", 10)),
    "closed": by_quarter(month_ends("2021-12", 12)),
    "yearly": by_year(month_ends("2021-06", 4, step=12), 100),
    "young": by_quarter(month_ends("2022-12", 3)),
    "year_old": by_quarter(month_ends("2022-12", 4)),
    "quicker": with_other_lags_before(),
    "amending": with_an_amendment(),
    **{last: by_quarter(week_ends(day(last), 12)) for last in WEEKS},
}
IDS = {name: f"cik{number:010d}" for number, name in enumerate(FILERS, 9)}
MONTHLY = "cik0000000009"


def _store(folder: Path) -> None:
    """All filers in one archive, which is stored at once."""
    project = small_project(folder)
    archive = folder / "companyfacts.zip"
    with zipfile.ZipFile(archive, "w") as files:
        for number, said in enumerate(FILERS.values(), 9):
            files.writestr(f"CIK{number:010d}.json", json.dumps(company(number, {"Revenues": said})))
    ingest(project, [archive])


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with all these filers stored, for reading."""
    return load_project(made_once(tmp_path_factory, "freshness-filers", _store))


@pytest.fixture(scope="module")
def known(filed: Project) -> Iterator[Warehouse]:
    """Its warehouse; each view is worked out once."""
    with worked_out(filed.warehouse) as warehouse:
        yield warehouse


def due(warehouse: Warehouse, name: str) -> tuple[Any, ...]:
    """The next report of a filer."""
    return warehouse.sql(f"select {DUE} from freshness where entity = $entity", {"entity": IDS[name]}).fetchall()[0]


def due_at(warehouse: Warehouse, entity: str, days: Iterable[date]) -> dict[date, tuple[Any, ...]]:
    """The same as of each of these days in one question: asked one by one they take several times as long."""
    query = f"""select d.day, f.* from (select unnest($days) as day) d,
                lateral (select {DUE} from freshness_as_of(d.day) where entity = $entity) f"""
    with warehouse.for_companies([entity]) as own:
        asked = {"days": [one.isoformat() for one in days], "entity": entity}
        return {day(seen): tuple(row) for seen, *row in own.sql(query, asked).fetchall()}


def test_the_next_report_of_a_filer_by_the_month(known: Warehouse) -> None:
    """Quarters to 2024-03-31; the half-year is due 30 days after it closes, and missing a week after that."""
    assert due(known, "monthly") == (
        "2024Q2", day("2024-06-30"), 30, day("2024-07-30"), day("2024-08-06"), None,
    )  # fmt: skip


def test_annual_reports_have_a_lag_of_their_own(known: Warehouse) -> None:
    assert due(known, "closed")[:4] == ("FY2024", day("2024-12-31"), 45, day("2025-02-14"))


def test_as_of_a_day_the_report_before_is_the_last(known: Warehouse) -> None:
    query = "select next_fiscal_period from freshness_as_of('{}') where entity = $entity"
    for asked, period in (("2023-10-29", "2023Q3"), ("2023-10-30", "FY2023")):
        assert known.sql(query.format(asked), {"entity": MONTHLY}).fetchall() == [(period,)], asked


def test_one_who_reports_once_a_year_is_not_asked_for_quarters(known: Warehouse) -> None:
    assert due(known, "yearly")[:4] == ("FY2025", day("2025-06-30"), 100, day("2025-10-08"))


def test_a_young_filer_goes_on_by_the_quarter_and_its_first_annual_lag_is_unknown(known: Warehouse) -> None:
    assert due(known, "young")[:2] == ("2023Q3", day("2023-09-30"))
    period, end, lag, expected, _, reason = due(known, "year_old")
    assert (period, end, lag, expected) == ("FY2023", day("2023-12-31"), None, None)
    assert "no report of this kind" in reason


@pytest.mark.parametrize("last", WEEKS)
def test_years_of_52_and_53_weeks_close_where_they_should(known: Warehouse, last: str) -> None:
    """Twelve years that close on the last Saturday; from the eighth on, each next close is told right."""
    closes = week_ends(day(last), 12)
    assert {(b - a).days for a, b in itertools.pairwise(closes)} == {91, 98}
    wanted = {closes[number] + timedelta(45): closes[number + 1] for number in range(8 * 4, len(closes) - 1)}
    found = due_at(known, IDS[last], wanted)
    assert {seen: row[1] for seen, row in found.items()} == wanted


def test_the_lag_is_that_of_the_last_three_years(known: Warehouse) -> None:
    assert due(known, "quicker")[2] == 20


def test_an_amendment_and_a_comparative_are_no_report(known: Warehouse) -> None:
    assert due(known, "amending")[3] == day("2024-07-30")


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
def test_late_is_told_from_missing(filed: Project, now: str, state: str, since: str | None) -> None:
    checked = check(replace(filed, check_entities=(MONTHLY, "acme", "june")), ["freshness"], now=moment_of(now))
    (found,) = [finding for finding in checked.findings if finding.entity == MONTHLY]
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


def test_only_companies_that_are_followed_count(filed: Project, tmp_path: Path) -> None:
    (tmp_path / "nine.toml").write_text(f'entity = "{MONTHLY}"\n')
    checked = check(replace(filed, reports=tmp_path), ["freshness"], now=moment_of("2030-01-01"))
    assert [(finding.entity, finding.state) for finding in checked.findings] == [(MONTHLY, "stale")]


def test_settings_say_who_is_followed(filed: Project, tmp_path: Path) -> None:
    shutil.copytree(filed.root, tmp_path, dirs_exist_ok=True)
    settings = tmp_path / "tracker.toml"
    settings.write_text(settings.read_text() + f'\n[check]\nentities = ["{MONTHLY}", "nobody"]\n')
    checked = check(load_project(tmp_path), ["freshness"], now=moment_of("2024-07-01"))
    assert [(f.entity, f.state) for f in checked.findings] == [(MONTHLY, "pass"), ("nobody", "unknown")]


def test_as_of_a_past_day_it_was_not_late(project: Project) -> None:
    (found,) = check(project, ["freshness"], as_of="2024-08-05").findings
    assert (found.entity, found.state, found.expected) == ("meta", "pass", day("2024-10-27"))


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "2024-02-30"])
def test_what_is_no_moment_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="is no moment"):
        moment_of(text)


# -- real filers -------------------------------------------------------------------------------------


def test_real_filers_close_and_report_when_they_were_expected_to(filers: Project) -> None:
    """As of each of its reports since 2020, the next close is told to the day, and the next report was not missed.

    NVIDIA's annual report for fiscal 2022 came 47 days after the close, three weeks later than any of the years before.
    """
    with Warehouse(filers.warehouse) as known:
        reports = known.sql(
            """select entity, accession, cast(min(known_at) as date) as day, max(period_end) from fact_known
               where period_start is not null and form in ('10-K', '10-Q', '20-F') and period_end <= cast(known_at as date)
               group by entity, accession having min(known_at) >= timestamp '2020-06-01 00:00:00+00:00' order by 1, 3"""
        ).fetchall()
        days = {entity: {seen for other, _, seen, _ in reports if other == entity} for entity, *_ in reports}
        told_at = {entity: due_at(known, entity, seen) for entity, seen in days.items()}
    wrong, missed, told = [], [], 0
    for (entity, _, seen, _), (other, _, came, closed) in itertools.pairwise(reports):
        if entity != other:
            continue
        _, end, _, _, stale, _ = told_at[entity][seen]
        told += 1
        wrong += [(entity, seen, end, closed)] if end != closed else []
        missed += [(entity, came)] if stale is not None and came > stale else []
    assert told > 60
    assert wrong == []
    assert missed == [("cik0001045810", day("2022-03-18"))]
