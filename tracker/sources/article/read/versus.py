# a sentence is handed on as its parts; signs of other scripts are meant as they stand
"""Words of comparison: whether an amount or a period is what another one is compared with, and "from 2 to 3"."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import bounded, either, every, locale

if TYPE_CHECKING:
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.read.scene import Scene

__all__ = [
    "after_versus",
    "claimed_period",
    "is_base",
    "is_before_versus",
    "is_compared_with",
    "is_from_to",
    "is_parenthesised",
    "leads_to_rate",
    "rate_window",
    "stands_before_base",
    "stands_behind_versus",
]

_CLOSE: Final = 30  # letters: the words right behind a figure
_FROM_TO: Final = 30  # letters between "from 2" and "to 3"
_ADJOINS: Final = 3  # letters: a blank, "的"
_LINK: Final = 5  # letters: "of", "de"
_BASE: Final = 48  # letters before a period: "8 % por debajo de la cifra de"


def rate_window(scene: Scene, index: int) -> tuple[int, int]:
    """Return the clause of a quantity, cut at other growth rates (money in between does not cut)."""
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    for place, other in enumerate(scene.quantities):
        if other is quantity or other.kind not in ("percent", "multiple", "points", "basis") or place in scene.old:
            continue
        if other.end <= quantity.start:
            low = max(low, other.end)
        elif other.start >= quantity.end:
            high = min(high, other.opening)
    return low, high


def is_parenthesised(scene: Scene, period: StatedPeriod) -> bool:
    """Return true if a period stands in brackets, where comparatives are put."""
    return scene.folded.rfind("(", scene.start, period.start) > scene.folded.rfind(")", scene.start, period.start)


def is_compared_with(folded: str, start: int, period: StatedPeriod, code: str) -> bool:
    """Return true if a period of a sentence that begins at `start` is named only to compare with it."""
    before = folded[max(start, period.start - _BASE) : period.start]
    own = locale(code)
    behind = (*every("small", "behind"), *own.words("ranges", "from_after"))
    if own.is_east_asian and folded.startswith(behind, period.end):
        return True
    marks = locale(code).phrases("compare", "yoy", "qoq", "year_end").find(folded, start, period.end)
    patterns = (_versus_pattern(code), _rate_base(code))
    return any(item.search(before) for item in patterns) or any(mark.end > period.start for mark in marks)


def is_base(scene: Scene, period: StatedPeriod) -> bool:
    """Return true if a period is only what a growth rate compares with ("from 2023")."""
    before = scene.folded[max(scene.start, period.start - _BASE) : period.start]
    if _opens_with_after(scene, period):
        return False
    if period.since or any(mark.start < period.end and period.start < mark.end for mark in scene.compare):
        return True
    if any(item.kind == "multiple" and _counts_at(scene, item.end, period.start) for item in scene.quantities):
        return period.relative == -1 or period.prior or not locale(scene.code).is_east_asian
    if locale(scene.code).is_east_asian:
        is_part = period.part not in (None, "FY")
        words = (*every("small", "behind"), *(locale(scene.code).words("ranges", "from_after") if is_part else ()))
        return _end_of_period(scene.code).match(scene.folded, period.end) is not None or scene.folded.startswith(
            words, period.end
        )
    return any(pattern.search(before) is not None for pattern in (_versus_pattern(scene.code), _rate_base(scene.code)))


def _opens_with_after(scene: Scene, period: StatedPeriod) -> bool:
    """Return true if a sentence begins with a word for "after" and a part of a year: "Nach neun Monaten liegt"."""
    before = scene.folded[scene.start : period.start].strip(" \"'")
    return period.part not in (None, "FY") and before in locale(scene.code).words("compare", "after")


def _counts_at(scene: Scene, low: int, high: int) -> bool:
    """Return true if nothing but small words stands between "double" and the period it counts from: "du double de"."""
    gap = scene.folded[low:high].strip() if 0 <= high - low <= _THAT_OF else "?"
    return not gap or gap in locale(scene.code).folded("small", "times_of")


_THAT_OF: Final = 16  # letters: "that of", "de l'année"


def stands_before_base(scene: Scene, period: StatedPeriod) -> bool:
    """Return true if a period dates an amount that another one is compared with: "2분기 65억원보다"."""
    own = locale(scene.code)
    if not own.is_east_asian or period.prior:
        return False
    here = next((item for item in scene.quantities if 0 <= item.opening - period.end <= _ADJOINS), None)
    words = (*own.words("ranges", "from_after"), *own.words("compare", "versus"))
    return here is not None and here.kind == "money" and scene.folded.startswith(words, here.end)


@cache
def _end_of_period(code: str) -> re.Pattern[str]:
    """Return what matches the end of a period and a word of comparison behind it: "1분기 말보다"."""
    ends = either(every("dates", "closing"))
    return re.compile(
        rf" ?(?:{ends})(?:{either((*every('small', 'behind'), *locale(code).words('ranges', 'from_after')))})"
    )


@cache
def _rate_base(code: str) -> re.Pattern[str]:
    """Return a rate and the words right behind it that lead to the period it counts from: "up 9% on the"."""
    own = locale(code)
    words = "|".join(bounded(word, own.style) for word in own.words("compare", "rate_base")) or "(?!)"
    return re.compile(rf"\d ?(?:%|[^\W\d]{{3,10}}(?: [^\W\d]{{3,6}})?) (?:{words}){_behind_word(code)}\Z")


@cache
def _versus_pattern(code: str) -> re.Pattern[str]:
    """Return a word of comparison right before something, articles between."""
    own = locale(code)
    words = sorted(own.words("compare", "versus"), key=len, reverse=True)
    body = "|".join(bounded(word, own.style) for word in words) or "(?!)"
    return re.compile(rf"(?:{body}){_behind_word(code)}\Z")


def _behind_word(code: str) -> str:
    """Return what may stand between a word of comparison and a period: articles, and "the end of"."""
    own = locale(code)
    ends = [bounded(word, own.style) for word in own.words("periods", "end_of")] if not own.is_east_asian else []
    words = "|".join([either(every("small", "articles")), *ends])
    return rf"(?: ?(?:{words}))*[ ]?"


def leads_to_rate(scene: Scene, index: int, position: int) -> bool:
    """Return true if words behind an amount belong to the rate that follows: "880억원으로 전분기 대비 9% 늘었다"."""
    following = scene.quantities[index + 1] if index + 1 < len(scene.quantities) else None
    if following is None or following.kind not in ("percent", "multiple") or not locale(scene.code).is_east_asian:
        return False
    return position <= following.opening and not scene.parted(position, following.opening)


def is_before_versus(scene: Scene, index: int) -> bool:
    """Return true if a word of comparison follows right behind, or behind "loss" or "profit"."""
    after, end = locale(scene.code).words("ranges", "from_after"), scene.quantities[index].end
    places = [end, *(topic.end for topic in scene.topics if 0 <= topic.start - end <= 1)]
    return bool(after) and any(
        scene.folded.startswith((*after, *every("small", "than_behind")), place) for place in places
    )


def after_versus(scene: Scene, index: int) -> bool:
    """Return true if a word of comparison stands right before an amount or its topic ("against a loss of")."""
    opening, own = scene.quantities[index].opening, locale(scene.code)
    results = [topic.start for topic in scene.topics if 0 <= opening - topic.end <= _LINK]
    low = max(scene.start, opening - _FROM_TO)
    results += [
        mark.start
        for mark in own.phrases("negative", "negative", "positive").find(scene.folded, low, opening)
        if opening - mark.end <= _LINK
    ]
    behind = _after_pattern(scene.code)
    windows = [scene.folded[max(scene.start, place - 40) : place] for place in (opening, *results)]
    return any(behind.search(one) is not None for one in windows[1:]) or any(
        _ends_in_versus(one, scene.code) for one in windows
    )


@lru_cache(maxsize=256)
def _ends_in_versus(window: str, code: str) -> bool:
    """Return true if a few words end in a word of comparison. Results are kept, because the same words come often."""
    return _versus_pattern(code).search(window) is not None


@cache
def _after_pattern(code: str) -> re.Pattern[str]:
    """Return a word for "after" right before a result, articles between."""
    own = locale(code)
    body = "|".join(bounded(word, own.style) for word in own.words("compare", "after")) or "(?!)"
    return re.compile(rf"(?:{body})(?: ?(?:{either(every('small', 'articles'))}))*[ ]?\Z")


def stands_behind_versus(scene: Scene, position: int) -> bool:
    """Return true if a word of comparison stands right before a place."""
    return _versus_pattern(scene.code).search(scene.folded[max(scene.start, position - 40) : position]) is not None


def claimed_period(scene: Scene, index: int) -> StatedPeriod | None:
    """Return the period that the first of two amounts has for itself ("from 5 in 2024 to 6 in 2025", "von 2024.

    5 auf 6").
    """
    one, other = scene.quantities[index], scene.quantities[index + 1]
    for period in scene.periods:
        behind = one.end <= period.start and period.end <= other.opening and period.start - one.end <= _CLOSE
        if period.definite and not period.prior and (behind or period is _period_ahead(scene, index)):
            return period
    return None


def _period_ahead(scene: Scene, index: int) -> StatedPeriod | None:
    """Return the period right before an amount, where the sentence names another one as well."""
    opening = scene.quantities[index].opening
    named = [period for period in scene.periods if period.definite and not period.prior]
    near = [period for period in named if 0 <= opening - period.end <= _ADJOINS]
    return near[-1] if near and len(named) > 1 else None


def _is_turn(scene: Scene, index: int) -> bool:
    """Return true if a profit turned into a loss or the other way: "chuyển từ lãi 25 tỷ đồng sang lỗ 18 tỷ đồng"."""
    here, following = scene.quantities[index], scene.quantities[index + 1]
    own = locale(scene.code)
    ahead = next((item for item in scene.topics if 0 <= here.opening - item.end <= _ADJOINS), None)
    behind = next((item for item in scene.topics if here.end <= item.start < following.opening), None)
    if ahead is None or behind is None or ahead.label == behind.label or {ahead.label, behind.label} - _SIDES:
        return False
    gap = scene.folded[here.end : behind.start].strip(), scene.folded[behind.end : following.opening].strip()
    leads = scene.folded[max(scene.start, ahead.start - _FROM_TO) : ahead.start].rstrip(" ")
    edge = "" if own.is_east_asian else " "
    starts = tuple(edge + word for word in own.folded("ranges", "from") if word)
    return gap[0] in own.folded("ranges", "into") and not gap[1] and bool(starts) and leads.endswith(starts)


_SIDES: Final = frozenset({"profit", "loss", "net_income", "net_loss", "operating_income", "operating_loss"})


def is_from_to(scene: Scene, index: int) -> bool:
    """Return true if an amount and the next one are the ends of a change: "rose from 2 to 3"."""
    quantity, following = scene.quantities[index], scene.quantities[index + 1]
    own = locale(scene.code)
    gap = scene.folded[quantity.end : following.start]
    if len(gap) > _FROM_TO or scene.parted(quantity.end, following.start) or quantity.unit != following.unit:
        return False
    if _is_turn(scene, index):
        return True
    if any(quantity.end <= topic.start and topic.end <= following.start for topic in scene.topics):
        return False
    if own.has_plain_words and any(
        re.search(rf"(?<!\w){re.escape(word)}(?!\w)", gap)
        for word in own.words("compare", "versus")
        if len(word) >= _LINK and word.isalpha() and word not in own.words("ranges", "into")
    ):
        return False
    after = own.words("ranges", "from_after")
    if after and gap.startswith(after):
        return True
    ahead = _period_ahead(scene, index)
    opening = ahead.start if ahead else quantity.opening
    before = scene.folded[max(scene.start, opening - 14) : opening]
    starts = [word for word in own.words("ranges", "from") if word]
    said = any(
        re.search(
            rf"(?<!\w){re.escape(word)} ?(?:\w{{1,4}} )?\Z" if own.style != "none" else rf"{re.escape(word)}\Z", before
        )
        for word in starts
    )
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    moved = own.phrases("directions").has(scene.folded, low, high)
    leads = gap.strip() in own.words("ranges", "into") and gap.strip() not in own.words("ranges", "to")
    return said and (moved or leads)
