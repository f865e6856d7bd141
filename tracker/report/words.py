"""What the report says: headline, lead, notes and alternative texts, each from data by rule.

A rule answers to one `yoy_status`, so that a fall, a loss, a turn and a refusal are each worded as what they
are, and no percentage is ever printed where the views refuse one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.quantity import round_half_up
from tracker.report.labels import amount, day, percent, period_words, scale_of, symbol, trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tracker.report.edition import Company, Edition, Figure, Guided

__all__ = [
    "alt_guidance",
    "alt_panel",
    "finding",
    "guidance_sentence",
    "headline",
    "lead",
    "noun",
    "possessive",
    "range_words",
    "status_words",
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
    """`Meta’s`, `General Motors’`."""
    return f"{name}’" if name.endswith(("s", "S")) else f"{name}’s"


def when(figure: Figure) -> str:
    """The figure's period in words."""
    return period_words(figure.fiscal_period, is_calendar=figure.is_calendar)


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def headline(edition: Edition) -> str:
    """The finding on the first metric that has a figure, or on the first of all where none has."""
    if edition.definition.title:
        return edition.definition.title
    figure = lead_figure(edition)
    return finding(figure, edition.company, when(figure))


def lead_figure(edition: Edition) -> Figure:
    """The figure the headline is about."""
    rows = [row for metric in edition.metrics if (row := edition.figure(metric))]
    return next((row for row in rows if row.value is not None), rows[0])


def finding(figure: Figure, company: Company, period: str) -> str:
    """One metric of one period as a sentence without its full stop.

    With a company its name opens the sentence: `Meta’s capital spending rose 33% to $8.5 billion in ...`.
    """
    return capital(_RULES[figure.yoy_status](figure, company, f" in {period}"))


def clause(figure: Figure, company: Company) -> str:
    """The finding without company and period, for a sentence that goes on."""
    text = _RULES[figure.yoy_status](figure, company, "")
    return text.removeprefix(f"{possessive(company.short)} ")


def _subject(figure: Figure, company: Company) -> str:
    return f"{possessive(company.short)} {noun(figure).name}"


def _amount(value: Decimal | None, figure: Figure) -> str:
    return "an unknown amount" if value is None else amount(value, figure.unit)


def _grown(figure: Figure, company: Company, where: str) -> str:
    return f"{_subject(figure, company)} {change_words(figure)} {_amount(figure.value, figure)}{where}"


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
    words = noun(figure)
    if not words.loss:
        return f"{_subject(figure, company)} turned negative, at {_amount(figure.value, figure)}{where}, from {_amount(figure.base, figure)} a year earlier"
    return (
        f"{company.short} swung to a {words.loss} of {_size_of(figure.value, figure)}{where}"
        f" from a {words.gain} of {_amount(figure.base, figure)} a year earlier"
    )


def _into_profit(figure: Figure, company: Company, where: str) -> str:
    words = noun(figure)
    if not words.loss:
        return f"{_subject(figure, company)} turned positive, at {_amount(figure.value, figure)}{where}, from {_amount(figure.base, figure)} a year earlier"
    return (
        f"{company.short} turned to a {words.gain} of {_amount(figure.value, figure)}{where}"
        f" from a {words.loss} of {_size_of(figure.base, figure)} a year earlier"
    )


def _less_loss(figure: Figure, company: Company, where: str) -> str:
    if figure.value == figure.base:
        return f"{_loss(figure, company)} was unchanged at {_size_of(figure.value, figure)}{where}"
    return f"{_loss(figure, company)} narrowed to {_size_of(figure.value, figure)}{where} from {_size_of(figure.base, figure)} a year earlier"


def _more_loss(figure: Figure, company: Company, where: str) -> str:
    return f"{_loss(figure, company)} widened to {_size_of(figure.value, figure)}{where} from {_size_of(figure.base, figure)} a year earlier"


def _loss(figure: Figure, company: Company) -> str:
    words = noun(figure)
    return f"{possessive(company.short)} {words.loss or f'negative {words.name}'}"


def _size_of(value: Decimal | None, figure: Figure) -> str:
    return _amount(None if value is None else abs(value), figure)


def _level(figure: Figure, company: Company, where: str) -> str:
    return f"{_subject(figure, company)} {noun(figure).was} {_amount(figure.value, figure)}{where}"


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


def lead(edition: Edition) -> str:
    """The sentences under the headline: the base it is measured from, the other metrics, the promise."""
    first = lead_figure(edition)
    opening = [f"{finding(first, edition.company, when(first))}."] if edition.definition.title else []
    return " ".join([*opening, *_base_sentence(first), *_others(edition, first), *_promises(edition)])


def _base_sentence(figure: Figure) -> Iterable[str]:
    if figure.yoy_status == "ok" and figure.base is not None:
        it = "they were" if noun(figure).is_plural else "it was"
        yield f"A year earlier {it} {_amount(figure.base, figure)}."


def _others(edition: Edition, first: Figure) -> Iterable[str]:
    rows = [row for metric in edition.metrics if metric != first.metric and (row := edition.figure(metric))]
    clauses = [clause(row, edition.company) for row in rows]
    if clauses:
        yield capital(_joined(clauses)) + "."


def _joined(clauses: Sequence[str]) -> str:
    return (
        "; ".join(clauses)
        if any("," in text or ";" in text for text in clauses) or len(clauses) > 2
        else " and ".join(clauses)
    )


def _promises(edition: Edition) -> Iterable[str]:
    year = lead_figure(edition).fiscal_year
    for metric in edition.metrics:
        if sentence := guidance_sentence(edition, metric, f"FY{year}"):
            yield sentence


def guidance_sentence(edition: Edition, metric: str, target: str) -> str:
    """What was promised for a year and what has come of it; empty where nothing was promised in numbers."""
    steps = edition.guidance(metric, target)
    spent = edition.year_to_date(metric, int(target[2:]))
    figure = edition.figure(metric) or (spent[-1] if spent else None)
    if not steps or figure is None:
        return ""
    year = period_words(target, is_calendar=figure.is_calendar)
    promised = range_words(steps[-1])
    if spent and spent[-1].fiscal_period == target:
        return f"{capital(noun(figure).name)} for {year} came to {_amount(spent[-1].value, figure)}, {outcome(spent[-1].value, steps[-1])} the {promised} the company last guided to."
    rest = f"; {_rest(steps[-1], spent[-1])}" if spent else ""
    return f"The company guides to {noun(figure).name} of {promised} for {year}{rest}."


def _rest(step: Guided, spent: Figure) -> str:
    so_far = f"{_amount(spent.value, spent)} in the first {_SO_FAR[spent.fiscal_quarter]}"
    left = remaining(step, spent)
    if left is None:
        return f"it had reached {so_far}, already past that"
    return f"after {so_far}, the rest of the year must add {left}"


_SO_FAR: Final = {1: "quarter", 2: "half", 3: "nine months", 4: "year"}


def remaining(step: Guided, spent: Figure) -> str | None:
    """What must still come to end inside the range: `$21.8–24.8 billion`; None where the high end is passed."""
    done = spent.value or Decimal(0)
    low = None if step.low is None else max(step.low - done, Decimal(0))
    high = None if step.high is None else step.high - done
    return None if high is not None and high < 0 else _range(low, high, step.unit)


def outcome(value: Decimal | None, step: Guided) -> str:
    """Where an outcome lies against a range: inside, above, below."""
    if value is None:
        return "against"
    if step.low is not None and value < step.low:
        return "below"
    return "above" if step.high is not None and value > step.high else "inside"


def position(value: Decimal | None, step: Guided) -> str:
    """How far up its range an inside outcome lies: `61% up the range`; empty elsewhere."""
    if (
        value is None
        or step.low is None
        or step.high is None
        or not step.low <= value <= step.high
        or step.low == step.high
    ):
        return ""
    return f"{trimmed((value - step.low) / (step.high - step.low) * 100, 0)}% up the range"


def range_words(step: Guided) -> str:
    """A promised range with its currency and scale: `$37–40 billion`, `at least $60 billion`."""
    return _range(step.low, step.high, step.unit)


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is None or high is None:
        known = low if high is None else high
        return f"{'at least' if high is None else 'at most'} {_short(known or Decimal(0), unit)}"
    if low == high:
        return _short(low, unit)
    scale = scale_of(high)
    numbers = "–".join(trimmed(scale.of(end), 1) for end in (low, high))
    return f"{symbol(unit)}{numbers}{' ' if scale.word else ''}{scale.word}"


def _short(value: Decimal, unit: str) -> str:
    scale = scale_of(value)
    return f"{symbol(unit)}{trimmed(scale.of(value), 1)}{' ' if scale.word else ''}{scale.word}"


def alt_panel(series: Sequence[Figure], figure: Figure | None, company: Company) -> str:
    """What a panel of levels and growth shows, in a few sentences."""
    known = [row for row in series if row.value is not None]
    if not known:
        return "No figure is known for these periods."
    top = max(known, key=lambda row: row.value or Decimal(0))
    text = (
        f"Columns of {possessive(company.short)} {noun(known[0]).name} from {when(known[0])} ({_amount(known[0].value, known[0])})"
        f" to {when(known[-1])} ({_amount(known[-1].value, known[-1])}), highest in {when(top)} ({_amount(top.value, top)})."
    )
    return f"{text} {_alt_growth(known, figure)}".strip()


def _alt_growth(known: Sequence[Figure], figure: Figure | None) -> str:
    rated = [row for row in known if row.yoy_ratio is not None]
    if not rated:
        return "No growth on a year earlier can be stated."
    least, most = (pick(rated, key=lambda row: row.yoy_ratio or Decimal(0)) for pick in (min, max))
    here = (
        f"growth on a year earlier is {percent(figure.yoy_ratio)} in {when(figure)}, and ranges"
        if figure is not None and figure.yoy_ratio is not None
        else "growth on a year earlier ranges"
    )
    return f"Below, {here} from {_rate(least)} to {_rate(most)}."


def _rate(figure: Figure) -> str:
    return f"{percent(figure.yoy_ratio or Decimal(0))} ({when(figure).removeprefix('the ')})"


def alt_guidance(edition: Edition, metric: str, target: str) -> str:
    """What a chart of promises shows: each range with its day, then what came of them."""
    steps = edition.guidance(metric, target)
    told = "; ".join(f"{range_words(step)} from {day(step.issued_on)}" for step in changed(steps))
    spent = edition.year_to_date(metric, int(target[2:]))
    so_far = ", ".join(f"{_amount(row.value, row)} by {day(row.period_end)}" for row in spent)
    return f"Bands of guidance: {told}." + (f" A line of the sum so far: {so_far}." if so_far else "")


def changed(steps: Sequence[Guided]) -> tuple[Guided, ...]:
    """The steps at which a range changed; one said again is no step of its own."""
    return tuple(
        step
        for at, step in enumerate(steps)
        if at == 0 or (step.low, step.high) != (steps[at - 1].low, steps[at - 1].high)
    )


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
