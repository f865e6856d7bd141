"""The locale tables, read once and compiled: labelled phrases that are found in folded text.

A phrase is a word or several; `*` stands for any letters (after a group: for repetitions of the group),
`(a|b)` for a choice, `?` makes what stands before it optional, ` ... ` for up to three words.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from tracker.sources.article.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["LANGUAGES", "Locale", "Mark", "Phrases", "common", "least", "locale", "split", "vocabulary"]

LANGUAGES: Final = ("en", "ms", "id", "it", "vi", "ar", "de", "fr", "es", "pt", "ja", "zh", "ko")
_ARABIC_BEFORE: Final = "(?<!\\w)(?:[وف]?(?:ال|بال|لل|كال|[بلك])?)"
_ARABIC_AFTER: Final = "(?:ها|هم|ه|نا)?(?!\\w)"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something found in a sentence: what it is and where it stands (normalised offsets)."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrases:
    """A compiled table of phrases; each match carries the label it was listed under."""

    pattern: re.Pattern[str] | None
    labels: tuple[str, ...]

    def find(self, text: str, start: int = 0, end: int | None = None) -> Iterator[Mark]:
        """All phrases in the text from left to right, the longest at each place."""
        if self.pattern is None:
            return
        for found in self.pattern.finditer(text, start, len(text) if end is None else end):
            if found.end() > found.start():
                yield Mark(self.labels[(found.lastindex or 1) - 1], found.start(), found.end())

    def match(self, text: str, position: int) -> Mark | None:
        """The phrase that begins exactly here."""
        found = self.pattern.match(text, position) if self.pattern else None
        if found is None or found.end() == position:
            return None
        return Mark(self.labels[(found.lastindex or 1) - 1], found.start(), found.end())

    def has(self, text: str, start: int, end: int) -> bool:
        """Whether any phrase lies inside the span."""
        return self.pattern is not None and self.pattern.search(text, start, max(start, end)) is not None


def split(text: str) -> tuple[str, ...]:
    """The phrases of a semicolon-separated list."""
    return tuple(piece for piece in (part.strip() for part in text.split(";")) if piece)


def expression(phrase: str) -> str:
    """A phrase of the mini language as a regular expression without capturing groups."""
    phrase = fold(normalise(phrase).text)
    out: list[str] = []
    index = 0
    while index < len(phrase):
        if phrase.startswith(" ... ", index):
            out.append(r"(?: [^\s\d.,;:]+){0,4} ")
            index += 5
            continue
        if phrase.startswith((" ?", "\\"), index):
            out.append(phrase[index : index + 2])
            index += 2
            continue
        out.append(_piece(phrase, index))
        index += 1
    return "".join(out)


def _piece(phrase: str, index: int) -> str:
    char = phrase[index]
    if char == "*":
        return "{0,3}" if index and phrase[index - 1] == ")" else r"\w*"
    if char == "(":
        return "(?:"
    if char == " ":
        return " {0,2}" if phrase[max(0, index - 2) : index] in (")?", ")*") else " {1,2}"
    return re.escape(char) if char in ".+$^{}" else char


def bounded(phrase: str, style: str) -> str:
    """The expression with the word boundaries its writing system has."""
    body = expression(phrase)
    if style == "none":
        return body
    if style == "arabic" and not body.isascii():
        return f"{_ARABIC_BEFORE}(?:{body}){_ARABIC_AFTER}"
    before = r"(?<!\w)" if _wordlike(phrase.lstrip("([")[:1]) else ""
    after = r"(?!\w)" if _wordlike(phrase.rstrip(")]?*")[-1:]) or phrase[-1:] in ")*?" else ""
    if style == "korean":
        before, after = (r"(?<![a-z])", r"(?![a-z])") if body.isascii() else ("", "")
    return f"{before}(?:{body}){after}"


def _wordlike(char: str) -> bool:
    return char.isalnum()


def least(phrase: str) -> int:
    """How many letters a phrase matches at least: phrases that need more are tried before shorter ones."""
    width, _ = _alternatives(phrase, 0)
    return width


def _alternatives(phrase: str, index: int) -> tuple[int, int]:
    """The least width of the alternatives up to the closing bracket, and where it stands."""
    widths, width = [], 0
    while index < len(phrase) and phrase[index] != ")":
        if phrase[index] == "|":
            widths.append(width)
            width, index = 0, index + 1
            continue
        step, index = _element(phrase, index)
        width += step
    return min([*widths, width]), index


def _element(phrase: str, index: int) -> tuple[int, int]:
    """The least width of one letter, class or group with what repeats it."""
    if phrase[index] == "(":
        width, index = _alternatives(phrase, index + 1)
    elif phrase[index] == "[":
        width, index = 1, phrase.find("]", index)
    elif phrase[index] == "\\":
        width, index = 1, index + 1
    else:
        width = 0 if phrase[index] == "*" else 1
    following = phrase[index + 1 : index + 2]
    optional = following == "?" or (following == "*" and phrase[index : index + 1] == ")")
    return (0 if optional else width), index + (2 if optional else 1)


def forms(phrase: str) -> tuple[str, ...]:
    """A phrase that begins with an optional group as two phrases, so that the longer one is tried first."""
    if not phrase.startswith("("):
        return (phrase,)
    _, close = _alternatives(phrase, 1)
    repeat = phrase[close + 1 : close + 2]
    if repeat not in ("?", "*"):
        return (phrase,)
    rest = phrase[close + 2 :].removeprefix(" ").removeprefix("?").lstrip()
    tail = phrase[close + 2 :]
    head = phrase[: close + 1] + ("" if repeat == "?" else "*")
    return (head + tail, *forms(rest)) if rest else (phrase,)


def compile_table(table: Mapping[str, str], style: str) -> Phrases:
    """All phrases of a table as one pattern, longer phrases before shorter ones."""
    entries = [(form, label) for label, phrases in table.items() for phrase in split(phrases) for form in forms(phrase)]
    entries.sort(key=lambda entry: -least(entry[0]))
    if not entries:
        return Phrases(None, ())
    pattern = "|".join(f"({bounded(phrase, style)})" for phrase, _ in entries)
    return Phrases(re.compile(pattern), tuple(label for _, label in entries))


@cache
def common() -> dict[str, dict[str, str]]:
    """Currency signs and codes that hold in every language."""
    return _read("common")


@cache
def _read(name: str) -> dict[str, Any]:
    source = files("tracker.sources.article").joinpath("locales", f"{name}.toml")
    return tomllib.loads(source.read_text("utf-8"))


class Locale:
    """One language's tables, each compiled when it is first asked for."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.data = _read(code)
        self.style: str = self.data["style"]
        self.decimal: str = self.data["decimal"]
        self.verb_final: bool = self.data.get("verb_final", False)
        self._compiled: dict[tuple[str, ...], Phrases] = {}

    def words(self, section: str, key: str) -> tuple[str, ...]:
        """A list of phrases as written."""
        return split(self.data.get(section, {}).get(key, ""))

    def table(self, section: str) -> dict[str, str]:
        """A section as it stands in the file."""
        return dict(self.data.get(section, {}))

    def phrases(self, section: str, *keys: str) -> Phrases:
        """A section (or some of its keys) compiled."""
        name = (section, *keys)
        if name not in self._compiled:
            table = self.data.get(section, {})
            chosen = {key: table[key] for key in (keys or table) if key in table}
            self._compiled[name] = compile_table(chosen, self.style)
        return self._compiled[name]


@cache
def locale(code: str) -> Locale:
    """The tables of a language, loaded once."""
    return Locale(code)


_PLAIN_WORD = re.compile(r"[^\W\d_]+")
_VOCABULARY = ("scales", "currencies", "metrics", "other_topics", "directions", "claims", "compare", "periods", "qualifiers", "qualifiers_after")


@cache
def vocabulary(code: str) -> frozenset[str]:
    """Every plain word of a language's tables, folded: what is certainly no name, and tells languages apart."""
    own = locale(code)
    words: set[str] = set()
    for section in _VOCABULARY:
        for phrases in own.table(section).values():
            words.update(_PLAIN_WORD.findall(fold(normalise(phrases).text)))
    words.update(_PLAIN_WORD.findall(fold(normalise(own.data["function_words"]).text)))
    return frozenset(words)
