"""Two amounts that make a range, an amount with a tolerance, and the words that say how exact an amount is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tracker.model.quantity import EXACT
from tracker.sources.article.find import claims, revisions, topics
from tracker.sources.article.find.amount import Quantity, shifted
from tracker.sources.article.text import brackets
from tracker.sources.article.text.lexicon import (
    Phrases,
    bounded,
    compile_table,
    either,
    every,
    least,
    locale,
    split,
    tail_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.claims import Boundaries

__all__ = ["joined", "joint", "qualified", "with_distances"]

_NEAR: Final = 24  # letters between "between" and the first end of a range
_CLAUSE: Final = 90  # letters before a range that may say that something changes
_LOSS: Final = 60  # letters between a loss and the range that it is
_BEHIND: Final = 14  # letters behind a range, where verbs stand last
_GAP: Final = 16  # letters between two ends: a connector and an article
_TOWARDS: Final = 26  # letters between a range and the one that replaces it


@dataclass(frozen=True, slots=True)
class _Words:
    """What joins the ends of a range: `to` alone, `and` only behind `between`; `into` leads to a new value."""

    to: re.Pattern[str]
    and_: re.Pattern[str]
    between: re.Pattern[str]
    ranged: re.Pattern[str]  # "between" words that are not also words of change
    from_: re.Pattern[str]
    into: re.Pattern[str]  # the whole gap between two amounts
    towards: re.Pattern[str]  # where a gap begins
    of: re.Pattern[str]
    by: re.Pattern[str]
    opens: re.Pattern[str]  # "between", with a few words behind it
    joins: re.Pattern[str]  # "to" or "and", where a gap begins
    join: re.Pattern[str]  # "to" alone
    steady: re.Pattern[str]  # those of them that never lead to a new value


@cache
def _range_words(code: str) -> _Words:
    own = locale(code)

    def pattern(words: Sequence[str], shape: str) -> re.Pattern[str]:
        style = own.style if own.has_plain_words else "none"
        body = "|".join(bounded(word, style) for word in sorted(words, key=len, reverse=True) if word) or "(?!)"
        return re.compile(shape.replace("BODY", body))

    def named(*names: str) -> list[str]:
        return [word for name in names for word in own.words("ranges", name)]

    extra = rf"(?: (?:{either(every('small', 'range_article'))}))?"
    article = either(every("small", "from_article"))
    revise = "|".join(map(re.escape, own.words("earlier", "revise"))) if own.style == "none" else "(?!)"
    change = {*named("from", "from_after", "into")}
    return _Words(
        to=pattern(named("to"), rf" ?(?:BODY){extra} ?\Z"),
        and_=pattern(named("and"), rf" ?(?:BODY){extra} ?\Z"),
        between=pattern(named("between"), rf"(?:BODY){extra}[ ]?(?:.{{0,14}})?\Z"),
        ranged=pattern([word for word in named("between") if word not in change], rf"(?:BODY){extra}[ ]?\Z"),
        from_=pattern(named("from"), rf"(?:BODY)[ ]?(?:(?:{article}) ?)?\Z"),
        into=pattern(named("into", "from_after"), rf" ?(?:BODY){extra} ?\Z"),
        towards=pattern(named("into", "from_after"), rf"[ ,、]*(?:{revise})?(?:BODY)"),
        of=pattern(named("of"), r"(?:BODY) ?\Z"),
        by=pattern(named("by"), r"(?:BODY) ?\Z"),
        opens=pattern(
            [word for word in named("between") if word not in change], rf"(?:BODY){extra}[ ]?(?:.{{0,14}})?\Z"
        ),
        join=pattern([word for word in named("to") if word not in named("and")], r" ?(?:BODY) ?"),
        joins=pattern(named("to", "and"), r"[ ,、]*(?:BODY)"),
        steady=pattern([word for word in named("to") if word not in {*change, *named("and")}], r"[ ,、]*(?:BODY)"),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """The sentence that amounts stand in."""

    text: str
    start: int
    end: int
    code: str
    breaks: Boundaries
    taken: tuple[tuple[int, int], ...]

    def gap(self, low: int, high: int) -> str:
        """Return the text between two places with blanks for its periods."""
        gap = self.text[low:high]
        for start, end in self.taken:
            if low <= start and end <= high:
                gap = gap[: start - low] + " " * (end - start) + gap[end - low :]
        return gap

    def clause(self, position: int) -> tuple[int, int]:
        """Return the clause that a position lies in."""
        return self.breaks.clause(position, self.start, self.end)


def joined(
    atoms: list[Quantity], text: str, code: str, bounds: tuple[int, int], taken: Sequence[tuple[int, int]]
) -> list[Quantity]:
    """Return the quantities with neighbours that make a range, or an amount and its tolerance, as one.

    `taken` are spans that are no amounts: periods.
    """
    if not atoms:
        return []
    line = _Line(text, *bounds, code, claims.find_boundaries(text, *bounds, code), tuple(taken))
    rest, out = _with_tolerance(atoms, line), list[Quantity]()
    while rest:
        made, used = _join_first(out, rest, line)
        out += made
        rest = rest[used:]
    return [_loosen(_as_change(quantity, line)) for quantity in _with_addends(out, line)]


def joint(text: str, position: int, code: str) -> int | None:
    """Return where the second end of a range may begin behind the first: where the words end that join them."""
    found = _range_words(code).join.match(text, position)
    return None if found is None else found.end()


def _as_change(quantity: Quantity, line: _Line) -> Quantity:
    """Mark the quantity by how much something moved ("up 400 million from its prior range")."""
    if quantity.kind != "money" or "change" in quantity.flags:
        return quantity
    before, behind = _steps(line.code)
    led = before.search(line.text[max(line.start, quantity.start - _NEAR) : quantity.start]) is not None
    followed = behind.match(line.text, quantity.end, line.end) is not None
    return replace(quantity, flags=(*quantity.flags, "change")) if led and followed else quantity


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


def _with_addends(found: list[Quantity], line: _Line) -> list[Quantity]:
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


def _join_first(done: list[Quantity], rest: list[Quantity], line: _Line) -> tuple[list[Quantity], int]:  # noqa: PLR0911
    """Return what the next amounts make: a range of two, the start of a change, or one as it is.

    And how many they are.
    """
    if len(rest) == 1:
        return rest, 1
    left, right = rest[0], rest[1]
    swing = _swing(left, right, line)
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
        return [_open_range(atom) for atom in rest[:3]], 3
    if reading == "change":
        return [_read_move(left, right) or left], 1
    whole = _bounds(left, right, line)
    return ([whole], 2) if whole is not None else ([left], 1)


def _is_step(left: Quantity, right: Quantity, line: _Line) -> bool:
    """Return true if a forecast was changed by the first amount to the second ("by 400 million to 6 billion")."""
    words = _range_words(line.code)
    gap = line.text[left.end : right.start]
    led = words.by.search(line.text[line.start : left.start]) is not None and words.towards.match(gap) is not None
    is_count = left.kind == "count" and not left.scaled and not right.scaled
    if not led or len(gap) > _TOWARDS or left.kind != right.kind or not (left.kind == "money" or is_count):
        return False
    small = _shared(left, right).value * 3 < _shared(right, left).value
    low, _ = line.clause(left.start)
    moved = words.from_.search(line.text[line.start : left.start]) is None
    moved = moved and locale(line.code).phrases("directions").has(line.text, low, left.start)
    return moved or (small and _is_revised(left, right, line))


def _open_range(quantity: Quantity) -> Quantity:
    return replace(quantity, flags=(*quantity.flags, "open_range"))


def _is_linked(left: Quantity, right: Quantity, line: _Line) -> bool:
    """Return true if the words between two amounts can join the ends of a range."""
    gap = line.text[left.end : right.start]
    if len(gap) > _GAP or left.low is not None or right.low is not None:
        return False
    words = _range_words(line.code)
    before = line.text[max(line.start, left.start - 40) : left.start]
    return words.to.match(gap) is not None or (
        words.and_.match(gap) is not None and words.between.search(before[-_NEAR:]) is not None
    )


def _is_moved(left: Quantity, right: Quantity, line: _Line) -> bool:
    """Return true if an amount is where a change begins.

    As in "von 41 auf 47", where the word between never joins a range.
    """
    words = _range_words(line.code)
    gap = line.text[left.end : right.start]
    before = line.text[max(line.start, left.start - _NEAR) : left.start]
    leads = words.into.match(gap) is not None and words.to.match(gap) is None and words.and_.match(gap) is None
    return leads and len(gap) <= _GAP and words.from_.search(before) is not None


def _reading(done: list[Quantity], rest: list[Quantity], line: _Line) -> str:
    """Return how "5 to 6" is meant: as a `range`, as a `change`, or `open` where the words allow both."""
    left, right = rest[0], rest[1]
    words, own = _range_words(line.code), locale(line.code)
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
    changed = revised or _is_moving(done, left, right, line)
    return "change" if changed and from_said else "range"


def _chain(rest: list[Quantity], line: _Line) -> str | None:
    """Return how the first two of several amounts in a row are meant: "from 5 to 6 to 7 to 8" holds two ranges."""
    if len(rest) < 3:  # noqa: PLR2004 - two amounts are no chain
        return None
    words = _range_words(line.code)
    right, third = rest[1], rest[2]
    gap = line.text[right.end : third.start]
    if third.kind not in (right.kind, "count") or len(gap) > _TOWARDS or words.towards.match(gap) is None:
        return None
    if not _is_linked(right, third, line):
        return "range"
    more = len(rest) > 3 and _is_linked(third, rest[3], line)  # noqa: PLR2004 - the fourth
    return "range" if more else "open"


def _is_revised(left: Quantity, right: Quantity, line: _Line) -> bool:
    """Return true if the clause says that a forecast was changed; a colon and a promise behind it begin a new one."""
    low, high = line.clause(left.start)
    colon = max(line.text.rfind(sign, low, left.start) for sign in ":\uff1a")
    if colon >= 0 and locale(line.code).phrases("claims", "guidance").has(line.text, colon, left.start):
        low = colon + 1
    return revisions.is_revised(line.text, low, (left.start, right.end), high, line.code)


def _is_moving(done: list[Quantity], left: Quantity, right: Quantity, line: _Line) -> bool:
    """Return true if words of change stand before two amounts or, where verbs stand last, right behind them."""
    low = max(line.clause(left.start)[0], left.start - _CLAUSE, done[-1].end if done else 0)
    behind = _BEHIND if locale(line.code).verb_final else 0
    around = line.text[low : left.start] + line.text[right.end : right.end + behind]
    return locale(line.code).phrases("directions").has(around, 0, left.start - low + _BEHIND)


def _read_move(left: Quantity, right: Quantity) -> Quantity | None:
    """Return the start of a change ("from 210 to 245 million euros") with the scale and currency of its end."""
    start = _shared(left, right)
    alike = start.kind == right.kind and Decimal(0) < start.value < right.value * 20 and right.value < start.value * 20
    return start if start is not left and alike else None


# A range that lies below zero, or across it ----------------------------------------------------------------------


def _bounds(left: Quantity, right: Quantity, line: _Line) -> Quantity | None:
    """Return the two ends with scale and currency carried over, if they then make sense."""
    low, high = _shared(left, right), _shared(right, left)
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
    """Return the end below zero and the one above it; a dash may be no sign, brackets say it of each end."""
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


def _falls(left: Quantity, right: Quantity, line: _Line) -> bool:
    """Return true if the larger amount may stand first: both are below zero, or losses."""
    if left.signed < 0 and right.signed < 0:
        return True
    words = _range_words(line.code)
    gap = line.text[left.end : right.start]
    joins = words.into.match(gap) is None or "-" in gap or "~" in gap
    return _is_loss(left, right, line) and (joins or not _is_moving([], left, right, line))


_LOSSES: Final = frozenset({"loss", "net_loss", "operating_loss", "loss_per_share"})
_RESULTS: Final = frozenset({"profit", "net_income", "operating_income", "eps"})


def _is_loss(left: Quantity, right: Quantity, line: _Line) -> bool:
    """Return true if the result spoken of last before two amounts, or right behind them, is a loss."""
    low = max(line.start, left.start - _LOSS)
    before = list(topics.find_results(line.text, low, left.start, line.code))
    if before:
        return before[-1].label in _LOSSES
    behind = topics.find_results(line.text, right.end, min(line.end, right.end + _BEHIND), line.code)
    return next((mark.label in _LOSSES for mark in behind), False)


def _swing(left: Quantity, right: Quantity, line: _Line) -> Quantity | None:
    """As in "between a loss of 5 and a profit of 3": one range. "From a loss of 5 to a profit of 3" is a change."""
    gap = line.text[left.end : right.start]
    low, high = _shared(left, right), _shared(right, left)
    alike = low.kind == high.kind == "money" and low.unit == high.unit
    if len(gap) > 2 * _TOWARDS or not alike or left.low is not None or right.low is not None:
        return None
    lost = _loss_at(left, line)
    won = [mark for mark in topics.find_results(line.text, left.end, right.start, line.code) if mark.label in _RESULTS]
    tail = topics.find_results(line.text, right.end, min(line.end, right.end + _BEHIND), line.code)
    won += [mark for mark in tail if mark.label in _RESULTS and locale(line.code).verb_final]
    if lost is None or not won or not _spans(left, right, lost, line):
        return None
    return replace(_span_zero(replace(low, signed=-1), high, left.start), lead=lost)


def _loss_at(quantity: Quantity, line: _Line) -> int | None:
    """Return where the loss begins that an amount is, if it is one."""
    if locale(line.code).verb_final:
        behind = topics.find_results(line.text, quantity.end, min(line.end, quantity.end + 6), line.code)
        return quantity.start if any(mark.label in _LOSSES for mark in behind) else None
    before = topics.find_results(line.text, max(line.start, quantity.start - _NEAR), quantity.start, line.code)
    last = next(iter(reversed(list(before))), None)
    return last.start if last is not None and last.label in _LOSSES else None


def _spans(left: Quantity, right: Quantity, lost: int, line: _Line) -> bool:
    """Return true if the words say that a result lies somewhere between a loss and a profit."""
    words, own = _range_words(line.code), locale(line.code)
    gap = line.text[left.end : right.start]
    behind = line.text[right.end : min(line.end, right.end + _BEHIND)]
    if any(word in behind for word in own.words("ranges", "within")):
        return True
    if own.verb_final:
        return "~" in gap
    before = line.text[max(line.start, lost - 2 * _NEAR) : lost]
    ranged = words.opens.search(before) is not None
    if ranged or words.steady.match(gap) is not None:
        return words.joins.match(gap) is not None
    if own.phrases("compare", "versus").has(gap, 0, len(gap)):
        return False
    from_said = words.from_.search(before) is not None
    return words.towards.match(gap) is not None and not (from_said or _is_moving([], left, right, line))


# An amount with a tolerance ---------------------------------------------------------------------------------------


def _with_tolerance(atoms: list[Quantity], line: _Line) -> list[Quantity]:
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


def _tolerance_lead(atom: Quantity, line: _Line) -> int | None:
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


def _is_about(atom: Quantity, line: _Line) -> bool:
    """Return true if "more or less" only says that the amount is not exact."""
    return qualified(atom, line.text, line.code, line.start, line.end).qualifier == "approx"


def _tolerated(left: Quantity, right: Quantity, lead: int, line: _Line) -> Quantity | None:
    """Return the range of an amount and the tolerance behind it."""
    _, led, behind = _tolerance_words(line.code)
    room = _rounding_room(left, right)
    gap = _behind_period(line.gap(left.end, lead), line, left.end)
    near = led.fullmatch(gap) is not None
    if left.low is not None or not near or room is None or room <= 0:
        return None
    left = _shared(left, right) if right.kind == "money" else left
    if room > left.value and left.kind != "percent":
        return replace(_open_range(left), end=right.end)
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


def _behind_period(gap: str, line: _Line, low: int) -> str:
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
        left = _shared(left, right)
    return _shared(right, left).value if same or bare or part else None


def _shared(one: Quantity, other: Quantity) -> Quantity:
    """Return one end of a range with what only the other end says."""
    if one.kind == "count" and other.kind in ("percent", "money"):
        one = replace(one, kind=other.kind, unit=other.unit)
        if other.kind == "percent":
            return replace(one, value=shifted(one.value, -2), decimals=one.decimals + 2)
        tight = next((flag.split(":") for flag in one.flags if flag.startswith("tight:")), None)
        if tight:
            power = int(tight[1])
            return replace(
                one,
                value=shifted(one.value, power),
                decimals=one.decimals - power,
                scaled=True,
                power=power,
                end=int(tight[2]),
            )
    tail = next((flag.split(":") for flag in other.flags if flag.startswith("tight:")), None)
    if not one.scaled and (other.scaled or tail) and one.kind in ("count", "money"):
        power = int(tail[1]) if tail and not other.scaled else other.power
        return replace(one, value=shifted(one.value, power), decimals=one.decimals - power, scaled=True)
    return one


@cache
def _qualifier_words(code: str) -> Phrases:
    """Return the words that say how exact an amount behind them is, wherever they stand."""
    own = locale(code)
    return compile_table(own.table("qualifiers"), own.style)


@cache
def _qualifier_tables(code: str) -> tuple[re.Pattern[str], tuple[str, ...], Phrases]:
    """Return the expression for such a word right before an amount, its label by group, and the words behind one."""
    own = locale(code)
    entries = [(phrase, label) for label, phrases in own.table("qualifiers").items() for phrase in split(phrases)]
    entries.sort(key=lambda entry: -least(entry[0]))
    glue = rf"(?: ?(?:{either(every('small', 'number_article'))})(?![\w]))*[ ]?\Z"
    body = "|".join(f"({bounded(phrase, own.style)})" for phrase, _ in entries) or "(?!)"
    after = tail_table(own.table("qualifiers_after"), own.style)
    return re.compile(f"(?:{body}){glue}"), tuple(label for _, label in entries), after


_ADDS: Final = re.compile(r" ?[$€£¥₩]?\d")  # "plus" before an amount adds it


@cache
def _counter() -> re.Pattern[str]:
    """Return the word that counts people and things, behind a number."""
    return re.compile(rf" ?(?:{either(every('small', 'counter'))})?")


def qualified(quantity: Quantity, text: str, code: str, start: int, end: int) -> Quantity:
    """Return the quantity with the word before or after it that says how exact it is."""
    if quantity.low is not None:
        return quantity
    before, labels, after = _qualifier_tables(code)
    window = text[max(start, quantity.start - 36) : quantity.start]
    found = before.search(window) if _qualifier_words(code).has(window, 0, len(window)) else None  # most have none
    if found is not None and found.lastindex is not None:
        return replace(
            quantity, qualifier=labels[found.lastindex - 1], lead=quantity.start - len(window) + found.start()
        )
    gap = _counter().match(text, quantity.end)
    for position in (gap.end() if gap else quantity.end, quantity.end):
        mark = after.match(text[:end], position)
        if mark is not None and not _ADDS.match(text, mark.end):
            return replace(quantity, qualifier=mark.label)
    return quantity
