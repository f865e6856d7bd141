"""Short phrases that all kinds of report share: numbers, lists, and descriptions of rows of marks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from babel.lists import format_list

from tracker.report.text.labels import format_number, isolate
from tracker.report.text.prose import end_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracker.report.charts.track import Rail
    from tracker.report.definition import Definition
    from tracker.report.text.language import Language

__all__ = ["describe_rails", "join_lead", "join_names", "number_word", "ordinal_word", "prefix_name"]

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def number_word(language: Language, number: int) -> str:
    """Write a count: in English in words up to ten, elsewhere in digits, which agree with any noun."""
    if language.code != "en":
        return format_number(language, Decimal(number), 0)
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def ordinal_word(language: Language, number: int) -> str:
    """Write a place in an order: in English in words up to the tenth, elsewhere as a bare number."""
    if language.code != "en":
        return format_number(language, Decimal(number), 0)
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def join_names(language: Language, names: Iterable[str]) -> str:
    """Join names as the language does: `a, b and c`."""
    return format_list(list(names), locale=language.locale)


def prefix_name(language: Language, name: str, text: str) -> str:
    """Put a name before a text: `Meta: revenue`."""
    return f"{isolate(language, name)}{language.colon}{text}"


def describe_rails(language: Language, rails: Iterable[Rail]) -> str:
    """Describe rows of marks: each name with its label."""
    return language.semicolon.join(prefix_name(language, rail.name, rail.label) for rail in rails)


def join_lead(language: Language, definition: Definition, finding: str, sentences: Sequence[str]) -> str:
    """Join the sentences under a headline; under a title of the user's own, the finding comes first."""
    return language.gap.join([*([end_sentence(language, finding)] if definition.title else []), *sentences])
