# signs of other scripts are meant as they stand
"""Tell if the name of a known company is only a part of a longer name, which is another company's.

"Nordwest Telekom" is not Telekom. What may stand beside a name and leaves it as it is: legal forms, what describes a
company, words of the language that make no name, and (section `names`) `follows`, `origins`. A name with a relation
behind it (`relations`: "Telekom-Tochter", "Amazon-backed") puts the company beside the subject.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.names import name_words
from tracker.sources.article.text.lexicon import LANGUAGES, common, either, every, locale, split, vocabulary
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.sources.article.text.lexicon import PhraseMatch

    Spans = Sequence[tuple[int, int]]

__all__ = ["describes", "is_currency", "is_longer"]

_BEFORE: Final = re.compile(r"(?:\A|[^\w.])([^\W\d_][\w'&.\-]*?) (?:& )?\Z")
_AFTER: Final = re.compile(r" (?:& )?([^\W\d_][\w'&\-]*)")
_HYPHEN: Final = re.compile(r"-([^\W\d_]+)")
_HEADLINE: Final = 0.6  # of the words of a headline have a capital
_WORDS: Final = 5
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_KANA: Final = re.compile(r"[\u30a1-\u30fa\u30fc]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_SYLLABLES: Final = re.compile(r"[\uac00-\ud7a3A-Za-z0-9]*")
_SIGNS: Final = re.compile(r"[\u3005\u30a0-\u30ff\u3400-\u9fffA-Za-z]*")
_ARABIC: Final = re.compile(r" ([\u0620-\u06ff]+)")
_SCALED: Final = re.compile(r"(?<=[a-z]{3})(?:m|mn|mio|mln|bn|k)\Z")  # "EURm", "USDbn"
_SHORTEST: Final = 3


def is_longer(text: str, mark: PhraseMatch, bounds: tuple[int, int], code: str, occupied: Spans) -> bool:
    """Return true if a longer name holds the known one; `occupied` are spans that are understood and no names."""
    first = mark.label[0]
    if first >= "\u2e80":
        return _goes_on(text, mark, bounds, code, occupied)
    if "\u0620" <= first <= "\u06ff":
        return _goes_on_in_arabic(text, mark, bounds[1], occupied)
    if locale(code).capitals == "titles" and _is_headline(text[slice(*bounds)]):
        return False
    return _has_neighbour(text, mark, bounds, code)


# Alphabets ------------------------------------------------------------------------------------------------------


def _is_headline(sentence: str) -> bool:
    """Return true if most words have a capital, which then marks no names."""
    words = _WORD.findall(sentence)
    return len(words) >= _WORDS and sum(word[0].isupper() for word in words) >= _HEADLINE * len(words)


def _has_neighbour(text: str, mark: PhraseMatch, bounds: tuple[int, int], code: str) -> bool:
    before = _BEFORE.search(text[max(bounds[0], mark.start - 40) : mark.start])
    after = _AFTER.match(text, mark.end, bounds[1])
    related = _HYPHEN.match(text, mark.end, bounds[1])
    if related is not None and fold(related[1]) in every("names", "relations"):
        return True
    if before is not None and _is_part(before[1]) and not describes(before[1], code):
        return True
    if after is None or fold(after[1]).endswith(every("names", "noun_endings")):
        return False
    behind = _AFTER.match(text, after.end(), bounds[1])
    if len(after[1]) == 1 and after[1].isupper() and behind is not None and behind[1][0].isupper():
        return True
    return _is_part(after[1]) or (after[1][0].isupper() and fold(after[1]) in every("names", "places"))


def _is_part(token: str) -> bool:
    """Return true if a word beside a name can belong to it: it has a capital and is no word of a language."""
    if not token[0].isupper() or token.endswith("'s") or (len(token) < _SHORTEST and not token.isupper()):
        return False
    if "-" in token and token.rpartition("-")[2][:1].islower():
        return False
    low = fold(token).rstrip(".")
    return low not in _plain_words() and not is_currency(low) and not re.fullmatch(r"[IVX]+|[QHTS]\d", token)


def describes(token: str, code: str) -> bool:
    """Return true if a noun before a name says what the company is: "der Softwareriese", "des Chipherstellers"."""
    low = fold(token)
    if locale(code).capitals != "nouns":
        return False
    endings = tuple(word for word in name_words(code)["descriptors"] if len(word) > _SHORTEST)
    cases = ("", *locale(code).words("names", "case_endings"))
    return any(low.removesuffix(ending).endswith(endings) for ending in cases)


@cache
def _plain_words() -> frozenset[str]:
    """Return the words of all languages with plain words that are no part of a company's name."""
    out: set[str] = set()
    for code in LANGUAGES:
        if locale(code).has_plain_words:
            names = name_words(code)
            out |= vocabulary(code).union(*(names[key] for key in ("not_names", "legal", "descriptors", "titles")))
            out |= names["cues"] | names["articles"]
    for key in ("origins", "follows"):
        out |= set(every("names", key))
    weekdays = {part for word in every("dateline", "weekdays") for part in word.split("|")}
    return frozenset(word.rstrip(".") for word in out | weekdays)


@cache
def _currencies() -> frozenset[str]:
    codes = {code.lower() for section in ("prefix", "suffix") for code in common()[section]}
    return frozenset(
        codes | {word for table in ("prefix", "suffix") for item in common()[table].values() for word in split(item)}
    )


def is_currency(word: str) -> bool:
    """Return true if a word (folded) is the code or sign of a currency, digits behind it or not: "RM290"."""
    word = word.rstrip("0123456789.,") or word
    return word in _currencies() or _SCALED.sub("", word) in _currencies()


# Scripts without capitals -----------------------------------------------------------------------------------------


def _goes_on(text: str, mark: PhraseMatch, bounds: tuple[int, int], code: str, occupied: Spans) -> bool:
    """Return true if signs of the same word stand around a name in Chinese, Japanese or Korean."""
    before = text[max(bounds[0], mark.start - 1) : mark.start]
    if _HANGUL.search(mark.label):
        found = _SYLLABLES.match(text, mark.end, bounds[1])
        return bool(_HANGUL.match(before)) or _korean_tail().fullmatch(found[0] if found else "") is None
    if _KANA.match(mark.label) and _KANA.match(before):
        return True
    rest = _signs_behind(text, mark, bounds[1], code, occupied)
    bare = _tail().sub("", rest, count=1)
    if not bare or bare.endswith(every("names", "business")):
        return bool(bare)
    return not bare.startswith(every("names", "follows"))


def _signs_behind(text: str, mark: PhraseMatch, end: int, code: str, occupied: Spans) -> str:
    """Return the signs behind a name up to a particle or something understood."""
    found = _SIGNS.match(text, mark.end, end)
    stop = min([found.end() if found else mark.end, *(low for low, high in occupied if high > mark.end)])
    rest = text[mark.end : max(mark.end, stop)]
    cut = locale(code).pattern("cut")
    place = cut.search(rest) if cut else None
    return rest[: place.start()] if place else rest


@cache
def _of_style(style: str, *keys: str) -> tuple[str, ...]:
    """Return words about names in all languages of a style, the longest first."""
    codes = [code for code in LANGUAGES if locale(code).style == style]
    words = {word for code in codes for key in keys for word in locale(code).folded("names", key)}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@cache
def _tail() -> re.Pattern[str]:
    """Legal forms and words for a company behind a name."""
    return re.compile(rf"\A(?:{either(_of_style('none', 'legal', 'descriptors'))})+")


@cache
def _korean_tail() -> re.Pattern[str]:
    """Return what may be written to a Korean name as one word with it."""
    forms = either(_of_style("korean", "legal"))
    return re.compile(rf"(?:{forms})?(?:{either(_of_style('korean', 'particles', 'follows'))}){{0,2}}")


def _goes_on_in_arabic(text: str, mark: PhraseMatch, end: int, occupied: Spans) -> bool:
    """Return true if a noun with its article follows that no table knows."""
    found = _ARABIC.match(text, mark.end, end)
    if found is None or any(low < found.end() and found.start(1) < high for low, high in occupied):
        return False
    behind = _ARABIC.match(text, found.end(), end)
    if (
        behind is not None
        and _led_by_form(text, mark.start)
        and _is_noun(found[1])
        and fold(behind[1]).startswith(_noun_articles())
    ):
        return not _is_known_noun(behind[1])
    word = fold(found[1])
    articles = tuple(_of_style("arabic", "noun_begins"))
    bare = word
    for article in articles:
        bare = bare.removeprefix(article)
    return word.startswith(articles) and not {word, bare} & _arabic_words()


@cache
def _noun_articles() -> tuple[str, ...]:
    return tuple(_of_style("arabic", "noun_begins"))


def _led_by_form(text: str, start: int) -> bool:
    """Return true if a word for a company stands before a place."""
    before = re.search(r"([\u0620-\u06ff]+) \Z", text[max(0, start - 20) : start])
    return before is not None and fold(before[1]) in _of_style("arabic", "descriptors")


def _is_noun(word: str) -> bool:
    """Return true if a word has no article and is none that a table knows."""
    low = fold(word)
    return not low.startswith(_noun_articles()) and low not in _arabic_words()


def _is_known_noun(word: str) -> bool:
    low = fold(word)
    bare = next((low.removeprefix(article) for article in _noun_articles() if low.startswith(article)), low)
    return bool({low, bare} & _arabic_words())


@cache
def _arabic_words() -> frozenset[str]:
    """Arabic words that are no part of a company's name."""
    keys = ("not_names", "legal", "descriptors", "cues", "titles", "follows", "origins")
    codes = (code for code in LANGUAGES if locale(code).style == "arabic")
    return frozenset(_of_style("arabic", *keys)).union(*(vocabulary(code) for code in codes))
