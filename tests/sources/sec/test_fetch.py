"""`tracker fetch`, from the ticker to figures that say when they became public."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.filings import accession, company
from support.sec_site import FACTS, LATEST, Site, body_of, policy, tagged
from tracker.errors import NothingMatchedError, UsageError
from tracker.pipeline.fetch import fetch
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from tracker.project import Project

WHO = "Tests tests@example.org"


def tell(site: Site) -> None:
    """One filing of one figure, accepted at five in the afternoon in New York."""
    statement = ("2024-01-01", "2024-03-31", 90_753_000_000, accession(1), "10-Q", "2024-05-03")
    site.tell(FACTS, tagged(body_of(company(320193, {"Revenues": [statement]}, name="Apple Inc."))))
    columns = {
        "accessionNumber": [accession(1)],
        "form": ["10-Q"],
        "filingDate": ["2024-05-03"],
        "acceptanceDateTime": ["2024-05-02T18:04:25.000Z"],
    }
    page = {"cik": "320193", "name": "Apple Inc.", "fiscalYearEnd": "1231", "tickers": ["AAPL"], "formerNames": []}
    site.tell(LATEST, tagged(body_of({**page, "filings": {"recent": columns, "files": []}})))


def test_a_ticker_becomes_figures(site: Site, empty: Project) -> None:
    tell(site)
    declared = replace(empty, sec_user_agent=WHO)
    said: list[str] = []
    (first,) = fetch(declared, ["AAPL"], said.append, policy(site))
    (again,) = fetch(declared, ["AAPL"], said.append, policy(site))
    assert (first.added, again.added) == (1, 0)
    assert any("unchanged" in line for line in said)
    with Warehouse(empty.warehouse) as warehouse:
        found = warehouse.sql(
            "select entity, ticker, fiscal_period, cast(value as bigint), cast(known_at as varchar) from quarter"
        )
        assert found.fetchall() == [("cik0000320193", "AAPL", "2024Q1", 90_753_000_000, "2024-05-02 22:04:25+00")]


def test_an_unknown_ticker_stores_nothing(site: Site, empty: Project) -> None:
    tell(site)
    with pytest.raises(NothingMatchedError, match="NOPE"):
        fetch(replace(empty, sec_user_agent=WHO), ["AAPL", "NOPE"], policy=policy(site))
    assert not (empty.warehouse / "fact").exists()


def test_who_asks_must_be_declared(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACKER_SEC_USER_AGENT", raising=False)
    with pytest.raises(UsageError, match="user_agent"):
        fetch(empty, ["AAPL"])
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "-C", str(empty.root), "fetch", "AAPL"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "user_agent" in done.stderr
