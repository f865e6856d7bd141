"""Filings on their way into the warehouse: what is stored, of which filing, and what people see of it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.company_facts import query_project
from support.filings import accession, company, write_company
from support.inline import CIK, CLOSE, PURE, REALITY, USD, WHOLE, YEAR, context, cover, figure, instance, member, page
from support.project import init_at, worked_out
from tracker.errors import InputError
from tracker.explain.quotation import Filings
from tracker.explain.tree import explain_fact, explain_figure
from tracker.model.entity import Entities, load_entities
from tracker.pipeline.ingest import find_source, ingest
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource
from tracker.sources.sec.filing_place import read_accession
from tracker.sources.sec.submissions import day_end

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.model.batch import Batch
    from tracker.pipeline.ingestion import Ingestion
    from tracker.project import Project

NAME = "acme-20241231.htm"
RESOURCES = WHOLE + CLOSE + REALITY + USD + PURE


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return init_at(tmp_path / "p", [])


@pytest.fixture
def store(project: Project) -> Callable[..., Ingestion]:
    """Write a document into a folder beside the project, ingest it, and return the result."""

    def write(text: str, name: str = NAME, **options: object) -> Ingestion:
        path = project.root.parent / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        (done,) = ingest(project, [path], **options)  # type: ignore[arg-type]
        return done

    return write


def rows(project: Project, columns: str, view: str = "fact", where: str = "true") -> list[tuple[object, ...]]:
    return query_project(project, f"select {columns} from {view} where {where} order by all")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Batch]:
    """Write a document, and read it as one batch that is not stored."""

    def write(text: str, name: str = NAME, entities: Entities | None = None, **options: Any) -> Batch:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        request = Request(path, name, entities or Entities({}), **options)
        (batch,) = FilingSource().read(request)
        return batch

    return write


def facts(batch: Batch, *names: str) -> list[tuple[object, ...]]:
    """The facts of a batch in the order of the document, each with these columns."""
    return [tuple(row[name] for name in names) for row in batch.facts.to_pylist()]


# -- what is read ----------------------------------------------------------------------------------------


def test_a_fact_keeps_what_is_printed_and_where(read: Callable[..., Batch]) -> None:
    text = page(f"<p>Revenue {figure('37,256')}</p>")
    batch = read(text, accession="0000000009-25-000001", published=date(2025, 1, 30))
    columns = ("entity", "concept", "dimensions", "value", "decimals", "unit", "quote", "element", "form", "accession")
    assert facts(batch, *columns) == [
        ("cik0000000009", "us-gaap:Revenues", None, Decimal(37_256_000_000), -6, "USD", "37,256", "f1", "10-K",
         "0000000009-25-000001")
    ]  # fmt: skip
    (source,) = batch.rows["source"].to_pylist()
    told = [source[name] for name in ("kind", "publisher", "title", "published_basis")]
    assert told == ["filing", "Acme Inc.", "10-K for the period to 2024-12-31", "stated"]
    (entity,) = batch.rows["entity"].to_pylist()
    assert (entity["name"], entity["cik"], entity["fiscal_year_end_month"]) == ("Acme Inc.", 9, 12)


@pytest.mark.parametrize(
    ("printed", "month"),
    [("--12-31", 12), ("12-31", 12), ("1/25", 1), ("December 31", 12), ("31 March", 3), ("?", None)],
)
def test_the_fiscal_year_closes_as_the_cover_page_says(
    read: Callable[..., Batch], printed: str, month: int | None
) -> None:
    (entity,) = read(page(figure("5")).replace("--12-31", printed)).rows["entity"].to_pylist()
    assert entity["fiscal_year_end_month"] == month


def test_an_amendment_is_one(read: Callable[..., Batch]) -> None:
    assert facts(read(page(figure("5")).replace(cover(), cover(amendment="true"))), "form") == [("10-K/A",)]


def test_a_fact_that_is_nil_has_no_value(read: Callable[..., Batch]) -> None:
    assert facts(read(page(figure("", more='xsi:nil="true"'))), "value", "quote") == [(None, "")]


def test_an_instance_goes_the_same_way(read: Callable[..., Batch]) -> None:
    fact = '<us-gaap:Revenues contextRef="y" unitRef="usd" decimals="-6" id="x">5000000</us-gaap:Revenues>'
    batch = read(instance(fact), "acme-20241231.xml")
    assert facts(batch, "concept", "quote", "element", "form") == [("us-gaap:Revenues", "5000000", "x", "10-K")]


def test_a_company_of_europe_is_known_by_its_lei(read: Callable[..., Batch], tmp_path: Path) -> None:
    lei = "529900T8BM49AURSDO55"
    (tmp_path / "entities.toml").write_text(f'[euro]\nname = "Euro SE"\nlei = "{lei}"\n')
    entities, _ = load_entities(tmp_path / "entities.toml")
    ifrs = 'xmlns:ifrs-full="https://xbrl.ifrs.org/taxonomy/2023-03-23/ifrs-full"'
    for identifier, entity in ((lei, "euro"), ("529900AAAAAAAAAAAA11", "lei529900aaaaaaaaaaaa11")):
        resources = context("y", company=("http://standards.iso.org/iso/17442", identifier))
        body = figure("1.234,5", "ifrs-full:Revenue", kind="ixt:num-comma-decimal")
        text = page(body, resources + USD.replace("iso4217:USD", "iso4217:EUR")).replace("<html ", f"<html {ifrs} ")
        found = facts(read(text, "euro.xhtml", entities), "entity", "concept", "unit", "value")
        assert found == [(entity, "ifrs-full:Revenue", "EUR", Decimal(1_234_500_000))]


def test_contexts_of_other_companies_are_theirs(read: Callable[..., Batch]) -> None:
    other = context("o", company=(CIK[0], "0000000010"))
    third = context("t", company=("http://www.companieshouse.gov.uk/", "01234567"))
    body = figure("5") + figure("6", key="o", element="f2") + figure("7", key="t", element="f3")
    assert facts(read(page(body, RESOURCES + other + third)), "entity", "value") == [
        ("cik0000000009", Decimal(5_000_000)),
        ("cik0000000010", Decimal(6_000_000)),
        ("companieshouse-gov-uk-01234567", Decimal(7_000_000)),
    ]


def test_complete_duplicates_are_stored_once(read: Callable[..., Batch]) -> None:
    batch = read(page(f"<p>{figure('7')}</p><p>{figure('7', element='f2')}</p>", hidden=figure("7", element="f0")))
    assert (facts(batch, "element"), batch.problems) == ([("f1",)], ())


def test_inconsistent_duplicates_are_a_problem(read: Callable[..., Batch]) -> None:
    (problem,) = read(page(figure("7") + figure("9", element="f2"))).problems
    assert (problem.code, "7,000,000 (f1), 9,000,000 (f2)" in problem.message) == ("inconsistent", True)


def test_an_exhibit_finds_the_contexts_beside_it(read: Callable[..., Batch]) -> None:
    exhibit = page(figure("2", "us-gaap:NetIncomeLoss"), "").replace(cover(), "")
    read(page(figure("5")), "set/main.htm")
    found = read(exhibit, "set/exhibit.htm")
    assert (facts(found, "form"), found.problems) == ([("10-K",)], ())
    alone = read(exhibit, "alone/exhibit.htm")
    assert (alone.facts.num_rows, [problem.code for problem in alone.problems]) == (0, ["unresolved"])
    read(page(figure("5")).replace("acme-20241231.xsd", "other.xsd"), "else/main.htm")
    assert read(exhibit, "else/exhibit.htm").facts.num_rows == 0


def test_facts_that_cannot_be_stored_are_problems(read: Callable[..., Batch]) -> None:
    forever = "<xbrli:period><xbrli:forever/></xbrli:period></xbrli:context>"
    endless = context("z").partition("<xbrli:period>")[0] + forever
    body = (
        figure("0.1234567", scale="0", decimals="7")
        + figure("5", key="z", element="f2")
        + figure("5", key="nowhere", element="f3")
        + figure("5", money="nothing", element="f4")
        + figure("5", money="low", element="f5")
    )
    low = USD.replace('id="usd"', 'id="low"').replace("iso4217:USD", "acme:usd")
    batch = read(page(body, RESOURCES + endless + low))
    codes = sorted(problem.code for problem in batch.problems)
    assert (facts(batch, "unit"), codes) == ([("acme:usd",)], ["number", "period", "unresolved", "unresolved"])


# -- which filing it is, without a warehouse ---------------------------------------------------------------


@pytest.mark.parametrize("changes", [{}, {"primaryDocument": "other.htm"}, {"reportDate": ""}])
def test_the_list_of_filings_tells_which_one_it_is(
    read: Callable[..., Batch], tmp_path: Path, changes: dict[str, object]
) -> None:
    write_list(tmp_path, **changes)
    batch = read(page(figure("5")))
    assert facts(batch, "accession", "known_at") == [
        ("0000000009-25-000011", datetime(2025, 1, 29, 23, 4, 25, tzinfo=UTC))
    ]
    assert batch.note == ""


def test_a_list_of_other_filings_tells_nothing(read: Callable[..., Batch], tmp_path: Path) -> None:
    write_list(tmp_path, primaryDocument="other.htm", form="10-Q")
    batch = read(page(figure("5")))
    assert facts(batch, "accession", "known_at") == [(None, None)]
    assert "--accession" in batch.note


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("acme-10-k-2025-01-30.htm", date(2025, 1, 30)),
        ("2025-01-30-acme.htm", date(2025, 1, 30)),
        ("acme_20250130.htm.gz", date(2025, 1, 30)),
        ("acme-20241231.htm", None),
        ("acme-2019-01-30.htm", None),
        ("acme-10-k-2025-99-30.htm", None),
    ],
)
def test_a_day_in_the_name_counts(read: Callable[..., Batch], name: str, day: date | None) -> None:
    assert facts(read(page(figure("5")), name), "known_at") == [(day and day_end(day),)]


# -- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.htm.gz", "<html><body>News</body></html>", "has no inline XBRL"),
        ("a.xml", "<?xml version='1.0'?><feed/>", "is no XBRL instance"),
        ("a.htm", page(figure("5"))[:-30], "is no whole XML document"),
        ("a.xml", "", "is no XBRL instance"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_a_problem(
    read: Callable[..., Batch], name: str, text: str, what: str
) -> None:
    with pytest.raises(InputError, match=what):
        read(text, name)


def test_a_damaged_packed_file_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.htm.gz"
    path.write_bytes(gzip.compress(page(figure("5")).encode())[:-10])
    with pytest.raises(InputError, match="cannot be unpacked"):
        next(FilingSource().read(Request(path, path.name, Entities({}))))


# -- what is stored --------------------------------------------------------------------------------------


def test_what_a_project_stores_of_a_filing(project: Project, store: Callable[..., Ingestion]) -> None:
    """Parts, duplicates and the same document again, in one warehouse."""
    body = (
        figure("7") + figure("2", key="s", element="f2")
        + figure("1,234", "us-gaap:NetIncomeLoss", element="f3")
        + figure("1.2", "us-gaap:NetIncomeLoss", scale="9", decimals="-8", element="f4")
        + figure("7", "us-gaap:OperatingIncomeLoss", element="f5")
        + figure("9", "us-gaap:OperatingIncomeLoss", element="f6")
    )  # fmt: skip
    text = page(body)
    assert store(text, accession=FILED, published=date(2025, 1, 30)).added == 6
    assert (store(text, accession=FILED, published=date(2025, 1, 30)).added, store(text, "x.htm.gz").withdrawn) == (
        0,
        6,
    )
    assert rows(project, "dimensions, fiscal_period, cast(value as bigint)", "segment_statement") == [
        ("us-gaap:StatementBusinessSegmentsAxis=acme:RocketsMember", "FY2024", 2_000_000)
    ]
    figures = rows(project, "metric, cast(value as bigint), cast(low as bigint)", "annual", "value is not null")
    assert figures == [("net_income", 1_234_000_000, 1_233_500_000), ("revenue", 7_000_000, 6_500_000)]


def test_documents_of_a_folder_share_contexts(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "0000000009-25-000007"
    folder.mkdir()
    (folder / "main.htm").write_text(page(figure("5")))
    (folder / "exhibit.htm").write_text(page(figure("2", "us-gaap:NetIncomeLoss"), "").replace(cover(), ""))
    (done,) = ingest(project, [folder])
    assert (done.added, done.problems) == (2, ())
    assert rows(project, "distinct accession, form") == [("0000000009-25-000007", "10-K")]


def test_no_view_of_the_whole_company_shows_a_part(project: Project, store: Callable[..., Ingestion]) -> None:
    part = figure("2", key="s", element="f2")
    scenario = context("plan", scenario=member("us-gaap:StatementScenarioAxis", "acme:PlanMember"))
    region = context("own", inside="<acme:Region>North</acme:Region>")
    planned = figure("9", key="plan", element="f3") + figure("8", key="own", element="f4")
    store(page(part + planned, RESOURCES + scenario + region))
    with worked_out(project.warehouse) as warehouse:

        def ask(query: str) -> list[tuple[Any, ...]]:
            return warehouse.sql(query).fetchall()

        parts = {row[0] for row in ask("select fact_id from segment_statement")}
        assert len(parts) == 3
        for name in ("fact_known", "statement", "version", "flow", "choice", "figure", "annual", "growth", "wide"):
            assert ask(f"select 1 from {name}") == [], name
        for (name,) in ask("select distinct table_name from information_schema.columns where column_name = 'fact_id'"):
            if "segment" not in name and name != "fact":  # whatever is added later
                assert parts.isdisjoint(row[0] for row in ask(f"select fact_id from {name}")), name


# -- two witnesses ---------------------------------------------------------------------------------------

FILED = accession(3)


def store_company_facts(project: Project, value: int, number: str = FILED, filed: str = "2025-01-30") -> None:
    content = company(9, {"Revenues": [(*YEAR, value, number, "10-K", filed)]})
    folder = project.root.parent / number
    folder.mkdir(exist_ok=True)
    ingest(project, [write_company(folder, content)])


@pytest.mark.parametrize(("is_first", "number"), [(True, FILED), (False, None)])
def test_a_document_and_company_facts_are_witnesses_of_one_statement(
    project: Project, store: Callable[..., Ingestion], *, is_first: bool, number: str | None
) -> None:
    if is_first:
        store_company_facts(project, 37_250_000_000)
    store(page(figure("37,250")), accession=number)
    if not is_first:
        store_company_facts(project, 37_250_000_000)
    (found,) = rows(
        project,
        "version_no, statements, decimals, cast(first_known_at as varchar), source_id like 'filing-%'",
        "version",
    )
    assert found == (1, 1, -6, "2025-01-30 23:59:59+00", False)
    assert rows(project, "1", "restatement") == []
    (operand,) = rows(project, "s.quote, s.decimals", "version v join statement s on s.fact_id = v.fact_id")
    assert operand == ("37,250", -6)


def test_the_printed_digits_replace_the_guess(project: Project, store: Callable[..., Ingestion]) -> None:
    store_company_facts(project, 37_256_123_000)
    bounds = "cast(low as bigint), cast(high as bigint)"
    assert rows(project, bounds, "annual", "metric = 'revenue'") == [(37_256_122_500, 37_256_123_500)]
    store(page(figure("37,256.123", decimals="-6")), accession=FILED)
    assert rows(project, bounds, "annual", "metric = 'revenue'") == [(37_255_623_000, 37_256_623_000)]


def test_another_value_is_another_version(project: Project, store: Callable[..., Ingestion]) -> None:
    store_company_facts(project, 36_000_000_000)
    store(page(figure("37,256")), accession=accession(4), published=date(2026, 1, 30))
    assert rows(project, "version_no, cast(value as bigint)", "version") == [
        (1, 36_000_000_000),
        (2, 37_256_000_000),
    ]


# -- which filing it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0000320193-25-000057", "0000320193-25-000057"),
        ("000032019325000057", "0000320193-25-000057"),
        ("x_0000320193-25-000057.htm", "0000320193-25-000057"),
        ("aapl-20250329.htm", None),
        ("0000320193-25-000057 0000320193-25-000058", None),
        ("20250329", None),
    ],
)
def test_an_accession_number_is_read_from_a_name(text: str, number: str | None) -> None:
    assert read_accession(text) == number


def write_list(folder: Path, **changes: object) -> None:
    filing = {
        "accessionNumber": "0000000009-25-000011", "form": "10-K", "filingDate": "2025-01-30",
        "acceptanceDateTime": "2025-01-29T18:04:25.000Z", "reportDate": "2024-12-31", "primaryDocument": NAME, "isXBRL": 1,
    } | changes  # fmt: skip
    recent = {name: [value] for name, value in filing.items()}
    text = json.dumps({"cik": "9", "name": "Acme", "filings": {"recent": recent, "files": []}})
    (folder / "submissions-CIK0000000009.json").write_text(text)


def test_stored_company_facts_tell_which_filing_it_is(project: Project, store: Callable[..., Ingestion]) -> None:
    concepts = {f"Thing{n}": [(*YEAR, n * 1_000_000, FILED, "10-K", "2025-01-30")] for n in range(1, 31)}
    for n in range(1, 21):  # the report of the year after repeats some
        concepts[f"Thing{n}"].append((*YEAR, n * 1_000_000, accession(9), "10-K", "2026-01-30"))
    ingest(project, [write_company(project.root.parent, company(9, concepts))])
    body = "".join(figure(str(n), f"us-gaap:Thing{n}", element=f"f{n}") for n in range(1, 31))
    done = store(page(body))
    assert done.notes == ()
    assert rows(project, "distinct accession, cast(known_at as varchar)", where="quote is not null") == [
        (FILED, "2025-01-30 23:59:59+00")
    ]


def test_an_undated_document_is_read_again_once_its_filing_is_known(
    project: Project, store: Callable[..., Ingestion]
) -> None:
    text = page(figure("5"))
    store(text)
    done = store(text, accession=FILED)
    assert (done.added, done.withdrawn) == (1, 1)
    assert rows(project, "accession", "fact_known") == [(FILED,)]


@pytest.mark.parametrize(
    ("name", "text", "reader"),
    [
        ("a.htm", "<html><body>News of 2024</body></html>", "article"),
        ("a.htm", page(figure("5")), "filing"),
        ("a.xhtml", page(figure("5")), "filing"),
        ("a.xml", instance(""), "filing"),
        ("a.txt", page(figure("5")), "article"),
    ],
)
def test_the_reader_of_a_file_is_found(tmp_path: Path, name: str, text: str, reader: str) -> None:
    (tmp_path / name).write_text(text)
    assert find_source(tmp_path / name, None).name == reader


def test_an_explanation_shows_the_figure_where_it_stands(project: Project, store: Callable[..., Ingestion]) -> None:
    store_company_facts(project, 1_250_000_000)
    text = page(
        f"<p>Revenue was {figure('1,250')} million</p><p>of which rockets {figure('400', key='s', element='f2')}</p>"
    )
    store(text, "p/acme.htm", accession=FILED)
    quote = Filings(project.root).quote
    with worked_out(project.warehouse) as warehouse:
        lines = list(explain_figure(warehouse, "cik0000000009", "revenue", "FY2024", quote).lines())
        ((part,),) = warehouse.sql("select lower(hex(fact_id)) from segment_statement").fetchall()
        of_part = list(explain_fact(warehouse, part, quote).lines())
    told = "\n".join(lines)
    assert "“1,250”" in told
    assert "“Revenue was 1,250 million”" in told
    assert "also stated: 1,250,000,000 USD us-gaap:Revenues" in told
    assert "us-gaap:StatementBusinessSegmentsAxis=acme:RocketsMember" in of_part[0]
    assert "“of which rockets 400”" in of_part[1]
    (project.root / "acme.htm").write_text(text.replace("1,250", "1,999"))
    with worked_out(project.warehouse) as warehouse:
        lines = list(
            explain_figure(warehouse, "cik0000000009", "revenue", "FY2024", Filings(project.root).quote).lines()
        )
    assert any("is not the file that was read" in line for line in lines)
