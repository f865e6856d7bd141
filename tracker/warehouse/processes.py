"""Run a function on tasks in other processes, one process for each task.

An engine with two threads derives figures hardly faster than one with a single thread, but two processes are twice as
fast as one. When a process ends, its memory goes back to the system. `multiprocessing` would import the caller's script
again in each process; here only the module of the function is imported, so any script can be the caller.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tracker.errors import LostProcessError
from tracker.warehouse.connection import count_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future
    from typing import Self

__all__ = ["count_processes", "map_in_processes", "work_for_parent"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

#: More processes than this would take more memory than a common machine has.
_MOST: Final = 8
_START: Final = f"""
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from {__name__} import work_for_parent
work_for_parent()
"""


def count_processes() -> int:
    """Return how many processes may work at once: one for each thread that the engine may have, eight at most."""
    return min(count_threads(), _MOST) if sys.executable else 1


def map_in_processes(
    work: Callable[[_Task], _Result], tasks: Iterable[_Task], processes: int
) -> Generator[_Result, None, None]:
    """Yield the result of a function for each task, in the order of the tasks.

    At most this many processes run at once. The function must be defined at the top of a module; the function, the
    tasks and the results must be picklable. An exception of the function is raised here. If the caller stops early, the
    processes are killed.

    Raises:
        LostProcessError: a process was killed or ended without an answer.

    """
    coming: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(processes, "process") as threads, _Processes() as running:
        for task in tasks:
            coming.append(threads.submit(running.run, work, task))
            if len(coming) > 2 * processes:  # while the first one is slow, the others have work
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


class _Processes:
    """The processes that run. Once it is closed, they are killed and no more start."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._changing = threading.Lock()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._changing:
            self._is_closed = True
            for process in self._running:
                process.kill()

    def run(self, work: Callable[[_Task], _Result], task: _Task) -> _Result:
        """Run a function on a task in a new process, and return its result."""
        with self._start() as process:
            try:
                is_done, answer = _exchange(process, work, task)
            finally:
                with self._changing:
                    self._running.discard(process)
        if not is_done:
            raise answer
        return answer  # type: ignore[no-any-return]

    def _start(self) -> subprocess.Popen[bytes]:
        """Start a process that waits for its task."""
        with self._changing:
            if self._is_closed:
                raise CancelledError
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"TRACKER_THREADS": "1"},
            )
            self._running.add(process)
            return process


def _exchange(process: subprocess.Popen[bytes], work: Callable[[Any], Any], task: object) -> tuple[bool, Any]:
    """Send a process its task; return whether it is done, and the result or the error."""
    assert process.stdin  # noqa: S101 - both are pipes
    assert process.stdout  # noqa: S101
    try:
        pickle.dump(sys.path, process.stdin)
        pickle.dump((work, task), process.stdin, protocol=5)
        process.stdin.flush()
        is_done, answer = pickle.load(process.stdout)  # noqa: S301 - from our own process
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):
        process.kill()
        message = f"a process that shares the work ended without an answer (code {process.wait()})"
        return False, LostProcessError(f"{message}; set TRACKER_THREADS=1 if the memory is too small for several")
    return is_done, answer


def work_for_parent() -> None:
    """Read a function and its task from the parent, and send the result or the error back. End when the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent gets it, too, and decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    work, task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = pickle.dumps((True, work(task)), protocol=5)
    except Exception as error:  # noqa: BLE001 - the parent raises it
        answer = _pickle_error(error)
    with answers:
        answers.write(answer)
    os._exit(0)  # nothing is left to do: the answer is written, and the memory goes back at once


def _end_with_parent() -> None:
    """Wait until the parent has closed its end of the pipe, then end."""
    os.read(0, 1)
    os._exit(1)


def _pickle_error(error: Exception) -> bytes:
    try:
        text = pickle.dumps((False, error))
        pickle.loads(text)  # noqa: S301 - some errors can be written and not read
    except Exception:  # noqa: BLE001 - an error of any kind is told as text
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return text
