"""Puts the pieces of a sentence together: each quantity gets metric, company, claim, period and sign, or a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import revisions, tables
from tracker.sources.article.find.amount import TOO_LONG
from tracker.sources.article.find.topics import COUNTED
from tracker.sources.article.read import dating
from tracker.sources.article.read.drafts import UNSETTLED, FigureDraft, Memory

if TYPE_CHECKING:
    from tracker.sources.article.read.scene import Scene
from tracker.sources.article.read.forecasts import (
    assign_claim,
    is_below_outlook,
    mark_outlined,
    mark_replaced,
    take_new_labels,
)
from tracker.sources.article.read.measures import assign_topic
from tracker.sources.article.read.owners import assign_company, assign_currency, mark_conversion
from tracker.sources.article.read.rates import mark_change
from tracker.sources.article.read.recall import remember
from tracker.sources.article.read.signs import apply_sign

__all__ = ["FigureDraft", "Memory", "read_figures"]

_HEADING: Final = 400  # letters between a heading and the head of its table
_MILLIONS: Final = 6  # the power of ten of an amount that is of no share
_LEAST: Final = 1000  # of a currency: no company has a result or a cost as small as this


def read_figures(scene: Scene, memory: Memory) -> list[FigureDraft]:
    """Return the drafts of one sentence, in order; `memory` is brought up to date."""
    scene = _in_table(scene, memory)
    memory.guided = memory.guided or (memory.period if is_below_outlook(scene, memory) else None)
    drafts: list[FigureDraft] = []
    for index in range(len(scene.quantities)):
        draft = assign_topic(scene, index, drafts, memory)
        draft = mark_replaced(scene, index, mark_outlined(assign_claim(scene, index, draft), scene, memory))
        draft = mark_change(scene, index, draft, drafts)
        draft = mark_conversion(scene, index, assign_currency(assign_company(scene, index, draft, memory)), memory)
        draft = apply_sign(scene, index, draft, memory)
        drafts.append(_check_storable(_check_settled(dating.dated(scene, index, draft, drafts, memory))))
    drafts = [take_new_labels(scene, index, draft, drafts) for index, draft in enumerate(drafts)]
    drafts = [_with_head(draft, drafts) for draft in drafts]
    remember(scene, drafts, memory)
    return drafts


def _check_storable(draft: FigureDraft) -> FigureDraft:
    """Return a draft whose numbers a fact can hold, and which is no amount per share under another name."""
    small = draft.quantity.kind == "money" and not draft.quantity.scaled and abs(draft.quantity.value) < _LEAST
    if small and draft.metric not in (None, "eps") and draft.quantity.value and "header" not in draft.quantity.flags:
        draft = draft.stop("scale_open")
    if draft.metric not in (None, *COUNTED) and draft.quantity.kind == "count":
        draft = draft.stop("currency_open")
    if draft.metric == "eps" and draft.quantity.kind == "money" and draft.quantity.power >= _MILLIONS:
        draft = draft.stop("other")
    return draft if draft.reason or draft.quantity.is_storable else draft.stop(TOO_LONG)


def _check_settled(draft: FigureDraft) -> FigureDraft:
    """Stop a range that no word calls expected: what was reported is one amount."""
    is_range = draft.metric is not None and draft.quantity.low is not None and draft.quantity.kind != "count"
    return draft.stop("range_reported") if is_range and draft.kind != "guidance" else draft


def _with_head(draft: FigureDraft, drafts: list[FigureDraft]) -> FigureDraft:
    """Let a figure of the year before fall with the one that it is compared with."""
    head = next((item for item in drafts if item.quantity.start == draft.head), None)
    if draft.is_base and head is not None and "claim:decided" in head.rules and _is_undated(draft):
        return draft.stop("prior_guidance")
    return draft.stop("head_refused") if draft.is_base and head is not None and head.reason in UNSETTLED else draft


def _is_undated(draft: FigureDraft) -> bool:
    """Return true if no words say that a figure is of the year before."""
    return draft.base == draft.quantity.end


def _in_table(scene: Scene, memory: Memory) -> Scene:
    """Return the sentence, with the cells of a row as forecasts where it stands under a head of old and new ones."""
    if scene.end - scene.start > tables.ROW:
        memory.forecasts = None
    is_outlook = scene.start - memory.outlook_end < _HEADING
    memory.forecasts = revisions.find_columns(scene.place, is_outlook=is_outlook) or memory.forecasts
    if memory.forecasts is None or not scene.quantities:
        return scene
    memory.guided = memory.guided or memory.period
    bare = [
        replace(item, flags=tuple(flag for flag in item.flags if not flag.startswith((tables.COLUMN, tables.CELLS))))
        for item in scene.quantities
    ]
    scopes = tuple(scope or ("guidance",) for scope in scene.scopes)
    old = revisions.by_column(scene.old, memory.forecasts, scene.place)
    return replace(scene, quantities=tuple(bare), scopes=scopes, old=old)
