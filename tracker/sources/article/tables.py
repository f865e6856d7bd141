"""Tables in text: a header like "(in millions of dollars)" that scales the bare numbers of the rows under it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.lexicon import Phrases, locale, tail_table
from tracker.sources.article.metrics import COUNTED
from tracker.sources.article.quantities import currency_before, currency_behind
from tracker.sources.article.quantity import Quantity, shifted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.metrics import Topic
    from tracker.sources.article.quantities import Context
    from tracker.sources.article.sentences import Sentence

__all__ = ["Header", "header", "scaled"]

ROW: Final = 120  # letters: a longer line is prose
_PER_SHARE: Final = frozenset({"eps", "loss_per_share"})
_BRACKET: Final = re.compile(r"[(\[]([^()\[\]\d]{1,60}|[^()\[\]\d]{0,12}'?000s?[^()\[\]\d]{0,30})[)\]]")
_REST: Final = re.compile(r" ?(?:[,;].*)?[.:]?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Header:
    """What a table says of its numbers: the power of ten, the currency, and where it says so."""

    power: int
    unit: str
    end: int


@cache
def _scales(code: str) -> Phrases:
    """The scale words of a header: those of prose, the abbreviations, and the plurals only headers have."""
    own = locale(code)
    table: dict[str, str] = {}
    for section in ("scales", "scales_with_money", "header_scales"):
        for power, words in own.table(section).items():
            table[power] = f"{table[power]}; {words}" if power in table else words
    table["3"] = f"{table['3']}; '000s?; 000s?" if "3" in table else "'000s?; 000s?"
    return tail_table(table, own.style)


@cache
def _leads(code: str) -> re.Pattern[str]:
    """The words before the scale of a header, all of them optional."""
    words = sorted(locale(code).words("header", "lead"), key=len, reverse=True)
    body = "|".join(re.escape(word) for word in words) or "(?!)"
    return re.compile(rf"(?:{body}|[ :'*\u0640])*\Z")


def header(folded: str, sentence: Sentence, context: Context) -> Header | None:
    """The header a line holds: in brackets, or as the end of a line that begins with "figures in"."""
    code = sentence.language
    for found in _BRACKET.finditer(folded, sentence.start, sentence.end):
        read = _read(found[1], code, context)
        if read is not None:
            return replace(read, end=found.end())
    line = folded[sentence.start : sentence.end].strip()
    opened = next((word for word in locale(code).words("header", "opening") if line.startswith(word)), None)
    if opened is None or len(line) > ROW:
        return None
    read = _read(line.removeprefix(opened).rstrip(".:"), code, context)
    return None if read is None else replace(read, end=sentence.end)


def _read(body: str, code: str, context: Context) -> Header | None:
    """Lead words, a currency, a scale, a currency; nothing else."""
    for place in range(len(body)):
        mark = _scales(code).match(body, place)
        if mark is None or (
            place and body[place - 1].isalpha() and locale(code).style == "words" and not _glued(body, place)
        ):
            continue
        before, lead = currency_before(body[:place], code, context)
        follows = mark.end + 3 if body.startswith(" ال", mark.end) else mark.end
        behind, end = currency_behind(body, follows, code, context)
        unit = before or behind
        if unit is not None and _leads(code).match(lead) and _REST.match(body, end):
            return Header(int(mark.label), unit, 0)
    return None


def _glued(body: str, place: int) -> bool:
    """Whether a scale stands right at a currency ("rm'000", "rmb m")."""
    return body[place] == "'"


def scaled(
    amounts: Sequence[Quantity], topics: Sequence[Topic], top: Header | None, folded: str, bounds: tuple[int, int]
) -> list[Quantity]:
    """The amounts of a row in the scale and currency of its header; per-share figures keep their scale."""
    if top is None or (bounds[1] - max(bounds[0], top.end) > ROW * 3):
        return list(amounts)
    out: list[Quantity] = []
    column: dict[int, int] = {}
    for amount in amounts:
        topic = next((item for item in reversed(topics) if item.end <= amount.start), None)
        plain = amount.kind in ("count", "money") and not amount.scaled
        if topic is None or not plain or topic.label in COUNTED or amount.start < top.end:
            out.append(amount)
            continue
        place = column[topic.start] = column.get(topic.start, -1) + 1
        out.append(_cell(amount, topic, top, folded, place))
    return out


def _cell(amount: Quantity, topic: Topic, top: Header, folded: str, place: int) -> Quantity:
    power = 0 if topic.label in _PER_SHARE else top.power
    bracketed = folded[amount.start - 1 : amount.start] == "(" and folded[amount.end : amount.end + 1] == ")"
    return replace(
        amount,
        kind="money",
        unit=amount.unit or top.unit,
        value=shifted(amount.value, power) if power else Decimal(amount.value),
        low=None if amount.low is None else shifted(amount.low, power),
        high=None if amount.high is None else shifted(amount.high, power),
        decimals=amount.decimals - power,
        scaled=power > 0,
        power=power,
        signed=-1 if bracketed else amount.signed,
        flags=(*amount.flags, "header", f"column:{place}"),
    )
