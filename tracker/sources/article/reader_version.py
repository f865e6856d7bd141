"""Which reader of articles this is: another one may find other figures in the same text."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["reader_version"]


@cache
def reader_version() -> str:
    """Return a name for all rules and words by which articles are read: eight hexadecimal digits of their hash."""
    digest = hashlib.sha256()
    for part in _source_files(files("tracker.sources.article")):
        digest.update(part.name.encode() + b"\0" + hashlib.sha256(part.read_bytes()).digest())
    return digest.hexdigest()[:8]


def _source_files(folder: Traversable) -> Iterator[Traversable]:
    """Yield the files of a package of rules and words, in order."""
    for part in sorted(folder.iterdir(), key=lambda part: part.name):
        if part.is_dir():
            yield from _source_files(part)
        elif part.name.endswith((".py", ".toml", ".csv")):
            yield part
