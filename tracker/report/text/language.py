"""The language a report speaks: its numbers, days and phrases, for as long as it is being made.

Separators, percent signs, days and plurals are those of CLDR, through Babel. Phrases are gettext catalogues
(`locales/CODE/LC_MESSAGES/report.po`) in which the English text is the key, so that translators can work on them with
their own tools. `locales/CODE/language.toml` says how the language writes numbers, amounts and lists.
A phrase that is not there is said in English, and `unsaid` names it.
"""

from __future__ import annotations

import io
import re
import tomllib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from babel import Locale
from babel.messages.pofile import read_po

from tracker.model.metric import metric_translations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "LANGUAGES",
    "Language",
    "filled",
    "language_of",
    "mark",
    "phrase",
    "say",
    "speaking",
    "spoken",
    "term",
    "unsaid",
]

#: The languages a report can be made in.
LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "id", "it", "ja", "ko", "ms", "pt", "vi", "zh")


@dataclass(frozen=True, slots=True)
class Language:
    """One language: CLDR's rules for it, its words for powers of ten and currencies, and its phrases.

    `scales` maps a power of ten to its word after one, after many, and in short; `counted` are the powers amounts are
    told in. The `money` templates place sign, number, scale and currency; `marks` are those of print. `is_upright`
    tells letters that never slant, `fonts` are those a picture asks for first.
    """

    code: str
    name: str
    locale: Locale
    is_upright: bool
    fonts: tuple[str, ...]
    counted: tuple[int, ...]
    scales: Mapping[int, tuple[str, str, str]]
    currencies: Mapping[str, str]
    money: Mapping[str, str]
    marks: Mapping[str, str]
    phrases: Mapping[str, str]

    @property
    def is_rtl(self) -> bool:
        """Whether it is written from right to left."""
        return bool(self.locale.text_direction == "rtl")

    @property
    def direction(self) -> str:
        """The direction of its text, as HTML has it: ltr or rtl."""
        return str(self.locale.text_direction)


@dataclass(frozen=True, slots=True)
class _Speech:
    """What is being said: the language, and the phrases it had no words for so far."""

    language: Language
    unsaid: dict[str, None] = field(default_factory=dict)


@cache
def language_of(code: str) -> Language:
    """The language of a code of `LANGUAGES`."""
    folder = files("tracker.report.text").joinpath("locales", code)
    table: dict[str, Any] = tomllib.loads(folder.joinpath("language.toml").read_text("utf-8"))
    return Language(
        code=code,
        name=table["name"],
        locale=Locale.parse(table["locale"]),
        is_upright=table.get("is_upright", False),
        fonts=tuple(table.get("fonts", ())),
        counted=tuple(table["counted"]),
        scales={int(power): tuple(words) for power, words in table["scales"].items()},
        currencies=table["currencies"],
        money=table["money"],
        phrases={} if code == "en" else metric_translations(code) | _read_phrases(code),
        marks=table["marks"],
    )


def _read_phrases(code: str) -> dict[str, str]:
    """Read the catalogue of a language: English text -> translation. What is empty or marked fuzzy is left out."""
    content = files("tracker.report.text").joinpath("locales", code, "LC_MESSAGES", "report.po").read_bytes()
    messages = read_po(io.BytesIO(content), locale=code)
    return {
        str(message.id): str(message.string)
        for message in messages
        if message.id and message.string and not message.fuzzy
    }


_SPEECH: Final[ContextVar[_Speech | None]] = ContextVar("speech", default=None)


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Everything made inside is in this language; outside of any it is English."""
    token = _SPEECH.set(_Speech(language_of(code)))
    try:
        yield spoken()
    finally:
        _SPEECH.reset(token)


def spoken() -> Language:
    """The language in use."""
    speech = _SPEECH.get()
    return language_of("en") if speech is None else speech.language


def unsaid() -> tuple[str, ...]:
    """The phrases told in English so far because the language in use has none for them."""
    speech = _SPEECH.get()
    return () if speech is None else tuple(speech.unsaid)


def phrase(text: str) -> str:
    """The text itself: marks a phrase that is said elsewhere, so that a test finds it."""
    return text


def say(text: str, /, **values: str) -> str:
    """A phrase of ours in the language in use, its {names} filled in.

    Values are never read as templates.

    >>> say("{metric} fell to {value} {when}", metric="capital spending", value="$0", when="")
    'capital spending fell to $0'
    """
    return filled(term(text), values)


def mark(name: str) -> str:
    """A mark of print in the language in use: gap (between sentences), comma, semicolon, colon or full_stop."""
    return spoken().marks[name]


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its {names} filled in; a name that stands for nothing goes with the blank before it."""
    for name, value in values.items():
        if not value:
            template = re.sub(rf" ?\{{{name}\}}", "", template)
    return template.format_map(values)


def term(text: str) -> str:
    """A fixed word of the data (a metric's label, a reason) in the language in use; itself where there is none."""
    speech = _SPEECH.get()
    if speech is None or speech.language.code == "en":
        return text
    known = speech.language.phrases.get(text)
    if known is None and text:
        speech.unsaid[text] = None
    return text if known is None else known
