"""Command lines that make no sense: each ends with an exit code of ours and one line that says what to do."""

from __future__ import annotations

import itertools
import os
import random
from typing import TYPE_CHECKING

import pytest

from support.project import fact_line, often, small_project, write_facts
from tracker.cli import main
from tracker.pipeline.ingest import ingest
from tracker.project import load_project

if TYPE_CHECKING:
    from tracker.project import Project

CODES = {0, 1, 2, 3, 4, 75}
LONG = "x" * 5000
#: What stands where a moment, a name, a number, a path or a query should.
ODD = (
    "", " ", "abc", "0", "-1", "9" * 400, "1.5", "nan", "9999-12-31", "0001-01-01", "2024-02-30", "2024-13-01",
    "2024-08-05T25:00:00", "2024-08-05T10:00:00+99:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00",
    "2024-08-05T10:00:00Z", "20240805", "2024-W01", "\u0662\u0660\u0662\u0664-08-05", "a'b", 'a"b', "a;b", "../..", "/dev/null", "/", LONG,
    "a\nb", "\u202e", "\x01", "%s", "{}", "$x", "meta", "2024Q2", "FY99999", "0000Q1", "select", "*", "--", "🙂",
)  # fmt: skip
#: Commands with {} where an odd word goes.
LINES = (
    "sql {}", "sql|select 1|--as-of|{}", "sql|select 1|--recorded|{}", "sql|select $x as a|-p|x|{}", "sql|-f|{}",
    "sql|select 1|-o|{}", "sql|select 1|--format|{}", "explain {}", "explain|acme|revenue|{}", "explain|acme|{}|2024Q2",
    "explain|{}|revenue|2024Q2", "explain|acme|revenue|2024Q2|--as-of|{}", "diff|{}|2024-08-05", "diff|2024-08-01|{}",
    "diff|1|{}|--recorded", "diff|2024-08-01|2024-08-05|--entity|{}", "schema {}", "log|-n|{}", "report {}",
    "report|--as-of|{}", "report|--recorded|{}", "report|--format|{}", "check {}", "check|--now|{}", "check|--as-of|{}",
    "ingest {}", "ingest|{root}/a.txt|--published|{}", "ingest|{root}/a.txt|--entity|{}", "ingest|seeds|--source|{}",
    "ingest|{root}/a.txt|--kind|{}", "extract {}", "extract|{root}/a.txt|--published|{}", "held|show|{}",
    "held|release|{}|--reason|a", "held|drop|{}|--reason|a", "schedule|run|{}", "schedule|run|--now|{}",
    "schedule|next|--now|{}", "schedule|next|-n|{}", "schedule|next|{}", "schedule|emit|{}", "completion {}", "fetch {}",
    "{}", "verify {}", "build {}", "schedule|status|{}", "schedule {}", "held {}",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_project(tmp_path_factory.mktemp("desk"))
    with (project.root / "tracker.toml").open("a") as settings:
        settings.write('\n[schedule.monday]\ncron = "5 7 * * 1"\nreports = []\nchecks = []\ningest = []\n')
    write_facts(project, fact_line("Revenues", "2023Q2", "100"), fact_line("Revenues", "2024Q2", "150"))
    (project.root / "a.txt").write_text("Acme had revenue of $2 billion in the second quarter of 2024.")
    ingest(project, [project.seeds])
    return load_project(project.root)


def command_lines(count: int) -> list[tuple[str, str]]:
    """Some of all pairs of a command and an odd word, the same at every run."""
    pairs = list(itertools.product(LINES, ODD))
    return random.Random(5).sample(pairs, min(count, len(pairs)))


def outcome(desk: Project, words: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[object, str]:
    with pytest.raises(SystemExit) as left:
        main(["-C", str(desk.root), *words])
    return left.value.code, capfd.readouterr().err


def test_no_command_line_ends_in_a_traceback(
    desk: Project, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.root)
    before = sorted(path.name for path in desk.root.parent.iterdir())
    for line, odd in command_lines(often(150)):
        words = [
            word.replace("{root}", str(desk.root)).replace("{}", odd) for word in line.replace(" ", "|").split("|")
        ]
        code, told = outcome(desk, words, capfd)
        assert code in CODES, (words, code)
        assert "Traceback" not in told, words
        if code in {1, 2, 3, 4}:
            assert told.strip(), words
    assert sorted(path.name for path in desk.root.parent.iterdir()) == before


@pytest.mark.parametrize("value", ["abc", "-1", "nan", "inf", "1e400", "\u0663"])
def test_a_waiting_time_that_is_none_is_refused(
    desk: Project, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TRACKER_LOCK_WAIT", value)
    code, told = outcome(desk, ["ingest", str(desk.seeds)], capfd)
    assert code == 2
    assert "TRACKER_LOCK_WAIT" in told


def test_the_environment_is_as_before() -> None:
    assert os.environ.get("TRACKER_LOCK_WAIT") is None
