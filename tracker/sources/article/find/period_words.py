"""Words that say how a period is meant: fiscal or of the calendar, and whether it ended on a day."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import bounded, either, every, locale

if TYPE_CHECKING:
    from tracker.sources.article.find.stated_period import StatedPeriod

__all__ = ["can_close_quarter", "end_words", "is_civil", "is_fiscal", "says_end"]

_LATE: Final = 28  # no quarter of the calendar ends on an earlier day of its last month


def is_fiscal(words: str) -> bool:
    """Return true if a phrase says that the company's own year is meant."""
    return any(stem in words for stem in every("dates", "fiscal_stems"))


def is_civil(words: str) -> bool:
    """Return true if a phrase says that the calendar's year is meant."""
    return any(stem in words for stem in every("dates", "civil_stems"))


def says_end(period: StatedPeriod, text: str, code: str) -> bool:
    """Return true if the words say that something ended with a month, or stood at its end."""
    last = text[max(period.start, period.end - 3) : period.end + 1]
    if locale(code).is_east_asian:
        return any(word in last for word in every("dates", "closing"))
    return end_words(code).search(text[max(0, period.start - 24) : period.start]) is not None


@cache
def end_words(code: str) -> re.Pattern[str]:
    """Return the words that stand before an end date, right before it."""
    own = locale(code)
    words = sorted((*own.words("periods", "end_of"), *own.words("periods", "ended")), key=len, reverse=True)
    body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
    return re.compile(rf"(?:{body})(?: (?:{either(every('dates', 'end_link'))}))?[ ]?(?:\d{{1,2}}\.? )?\Z")


def can_close_quarter(period: StatedPeriod) -> bool:
    """Return true if a quarter of the calendar can have ended on such a date."""
    return (period.month or 0) % 3 == 0 and (period.day is None or period.day >= _LATE)
