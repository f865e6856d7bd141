"""Metrics, the tags that stand for them, and companies' own definitions: read from TOML, stored as tables.

A definition is data with a version, not code: the package's `metrics.toml` may be overridden entry by
entry by a project's own, and the version is the hash of both, so that every derived number can name it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Metrics", "Part", "Tag", "company_key", "load_metrics"]

_TYPES = frozenset({"duration", "instant"})
_MEASURES = frozenset({"money", "per_share", "count", "ratio"})
_CIK: Final = re.compile(r"(?:cik[ :_-]?)?(\d{1,10})", re.ASCII | re.IGNORECASE)
_LEI: Final = re.compile(r"(?:lei[ :_-]?)?([a-z0-9]{18}\d{2})", re.ASCII | re.IGNORECASE)
MAX_PARTS = 4  # `figure.sql` spells out the operands of this many


@dataclass(frozen=True, slots=True)
class Metric:
    """A canonical figure: its name, label and nature, and the metric that some filers net it with."""

    metric: str
    label: str
    type: str
    is_additive: bool
    measure: str
    netted_with: str | None


@dataclass(frozen=True, slots=True)
class Tag:
    """A concept that stands for a metric; the lowest `priority` wins where several are stated."""

    metric: str
    priority: int
    concept: str


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a derived metric, for one company or (`entity` is `*`) for all others.

    A company is named by our id, by its CIK (`cik0001326801`) or by its LEI (`lei` and twenty letters and digits).
    """

    metric: str
    entity: str
    part_no: int
    part: str
    weight: int
    definition: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """All definitions in force, and the version they have together."""

    version: str
    metrics: tuple[Metric, ...]
    tags: tuple[Tag, ...]
    parts: tuple[Part, ...]


def load_metrics(override: Path | None) -> Metrics:
    """The package's definitions with a project's own on top; InputError names what cannot be read."""
    own = files("tracker").joinpath("metrics.toml").read_text("utf-8")
    texts = [own] if override is None else [own, _read(override)]
    tables: dict[str, Any] = {}
    for text, path in zip(texts, ["metrics.toml", str(override)], strict=False):
        tables |= _parse(text, path)
    version = hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:12]
    return _assemble(tables, version, str(override or "metrics.toml"))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(str(path), None, None, "unreadable", str(error), "give a UTF-8 TOML file or leave it out")
        raise InputError([problem]) from error


def _parse(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(path, None, None, "toml", str(error), "mend the TOML")]) from error


def _assemble(tables: dict[str, Any], version: str, path: str) -> Metrics:
    problems = [problem for name, entry in tables.items() for problem in _check(name, entry, tables, path)]
    if problems:
        raise InputError(problems)
    return Metrics(
        version,
        tuple(_metric(name, entry) for name, entry in tables.items()),
        tuple(Tag(n, i, tag) for n, e in tables.items() for i, tag in enumerate(e.get("tags", []), 1)),
        tuple(part for name, entry in tables.items() for part in _parts(name, entry)),
    )


def _metric(name: str, entry: dict[str, Any]) -> Metric:
    return Metric(name, entry["label"], entry["type"], entry["additive"], entry["measure"], entry.get("netted_with"))


def _parts(name: str, entry: dict[str, Any]) -> list[Part]:
    owners = {"*": entry, **{company_key(company): own for company, own in entry.get("companies", {}).items()}}
    return [
        Part(name, entity, number, part, weight, owner["definition"])
        for entity, owner in owners.items()
        for number, (part, weight) in enumerate(owner.get("parts", {}).items(), 1)
    ]


def company_key(text: str) -> str:
    """How a definition names a company: its CIK or LEI in one form however they are written, else our id as it is.

    >>> company_key("CIK 1326801"), company_key("1326801"), company_key("meta")
    ('cik0001326801', 'cik0001326801', 'meta')
    """
    if cik := _CIK.fullmatch(text):
        return f"cik{int(cik[1]):010d}"
    lei = _LEI.fullmatch(text)
    return f"lei{lei[1].upper()}" if lei else text


def _check(name: str, entry: Any, tables: dict[str, Any], path: str) -> list[Problem]:
    """What is wrong with one entry, in words its author can act on."""
    wrong: list[tuple[str, str]] = []
    missing = {"label", "type", "additive", "measure"} - set(entry if isinstance(entry, dict) else {})
    if missing:
        return [Problem(path, None, name, "metric", f"lacks {', '.join(sorted(missing))}", "add what is missing")]
    if entry["type"] not in _TYPES:
        wrong.append((f"type {entry['type']!r} is unknown", f"use one of {', '.join(sorted(_TYPES))}"))
    if entry["measure"] not in _MEASURES:
        wrong.append((f"measure {entry['measure']!r} is unknown", f"use one of {', '.join(sorted(_MEASURES))}"))
    companies = entry.get("companies", {})
    if len({company_key(company) for company in companies}) < len(companies):
        wrong.append(("one company is defined twice, under two of its names", "keep one of the two"))
    for owner in (entry, *companies.values()):
        wrong += _check_parts(owner, tables)
    return [Problem(path, None, name, "metric", message, remedy) for message, remedy in wrong]


def _check_parts(owner: dict[str, Any], tables: dict[str, Any]) -> list[tuple[str, str]]:
    parts = owner.get("parts", {})
    wrong = [
        (f"part {part!r} has no tags of its own", "name a metric that is tagged")
        for part in parts
        if not tables.get(part, {}).get("tags")
    ]
    wrong += [(f"weight {w!r} is neither 1 nor -1", "use 1 or -1") for w in parts.values() if w not in (1, -1)]
    if parts and "definition" not in owner:
        wrong.append(("parts without a definition", "say in words what they make"))
    if len(parts) > MAX_PARTS:
        wrong.append((f"{len(parts)} parts", f"use at most {MAX_PARTS}"))
    return wrong
