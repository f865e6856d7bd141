# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""Names of unknown companies in Arabic, which has no capitals."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.goods import is_goods_word
from tracker.sources.article.find.names import Mention, Token, is_again, name_words
from tracker.sources.article.text.lexicon import common, either, locale, split, vocabulary
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["arabic"]

_HEADING: Final = 3  # words of a heading before a name
_SURE: Final = 6  # the score of a name that more than its place speaks for

_ARABIC_TOKEN: Final = re.compile(r"[\u0620-\u06ff]+")


def arabic(
    text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield names behind a cue ("company", "bank") or behind something understood."""
    own, names, words = locale(code), name_words(code), vocabulary(code)
    verbs = frozenset(own.folded("names", "verbs"))
    parts = frozenset(own.folded("modifiers", "subject"))
    joins = split(common()["arabic_writing"]["joins"])
    glued, letters = own.folded("names", "glued"), "".join(own.folded("names", "cue_letters"))
    tokens = [(found[0], found.start(), found.end()) for found in _ARABIC_TOKEN.finditer(folded, start, end)][:300]

    def stops(token: Token) -> bool:
        low = token[0]
        bare = _stripped(code).sub("", low)
        if low in parts or (low.startswith(joins) and low[1:] in verbs | words):
            return True
        if low in names["not_names"] or low in names["descriptors"] or low in words or len(low) < 2:  # noqa: PLR2004 - a letter is no word
            return True
        if (low[0] in glued and (low[1:] in words or low[1:] in names["not_names"])) or (
            bare in words and not low.startswith(own.folded("names", "article"))
        ):
            return True
        return any(token[1] < high and low_ < token[2] for low_, high in occupied)

    whole = list(_whole_names(text, start, end, code, occupied))
    whole += _quoted_behind(text, start, end, code, occupied)
    yield from whole
    for index, token in enumerate(tokens):
        if any(item.start <= token[1] < item.end for item in whole):
            continue
        cue = token[0] in names["cues"] | names["descriptors"] or token[0].lstrip(letters) in names["cues"]
        after = index == 0 or any(high <= token[1] <= high + 1 for _, high in occupied)
        after = after or tokens[index - 1][0] in verbs
        heads = 0 < index <= _HEADING and tokens[index - 1][0] in own.folded("names", "results")
        after = after or heads
        if not cue and not (after and not stops(token)):
            continue
        if not cue and token[0].startswith(own.folded("names", "for_the") or ("\0",)):
            continue
        run = _arabic_run(tokens, index + 1 if cue else index, folded, stops)
        run = _without_holder(run, tokens, index, folded, code) if cue else run
        if not run and cue:
            run = _behind_form(tokens, index, folded, code, occupied, stops)
        if run:
            keep = cue and token[0] in own.folded("names", "kept_cues")
            kept = next((word for word in own.folded("names", "name_begins") if token[0].endswith(word)), None)
            begin = token[2] - len(kept) if keep and kept else run[0][1]
            name = text[begin : run[-1][2]]
            if not cue and index == 0 and len(run) == 1 and not is_again(text, name):
                continue  # a sentence begins with its verb
            if not cue and is_goods_word(fold(name), code):
                continue
            opens = index == 0 or heads or tokens[index - 1][0] in verbs
            is_formed = opens and len(run) > 1 and run[1][0].startswith(own.folded("names", "for_the"))
            is_doubtful = not (cue or is_formed or is_again(text, name))
            yield Mention(name, begin, run[-1][2], 6 if cue else 2, doubtful=is_doubtful)


def _whole_names(text: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    """Yield companies whose names begin with the word for one: "الشركة السعودية للصناعات البحرية"."""
    pattern = locale(code).pattern("whole_name")
    for found in pattern.finditer(text, start, end) if pattern is not None else ():
        field = fold(found["field"])
        is_free = not any(low < found.end() and found.start() < high for low, high in occupied)
        if is_free and not {field, field[1:], field[2:], _stripped(code).sub("", field)} & vocabulary(code):
            yield Mention(found[0], found.start(), found.end(), _SURE)


_ARABIC_QUOTED: Final = re.compile(r"[«\"“](?P<name>[\u0620-\u06ff]+(?: [\u0620-\u06ff]+){0,4})[»\"”]")


def _quoted_behind(
    text: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield the names in quotation marks right behind something understood: "صعدت ربحية سهم «نماء للصناعات»"."""
    for found in _ARABIC_QUOTED.finditer(text, start, end):
        is_behind = any(0 <= found.start() - high <= 1 for _, high in occupied)
        is_free = not any(low < found.end() and found.start() < high for low, high in occupied)
        words = set(fold(found["name"]).split())
        if is_behind and is_free and not words <= vocabulary(code) | name_words(code)["not_names"]:
            yield Mention(found["name"], *found.span("name"), _SURE)


def _behind_form(
    tokens: list[Token],
    index: int,
    folded: str,
    code: str,
    occupied: Sequence[tuple[int, int]],
    stops: Callable[[Token], bool],
) -> list[Token]:
    """Return a name that begins with a word of the language behind one for a company: "مجموعة الراجحي"."""
    article = locale(code).folded("names", "article")
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if _is_word_before_field(tokens, index, folded, code):
        return tokens[index + 1 : index + 3] + _arabic_run(tokens, index + 3, folded, stops)[:1]
    if following is None or tokens[index][0].startswith(article) or not following[0].startswith(article):
        return []
    names = name_words(code)
    is_free = not any(following[1] < high and low < following[2] for low, high in occupied)
    if not is_free or following[0] in names["not_names"] | names["descriptors"]:
        return []
    return _arabic_run(tokens, index + 1, folded, lambda item: item is not following and stops(item))


def _is_word_before_field(tokens: list[Token], index: int, folded: str, code: str) -> bool:
    """Return true if a word of the language and a field follow a word for a company: "شركة وصل للخدمات".

    A verb behind the word for a company would be feminine.
    """
    own = locale(code)
    behind = tokens[index + 1 : index + 3]
    if len(behind) < 2 or tokens[index][0].startswith(own.folded("names", "article")):  # noqa: PLR2004 - a word and a field
        return False
    word, field = behind
    is_beside = folded[tokens[index][2] : word[1]] == folded[word[2] : field[1]] == " "
    is_verb = word[0].startswith(own.folded("names", "feminine_begins")) or word[0].endswith(
        own.folded("names", "feminine_ends")
    )
    is_field = field[0].startswith(own.folded("names", "for_the")) and field[0] not in name_words(code)["not_names"]
    return is_beside and is_field and not is_verb


def _without_holder(run: list[Token], tokens: list[Token], index: int, folded: str, code: str) -> list[Token]:
    """Return the company of an office without the person who holds it: "الرئيس التنفيذي لمجموعة نبراس سامر خوري إن".

    A person has two names before the word for "that"; the first of them has no article.
    """
    own = locale(code)
    offices = own.folded("officers", "holders")
    if not run or not any(item[0] in offices for item in tokens[max(0, index - 2) : index]):
        return run
    first = tokens.index(run[0])
    stop = next(
        (place for place in range(first + 1, len(tokens)) if tokens[place][0] in own.folded("officers", "that")), 0
    )
    if stop - first < _COMPANY_AND_PERSON or "," in folded[run[0][1] : tokens[stop][1]].replace("\u060c", ","):
        return run
    given, family = tokens[stop - 2], tokens[stop - 1]
    fields = (*own.folded("names", "article"), *own.folded("names", "for_the"))
    is_person = not given[0].startswith(fields) and not family[0].startswith(own.folded("names", "for_the"))
    is_person = is_person and not family[0].endswith(own.folded("officers", "no_families"))
    return tokens[first : stop - 2] if is_person and stop - first <= _LONGEST_HELD else run


_COMPANY_AND_PERSON: Final = 3  # words: one of the company, two of the person
_LONGEST_HELD: Final = 5  # words of a company and a person


@cache
def _stripped(code: str) -> re.Pattern[str]:
    """Return what may be written before a word and is no part of it."""
    joins = either(split(common()["arabic_writing"]["joins"]))
    return re.compile(rf"\A(?:{joins})?(?:{either(locale(code).folded('names', 'stripped'))})?")


def _arabic_run(tokens: list[Token], index: int, folded: str, stops: Callable[[Token], bool]) -> list[Token]:
    run: list[Token] = []
    while index < len(tokens) and len(run) < 3 and not stops(tokens[index]):  # noqa: PLR2004 - names are short
        if run and folded[run[-1][2] : tokens[index][1]] != " ":
            break
        run.append(tokens[index])
        index += 1
    return run
