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

from tracker.sources.article.text.lexicon import Phrases, compile_table, either, every, locale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.sources.article.find.amount import Quantity
    from tracker.sources.article.find.claims import Boundaries
    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.find.topics import Topic
    from tracker.sources.article.text.lexicon import PhraseMatch

__all__ = [
    "Columns",
    "Old",
    "Place",
    "blank_out",
    "by_column",
    "earlier_phrases",
    "find_columns",
    "guidance_phrases",
    "inside_pattern",
    "is_forecast_kind",
    "is_light",
    "is_revised",
    "light_phrases",
    "only_compares",
    "own_outlook",
    "without_deals",
]

_GAP: Final = 70  # letters between the new amount and the old one
_BESIDE: Final = 22  # letters between an amount and "previously"
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
        """Return the clause that a position lies in."""
        return self.breaks.clause(position, self.start, self.end)

    def marks(self, key: str, low: int, high: int) -> list[PhraseMatch]:
        """Return the words of one kind that say nothing of a year or quarter."""
        taken = [(item.start, item.end) for item in self.periods if item.prior or item.relative is not None]
        taken += [(mark.start, mark.end) for mark in self.compared]
        found = earlier_phrases(self.code, key).find(self.folded, low, high)
        return [mark for mark in found if not any(mark.start < top and bottom < mark.end for bottom, top in taken)]


@cache
def earlier_phrases(code: str, key: str) -> Phrases:
    """Return the words for forecasts of before under a key; nouns are those for an outlook, too."""
    own = locale(code)
    if key != "noun":
        return own.phrases("earlier", key)
    table = {"noun": "; ".join([own.table("earlier")["noun"], own.table("promises")["outlook"]])}
    return compile_table(table, own.style)


@cache
def guidance_phrases(code: str) -> Phrases:
    """Return the words with which a company promises."""
    return locale(code).phrases("claims", "guidance")


@cache
def inside_pattern() -> re.Pattern[str]:
    """As in "5 in its", with nothing before or behind: between an amount and the forecast that holds it."""
    lead, article = either(every("small", "inside")), either(every("small", "inside_article"))
    return re.compile(rf" ?(?:{lead})(?: (?:{article}))? ?\Z")


@cache
def _small_words() -> frozenset[str]:
    """Return words without weight between two amounts that are compared."""
    return frozenset(every("small", "light"))


@cache
def _particles() -> re.Pattern[str]:
    """Particles where there are no blanks."""
    return re.compile(f"[ {re.escape(''.join(every('small', 'particles')))}]*\\Z")


def is_revised(folded: str, low: int, amounts: tuple[int, int], high: int, code: str) -> bool:
    """Return true if a clause says, before the amounts or behind them, that a forecast was changed."""
    begin, end = amounts
    nouns = list(earlier_phrases(code, "noun").find(folded, low, begin))
    verbs = list(earlier_phrases(code, "revise").find(folded, low, begin))
    if not nouns:
        return bool(verbs) and _is_object(folded, end, high, code)
    if any(verb.start < noun.start or _is_finite(folded, noun, verb, code) for verb in verbs for noun in nouns):
        return True
    behind = earlier_phrases(code, "revise").find(folded, begin, high)
    return locale(code).verb_may_be_last and any(verb.end <= high and verb.start >= begin for verb in behind)


def _is_object(folded: str, end: int, high: int, code: str) -> bool:
    """Return true if a forecast stands right behind the amounts it was changed by ("cut from 5 to 6 the estimate")."""
    if not locale(code).has_plain_words:
        return False
    noun = next(earlier_phrases(code, "noun").find(folded, end, min(high, end + _BESIDE)), None)
    return noun is not None and is_light(folded[end : noun.start], "words") and "," not in folded[end : noun.start]


def _is_finite(folded: str, noun: PhraseMatch, verb: PhraseMatch, code: str) -> bool:
    """Return true if a forecast is what is changed ("guidance was raised"), not a verb ("forecasts it to rise")."""
    ending = locale(code).table("earlier").get("verb_like_ending")
    if ending is not None and folded[noun.start : noun.end].endswith(ending):
        return False
    infinitives = tuple(f"{word} " for word in every("earlier", "infinitive"))
    return noun.end <= verb.start and not folded[: verb.start].endswith(infinitives)


def own_outlook(marks: Sequence[PhraseMatch], folded: str, bounds: tuple[int, int], code: str) -> list[PhraseMatch]:
    """Return the claims of a sentence.

    A word for anybody's forecast is of the company where that is changed or called old.
    """
    shared = locale(code).phrases("earlier", "shared_noun")
    own = [mark for mark in marks if mark.label == "analyst" and shared.has(folded, mark.start, mark.end)]
    own = [mark for mark in own if next(shared.find(folded, mark.start, mark.end)).start == mark.start]
    others = [mark for mark in marks if mark.label == "analyst" and mark not in own]
    changed = earlier_phrases(code, "revise").has(folded, *bounds)
    called = any(
        earlier_phrases(code, "adjective").has(folded, max(bounds[0], mark.start - 4), mark.start) for mark in own
    )
    if not own or others or not (changed or called):
        return list(marks)
    return [replace(mark, label="guidance") if mark in own else mark for mark in marks]


def without_deals(topics: Sequence[Topic], folded: str, bounds: tuple[int, int], code: str) -> list[Topic]:
    """Return the topics of a sentence; what is "raised" is no money where a forecast is spoken of before."""
    revise, noun = earlier_phrases(code, "revise"), earlier_phrases(code, "noun")
    return [
        topic
        for topic in topics
        if topic.label != "deal"
        or not revise.has(folded, topic.start, topic.end)
        or not noun.has(folded, bounds[0], topic.start)
    ]


def only_compares(gap: str, code: str) -> bool:
    """Return true if a gap between two amounts holds nothing but words that compare them, and at least one of these."""
    if len(gap) > _GAP:
        return False
    own = locale(code)
    versus, light = _versus_phrases(code), light_phrases(code)
    rest, found = blank_out(gap, versus)
    rest, _ = blank_out(rest, light)
    return found and is_light(rest, own.style)


@cache
def _versus_phrases(code: str) -> Phrases:
    """Return words of comparison; those that also only join ("de" in Spanish) count where a change is spoken of."""
    own = locale(code)
    words = [*own.words("compare", "versus"), *own.words("ranges", "from"), *own.words("ranges", "from_after")]
    words += own.words("earlier", "instead")
    return compile_table(
        {"versus": "; ".join(word for word in words if word not in every("small", "either"))}, own.style
    )


@cache
def light_phrases(code: str) -> Phrases:
    """Return words that may stand between two forecasts beside those that compare them."""
    own = locale(code)
    words = [word for section in ("directions",) for key in own.table(section) for word in own.words(section, key)]
    words += [word for key in ("between", "into") for word in own.words("ranges", key) if word.strip("\u3000 ")]
    words += [word for key in ("adjective", "adverb", "noun", "revise", "now") for word in own.words("earlier", key)]
    words += [word for key in own.table("qualifiers") for word in own.words("qualifiers", key)]
    words += [word for key in own.table("per_share") for word in own.words("per_share", key)]
    words += list(own.words("claims", "guidance")) if own.is_east_asian else []
    return compile_table({"light": "; ".join(word for word in words if word)}, own.style)


def blank_out(text: str, phrases: Phrases) -> tuple[str, bool]:
    """Return the text with blanks for the phrases in it, and whether there was one."""
    found = list(phrases.find(text))
    for mark in found:
        text = text[: mark.start] + " " * (mark.end - mark.start) + text[mark.end :]
    return text, bool(found)


def is_light(rest: str, style: str) -> bool:
    """Return true if nothing is left of a gap when its small words are taken away."""
    bare = re.sub(r"[\s,;:()（）、,，:'~\"-]+", " ", rest).strip()
    if style in ("none", "korean"):
        return _particles().match(bare) is not None
    return re.search(r"[.!?\d]", bare) is None and all(word in _small_words() for word in _WORD.findall(bare))


def is_forecast_kind(place: Place, index: int) -> bool:
    """Return true if an amount is of a kind that is forecast."""
    return place.quantities[index].kind in _FORECAST


@dataclass(frozen=True, slots=True)
class Columns:
    """The head of a table of forecasts: which of its columns hold the old ones."""

    is_old: tuple[bool, ...]


def find_columns(place: Place, *, is_outlook: bool) -> Columns | None:
    """Return the columns that a line without amounts names as old and new.

    It or the lines before must speak of forecasts.
    """
    if place.quantities or place.end - place.start > 2 * _GAP:
        return None
    old = [mark.start for mark in _find_column_words(place, "adjective", "adverb")]
    new = [mark.start for mark in _find_column_words(place, "now")]
    spoken = is_outlook or earlier_phrases(place.code, "noun").has(place.folded, place.start, place.end)
    if not old or not new or not spoken or earlier_phrases(place.code, "revise").has(place.folded, place.start, old[0]):
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
    """Return the old amounts of a table's row, by its head."""
    cells = [index for index in range(len(place.quantities)) if is_forecast_kind(place, index)]
    if head is None:
        return dict(found)
    if len(cells) != len(head.is_old):
        return {index: Old(None, is_sure=False) for index in cells}
    new = next((index for index, is_old in zip(cells, head.is_old, strict=True) if not is_old), None)
    return {index: Old(new) for index, is_old in zip(cells, head.is_old, strict=True) if is_old}
