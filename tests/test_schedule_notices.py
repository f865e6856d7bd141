"""What a scheduled job tells, by real commands: its own state when that changes, and what is new in the figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conftest import fact_line, write_facts, write_guidance

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
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "--debug", "-C", str(project.root), "schedule", "run"],
        env=os.environ | {"TRACKER_NOW": f"2025-03-{day}T07:06:00Z", "TRACKER_TEST_HOOK": TOKEN},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
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
