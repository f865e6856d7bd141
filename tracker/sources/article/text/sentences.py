# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Sentences, and the language each one is written in, with the document's language as the prior."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final

from tracker.sources.article.text.lexicon import LANGUAGES, locale, vocabulary
from tracker.sources.article.text.normalise import fold

__all__ = ["Sentence", "believable_language", "document_language", "language_of", "sentences"]

#: A sentence longer than this is cut: no analysis looks further, and time stays proportional to length.
LONGEST: Final = 1200
_LEADER: Final = "...."  # the dots that lead from a label to its amount
_END: Final = re.compile(r"[\n。！？]+|[.!?؟]+[\"')\]]*(?=\s|$)|؛ ")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:mrd|mio|mld|mln|tsd|bio|rp|rs|vs|cf|inc|corp|ltd|bhd|tbk|nr|st|dr|mr|ms|mrs|ca|approx|env|aprox|sep|sept|"
    r"okt|oct|nov|dez|dec|dic|jan|feb|apr|aug|jul|jun|bzw|ggü|mill|mil|bln|bn|mn|tn|u\.s|s\.a|s\.p\.a|d\.h|z\.b|p\.a|"
    r"geg|mi|bi|gj|hj|i\.v|[a-z])|(?<!\d)\d{1,2})\.$"
)
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_KANA: Final = re.compile(r"[\u3041-\u30fe売営円単経済収従発対拡変転軽県覧検験図毎価薬両営糸亜仏弐]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_ARABIC: Final = re.compile(r"[\u0620-\u06ff]")
_VIETNAMESE: Final = re.compile(r"[đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_LATIN: Final = re.compile(r"[a-zà-ɏ]")
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of the normalised text and its language; `paragraph` counts the lines before it."""

    start: int
    end: int
    language: str
    paragraph: int


def sentences(text: str, lang: str | None = None) -> list[Sentence]:
    """The sentences of a normalised text, in order, each with its language."""
    folded = fold(text)
    document = lang if lang in LANGUAGES else document_language(folded)
    out = []
    for start, end, paragraph in _cut(text, folded):
        if text[start:end].strip():
            out.append(Sentence(start, end, language_of(folded[start:end], document), paragraph))
    return out


def _cut(text: str, folded: str) -> list[tuple[int, int, int]]:
    """Where sentences begin and end, and in which line they stand."""
    pieces: list[tuple[int, int, int]] = []
    start = paragraph = 0
    for found in _END.finditer(text):
        if found[0][0] == "." and (_goes_on(folded, found.end()) or found[0].startswith(_LEADER)):
            continue
        pieces += _chunks(text, start, found.end(), paragraph)
        start = found.end()
        paragraph += found[0].count("\n")
    return pieces + _chunks(text, start, len(text), paragraph)


def _goes_on(folded: str, end: int) -> bool:
    """Whether a full stop ends an abbreviation or an ordinal and not the sentence."""
    if _ABBREVIATION.search(folded, max(0, end - 12), end) is None:
        return False
    return folded[end : end + 1] == " "


def _chunks(text: str, start: int, end: int, paragraph: int) -> list[tuple[int, int, int]]:
    """One sentence, cut at a blank where it is longer than any sentence."""
    pieces = []
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST) + 1 or start + LONGEST
        pieces.append((start, cut, paragraph))
        start = cut
    return [*pieces, (start, end, paragraph)]


@cache
def _word_languages() -> dict[str, tuple[str, ...]]:
    """Word -> the languages whose tables have it."""
    table: dict[str, list[str]] = {}
    for code in LANGUAGES:
        for word in vocabulary(code):
            table.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in table.items()}


@cache
def _functions() -> dict[str, frozenset[str]]:
    return {
        code: frozenset(fold(word.strip()) for word in locale(code).data["function_words"].split(";"))
        for code in LANGUAGES
    }


def _latin_scores(folded: str) -> Counter[str]:
    table, functions = _word_languages(), _functions()
    scores: Counter[str] = Counter()
    for word in _WORD.findall(folded):
        for code in table.get(word, ()):
            scores[code] += (24 if word in functions[code] else 12) // len(table[word])
    scores["vi"] += 6 * len(_VIETNAMESE.findall(folded))
    return scores


def _script(folded: str) -> str | None:
    """The language a script alone decides, where it does."""
    letters = len(_LATIN.findall(folded))
    kana, hangul = len(_KANA.findall(folded)), len(_HANGUL.findall(folded))
    han, arabic = len(_HAN.findall(folded)), len(_ARABIC.findall(folded))
    if max(kana + han, hangul, arabic) * 3 <= letters:
        return None
    if arabic > max(kana + han, hangul):
        return "ar"
    if hangul > kana + han:
        return "ko"
    if kana * 12 >= han and kana:
        return "ja"
    return "zh" if han else None


def document_language(folded: str, before: str = "en") -> str:
    """The language most of a text is written in (its first few thousand characters); `before` where nothing says."""
    head = folded[:6000]
    scores = _latin_scores(head)
    scores.pop("zh", 0)
    return _script(head) or (max(LANGUAGES, key=lambda code: scores[code]) if scores else before)


def believable_language(text: str, claimed: str | None) -> str | None:
    """The language a page claims to be written in, or None where its script or its words say otherwise.

    Many pages carry the language of their template; between near ones (Malay, Indonesian) the claim decides.
    """
    if claimed not in LANGUAGES:
        return None
    folded = fold(text[:6000])
    script = _script(folded)
    if script is not None:
        return claimed if claimed == script or (claimed, script) == ("ja", "zh") else None
    scores = _latin_scores(folded)
    return claimed if scores[claimed] and scores[claimed] * 2 > max(scores.values()) else None


def language_of(folded: str, document: str) -> str:
    """The language of one sentence; the document's own unless the sentence clearly speaks another."""
    script = _script(folded[:2000])
    if script == "zh" and document == "ja":
        return "ja"
    if script is not None:
        return script
    scores = _latin_scores(folded[:2000])
    best = max(LANGUAGES, key=lambda code: (scores[code], code == document))
    if document in ("ja", "zh", "ko", "ar"):
        return best if scores[best] else "en"
    clearly = scores[best] >= 24 and scores[best] > 2 * scores[document]  # noqa: PLR2004 - two unshared function words
    return best if clearly else document
