"""Two amounts put together as a range, which may lie below zero or across it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import topics
from tracker.sources.article.find.range_parts import BEHIND, NEAR, TOWARDS, Line, is_moving, range_words, share_scale
from tracker.sources.article.text import brackets
from tracker.sources.article.text.lexicon import locale

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity


__all__ = ["put_together", "read_swing"]

_LOSS: Final = 60  # letters between a loss and the range that it is


def put_together(left: Quantity, right: Quantity, line: Line) -> Quantity | None:
    """Return the two ends with scale and currency carried over, if they then make sense."""
    low, high = share_scale(left, right), share_scale(right, left)
    if low.kind != high.kind or low.unit != high.unit or low.kind == "multiple":
        return None
    across = _across_zero(low, high, line.text[left.end : right.start])
    if across is not None:
        below, above = across
        return replace(_span_zero(below, above, left.start), end=max(left.end, right.end))
    if low.value > high.value and _falls(left, right, line):
        low, high = high, low
    if not Decimal(0) < low.value < high.value or high.value > low.value * 50:
        return None
    return replace(
        right,
        kind=high.kind,
        unit=high.unit,
        value=high.value,
        start=left.start,
        end=max(left.end, right.end),
        low=low.value,
        high=high.value,
        qualifier="range",
        signed=left.signed,
        scaled=high.scaled,
        power=high.power,
        flags=high.flags,
        decimals=min(low.decimals, high.decimals),
    )


def _across_zero(left: Quantity, right: Quantity, gap: str) -> tuple[Quantity, Quantity] | None:
    """Return the end below zero and the end above it. A dash may be no sign; brackets mark each end by itself."""
    dashed = "-" in gap.rstrip("+")
    if brackets.MINUS in left.flags:
        is_above = brackets.MINUS not in right.flags and (right.signed >= 0 or dashed)
        return (left, right) if is_above else None
    if left.signed < 0 <= right.signed and not dashed:
        return left, right
    return (right, left) if left.signed >= 0 and brackets.MINUS in right.flags else None


def _span_zero(low: Quantity, high: Quantity, start: int) -> Quantity:
    """Return a range from below zero to above it; it keeps its own signs."""
    return replace(
        high,
        start=start,
        low=-low.value,
        high=high.value,
        qualifier="range",
        signed=1,
        flags=(*high.flags, "across"),
        decimals=min(low.decimals, high.decimals),
    )


def _falls(left: Quantity, right: Quantity, line: Line) -> bool:
    """Return true if the larger amount may stand first: both are below zero, or losses."""
    if left.signed < 0 and right.signed < 0:
        return True
    words = range_words(line.code)
    gap = line.text[left.end : right.start]
    joins = words.into.match(gap) is None or "-" in gap or "~" in gap
    return _is_loss(left, right, line) and (joins or not is_moving([], left, right, line))


_LOSSES: Final = frozenset({"loss", "net_loss", "operating_loss", "loss_per_share"})
_RESULTS: Final = frozenset({"profit", "net_income", "operating_income", "eps"})


def _is_loss(left: Quantity, right: Quantity, line: Line) -> bool:
    """Return true if the last result named before two amounts, or right behind them, is a loss."""
    low = max(line.start, left.start - _LOSS)
    before = list(topics.find_results(line.text, low, left.start, line.code))
    if before:
        return before[-1].label in _LOSSES
    behind = topics.find_results(line.text, right.end, min(line.end, right.end + BEHIND), line.code)
    return next((mark.label in _LOSSES for mark in behind), False)


def read_swing(left: Quantity, right: Quantity, line: Line) -> Quantity | None:
    """As in "between a loss of 5 and a profit of 3": one range. "From a loss of 5 to a profit of 3" is a change."""
    gap = line.text[left.end : right.start]
    low, high = share_scale(left, right), share_scale(right, left)
    alike = low.kind == high.kind == "money" and low.unit == high.unit
    if len(gap) > 2 * TOWARDS or not alike or left.low is not None or right.low is not None:
        return None
    lost = _loss_at(left, line)
    won = [mark for mark in topics.find_results(line.text, left.end, right.start, line.code) if mark.label in _RESULTS]
    tail = topics.find_results(line.text, right.end, min(line.end, right.end + BEHIND), line.code)
    won += [mark for mark in tail if mark.label in _RESULTS and locale(line.code).verb_final]
    if lost is None or not won or not _spans(left, right, lost, line):
        return None
    return replace(_span_zero(replace(low, signed=-1), high, left.start), lead=lost)


def _loss_at(quantity: Quantity, line: Line) -> int | None:
    """Return where the loss begins that an amount is, if it is one."""
    if locale(line.code).verb_final:
        behind = topics.find_results(line.text, quantity.end, min(line.end, quantity.end + 6), line.code)
        return quantity.start if any(mark.label in _LOSSES for mark in behind) else None
    before = topics.find_results(line.text, max(line.start, quantity.start - NEAR), quantity.start, line.code)
    last = next(iter(reversed(list(before))), None)
    return last.start if last is not None and last.label in _LOSSES else None


def _spans(left: Quantity, right: Quantity, lost: int, line: Line) -> bool:
    """Return true if the words say that a result lies somewhere between a loss and a profit."""
    words, own = range_words(line.code), locale(line.code)
    gap = line.text[left.end : right.start]
    behind = line.text[right.end : min(line.end, right.end + BEHIND)]
    if any(word in behind for word in own.words("ranges", "within")):
        return True
    if own.verb_final:
        return "~" in gap
    before = line.text[max(line.start, lost - 2 * NEAR) : lost]
    ranged = words.opens.search(before) is not None
    if ranged or words.steady.match(gap) is not None:
        return words.joins.match(gap) is not None
    if own.phrases("compare", "versus").has(gap, 0, len(gap)):
        return False
    from_said = words.from_.search(before) is not None
    return words.towards.match(gap) is not None and not (from_said or is_moving([], left, right, line))
