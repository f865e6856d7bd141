"""Findings in words, from data by rule.

Each `yoy_status` has a rule of its own, so that a fall, a loss, a turn and a missing rate are each worded as what they
are, and no percentage is ever printed if the views give none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.model.metric import Noun, lowered, metric_nouns
from tracker.model.quantity import round_half_up
from tracker.report.text.labels import (
    APOSTROPHE,
    format_amount,
    format_percent,
    format_share,
    format_trimmed,
    isolate,
    name_period,
    say_when,
)
from tracker.report.text.language import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.report.data.edition import EditionCompany, EditionFigure
    from tracker.report.text.language import Language

__all__ = [
    "add_possessive",
    "capitalize",
    "describe_growth",
    "describe_status",
    "describe_value",
    "format_key_value",
    "name_figure_period",
    "name_owner",
    "noun",
    "noun_of",
    "say_when_of",
    "spell_concept",
    "write_clause",
    "write_finding",
]


_TIMES: Final = (
    (Decimal(4), phrase("{metric} more than quintupled to {value} {when}")),
    (Decimal(3), phrase("{metric} more than quadrupled to {value} {when}")),
    (Decimal(2), phrase("{metric} more than tripled to {value} {when}")),
    (Decimal(1), phrase("{metric} more than doubled to {value} {when}")),
)
_FAR: Final = Decimal(5)
_VOWELS: Final = tuple("aeiou")
_WORTH_A_POINT: Final = Decimal("0.01")


def noun(language: Language, figure: EditionFigure) -> Noun:
    """Find the words for a figure's metric; if it has none, its label in lower case."""
    return noun_of(language, figure.metric, figure.label)


def noun_of(language: Language, metric: str, label: str = "") -> Noun:
    """Find the words for a metric without a figure; one without a label goes by its name."""
    known = metric_nouns().get(metric)
    if known:
        return Noun(language.term(known.name), language.term(known.gain), language.term(known.loss), known.is_plural)
    return Noun(language.term(lowered((label or metric).replace("_", " "))))


#: Words of taxonomies for both directions of a figure, which concepts join without brackets.
_DIRECTION: Final = re.compile(
    r"\b(?:(increase) (decrease)|(income|gain|profit|earnings) (loss)|(provided by|from) (used in))\b"
)
_JOINT: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def spell_concept(concept: str) -> str:
    """Spell out a concept that is no metric: taxonomies join its words, and leave out the brackets.

    >>> spell_concept("us-gaap:IncreaseDecreaseInAccountsPayable"), spell_concept("us-gaap:ProceedsFromIPOCosts")
    ('increase (decrease) in accounts payable', 'proceeds from IPO costs')
    """
    words = _JOINT.split(concept.rpartition(":")[2])
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return _DIRECTION.sub(lambda found: "{} ({})".format(*(part for part in found.groups() if part)), text)


def add_possessive(name: str) -> str:
    """Add an apostrophe and, after all but an s, an s."""
    return f"{name}{APOSTROPHE}" if name.endswith(("s", "S")) else f"{name}{APOSTROPHE}s"


def name_owner(language: Language, name: str) -> dict[str, str]:
    """Name a company for a phrase: `owner` with an apostrophe, which only English has, `company` without."""
    return {"owner": add_possessive(name), "company": isolate(language, name)}


def name_figure_period(language: Language, figure: EditionFigure) -> str:
    """Name the figure's period."""
    return name_period(language, figure.fiscal_period, is_calendar=figure.is_calendar)


def capitalize(text: str) -> str:
    """Begin the text with a capital."""
    return text[:1].upper() + text[1:]


def say_when_of(language: Language, figure: EditionFigure) -> str:
    """Say when the figure came about: `in the second quarter of 2024`."""
    return say_when(language, figure.fiscal_period, is_calendar=figure.is_calendar)


def write_finding(language: Language, figure: EditionFigure, company: EditionCompany) -> str:
    """Write one metric of one period as a sentence without its full stop, the company's name first.

    `Meta's capital spending rose 33% to $8.5 billion in the second quarter of 2024`.
    """
    return capitalize(_add_owner(language, figure, company, say_when_of(language, figure)))


def write_clause(language: Language, figure: EditionFigure, company: EditionCompany) -> str:
    """Write the finding as a clause of a longer sentence: without its period, and mostly without the company."""
    return (
        _add_owner(language, figure, company, "")
        if _is_turn(language, figure)
        else _RULES[figure.yoy_status](language, figure, "")
    )


def _add_owner(language: Language, figure: EditionFigure, company: EditionCompany, period: str) -> str:
    text = _RULES[figure.yoy_status](language, figure, period)
    frame = phrase("{company} {clause}") if _is_turn(language, figure) else phrase("{owner} {clause}")
    return language.say(frame, **name_owner(language, company.short), clause=text)


def _is_turn(language: Language, figure: EditionFigure) -> bool:
    """Return whether the finding is about the company (it turned to a loss or a profit), not about a metric."""
    return bool(noun(language, figure).loss) and figure.yoy_status in {"profit_to_loss", "loss_to_profit"}


def describe_value(language: Language, value: Decimal | None, unit: str) -> str:
    """Write an amount of a unit in words; None is an unknown amount."""
    return language.say("an unknown amount") if value is None else format_amount(language, value, unit)


def _rule_values(language: Language, figure: EditionFigure, period: str) -> dict[str, str]:
    """Collect the values for a rule's phrase."""
    words = noun(language, figure)
    return {
        "metric": words.name,
        "was": words.was,
        "value": describe_value(language, figure.value, figure.unit),
        "base": describe_value(language, figure.base, figure.unit),
        "when": period,
    }


def _say_growth(language: Language, figure: EditionFigure, period: str) -> str:
    ratio = figure.yoy_ratio or Decimal(0)
    values = _rule_values(language, figure, period)
    if _is_flat(figure):
        return language.say("{metric} {was} little changed at {value} {when}", **values)
    if figure.value == 0:
        return language.say("{metric} fell to {value} {when}", **values)
    if ratio >= _FAR:
        return language.say(
            "{metric} grew to {times} times the year before: {value} {when}",
            times=_format_times(language, ratio),
            **values,
        )
    for times, text in _TIMES:
        if ratio >= times and (figure.yoy_low is None or figure.yoy_low >= times):
            return language.say(text, **values)
    return language.say(_CHANGES[ratio > 0, _is_rough(figure, ratio)], size=_format_size(language, ratio), **values)


_CHANGES: Final = {
    (True, False): phrase("{metric} rose {size} to {value} {when}"),
    (True, True): phrase("{metric} rose about {size} to {value} {when}"),
    (False, False): phrase("{metric} fell {size} to {value} {when}"),
    (False, True): phrase("{metric} fell about {size} to {value} {when}"),
}


def _format_times(language: Language, ratio: Decimal) -> str:
    return format_trimmed(language, round_half_up(ratio + 1, 0), 0)


def _is_flat(figure: EditionFigure) -> bool:
    """Return whether rounding hides the sign of the change: that of the sources, or that of our own output."""
    ratio, low, high = figure.yoy_ratio or Decimal(0), figure.yoy_low, figure.yoy_high
    return round_half_up(ratio, 3) == 0 or (low is not None and high is not None and low < 0 < high)


def _format_size(language: Language, ratio: Decimal) -> str:
    """Write the size of a change without its sign."""
    return format_share(language, abs(ratio), _count_digits(ratio))


def _count_digits(ratio: Decimal) -> int:
    return 0 if abs(ratio) >= _WORTH_A_POINT else 1


def _is_rough(figure: EditionFigure, ratio: Decimal) -> bool:
    """Return whether the rounding of the printed figures leaves the last digit of the rate open."""
    ends = {
        round_half_up(end * 100, _count_digits(ratio)) for end in (figure.yoy_low, figure.yoy_high) if end is not None
    }
    is_open = figure.yoy_low is None or figure.yoy_high is None or len(ends) > 1
    return is_open and not _is_tight(figure)


def _is_tight(figure: EditionFigure) -> bool:
    """Return whether rounding leaves less than half a point open: the rate is near a rounding edge, not rough."""
    low, high = figure.yoy_low, figure.yoy_high
    return low is not None and high is not None and high - low < _WORTH_A_POINT / 2


def _say_turn_to_loss(language: Language, figure: EditionFigure, period: str) -> str:
    if not noun(language, figure).loss:
        return _fill_rule(
            language, phrase("{metric} turned negative, at {value} {when}, from {base} a year earlier"), figure, period
        )
    text = phrase("swung to {a_loss} of {value} {when} from {a_gain} of {base} a year earlier")
    return _fill_rule(language, text, _drop_signs(figure), period)


def _say_turn_to_profit(language: Language, figure: EditionFigure, period: str) -> str:
    if not noun(language, figure).loss:
        return _fill_rule(
            language, phrase("{metric} turned positive, at {value} {when}, from {base} a year earlier"), figure, period
        )
    text = phrase("turned to {a_gain} of {value} {when} from {a_loss} of {base} a year earlier")
    return _fill_rule(language, text, _drop_signs(figure), period)


def _say_narrower_loss(language: Language, figure: EditionFigure, period: str) -> str:
    same = phrase("{loss} was unchanged at {value} {when}")
    less = phrase("{loss} narrowed to {value} {when} from {base} a year earlier")
    return _fill_rule(language, same if figure.value == figure.base else less, _drop_signs(figure), period)


def _say_wider_loss(language: Language, figure: EditionFigure, period: str) -> str:
    return _fill_rule(
        language, phrase("{loss} widened to {value} {when} from {base} a year earlier"), _drop_signs(figure), period
    )


def _drop_signs(figure: EditionFigure) -> EditionFigure:
    """Drop the signs of a figure's amounts: a loss is named without a minus."""
    value, base = (None if amount is None else abs(amount) for amount in (figure.value, figure.base))
    return replace(figure, value=value, base=base)


def _fill_rule(language: Language, text: str, figure: EditionFigure, period: str) -> str:
    words = noun(language, figure)
    loss = words.loss or language.say("negative {metric}", metric=words.name)
    signs = {"gain": words.gain, "loss": loss, "a_gain": _add_article(words.gain), "a_loss": _add_article(loss)}
    return language.say(text, **signs, **_rule_values(language, figure, period))


def _add_article(name: str) -> str:
    """Put the English article before a name: `a net loss`, `an operating loss`."""
    return f"{'an' if name[:1] in _VOWELS else 'a'} {name}"


def _say_from_zero(language: Language, figure: EditionFigure, period: str) -> str:
    return _fill_rule(language, phrase("{metric} {was} {value} {when}, up from nothing a year earlier"), figure, period)


def _say_no_base(language: Language, figure: EditionFigure, period: str) -> str:
    return _fill_rule(
        language, phrase("{metric} {was} {value} {when}; no year-earlier figure is on record"), figure, period
    )


def _say_other_basis(language: Language, figure: EditionFigure, period: str) -> str:
    return _fill_rule(
        language, phrase("{metric} {was} {value} {when}, not comparable with a year earlier"), figure, period
    )


def _say_split(language: Language, figure: EditionFigure, period: str) -> str:
    text = phrase("{metric} {was} {value} {when}; the year-earlier figure is known only on the other side of a split")
    return _fill_rule(language, text, figure, period)


def _say_other_length(language: Language, figure: EditionFigure, period: str) -> str:
    text = phrase("{metric} {was} {value} {when}, a period of another length than a year earlier")
    return _fill_rule(language, text, figure, period)


def _say_rate(language: Language, figure: EditionFigure, period: str) -> str:
    return _fill_rule(language, phrase("{metric} {was} {value} {when}, from {base} a year earlier"), figure, period)


def _say_refusal(language: Language, figure: EditionFigure, period: str) -> str:
    whole = phrase("{metric} {was} {value} {when}; the year-earlier figure cannot be derived")
    none = phrase("{metric} {when} cannot be derived from what is on record")
    return _fill_rule(language, none if figure.value is None else whole, figure, period)


_RULES: Final[Mapping[str, Callable[[Language, EditionFigure, str], str]]] = {
    "ok": _say_growth,
    "profit_to_loss": _say_turn_to_loss,
    "loss_to_profit": _say_turn_to_profit,
    "loss_narrowed": _say_narrower_loss,
    "loss_widened": _say_wider_loss,
    "zero_base": _say_from_zero,
    "no_base": _say_no_base,
    "basis_changed": _say_other_basis,
    "split": _say_split,
    "long_period": _say_other_length,
    "rate": _say_rate,
    "not_derivable": _say_refusal,
}

_STATUS_WORDS: Final[Mapping[str, str]] = {
    "ok": "",
    "profit_to_loss": phrase("profit to loss"),
    "loss_to_profit": phrase("loss to profit"),
    "loss_narrowed": phrase("loss narrowed"),
    "loss_widened": phrase("loss widened"),
    "zero_base": phrase("from zero"),
    "no_base": phrase("no year-earlier figure"),
    "basis_changed": phrase("not comparable"),
    "split": phrase("across a split of shares"),
    "long_period": phrase("periods differ in length"),
    "rate": phrase("in percentage points only"),
    "not_derivable": phrase("not derivable"),
}


def describe_status(language: Language, figure: EditionFigure) -> str:
    """Say why a row has no growth rate, in two or three words; empty where it has one."""
    return language.term(_STATUS_WORDS[figure.yoy_status])


def describe_growth(language: Language, figure: EditionFigure, places: int = 1) -> str:
    """Write the growth of a row for a table cell: `+33.3%`, or the reason there is none."""
    if figure.rate is None:
        return describe_status(language, figure)
    rate, status = format_percent(language, figure.rate, places), describe_status(language, figure)
    return language.say("{first}, {second}", first=rate, second=status) if status else rate


def format_key_value(language: Language, value: Decimal | None, unit: str, places: int = 2) -> str:
    """Write a key figure: `$8.47 bn`."""
    return language.say("not known") if value is None else format_amount(language, value, unit, places, "short")
