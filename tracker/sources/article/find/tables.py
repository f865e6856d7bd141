"""Tables in text: the amounts of a line in the scale and currency of its header, each with its column.

A header holds for the amounts of its own line where it stands behind a label or an amount, else for the lines below it:
until the next header, or until a paragraph of prose that a blank line sets apart. A paragraph that prints its amounts
with scale words is never scaled; one that prints money without them may or may not be meant in the scale of a table
above, so it is left open. Figures per share keep their scale, counts follow the words of the header.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import rows
from tracker.sources.article.find.amount import DASH, NO_CURRENCY, SCALE_OPEN, SPACED, shifted
from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.find.units import minor_power
from tracker.sources.article.text import brackets
from tracker.sources.article.text.lexicon import LANGUAGES, Phrases, compile_table, locale, merge_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.headers import Header
    from tracker.sources.article.find.topics import Topic

__all__ = [
    "CELLS",
    "COLUMN",
    "NOTE",
    "NO_CURRENCY",
    "ROW",
    "SCALE_OPEN",
    "Block",
    "Line",
    "apart",
    "parted",
    "scaled",
    "under",
]

ROW: Final = rows.LONGEST
#: Flags of a cell: its column, how many cells its row has, what may be the number of a footnote.
COLUMN: Final = "column:"
CELLS: Final = "cells:"
NOTE: Final = "note"

_PER_SHARE: Final = frozenset({"eps", "loss_per_share"})
_LETTER: Final = re.compile(r"[^\W\d_]")
_BRACKET: Final = re.compile(r" ?[(\[](?:in )?([^()\[\]\d]{1,16})[)\]]")
_SHARED_MINOR: Final = "USD"  # the currency of cents where a table names no other
_FOOTNOTE: Final = 2  # digits of its number
_AROUND: Final = 600  # letters of the other rows of a table on either side of one
_MINUS: Final = r"[-(\u2212\u25b3\u25b2]?"
_ROW_CELLS: Final = re.compile(rf"^[^\d\n]*[^\W\d_][^\d\n]*?((?<=[ \t:|]){_MINUS}\d[^\n]*)$", re.MULTILINE)
_ONE_CELL: Final = re.compile(rf"{_MINUS}\d{{1,3}}(?: \d{{3}}){{0,2}}(?:[.,]\d{{1,2}})?\)?(?: ?%)? *")
_PLAUSIBLE: Final = 13  # digits: no amount of a company is larger, whatever its currency


@dataclass(frozen=True, slots=True)
class Block:
    """The lines under a header: their scale, the currency they have shown, and whether a paragraph has ended them."""

    header: Header
    unit: str | None = None
    has_rows: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its headers and the block that it stands in."""

    folded: str
    start: int
    end: int
    own: Sequence[Header]
    block: Block | None
    is_row: bool  # a label with its amounts
    is_dated: bool  # it names a period
    heads: int  # how many columns the lines above have named

    @property
    def is_cells(self) -> bool:
        """Return true if its amounts are cells: it is no sentence."""
        return self.is_row or rows.is_line(self.folded, (self.start, self.end))


def under(block: Block | None, folded: str, bounds: tuple[int, int]) -> Block | None:
    """Return the block that the next line stands in: a paragraph of prose behind a blank line ends one."""
    if block is None or block.is_over or block.header.everywhere:
        return block
    apart = "\n\n" in re.sub(r"[ \t]+", "", folded[max(block.header.end, bounds[0] - 20) : bounds[0]])
    return replace(block, is_over=True) if apart and not rows.is_line(folded, bounds) else block


def apart(found: Sequence[Header], amounts: Sequence[Quantity], topics: Sequence[Topic]) -> Header | None:
    """Return the header that also holds for the lines below: one before all labels, or beside no amounts."""
    if not found:
        return None
    last = found[-1]
    first = min((topic.start for topic in topics), default=None)
    closes = first is None and all(amount.end <= last.start for amount in amounts)
    return last if not amounts or closes or (first is not None and last.end <= first) else None


def scaled(amounts: Sequence[Quantity], topics: Sequence[Topic], line: Line) -> list[Quantity]:
    """Return the amounts of a line in the scale and currency of its header, those of rows with their column."""
    labels = [_label(amount, topics) for amount in amounts]
    out = [
        _scaled(amount, label, header, line)
        if _is_plain(amount, label) and (header := _header(amount, line)) is not None
        else amount
        for amount, label in zip(amounts, labels, strict=True)
    ]
    out = [_in_minor(amount, label, line) for amount, label in zip(out, labels, strict=True)]
    return _in_columns(out, labels, line)


def _in_minor(amount: Quantity, label: Topic | None, line: Line) -> Quantity:
    """Return an amount per share in the small unit that the label of its row names: "EPS (pence) 3.2"."""
    if label is None or label.label not in _PER_SHARE or amount.kind not in ("count", "money") or amount.scaled:
        return amount
    found = _BRACKET.match(line.folded, label.end, amount.start)
    mark = None if found is None else _minor_units().match(found[1], 0)
    if found is None or mark is None or mark.end < len(found[1]):
        return amount
    unit = (line.block.unit or line.block.header.unit) if line.block else None
    unit = unit if unit and mark.label == _SHARED_MINOR else mark.label
    return replace(
        amount,
        kind="money",
        unit=unit,
        value=shifted(amount.value, -minor_power(unit)),
        decimals=amount.decimals + minor_power(unit),
    )


@cache
def _minor_units() -> Phrases:
    """Return the names of small units of currencies, in all languages."""
    tables = (locale(code).table("minor_units") for code in LANGUAGES)
    return compile_table(merge_tables(*tables), "words")


def _label(amount: Quantity, topics: Sequence[Topic]) -> Topic | None:
    """Return what a line gives an amount of: the topic before it."""
    return next((topic for topic in reversed(topics) if topic.end <= amount.start), None)


def _is_plain(amount: Quantity, label: Topic | None) -> bool:
    """Return true if an amount says nothing of its own scale."""
    known = label is not None or amount.kind == "money"
    return known and amount.kind in ("count", "money") and not amount.scaled and "spelled" not in amount.flags


def _header(amount: Quantity, line: Line) -> Header | None:
    """Return the header that an amount is printed in: right behind it, before it in its line, or above."""
    for header in line.own:
        if amount.end <= header.start and not _LETTER.search(line.folded, amount.end, header.start):
            return header
    before = [header for header in line.own if header.end <= amount.start]
    if before:
        return before[-1]
    if len(line.own) == 1 and not _LETTER.search(line.folded, line.own[0].end, line.end):
        return line.own[0]
    return None if line.block is None else line.block.header


def _scaled(amount: Quantity, label: Topic | None, header: Header, line: Line) -> Quantity:
    """Return one amount under a header."""
    is_above = header not in line.own
    if not header.is_clear and is_above and not line.is_cells:
        return amount
    if not header.is_clear or (is_above and _is_left_open(amount, header, line)):
        return _leave_open(amount, label, header)
    if label is not None and label.label in COUNTED:
        return _scale_count(amount, label, header) if not is_above or line.is_cells else amount
    return amount if label is None and is_above else _cell(amount, label, header, line)


def _is_left_open(amount: Quantity, header: Header, line: Line) -> bool:
    """Return true if an amount stands behind the block of a header, or is money in a sentence among its rows."""
    block = line.block
    if block is None or block.is_over or header.everywhere:
        return block is not None and block.is_over
    return not line.is_cells and block.has_rows and amount.kind == "money"


def _leave_open(amount: Quantity, label: Topic | None, header: Header) -> Quantity:
    """Return money in prose below a table: it may be meant in the scale of the table."""
    per_share = label is not None and label.label in _PER_SHARE
    if amount.kind != "money" or per_share or (header.power == 0 and header.is_clear):
        return amount
    too_large = amount.value.adjusted() + header.power >= _PLAUSIBLE
    return amount if too_large else replace(amount, flags=(*amount.flags, SCALE_OPEN))


def _scale_count(amount: Quantity, label: Topic, header: Header) -> Quantity:
    """Scale a count of people, if the words of the header say that its scale is of counts, too."""
    if amount.kind != "count" or label.label in header.exempt or header.counts is False:
        return amount
    if header.counts is None:
        return replace(amount, flags=(*amount.flags, SCALE_OPEN))
    return _multiply(amount, header.power)


def _cell(amount: Quantity, label: Topic | None, header: Header, line: Line) -> Quantity:
    """Return money in the scale and currency of its header; brackets in a line of cells are a minus sign."""
    per_share = label is not None and label.label in _PER_SHARE
    unit = amount.unit or header.unit or (line.block.unit if line.block else None)
    flags = tuple(flag for flag in amount.flags if flag != brackets.ASIDE or not line.is_cells)
    is_minus = amount.signed < 0 or len(flags) < len(amount.flags) or DASH in flags
    cell = replace(
        amount,
        kind="money",
        unit=unit or "",
        signed=-1 if is_minus else amount.signed,
        flags=(*flags, "header", *([] if unit else [NO_CURRENCY])),
    )
    if line.is_cells and _is_doubtful(amount, line):
        cell = replace(cell, flags=(*cell.flags, SCALE_OPEN))
    return cell if per_share else _multiply(cell, header.power)


def _multiply(amount: Quantity, power: int) -> Quantity:
    """Return an amount in the scale of its header."""
    return replace(
        amount,
        value=shifted(amount.value, power) if power else Decimal(amount.value),
        low=None if amount.low is None else shifted(amount.low, power),
        high=None if amount.high is None else shifted(amount.high, power),
        decimals=amount.decimals - power,
        scaled=power > 0,
        power=power,
    )


# Cells that blanks part -----------------------------------------------------------------------------------------


def parted(amounts: Sequence[Quantity], topics: Sequence[Topic], line: Line) -> list[Quantity]:
    """Return the amounts of a line.

    Digits with blanks as several cells where that gives each head of a column its own.
    """
    if not line.is_cells or line.heads <= 1:
        return list(amounts)
    labels = [_label(amount, topics) for amount in amounts]
    plain = [label for amount, label in zip(amounts, labels, strict=True) if label and _is_plain(amount, label)]
    total = Counter(label.start for label in plain)
    out: list[Quantity] = []
    for amount, label in zip(amounts, labels, strict=True):
        count = total[label.start] if label else 0
        parts = line.heads // count if count and line.heads % count == 0 else 1
        out += _split(amount, parts, line.folded)
    return out


def _split(amount: Quantity, parts: int, folded: str) -> list[Quantity]:
    """Return the digits of an amount as so many amounts of as many groups, where they can be."""
    groups = list(re.finditer(r"\d+", folded[amount.start : amount.end]))
    each, rest = divmod(len(groups), parts)
    if SPACED not in amount.flags or parts < 2 or rest or amount.decimals or amount.low is not None:  # noqa: PLR2004 - one is as it stands
        return [amount]
    chosen = [groups[index : index + each] for index in range(0, len(groups), each)]
    if any(run[0][0].startswith("0") for run in chosen):
        return [amount]
    return [
        replace(
            amount,
            start=amount.start + run[0].start(),
            end=amount.start + run[-1].end(),
            value=Decimal("".join(group[0] for group in run)),
        )
        for run in chosen
    ]


def _is_doubtful(amount: Quantity, line: Line) -> bool:
    """Return true if digits with blanks may be two amounts, and neither header nor other rows decide it."""
    is_one = SPACED not in amount.flags or brackets.ASIDE in amount.flags or brackets.MINUS in amount.flags
    digits = line.folded[amount.start : amount.end]
    if is_one or line.heads or not _has_two_readings(digits):
        return False
    return digits.count(" ") > 1 or not _has_single_cells(line)


def _has_two_readings(digits: str) -> bool:
    """Return true if digits with blanks may be one amount or two of one size: "987 654"."""
    groups = re.findall(r"\d+", digits)
    if len(groups) % 2 or groups[len(groups) // 2].startswith("0"):
        return False
    left, right = (Decimal("".join(half)) for half in (groups[: len(groups) // 2], groups[len(groups) // 2 :]))
    return left <= 2 * right and right <= 2 * left


def _has_single_cells(line: Line) -> bool:
    """Return true if the other rows of a table show that each has one amount: "12 345" beside "987 654"."""
    top = line.block.header.end if line.block else line.start
    found = [cells[1] for cells in _ROW_CELLS.finditer(line.folded, *_stretch(line.folded, top, line))]
    open_ = [cells[0].isdigit() and cells.strip().count(" ") == 1 and _has_two_readings(cells) for cells in found]
    return not all(open_) and all(
        is_open or _ONE_CELL.fullmatch(cells) for cells, is_open in zip(found, open_, strict=True)
    )


def _stretch(folded: str, top: int, line: Line) -> tuple[int, int]:
    """Return the lines around a row, from the header of its table on, up to a blank line on either side."""
    above = folded.rfind("\n\n", max(top, line.start - _AROUND, 0), line.start)
    below = folded.find("\n\n", line.end - 1, line.end + _AROUND)
    return above + 1 if above >= 0 else max(top, line.start - _AROUND, 0), below if below >= 0 else line.end + _AROUND


# Columns ----------------------------------------------------------------------------------------------------------


def _in_columns(amounts: list[Quantity], labels: Sequence[Topic | None], line: Line) -> list[Quantity]:
    """Return the cells of each label, numbered from the left."""
    is_headed = any("header" in amount.flags for amount in amounts)
    is_below = line.is_cells and line.block is not None and not line.block.is_over
    if not is_headed and (line.is_dated or not (line.is_row or is_below)):
        return amounts
    cells = [_is_cell(amount, label, is_headed=is_headed) for amount, label in zip(amounts, labels, strict=True)]
    places = [label.start if label and is_cell else None for label, is_cell in zip(labels, cells, strict=True)]
    if not line.is_cells:
        places = [None if place in _in_words(amounts, places, line) else place for place in places]
    total = Counter(place for place in places if place is not None)
    seen: Counter[int] = Counter()
    out: list[Quantity] = []
    for index, (amount, place) in enumerate(zip(amounts, places, strict=True)):
        if place is None or (total[place] == 1 and not is_headed):
            out.append(amount)
            continue
        note = [NOTE] if seen[place] == 0 and _is_note(amounts, index) else []
        out.append(replace(amount, flags=(*amount.flags, f"{COLUMN}{seen[place]}", f"{CELLS}{total[place]}", *note)))
        seen[place] += 1
    return out


def _in_words(amounts: Sequence[Quantity], places: Sequence[int | None], line: Line) -> set[int]:
    """Return the labels of a sentence whose amounts have words between: they are no cells."""
    out: set[int] = set()
    for index in range(1, len(amounts)):
        place = places[index]
        gap = amounts[index - 1].end, amounts[index].start
        if place is not None and place == places[index - 1] and _LETTER.search(line.folded, *gap):
            out.add(place)
    return out


def _is_cell(amount: Quantity, label: Topic | None, *, is_headed: bool) -> bool:
    """Return true if an amount fills a column: money that is no aside, and under a header what the header is of."""
    if label is None or amount.low is not None or brackets.ASIDE in amount.flags:
        return False
    if label.label in COUNTED:
        return amount.kind == "count"
    return "header" in amount.flags if is_headed else amount.kind == "money"


def _is_note(amounts: Sequence[Quantity], index: int) -> bool:
    """Return true if the first cell may be the number of a footnote: one or two digits before cells of more."""
    first = amounts[index]
    digits = [amount.value.adjusted() - amount.power + 1 for amount in amounts[index : index + 2]]
    return len(digits) > 1 and first.decimals + first.power == 0 and digits[0] <= _FOOTNOTE < digits[1]
