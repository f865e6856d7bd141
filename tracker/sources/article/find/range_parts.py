"""What ranges are made of: the words between two ends, their line, and what one end says for both."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.amount import Quantity, shifted
from tracker.sources.article.text.lexicon import bounded, either, every, locale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.claims import Boundaries


__all__ = ["BEHIND", "NEAR", "TOWARDS", "Line", "is_moving", "open_range", "range_words", "share_scale"]

NEAR: Final = 24  # letters between "between" and the first end of a range
_CLAUSE: Final = 90  # letters before a range that may say that something changes
BEHIND: Final = 14  # letters behind a range, where verbs stand last
TOWARDS: Final = 26  # letters between a range and the one that replaces it


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
def range_words(code: str) -> _Words:
    """Return the words of a language that join the ends of a range."""
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
class Line:
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


def open_range(quantity: Quantity) -> Quantity:
    """Return an amount with a mark: it may be an end of a range, or where a change begins."""
    return replace(quantity, flags=(*quantity.flags, "open_range"))


def is_moving(done: list[Quantity], left: Quantity, right: Quantity, line: Line) -> bool:
    """Return true if words of change stand before two amounts or, where verbs stand last, right behind them."""
    low = max(line.clause(left.start)[0], left.start - _CLAUSE, done[-1].end if done else 0)
    behind = BEHIND if locale(line.code).verb_final else 0
    around = line.text[low : left.start] + line.text[right.end : right.end + behind]
    return locale(line.code).phrases("directions").has(around, 0, left.start - low + BEHIND)


def share_scale(one: Quantity, other: Quantity) -> Quantity:
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
