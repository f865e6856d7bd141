"""The sign of a figure: losses and outflows are below zero, costs never, brackets where they are no aside."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import LOSSES, METRIC_OF, SIGNED, SPENT
from tracker.sources.article.text import brackets
from tracker.sources.article.text.lexicon import locale, vocabulary

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene
from tracker.sources.article.read.owners import opens_behind
from tracker.sources.article.read.rates import find_direction
from tracker.sources.article.read.versus import is_base

__all__ = ["apply_sign"]

_CLOSE: Final = 25  # letters: the words right behind a figure


def apply_sign(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Return losses and cash outflows are negative, costs and capex never."""
    draft = _arrived(scene, index, draft)
    is_noted = memory.bracket_note is not None and draft.quantity.kind in ("money", "count")
    if is_noted and _is_bracketed(scene, draft.quantity):
        draft = draft.stop("bracket_sign")
    draft = _check_brackets(scene, index, draft, memory)
    if draft.metric is not None and draft.quantity.signed < 0 and draft.quantity.kind in ("money", "count"):
        draft = draft if draft.metric in SIGNED | SPENT else draft.stop("below_zero")
    if draft.kind == "growth_yoy" or draft.metric is None or draft.quantity.kind != "money":
        return draft
    if draft.metric not in SIGNED:
        return replace(draft, sign=1)
    quantity = draft.quantity
    if quantity.signed < 0 or (draft.sign > 0 and _is_called_negative(scene, index, draft)):
        return replace(draft, sign=-1).rule("sign:negative")
    if draft.sign < 0 and _is_profit_behind(scene, index) and _is_loss_of_amount_before(scene, index, draft):
        return replace(draft, sign=1).rule("sign:behind")
    if draft.sign < 0 and (
        _is_profit_behind(scene, index) or _is_loss_of_another(scene, draft) or _is_said_otherwise(scene, draft)
    ):
        return draft.stop("sign_open")
    return draft


def _is_loss_of_another(scene: Scene, draft: FigureDraft) -> bool:
    """Return true if the clause before gives the loss to another company: "while X lost 3, Y was left with 8"."""
    topic, quantity = draft.topic, draft.quantity
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    if topic is None or topic.end > quantity.start or draft.company is None:
        return False
    between = [item for item in scene.mentions if topic.end <= item.start and item.end <= quantity.start]
    is_other = any(item.name == draft.company.name for item in between)
    is_parted = topic.end <= low or any(topic.end <= place < quantity.start for place in scene.breaks.soft)
    return is_other and is_parted and topic.label == "loss" and _is_said_by_verb(scene, topic.start, topic.end)


def _is_said_otherwise(scene: Scene, draft: FigureDraft) -> bool:
    """Return true if another company and an unknown verb stand between a loss and an amount: "X lost 5, Y banked 3"."""
    topic, quantity = draft.topic, draft.quantity
    if topic is None or topic.end > quantity.start or not locale(scene.code).has_plain_words:
        return False
    amounts = [item.end for item in scene.quantities if topic.end <= item.start and item.end <= quantity.opening]
    between = [item for item in scene.mentions if amounts and amounts[-1] <= item.start < quantity.opening]
    if not between or draft.company is None or between[-1].name != draft.company.name:
        return False
    if all(item.name == draft.company.name for item in scene.mentions if item.end <= amounts[-1]):
        return False
    said = _WORD.findall(scene.folded[between[-1].end : quantity.opening])
    return any(word not in vocabulary(scene.code) for word in said)


_WORD: Final = re.compile(r"[^\W\d_]{3,}")


def _is_said_by_verb(scene: Scene, low: int, high: int) -> bool:
    """Return true if the word for a loss follows its amount, as a verb at the end of a clause does."""
    before = [item for item in scene.quantities if item.end <= low]
    tail = scene.folded[high : high + 1]
    return bool(before) and tail in (",", ";") and locale(scene.code).verb_may_be_last


def _is_called_negative(scene: Scene, index: int, draft: FigureDraft) -> bool:
    """Return true if words right before or behind an amount, or of a cash flow, say that it is below zero."""
    quantity, own = scene.quantities[index], locale(scene.code)
    low, high = scene.window(index)
    before = max(low, quantity.start - 24)
    if draft.metric == "free_cash_flow" and _is_said_negative(scene, index, before):
        return True
    topic = draft.topic
    if topic is not None and topic.end <= quantity.start:
        ahead = own.phrases("negative", "negative").find(scene.folded, max(low, topic.start - _CLOSE), topic.start)
        if own.head_last and any(mark.end == topic.start - 1 for mark in ahead):
            return True
    if topic is not None and topic.end <= quantity.start and _is_called_so_before(scene, index, topic.end):
        return True
    marks = own.phrases("negative", "beside").find(scene.folded, before, quantity.opening)
    if any(_is_bare(scene, mark.end, quantity.opening) for mark in marks):
        return True
    if any(topic.label in LOSSES and _is_bare(scene, quantity.end, topic.start) for topic in scene.topics):
        return True
    behind = min(high, quantity.end + _CLOSE)
    return any(
        _is_bare(scene, quantity.end, mark.start)
        for mark in own.phrases("negative", "behind").find(scene.folded, quantity.end, behind)
    )


def _is_said_negative(scene: Scene, index: int, low: int) -> bool:
    """Return true if the last word for a side of zero before a cash flow is one for below, and is of this amount."""
    quantity, own = scene.quantities[index], locale(scene.code)
    marks = list(own.phrases("negative", "negative", "positive").find(scene.folded, low, quantity.opening))
    previous = scene.quantities[index - 1].end if index and own.is_east_asian else scene.start - _CLOSE
    marks = [mark for mark in marks if mark.start - previous > _JOINED]
    behind = own.phrases("negative", "positive").find(scene.folded, quantity.end, min(scene.end, quantity.end + _CLOSE))
    is_above = own.is_east_asian and any(mark.start - quantity.end <= _JOINED for mark in behind)
    return bool(marks) and marks[-1].label == "negative" and not is_above


_JOINED: Final = 2  # letters: a blank, の


def _is_called_so_before(scene: Scene, index: int, low: int) -> bool:
    """Return true if a result is called negative before its amount, as "fue negativo en 2024, por 9 millones"."""
    quantity, own = scene.quantities[index], locale(scene.code)
    if not own.has_plain_words or any(low <= item.start < quantity.start for item in scene.quantities):
        return False
    small = set(_WORD_OR_LESS.findall(str(own.data["function_words"])))
    for mark in own.phrases("negative", "negative").find(scene.folded, low, quantity.opening):
        following = _FIRST.match(scene.folded, mark.end, quantity.opening)
        is_free = following is None or following[1] in small
        if is_free and scene.folded[mark.start - 1 : mark.start] == " ":
            return True
    return False


_WORD_OR_LESS: Final = re.compile(r"[^\W\d_]+")
_FIRST: Final = re.compile(r" ([^\W\d_]+)")


def _is_bare(scene: Scene, low: int, high: int) -> bool:
    """Return true if nothing but a blank or an opening bracket parts two places."""
    return low <= high and not scene.folded[low:high].strip(" (")


def _is_profit_behind(scene: Scene, index: int) -> bool:
    """Return true if a word for a profit stands right behind an amount that is of a loss: one of them is misread."""
    end = scene.quantities[index].end
    return any(
        0 <= item.start - end <= 1 and METRIC_OF.get(item.label, ("", 0))[1] > 0 and item.metric in SIGNED
        for item in scene.topics
    )


def _is_loss_of_amount_before(scene: Scene, index: int, draft: FigureDraft) -> bool:
    """Return true if the loss is of the amount before, and this one says itself what it is.

    As in "6億円の最終赤字、前年同期は2億円の黒字".
    """
    topic, here = draft.topic, scene.quantities[index]
    if topic is None or not index or not locale(scene.code).is_east_asian or topic.end > here.start:
        return False
    before = scene.quantities[index - 1]
    return before.unit == here.unit and (before.end <= topic.start <= before.end + 2 or topic.end <= before.start)


def _check_brackets(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Return an amount in brackets that may be an aside: the words decide, else the sign is left open."""
    quantity = draft.quantity
    if brackets.ASIDE not in quantity.flags or draft.reason or draft.sign < 0:
        return draft
    if quantity.kind in ("percent", "multiple"):
        return draft if find_direction(scene, index) else draft.stop("bracket_sign")
    if draft.metric not in SIGNED | SPENT and scene.is_row:
        memory.has_asides = True
    if draft.metric not in SIGNED or _is_conversion(scene, index) or _is_base_of_growth(scene, index):
        return draft
    if not scene.is_row and index and (_is_level_of_period(scene, quantity) or _is_of_named(scene, quantity)):
        return draft
    if scene.is_row and index == 0 and not memory.has_asides:
        return replace(draft, quantity=replace(quantity, signed=-1, start=quantity.start - 1, end=quantity.end + 1))
    return draft.stop("bracket_sign")


def _is_bracketed(scene: Scene, quantity: Quantity) -> bool:
    """Return true if an amount begins with a bracket or stands right behind one."""
    return "(" in scene.folded[max(scene.start, quantity.start - 1) : quantity.start + 1]


def _is_conversion(scene: Scene, index: int) -> bool:
    """Return true if an amount gives the one before it in another currency ("5 billion dollars (4.6 in euros)")."""
    here = scene.quantities[index]
    before = scene.quantities[index - 1] if index else None
    if before is None or before.signed < 0 or before.kind != "money" or before.unit == here.unit:
        return False
    return scene.folded[before.end : here.start].strip() == "("


def _is_base_of_growth(scene: Scene, index: int) -> bool:
    """Return true if an amount right behind the year before is what a rate counts from: such a base is above zero."""
    here, before = scene.quantities[index], scene.quantities[index - 1] if index else None
    rated = any(item.kind == "percent" and item.start >= here.end for item in scene.quantities)
    rated = rated or (before is not None and before.kind == "percent" and not scene.parted(before.end, here.start - 1))
    named = [item for item in scene.periods if 0 <= here.start - item.end <= len(" (")]
    return rated and any(item.prior or (here.scaled and is_base(scene, item)) for item in named)


def _is_of_named(scene: Scene, quantity: Quantity) -> bool:
    """Return true if an amount with its scale stands in brackets right behind a company."""
    return quantity.scaled and any(opens_behind(scene, item, quantity) for item in scene.mentions)


def _is_level_of_period(scene: Scene, quantity: Quantity) -> bool:
    """Return true if prose gives the level of a period right behind it: "below the third quarter of 2023 (245)"."""
    leads = tuple(f"){word}" for word in locale(scene.code).words("brackets", "lead"))
    compared = locale(scene.code).is_east_asian and scene.folded.startswith(leads, quantity.end)
    return quantity.scaled and any(
        (item.part not in (None, "FY") or (item.prior and compared))
        and scene.folded[item.end : quantity.start].strip() == "("
        for item in scene.periods
    )


def _arrived(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """Drop the bound of a reported level: where a figure fell by 7% "to" (hasta, até) 5, the word only leads to it."""
    is_new = any(old.new == index for old in scene.old.values())
    if (draft.kind != "actual" and not is_new) or draft.quantity.qualifier != "at_most":
        return draft
    low, _ = scene.breaks.clause(draft.quantity.start, scene.start, scene.end)
    opening = scene.quantities[index].opening if is_new else scene.quantities[index].start
    moved = any(low <= mark.start < opening for mark in scene.directions)
    moved = moved or any(item.kind == "multiple" and low <= item.start < opening for item in scene.quantities)
    moved = moved or (
        is_new and any(mark.end > opening for mark in scene.place.marks("revise", low, draft.quantity.start))
    )
    return replace(draft, quantity=replace(draft.quantity, qualifier="exact")) if moved else draft
