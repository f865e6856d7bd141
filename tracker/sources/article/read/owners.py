"""Whose a figure is: the company of its clause, one put beside it, or the one spoken of before."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import tables
from tracker.sources.article.read import conversions, parts, versus
from tracker.sources.article.text.lexicon import either, every, locale

if TYPE_CHECKING:
    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.companies import Mention
    from tracker.sources.article.read.drafts import FigureDraft, Memory
    from tracker.sources.article.read.scene import Scene

__all__ = ["assign_company", "assign_currency", "is_doubtful", "mark_conversion", "opens_behind"]

_COMMA: Final = re.compile(r"[,\uff0c] ?")
_PLACED: Final = 4  # the score of a name that only its place speaks for
_FORMED: Final = 3  # the score of a name that is more than one word with a capital letter
_OTHER: Final = 34  # letters between an amount and the other company that it is of


def assign_company(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Return the draft with the company it is of, or the reason why none can be named."""
    quantity = scene.quantities[index]
    if parts.is_told_of_state(scene, index) or _is_of_unclear_former(scene, quantity, memory):
        return draft.stop("no_entity")
    other = _compared_company(scene, index)
    if other is not None:
        return replace(draft, company=other).rule("entity:compared" if other.known is None else "entity:compared:known")
    told = _told_behind_comma(scene, quantity) or _bracketed_owner(scene, quantity)
    if told is not None:
        return replace(draft, company=told).rule("entity:before" if told.known is None else "entity:before:known")
    chosen, rule = _carried_company(scene, quantity, memory, *_named_company(scene, index, memory))
    claiming = _find_claiming(scene, index, chosen) if chosen is not None else None
    if claiming is not None and _is_told_of(scene, quantity.end, claiming.start):
        chosen, rule, claiming = claiming, "entity:compared", None
    if chosen is None or is_doubtful(chosen, memory) or claiming is not None:
        return draft.stop("no_entity")
    draft = replace(draft, company=chosen).rule(rule if chosen.known is None else f"{rule}:known")
    return draft.rule("entity:capital") if chosen.known is None and chosen.score < _FORMED else draft


def _named_company(scene: Scene, index: int, memory: Memory) -> tuple[Mention | None, str]:
    """Return the company that a sentence names for an amount, and the rule that chose it."""
    quantity = scene.quantities[index]
    low, high = scene.breaks.clause(quantity.start, scene.start, scene.end)
    subjects = [mention for mention in scene.mentions if not mention.aside]
    if memory.company is not None and not memory.company.doubtful:
        subjects = [item for item in subjects if not (item.doubtful and item.start >= quantity.end)]
    chosen, rule = _in_clause(scene, subjects, low, high, quantity)
    if chosen is not None and rule == "entity:after":
        chosen = _owner_behind(scene, index) or chosen
    if chosen is None and subjects:
        before = _not_doubtful([mention for mention in subjects if mention.end <= low])
        others = [
            item for item in subjects if not (item.start >= quantity.end and _has_own_amount(scene, item, quantity))
        ]
        choice = before[-1:] or others[:1]
        chosen, rule = (choice[0], "entity:sentence") if choice else (None, "")
    weak = chosen is not None and chosen.start > quantity.start and chosen.score < 5  # noqa: PLR2004 - only its place speaks for it
    if weak and memory.company is not None and memory.company.score > 5:  # noqa: PLR2004 - a company for certain
        return memory.company, "entity:carried"
    if chosen is not None and _is_told_of_known(scene, chosen, quantity, memory):
        return memory.company, "entity:carried"
    return chosen, rule


def _carried_company(
    scene: Scene, quantity: Quantity, memory: Memory, chosen: Mention | None, rule: str
) -> tuple[Mention | None, str]:
    """Return the company of an amount, or the one spoken of before where its sentence names none."""
    meant = _find_former_or_latter(scene, quantity, memory) if memory.latter is not None else None
    if meant is not None and (chosen is None or chosen.score <= _PLACED):
        return meant, "entity:latter"
    if chosen is None and memory.company is not None and not is_doubtful(memory.company, memory):
        return memory.company, "entity:carried"
    if chosen is None and memory.fallback is not None and not _is_of_unknown(scene, memory.fallback):
        return memory.fallback, "entity:document"
    return chosen, rule


def _is_of_unknown(scene: Scene, later: Mention) -> bool:
    """Return true if a sentence in a script without capitals begins with words nobody knows, before a company is named.

    Then it may tell of somebody else than the company that a later sentence names.
    """
    if locale(scene.code).has_plain_words or later.start < scene.end or later.known is not None:
        return False
    told = [(item.start, item.end) for item in scene.topics] + [(item.start, item.end) for item in scene.quantities]
    stop = min((low for low, _ in told), default=scene.end)
    words = scene.folded[scene.start : stop]
    dated = [(item.start, item.end) for item in scene.periods] + [(item.start, item.end) for item in scene.compare]
    for low, high in dated:
        words = words.replace(scene.folded[low:high], " ", 1) if low < stop else words
    return len(_LETTERS.sub("", words)) > _PARTICLE


_LETTERS: Final = re.compile(r"[\W\d]")


@cache
def _whose(code: str) -> re.Pattern[str]:
    """Return what matches the comma and the word that begin a relative clause."""
    return re.compile(rf", (?:{either(locale(code).words('names', 'whose'))})(?!\w)")


def _bracketed_owner(scene: Scene, quantity: Quantity) -> Mention | None:
    """Return the company right before a bracket with an amount of it: "ahead of Narae Bank (287 billion)"."""
    return next((item for item in scene.mentions if opens_behind(scene, item, quantity)), None)


def opens_behind(scene: Scene, mention: Mention, quantity: Quantity) -> bool:
    """Return true if a bracket right behind a name begins with an amount."""
    return quantity.start > mention.end and scene.folded[mention.end : quantity.opening].strip() == "("


def _told_behind_comma(scene: Scene, quantity: Quantity) -> Mention | None:
    """Return the company that a relative clause tells of: "unlike Seeberg, whose profit shrank to 19 million"."""
    for mention in reversed(scene.mentions):
        if mention.end > quantity.start or mention.score < _FORMED:
            continue
        led = _whose(scene.code).match(scene.folded, mention.end, quantity.start)
        return mention if led is not None and not scene.parted(led.end(), quantity.start) else None
    return None


def _compared_company(scene: Scene, index: int) -> Mention | None:
    """Return the other company whose amount is put against the one before.

    As in "contro i 165 milioni della rivale Sarti".
    """
    own = _owner_behind(scene, index)
    if index and own is not None and _owner_behind(scene, index - 1) is not None:
        return own
    if not index or not any(mention.end <= scene.quantities[index - 1].start for mention in scene.mentions):
        return None
    quantity = scene.quantities[index]
    low, high = scene.window(index)
    led = versus.after_versus(scene, index)
    for mention in scene.mentions:
        behind = quantity.end <= mention.start <= min(high, quantity.end + _OTHER)
        gap = scene.folded[quantity.end : mention.start] if behind else ""
        if (
            behind
            and led
            and mention.score >= _FORMED
            and not re.search(r"[\d,;:()]", gap)
            and _is_owned(gap, scene.code)
        ):
            return mention
        ahead = low <= mention.start and 0 <= quantity.opening - mention.end <= len("'s ") + 1
        if ahead and versus.stands_behind_versus(scene, mention.start):
            return mention
    return None


def _find_claiming(scene: Scene, index: int, chosen: Mention) -> Mention | None:
    """Return the other company behind a second amount that may be its: "topping the 590 million spent by Bayu"."""
    quantity = scene.quantities[index]
    if not index or chosen.start > quantity.start:
        return None
    following = next((item for item in scene.mentions if item.start >= quantity.end), None)
    if following is None or following.score < _FORMED or following.name == chosen.name:
        return None
    gap = scene.folded[quantity.end : following.start]
    ends = not scene.folded[following.end : following.end + 2].strip(" .;,)\u3002")
    is_near = len(gap) <= _OTHER and not scene.parted(quantity.end, following.start) and not re.search(r"\d", gap)
    return following if is_near and ends else None


def _is_told_of(scene: Scene, low: int, high: int) -> bool:
    """Return true if a verb of a metric stands between an amount and a company: "yang dibelanjakan Bayu"."""
    return any(low <= topic.start and topic.end <= high for topic in scene.topics)


def _owner_behind(scene: Scene, index: int) -> Mention | None:
    """Return the company right behind an amount: "52 million at Ridley Paints"."""
    end, cues = scene.quantities[index].end, locale(scene.code).words("names", "cues")
    for mention in scene.mentions:
        if mention.start > end and scene.folded[end : mention.start].strip() in cues and mention.score >= _FORMED:
            return mention
    return None


def _is_owned(gap: str, code: str) -> bool:
    """Return true if the words between an amount and a company say whose it is.

    As in "of its rival", "bei", "della concorrente".
    """
    own = locale(code)
    cues = {*own.words("names", "cues"), *own.words("names", "descriptors")}
    words = set(re.findall(r"[^\W\d_]+'?", gap))
    letters = own.folded("names", "cue_letters") if own.style == "arabic" else ()
    return bool((words | {word[1:] for word in words if word.startswith(letters or ("\0",))}) & cues)


def is_doubtful(mention: Mention, memory: Memory) -> bool:
    """Return true if only its place speaks for a name, in a text that speaks of a company for certain."""
    if not mention.doubtful:
        return False
    spoken = memory.company if memory.company is not None and not memory.company.doubtful else memory.fallback
    return spoken is not None and not spoken.doubtful and spoken.name not in mention.name


def _is_told_of_known(scene: Scene, chosen: Mention, quantity: Quantity, memory: Memory) -> bool:
    """Return true if "the company" stands between a doubtful name and an amount: it means the one named before."""
    generic = locale(scene.code).words("names", "generic")
    if not generic or memory.company is None or chosen.known is not None or chosen.score > _PLACED:
        return False
    commas = [found.end() for found in _COMMA.finditer(scene.folded, chosen.end, quantity.start)]
    return bool(commas) and scene.folded.startswith(generic, commas[-1])


def _is_of_unclear_former(scene: Scene, quantity: Quantity, memory: Memory) -> bool:
    """Return true if a clause begins with "the former" behind more than two companies: nobody knows which."""
    if memory.latter is None or memory.former is not None:
        return False
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    first = scene.folded[low : quantity.start].lstrip(" ;,")
    return locale(scene.code).phrases("names", "former", "second").match(first, 0) is not None


def _find_former_or_latter(scene: Scene, quantity: Quantity, memory: Memory) -> Mention | None:
    """Return the company of the sentence before that "the former", "the second" or "the latter" stands for."""
    own = locale(scene.code)
    low, _ = scene.breaks.clause(quantity.start, scene.start, scene.end)
    if memory.former is None:
        is_latter = own.phrases("names", "latter").has(scene.folded, low, quantity.start)
        return memory.latter if is_latter else None
    marks = own.phrases("names", "former", "second", "latter").find(scene.folded, scene.start, quantity.start)
    opening = {scene.start, *scene.breaks.hard, *(place + 1 for place in scene.breaks.soft)}
    told = [
        mark
        for mark in marks
        if (mark.label == "latter" and mark.start >= low) or any(0 <= mark.start - place <= _OPENS for place in opening)
    ]
    if not told:
        return None
    return memory.former if told[-1].label == "former" else memory.latter


_OPENS: Final = 4  # letters of a link before "the latter": "und "


def _not_doubtful(mentions: list[Mention]) -> list[Mention]:
    """Return the names that more than their place speaks for, or all where none is one."""
    return [mention for mention in mentions if not mention.doubtful] or mentions


def _has_own_amount(scene: Scene, mention: Mention, quantity: Quantity) -> bool:
    """Return true if an amount follows a name directly. Then what stands before the name is of another company."""
    behind = (item for item in scene.quantities if item.start >= mention.end)
    following = next(behind, None)
    if following is None or following.start == quantity.start or not locale(scene.code).is_east_asian:
        return False
    return following.opening - mention.end <= _PARTICLE


_PARTICLE: Final = 2  # signs between a name and its amount: が, 是


def _in_clause(
    scene: Scene, subjects: list[Mention], low: int, high: int, quantity: Quantity
) -> tuple[Mention | None, str]:
    before = _not_doubtful([item for item in subjects if low <= item.start and item.end <= quantity.start])
    if before:
        best = max(mention.score for mention in before)
        own = _own_subject(scene, before, quantity)
        return own or next(item for item in reversed(before) if item.score >= best - 3), "entity:before"
    after = [item for item in subjects if quantity.end <= item.start < high]
    after = _not_doubtful([item for item in after if not _has_own_amount(scene, item, quantity)])
    if after:
        best = max(mention.score for mention in after)
        return next(mention for mention in after if mention.score >= best - 2), "entity:after"
    return None, ""


def _own_subject(scene: Scene, before: list[Mention], quantity: Quantity) -> Mention | None:
    """Return the company that stands between the amount of another, with a comma, and an amount."""
    last = before[-1]
    ended = max((item.end for item in scene.quantities if item.end <= last.start), default=-1)
    is_other = len(before) > 1 and before[-2].name != last.name and before[-2].end <= ended
    is_near = is_other and last.score >= _FORMED and scene.parted(ended, last.start)
    return last if is_near and not any(ended < item.start < quantity.start for item in scene.quantities) else None


def assign_currency(draft: FigureDraft) -> FigureDraft:
    """Return a cell of which nothing names the currency is in the one its company reports in.

    Open scales are left open.
    """
    if tables.SCALE_OPEN in draft.quantity.flags and draft.metric is not None:
        return draft.stop("scale_open")
    if tables.NO_CURRENCY not in draft.quantity.flags or draft.metric is None:
        return draft
    known = draft.company.known.currency if draft.company and draft.company.known else None
    if known is None:
        return replace(draft, quantity=replace(draft.quantity, unit=None)).stop("currency_open")
    return replace(draft, quantity=replace(draft.quantity, unit=known)).rule("unit:company")


def _is_at_rate(scene: Scene, index: int, memory: Memory) -> bool:
    """Return true if a sentence gives an amount by a rate of exchange in another currency than the text before."""
    quantity = scene.quantities[index]
    if quantity.kind != "money" or memory.money in (None, quantity.unit):
        return False
    words = every("small", "exchange")
    found = re.search(rf"(?<!\w)(?:{either(words)})", scene.folded[scene.start : quantity.start])
    return found is not None and len({item.unit for item in scene.quantities if item.kind == "money"}) == 1


def mark_conversion(scene: Scene, index: int, draft: FigureDraft, memory: Memory) -> FigureDraft:
    """Count an amount given again in another currency once: in the company's own, else as it came first."""
    own = draft.company.known.currency if draft.company and draft.company.known else None
    if draft.metric is None or draft.kind == "growth_yoy":
        return draft
    if _is_at_rate(scene, index, memory) and own != draft.quantity.unit:
        return draft.stop("conversion")
    if conversions.is_pair(scene, index - 1):
        return draft if own == draft.quantity.unit else draft.stop("conversion")
    is_given_again = conversions.is_pair(scene, index) and own == scene.quantities[index + 1].unit
    return draft.stop("conversion") if is_given_again else draft
