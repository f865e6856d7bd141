"""The program in processes of its own that are forked with everything loaded: a kill hits the work, not the imports.

Such a process has its own memory and real files for its output, and spares the second that Python and the libraries
take to start; `test_cli.py` and the README's test start the program as a shell does.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.cli import main

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from tracker.project import Project

NOTHING = Path(os.devnull)
LOADED = ["pytest", "support.running", "tracker.pipeline.ingest", "tracker.pipeline.check", "tracker.warehouse.export", "tracker.explain.tree", "tracker.explain.diff", "tracker.sources.article.source", "tracker.report.making", "tracker.report.index", "tracker.schedule.steps"]  # fmt: skip


def processes() -> multiprocessing.context.ForkServerContext:
    """Where children come from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    return context


def begun(
    project: Project | Path, *arguments: str, stdin: Path = NOTHING, stdout: Path = NOTHING, stderr: Path = NOTHING
) -> BaseProcess:
    """A command that runs, its streams in files."""
    command = ["-C", str(project if isinstance(project, Path) else project.root), *arguments]
    child = processes().Process(target=_run, args=(command, (stdin, stdout, stderr), dict(os.environ), Path.cwd()))
    child.start()
    return child


def tracker(project: Project | Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
    """What a command prints, and its exit code."""
    with tempfile.TemporaryDirectory() as name:
        read, told, said = (Path(name) / stream for stream in ("stdin", "stdout", "stderr"))
        read.write_text(stdin, "utf-8")
        child = begun(project, *arguments, stdin=read, stdout=told, stderr=said)
        child.join()
        assert child.exitcode is not None
        return subprocess.CompletedProcess(arguments, child.exitcode, told.read_bytes(), said.read_bytes())


def tracker_text(project: Project | Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same, as text."""
    done = tracker(project, *arguments)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def _run(command: list[str], files: tuple[Path, ...], environment: dict[str, str], folder: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, file in enumerate(files):
        handle = os.open(file, os.O_RDWR | os.O_CREAT)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own streams
        for number, mode in enumerate("rww")
    )
    try:
        main(command)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def run_command(gate: Path, command: list[str], said: Path) -> None:
    """Run a command once somebody writes to the pipe `gate`; all it prints goes to a file."""
    gate.read_text()
    _run(command, (NOTHING, said, said), dict(os.environ), Path.cwd())
