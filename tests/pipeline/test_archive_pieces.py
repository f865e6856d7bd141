"""An archive is stored in pieces that other processes prepare: what is stored is what one process stores."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import working
from support.company_facts import make_company, query_project, unnamed_entity
from support.filings import write_archive, write_company
from support.hashes import hash_tables
from support.project import ROOT, small_project
from tracker.errors import HeldError, InputError, StorageError
from tracker.model.batch import Batch
from tracker.model.entity import Entities
from tracker.model.fact import no_facts, rows_table
from tracker.pipeline import archive_pieces
from tracker.pipeline.archive_pieces import (
    FactPiece,
    PieceWork,
    make_loads,
    prepare_piece,
    split_archive,
    split_for_processes,
)
from tracker.pipeline.ingest import ingest
from tracker.pipeline.project_tables import load_project_entities, store_project_tables
from tracker.sources.sec import company_facts
from tracker.warehouse.data_files import write_part
from tracker.warehouse.delta_log import newest_versions
from tracker.warehouse.identity import place_under_stored_ids
from tracker.warehouse.integrity import verify
from tracker.warehouse.journal import read_log
from tracker.warehouse.quarantine import list_held
from tracker.warehouse.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tracker.pipeline.archive_pieces import PieceOutcome, PieceTask
    from tracker.pipeline.ingestion import Ingestion
    from tracker.project import Project

#: As many facts has each company of the tests.
FACTS = 48


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two companies are a piece, one piece for each of two processes is a round, and no archive is too small."""
    monkeypatch.setattr(archive_pieces, "MOST_COMPANIES", 2)
    monkeypatch.setattr(archive_pieces, "_IN_A_ROUND", 1)
    monkeypatch.setattr(archive_pieces, "_WORTH_A_PROCESS", 1)
    monkeypatch.setenv("TRACKER_THREADS", "2")


@pytest.fixture
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, with the work of the processes done in this one, which is faster."""
    request.getfixturevalue("small")
    monkeypatch.setattr(archive_pieces, "map_in_processes", lambda work, tasks, _: (work(task) for task in tasks))


def make_texts(count: int) -> list[str]:
    return [json.dumps(make_company(cik)) for cik in range(1, count + 1)]


def store_alone(project: Project, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Ingestion:
    """Store an archive with one process, as before."""
    with monkeypatch.context() as alone:
        alone.setenv("TRACKER_THREADS", "1")
        (done,) = ingest(project, [archive])
    return done


def list_unnamed_files(project: Project) -> set[str]:
    """List the data files that no commit names, not even one whose files were replaced later."""
    log = read_log(project.warehouse, newest_versions(project.warehouse))
    named = {file.name for entries in log.values() for entry in entries for file in entry.files}
    there = {file.relative_to(project.warehouse).as_posix() for file in project.warehouse.glob("*/*.parquet")}
    drafts = {file.name for file in project.warehouse.glob("*/.*.draft")}
    return (there - named) | drafts


def list_companies(project: Project) -> list[int]:
    found = query_project(project, "select distinct cast(right(entity, 10) as integer) from fact order by all")
    return [cik for (cik,) in found]


# -- the same as one process -------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_what_is_stored_is_what_one_process_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With members that cannot be read (a whole piece of them), odd statements, new filings, and nothing new."""
    monkeypatch.setattr(company_facts, "BATCH", FACTS)  # one company a commit
    texts = make_texts(8)
    texts[1] = texts[1].replace("2024-04-20", "2024-04-31", 1)
    texts[2] = texts[3] = texts[6] = "{"
    later = [*texts[:5], json.dumps(make_company(6, years=(2021, 2022, 2023, 2024))), *texts[6:], *make_texts(9)[8:]]
    alone, together = small_project(tmp_path / "alone"), small_project(tmp_path / "together")
    for number, content in enumerate((texts, texts, later)):
        (tmp_path / str(number)).mkdir()
        archive = write_archive(tmp_path / str(number), content)
        expected = store_alone(alone, archive, monkeypatch)
        shares: list[float] = []
        (done,) = ingest(together, [archive], progress=shares.append)
        assert shares == sorted(shares)
        assert shares[-1] == 1
        assert len(shares) >= 4
        assert (done.added, done.known, done.withdrawn) == (expected.added, expected.known, expected.withdrawn)
        assert (done.problems, done.notes, done.held) == (expected.problems, expected.notes, ())
        assert done.changed == expected.changed
        assert hash_tables(together.warehouse) == hash_tables(alone.warehouse)
    assert len(done.problems) > 3
    assert done.added == 16 + FACTS
    assert list_unnamed_files(together) == set()
    assert verify(together.warehouse).damages == []


@pytest.mark.usefixtures("here")
def test_an_archive_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    with pytest.raises(InputError) as caught:
        ingest(project, [write_archive(tmp_path, ["{"] * 5)])
    assert len(caught.value.problems) == 5
    assert query_project(project, "select * from problem") == []


@pytest.mark.usefixtures("here")
def test_a_source_of_several_companies_is_the_last_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if the archive comes again: then the first company's row is new, and the last one's is not."""
    texts = [text.replace("0000000003-", "0000000001-") for text in make_texts(4)]
    archive = write_archive(tmp_path, texts)
    alone, together = small_project(tmp_path / "alone"), small_project(tmp_path / "together")
    query = "select source_id, publisher, url from source where origin = 'companyfacts' order by all"
    store_alone(alone, archive, monkeypatch)
    for _ in range(2):
        (done,) = ingest(together, [archive])
        assert query_project(together, query) == query_project(alone, query)
    assert {publisher for _, publisher, _ in query_project(together, query)} == {"Company 2", "Company 3", "Company 4"}
    assert done.changed == {}


BLOCKING = """-- third: no company is the third
-- severity: blocking
-- message: {entity} is the third
-- remedy: leave it out
select distinct f.entity from fact_known f where f.entity = 'cik0000000003'
"""


@pytest.mark.usefixtures("here")
def test_a_batch_that_fails_an_audit_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, other = small_project(tmp_path / "together"), small_project(tmp_path / "alone")
    texts = make_texts(6)
    texts[3] = texts[3].replace("2024-04-20", "2024-04-31", 1)
    archive = write_archive(tmp_path, texts)
    project.checks.mkdir()
    (project.checks / "third.sql").write_text(BLOCKING, "utf-8")
    said: list[str] = []
    with pytest.raises(HeldError):
        ingest(project, [archive], say=said.append)
    assert [one.entities for one in list_held(project.warehouse)] == [(unnamed_entity(3), unnamed_entity(4))]
    assert list_companies(project) == [1, 2, 5, 6]
    assert any(f"{4 * FACTS} new, 0 known, 1 problem, 1 held" in line for line in said), said
    assert list_unnamed_files(project) == set()
    (project.checks / "third.sql").unlink()
    (done,) = ingest(project, [archive])
    assert (done.added, done.known) == (2 * FACTS - 1, 4 * FACTS)
    assert list_held(project.warehouse) == ()
    store_alone(other, archive, monkeypatch)
    assert hash_tables(project.warehouse) == hash_tables(other.warehouse)


# -- a company that comes twice ----------------------------------------------------------------------


def prepare_here(task: PieceTask, pieces: Sequence[FactPiece]) -> Iterator[PieceOutcome]:
    for piece in pieces:
        yield from prepare_piece(task, piece)


def store_pieces(project: Project, pieces: Sequence[FactPiece], ids: Iterable[tuple[str, str]]) -> Ingestion:
    """Store pieces in one round, while some ids are those of other companies."""
    with _open_with_ids(project, ids) as writer:
        work = PieceWork(writer, Entities({}), (), prepare_here)
        work.store_round(pieces)
        return work.finish(project.root)


def store_one_by_one(project: Project, pieces: Sequence[FactPiece], ids: Iterable[tuple[str, str]]) -> int:
    """Store pieces one after the other; return how many facts are new."""
    with _open_with_ids(project, ids) as writer:
        added = 0
        for piece in pieces:
            for batch in piece.read(Entities({})):
                placed = replace(batch, facts=place_under_stored_ids(writer.now, batch.facts))
                added += writer.commit(placed).added
        return added


def _open_with_ids(project: Project, ids: Iterable[tuple[str, str]]) -> Writer:
    with Writer(project.warehouse) as writer:
        store_project_tables(project, writer, load_project_entities(project), lambda _: None, is_first=True)
        rows = [(stored, entity, "merge", None, None, None, False, "entities", False) for stored, entity in ids]
        writer.commit(Batch(no_facts(), {"entity_id": rows_table("entity_id", rows)}, (), "entities"))
    return Writer(project.warehouse)


def split_filings(cik: int) -> list[dict[str, Any]]:
    """Return the content of two files of a company; some statements are in both."""
    return [make_company(cik, years=years) for years in ((2021, 2022), (2022, 2023))]


def write_two_files(folder: Path) -> list[FactPiece]:
    """A company in two files of a folder, as Spark reads it, and another one."""
    first, second = split_filings(1)
    (folder / "CIK0000000001.more.json").write_text(json.dumps(second))
    return [FactPiece(write_company(folder, first)), FactPiece(folder / "CIK0000000001.more.json"),
            FactPiece(write_company(folder, make_company(2)))]  # fmt: skip


def write_one_name_twice(folder: Path) -> list[FactPiece]:
    """An archive with two members of one name, three pieces apart; the batches of their piece are small."""
    path = folder / "companyfacts.zip"
    first, second = split_filings(1)
    with zipfile.ZipFile(path, "w") as archive, ExitStack() as stack:
        archive.writestr("CIK0000000001.json", json.dumps(first))
        for cik in (2, 3):
            archive.writestr(f"CIK{cik:010d}.json", json.dumps(make_company(cik)))
        stack.enter_context(pytest.warns(UserWarning, match="Duplicate name"))
        archive.writestr("CIK0000000001.json", json.dumps(second))
    return split_archive(path, 1)


def write_two_registrants(folder: Path) -> list[FactPiece]:
    """An archive of companies 1, 2 and 3."""
    return split_archive(write_archive(folder, make_texts(3)), 1)


@pytest.mark.parametrize(
    ("write", "ids", "batch"),
    [
        (write_two_files, [], company_facts.BATCH),
        (write_one_name_twice, [], company_facts.BATCH),
        (write_one_name_twice, [], 1),
        (write_two_registrants, [(unnamed_entity(2), unnamed_entity(1))], company_facts.BATCH),
        (write_two_registrants, [(unnamed_entity(1), "one"), (unnamed_entity(3), "one")], company_facts.BATCH),
    ],
    ids=["two files", "one name twice", "two batches", "the id of another company", "a third id"],
)
def test_a_company_in_two_pieces_is_derived_from_all_its_facts(
    write: Callable[[Path], list[FactPiece]],
    ids: list[tuple[str, str]],
    batch: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(company_facts, "BATCH", batch)
    pieces = write(tmp_path)
    together, alone = small_project(tmp_path / "together"), small_project(tmp_path / "alone")
    done = store_pieces(together, pieces, ids)
    assert done.added == store_one_by_one(alone, pieces, ids) > 2 * FACTS - 1
    assert list_unnamed_files(together) == set()
    assert query_project(together, "select fact_id from fact group by all having count(*) > 1") == []
    found, expected = hash_tables(together.warehouse), hash_tables(alone.warehouse)
    assert found["derived"] == expected["derived"]
    assert found["fact"] == expected["fact"]


def test_files_of_another_attempt_are_removed(tmp_path: Path) -> None:
    """Spark may prepare a piece twice, and takes the outcome of one attempt."""
    project = small_project(tmp_path)
    pieces = split_archive(write_archive(tmp_path, make_texts(2)), 1)

    def prepare_twice(task: PieceTask, wanted: Sequence[FactPiece]) -> Iterator[PieceOutcome]:
        assert len([*prepare_here(task, wanted)]) == 2
        yield from prepare_here(task, wanted)

    with _open_with_ids(project, ()) as writer:
        work = PieceWork(writer, Entities({}), (), prepare_twice)
        work.store_round(pieces)
    assert list_companies(project) == [1, 2]
    assert list_unnamed_files(project) == set()


# -- processes that die ------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_a_process_that_dies_loses_its_round_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, other = small_project(tmp_path / "together"), small_project(tmp_path / "alone")
    archive = write_archive(tmp_path, make_texts(6))
    with monkeypatch.context() as broken:
        broken.setattr(archive_pieces, "_prepare_load", working.prepare_and_die)
        with pytest.raises(StorageError, match=r"set TRACKER_THREADS=1 .*; nothing of this round is stored"):
            ingest(project, [archive])
    assert list_companies(project) == [1, 2, 3, 4]
    assert list_unnamed_files(project) == set()
    (done,) = ingest(project, [archive])
    assert (done.added, done.known) == (2 * FACTS, 4 * FACTS)
    store_alone(other, archive, monkeypatch)
    assert hash_tables(project.warehouse) == hash_tables(other.warehouse)


@pytest.mark.usefixtures("here")
def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = small_project(tmp_path)
    calls = []

    def write_some(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_part(*arguments)

    monkeypatch.setattr(archive_pieces, "write_part", write_some)
    with pytest.raises(StorageError, match="nothing of this round is stored"):
        ingest(project, [write_archive(tmp_path, make_texts(4))])
    assert list_companies(project) == []
    assert list_unnamed_files(project) == set()


KILLED = """
    import sys
    from pathlib import Path
    from support import working
    from tracker.pipeline import archive_pieces
    from tracker.pipeline.ingest import ingest
    from tracker.project import load_project

    archive_pieces.MOST_COMPANIES, archive_pieces._IN_A_ROUND, archive_pieces._WORTH_A_PROCESS = 2, 1, 1
    archive_pieces._prepare_load = working.prepare_and_wait
    ingest(load_project(Path(sys.argv[1])), [Path(sys.argv[2])])
"""


@pytest.mark.usefixtures("small")
def test_a_killed_ingestion_keeps_its_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the round was at that was not over is removed by the next command that stores something."""
    project, other = small_project(tmp_path / "together"), small_project(tmp_path / "alone")
    archive = write_archive(tmp_path, make_texts(6))
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(project.root), str(archive)]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}) as running:
        deadline = time.monotonic() + 120
        while len([*project.warehouse.glob("derived/*.parquet")]) < 3:  # of two pieces, and of the one that waits
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        workers = list_workers(running.pid)
        running.send_signal(signal.SIGKILL)
    assert workers
    while any(map(is_running, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert list_companies(project) == [1, 2, 3, 4]
    assert list_unnamed_files(project)
    with Writer(project.warehouse):
        pass
    assert list_unnamed_files(project) == set()
    (done,) = ingest(project, [archive])
    assert (done.added, done.known) == (2 * FACTS, 4 * FACTS)
    store_alone(other, archive, monkeypatch)
    assert hash_tables(project.warehouse) == hash_tables(other.warehouse)


def list_workers(process: int) -> list[int]:
    """List the processes that work for a process."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# -- how an archive is split -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "threads", "sizes"),
    [
        (1, "2", []),
        (12, "1", []),
        (2, "2", [1, 1]),
        (12, "2", [6, 6]),
        (16, "2", [8, 8]),
        (17, "2", [5, 5, 5, 2]),
        (36, "2", [6] * 6),
        (20, "8", [3] * 6 + [2]),
    ],
)
def test_all_processes_get_equal_shares(
    members: int, threads: str, sizes: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_THREADS", threads)
    monkeypatch.setattr(archive_pieces, "_WORTH_A_PROCESS", 1)
    pieces = split_for_processes(write_archive(tmp_path, ["{}"] * members))
    assert [len(piece.members or ()) for piece in pieces] == sizes
    assert sum(sizes) in {0, members}


def test_a_small_archive_is_read_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_pieces, "_WORTH_A_PROCESS", 1000)
    monkeypatch.setenv("TRACKER_THREADS", "8")  # two of which are worth it
    assert split_for_processes(write_archive(tmp_path, ["x" * 99] * 20)) == []
    assert len(split_for_processes(write_archive(tmp_path, ["x" * 100] * 20))) == 4


def test_small_pieces_share_a_process() -> None:
    pieces = [FactPiece(Path("a.zip"), (str(size),), size * 2**20) for size in (1, 2, 3, 9, 1, 1, 1, 1, 1)]
    loads = make_loads(pieces)
    assert [[piece.size // 2**20 for piece in load] for load in loads] == [[1, 2], [3], [9], [1, 1], [1, 1], [1]]
