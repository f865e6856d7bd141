"""What views and comparisons say in words (why there is no figure, which rule chose one, what changed it), retold.

They say it in English, for SQL has no other tongue. Here stand the sentences they use; one is read back by its
template, and said again with its days, amounts and parts in the language in use.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.report.text.labels import format_day, format_number, isolate
from tracker.report.text.language import phrase
from tracker.report.text.words import noun_of

if TYPE_CHECKING:
    from tracker.report.text.language import Language

__all__ = ["retold"]

#: Sentences without parts; they are looked up as they stand.
SENTENCES: Final = (
    # columns of one word: how a figure is had, what a step of guidance did, what came of it
    phrase("reported"),
    phrase("derived"),
    phrase("stated"),
    phrase("not derivable"),
    phrase("initial"),
    phrase("raised"),
    phrase("lowered"),
    phrase("narrowed"),
    phrase("widened"),
    phrase("reaffirmed"),
    phrase("relative"),
    phrase("qualitative"),
    phrase("inside"),
    phrase("above"),
    phrase("below"),
    phrase("against"),
    phrase("unquantified"),
    phrase("incomparable"),
    phrase("open"),
    # quarter_by_concept, year_to_date_by_concept: why a period's value does not follow
    phrase("not stated, and an average or per-share value is never had by subtraction"),
    phrase("the first quarter is not stated"),
    phrase("the half-year is not stated"),
    phrase("the nine-month figure is not stated"),
    phrase("the year is not stated"),
    phrase("the first quarter to subtract is not stated"),
    phrase("the half-year to subtract is not stated"),
    phrase("the nine-month figure to subtract is not stated"),
    phrase("no vintage holds both the year to date and what to subtract from it"),
    phrase("the quarters are on two bases"),
    phrase("its parts differ in unit or period"),
    phrase("not stated"),
    # choice: why one statement comes before another
    phrase("a value beats none"),
    phrase("filed beats stated"),
    phrase("a figure beats a sum"),
    phrase("the finer print beats the rounder"),
    phrase("reported beats derived"),
    phrase("the later version beats the earlier"),
    phrase("the usual days beat others"),
    phrase("annual and quarterly reports beat other filings"),
    phrase("a stray tag yields"),
    phrase("the first tag in order"),
    phrase("the usual unit"),
    phrase("of equals the first said"),
    phrase("of equals the first in order"),
    phrase("the only candidate"),
    # reconciliation: how a statement stands to the one shown
    phrase("one value could be both"),
    phrase("another version of the same figure"),
    phrase("other days of the same fiscal period"),
    phrase("another unit"),
    phrase("apart by more than their rounding"),
    # guidance_outcome: why a forecast has no outcome
    phrase("the company took its forecast back"),
    phrase("similar to the year before was promised: no width was named"),
    phrase("a direction was promised, and the period is not complete"),
    phrase("a direction was promised, and the year before is known on another basis only"),
    phrase("a direction was promised, and the year before is not known"),
    phrase("no number was promised"),
    phrase("the target period is none of the company's calendar"),
    phrase("nothing of the target period is known"),
    # diff: causes, and what stands in the place of a number or a definition
    phrase("new filing"),
    phrase("new article"),
    phrase("new source"),
    phrase("restatement"),
    phrase("correction"),
    phrase("new rule"),
    phrase("withdrawn"),
    phrase("first given"),
    phrase("nothing"),
    phrase("no number"),
    phrase("the company's calendar or what it is called was changed by hand"),
)
#: Sentences with parts, the narrower before the wider. Parts named `reason` and `because` are such sentences.
TEMPLATES: Final = (
    phrase("{reason}; corrected by {who} on {day}: {words}"),
    phrase("{reason}; retracted by {who} on {day}: {words}"),
    phrase("{reason}; the correction was taken back"),
    phrase("{reason}, and does not add up from quarters ({because})"),
    phrase("{reason}, and does not add up from quarters"),
    phrase("pinned: {words}"),
    phrase("another version, from before it was {basis}"),
    phrase("another version, which is {basis}"),
    phrase("another definition: it fits {what}"),
    phrase("net of {what}"),
    phrase("including {what}"),
    phrase("under {what}"),
    phrase("no vintage holds both {period} and {other} on one basis"),
    phrase("{period} is known under {definition} only"),
    phrase("{period} is known in {unit} only"),
    phrase("withdrawn on {day}"),
    phrase("{count} of 4 quarters are known"),
    phrase("{what} is another definition than any metric that is kept"),
    phrase("{place} now reads {now}, where {before} was read"),
    phrase("{place} states {now}, where {source} stated {before} ({concept}, {days})"),
    phrase("{value} of {place} was withdrawn on {day}"),
    phrase("{value} of {place} stands no more"),
    phrase("definitions {now} in place of {before}: {definition}, before {earlier}"),
    phrase("{place}, known since {day}, changes which statements hold together"),
    phrase("{place}, withdrawn {day}, changes which statements hold together"),
    phrase("stated by {place}, public since {day}; before by {others}"),
    phrase("stated by {place}, public since {day}"),
    phrase("{status} by {place}, public since {day}"),
    phrase("{period}: {reason}"),
)
_DAY: Final = r"\d{4}-\d\d-\d\d"
_SHAPES: Final = {
    "day": _DAY,
    "days": rf"(?:{_DAY} to )?{_DAY}",
    "count": r"\d+",
    "period": r"[\w.]+",
    "other": r"[\w.]+",
}
_METRIC: Final = re.compile(r"[a-z]\w*")
_AMOUNT: Final = re.compile(r"(-?[\d,]+(?:\.\d+)?)((?: to -?[\d,]+(?:\.\d+)?)?)( \S+)?")


def retold(language: Language, text: str) -> str:
    """A reason, rule or cause as the data says it, in the language in use; itself where it is none of ours.

    >>> retold("2024Q1: the half-year is not stated")
    '2024Q1: the half-year is not stated'
    """
    if not text or language.code == "en":
        return text
    return _translate_sentence(language, text) or language.term(text)


def _translate_sentence(language: Language, text: str) -> str:
    """The text in other words; empty where it is no sentence of ours."""
    if text in language.phrases:
        return language.term(text)
    for template in TEMPLATES:
        found = _pattern(template).fullmatch(text)
        if found is not None:
            return language.say(
                template, **{name: _translate_part(language, name, part) for name, part in found.groupdict().items()}
            )
    return ""


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """What a sentence made by a template looks like."""
    pieces = re.split(r"\{(\w+)\}", template)
    made = (
        f"(?P<{piece}>{_SHAPES.get(piece, '.+?')})" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)
    )
    return re.compile("".join(made))


def _translate_part(language: Language, name: str, text: str) -> str:
    """A part of a sentence: a day, an amount, a sentence of its own, else what the data calls it."""
    if name in {"reason", "because"}:
        return retold(language, text)
    if name in {"day", "days"}:
        return _days(language, text)
    if name == "words":
        return isolate(language, text)
    if name == "what" and _METRIC.fullmatch(text):
        return noun_of(language, text).name
    return _amount(language, text) or _translate_sentence(language, text) or isolate(language, text)


def _days(language: Language, text: str) -> str:
    """Days in words; `2024-04-01 to 2024-06-30` as a span."""
    told = [format_day(language, date.fromisoformat(one)) for one in text.split(" to ")]
    return told[0] if len(told) == 1 else language.say("{low} to {high}", low=told[0], high=told[1])


def _amount(language: Language, text: str) -> str:
    """`8,472,000,000 USD` with the separators of the language; empty where it is no amount."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return ""
    ends = [_digits(language, end) for end in text.removesuffix(found[3] or "").split(" to ")]
    shown = ends[0] if len(ends) == 1 else language.say("{low} to {high}", low=ends[0], high=ends[1])
    return f"{shown}{found[3] or ''}"


def _digits(language: Language, text: str) -> str:
    exact = Decimal(text.replace(",", ""))
    return format_number(language, exact, max(0, -int(exact.as_tuple().exponent)))
