"""The SEC's company facts: exact numbers, odd files, and figures checked by hand."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import zipfile
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from support.filings import accession, company, write_archive, write_company
from support.project import ROOT, SHARED, by_company, made_once, small_project, worked_out
from tracker.errors import InputError, UsageError
from tracker.model.arrays import array_of
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import Project, load_project
from tracker.sources.sec import company_facts
from tracker.sources.sec.submissions import beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.pipeline.ingestion import Ingestion
    from tracker.warehouse.reader import Warehouse

Q = [
    ("2024-01-01", "2024-03-31"),
    ("2024-01-01", "2024-06-30"),
    ("2024-01-01", "2024-09-30"),
    ("2024-01-01", "2024-12-31"),
]


def answer(project: Project, query: str) -> list[tuple[Any, ...]]:
    with worked_out(project.warehouse) as warehouse:
        return warehouse.sql(query).fetchall()


def read(project: Project, path: Path) -> Ingestion:
    (done,) = ingest(project, [path])
    return done


def of_one(cik: int, printed: str) -> str:
    """The file of a company that states one amount, printed like this."""
    text = json.dumps(company(cik, {"Revenues": [(*Q[0], 4711, accession(1), "10-Q", "2024-05-01")]}))
    return text.replace("4711", printed)


def texts_of(companies: Iterable[dict[str, list[Any]]], unit: str = "USD") -> list[str]:
    """The files of companies that state these concepts, numbered from 1."""
    return [json.dumps(company(cik, concepts, unit=unit)) for cik, concepts in enumerate(companies, 1)]


def entity_of(cik: int) -> str:
    """The id of a company that only its filings name."""
    return f"cik{cik:010d}"


def count_facts(project: Project) -> dict[int, int]:
    """How many facts of each company are stored, by its CIK."""
    return dict(answer(project, "select cast(right(entity, 10) as integer), count(*) from fact group by all"))


def problems_by_cik(problems: Iterable[Problem]) -> dict[int, list[Problem]]:
    """The problems of the members of an archive by the CIK that their names say."""
    found: dict[int, list[Problem]] = {}
    for problem in problems:
        member = re.search(r"CIK(\d{10})\.json", problem.path)
        assert member, problem
        found.setdefault(int(member[1]), []).append(problem)
    return found


# -- exactness ---------------------------------------------------------------------------------------


NUMBERS = [
    # as in the file, as stored
    ("12345678901234567890", "12345678901234567890"),
    ("9007199254740993", "9007199254740993"),
    ("0.1", "0.1"),
    ("-6.02", "-6.02"),
    ("2.50000000", "2.5"),
    ("1.5E9", "1500000000"),
    ("123456789012345678.123456", "123456789012345678.123456"),
]


def test_numbers_arrive_exactly(empty: Project) -> None:
    done = read(empty, write_archive(empty.root, [of_one(n, printed) for n, (printed, _) in enumerate(NUMBERS, 1)]))
    assert done.problems == ()
    stored = answer(empty, "select value from fact order by entity")
    assert stored == [(Decimal(value),) for _, value in NUMBERS]


def test_every_statement_of_every_filing_is_kept(empty: Project) -> None:
    statements = [(*Q[0], 100, accession(n), "10-Q", f"2024-05-{n:02d}") for n in (1, 2, 3)]
    path = write_company(
        empty.root,
        company(
            77, {"Revenues": statements, "dei:Shares": [(None, "2024-03-31", 5, accession(1), "10-Q", "2024-05-01")]}
        ),
    )
    assert read(empty, path).added == 4
    assert read(empty, path).added == 0
    assert answer(empty, "select distinct concept, form, accession is null from fact_known order by 1") == [
        ("dei:Shares", "10-Q", False),
        ("us-gaap:Revenues", "10-Q", False),
    ]


def test_the_last_reliable_digit_follows_from_the_filing(empty: Project) -> None:
    millions = [
        (f"2024-0{n}-01", f"2024-0{n}-28", value, accession(1), "10-Q", "2024-05-01")
        for n, value in enumerate((6_400_000_000, 315_000_000, 12_000_000), 1)
    ]
    units = [
        ("2023-01-01", "2023-01-31", 1_200_000, accession(2), "10-Q", "2023-05-01"),
        ("2023-02-01", "2023-02-28", 1_234_567, accession(2), "10-Q", "2023-05-01"),
    ]
    read(empty, write_company(empty.root, company(77, {"Revenues": [*millions, *units]})))
    assert answer(empty, "select value::bigint, decimals from fact_known order by period_end") == [
        (1_200_000, 0), (1_234_567, 0), (6_400_000_000, -6), (315_000_000, -6), (12_000_000, -6),
    ]  # fmt: skip


# -- odd files ---------------------------------------------------------------------------------------

GOOD = {
    "start": "2024-01-01",
    "end": "2024-03-31",
    "val": 1,
    "accn": accession(1),
    "fy": None,
    "fp": None,
    "form": "10-Q",
    "filed": "2024-05-01",
}
ODD = [
    # what is odd, how the statement reads, what the problem says
    ("an impossible day", GOOD | {"end": "2024-02-30"}, "is no day"),
    ("a period upside down", GOOD | {"start": "2024-04-01"}, "before it starts"),
    ("no accession", GOOD | {"accn": "n/a"}, "is no accession number"),
    ("a value that is text", GOOD | {"val": "a lot"}, "is no number"),
    ("no value", GOOD | {"val": None}, "lacks val"),
    ("more digits than can be stored", GOOD | {"val": 10**40}, "is no number that can be stored exactly"),
]


def test_an_odd_statement_is_a_problem_and_costs_no_other(empty: Project) -> None:
    texts = []
    for number, (_, odd, _) in enumerate(ODD, 1):
        content = company(number, {"Revenues": [(*Q[0], 5, accession(2), "10-Q", "2024-05-02")]})
        content["facts"]["us-gaap"]["Revenues"]["units"]["USD"].append(odd)
        texts.append(json.dumps(content))
    done = read(empty, write_archive(empty.root, texts))
    assert count_facts(empty) == dict.fromkeys(range(1, len(ODD) + 1), 1)
    problems = problems_by_cik(done.problems)
    for number, (name, _, message) in enumerate(ODD, 1):
        (problem,) = problems[number]
        assert message in problem.message, name
        assert "Revenues" in problem.path, name
    assert answer(empty, "select count(*) from problem") == [(len(ODD),)]


def test_nan_is_a_problem(empty: Project) -> None:
    rows = [(*Q[0], 5, accession(2), "10-Q", "2024-05-02"), (*Q[1], 4711, accession(3), "10-Q", "2024-08-02")]
    texts = [
        json.dumps(company(number, {"Revenues": rows})).replace("4711", literal)
        for number, literal in enumerate(("NaN", "Infinity", "-Infinity"), 1)
    ]
    done = read(empty, write_archive(empty.root, texts))
    assert count_facts(empty) == {1: 1, 2: 1, 3: 1}
    assert {cik: len(problems) for cik, problems in problems_by_cik(done.problems).items()} == {1: 1, 2: 1, 3: 1}


def test_keys_said_twice_are_both_read_and_told(empty: Project) -> None:
    one = json.dumps({"units": {"USD": [GOOD]}})
    two = json.dumps({"units": {"USD": [GOOD | {"val": 2, "end": "2024-06-30", "filed": "2024-08-01"}]}})
    (empty.root / "CIK0000000077.json").write_text(
        f'{{"cik": 77, "entityName": "A", "facts": {{"us-gaap": {{"Revenues": {one}, "Revenues": {two}}}}}}}'
    )
    done = read(empty, empty.root / "CIK0000000077.json")
    assert (done.added, [problem.code for problem in done.problems]) == (2, ["duplicate_key"])


def test_a_statement_that_contradicts_itself_is_left_out(empty: Project) -> None:
    row = json.dumps(GOOD).replace('"val": 1', '"val": 1, "val": 2')
    (empty.root / "CIK0000000077.json").write_text(
        f'{{"cik": 77, "entityName": "A", "facts": {{"us-gaap": {{"Revenues": {{"units": {{"USD": [{row}]}}}}}}}}}}'
    )
    done = read(empty, empty.root / "CIK0000000077.json")
    assert (done.added, "differently" in done.problems[0].message) == (0, True)


OTHERS = [
    # what is odd, the text before, the text after, the code of the problem
    ("another cik than the name", '"cik": 77', '"cik": 78', "cik"),
    ("two ciks", '"cik": 77', '"cik": 77, "cik": 78', "cik"),
    ("a cik in digits of another script", '"cik": 77', '"cik": "\u0667\u0667"', "shape"),
]


@pytest.mark.parametrize(("before", "after", "code"), [case[1:] for case in OTHERS], ids=[case[0] for case in OTHERS])
def test_a_file_that_is_of_another_company_is_refused(empty: Project, before: str, after: str, code: str) -> None:
    text = json.dumps(company(77, {"Revenues": [(*Q[0], 5, accession(2), "10-Q", "2024-05-02")]}))
    assert text.count(before) == 1
    path = empty.root / "CIK0000000077.json"
    path.write_text(text.replace(before, after))
    with pytest.raises(InputError) as refused:
        ingest(empty, [path])
    assert refused.value.problems[0].code == code
    assert len({problem.path for problem in refused.value.problems}) == 1
    assert not (empty.warehouse / "fact").is_dir() or answer(empty, "select count(*) from fact") == [(0,)]


SILENT = [
    # what is odd, the text before, the text after, facts that are stored, the code of the problem
    ("a second key facts", '"facts": {', '"facts": {}, "facts": {', 1, "duplicate_key"),
    ("a second key facts that is null", '"facts": {', '"facts": null, "facts": {', 1, "duplicate_key"),
    ("a second name", '"entityName"', '"entityName": "B", "entityName"', 1, "duplicate_key"),
    ("half a character in the name", '"entityName": "', '"entityName": "\\ud800', 1, "text"),
    ("empty units", '"us-gaap": {', '"us-gaap": {"Odd": {"units": {}}, ', 1, "units"),
    ("units that are null", '"us-gaap": {', '"us-gaap": {"Odd": {"units": null}, ', 1, "units"),
    ("units in a list", '"us-gaap": {', '"us-gaap": {"Odd": {"units": [1]}, ', 1, "shape"),
    ("a concept without units", '"us-gaap": {', '"us-gaap": {"Odd": {"label": "x"}, ', 1, "units"),
    ("an empty list of statements", '"us-gaap": {', '"us-gaap": {"Odd": {"units": {"USD": []}}, ', 1, "units"),
    ("a concept that is a list", '"us-gaap": {', '"us-gaap": {"Odd": [1], ', 1, "shape"),
    ("a unit without a name", '"USD"', '""', 0, "unit"),
    ("a currency in lower case", '"USD"', '"usd"', 0, "unit"),
    ("a currency a share in lower case", '"USD"', '"Usd/shares"', 0, "unit"),
    ("half a character in a unit", '"USD"', '"US\\ud800"', 0, "text"),
    ("half a character in a form", '"form": "10-Q"', '"form": "\\udc00"', 0, "text"),
]


def test_nothing_odd_is_accepted_in_silence(empty: Project) -> None:
    texts = []
    for number, (_, before, after, _, _) in enumerate(SILENT, 1):
        text = of_one(number, "5")
        assert text.count(before) == 1
        texts.append(text.replace(before, after))
    problems = problems_by_cik(read(empty, write_archive(empty.root, texts)).problems)
    assert count_facts(empty) == {number: case[3] for number, case in enumerate(SILENT, 1) if case[3]}
    assert {number: told[0].code for number, told in problems.items()} == {
        number: case[4] for number, case in enumerate(SILENT, 1)
    }
    assert [number for number, told in problems.items() if len({problem.path for problem in told}) > 1] == []


LONG = [
    # digits, whether they can be stored exactly
    (31, True), (32, True), (33, False), (34, False), (35, False), (38, False), (39, False), (40, False), (77, False), (5000, False),
]  # fmt: skip


def test_a_number_too_long_is_a_problem_and_never_another_number(empty: Project) -> None:
    shapes = ("{}", "-{}", "{}.5", "{}.1234567", "0.{}e{}")
    cases = [
        (shape.format("9" * digits, digits), fits and shape != "{}.1234567")
        for digits, fits in LONG
        for shape in shapes
    ]
    texts = [of_one(number, printed) for number, (printed, _) in enumerate(cases, 1)]
    problems = problems_by_cik(read(empty, write_archive(empty.root, texts)).problems)
    stored = answer(empty, "select cast(right(entity, 10) as integer), value from fact order by 1")
    assert stored == [(number, Decimal(printed)) for number, (printed, fits) in enumerate(cases, 1) if fits]
    assert {number: len(told) for number, told in problems.items()} == {
        number: 1 for number, (_, fits) in enumerate(cases, 1) if not fits
    }


def test_amounts_of_any_source_are_counted_before_they_are_cast() -> None:
    kind = pa.decimal128(38, 6)
    assert array_of([Decimal("9" * 32), None], kind).to_pylist() == [Decimal("9" * 32), None]
    for digits in (33, 35, 38, 39, 5000):
        with pytest.raises(OverflowError, match="more than 32 digits"):
            array_of([Decimal("9" * digits)], kind)


def test_a_file_nested_deeply_ends_neither_itself_nor_its_archive(empty: Project) -> None:
    good = json.dumps(company(77, {"Revenues": [(*Q[0], 5, accession(2), "10-Q", "2024-05-02")]}))
    deep = '{"cik": 78, "facts": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}"
    (empty.root / "CIK0000000078.json").write_text(deep)
    with pytest.raises(InputError, match="is not whole JSON"):
        ingest(empty, [empty.root / "CIK0000000078.json"])
    with zipfile.ZipFile(empty.root / "companyfacts.zip", "w") as archive:
        archive.writestr("CIK0000000078.json", deep)
        archive.writestr("CIK0000000077.json", good)
    done = read(empty, empty.root / "companyfacts.zip")
    assert (done.added, [problem.code for problem in done.problems]) == (1, ["json"])


def test_an_archive_of_which_nothing_can_be_read_is_an_error(empty: Project) -> None:
    path = empty.root / "companyfacts.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("CIK0000000077.json", "{")
    with pytest.raises(InputError, match="is not whole JSON"):
        ingest(empty, [path])


def test_a_packed_file_is_unpacked_no_further_than_any_company_is_large(
    empty: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company_facts, "MAX_BYTES", 1000)
    content = json.dumps(company(77, {"Revenues": [(*Q[0], 5, accession(2), "10-Q", "2024-05-02")]}))
    path = empty.root / "CIK0000000077.json.gz"
    path.write_bytes(gzip.compress(content.encode() + b" " * 10_000))
    with pytest.raises(InputError, match="more than any company has"):
        ingest(empty, [path])


@pytest.mark.parametrize("name", ["CIK0000000077.json", "a.txt", "companyfacts.zip"])
def test_a_pipe_is_refused_instead_of_waited_for(empty: Project, name: str) -> None:
    os.mkfifo(empty.root / name)
    with pytest.raises(UsageError, match="is neither a file nor a folder"):
        ingest(empty, [empty.root / name])


@pytest.mark.parametrize("cut", [10, 100, 200])
def test_a_cut_file_is_refused_whole(empty: Project, cut: int) -> None:
    text = json.dumps(company(77, {"Revenues": [(*Q[0], 5, accession(2), "10-Q", "2024-05-02")]}))
    path = empty.root / "CIK0000000077.json"
    path.write_text(text[:cut])
    with pytest.raises(InputError, match="is not whole JSON"):
        ingest(empty, [path])
    packed = empty.root / "CIK0000000078.json.gz"
    packed.write_bytes(gzip.compress(text.encode())[:cut])
    with pytest.raises(InputError, match="cannot be unpacked"):
        ingest(empty, [packed])


def test_cik_as_text_and_null_periods_are_read(empty: Project) -> None:
    content = company(77, {"Revenues": [(*Q[0], 5, accession(2), "10-Q", "2024-05-02")]})
    content["cik"] = "0000000077"
    content["facts"]["us-gaap"]["Revenues"]["units"]["USD"][0] |= {"fy": None, "fp": None, "form": None}
    path = empty.root / "CIK0000000077.json"
    path.write_text(json.dumps(content))
    done = read(empty, path)
    assert (done.added, done.problems) == (1, ())


def test_an_archive_is_read_member_by_member(empty: Project) -> None:
    path = empty.root / "companyfacts.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for cik in (7, 8):
            archive.writestr(
                f"CIK{cik:010d}.json",
                json.dumps(company(cik, {"Revenues": [(*Q[0], 5, accession(cik), "10-Q", "2024-05-02")]})),
            )
        archive.writestr("../evil.json", "{}")
        archive.writestr("CIK0000000009.json", '{"cik": 9, "fac')
        archive.writestr("CIK0000000010.json", " " * 10_000_000)
    done = read(empty, path)
    assert done.added == 2
    assert sorted(problem.path.rpartition("/")[2] + ": " + problem.code for problem in done.problems) == [
        "CIK0000000009.json: json", "CIK0000000010.json: zip", "evil.json: zip",
    ]  # fmt: skip
    assert answer(empty, "select entity, cik, name from entity_label where cik is not null order by cik") == [
        ("cik0000000007", 7, "Acme Inc."),
        ("cik0000000008", 8, "Acme Inc."),
    ]


def test_companies_that_file_together_share_a_source(empty: Project) -> None:
    path = empty.root / "companyfacts.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for cik in (7, 8):
            content = company(cik, {"Revenues": [(*Q[0], cik, accession(1), "10-Q", "2024-05-02")]}, name=f"No. {cik}")
            archive.writestr(f"CIK{cik:010d}.json", json.dumps(content))
    assert (read(empty, path).added, read(empty, path).added) == (2, 0)
    assert answer(empty, "select source_id, publisher from source") == [(accession(1), "No. 8")]


def test_no_archive_is_said(empty: Project) -> None:
    (empty.root / "companyfacts.zip").write_bytes(b"PK nonsense")
    with pytest.raises(InputError, match="no readable archive"):
        ingest(empty, [empty.root / "companyfacts.zip"])


# -- when a filing became public ---------------------------------------------------------------------


def submissions(folder: Path, cik: int, moments: dict[str, tuple[str, str]]) -> None:
    columns = {
        "accessionNumber": list(moments),
        "form": ["10-Q"] * len(moments),
        "filingDate": [filed for filed, _ in moments.values()],
        "acceptanceDateTime": [accepted for _, accepted in moments.values()],
    }
    page = {
        "cik": str(cik),
        "fiscalYearEnd": "0630",
        "tickers": ["ACM"],
        "formerNames": [{"name": "Old", "from": "2001-01-01T00:00:00.000Z", "to": "2020-02-03T00:00:00.000Z"}],
        "filings": {"recent": columns, "files": []},
    }
    (folder / f"submissions-CIK{cik:010d}.json").write_text(json.dumps(page))


@pytest.mark.parametrize(
    ("filed", "accepted", "known"),
    [
        # filing date, acceptance as written, when that was (New York closes at 17:30; summer is four hours behind)
        ("2024-08-01", "2024-07-31T20:14:40.000Z", "2024-08-01T00:14:40+00:00"),
        ("2024-07-31", "2024-07-31T16:05:00.000Z", "2024-07-31T20:05:00+00:00"),
        ("2024-01-31", "2024-01-31T06:01:00.000Z", "2024-01-31T11:01:00+00:00"),
    ],
)
def test_acceptance_is_new_york_time(tmp_path: Path, filed: str, accepted: str, known: str) -> None:
    submissions(tmp_path, 7, {accession(1): (filed, accepted)})
    assert beside(tmp_path, 7).known_at(accession(1), filed).isoformat() == known


def test_acceptance_is_universal_time_where_only_that_fits(tmp_path: Path) -> None:
    submissions(tmp_path, 7, {accession(n): ("2024-07-31", f"2024-07-31T2{n}:05:00.000Z") for n in (0, 1)})
    assert beside(tmp_path, 7).known_at(accession(1), "2024-07-31").isoformat() == "2024-07-31T21:05:00+00:00"


@pytest.mark.parametrize(
    "accepted", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z", "2024-13-01T00:00:00Z", ""]
)
def test_an_acceptance_that_cannot_be_counts_as_none(tmp_path: Path, accepted: str) -> None:
    submissions(tmp_path, 77, {accession(1): ("2024-05-01", accepted)})
    assert beside(tmp_path, 77).known_at(accession(1), "2024-05-01").isoformat() == "2024-05-01T23:59:59+00:00"


def test_the_source_says_how_its_moment_is_known(empty: Project) -> None:
    submissions(empty.root, 77, {accession(1): ("2024-05-01", "2024-04-30T18:00:00.000Z")})
    rows = [
        (*Q[0], 5, accession(1), "10-Q", "2024-05-01"),
        ("2024-04-01", "2024-06-30", 9, accession(2), "10-Q", "2024-08-01"),
    ]
    read(empty, write_company(empty.root, company(77, {"Revenues": rows})))
    assert answer(
        empty,
        "select accession, published_basis, cast(published_at as varchar) from source where origin = 'companyfacts' order by 1",
    ) == [
        (accession(1), "accepted", "2024-04-30 22:00:00+00"),
        (accession(2), "filed", "2024-08-01 23:59:59+00"),
    ]
    assert answer(empty, "select ticker from entity_label where cik = 77") == [("ACM",)]
    assert answer(empty, "select fiscal_period from quarter_by_concept where value is not null order by 1") == [
        ("2024Q3",),
        ("2024Q4",),
    ]


# -- traps, on figures of our own --------------------------------------------------------------------

#: What each company of this section files, by what its case is about.
TRAPS: dict[str, dict[str, Any]] = {}


def trap(make: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """File what this function makes for a company of its own, in the warehouse of this section."""
    TRAPS[make.__name__] = make()
    return make


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse of the companies of this section, for reading."""

    def store(folder: Path) -> None:
        texts = [json.dumps(content | {"cik": cik}) for cik, content in enumerate(TRAPS.values(), 1)]
        ingest(small_project(folder), [write_archive(folder, texts)])

    return worked_out(made_once(tmp_path_factory, "company-facts-traps", store) / "warehouse")


def ask(traps: Warehouse, make: Callable[[], dict[str, Any]], query: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the company of a case, which it calls `$one`."""
    return traps.sql(query, {"one": entity_of([*TRAPS].index(make.__name__) + 1)}).fetchall()


@trap
def netted() -> dict[str, Any]:
    """Meta's purchases of property in USD million: gross until 2024-04-25, net of disposals since."""
    tag, other = "PaymentsToAcquirePropertyPlantAndEquipment", "ProceedsFromSaleOfPropertyPlantAndEquipment"
    y = [(s.replace("2024", "2023"), e.replace("2024", "2023")) for s, e in Q]
    gross = [
        (*y[n], v * 10**6, accession(n + 1), "10-K" if n == 3 else "10-Q", filed)
        for n, (v, filed) in enumerate(
            zip((6842, 13058, 19601, 27266), ("2023-04-27", "2023-07-27", "2023-10-26", "2024-02-02"), strict=True)
        )
    ]
    sold = [
        (*y[n], v * 10**6, accession(n + 1), "10-Q", row[5])
        for n, (v, row) in enumerate(zip((19, 101, 148, 221), gross, strict=True))
    ]
    net = [
        (*y[n], v * 10**6, accession(n + 5), "10-Q", filed)
        for n, (v, filed) in enumerate(zip((6823, 12957), ("2024-04-25", "2024-08-01"), strict=True))
    ]
    now = [
        (*Q[n], v * 10**6, accession(n + 5), "10-Q", filed)
        for n, (v, filed) in enumerate(zip((6400, 14573), ("2024-04-25", "2024-08-01"), strict=True))
    ]
    return company(0, {tag: [*gross, *net, *now], other: sold})


def test_gross_to_net_is_a_change_of_basis(traps: Warehouse) -> None:
    in_millions = "select fiscal_period, cast(value / 1e6 as integer), basis from quarter_by_concept{} where entity = $one and concept like '%PaymentsToAcquire%' and fiscal_period in ('2023Q2', '2023Q4', '2024Q2') order by 1"
    assert ask(traps, netted, in_millions.format("_as_of('2023-07-27')")) == [("2023Q2", 6216, None)]
    assert ask(traps, netted, in_millions.format("_as_of('2024-05-01')")) == [
        ("2023Q2", 6216, None),
        ("2023Q4", 7665, None),
    ]
    net = "net of us-gaap:ProceedsFromSaleOfPropertyPlantAndEquipment"
    assert ask(traps, netted, in_millions.format("")) == [
        ("2023Q2", 6134, net),
        ("2023Q4", 7665, None),
        ("2024Q2", 8173, net),
    ]
    assert ask(
        traps,
        netted,
        "select fiscal_period, cast(delta / 1e6 as integer), cause from restatement where entity = $one order by 1",
    ) == [
        ("2023H1", -101, "basis"),
        ("2023Q1", -19, "basis"),
    ]
    assert ask(
        traps,
        netted,
        "select qoq_status from qoq_as_of('2024-05-01') where entity = $one and metric = 'capex_ppe' and fiscal_period = '2024Q1'",
    ) == [("basis_changed",)]


@trap
def restated_year() -> dict[str, Any]:
    rows = [
        (*Q[n], v, accession(n + 1), "10-K" if n == 3 else "10-Q", filed)
        for n, (v, filed) in enumerate(
            zip((11, 23, 36, 51), ("2024-05-01", "2024-08-01", "2024-11-01", "2025-02-01"), strict=True)
        )
    ]
    amended = (*Q[3], 81, accession(9), "10-K/A", "2025-06-01")
    restated_nine = (*Q[2], 55, accession(10), "10-Q", "2025-11-01")
    return company(0, {"NetIncomeLoss": [*rows, amended, restated_nine]})


def test_a_restated_year_is_not_mixed_with_old_nine_months(traps: Warehouse) -> None:
    fourth = "select cast(value as integer) from quarter_by_concept{} where entity = $one and fiscal_period = '2024Q4' and value is not null"
    assert ask(traps, restated_year, fourth.format("_as_of('2025-02-01')")) == [(15,)]
    assert ask(traps, restated_year, fourth.format("_as_of('2025-06-01')")) == [(15,)], "81 - 36 would mix two vintages"


@trap
def finer_print() -> dict[str, Any]:
    fine = [
        (*Q[0], 29_068_000, accession(1), "10-Q", "2024-08-01"),
        (*Q[1], 311_516_000, accession(1), "10-Q", "2024-08-01"),
    ]
    coarse = [
        (*Q[0], 29_000_000, accession(2), "10-Q", "2025-05-01"),
        (*Q[1], 311_000_000, accession(2), "10-Q", "2025-05-01"),
    ]
    return company(0, {"Revenues": [*fine, *coarse]})


def test_precision_is_no_restatement_and_the_finer_print_stays(traps: Warehouse) -> None:
    assert ask(
        traps,
        finer_print,
        "select cast(value as bigint) from quarter_by_concept where entity = $one and fiscal_period = '2024Q1'",
    ) == [(29_068_000,)]
    assert ask(
        traps, finer_print, "select distinct cause, versions, statements from restatement where entity = $one"
    ) == [("precision", 1, 2)]


@trap
def other_forms() -> dict[str, Any]:
    rows = [
        (*Q[0], 500_000_000, accession(1), "10-Q", "2024-05-01"),
        (*Q[0], 500_000, accession(2), "8-K", "2024-06-01"),
    ]
    lone = [(*Q[1], 900_000_000, accession(3), "8-K", "2024-08-01")]
    return company(0, {"Revenues": rows, "Other": lone})


def test_forms_that_are_no_reports_come_last(traps: Warehouse) -> None:
    assert ask(traps, other_forms, "select concept, cast(value as bigint) from version where entity = $one and is_latest order by 1") == [
        ("us-gaap:Other", 900_000_000), ("us-gaap:Revenues", 500_000_000),
    ]  # fmt: skip


@trap
def trailing_months() -> dict[str, Any]:
    """Three durations share one end date, as Amazon files them."""
    rows = [
        (
            *Q[n],
            10 * (n + 1),
            accession(n + 1),
            "10-K" if n == 3 else "10-Q",
            f"2024-{5 + 3 * n:02d}-01" if n < 3 else "2025-02-01",
        )
        for n in range(4)
    ]
    rows += [
        ("2023-07-01", "2024-06-30", 77, accession(2), "10-Q", "2024-08-01"),
        ("2024-04-01", "2024-06-30", 12, accession(2), "10-Q", "2024-08-01"),
    ]
    return company(0, {"Revenues": rows})


def test_trailing_twelve_months_are_no_fiscal_year(traps: Warehouse) -> None:
    assert ask(
        traps,
        trailing_months,
        "select fiscal_period, cast(value as integer) from quarter_by_concept where entity = $one order by 1",
    ) == [
        ("2024Q1", 10),
        ("2024Q2", 12),
        ("2024Q3", 10),
        ("2024Q4", 10),
    ]
    assert ask(
        traps,
        trailing_months,
        "select fiscal_period, cast(value as integer) from annual_by_concept where entity = $one",
    ) == [("FY2024", 40)]


@trap
def long_year() -> dict[str, Any]:
    years = [
        ("2021-09-26", "2022-09-24", 100, accession(1), "10-K", "2022-10-28"),
        ("2022-09-25", "2023-09-30", 110, accession(2), "10-K", "2023-11-03"),
    ]
    return company(0, {"Revenues": years})


def test_a_53rd_week_is_said(traps: Warehouse) -> None:
    assert ask(
        traps,
        long_year,
        "select fiscal_period, yoy_ratio, yoy_status from yoy where entity = $one and span = 'year' order by 1",
    ) == [
        ("FY2022", None, "no_base"),
        ("FY2023", None, "long_period"),
    ]


LABELS = [
    # first and last day of an annual report's year, the number its filer gives it
    ("2011-01-31", "2012-01-29", "FY2012"),  # NVIDIA
    ("2022-09-25", "2023-09-30", "FY2023"),  # Apple
    ("2022-01-03", "2023-01-01", "FY2022"),  # Johnson & Johnson
    ("2021-02-01", "2022-01-31", "FY2022"),  # Snowflake
    ("2023-07-01", "2024-06-30", "FY2024"),  # Microsoft
    ("2023-09-04", "2024-09-01", "FY2024"),  # Costco
]


def test_years_are_numbered_as_their_filers_do(empty: Project) -> None:
    years = [{"Revenues": [(start, end, 1, accession(1), "10-K", "2025-01-01")]} for start, end, _ in LABELS]
    read(empty, write_archive(empty.root, texts_of(years)))
    labels = answer(empty, "select fiscal_period from statement order by entity")
    assert labels == [(label,) for _, _, label in LABELS]


FISCAL_YEAR_ENDS = [
    # of submissions, in entities.toml, month and day on which the nominal year after 1 March 2024 closes
    ("0229", "02-29", "2025-02-28"),
    ("0228", "02-28", "2025-02-28"),
    ("0230", "02-30", "2025-02-28"),
    ("0931", "09-31", "2024-09-30"),
    ("1131", "11-31", "2024-11-30"),
    ("0103", "1-3", "2024-12-31"),  # 52 or 53 weeks: the first days of January belong to December
    ("0201", "02-01", "2025-01-31"),
]


def test_a_year_may_end_on_a_day_its_month_does_not_have(empty: Project) -> None:
    """As submissions say it of the first companies, and `entities.toml` of the others."""
    count, curated = len(FISCAL_YEAR_ENDS), []
    for number, (filed, written, _) in enumerate(FISCAL_YEAR_ENDS, 1):
        page = {"fiscalYearEnd": filed, "filings": {"recent": {}}}
        (empty.root / f"submissions-CIK{number:010d}.json").write_text(json.dumps(page))
        curated.append(f'[leap{number}]\nname = "Leap"\ncik = {count + number}\nfiscal_year_end = "{written}"\n')
    (empty.seeds / "entities.toml").write_text("".join(curated))
    quarter = {"Revenues": [("2024-03-01", "2024-05-31", 50, accession(1), "10-Q", "2024-07-01")]}
    read(empty, write_archive(empty.root, texts_of([quarter] * (2 * count))))
    query = "select period_end::varchar from fiscal_year where date '2024-05-31' between period_start and period_end order by entity"
    assert answer(empty, query) == [(closes,) for _, _, closes in FISCAL_YEAR_ENDS] * 2


def test_a_year_end_that_is_no_day_is_refused(empty: Project) -> None:
    written = ["02-32", "13-01", "00-10", "02-00", "0229", "2-29x", "29 Feb"]
    entries = [f'[leap{at}]\nname = "Leap"\nfiscal_year_end = "{one}"\n' for at, one in enumerate(written)]
    (empty.seeds / "entities.toml").write_text("".join(entries))
    with pytest.raises(InputError) as refused:
        ingest(empty, [empty.seeds])
    told = [problem.message for problem in refused.value.problems]
    assert [
        ("is not a month and day" in message, f"'{one}'" in message) for one, message in zip(written, told, strict=True)
    ] == [(True, True)] * len(written)


def six_k(number: int, start: str, end: str, value: int) -> tuple[str, str, int, str, str, str]:
    """A statement of the n-th 6-K."""
    return start, end, value, accession(number), "6-K", f"2025-{number % 12 + 1:02d}-10"


YEARS_OF_6K = {
    "each year twice": ([six_k(n, f"20{n + k:02d}-04-01", f"20{n + k + 1:02d}-03-31", 10 * (n + k)) for n in (20, 21) for k in (0, 1)],
        ["FY2021", "FY2022", "FY2023"]),
    "one filing of two years": ([six_k(1, f"20{n}-01-01", f"20{n}-12-31", n) for n in (22, 23)], ["FY2022", "FY2023"]),
    "one year in two filings": ([six_k(n, "2022-01-01", "2022-12-31", 5) for n in (3, 4)], ["FY2022"]),
    "years beside trailing ones": (
        [six_k(n, f"20{n}-01-01", f"20{n}-12-31", n) for n in (21, 22, 23)] + [six_k(9, "2022-07-01", "2023-06-30", 22)],
        ["FY2021", "FY2022", "FY2023"],
    ),
    "a single year": ([six_k(1, "2022-01-01", "2022-12-31", 5)], []),
}  # fmt: skip


def test_years_of_a_filer_without_annual_reports_follow_from_what_repeats(empty: Project) -> None:
    filed = [{"ifrs-full:Revenue": rows} for rows, _ in YEARS_OF_6K.values()]
    read(empty, write_archive(empty.root, texts_of(filed, unit="CAD")))
    query = (
        "select entity, fiscal_period from figure "
        "where metric = 'revenue' and span = 'year' and value is not null order by all"
    )
    shown = by_company(answer(empty, query))
    for number, (name, (_, labels)) in enumerate(YEARS_OF_6K.items(), 1):
        assert shown[entity_of(number)] == [(label,) for label in labels], name


HALVES = [six_k(2 * n, f"20{n}-01-01", f"20{n}-06-30", 40 + n) for n in (22, 23, 24)] + [
    six_k(2 * n + 1, f"20{n}-07-01", f"20{n}-12-31", 50 + n) for n in (22, 23, 24)
]
FIRST_HALVES = {
    # what says when the years close, the half-years that show
    "nothing": ("", [], []),
    "December": ("12-31", [], [("2022H1", 62), ("2023H1", 63), ("2024H1", 64)]),
    "June": ("06-30", [], [("2023H1", 72), ("2024H1", 73), ("2025H1", 74)]),
    "nine months": ("", [six_k(9, "2024-01-01", "2024-09-30", 95)], [("2022H1", 62), ("2023H1", 63), ("2024H1", 64)]),
    "years that repeat": (
        "", [six_k(n, f"20{n}-07-01", f"20{n + 1}-06-30", 100 + n) for n in (22, 23)],
        [("2023H1", 72), ("2024H1", 73), ("2025H1", 74)],
    ),
}  # fmt: skip


def test_which_of_two_halves_is_the_first_is_never_guessed(empty: Project) -> None:
    (empty.seeds / "entities.toml").write_text(
        "".join(
            f'[half{number}]\nname = "Half"\ncik = {number}\nfiscal_year_end = "{year_end}"\n'
            for number, (year_end, _, _) in enumerate(FIRST_HALVES.values(), 1)
            if year_end
        )
    )
    filed = [{"ifrs-full:Revenue": [*HALVES, *more]} for _, more, _ in FIRST_HALVES.values()]
    (note,) = read(empty, write_archive(empty.root, texts_of(filed))).notes
    query = "select entity, fiscal_period, value::integer from figure where metric = 'revenue' and span = 'half' order by all"
    halves = by_company(answer(empty, query))
    for number, (name, (year_end, _, shown)) in enumerate(FIRST_HALVES.items(), 1):
        assert halves[f"half{number}" if year_end else entity_of(number)] == shown, name
    untold = [entity_of(number) for number, (_, _, shown) in enumerate(FIRST_HALVES.values(), 1) if not shown]
    assert note.startswith(f"nothing says when the fiscal years of {', '.join(untold)} close")


@pytest.mark.parametrize("end", ["2024-05-31", "2025-02-28"])
def test_an_ingestion_says_why_figures_do_not_show(empty: Project, end: str) -> None:
    rows = [("2024-03-01", end, 50, accession(1), "6-K", "2025-07-01")]
    path = write_company(empty.root, company(77, {"Revenues": rows}))
    (note,) = read(empty, path).notes
    assert note.startswith("nothing says when the fiscal years of cik0000000077 close")
    assert "give them a fiscal_year_end in entities.toml" in note
    submissions(empty.root, 77, {})
    assert read(empty, path).notes == ()


def test_an_ingestion_lists_its_problems(empty: Project) -> None:
    rows: list[Any] = [(*Q[0], f"{n}x", accession(1), "10-Q", "2024-05-01") for n in range(23)]
    told: list[str] = []
    ingest(empty, [write_company(empty.root, company(77, {"Revenues": rows}))], say=told.append)
    assert told[-22].endswith(
        "CIK0000000077.json: 0 new, 0 known, 23 problems, 1 company new or changed, names of 1 company changed"
    )
    assert "0x'\" is no number" in told[-21]
    assert told[-1] == "  and 3 problems more: 3 statement"


@trap
def changed_year_end() -> dict[str, Any]:
    rows = [
        ("2021-01-01", "2021-12-31", 100, accession(1), "10-K", "2022-02-01"),
        ("2022-01-01", "2022-12-31", 110, accession(2), "10-K", "2023-02-01"),
        ("2023-01-01", "2023-05-31", 50, accession(3), "10-KT", "2023-07-01"),
        ("2023-06-01", "2024-05-31", 130, accession(4), "10-K", "2024-07-01"),
        ("2024-06-01", "2024-08-31", 40, accession(5), "10-Q", "2024-10-01"),
    ]
    return company(0, {"Revenues": rows})


def test_a_changed_year_end_leaves_a_stub(traps: Warehouse) -> None:
    assert ask(traps, changed_year_end, "select period_end::varchar, span, fiscal_period from statement where entity = $one order by 1") == [
        ("2021-12-31", "year", "FY2021"), ("2022-12-31", "year", "FY2022"), ("2023-05-31", "other", None),
        ("2024-05-31", "year", "FY2024"), ("2024-08-31", "quarter", "2025Q1"),
    ]  # fmt: skip
    assert ask(traps, changed_year_end, "select fiscal_period, yoy_status from yoy where entity = $one and span = 'year' order by 1") == [
        ("FY2021", "no_base"), ("FY2022", "ok"), ("FY2024", "no_base"),
    ]  # fmt: skip


@trap
def disagreeing_tags() -> dict[str, Any]:
    steady = [
        (f"{y}-01-01", f"{y}-12-31", 83_000 + y, accession(y), "10-K", f"{y + 1}-02-01") for y in range(2010, 2018)
    ]
    stray = [("2014-01-01", "2014-12-31", 29_400, accession(2014), "10-K", "2015-02-01")]
    return company(0, {"SalesRevenueNet": steady, "Revenues": stray})


def test_tags_that_disagree_are_shown_with_the_rule(traps: Warehouse) -> None:
    assert ask(
        traps,
        disagreeing_tags,
        "select cast(value as integer), definition from annual where entity = $one and fiscal_period = 'FY2014' and metric = 'revenue'",
    ) == [(85_014, "us-gaap:SalesRevenueNet")]
    assert ask(
        traps,
        disagreeing_tags,
        "select cast(other_value as integer), other_concept, rule, rules_version = (select max(version) from metric) from conflict where entity = $one and fiscal_period = 'FY2014'",
    ) == [(29_400, "us-gaap:Revenues", "a stray tag yields", True)]


@trap
def fees_of_a_bank() -> dict[str, Any]:
    years = range(2019, 2024)
    fees, net = (
        [(f"{y}-01-01", f"{y}-12-31", value + y, accession(y), "10-K", f"{y + 1}-02-01") for y in years]
        for value in (200_000, 1_500_000)
    )
    tags = {"RevenueFromContractWithCustomerExcludingAssessedTax": fees, "RevenuesNetOfInterestExpense": net}
    return company(0, tags)


def test_the_fees_of_a_bank_are_not_its_revenue(traps: Warehouse) -> None:
    shown = ask(
        traps,
        fees_of_a_bank,
        "select definition, count(*) from annual where entity = $one and metric = 'revenue' group by definition",
    )
    assert shown == [("us-gaap:RevenuesNetOfInterestExpense", 5)]
    kept = ask(
        traps,
        fees_of_a_bank,
        "select distinct other_concept from conflict where entity = $one and metric = 'revenue' and span = 'year'",
    )
    assert kept == [("us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax",)]


@trap
def loss_per_share() -> dict[str, Any]:
    loss = [("2023-01-01", "2023-12-31", -2, accession(1), "10-K", "2024-02-01")]
    return company(0, {"EarningsPerShareBasicAndDiluted": loss}, unit="USD/shares")


def test_one_figure_per_share_of_a_loss_stands_for_both(traps: Warehouse) -> None:
    shown = "select metric, cast(value as integer) from annual where entity = $one and metric like 'eps%' order by 1"
    assert ask(traps, loss_per_share, shown) == [("eps_basic", -2), ("eps_diluted", -2)]


def test_a_user_overrides_a_definition_without_touching_the_package(tmp_path: Path) -> None:
    init(tmp_path)
    config = tmp_path / "tracker.toml"
    config.write_text(config.read_text() + 'metrics = "metrics.toml"\n')
    (tmp_path / "metrics.toml").write_text(
        '[revenue]\nlabel = "Sales"\ntype = "duration"\nadditive = true\nmeasure = "money"\ntags = ["us-gaap:SpecialRevenue"]\n'
    )
    project = load_project(tmp_path)
    read(
        project,
        write_company(
            tmp_path,
            company(
                77,
                {
                    "SpecialRevenue": [
                        (*Q[0], 5, accession(1), "10-Q", "2024-05-02"),
                        (*Q[3], 25, accession(2), "10-K", "2025-02-02"),
                    ]
                },
            ),
        ),
    )
    assert answer(project, "select metric, cast(value as integer) from quarter where fiscal_period = '2024Q1'") == [
        ("revenue", 5)
    ]


# -- the real files ----------------------------------------------------------------------------------

ENTITIES = {"META": "meta", "NVDA": "nvidia", "SNOW": "cik0001640147"}


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse of the real files alone; of the seeds only the companies."""
    if not (SHARED / "sec").is_dir():
        pytest.skip("the real filings are not here")
    return worked_out(made_once(tmp_path_factory, "filed", _store_real_files) / "warehouse")


def _store_real_files(folder: Path) -> None:
    init(folder)
    (folder / "seeds" / "entities.toml").write_text((ROOT / "seeds" / "entities.toml").read_text())
    project = load_project(folder)
    done = ingest(project, sorted((SHARED / "sec").glob("CIK*.json.gz")))
    assert [one.problems for one in done] == [()] * 5


def expected() -> list[dict[str, str]]:
    path = SHARED / "sec" / "expected_values_dev.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["status"] == "verified"]


Answers = dict[tuple[str, str, str], list[tuple[Decimal | None, str | None]]]


@pytest.fixture(scope="module")
def answers(filed: Warehouse) -> Callable[[str, str], Answers]:
    """Value and reason of everything a view holds, by company, concept or metric, and last day; each asked for once."""

    @cache
    def of(source: str, name: str) -> Answers:
        query = f"select entity, {name}, cast(period_end as varchar), value, reason from {source} where entity in {tuple(ENTITIES.values())}"
        known: Answers = {}
        for entity, of_what, end, *told in filed.sql(query).fetchall():
            known.setdefault((entity, of_what, end), []).append((told[0], told[1]))
        return known

    return of


def found(answers: Callable[[str, str], Answers], row: dict[str, str]) -> tuple[Decimal | None, str | None]:
    """Value and reason of the figure a row asks for."""
    is_year = row["period_label"].startswith("FY") and "Q" not in row["period_label"]
    view = "annual" if is_year else "quarter"
    metric = "capex" if "+" in row["concept"] else "capex_ppe" if "-" in row["concept"] else None
    relation = view if metric else f"{view}_by_concept"
    source = f"{relation}_as_of('{row['as_of']}')" if row["as_of"] else relation
    key = ENTITIES[row["ticker"]], metric or f"us-gaap:{row['concept']}", row["period_end"]
    told = answers(source, "metric" if metric else "concept").get(key, [])
    assert len(told) <= 1
    return told[0] if told else (None, None)


@pytest.mark.parametrize("row", expected(), ids=lambda row: row["id"])
def test_expected_values(filed: Warehouse, answers: Callable[[str, str], Answers], row: dict[str, str]) -> None:
    kind, value = row["expectation"], row["expected_value"]
    if kind == "label":
        labels = filed.sql(
            "select distinct fiscal_period from statement where entity = $entity and period_start = cast($start as date) and period_end = cast($end as date)",
            {"entity": ENTITIES[row["ticker"]], "start": row["period_start"], "end": row["period_end"]},
        ).fetchall()
        assert [label.removeprefix("FY") for (label,) in labels] == [value.removeprefix("FY")]
    elif row["unit"] == "percent_1dp":
        growth = filed.sql(
            "select round(100 * yoy_ratio, 1) from yoy where entity = 'meta' and metric = 'capex' and fiscal_period = '2024Q2'"
        )
        assert growth.fetchall() == [(float(value),)]
    elif kind in {"not_derivable", "missing"}:
        number, reason = found(answers, row)
        assert number is None
        assert reason
    else:
        tolerance = 10**6 if kind == "value_tolerance_1M" else 0
        number, _ = found(answers, row)
        assert number is not None
        assert abs(number - Decimal(value)) <= tolerance


def test_the_expected_values_were_there_to_check() -> None:
    if not (SHARED / "sec").is_dir():
        pytest.skip("the real filings are not here")
    assert len(expected()) >= 29


def test_four_quarters_add_to_the_year_within_rounding(filed: Warehouse) -> None:
    """On every tagged concept of every real file whose year was never restated: quarters against the year."""
    ((years, disagreeing),) = filed.sql(
        """with q as (
               select entity, concept, unit, fiscal_year, sum(low) as low, sum(high) as high, count(value) as quarters
               from quarter_by_concept where span = 'quarter' group by all
           )
           select count(*), count(*) filter (where a.high < q.low or a.low > q.high)
           from annual_by_concept a
           join q using (entity, concept, unit, fiscal_year)
           join metric_tag t using (concept)
           join metric m on m.metric = t.metric and m.is_additive
           where q.quarters = 4 and a.method = 'reported' and not exists (
               select 1 from restatement r
               where r.entity = a.entity and r.concept = a.concept and r.unit = a.unit and r.cause <> 'precision'
                 and r.period_end between a.period_start and a.period_end
           )"""
    ).fetchall()
    assert years > 150
    assert disagreeing == 0


def test_what_is_read_lies_on_one_heap(empty: Project) -> None:
    """Three heaps side by side, each with what was given back to it, would keep 20 MB more."""
    read(empty, write_company(empty.root, company(77, {"Revenues": [(*Q[0], 5, accession(1), "10-Q", "2024-05-02")]})))
    assert pa.default_memory_pool().backend_name == "system"
