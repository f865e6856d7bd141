# signs of other scripts are meant as they stand
"""Forecasts of before: found by words for them, and by what replaced them in the same sentence."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import Phrases, bounded, compile_table, either, every, locale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.text.lexicon import PhraseMatch
from tracker.sources.article.find.revisions import (
    Old,
    Place,
    blank_out,
    earlier_phrases,
    guidance_phrases,
    inside_pattern,
    is_forecast_kind,
    is_light,
    is_revised,
    light_phrases,
    only_compares,
)

__all__ = ["find_old_forecasts"]

_GAP: Final = 70  # letters between the new amount and the old one
_NOUN: Final = 45  # letters between "previous" and "forecast", and from there to the amount
_WORDLESS: Final = 12  # the same where there are no blanks
_VERB: Final = 60  # letters between "previously" and "expected"
_LAST: Final = 30  # letters between an amount and the verb at the end of its clause
_BESIDE: Final = 22  # letters between an amount and "previously"
_PERIOD: Final = 30  # letters between an amount and the period that it is of
_TURN: Final = 14  # letters between an amount and a verb of change behind it, where verbs stand last


def find_old_forecasts(place: Place) -> dict[int, Old]:
    """Return the amounts of a sentence that are no forecast in force, by their number."""
    said = set(_find_called_old(place))
    pairs = dict(_find_replaced(place, said))
    new = {old.new for old in pairs.values()}
    found = {index: pairs.get(index, Old(_nearest_forecast(place, index, said))) for index in sorted(said)}
    found = {index: Old(old.new) for index, old in found.items()}
    return found | {index: old for index, old in pairs.items() if index not in said and index not in new}


def _find_called_old(place: Place) -> Iterator[int]:
    """Yield the amounts that words call old."""
    yield from _by_noun(place)
    yield from _by_adverb(place)
    yield from _by_verb(place)
    yield from _by_instead(place)


def _next_amount(place: Place, position: int, high: int) -> int | None:
    inside = (index for index, item in enumerate(place.quantities) if position <= item.start < high)
    return next((index for index in inside if is_forecast_kind(place, index)), None)


def _previous_amount(place: Place, position: int, low: int) -> int | None:
    inside = [index for index, item in enumerate(place.quantities) if low <= item.start and item.end <= position]
    return next((index for index in reversed(inside) if is_forecast_kind(place, index)), None)


def _reach(place: Place, wide: int) -> int:
    return wide if not locale(place.code).is_east_asian else _WORDLESS


def _is_kept(place: Place, low: int, high: int) -> bool:
    """Return true if a clause says that what was expected still holds."""
    return bool(place.marks("kept", low, high))


def _by_noun(place: Place) -> Iterator[int]:
    """As in "Its previous forecast of 5": an adjective and a noun side by side, in either order."""
    for low, high in _old_nouns(place):
        bottom, top = place.clause(low)
        if _is_kept(place, bottom, top):
            continue
        previous = _previous_amount(place, low, bottom)
        if previous is not None and inside_pattern().fullmatch(place.folded, place.quantities[previous].end, low):
            yield previous
            continue
        following = _next_amount(place, high, top)
        if following is not None and _reaches(place, high, place.quantities[following].opening):  # noqa: SIM102
            if not _leads_to_new(place, bottom, high, following):
                yield following


def _reaches(place: Place, low: int, high: int) -> bool:
    """Return true if an old forecast and an amount belong together: close, or with no other expectation between."""
    if high - low <= _reach(place, _NOUN):
        return True
    others = [
        *place.marks("now", low, high),
        *place.marks("revise", low, high),
        *guidance_phrases(place.code).find(place.folded, low, high),
    ]
    return not others and not place.breaks.soft_between(low, high) and high - low <= _reach(place, 2 * _VERB)


def _old_nouns(place: Place) -> Iterator[tuple[int, int]]:
    nouns = list(earlier_phrases(place.code, "noun").find(place.folded, place.start, place.end))
    for adjective in place.marks("adjective", place.start, place.end):
        for noun in nouns:
            low, high = min(adjective.start, noun.start), max(adjective.end, noun.end)
            inner = (min(adjective.end, noun.end), max(adjective.start, noun.start))
            crossed = any(low < item.start < high for item in place.quantities)
            parted = place.breaks.soft_between(*inner) or any(inner[0] <= hard < inner[1] for hard in place.breaks.hard)
            if inner[1] - inner[0] <= _reach(place, _NOUN) and not crossed and not parted:
                yield low, high
                break


def _leads_to_new(place: Place, low: int, position: int, index: int) -> bool:
    """Return true if an old forecast is raised "to" the amount, which is then the new one."""
    quantity, own = place.quantities[index], locale(place.code)
    gap = place.folded[position : quantity.opening]
    if own.verb_final:
        behind = place.folded[quantity.end : quantity.end + _TURN]
        turned = next(earlier_phrases(place.code, "revise").find(behind), None) is not None
        return turned and _turns_to().match(behind) is not None
    changed = next(earlier_phrases(place.code, "revise").find(place.folded, low, quantity.start), None) is not None
    return changed and _into(place.code).search(gap) is not None


@cache
def _turns_to() -> re.Pattern[str]:
    """Return a particle that leads to what a forecast was changed to, right behind it."""
    return re.compile(rf" ?(?:{either(every('small', 'turn_about'))})?(?:{either(every('small', 'turn'))})")


@cache
def _into(code: str) -> re.Pattern[str]:
    """Return a word that leads to a new amount, at the end of a gap, words of ranges behind it."""
    own = locale(code)
    style = own.style if own.has_plain_words else "none"
    words = sorted(own.words("ranges", "into"), key=len, reverse=True)
    between = sorted(own.words("ranges", "between"), key=len, reverse=True)
    body = "|".join(bounded(word, style) for word in words if word) or "(?!)"
    ranged = "|".join(bounded(word, style) for word in between if word.strip("\u3000 ")) or "(?!)"
    articles = either(every("small", "into_article"))
    return re.compile(rf"(?:{body})(?: ?(?:{articles})\b)?(?: ?(?:{ranged}))* ?\Z")


def _by_adverb(place: Place) -> Iterator[int]:
    """As in "Previously 5", "5 previously", "it previously guided to 5"."""
    for mark in place.marks("adverb", place.start, place.end):
        low, high = place.clause(mark.start)
        if earlier_phrases(place.code, "announced").match(place.folded, mark.end + 1) is not None:
            continue
        beside = _find_beside(place, mark, low, high)
        if beside is not None:
            yield beside
            continue
        guide = _guide_near(place, mark, low, high)
        if guide is not None and not _is_kept(place, low, high):
            yield from _find_governed(place, max(mark.end, guide.end), low, high, min(mark.start, guide.start))


def _find_beside(place: Place, mark: PhraseMatch, low: int, high: int) -> int | None:
    """Return the amount right at the adverb."""
    following = _next_amount(place, mark.end, high)
    if following is not None:
        gap = place.folded[mark.end : place.quantities[following].opening]
        short = len(gap) <= (_BESIDE if not locale(place.code).is_east_asian else _WORDLESS)
        if short and is_light(blank_out(gap, _lead_phrases(place.code))[0], locale(place.code).style):
            return following
    previous = _previous_amount(place, mark.start, low)
    if previous is None or locale(place.code).is_east_asian:
        return None
    gap = place.folded[place.quantities[previous].end : mark.start]
    rest, _ = blank_out(gap, guidance_phrases(place.code))
    closed = re.match(r" ?(?:[).,;:]|\Z)", place.folded[mark.end : place.end]) is not None
    noun = earlier_phrases(place.code, "noun").match(place.folded, mark.end + 1) is not None
    guided = not noun and guidance_phrases(place.code).match(place.folded, mark.end + 1) is not None
    light = len(gap) <= _BESIDE and is_light(rest, "words")
    return previous if light and (closed or guided) else None


@cache
def _lead_phrases(code: str) -> Phrases:
    """Return what may stand between "previously" and its amount."""
    own = locale(code)
    words = [*own.words("ranges", "from"), *own.words("ranges", "between")]
    words += [word for key in own.table("qualifiers") for word in own.words("qualifiers", key)]
    words += own.words("earlier", "stood")
    if own.is_east_asian:
        words += [*own.words("claims", "guidance"), *own.words("earlier", "noun")]
    return compile_table({"lead": "; ".join(word for word in words if word.strip("\u3000 "))}, own.style)


def _guide_near(place: Place, mark: PhraseMatch, low: int, high: int) -> PhraseMatch | None:
    """Return the word of expectation that an adverb belongs to."""
    near = [
        guide
        for guide in guidance_phrases(place.code).find(place.folded, low, high)
        if max(guide.start, mark.start) - min(guide.end, mark.end) <= _allowed_gap(place, mark)
    ]
    for guide in near:
        inner = min(guide.end, mark.end), max(guide.start, mark.start)
        if not any(inner[0] <= item.start < inner[1] for item in place.quantities) and not place.marks("now", *inner):
            return guide
    return None


def _allowed_gap(place: Place, mark: PhraseMatch) -> int:
    weak = earlier_phrases(place.code, "adverb_weak").match(place.folded, mark.start)
    return 1 if weak is not None and weak.end == mark.end else _VERB


def _find_governed(place: Place, position: int, low: int, high: int, begin: int) -> Iterator[int]:
    """Yield the amounts that an expectation of the past speaks of, up to where the present one begins."""
    if locale(place.code).verb_final:
        last = _previous_amount(place, begin, low)
        if last is not None and begin - place.quantities[last].end <= _WORDLESS:
            yield last
        following = _next_amount(place, position, high)
        if following is not None and last is None:
            yield following
        return
    first = _next_amount(place, position, high)
    if first is None:
        return
    stops = [mark.start for mark in place.marks("now", place.quantities[first].end, high)]
    stops += [mark.start for mark in guidance_phrases(place.code).find(place.folded, place.quantities[first].end, high)]
    end = min([high, *stops])
    for index in range(first, len(place.quantities)):
        if place.quantities[index].start < end and is_forecast_kind(place, index):
            yield index


def _by_verb(place: Place) -> Iterator[int]:
    """As in "It had expected 5": a verb of expectation in the past."""
    for mark in place.marks("verb", place.start, place.end):
        low, high = place.clause(mark.start)
        if locale(place.code).verb_brackets:
            yield from _find_between_verbs(place, mark, high)
        elif locale(place.code).verb_final:
            last = _previous_amount(place, mark.start, low)
            if last is not None and mark.start - place.quantities[last].end <= _WORDLESS:
                yield last
        else:
            guide = _end_of_expectation(place, mark, high)
            clause = _previous_amount(place, mark.start, low)
            if clause is not None and guide is not None and _is_relative(place, clause, mark.start):
                yield clause
                continue
            yield from _find_governed(place, guide, low, high, mark.start) if guide is not None else ()


def _by_instead(place: Place) -> Iterator[int]:
    """As in "Instead of 5, it expects 6": what another amount has taken the place of."""
    for mark in place.marks("instead", place.start, place.end):
        low, high = place.clause(mark.start)
        if locale(place.code).verb_final:
            index, reach = _previous_amount(place, mark.start, low), _WORDLESS
        else:
            index, reach = _next_amount(place, mark.end, high), _reach(place, 2 * _NOUN)
        if index is None:
            continue
        amount = place.quantities[index]
        near, far = min(mark.end, amount.end), max(mark.start, amount.start)
        is_parted = place.breaks.soft_between(near, far) or bool(place.marks("now", near, far))
        if far - near <= reach and not is_parted:
            yield index


def _is_relative(place: Place, index: int, position: int) -> bool:
    """Return true if a verb says who expected the amount right before it ("the 5 it had planned")."""
    gap = place.folded[place.quantities[index].end : position]
    if "," in gap or not gap.strip():
        return False
    return (len(gap) <= _BESIDE and is_light(gap, "words")) or _is_pronoun_last(gap, place.code)


def _is_pronoun_last(gap: str, code: str) -> bool:
    """Return true if a short gap ends with the word that a relative clause begins with ("the 5 in profit that")."""
    words = "|".join(bounded(word, "words") for word in locale(code).words("small", "relative") if word) or "(?!)"
    return len(gap) <= _NOUN and re.search(rf"(?:{words}) ?\Z", gap) is not None


def _end_of_expectation(place: Place, mark: PhraseMatch, high: int) -> int | None:
    """Return where the words end that say that somebody expected something."""
    for guide in guidance_phrases(place.code).find(place.folded, mark.start, min(high, mark.end + _LAST)):
        if not any(mark.end <= item.start < guide.start for item in place.quantities):
            return max(guide.end, mark.end)
    return mark.end if guidance_phrases(place.code).has(place.folded, mark.start, mark.end) else None


def _is_parted(gap: str, code: str) -> bool:
    """Return true if a comma or a word that begins another statement stands in a gap."""
    return re.search(rf"\b(?:{either(locale(code).words('small', 'part'))})\b|[,;]", gap) is not None


def _find_between_verbs(place: Place, mark: PhraseMatch, high: int) -> Iterator[int]:
    """Yield the amounts between the two parts of a verb: "hatte 5 erwartet"."""
    inside = [index for index, item in enumerate(place.quantities) if mark.end <= item.start < high]
    for guide in guidance_phrases(place.code).find(place.folded, mark.end, high):
        before = [index for index in inside if place.quantities[index].end <= guide.start]
        gap = place.folded[place.quantities[before[-1]].end : guide.start] if before else ""
        if before and len(gap) <= _LAST and not _is_parted(gap, place.code):
            yield from (index for index in before if is_forecast_kind(place, index))
            return


def _nearest_forecast(place: Place, index: int, said: set[int]) -> int | None:
    """Return the forecast in force that stands nearest to an old one."""
    here = place.quantities[index]
    others = [
        other
        for other, item in enumerate(place.quantities)
        if other not in said and item.kind == here.kind and item.unit == here.unit
        and ("guidance" in place.scopes[other] or "analyst" not in place.scopes[other])
    ]  # fmt: skip
    return min(others, key=lambda other: (abs(other - index), other > index), default=None)


def _find_replaced(place: Place, said: set[int]) -> Iterator[tuple[int, Old]]:
    for index in range(len(place.quantities) - 1):
        one, other = place.quantities[index], place.quantities[index + 1]
        if one.kind not in {"money", "percent", "count"} or one.kind != other.kind or one.unit != other.unit:
            continue
        if _is_raised_from(place, index):
            yield index, Old(index + 1)
        elif index not in said and _is_up_from(place, index):
            one_sided = other.qualifier in {"at_least", "at_most"}
            is_sure = other.low is not None or one_sided or _is_change(place, index)
            if is_sure or one.kind == "percent":
                yield index + 1, Old(index, is_sure)
        elif not said & {index, index + 1} and _is_of_earlier_month(place, index):
            yield index + 1, Old(index)


def _is_forecast(place: Place, index: int) -> bool:
    scope = place.scopes[index]
    return bool(scope) and scope[0] == "guidance"


def _is_change(place: Place, index: int) -> bool:
    """Return true if the clause says that a forecast was changed."""
    low, high = place.clause(place.quantities[index].start)
    amounts = place.quantities[index].start, place.quantities[index + 1].end
    return is_revised(place.folded, low, amounts, high, place.code)


def _is_up_from(place: Place, index: int) -> bool:
    """As in "6 to 7, up from 5 to 6": the old forecast behind the new one."""
    one, other = place.quantities[index], place.quantities[index + 1]
    gap = place.folded[one.end : other.opening]
    dated = [item for item in place.periods if one.end <= item.start and item.end <= other.opening]
    if any(_is_past(place, item) for item in dated) or not _is_forecast(place, index) or _is_of_past(place, index):
        return False
    for item in dated:
        gap = gap.replace(place.folded[item.start : item.end], " ", 1)
    return only_compares(gap, place.code) and not _is_of_past(place, index + 1)


def _is_of_earlier_month(place: Place, index: int) -> bool:
    """Return true if a month stands between two ranges: "now 540 to 560; in May it spoke of 600 to 620"."""
    one, other = place.quantities[index], place.quantities[index + 1]
    if one.low is None or other.low is None or not _is_forecast(place, index):
        return False
    between = (item for item in place.periods if one.end <= item.start and item.end <= other.start)
    return any(_is_bare_month(item) for item in between) and not _is_kept(place, one.end, other.start)


def _is_bare_month(item: StatedPeriod) -> bool:
    """Return true if a month is named alone. It says when something was said, not which period is meant."""
    return item.month is not None and item.year is None and not item.definite and not item.prior


def _is_raised_from(place: Place, index: int) -> bool:
    """As in "Raised from 5 to 6": the old forecast before the new one."""
    one, other, own = place.quantities[index], place.quantities[index + 1], locale(place.code)
    gap = place.folded[one.end : other.opening]
    if len(gap) > _GAP or _is_of_past(place, index) or not (_is_change(place, index) or one.low is not None):
        return False
    if not (_is_forecast(place, index + 1) or _is_change(place, index)):
        return False
    if own.words("ranges", "from_after"):
        begins = gap.lstrip().startswith(own.words("ranges", "from_after"))
        return begins and is_light(
            re.sub(either(every("small", "comes")), "", blank_out(gap, light_phrases(place.code))[0]), own.style
        )
    low, _ = place.clause(one.start)
    before = place.folded[max(low, one.opening - _NOUN) : one.opening]
    return _start_pattern(place.code).search(before) is not None and _leads_to_next(gap, place.code)


@cache
def _start_pattern(code: str) -> re.Pattern[str]:
    """As in "From", with words of ranges and old forecasts behind it, at the end of a text."""
    own = locale(code)
    style = own.style if own.has_plain_words else "none"

    def joined(words: Sequence[str]) -> str:
        kept = [word for word in words if word.strip("\u3000 ")]
        return "|".join(bounded(word, style) for word in sorted(kept, key=len, reverse=True)) or "(?!)"

    lead = joined([*own.words("ranges", "from"), *own.words("ranges", "of")])
    middle = joined(
        [*own.words("ranges", "between"), *own.words("earlier", "adverb"), *own.words("earlier", "adjective")]
    )
    articles = rf"(?:{either(every('small', 'start_article'))})\b"
    return re.compile(rf"(?:{lead}) ?(?:(?:{middle}|{articles}) ?)*\Z")


def _leads_to_next(gap: str, code: str) -> bool:
    """Return true if a gap leads from one forecast to the next."""
    own = locale(code)
    rest, found = blank_out(gap, compile_table({"into": own.table("ranges").get("into", "")}, own.style))
    rest, _ = blank_out(rest, light_phrases(code))
    return found and is_light(rest, own.style)


def _is_past(place: Place, period: StatedPeriod) -> bool:
    """Return true if a period is over for the forecast: last year, or a year before the latest one named."""
    later = any(item.year is not None and period.year is not None and item.year > period.year for item in place.periods)
    return period.prior or period.relative == -1 or later


def _is_of_past(place: Place, index: int) -> bool:
    """Return true if an amount is a result: a period that is over stands at it."""
    here = place.quantities[index]
    following = place.quantities[index + 1].opening if index + 1 < len(place.quantities) else place.end
    for item in place.periods:
        behind = here.end <= item.start < following and item.start - here.end <= _PERIOD
        ahead = item.end <= here.opening and here.opening - item.end <= _BESIDE
        between = any(item.end <= other.start < here.start for other in place.quantities)
        if _is_past(place, item) and (
            (behind and not place.breaks.soft_between(here.end, item.start)) or (ahead and not between)
        ):
            return True
    return False
