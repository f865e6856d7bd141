"""Fetch companies' files from the SEC, then ingest them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.files.disk import remove_dead_drafts
from tracker.pipeline.ingest import ingest, say_nothing
from tracker.sources.sec.archive import fetch_filings, read_wanted
from tracker.sources.sec.client import Edgar, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tracker.pipeline.ingestion import Ingestion
    from tracker.project import Project

__all__ = ["fetch", "fetch_files"]


def fetch(
    project: Project,
    keys: Sequence[str],
    say: Callable[[str], None] = say_nothing,
    policy: Policy | None = None,
    filings: str | None = None,
) -> list[Ingestion]:
    """Fetch companies' files from the SEC as `fetch_files` does, then ingest them."""
    return ingest(project, fetch_files(project, keys, say, policy, filings), say=say)


def fetch_files(
    project: Project,
    keys: Sequence[str],
    say: Callable[[str], None] = say_nothing,
    policy: Policy | None = None,
    filings: str | None = None,
) -> list[Path]:
    """Fetch companies' files from the SEC, by ticker or CIK, into the cache, and return their paths.

    With `filings` it also fetches reports: the latest N (a number), or those filed since a day. Their paths come after
    those of the company facts.

    Raises:
        UsageError: the settings have no user agent, or `filings` is neither a number nor a day.
        NothingMatchedError: the SEC knows no such ticker.
        FetchError: the SEC does not send the files.

    """
    wanted = read_wanted(filings) if filings else None
    remove_dead_drafts(project.sec_cache)
    with Edgar(project.sec_cache, project.sec_user_agent or "", policy or Policy(), notify=say) as sec:
        fetched = [sec.company(key) for key in keys]
        documents = [path for company in fetched if wanted for path in fetch_filings(sec, company, wanted, say)]
    for company in fetched:
        say(f"CIK {company.cik}: {company.facts.state}, {company.facts.path}")
    return [*(company.facts.path for company in fetched), *documents]
