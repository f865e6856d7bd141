"""What is emitted for other schedulers is what they take: crontab, units, workflows, DAGs."""

from __future__ import annotations

import ast
import bisect
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import types
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from support.project import ROOT
from tracker.errors import UsageError
from tracker.schedule import EMITTERS, Site, list_slots_after
from tracker.settings import AFTER_REPORT, Job, read_jobs, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

AWKWARD = '/srv/it\'s a 100% "plan" $HOME; rm -rf `x` & é'


def job(name: str = "morning", cron: str = "5 7 * * 1-5", zone: str = "America/New_York") -> Job:
    return Job(name, cron, zone, (), None, None, None, timedelta(days=3), ("desk",))


def site(root: str = "/srv/desk", *names: str) -> Site:
    folder = Path(root)
    return Site(("/opt/venv/bin/tracker",), folder, folder / "warehouse", names, ("DESK_WEBHOOK",))


# -- cron --------------------------------------------------------------------------------------------


def as_cron_reads(text: str) -> list[tuple[str, str]]:
    r"""A crontab by crontab(5): the five fields and the command, `\%` undone, `%` a line's end."""
    found = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        assert not re.match(r"\s*[A-Za-z_]+\s*=", line), "a line that sets a variable"
        *fields, command = line.split(maxsplit=5)
        first = re.split(r"(?<!\\)%", command)[0]
        found.append((" ".join(fields), first.replace("\\%", "%")))
    return found


@pytest.mark.parametrize("root", ["/srv/desk", AWKWARD, "/a  b/%d", "/ünï/財"])
def test_a_crontab_line_calls_the_tick_whatever_the_path(root: str) -> None:
    text = EMITTERS["cron"](site(root), [job()])
    ((fields, command),) = as_cron_reads(text)
    assert next(CronSim(fields, datetime(2024, 1, 1, tzinfo=UTC))) == datetime(2024, 1, 1, 0, 5, tzinfo=UTC)
    words = shlex.split(command.removesuffix(" 2>&1").replace(">>", ">> "))
    assert words == [
        "/opt/venv/bin/tracker",
        "--project",
        root,
        "schedule",
        "run",
        ">>",
        f"{root}/warehouse/schedule.log",
    ]
    assert "America/New_York" in text
    assert "3 days" in text


def test_the_shell_of_cron_finds_the_words(tmp_path: Path) -> None:
    folder = tmp_path / AWKWARD.replace("/", "_")
    (folder / "warehouse").mkdir(parents=True)
    told = Site((sys.executable, "-c", "import sys; print(sys.argv[1:])"), folder, folder / "warehouse", (), ())
    ((_, command),) = as_cron_reads(EMITTERS["cron"](told, [job()]))
    subprocess.run(["/bin/sh", "-c", command], check=True)
    logged = (folder / "warehouse" / "schedule.log").read_text()
    assert ast.literal_eval(logged) == ["--project", str(folder), "schedule", "run"]


@pytest.mark.parametrize("root", ["/a\nb", "/a\\b", "/a\x1bb"])
def test_what_a_crontab_cannot_hold_is_refused(root: str) -> None:
    with pytest.raises(UsageError, match="crontab"):
        EMITTERS["cron"](site(root), [job()])


@pytest.mark.parametrize(
    ("crons", "minutes"),
    [(["5 7 * * *"], "*/5"), (["*/15 * * * *", AFTER_REPORT], "*/5"), (["5 7 * * *", "7 7 * * *"], "*"), (["* * * * *"], "*")],
)  # fmt: skip
def test_ticks_come_as_often_as_the_slots_ask_for(crons: list[str], minutes: str) -> None:
    ((fields, _),) = as_cron_reads(EMITTERS["cron"](site(), [job(cron=cron) for cron in crons]))
    assert fields == f"{minutes} * * * *"


# -- systemd -----------------------------------------------------------------------------------------


def units(text: str) -> dict[str, str]:
    """The files in an emitted text by the name each begins with."""
    parts = re.split(r"^# ~/\.config/systemd/user/([^;\s]+).*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("root", ["desk", 'it\'s a 100% "plan" $HOME', "ünï"])
def test_systemd_verifies_the_units(tmp_path: Path, root: str) -> None:
    folder = tmp_path / root
    folder.mkdir()
    true = shutil.which("true") or "/bin/true"
    told = Site((true,), folder, folder / "warehouse", (), ("DESK_WEBHOOK",))
    files = units(EMITTERS["systemd"](told, [job()]))
    assert [name.rpartition(".")[2] for name in files] == ["service", "timer"]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    # The machine's own units put sockets there, and a socket's path may have 108 bytes at most.
    with tempfile.TemporaryDirectory(dir="/tmp") as runtime:
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", *(str(tmp_path / name) for name in files)],
            capture_output=True, text=True, check=False, env=os.environ | {"XDG_RUNTIME_DIR": runtime},
        )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "tracker-" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr
    calendar = re.search(r"OnCalendar=(.*)", "".join(files.values()))
    assert calendar
    subprocess.run(["systemd-analyze", "calendar", calendar[1]], capture_output=True, check=True)


def test_units_catch_up_and_end_what_hangs() -> None:
    files = units(EMITTERS["systemd"](site("/srv/100% desk", "morning"), [job()]))
    service, timer = files.values()
    assert 'ExecStart="/opt/venv/bin/tracker" "--project" "/srv/100%% desk" "schedule" "run" "morning"\n' in service
    assert "TimeoutStartSec=" in service
    assert "Persistent=true" in timer
    with pytest.raises(UsageError):
        EMITTERS["systemd"](site("/a\nb"), [job()])


# -- GitHub ------------------------------------------------------------------------------------------


def workflow(text: str) -> dict[Any, Any]:
    """The workflow as YAML 1.1 reads it (where a bare `on` is true)."""
    yaml = pytest.importorskip("yaml")
    found: dict[Any, Any] = yaml.safe_load(text)
    return found


CASES = [
    job(), job(cron="*/10 * * * *"), job(cron="0 0 1 * *", zone="Asia/Kathmandu"), job(cron="59 23 * * 0"),
    job(cron="30 2 * * *", zone="Europe/Berlin"), job(cron="0 9-17 * * 1-5", zone="Australia/Lord_Howe"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.cron} {one.timezone}")
def test_github_wakes_at_an_odd_minute_within_the_hour_after_every_slot(one: Job) -> None:
    crons = re.findall(r'- cron: "(.*)"', EMITTERS["github"](site(), [one]))
    assert crons
    assert all(int(cron.split()[0]) % 2 == 1 and 5 < int(cron.split()[0]) < 55 for cron in crons)
    now = datetime.now(UTC)
    zone = ZoneInfo(one.timezone)
    for number, slot in enumerate(list_slots_after(one.cron, zone, now)):
        wakes = [next(CronSim(cron, slot - timedelta(seconds=1))) for cron in crons]
        assert min(wakes) - slot < timedelta(hours=1), (slot, crons)
        if number > 400 or slot > now + timedelta(days=360):
            break


def test_the_workflow_is_yaml_with_what_github_needs() -> None:
    found = workflow(EMITTERS["github"](site("/srv/my desk"), [job(), job("earnings", AFTER_REPORT, "UTC")]))
    triggers = found[True]
    assert "workflow_dispatch" in triggers
    assert len(triggers["schedule"]) == 2
    assert found["concurrency"]["cancel-in-progress"] is False
    steps = found["jobs"]["tick"]["steps"]
    assert any("schedule run" in step.get("run", "") for step in steps)
    assert {"DESK_WEBHOOK": "${{ secrets.DESK_WEBHOOK }}"} in [step.get("env") for step in steps]


def test_paths_in_a_workflow_are_those_of_the_checkout(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    text = EMITTERS["github"](site(str(tmp_path / "books" / "my desk")), [job()])
    assert 'path: "books/my desk/warehouse"' in text
    assert "--project 'books/my desk' schedule run" in text


# -- Airflow -----------------------------------------------------------------------------------------


class Airflow:
    """Stand-ins that record what a file of DAGs makes of Airflow's names; the names are those of 3 or of 2."""

    def __init__(self, version: int) -> None:
        dags: list[dict[str, Any]] = []
        operators: list[dict[str, Any]] = []

        class Dag:
            def __init__(self, **options: Any) -> None:
                dags.append(options)

            def __enter__(self) -> None: ...
            def __exit__(self, *_: object) -> None: ...

        def timetable(cron: str, timezone: str) -> tuple[str, str]:
            return cron, timezone

        def operator(**options: Any) -> None:
            operators.append(options)

        self.dags, self.operators = dags, operators
        self.names: dict[str, Any] = {
            2: {
                "airflow": {"DAG": Dag},
                "airflow.timetables": {},
                "airflow.timetables.trigger": {"CronTriggerTimetable": timetable},
                "airflow.operators": {},
                "airflow.operators.bash": {"BashOperator": operator},
            },
            3: {
                "airflow": {},
                "airflow.sdk": {"DAG": Dag, "CronTriggerTimetable": timetable},
                "airflow.providers": {},
                "airflow.providers.standard": {},
                "airflow.providers.standard.operators": {},
                "airflow.providers.standard.operators.bash": {"BashOperator": operator},
            },
        }[version]

    def modules(self) -> Iterator[tuple[str, types.ModuleType]]:
        for name, content in self.names.items():
            module = types.ModuleType(name)
            vars(module).update(content, __path__=[])
            yield name, module


@pytest.mark.parametrize("version", [2, 3])
def test_the_dags_say_what_to_run_when(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    airflow = Airflow(version)
    for name, module in airflow.modules():
        monkeypatch.setitem(sys.modules, name, module)
    text = EMITTERS["airflow"](site(AWKWARD), [job(), job("earnings", AFTER_REPORT, "UTC")])
    exec(compile(text, "dags.py", "exec"), {})  # noqa: S102 - the file is ours
    assert [dag["schedule"][1] for dag in airflow.dags] == ["America/New_York", "UTC"]
    assert airflow.dags[0]["schedule"][0] == "5 7 * * 1-5"
    assert len({dag["dag_id"] for dag in airflow.dags}) == 2
    assert all(dag["catchup"] is False and dag["max_active_runs"] == 1 for dag in airflow.dags)
    assert all(re.fullmatch(r"[\w.-]+", dag["dag_id"]) for dag in airflow.dags)
    command, _, again = airflow.operators[0]["bash_command"].partition("{{")
    assert shlex.split(command) == ["/opt/venv/bin/tracker", "--project", AWKWARD, "schedule", "run", "morning"]
    assert "--again" in again, "what failed is done, and a second try that finds nothing due would look well"


#: Run under a Python that has Airflow: imports a folder of DAGs, stores them and reads them back as the scheduler does,
#: and tells what there is and when each would run in a year.
READER = """
import json, sys
import pendulum
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization

bag = DagBag(sys.argv[1], safe_mode=False)
found = {}
for name, dag in bag.dags.items():
    kept = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    wakes, now = [], pendulum.datetime(2025, 1, 1)
    while len(wakes) < 1500 and now < pendulum.datetime(2026, 1, 1):
        now = kept.timetable._get_next(now)
        wakes.append(now.isoformat())
    (task,) = dag.tasks
    found[name] = {"catchup": kept.catchup, "zone": str(kept.timetable._timezone), "task": task.task_type, "wakes": wakes}
print(json.dumps([bag.import_errors, bag.captured_warnings, found]))
"""
ODD_DAYS = (
    "5 7 * * 1-5", "0 7 1,15 * 1", "0 9 * * 5L", "0 9 L * *", "30 2 * * *", "0 9 * * 1#2", "*/15 9-16 * * mon-fri",
    "0 7 */2 * 1", "0 8 1-31 * 1", "15 3 * */3 SUN", "0 5 * * 1/2", "0 5 10/7 * *", "0 5 * * 5-7", "0 0 1 1 *",
)  # fmt: skip


def python_with_airflow() -> str:
    """A Python that has Airflow 3: the one AIRFLOW_PYTHON names, or this."""
    python = os.environ.get("AIRFLOW_PYTHON")
    if not python and importlib.util.find_spec("airflow") is None:
        pytest.skip("no Airflow: name a Python that has it in AIRFLOW_PYTHON to have the DAGs imported")
    return python or sys.executable


def test_airflow_imports_the_dags_and_wakes_after_every_slot(tmp_path: Path) -> None:
    python = python_with_airflow()
    zones = ("America/New_York", "Australia/Lord_Howe")
    jobs = [job(f"j{number}-{zone[:3]}", cron, zone) for number, cron in enumerate(ODD_DAYS) for zone in zones]
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "tracker.py").write_text(
        EMITTERS["airflow"](site(), [*jobs, job("earnings", AFTER_REPORT, "UTC")])
    )
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [python, "-c", READER, str(tmp_path / "dags")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    errors, warnings, found = json.loads(done.stdout.splitlines()[-1])
    assert (errors, warnings, len(found)) == ({}, {}, len(jobs) + 1)
    assert {(dag["catchup"], dag["task"]) for dag in found.values()} == {(False, "BashOperator")}
    for one in jobs:
        dag = found[f"tracker-desk-{one.name}"]
        wakes = [datetime.fromisoformat(wake) for wake in dag["wakes"]]
        assert dag["zone"] == one.timezone
        for slot in list_slots_after(one.cron, one.zone, datetime(2025, 1, 1, tzinfo=UTC)):
            if slot > wakes[-1]:
                break
            wake = wakes[bisect.bisect_left(wakes, slot)]
            assert wake - slot < timedelta(hours=1), (one.cron, one.timezone, slot, wake)


def test_a_template_in_a_path_is_refused() -> None:
    with pytest.raises(UsageError, match="template"):
        EMITTERS["airflow"](site("/srv/{{ ds }}"), [job()])


# -- the command -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(EMITTERS))
def test_the_command_prints_and_installs_nothing(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "my desk"
    folder.mkdir()
    text = (ROOT / "tracker.toml").read_text() + (
        '\n[schedule.morning]\ncron = "5 7 * * 1-5"\nnotify = ["desk"]\n'
        '[notify.desk]\nto = "webhook"\nurl = "$DESK_WEBHOOK"\n'
    )
    (folder / "tracker.toml").write_text(text)
    assert [one.name for one in read_jobs(read_settings(folder))][-1] == "morning"
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "--project", str(folder), "schedule", "emit", kind],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "morning" in done.stdout
    assert kind == "airflow" or "DESK_WEBHOOK" in done.stdout
    assert kind == "github" or str(folder) in done.stdout
    assert [path.name for path in folder.iterdir()] == ["tracker.toml"]
