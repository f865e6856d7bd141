# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""One sentence with everything found in it: periods, quantities, topics, companies, claims, directions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import claims, headers, old_forecasts, periods, revisions, rows, tables
from tracker.sources.article.find.amount import shifted
from tracker.sources.article.find.amounts import find_amounts
from tracker.sources.article.find.companies import find_companies
from tracker.sources.article.find.goods import narrow_by_goods
from tracker.sources.article.find.known_words_in_names import is_in_name
from tracker.sources.article.find.names import name_words
from tracker.sources.article.find.topics import COUNTED, METRIC_OF, find_topics, name_behind_company, read_as_labels
from tracker.sources.article.find.words_at_names import kinds_before
from tracker.sources.article.text.lexicon import PhraseMatch, either, every, locale, vocabulary
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.amounts import Context
    from tracker.sources.article.find.claims import Boundaries
    from tracker.sources.article.find.companies import Mention
    from tracker.sources.article.find.revisions import Old
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.model import NamedCompany
    from tracker.sources.article.text.sentences import Sentence

__all__ = ["Scene", "build_scene"]

_NEXT_CAPITAL: Final = re.compile(r" ([A-Z\u00c0-\u00de][^\W\d_]+)")
_MILLION: Final = 6
_SAID: Final = 8  # letters between who speaks and the verb
_BEHIND: Final = 12  # letters: the words right behind an amount


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence understood piece by piece, before the pieces are put together."""

    text: str
    folded: str
    start: int
    end: int
    code: str
    periods: tuple[StatedPeriod, ...]
    quantities: tuple[Quantity, ...]
    topics: tuple[Topic, ...]
    mentions: tuple[Mention, ...]
    scopes: tuple[tuple[str, ...], ...]
    compare: tuple[PhraseMatch, ...]
    directions: tuple[PhraseMatch, ...]
    breaks: Boundaries
    old: Mapping[int, Old]  # the forecasts that others have replaced
    is_row: bool = False  # a label and its amounts, no sentence
    table: tables.Block | None = None  # what the lines below stand under

    @property
    def place(self) -> revisions.Place:
        """Return what revisions of forecasts are read from."""
        return revisions.Place(
            self.folded,
            self.start,
            self.end,
            self.code,
            self.quantities,
            self.periods,
            self.scopes,
            self.compare,
            self.breaks,
        )

    def is_revision(self, index: int) -> bool:
        """Return true if a quantity is a forecast of before or the one that replaced it."""
        return index in self.old or any(item.new == index for item in self.old.values())

    def window(self, index: int) -> tuple[int, int]:
        """From the end of the quantity before to the start of the one after, inside the clause."""
        here = self.quantities[index]
        low, high = self.breaks.clause(here.start, self.start, self.end)
        if index:
            low = max(low, self.quantities[index - 1].end)
        if index + 1 < len(self.quantities):
            high = min(high, self.quantities[index + 1].opening)
        return low, max(high, here.end)

    def parted(self, low: int, high: int) -> bool:
        """Return true if a comma or clause boundary lies between two places."""
        return self.breaks.soft_between(low, high)


def build_scene(
    text: str,
    folded: str,
    sentence: Sentence,
    context: Context,
    companies: Sequence[NamedCompany],
    money: str | None,
    top: tables.Block | None = None,
    heads: int = 0,
) -> Scene:
    """Return the scene of a sentence.

    `money` is the currency an amount without one may inherit, `top` the table it is in, `heads` its columns named.
    """
    start, end, code = sentence.start, sentence.end, sentence.language
    own = locale(code)
    found = headers.find_headers(folded, sentence, context)
    named = periods.find_periods(folded, start, end, code)
    spans = [(period.start, period.end) for period in named]
    amounts = find_amounts(folded, start, end, code, spans, context)
    occupied = [*spans, *((amount.start, amount.end) for amount in amounts)]
    occupied += [(header.start, header.end) for header in found]
    said = list(own.phrases("claims").find(folded, start, end))
    first = {mark.end + 1: mark.start for mark in said if _begins_longer_name(mark, text, text[start:end], code)}
    words = [(mark.start, mark.end) for mark in said if not _begins_registered(mark, text, code)]
    topics = find_topics(folded, start, end, code, ())
    topics = [topic for topic in topics if not _ends_before_form(topic, text)]
    rough = [(topic.start, topic.end) for topic in topics]
    rough = [span for span in rough if not is_in_name(*span, text, (start, end), code)]
    compared = _find_comparisons(folded, (start, end), code, named, topics)
    pointing = list(own.phrases("directions", "up", "down").find(folded, start, end))
    words += [(mark.start, mark.end) for mark in own.phrases("jobs").find(folded, start, end) if own.is_east_asian]
    plain = [(mark.start, mark.end) for mark in (*compared, *pointing) if not _is_sign_of_word(mark, folded, code)]
    plain = [span for span in plain if not is_in_name(*span, text, (start, end), code)]
    mentions = find_companies(text, folded, start, end, code, companies, [*occupied, *words, *rough, *plain])
    mentions = [_from_first(item, first, text) for item in mentions]
    names = [(mention.start, mention.end) for mention in mentions]
    topics = find_topics(folded, start, end, code, names)
    shared = [(mark.start, mark.end) for mark in own.phrases("per_share").find(folded, start, end)]
    topics = [
        topic
        for topic in topics
        if topic.label != "share_price"
        or not any(
            low <= topic.start and topic.end <= high and high - low > topic.end - topic.start for low, high in shared
        )
    ]
    topics = [topic for topic in topics if not _is_in_unit(topic, amounts)]
    amounts = _whole_counts(amounts, topics, folded)
    topics = revisions.without_deals(topics, folded, (start, end), code)
    named = [
        period
        for period in named
        if (period.span is None and (period.relative is None or not own.is_east_asian))
        or not any(topic.start <= period.start and period.end < topic.end for topic in topics)
    ]
    topics = narrow_by_goods(
        read_as_labels(name_behind_company(topics, folded, code, names), folded, code),
        text,
        folded,
        (start, end),
        code,
        mentions,
    )
    amounts = [item for item in amounts if not _lies_in(item, found)]
    topics = [item for item in topics if not _lies_in(item, found) and not _ends_amount(item, amounts)]
    row = rows.is_row(folded, (start, end), amounts, topics, named, [*words, *plain])
    line = tables.Line(folded, start, end, found, top, is_row=row, is_dated=bool(named), heads=heads)
    amounts = tables.scaled(tables.parted(amounts, topics, line), topics, line)
    below = _block_below(tables.apart(found, amounts, topics), amounts, line)
    amounts = _as_bases(_inherit_currency(amounts, topics, named, folded, code, money, end), named, names)
    breaks = claims.find_boundaries(folded, start, end, code)
    taken = [*spans, *names, *kinds_before(names, text, start, code), *((q.opening, q.end) for q in amounts)]
    claimed = claims.find_claims(folded, start, end, code, taken)
    claimed = [mark for mark in claimed if not any(_is_in_metric(mark, topic, folded, code) for topic in topics)]
    claimed = [_by_broker(mark, mentions, folded, code) for mark in claimed]
    claimed = revisions.own_outlook(claimed, folded, (start, end), code)
    scopes = claims.find_scopes(amounts, claimed, folded, (start, end), code, breaks)
    whole = Scene(
        text,
        folded,
        start,
        end,
        code,
        tuple(named),
        tuple(amounts),
        tuple(topics),
        tuple(mentions),
        tuple(scopes),
        tuple(compared),
        tuple(pointing),
        breaks,
        {},
        is_row=row,
        table=below,
    )
    return replace(whole, old=old_forecasts.find_old_forecasts(whole.place))


def _find_comparisons(
    folded: str, bounds: tuple[int, int], code: str, named: Sequence[StatedPeriod], topics: Sequence[Topic]
) -> list[PhraseMatch]:
    """Return the words of a sentence that say what its growth is measured from."""
    found = list(locale(code).phrases("compare", "yoy", "qoq", "year_end", "period", "years").find(folded, *bounds))
    found += _months_before(folded, bounds, code, [(period.start, period.end) for period in named])
    found = [_with_year(mark, named) for mark in found if not _tells_length(mark, topics, folded, code)]
    return [mark for mark in found if not _is_tail_of_number(mark, folded)]


def _is_in_unit(topic: Topic, amounts: Sequence[Quantity]) -> bool:
    """Return true if a word is a part of the currency of an amount: "CA" in "48,7 M$ CA" is no metric."""
    return any(item.kind == "money" and item.start < topic.start and topic.end <= item.end for item in amounts)


def _as_bases(
    amounts: list[Quantity], named: Sequence[StatedPeriod], names: Sequence[tuple[int, int]]
) -> list[Quantity]:
    """Remove "below" or "above" from amounts that a rate before them counts from and a period follows.

    As in "9% below the 45.8 million of a year earlier": the word is the direction of the rate.
    """
    out = amounts[:1]
    for item in amounts[1:]:
        is_led = out[-1].kind == "percent" and item.kind == "money" and 0 <= item.lead - out[-1].end <= 1
        high = item.end + _BASE
        is_dated = is_led and any(item.end <= period.start < high for period in named)
        is_base = is_dated and not any(item.end <= low < high for low, _ in names)
        out.append(replace(item, qualifier="exact", lead=-1) if is_base and item.qualifier in _BOUNDS else item)
    return out


_BASE: Final = 40  # letters between an amount and the period of it that a rate counts from
_BOUNDS: Final = frozenset({"more_than", "less_than"})


def _tells_length(mark: PhraseMatch, topics: Sequence[Topic], folded: str, code: str) -> bool:
    """Return true if a word right behind a metric says how long it is counted: "receita trimestral"."""
    is_behind = any(mark.start - topic.end == 1 and not topic.blocked for topic in topics)
    return is_behind and folded[mark.start : mark.end] in locale(code).words("compare", "lengths")


def _is_tail_of_number(mark: PhraseMatch, folded: str) -> bool:
    """Return true if a comparison begins with the last figure of a year: "1年内" in "2021年内"."""
    return mark.start > 0 and folded[mark.start].isdigit() and folded[mark.start - 1].isdigit()


def _is_sign_of_word(mark: PhraseMatch, folded: str, code: str) -> bool:
    """Return true if one sign that can tell a direction stands inside a word, where it may be a part of a name."""
    if not locale(code).is_east_asian or mark.end - mark.start > 1:
        return False
    return folded[mark.end : mark.end + 1] >= _FIRST_SIGN and _PARTS.match(folded, mark.end) is None


_FIRST_SIGN: Final = "\u2e80"  # of the scripts without blanks
_PARTS: Final = re.compile(r"[^\w]")


def _is_in_metric(mark: PhraseMatch, topic: Topic, folded: str, code: str) -> bool:
    """Return true if a word only names a metric; a budget of capital spending is a plan as well."""
    if topic.label == "spend" or mark.start < topic.start or topic.end < mark.end:
        return False
    if mark.label == "guidance" and (mark.start, mark.end) == (topic.start, topic.end):
        return False  # "Umsatzprognose" is both
    is_plan = locale(code).phrases("earlier", "noun").has(folded, mark.start, mark.end)
    return not (topic.label == "capex" and mark.label == "guidance" and is_plan)


def _ends_before_form(topic: Topic, text: str) -> bool:
    """Return true if a legal form stands right behind a word with a capital: "Hanse Papier AG" is a company."""
    found = _FORM_BEHIND.match(text, topic.end)
    is_word = text[topic.start].isupper() and " " not in text[topic.start : topic.end]
    return is_word and found is not None and fold(found[1]).rstrip(".") in every("names", "hard_forms")


_FORM_BEHIND: Final = re.compile(r" ([A-Z][\w.]*)")


_CAPITALS: Final = re.compile(r"(?: [^\W\d_a-z][\w&'.\-]*)+")


def _begins_registered(mark: PhraseMatch, text: str, code: str) -> bool:
    """Return true if a word for a source begins the name of a registered company: "Sumber Nikel Tbk"."""
    is_word = locale(code).capitals == "names" and mark.label == "rumour" and text[mark.start : mark.end].istitle()
    if not is_word or " " in text[mark.start : mark.end]:
        return False
    found = _CAPITALS.match(text, mark.end)
    behind = fold(found[0]).split() if found else []
    return len(behind) > 1 and behind[-1].rstrip(".") in every("names", "hard_forms")


def _begins_longer_name(mark: PhraseMatch, text: str, line: str, code: str) -> bool:
    """Return true if a noun for a forecast and a word nobody knows make a name: "Target Hospitality said"."""
    word, behind = text[mark.start : mark.end], _NEXT_CAPITAL.match(text, mark.end)
    is_word = mark.label == "guidance" and word.istitle() and " " not in word and locale(code).capitals != "nouns"
    if not is_word or behind is None or sum(item.istitle() for item in line.split()) > len(line.split()) // 2:
        return False
    return fold(behind[1]) not in vocabulary(code) | name_words(code)["not_names"]


def _from_first(mention: Mention, first: Mapping[int, int], text: str) -> Mention:
    """Return a name with the noun for a forecast that it begins with."""
    start = first.get(mention.start)
    if start is None or mention.known is not None:
        return mention
    return replace(mention, name=text[start : mention.end], start=start, score=max(mention.score, _FORMED))


_FORMED: Final = 5  # the score of a name of two words at the beginning of a sentence


def _lies_in(item: Quantity | Topic, found: Sequence[headers.Header]) -> bool:
    return any(item.start < header.end and header.start < item.end for header in found)


def _ends_amount(topic: Topic, amounts: Sequence[Quantity]) -> bool:
    """Return true if a word is the last one of an amount: "CA" of "0,62 $ CA" is Canada, no revenue."""
    return any(item.kind == "money" and item.start < topic.start and topic.end == item.end for item in amounts)


def _block_below(header: headers.Header | None, amounts: Sequence[Quantity], line: tables.Line) -> tables.Block | None:
    """Return what the next line stands under: the header of this one, or its block with what it has shown."""
    block = line.block
    if header is not None:
        block = tables.Block(header, unit=None if block is None else block.unit or block.header.unit)
    cells = [item for item in amounts if item.kind == "money" and "header" in item.flags]
    if block is None or not cells:
        return block
    shown = next((item.unit for item in cells if item.unit), None)
    return replace(block, unit=block.unit or shown, has_rows=block.has_rows or line.is_cells)


def _is_house(words: str) -> bool:
    """Return true if a name and the words behind it end as the names of securities houses do."""
    return words.strip().endswith(every("names", "brokers"))


def _is_house_of_another(house: Mention, mark: PhraseMatch, mentions: Sequence[Mention], folded: str) -> bool:
    """Return true if a house forecasts for a company named behind: "Corvid Research raised its forecast for Tay Do"."""
    behind = re.match(r" [^\W\d_]+", folded[house.end : mark.start])
    is_house = _is_house(fold(house.name)) or (behind is not None and _is_house(behind[0]))
    of_another = any(item.start >= mark.end and item.name != house.name for item in mentions)
    return is_house and of_another and 0 <= mark.start - house.end <= _HOUSE


_HOUSE: Final = 48  # letters between a house and its forecast: "Research menaikkan"


def _by_broker(mark: PhraseMatch, mentions: Sequence[Mention], folded: str, code: str) -> PhraseMatch:
    """Make an estimate of what a securities house forecasts: it is no promise. Verbs that stand last may be far off."""
    is_last = locale(code).verb_final
    broker = mark.label == "guidance" and any(
        (0 <= mark.start - item.end <= _SAID + _BEHIND and _is_house(folded[item.start : mark.start]))
        or (is_last and item.end <= mark.start and _is_house(fold(item.name)))
        or _is_house_of_another(item, mark, mentions, folded)
        for item in mentions
    )
    return replace(mark, label="analyst") if broker else mark


def _months_before(
    folded: str, bounds: tuple[int, int], code: str, spans: Sequence[tuple[int, int]]
) -> Iterator[PhraseMatch]:
    """Yield comparisons with a month of the same year: "2% fewer than in March"."""
    if locale(code).style != "words" or "%" not in folded[bounds[0] : bounds[1]]:
        return
    for found in _month_before(code).finditer(folded, *bounds):
        if not any(low < found.start("month") and found.end() < high for low, high in spans):
            yield PhraseMatch("month", found.start(), found.end())


@cache
def _month_before(code: str) -> re.Pattern[str]:
    own = locale(code)
    versus = either(
        sorted((word for word in own.words("compare", "versus") if word not in _LOOSE), key=len, reverse=True)
    )
    months = either(
        sorted((name for names in own.words("periods", "months") for name in names.split("|")), key=len, reverse=True)
    )
    links = either(
        [
            *own.words("periods", "end_of"),
            *every("small", "articles"),
            *own.words("small", "inside"),
            *own.words("names", "place_prepositions"),
        ]
    )
    joins = own.words("dates", "month_and")
    until = either([*(word for word in own.words("dates", "month_to") if word not in joins), "-", "\u2013"])
    dated = r",? (?:[^\W\d]{1,3} )?\d{4}| ?/"
    return re.compile(
        rf"(?<!\w)(?:{versus})(?: (?:{links}))* ?(?P<month>(?:{months})\.?)(?!\w)(?! ?(?:{until})(?!\w)|{dated})"
    )


_LOOSE: Final = frozenset({"-"})


def _with_year(mark: PhraseMatch, named: Sequence[StatedPeriod]) -> PhraseMatch:
    """Make a comparison with "the second quarter of 2023" one of years until the figure's own period is known."""
    if mark.label != "qoq":
        return mark
    dated = any(
        item.part and (item.year or item.relative == -1) and item.start < mark.end and mark.start < item.end
        for item in named
    )
    return replace(mark, label="yoy") if dated else mark


def _inherit_currency(
    amounts: list[Quantity],
    topics: list[Topic],
    named: Sequence[StatedPeriod],
    folded: str,
    code: str,
    money: str | None,
    end: int,
) -> list[Quantity]:
    """Return amounts like "280 million" take the currency of the money before them, and say so."""
    out: list[Quantity] = []
    current = money or next((amount.unit for amount in amounts if amount.kind == "money"), None)
    for amount in amounts:
        if out and _is_bracketed_like(amount, out[-1], named, folded, end):
            amount = _in_scale_of(amount, out[-1])  # noqa: PLW2901 - the amount in the scale of the one before
        if amount.kind == "money":
            current = amount.unit
        elif out and _is_share_before(amount, out[-1], topics, named, folded, code):
            out.append(_in_small_unit_of(amount, out[-1], folded))
            continue
        elif (
            amount.kind == "count"
            and amount.scaled
            and current
            and (
                _can_be_money(amount, topics, folded, code, end)
                or _is_put_against_money(amount, out, topics, folded, code)
            )
        ):
            out.append(replace(amount, kind="money", unit=current, flags=(*amount.flags, "currency_inherited")))
            continue
        out.append(amount)
    return out


def _small_power(amount: Quantity, folded: str) -> int:
    """Return by how many places the unit of a printed amount is smaller than its currency: 2 for "18.4p"."""
    printed = _PRINTED.search(folded, amount.start, amount.end)
    return 0 if printed is None or amount.scaled else amount.decimals - len(printed[1] or "")


_PRINTED: Final = re.compile(r"\d(?:[.,](\d+))?(?!.*\d)", re.DOTALL)


def _in_small_unit_of(amount: Quantity, before: Quantity, folded: str) -> Quantity:
    """Return a bare amount per share in the unit of the one before: "18.4p ... from 21.0"."""
    power = max(0, _small_power(before, folded))
    return replace(
        amount,
        kind="money",
        unit=before.unit,
        value=shifted(amount.value, -power),
        decimals=amount.decimals + power,
        flags=(*amount.flags, "currency_inherited"),
    )


def _whole_counts(amounts: list[Quantity], topics: Sequence[Topic], folded: str) -> list[Quantity]:
    """Return amounts with a lone separator before three digits as thousands where people are counted.

    Nobody counts thousandths of people: "11.240 orang", "11,240 Menschen".
    """
    told = {topic.label for topic in topics}
    if told.isdisjoint(COUNTED) or any(METRIC_OF.get(label, ("", 0))[0] == "eps" for label in told):
        return amounts
    return [_as_thousands(item) if _is_group(item, folded) else item for item in amounts]


def _is_group(amount: Quantity, folded: str) -> bool:
    if amount.kind != "count" or amount.scaled or amount.decimals != _THREE or amount.low is not None:
        return False
    return _LONE_GROUP.fullmatch(folded[amount.start : amount.end]) is not None


_THREE: Final = 3
_LONE_GROUP: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def _as_thousands(amount: Quantity) -> Quantity:
    return replace(amount, value=shifted(amount.value, _THREE), decimals=0)


def _in_scale_of(amount: Quantity, before: Quantity) -> Quantity:
    """Return a bare number with the scale and the currency of the amount before it."""
    return replace(
        amount,
        kind="money",
        unit=before.unit,
        value=shifted(amount.value, before.power),
        decimals=amount.decimals - before.power,
        power=before.power,
        scaled=True,
        flags=(*amount.flags, "currency_inherited"),
    )


_FEW: Final = re.compile(r"(?:[^()\d%:\w]|(?<!\w)[^\W\d_]{1,4}(?!\w))*")  # small words: "in the"
_ALIKE: Final = 5  # times as much


def _is_bracketed_like(
    amount: Quantity, before: Quantity, named: Sequence[StatedPeriod], folded: str, end: int
) -> bool:
    """Return true if a bracket repeats the figure for another period without its scale: "58.9 million (2022: 58.1)"."""
    if amount.kind != "count" or amount.scaled or amount.flags or before.kind != "money" or not before.power:
        return False
    opening, close = folded.rfind("(", before.end, amount.start), folded.find(")", amount.end, end)
    dated = [item for item in named if opening < item.start < close]
    if opening < 0 or close < 0 or len(dated) != 1 or before.value <= 0:
        return False
    first, last = sorted(((dated[0].start, dated[0].end), (amount.start, amount.end)))
    gap = folded[first[1] : last[0]].replace(":", "", 1)
    if not _FEW.fullmatch(gap) or not _FEW.fullmatch(folded[opening + 1 : first[0]]) or folded[last[1] : close].strip():
        return False
    value = shifted(amount.value, before.power)
    return before.value < value * _ALIKE and value < before.value * _ALIKE


def _is_put_against_money(
    amount: Quantity, before: Sequence[Quantity], topics: Sequence[Topic], folded: str, code: str
) -> bool:
    """Return true if a word of comparison puts an amount without a currency against money, and counts nothing."""
    previous = before[-1] if before else None
    if previous is None or previous.kind != "money" or amount.value.adjusted() < _MILLION - 1:
        return False
    led = _versus(code).search(folded[previous.end : amount.opening])
    between = any(previous.end <= topic.start < amount.start for topic in topics)
    counted = any(0 <= topic.start - amount.end < _BEHIND and topic.label in COUNTED for topic in topics)
    return led is not None and not between and not counted


def _is_share_before(
    amount: Quantity,
    before: Quantity,
    topics: Sequence[Topic],
    named: Sequence[StatedPeriod],
    folded: str,
    code: str,
) -> bool:
    """Return true if a bare number is what earnings per share are compared with: "0,38 euro da 0,31"."""
    told = next((topic for topic in reversed(topics) if topic.end <= before.start), None)
    is_share = told is not None and METRIC_OF.get(told.label, ("", 0))[0] == "eps" and not told.blocked
    is_small = before.kind == "money" and _small_power(before, folded) > 0
    is_like = (
        amount.kind == "count" and not amount.scaled and (amount.decimals > 0 or is_small) and before.kind == "money"
    )
    if not is_share or not is_like or before.scaled or abs(amount.value) >= _SHARES:
        return False
    begin = max((item.end for item in named if before.end <= item.start < amount.opening), default=before.end)
    if begin - before.end > _PERIOD:
        return False
    gap = folded[begin : amount.opening].strip(" ,(")
    if is_small and gap in ("", ":") and "(" in folded[before.end : amount.opening]:
        return True
    return gap in {*locale(code).words("ranges", "from"), *locale(code).words("compare", "versus")}


_SHARES: Final = 1000  # of a currency
_PERIOD: Final = 30  # letters of a period behind an amount: "in the second quarter of 2024"


@cache
def _versus(code: str) -> re.Pattern[str]:
    """Return what matches a word of comparison with articles behind it, at the end of a text."""
    words = either(sorted(locale(code).words("compare", "versus"), key=len, reverse=True))
    return re.compile(rf"(?:{words})(?: ?(?:{either(every('small', 'articles'))}))*[ ]?\Z")


def _can_be_money(amount: Quantity, topics: list[Topic], folded: str, code: str, end: int) -> bool:
    """Return true if an amount without a currency can be money: no counted noun behind it, a money topic before it."""
    if amount.value.adjusted() < _MILLION - 1:
        return False
    before = [topic for topic in topics if topic.end <= amount.start]
    if not before or before[-1].label in COUNTED or before[-1].label == "margin":
        return False
    tail = folded[amount.end : min(end, amount.end + 24)]
    word = tail.strip().split(" ")[0].strip(".,;:!?()").split("'")[0] if tail.strip() else ""
    if not word or not tail.startswith(" ") or not word[0].isalpha():
        return not tail or not tail[0].isalpha() or locale(code).is_east_asian
    return word in vocabulary(code) and not any(
        topic.start - amount.end < _BEHIND
        and topic.start >= amount.end
        and (topic.label in COUNTED or topic.blocked == "charge")
        for topic in topics
    )
