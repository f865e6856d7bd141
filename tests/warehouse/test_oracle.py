"""An oracle in plain Python: what the quarters of a company must be, from its statements alone.

Hundreds of made-up companies, a thousand in the long form, with calendars, restatements, gaps and switched tags of their own are filed, read and
asked for as of several days; the SQL must agree with the oracle on every quarter, exactly.
"""

from __future__ import annotations

import itertools
import json
import random
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from support.filings import Statement, company
from support.project import often
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import Project, load_project
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WORLDS = often(60, long=1000)
DAYS = ["2021-06-30", "2022-03-15", "2023-01-10", "2999-01-01"]


# -- the oracle: what knows nothing of SQL -----------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """A value: first and last stated, when another value was stated before it, and which version it is.

    A difference `is_settled` if the longer period has no later version, and was stated with or after all its parts.
    """

    value: int
    first: str
    last: str
    before: str | None = None
    number: int = 1
    until: str | None = None
    statements: int = 1
    is_settled: bool = True


def versions(said: list[tuple[str, str, int]]) -> list[Held]:
    """The values a period had, in order, from (filed, accession, value); `until` is the first statement of the next."""
    found: list[Held] = []
    for filed, _, value in sorted(said):
        if found and found[-1].value == value:
            found[-1] = replace(found[-1], last=filed, statements=found[-1].statements + 1)
        else:
            before = found[-1].last if found else None
            if found:
                found[-1] = replace(found[-1], until=filed)
            found.append(Held(value, filed, filed, before, len(found) + 1))
    return found


def stood_beside(part: Held, whole: Held) -> bool:
    """Whether a part stood as the whole was last stated, and was stated again since the whole was another."""
    stood = part.first <= whole.last and (part.until is None or part.until > whole.last)
    is_late = part.number == 1 and part.first > whole.last
    return (stood or is_late) and (whole.before is None or part.last > whole.before)


#: For each quarter, what is left of a longer period without other periods, all by their first and last quarter.
REST = {
    1: ["12 2", "13 2 3", "14 2 34", "14 2 3 4"],
    2: ["13 1 3", "14 1 34", "14 1 3 4"],
    3: ["13 1 2", "34 4", "14 12 4", "14 1 2 4"],
    4: ["34 3", "14 12 3", "14 1 2 3"],
}


class Year:
    """One concept's statements of one fiscal year as of a day; `ends` are the day before it and its quarters' ends."""

    def __init__(self, statements: list[Statement], ends: list[str], asked: str) -> None:
        self.ends = ends
        self.known = [s for s in statements if s[5] <= asked]
        self.told = cache(self._told)

    def _told(self, quarters: str) -> list[Held]:
        """The versions of the period from one quarter to another (`14` is the year); reports before other forms."""
        first = (date.fromisoformat(self.ends[int(quarters[0]) - 1]) + timedelta(days=1)).isoformat()
        known = [s for s in self.known if (s[0], s[1]) == (first, self.ends[int(quarters[-1])])]
        reports = [s for s in known if s[4] != "8-K"] or known
        return versions([(s[5], s[3], int(s[2])) for s in reports])

    def less(self, whole: str, *parts: str) -> list[tuple[tuple[int, ...], Held]]:
        """A longer period less others, in every version that held together, with what decides which comes first."""
        found: list[tuple[tuple[int, ...], Held]] = []
        for long in self.told(whole):
            fitting = [[part for part in self.told(name) if stood_beside(part, long)] for name in parts]
            for chosen in itertools.product(*fitting):
                first = max(long.first, *(part.first for part in chosen))
                befores = [one.before for one in (long, *chosen) if one.before]
                held = Held(
                    long.value - sum(part.value for part in chosen),
                    first,
                    max(long.last, first),
                    max(befores, default=None),
                    is_settled=long.until is None and all(part.first <= long.last for part in chosen),
                )
                numbers = sum(part.number for part in chosen)
                order = (long.number, -len(parts), numbers, long.statements, -int(whole[-1]))
                found.append((order, held))
        return found

    def derived(self, k: int) -> list[Held]:
        """A quarter by subtraction, the one to take first."""
        pairs = self.less(f"1{k}", f"1{k - 1}" if k > 2 else "1") if k > 1 else []
        found: list[tuple[tuple[int, ...], Held]] = [((1, *order), held) for order, held in pairs]
        whole = self.told(f"1{k}")
        if not self.told(str(k)) and not any(order[0] == len(whole) for order, _ in pairs):
            for chain in REST[k]:
                longer, *parts = chain.split()
                found += [((int(longer[-1]) == k, *order), held) for order, held in self.less(longer, *parts)]
        return [held for _, held in sorted(found, key=lambda one: one[0], reverse=True)]

    def quarter(self, k: int) -> list[Held]:
        """A quarter's candidates: as reported, the latest first, else by subtraction."""
        return [*reversed(self.told(str(k))), *self.derived(k)]

    def following(self, k: int) -> list[Held]:
        """A quarter with which no statement closes: only the first difference counts, and only if it is settled."""
        return [held for held in self.derived(k)[:1] if held.is_settled]

    def to_date(self, k: int) -> list[Held]:
        """The year to the end of a quarter, as reported; else what its quarters add up to."""
        reported = list(reversed(self.told(f"1{k}")))
        quarters = [self.quarter(part)[:1] for part in range(1, k + 1)]
        if reported or not all(quarters):
            return reported
        parts = [one for (one,) in quarters]
        first, last = max(part.first for part in parts), min(part.last for part in parts)
        before = max((part.before for part in parts if part.before), default=None)
        return [Held(sum(part.value for part in parts), first, max(first, last), before)]

    def speaks_of(self, k: int) -> bool:
        """Whether a quarter or a year to date is stated that ends with a quarter."""
        starts = {(date.fromisoformat(self.ends[part]) + timedelta(days=1)).isoformat() for part in (0, k - 1)}
        return any(s[1] == self.ends[k] and s[0] in starts for s in self.known)


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
    unsaid, alone = chance.choice([(0.12, 0.4), (0.12, 0.4), (0.7, 0.9)])  # who states quarters states few sums of them
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
                    moved = [v + 1000 * (i + 1) if on >= restated_from else v for i, v in enumerate(flows[tag])]
                    said = (f"{cik:010d}-24-{number:06d}", form, on)
                    if chance.random() >= (unsaid if 1 < k < 4 else 0.12):
                        statements.append((opening, ends[k], sum(moved[:k]) * 10 + y % 2, *said))
                    if k > 1 and chance.random() < alone:
                        start = (date.fromisoformat(ends[k - 1]) + timedelta(days=1)).isoformat()
                        statements.append((start, ends[k], moved[k - 1] * 10 + chance.randint(0, 1), *said))
                    if k == 4 and chance.random() < 0.05:
                        start = (date.fromisoformat(ends[2]) + timedelta(days=1)).isoformat()
                        statements.append((start, ends[4], sum(moved[2:]) * 10 + y % 2, *said))
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
    for ends in w.years:
        years = {tag: Year(statements, ends, asked) for tag, statements in w.filed.items()}
        for k in range(1, 5):
            is_spoken_of = any(year.speaks_of(k) for year in years.values())
            for tag, year in years.items():
                for held in (year.quarter(k) if is_spoken_of else year.following(k))[:1]:
                    answers[f"w{w.cik}", f"us-gaap:{tag}", ends[k]] = held.value
    return answers


def test_sql_agrees_with_the_oracle_on_many_worlds(tmp_path_factory: pytest.TempPathFactory) -> None:
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
    """A company's filings in one file, or spread over four of eight archives in any order, some of them twice.

    A filing stays whole, as it does in the SEC's files: how its amounts are rounded shows in all of them together.
    """
    chance = random.Random(7)
    worlds = [world(cik, chance) for cik in range(1, 13)]
    whole = file_all(tmp_path / "whole", worlds)
    parts = file_all(tmp_path / "parts", [])
    (parts.seeds / "entities.toml").write_text((whole.seeds / "entities.toml").read_text())
    archives: list[dict[str, str]] = [{} for _ in range(8)]
    for w in worlds:
        for number, at in enumerate(chance.sample(range(8), 4)):
            some = {
                tag: [s for s in statements if crc32(f"{number} {s[3]}".encode()) % 4 == number]
                for tag, statements in w.filed.items()
            }
            rest = {
                tag: [s for s in statements if int(s[3].rpartition("-")[2]) % 4 == number]
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


# -- growth: what may be measured against what -------------------------------------------------------

TAGS = {"revenue": ("Revenues", "SalesRevenueNet"), "net_income": ("NetIncomeLoss",)}
LENGTHS = {"quarter": 1, "half": 2, "nine_months": 3, "year": 4}


class Books:
    """A company as of a day: what each tag gives for each period, and which of it shares a vintage."""

    def __init__(self, w: World, asked: str) -> None:
        self.w = w
        self.years = {tag: [Year(statements, ends, asked) for ends in w.years] for tag, statements in w.filed.items()}
        self.candidates = cache(self._candidates)
        self.moments = cache(self._moments)

    def _candidates(self, tag: str, span: str, y: int, k: int) -> list[Held]:
        if tag not in self.years or not 0 <= y < len(self.w.years):
            return []
        year = self.years[tag][y]
        if not any(years[y].speaks_of(k) for years in self.years.values()):
            return year.following(k) if span == "quarter" else []
        return year.quarter(k) if span == "quarter" else year.to_date(k)

    def _moments(self, tag: str, span: str) -> frozenset[str]:
        """The days on which filings changed what a tag had said; for years, what it had said of a year."""
        periods = ("14",) if span == "year" else ("1", "2", "3", "4", "12", "13", "14", "34")
        told = [year.told(period) for year in self.years[tag] for period in periods]
        return frozenset(
            now.first for one in told for before, now in itertools.pairwise(one) if abs(now.value - before.value) > 1
        )

    def vintages(self, tag: str, span: str, held: Held) -> tuple[int, int]:
        """The first and the last vintage of the tag in which a value held."""

        def opened(day: str) -> int:
            return sum(moment <= day for moment in self.moments(tag, span))

        first = opened(held.first) if held.before is None else min(opened(held.first), opened(held.before) + 1)
        return first, opened(held.last)

    def share(self, tag: str, span: str, one: Held, other: Held) -> bool:
        """Whether two values of a tag held in one vintage."""
        (first, last), (start, end) = self.vintages(tag, span, one), self.vintages(tag, span, other)
        return first <= end and start <= last

    def bases(self, metric: str, span: str, place: tuple[int, int], back: int, value: int) -> dict[str, list[Held]]:
        """What a figure may be measured against, by tag, in order of choice."""
        y, k = place
        at = 4 * y + k - 1 - back
        return {
            tag: [
                base
                for base in self.candidates(tag, span, at // 4, at % 4 + 1)
                if any(
                    one.value == value and self.share(tag, span, one, base) for one in self.candidates(tag, span, y, k)
                )
            ]
            for tag in TAGS[metric]
        }

    def agree_once(self) -> bool:
        """Whether any period has one amount under both tags of revenue."""
        both = [self.years.get(tag, []) for tag in TAGS["revenue"]]
        return any(
            {one.value for one in first.told(period)} & {one.value for one in second.told(period)}
            for first, second in zip(*both, strict=False)
            for period in ("1", "2", "3", "4", "12", "13", "14")
        )


def check_growth(books: Books, row: dict[str, Any]) -> None:
    """Hold a row of `growth` against the books."""
    span, metric, tag = row["span"], row["metric"], row["definition"].removeprefix("us-gaap:")
    back = 4 if row["against"] == "year" else 1
    place = next((y, k) for y, ends in enumerate(books.w.years) for k in range(1, 5) if ends[k] == row["period_end"])
    may = books.bases(metric, span, place, back, int(row["value"]))
    every = {base.value for bases in may.values() for base in bases}
    y, k = divmod(4 * place[0] + place[1] - 1 - back, 4)
    latest = books.candidates(tag, span, y, k + 1)[:1]
    if latest and latest[0] in may[tag]:
        assert row["base"] == latest[0].value, "the base is the latest figure under the same tag that fits"
    elif every:
        assert row["base"] in every, "some figure fits"
    elif row["base"] is not None:
        assert metric == "revenue", "no other tag could count as the same"
        assert books.agree_once(), "two tags count as one only where they agree"
    else:
        assert row["status"] in {"basis_changed", "no_base", "not_derivable"}
    if row["status"] == "ok":
        assert row["base"] > 0
        assert abs(row["ratio"] - (float(row["value"]) / float(row["base"]) - 1)) < 1e-9


def check_trailing(books: Books, row: dict[str, Any], year: int | None) -> bool:
    """Hold a row of `ttm` against the books; whether there was something to hold."""
    y, k = next((y, k) for y, ends in enumerate(books.w.years) for k in range(1, 5) if ends[k] == row["period_end"])
    if k == 4 and year is not None:
        assert row["value"] == year
        return True
    if row["figure"] is None:
        assert row["value"] is None
        return False
    before = [books.bases(row["metric"], "quarter", (y, k), back, int(row["figure"])) for back in (1, 2, 3)]
    fitting = [{base.value for bases in may.values() for base in bases} for may in before]
    if row["value"] is not None and all(fitting):
        assert int(row["value"] - row["figure"]) in {sum(some) for some in itertools.product(*fitting)}
    elif row["value"] is not None:
        assert row["metric"] == "revenue"
        assert books.agree_once()
    else:
        assert not all(fitting)
    return True


GROWTH = """
    select entity, metric, span, against, cast(period_end as varchar) as period_end, definition, value, base, status, ratio
    from growth where value is not null
"""
TRAILING = """
    select t.entity, t.metric, cast(t.period_end as varchar) as period_end, t.value, f.value as figure
    from ttm t
    left join figure f
        on f.entity = t.entity and f.metric = t.metric and f.span = 'quarter' and f.fiscal_period = t.fiscal_period
"""
YEARS = "select entity, metric, cast(period_end as varchar), value from annual where value is not null"


def test_growth_and_trailing_years_agree_with_the_books_of_eighty_worlds(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    chance = random.Random(20260201)
    worlds = {f"w{cik}": world(cik, chance) for cik in range(1, 81)}
    project = file_all(tmp_path_factory.mktemp("books"), list(worlds.values()))
    seen: Counter[str] = Counter()
    for asked in DAYS:
        books = {name: Books(w, asked) for name, w in worlds.items()}
        with Warehouse(project.warehouse, as_of=asked) as warehouse:
            warehouse.materialize()
            for row in warehouse.records(GROWTH):
                check_growth(books[row["entity"]], row)
                seen[row["status"]] += 1
            years = {tuple(row[:3]): int(row[3]) for row in warehouse.sql(YEARS).fetchall()}
            for row in warehouse.records(TRAILING):
                key = row["entity"], row["metric"], row["period_end"]
                seen["ttm"] += check_trailing(books[row["entity"]], row, years.get(key))
    assert seen["ok"] > 500
    assert seen["basis_changed"] > 100
    assert seen["ttm"] > 500
