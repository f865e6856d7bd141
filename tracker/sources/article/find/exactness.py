"""Words that say how exact an amount is: "about", "at least", "more than"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

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
    from tracker.sources.article.find.amount import Quantity


__all__ = ["qualify"]


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


def qualify(quantity: Quantity, text: str, code: str, start: int, end: int) -> Quantity:
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
