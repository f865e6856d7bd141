"""An amount with a tolerance: "5 billion, plus or minus 100 million"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from tracker.model.quantity import EXACT
from tracker.sources.article.find.amount import Quantity, shifted
from tracker.sources.article.find.exactness import qualify
from tracker.sources.article.find.range_parts import Line, open_range, share_scale
from tracker.sources.article.text.lexicon import Phrases, bounded, compile_table, either, every, locale

if TYPE_CHECKING:
    from decimal import Decimal


__all__ = ["with_tolerance"]


def with_tolerance(atoms: list[Quantity], line: Line) -> list[Quantity]:
    """Return the amounts with "plus or minus" so much as one; a tolerance of nothing is marked as such."""
    out: list[Quantity] = []
    for atom in atoms:
        lead = _tolerance_lead(atom, line)
        whole = _tolerated(out[-1], atom, lead, line) if out and lead is not None else None
        if whole is not None:
            out[-1] = whole
        elif lead is not None and not _is_about(atom, line):
            out.append(replace(atom, flags=(*atom.flags, "tolerance")))
        else:
            out.append(atom)
    return out


@cache
def _tolerance_words(code: str) -> tuple[re.Pattern[str], re.Pattern[str], Phrases]:
    """Return words of a tolerance before an amount, what may lead to them, and those behind the amount."""
    own = locale(code)

    def listed(key: str) -> str:
        words = sorted(own.words("ranges", key), key=len, reverse=True)
        return "|".join(bounded(word, own.style) for word in words) or "(?!)"

    signs = r"±|\+ ?/ ?-|- ?/ ?\+|\+-|\(\+/-\)"
    glue = rf"(?: ?(?:{either(every('small', 'tolerance_link'))})(?!\w))?"
    said = rf"(?P<said>{listed('tolerance')}|{signs})"
    lead = rf"[ ,;(（、，]*(?:(?:{listed('tolerance_lead')})[ ,:;]*)?"  # noqa: RUF001
    behind = compile_table({"behind": own.table("ranges").get("tolerance_after", "")}, own.style)
    return re.compile(rf"{said}{glue} ?\Z"), re.compile(rf"{lead}\Z"), behind


def _tolerance_lead(atom: Quantity, line: Line) -> int | None:
    """Return where the words begin that make an amount a tolerance."""
    said, _, behind = _tolerance_words(line.code)
    digits = re.compile(r"[+\-]?").match(line.text, atom.start)
    place = atom.start if digits is None or atom.signed >= 0 else digits.end()
    low = max(line.start, place - 40)
    found = said.search(line.text[low:place])
    if found is not None:
        return low + found.start()
    mark = next(behind.find(line.text, atom.end, min(line.end, atom.end + 40)), None)
    return atom.start if mark is not None and mark.start - atom.end <= 1 else None


def _is_about(atom: Quantity, line: Line) -> bool:
    """Return true if "more or less" only says that the amount is not exact."""
    return qualify(atom, line.text, line.code, line.start, line.end).qualifier == "approx"


def _tolerated(left: Quantity, right: Quantity, lead: int, line: Line) -> Quantity | None:
    """Return the range of an amount and the tolerance behind it."""
    _, led, behind = _tolerance_words(line.code)
    room = _rounding_room(left, right)
    gap = _behind_period(line.gap(left.end, lead), line, left.end)
    near = led.fullmatch(gap) is not None
    if left.low is not None or not near or room is None or room <= 0:
        return None
    left = share_scale(left, right) if right.kind == "money" else left
    if room > left.value and left.kind != "percent":
        return replace(open_range(left), end=right.end)
    tail = next(behind.find(line.text, right.end, min(line.end, right.end + 40)), None)
    return replace(
        left,
        end=left.end
        if line.gap(left.end, lead) != line.text[left.end : lead]
        else tail.end
        if tail is not None and tail.start - right.end <= 1 and lead == right.start
        else right.end,
        low=EXACT.subtract(left.value, room),
        high=EXACT.add(left.value, room),
        qualifier="plus_minus",
        signed=left.signed if room <= left.value else 1,
        flags=left.flags if room <= left.value else (*left.flags, "across"),
    )


def _behind_period(gap: str, line: Line, low: int) -> str:
    """Return a gap without the period that it begins with ("in the third quarter, plus or minus")."""
    inside = [end for start, end in line.taken if low <= start and end <= low + len(gap)]
    if not inside:
        return gap
    words = re.findall(r"[^\W_]+", gap[: max(inside) - low])
    light = set(re.findall(r"\w+", locale(line.code).data["function_words"]))
    return gap[max(inside) - low :] if all(word in light for word in words) else gap


def _rounding_room(left: Quantity, right: Quantity) -> Decimal | None:
    """Return how far an amount may lie off: money, a share of it, or points of a rate; None where it makes no sense."""
    if left.kind == "percent":
        return {"percent": right.value, "points": right.value, "basis": shifted(right.value, -2)}.get(right.kind)
    if left.kind not in ("money", "count"):
        return None
    if right.kind == "percent":
        return EXACT.multiply(left.value, right.value) if right.value < 1 else None
    same = right.kind == left.kind and right.unit in (None, left.unit)
    bare = right.kind == "count" and left.kind == "money" and right.scaled
    part = left.kind == "count" and right.kind == "money"
    if part:
        left = share_scale(left, right)
    return share_scale(right, left).value if same or bare or part else None
