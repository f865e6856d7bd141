"""A job's days, as a demonstration: from seeds to page by real commands, with what goes wrong on the way."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import duckdb
import pytest

from support.project import ROOT
from support.running import tracker_text

if TYPE_CHECKING:
    import subprocess

SCHEDULE = """
[schedule.morning]
cron = "5 7 * * 1-5"
timezone = "America/New_York"
reports = ["page"]
checks = ["freshness", "quarters_of_year"]

[schedule.earnings]
when = "after-report"
ingest = []
checks = []
"""
#: Meta's reports on 2026Q2 are expected on 2026-07-30 by its own habit, and missing after 2026-08-08.
MONDAY, TUESDAY, WEDNESDAY = "2026-07-27", "2026-07-28", "2026-07-29"
TOO_LATE = "2026-08-10"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "the desk 100%"
    folder.mkdir()
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    (folder / "reports").mkdir()
    (folder / "reports" / "page.toml").write_text(
        'kind = "growth"\nentity = "meta"\nperiod = "2024Q2"\nformats = ["html"]\n'
    )
    (folder / "tracker.toml").write_text('[build]\nsources = ["seeds"]\nreports = ["page"]\n' + SCHEDULE)
    return folder


def tracker(desk: Path, now: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    with mock.patch.dict(os.environ, {"TRACKER_NOW": now}):
        return tracker_text(desk, *arguments)


def tick(desk: Path, now: str) -> tuple[int, list[dict[str, Any]]]:
    done = tracker(desk, now, "schedule", "run", "morning")
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def asked(desk: Path, query: str) -> list[dict[str, Any]]:
    done = tracker(desk, MONDAY, "sql", query, "--format", "json")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_job_from_seeds_to_page(desk: Path) -> None:
    page = desk / "reports" / "page.html"

    # Monday: the page is there a minute after seven in New York, and the ledger knows which
    code, (run,) = tick(desk, f"{MONDAY}T11:06:00Z")
    assert (code, run["status"], run["slot"]) == (0, "ok", f"{MONDAY}T11:05:00Z")
    assert run["outputs"] == {"reports/page.html": hashlib.sha256(page.read_bytes()).hexdigest()}
    assert run["added"] > 300
    assert ("freshness", "pass") in {(check["check"], check["state"]) for check in run["checks"]}
    assert tick(desk, f"{MONDAY}T11:11:00Z") == (0, [])

    # A job that waits for the companies' reports has learnt their day, and looks every hour from the day before
    done = tracker(desk, f"{MONDAY}T12:10:00Z", "schedule", "run", "earnings")
    assert json.loads(done.stdout)["expected"] == [
        {"entity": "meta", "fiscal_period": "2026Q2", "expected_date": "2026-07-30"}
    ]
    assert coming(desk, f"{MONDAY}T12:11:00Z") == [f"{TUESDAY}T06:00:00Z", f"{WEDNESDAY}T00:00:00Z"]
    assert coming(desk, "2026-07-30T06:11:00Z") == ["2026-07-30T07:00:00Z", "2026-07-30T08:00:00Z"]

    # Tuesday: somebody broke the seeds; yesterday's page stays as it was, and the reason names the line
    drawn = page.read_bytes(), page.stat().st_mtime_ns
    facts = desk / "seeds" / "facts.csv"
    whole = facts.read_text("utf-8")
    facts.write_text(whole.replace("2024Q2,8.5,", "2024Q2,8.5x,"), "utf-8")
    code, (run,) = tick(desk, f"{TUESDAY}T11:06:00Z")
    assert (code, run["status"], run["outputs"]) == (1, "failed", {})
    assert "facts.csv:10:value: '8.5x' is not a plain number" in run["reason"]

    # Wednesday: mended, and nothing new: the page is not touched
    facts.write_text(whole, "utf-8")
    code, (run,) = tick(desk, f"{WEDNESDAY}T11:06:00Z")
    assert (code, run["status"]) == (0, "unchanged")
    assert (page.read_bytes(), page.stat().st_mtime_ns) == drawn

    # The machine is off until the Monday after next; by then the quarter should be in, and no page goes out
    code, runs = tick(desk, f"{TOO_LATE}T12:00:00Z")
    assert code == 3
    assert [(run["slot"][:10], run["status"]) for run in runs] == [
        *[(f"2026-{day}", "missed") for day in ("07-30", "07-31", "08-03", "08-04", "08-05", "08-06", "08-07")],
        (TOO_LATE, "stale"),
    ]
    assert "freshness" in runs[-1]["reason"]
    assert "expected on 2026-07-30" in runs[-1]["reason"]
    assert (page.read_bytes(), page.stat().st_mtime_ns) == drawn

    # All of it is there to be asked, by us and without us
    counted = "select status, count(*) as n from run group by all order by all"
    expected = [("failed", 1), ("missed", 7), ("ok", 2), ("stale", 1), ("unchanged", 1)]
    assert [(row["status"], row["n"]) for row in asked(desk, counted)] == expected
    assert without_us(desk, counted) == expected
    history = json.loads(tracker(desk, TOO_LATE, "schedule", "history", "--format", "json").stdout)
    assert [run["status"] for run in history][:2] == ["stale", "missed"]
    (desk / "warehouse" / "runs.jsonl").unlink()
    assert asked(desk, "select count(*) as n from run") == [{"n": 0}]


def coming(desk: Path, now: str) -> list[str]:
    done = tracker(desk, now, "schedule", "next", "earnings", "-n", "2", "--format", "json")
    return [row["slot"] for row in json.loads(done.stdout)]


def without_us(desk: Path, query: str) -> list[tuple[Any, ...]]:
    """What DuckDB alone answers in the warehouse folder."""
    here = Path.cwd()
    os.chdir(desk / "warehouse")
    try:
        with duckdb.connect() as connection:
            connection.execute(Path("warehouse.sql").read_text("utf-8"))
            return connection.execute(query).fetchall()
    finally:
        os.chdir(here)


def test_a_batch_that_fails_an_audit_stops_the_report(desk: Path) -> None:
    """A figure a thousand times too large lies aside; the page is not drawn from it, and the exit code says a check."""
    (desk / "checks").mkdir()
    (desk / "checks" / "no_meta.sql").write_text(
        "-- no_meta: Nothing of Meta is stored\n-- severity: blocking\n-- message: {entity} is there\n-- remedy: drop it\n"
        "select distinct entity from fact_known where entity = 'meta'\n"
    )
    code, (run,) = tick(desk, f"{MONDAY}T11:06:00Z")
    assert (code, run["status"], run["outputs"]) == (3, "failed", {})
    assert [check["check"] for check in run["checks"] if check["state"] == "failed"] == ["held"]
    assert not (desk / "reports" / "page.html").exists()


def test_list_shows_what_was_and_will_be(desk: Path) -> None:
    done = tracker(desk, f"{MONDAY}T10:00:00Z", "schedule", "list", "--format", "json")
    rows = json.loads(done.stdout)
    assert [(row["job"], row["due_slot"], row["next_slot"], row["last_status"]) for row in rows] == [
        ("morning", "2026-07-24T11:05:00Z", f"{MONDAY}T11:05:00Z", None),
        ("earnings", f"{MONDAY}T06:00:00Z", f"{TUESDAY}T06:00:00Z", None),
    ]
    table = tracker(desk, f"{MONDAY}T10:00:00Z", "schedule", "list", "--format", "table").stdout
    assert "5 7 * * 1-5" in table
    assert "2026-07-27 07:05 EDT" in table
    assert tracker(desk, MONDAY, "schedule", "run", "evening").returncode == 4
    assert tracker(desk, MONDAY, "schedule", "history", "evening").returncode == 4
    assert tracker(desk, MONDAY, "schedule", "history", "morning").returncode == 0
    assert tracker(desk, "yesterday", "schedule", "run").returncode == 2
