"""An oracle in plain Python: what the quarters of a company must be, from its statements alone.

A thousand made-up companies with calendars, restatements, gaps and switched tags of their own are filed, read and
asked for as of several days; the SQL must agree with the oracle on every quarter, exactly.
"""

from __future__ import annotations

import itertools
import json
import random
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tracker.project import Project, ingest, init, load_project
from tracker.warehouse import Warehouse

from filings import Statement, company

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WORLDS = 1000
DAYS = ["2021-06-30", "2022-03-15", "2023-01-10", "2999-01-01"]


# -- the oracle: fifty lines that know nothing of SQL ------------------------------------------------


@dataclass
class Version:
    """One value of a period, from its first statement to its last; `until` is the first statement of the next."""

    value: int
    first: str
    last: str
    until: str | None = None


def versions(said: list[tuple[str, str, int]]) -> list[Version]:
    """The values a period had, in order, from (filed, accession, value)."""
    found: list[Version] = []
    for filed, _, value in sorted(said):
        if found and found[-1].value == value:
            found[-1].last = filed
        else:
            if found:
                found[-1].until = filed
            found.append(Version(value, filed, filed))
    return found


def stood(shorter: list[Version], day: str) -> Version | None:
    """The shorter period's value as it stood on a day, or, where it became known only later, its first."""
    for version in shorter:
        if version.first <= day and (version.until is None or version.until > day):
            return version
    return shorter[0] if shorter and shorter[0].first > day else None


def quarter(statements: list[Statement], days: tuple[str, str, str], asked: str) -> int | None:
    """A discrete quarter as of a day; `days` are the year's first day, and the last of the quarter before and of this."""
    opening, before, last = days

    def told(start: str, end: str) -> list[Version]:
        known = [s for s in statements if (s[0], s[1]) == (start, end) and s[5] <= asked]
        reports = [s for s in known if s[4] != "8-K"] or known
        return versions([(s[5], s[3], int(s[2])) for s in reports])

    first_day = (date.fromisoformat(before) + timedelta(days=1)).isoformat()
    reported = told(first_day, last)
    if reported:
        return reported[-1].value
    if first_day == opening:
        return None
    longer, shorter = told(opening, last), told(opening, before)
    for number in range(len(longer) - 1, -1, -1):
        other = stood(shorter, longer[number].last)
        if other and (number == 0 or other.last > longer[number - 1].last):
            return longer[number].value - other.value
    return None


# -- the worlds --------------------------------------------------------------------------------------


@dataclass
class World:
    """A company: the ends of its quarters, year by year, and what it filed under each concept."""

    cik: int
    closing_month: int
    is_weekly: bool
    years: list[list[str]]
    filed: dict[str, list[Statement]]


def calendar(chance: random.Random, month: int, *, weekly: bool) -> list[list[str]]:
    """For three years: the day before the year opens, then the ends of its quarters."""
    if weekly:
        day = date(2020, month, 28) - timedelta(days=date(2020, month, 28).weekday() % 7)
        years = []
        for number in range(3):
            weeks = [13, 13, 13, 14 if number == 1 and chance.random() < 0.3 else 13]
            ends = [day]
            for count in weeks:
                ends.append(ends[-1] + timedelta(weeks=count))
            years.append([end.isoformat() for end in ends])
            day = ends[-1]
        return years
    closes: list[str] = []
    for step in range(13):
        total = 2020 * 12 + month + 3 * step
        closes.append((date(total // 12, total % 12 + 1, 1) - timedelta(days=1)).isoformat())
    return [closes[4 * n : 4 * n + 5] for n in range(3)]


def world(cik: int, chance: random.Random) -> World:
    month, weekly = chance.randint(1, 12), chance.random() < 0.25
    years = calendar(chance, month, weekly=weekly)
    restated_from = chance.choice(["9999", "2021-11-01", "2022-06-01"])
    filed: dict[str, list[Statement]] = {"Revenues": [], "NetIncomeLoss": []}
    number = 0
    for y, ends in enumerate(years):
        flows = {tag: [chance.randint(-999, 999) * 10 + chance.randint(1, 9) for _ in range(4)] for tag in filed}
        opening = (date.fromisoformat(ends[0]) + timedelta(days=1)).isoformat()
        for again in range(2):
            for k in range(1, 5):
                number += 1
                form = "10-K" if k == 4 else "10-Q"
                lag = 30 + 365 * again + chance.randint(0, 20)
                on = (date.fromisoformat(ends[k]) + timedelta(days=lag)).isoformat()
                for tag, statements in filed.items():
                    if chance.random() < 0.12:
                        continue
                    moved = [v + 1000 * (i + 1) if on >= restated_from else v for i, v in enumerate(flows[tag])]
                    said = (f"{cik:010d}-24-{number:06d}", form, on)
                    statements.append((opening, ends[k], sum(moved[:k]) * 10 + y % 2, *said))
                    if k > 1 and chance.random() < 0.4:
                        start = (date.fromisoformat(ends[k - 1]) + timedelta(days=1)).isoformat()
                        statements.append((start, ends[k], moved[k - 1] * 10 + chance.randint(0, 1), *said))
                    if chance.random() < 0.03:
                        statements.append((opening, ends[k], 7, f"{cik:010d}-25-{number:06d}", "8-K", on))
    if chance.random() < 0.3:
        middle = len(filed["Revenues"]) // 2
        filed["SalesRevenueNet"], filed["Revenues"] = filed["Revenues"][:middle], filed["Revenues"][middle:]
    return World(cik, month, weekly, years, filed)


#: Figures drawn by chance jump from hundreds to millions; nobody is to hold them back for it.
ANY_SCALE = """\
-- scale_error: figures by chance have any scale
-- severity: info
-- message: {entity}
-- remedy: none
select entity from fact where false
"""


def file_all(folder: Path, worlds: list[World]) -> Project:
    """All companies in one archive, their calendars in entities.toml, read by the program."""
    init(folder)
    entities = "".join(
        f'[w{w.cik}]\nname = "W{w.cik}"\ncik = {w.cik}\nfiscal_year_end = "{w.closing_month:02d}-28"\n'
        f"weeks = {str(w.is_weekly).lower()}\n"
        for w in worlds
    )
    (folder / "seeds" / "entities.toml").write_text(entities)
    (folder / "checks").mkdir()
    (folder / "checks" / "scale_error.sql").write_text(ANY_SCALE)
    with zipfile.ZipFile(folder / "companyfacts.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for w in worlds:
            archive.writestr(f"CIK{w.cik:010d}.json", json.dumps(company(w.cik, dict(w.filed))))
    project = load_project(folder)
    ingest(project, [folder / "companyfacts.zip"])
    return project


def expected(w: World, asked: str) -> dict[tuple[str, str, str], int]:
    """Every quarter the oracle can give, by company, concept and last day."""
    answers = {}
    for tag, statements in w.filed.items():
        for ends in w.years:
            opening = (date.fromisoformat(ends[0]) + timedelta(days=1)).isoformat()
            for k in range(1, 5):
                value = quarter(statements, (opening, ends[k - 1], ends[k]), asked)
                if value is not None:
                    answers[f"w{w.cik}", f"us-gaap:{tag}", ends[k]] = value
    return answers


def test_sql_agrees_with_the_oracle_on_a_thousand_worlds(tmp_path_factory: pytest.TempPathFactory) -> None:
    chance = random.Random(20240731)
    worlds = [world(cik, chance) for cik in range(1, WORLDS + 1)]
    project = file_all(tmp_path_factory.mktemp("worlds"), worlds)
    with Warehouse(project.warehouse) as warehouse:
        for asked in DAYS:
            rows = warehouse.sql(
                "select entity, concept, cast(period_end as varchar), cast(value as bigint) "
                "from quarter_by_concept_as_of($t) where value is not null",
                {"t": asked},
            ).fetchall()
            found = {(entity, concept, end): value for entity, concept, end, value in rows}
            wanted = {key: value for w in worlds for key, value in expected(w, asked).items()}
            assert len(wanted) > WORLDS
            differing = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
            assert [(key, found.get(key), wanted.get(key)) for key in differing[:5]] == [], (
                f"{len(differing)} as of {asked}"
            )


QUARTERS = (
    "select entity, concept, fiscal_period, value, low, high, operands, reason, known_at::varchar from {} order by all"
)


def test_order_and_splitting_of_what_is_read_change_nothing(tmp_path: Path) -> None:
    """A company's statements in one file, or spread over four of eight archives in any order, some of them twice."""
    chance = random.Random(7)
    worlds = [world(cik, chance) for cik in range(1, 13)]
    whole = file_all(tmp_path / "whole", worlds)
    parts = file_all(tmp_path / "parts", [])
    (parts.seeds / "entities.toml").write_text((whole.seeds / "entities.toml").read_text())
    archives: list[dict[str, str]] = [{} for _ in range(8)]
    for w in worlds:
        for number, at in enumerate(chance.sample(range(8), 4)):
            some = {
                tag: [s for s in statements if hash((number, *s)) % 4 == number] for tag, statements in w.filed.items()
            }
            rest = {
                tag: [s for s in statements if (len(s[1]) + int(s[2])) % 4 == number]
                for tag, statements in w.filed.items()
            }
            both = {tag: [*some[tag], *(s for s in rest[tag] if s not in some[tag])] for tag in w.filed}
            archives[at][f"CIK{w.cik:010d}.json"] = json.dumps(company(w.cik, both))
    paths = []
    for number, files in enumerate(archives):
        (tmp_path / f"part{number}").mkdir()
        paths.append(tmp_path / f"part{number}" / "companyfacts.zip")
        with zipfile.ZipFile(paths[-1], "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
    ingest(parts, paths)
    with Warehouse(whole.warehouse) as one, Warehouse(parts.warehouse) as other:
        for relation in ("quarter_by_concept", "annual_by_concept", "quarter_by_concept_as_of('2022-03-15')"):
            assert one.sql(QUARTERS.format(relation)).fetchall() == other.sql(QUARTERS.format(relation)).fetchall()


def test_what_nobody_spoke_of_stays_as_it_was(tmp_path: Path) -> None:
    """Between two days on which nothing was said of a concept's year, its quarters do not change."""
    chance = random.Random(11)
    worlds = [world(cik, chance) for cik in range(1, 41)]
    project = file_all(tmp_path, worlds)
    compared = 0
    with Warehouse(project.warehouse) as warehouse:
        for first, later in itertools.pairwise(DAYS):
            before, after = (
                {
                    row[:3]: row[3:]
                    for row in warehouse.sql(QUARTERS.format(f"quarter_by_concept_as_of('{day}')")).fetchall()
                }
                for day in (first, later)
            )
            spoken = {
                (f"w{w.cik}", f"us-gaap:{tag}")
                for w in worlds
                for tag, statements in w.filed.items()
                if any(first < s[5] <= later for s in statements)
            }
            still = {key for key in before if key[:2] not in spoken and before[key][0] is not None}
            compared += len(still)
            assert {key: before[key] for key in still} == {key: after.get(key) for key in still}
    assert compared > 50
