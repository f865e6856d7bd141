"""Two amounts that make a range, or the two ends of a change."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import claims, revisions
from tracker.sources.article.find.amount import Quantity
from tracker.sources.article.find.range_parts import (
    NEAR,
    TOWARDS,
    Line,
    is_moving,
    open_range,
    range_words,
    share_scale,
)
from tracker.sources.article.find.tolerances import with_tolerance
from tracker.sources.article.find.two_ends import put_together, read_swing
from tracker.sources.article.text.lexicon import bounded, locale

if TYPE_CHECKING:
    from collections.abc import Sequence


__all__ = ["joined", "joint", "with_distances"]

_GAP: Final = 16  # letters between two ends: a connector and an article


def joined(
    atoms: list[Quantity], text: str, code: str, bounds: tuple[int, int], taken: Sequence[tuple[int, int]]
) -> list[Quantity]:
    """Return the quantities with neighbours that make a range, or an amount and its tolerance, as one.

    `taken` are spans that are no amounts: periods.
    """
    if not atoms:
        return []
    line = Line(text, *bounds, code, claims.find_boundaries(text, *bounds, code), tuple(taken))
    rest, out = with_tolerance(atoms, line), list[Quantity]()
    while rest:
        made, used = _join_first(out, rest, line)
        out += made
        rest = rest[used:]
    return [_loosen(_as_change(quantity, line)) for quantity in _with_addends(out, line)]


def joint(text: str, position: int, code: str) -> int | None:
    """Return where the second end of a range may begin behind the first: where the words end that join them."""
    found = range_words(code).join.match(text, position)
    return None if found is None else found.end()


def _as_change(quantity: Quantity, line: Line) -> Quantity:
    """Mark the quantity by how much something moved ("up 400 million from its prior range")."""
    if quantity.kind != "money" or "change" in quantity.flags:
        return quantity
    before, behind = _steps(line.code)
    if behind.match(line.text, quantity.end, line.end) is None:  # seldom, and quicker to see
        return quantity
    led = before.search(line.text[max(line.start, quantity.start - NEAR) : quantity.start]) is not None
    return replace(quantity, flags=(*quantity.flags, "change")) if led else quantity


@cache
def _steps(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return a word of direction right before an amount, and an old forecast behind it."""
    own = locale(code)

    def bound(words: Sequence[str]) -> str:
        return "|".join(bounded(word, own.style) for word in sorted(words, key=len, reverse=True) if word) or "(?!)"

    moves = bound([word for key in ("up", "down") for word in own.words("directions", key)])
    versus = bound([*own.words("ranges", "from"), *own.words("compare", "versus")])
    old = bound([*own.words("earlier", "adjective"), *own.words("earlier", "noun"), *own.words("earlier", "adverb")])
    by = bound(own.words("ranges", "by"))
    return re.compile(rf"(?:{moves})(?: (?:{by}))? ?\Z"), re.compile(rf" ?(?:{versus})(?: [^\W\d]+){{0,2}} ?(?:{old})")


def with_distances(found: list[Quantity]) -> list[Quantity]:
    """Return the quantities with a mark where one is how far it is to the next ("20 million below the 150 million")."""
    out = list(found)
    for place, (one, other) in enumerate(pairwise(found)):
        is_led = other.qualifier in ("more_than", "less_than") and 0 <= other.lead - one.end <= 1
        if is_led and one.kind == other.kind == "money":
            out[place : place + 2] = [replace(item, flags=(*item.flags, "change")) for item in (one, other)]
    return out


def _with_addends(found: list[Quantity], line: Line) -> list[Quantity]:
    """Return the quantities with a mark where one is only added to the one before ("3 billion plus 150 million")."""
    out = found[:1]
    for quantity in found[1:]:
        is_added = _added(line.code).search(line.text[out[-1].end : quantity.start]) is not None
        is_added = is_added and out[-1].kind == quantity.kind
        out.append(replace(quantity, flags=(*quantity.flags, "addend")) if is_added else quantity)
    return out


@cache
def _added(code: str) -> re.Pattern[str]:
    own = locale(code)
    words = sorted(own.words("ranges", "added"), key=len, reverse=True)
    return re.compile(rf"(?:\A|[,、]) ?(?:{'|'.join(bounded(word, own.style) for word in words) or '(?!)'}) ?\Z")


def _loosen(quantity: Quantity) -> Quantity:
    return replace(quantity, flags=tuple(flag for flag in quantity.flags if not flag.startswith("tight:")))


def _join_first(done: list[Quantity], rest: list[Quantity], line: Line) -> tuple[list[Quantity], int]:  # noqa: PLR0911
    """Return what the next amounts make: a range of two, the start of a change, or one as it is.

    And how many they are.
    """
    if len(rest) == 1:
        return rest, 1
    left, right = rest[0], rest[1]
    swing = read_swing(left, right, line)
    if swing is not None:
        return [swing], 2
    if _is_step(left, right, line):
        return [replace(left, flags=(*left.flags, "change"))], 1
    if _is_moved(left, right, line):
        return [_read_move(left, right) or left], 1
    if not _is_linked(left, right, line):
        return [left], 1
    reading = _reading(done, rest, line)
    if reading == "open":
        return [open_range(atom) for atom in rest[:3]], 3
    if reading == "change":
        return [_read_move(left, right) or left], 1
    whole = put_together(left, right, line)
    return ([whole], 2) if whole is not None else ([left], 1)


def _is_step(left: Quantity, right: Quantity, line: Line) -> bool:
    """Return true if a forecast was changed by the first amount to the second ("by 400 million to 6 billion")."""
    words = range_words(line.code)
    gap = line.text[left.end : right.start]
    led = words.by.search(line.text[line.start : left.start]) is not None and words.towards.match(gap) is not None
    is_count = left.kind == "count" and not left.scaled and not right.scaled
    if not led or len(gap) > TOWARDS or left.kind != right.kind or not (left.kind == "money" or is_count):
        return False
    small = share_scale(left, right).value * 3 < share_scale(right, left).value
    low, _ = line.clause(left.start)
    moved = words.from_.search(line.text[line.start : left.start]) is None
    moved = moved and locale(line.code).phrases("directions").has(line.text, low, left.start)
    return moved or (small and _is_revised(left, right, line))


def _is_linked(left: Quantity, right: Quantity, line: Line) -> bool:
    """Return true if the words between two amounts can join the ends of a range."""
    gap = line.text[left.end : right.start]
    if len(gap) > _GAP or left.low is not None or right.low is not None:
        return False
    words = range_words(line.code)
    before = line.text[max(line.start, left.start - 40) : left.start]
    if _are_money_and_people(left, right) and words.and_.match(gap) is not None:
        return False
    return words.to.match(gap) is not None or (
        words.and_.match(gap) is not None and words.between.search(before[-NEAR:]) is not None
    )


def _are_money_and_people(left: Quantity, right: Quantity) -> bool:
    """Return true if a bare count stands beside money with a scale: "con 163 millones de euros y 890 empleados"."""
    return left.kind == "money" and left.scaled and right.kind == "count" and not right.scaled


def _is_moved(left: Quantity, right: Quantity, line: Line) -> bool:
    """Return true if an amount is where a change begins.

    As in "von 41 auf 47", where the word between never joins a range.
    """
    words = range_words(line.code)
    gap = line.text[left.end : right.start]
    before = line.text[max(line.start, left.start - NEAR) : left.start]
    leads = words.into.match(gap) is not None and words.to.match(gap) is None and words.and_.match(gap) is None
    return leads and len(gap) <= _GAP and words.from_.search(before) is not None


def _reading(done: list[Quantity], rest: list[Quantity], line: Line) -> str:
    """Return how "5 to 6" is meant: as a `range`, as a `change`, or `open` where the words allow both."""
    left, right = rest[0], rest[1]
    words, own = range_words(line.code), locale(line.code)
    gap = line.text[left.end : right.start]
    before = line.text[line.start : left.start]
    if words.into.match(gap) is None or "~" in gap or "-" in gap or words.ranged.search(before):
        return "range"
    if done and revisions.only_compares(line.gap(done[-1].end, left.start), line.code):
        return "range"
    from_said = words.from_.search(before) is not None or own.verb_final
    chain = _chain(rest, line)
    if chain and from_said:
        return chain
    rates = left.kind in ("count", "percent") and right.kind == "percent"
    revised = _is_revised(left, right, line)
    if rates:
        return "change" if revised and from_said else "range"
    if revised and words.of.search(before) is not None:
        return "open"
    changed = revised or is_moving(done, left, right, line)
    return "change" if changed and from_said else "range"


def _chain(rest: list[Quantity], line: Line) -> str | None:
    """Return how the first two of several amounts in a row are meant: "from 5 to 6 to 7 to 8" holds two ranges."""
    if len(rest) < 3:  # noqa: PLR2004 - two amounts are no chain
        return None
    words = range_words(line.code)
    right, third = rest[1], rest[2]
    gap = line.text[right.end : third.start]
    if third.kind not in (right.kind, "count") or len(gap) > TOWARDS or words.towards.match(gap) is None:
        return None
    if not _is_linked(right, third, line):
        return "range"
    more = len(rest) > 3 and _is_linked(third, rest[3], line)  # noqa: PLR2004 - the fourth
    return "range" if more else "open"


def _is_revised(left: Quantity, right: Quantity, line: Line) -> bool:
    """Return true if the clause says that a forecast was changed; a colon and a promise behind it begin a new one."""
    low, high = line.clause(left.start)
    colon = max(line.text.rfind(sign, low, left.start) for sign in ":\uff1a")
    if colon >= 0 and locale(line.code).phrases("claims", "guidance").has(line.text, colon, left.start):
        low = colon + 1
    return revisions.is_revised(line.text, low, (left.start, right.end), high, line.code)


def _read_move(left: Quantity, right: Quantity) -> Quantity | None:
    """Return the start of a change ("from 210 to 245 million euros") with the scale and currency of its end."""
    start = share_scale(left, right)
    alike = start.kind == right.kind and Decimal(0) < start.value < right.value * 20 and right.value < start.value * 20
    return start if start is not left and alike else None
