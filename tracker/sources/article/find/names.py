# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: PLR0913, PLR0917, RUF001
"""Names of unknown companies in Chinese and Japanese, and what all languages know of names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find.goods import is_goods_word
from tracker.sources.article.text.lexicon import either, expression, locale, shared_pattern
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.sources.article.model import NamedCompany

__all__ = [
    "OWN",
    "REGISTERED",
    "SHORTEST",
    "Mention",
    "Token",
    "asian",
    "has_own_amount",
    "is_again",
    "is_likely",
    "is_listed",
    "is_of_plain_words",
    "is_registered",
    "name_words",
]

Token = tuple[str, int, int]
SHORTEST: Final = 2
_BESIDE: Final = 12  # letters between a word of contrast and the name behind it


@dataclass(frozen=True, slots=True)
class Mention:
    """A company as named at a place; `aside` says it is mentioned beside the subject, not as it."""

    name: str
    start: int
    end: int
    score: int
    aside: bool = False
    known: NamedCompany | None = None
    doubtful: bool = False  # nothing but its place speaks for a name


@cache
def name_words(code: str) -> dict[str, frozenset[str]]:
    """Return a language's words about names: cues, titles, legal forms, and what is never a name."""
    own = locale(code)
    out = {
        key: frozenset(fold(normalise(word).text) for word in own.words("names", key))
        for key in ("descriptors", "legal", "cues", "titles", "not_names", "articles", "common_after")
    }
    return out | {"legal": out["legal"] | {word.rstrip(".") for word in out["legal"]}}


# Chinese and Japanese --------------------------------------------------------------------------------------------

_WIRE: Final = ("【", "〔")  # what opens the name of a news wire
_WIRE_ENDS: Final = ("】", "〕")
_CHUNK: Final = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fffA-Za-z&·\-]{2,}")


@cache
def _name_end(code: str) -> re.Pattern[str]:
    """Return where a name ends in a stretch without blanks."""
    return locale(code).pattern("cut") or re.compile("(?!)")


def asian(
    text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Yield what is left of a clause's beginning when everything understood is taken away."""
    stop = name_words(code)["not_names"]
    hard = locale(code).phrases("clauses", "hard")
    quoted = _find_quoted(text, folded, start, end, code)
    if quoted is not None:
        yield quoted
        start = quoted.end + 1
    position = start
    forms = [found.span() for found in _registered(code).finditer(folded, start, end)]
    spans = sorted(span for span in occupied if not any(low <= span[0] and span[1] <= high for low, high in forms))
    leading = quoted is None
    for found in _CHUNK.finditer(folded, start, end):
        if folded[found.start() - 1 : found.start()] in _WIRE and folded[found.end() : found.end() + 1] in _WIRE_ENDS:
            continue
        pieces = list(_split_chunk(folded, found.start(), found.end(), spans, code))
        kind = -1
        for index, (low, high) in enumerate(pieces):
            piece = low
            low, high = _drop_descriptor(folded, _behind_verb(folded, low, high, code), high, code)  # noqa: PLW2901 - the bare piece
            is_described = low > piece or _is_behind_kind(text, kind, (low, high), code)
            low, high = _without_person(folded, low, high, code)  # noqa: PLW2901 - the piece without who speaks for it
            high = _without_part(folded, low, high, code)  # noqa: PLW2901 - the piece without a part of the company
            low, high = _with_form(folded, low, high, end, code)  # noqa: PLW2901 - the piece with its legal form
            if is_registered(folded, low, high, code):
                high = _whole_name(text, high, pieces[index + 1 :], code)  # noqa: PLW2901 - the piece with the rest of its name
            name = text[low:high]
            bare = _without_form(name, code)
            if is_goods_word(fold(bare), code):
                kind = high
                continue
            if _is_counted(folded, low, code):
                continue
            if not 2 <= len(bare) <= 14 or name in stop or fold(name) in stop or not _is_plausible(bare, code):  # noqa: PLR2004 - names are short
                continue
            if _is_wire(folded, high, end, code):
                break
            if (
                folded.startswith(_QUOTES, high)
                or _describes_quoted(folded, low, high, code)
                or _is_quoted(folded, low, high)
                or (len(bare) == SHORTEST and not is_described and not is_likely(text, name, code))
            ):
                continue
            if _is_in_reason(folded, low, (start, end), code) or _is_of_generic(folded, low, start, code):
                break
            low, high = _described(text, (low, high), pieces[index + 1 :], code)  # noqa: PLW2901 - the name behind what describes it
            name = text[low:high]
            clause = folded[position:low]
            beside = (
                (position > start and hard.has(folded, position, low))
                or has_own_amount(folded, low, high, (start, end), code)
                or is_listed(folded, position, low, high, end)
                or folded[start:low].endswith(locale(code).words("names", "peers") or ("\0",))
            )
            leading = leading or beside or any(sign in clause for sign in "；;。:：")
            is_sure = is_registered(folded, low, high, code)
            doubtful = not (is_sure or beside or is_described or is_likely(text, name, code))
            score = REGISTERED if is_sure else 4 if leading else 1
            yield Mention(name, low, high, score, doubtful=doubtful)
            leading = False
            position = high
            break


def _find_quoted(text: str, folded: str, start: int, end: int, code: str) -> Mention | None:
    """Return the quoted name behind what says what it is, where a sentence begins: "宅配の「もぐもぐ便」"."""
    found = _quoted_name(code).match(folded, start, end)
    is_company = (
        found is not None and _is_formed(found["before"], code) and not is_of_plain_words(found["before"], code)
    )
    if found is None or is_company or _name_end(code).search(found["before"]):
        return None
    low, high = found.span("name")
    return Mention(text[low:high], low, high, REGISTERED)


@cache
def _quoted_name(code: str) -> re.Pattern[str]:
    own = locale(code)
    kinds, links = either(own.folded("names", "quoted_kinds")), either(own.words("names", "describing"))
    subject = either(own.words("names", "subject"))
    parts = either([*own.words("names", "never_end"), *own.words("names", "owning")])
    of_it = "|".join(map(expression, own.words("names", "quoted_behind")))
    behind = (
        f"(?={subject}{'|' if of_it else ''}{of_it})" if own.words("names", "subject") else f"(?!{parts or '(?!)'})"
    )
    return re.compile(
        rf"[\s\u3000]*(?P<before>[^\s\d,\u3001\u3002「『\"]{{0,12}}?)(?:{kinds or '(?!)'})(?:{links})?"
        rf"[「『\"](?P<name>[^「」『』\"\d]{{2,14}})[」』\"]{behind}"
    )


def _behind_verb(folded: str, low: int, high: int, code: str) -> int:
    """Return where a name begins behind a verb that describes it: "人員削減を進める青嶺電装"."""
    pattern = locale(code).pattern("verb_before")
    found = None if pattern is None else pattern.match(folded, low, high)
    is_led = folded[low - 1 : low] in locale(code).words("names", "verb_particles")
    return found.end() if found is not None and is_led and high - found.end() >= SHORTEST else low


def _without_part(folded: str, low: int, high: int, code: str) -> int:
    """Return where a name ends before a word for a part of it: "玉衡科技海外"."""
    own = locale(code)
    parts = set(own.words("modifiers", "segment")) - {*own.words("names", "business"), *own.words("names", "endings")}
    part = next((word for word in parts if folded.endswith(word, low, high)), "")
    forms = (*own.words("names", "business"), *own.words("names", "endings"))
    stop = high - len(part)
    is_name = any(folded.endswith(form, low, stop) and stop - low - len(form) >= SHORTEST for form in forms)
    return stop if part and is_name else high


def _describes_quoted(folded: str, low: int, high: int, code: str) -> bool:
    """Return true if a piece only says what the quoted name behind it deals in: "動画配信の「シネマ便」"."""
    own = locale(code)
    links = tuple(f"{link}「" for link in own.words("names", "describing")) or ("\0",)
    return folded[low:high].endswith(own.words("names", "describing_ends") or ("\0",)) and folded.startswith(
        links, high
    )


def _is_counted(folded: str, low: int, code: str) -> bool:
    """Return true if a piece begins with the word that counts people behind a number: "35名特定对象"."""
    words = locale(code).words("small", "counter")
    return folded[low - 1 : low].isdigit() and bool(words) and folded.startswith(words, low)


def _is_behind_kind(text: str, kind: int, span: tuple[int, int], code: str) -> bool:
    """Return true if goods say what a subject behind them deals in: "化粧品の花蔵が"."""
    own = locale(code)
    is_linked = 0 <= kind < span[0] and text[kind : span[0]] in own.words("names", "describing")
    return is_linked and text.startswith(own.words("names", "subject") or ("\0",), span[1])


def is_likely(text: str, name: str, code: str) -> bool:
    """Return true if more than its place speaks for a name: its form, or that the text has it again."""
    return _is_formed(name, code) or is_again(text, name)


REGISTERED: Final = 6  # the score of a name with the form of a company that is registered


@cache
def _registered(code: str) -> re.Pattern[str]:
    """Return the forms of registered companies, which no other names have: "有限公司", "株式会社"."""
    return re.compile(either(locale(code).folded("names", "registered")) or "(?!)")


def is_registered(folded: str, low: int, high: int, code: str) -> bool:
    """Return true if the form of a registered company ends a name, or stands right before it."""
    forms = locale(code).folded("names", "registered") or ("\0",)
    return folded[low:high].endswith(forms) or folded[:low].endswith(forms)


@cache
def _title(code: str) -> re.Pattern[str]:
    """Return the titles of people."""
    return re.compile(either(locale(code).folded("names", "titles")) or "(?!)")


def _whole_name(text: str, high: int, rest: list[tuple[int, int]], code: str) -> int:
    """Return where a registered name ends: a particle may stand in it, before what ends like a name."""
    following = rest[0] if rest else None
    if following is None or text[high : following[0]] not in locale(code).words("names", "describing"):
        return high
    return following[1] if _is_formed(text[slice(*following)], code) else high


def _without_person(folded: str, low: int, high: int, code: str) -> tuple[int, int]:
    """Return a piece up to the title of somebody, if a company is named before it; nothing of it where none is."""
    found = _title(code).search(folded, low, high)
    if found is None:
        return low, high
    place = found.start()
    is_led = found[0] in locale(code).words("officers", "leading") and not is_of_plain_words(folded[low:place], code)
    if is_led and place - low >= _COMPANY and high > found.end():
        return low, place
    return (low, place) if _is_formed(folded[low:place], code) else (low, low)


_COMPANY: Final = 4  # letters before an office and a person: more than a person has


def _is_quoted(folded: str, low: int, high: int) -> bool:
    """Return true if quotation marks stand around a name, as around the names of products."""
    return folded[low - 1 : low] in ("「", "『", "“", "《") and folded[high : high + 1] in ("」", "』", "”", "》")


def _without_form(name: str, code: str) -> str:
    """Return a name without the legal form at its end."""
    form = next((word for word in locale(code).words("names", "legal") if name.endswith(word)), "")
    return name.removesuffix(form) if len(name) - len(form) >= SHORTEST else name


_QUOTES: Final = ("「", "『", "“", "《", '"')  # what opens the name of a product
_COMMA: Final = re.compile(r"[,，]")
_DIGIT: Final = re.compile(r"\d")


def _is_in_reason(folded: str, low: int, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a name stands in a part of a sentence that gives a reason: "受原材料涨价影响"."""
    start, end = bounds
    comma = _COMMA.search(folded, low, end)
    begin = max(folded.rfind(sign, start, low) for sign in _SIGNS) + 1 or start
    reasons = locale(code).words("names", "reasons")
    if comma is None or not reasons or not folded.startswith(reasons, begin):
        return False
    return _DIGIT.search(folded, begin, comma.start()) is None


def _is_of_generic(folded: str, low: int, start: int, code: str) -> bool:
    """Return true if the part of a sentence that holds a name begins with "the company": it tells of that one."""
    begin = max(folded.rfind(sign, start, low) for sign in f"{_SIGNS}:") + 1 or start
    generic, peers = locale(code).words("names", "generic"), locale(code).words("names", "peers")
    return bool(generic) and folded.startswith(generic, begin) and not folded[begin:low].endswith(peers or ("\0",))


def _is_wire(folded: str, high: int, end: int, code: str) -> bool:
    """Return true if a name signs a report: "中新网8月29日电"."""
    words = locale(code).words("dateline", "wire")
    day = shared_pattern("day").match(folded, high, end)
    return bool(words) and folded.startswith(words, high if day is None else day.end(), end)


_SIGNS: Final = ",，;；。"
_KANA_NAME: Final = re.compile(r"[\u30a1-\u30faA-Z]")


def _described(text: str, span: tuple[int, int], rest: list[tuple[int, int]], code: str) -> tuple[int, int]:
    """Return the span of the name that what stands before it describes: "動画配信のミナモTVは"."""
    low, high = span
    following = rest[0] if rest else None
    own = locale(code)
    if following is None or text[high : following[0]] not in own.words("names", "describing"):
        return span
    before, behind = text[low:high], text[slice(*following)]
    subject = text.startswith(own.words("names", "describes"), following[1])
    is_company = before.endswith(own.words("names", "legal") or ("\0",))
    is_topic = text.startswith(own.words("names", "subject"), following[1]) if subject else False
    is_kind = before in own.words("names", "business") or before.endswith(
        own.words("names", "describing_ends") or ("\0",)
    )
    if _title(code).search(fold(behind)):
        return span  # a person: "青葉リースの佐藤CFOは"
    is_name = is_kind or (_is_formed(behind, code) and (is_topic or not _is_formed(before, code)))
    return following if subject and is_name and not is_company else span


def _is_formed(name: str, code: str) -> bool:
    """Return true if a name has the form of a company's: an ending of such names, or letters of names."""
    if name.endswith(locale(code).words("names", "describing_ends") or ("\0",)):
        return False
    own = locale(code)
    endings = (*own.words("names", "business"), *own.words("names", "legal"), *own.words("names", "endings"))
    return name.endswith(endings) or _KANA_NAME.search(name) is not None


def _with_form(folded: str, low: int, high: int, end: int, code: str) -> tuple[int, int]:
    """Return a piece with the legal form behind it, without the word that leads to it."""
    own = locale(code)
    leads = (*own.words("names", "lead"), *own.words("names", "registered"))
    lead = next((word for word in leads if folded.startswith(word, low, high)), "")
    form = next((word for word in own.words("names", "legal") if folded.startswith(word, high, end)), "")
    return low + len(lead), high + len(form)


#: What an item of a list has behind its name: "가 2조 3,400억원, ".
_ITEM: Final = re.compile(
    r"[^\d\s,，、;；:：()（）]{0,3} ?\d(?:[\d.,]|[^\s,，、;；:：()（）]| (?=\d)){0,16}"
    r"(?: [^\d\s,，、;；:：()（）]{1,4})?[,，、;；] ?"
)

OWN: Final = re.compile(r"[^\d\s,;:()，。、；：（）]{0,3} ?\d")


def has_own_amount(folded: str, low: int, high: int, bounds: tuple[int, int], code: str) -> bool:
    """Return true if an amount follows a name as what is told of it, behind a word that puts companies side by side."""
    start, end = bounds
    before = folded[max(start, low - _BESIDE) : low]
    words = locale(code).words("names", "contrast")
    return OWN.match(folded, high, end) is not None and any(word in before for word in words)


def is_listed(folded: str, last: int, low: int, high: int, end: int) -> bool:
    """Return true if nothing but an amount and a comma part a name from the one before, and it has its own amount."""
    return OWN.match(folded, high, end) is not None and _ITEM.fullmatch(folded, last, low) is not None


def _split_chunk(
    folded: str, start: int, end: int, spans: list[tuple[int, int]], code: str
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a chunk between occupied spans and particles."""
    cuts = [(low, high) for low, high in spans if low < end and start < high]
    found_all = [found.span() for found in _name_end(code).finditer(folded, start, end)]
    edges = {start, *(high for _, high in cuts)}
    cuts += [(low, high) for low, high in found_all if high - low > 1 or low - 1 not in edges]  # a name has two signs
    position = start
    for low, high in sorted(cuts):
        if low > position:
            yield position, low
        position = max(position, high)
    if position < end:
        yield position, end


def _drop_descriptor(folded: str, low: int, high: int, code: str) -> tuple[int, int]:
    """Return a piece without the words that describe a company before its name."""
    if not locale(code).descriptor_before_name:
        return low, high
    for word in sorted(name_words(code)["descriptors"], key=len, reverse=True):
        place = folded.rfind(word, low, high)
        if place + len(word) + SHORTEST <= high and place >= low:
            low = place + len(word)
    return low, high


@cache
def _plain_words(code: str) -> tuple[frozenset[str], int]:
    """Return words of a language that make no name, and how long the longest is."""
    words = frozenset(locale(code).folded("names", "plain"))
    return words, max(map(len, words), default=0)


@lru_cache(maxsize=1024)
def is_of_plain_words(name: str, code: str) -> bool:
    """Return true if a name is made of words of the language alone, one or several."""
    words, longest = _plain_words(code)
    ends = [0]
    for end in range(1, len(name) + 1) if words else ():
        if any(end - begin <= longest and name[begin:end] in words for begin in ends):
            ends.append(end)
    return ends[-1] == len(name) > 0


def _without_plain_tail(name: str, code: str) -> str:
    """Return a name without the words of the language at its end."""
    words, longest = _plain_words(code)
    size = len(name)
    while size > SHORTEST:
        step = next((step for step in range(min(longest, size - 1), 0, -1) if name[size - step : size] in words), 0)
        if not step:
            break
        size -= step
    return name[:size]


@lru_cache(maxsize=256)
def is_again(text: str, name: str) -> bool:
    """Return true if a text has a name more than once."""
    place = text.find(name)
    return text.find(name, place + len(name)) >= 0


_LONG: Final = 5  # letters: a word for a company at the end of as many is a part of the name


def _is_institution(name: str, code: str) -> bool:
    """Return true if a name is one of a place, a body or a person, whatever plain words follow it."""
    bare = _without_plain_tail(name, code)
    words = locale(code).words("names", "institutions") or ("\0",)
    return name.endswith(words) or (len(bare) > SHORTEST and bare.endswith(words))


def _is_plausible(name: str, code: str) -> bool:
    own = locale(code)
    if is_of_plain_words(name, code) or _is_institution(name, code):
        return False
    if len(name) >= _LONG and name.endswith(own.words("names", "kept_ends") or ("\0",)):
        return not name.startswith(own.words("names", "never_begin"))
    none = own.pattern("no_name")
    if none is not None and none.fullmatch(name):
        return False
    return not name.startswith(own.words("names", "never_begin")) and not name.endswith(own.words("names", "never_end"))
