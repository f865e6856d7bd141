"""Reasons in the language of a report: why there is no figure, which rule chose one, what changed it.

A reason comes as a code with its parameters. Its English text (`reasons.toml`) is the phrase that the catalogues
translate; days, amounts and names of metrics are put in as the language writes them.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Protocol

from tracker.report.text.labels import format_day, format_number, isolate
from tracker.report.text.language import fill, phrase
from tracker.report.text.words import noun_of
from tracker.warehouse.reasons import Amount, Days, Reason, read_reason, templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.report.text.language import Language

__all__ = ["WORDS", "say_reason", "say_rule", "translate_reason", "translate_value"]

#: Words of views and comparisons that are translated as they are: methods of figures, statuses of guidance, outcomes,
#: causes of changes, and words in place of a number.
WORDS: Final = (
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
    phrase("new filing"),
    phrase("new article"),
    phrase("new source"),
    phrase("restatement"),
    phrase("correction"),
    phrase("new rule"),
    phrase("withdrawn"),
    phrase("renamed"),
    phrase("first given"),
    phrase("nothing"),
    phrase("no number"),
    phrase("no figure"),
    phrase("not stated"),
    phrase("{period}: {reason}"),
)
_METRIC: Final = re.compile(r"[a-z]\w*")


class _Explained(Protocol):
    """A row with the columns of a reason."""

    @property
    def reason_code(self) -> str | None: ...
    @property
    def reason_parameters(self) -> Mapping[str, str] | None: ...


class _Ruled(Protocol):
    """A row with the columns of a rule."""

    @property
    def rule_code(self) -> str | None: ...
    @property
    def rule_parameters(self) -> Mapping[str, str] | None: ...


def say_reason(language: Language, row: _Explained, otherwise: str = "") -> str:
    """Say the reason of a row in the language; if it has none, say the other phrase."""
    reason = read_reason(row.reason_code, row.reason_parameters)
    return language.term(otherwise) if reason is None else translate_reason(language, reason)


def say_rule(language: Language, row: _Ruled) -> str:
    """Say in the language by which rule a row was chosen or passed over; empty where it names none."""
    rule = read_reason(row.rule_code, row.rule_parameters)
    return "" if rule is None else translate_reason(language, rule)


def translate_reason(language: Language, reason: Reason) -> str:
    """Say a reason in the language, after the path to its subject."""
    if language.code == "en":
        return str(reason)
    values = {name: translate_value(language, name, value) for name, value in reason.parameters.items()}
    subject = values.pop("subject", "")
    template = templates()[reason.code]
    text = language.say(template, **values) if _has_words(template) else fill(template, values)
    for step in reversed(subject.split("/") if subject else []):
        text = language.say("{period}: {reason}", period=isolate(language, step), reason=text)
    return text


def _has_words(template: str) -> bool:
    """Return whether there is something to translate in a template beside its parameters."""
    return not re.fullmatch(r"\{\w+\}", template)


def translate_value(language: Language, name: str, value: str | date | Days | Amount | Reason) -> str:
    """Say a parameter of a reason in the language."""
    match value:
        case Reason():
            return translate_reason(language, value)
        case date():
            return format_day(language, value)
        case Days():
            return _join_ends(language, [format_day(language, day) for day in (value.first, value.last) if day])
        case Amount():
            return _translate_amount(language, value)
    return value if name == "subject" else _translate_word(language, name, value)


def _translate_amount(language: Language, amount: Amount) -> str:
    known = [end for end in amount.ends if end is not None]
    if len(known) < len(amount.ends) or amount.unit == "ratio":
        return isolate(language, str(amount))
    return f"{_join_ends(language, [_format_exact(language, end) for end in known])} {amount.unit}".strip()


def _join_ends(language: Language, ends: list[str]) -> str:
    return ends[0] if len(ends) == 1 else language.say("{low} to {high}", low=ends[0], high=ends[1])


def _format_exact(language: Language, value: Decimal) -> str:
    digits = value.normalize()
    return format_number(language, digits, max(0, -int(digits.as_tuple().exponent)))


def _translate_word(language: Language, name: str, text: str) -> str:
    """Say a word: a metric by its name, a number, a phrase of ours; what people wrote and names of sources stay."""
    if name == "words":
        return isolate(language, text)
    if name == "what" and _METRIC.fullmatch(text):
        return noun_of(language, text).name
    if text.isdecimal():
        return _format_exact(language, Decimal(text))
    return language.term(text) if text in language.phrases else isolate(language, text)
