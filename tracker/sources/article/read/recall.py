"""What a sentence leaves for the next ones: company, period, topic, currency, the heads of columns."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import columns, tables
from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.read import owners, years
from tracker.sources.article.read.drafts import UNSETTLED, FigureDraft, Memory
from tracker.sources.article.text.lexicon import every, function_words, locale
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from tracker.sources.article.find.companies import Mention
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.read.scene import Scene

__all__ = ["remember"]

_BEHIND: Final = 20  # letters behind a name
_YEAR: Final = re.compile(r"\d{4}")


def _columns(scene: Scene, memory: Memory) -> tuple[StatedPeriod, ...]:
    """Return the periods a line without figures puts side by side, as the head of a table's columns."""
    named = tuple(item for item in scene.periods if item.definite)
    compared = _compared_columns(scene, memory, named)
    if compared:
        return compared
    if not named:
        return _unnamed_columns(scene, memory) or memory.columns
    found = columns.heads(named, memory.above)
    memory.above = columns.unfinished(named)
    setting = memory.setting(memory.company or memory.fallback)
    labels = [years.resolve(item, setting, forward=False, frame=None) for item in found]
    is_head = all(label.label or label.candidates for label in labels) or columns.is_row_of_years(named)
    return found if len(found) > 1 and is_head else memory.columns


def _compared_columns(scene: Scene, memory: Memory, named: tuple[StatedPeriod, ...]) -> tuple[StatedPeriod, ...]:
    """Return the columns of a head that names a part of the year spoken of and the same part of the year before."""
    year = _YEAR.search(memory.period.label) if memory.period else None
    before = [item for item in scene.periods if item.prior]
    is_bare = len(named) == 1 and named[0].part is not None and named[0].year is None and named[0].relative is None
    if not is_bare or len(before) != 1 or year is None or scene.end - scene.start > tables.ROW:
        return ()
    here = replace(named[0], year=int(year[0]))
    found = [(here.start, here), (before[0].start, replace(here, year=int(year[0]) - 1))]
    return tuple(item for _, item in sorted(found, key=lambda item: item[0]))


def _unnamed_columns(scene: Scene, memory: Memory) -> tuple[StatedPeriod, ...]:
    """Return the columns of a head that only says "this period" and "the year before", for the period spoken of."""
    words = memory.period.words if memory.period else None
    current = list(locale(scene.code).phrases("compare", "head_current").find(scene.folded, scene.start, scene.end))
    before = [item for item in scene.periods if item.prior]
    if (
        words is None
        or words.year is None
        or len(current) != 1
        or len(before) != 1
        or scene.end - scene.start > tables.ROW
    ):
        return ()
    found = [(current[0].start, words), (before[0].start, replace(words, year=words.year - 1))]
    return tuple(item for _, item in sorted(found, key=lambda item: item[0]))


def _remember_spoken(scene: Scene, drafts: list[FigureDraft], memory: Memory) -> None:
    """Remember the period that a sentence speaks of, or why it has no label."""
    reports = [draft for draft in drafts if draft.kind != "guidance" and not draft.is_base]
    settled = next((_frame_of(draft, memory) for draft in reports if draft.frame and not draft.reason), None)
    if settled is None and memory.period is None:
        settled = next((draft.frame for draft in reports if draft.frame and draft.reason == "segment"), None)
    if settled is not None:
        _remember_around(settled, reports, memory)
        memory.period, memory.unsettled = settled, None
        return
    reasons = [draft.reason for draft in reports if draft.metric and draft.reason in UNSETTLED]
    if reasons:
        memory.period, memory.unsettled = None, reasons[0]
        return
    named = next(
        (
            item
            for item in scene.periods
            if item.definite and not item.prior and (item.part or item.fiscal or (item.year and not drafts))
        ),
        None,
    )
    is_told = any(draft.metric for draft in drafts)
    if named is None or is_told or (memory.above and columns.is_row_of_years(scene.periods)):
        return
    setting = memory.setting(memory.company or memory.fallback)
    spoken = memory.period.under(setting).label if memory.period else None
    found = years.resolve(named, setting, forward=False, frame=spoken)
    memory.note(memory.company or memory.fallback, found.convention)
    year = _YEAR.search(found.label or "")
    is_ahead = year is not None and memory.published is not None and int(year[0]) >= memory.published.year
    if is_ahead and locale(scene.code).phrases("promises", "outlook").has(scene.folded, scene.start, scene.end):
        return
    if found.label:
        memory.period, memory.unsettled = years.Frame(found.label, setting.company, named), None
    elif found.reason:
        memory.period, memory.unsettled = None, found.reason


def _period_of_outlook(scene: Scene, memory: Memory) -> years.Frame | None:
    """Return the one period that a sentence without figures speaks of: "It cut its forecast for 2024"."""
    named = [item for item in scene.periods if item.definite and not item.prior]
    if len(named) != 1:
        return None
    setting = memory.setting(memory.company or memory.fallback)
    found = years.resolve(named[0], setting, forward=True, frame=None)
    return years.Frame(found.label, setting.company, named[0]) if found.label else None


_PARTS_OF: Final = {"M9": ("Q1", "Q2", "Q3"), "H1": ("Q1", "Q2"), "H2": ("Q3", "Q4"), "": ("Q1", "Q2", "Q3", "Q4")}
_LABEL: Final = re.compile(r"((?:[FS]Y)?)(\d{4})(.*)")


def _remember_around(settled: years.Frame, reports: list[FigureDraft], memory: Memory) -> None:
    """Remember the longer period if a sentence repeats a metric for a part of it. The next sentence may mean either."""
    said = frozenset(draft.metric for draft in reports if draft.metric and not draft.reason)
    before = memory.period
    if before is not None and before.label == settled.label:
        memory.told |= said
        return
    is_inside = before is not None and before.company == settled.company and _is_nested(settled.label, before.label)
    memory.around = before if is_inside and said <= memory.told else None
    memory.told = said


def _is_nested(one: str, other: str) -> bool:
    """Return true if one of two periods is a part of the other."""
    return _is_part(one, other) or _is_part(other, one)


def _is_part(label: str, longer: str) -> bool:
    """Return true if a period is a part of another one of the same year: the third quarter of nine months."""
    here, whole = _LABEL.fullmatch(label), _LABEL.fullmatch(longer)
    if here is None or whole is None or here[2] != whole[2]:
        return False
    return here[3] in _PARTS_OF.get(whole[3], ())


def _frame_of(draft: FigureDraft, memory: Memory) -> years.Frame | None:
    """Return the period that a figure leaves for others: people of the end of a year leave the year."""
    words = draft.words
    if draft.metric not in COUNTED or words is None or words.month is not None or draft.company is None:
        return draft.frame
    setting = memory.setting(draft.company)
    label = years.resolve(words, setting, forward=False, frame=None).label
    return years.Frame(label, setting.company, words, draft.quantity.start) if label else draft.frame


def remember(scene: Scene, drafts: list[FigureDraft], memory: Memory) -> None:
    """Bring memory up to date with what a sentence has said."""
    subjects = [
        mention for mention in scene.mentions if not mention.aside and mention.score >= (3 if memory.company else 2)
    ]
    subjects = [mention for mention in subjects if not owners.is_doubtful(mention, memory)]
    if memory.company is not None:
        subjects = [mention for mention in subjects if not is_house(scene.folded, mention)]
    subjects = [mention for mention in subjects if not mention.doubtful] or subjects
    if subjects:
        best = max(mention.score for mention in subjects)
        equal = [mention for mention in subjects if mention.score == best]
        memory.company = next((mention for mention in equal if not _is_first_word(scene, mention)), equal[0])
    names = {mention.name for mention in subjects}
    memory.latter = subjects[-1] if len(names) > 1 else None
    memory.former = subjects[0] if len(names) == 2 else None  # noqa: PLR2004 - the former and the latter
    _remember_spoken(scene, drafts, memory)
    memory.columns = _columns(scene, memory) if not drafts else memory.columns
    memory.above = () if drafts else memory.above
    promised = [draft.frame for draft in drafts if draft.period and draft.is_promise]
    memory.guided = promised[-1] if promised else None if drafts else memory.guided
    replaced = [draft.topic for draft in drafts if draft.reason == "prior_guidance" and draft.topic]
    alone = len(replaced) == len(drafts)
    memory.replaced, memory.replaced_end = (replaced[0], scene.end) if replaced and alone else (None, -1)
    expected = [draft.topic for draft in drafts if draft.reason == "analyst" and draft.metric]
    memory.expected, memory.expected_end = (
        (expected[0], scene.end) if len(expected) == 1 and len(drafts) == 1 else (None, -1)
    )
    own = locale(scene.code)
    lists = scene.folded[scene.start : scene.end].rstrip().endswith((":", "\uff1a"))
    spoken = own.phrases("promises", "outlook").has(scene.folded, scene.start, scene.end)
    spoken = spoken or (lists and own.phrases("claims", "guidance").has(scene.folded, scene.start, scene.end))
    if not drafts and own.phrases("promises", "outlook").has(scene.folded, scene.start, scene.end):
        memory.guided = _period_of_outlook(scene, memory) or memory.guided
    if not drafts and spoken:
        memory.outlook_end, memory.outlook_lists = scene.end, lists
    told = {draft.metric: draft.topic for draft in drafts if draft.topic}
    memory.sole, memory.sole_end = (next(iter(told.values())), scene.end) if len(told) == 1 else (None, -1)
    memory.has_parted_topics = _has_parted_topics(scene, drafts) if told else memory.has_parted_topics
    memory.topic = next((draft.topic for draft in reversed(drafts) if draft.topic), None) or memory.topic
    memory.money = next((draft.quantity.unit for draft in reversed(drafts) if _shows_currency(draft)), memory.money)


def _has_parted_topics(scene: Scene, drafts: list[FigureDraft]) -> bool:
    """Return true if a comma and a small word put the last metric of a clause beside its subject: ", on costs of 5"."""
    last = next((draft.topic for draft in reversed(drafts) if draft.topic), None)
    first = next((draft.topic for draft in drafts if draft.topic), None)
    if last is None or first is None or first.label == last.label or not locale(scene.code).has_plain_words:
        return False
    comma = max((place for place in scene.breaks.soft if place < last.start), default=None)
    words = [] if comma is None else _WORDS.findall(scene.folded[comma : last.start])
    small = function_words(scene.code)
    joins = {*every("small", "and"), *every("ranges", "and")}
    return bool(words) and words[0] in small - joins


_WORDS: Final = re.compile(r"[^\W\d_]+")


def is_house(folded: str, mention: Mention) -> bool:
    """Return true if a name is one of a house that forecasts for others: "Peel Road Research"."""
    houses = every("names", "brokers")
    words = fold(mention.name).split()
    behind = folded[mention.end : mention.end + _BEHIND].lstrip()
    return mention.known is None and (
        fold(mention.name).endswith(houses) or behind.startswith(houses) or words[0] in houses
    )


def _is_first_word(scene: Scene, mention: Mention) -> bool:
    """Return true if a name is the first word of its sentence, whose capital says nothing."""
    return " " not in mention.name and not scene.folded[scene.start : mention.start].strip()


def _shows_currency(draft: FigureDraft) -> bool:
    """Return true if later amounts without a currency may be in the one of this amount."""
    return draft.quantity.kind == "money" and draft.reason != "conversion"
