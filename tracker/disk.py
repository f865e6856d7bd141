"""What is on disk for good: the one place that asks the system to flush."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["sync"]


def sync(path: Path) -> None:
    """Flush a file's content, or a folder's names, to disk: after a rename it takes both to survive a crash."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
