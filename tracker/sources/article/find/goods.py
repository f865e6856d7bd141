# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""Goods, brands and plants beside a word for sales or a result: what they bring in is of no whole company.

The section `modifiers` of each locale lists them: `goods`, what links them to sales (`goods_links`, `goods_of`),
what may stand before or behind them (`goods_lead`, `goods_behind`), and `plants`, places where a company makes things.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import (
    arabic_beginning,
    either,
    expression,
    function_words,
    locale,
    split,
    vocabulary,
)
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.find.names import Mention
    from tracker.sources.article.find.topics import Topic

__all__ = ["is_goods_word", "linked_goods", "narrow_by_goods"]

#: Topics that goods narrow: what was sold, and what was earned by it.
_SOLD: Final = frozenset({"revenue", "profit", "loss", "operating_income", "operating_loss", "net_income"})
_REACH: Final = 48  # letters before a topic that name goods
_HAN: Final = "\u3400-\u9fff\uac00-\ud7a3\u30a1-\u30fc"
_QUOTED: Final = re.compile(r"[「『“‘《'\"]([^「『“‘《'\"」』”’》]{1,24})[」』”’》'\"]")


def narrow_by_goods(
    topics: Sequence[Topic], text: str, folded: str, bounds: tuple[int, int], code: str, mentions: Sequence[Mention]
) -> list[Topic]:
    """Return the topics of a sentence, blocked where goods, a brand or a plant say what was sold."""
    return [
        replace(topic, blocked="segment")
        if topic.label in _SOLD
        and not topic.blocked
        and (
            _is_behind_goods(topic, folded, bounds, code, mentions)
            or _is_before_goods(topic, text, folded, bounds, code, mentions)
            or _is_of_brand(topic, folded, bounds, code, mentions)
        )
        else topic
        for topic in topics
    ]


@cache
def _goods(code: str) -> str:
    """Return what matches a word for goods, as the part of a regular expression."""
    own = locale(code)
    words = sorted(split(fold(normalise(own.table("modifiers").get("goods", "")).text)), key=len, reverse=True)
    ending = own.table("names").get("goods_ending", "")
    body = "|".join(expression(word) for word in words if not own.is_east_asian or len(word) > 1)
    if own.is_east_asian:
        single = "|".join(word for word in words if len(word) == 1)
        return rf"(?:{body or '(?!)'}|(?<![{_HAN}])(?:{single or '(?!)'}))"
    lead = arabic_beginning() if own.style == "arabic" else r"[^\W\d_]*" if own.capitals == "nouns" else ""
    return rf"(?<!\w){lead}(?:{body or '(?!)'}){ending}(?!\w)"


@cache
def is_goods_word(word: str, code: str) -> bool:
    """Return true if a folded word by itself names goods: at the beginning of a sentence it is no name."""
    return re.fullmatch(_goods(code), word) is not None


@cache
def _plants(code: str) -> str:
    own = locale(code)
    nouns = either(
        sorted({*own.folded("modifiers", "plants"), *own.folded("modifiers", "subject")}, key=len, reverse=True)
    )
    lead = r"[^\W\d_]*" if own.capitals == "nouns" else ""
    return rf"(?<!\w){lead}(?:{nouns})(?!\w)"


# Before the word for sales ---------------------------------------------------------------------------------------


@cache
def _goods_before(code: str) -> re.Pattern[str]:
    """Return what matches goods right before a word for sales."""
    own = locale(code)
    behind = either(sorted(own.folded("modifiers", "goods_behind"), key=len, reverse=True))
    if own.is_east_asian:
        of = either(sorted(own.folded("modifiers", "goods_of"), key=len, reverse=True))
        dated = own.table("names").get("goods_dated", "")
        return re.compile(rf"{_goods(code)} ?(?:(?:{behind}) ?){{0,2}}(?:{of})? ?{dated}\Z")
    if own.capitals == "nouns":
        return re.compile(rf"{_goods(code)}(?:{behind})?-?\Z")
    return re.compile(rf"{_goods(code)}(?:[ -](?:{behind})){{0,2}} \Z")


def _is_behind_goods(
    topic: Topic, folded: str, bounds: tuple[int, int], code: str, mentions: Sequence[Mention]
) -> bool:
    """Return true if goods stand right before a word for sales: "yoghurt sales", "酸奶收入"."""
    if not locale(code).head_last:
        return False
    low = max(bounds[0], topic.start - _REACH)
    found = _goods_before(code).search(folded, low, topic.start)
    if found is not None:
        return not _is_in_name(found.start(), found.end(), folded, code, mentions)
    unknown = _unknown_before(code).search(folded, low, topic.start) if topic.label == "revenue" else None
    if unknown is None or any(item.start < unknown.end(1) and unknown.start(1) < item.end for item in mentions):
        return False
    return not _is_whole(unknown[1], code)


@cache
def _unknown_before(code: str) -> re.Pattern[str]:
    """Return what matches a word right before sales, its group, with what shows that it is one by itself."""
    own = locale(code)
    edge = own.table("names").get("goods_edge")
    if edge is None:
        return re.compile("(?!)()")
    if own.style == "none":
        of = either(own.words("names", "describing") or own.folded("modifiers", "goods_of"))
        return re.compile(rf"{edge}([\u3400-\u9fff\u30a1-\u30fc]{{2,6}})(?:{of})?\Z")
    if own.style == "korean":
        return re.compile(rf"{edge} ([\uac00-\ud7a3]{{1,6}}) \Z")
    return re.compile(rf"{edge} ?([a-z]{{4,}}) \Z")


@cache
def _whole_words(code: str) -> tuple[frozenset[str], int]:
    """Return the words that narrow nothing right before sales, and how long the longest is."""
    own = locale(code)
    words = frozenset((*own.folded("modifiers", "whole_words"), *own.folded("modifiers", "whole"), *vocabulary(code)))
    return words, max(map(len, words), default=0)


@cache
def _is_whole(word: str, code: str) -> bool:
    """Return true if a word is made of those that narrow nothing, or is none for goods by its form."""
    words, longest = _whole_words(code)
    if locale(code).is_east_asian:
        ends = [0]
        for end in range(1, len(word) + 1):
            if any(end - begin <= longest and word[begin:end] in words for begin in ends):
                ends.append(end)
        return ends[-1] == len(word)
    known = words | name_parts(code)
    return word in known or word.endswith(locale(code).folded("modifiers", "whole_endings") or ("\0",))


@cache
def name_parts(code: str) -> frozenset[str]:
    """Return the words about companies, none of which is one for goods."""
    own = locale(code)
    keys = ("not_names", "descriptors", "cues", "titles", "generic", "of_company", "articles", "origins", "possessive")
    return frozenset(word for key in keys for word in own.folded("names", key)).union(_small_words(code))


def _is_in_name(low: int, high: int, folded: str, code: str, mentions: Sequence[Mention]) -> bool:
    """Return true if a name holds a word for goods, and more than this word is the name."""
    for item in mentions:
        if item.start < high and low < item.end:
            if locale(code).capitals == "nouns" and item.score < _FORMED and _begins_with_plant(item, folded, code):
                return False
            is_alone = item.known is None and is_goods_word(folded[item.start : item.end], code)
            return not is_alone and not _is_behind_form(folded[item.start : low], code)
    return False


_FORMED: Final = 8  # the score of a name with the form of a company


def _begins_with_plant(item: Mention, folded: str, code: str) -> bool:
    """Return true if the first word of a name is a noun for a part of a company: "Marke Blauglocke"."""
    return re.match(_plants(code), folded[item.start : item.end]) is not None


def _is_behind_form(name: str, code: str) -> bool:
    """Return true if a name is whole before the goods behind it: 青禾乳业 before 酸奶."""
    own = locale(code)
    ends = (*own.folded("names", "business"), *own.folded("names", "legal"), *own.folded("names", "endings"))
    return own.is_east_asian and name.endswith(ends or ("\0",))


# Behind it -------------------------------------------------------------------------------------------------------


@cache
def _linked(code: str) -> re.Pattern[str]:
    """Return what matches a link, words before goods, and goods or a plant, its group."""
    own = locale(code)
    links = [expression(word) for word in own.folded("modifiers", "goods_links")]
    if not links:
        return re.compile("(?!)()")
    body = "|".join(sorted(links, key=len, reverse=True))
    lead = either(sorted(own.folded("modifiers", "goods_lead"), key=len, reverse=True))
    return re.compile(
        rf" ?(?:{body})(?:(?<=')| )(?:(?:{lead})(?:(?<=')| )){{0,2}}(?:(?P<free>[^\W\d_]+) )?(?P<goods>{_goods(code)})"
    )


@cache
def _linked_plant(code: str) -> re.Pattern[str]:
    """Return what matches a link and a plant or another part of a company, its group."""
    own = locale(code)
    links = "|".join(expression(word) for word in own.folded("modifiers", "goods_links"))
    more = "|".join(expression(word) for word in own.folded("modifiers", "plant_links")) or "(?!)"
    if not links:
        return re.compile("(?!)()")
    lead = either(sorted(own.folded("modifiers", "goods_lead"), key=len, reverse=True))
    least = 1 if own.capitals == "nouns" else 0  # "von Havelwerk" is a name, "aus dem Werk" is none
    led = rf"(?:{links})(?:(?<=')| )(?:(?:{lead})(?:(?<=')| )){{{least},2}}"
    return re.compile(rf" ?(?:{led}|(?:{more}) (?:(?:{lead}) )?)(?P<goods>{_plants(code)})")


@cache
def _direct(code: str) -> re.Pattern[str]:
    """Return what matches goods right behind a word for sales, with no link between."""
    own = locale(code)
    return re.compile(rf" (?P<goods>{_goods(code)})") if not own.head_last else re.compile("(?!)()")


def linked_goods(
    place: int, text: str, folded: str, end: int, code: str, mentions: Sequence[Mention], *, plants: bool = True
) -> bool:
    """Return true if a link and goods (or a plant) begin right at a place, and no name holds them.

    No other noun may follow that the goods only describe: "on coffee", but not "on coffee prices".
    """
    unknown = _linked_unknown(code).match(folded, place, end)
    if unknown is not None and _is_unknown_goods(unknown, text, code, mentions):
        return True
    for pattern in (_linked(code), _linked_plant(code)) if plants else (_linked(code),):
        found = pattern.match(folded, place, end)
        if found is not None and _is_plain(found, text, folded, end, code, mentions):
            behind = _WORD_BEHIND.match(folded, found.end(), end)
            return behind is None or not locale(code).head_last or behind[1] in _small_words(code)
    return False


@cache
def _linked_unknown(code: str) -> re.Pattern[str]:
    """Return what matches a link behind an amount or a name, and any word behind it, its group."""
    own = locale(code)
    links = either(own.folded("modifiers", "sold_with"))
    lead = either(sorted(own.folded("modifiers", "goods_lead"), key=len, reverse=True))
    return re.compile(rf" (?:{links}) (?:(?:{lead})(?:(?<=')| ))?(?P<goods>[^\W\d_]{{3,}})(?!\w)")


def _is_unknown_goods(found: re.Match[str], text: str, code: str, mentions: Sequence[Mention]) -> bool:
    """Return true if a word behind a link can only name goods: nothing else is known of it, and it is no name."""
    low, high = found.span("goods")
    own = locale(code)
    if own.capitals == "nouns" and not text[low].isupper():
        return False
    if own.capitals == "names" and own.style == "words" and text[low].isupper():
        return False
    is_known = found["goods"] in name_parts(code) or found["goods"] in own.folded("modifiers", "no_goods")
    return not is_known and not any(item.start < high and low < item.end for item in mentions)


@cache
def _small_words(code: str) -> frozenset[str]:
    """Return the words of a language that are no nouns for goods."""
    return vocabulary(code) | function_words(code)


def _is_before_goods(
    topic: Topic, text: str, folded: str, bounds: tuple[int, int], code: str, mentions: Sequence[Mention]
) -> bool:
    """Return true if goods stand behind a word for sales: "sales of yoghurt", "ricavi yogurt", "مبيعات الزبادي"."""
    return any(
        (found := pattern.match(folded, topic.end, bounds[1])) is not None
        and _is_plain(found, text, folded, bounds[1], code, mentions)
        for pattern in (_linked(code), _linked_plant(code), _direct(code))
    ) or _is_before_unknown(topic, text, folded, bounds, code, mentions)


def _is_before_unknown(
    topic: Topic, text: str, folded: str, bounds: tuple[int, int], code: str, mentions: Sequence[Mention]
) -> bool:
    """Return true if only an unknown noun and a link part sales from a company: "ricavi marmellate di Calder"."""
    if topic.label != "revenue":
        return False
    found = _unknown_behind(code).match(folded, topic.end, bounds[1])
    if found is None or text[found.start("goods")].isupper():
        return False
    word = found["goods"]
    is_adjective = found["lead"] is None and word.endswith(locale(code).folded("modifiers", "whole_endings"))
    if word in name_parts(code) or word in locale(code).folded("modifiers", "no_goods") or is_adjective:
        return False
    return any(0 <= item.start - found.end() <= 1 and not item.start < found.start("goods") for item in mentions)


@cache
def _unknown_behind(code: str) -> re.Pattern[str]:
    """Return what matches a word right behind sales and a link to a company behind it."""
    own = locale(code)
    if own.head_last or not own.folded("modifiers", "whole_endings"):
        return re.compile("(?!)()")
    lead = "|".join(expression(word) for word in own.folded("modifiers", "goods_before"))
    links = "|".join(expression(word) for word in own.folded("modifiers", "owned_by"))
    return re.compile(rf" (?P<lead>(?:{lead or '(?!)'}) )?(?P<goods>[^\W\d_]{{3,}}) (?:{links})(?:(?<=')|(?= ))")


_WORD_BEHIND: Final = re.compile(r" ([^\W\d_]+)")


def _is_plain(found: re.Match[str], text: str, folded: str, end: int, code: str, mentions: Sequence[Mention]) -> bool:
    """Return true if goods are no part of a name, and no word behind them makes a kind of company of them."""
    low, high = found.span("goods")
    if _is_in_name(found.start(), high, folded, code, mentions):
        return False
    own = locale(code)
    if own.capitals == "names" and text[low].isupper() and own.style == "words":
        return False
    behind = _WORD_BEHIND.match(folded, high, end)
    kinds = {*own.folded("names", "descriptors"), *own.folded("names", "roles")}
    return behind is None or not own.head_last or behind[1] not in kinds


# Brands ----------------------------------------------------------------------------------------------------------


def _is_of_brand(topic: Topic, folded: str, bounds: tuple[int, int], code: str, mentions: Sequence[Mention]) -> bool:
    """Return true if a name right before sales is one of another company's goods: "Morven Foods' Bluebell sales"."""
    own = locale(code)
    if own.is_east_asian:
        return _is_behind_quotes(topic, folded, bounds, code, mentions)
    if not own.head_last:
        return False
    brand = next((item for item in mentions if item.end + 1 == topic.start and item.known is None), None)
    if brand is None or folded[brand.end] not in " -" or not own.words("names", "possessive"):
        return False
    owner = next((item for item in reversed(mentions) if item.end <= brand.start and not item.aside), None)
    if owner is None or owner.name in brand.name or brand.name in owner.name:
        return False
    gap = folded[owner.end : brand.start]
    said = own.phrases("claims").has(gap, 0, len(gap))
    said = said or gap.strip() in own.words("names", "said")
    return gap in {"'s ", "' "} or (said and re.search(r"[\d,;:.]", gap) is None)


def _is_behind_quotes(
    topic: Topic, folded: str, bounds: tuple[int, int], code: str, mentions: Sequence[Mention]
) -> bool:
    """Return true if a name in quotation marks, as those of products are, stands before sales, and a company before."""
    own = locale(code)
    of = own.folded("modifiers", "goods_of")
    dates = own.table("names").get("date_letters", "")
    subjects = (*own.folded("names", "subject"), *own.folded("names", "goods_subject"))
    for found in _QUOTED.finditer(folded, bounds[0], topic.start):
        rest = re.sub(rf"[\d{dates} ]", "", folded[found.end() : topic.start])
        is_company = any(found.start() <= item.start and item.end <= found.end() and item.known for item in mentions)
        is_owned = any(item.end <= found.start() for item in mentions)
        if is_owned and not is_company and rest in subjects:
            return True
        if not is_company and rest.removeprefix(next((word for word in of if rest.startswith(word)), "")) in {"", *of}:
            return True
    return False
