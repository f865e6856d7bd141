"""Two amounts that make a range, and the words that say how exact an amount is."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Final

from tracker.sources.article.lexicon import Phrases, bounded, least, locale, split, tail_table
from tracker.sources.article.quantity import Quantity, shifted

__all__ = ["joined", "qualified"]

#: What may stand between a qualifier and its number.
_ARTICLES: Final = (
    "of|de|d'|di|les|los|las|the|il|i|gli|ai|a|al|des|den|die|der|dem|to|por|el|la|le|um|om|au|to a|auf|by|del|dei|của|"
    "mức|con số|ال"
)


@cache
def _range_words(code: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What joins the ends of a range: `to` words alone, `and` words only behind `between`; and change words."""
    own = locale(code)

    def pattern(name: str, shape: str) -> re.Pattern[str]:
        words = [word for word in own.words("ranges", name) if word]
        body = (
            "|".join(
                bounded(word, own.style if own.style == "words" else "none")
                for word in sorted(words, key=len, reverse=True)
            )
            or "(?!)"
        )
        return re.compile(shape.replace("BODY", body))

    extra = r"(?: (?:i|il|lo|gli|el|los|las|les|la|le|die|den|o|os|as|un|una|um|uma|uns|unos|ال))?"
    return (
        pattern("to", rf" ?(?:BODY){extra} ?\Z"),
        pattern("and", rf" ?(?:BODY){extra} ?\Z"),
        pattern("between", rf"(?:BODY){extra}[ ]?(?:.{{0,14}})?\Z"),
        pattern("from", r"(?:BODY)[ ]?(?:the |los |les |las |i |gli |rp |us)?\Z"),
    )


def joined(atoms: list[Quantity], text: str, code: str, start: int) -> list[Quantity]:
    """The quantities with neighbours that make a range as one."""
    out: list[Quantity] = []
    for atom in atoms:
        joined = _range(out[-1], atom, text, code, start) if out else None
        if joined is not None and joined.low is None:
            out[-1:] = [joined, atom]
        elif joined is not None:
            out[-1] = joined
        else:
            out.append(atom)
    return [_loosen(quantity) for quantity in out]


def _loosen(quantity: Quantity) -> Quantity:
    return replace(quantity, flags=tuple(flag for flag in quantity.flags if not flag.startswith("tight:")))


def _range(left: Quantity, right: Quantity, text: str, code: str, start: int) -> Quantity | None:
    """The range two neighbouring quantities make, where the words between them say so."""
    gap = text[left.end : right.start]
    if len(gap) > 16 or left.low is not None:  # noqa: PLR2004 - a connector and an article
        return None
    to, and_, between, from_ = _range_words(code)
    before = text[max(start, left.start - 40) : left.start]
    if not (to.match(gap) or (and_.match(gap) and between.search(before[-24:]))):
        return None
    own = locale(code)
    changed = own.phrases("directions").has(
        before + text[right.end : right.end + (14 if own.verb_final else 0)], 0, len(before) + 14
    )
    rates = left.kind in ("count", "percent") and right.kind == "percent"
    if changed and not rates and (from_.search(before) or own.verb_final) and "~" not in gap and "-" not in gap:
        return _moved(left, right)
    return _bounds(left, right)


def _moved(left: Quantity, right: Quantity) -> Quantity | None:
    """The start of a change ("from 210 to 245 million euros") with the scale and currency of its end."""
    start = _shared(left, right) if left.kind == "count" and left.unit is None and not left.scaled else left
    alike = start.kind == right.kind == "money" and Decimal(0) < start.value < right.value * 20
    return start if start is not left and alike and right.value < start.value * 20 else None


def _bounds(left: Quantity, right: Quantity) -> Quantity | None:
    """The two ends with scale and currency carried over, if they then make sense."""
    low, high = _shared(left, right), _shared(right, left)
    if low.kind != high.kind or low.unit != high.unit or low.kind == "multiple":
        return None
    if not Decimal(0) < low.value < high.value or high.value > low.value * 50:
        return None
    return replace(
        high,
        start=left.start,
        low=low.value,
        high=high.value,
        qualifier="range",
        signed=left.signed,
        decimals=min(low.decimals, high.decimals),
    )


def _shared(one: Quantity, other: Quantity) -> Quantity:
    """One end of a range with what only the other end says."""
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
def _qualifier_tables(code: str) -> tuple[re.Pattern[str], tuple[str, ...], Phrases]:
    own = locale(code)
    entries = [(phrase, label) for label, phrases in own.table("qualifiers").items() for phrase in split(phrases)]
    entries.sort(key=lambda entry: -least(entry[0]))
    glue = rf"(?: ?(?:{_ARTICLES})(?![\w]))*[ ]?\Z"
    body = "|".join(f"({bounded(phrase, own.style)})" for phrase, _ in entries) or "(?!)"
    after = tail_table(own.table("qualifiers_after"), own.style)
    return re.compile(f"(?:{body}){glue}"), tuple(label for _, label in entries), after


_COUNTED: Final = re.compile(r" ?(?:人|명|名|つ|個|개|户|戶|社|주|주당)?")


def qualified(quantity: Quantity, text: str, code: str, start: int, end: int) -> Quantity:
    """The quantity with the word before or after it that says how exact it is."""
    if quantity.qualifier == "range":
        return quantity
    before, labels, after = _qualifier_tables(code)
    window = text[max(start, quantity.start - 36) : quantity.start]
    found = before.search(window)
    if found is not None and found.lastindex is not None:
        return replace(
            quantity, qualifier=labels[found.lastindex - 1], lead=quantity.start - len(window) + found.start()
        )
    gap = _COUNTED.match(text, quantity.end)
    for position in (gap.end() if gap else quantity.end, quantity.end):
        mark = after.match(text[:end], position)
        if mark is not None:
            return replace(quantity, qualifier=mark.label)
    return quantity
