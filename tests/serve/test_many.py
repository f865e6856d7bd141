"""Many readers at once while writers commit: nobody gets an error, and each answer comes from one whole commit."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from support.project import fact_line, small_project, write_seed_lines
from support.serving import run_apart, serving
from tracker.pipeline.ingest import ingest

pytest.importorskip("starlette", reason="the extra [serve] is not installed: pip install 'tracker[serve]'")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.project import Project

CLIENTS = 50
COMPANIES = ("acme", "june")
#: Each commit writes two metrics of a company with one value: two values of a company are of two commits.
PAIRS = "select entity, metric, value from figure where fiscal_period = '2024Q1' and entity in ('acme', 'june') order by all"
ADDRESSES = (
    "/index.json", "/", "/company/acme.json", "/company/june", "/company/acme/revenue/2024Q1.json", "/company/june/revenue",
    f"/sql.json?q={quote(PAIRS)}", f"/sql.csv?q={quote(PAIRS)}",
)  # fmt: skip
_WRITER = """
import sys
from pathlib import Path
from tracker.errors import BusyError
from tracker.pipeline.ingest import ingest
from tracker.project import load_project

project, end = load_project(Path(sys.argv[1])), Path(sys.argv[3])
for folder in sorted(Path(sys.argv[2]).iterdir()):
    while not end.exists():
        try:
            ingest(project, [folder])
            break
        except BusyError:
            pass
"""


@dataclass(frozen=True)
class Heard:
    """A reply that a client got: from which address, with which status and body."""

    address: str
    status: int
    body: bytes


@pytest.mark.parametrize("seconds", [5, pytest.param(60, marks=pytest.mark.long)])
def test_fifty_clients_ask_while_two_writers_commit(tmp_path: Path, seconds: int) -> None:
    project = small_project(tmp_path / "project")
    for company in COMPANIES:
        ingest(project, [write_batch(project, tmp_path / company, company, 0)])
    with serving(project.root) as served:
        for address in ADDRESSES:
            assert served.get(address)[0] == 200
        size = measure_memory(served.process.pid)
        with writing(project, tmp_path, 4 * seconds):
            heard = run_apart(ask_together, served.port, seconds)
            for _ in range(9):  # on a busy machine a writer may need several turns
                if len(list_commits(heard)) < 2:
                    heard += run_apart(ask_together, served.port, seconds)
        grown = measure_memory(served.process.pid) - size
    assert {one.status for one in heard} == {200}
    assert len(list_commits(heard)) > 1, "no writer got a turn"
    answers = [json.loads(one.body)["rows"] for one in heard if one.address.startswith("/sql.json")]
    assert answers
    assert [rows for rows in answers if not is_whole(rows)] == []
    assert grown < 300 * 2**20


def list_commits(heard: list[Heard]) -> set[int]:
    """List the commits that answers in JSON were made of."""
    return {json.loads(one.body)["commit"] for one in heard if one.address.partition("?")[0].endswith(".json")}


def write_batch(project: Project, folder: Path, company: str, number: int) -> Path:
    """Write seeds in which a release, later than the ones before, gives two metrics of a company one value."""
    shutil.copytree(project.seeds, folder, dirs_exist_ok=True)
    day, name = date(2024, 8, 1) + timedelta(days=number), f"{company}{number}"
    write_seed_lines(folder, "sources", [f"{name},release,{company},,en,,,,,{day},"])
    value = str(100 + number)
    metrics = ("Revenues", "NetIncomeLoss")
    write_seed_lines(folder, "facts", [fact_line(one, "2024Q1", value, entity=company, source=name) for one in metrics])
    return folder


@contextlib.contextmanager
def writing(project: Project, folder: Path, most: int) -> Iterator[None]:
    """Let two processes commit one batch after the other, each about a company of its own."""
    end = folder / "end"
    writers = []
    for company in COMPANIES:
        for number in range(1, most):
            write_batch(project, folder / f"batches-{company}" / f"{number:04}", company, number)
        command = [sys.executable, "-c", _WRITER, str(project.root), str(folder / f"batches-{company}"), str(end)]
        writers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
    try:
        yield
    finally:
        end.touch()
        said = [writer.communicate(timeout=60)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], said


async def ask_together(port: int, seconds: float) -> list[Heard]:
    """Let all clients ask one address after the other, each on a connection of its own, for so long."""
    end = time.monotonic() + seconds
    heard: list[Heard] = []
    await asyncio.gather(*(ask_on(port, at, end, heard) for at in range(CLIENTS)))
    return heard


async def ask_on(port: int, first: int, end: float, heard: list[Heard]) -> None:
    at = first
    while time.monotonic() < end:
        address = ADDRESSES[at % len(ADDRESSES)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {address} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        heard.append(Heard(address, int(head.split()[1]), body))
        at += 1
        await asyncio.sleep(0.1)


def is_whole(rows: list[dict[str, Any]]) -> bool:
    """Whether each company has both its metrics, with one value."""
    values = {company: [row["value"] for row in rows if row["entity"] == company] for company in COMPANIES}
    return all(len(found) == 2 and len({*found}) == 1 for found in values.values())


def measure_memory(process: int) -> int:
    """The memory that a process holds, in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096
