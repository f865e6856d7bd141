"""Find which sign groups thousands if the language allows two: in Mexico, "4,395 millones" is 4,395 million."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.amounts import find_amounts
from tracker.sources.article.text.lexicon import common, either, locale, split
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.units import Context
    from tracker.sources.article.text.pieces import Piece

__all__ = ["find_point"]

_GROUPED: Final = re.compile(r"(?<![\d.,])\d{1,3},\d{3}(?![\d.,]*\d)", re.ASCII)
_MILLION: Final = 6
_SEVERAL: Final = 2  # of such numbers follow a habit


def find_point(piece: Piece, context: Context) -> str | None:
    """Return the decimal point where a comma before three digits parts thousands in a text, None where that is open.

    It does so with a currency whose countries write it so, and in dollars where such a country is named, or where
    several such numbers follow one another.
    """
    if context.decimal is not None or not all(locale(item.language).mixed_decimal for item in piece.sentences):
        return None
    if _GROUPED.search(piece.folded) is None:
        return None
    found = _find_grouped(piece, context)
    units = {item.unit for item in found if item.unit}
    if any(unit in split(common()["separators"]["comma_groups"]) for unit in units):
        return "."
    is_dollar = bool(units) and all(unit in split(common()["separators"]["either_groups"]) for unit in units)
    is_named = _country_words().search(piece.folded) is not None
    return "." if is_dollar and (is_named or len(found) >= _SEVERAL) and not _names_comma_country(piece) else None


def _find_grouped(piece: Piece, context: Context) -> list[Quantity]:
    """Return the amounts in millions that are printed with one comma before three digits."""
    found = (
        quantity
        for item in piece.sentences
        for quantity in find_amounts(piece.folded, item.start, item.end, item.language, (), context)
    )
    return [
        quantity
        for quantity in found
        if quantity.power == _MILLION and _GROUPED.search(piece.folded, quantity.start, quantity.end)
    ]


def _names_comma_country(piece: Piece) -> bool:
    """Return true if a text names a country that writes a comma before decimals."""
    return _country_words("comma_decimals").search(piece.folded) is not None


@cache
def _country_words(key: str = "comma_countries") -> re.Pattern[str]:
    """Return the beginnings of words for countries."""
    words = [fold(normalise(word).text) for word in split(common()["separators"][key])]
    return re.compile(rf"(?<!\w)(?:{either(words)})")
