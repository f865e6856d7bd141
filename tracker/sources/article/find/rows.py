# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""Rows: lines that hold a label and its amounts, and no sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.find.topics import Topic

__all__ = ["LONGEST", "is_line", "is_row"]

LONGEST: Final = 120  # letters: a longer line is prose
_OTHERS: Final = 4  # words of a label beside those for its metric and its period
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_CLOSED: Final = re.compile(r"[.!?。！？؟]['\")]* *\Z")


def is_row(
    folded: str,
    bounds: tuple[int, int],
    amounts: Sequence[Quantity],
    topics: Sequence[Topic],
    periods: Sequence[StatedPeriod],
    said: Sequence[tuple[int, int]],
) -> bool:
    """Return true if a line is a label with amounts behind it.

    `said` are words that claim, compare or tell a direction.
    """
    start, _ = bounds
    if not amounts or not topics or not is_line(folded, bounds):
        return False
    first = amounts[0].start
    if topics[0].start > first or any(low < first for low, _ in said):
        return False
    known = [(item.start, item.end) for item in amounts]
    known += [(item.start, item.end) for item in topics]
    known += [(item.start, item.end) for item in periods]
    rest = _blank_spans(folded, bounds, known)
    return len(_WORD.findall(rest[: first - start])) <= _OTHERS and not _WORD.search(rest[first - start :])


def is_line(folded: str, bounds: tuple[int, int]) -> bool:
    """Return true if a stretch of text is a short line of its own that ends no sentence."""
    start, end = bounds
    before = folded[:start].rstrip(" ")[-1:]
    whole = before in ("", "\n") and (end >= len(folded) or "\n" in folded[end - 1 : end + 1])
    line = folded[start:end].strip()
    return whole and 0 < len(line) <= LONGEST and _CLOSED.search(line) is None


def _blank_spans(folded: str, bounds: tuple[int, int], spans: Sequence[tuple[int, int]]) -> str:
    """Return a stretch of text with blanks for some of it."""
    start, end = bounds
    rest = folded[start:end]
    for span in spans:
        low, high = max(span[0], start), min(span[1], end)
        rest = rest[: low - start] + " " * (high - low) + rest[high - start :]
    return rest
