"""How likely a word with a capital names a company: its form, and the words before and behind it."""
# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917

from __future__ import annotations

import re
from functools import cache
from typing import Final

from tracker.sources.article.find import longer_names
from tracker.sources.article.find.names import Mention, Token, name_words
from tracker.sources.article.find.words_at_names import FOLLOWING, LEAD, REACH, elision, is_aside, owned, part_nouns
from tracker.sources.article.text.lexicon import either, every, locale
from tracker.sources.article.text.normalise import fold

__all__ = ["score_name"]

_SYLLABLE: Final = 2  # letters: too short for a name by itself
_THING: Final = re.compile(r"([^\W\d_]+) ([^\W\d_]+) \Z")
_WORDS_BEFORE: Final = re.compile(r"(?:[^\W\d_]+ ){0,2}[^\W\d_]+,? \Z")


def score_name(
    run: list[Token], text: str, folded: str, bounds: tuple[int, int], code: str, *, first: int
) -> Mention | None:
    """Return a name with its score, or None for what cannot be the name of a company."""
    begin, finish = run[0][1], run[-1][2]
    name = text[begin:finish]
    if name.endswith("'s"):
        name, finish = name[:-2], finish - 2
    elided = elision(code).match(name)
    if elided:
        begin += elided.end()
        name = name[elided.end() :]
    never = name_words(code)["not_names"] | name_words(code)["legal"] | name_words(code)["descriptors"]
    if not name or (elided and not name[0].isupper()) or fold(name) in never:
        return None
    if len(run) == 1 and ((len(name) <= _SYLLABLE and name.istitle()) or fold(name) in every("names", "origins")):
        return None
    score = _score_form(run, name, code, first) + _score_place(folded, begin, finish, bounds, code, first)
    aside = is_aside(folded, begin, bounds[0], code) or _is_of_analysts(folded, begin, bounds[0], code)
    if _is_possessed(folded, begin, bounds[0], code):
        return None
    is_place = _is_place(folded, begin, bounds[0], code) and not (len(run) > 1 and text.startswith(":", finish))
    aside = aside or is_place or _is_of_part(folded, begin, finish, bounds, code)
    return Mention(
        name, begin, finish, score, aside=aside or (len(run) == 1 and _is_of_thing(folded, begin, bounds[0], code))
    )


def _is_of_thing(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a word stands behind "of" and a thing: "su planta de Lugo" (its plant in Lugo) names a place."""
    links = locale(code).words("names", "of_place")
    found = _THING.search(folded[max(start, begin - REACH) : begin]) if links else None
    return found is not None and found[2] in links and found[1] not in owned(code)


def _is_of_analysts(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a name is the house of analysts or brokers: "Brokers at Wexler & Sons"."""
    low = max(start, begin - LEAD)
    marks = list(locale(code).phrases("names", "analysts").find(folded, low, begin))
    cues = name_words(code)["cues"] | name_words(code)["articles"]
    return bool(marks) and set(re.findall(r"\w+", folded[marks[-1].end : begin])) <= cues


def _is_possessed(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a possessive stands before a capital: "its Caribbean resorts" are a part of a company."""
    words = locale(code).words("names", "possessive")
    return folded[max(start, begin - LEAD) : begin].endswith(tuple(f"{word} " for word in words)) if words else False


def _is_of_part(folded: str, begin: int, finish: int, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a noun for a part of a company stands beside a name: "die Sparte Windkraft"."""
    own = locale(code)
    if own.head_last and own.capitals != "nouns":
        behind = FOLLOWING.match(folded, finish, bounds[1])
        return behind is not None and f" {behind[1]} " in part_nouns(code)
    before = f" {folded[max(bounds[0], begin - LEAD) : begin]}".replace("'", " ")
    return before.endswith(part_nouns(code)) and not before.endswith(_kinds_of_company(code))


@cache
def _kinds_of_company(code: str) -> tuple[str, ...]:
    """Return the words of more than one word for kinds of companies, with blanks around them: "emiten tambang"."""
    return tuple(f" {word} " for word in name_words(code)["descriptors"] if " " in word) or ("\0",)


@cache
def _place_lead() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return words that stand before a place, and those that end alike and stand before a company."""
    words, behind = either(every("names", "place_lead")), either(every("names", "place_behind"))
    others = tuple(f"{word} " for word in every("names", "no_place_lead"))
    return re.compile(rf"(?:\b(?:{words})|[a-z] (?:{behind})) \Z"), others


def _is_place(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a name is one of a place: "the maker based in Vale"."""
    lead, others = _place_lead()
    before = folded[max(start, begin - 22) : begin]
    if before.endswith(tuple(f" {word} " for word in locale(code).words("names", "place_prepositions")) or ("\0",)):
        return True
    return lead.search(folded[max(start, begin - 12) : begin]) is not None and not before.endswith(others)


def _score_form(run: list[Token], name: str, code: str, first: int) -> int:
    score = 3 if len(run) > 1 else 0
    if fold(run[-1][0]) in name_words(code)["legal"] and len(run) > 1:
        score += 5
    if len(run) == 1 and (sum(char.isupper() for char in name) > 1 or any(char.isdigit() for char in name)):
        score += 2
    is_noun_like = locale(code).capitals == "nouns"
    if not is_noun_like and (run[0][1] != first or len(run) == 1):
        score += 2
    if is_noun_like and run[0][1] == first:
        score += 2
    return score


def _score_place(folded: str, begin: int, finish: int, bounds: tuple[int, int], code: str, first: int) -> int:
    """Score what stands before and after a name, which speaks for a company or for a person."""
    own, names = locale(code), name_words(code)
    words = re.findall(r"[^\W\d_][\w\-]*", folded[max(bounds[0], begin - 40) : begin])[-2:]
    following = re.findall(r"[^\W\d_][\w\-]*", folded[finish : min(bounds[1], finish + 30)])[:2]
    score = 0
    if words and (words[-1] in names["descriptors"] or longer_names.describes(words[-1], code)):
        score += 3
    if words and words[-1] in names["cues"].union(every("names", "elided_cues")):
        score += 2
    if folded[finish : finish + 2] == "'s":
        score += 3
    if _is_titled(folded, begin, bounds[0], code):
        score -= 6
    if folded[finish : finish + 1] in (",", "(") and _OFFICE.match(folded, finish) and _is_office(folded, finish, code):
        score -= 6
    if own.capitals == "nouns" and words and begin != first and folded[begin - 1] == " ":
        score += _score_behind_verb(words[-1], code)
    is_beside = folded[finish : finish + 1] == " " and folded[finish + 1 : finish + 2].isalpha()
    is_kind = is_beside and bool(following) and following[0] in names["descriptors"]
    if begin == first and is_kind and own.capitals in {"nouns", "titles"}:
        score -= 3
    led = bool(words) and words[-1] in own.words("names", "definite")
    if led and following and following[0] in own.words("names", "roles"):
        score -= 6
    return score


def _is_titled(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a title stands before a name, one or two words of an office between: "Sekretaris Perusahaan"."""
    names = name_words(code)
    words = _WORDS_BEFORE.search(folded[max(start, begin - REACH) : begin])
    for word in reversed(re.findall(r"[^\W\d_]+", words[0]) if words else ()):
        if word in names["titles"]:
            return True
        if word in names["cues"] | names["articles"] | names["descriptors"]:
            break
    return _titled(code).search(folded, max(start, begin - REACH), begin) is not None


_OFFICE: Final = re.compile(r"[,(] ?((?:[^\W\d_][\w\-]* ){0,3}[^\W\d_][\w\-]*)")


def _is_office(folded: str, finish: int, code: str) -> bool:
    """Return true if an office follows a name and a comma: "Hannah Pryce, its managing director"."""
    found = _OFFICE.match(folded, finish)
    names = name_words(code)
    words = found[1].split() if found else []
    last = next((index for index, word in enumerate(words) if word in names["descriptors"]), len(words))
    return any(word in names["titles"] for word in words[:last])


@cache
def _titled(code: str) -> re.Pattern[str]:
    """Return a title of two words or more right before a name: "Direktur Utama", "Tổng giám đốc"."""
    titles = either(word for word in name_words(code)["titles"] if " " in word)
    return re.compile(rf"(?<!\w)(?:{titles})(?: [^\W\d_]+){{0,2}},? \Z")


def _score_behind_verb(word: str, code: str) -> int:
    """Score the word before a capital where all nouns have one: behind a verb it is a name, behind an article none."""
    names = name_words(code)
    if word in names["common_after"]:
        return -1 if word in names["articles"] else 0
    return 2 if word.endswith(locale(code).folded("names", "verb_endings")) else 0
