"""Names in scripts with capitals: which words make up one name."""
# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import longer_names
from tracker.sources.article.find.name_scores import score_name
from tracker.sources.article.find.names import Mention, Token, name_words
from tracker.sources.article.find.topics import COUNTED, find_topics
from tracker.sources.article.find.words_at_names import FOLLOWING, LEAD, REACH, elision, owned, part_nouns
from tracker.sources.article.text.lexicon import every, locale, vocabulary
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


__all__ = ["NUMBER", "THRESHOLD", "TOKEN", "find_capitalised", "is_amount"]

THRESHOLD: Final = 2  # the lowest score of a name

_METRIC: Final = 40  # letters that a metric behind a word is looked for in
_LONGEST: Final = 4  # words of a name before its legal form
TOKEN: Final = re.compile(r"[^\W_][^\W_]*(?:[&'.\-][^\W_]+)*", re.UNICODE)
_ROMAN: Final = re.compile(r"[IVX]{1,4}")
#: How a part of a year is written as one word, as a whole: "II-2024", "S1-2024", "9M24", "3QFY24", "FY2023".
_PART_OF_YEAR: Final = re.compile(
    r"(?:(?:[IVX]{1,4}-|(?:[QHTS]|ST|HJ|KW)[1-4]|[1-4](?:[QHTS]|ST|HJ)|(?:3|6|9|12)[MT])[-/']?(?:FY)?(?:20)?\d\d"
    r"|N-[12]|FY-?(?:20)?\d\d|(?:[QHTS]|ST|HJ)[1-4])",
    re.ASCII,
)


def _is_capitalised(token: str) -> bool:
    return token[:1].isupper() and not token.isupper() and len(token) > 1


def _is_name(token: str, code: str) -> bool:
    """Return true if a token could be part of a name by its form alone."""
    if not any(char.isupper() for char in token[:2]) or (len(token) == 1 and not token.isupper()):
        return False
    low = fold(token)
    if _ROMAN.fullmatch(token) or _PART_OF_YEAR.fullmatch(token) or longer_names.is_currency(low):
        return False
    names = name_words(code)
    if low in locale(code).folded("names", "name_heads"):
        return True
    if low in names["not_names"] or low.removesuffix("'s") in names["not_names"] or low in names["titles"]:
        return False
    if "-" in low and low.rpartition("-")[2] in locale(code).words("names", "hyphen_tails"):
        return False
    return not (
        locale(code).capitals == "nouns"
        and (low.endswith(every("names", "noun_endings")) or low in vocabulary(code))
        and token != token.upper()
    )


def find_capitalised(
    text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield names that nobody knows from the words with a capital, from left to right."""
    found_all = (
        found
        for found in TOKEN.finditer(text, start, end)
        if found[0][0] < "\u0600" or "\u1dff" < found[0][0] < "\u2000"
    )
    tokens = [_without_article(found, code) for found in found_all][:300]
    first = tokens[0][1] if tokens else -1
    tokens = [token for token in tokens if not any(token[1] < high and low < token[2] for low, high in occupied)]
    index = 0
    formed = {run[0]: run for run in _legal_runs(tokens, text, code)}
    own_nouns = locale(code).capitals == "nouns"
    while index < len(tokens):
        if own_nouns and _is_kind_before_name(tokens, index, text, code):
            index += 1
            continue
        run = formed.get(tokens[index]) or _collect_name(tokens, index, text, code, first)
        if not run:
            index += 1
            continue
        is_lone = run[0][1] == first and len(run) == 1
        is_word = _is_counted(folded, run[0], end, code) or _leads_number(folded, run[0], end, occupied)
        if is_lone and (fold(run[0][0]) in _parts(code) or is_word):
            index += 1
            continue
        mention = score_name(run, text, folded, (start, end), code, first=first)
        if mention is not None and mention.score >= THRESHOLD:
            yield mention
        index += len(run)


NUMBER: Final = re.compile(r" \d")


def _leads_number(folded: str, token: Token, end: int, occupied: Sequence[tuple[int, int]]) -> bool:
    """Return true if a number that is no year follows a word: "Comptant 8 900 salariés" names no company."""
    found = NUMBER.match(folded, token[2], end)
    is_named = any(low <= token[2] + 1 < high and not is_amount(folded, low, high) for low, high in occupied)
    return found is not None and not token[0].endswith("'s") and not is_named


def is_amount(folded: str, low: int, high: int) -> bool:
    """Return true if a span that is understood may be an amount: it is no year by itself."""
    return re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", folded[low:high]) is None


@cache
def _parts(code: str) -> frozenset[str]:
    """Return the words for parts of a company, which alone are no names: "Cloud", "Advertising"."""
    phrases = (phrase for key in ("segment", "adjusted") for phrase in locale(code).words("modifiers", key))
    return frozenset(fold(word) for word in " ".join(phrases).replace("?", "").split() if word.isalpha())


def _is_counted(folded: str, token: Token, end: int, code: str) -> bool:
    """Return true if the first word of a sentence is a noun of measure before a metric: "Bilangan pekerjanya"."""
    own = locale(code)
    if own.capitals != "names":
        return False
    following = FOLLOWING.match(folded, token[2], end)
    if following is not None and following[1] in own.words("names", "behind_adjective"):
        return True
    found = find_topics(folded, token[2] + 1, min(end, token[2] + _METRIC), code, ())
    is_next = bool(found) and found[0].start == token[2] + 1
    if is_next and folded[: found[0].end].endswith(own.folded("names", "finite_endings") or ("\0",)):
        return False
    if is_next and NUMBER.match(folded, found[0].end, end):
        return found[0].label in COUNTED
    return is_next and (found[0].label in COUNTED or bool(own.words("names", "behind_adjective")))


def _without_article(found: re.Match[str], code: str) -> Token:
    """Return a token without the article that is written as one word with it."""
    elided = elision(code).match(found[0])
    begin = elided.end() if elided else 0
    return found[0][begin:], found.start() + begin, found.end()


def _legal_runs(tokens: list[Token], text: str, code: str) -> Iterator[list[Token]]:
    """Yield names that end in a legal form (AG, plc, Tbk): all capitals before it belong to them."""
    words = name_words(code)
    for index, token in enumerate(tokens):
        if fold(token[0]) not in words["legal"] or not token[0][0].isupper():
            continue
        low = index
        while low and index - low < _LONGEST:
            is_word = low == index and _is_word_before_form(tokens, low, text, words["not_names"])
            if _is_before(tokens[low - 1], tokens[low], text, words["not_names"]):
                low -= 1
            elif is_word or (low < index and _is_linked_name(tokens, low, text, code)):
                low -= 2
            else:
                break
        if low < index:
            yield tokens[low : index + 1]


def _is_word_before_form(tokens: list[Token], low: int, text: str, never: frozenset[str]) -> bool:
    """Return true if a word of the language stands between a name and its legal form: "Hanse Papier AG"."""
    if low < 2 or fold(tokens[low][0]).rstrip(".") not in every("names", "hard_forms"):  # noqa: PLR2004 - a name and a word
        return False
    is_beside = _is_before(tokens[low - 1], tokens[low], text, frozenset())
    return is_beside and _is_before(tokens[low - 2], tokens[low - 1], text, never)


def _is_linked_name(tokens: list[Token], low: int, text: str, code: str) -> bool:
    """Return true if a link and a capital stand before a name with a legal form: "Frutas del Valle S.A."."""
    if low < 2 or tokens[low - 1][0] not in locale(code).words("names", "links"):  # noqa: PLR2004 - a link and a word
        return False
    first, link = tokens[low - 2], tokens[low - 1]
    glue = text[first[2] : link[1]], text[link[2] : tokens[low][1]]
    words = name_words(code)
    is_noun = fold(first[0]) in words["not_names"] | words["titles"] | vocabulary(code)
    is_form = fold(first[0]) in words["legal"]  # a name ends there
    return glue == (" ", " ") and first[0][0].isupper() and not is_noun and not is_form


def _is_before(token: Token, following: Token, text: str, never: frozenset[str]) -> bool:
    """Return true if a token stands right before another and belongs to its name."""
    glue = text[token[2] : following[1]]
    is_form = glue == ", " and fold(following[0]).rstrip(".") in every("names", "hard_forms")
    return (glue in (" ", " & ") or is_form) and token[0][0].isupper() and fold(token[0]) not in never


def _collect_name(tokens: list[Token], index: int, text: str, code: str, first: int) -> list[Token]:
    """Neighbouring tokens that make one name."""
    run: list[Token] = []
    own, legal = locale(code), name_words(code)["legal"]
    while index < len(tokens):
        token = tokens[index]
        if run and text[run[-1][2] : token[1]] not in (" ", " & "):
            break
        if run and fold(token[0]) in legal and (token[0][0].isupper() or fold(token[0]) not in vocabulary(code)):
            run.append(token)
            break
        if run and token[0][0].isupper() and fold(token[0]) in every("names", "places"):
            run.append(token)
            index += 1
            continue
        if run and _is_numeral_inside(tokens, index, text):
            run.append(token)
            index += 1
            continue
        is_led = not run and _is_led(tokens, index, text, code)
        is_next = bool(run) and _is_capitalised(token[0]) and (own.capitals == "names" or _may_end_name(token, code))
        if not (_is_name(token[0], code) or is_next or is_led) or (
            token[1] == first and fold(token[0]) in vocabulary(code) and own.capitals != "nouns"
        ):
            break
        if own.capitals == "nouns" and token[1] == first and fold(token[0]) in vocabulary(code):
            break
        run.append(token)
        index += 1
    return run + _behind_link(run, tokens, index, text, code, first) if own.capitals == "names" else run


def _behind_link(run: list[Token], tokens: list[Token], index: int, text: str, code: str, first: int) -> list[Token]:
    """Return the rest of a name that goes on with "of", unless a sentence begins with it: "Banca del Chianti"."""
    own = locale(code)
    joins = {*own.words("ranges", "and"), *every("small", "and")}
    is_open = (
        bool(run)
        and (
            run[0][1] != first
            or fold(run[0][0]) in own.folded("names", "name_heads")
            or fold(run[0][0]) not in owned(code) | vocabulary(code) | name_words(code)["not_names"]
        )
        and run[-1][0].istitle()
        and fold(run[-1][0]) not in name_words(code)["legal"]
    )
    if not is_open or index + 1 >= len(tokens):
        return []
    link, following = tokens[index], tokens[index + 1]
    glue = text[run[-1][2] : link[1]], text[link[2] : following[1]]
    is_link = link[0] in own.words("names", "links") and link[0] not in joins
    is_name = following[0].istitle() and _is_name(following[0], code) and fold(following[0]) not in vocabulary(code)
    is_generic = _is_generic(run, code) or _is_behind_part(run, text, code)
    return (
        [link, *_collect_name(tokens, index + 1, text, code, first)]
        if glue == (" ", " ") and is_link and is_name and not is_generic
        else []
    )


def _is_behind_part(run: list[Token], text: str, code: str) -> bool:
    """Return true if a noun for a part of a company stands before a name: "La branche Défense de"."""
    low = max(0, run[0][1] - LEAD)
    return f" {fold(text[low : run[0][1]])}".endswith(part_nouns(code))


def _is_generic(run: list[Token], code: str) -> bool:
    """Return true if a word of a name is an office, a kind of company or a possession of one: "Presidente de"."""
    names, heads = name_words(code), locale(code).folded("names", "name_heads")
    generic = names["titles"] | names["cues"] | owned(code)
    return any(fold(word) in generic and fold(word) not in heads for word, _, _ in run)


def _is_numeral_inside(tokens: list[Token], index: int, text: str) -> bool:
    """Return true if another word with a capital follows what looks like a numeral: "Enel X Store"."""
    token, following = tokens[index], tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or len(token[0]) > 1 or not _ROMAN.fullmatch(token[0]):
        return False
    return text[token[2] : following[1]] == " " and _is_capitalised(following[0])


def _may_end_name(token: Token, code: str) -> bool:
    """Return true if a noun behind a name may be its last word: it ends like a noun, but is none that is known."""
    low = fold(token[0])
    endings = locale(code).words("names", "suffixes")
    known = vocabulary(code) | name_words(code)["not_names"]
    return low.endswith(endings) and low not in known if endings else False


def _is_led(tokens: list[Token], index: int, text: str, code: str) -> bool:
    """Return true if what says what the company is stands before a word that may then be one of the language."""
    if locale(code).capitals == "nouns":
        return _is_led_by_kind(tokens[index], text, code)
    token, following = tokens[index], tokens[index + 1] if index + 1 < len(tokens) else None
    if locale(code).capitals != "names" or following is None or text[token[2] : following[1]] != " ":
        return False
    if not (_is_capitalised(token[0]) and _is_name(following[0], code)):
        return False
    before = _WORD_BEFORE.search(text[max(0, token[1] - REACH) : token[1]])
    return before is not None and fold(before[1]) in name_words(code)["descriptors"]


def _is_led_by_kind(token: Token, text: str, code: str) -> bool:
    """Return true if a word follows what says what the company is: "Der Uhrenhersteller Arvenis"."""
    before = _WORD_BEFORE.search(text[max(0, token[1] - REACH) : token[1]])
    if before is None or not before[1][0].isupper() or not token[0][0].isupper():
        return False
    low = fold(token[0])
    return longer_names.describes(before[1], code) and low not in vocabulary(code) | name_words(code)["not_names"]


def _is_kind_before_name(tokens: list[Token], index: int, text: str, code: str) -> bool:
    """Return true if an article and a name stand around a noun for what the company is: it is no part of the name."""
    token, following = tokens[index], tokens[index + 1] if index + 1 < len(tokens) else None
    before = _WORD_BEFORE.search(text[max(0, token[1] - REACH) : token[1]])
    if following is None or text[token[2] : following[1]] != " " or before is None:
        return False
    names = name_words(code)
    is_kind = longer_names.describes(token[0], code) and fold(token[0]) not in names["legal"]
    is_name = following[0][0].isupper() and fold(following[0]) not in names["legal"] | names["not_names"]
    is_bare = fold(token[0]) in names["descriptors"] and before[1].islower()
    return is_kind and is_name and (is_bare or fold(before[1]) in names["articles"])


_WORD_BEFORE: Final = re.compile(r"([^\W\d_][\w\-]*) \Z")
