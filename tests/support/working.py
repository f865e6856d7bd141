"""Work for other processes to do, which must be importable there."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, NoReturn

from tracker.pipeline.archive_pieces import _prepare_load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.pipeline.archive_pieces import FactPiece, PieceOutcome, PieceTask


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


def prepare_and_die(load: tuple[PieceTask, Sequence[FactPiece]]) -> list[PieceOutcome]:
    """Prepare pieces of an archive; after the files of company 5 are written, end as `die` does."""
    outcomes = _prepare_load(load)
    return die(load) if _has_company_5(load) else outcomes


def prepare_and_wait(load: tuple[PieceTask, Sequence[FactPiece]]) -> list[PieceOutcome]:
    """Prepare pieces of an archive; after the files of company 5 are written, wait ten minutes."""
    outcomes = _prepare_load(load)
    if _has_company_5(load):
        time.sleep(600)
    return outcomes


def _has_company_5(load: tuple[PieceTask, Sequence[FactPiece]]) -> bool:
    return any("CIK0000000005.json" in (piece.members or ()) for piece in load[1])
