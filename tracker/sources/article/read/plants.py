# signs of other scripts are meant as they stand
"""Places where a company makes things, as what a clause tells of: "Das Werk Lahnstein der Morven AG", "苏州工厂"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.names import name_words
from tracker.sources.article.text.lexicon import either, every, expression, locale
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from tracker.sources.article.read.scene import Scene

__all__ = ["begins_with_plant", "has_form", "match_owned", "subject_of"]

_ANNOUNCED: Final = re.compile(r"[:\uff1a]")  # what follows is told of anything
_WORDS: Final = 4  # before the noun: "its fast-growing advertising unit"
_SIGNS: Final = 10  # before the noun in a script without blanks
_BULLETS: Final = "\u2022\u00b7\u25aa\u25cf\u2013\u2014"  # what items of a list begin with
_OWNER: Final = 14  # the owner's, before these
_LAST_WORDS: Final = re.compile(r"(?<!\w)(\w+) \w*\Z")


def begins_with_plant(scene: Scene, place: int, high: int) -> bool:
    """Return true if words begin with a place where a company makes things."""
    pattern = locale(scene.code).pattern("plant")
    if pattern is not None:
        marks = pattern.finditer(scene.folded, place, high)
        return any(not _is_named(scene, *found.span()) and not _is_cut(scene, place, found.start()) for found in marks)
    found = subject_of(scene.code, "modifiers", "plants").match(scene.folded, place, high)
    found = found or match_owned(scene, place, high)
    if found is not None and (is_kind_of_company(scene, found.start(1)) or _is_name_behind(scene, found.end(1))):
        return False
    if found is None or _ANNOUNCED.search(scene.folded, found.end(), high) or not _is_noun_led(scene, place, found):
        return False
    return _opens(scene, found.start(1)) or not _is_named(scene, *found.span(1))


def _is_name_behind(scene: Scene, place: int) -> bool:
    """Return true if the only company stands behind a noun, and says what it deals in: "مصنع النور للزجاج"."""
    lead = locale(scene.code).folded("names", "for_the")
    behind = next((item for item in scene.mentions if 0 <= item.start - place <= 1), None)
    if not lead or behind is None or len({item.name for item in scene.mentions}) > 1:
        return False
    return any(word.startswith(lead) for word in fold(behind.name).split()[1:])


def _opens(scene: Scene, place: int) -> bool:
    """Return true if a noun is the first word of a sentence, where its capital says nothing."""
    own = locale(scene.code)
    return own.capitals == "names" and not scene.text[scene.start : place].strip(" \"'(")


def _is_noun_led(scene: Scene, place: int, found: re.Match[str]) -> bool:
    """Return true if the words before a noun make a subject of it: an article, and none that puts it aside."""
    own, noun = locale(scene.code), found.start(1)
    if own.capitals == "names" and scene.text[noun].isupper() and not _opens(scene, noun):
        return False
    if not own.head_last:
        return True
    lead = {*re.findall(r"[^\W\d_]+|'s?", found[0])}
    if lead & {*own.words("modifiers", "goods_links"), *own.words("modifiers", "plant_leads")}:
        return False
    if own.capitals != "nouns":
        return bool(lead & {*own.words("names", "definite"), *own.words("names", "possessive"), "a", "an", "'s", "'"})
    word = scene.folded[scene.folded.rfind(" ", 0, found.end(1)) + 1 : found.end(1)]
    before = _LAST_WORDS.search(scene.text[place : found.end(1)])
    is_led = before is not None and (before[1].islower() or fold(before[1]) in name_words(scene.code)["articles"])
    return is_led and word not in own.folded("modifiers", "no_plants")


def is_kind_of_company(scene: Scene, place: int) -> bool:
    """Return true if a word for a company stands right before a noun, which says what it deals in: "emiten tambang"."""
    own = locale(scene.code)
    before = _WORD_BEFORE.search(scene.folded, max(scene.start, place - _LONGEST_WORD), place)
    return before is not None and not own.head_last and before[1] in own.folded("names", "descriptors")


_LONGEST_WORD: Final = 24  # letters
_WORD_BEFORE: Final = re.compile(r"(?<!\w)([^\W\d_]+) \Z")


def match_owned(scene: Scene, place: int, high: int) -> re.Match[str] | None:
    """Return a place of work and its owner that words begin with: "La bodega de Haro de Morven"."""
    for key in ("owned_places", "plants"):
        found = subject_of(scene.code, "modifiers", key).match(scene.folded, place, high)
        if found is not None and _owner(scene.code).match(scene.text, found.end(1), high) is not None:
            return found
    return None


def _is_cut(scene: Scene, low: int, high: int) -> bool:
    """Return true if a comma or an amount lies between two places."""
    return scene.parted(low, high) or any(low <= item.start < high for item in scene.quantities)


def _is_named(scene: Scene, low: int, high: int) -> bool:
    """Return true if a noun is a part of the name of a company: it stands inside it, or the name has a legal form."""
    covering = (item for item in scene.mentions if item.start <= low and high <= item.end)
    nouns = locale(scene.code).capitals == "nouns"
    return any(has_form(item.name, scene.code) or (item.start < low and not nouns) for item in covering)


def has_form(name: str, code: str) -> bool:
    """Return true if a name ends in a legal form."""
    words = fold(name).split()
    return bool(words) and words[-1].rstrip(".") in {*name_words(code)["legal"], *every("names", "hard_forms")}


@cache
def _owner(code: str) -> re.Pattern[str]:
    """Return what matches the name of a place and its owner: " de Haro de Morven", " Lahnstein der Morven"."""
    own = locale(code)
    of = "|".join(sorted((expression(word) for word in own.folded("modifiers", "owned_by")), key=len, reverse=True))
    links = "|".join(expression(word) for word in own.folded("modifiers", "goods_links"))
    if own.style == "arabic":
        return re.compile(rf"(?: \w+){{0,2}} (?:{of or '(?!)'})")
    name = r"[^\W\d_a-z][\w\-]*"
    return re.compile(
        rf"(?: (?:{links or '(?!)'}))? ?{name}(?: {name})?,? (?:(?:{of or '(?!)'})(?:(?<=')| ))+[^\W\d_a-z]"
    )


@cache
def subject_of(code: str, section: str, key: str) -> re.Pattern[str]:
    """Return what matches the beginning of a clause up to a noun of a list, its one group."""
    own = locale(code)
    nouns = either(sorted(own.folded(section, key), key=len, reverse=True))
    if own.style == "none":
        links = either(own.words("names", "owning"))
        whose = rf"(?:[^\d,\uff0c\u3001\u3002]{{2,{_OWNER}}}?(?:{links}))?" if links else ""
        return re.compile(rf"{whose}[^\d,\uff0c\u3001\u3002]{{0,{_SIGNS}}}?({nouns})")
    stem = r"[^\W\d]*?" if own.style == "arabic" else r"(?:[^\W\d][\w\-]*?)?" if own.capitals == "nouns" else ""
    after = "" if own.style == "korean" else r"(?!\w)"
    return re.compile(rf"[ ;\"'(*{_BULLETS}-]*(?:[^\W\d][\w'&\-]*[ ']+){{0,{_WORDS}}}?{stem}({nouns}){after}")
