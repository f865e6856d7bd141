# signs of other scripts are meant as they stand
"""The locale tables, read once and compiled: labelled phrases that are found in folded text.

A phrase is a word or several; `*` stands for any letters (after a group: for repetitions of the group),
`(a|b)` for a choice, `?` makes what stands before it optional, ` ... ` for up to three words.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = [
    "FALLBACK",
    "LANGUAGES",
    "Locale",
    "PhraseMatch",
    "Phrases",
    "arabic_beginning",
    "common",
    "either",
    "every",
    "expression",
    "least",
    "locale",
    "merge_tables",
    "shared_pattern",
    "split",
    "tail_table",
    "vocabulary",
]

_FOLDER: Final = files("tracker.sources.article.text").joinpath("locales")
_COMMON: Final = "common"


def _languages() -> tuple[str, ...]:
    """Return the codes of all locale files, by the rank that each gives itself."""
    ranks: dict[str, int] = {}
    for item in _FOLDER.iterdir():
        rank = re.search(r"^rank = (\d+)$", item.read_text("utf-8"), re.MULTILINE)  # parsing all would slow the start
        if rank is not None:
            ranks[item.name.removesuffix(".toml")] = int(rank[1])
    return tuple(sorted(ranks, key=lambda code: ranks[code]))


#: The codes of the languages that are read: one locale file each.
LANGUAGES: Final = _languages()
#: The language that a text without known words is taken for, and whose words stand in texts of every other.
FALLBACK: Final = LANGUAGES[0]


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """Something found in a sentence: what it is and where it stands (normalised offsets)."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrases:
    """A table of phrases; each match carries the label it was listed under.

    Phrases are kept by their first letter, so that most places of a text cost one look into a table. Those of a letter
    are compiled when a text first has it: a short text needs few of them, and compiling all costs more than reading it.
    """

    begins: re.Pattern[str] | None
    written: Mapping[str, tuple[str, tuple[str, ...]]]  # by letter: the expression, and the label of each group
    prefixes: tuple[str, ...] = ()  # what may be written before a phrase as one word with it
    compiled: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = field(default_factory=dict, compare=False)

    def find(self, text: str, start: int = 0, end: int | None = None) -> Iterator[PhraseMatch]:
        """Yield all phrases in the text from left to right, the longest at each place."""
        if self.begins is None:
            return
        stop = len(text) if end is None else end
        yield from (self._find_prefixed if self.prefixes else self._find_plain)(text, start, stop)

    def _find_plain(self, text: str, position: int, stop: int) -> Iterator[PhraseMatch]:
        """Yield the phrases of a stretch; written out, since most of the time of a text is spent here."""
        search, compiled = self.begins.search if self.begins else None, self.compiled
        while search is not None and (place := search(text, position, stop)) is not None:
            begin = place.start()
            entry = compiled.get(text[begin]) or self._compile(text[begin])
            found = entry[0].match(text, begin, stop) if entry is not None else None
            position = begin + 1
            if entry is not None and found is not None and found.end() > begin:
                position = found.end()
                yield PhraseMatch(entry[1][(found.lastindex or 1) - 1], begin, position)

    def _find_prefixed(self, text: str, position: int, stop: int) -> Iterator[PhraseMatch]:
        """Yield the phrases of a stretch, with what may be written before them."""
        while self.begins is not None and (place := self.begins.search(text, position, stop)) is not None:
            mark = self._match_at(text, place.start(), stop)
            position = place.start() + 1 if mark is None else mark.end
            if mark is not None:
                yield mark

    def _match_at(self, text: str, position: int, stop: int) -> PhraseMatch | None:
        """Return the phrase that begins at a place, or behind what may be written to it there."""
        for lead in ("", *_sort_by_letter(self.prefixes).get(text[position : position + 1], ())):
            if text.startswith(lead, position):
                mark = self._match_directly(text, position, position + len(lead), stop)
                if mark is not None and mark.end > mark.start:
                    return mark
        return None

    def _match_directly(self, text: str, begin: int, position: int, stop: int) -> PhraseMatch | None:
        entry = self.compiled.get(text[position : position + 1]) or self._compile(text[position : position + 1])
        found = entry[0].match(text, position, stop) if entry else None
        if entry is None or found is None:
            return None
        return PhraseMatch(entry[1][(found.lastindex or 1) - 1], begin, found.end())

    def _compile(self, letter: str) -> tuple[re.Pattern[str], tuple[str, ...]] | None:
        """Return the phrases that begin with a letter, compiled; None where none do."""
        if letter not in self.written:
            return None
        expression, labels = self.written[letter]
        entry = self.compiled[letter] = (re.compile(expression), labels)
        return entry

    def match(self, text: str, position: int) -> PhraseMatch | None:
        """Return the phrase that begins exactly here."""
        mark = self._match_directly(text, position, position, len(text)) if self.begins else None
        return mark if mark is not None and mark.end > position else None

    def has(self, text: str, start: int, end: int) -> bool:
        """Return true if any phrase lies inside the span."""
        return start < end and next(self.find(text, start, end), None) is not None


@cache
def _sort_by_letter(words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return words by their first letters, in their order."""
    return {
        letter: tuple(one for one in words if one[0] == letter) for letter in dict.fromkeys(one[0] for one in words)
    }


def merge_tables(*tables: Mapping[str, str]) -> dict[str, str]:
    """Tables of phrases as one: the phrases of a label that several have one after the other."""
    out: dict[str, str] = {}
    for table in tables:
        for key, value in table.items():
            out[key] = f"{out[key]}; {value}" if key in out else value
    return out


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, ...]:
    """Return the phrases of a semicolon-separated list."""
    return tuple(piece for piece in (part.strip() for part in text.split(";")) if piece)


def expression(phrase: str) -> str:
    """Return a phrase of the mini language as a regular expression without capturing groups."""
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
        out.append(_translate_sign(phrase, index))
        index += 1
    return "".join(out)


def _translate_sign(phrase: str, index: int) -> str:
    char = phrase[index]
    if char == "*":
        return "{0,3}" if index and phrase[index - 1] == ")" else r"\w*"
    if char == "(":
        return "(?:"
    if char == " ":
        return " {0,2}" if phrase[max(0, index - 2) : index] in (")?", ")*") else " {1,2}"
    return re.escape(char) if char in ".+$^{}" else char


def bounded(phrase: str, style: str) -> str:
    """Return the expression with the word boundaries its writing system has."""
    before = _needs_edge(phrase, style)
    lead = arabic_beginning() if before and style == "arabic" and not phrase.isascii() else before
    return f"{lead}{_close_phrase(phrase, style)}"


def _affixes(key: str) -> tuple[str, ...]:
    """Return what Arabic writes to a word as one with it: `joins` and `prefixes` before it, `suffixes` behind."""
    return split(common()["arabic_writing"][key])


@cache
def arabic_beginning() -> str:
    """Return the beginning of an Arabic word, with what may be written before it."""
    return rf"(?<!\w)(?:(?:{either(_affixes('joins'))})?(?:{either(_affixes('prefixes'))})?)"


@cache
def _arabic_prefixes() -> tuple[str, ...]:
    """Return everything that may be written before an Arabic word, joins before prefixes."""
    joins, prefixes = ("", *_affixes("joins")), ("", *_affixes("prefixes"))
    return tuple(lead + rest for lead in joins for rest in prefixes if lead + rest)


def _needs_edge(phrase: str, style: str) -> str:
    """Return what must stand before a phrase."""
    wordlike = _wordlike(phrase.lstrip("([")[:1])
    if style == "none" or (style == "korean" and not phrase.isascii()) or not wordlike:
        return ""
    return r"(?<![a-z])" if style == "korean" else r"(?<!\w)"


def _close_phrase(phrase: str, style: str) -> str:
    """Return the expression with what must stand after it."""
    body = expression(phrase)
    if style == "none" or (style == "korean" and not body.isascii()):
        return f"(?:{body})"
    if style == "arabic" and not body.isascii():
        return f"(?:{body})(?:{either(_affixes('suffixes'))})?(?!\\w)"
    closing = _wordlike(phrase.rstrip(")]?*")[-1:]) or phrase[-1:] in ")*?"
    after = (r"(?![a-z])" if style == "korean" else r"(?!\w)") if closing else ""
    return f"(?:{body}){after}"


def _wordlike(char: str) -> bool:
    return char.isalnum()


def least(phrase: str) -> int:
    """Return how many letters a phrase matches at least: phrases that need more are tried before shorter ones."""
    width, _ = _alternatives(phrase, 0)
    return width


def _alternatives(phrase: str, index: int) -> tuple[int, int]:
    """Return the least width of the alternatives up to the closing bracket, and where it stands."""
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
    """Return the least width of one letter, class or group with what repeats it."""
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
    """Return a phrase that begins with an optional group as two phrases, so that the longer one is tried first."""
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
    """Return all phrases of a table by their first letter, longer phrases before shorter ones."""
    entries = [(form, label) for label, phrases in table.items() for phrase in split(phrases) for form in forms(phrase)]
    return build(
        [(form, label, _close_phrase(form, style), bool(_needs_edge(form, style))) for form, label in entries], style
    )


def build(entries: Sequence[tuple[str, str, str, bool]], style: str) -> Phrases:
    """Return phrases from (phrase, label, expression, whether a word boundary must stand before it)."""
    by_letter: dict[str, list[tuple[str, str]]] = {}
    edged: set[str] = set()
    for phrase, label, body, edge in sorted(entries, key=lambda entry: -least(entry[0])):
        for letter in sorted(first_letters(fold(normalise(phrase).text))):
            guard = "(?<![a-z])" if edge and style == "korean" else r"(?<!\w)" if edge and style == "words" else ""
            by_letter.setdefault(letter, []).append((label, f"{guard}({body})"))
            edged.add(letter)
    written = {
        letter: ("|".join(body for _, body in group), tuple(label for label, _ in group))
        for letter, group in by_letter.items()
    }
    return Phrases(_beginnings(by_letter, style), written, _arabic_prefixes() if style == "arabic" else ())


#: Latin letters with marks, as a part of a character class.
_LATIN: Final = "\u00e0-\u024f"


def literal(words: Sequence[str]) -> Phrases:
    """Return names as they stand, folded, each its own label: whole words in alphabets, anywhere in Chinese script."""
    by_letter: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_letter.setdefault(word[0], []).append(word)
    written = {
        letter: ("|".join(f"({_whole_word(word)})" for word in group), tuple(group))
        for letter, group in by_letter.items()
    }
    plain = "".join(re.escape(letter) for letter in written)
    return Phrases(re.compile(rf"(?<![a-z0-9{_LATIN}])[{plain}]"), written)


def _whole_word(word: str) -> str:
    if word[0] >= "\u2e80":
        return re.escape(word)
    if "\u0620" <= word[0] <= "\u06ff":
        inside = "[\u0620-\u06ff]"
        letters = "".join(lead for lead in (*_affixes("joins"), *_affixes("prefixes")) if len(lead) == 1)
        return rf"(?:(?<!{inside})|(?<=(?<!{inside})[{letters}])){re.escape(word)}(?!{inside})"
    return rf"(?<![a-z0-9{_LATIN}]){re.escape(word)}(?![a-z{_LATIN}0-9\u0620-\u064a])"


def _beginnings(letters: Iterable[str], style: str) -> re.Pattern[str] | None:
    """Return where a phrase can begin: one of the first letters, at a word's start where there are words."""
    plain = "".join(re.escape(letter) for letter in letters)
    if not plain:
        return None
    if style == "arabic":
        return re.compile(rf"(?<!\w)\w|[{plain}](?<!\w)|(?<=\d)[{plain}]")
    words = "".join(re.escape(letter) for letter in letters if letter.isalnum())
    signs = "".join(re.escape(letter) for letter in letters if not letter.isalnum())
    if style != "words":
        return re.compile(f"[{plain}]")
    choices = [rf"(?<!\w)[{words}]" if words else "", f"[{signs}]" if signs else ""]
    return re.compile("|".join(choice for choice in choices if choice))


def first_letters(phrase: str, index: int = 0) -> set[str]:
    """Return the letters a phrase can begin with."""
    return _firsts(phrase, index)[0]


def _firsts(phrase: str, index: int) -> tuple[set[str], bool, int]:
    """Return the first letters of the alternatives up to a bracket, whether they can be empty, and where it stands."""
    letters: set[str] = set()
    empty, open_ = False, True
    while index < len(phrase) and phrase[index] != ")":
        if phrase[index] == "|":
            empty, open_, index = empty or open_, True, index + 1
            continue
        found, nullable, index = _first_of(phrase, index)
        letters |= found if open_ else set()
        open_ = open_ and nullable
    return letters, empty or open_, index


def _first_of(phrase: str, index: int) -> tuple[set[str], bool, int]:
    if phrase[index] == "(":
        letters, nullable, index = _firsts(phrase, index + 1)
    elif phrase[index] == "[":
        close = phrase.find("]", index)
        letters, nullable, index = _class(phrase[index + 1 : close]), False, close
    elif phrase[index] == "\\":
        letters, nullable, index = (
            set("0123456789") if phrase[index + 1] == "d" else {phrase[index + 1]},
            False,
            index + 1,
        )
    else:
        letters, nullable = {phrase[index]}, phrase[index] == "*"
    repeat = phrase[index + 1 : index + 2]
    optional = repeat == "?" or (repeat == "*" and phrase[index] == ")")
    if phrase[index] == " " and letters == {" "} and phrase[index - 1 : index] in ("?", "*"):
        nullable = True
    return letters, nullable or optional, index + (2 if optional else 1)


def _class(body: str) -> set[str]:
    """Return the members of a small character class: letters and ranges like 1-4."""
    if len(body) == 3 and body[1] == "-":  # noqa: PLR2004 - a range has two ends and a dash
        return {chr(code) for code in range(ord(body[0]), ord(body[2]) + 1)}
    return set(body)


@cache
def common() -> dict[str, dict[str, str]]:
    """Return what holds in every language: currency signs and codes, Chinese numerals, dates in East Asian signs."""
    return _read_locale(_COMMON)


@cache
def shared_pattern(name: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression of `common.toml`, compiled."""
    return re.compile(common()["patterns"][name], flags)


@cache
def _read_locale(code: str) -> dict[str, Any]:
    """Return the file of a language (or the common one) as it stands."""
    return tomllib.loads(_FOLDER.joinpath(f"{code}.toml").read_text("utf-8"))


class Locale:
    """One language: its habits, and its tables, each compiled at its first use.

    The habits stand at the top of each locale file, with a comment that says what they mean.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.data = _read_locale(code)
        self.style: str = self.data["style"]
        self.decimal: str = self.data["decimal"]
        self.mixed_decimal: bool = self.data.get("mixed_decimal", False)
        self.script: str = self.data["script"]
        self.own_letters: str = self.data.get("own_letters", "")
        self.date_order: str = self.data["date_order"]
        self.capitals: str | None = self.data.get("capitals")
        self.resembles: str | None = self.data.get("resembles")
        self.has_month_names: bool = self.data.get("has_month_names", True)
        self.year_named_by_start: bool = self.data.get("year_named_by_start", False)
        self.head_last: bool = self.data.get("head_last", False)
        self.descriptor_before_name: bool = self.data.get("descriptor_before_name", False)
        self.verb_final: bool = self.data.get("verb_final", False)
        self.verb_may_be_last: bool = self.data.get("verb_may_be_last", False)
        self.verb_brackets: bool = self.data.get("verb_brackets", False)
        self._compiled: dict[tuple[str, ...], Phrases] = {}
        self._words: dict[tuple[str, str], tuple[str, ...]] = {}
        self._folded: dict[tuple[str, str], tuple[str, ...]] = {}

    @property
    def has_plain_words(self) -> bool:
        """Return true if words stand apart, with nothing written to them as one with it."""
        return self.style == "words"

    @property
    def is_east_asian(self) -> bool:
        """Return true if no blanks part a word from what belongs to it: Chinese, Japanese, Korean."""
        return self.style in {"none", "korean"}

    def pattern(self, name: str) -> re.Pattern[str] | None:
        """Return a regular expression of the section `patterns`, where the language has it."""
        written = self.data.get("patterns", {}).get(name)
        return None if written is None else re.compile(written)

    def folded(self, section: str, key: str) -> tuple[str, ...]:
        """Return a list of words as texts are searched for them."""
        if (section, key) not in self._folded:
            self._folded[section, key] = tuple(fold(normalise(word).text) for word in self.words(section, key))
        return self._folded[section, key]

    def words(self, section: str, key: str) -> tuple[str, ...]:
        """Return a list of phrases as written."""
        if (section, key) not in self._words:
            self._words[section, key] = split(self.data.get(section, {}).get(key, ""))
        return self._words[section, key]

    def table(self, section: str) -> dict[str, str]:
        """Return a section as it stands in the file."""
        return dict(self.data.get(section, {}))

    def phrases(self, section: str, *keys: str) -> Phrases:
        """Return a section (or some of its keys) compiled."""
        name = (section, *keys)
        if name not in self._compiled:
            table = self.data.get(section, {})
            chosen = {key: table[key] for key in (keys or table) if key in table}
            self._compiled[name] = compile_table(chosen, self.style)
        return self._compiled[name]


@cache
def locale(code: str) -> Locale:
    """Return the tables of a language, loaded once."""
    return Locale(code)


@cache
def every(section: str, key: str) -> tuple[str, ...]:
    """Return the words of a list in all languages, folded, the longest first: small words that any text may use."""
    words = {fold(normalise(word).text) for code in LANGUAGES for word in locale(code).words(section, key)}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@cache
def function_words(code: str) -> frozenset[str]:
    """Return the articles, prepositions and the like of a language, folded."""
    return frozenset(fold(word) for word in split(str(locale(code).data["function_words"])))


def either(words: Iterable[str]) -> str:
    """Return words as the alternatives of a regular expression."""
    return "|".join(re.escape(word) for word in words) or "(?!)"


_PLAIN_WORD = re.compile(r"[^\W\d_]+")
_ESCAPED = re.compile(r"\\.")
_VOCABULARY = (
    "scales",
    "currencies",
    "metrics",
    "other_topics",
    "directions",
    "claims",
    "compare",
    "periods",
    "qualifiers",
    "qualifiers_after",
)


@cache
def vocabulary(code: str) -> frozenset[str]:
    """Return every plain word of a language's tables, folded: what is certainly no name, and tells languages apart."""
    own = locale(code)
    words: set[str] = set()
    for section in _VOCABULARY:
        for phrases in own.table(section).values():
            words.update(_PLAIN_WORD.findall(_ESCAPED.sub(" ", fold(normalise(phrases).text))))
    words.update(_PLAIN_WORD.findall(fold(normalise(own.data["function_words"]).text)))
    return frozenset(words)


def tail_table(table: dict[str, str], style: str) -> Phrases:
    """Return phrases that follow a number directly: no boundary before them."""
    entries = []
    for label, phrases in table.items():
        for phrase in split(phrases):
            body = expression(phrase)
            closing = phrase[-1:].isalnum() or phrase[-1:] in ")?*"
            spaced = closing and (style in ("words", "arabic") or body.isascii())
            after = rf"(?![a-z{_LATIN}\u1e00-\u1eff])" if spaced else ""
            after = "(?!\\w)" if style == "arabic" and closing else after
            entries.append((phrase, label, f"(?:{body}){after}", False))
    return build(entries, style)
