# signs of other scripts are meant as they stand
# ruff: noqa: RUF001, RUF002
"""The scale that a table is printed in: "(in thousands, except per share data)", "$ in millions", "単位：百万円".

A header is a scale word with a currency or lead words beside it and nothing else, up to a comma or a word of exception.
It stands in brackets, fills a line, or ends one behind a dash, colon or comma. A currency alone behind a lead word
("in euros", "单位：元") is a header, too: it ends the scale before. The words are in the sections `header`,
`header_scales` and `header_units` of the locale files:

- `lead`: words before the scale or between it and the currency; `note`: words that may stand beside them ("unaudited");
  `also`: what else is printed so, before the scale or behind the currency ("dollars and shares in thousands");
- `except`: what begins the exceptions; `unless`: what leaves it to each line ("unless otherwise noted");
- `plain`: the lead words behind which a currency alone is a header;
- `money`: words that say that amounts of money are meant; `everywhere`: that the whole text is;
- `or`: words between a profit and a loss in a label ("profit or loss").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.find import rows, topics
from tracker.sources.article.find.amounts import currency_at
from tracker.sources.article.text.lexicon import (
    FALLBACK,
    Phrases,
    common,
    compile_table,
    either,
    every,
    locale,
    merge_tables,
    split,
    tail_table,
)
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.sources.article.find.amounts import Context
    from tracker.sources.article.text.sentences import Sentence

__all__ = ["Header", "find_headers"]

LONGEST: Final = 160  # letters: a longer line or bracket is no header
_BRACKET: Final = re.compile(r"[(\[]([^()\[\]\n]{1,160})[)\]]")
_PIECE: Final = re.compile(r"(?: [-—|·•] |[:|;] ?|, )")  # what stands before a header that ends a line
_ASIDE: Final = re.compile(r", ?([^,()\d\n]{4,60})(?=,)")
_OPENING: Final = re.compile(r"\s*([^:：\d\n]{3,50}?) ?[:：]")  # what opens a list: "In USD millions:"
_PLURAL: Final = 5  # letters: shorter words may be anything
_SKIP: Final = re.compile(r"[\s:,;、，'\"*()\-/.=]+")
_REST: Final = re.compile(r" ?(?:\Z|[,;.:、)(])")
_ABBREVIATED: Final = re.compile(r"[a-z]{1}\Z")


@dataclass(frozen=True, slots=True)
class Header:
    """What a text says of its numbers: the power of ten, the currency if any, what is exempt, and where it says so.

    `counts` says whether the scale is of counts, too: yes, no, or None where the words leave that open.
    """

    power: int
    unit: str | None
    start: int
    end: int
    exempt: frozenset[str] = frozenset()
    counts: bool | None = False
    everywhere: bool = False
    is_clear: bool = True  # False where other words stand beside the scale: nobody knows then what it is of


@dataclass(frozen=True, slots=True)
class _Words:
    scales: Phrases
    units: Phrases
    lead: Phrases
    plain: Phrases
    note: Phrases
    also: Phrases
    except_: Phrases
    unless: Phrases
    money: Phrases
    everywhere: Phrases


@cache
def _header_words(code: str) -> _Words:
    """Return the words of headers; those of English stand in texts of every language."""
    own = locale(code)

    def listed(key: str) -> Phrases:
        return compile_table({key: own.table("header").get(key, "")}, own.style if own.has_plain_words else "none")

    units = merge_tables(own.table("header_units"), common()["header_units"])
    return _Words(
        scales=tail_table(_header_scales(code), own.style),
        units=tail_table(units, own.style),
        lead=listed("lead"),
        plain=listed("plain"),
        note=listed("note"),
        also=listed("also"),
        except_=listed("except"),
        unless=listed("unless"),
        money=listed("money"),
        everywhere=listed("everywhere"),
    )


def _header_scales(code: str) -> dict[str, str]:
    """Return the scale words of a header: those of prose, the abbreviations, and the plurals only headers have."""
    own = locale(code)
    sections = [own.table(section) for section in ("scales", "scales_with_money", "header_scales")]
    return merge_tables(*sections, {"3": "'000s?; 000s?"})


def find_headers(folded: str, sentence: Sentence, context: Context) -> list[Header]:
    """Return the headers that a line holds, from left to right."""
    start, end, code = sentence.start, sentence.end, sentence.language
    brackets = list(_BRACKET.finditer(folded, start, end))
    read = [_read_header(found[1], code, context, is_apart=True, span=found.span()) for found in brackets]
    read += _find_in_prose(folded, sentence, context)
    found = [header for header in read if header is not None]
    if not found and _is_line(folded, start, end):
        line = folded[start:end].strip()
        pieces = (_read_header(piece, code, context, is_apart=False, span=(start, end)) for piece in _cut_line(line))
        found = [header for header in pieces if header is not None][:1]
    found = found or _find_in_first_cell(folded, sentence, context) or _find_at_end(folded, sentence, context)
    return sorted(found, key=lambda header: header.start) or _find_unclear(folded, sentence, brackets)


_YEAR: Final = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]\d|\d)")
_CELL_WORDS: Final = 4  # blanks in a cell that names a scale
_CELL: Final = re.compile(
    r"\|? ?((?:[^|\t\d]|(?<=')000){2,40}?)(?:[ |\t]+(?=(?:[a-z]{1,2})?\d)| {2,}(?=[^\W\d])| ?[|\t])"
)


def _find_in_first_cell(folded: str, sentence: Sentence, context: Context) -> list[Header]:
    """Return the header in the first cell of a line that names the columns: "in TEUR | H1 2024 | H1 2023"."""
    found = _CELL.match(folded, sentence.start, sentence.end)
    if found is None or found[1].count(" ") > _CELL_WORDS:
        return []
    header = _read_header(found[1], sentence.language, context, is_apart=True, span=found.span(1))
    return [header] if header is not None and header.is_clear else []


def _find_at_end(folded: str, sentence: Sentence, context: Context) -> list[Header]:
    """Return the header behind its lead word at the end of a line: "results for 2024, unit: million"."""
    start, end, code = sentence.start, sentence.end, sentence.language
    found = _unit_at_end(code).search(folded, start, end)
    if found is None or not rows.is_line(folded, (start, end)):
        return []
    group = 1 if found[1] else 2
    header = _read_header(found[group], code, context, is_apart=True, span=found.span(group))
    return [header] if header is not None and header.is_clear else []


@cache
def _unit_at_end(code: str) -> re.Pattern[str]:
    """Return a lead word with a colon, and what follows it in its line without figures."""
    apart = r"(?<= {2})([^\d\n|:() ][^\d\n|:()]{1,24}?)"
    plain = sorted((fold(word) for word in locale(code).words("header", "plain")), key=len, reverse=True)
    led = rf"(?:(?<=[\s,;|(])|\A)((?:{either(plain)}) ?[:\uff1a] ?[^\d\n|:()]{{1,24}}?)" if plain else "(?!)()"
    return re.compile(rf"(?:{led}|{apart}) *\n?\Z")


def _find_unclear(folded: str, sentence: Sentence, brackets: Sequence[re.Match[str]]) -> list[Header]:
    """Return what names a scale among other words, in brackets or as a line."""
    start, end = sentence.start, sentence.end
    spans = [found.span() for found in brackets] or ([(start, end)] if rows.is_line(folded, (start, end)) else [])
    named = [span for span in spans if _is_scale_named(folded[slice(*span)], sentence.language)]
    return [Header(0, None, *span, is_clear=False) for span in named]


def _find_in_prose(folded: str, sentence: Sentence, context: Context) -> list[Header]:
    """Return headers in the words of a sentence.

    Between commas ("revenue, in thousands, was") or right behind digits.
    """
    start, end, code = sentence.start, sentence.end, sentence.language
    pieces = [found.span(1) for found in _ASIDE.finditer(folded, start, end)]
    pieces += [found.span(1) for found in [_OPENING.match(folded, start, end)] if found is not None]
    pieces += [found.span(1) for found in _behind_digits(code).finditer(folded, start, end)]
    read = (_read_header(folded[low:high], code, context, is_apart=False, span=(low, high)) for low, high in pieces)
    return [header for header in read if header is not None and header.power and header.is_clear]


@cache
def _behind_digits(code: str) -> re.Pattern[str]:
    """Return a lead word and the plural of a scale right behind digits, and nothing counted behind it.

    As in "$5 in thousands".
    """
    counted = rf" ?[^\W\d_]*(?<!\w)(?:{either(every('header', 'counted'))})(?!\w)"
    return re.compile(rf"(?<=[\d%)]) ({_lead_and_scale(code)})(?!{counted})(?!\w)")


@cache
def _led_scale(code: str) -> re.Pattern[str]:
    """Return a lead word and the plural of a scale."""
    return re.compile(rf"(?<!\w){_lead_and_scale(code)}(?!\w)")


def _lead_and_scale(code: str) -> str:
    own = locale(code)
    scales = [fold(word) for key in own.table("header_scales") for word in own.words("header_scales", key)]
    scales = [word for word in scales if len(word) >= _PLURAL and word.isalpha()]
    return f"(?:{either(map(fold, own.words('header', 'plain')))}) (?:{either(scales)})"


def _is_line(folded: str, start: int, end: int) -> bool:
    """Return true if a stretch of text is a line of its own, without figures."""
    whole = folded[:start].rstrip(" ")[-1:] in ("", "\n")
    closed = end >= len(folded) or "\n" in folded[end - 1 : end + 1]
    is_short = len(folded[start:end].strip()) <= LONGEST
    line = _YEAR.sub("", folded[start:end])
    return whole and closed and is_short and re.search(r"[1-9]", line.split(",", maxsplit=1)[0]) is None


def _cut_line(line: str) -> Iterator[str]:
    """Yield a line, and what stands behind each of its dashes, colons and commas."""
    yield line
    if line[-1:] not in ".!?。":
        for found in _PIECE.finditer(line):
            yield line[found.end() :]


def _read_header(body: str, code: str, context: Context, *, is_apart: bool, span: tuple[int, int]) -> Header | None:
    """Return a piece of text as a header, in the words of its language or those of the fallback."""
    for language in dict.fromkeys((code, FALLBACK)):
        header = _Reader(body.strip(), language, context).header(is_apart=is_apart)
        if header is not None:
            return replace(header, start=span[0], end=span[1])
    return None


def _is_scale_named(body: str, code: str) -> bool:
    """Return true if a piece of text without figures names a scale behind a lead word.

    As in "rounded, in thousands of dollars".
    """
    return re.search(r"\d", body) is None and any(_led_scale(language).search(body) for language in (code, FALLBACK))


def _shared_signs() -> tuple[str, ...]:
    """Signs of several currencies; one named before says which."""
    return split(common()["shared_signs"]["header"])


class _Reader:
    """Reads a header word by word."""

    def __init__(self, body: str, code: str, context: Context) -> None:
        self.body, self.code, self.context = body, code, context
        self.words = _header_words(code)
        self.power: int | None = None
        self.unit: str | None = None
        self.is_led = self.is_short = False

    def header(self, *, is_apart: bool) -> Header | None:
        """Return the header, where nothing else stands in the text."""
        position = 0
        while (end := self._read_next(position)) is not None and end > position:
            position = end
        rest = self.body[position:]
        if not self._is_complete() or not self._is_rest(rest, is_apart=is_apart):
            return None
        exempt = frozenset(topic.label for topic in topics.find_topics(rest, 0, len(rest), self.code, ()))
        open_ = self.words.unless.has(rest, 0, len(rest)) or self.words.money.has(self.body, 0, position)
        counts = False if self.unit or self.power == 0 else None if open_ else True
        everywhere = self.words.everywhere.has(self.body, 0, len(self.body))
        return Header(self.power or 0, self.unit, 0, 0, exempt & topics.COUNTED, counts, everywhere)

    def _read_next(self, position: int) -> int | None:
        """Return where the next word of the header ends."""
        begin, skipped = position, _SKIP.match(self.body, position)
        if skipped is not None and not self.body.startswith("'000", position):
            position = skipped.end() - (1 if self.body.startswith("'000", skipped.end() - 1) else 0)
        if self.words.except_.match(self.body, position) or self.words.unless.match(self.body, position):
            return begin
        for read in (self._read_scale_and_currency, self._read_currency, self._read_scale, self._read_word):
            end = read(position)
            if end is not None:
                return end
        return begin

    def _read_scale_and_currency(self, position: int) -> int | None:
        """Read a scale and a currency in one word: TEUR, k€; RM'000 is not one."""
        mark = self.words.units.match(self.body, position)
        if mark is None or self.power is not None or self._is_inside_word(position):
            return None
        power, self.unit = mark.label.split()
        self.power = int(power)
        return mark.end

    def _read_currency(self, position: int) -> int | None:
        found = None if self._is_inside_word(position) else currency_at(self.body, position, self.code, self.context)
        if found is None:
            return None
        is_shared = self.unit is not None and self.body[position : found[1]] in _shared_signs()
        if self.unit not in (None, found[0]) and not is_shared:
            return None
        self.unit = self.unit or found[0]
        return found[1]

    def _read_scale(self, position: int) -> int | None:
        mark = self.words.scales.match(self.body, position)
        if mark is None or self.power is not None or (self._is_inside_word(position) and self.unit is None):
            return None
        self.power = int(mark.label)
        self.is_short = _ABBREVIATED.fullmatch(self.body[position : mark.end]) is not None
        return mark.end

    def _read_word(self, position: int) -> int | None:
        mark = self.words.lead.match(self.body, position) or self.words.note.match(self.body, position)
        if mark is None and (self.power is None or self.unit is not None):
            mark = self.words.also.match(self.body, position)
        if mark is None or self._is_inside_word(position):
            return None
        self.is_led = self.is_led or self.words.plain.match(self.body, position) is not None
        return mark.end

    def _is_inside_word(self, position: int) -> bool:
        """Return true if a place lies inside a word."""
        spaced = locale(self.code).has_plain_words
        return (
            spaced
            and self.body[max(0, position - 1) : position].isalpha()
            and self.body[position : position + 1].isalpha()
        )

    def _is_complete(self) -> bool:
        if self.power is None:
            return self.is_led and self.unit is not None
        return not self.is_short or self.unit is not None

    def _is_rest(self, rest: str, *, is_apart: bool) -> bool:
        """Return true if what follows is an exception or, in brackets, set apart."""
        text = rest.strip(" ,;.:、，)(")
        words = (self.words.except_, self.words.unless)
        if not text or any(word.match(text, 0) for word in words):
            return True
        if is_apart:
            return _REST.match(rest) is not None
        return self.words.note.match(text, 0) is not None or any(word.has(text, 0, len(text)) for word in words)
