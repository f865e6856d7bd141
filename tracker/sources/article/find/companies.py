"""Companies in a sentence: known ones by their names in any script, unknown ones by their place and form."""
# a sentence is handed on as its parts
# ruff: noqa: PLR0913, PLR0917

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import longer_names
from tracker.sources.article.find.arabic_names import arabic
from tracker.sources.article.find.capitalised_names import NUMBER, THRESHOLD, TOKEN, find_capitalised, is_amount
from tracker.sources.article.find.korean_names import korean
from tracker.sources.article.find.names import Mention, asian, name_words
from tracker.sources.article.find.noun_names import noun_names
from tracker.sources.article.find.officers import Officer, find_officers
from tracker.sources.article.find.owned_names import behind_owned, without_owned
from tracker.sources.article.find.persons import without_persons
from tracker.sources.article.find.shouted_names import is_shouted, shouted_name
from tracker.sources.article.find.words_at_names import REACH, is_aside
from tracker.sources.article.model import NamedCompany
from tracker.sources.article.text.lexicon import PhraseMatch, Phrases, either, every, literal, locale, split
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Mention", "companies_known", "find_companies"]

_OFFICE: Final = 6  # the score of the company of an office
_FORMED: Final = 3  # the score of a name of more than one word
_REGISTERED: Final = 8  # the score of a name with the form of a company


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
    unknown = list(find_capitalised(text, folded, start, end, code, occupied))
    shouted = is_shouted(text[start:end], code)
    if shouted:
        unknown = _names_of_capitals(unknown, text, folded, start, end, code)
    if locale(code).words("names", "noun_heads") and not shouted:
        nouns = list(noun_names(text, folded, start, end, code, occupied))
        spans = [(item.start, item.end) for item in nouns]
        unknown = [item for item in unknown if not any(item.start < high and low < item.end for low, high in spans)] + [
            replace(item, aside=is_aside(folded, item.start, start, code)) for item in nouns
        ]
    if guesses is not None:
        unknown += list(guesses(text, folded, behind_owned(folded, start, end, code), end, code, occupied))
    officers = list(find_officers(text, folded, start, end, code))
    if officers:
        unknown = _with_officers(unknown, officers, text)
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
    out = without_persons(out, text, folded, start, end, code)
    out = _without_place(without_owned(out, text, folded, start, end, code), text, start, end, code)
    spans = _describing_spans(folded, out, end) if style == "words" else []
    return [replace(item, aside=True) if _is_within(item, spans) else item for item in out]


def _with_officers(unknown: Sequence[Mention], officers: Sequence[Officer], text: str) -> list[Mention]:
    """Return the names of a sentence with the companies of its offices, without the people who hold them."""
    spans = [span for item in officers for span in (item.company, item.person) if span is not None]
    rest = [item for item in unknown if not any(item.start < high and low < item.end for low, high in spans)]
    return rest + [Mention(text[slice(*item.company)], *item.company, _OFFICE) for item in officers]


def _names_of_capitals(
    found: Sequence[Mention], text: str, folded: str, start: int, end: int, code: str
) -> list[Mention]:
    """Return the names of a line of capitals: those with a legal form, or else the one that stands first."""
    formed = [item for item in found if fold(item.name.split()[-1]).rstrip(".") in every("names", "hard_forms")]
    return [item for item in formed if item.score >= _REGISTERED] or list(shouted_name(text, folded, start, end, code))


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
        aside = is_aside(folded, begin, start, code) or _is_in_relative(folded, begin, mark.end, (start, end), code)
        yield Mention(company.entity, begin, mark.end, 10, aside=aside, known=company)


def _is_before_amount(folded: str, place: int, end: int, occupied: Sequence[tuple[int, int]]) -> bool:
    """Return true if an amount follows the first word of a sentence, which is a verb then: "Vale 15 milioni"."""
    found = NUMBER.match(folded, place, end)
    return found is not None and any(
        low == found.start() + 1 and is_amount(folded, low, high) for low, high in occupied
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
    word = TOKEN.match(text, mark.end()) if mark is not None else None
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


# Scripts with capitals ------------------------------------------------------------------------------------------


@cache
def _relative(code: str) -> re.Pattern[str]:
    """Return the beginning of a clause behind a comma that tells of what stands before it: ", who joined from"."""
    words = either(locale(code).folded("names", "relatives"))
    return re.compile(rf", (?:{words}) [^,.;:()\n]*\Z" if words else "(?!)")


def _is_in_relative(folded: str, begin: int, finish: int, bounds: tuple[int, int], code: str) -> bool:
    """Return true if a name stands inside a clause between commas that tells of another: "who came from Unilever,"."""
    if _relative(code).search(folded[max(bounds[0], begin - 2 * REACH) : begin]) is None:
        return False
    return re.match(r"[^,.;:()\n]*,", folded[finish : min(bounds[1], finish + 2 * REACH)]) is not None
