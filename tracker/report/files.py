"""Files of a report, replaced whole and only where they change."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["put"]


def put(path: Path, content: bytes) -> Path:
    """Replace a file at once; leave it alone where it already says the same."""
    if path.is_file() and path.read_bytes() == content:
        return path
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        os.fchmod(handle, 0o644)
    Path(name).replace(path)
    return path
