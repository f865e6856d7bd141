"""What a scheduled job tells, by real commands: its own state when that changes, and what is new in the figures."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from support.project import fact_line, write_facts, write_guidance, write_seed_lines
from support.running import tracker_text

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.project import Project

SETTINGS = """
[schedule.daily]
cron = "5 7 * * *"
checks = []
reports = []
catch_up = "1 day"
notify = ["log", "hook"]

[notify.log]
to = "file"
path = "told.jsonl"

[notify.hook]
to = "webhook"
url = "$TRACKER_TEST_HOOK"

[alert.fast-growth]
where = "metric = 'revenue' and yoy_ratio > 0.3"
"""
TOKEN = "http://127.0.0.1:1/T0PS3CRETtokenvalue99"  # noqa: S105 - planted, to be found nowhere; nobody listens there


@pytest.fixture
def desk(empty: Project) -> Project:
    with (empty.root / "tracker.toml").open("a") as file:
        file.write(SETTINGS)
    write_facts(empty, fact_line("Revenues", "2023Q2", "100"))
    write_guidance(empty, "acme,capex,FY2024,2024-02-01,,30,37,9,USD,range,r1,")
    return empty


def told(project: Project, day: str) -> list[tuple[str, str]]:
    """Run the job as if on a day of March 2025; what the file was told by it: kind and title."""
    path = project.root / "told.jsonl"
    before = len(_lines(path))
    with mock.patch.dict(os.environ, {"TRACKER_NOW": f"2025-03-{day}T07:06:00Z", "TRACKER_TEST_HOOK": TOKEN}):
        done = tracker_text(project, "--debug", "schedule", "run")
    assert TOKEN not in done.stdout + done.stderr
    assert "T0PS3CRET" not in done.stdout + done.stderr
    return [(line["kind"], line["title"]) for line in _lines(path)[before:]]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_a_job_tells_what_changed_and_nothing_else(desk: Project) -> None:
    assert told(desk, "03") == [], "before the first run there was nothing to compare with"
    assert told(desk, "04") == []

    whole = (desk.seeds / "facts.csv").read_text("utf-8")
    write_facts(desk, fact_line("Revenues", "2023Q2", "1oo"))
    assert told(desk, "05") == [("failed", "daily: failed, no report was made")]
    assert told(desk, "06") == [], "it is still failing"

    (desk.seeds / "facts.csv").write_text(whole, "utf-8")
    assert told(desk, "07") == [("recovered", "daily works again")]

    write_facts(desk, fact_line("Revenues", "2023Q2", "100"), fact_line("Revenues", "2024Q2", "140"))
    write_guidance(
        desk,
        "acme,capex,FY2024,2024-02-01,,30,37,9,USD,range,r1,",
        "acme,capex,FY2024,2024-07-31,,37,40,9,USD,range,r1,",
    )
    assert told(desk, "08") == [
        ("new_figures", "Acme: new figures for 2024Q2"),
        ("guidance_raised", "Acme raised its guidance of capital expenditures for FY2024"),
        ("threshold", "Acme: fast-growth (Revenue, 2024Q2)"),
    ]
    assert told(desk, "12") == [("failed", "daily: 3 runs were missed")]

    # the receiver nobody listens at cost no run, its failures are in the ledger, and its address is nowhere
    history = (desk.warehouse / "runs.jsonl").read_text("utf-8")
    runs = [json.loads(line) for line in history.splitlines()]
    assert [run["status"] for run in runs if run["status"] != "missed"] == [
        "ok", "unchanged", "failed", "failed", "unchanged", "ok", "unchanged",
    ]  # fmt: skip
    assert {sent["status"] for sent in runs[-1]["deliveries"] if sent["receiver"] == "hook"} == {"failed"}
    for path in [desk.warehouse / "runs.jsonl", desk.warehouse / "notices.jsonl", desk.root / "told.jsonl"]:
        assert "T0PS3CRET" not in path.read_text("utf-8"), path.name


# -- some of the reports -----------------------------------------------------------------------------

TWO = """
[schedule.daily]
cron = "5 7 * * *"
checks = ["june_is_small"]
reports = ["acme", "june"]
ingest = ["acme", "june"]
notify = ["log"]

[notify.log]
to = "file"
path = "told.jsonl"
"""
SMALL = """-- june_is_small: No figure of June Co is above a billion
-- severity: blocking
-- message: {entity} has {value}
-- remedy: look at the release
select entity, value from fact_known where entity = 'june' and value > 1000000000
"""


@pytest.fixture
def two(empty: Project) -> Project:
    """A job with a report on each of two companies, and an audit of one of them."""
    with (empty.root / "tracker.toml").open("a") as file:
        file.write(TWO)
    (empty.root / "checks").mkdir(exist_ok=True)
    (empty.root / "checks" / "june_is_small.sql").write_text(SMALL)
    for name in ("acme", "june"):
        (empty.root / "reports").mkdir(exist_ok=True)
        definition = f'kind = "growth"\nentity = "{name}"\nperiod = "2024Q2"\nformats = ["json"]\n'
        (empty.root / "reports" / f"{name}.toml").write_text(definition)
    figures(empty)
    return empty


def figures(project: Project, **newest: str) -> None:
    """Revenue of both companies in two quarters, and in a third as given; each company in a folder of its own."""
    for name in ("acme", "june"):
        folder = project.root / name
        shutil.copytree(project.seeds, folder, dirs_exist_ok=True)
        values = {"2023Q2": "90", "2024Q2": "100"} | ({"2022Q2": newest[name]} if name in newest else {})
        write_seed_lines(folder, "sources", [f"{name},release,{name},,en,,,,,2024-08-01,"])
        lines = [fact_line("Revenues", *figure, entity=name, source=name) for figure in values.items()]
        write_seed_lines(folder, "facts", lines)


def last_run(project: Project) -> dict[str, Any]:
    return _lines(project.warehouse / "runs.jsonl")[-1]


def test_a_held_batch_stops_only_the_reports_about_its_company(two: Project) -> None:
    assert told(two, "03") == []
    assert sorted(last_run(two)["outputs"]) == ["reports/acme.json", "reports/june.json"]
    june = (two.root / "reports" / "june.json").read_bytes()

    figures(two, acme="140", june="100000")
    assert told(two, "04") == [
        ("failed", "daily: failed, no report june"),
        ("new_figures", "Acme: new figures for 2022Q2"),
    ]
    run = last_run(two)
    assert (run["status"], list(run["outputs"]), list(run["stopped"])) == ("failed", ["reports/acme.json"], ["june"])
    assert run["reason"].startswith("no report june; the others were made\nheld: batch ")
    assert "june has 100,000,000,000" in run["stopped"]["june"]
    assert (two.root / "reports" / "june.json").read_bytes() == june
    assert told(two, "05") == [], "it is still held"

    figures(two, acme="140", june="120")
    assert told(two, "06") == [
        ("recovered", "daily: mended: report june"),
        ("new_figures", "June Co: new figures for 2022Q2"),
    ]
    assert last_run(two)["status"] == "ok"


def test_a_report_that_cannot_be_drawn_costs_no_other(two: Project) -> None:
    path = two.root / "reports" / "june.toml"
    path.write_text(path.read_text().replace("2024Q2", "2031Q2"))
    assert told(two, "03") == [("failed", "daily: failed, no report june")]
    run = last_run(two)
    assert (run["status"], list(run["outputs"]), list(run["stopped"])) == ("failed", ["reports/acme.json"], ["june"])
    assert "2031Q2" in run["stopped"]["june"]
    assert told(two, "04") == [], "it still cannot be drawn"
    path.write_text(path.read_text().replace("2031Q2", "2024Q2"))
    assert told(two, "05") == [("recovered", "daily: mended: report june")]


def changed(project: Project, old: str, new: str) -> None:
    path = project.root / "tracker.toml"
    path.write_text(path.read_text().replace(old, new))


def test_what_is_held_of_a_company_no_report_is_about_stops_none_and_is_told(two: Project) -> None:
    changed(two, 'reports = ["acme", "june"]', 'reports = ["acme"]')
    assert told(two, "03") == []
    figures(two, june="100000")
    assert told(two, "04") == [("failed", "daily: a batch is held")]
    run = last_run(two)
    assert (run["status"], run["stopped"]) == ("unchanged", {})
    assert [check["state"] for check in run["checks"] if check["check"] == "held"] == ["warn"]
    figures(two, june="120")
    assert ("recovered", "daily: mended: held batches") in told(two, "05")


def test_an_alert_that_cannot_be_asked_costs_no_other_notice(two: Project) -> None:
    assert told(two, "03") == []
    changed(two, "[notify.log]", '[alert.odd]\nwhere = "growth > 3"\n\n[notify.log]')
    figures(two, acme="140")
    assert told(two, "04") == [
        ("failed", "daily: an alert cannot be evaluated"),
        ("new_figures", "Acme: new figures for 2022Q2"),
    ]
    assert last_run(two)["status"] == "ok"
    assert told(two, "05") == [], "no alert was asked"
