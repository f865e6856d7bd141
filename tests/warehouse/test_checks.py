"""Audits: each finds what it is for and nothing on sound data; checks of one's own are read strictly."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.project import fact_line, init_at, made_once, small_project, write_facts
from support.running import tracker_text
from tracker.errors import InputError, NothingMatchedError
from tracker.model.batch import Batch
from tracker.model.fact import Fact, rows_table, to_table
from tracker.model.schema import TABLES
from tracker.pipeline.build import build
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.warehouse.checks import SEVERITIES, STATES, load_checks, run_checks
from tracker.warehouse.query_names import mentioned
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "-- mine: nothing is as I fear\n-- severity: blocking\n-- message: {entity} has {value}\n-- remedy: look\n"

#: A sound figure of a filing, to be made unsound in one respect.
SOUND: dict[str, Any] = {
    "entity": "acme", "concept": "us-gaap:Revenues", "metric": None, "kind": "actual",
    "period_start": datetime(2024, 1, 1, tzinfo=UTC).date(), "period_end": datetime(2024, 3, 31, tzinfo=UTC).date(),
    "value": Decimal(5_000_000), "low": None, "high": None, "unit": "USD", "decimals": -3, "qualifier": "exact",
    "source_id": "f1", "accession": "0000000009-24-000001", "form": "10-Q", "language": None, "span_start": None,
    "span_end": None, "quote": None, "method": "reported", "confidence": 1.0,
    "known_at": datetime(2024, 5, 1, tzinfo=UTC), "retracts": None,
}  # fmt: skip
INSTANT = {"period_start": None}
EXTRACTED = {
    "method": "extracted", "concept": "stated:revenue", "metric": "revenue", "accession": None, "form": None,
    "span_start": 3, "span_end": 5, "quote": "5m",
}  # fmt: skip


def day(text: str) -> Any:
    return datetime.fromisoformat(text).date()


def quarter(period_start: str, period_end: str, value: int, **more: Any) -> dict[str, Any]:
    return {"period_start": day(period_start), "period_end": day(period_end), "value": Decimal(value), **more}


QUARTERS = [
    ("2023-01-01", "2023-03-31"), ("2023-04-01", "2023-06-30"), ("2023-07-01", "2023-09-30"),
    ("2023-10-01", "2023-12-31"), ("2024-01-01", "2024-03-31"),
]  # fmt: skip


def series(*values: int, **more: Any) -> list[dict[str, Any]]:
    """Quarters in a row, each reported by a filing of its own."""
    return [
        quarter(*span, value, source_id=f"s{n}", accession=f"0000000009-24-00001{n}", **more)
        for n, (span, value) in enumerate(zip(QUARTERS, values, strict=False))
    ]


SALES = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
#: A company that reported a quarter under one tag.
SWITCHED = [quarter(*QUARTERS[0], 5_000_000, source_id="s0", accession="0000000009-24-000010")]

#: What was paid for property in a quarter.
BOUGHT = [
    quarter(*QUARTERS[0], 9_000, concept="us-gaap:PaymentsToAcquirePropertyPlantAndEquipment", source_id="s0",
            accession="0000000009-24-000010"),
]  # fmt: skip
PRINTED = {"quote": "5", "span_start": 3, "span_end": 4}
DECLARED = {
    "concept": "us-gaap:CommonStockDividendsPerShareDeclared", "unit": "USD/shares", "value": Decimal("0.1"),
    "known_at": datetime(2024, 3, 30, tzinfo=UTC),
}  # fmt: skip
TAKEN_UP = "us-gaap:ProceedsFromIssuanceOfLongTermDebt"

CASES: list[tuple[str, str, list[dict[str, Any]], str]] = [
    # check, state, facts, part of the message
    ("period_order", "failed", [{"period_start": day("2024-04-01")}], "2024-04-01 to 2024-03-31"),
    ("range_order", "failed", [{"kind": "guidance", "value": None, "low": Decimal(9), "high": Decimal(8)}], "from 9 to 8"),
    ("unit_measure", "failed", [{"concept": "us-gaap:EarningsPerShareDiluted"}], "no unit of a per_share figure"),
    ("unit_measure", "failed", [{"unit": "USD/shares"}], "no unit of a money figure"),
    ("unit_measure", "failed", [{"concept": "us-gaap:WeightedAverageNumberOfDilutedSharesOutstanding"}], "count figure"),
    ("evidence", "failed", [EXTRACTED | {"quote": None}], "has no quote"),
    ("evidence", "failed", [EXTRACTED | {"span_start": None}], "has no span"),
    ("evidence", "failed", [EXTRACTED | {"span_end": 3}], "has no span"),
    ("accession", "failed", [{"accession": None}], "f1 without its accession number: 1"),
    ("accession", "warn", [{"accession": None, "method": "curated"}], "f1 without"),
    ("accession", "warn", [PRINTED | {"accession": None}], "f1 without"),
    ("known_before_end", "info", [DECLARED], "known already on 2024-03-30"),
    ("known_before_end", "failed", [{"known_at": datetime(2024, 3, 30, tzinfo=UTC)}], "known already on 2024-03-30"),
    ("known_before_end", "info", [{"concept": "us-gaap:X", "known_at": datetime(2024, 3, 30, tzinfo=UTC)}], "us-gaap:X"),
    ("duplicate_statement", "failed", [{}, {"value": Decimal(5_001_000)}], "as 5,000,000 and as 5,001,000 USD"),
    ("disputed_print", "warn", [PRINTED, PRINTED | {"value": Decimal(5_002_000), "span_start": 9}], "as 5,002,000 (element none, printed as 5)"),
    (
        "contradicting_claims", "warn",
        [EXTRACTED | {"quote": "5m", "decimals": -6},
         EXTRACTED | {"quote": "7m", "value": Decimal(7_000_000), "decimals": -6, "span_start": 30, "span_end": 32}],
        "both 5m and 7m of revenue 2024Q1",
    ),
    (
        "balance_sheet", "failed",
        [INSTANT | {"concept": "us-gaap:Assets"},
         INSTANT | {"concept": "us-gaap:LiabilitiesAndStockholdersEquity", "value": Decimal(5_002_000)}],
        "assets of 5,000,000 and liabilities and equity of 5,002,000",
    ),
    (
        "balance_parts", "warn",
        [INSTANT | {"concept": "ifrs-full:Assets"}, INSTANT | {"concept": "ifrs-full:Liabilities", "value": Decimal(3_000_000)},
         INSTANT | {"concept": "ifrs-full:Equity", "value": Decimal(1_000_000)}],
        "adding up to 4,000,000",
    ),
    (
        "cash_flow", "warn",
        [{"concept": f"us-gaap:NetCashProvidedByUsedIn{name}Activities"} for name in ("Operating", "Investing", "Financing")]
        + [{"concept": "us-gaap:CashAndCashEquivalentsPeriodIncreaseDecrease"}],
        "add up to 15,000,000 and cash changed by 5,000,000",
    ),
    ("scale_error", "failed", series(50_000, 51_000, 52_000, 53_000, 54_000_000), "54,000,000 USD, 1019 times that of 2023-12-31"),
    ("scale_error", "failed", series(50_000, 51_000, 52_000_000, 53_000, 54_000), "52,000,000 USD"),
    ("scale_error", "failed", series(50_000_000, 51_000, 50_000_000, 53_000_000), "51,000 USD"),
    ("scale_error", "failed", series(50_000, 51_000, -52_000_000, concept="us-gaap:NetIncomeLoss"), "-52,000,000 USD"),
    ("scale_disagreement", "warn", [{}, {"source_id": "f2", "value": Decimal(5_000)}], "5,000 USD in f2 and 5,000,000 in f1"),
    ("doubted_figure", "warn", [*BOUGHT, {**BOUGHT[0], "value": Decimal(-9_000), "source_id": "s1", "accession": "0000000009-24-000011"}],
     "-9,000 USD: stated above"),
    ("doubted_figure", "warn", [{**BOUGHT[0], "value": Decimal(-9_000)}], "-9,000 USD: below zero, which it cannot be"),
    ("impossible_jump", "warn", series(50_000, 51_000, 8_000_000, 53_000), "8,000,000 USD, against 50,000 to 53,000"),
    ("quarters_of_year", "warn", [
        *series(1_000_000, 2_000_000, 3_000_000, 4_000_000),
        quarter("2023-01-01", "2023-12-31", 10_100_000, source_id="y", form="10-K"),
    ], "FY2023 is 10,100,000 USD, and its 4 quarters as reported add up to 10,000,000"),
    ("one_unit", "warn", [*series(1_000, 2_000), quarter(*QUARTERS[2], 3_000, unit="EUR")], "in USD until 2023-06-30 and in EUR"),
    ("tags_disagree", "warn", [{}, {"concept": "us-gaap:SalesRevenueNet", "value": Decimal(7_000_000)}], "7,000,000 under"),
    ("parts_disagree", "warn", [
        {"concept": "us-gaap:PaymentsToAcquireProductiveAssets"},
        EXTRACTED | {"concept": "stated:capex", "metric": "capex", "value": Decimal(7_000_000), "decimals": -6},
    ], "5,000,000 USD from its parts and 7,000,000"),
    ("growth_base", "info", [
        *SWITCHED,
        quarter(*QUARTERS[4], 6_000_000, concept=SALES, source_id="s4", accession="0000000009-24-000014"),
        quarter(*QUARTERS[0], 4_500_000, concept=SALES, source_id="s4", accession="0000000009-24-000014"),
    ], f"4,500,000 USD for 2023Q1 ({SALES}), where 5,000,000 is shown"),
    ("growth_refused", "info", [
        *SWITCHED, quarter(*QUARTERS[4], 6_000_000, concept=SALES, source_id="s4", accession="0000000009-24-000014"),
    ], "2024Q1 has no growth rate: 2023Q1 is known under us-gaap:Revenues only"),
    ("claims_disagree", "info", [{}, EXTRACTED | {"value": Decimal(7_000_000), "decimals": -6}], "a text says 7,000,000"),
]  # fmt: skip


SOUND_CASES: list[tuple[str, list[dict[str, Any]]]] = [
    ("duplicate_statement", [{"value": Decimal(5_000_400)}, {"decimals": -3}]),  # one figure, printed twice
    ("duplicate_statement", [{}, {"source_id": "f2", "value": Decimal(5_001_000)}]),  # a restatement is no duplicate
    ("disputed_print", [PRINTED, PRINTED | {"value": Decimal(5_001_000), "span_start": 9}]),  # both may be 5,000,500
    ("range_order", [{"kind": "guidance", "value": None, "low": Decimal(9), "high": Decimal(9)}]),
    ("unit_measure", [{"kind": "guidance", "unit": "ratio"}]),  # growth that is promised
    ("unit_measure", [{"concept": "us-gaap:EarningsPerShareDiluted", "unit": "EUR/shares"}]),
    ("known_before_end", [{"known_at": datetime(2024, 3, 31, tzinfo=UTC)}]),
    ("known_before_end", [{"kind": "guidance", "known_at": datetime(2023, 3, 31, tzinfo=UTC)}]),
    ("balance_sheet", [INSTANT | {"concept": "us-gaap:Assets"}]),
    ("balance_parts", [
        INSTANT | {"concept": "us-gaap:Assets"}, INSTANT | {"concept": "us-gaap:Liabilities", "value": Decimal(3_000_000)},
        INSTANT | {"concept": "us-gaap:StockholdersEquity", "value": Decimal(1_900_000)},
        INSTANT | {"concept": "us-gaap:TemporaryEquityCarryingAmountAttributableToParent", "value": Decimal(100_000)},
    ]),
    ("scale_error", series(1_000, 2_000, 4_000, 8_000, 16_000)),  # growth
    ("scale_error", series(50_000, 51_000, 52_000_000, concept=TAKEN_UP)),  # comes and goes
    ("impossible_jump", series(50_000, 51_000, 8_000_000, 53_000, concept=TAKEN_UP)),
    ("scale_error", series(50_000, 60, 52_000, 53_000, 54_000, concept="us-gaap:NetIncomeLoss")),  # nearly a loss
    ("scale_error", series(50_000, 50_000_000)),  # one neighbour tells nothing
    ("impossible_jump", series(50_000, 51_000, -100, 53_000, concept="us-gaap:NetIncomeLoss")),
    ("scale_disagreement", [{}, {"source_id": "f2", "value": Decimal(6_000_000)}]),
    ("quarters_of_year", [
        *series(1_000_400, 2_000_400, 3_000_400, 4_000_400),
        quarter("2023-01-01", "2023-12-31", 10_002_000, source_id="y", form="10-K"),
    ]),  # within the rounding of five figures
    ("doubted_figure", BOUGHT),
    ("doubted_figure", series(-9_000, 8_000, concept="us-gaap:NetIncomeLoss")),
    ("evidence", [EXTRACTED]),
    ("claims_disagree", [{}, EXTRACTED | {"value": Decimal(5_200_000), "decimals": -6}]),
]  # fmt: skip


#: What filers tagged as units in the first years of XBRL, and a figure of years later.
OLD = [*series(50_000, 51_000, 52_000_000, 53_000), quarter("2026-07-01", "2026-09-30", 55_000, source_id="late")]
NOBODY = "nobody"  # the source of a company that is not among the sources


def cases() -> dict[str, list[dict[str, Any]]]:
    """The figures of each case, by the company that has them."""
    return {
        **{f"found{n}": facts for n, (_, _, facts, _) in enumerate(CASES)},
        **{f"sound{n}": facts for n, (_, facts) in enumerate(SOUND_CASES)},
        "old": OLD,
        "alien": [{"source_id": NOBODY}],
    }


def store(folder: Path) -> None:
    """A warehouse of these figures, put there past every gate; each is SOUND but for what it names."""
    told = cases()
    project = init_at(folder, list(told))
    ingest(project, [project.seeds])
    table = to_table(Fact(**{**SOUND, **fact, "entity": entity}) for entity, facts in told.items() for fact in facts)
    ids = sorted(set(table.column("source_id").to_pylist()) - {NOBODY})
    rows = [(name, "filing", *[None] * (len(TABLES["source"]) - 3)) for name in ids]
    with Writer(project.warehouse) as writer:
        writer.commit(Batch(table, {"source": rows_table("source", rows)}))


Told = dict[tuple[str, str | None], list[tuple[str, str]]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """States and messages of what the built-in checks find, by check and company; none where a check passes."""
    with Warehouse(made_once(tmp_path_factory, "audit-cases", store) / "warehouse") as warehouse:
        findings = run_checks(warehouse, load_checks(), None)
    found: Told = {}
    for one in findings:
        if one.state != "pass":
            found.setdefault((one.check, one.entity), []).append((one.state, one.message))
    assert not [key for key in found if key[1] not in cases()], "each speaks of a company"
    return found


@pytest.mark.parametrize(
    ("name", "state", "facts", "part"), CASES, ids=[f"{n}-{c[0]}-{c[1]}" for n, c in enumerate(CASES)]
)
def test_each_check_finds_what_it_is_for(
    told: Told, name: str, state: str, facts: list[dict[str, Any]], part: str
) -> None:
    found = told.get((name, f"found{CASES.index((name, state, facts, part))}"), [])
    assert [said for said, _ in found] == [state], found
    assert part in found[0][1]


@pytest.mark.parametrize(("name", "facts"), SOUND_CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(SOUND_CASES)])
def test_no_check_cries_over_sound_data(told: Told, name: str, facts: list[dict[str, Any]]) -> None:
    assert told.get((name, f"sound{SOUND_CASES.index((name, facts))}"), []) == []


def test_a_source_nobody_knows(told: Told) -> None:
    assert {key: said for key, said in told.items() if key[0] == "source_known"} == {
        ("source_known", "alien"): [("failed", "statements that name the unknown source nobody: 1")]
    }


def test_an_old_error_of_scale_is_only_warned_of(told: Told) -> None:
    """Filers tagged thousands as units in the first years of XBRL; what shows is the last two years."""
    assert [state for state, _ in told["scale_error", "old"]] == ["warn"]


def test_every_check_has_its_case() -> None:
    assert {check.name for check in load_checks()} == {case[0] for case in CASES} | {
        *("source_known", "undated_article"),
        "one_company",  # in test_identity
        "disputed_segment",  # in test_disputed
        "segments_of_whole",  # in test_segments
    }


# -- the seeds and real filers -----------------------------------------------------------------------


def test_the_seeds_hold_but_for_one_accession_number(project: Project) -> None:
    checked = check(project, as_of="2026-05-01")
    told = [(f.check, f.state, f.entity) for f in checked.findings if f.state not in {"pass", "unknown"}]
    assert told == [("accession", "warn", "tesla")]
    assert checked.exit_code == 0


@pytest.mark.parametrize("megabytes", [120, 24])
def test_checks_find_the_same_with_little_memory(
    project: Project, monkeypatch: pytest.MonkeyPatch, megabytes: int
) -> None:
    """What has no room is put onto disk, or all memory is used; the engine has all its memory again afterwards."""
    with Warehouse(project.warehouse) as warehouse:
        limit = "select current_setting('memory_limit')"
        (before,) = warehouse.sql(limit).fetchall()
        found = check(project, as_of="2026-05-01")
        monkeypatch.setattr("tracker.pipeline.check._MEMORY", megabytes)
        assert check(project, as_of="2026-05-01") == found
        assert warehouse.sql(limit).fetchall() == [before]


def test_real_filers_hold_but_for_what_they_filed(filers: Project) -> None:
    """NVIDIA filed its share counts of 2009-2011 in thousands as units, and names five periods that had not ended.

    It restated half of fiscal 2016 by 2 million. Apple filed the shares it had in March 2014 in thousands as units; its
    two tags for operating cash flow and for dividends differ by excess tax benefits and dividend equivalents. Growth is
    refused where splits and restatements left the year before as it was. NVIDIA filed taxes paid of two years with both
    signs.
    """
    findings = check(filers, as_of="2026-05-21").findings
    told = {(f.check, f.state, f.entity) for f in findings if f.check != "freshness" and f.state != "pass"}
    apple, nvidia, snowflake = (f"cik{cik:010d}" for cik in (320193, 1045810, 1640147))
    assert told == {
        *(("growth_refused", "info", entity) for entity in (apple, nvidia, snowflake, "cik0001997711")),
        *(("impossible_jump", "warn", entity) for entity in (apple, nvidia)),
        *(("quarters_of_year", "warn", entity) for entity in (apple, nvidia)),
        *(("scale_disagreement", "warn", entity) for entity in (apple, nvidia)),
        ("known_before_end", "info", nvidia),
        ("doubted_figure", "warn", nvidia),
        ("growth_base", "info", apple),
        ("scale_error", "warn", apple),
        ("tags_disagree", "warn", apple),
    }


# -- checks of one's own -----------------------------------------------------------------------------


def own(project: Project, text: str, name: str = "mine") -> None:
    (project.root / "checks").mkdir(exist_ok=True)
    (project.root / "checks" / f"{name}.sql").write_text(text)


def test_a_check_of_ones_own_is_run_beside_the_others(project: Project, tmp_path: Path) -> None:
    text = HEADER + "select entity, value from fact_known where metric = 'params' limit 1"
    (tmp_path / "mine.sql").write_text(text)
    checks = load_checks(tmp_path)
    assert "mine" in {check.name for check in checks}
    (one,) = [check for check in checks if check.name == "mine"]
    (finding,) = run_checks(Warehouse(project.warehouse), [one], None)
    assert (finding.state, finding.severity) == ("failed", "blocking")
    assert finding.message.startswith("meta has ")
    assert finding.remedy == "look"


def test_a_file_of_the_same_name_takes_the_place_of_ours(tmp_path: Path) -> None:
    text = HEADER.replace("mine", "accession").replace("blocking", "info") + "select entity, value from fact_known"
    (tmp_path / "accession.sql").write_text(text)
    (one,) = [check for check in load_checks(tmp_path) if check.name == "accession"]
    assert one.severity == "info"


BAD_CHECKS = [
    # what is wrong with the file, and what is said
    ("select 1", "does not begin with its name"),
    (HEADER.replace("mine", "other") + "select 1", "does not begin with its name"),
    (HEADER.replace("-- severity: blocking\n", "") + "select 1", "has no severity"),
    (HEADER.replace("blocking", "terrible") + "select 1", "'terrible' is no severity"),
    (HEADER.replace("-- message: {entity} has {value}\n", "") + "select 1", "has no message"),
    (HEADER.replace("-- remedy: look\n", "-- remedy:\n") + "select 1", "has no remedy"),
    (HEADER + "-- severty: warning\nselect 1", "is no key of a check"),
    (HEADER, "has no SELECT"),
    (HEADER + "drop table fact", "has no SELECT"),
]


def _store_one(folder: Path) -> None:
    made = small_project(folder)
    write_facts(made, fact_line("Revenues", "2024Q1", "100"))
    ingest(made, [made.seeds])


@pytest.fixture
def small(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one figure stored, for reading, and a folder for checks of the case's own."""
    made = load_project(made_once(tmp_path_factory, "audit-one", _store_one))
    return replace(made, root=tmp_path, checks=tmp_path / "checks")


@pytest.mark.parametrize(("text", "said"), BAD_CHECKS, ids=[said for _, said in BAD_CHECKS])
def test_a_wrong_header_is_told_and_nothing_is_checked(small: Project, text: str, said: str) -> None:
    own(small, text)
    with pytest.raises(InputError, match=said):
        check(small)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("select entity, value from no_such_view", "cannot be run: .*no_such_view"),
        ("select entity from fact_known", "no column 'value'"),
        ("select value from fact_known", "no column 'entity'"),
        ("select entity, value, 'awful' as severity from fact_known", "'awful'"),
        ("select entity, value / (1 from fact_known", "cannot be run"),
    ],
)
def test_a_check_that_cannot_be_run_has_failed(small: Project, body: str, said: str) -> None:
    own(small, HEADER + body)
    checked = check(small, ["mine"])
    (finding,) = checked.findings
    assert (finding.state, checked.exit_code) == ("failed", 3)
    assert re.search(said, finding.message), finding.message


def test_a_name_there_is_not(project: Project) -> None:
    with pytest.raises(NothingMatchedError, match="no check named nope; there are accession"):
        check(project, ["nope"])


def test_headers_of_the_built_in_checks() -> None:
    for one in load_checks():
        assert one.severity in SEVERITIES
        assert not one.message.endswith(".")
        assert not one.summary.endswith(".")
        assert one.is_light or any(mentioned(one.body))
    assert set(SEVERITIES.values()) < set(STATES)


# -- the command and the build -----------------------------------------------------------------------


def states(text: str) -> dict[str, str]:
    """The state of each company of which there is anything to expect."""
    lines = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
    return {line["entity"]: line["state"] for line in lines if line["state"] != "unknown"}


def test_the_command_tells_states_apart_by_exit_code(project: Project) -> None:
    well = tracker_text(project, "check", "freshness", "--now", "2026-05-01")
    assert (well.returncode, states(well.stdout)) == (0, {"meta": "pass"})
    late = tracker_text(project, "check", "freshness", "--now", "2026-08-01", "--format", "ndjson")
    assert (late.returncode, states(late.stdout)) == (0, {"meta": "warn"})
    stale = tracker_text(project, "check", "freshness", "accession", "--now", "2026-11-22", "--format", "table")
    assert stale.returncode == 3
    assert "2026Q2 (to 2026-06-30) was expected on 2026-07-30" in stale.stdout
    assert stale.stderr == "tracker: freshness stale (meta); correct this before you publish anything from it\n"
    assert tracker_text(project, "check", "nope").returncode == 4
    assert tracker_text(project, "check", "--now", "soon").returncode == 2


def test_a_report_is_stopped_by_a_failed_audit_of_its_company_and_by_no_other(empty: Project) -> None:
    write_facts(
        empty,
        *(fact_line("Revenues", f"2024Q{n}", "100") for n in (1, 2)),
        *(fact_line("Revenues", f"2024Q{n}", "100", entity="june") for n in (1, 2)),
    )
    ingest(empty, [empty.seeds])
    for name in ("acme", "june"):
        (empty.reports / f"{name}.toml").write_text(
            f'kind = "growth"\nentity = "{name}"\nformats = ["json"]\nmetrics = ["revenue"]\n'
        )
    own(empty, HEADER + "select entity, value from fact_known where entity = 'june' and value > 0")
    built = build(load_project(empty.root))
    assert [definition.name for definition, _ in built.drawing.reports] == ["acme"]
    assert built.stopped == ("june: june has 100,000,000",)
    done = tracker_text(empty, "build")
    assert done.returncode == 3
    assert "tracker: no report june: june has 100,000,000; see `tracker check`\n" in done.stderr


def test_a_report_definition_that_cannot_be_read_is_told_by_the_report(empty: Project) -> None:
    (empty.reports / "broken.toml").write_text("entity = \n")
    write_facts(empty, fact_line("Revenues", "2024Q1", "100"))
    with pytest.raises(InputError, match=r"broken\.toml"):
        build(empty)


def test_a_catalog_of_another_version_is_warned_of_and_written_anew(project: Project, tmp_path: Path) -> None:
    copied = load_project(shutil.copytree(project.root, tmp_path / "copy"))
    written = copied.warehouse / "warehouse.sql"
    text = written.read_text("utf-8")
    written.write_text(text.replace("view growth as", "view growth_of_old as", 1), "utf-8")
    (found,) = check(copied, ["warehouse_sql"]).findings
    assert (found.state, found.remedy.split(",")[0]) == ("warn", "run `tracker build`")
    ingest(copied, [copied.seeds])
    assert written.read_text("utf-8") == text
    (found,) = check(copied, ["warehouse_sql"]).findings
    assert found.state == "pass"
