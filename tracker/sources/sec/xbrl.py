"""The content of a tagged document as immutable values: facts, the contexts and units they name, and the text.

The rules are those of XBRL 2.1, Dimensions 1.0 and Inline XBRL 1.1 (https://specifications.xbrl.org).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tracker.model.period import Period
from tracker.model.quantity import EXACT, is_currency, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "FactContext",
    "Filed",
    "TaggedFact",
    "canonical_dimensions",
    "canonical_name",
    "canonical_unit",
    "classify_duplicates",
    "read_period",
    "resolve_name",
]

#: The namespaces of taxonomies that everybody shares, each with the prefix that company facts and people use.
_SHARED: Final = (
    (re.compile(r"http://(?:fasb\.org|xbrl\.us)/(us-gaap|srt)(?:-sup\w*)?/\d{4}.*"), None),
    (re.compile(r"http://xbrl\.(?:sec\.gov|us)/([a-z][a-z0-9-]*)/\d{4}.*"), None),
    (re.compile(r"https?://xbrl\.ifrs\.org/taxonomy/[\d-]+/(ifrs-full|ifrs-smes)"), None),
    (re.compile(r"https?://www\.esma\.europa\.eu/taxonomy/.*/(esef_cor|esef_all)"), None),
    (re.compile(r"http://www\.xbrl\.org/2003/instance"), "xbrli"),
    (re.compile(r"http://www\.xbrl\.org/2003/iso4217"), "iso4217"),
)
#: Prefixes that only those namespaces may have in a stored name.
_RESERVED: Final = re.compile(
    r"us-gaap|srt|dei|ifrs-full|ifrs-smes|esef_cor|esef_all|xbrli|iso4217|stated|guided|defined|prior"
)


@dataclass(frozen=True, slots=True)
class FactContext:
    """The company, the period and the part of the company that a fact is about.

    `scheme` and `identifier` name the company. `period` is None for "forever". `dimensions` is canonical text; None
    means the whole company.
    """

    scheme: str
    identifier: str
    period: Period | None
    dimensions: str | None


class TaggedFact(NamedTuple):
    """A numeric fact as it is tagged, with its references resolved by name only.

    `value` is in whole units and exact; None for a fact that is nil. `decimals` is None for INF: the value is exact.
    `start` and `end` are the characters of the text of its document on which `printed` stands.
    """

    concept: str
    context: str
    unit: str
    value: Decimal | None
    decimals: int | None
    element: str | None
    printed: str
    start: int
    end: int
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Filed:
    """One document: its facts, contexts and units by id, its cover page, and its text.

    `units` has canonical names. `cover` has the texts of the `dei` facts of the whole company by local name, and
    `cover_context` the context of the document's type. `schemas` are the addresses of the schemas it refers to.
    `wrong` lists what could not be read: element or context, code, message, remedy.
    """

    facts: tuple[TaggedFact, ...]
    contexts: Mapping[str, FactContext]
    units: Mapping[str, str]
    cover: Mapping[str, str]
    cover_context: str | None
    schemas: frozenset[str]
    text: str
    is_inline: bool
    wrong: tuple[tuple[str, str, str, str], ...] = field(default=())


# -- names ---------------------------------------------------------------------------------------------


def canonical_name(namespace: str | None, prefix: str | None, local: str) -> str:
    """Return the name of a concept, axis or member with the prefix that its namespace has everywhere.

    A company's own namespace keeps the prefix of the document. Where that prefix belongs to another namespace, the
    name begins with `other-`, so that it is never taken for the shared concept.

    >>> canonical_name("http://fasb.org/us-gaap/2024", "gaap", "Revenues")
    'us-gaap:Revenues'
    """
    return f"{_canonical_prefix(namespace, prefix)}:{local}"


@lru_cache(maxsize=1024)
def _canonical_prefix(namespace: str | None, prefix: str | None) -> str:
    for pattern, fixed in _SHARED:
        if found := pattern.fullmatch(namespace or ""):
            return fixed or found[1]
    own = prefix or "own"
    return f"other-{own}" if _RESERVED.fullmatch(own) else own


def resolve_name(name: str, names: Mapping[str | None, str]) -> str:
    """Return the canonical form of a name with a prefix of the document; empty where the prefix is not declared.

    >>> resolve_name("gaap:Revenues", {"gaap": "http://fasb.org/us-gaap/2024"}), resolve_name("a:B", {})
    ('us-gaap:Revenues', '')
    """
    prefix, _, local = name.strip().rpartition(":")
    namespace = names.get(prefix or None)
    if not local or (prefix and namespace is None):
        return ""
    return canonical_name(namespace, prefix, local)


def canonical_dimensions(pairs: Iterable[tuple[str, str]]) -> str | None:
    """Return pairs of axis and member as one text, sorted by axis; None if there are none.

    >>> canonical_dimensions([("srt:RangeAxis", "srt:MaximumMember"), ("a:B", "x;y")])
    'a:B=x%3By;srt:RangeAxis=srt:MaximumMember'
    """
    listed = sorted((axis, _escape(member)) for axis, member in pairs)
    return ";".join(f"{axis}={member}" for axis, member in listed) or None


def _escape(member: str) -> str:
    return member.replace("%", "%25").replace(";", "%3B").replace("=", "%3D")


def canonical_unit(numerator: Sequence[str], denominator: Sequence[str]) -> str:
    """Return the name of a unit from the canonical names of its measures: `USD`, `USD/shares`, `pure`, `segment`.

    A company's own measure loses its prefix, as in company facts, unless it would look like a currency or like one of
    XBRL's own. A currency that ISO 4217 does not list keeps `iso4217:`.
    """
    above, below = (" * ".join(sorted(map(_measure_unit, names))) for names in (numerator, denominator))
    return f"{above}/{below}" if below else above


def _measure_unit(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    if prefix == "iso4217":
        return local if is_currency(local) else name
    looks_shared = local in ("shares", "pure", "ratio", "count") or is_currency(local.upper())
    return name if prefix != "xbrli" and looks_shared else local


# -- periods -------------------------------------------------------------------------------------------


def read_period(start: str | None, end: str) -> Period:
    """Return the days from a start to an end (or instant) as XBRL 2.1 means them, both included.

    A day as an end means its last moment, which is midnight of the day after: with a time, `2025-01-01T00:00:00` ends
    on 31 December. Zones are left out.

    Raises:
        ValueError: one of them is no day, or the period begins or ends in the middle of a day.

    """
    first = None if start is None else _read_midnight(start, is_end=False)
    return Period(first, _read_midnight(end, is_end=True))


_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.0+)?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)


def _read_midnight(text: str, *, is_end: bool) -> date:
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:30]!r} is no day")
    try:
        day = date.fromisoformat(found[1])
    except ValueError as error:
        raise ValueError(f"{text[:30]!r} is no day") from error
    if found[2] is None:
        return day
    if found[2] == "24:00:00":
        return day if is_end else day + timedelta(days=1)
    if datetime.combine(day, time.fromisoformat(found[2])).time() != time.min:
        raise ValueError(f"{text[:30]!r} is in the middle of a day")
    return day - timedelta(days=1) if is_end else day


# -- duplicates ----------------------------------------------------------------------------------------


def classify_duplicates(facts: Sequence[TaggedFact]) -> str:
    """Class facts of one concept, context and unit: `complete`, `consistent` or `inconsistent`.

    Complete: the same value to the same decimals. Consistent: all values may be roundings of one, so that their
    intervals have a value in common. Nil agrees with nil alone (Inline XBRL working group note on duplicate facts;
    XBRL 2.1, 4.10).
    """
    if len({(fact.value, fact.decimals) for fact in facts}) == 1:
        return "complete"
    bounds = [_find_bounds(fact) for fact in facts if fact.value is not None]
    if len(bounds) < len(facts):
        return "inconsistent"
    return "consistent" if max(low for low, _ in bounds) <= min(high for _, high in bounds) else "inconsistent"


def _find_bounds(fact: TaggedFact) -> tuple[Decimal, Decimal]:
    value = fact.value if fact.value is not None else Decimal(0)
    if fact.decimals is None:
        return value, value
    half = EXACT.divide(unit_of(fact.decimals), Decimal(2))
    return EXACT.subtract(value, half), EXACT.add(value, half)
