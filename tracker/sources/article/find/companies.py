# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917
"""Companies in a sentence: known ones by their names in any script, unknown ones by their place and form."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import longer_names
from tracker.sources.article.find.names import Mention, Token, arabic, asian, korean, name_words
from tracker.sources.article.find.noun_names import noun_names
from tracker.sources.article.find.owned_names import behind_owned, without_owned
from tracker.sources.article.find.topics import COUNTED, find_topics
from tracker.sources.article.model import NamedCompany
from tracker.sources.article.text.lexicon import (
    LANGUAGES,
    PhraseMatch,
    Phrases,
    either,
    every,
    literal,
    locale,
    split,
    vocabulary,
)
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Mention", "companies_known", "find_companies"]

THRESHOLD: Final = 2
_SYLLABLE: Final = 2  # letters: too short for a name by itself
_METRIC: Final = 40  # letters that a metric behind a word is looked for in
_FORMED: Final = 3  # the score of a name of more than one word
_LONGEST: Final = 4  # words of a name before its legal form


@cache
def companies_known() -> tuple[NamedCompany, ...]:
    """Return the well-known companies of `companies.toml`."""
    table = tomllib.loads(files("tracker.sources.article.find").joinpath("companies.toml").read_text("utf-8"))
    return tuple(
        NamedCompany(name.replace("_", " "), split(entry["names"]), entry["currency"], entry["year_end"])
        for name, entry in table.items()
    )


@lru_cache(maxsize=8)
def _gazetteer(extra: tuple[NamedCompany, ...]) -> tuple[Phrases, dict[str, NamedCompany]]:
    """Return every name of every company, by its first letter."""
    table: dict[str, NamedCompany] = {}
    for company in (*companies_known(), *extra):
        for name in (*company.names, company.entity):
            table[fold(normalise(name).text)] = company
    return literal(tuple(form for form in table if form)), table


def find_companies(
    text: str,
    folded: str,
    start: int,
    end: int,
    code: str,
    extra: Sequence[NamedCompany],
    occupied: Sequence[tuple[int, int]],
) -> list[Mention]:
    """Return the companies a sentence names, from left to right; `occupied` are spans that are no names."""
    start = _behind_announcement(folded, start, end, code)
    known = list(_find_known(text, folded, start, end, code, tuple(extra), occupied))
    style = locale(code).style
    guesses = {"arabic": arabic, "none": asian, "korean": korean}.get(style)
    unknown = list(_find_capitalised(text, folded, start, end, code, occupied))
    if locale(code).words("names", "noun_heads"):
        nouns = list(noun_names(text, folded, start, end, code, occupied))
        spans = [(item.start, item.end) for item in nouns]
        unknown = [item for item in unknown if not any(item.start < high and low < item.end for low, high in spans)] + [
            replace(item, aside=_is_aside(folded, item.start, start, code)) for item in nouns
        ]
    if guesses is not None:
        unknown += list(guesses(text, folded, behind_owned(folded, start, end, code), end, code, occupied))
    taken = [(mention.start, mention.end) for mention in known]
    kept = [
        mention
        for mention in unknown
        if mention.score >= THRESHOLD
        and not any(mention.start < high and low < mention.end for low, high in taken)
        and not _opens_dateline(text, mention, start, end)
        and not _is_label_of_cells(text, mention, start, end)
    ]
    behind = locale(code).folded("names", "beside_behind")
    found = (replace(item, aside=True) if _leads(folded, item, behind) else item for item in (*known, *kept))
    out = sorted(found, key=lambda mention: mention.start)
    out = _without_place(without_owned(out, text, folded, start, end, code), text, start, end, code)
    spans = _describing_spans(folded, out, end) if style == "words" else []
    return [replace(item, aside=True) if _is_within(item, spans) else item for item in out]


def _behind_announcement(folded: str, start: int, end: int, code: str) -> int:
    """Return where a sentence begins behind a word that says it is published: "Press release: ..."."""
    found = _announcement(code).match(folded, start, end)
    return start if found is None else found.end()


@cache
def _announcement(code: str) -> re.Pattern[str]:
    words = either(locale(code).folded("names", "announcements"))
    return re.compile(rf"[\s*#\[(\u3010<]*(?:{words})[\])\u3011>]?(?: ?[:|\u2013\u2014] ?| - |[ \t]*(?=\n|\Z))")


_DESCRIBING: Final = re.compile(r"\.?, (?=[^\W\d_])([^,;:()\d\n]{6,90}?),")


def _describing_spans(folded: str, found: Sequence[Mention], end: int) -> list[tuple[int, int]]:
    """Return the spans between commas that follow a name and describe the company: ", a rival of Vale,"."""
    marks = (_DESCRIBING.match(folded, item.end, end) for item in found if item.score >= _FORMED and not item.aside)
    return [mark.span(1) for mark in marks if mark is not None]


def _is_within(mention: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    """Return true if a name stands within a description of another company, behind other words of it."""
    return any(low < mention.start and mention.end <= high for low, high in spans)


def _leads(folded: str, mention: Mention, words: tuple[str, ...]) -> bool:
    """Return true if words behind a name say that another company is the subject, such as "…以外" (except)."""
    return bool(words) and folded.startswith(words, mention.end)


def _find_known(
    text: str,
    folded: str,
    start: int,
    end: int,
    code: str,
    extra: tuple[NamedCompany, ...],
    occupied: Sequence[tuple[int, int]],
) -> Iterator[Mention]:
    """Yield known companies, where the whole name in the text is one of theirs."""
    names, table = _gazetteer(extra)
    for mark in names.find(folded, start, end):
        company, begin = table[mark.label], mark.start
        if mark.label[0].isascii() and not text[begin].isupper() and not text[begin + 1 : begin + 2].isupper():
            continue
        if begin == start and " " not in mark.label and _is_before_amount(folded, mark.end, end, occupied):
            continue
        if _is_other_name(mark, folded) or longer_names.is_longer(text, mark, (start, end), code, occupied):
            continue
        aside = _is_aside(folded, begin, start, code) or _is_in_relative(folded, begin, mark.end, (start, end), code)
        yield Mention(company.entity, begin, mark.end, 10, aside=aside, known=company)


def _is_before_amount(folded: str, place: int, end: int, occupied: Sequence[tuple[int, int]]) -> bool:
    """Return true if an amount follows the first word of a sentence, which is a verb then: "Vale 15 milioni"."""
    found = _NUMBER.match(folded, place, end)
    return found is not None and any(
        low == found.start() + 1 and _is_amount(folded, low, high) for low, high in occupied
    )


_DATELINE: Final = re.compile(
    r"(?: \([^()\n]{2,24}\)|,[^.;:()\n]{0,40}?\d[^;:()\n]{0,24}?) ?(?:[-\u2013\u2014]|/[A-Z]+/)"
)


def _opens_dateline(text: str, mention: Mention, start: int, end: int) -> bool:
    """Return true if a name is the place of a line that begins with place and day: "Lyon, le 24 juillet 2024 - "."""
    opens = not text[start : mention.start].strip() and text[max(0, start - 1) : start] in ("", "\n")
    return opens and _DATELINE.match(text, mention.end, end) is not None


_DASH: Final = re.compile(r" ?(?:--?|[\u2013\u2014]+|:) ?(?=[^\W\d_])")
_LINE: Final = re.compile(r"\n[^\n]{1,30}(?: (?:-|[\u2013\u2014]) |:)")


def _without_place(found: list[Mention], text: str, start: int, end: int, code: str) -> list[Mention]:
    """Return the companies of a sentence without the place that opens it: "LISBOA - A papeleira Celbeira lucrou"."""
    place = found[0] if found else None
    if place is None or place.known is not None or not _opens_as_place(text, place, start, end, code):
        return found
    others = [item for item in found[1:] if not item.aside and not item.doubtful]
    return found[1:] if others or _is_below_headline(text, place, code) else found


def _opens_as_place(text: str, mention: Mention, start: int, end: int, code: str) -> bool:
    """Return true if a name without a legal form opens a line, and a dash or a colon parts it from a sentence."""
    opens = not text[start : mention.start].strip() and text[:start].rstrip(" ")[-1:] in ("", "\n")
    mark = _DASH.match(text, mention.end, end)
    is_form = fold(mention.name.split()[-1]) in name_words(code)["legal"]
    return opens and mark is not None and not is_form and text.count(mention.name) == 1


def _is_below_headline(text: str, mention: Mention, code: str) -> bool:
    """Return true if a place stands below a headline, in the one such line, before a word of the language."""
    mark = _DASH.match(text, mention.end)
    word = _TOKEN.match(text, mark.end()) if mark is not None else None
    if word is None or mark is None or ":" in mark[0] or not text[: mention.start].strip():
        return False
    low = fold(word[0])
    names = name_words(code)
    is_plain = low in names["articles"] | names["not_names"] | names["descriptors"] | names["common_after"]
    return is_plain and word[0][0].isupper() and len(_LINE.findall("\n" + text)) == 1


_CELLS: Final = re.compile(r"(?: *\||\t| {2,}\S)")


def _is_label_of_cells(text: str, mention: Mention, start: int, end: int) -> bool:
    """Return true if one word fills the first cell of a line: it says what the rows or cells are ("Item | 2024")."""
    opens = not text[start : mention.start].strip(" |") and text[max(0, start - 1) : start] in ("", "\n")
    return opens and " " not in mention.name and _CELLS.match(text, mention.end, end) is not None


@cache
def _other_names() -> dict[str, tuple[str, ...]]:
    """Return names that are only the beginning of another name before certain words."""
    table = tomllib.loads(files("tracker.sources.article.find").joinpath("companies.toml").read_text("utf-8"))
    return {name.lower(): split(entry["not_before"]) for name, entry in table.items() if "not_before" in entry}


def _is_other_name(mark: PhraseMatch, folded: str) -> bool:
    """Return true if a known name goes on with a word that makes it another one: "Meta AI", "Vale do"."""
    words = _other_names().get(mark.label)
    return words is not None and re.match(rf"[ -](?:{either(words)})\b", folded[mark.end : mark.end + 4]) is not None


@cache
def _aside() -> re.Pattern[str]:
    """Return words before a name that put it beside the subject: rivals, sources, comparisons."""
    spelled = [code for code in LANGUAGES if not locale(code).is_east_asian]
    words = [word for code in spelled for word in locale(code).folded("names", "beside")]
    particles = [word for code in LANGUAGES if code not in spelled for word in locale(code).folded("names", "beside")]
    return re.compile(rf"(?:\b(?:{either(words)})|{either(particles)})[ ]?\Z")


def _is_aside(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a word that compares stands before a name, and none that begins a clause ("tandis que")."""
    if _aside().search(folded[max(start, begin - 14) : begin]) is None:
        return False
    clauses = locale(code).phrases("clauses", "hard").find(folded, max(start, begin - 24), begin)
    return not any(0 <= begin - mark.end <= 1 for mark in clauses)


# Scripts with capitals ------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"[^\W_][^\W_]*(?:[&'.\-][^\W_]+)*", re.UNICODE)
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


def _find_capitalised(
    text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    found_all = (
        found
        for found in _TOKEN.finditer(text, start, end)
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
        mention = _score_name(run, text, folded, (start, end), code, first=first)
        if mention is not None and mention.score >= THRESHOLD:
            yield mention
        index += len(run)


_NUMBER: Final = re.compile(r" \d")


def _leads_number(folded: str, token: Token, end: int, occupied: Sequence[tuple[int, int]]) -> bool:
    """Return true if a number that is no year follows a word: "Comptant 8 900 salariés" names no company."""
    found = _NUMBER.match(folded, token[2], end)
    is_named = any(low <= token[2] + 1 < high and not _is_amount(folded, low, high) for low, high in occupied)
    return found is not None and not token[0].endswith("'s") and not is_named


def _is_amount(folded: str, low: int, high: int) -> bool:
    """Return true if a span that is understood may be an amount: it is no year by itself."""
    return re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", folded[low:high]) is None


@cache
def _parts(code: str) -> frozenset[str]:
    """Return the words for parts of a company, which alone are no names: "Cloud", "Advertising"."""
    phrases = (phrase for key in ("segment", "adjusted") for phrase in locale(code).words("modifiers", key))
    return frozenset(fold(word) for word in " ".join(phrases).replace("?", "").split() if word.isalpha())


_FOLLOWING: Final = re.compile(r" ([^\W\d_]+)")


def _is_counted(folded: str, token: Token, end: int, code: str) -> bool:
    """Return true if the first word of a sentence is a noun of measure before a metric: "Bilangan pekerjanya"."""
    own = locale(code)
    if own.capitals != "names":
        return False
    following = _FOLLOWING.match(folded, token[2], end)
    if following is not None and following[1] in own.words("names", "behind_adjective"):
        return True
    found = find_topics(folded, token[2] + 1, min(end, token[2] + _METRIC), code, ())
    is_next = bool(found) and found[0].start == token[2] + 1
    if is_next and _NUMBER.match(folded, found[0].end, end):
        return found[0].label in COUNTED
    return is_next and (found[0].label in COUNTED or bool(own.words("names", "behind_adjective")))


def _without_article(found: re.Match[str], code: str) -> Token:
    """Return a token without the article that is written as one word with it."""
    elided = _elision(code).match(found[0])
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
        is_led = own.capitals == "nouns" and not run and _is_led_by_kind(token, text, code)
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
            or fold(run[0][0]) not in _owned(code) | vocabulary(code) | name_words(code)["not_names"]
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
    low = max(0, run[0][1] - _LEAD)
    return f" {fold(text[low : run[0][1]])}".endswith(_part_nouns(code))


def _is_generic(run: list[Token], code: str) -> bool:
    """Return true if a word of a name is an office, a kind of company or a possession of one: "Presidente de"."""
    names, heads = name_words(code), locale(code).folded("names", "name_heads")
    generic = names["titles"] | names["cues"] | _owned(code)
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


def _is_led_by_kind(token: Token, text: str, code: str) -> bool:
    """Return true if a word follows what says what the company is: "Der Uhrenhersteller Arvenis"."""
    before = _WORD_BEFORE.search(text[max(0, token[1] - _REACH) : token[1]])
    if before is None or not before[1][0].isupper() or not token[0][0].isupper():
        return False
    low = fold(token[0])
    return longer_names.describes(before[1], code) and low not in vocabulary(code) | name_words(code)["not_names"]


def _is_kind_before_name(tokens: list[Token], index: int, text: str, code: str) -> bool:
    """Return true if an article and a name stand around a noun for what the company is: it is no part of the name."""
    token, following = tokens[index], tokens[index + 1] if index + 1 < len(tokens) else None
    before = _WORD_BEFORE.search(text[max(0, token[1] - _REACH) : token[1]])
    if following is None or text[token[2] : following[1]] != " " or before is None:
        return False
    names = name_words(code)
    is_kind = longer_names.describes(token[0], code) and fold(token[0]) not in names["legal"]
    is_name = following[0][0].isupper() and fold(following[0]) not in names["legal"] | names["not_names"]
    is_bare = fold(token[0]) in names["descriptors"] and before[1].islower()
    return is_kind and is_name and (is_bare or fold(before[1]) in names["articles"])


_REACH: Final = 40  # letters
_THING: Final = re.compile(r"([^\W\d_]+) ([^\W\d_]+) \Z")
_WORDS_BEFORE: Final = re.compile(r"(?:[^\W\d_]+ ){0,2}[^\W\d_]+,? \Z")
_WORD_BEFORE: Final = re.compile(r"([^\W\d_][\w\-]*) \Z")


def _score_name(
    run: list[Token], text: str, folded: str, bounds: tuple[int, int], code: str, *, first: int
) -> Mention | None:
    begin, finish = run[0][1], run[-1][2]
    name = text[begin:finish]
    if name.endswith("'s"):
        name, finish = name[:-2], finish - 2
    elided = _elision(code).match(name)
    if elided:
        begin += elided.end()
        name = name[elided.end() :]
    never = name_words(code)["not_names"] | name_words(code)["legal"] | name_words(code)["descriptors"]
    if not name or (elided and not name[0].isupper()) or fold(name) in never:
        return None
    if len(run) == 1 and ((len(name) <= _SYLLABLE and name.istitle()) or fold(name) in every("names", "origins")):
        return None
    score = _score_form(run, name, code, first) + _score_place(folded, begin, finish, bounds, code, first)
    aside = _is_aside(folded, begin, bounds[0], code) or _is_of_analysts(folded, begin, bounds[0], code)
    if _is_possessed(folded, begin, bounds[0], code):
        return None
    is_place = _is_place(folded, begin, bounds[0], code) and not (len(run) > 1 and text.startswith(":", finish))
    aside = aside or is_place or _is_of_part(folded, begin, finish, bounds, code)
    return Mention(
        name, begin, finish, score, aside=aside or (len(run) == 1 and _is_of_thing(folded, begin, bounds[0], code))
    )


def _is_of_thing(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if one word stands behind "of" and what is no figure or company: "su planta de Lugo" is a place."""
    links = locale(code).words("names", "of_place")
    found = _THING.search(folded[max(start, begin - _REACH) : begin]) if links else None
    return found is not None and found[2] in links and found[1] not in _owned(code)


@cache
def _owned(code: str) -> frozenset[str]:
    """Return the words that may stand before "of" and a company: metrics, kinds of companies, kinds of reports."""
    own = locale(code)
    phrases = " ".join((*own.table("metrics").values(), *own.table("other_topics").values()))
    words = re.findall(r"[^\W\d_]+", fold(re.sub(r"[?*()|]", " ", phrases)))
    return (
        frozenset(words)
        | name_words(code)["descriptors"]
        | name_words(code)["titles"]
        | frozenset(own.folded("names", "of_company"))
    )


@cache
def _relative(code: str) -> re.Pattern[str]:
    """Return the beginning of a clause behind a comma that tells of what stands before it: ", who joined from"."""
    words = either(locale(code).folded("names", "relatives"))
    return re.compile(rf", (?:{words}) [^,.;:()\n]*\Z" if words else "(?!)")


def _is_in_relative(folded: str, begin: int, finish: int, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a name stands inside a clause between commas that tells of another: "who came from Unilever,"."""
    if _relative(code).search(folded[max(bounds[0], begin - 2 * _REACH) : begin]) is None:
        return False
    return re.match(r"[^,.;:()\n]*,", folded[finish : min(bounds[1], finish + 2 * _REACH)]) is not None


_LEAD: Final = 24  # letters


def _is_of_analysts(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a name is the house of analysts or brokers: "Brokers at Wexler & Sons"."""
    low = max(start, begin - _LEAD)
    marks = list(locale(code).phrases("names", "analysts").find(folded, low, begin))
    cues = name_words(code)["cues"] | name_words(code)["articles"]
    return bool(marks) and set(re.findall(r"\w+", folded[marks[-1].end : begin])) <= cues


def _is_possessed(folded: str, begin: int, start: int, code: str) -> bool:
    """Return true if a possessive stands before a capital: "its Caribbean resorts" are a part of a company."""
    words = locale(code).words("names", "possessive")
    return folded[max(start, begin - _LEAD) : begin].endswith(tuple(f"{word} " for word in words)) if words else False


def _is_of_part(folded: str, begin: int, finish: int, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a noun for a part of a company stands beside a name: "die Sparte Windkraft"."""
    own = locale(code)
    if own.head_last and own.capitals != "nouns":
        behind = _FOLLOWING.match(folded, finish, bounds[1])
        return behind is not None and f" {behind[1]} " in _part_nouns(code)
    before = f" {folded[max(bounds[0], begin - _LEAD) : begin]}".replace("'", " ")
    return before.endswith(_part_nouns(code)) and not before.endswith(_kinds_of_company(code))


@cache
def _kinds_of_company(code: str) -> tuple[str, ...]:
    """Return the words of more than one word for kinds of companies, with blanks around them: "emiten tambang"."""
    return tuple(f" {word} " for word in name_words(code)["descriptors"] if " " in word) or ("\0",)


@cache
def _part_nouns(code: str) -> tuple[str, ...]:
    """Return the nouns for parts of a company that are not companies themselves, with blanks around them."""
    own = locale(code)
    nouns = set(own.folded("modifiers", "subject")) - set(own.folded("modifiers", "subsidiary"))
    return tuple(f" {noun} " for noun in nouns)


@cache
def _elision(code: str) -> re.Pattern[str]:
    """Return an article that is written as one word with a name."""
    own = either(every("names", "elisions")) if locale(code).words("names", "elisions") else "(?!)"
    return re.compile(rf"(?:{own})'(?=[^\W\d_])", re.IGNORECASE)


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
    words = _WORDS_BEFORE.search(folded[max(start, begin - _REACH) : begin])
    for word in reversed(re.findall(r"[^\W\d_]+", words[0]) if words else ()):
        if word in names["titles"]:
            return True
        if word in names["cues"] | names["articles"] | names["descriptors"]:
            break
    return _titled(code).search(folded, max(start, begin - _REACH), begin) is not None


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
