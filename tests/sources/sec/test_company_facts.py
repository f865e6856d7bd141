"""The SEC's company facts: exact numbers, odd files, and the moment at which a filing became public."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from support.company_facts import (
    TO_DATE,
    count_facts,
    ingest_file,
    make_file,
    problems_by_cik,
    query_project,
    write_submissions,
)
from support.filings import accession, company, write_archive, write_company
from tracker.errors import InputError, UsageError
from tracker.model.arrays import array_of
from tracker.pipeline.ingest import ingest
from tracker.sources.sec import company_facts
from tracker.sources.sec.submissions import beside

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.project import Project


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
    done = ingest_file(
        empty, write_archive(empty.root, [make_file(n, printed) for n, (printed, _) in enumerate(NUMBERS, 1)])
    )
    assert done.problems == ()
    stored = query_project(empty, "select value from fact order by entity")
    assert stored == [(Decimal(value),) for _, value in NUMBERS]


def test_every_statement_of_every_filing_is_kept(empty: Project) -> None:
    statements = [(*TO_DATE[0], 100, accession(n), "10-Q", f"2024-05-{n:02d}") for n in (1, 2, 3)]
    path = write_company(
        empty.root,
        company(
            77, {"Revenues": statements, "dei:Shares": [(None, "2024-03-31", 5, accession(1), "10-Q", "2024-05-01")]}
        ),
    )
    assert ingest_file(empty, path).added == 4
    assert ingest_file(empty, path).added == 0
    assert query_project(empty, "select distinct concept, form, accession is null from fact_known order by 1") == [
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
    ingest_file(empty, write_company(empty.root, company(77, {"Revenues": [*millions, *units]})))
    assert query_project(empty, "select value::bigint, decimals from fact_known order by period_end") == [
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
        content = company(number, {"Revenues": [(*TO_DATE[0], 5, accession(2), "10-Q", "2024-05-02")]})
        content["facts"]["us-gaap"]["Revenues"]["units"]["USD"].append(odd)
        texts.append(json.dumps(content))
    done = ingest_file(empty, write_archive(empty.root, texts))
    assert count_facts(empty) == dict.fromkeys(range(1, len(ODD) + 1), 1)
    problems = problems_by_cik(done.problems)
    for number, (name, _, message) in enumerate(ODD, 1):
        (problem,) = problems[number]
        assert message in problem.message, name
        assert "Revenues" in problem.path, name
    assert query_project(empty, "select count(*) from problem") == [(len(ODD),)]


def test_nan_is_a_problem(empty: Project) -> None:
    rows = [
        (*TO_DATE[0], 5, accession(2), "10-Q", "2024-05-02"),
        (*TO_DATE[1], 4711, accession(3), "10-Q", "2024-08-02"),
    ]
    texts = [
        json.dumps(company(number, {"Revenues": rows})).replace("4711", literal)
        for number, literal in enumerate(("NaN", "Infinity", "-Infinity"), 1)
    ]
    done = ingest_file(empty, write_archive(empty.root, texts))
    assert count_facts(empty) == {1: 1, 2: 1, 3: 1}
    assert {cik: len(problems) for cik, problems in problems_by_cik(done.problems).items()} == {1: 1, 2: 1, 3: 1}


def test_keys_said_twice_are_both_read_and_told(empty: Project) -> None:
    one = json.dumps({"units": {"USD": [GOOD]}})
    two = json.dumps({"units": {"USD": [GOOD | {"val": 2, "end": "2024-06-30", "filed": "2024-08-01"}]}})
    (empty.root / "CIK0000000077.json").write_text(
        f'{{"cik": 77, "entityName": "A", "facts": {{"us-gaap": {{"Revenues": {one}, "Revenues": {two}}}}}}}'
    )
    done = ingest_file(empty, empty.root / "CIK0000000077.json")
    assert (done.added, [problem.code for problem in done.problems]) == (2, ["duplicate_key"])


def test_a_statement_that_contradicts_itself_is_left_out(empty: Project) -> None:
    row = json.dumps(GOOD).replace('"val": 1', '"val": 1, "val": 2')
    (empty.root / "CIK0000000077.json").write_text(
        f'{{"cik": 77, "entityName": "A", "facts": {{"us-gaap": {{"Revenues": {{"units": {{"USD": [{row}]}}}}}}}}}}'
    )
    done = ingest_file(empty, empty.root / "CIK0000000077.json")
    assert (done.added, "differently" in done.problems[0].message) == (0, True)


OTHERS = [
    # what is odd, the text before, the text after, the code of the problem
    ("another cik than the name", '"cik": 77', '"cik": 78', "cik"),
    ("two ciks", '"cik": 77', '"cik": 77, "cik": 78', "cik"),
    ("a cik in digits of another script", '"cik": 77', '"cik": "\u0667\u0667"', "shape"),
]


@pytest.mark.parametrize(("before", "after", "code"), [case[1:] for case in OTHERS], ids=[case[0] for case in OTHERS])
def test_a_file_that_is_of_another_company_is_refused(empty: Project, before: str, after: str, code: str) -> None:
    text = json.dumps(company(77, {"Revenues": [(*TO_DATE[0], 5, accession(2), "10-Q", "2024-05-02")]}))
    assert text.count(before) == 1
    path = empty.root / "CIK0000000077.json"
    path.write_text(text.replace(before, after))
    with pytest.raises(InputError) as refused:
        ingest(empty, [path])
    assert refused.value.problems[0].code == code
    assert len({problem.path for problem in refused.value.problems}) == 1
    assert not (empty.warehouse / "fact").is_dir() or query_project(empty, "select count(*) from fact") == [(0,)]


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
        text = make_file(number, "5")
        assert text.count(before) == 1
        texts.append(text.replace(before, after))
    problems = problems_by_cik(ingest_file(empty, write_archive(empty.root, texts)).problems)
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
    texts = [make_file(number, printed) for number, (printed, _) in enumerate(cases, 1)]
    problems = problems_by_cik(ingest_file(empty, write_archive(empty.root, texts)).problems)
    stored = query_project(empty, "select cast(right(entity, 10) as integer), value from fact order by 1")
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
    good = json.dumps(company(77, {"Revenues": [(*TO_DATE[0], 5, accession(2), "10-Q", "2024-05-02")]}))
    deep = '{"cik": 78, "facts": ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}"
    (empty.root / "CIK0000000078.json").write_text(deep)
    with pytest.raises(InputError, match="is not whole JSON"):
        ingest(empty, [empty.root / "CIK0000000078.json"])
    with zipfile.ZipFile(empty.root / "companyfacts.zip", "w") as archive:
        archive.writestr("CIK0000000078.json", deep)
        archive.writestr("CIK0000000077.json", good)
    done = ingest_file(empty, empty.root / "companyfacts.zip")
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
    content = json.dumps(company(77, {"Revenues": [(*TO_DATE[0], 5, accession(2), "10-Q", "2024-05-02")]}))
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
    text = json.dumps(company(77, {"Revenues": [(*TO_DATE[0], 5, accession(2), "10-Q", "2024-05-02")]}))
    path = empty.root / "CIK0000000077.json"
    path.write_text(text[:cut])
    with pytest.raises(InputError, match="is not whole JSON"):
        ingest(empty, [path])
    packed = empty.root / "CIK0000000078.json.gz"
    packed.write_bytes(gzip.compress(text.encode())[:cut])
    with pytest.raises(InputError, match="cannot be unpacked"):
        ingest(empty, [packed])


def test_cik_as_text_and_null_periods_are_read(empty: Project) -> None:
    content = company(77, {"Revenues": [(*TO_DATE[0], 5, accession(2), "10-Q", "2024-05-02")]})
    content["cik"] = "0000000077"
    content["facts"]["us-gaap"]["Revenues"]["units"]["USD"][0] |= {"fy": None, "fp": None, "form": None}
    path = empty.root / "CIK0000000077.json"
    path.write_text(json.dumps(content))
    done = ingest_file(empty, path)
    assert (done.added, done.problems) == (1, ())


def test_an_archive_is_read_member_by_member(empty: Project) -> None:
    path = empty.root / "companyfacts.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for cik in (7, 8):
            archive.writestr(
                f"CIK{cik:010d}.json",
                json.dumps(company(cik, {"Revenues": [(*TO_DATE[0], 5, accession(cik), "10-Q", "2024-05-02")]})),
            )
        archive.writestr("../evil.json", "{}")
        archive.writestr("CIK0000000009.json", '{"cik": 9, "fac')
        archive.writestr("CIK0000000010.json", " " * 10_000_000)
    done = ingest_file(empty, path)
    assert done.added == 2
    assert sorted(problem.path.rpartition("/")[2] + ": " + problem.code for problem in done.problems) == [
        "CIK0000000009.json: json", "CIK0000000010.json: zip", "evil.json: zip",
    ]  # fmt: skip
    assert query_project(empty, "select entity, cik, name from entity_label where cik is not null order by cik") == [
        ("cik0000000007", 7, "Acme Inc."),
        ("cik0000000008", 8, "Acme Inc."),
    ]


def test_companies_that_file_together_share_a_source(empty: Project) -> None:
    path = empty.root / "companyfacts.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for cik in (7, 8):
            content = company(
                cik, {"Revenues": [(*TO_DATE[0], cik, accession(1), "10-Q", "2024-05-02")]}, name=f"No. {cik}"
            )
            archive.writestr(f"CIK{cik:010d}.json", json.dumps(content))
    assert (ingest_file(empty, path).added, ingest_file(empty, path).added) == (2, 0)
    assert query_project(empty, "select source_id, publisher from source") == [(accession(1), "No. 8")]


def test_no_archive_is_said(empty: Project) -> None:
    (empty.root / "companyfacts.zip").write_bytes(b"PK nonsense")
    with pytest.raises(InputError, match="no readable archive"):
        ingest(empty, [empty.root / "companyfacts.zip"])


# -- when a filing became public ---------------------------------------------------------------------


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
    write_submissions(tmp_path, 7, {accession(1): (filed, accepted)})
    assert beside(tmp_path, 7).known_at(accession(1), filed).isoformat() == known


def test_acceptance_is_universal_time_where_only_that_fits(tmp_path: Path) -> None:
    write_submissions(tmp_path, 7, {accession(n): ("2024-07-31", f"2024-07-31T2{n}:05:00.000Z") for n in (0, 1)})
    assert beside(tmp_path, 7).known_at(accession(1), "2024-07-31").isoformat() == "2024-07-31T21:05:00+00:00"


@pytest.mark.parametrize(
    "accepted", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z", "2024-13-01T00:00:00Z", ""]
)
def test_an_acceptance_that_cannot_be_counts_as_none(tmp_path: Path, accepted: str) -> None:
    write_submissions(tmp_path, 77, {accession(1): ("2024-05-01", accepted)})
    assert beside(tmp_path, 77).known_at(accession(1), "2024-05-01").isoformat() == "2024-05-01T23:59:59+00:00"


def test_the_source_says_how_its_moment_is_known(empty: Project) -> None:
    write_submissions(empty.root, 77, {accession(1): ("2024-05-01", "2024-04-30T18:00:00.000Z")})
    rows = [
        (*TO_DATE[0], 5, accession(1), "10-Q", "2024-05-01"),
        ("2024-04-01", "2024-06-30", 9, accession(2), "10-Q", "2024-08-01"),
    ]
    ingest_file(empty, write_company(empty.root, company(77, {"Revenues": rows})))
    assert query_project(
        empty,
        "select accession, published_basis, cast(published_at as varchar) from source where origin = 'companyfacts' order by 1",
    ) == [
        (accession(1), "accepted", "2024-04-30 22:00:00+00"),
        (accession(2), "filed", "2024-08-01 23:59:59+00"),
    ]
    assert query_project(empty, "select ticker from entity_label where cik = 77") == [("ACM",)]
    assert query_project(empty, "select fiscal_period from quarter_by_concept where value is not null order by 1") == [
        ("2024Q3",),
        ("2024Q4",),
    ]


def test_what_is_read_lies_on_one_heap(empty: Project) -> None:
    """Three heaps side by side, each with what was given back to it, would keep 20 MB more."""
    ingest_file(
        empty,
        write_company(empty.root, company(77, {"Revenues": [(*TO_DATE[0], 5, accession(1), "10-Q", "2024-05-02")]})),
    )
    assert pa.default_memory_pool().backend_name == "system"
