"""One spelling for every form a text can arrive in, with the way back to the characters as received.

Composed letters, ASCII digits and signs, plain spaces and quotes; marks that are not seen (bidi controls,
zero-width characters, Arabic vowel signs) are dropped. Whatever changes length is kept in an offset map.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

__all__ = ["Normal", "fold", "normalise"]

_SPACES: Final = (
    "\t\v\f\x00\x1c\x1d\x1e\x1f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
_LINES: Final = "\r\x85\u2028\u2029"
_QUOTES: Final = "\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`\uff07"
_DOUBLE: Final = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"
_MINUS: Final = "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"
_TILDE: Final = "\u301c\uff5e\u223c"
_OWN: Final = {
    "\u066b": ".",
    "\u066c": ",",
    "\u066a": "%",
    "\u066d": "*",
    "\u060c": ",",
    "\u061b": ";",
    "\ufe6a": "%",
    "\uffe5": "\u00a5",
    "\uffe0": "\u00a2",
    "\uffe1": "\u00a3",
    "\uffe6": "\u20a9",
    "\u2044": "/",
    "\u2026": "...",
    "\u3164": " ",
}
_RAISED: Final = frozenset("\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079")
_INVISIBLE: Final = re.compile(
    r"[\u00ad\u0640\u064b-\u065f\u0670\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
#: Everything that may need work: one pass of this regex finds it, the rest is copied in runs.
_WORK: Final = re.compile(
    r"[^\x00-\u02ff\u0370-\u05ff\u0900-\u10ff\u3040-\u3098\u309b-\ua4ff\uac00-\ud7a3]"
    r"|[\t\v\f\r\x00\x1c-\x1f\x85\u00a0\u00ad\u00ab\u00bb\u00b2-\u00b4\u00b9`\u02bc]|[\u0900-\u0dff]"
)


@dataclass(frozen=True, slots=True)
class Normal:
    """A normalised text, and for each of its characters where it came from."""

    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the characters as received that a non-empty normalised span stands for."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Normal:
    """Return the text in one spelling; `Normal.span` leads back to the characters as received."""
    if not unicodedata.is_normalized("NFC", text):
        return _assemble(_clusters(text))
    if not _WORK.search(text):
        return Normal(text, range(len(text)), range(1, len(text) + 1))
    return _assemble((char, index, index + 1) for index, char in enumerate(text))


def _clusters(text: str) -> list[tuple[str, int, int]]:
    """Each base character with the marks that follow it, composed."""
    pieces: list[tuple[str, int, int]] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not _continues(text[index], index - start):
            pieces.append((unicodedata.normalize("NFC", text[start:index]), start, index))
            start = index
    return pieces


def _continues(char: str, length: int) -> bool:
    """Return true if a character belongs to the cluster before it (a mark, or a Hangul vowel or final)."""
    if length > 30:  # noqa: PLR2004 - no language stacks thirty marks; a longer run is noise and must stay cheap
        return False
    return unicodedata.combining(char) != 0 or "\u1160" <= char <= "\u11ff"


def _assemble(pieces: object) -> Normal:
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster, start, end in pieces:  # type: ignore[attr-defined]
        for char in cluster:
            if char in _RAISED and _is_note(out):
                continue
            for changed in _plain_form(char):
                out.append(changed)
                starts.append(start)
                ends.append(end)
    return Normal("".join(out), tuple(starts), tuple(ends))


def _is_note(out: list[str]) -> bool:
    """Return true if a raised digit behind these characters is the mark of a note, and no power of ten."""
    return bool(out) and out[-1].isdecimal() and out[-2:] != ["1", "0"]


@cache
def _replacements() -> dict[str, str]:
    table = dict.fromkeys(_SPACES, " ") | dict.fromkeys(_LINES, "\n") | dict.fromkeys(_QUOTES, "'")
    return table | dict.fromkeys(_DOUBLE, '"') | dict.fromkeys(_MINUS, "-") | dict.fromkeys(_TILDE, "~") | _OWN


def _plain_form(char: str) -> str:
    """Return the plain form of one composed character; nothing where it is not seen."""
    if "\x1f" < char < "\x7f" and char != "`":
        return char
    known = _replacements().get(char)
    if known is not None:
        return known
    if _INVISIBLE.match(char):
        return ""
    return _compatible(char)


def _compatible(char: str) -> str:
    """Full-width letters, presentation forms and the digits of every script in their plain form."""
    digit = unicodedata.digit(char, None) if char.isdecimal() else None
    if digit is not None:
        return str(digit)
    if "\uff01" <= char <= "\uffee" or "\ufb50" <= char <= "\ufeff":
        return unicodedata.normalize("NFKC", char)
    return char


_ALEF: Final = str.maketrans("أإآٱىک", "اااايك")


def fold(text: str) -> str:
    """Return the same text for looking words up: lower case, one form of alef; never another length."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low.translate(_ALEF)
