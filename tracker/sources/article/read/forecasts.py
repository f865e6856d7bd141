"""Tell forecasts of the company, in force or replaced, from reports and from claims of somebody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.text.lexicon import locale

if TYPE_CHECKING:
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene

__all__ = ["assign_claim", "is_below_outlook", "mark_outlined", "mark_replaced", "take_new_labels"]

_HEADING: Final = 400  # letters between a heading and the head of its table


def assign_claim(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """Return the draft as a forecast of the company, or with the claim that makes it no fact."""
    for scope in scene.scopes[index] or _is_new_forecast_scope(scene, index):
        if scope != "guidance":
            return draft.stop(scope)
        draft = replace(draft, kind="guidance").rule("claim:guidance")
    is_end = draft.kind == "guidance" and not _is_ceiling(scene, index, draft) and _is_range_end(scene, index)
    return draft.stop("range_end") if is_end else draft


def _is_ceiling(scene: Scene, index: int, draft: FigureDraft) -> bool:
    """Return true if spending has an upper limit: nobody gives a range of it, "研发投入上限定为30亿元"."""
    low, _ = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    is_bound = locale(scene.code).phrases("promises", "bound").has(scene.folded, low, scene.quantities[index].opening)
    return draft.metric in _SPENT and is_bound


_SPENT: Final = frozenset({"capex", "r_and_d", "total_costs"})


def _is_range_end(scene: Scene, index: int) -> bool:
    """Return true if an amount is one end of a range whose other end is not given ("raised the low end to 5")."""
    quantity = scene.quantities[index]
    if quantity.kind != "money" or quantity.low is not None or quantity.qualifier != "exact":
        return False
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    others = (item.end for item in scene.quantities[:index] if "change" not in item.flags)
    low = max([low, *others])
    return locale(scene.code).phrases("small", "range_end").has(scene.folded, low, quantity.opening)


def mark_outlined(draft: FigureDraft, scene: Scene, memory: Memory) -> FigureDraft:
    """Return a range in a row below the heading of an outlook is a forecast, though no word of the row says so."""
    if not is_below_outlook(scene, memory) or draft.reason or draft.kind == "guidance":
        return draft
    if draft.quantity.low is None and not memory.outlook_lists:
        return draft
    return replace(draft, kind="guidance").rule("claim:guidance")


def is_below_outlook(scene: Scene, memory: Memory) -> bool:
    """Return true if a sentence is a row below the heading of an outlook."""
    return scene.is_row and 0 <= scene.start - memory.outlook_end < _HEADING


def _is_new_forecast_scope(scene: Scene, index: int) -> tuple[str, ...]:
    """Return what replaces a forecast is one, whatever the words ("it had expected 5, but is now at 6")."""
    is_new = any(old.new == index and old.is_sure for old in scene.old.values())
    low, high = scene.breaks.clause(scene.quantities[index].start, scene.start, scene.end)
    return ("guidance",) if is_new and scene.place.marks("now", low, high) else ()


def mark_replaced(scene: Scene, index: int, draft: FigureDraft) -> FigureDraft:
    """Return a forecast of before is a statement about the past; where it may be a result, that is left open."""
    old = scene.old.get(index)
    if old is None or (draft.quantity.kind == "count" and draft.metric not in COUNTED):
        return draft
    if not old.is_sure:
        return draft.stop("unclear_base")
    return replace(draft, kind="guidance").stop("prior_guidance")


def take_new_labels(scene: Scene, index: int, draft: FigureDraft, drafts: list[FigureDraft]) -> FigureDraft:
    """Return a forecast of before is of the metric, company and period of the one that replaced it."""
    old = scene.old.get(index)
    if old is None and _is_reported(draft, drafts):
        return draft.stop("prior_guidance")
    if old is None or old.new is None or draft.reason != "prior_guidance":
        return draft
    new = drafts[old.new]
    if new.reason or new.metric is None or new.kind != "guidance":
        return draft
    period = draft.period if "period:near" in draft.rules else new.period
    return replace(
        draft, metric=new.metric, topic=new.topic, company=new.company, sign=new.sign, period=period or new.period
    )


def _is_reported(draft: FigureDraft, drafts: list[FigureDraft]) -> bool:
    """Return true if a sentence that gives a forecast also reports what it became."""
    same = (draft.metric, draft.period, draft.quantity.unit)
    return draft.kind == "guidance" and any(
        item.kind == "actual" and item.reason is None and (item.metric, item.period, item.quantity.unit) == same
        for item in drafts
    )
