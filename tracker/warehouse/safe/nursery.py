"""The helper process whose children answer questions: it has loaded the engine and never holds any data.

It is started with an empty environment. It forks a child for each question, and the child ends after its answer; so
nothing of one question can reach the next. The helper reads orders from its standard input: `Q` with a socket forks a
child, `K` with a number ends one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import Final

import pyarrow.ipc  # noqa: F401 - loaded once, for all children

from tracker.warehouse.safe.child import answer_one

__all__ = ["ASK", "END", "NUMBER", "main"]

ASK: Final = b"Q"
END: Final = b"K"
#: The bytes of a process's number, and of how it ended.
NUMBER: Final = 8


def main() -> None:
    """Carry out orders until the other end closes the pipe."""
    control = socket.socket(fileno=os.dup(0))
    os.environ.clear()
    children: dict[int, int | None] = {}
    while True:
        order, ends, _, _ = socket.recv_fds(control, 1 + NUMBER, 1)
        _note_ended(children)
        if order[:1] == ASK and ends:
            child = _bear(control, ends[0])
            children[child] = None
            control.sendall(child.to_bytes(NUMBER, "big"))
        elif order[:1] == END:
            control.sendall(_end_child(children, int.from_bytes(order[1:], "big")).to_bytes(NUMBER, "big"))
        else:
            break
    for child in [one for one, ended in children.items() if ended is None]:
        os.kill(child, signal.SIGKILL)


def _bear(control: socket.socket, end: int) -> int:
    """Fork a child that answers over a socket; return its number."""
    child = os.fork()
    if child:
        os.close(end)
        return child
    try:
        control.close()
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        answer_one(socket.socket(fileno=end))
    finally:
        os._exit(0)


def _end_child(children: dict[int, int | None], child: int) -> int:
    """End a child; return the signal if one had ended it before, else 0."""
    if child not in children:
        return 0
    if (ended := children.pop(child)) is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return 0
    return os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else 0


def _note_ended(children: dict[int, int | None]) -> None:
    """Note which children have ended, and how: until then their numbers are not used again."""
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            if found[0] in children:
                children[found[0]] = found[1]
