"""Small words that all kinds of report share: numbers, lists, and what is said of a row of marks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from babel.lists import format_list

from tracker.report.text.labels import grouped, isolated
from tracker.report.text.language import mark, spoken
from tracker.report.text.prose import stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.report.charts.track import Rail
    from tracker.report.definition import Definition

__all__ = ["lead_of", "listed", "named", "nth", "number_word", "rails_told"]

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def number_word(number: int) -> str:
    """A count as English prose writes it: words up to ten. Other languages take digits, which agree with any noun."""
    if spoken().code != "en":
        return grouped(Decimal(number), 0)
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def nth(number: int) -> str:
    """A place in an order: English words up to the tenth, in other languages the bare number."""
    if spoken().code != "en":
        return grouped(Decimal(number), 0)
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def listed(names: Iterable[str]) -> str:
    """`a, b and c`, as the language in use writes it."""
    return format_list(list(names), locale=spoken().locale)


def named(name: str, text: str) -> str:
    """`Meta: revenue`."""
    return f"{isolated(name)}{mark('colon')}{text}"


def rails_told(rails: Iterable[Rail]) -> str:
    """Rows of marks in words: each name with its label."""
    return mark("semicolon").join(named(rail.name, rail.label) for rail in rails)


def lead_of(definition: Definition, finding: str, sentences: Sequence[str]) -> str:
    """The sentences under a headline; under a title of the user's own, the finding comes first."""
    return mark("gap").join([*([stop(finding)] if definition.title else []), *sentences])
