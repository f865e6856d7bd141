"""Findings in words, from data by rule.

A rule answers to one `yoy_status`, so that a fall, a loss, a turn and a refusal are each worded as what they
are, and no percentage is ever printed where the views refuse one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.quantity import round_half_up
from tracker.report.labels import APOSTROPHE, amount, percent, period_words, trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.report.edition import Company, Figure

__all__ = [
    "capital",
    "clause",
    "finding",
    "growth_words",
    "noun",
    "possessive",
    "short_money",
    "status_words",
    "told",
    "when",
]


@dataclass(frozen=True, slots=True)
class Noun:
    """How a metric is spoken of. `gain` and `loss` name its two signs where it has them."""

    name: str
    gain: str = ""
    loss: str = ""
    is_plural: bool = False

    @property
    def was(self) -> str:
        """The past tense of "to be" that agrees."""
        return "were" if self.is_plural else "was"


_NOUNS: Final[Mapping[str, Noun]] = {
    "revenue": Noun("revenue"),
    "capex": Noun("capital spending"),
    "capex_ppe": Noun("purchases of property and equipment", is_plural=True),
    "net_income": Noun("net income", "net profit", "net loss"),
    "operating_income": Noun("operating income", "operating profit", "operating loss"),
    "operating_cash_flow": Noun("operating cash flow"),
    "free_cash_flow": Noun("free cash flow"),
    "total_costs": Noun("total costs", is_plural=True),
    "r_and_d": Noun("research and development spending"),
    "finance_lease_principal": Noun("finance-lease principal"),
    "eps_diluted": Noun("diluted earnings per share", is_plural=True),
    "eps_basic": Noun("basic earnings per share", is_plural=True),
    "dau": Noun("daily active people", is_plural=True),
    "users": Noun("users", is_plural=True),
}
_MULTIPLES: Final = ((Decimal(4), "more than quintupled"), (Decimal(3), "more than quadrupled"))
_TIMES: Final = (*_MULTIPLES, (Decimal(2), "more than tripled"), (Decimal(1), "more than doubled"))
_FAR: Final = Decimal(5)
_WORTH_A_POINT: Final = Decimal("0.01")


def noun(figure: Figure) -> Noun:
    """The words for a figure's metric; its label, in lower case, where we have none of our own."""
    known = _NOUNS.get(figure.metric)
    if known:
        return known
    label = figure.label
    is_word = label[1:2].islower()
    return Noun(label[:1].lower() + label[1:] if is_word else label)


def possessive(name: str) -> str:
    """Whose it is: an apostrophe and, after all but an s, an s."""
    return f"{name}{APOSTROPHE}" if name.endswith(("s", "S")) else f"{name}{APOSTROPHE}s"


def when(figure: Figure) -> str:
    """The figure's period in words."""
    return period_words(figure.fiscal_period, is_calendar=figure.is_calendar)


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def finding(figure: Figure, company: Company, period: str) -> str:
    """One metric of one period as a sentence without its full stop.

    With a company its name opens the sentence: `Meta's capital spending rose 33% to $8.5 billion in ...`.
    """
    return capital(_RULES[figure.yoy_status](figure, company, f" in {period}"))


def clause(figure: Figure, company: Company) -> str:
    """The finding without company and period, for a sentence that goes on."""
    text = _RULES[figure.yoy_status](figure, company, "")
    return text.removeprefix(f"{possessive(company.short)} ")


def _subject(figure: Figure, company: Company) -> str:
    return f"{possessive(company.short)} {noun(figure).name}"


def told(value: Decimal | None, figure: Figure) -> str:
    """An amount of the figure's unit in words."""
    return "an unknown amount" if value is None else amount(value, figure.unit)


def _grown(figure: Figure, company: Company, where: str) -> str:
    return f"{_subject(figure, company)} {change_words(figure)} {told(figure.value, figure)}{where}"


def change_words(figure: Figure) -> str:
    """The verb of a growth rate with its size: `rose 33% to`, `more than doubled to`, `was little changed at`."""
    ratio = figure.yoy_ratio or Decimal(0)
    if _is_flat(figure):
        return f"{noun(figure).was} little changed at"
    if figure.value == 0:
        return "fell to"
    if ratio >= _FAR:
        return f"grew to {trimmed(round_half_up(ratio + 1, 0), 0)} times the year before:"
    for times, words in _TIMES:
        if ratio >= times and (figure.yoy_low is None or figure.yoy_low >= times):
            return f"{words} to"
    return f"{'rose' if ratio > 0 else 'fell'} {_size(figure, ratio)} to"


def _is_flat(figure: Figure) -> bool:
    """Whether the sign of the change is lost in the rounding of what was printed, or of what we print."""
    ratio, low, high = figure.yoy_ratio or Decimal(0), figure.yoy_low, figure.yoy_high
    return round_half_up(ratio, 3) == 0 or (low is not None and high is not None and low < 0 < high)


def _size(figure: Figure, ratio: Decimal) -> str:
    """The size without its sign; `about` where the printed figures leave the last digit open."""
    places = 0 if abs(ratio) >= _WORTH_A_POINT else 1
    ends = {round_half_up(end * 100, places) for end in (figure.yoy_low, figure.yoy_high) if end is not None}
    is_open = figure.yoy_low is None or figure.yoy_high is None or len(ends) > 1
    return f"{'about ' if is_open and not _is_tight(figure) else ''}{percent(abs(ratio), places).removeprefix('+')}"


def _is_tight(figure: Figure) -> bool:
    """Whether the printed figures leave less than half a point open: a rounding edge, not a rough figure."""
    low, high = figure.yoy_low, figure.yoy_high
    return low is not None and high is not None and high - low < _WORTH_A_POINT / 2


def _into_loss(figure: Figure, company: Company, where: str) -> str:
    words, now, before = noun(figure), told(figure.value, figure), told(figure.base, figure)
    if not words.loss:
        return f"{_subject(figure, company)} turned negative, at {now}{where}, from {before} a year earlier"
    loss = f"{words.loss} of {_size_of(figure.value, figure)}"
    return f"{company.short} swung to a {loss}{where} from a {words.gain} of {before} a year earlier"


def _into_profit(figure: Figure, company: Company, where: str) -> str:
    words, now, before = noun(figure), told(figure.value, figure), told(figure.base, figure)
    if not words.loss:
        return f"{_subject(figure, company)} turned positive, at {now}{where}, from {before} a year earlier"
    loss = f"{words.loss} of {_size_of(figure.base, figure)}"
    return f"{company.short} turned to a {words.gain} of {now}{where} from a {loss} a year earlier"


def _less_loss(figure: Figure, company: Company, where: str) -> str:
    now, before = _size_of(figure.value, figure), _size_of(figure.base, figure)
    if figure.value == figure.base:
        return f"{_loss(figure, company)} was unchanged at {now}{where}"
    return f"{_loss(figure, company)} narrowed to {now}{where} from {before} a year earlier"


def _more_loss(figure: Figure, company: Company, where: str) -> str:
    now, before = _size_of(figure.value, figure), _size_of(figure.base, figure)
    return f"{_loss(figure, company)} widened to {now}{where} from {before} a year earlier"


def _loss(figure: Figure, company: Company) -> str:
    words = noun(figure)
    return f"{possessive(company.short)} {words.loss or f'negative {words.name}'}"


def _size_of(value: Decimal | None, figure: Figure) -> str:
    return told(None if value is None else abs(value), figure)


def _level(figure: Figure, company: Company, where: str) -> str:
    return f"{_subject(figure, company)} {noun(figure).was} {told(figure.value, figure)}{where}"


def _from_zero(figure: Figure, company: Company, where: str) -> str:
    return f"{_level(figure, company, where)}, up from nothing a year earlier"


def _without_base(figure: Figure, company: Company, where: str) -> str:
    return f"{_level(figure, company, where)}; no year-earlier figure is on record"


def _other_basis(figure: Figure, company: Company, where: str) -> str:
    return f"{_level(figure, company, where)}, not comparable with a year earlier"


def _other_length(figure: Figure, company: Company, where: str) -> str:
    return f"{_level(figure, company, where)}, a period of another length than a year earlier"


def _refused(figure: Figure, company: Company, where: str) -> str:
    if figure.value is not None:
        return f"{_level(figure, company, where)}; the year-earlier figure cannot be derived"
    return f"{_subject(figure, company)}{where} cannot be derived from what is on record"


_RULES: Final[Mapping[str, Callable[[Figure, Company, str], str]]] = {
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
    "profit_to_loss": "profit to loss",
    "loss_to_profit": "loss to profit",
    "loss_narrowed": "loss narrowed",
    "loss_widened": "loss widened",
    "zero_base": "from zero",
    "no_base": "no year-earlier figure",
    "basis_changed": "not comparable",
    "long_period": "periods differ in length",
    "not_derivable": "not derivable",
}


def status_words(figure: Figure) -> str:
    """Why a row has no growth rate, in two or three words; empty where it has one."""
    return _STATUS_WORDS[figure.yoy_status]


def growth_words(figure: Figure, places: int = 1) -> str:
    """The growth of a row in a table cell: `+33.3%`, or the reason there is none."""
    if figure.yoy_ratio is None:
        return status_words(figure)
    rate = percent(figure.yoy_ratio, places)
    return f"{rate}, {status_words(figure)}" if status_words(figure) else rate


def short_money(value: Decimal | None, unit: str, places: int = 2) -> str:
    """A key figure: `$8.47 bn`."""
    if value is None:
        return "not known"
    text = amount(value, unit, places)
    for word, short in (("trillion", "tn"), ("billion", "bn"), ("million", "m")):
        text = text.replace(word, short)
    return text
