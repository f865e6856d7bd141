"""Guidance that is no number: taken back, a direction ("significantly higher"), or a likeness ("similar growth").

Only of companies that are known, only in clauses that claim it as the company's own outlook and print no amount; what
is denied, imagined, rumoured or said by analysts is none. A withdrawal that names no figure is of the metric
`outlook`, which stands for every forecast of the company.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import METRIC_OF
from tracker.sources.article.read import years
from tracker.sources.article.text.lexicon import locale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.sources.article.find.companies import Mention
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.read.drafts import Memory
    from tracker.sources.article.read.scene import Scene
    from tracker.sources.article.text.lexicon import PhraseMatch

__all__ = ["OUTLOOK", "Promise", "find_promises"]

#: The metric of a withdrawal that names none.
OUTLOOK: Final = "outlook"
_APART: Final = 60  # letters between the verb and what is taken back
_TIGHT: Final = 12  # letters, where there are no words
_LED: Final = 4  # words between "expects" and the direction
_NEAR: Final = 24  # letters between "similar" and "growth", a forecast and its metric
_ON: Final = 10  # letters between words of one direction: "even more torrid growth"
_UNSAID: Final = frozenset({"denied", "rumour", "hypothetical", "hypothetical_start", "analyst"})
_AMOUNTS: Final = frozenset({"money", "percent", "multiple", "points", "basis"})


@dataclass(frozen=True, slots=True)
class Promise:
    """One statement in words: what of which company, for which period, and where it stands (normalised offsets)."""

    qualifier: str
    metric: str
    company: Mention
    is_rate: bool
    period: str | None
    start: int
    end: int
    rules: tuple[str, ...]


def find_promises(scene: Scene, memory: Memory) -> list[Promise]:
    """Return the promises in words of one sentence; `memory` is what the sentences before left."""
    company = _speaking_company(scene, memory)
    if company is None:
        return []
    marks = list(locale(scene.code).phrases("claims").find(scene.folded, scene.start, scene.end))
    back = _withdrawn(scene, memory, company, marks)
    return [back] if back else list(_find_in_words(scene, memory, company, marks))


def _speaking_company(scene: Scene, memory: Memory) -> Mention | None:
    """Return the known company that speaks: named, or spoken of before; none where another one is named."""
    subjects = [mention for mention in scene.mentions if not mention.aside and mention.score > 2]  # noqa: PLR2004 - more than a capital letter
    chosen = subjects[0] if subjects else memory.company or memory.fallback
    return chosen if chosen is not None and chosen.known is not None else None


# Taken back --------------------------------------------------------------------------------------------------------


def _withdrawn(scene: Scene, memory: Memory, company: Mention, marks: list[PhraseMatch]) -> Promise | None:
    own = locale(scene.code)
    for verb in own.phrases("promises", "withdrawn").find(scene.folded, scene.start, scene.end):
        low, high = scene.breaks.clause(verb.start, scene.start, scene.end)
        nouns = own.phrases("promises", "outlook").find(scene.folded, low, high)
        noun = next((mark for mark in nouns if _gap(verb, mark) <= _APART and not _is_name(scene, mark)), None)
        unsaid = any(
            mark.label in _UNSAID and low <= mark.start < high and not (mark.start < verb.end and verb.start < mark.end)
            for mark in marks
        )
        if noun is None or unsaid:
            continue
        start, end = min(verb.start, noun.start), max(verb.end, noun.end)
        metric = _withdrawn_metric(scene, verb, noun, low, high)
        period = _period_ahead(scene, memory, company, low, high)
        is_open = period is None and any(low <= item.start < high and item.definite for item in scene.periods)
        if metric and not is_open:
            return Promise("withdrawn", metric, company, False, period, start, end, ("promise:withdrawn",))
    return None


def _is_name(scene: Scene, mark: PhraseMatch) -> bool:
    return any(mention.start < mark.end and mark.start < mention.end for mention in scene.mentions)


def _gap(one: PhraseMatch, other: PhraseMatch) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _withdrawn_metric(scene: Scene, verb: PhraseMatch, noun: PhraseMatch, low: int, high: int) -> str | None:
    """Return the metric whose forecast is taken back: the one named, all where none is, none where it is no metric."""
    inside = [topic for topic in scene.topics if low <= topic.start < high]
    topics = [topic for topic in inside if max(topic.start, noun.start) - min(topic.end, noun.end) <= _NEAR]
    if topics:
        topic = min(topics, key=lambda item: abs(item.start - noun.start))
        return METRIC_OF[topic.label][0] if not topic.blocked and topic.label in METRIC_OF else None
    first, last = min(verb.end, noun.end), max(verb.start, noun.start)
    return OUTLOOK if _is_plain(scene, first, last) else None


def _is_plain(scene: Scene, low: int, high: int) -> bool:
    """Return true if only words without weight, periods and names stand between two places."""
    own = locale(scene.code)
    if own.is_east_asian:
        return high - low <= _TIGHT
    spans = [(item.start, item.end) for item in scene.periods]
    spans += [(item.start, item.end) for item in scene.mentions]
    spans += [(mark.start, mark.end) for mark in own.phrases("promises", "plain").find(scene.folded, low, high)]
    words = [found for found in re.finditer(r"[^\W\d_]+", scene.folded[low:high]) if len(found[0]) > 1]
    light = set(re.findall(r"\w+", own.data["function_words"]))
    return all(word[0] in light or any(start <= low + word.start() < end for start, end in spans) for word in words)


# Directions and likenesses -----------------------------------------------------------------------------------------


def _find_in_words(scene: Scene, memory: Memory, company: Mention, marks: list[PhraseMatch]) -> Iterator[Promise]:
    own = locale(scene.code)
    for claim in marks:
        low, high = scene.breaks.clause(claim.start, scene.start, scene.end)
        here = [mark for mark in marks if low <= mark.start < high]
        amounts = [item for item in scene.quantities if low <= item.start < high and item.kind in _AMOUNTS]
        if claim.label != "guidance" or amounts or any(mark.label in _UNSAID for mark in here):
            continue
        metric = _metric(scene, memory, low, high)
        likeness = next(own.phrases("promises", "similar").find(scene.folded, low, high), None)
        if metric and likeness is not None:
            yield from _find_likeness(scene, memory, company, metric, likeness, (low, high))
        elif metric:
            yield from _find_directions(scene, memory, company, metric, claim, (low, high))
        return


def _metric(scene: Scene, memory: Memory, low: int, high: int) -> str | None:
    """Return the one metric of a clause, or, where it speaks only of "that spending", the one spoken of before."""
    topics = [topic for topic in scene.topics if low <= topic.start < high]
    named = {METRIC_OF[topic.label][0] for topic in topics if not topic.blocked and topic.label in METRIC_OF}
    if len(named) == 1 and not any(topic.blocked for topic in topics):
        return named.pop()
    bare = all(topic.label == "spend" for topic in topics) and bool(
        list(locale(scene.code).phrases("metrics", "spend").find(scene.folded, low, high))
    )
    before = memory.topic
    if named or not bare or before is None or before.blocked or before.label not in METRIC_OF:
        return None
    return METRIC_OF[before.label][0] if METRIC_OF[before.label][0] == "capex" else None


def _find_directions(  # noqa: PLR0913, PLR0917 - the parts of a clause
    scene: Scene, memory: Memory, company: Mention, metric: str, claim: PhraseMatch, bounds: tuple[int, int]
) -> Iterator[Promise]:
    """Yield one direction that the claim leads to (or, where verbs stand last, that leads to the claim)."""
    final = locale(scene.code).verb_final
    ways = [
        mark
        for mark in scene.directions
        if bounds[0] <= mark.start < bounds[1] and (mark.end <= claim.start if final else mark.start >= claim.end)
    ]
    period = _period_ahead(scene, memory, company, *bounds)
    if not ways or period is None or len({mark.label for mark in ways}) > 1:
        return
    start = ways[0].start if final else _direction_start(scene, claim.end, ways[0].start)
    end = ways[0].end
    for way in ways[1:]:
        end = way.end if way.start - end < _ON and not scene.parted(end, way.start) else end
    yield Promise(f"direction_{ways[0].label}", metric, company, False, period, start, end, ("promise:direction",))


def _direction_start(scene: Scene, low: int, high: int) -> int:
    """Return where the words of a direction begin: "even more torrid growth", without "to be"."""
    words = list(re.finditer(r"\S+", scene.folded[low:high]))
    own = locale(scene.code)
    light = set(re.findall(r"\w+", own.data["function_words"]))
    spans = [(item.start, item.end) for item in scene.topics]
    spans += [(item.start, item.end) for item in scene.mentions]
    spans += [(item.start, item.end) for item in scene.periods]
    taken = any(low < end and start < high for start, end in spans)
    if not own.has_plain_words or len(words) > _LED or taken or scene.parted(low, high):
        return high
    while words and words[0][0] in light:
        words.pop(0)
    return low + words[0].start() if words else high


def _find_likeness(  # noqa: PLR0913, PLR0917 - the parts of a clause
    scene: Scene, memory: Memory, company: Mention, metric: str, likeness: PhraseMatch, bounds: tuple[int, int]
) -> Iterator[Promise]:
    """Yield a level or growth like that of the year before, where words say what it is like or that it is growth."""
    growth = [
        mark
        for mark in locale(scene.code).phrases("promises", "growth").find(scene.folded, *bounds)
        if _gap(mark, likeness) <= _NEAR
    ]
    base = [item for item in scene.periods if bounds[0] <= item.start < bounds[1] and _is_past(item, memory)]
    period = _period_ahead(scene, memory, company, *bounds) or (_year_after(base[0], memory, company) if base else None)
    if period is None or not (growth or base or likeness.end - likeness.start > _TIGHT):
        return
    ends = [likeness, *growth]
    start, end = min(mark.start for mark in ends), max(mark.end for mark in ends)
    yield Promise("similar", metric, company, bool(growth), period, start, end, ("promise:similar",))


def _is_past(period: StatedPeriod, memory: Memory) -> bool:
    """Return true if a period is one to compare with: last year, a year earlier, a year that is over."""
    over = memory.published is not None and period.year is not None and period.year < memory.published.year
    return period.prior or period.relative == -1 or over


def _year_after(base: StatedPeriod, memory: Memory, company: Mention) -> str | None:
    """Return the year after the one that is compared with."""
    if memory.published is None:
        return None
    if base.year is not None:
        return f"FY{base.year + 1}"
    ahead = replace(base, relative=0, prior=False)
    return years.resolve(ahead, memory.setting(company), forward=True, frame=None).label


def _period_ahead(scene: Scene, memory: Memory, company: Mention, low: int, high: int) -> str | None:
    """Return the period of a clause that was not over when the text came out."""
    inside = [item for item in scene.periods if low <= item.start < high and item.definite and not item.prior]
    for item in inside:
        if _is_past(item, memory):
            continue
        label = years.resolve(item, memory.setting(company), forward=True, frame=None).label
        if label is not None:
            return label
    return None
