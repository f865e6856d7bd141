"""The settings of a project: where its `tracker.toml` is, and what it says, read strictly.

[schedule.morning]                   # a job: what `tracker schedule run` does when a slot is due
cron = "5 7 * * 1-5"                 # or: when = "after-report"
timezone = "America/New_York"        # left out: UTC
fetch = ["META"]                     # tickers or CIKs, from the SEC
ingest = ["inbox"]                   # files and folders; left out: what [build] names
checks = ["freshness"]               # left out: all; []: none
reports = ["meta"]                   # left out: what [build] names
catch_up = "3 days"                  # how late a slot may still be run; left out: 3 days
notify = ["desk"]                    # receivers, each a table [notify.NAME]

[alert.fast]                         # told when a company's growth comes to meet it
where = "metric = 'capex' and yoy_ratio > 0.3"
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from tracker.errors import InputError, Problem, UsageError
from tracker.files.toml_file import line_of, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    _Wrong = tuple[str, str, str, str]

__all__ = ["AFTER_REPORT", "CONFIG", "Job", "find_root", "read_jobs", "read_settings", "secrets_of"]

CONFIG: Final = "tracker.toml"
#: The text of a job that follows the companies' own calendars instead of a clock.
AFTER_REPORT: Final = "after-report"

#: What each key of the plain tables must be: a text, the path of a file or folder, or a list of either.
_KEYS: Final = {
    "build": {"sources": "paths", "reports": "names"},
    "check": {"entities": "names"},
    "extract": {"model": "text", "endpoint": "text"},
    "paths": dict.fromkeys(("warehouse", "reports", "seeds", "metrics", "checks", "articles"), "path"),
    "sec": {"user_agent": "text", "cache": "path"},
}
#: The longest path that common systems take.
_LONGEST: Final = 4096
#: Tables of tables; what a receiver or an alert may say is for `tracker.notify` to judge.
_NAMED: Final = ("schedule", "notify", "alert")
_LISTS: Final = ("fetch", "ingest", "checks", "reports", "notify")
_JOB_KEYS: Final = frozenset({"cron", "when", "timezone", "catch_up", *_LISTS})
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_DURATION: Final = re.compile(r"([1-9]\d{0,4}) (minute|hour|day|week)s?", re.ASCII)
_VARIABLE: Final = r"\$([A-Za-z_][A-Za-z0-9_]*)"
_CATCH_UP: Final = "3 days"


class Job(NamedTuple):  # no dataclass, as in errors.py
    """What to do on a schedule. `cron` is its cron text, or `after-report`; a list of None means the default."""

    name: str
    cron: str
    timezone: str
    fetch: tuple[str, ...]
    ingest: tuple[str, ...] | None
    checks: tuple[str, ...] | None
    reports: tuple[str, ...] | None
    catch_up: timedelta
    notify: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone its slots are in."""
        return ZoneInfo(self.timezone)


def find_root(start: Path) -> Path:
    """Return the project folder that `start` is or lies in; UsageError where there is none."""
    root = next((folder for folder in (start, *start.parents) if (folder / CONFIG).is_file()), None)
    if root is None:
        raise UsageError(f"no {CONFIG} in {start} or above; run `tracker init` to make one")
    return root


def read_settings(root: Path) -> dict[str, Any]:
    """Return the tables of a project's `tracker.toml`; InputError where it is no TOML or says what cannot be meant."""
    path = root / CONFIG
    text, settings = read_toml(path)
    wrong = [*_find_unknown_keys(settings), *_wrong_plain(settings), *_wrong_jobs(settings)]
    problems = [Problem(str(path), line_of(text, key), key, *others) for key, *others in wrong]
    if problems:
        raise InputError(problems)
    return settings


def read_jobs(settings: dict[str, Any]) -> tuple[Job, ...]:
    """Return the jobs of `[schedule.NAME]` tables that `read_settings` has found right, in the order of the file."""
    return tuple(_job(name, table) for name, table in settings.get("schedule", {}).items())


def secrets_of(settings: dict[str, Any], jobs: Iterable[Job]) -> tuple[str, ...]:
    """Return the variables ($NAME) that the receivers of these jobs take from the environment, in order."""
    named = {name for job in jobs for name in job.notify}
    tables = [table for name, table in settings.get("notify", {}).items() if name in named]
    texts = [value for table in tables for value in table.values() if isinstance(value, str)]
    return tuple(sorted({match[1] for text in texts if (match := re.fullmatch(_VARIABLE, text, re.ASCII))}))


def _job(name: str, table: dict[str, Any]) -> Job:
    def listed(key: str) -> tuple[str, ...] | None:
        return tuple(table[key]) if key in table else None

    return Job(
        name=name,
        cron=" ".join(table["cron"].split()) if "cron" in table else AFTER_REPORT,
        timezone=table.get("timezone", "UTC"),
        fetch=listed("fetch") or (),
        ingest=listed("ingest"),
        checks=listed("checks"),
        reports=listed("reports"),
        catch_up=_duration(table.get("catch_up", _CATCH_UP)) or timedelta(),
        notify=listed("notify") or (),
    )


def _duration(text: Any) -> timedelta | None:
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    return timedelta(**{f"{match[2]}s": int(match[1])}) if match else None


# -- what is wrong: key, code, message, remedy -------------------------------------------------------


def _find_unknown_keys(settings: dict[str, Any]) -> Iterator[_Wrong]:
    """Tables and keys that there are not, each with those there are."""
    for table, entries in settings.items():
        known = _KEYS.get(table)
        if (known is None and table not in _NAMED) or not isinstance(entries, dict):
            yield table, "unknown", "is unknown", f"use {', '.join(sorted({*_KEYS, *_NAMED}))}"
        elif known is None:
            yield from _wrong_names(table, entries)
        else:
            unknown = [key for key in entries if key not in known]
            yield from (
                (f"{table}.{key}", "unknown", "is unknown", f"use {', '.join(sorted(known))}") for key in unknown
            )


def _wrong_plain(settings: dict[str, Any]) -> Iterator[_Wrong]:
    """Values of the plain tables that are not of the type the key wants."""
    for table, kinds in _KEYS.items():
        entries = settings.get(table, {})
        given = entries.items() if isinstance(entries, dict) else ()
        for key, value in given:
            if key in kinds:
                yield from ((f"{table}.{key}", *wrong) for wrong in _wrong_kind(key, kinds[key], value))


def _wrong_kind(key: str, kind: str, value: Any) -> Iterator[tuple[str, str, str]]:
    if kind in {"names", "paths"}:
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            yield "type", f"{_shorten_value(value)} is no list of {kind}", f'write {key} = ["..."]'
            return
        wrong = [item for item in value if kind == "paths" and not _is_path(item)]
    elif not isinstance(value, str) or not value.strip():
        yield "type", f"{_shorten_value(value)} is no {kind}", f'write {key} = "..."'
        return
    else:
        wrong = [value] if kind == "path" and not _is_path(value) else []
    for item in wrong:
        yield (
            "path",
            f"{_shorten_value(item)} can be the name of no file",
            "write a path of letters, relative to this file",
        )


def _is_path(text: str) -> bool:
    """Return whether a file could have this path: no control characters, no part and no whole too long."""
    is_plain = text.isprintable() and len(text.encode("utf-8", "replace")) <= _LONGEST
    return is_plain and all(len(part.encode("utf-8", "replace")) <= _LONGEST_PART for part in text.split("/"))


#: The longest name of one file or folder that common systems take.
_LONGEST_PART: Final = 255


def _shorten_value(value: Any) -> str:
    """Return a value as it is shown in a message, cut where it is long."""
    text = repr(value) if not isinstance(value, int) or abs(value) < _MANY else "a number without end"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


_MANY: Final = 10**30
_SHOWN: Final = 60


def _wrong_names(table: str, entries: dict[str, Any]) -> Iterator[_Wrong]:
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            yield f"{table}.{name}", "type", "is no table", f"write [{table}.NAME] and its keys under it"
        elif not _NAME.fullmatch(name):
            yield f"{table}.{name}", "name", "is no name", "use letters, digits, dash and underscore"


def _wrong_jobs(settings: dict[str, Any]) -> Iterator[_Wrong]:
    jobs = settings.get("schedule", {})
    receivers = settings.get("notify", {})
    for name, table in jobs.items() if isinstance(jobs, dict) else ():
        if isinstance(table, dict):
            for key, *wrong in (*_wrong_job(table), *_wrong_receivers(table, receivers)):
                yield f"schedule.{name}" + (f".{key}" if key else ""), *wrong  # type: ignore[misc]


def _wrong_job(table: dict[str, Any]) -> Iterator[_Wrong]:
    for key in table.keys() - _JOB_KEYS:
        yield key, "unknown", "is unknown", f"use {', '.join(sorted(_JOB_KEYS))}"
    if ("cron" in table) == ("when" in table):
        yield "", "when", "needs one of cron and when", f'write cron = "5 7 * * 1-5" or when = "{AFTER_REPORT}"'
    for key in table.keys() & _JOB_KEYS:
        yield from _wrong_value(key, table[key])


def _wrong_value(key: str, value: Any) -> Iterator[_Wrong]:
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            yield key, "type", f"{_shorten_value(value)} is no list of names", f'write {key} = ["..."]'
    elif key == "cron" and (wrong := _wrong_cron(value)):
        yield (
            key,
            "cron",
            f"{_shorten_value(value)} {wrong}",
            'write minute, hour, day, month and weekday, as in "5 7 * * 1-5"',
        )
    elif key == "when" and value != AFTER_REPORT:
        yield key, "when", f"{_shorten_value(value)} is unknown", f'write when = "{AFTER_REPORT}", or cron = "..."'
    elif key == "timezone" and not _is_zone(value):
        yield (
            key,
            "timezone",
            f"there is no time zone {_shorten_value(value)}",
            'use a name such as "Europe/Berlin"',
        )
    elif key == "catch_up" and _duration(value) is None:
        yield (
            key,
            "duration",
            f"{_shorten_value(value)} is no duration",
            'write "90 minutes", "6 hours", "3 days" or "2 weeks"',
        )


def _wrong_cron(text: Any) -> str | None:
    """Return what is wrong with a cron text, or None."""
    if not isinstance(text, str) or len(text.split()) != len("mhdmw"):
        return "is no cron text of five fields"
    try:
        moments = CronSim(text, datetime(2000, 1, 1))  # noqa: DTZ001 - the calendar alone, in no zone
    except CronSimError as error:
        return f"is no cron text ({error})"
    except (ValueError, OverflowError):  # digits of other scripts, numbers without end
        return "is no cron text"
    return None if next(moments, None) else "never comes"


def _is_zone(name: Any) -> bool:
    try:
        return isinstance(name, str) and bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):  # unknown; a path that leads outside; the name of a folder
        return False


def _wrong_receivers(table: dict[str, Any], receivers: Any) -> Iterator[_Wrong]:
    """Receivers that no table speaks of: a notice to nobody would be lost in silence."""
    named = table.get("notify", [])
    for name in named if isinstance(named, list) else ():
        if isinstance(name, str) and not (isinstance(receivers, dict) and name in receivers):
            yield "notify", "receiver", f"there is no receiver {name!r}", f"add a table [notify.{name}]"
