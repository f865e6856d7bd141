# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Sentences, and the language each one is written in, with the document's language as the prior."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Final

from tracker.sources.article.text.lexicon import FALLBACK, LANGUAGES, either, every, locale, vocabulary
from tracker.sources.article.text.normalise import fold

__all__ = ["Sentence", "believable_language", "document_language", "language_of", "split_sentences"]

#: A sentence longer than this is cut: no analysis looks further, and time stays proportional to length.
LONGEST: Final = 1200
_TELLING: Final = 12  # what a word counts that tells a language from a near one
_LEADER: Final = "...."  # the dots that lead from a label to its amount
_END: Final = re.compile(r"[\n。！？]+|[.!?؟]+[\"')\]]*(?=\s|$)|؛ ")
_DAY: Final = re.compile(r"\(\d{1,2}\.\d{1,2}\.\)")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_ARABIC: Final = re.compile(r"[\u0620-\u06ff]")
_LATIN: Final = re.compile(r"[a-z\u00e0-\u024f]")
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of the normalised text and its language; `paragraph` counts the lines before it."""

    start: int
    end: int
    language: str
    paragraph: int


def split_sentences(text: str, lang: str | None = None) -> list[Sentence]:
    """Return the sentences of a normalised text, in order, each with its language."""
    folded = fold(text)
    document = lang if lang in LANGUAGES else document_language(folded)
    out = []
    for start, end, paragraph in _cut_sentences(text, folded):
        if text[start:end].strip():
            out.append(Sentence(start, end, language_of(folded[start:end], document), paragraph))
    return out


def _cut_sentences(text: str, folded: str) -> list[tuple[int, int, int]]:
    """Return where sentences begin and end, and in which line they stand."""
    pieces: list[tuple[int, int, int]] = []
    start = paragraph = 0
    for found in _END.finditer(text):
        if found[0][:2] == ".)" and _DAY.search(text, max(0, found.start() - 8), found.end()):
            continue
        if found[0][0] == "." and (_is_abbreviation(text, folded, found.end()) or found[0].startswith(_LEADER)):
            continue
        pieces += _cut_long(text, start, found.end(), paragraph)
        start = found.end()
        paragraph += found[0].count("\n")
    return pieces + _cut_long(text, start, len(text), paragraph)


def _is_abbreviation(text: str, folded: str, end: int) -> bool:
    """Return true if a full stop ends an abbreviation or an ordinal and not the sentence."""
    if _abbreviation().search(folded, max(0, end - 12), end) is None:
        return False
    return folded[end : end + 1] == " " and not _ends_amount(text, folded, end)


_NEXT_WORD: Final = re.compile(r" ([^\W\d_]+) ")


def _ends_amount(text: str, folded: str, end: int) -> bool:
    """Return true if a scale word with a full stop ends a sentence: a small word with a capital follows."""
    following = _NEXT_WORD.match(text, end)
    if (
        following is None
        or not following[1][0].isupper()
        or _scale_word().search(folded, max(0, end - 12), end) is None
    ):
        return False
    return any(fold(following[1]) in words for words in _functions().values())


@cache
def _scale_word() -> re.Pattern[str]:
    """Return what matches an abbreviated scale word with its full stop, at the end of a text."""
    scales = {
        word.strip()
        for code in LANGUAGES
        for words in locale(code).table("scales").values()
        for word in words.split(";")
    }
    short = [word for word in every("small", "abbreviations") if word in scales]
    return re.compile(rf"\b(?:{either(short)})\.$")


@cache
def _abbreviation() -> re.Pattern[str]:
    """Return an abbreviation, a letter or an ordinal with its full stop, at the end of a text."""
    return re.compile(rf"(?:\b(?:{either(every('small', 'abbreviations'))}|[a-z])|(?<!\d)\d{{1,2}})\.$")


def _cut_long(text: str, start: int, end: int, paragraph: int) -> list[tuple[int, int, int]]:
    """Return one sentence, cut at a blank where it is longer than any sentence."""
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
    words = _WORD.findall(folded)
    for word in words:
        for code in table.get(word, ()):
            scores[code] += (24 if word in functions[code] else 12) // len(table[word])
    for code, telling in _telling():
        scores[code] += _TELLING * sum(word in telling for word in words)
    for code, letters in _own_letters():
        scores[code] += 6 * len(letters.findall(folded))
    return scores


@cache
def _telling() -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the words that tell a language from one that has most other words, too."""
    own = {code: str(locale(code).data.get("telling_words", "")) for code in LANGUAGES}
    return tuple(
        (code, frozenset(fold(word.strip()) for word in words.split(";"))) for code, words in own.items() if words
    )


@cache
def _own_letters() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the letters that only one of the languages in Latin letters has."""
    own = {code: locale(code).own_letters for code in LANGUAGES if locale(code).script == "latin"}
    return tuple((code, re.compile(f"[{letters}]")) for code, letters in own.items() if letters)


@cache
def _kana() -> re.Pattern[str]:
    """Return letters that tell a language written in kana from one in Chinese characters alone."""
    own = "".join(locale(code).own_letters for code in LANGUAGES if locale(code).script == "kana")
    return re.compile(rf"[\u3041-\u30fe{own}]")


def _language_in(script: str) -> str | None:
    """Return the first language that is written in a script."""
    return next((code for code in LANGUAGES if locale(code).script == script), None)


def _script_language(folded: str) -> str | None:
    """Return the language a script alone decides, where it does."""
    letters = len(_LATIN.findall(folded))
    kana, hangul = len(_kana().findall(folded)), len(_HANGUL.findall(folded))
    han, arabic = len(_HAN.findall(folded)), len(_ARABIC.findall(folded))
    if max(kana + han, hangul, arabic) * 3 <= letters:
        return None
    if arabic > max(kana + han, hangul):
        return _language_in("arabic")
    if hangul > kana + han:
        return _language_in("hangul")
    if kana * 12 >= han and kana:
        return _language_in("kana")
    return _language_in("han") if han else None


def document_language(folded: str, before: str = FALLBACK) -> str:
    """Return the language most of a text is written in (its first few thousand characters).

    `before` where nothing says.
    """
    head = folded[:6000]
    scores = _latin_scores(head)
    scores.pop(_language_in("han") or "", 0)
    return _script_language(head) or (max(LANGUAGES, key=lambda code: scores[code]) if scores else before)


def believable_language(text: str, claimed: str | None) -> str | None:
    """Return the language a page claims to be written in, or None where its script or its words say otherwise.

    Many pages carry the language of their template; between near ones (Malay, Indonesian) the claim decides.
    """
    if claimed not in LANGUAGES:
        return None
    folded = fold(text[:6000])
    script = _script_language(folded)
    if script is not None:
        return claimed if script in {claimed, locale(claimed).resembles} else None
    scores = _latin_scores(folded)
    return claimed if scores[claimed] and scores[claimed] * 2 > max(scores.values()) else None


def language_of(folded: str, document: str) -> str:
    """Return the language of one sentence; the document's own unless the sentence clearly speaks another."""
    script = _script_language(folded[:2000])
    if script is not None and script == locale(document).resembles:
        return document
    if script is not None:
        return script
    scores = _latin_scores(folded[:2000])
    best = max(LANGUAGES, key=lambda code: (scores[code], code == document))
    if locale(document).script != "latin":
        return best if scores[best] else FALLBACK
    clearly = scores[best] >= 24 and scores[best] > 2 * scores[document]  # noqa: PLR2004 - two unshared function words
    return best if clearly else document
