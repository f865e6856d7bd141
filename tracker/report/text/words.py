"""Findings in words, from data by rule.

A rule answers to one `yoy_status`, so that a fall, a loss, a turn and a refusal are each worded as what they
are, and no percentage is ever printed where the views refuse one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.model.metric import Noun, lowered, metric_nouns
from tracker.model.quantity import round_half_up
from tracker.report.text.labels import APOSTROPHE, amount, during_words, isolated, percent, period_words, share, trimmed
from tracker.report.text.language import phrase, say, term

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.report.data.edition import Company, Figure

__all__ = [
    "capital",
    "clause",
    "during",
    "finding",
    "growth_words",
    "noun",
    "noun_of",
    "possessive",
    "short_money",
    "spelled",
    "status_words",
    "told",
    "when",
    "whose",
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


def noun(figure: Figure) -> Noun:
    """The words for a figure's metric; its label, in lower case, where we have none of our own."""
    return noun_of(figure.metric, figure.label)


def noun_of(metric: str, label: str = "") -> Noun:
    """The same for a metric without a figure; one without a label goes by its name."""
    known = metric_nouns().get(metric)
    if known:
        return Noun(term(known.name), term(known.gain), term(known.loss), known.is_plural)
    return Noun(term(lowered((label or metric).replace("_", " "))))


#: What the taxonomies join, the other direction of a figure without its brackets.
_DIRECTION: Final = re.compile(
    r"\b(?:(increase) (decrease)|(income|gain|profit|earnings) (loss)|(provided by|from) (used in))\b"
)
_JOINT: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def spelled(concept: str) -> str:
    """A concept that stands for no metric, as words: the taxonomies join theirs, and leave out the brackets.

    >>> spelled("us-gaap:IncreaseDecreaseInAccountsPayable"), spelled("us-gaap:ProceedsFromIPOCosts")
    ('increase (decrease) in accounts payable', 'proceeds from IPO costs')
    """
    words = _JOINT.split(concept.rpartition(":")[2])
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return _DIRECTION.sub(lambda found: "{} ({})".format(*(part for part in found.groups() if part)), text)


def possessive(name: str) -> str:
    """Whose it is: an apostrophe and, after all but an s, an s."""
    return f"{name}{APOSTROPHE}" if name.endswith(("s", "S")) else f"{name}{APOSTROPHE}s"


def whose(name: str) -> dict[str, str]:
    """A company for a phrase: `owner` is the name with an apostrophe, which only English has, `company` the name."""
    return {"owner": possessive(name), "company": isolated(name)}


def when(figure: Figure) -> str:
    """The figure's period in words."""
    return period_words(figure.fiscal_period, is_calendar=figure.is_calendar)


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def during(figure: Figure) -> str:
    """When the figure came about: `in the second quarter of 2024`."""
    return during_words(figure.fiscal_period, is_calendar=figure.is_calendar)


def finding(figure: Figure, company: Company) -> str:
    """One metric of one period as a sentence without its full stop, opening with the company's name.

    `Meta's capital spending rose 33% to $8.5 billion in the second quarter of 2024`.
    """
    return capital(_framed(figure, company, during(figure)))


def clause(figure: Figure, company: Company) -> str:
    """The finding without its period, and without the company where it reads well so, for a sentence that goes on."""
    return _framed(figure, company, "") if _is_turn(figure) else _RULES[figure.yoy_status](figure, "")


def _framed(figure: Figure, company: Company, period: str) -> str:
    text = _RULES[figure.yoy_status](figure, period)
    frame = phrase("{company} {clause}") if _is_turn(figure) else phrase("{owner} {clause}")
    return say(frame, **whose(company.short), clause=text)


def _is_turn(figure: Figure) -> bool:
    """Whether the finding is one on the company, which swung to a loss or a profit, and not on a metric."""
    return bool(noun(figure).loss) and figure.yoy_status in {"profit_to_loss", "loss_to_profit"}


def told(value: Decimal | None, figure: Figure) -> str:
    """An amount of the figure's unit in words."""
    return say("an unknown amount") if value is None else amount(value, figure.unit)


def _values(figure: Figure, period: str) -> dict[str, str]:
    """What a rule's phrase is filled with."""
    words = noun(figure)
    return {
        "metric": words.name,
        "was": words.was,
        "value": told(figure.value, figure),
        "base": told(figure.base, figure),
        "when": period,
    }


def _grown(figure: Figure, period: str) -> str:
    ratio = figure.yoy_ratio or Decimal(0)
    values = _values(figure, period)
    if _is_flat(figure):
        return say("{metric} {was} little changed at {value} {when}", **values)
    if figure.value == 0:
        return say("{metric} fell to {value} {when}", **values)
    if ratio >= _FAR:
        return say("{metric} grew to {times} times the year before: {value} {when}", times=_times(ratio), **values)
    for times, text in _TIMES:
        if ratio >= times and (figure.yoy_low is None or figure.yoy_low >= times):
            return say(text, **values)
    return say(_CHANGES[ratio > 0, _is_rough(figure, ratio)], size=_size(ratio), **values)


_CHANGES: Final = {
    (True, False): phrase("{metric} rose {size} to {value} {when}"),
    (True, True): phrase("{metric} rose about {size} to {value} {when}"),
    (False, False): phrase("{metric} fell {size} to {value} {when}"),
    (False, True): phrase("{metric} fell about {size} to {value} {when}"),
}


def _times(ratio: Decimal) -> str:
    return trimmed(round_half_up(ratio + 1, 0), 0)


def _is_flat(figure: Figure) -> bool:
    """Whether the sign of the change is lost in the rounding of what was printed, or of what we print."""
    ratio, low, high = figure.yoy_ratio or Decimal(0), figure.yoy_low, figure.yoy_high
    return round_half_up(ratio, 3) == 0 or (low is not None and high is not None and low < 0 < high)


def _size(ratio: Decimal) -> str:
    """The size of a change without its sign."""
    return share(abs(ratio), _digits(ratio))


def _digits(ratio: Decimal) -> int:
    return 0 if abs(ratio) >= _WORTH_A_POINT else 1


def _is_rough(figure: Figure, ratio: Decimal) -> bool:
    """Whether the printed figures leave the last digit open."""
    ends = {round_half_up(end * 100, _digits(ratio)) for end in (figure.yoy_low, figure.yoy_high) if end is not None}
    is_open = figure.yoy_low is None or figure.yoy_high is None or len(ends) > 1
    return is_open and not _is_tight(figure)


def _is_tight(figure: Figure) -> bool:
    """Whether the printed figures leave less than half a point open: a rounding edge, not a rough figure."""
    low, high = figure.yoy_low, figure.yoy_high
    return low is not None and high is not None and high - low < _WORTH_A_POINT / 2


def _into_loss(figure: Figure, period: str) -> str:
    if not noun(figure).loss:
        return _said(phrase("{metric} turned negative, at {value} {when}, from {base} a year earlier"), figure, period)
    text = phrase("swung to {a_loss} of {value} {when} from {a_gain} of {base} a year earlier")
    return _said(text, _unsigned(figure), period)


def _into_profit(figure: Figure, period: str) -> str:
    if not noun(figure).loss:
        return _said(phrase("{metric} turned positive, at {value} {when}, from {base} a year earlier"), figure, period)
    text = phrase("turned to {a_gain} of {value} {when} from {a_loss} of {base} a year earlier")
    return _said(text, _unsigned(figure), period)


def _less_loss(figure: Figure, period: str) -> str:
    same = phrase("{loss} was unchanged at {value} {when}")
    less = phrase("{loss} narrowed to {value} {when} from {base} a year earlier")
    return _said(same if figure.value == figure.base else less, _unsigned(figure), period)


def _more_loss(figure: Figure, period: str) -> str:
    return _said(phrase("{loss} widened to {value} {when} from {base} a year earlier"), _unsigned(figure), period)


def _unsigned(figure: Figure) -> Figure:
    """The figure with its amounts as sizes: a loss is told without a minus."""
    value, base = (None if amount is None else abs(amount) for amount in (figure.value, figure.base))
    return replace(figure, value=value, base=base)


def _said(text: str, figure: Figure, period: str) -> str:
    words = noun(figure)
    loss = words.loss or say("negative {metric}", metric=words.name)
    signs = {"gain": words.gain, "loss": loss, "a_gain": _with_article(words.gain), "a_loss": _with_article(loss)}
    return say(text, **signs, **_values(figure, period))


def _with_article(name: str) -> str:
    """English only: `a net loss`, `an operating loss`."""
    return f"{'an' if name[:1] in _VOWELS else 'a'} {name}"


def _from_zero(figure: Figure, period: str) -> str:
    return _said(phrase("{metric} {was} {value} {when}, up from nothing a year earlier"), figure, period)


def _without_base(figure: Figure, period: str) -> str:
    return _said(phrase("{metric} {was} {value} {when}; no year-earlier figure is on record"), figure, period)


def _other_basis(figure: Figure, period: str) -> str:
    return _said(phrase("{metric} {was} {value} {when}, not comparable with a year earlier"), figure, period)


def _other_length(figure: Figure, period: str) -> str:
    text = phrase("{metric} {was} {value} {when}, a period of another length than a year earlier")
    return _said(text, figure, period)


def _refused(figure: Figure, period: str) -> str:
    whole = phrase("{metric} {was} {value} {when}; the year-earlier figure cannot be derived")
    none = phrase("{metric} {when} cannot be derived from what is on record")
    return _said(none if figure.value is None else whole, figure, period)


_RULES: Final[Mapping[str, Callable[[Figure, str], str]]] = {
    "ok": _grown,
    "profit_to_loss": _into_loss,
    "loss_to_profit": _into_profit,
    "loss_narrowed": _less_loss,
    "loss_widened": _more_loss,
    "zero_base": _from_zero,
    "no_base": _without_base,
    "basis_changed": _other_basis,
    "long_period": _other_length,
    "not_derivable": _refused,
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
    "long_period": phrase("periods differ in length"),
    "not_derivable": phrase("not derivable"),
}


def status_words(figure: Figure) -> str:
    """Why a row has no growth rate, in two or three words; empty where it has one."""
    return term(_STATUS_WORDS[figure.yoy_status])


def growth_words(figure: Figure, places: int = 1) -> str:
    """The growth of a row in a table cell: `+33.3%`, or the reason there is none."""
    if figure.rate is None:
        return status_words(figure)
    rate, status = percent(figure.rate, places), status_words(figure)
    return say("{first}, {second}", first=rate, second=status) if status else rate


def short_money(value: Decimal | None, unit: str, places: int = 2) -> str:
    """A key figure: `$8.47 bn`."""
    return say("not known") if value is None else amount(value, unit, places, "short")
