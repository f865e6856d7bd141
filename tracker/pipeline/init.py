"""Write the files of an empty project."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from tracker.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["init"]


def init(folder: Path) -> list[Path]:
    """Write the files of an empty project and return their paths.

    Raises:
        UsageError: one of the files exists; then nothing is written.

    """
    starter = _load_starter_files()
    existing = [name for name in starter if (folder / name).exists()]
    if existing:
        raise UsageError(f"{folder / existing[0]} is there already; nothing was written")
    for name, text in starter.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in starter]


def _load_starter_files() -> dict[str, str]:
    """Return the text of each file of an empty project by its path in it."""
    texts = {path.name: path.read_text("utf-8") for path in files("tracker.pipeline").joinpath("starter").iterdir()}
    return {name.replace("__", "/"): texts[name] for name in sorted(texts)}
