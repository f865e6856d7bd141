"""The language of a report: its numbers, marks of print and phrases.

Separators, percent signs, days and plurals are those of CLDR, through Babel. Phrases are gettext catalogues
(`locales/CODE/LC_MESSAGES/report.po`) in which the English text is the key, so that translators can work on them with
their own tools. `locales/CODE/language.toml` says how the language writes numbers, amounts and lists.
A phrase without a translation stays in English, and `Language.missing` names it.
"""

from __future__ import annotations

import io
import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from babel import Locale
from babel.messages.pofile import read_po

from tracker.model.metric import metric_translations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

__all__ = ["LANGUAGES", "Language", "fill", "language_of", "phrase"]

#: The languages a report can be made in.
LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "id", "it", "ja", "ko", "ms", "pt", "vi", "zh")


@dataclass(frozen=True, slots=True)
class Language:
    """One language: CLDR's rules for it, its words for powers of ten and currencies, its marks, and its phrases.

    `scales` maps a power of ten to its word after one, after many, and in short; `counted` are the powers in which
    amounts are counted. The `money` templates place sign, number, scale and currency. `gap` stands between sentences,
    `comma` and `semicolon` between the parts of a list, `colon` after a title. `is_upright`: its letters never slant.
    `fonts` are the first choice of a picture. `missing` collects the texts without a translation, in their order; each
    report has its own `Language`, so that it lists only its own.
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
    gap: str
    comma: str
    semicolon: str
    colon: str
    full_stop: str
    phrases: Mapping[str, str]
    missing: dict[str, None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_rtl(self) -> bool:
        """Return whether it is written from right to left."""
        return bool(self.locale.text_direction == "rtl")

    @property
    def direction(self) -> str:
        """Return the direction of its text, as HTML has it: ltr or rtl."""
        return str(self.locale.text_direction)

    def say(self, text: str, /, **values: str) -> str:
        """Translate a phrase of ours and fill in its {names}. Values are never read as templates.

        >>> english = language_of("en")
        >>> english.say("{metric} fell to {value} {when}", metric="capital spending", value="$0", when="")
        'capital spending fell to $0'
        """
        return fill(self.term(text), values)

    def term(self, text: str) -> str:
        """Translate a fixed word of the data (a metric's label, a status); without a translation it stays as it is."""
        known = text if self.code == "en" else self.phrases.get(text)
        if known is None and text:
            self.missing[text] = None
        return text if known is None else known


def language_of(code: str) -> Language:
    """Make the language of a code in `LANGUAGES` for one report, with an empty `missing`. Its files are read once."""
    return replace(_load_language(code), missing={})


@cache
def _load_language(code: str) -> Language:
    """Read a language from its files; English has no catalogue, since its phrases are the keys."""
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
        **table["marks"],
        phrases={} if code == "en" else metric_translations(code) | _read_phrases(folder),
    )


def _read_phrases(folder: Traversable) -> dict[str, str]:
    """Read the catalogue of a language: English text -> translation. What is empty or marked fuzzy is left out."""
    messages = read_po(io.BytesIO(folder.joinpath("LC_MESSAGES", "report.po").read_bytes()))
    known = (message for message in messages if message.id and message.string and not message.fuzzy)
    return {str(message.id): str(message.string) for message in known}


def phrase(text: str) -> str:
    """Mark a text as a phrase that is translated elsewhere, so that the template of the catalogues lists it."""
    return text


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill in the {names} of a template; an empty value also removes the blank before it."""
    for name, value in values.items():
        if not value:
            template = re.sub(rf" ?\{{{name}\}}", "", template)
    return template.format_map(values)
