"""Audit before promote: a batch that fails is not made current, whoever dies when."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from support.filings import accession, company, write_company
from support.project import fact_line, made_once, often, small_project, write_facts, write_seed_lines
from support.running import begun, tracker_text
from tracker.errors import CheckError, NothingMatchedError, QueryError, UsageError
from tracker.pipeline.check import check
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.warehouse.checks import Check, load_checks
from tracker.warehouse.quarantine import MOST_FIGURES, Gate, drop, list_held, release
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.snapshot import CATALOG, read_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.warehouse.writer import Draft

QUARTERS = ("2023Q3", "2023Q4", "2024Q1")
GOOD = [fact_line("Revenues", period, "100") for period in QUARTERS]
#: Thousands read as units: 100 million become 100 billion.
BAD = fact_line("Revenues", "2024Q2", "100", scale="9")


def values(project: Project) -> list[int]:
    with Warehouse(project.warehouse) as warehouse:
        return [
            int(v) for (v,) in warehouse.sql("select value / 1000000 from fact_known order by period_end").fetchall()
        ]


def held_batch(project: Project) -> str:
    """Three good quarters, then one that is held; the id of the held batch."""
    write_facts(project, *GOOD)
    ingest(project, [project.seeds])
    write_facts(project, *GOOD, BAD)
    with pytest.raises(CheckError, match="is held; see `tracker held show"):
        ingest(project, [project.seeds])
    (one,) = list_held(project.warehouse)
    return one.batch


def _store_held(folder: Path) -> None:
    held_batch(small_project(folder))


@pytest.fixture
def aside(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with three good quarters and a batch that is held: a copy of one that is made once."""
    shutil.copytree(made_once(tmp_path_factory, "quarantine-held", _store_held), tmp_path, dirs_exist_ok=True)
    return load_project(tmp_path)


def test_readers_keep_the_state_before(empty: Project) -> None:
    write_facts(empty, *GOOD)
    ingest(empty, [empty.seeds])
    before = read_snapshot(empty.warehouse), (empty.warehouse / CATALOG).read_bytes()
    held_batch(empty)
    assert (read_snapshot(empty.warehouse), (empty.warehouse / CATALOG).read_bytes()) == before
    assert values(empty) == [100, 100, 100]


def test_what_is_held_says_why(aside: Project) -> None:
    (one,) = list_held(aside.warehouse)
    assert (one.entities, one.sources, one.facts, one.origin) == (("acme",), ("r1",), 1, "seeds")
    (finding,) = one.findings
    assert (finding["check"], finding["entity"]) == ("scale_error", "acme")
    assert "100,000,000,000 USD, 1000 times" in finding["message"]


def test_the_same_batch_again_is_held_once(aside: Project) -> None:
    batch = list_held(aside.warehouse)[0].batch
    with pytest.raises(CheckError):
        ingest(aside, [aside.seeds])
    assert [one.batch for one in list_held(aside.warehouse)] == [batch]


def test_other_paths_are_stored_and_the_exit_is_not_0(aside: Project, tmp_path: Path) -> None:
    sound = write_company(
        tmp_path, company(9, {"Revenues": [("2024-01-01", "2024-03-31", 5, accession(1), "10-Q", "2024-05-01")]})
    )
    with pytest.raises(CheckError) as raised:
        ingest(aside, [aside.seeds, sound])
    assert raised.value.exit_code == 3
    assert len(values(aside)) == 4


def test_one_gate_for_many_batches_sees_what_one_each_would(tmp_path: Path) -> None:
    """New companies, one that is known, a bad batch of either and seeds that take back: together and one at a time."""
    found = []
    for name in ("together", "apart"):
        project = small_project(tmp_path / name)
        write_facts(project, *GOOD)
        ingest(project, [project.seeds])
        write_facts(project, *GOOD[:2])
        paths = [*_files(tmp_path / name), project.seeds]
        for asked in [paths] if name == "together" else [[path] for path in paths]:
            with contextlib.suppress(CheckError):
                ingest(project, asked)
        aside = sorted(
            (one.entities, one.facts, [finding["message"] for finding in one.findings])
            for one in list_held(project.warehouse)
        )
        found.append((sorted(values(project)), aside))
    assert found[0] == found[1]
    stored, aside = found[0]
    assert [entities for entities, _, _ in aside] == [("cik0000000007",), ("cik0000000009",)]
    assert stored == [5, 5, 5, 100, 100]


def test_each_batch_of_a_command_is_held_against_its_own_sources(empty: Project) -> None:
    folders = []
    for name in ("acme", "june"):
        folder = shutil.copytree(empty.seeds, empty.root / name)
        write_seed_lines(folder, "sources", [f"{name},release,{name},,en,,,,,2024-08-01,"])
        write_seed_lines(folder, "facts", [fact_line("Revenues", "2024Q1", "9", entity=name, source=name)])
        folders.append(folder)
    assert [one.added for one in ingest(empty, folders)] == [1, 1]
    assert list_held(empty.warehouse) == ()


def _files(folder: Path) -> list[Path]:
    """Company 7 sound and then with a quarter a thousand times too large; company 9 with such a one at once."""
    ends = [
        ("2023-07-01", "2023-09-30", "2023-10-30"),
        ("2023-10-01", "2023-12-31", "2024-01-30"),
        ("2024-01-01", "2024-03-31", "2024-04-30"),
    ]
    rows = [(first, last, 5_000_000, accession(at), "10-Q", filed) for at, (first, last, filed) in enumerate(ends)]
    wrong = ("2024-04-01", "2024-06-30", 5_000_000_000, accession(3), "10-Q", "2024-07-30")
    files = []
    for number, (cik, said) in enumerate([(7, rows), (7, [*rows, wrong]), (9, [*rows, wrong])]):
        (folder / str(number)).mkdir(parents=True)
        files.append(write_company(folder / str(number), company(cik, {"Revenues": said})))
    return files


def test_release_makes_it_current_and_it_fails_no_more(aside: Project) -> None:
    batch = list_held(aside.warehouse)[0].batch
    with pytest.raises(UsageError, match="reason"):
        release(aside.warehouse, batch, "  ")
    committed = release(aside.warehouse, batch, "a merger, checked")
    assert (committed.added, values(aside)) == (1, [100, 100, 100, 100_000])
    assert list_held(aside.warehouse) == ()
    (finding,) = check(aside, ["scale_error"]).findings
    assert (finding.state, finding.remedy) == ("released", "released: a merger, checked")
    assert check(aside, ["scale_error"]).exit_code == 0
    write_facts(aside, *GOOD, BAD, fact_line("NetIncomeLoss", "2024Q2", "5"))
    assert [one.added for one in ingest(aside, [aside.seeds])] == [1]  # what stood before holds up no later batch


def test_drop_throws_it_away(aside: Project) -> None:
    batch = list_held(aside.warehouse)[0].batch
    assert drop(aside.warehouse, batch).facts == 1
    assert list_held(aside.warehouse) == ()
    with pytest.raises(NothingMatchedError, match="tracker held list"):
        drop(aside.warehouse, batch)


@pytest.mark.parametrize("mended", [[*GOOD, fact_line("Revenues", "2024Q2", "101")], GOOD])
def test_a_source_that_was_mended_makes_the_held_batch_void(aside: Project, mended: list[str]) -> None:
    write_facts(aside, *mended)
    ingest(aside, [aside.seeds])
    assert list_held(aside.warehouse) == ()


def test_check_tells_of_what_lies_aside(aside: Project) -> None:
    batch = list_held(aside.warehouse)[0].batch
    (finding,) = check(aside, ["held"]).findings
    assert (finding.state, finding.entity) == ("warn", "acme")
    assert batch in finding.message


def test_only_what_is_new_holds_a_batch_up(empty: Project) -> None:
    """A project's new check finds old figures too; they hold up no batch that does not touch them."""
    write_facts(empty, *GOOD)
    ingest(empty, [empty.seeds])
    (empty.root / "checks").mkdir()
    (empty.root / "checks" / "big.sql").write_text(
        "-- big: small\n-- severity: blocking\n-- message: {concept} {period_end}\n-- remedy: none\n"
        "select entity, concept, period_end from fact_known where value > 10"
    )
    write_facts(empty, *GOOD, fact_line("NetIncomeLoss", "2024Q1", "0"))
    assert [one.added for one in ingest(empty, [empty.seeds])] == [1]
    write_facts(empty, *GOOD, fact_line("NetIncomeLoss", "2024Q1", "0"), fact_line("Assets", "2024Q1", "7"))
    with pytest.raises(CheckError):
        ingest(empty, [empty.seeds])


def test_checks_of_figures_take_part_in_small_batches_alone(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    heavy = Check("heavy", "no figure", "blocking", "{metric}", "none", "select entity, metric from figure", "here")
    assert not heavy.is_light
    assert {one.name for one in load_checks() if one.severity == "blocking" and not one.is_light} == set()
    monkeypatch.setattr("tracker.pipeline.ingest.load_checks", lambda _: (heavy,))
    monkeypatch.setattr("tracker.warehouse.quarantine.MOST_FIGURES", 2)
    write_facts(empty, *GOOD)
    assert [one.added for one in ingest(empty, [empty.seeds])] == [3]
    write_facts(empty, *GOOD, fact_line("NetIncomeLoss", "2024Q1", "5"))
    with pytest.raises(CheckError):
        ingest(empty, [empty.seeds])
    assert MOST_FIGURES > 30_000


def test_a_gate_of_no_checks_holds_nothing(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.pipeline.ingest.load_checks", lambda _: ())
    write_facts(empty, *GOOD, BAD)
    ingest(empty, [empty.seeds])
    assert values(empty) == [100, 100, 100, 100_000]


def test_a_gate_that_fails_leaves_no_file(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Gate, __: Warehouse, draft: Draft) -> bool:
        if draft.rows["fact"].num_rows:
            raise QueryError("out of memory")
        return False

    write_facts(empty, *GOOD)
    ingest(empty, [empty.seeds])
    before = {path for path in empty.warehouse.rglob("*") if path.is_file()}
    write_facts(empty, *GOOD, BAD)
    with monkeypatch.context() as patched:
        patched.setattr(Gate, "__call__", fails)
        with pytest.raises(QueryError, match="out of memory"):
            ingest(empty, [empty.seeds])
    assert {path for path in empty.warehouse.rglob("*") if path.is_file()} == before
    write_facts(empty, *GOOD, fact_line("Revenues", "2024Q2", "100"))
    ingest(empty, [empty.seeds])
    assert values(empty) == [100] * 4


# -- real processes ----------------------------------------------------------------------------------


def test_the_commands(aside: Project) -> None:
    batch = list_held(aside.warehouse)[0].batch
    again = tracker_text(aside, "ingest", str(aside.seeds))
    assert again.returncode == 3
    assert again.stderr == (
        f"seeds: 0 new, 3 known, 1 held\ntracker: batch {batch} is held; see `tracker held show {batch}`\n"
    )
    assert [one["batch"] for one in json.loads(tracker_text(aside, "held", "list").stdout)] == [batch]
    shown = tracker_text(aside, "held", "show", batch, "--format", "table").stdout
    assert "scale_error  acme     us-gaap:Revenues to 2024-06-30 in r1 is 100,000,000,000 USD" in shown
    assert tracker_text(aside, "held", "release", batch).returncode == 2
    done = tracker_text(aside, "held", "release", batch, "--reason", "checked")
    assert (done.returncode, done.stderr) == (0, f"batch {batch} is current: 1 new, 0 withdrawn\n")
    assert tracker_text(aside, "held", "drop", batch).returncode == 4
    assert tracker_text(aside, "held", "list").stdout == "[]\n"


def test_killed_at_any_moment_a_batch_is_held_whole_or_not_at_all(empty: Project) -> None:
    """Six processes die (in the long form sixty) while they hold or release; what is left can always be read, and the next one gets it done."""
    write_facts(empty, *GOOD)
    ingest(empty, [empty.seeds])
    write_facts(empty, *GOOD, BAD)
    took = time.monotonic()
    assert tracker_text(empty, "ingest", str(empty.seeds)).returncode == 3
    took = time.monotonic() - took
    (one,) = list_held(empty.warehouse)
    drop(empty.warehouse, one.batch)
    chance = random.Random(7)
    for round_ in range(often(6, long=60)):
        is_release = round_ % 3 == 2 and list_held(empty.warehouse) != ()
        verb = ["held", "release", one.batch, "--reason", "x"] if is_release else ["ingest", str(empty.seeds)]
        process = begun(empty, *verb)
        time.sleep(took * chance.uniform(0.1, 1.1))
        process.kill()
        process.join()
        left = list_held(empty.warehouse)
        assert [seen.findings[0]["check"] for seen in left] in ([], ["scale_error"])
        assert values(empty) in ([100, 100, 100], [100, 100, 100, 100_000])
        if left and round_ % 2:
            drop(empty.warehouse, one.batch)
    last = tracker_text(empty, "ingest", str(empty.seeds))
    assert last.returncode == (0 if len(values(empty)) == 4 else 3)


def test_a_batch_is_not_held_for_figures_of_companies_it_has_no_facts_of(empty: Project) -> None:
    """What defines a metric anew changes the figures of every company; a batch answers for its own."""
    text = "-- none_at_all: no figures\n-- severity: blocking\n-- message: {metric}\n-- remedy: none\n"
    write_facts(empty, *GOOD)
    ingest(empty, [empty.seeds])
    check_file = empty.checks / "none_at_all.sql"
    check_file.parent.mkdir(exist_ok=True)
    check_file.write_text(
        f"{text}select entity, metric from figure where entity = 'acme' and definition like '%Sales%'\n"
    )
    (empty.root / "metrics.toml").write_text(
        '[revenue]\nlabel = "Revenue"\ntype = "duration"\nadditive = true\ntags = ["us-gaap:SalesRevenueNet", "us-gaap:Revenues"]\n'
    )
    write_facts(empty, *GOOD, fact_line("SalesRevenueNet", "2024Q1", "7", entity="june"))
    project = load_project(empty.root)
    assert [one.added for one in ingest(project, [project.seeds])] == [1]
