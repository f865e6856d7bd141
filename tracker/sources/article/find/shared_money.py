"""Money that several countries call by one word: which of them a text means by "dinar", "peso" or "crown".

A country right beside the word decides, then the currency that the text named in full last, then the only one that it
names in full, then the only country of such a currency that it speaks of.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tracker.sources.article.text.lexicon import arabic_beginning, common, either, split
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNKNOWN", "currency_of", "family_of", "find_meant"]

#: The section with the countries of each family.
_SECTIONS: Final = {
    "dinar": "money_dinar", "dirham": "money_dirham", "riyal": "money_riyal", "pound": "money_pound",
    "lira": "money_lira", "peso": "money_peso", "crown": "money_crown", "franc": "money_franc",
    "rupee": "money_rupee", "shilling": "money_shilling",
}  # fmt: skip
#: The code of no currency: which one a word means is open.
UNKNOWN: Final = "XXX"
_WORDLESS: Final = "\u2e80"  # the first sign of the scripts without blanks
_AROUND: Final = 30  # letters beside a word in which its country stands
_NAMED: Final = 1000  # letters before a word in which it is named in full


@cache
def _shared_words() -> Mapping[str, str]:
    """Return each word for money that several countries share, with its family."""
    return {
        form: family
        for family, words in common()["money_words"].items()
        for word in split(words)
        for form in _forms(fold(normalise(word).text))
    }


def _forms(word: str) -> tuple[str, ...]:
    """Return a word with what Arabic writes to it as one."""
    if not "\u0600" <= word[0] <= "\u06ff":
        return (word,)
    return (word, *(prefix + word for prefix in split(common()["arabic_writing"]["prefixes"])))


def family_of(word: str) -> str | None:
    """Return the family of a word for money that several countries share, None for any other word."""
    return _shared_words().get(word)


@cache
def _any_word() -> re.Pattern[str]:
    return re.compile(_bounded(tuple(sorted(_shared_words(), key=len, reverse=True))))


def _bounded(words: tuple[str, ...]) -> str:
    """Return an expression for one of some words; those of scripts with blanks are whole words."""
    spelled = either([word for word in words if word[0] < _WORDLESS])
    signs = either([word for word in words if word[0] >= _WORDLESS])
    return rf"(?:(?<![^\W\d_])(?:{spelled})(?![^\W\d_])|(?:{signs}))"


@cache
def _countries_of(family: str) -> str:
    """Return an expression for the countries of a family; group names are the codes of their currencies."""
    return "|".join(
        f"(?P<{code}>{_names_of_country(split(words))})" for code, words in common()[_SECTIONS[family]].items()
    )


def _names_of_country(words: tuple[str, ...]) -> str:
    """Return an expression for the names of one country; "*" ends the beginning of a word."""
    named = [fold(normalise(word.removesuffix("*")).text) + "*" * word.endswith("*") for word in words]
    whole = either([word for word in named if word[0] < _WORDLESS and not word.endswith("*")])
    begun = either([word[:-1] for word in named if word[0] < _WORDLESS and word.endswith("*")])
    others = either([word for word in named if word[0] >= _WORDLESS])
    return rf"{arabic_beginning()}(?:{begun})[^\W\d_]*|{arabic_beginning()}(?:{whole})(?!\w)|{others}"


@cache
def _country(family: str) -> re.Pattern[str]:
    return re.compile(_countries_of(family))


@cache
def _full_name(family: str) -> re.Pattern[str]:
    """Return what matches a word of a family with its country beside it, or the code of its currency."""
    mine = tuple(sorted((word for word, known in _shared_words().items() if known == family), key=len, reverse=True))
    word, links = _bounded(mine), either(split(common()["shared_money"]["links"]))
    return re.compile(rf"(?:{_countries_of(family)})[ -]?{word}|{word} (?:(?:{links}) ?){{0,2}}(?:{_again(family)})")


def _again(family: str) -> str:
    """Return the countries once more, under names of groups of their own."""
    return _countries_of(family).replace("(?P<", "(?P<B_")


def _code(found: re.Match[str]) -> str:
    return (found.lastgroup or "").removeprefix("B_")


def find_meant(text: str, folded: str) -> dict[str, str]:
    """Return the currency that a text means by the shared words in it, by family; UNKNOWN where it may be several."""
    families = {_shared_words()[found[0]] for found in _any_word().finditer(folded)}
    meant = {family: _find_one(text, folded, family) for family in families}
    return {family: currency for family, currency in meant.items() if currency is not None}


def _find_one(text: str, folded: str, family: str) -> str | None:
    named = {_code(found) for found in _full_name(family).finditer(folded)}
    named |= {found[0] for found in _written_code(family).finditer(text)}
    meant = named or {_code(found) for found in _country(family).finditer(folded)}
    return UNKNOWN if len(meant) > 1 else next(iter(meant), None)


@cache
def _written_code(family: str) -> re.Pattern[str]:
    """Return what matches the code of a currency of a family, as it is written."""
    return re.compile(rf"(?<![^\W\d_])(?:{either(common()[_SECTIONS[family]])})(?![^\W\d_])")


def currency_of(text: str, start: int, end: int, hints: Mapping[str, str]) -> str | None:
    """Return the currency of a shared word at a place of a text, None where only a habit of its language decides."""
    family = family_of(text[start:end])
    if family is None:
        return None
    beside = _beside(text, start, end, family)
    if beside is not None:
        return beside
    named = [_code(found) for found in _full_name(family).finditer(text, max(0, start - _NAMED), start)]
    return named[-1] if named else hints.get(family)


def _beside(text: str, start: int, end: int, family: str) -> str | None:
    """Return the currency of the country right before or behind a word."""
    found = _full_name(family).search(text, max(0, start - _AROUND), end + _AROUND)
    return _code(found) if found is not None and found.start() <= start and end <= found.end() else None
