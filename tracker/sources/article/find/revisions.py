# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""What a company expected before: the amounts of a sentence that another forecast has replaced.

An old forecast is known by words ("its previous outlook of 5", "it had expected 5", "5 previously") or by its place
beside the new one ("6, up from 5", "raised from 5 to 6"). A forecast that is called old and confirmed still holds.

The words are in the section `earlier` of each language: an `adjective` beside a `noun`; an `adverb` at the amount or at
the verb (one of `adverb_weak` only right at them); a `verb` of the past; `kept` says that the old forecast still holds,
`now` that another one begins, `instead` that it replaces one, `revise` that it was changed, `announced` that the
adverb speaks of the announcement, `stood` joins the adverb to its amount ("previously it was 5").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import Phrases, bounded, compile_table, either, every, locale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.claims import Boundaries
    from tracker.sources.article.find.periods import StatedPeriod
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.text.lexicon import PhraseMatch

__all__ = [
    "Columns",
    "Old",
    "Place",
    "by_column",
    "find_columns",
    "find_old_forecasts",
    "is_revised",
    "only_compares",
    "own_outlook",
    "without_deals",
]

_GAP: Final = 70  # letters between the new amount and the old one
_NOUN: Final = 45  # letters between "previous" and "forecast", and from there to the amount
_WORDLESS: Final = 12  # the same where there are no blanks
_VERB: Final = 60  # letters between "previously" and "expected"
_LAST: Final = 30  # letters between an amount and the verb at the end of its clause
_BESIDE: Final = 22  # letters between an amount and "previously"
_PERIOD: Final = 30  # letters between an amount and the period that it is of
_TURN: Final = 14  # letters between an amount and a verb of change behind it, where verbs stand last
#: Kinds of amounts that forecasts are made of.
_FORECAST: Final = frozenset({"money", "percent", "multiple", "count"})
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Old:
    """An amount that is no forecast in force: `new` is the one that replaced it, where the sentence has one.

    Where it is not sure that the amount was a forecast, it may be the result of the year before.
    """

    new: int | None
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence with what revisions are read from."""

    folded: str
    start: int
    end: int
    code: str
    quantities: Sequence[Quantity]
    periods: Sequence[StatedPeriod]
    scopes: Sequence[tuple[str, ...]]
    compared: Sequence[PhraseMatch]
    breaks: Boundaries

    def clause(self, position: int) -> tuple[int, int]:
        """The clause that a position lies in."""
        return self.breaks.clause(position, self.start, self.end)

    def marks(self, key: str, low: int, high: int) -> list[PhraseMatch]:
        """The words of one kind that say nothing of a year or quarter."""
        taken = [(item.start, item.end) for item in self.periods if item.prior or item.relative is not None]
        taken += [(mark.start, mark.end) for mark in self.compared]
        found = _earlier_phrases(self.code, key).find(self.folded, low, high)
        return [mark for mark in found if not any(mark.start < top and bottom < mark.end for bottom, top in taken)]


@cache
def _earlier_phrases(code: str, key: str) -> Phrases:
    own = locale(code)
    if key != "noun":
        return own.phrases("earlier", key)
    table = {"noun": "; ".join([own.table("earlier")["noun"], own.table("promises")["outlook"]])}
    return compile_table(table, own.style)


@cache
def _guidance_phrases(code: str) -> Phrases:
    return locale(code).phrases("claims", "guidance")


@cache
def _inside_pattern() -> re.Pattern[str]:
    """As in "5 in its", with nothing before or behind: between an amount and the forecast that holds it."""
    lead, article = either(every("small", "inside")), either(every("small", "inside_article"))
    return re.compile(rf" ?(?:{lead})(?: (?:{article}))? ?\Z")


@cache
def _small_words() -> frozenset[str]:
    """Words without weight between two amounts that are compared."""
    return frozenset(every("small", "light"))


@cache
def _particles() -> re.Pattern[str]:
    """Particles where there are no blanks."""
    return re.compile(f"[ {re.escape(''.join(every('small', 'particles')))}]*\\Z")


# Words that several readers ask for ------------------------------------------------------------------------------


def is_revised(folded: str, low: int, amounts: tuple[int, int], high: int, code: str) -> bool:
    """Whether a clause says that a forecast was changed, before the amounts or, where verbs stand last, behind them."""
    begin, end = amounts
    nouns = list(_earlier_phrases(code, "noun").find(folded, low, begin))
    verbs = list(_earlier_phrases(code, "revise").find(folded, low, begin))
    if not nouns:
        return bool(verbs) and _is_object(folded, end, high, code)
    if any(verb.start < noun.start or _is_finite(folded, noun, verb, code) for verb in verbs for noun in nouns):
        return True
    behind = _earlier_phrases(code, "revise").find(folded, begin, high)
    return locale(code).verb_may_be_last and any(verb.end <= high and verb.start >= begin for verb in behind)


def _is_object(folded: str, end: int, high: int, code: str) -> bool:
    """Whether a forecast stands right behind the amounts it was changed by ("cut from 5 to 6 the estimate")."""
    if not locale(code).has_plain_words:
        return False
    noun = next(_earlier_phrases(code, "noun").find(folded, end, min(high, end + _BESIDE)), None)
    return noun is not None and _is_light(folded[end : noun.start], "words") and "," not in folded[end : noun.start]


def _is_finite(folded: str, noun: PhraseMatch, verb: PhraseMatch, code: str) -> bool:
    """Whether a forecast is what is changed ("guidance was raised"), not what is expected ("forecasts it to rise")."""
    ending = locale(code).table("earlier").get("verb_like_ending")
    if ending is not None and folded[noun.start : noun.end].endswith(ending):
        return False
    infinitives = tuple(f"{word} " for word in every("earlier", "infinitive"))
    return noun.end <= verb.start and not folded[: verb.start].endswith(infinitives)


def own_outlook(marks: Sequence[PhraseMatch], folded: str, bounds: tuple[int, int], code: str) -> list[PhraseMatch]:
    """The claims of a sentence; a word for anybody's forecast is of the company where that is changed or called old."""
    shared = locale(code).phrases("earlier", "shared_noun")
    own = [mark for mark in marks if mark.label == "analyst" and shared.has(folded, mark.start, mark.end)]
    own = [mark for mark in own if next(shared.find(folded, mark.start, mark.end)).start == mark.start]
    others = [mark for mark in marks if mark.label == "analyst" and mark not in own]
    changed = _earlier_phrases(code, "revise").has(folded, *bounds)
    called = any(
        _earlier_phrases(code, "adjective").has(folded, max(bounds[0], mark.start - 4), mark.start) for mark in own
    )
    if not own or others or not (changed or called):
        return list(marks)
    return [replace(mark, label="guidance") if mark in own else mark for mark in marks]


def without_deals(topics: Sequence[Topic], folded: str, bounds: tuple[int, int], code: str) -> list[Topic]:
    """The topics of a sentence; what is "raised" is no money where a forecast is spoken of before."""
    revise, noun = _earlier_phrases(code, "revise"), _earlier_phrases(code, "noun")
    return [
        topic
        for topic in topics
        if topic.label != "deal"
        or not revise.has(folded, topic.start, topic.end)
        or not noun.has(folded, bounds[0], topic.start)
    ]


def only_compares(gap: str, code: str) -> bool:
    """Whether a gap between two amounts holds nothing but words that compare them, and at least one of these."""
    if len(gap) > _GAP:
        return False
    own = locale(code)
    versus, light = _versus_phrases(code), _light_phrases(code)
    rest, found = _blank_out(gap, versus)
    rest, _ = _blank_out(rest, light)
    return found and _is_light(rest, own.style)


@cache
def _versus_phrases(code: str) -> Phrases:
    """Words of comparison; those that also only join ("de" in Spanish) count where a change is spoken of."""
    own = locale(code)
    words = [*own.words("compare", "versus"), *own.words("ranges", "from"), *own.words("ranges", "from_after")]
    words += own.words("earlier", "instead")
    return compile_table(
        {"versus": "; ".join(word for word in words if word not in every("small", "either"))}, own.style
    )


@cache
def _light_phrases(code: str) -> Phrases:
    """Words that may stand between two forecasts beside those that compare them."""
    own = locale(code)
    words = [word for section in ("directions",) for key in own.table(section) for word in own.words(section, key)]
    words += [word for key in ("between", "into") for word in own.words("ranges", key) if word.strip("\u3000 ")]
    words += [word for key in ("adjective", "adverb", "noun", "revise", "now") for word in own.words("earlier", key)]
    words += [word for key in own.table("qualifiers") for word in own.words("qualifiers", key)]
    words += [word for key in own.table("per_share") for word in own.words("per_share", key)]
    words += list(own.words("claims", "guidance")) if own.is_east_asian else []
    return compile_table({"light": "; ".join(word for word in words if word)}, own.style)


def _blank_out(text: str, phrases: Phrases) -> tuple[str, bool]:
    """The text with blanks for the phrases in it, and whether there was one."""
    found = list(phrases.find(text))
    for mark in found:
        text = text[: mark.start] + " " * (mark.end - mark.start) + text[mark.end :]
    return text, bool(found)


def _is_light(rest: str, style: str) -> bool:
    bare = re.sub(r"[\s,;:()（）、,，:'~\"-]+", " ", rest).strip()
    if style in ("none", "korean"):
        return _particles().match(bare) is not None
    return re.search(r"[.!?\d]", bare) is None and all(word in _small_words() for word in _WORD.findall(bare))


# Old forecasts of a sentence -------------------------------------------------------------------------------------


def find_old_forecasts(place: Place) -> dict[int, Old]:
    """The amounts of a sentence that are no forecast in force, by their number."""
    said = set(_find_called_old(place))
    pairs = dict(_find_replaced(place, said))
    new = {old.new for old in pairs.values()}
    found = {index: pairs.get(index, Old(_nearest_forecast(place, index, said))) for index in sorted(said)}
    found = {index: Old(old.new) for index, old in found.items()}
    return found | {index: old for index, old in pairs.items() if index not in said and index not in new}


def _find_called_old(place: Place) -> Iterator[int]:
    """The amounts that words call old."""
    yield from _by_noun(place)
    yield from _by_adverb(place)
    yield from _by_verb(place)
    yield from _by_instead(place)


def _is_forecast_kind(place: Place, index: int) -> bool:
    return place.quantities[index].kind in _FORECAST


def _next_amount(place: Place, position: int, high: int) -> int | None:
    inside = (index for index, item in enumerate(place.quantities) if position <= item.start < high)
    return next((index for index in inside if _is_forecast_kind(place, index)), None)


def _previous_amount(place: Place, position: int, low: int) -> int | None:
    inside = [index for index, item in enumerate(place.quantities) if low <= item.start and item.end <= position]
    return next((index for index in reversed(inside) if _is_forecast_kind(place, index)), None)


def _reach(place: Place, wide: int) -> int:
    return wide if not locale(place.code).is_east_asian else _WORDLESS


def _is_kept(place: Place, low: int, high: int) -> bool:
    """Whether a clause says that what was expected still holds."""
    return bool(place.marks("kept", low, high))


def _by_noun(place: Place) -> Iterator[int]:
    """As in "Its previous forecast of 5": an adjective and a noun side by side, in either order."""
    for low, high in _old_nouns(place):
        bottom, top = place.clause(low)
        if _is_kept(place, bottom, top):
            continue
        previous = _previous_amount(place, low, bottom)
        if previous is not None and _inside_pattern().fullmatch(place.folded, place.quantities[previous].end, low):
            yield previous
            continue
        following = _next_amount(place, high, top)
        if following is not None and _reaches(place, high, place.quantities[following].opening):  # noqa: SIM102
            if not _leads_to_new(place, bottom, high, following):
                yield following


def _reaches(place: Place, low: int, high: int) -> bool:
    """Whether an old forecast and an amount belong together: close, or with no other expectation between."""
    if high - low <= _reach(place, _NOUN):
        return True
    others = [
        *place.marks("now", low, high),
        *place.marks("revise", low, high),
        *_guidance_phrases(place.code).find(place.folded, low, high),
    ]
    return not others and not place.breaks.soft_between(low, high) and high - low <= _reach(place, 2 * _VERB)


def _old_nouns(place: Place) -> Iterator[tuple[int, int]]:
    nouns = list(_earlier_phrases(place.code, "noun").find(place.folded, place.start, place.end))
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
    """Whether an old forecast is raised "to" the amount, which is then the new one."""
    quantity, own = place.quantities[index], locale(place.code)
    gap = place.folded[position : quantity.opening]
    if own.verb_final:
        behind = place.folded[quantity.end : quantity.end + _TURN]
        turned = next(_earlier_phrases(place.code, "revise").find(behind), None) is not None
        return turned and _turns_to().match(behind) is not None
    changed = next(_earlier_phrases(place.code, "revise").find(place.folded, low, quantity.start), None) is not None
    return changed and _into(place.code).search(gap) is not None


@cache
def _turns_to() -> re.Pattern[str]:
    """A particle that leads to what a forecast was changed to, right behind it."""
    return re.compile(rf" ?(?:{either(every('small', 'turn_about'))})?(?:{either(every('small', 'turn'))})")


@cache
def _into(code: str) -> re.Pattern[str]:
    """A word that leads to a new amount, at the end of a gap, words of ranges behind it."""
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
        if _earlier_phrases(place.code, "announced").match(place.folded, mark.end + 1) is not None:
            continue
        beside = _find_beside(place, mark, low, high)
        if beside is not None:
            yield beside
            continue
        guide = _guide_near(place, mark, low, high)
        if guide is not None and not _is_kept(place, low, high):
            yield from _find_governed(place, max(mark.end, guide.end), low, high, min(mark.start, guide.start))


def _find_beside(place: Place, mark: PhraseMatch, low: int, high: int) -> int | None:
    """The amount right at the adverb."""
    following = _next_amount(place, mark.end, high)
    if following is not None:
        gap = place.folded[mark.end : place.quantities[following].opening]
        short = len(gap) <= (_BESIDE if not locale(place.code).is_east_asian else _WORDLESS)
        if short and _is_light(_blank_out(gap, _lead_phrases(place.code))[0], locale(place.code).style):
            return following
    previous = _previous_amount(place, mark.start, low)
    if previous is None or locale(place.code).is_east_asian:
        return None
    gap = place.folded[place.quantities[previous].end : mark.start]
    rest, _ = _blank_out(gap, _guidance_phrases(place.code))
    closed = re.match(r" ?(?:[).,;:]|\Z)", place.folded[mark.end : place.end]) is not None
    noun = _earlier_phrases(place.code, "noun").match(place.folded, mark.end + 1) is not None
    guided = not noun and _guidance_phrases(place.code).match(place.folded, mark.end + 1) is not None
    light = len(gap) <= _BESIDE and _is_light(rest, "words")
    return previous if light and (closed or guided) else None


@cache
def _lead_phrases(code: str) -> Phrases:
    """What may stand between "previously" and its amount."""
    own = locale(code)
    words = [*own.words("ranges", "from"), *own.words("ranges", "between")]
    words += [word for key in own.table("qualifiers") for word in own.words("qualifiers", key)]
    words += own.words("earlier", "stood")
    if own.is_east_asian:
        words += [*own.words("claims", "guidance"), *own.words("earlier", "noun")]
    return compile_table({"lead": "; ".join(word for word in words if word.strip("\u3000 "))}, own.style)


def _guide_near(place: Place, mark: PhraseMatch, low: int, high: int) -> PhraseMatch | None:
    """The word of expectation that an adverb belongs to."""
    near = [
        guide
        for guide in _guidance_phrases(place.code).find(place.folded, low, high)
        if max(guide.start, mark.start) - min(guide.end, mark.end) <= _allowed_gap(place, mark)
    ]
    for guide in near:
        inner = min(guide.end, mark.end), max(guide.start, mark.start)
        if not any(inner[0] <= item.start < inner[1] for item in place.quantities) and not place.marks("now", *inner):
            return guide
    return None


def _allowed_gap(place: Place, mark: PhraseMatch) -> int:
    weak = _earlier_phrases(place.code, "adverb_weak").match(place.folded, mark.start)
    return 1 if weak is not None and weak.end == mark.end else _VERB


def _find_governed(place: Place, position: int, low: int, high: int, begin: int) -> Iterator[int]:
    """The amounts that an expectation of the past speaks of, up to where the present one begins."""
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
    stops += [
        mark.start for mark in _guidance_phrases(place.code).find(place.folded, place.quantities[first].end, high)
    ]
    end = min([high, *stops])
    for index in range(first, len(place.quantities)):
        if place.quantities[index].start < end and _is_forecast_kind(place, index):
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
    """Whether a verb says who expected the amount right before it ("the 5 it had planned")."""
    gap = place.folded[place.quantities[index].end : position]
    if "," in gap or not gap.strip():
        return False
    return (len(gap) <= _BESIDE and _is_light(gap, "words")) or _is_pronoun_last(gap, place.code)


def _is_pronoun_last(gap: str, code: str) -> bool:
    """Whether a short gap ends with the word that a relative clause begins with ("the 5 in profit that")."""
    words = "|".join(bounded(word, "words") for word in locale(code).words("small", "relative") if word) or "(?!)"
    return len(gap) <= _NOUN and re.search(rf"(?:{words}) ?\Z", gap) is not None


def _end_of_expectation(place: Place, mark: PhraseMatch, high: int) -> int | None:
    """Where the words end that say that somebody expected something."""
    for guide in _guidance_phrases(place.code).find(place.folded, mark.start, min(high, mark.end + _LAST)):
        if not any(mark.end <= item.start < guide.start for item in place.quantities):
            return max(guide.end, mark.end)
    return mark.end if _guidance_phrases(place.code).has(place.folded, mark.start, mark.end) else None


def _is_parted(gap: str, code: str) -> bool:
    """Whether a comma or a word that begins another statement stands in a gap."""
    return re.search(rf"\b(?:{either(locale(code).words('small', 'part'))})\b|[,;]", gap) is not None


def _find_between_verbs(place: Place, mark: PhraseMatch, high: int) -> Iterator[int]:
    """The amounts between the two parts of a verb: "hatte 5 erwartet"."""
    inside = [index for index, item in enumerate(place.quantities) if mark.end <= item.start < high]
    for guide in _guidance_phrases(place.code).find(place.folded, mark.end, high):
        before = [index for index in inside if place.quantities[index].end <= guide.start]
        gap = place.folded[place.quantities[before[-1]].end : guide.start] if before else ""
        if before and len(gap) <= _LAST and not _is_parted(gap, place.code):
            yield from (index for index in before if _is_forecast_kind(place, index))
            return


def _nearest_forecast(place: Place, index: int, said: set[int]) -> int | None:
    """The forecast in force that stands nearest to an old one."""
    here = place.quantities[index]
    others = [
        other
        for other, item in enumerate(place.quantities)
        if other not in said and item.kind == here.kind and item.unit == here.unit
        and ("guidance" in place.scopes[other] or "analyst" not in place.scopes[other])
    ]  # fmt: skip
    return min(others, key=lambda other: (abs(other - index), other > index), default=None)


# Old by its place beside the new one -------------------------------------------------------------------------------


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


def _is_forecast(place: Place, index: int) -> bool:
    scope = place.scopes[index]
    return bool(scope) and scope[0] == "guidance"


def _is_change(place: Place, index: int) -> bool:
    """Whether the clause says that a forecast was changed."""
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
        return begins and _is_light(
            re.sub(either(every("small", "comes")), "", _blank_out(gap, _light_phrases(place.code))[0]), own.style
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
    """Whether a gap leads from one forecast to the next."""
    own = locale(code)
    rest, found = _blank_out(gap, compile_table({"into": own.table("ranges").get("into", "")}, own.style))
    rest, _ = _blank_out(rest, _light_phrases(code))
    return found and _is_light(rest, own.style)


def _is_past(place: Place, period: StatedPeriod) -> bool:
    """Whether a period is over for the forecast of the sentence: last year, or a year before the latest one named."""
    later = any(item.year is not None and period.year is not None and item.year > period.year for item in place.periods)
    return period.prior or period.relative == -1 or later


def _is_of_past(place: Place, index: int) -> bool:
    """Whether an amount is a result: a period that is over stands at it."""
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


# Tables ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Columns:
    """The head of a table of forecasts: which of its columns hold the old ones."""

    is_old: tuple[bool, ...]


def find_columns(place: Place, *, is_outlook: bool) -> Columns | None:
    """The columns that a line without amounts names as old and new; it or the lines before must speak of forecasts."""
    if place.quantities or place.end - place.start > 2 * _GAP:
        return None
    old = [mark.start for mark in _find_column_words(place, "adjective", "adverb")]
    new = [mark.start for mark in _find_column_words(place, "now")]
    spoken = is_outlook or _earlier_phrases(place.code, "noun").has(place.folded, place.start, place.end)
    if (
        not old
        or not new
        or not spoken
        or _earlier_phrases(place.code, "revise").has(place.folded, place.start, old[0])
    ):
        return None
    return Columns(tuple(start in old for start in sorted({*old, *new})))


def _find_column_words(place: Place, *keys: str) -> list[PhraseMatch]:
    found: list[PhraseMatch] = []
    for key in keys:
        found += [
            mark for mark in place.marks(key, place.start, place.end) if not any(m.start == mark.start for m in found)
        ]
    return found


def by_column(found: Mapping[int, Old], head: Columns | None, place: Place) -> dict[int, Old]:
    """The old amounts of a table's row, by its head."""
    cells = [index for index in range(len(place.quantities)) if _is_forecast_kind(place, index)]
    if head is None:
        return dict(found)
    if len(cells) != len(head.is_old):
        return {index: Old(None, is_sure=False) for index in cells}
    new = next((index for index, is_old in zip(cells, head.is_old, strict=True) if not is_old), None)
    return {index: Old(new) for index, is_old in zip(cells, head.is_old, strict=True) if is_old}
