"""Work for other processes to do, which must be importable there."""

from __future__ import annotations

import os
import signal
import time
from typing import NoReturn


def wait(seconds: float) -> float:
    """Wait so long, and return how long that was."""
    time.sleep(seconds)
    return seconds


def die(_: object) -> NoReturn:
    """End as a process does that the system kills because there is no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def print_and_return(text: str) -> str:
    """Print a text, and return it."""
    print(text, flush=True)  # noqa: T201 - to standard output, where results go
    return text


class OddError(Exception):
    """An error that can be pickled but not read again."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def fail_oddly(_: object) -> NoReturn:
    """Raise an error that no other process can read."""
    raise OddError("quite", "odd")
