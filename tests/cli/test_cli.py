"""The command line: data on standard output, all else on standard error, and exit codes that mean something."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.project import fact_line, write_facts
from tracker.cli import main

if TYPE_CHECKING:
    from tracker.project import Project

QUERY = (
    "select entity, metric, value, base, round(yoy_ratio, 4) as yoy_ratio, yoy_status from yoy "
    "where entity = 'meta' and fiscal_period = '2024Q2' and metric in ('capex', 'net_income', 'revenue') order by metric"
)
ANSWER = [
    {
        "entity": "meta",
        "metric": "capex",
        "value": 8472000000,
        "base": 6354000000,
        "yoy_ratio": 0.3333,
        "yoy_status": "ok",
    },
    {
        "entity": "meta",
        "metric": "net_income",
        "value": 13465000000,
        "base": 7788000000,
        "yoy_ratio": 0.7289,
        "yoy_status": "ok",
    },
    {
        "entity": "meta",
        "metric": "revenue",
        "value": 39071000000,
        "base": 31999000000,
        "yoy_ratio": 0.2210,
        "yoy_status": "ok",
    },
]


def tracker(project: Project | Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[bytes]:
    folder = project if isinstance(project, Path) else project.root
    command = [sys.executable, "-m", "tracker", "-C", str(folder), *arguments]
    return subprocess.run(command, input=stdin.encode() if stdin else None, capture_output=True, check=False)


def test_json_in_a_pipe(project: Project) -> None:
    done = tracker(project, "sql", QUERY)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == ANSWER


def test_every_format_says_the_same(project: Project, tmp_path: Path) -> None:
    texts = {
        style: tracker(project, "sql", QUERY, "--format", style).stdout
        for style in ("ndjson", "csv", "markdown", "table", "parquet", "arrow")
    }
    assert [json.loads(line) for line in texts["ndjson"].splitlines()] == ANSWER
    read = list(csv.DictReader(io.StringIO(texts["csv"].decode())))
    assert [row["value"] for row in read] == [str(row["value"]) for row in ANSWER]
    assert texts["markdown"].decode().splitlines()[2].startswith("| meta | capex | 8472000000 | 6354000000 | 0.3333 |")
    assert "meta    capex        8472000000   6354000000     0.3333  ok" in texts["table"].decode()
    parquet = tmp_path / "rows.parquet"
    parquet.write_bytes(texts["parquet"])
    arrow = pa.ipc.open_stream(texts["arrow"]).read_all()
    assert pq.read_table(parquet).to_pylist() == arrow.to_pylist()
    assert [int(row["value"]) for row in arrow.to_pylist()] == [row["value"] for row in ANSWER]


def test_a_table_on_a_terminal(project: Project) -> None:
    leader, follower = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "tracker", "-C", str(project.root), "sql", QUERY], stdout=follower, check=True
    )
    os.close(follower)
    shown = os.read(leader, 4096).decode()
    assert shown.startswith("entity  metric")
    assert "(3 rows)" in shown


def test_queries_come_from_arguments_files_and_standard_input(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "query.sql"
    file.write_text("select $n as n")
    assert json.loads(tracker(project, "sql", "-f", str(file), "-p", "n", "seven").stdout) == [{"n": "seven"}]
    assert json.loads(tracker(project, "sql", "-", stdin="select 1 as n").stdout) == [{"n": 1}]
    assert tracker(project, "sql").returncode == 2
    assert tracker(project, "sql", "select 1", "-f", str(file)).returncode == 2


def test_a_file_takes_its_format_from_its_name(project: Project, tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    assert tracker(project, "sql", QUERY, "-o", str(target)).stdout == b""
    assert target.read_text().startswith("entity,metric,value")


def test_as_of_turns_every_view(project: Project) -> None:
    query = "select low, high from guidance where entity = 'meta' and metric = 'capex' and fiscal_period = 'FY2024'"
    assert json.loads(tracker(project, "sql", query, "--as-of", "2024-05-01").stdout) == [
        {"low": 35000000000, "high": 40000000000}
    ]
    assert tracker(project, "sql", query, "--as-of", "yesterday").returncode == 2


def test_text_is_never_a_formula_in_csv(project: Project) -> None:
    done = tracker(project, "sql", "select '=1+1' as a, '-2' as b, -2 as c, 'x' as d", "--format", "csv")
    assert done.stdout.decode().splitlines() == ["a,b,c,d", "'=1+1,'-2,-2,x"]


def test_nothing_is_an_empty_list(project: Project) -> None:
    assert json.loads(tracker(project, "sql", "select 1 as n where false").stdout) == []


def test_a_reader_that_leaves_is_no_failure(project: Project) -> None:
    command = f"{sys.executable} -m tracker -C {project.root} sql 'select range as n from range(300000)' --format csv | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"n\n", b"")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        # what is asked, exit code, what standard error says
        (["sql", "select nothing from nowhere"], 1, "nowhere"),
        (["sql", "select 1", "--format", "xml"], 2, "xml"),
        (["sql", " "], 2, "the query is empty"),
        (["nonsense"], 2, "nonsense"),
        (["report", "nonsense"], 4, "no report named nonsense"),
        (["schema", "nonsense"], 4, "no view named nonsense"),
        (["ingest", "nowhere.csv"], 2, "does not exist"),
    ],
)
def test_exit_codes(project: Project, arguments: list[str], code: int, said: str) -> None:
    done = tracker(project, *arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # what tracker.toml says, what is said of it
        ("[paths", "mend the TOML"),
        ("[paths]\nwharehouse = 1", "paths.wharehouse: is unknown; use"),
        ("[pahts]", "pahts: is unknown; use alert, build, check, extract, notify, paths, schedule, sec"),
    ],
)
def test_settings_that_cannot_be_read_are_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "tracker.toml").write_text(text)
    for command in (["build"], ["sql", "select 1"]):
        done = tracker(tmp_path, *command, *(["--format", "csv"] if command[0] == "sql" else []))
        assert (done.returncode, said in done.stderr.decode()) == (1, True)


def test_debug_shows_the_traceback(project: Project) -> None:
    assert "Traceback" in tracker(project, "--debug", "sql", "select nothing from nowhere").stderr.decode()


def test_errors_are_json_where_json_was_asked(project: Project) -> None:
    done = tracker(project, "sql", "select nothing from nowhere", "--format", "json")
    assert json.loads(done.stderr)["error"] == "QueryError"


def test_problems_are_one_line_each(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q2", "x"), fact_line("Revenues", "2024Q3", "y"))
    done = tracker(empty, "ingest", str(empty.seeds))
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 2
    assert all(
        line.startswith("tracker: ") and "facts.csv:" in line and "; write plain digits" in line for line in lines
    )


def test_a_busy_warehouse_is_exit_75(empty: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from tracker.warehouse.writer import Writer

    monkeypatch.setenv("TRACKER_LOCK_WAIT", "0.2")
    with Writer(empty.warehouse):
        assert tracker(empty, "ingest", str(empty.seeds)).returncode == 75


def test_schema_lists_views_and_columns(project: Project) -> None:
    listed = {row["name"]: row for row in json.loads(tracker(project, "schema").stdout)}
    assert listed["yoy"]["has_as_of"] is True
    assert "Grain: entity, metric, fiscal_period." in listed["yoy"]["comment"]
    columns = json.loads(tracker(project, "schema", "yoy").stdout)
    assert {"column": "value", "type": "DECIMAL(38,6)"} in columns


def test_log_and_verify(project: Project) -> None:
    (entry,) = json.loads(tracker(project, "log").stdout)
    assert entry["rows"] == 380
    assert "as they were committed" in tracker(project, "verify").stderr.decode()


def test_init_makes_a_project_that_builds_and_never_overwrites(tmp_path: Path) -> None:
    done = tracker(tmp_path, "init", str(tmp_path / "new"))
    assert done.returncode == 0
    assert tracker(tmp_path / "new", "ingest", str(tmp_path / "new" / "seeds")).returncode == 0
    assert tracker(tmp_path / "new", "init", str(tmp_path / "new")).returncode == 2
    assert tracker(tmp_path, "sql", "select 1").returncode == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(project: Project, shell: str) -> None:
    assert b"_TRACKER_COMPLETE" in tracker(project, "completion", shell).stdout


def test_help_names_every_command(project: Project) -> None:
    text = tracker(project, "--help").stdout.decode()
    for command in ("build", "ingest", "sql", "report", "schema", "log", "verify", "init", "completion"):
        assert f"\n  {command}" in text


SYSTEM = [
    # what the system says, what the user reads
    (OSError(errno.ENOSPC, "No space left on device", "/a/b"), "/a/b: no space left on device; free some space"),
    (
        PermissionError(errno.EACCES, "Permission denied", "/a"),
        "/a: permission denied; check who may read and write it",
    ),
    (OSError(errno.EMFILE, "Too many open files"), "too many open files; too many files are open; raise the limit"),
    (
        OSError("Failed to open local file '/a/b'. Detail: Input/output error"),
        "/a/b: input/output error; check the disk",
    ),
    (OSError("the library says\nsomething odd"), "the library says something odd; run it again"),
    (MemoryError(), "out of memory; close other programs"),
]


@pytest.mark.parametrize(("error", "text"), SYSTEM)
def test_an_error_of_the_system_is_one_line_with_a_remedy(
    error: Exception, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Project
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("tracker.cli.ask._read_query", fail)
    with pytest.raises(SystemExit) as left:
        main(["-C", str(project.root), "sql", "select 1", "--format", "table"])
    told = capsys.readouterr().err
    assert left.value.code == 1
    assert told.startswith(f"tracker: {text}")
    assert told.count("\n") == 1


def test_an_interrupt_says_so_and_leaves_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Project
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tracker.cli.ask._read_query", interrupt)
    with pytest.raises(SystemExit) as left:
        main(["-C", str(project.root), "sql", "select 1"])
    assert left.value.code == 130
    assert capsys.readouterr().err.strip() == "tracker: interrupted; committed data is kept"
