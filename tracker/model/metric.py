"""Metrics, the tags that stand for them, and companies' own definitions: read from TOML, stored as tables.

A definition is data with a version, not code: the package's `metrics.toml` may be overridden entry by
entry by a project's own, and the version is the hash of both, so that every derived number can name it.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import InputError, Problem
from tracker.files.toml_file import line_of, read_toml, show_value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

__all__ = [
    "Metrics",
    "Noun",
    "Part",
    "RatioTerm",
    "Tag",
    "company_key",
    "load_metrics",
    "lowered",
    "metric_names",
    "metric_nouns",
    "metric_phrases",
    "metric_translations",
    "metrics_never_below_zero",
    "metrics_of_measure",
    "metrics_of_sign",
    "metrics_text",
    "wide_metrics",
]

_TYPES = frozenset({"duration", "instant"})
_MEASURES = frozenset({"money", "per_share", "count", "ratio"})
_CIK: Final = re.compile(r"(?:cik[ :_-]?)?(\d{1,10})", re.ASCII | re.IGNORECASE)
_LEI: Final = re.compile(r"(?:lei[ :_-]?)?([a-z0-9]{18}\d{2})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metric:
    """A canonical figure: its name, label and nature, and the metric that some filers net it with.

    `section` is the group it belongs to, `standard_name` what the field calls it, and `about` what it is, in a
    sentence. A volatile one comes and goes, so that a sudden change of its size is no sign of an error.
    """

    metric: str
    label: str
    type: str
    is_additive: bool
    measure: str
    netted_with: str | None
    section: str | None
    standard_name: str | None
    about: str | None
    is_volatile: bool


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
class RatioTerm:
    """One term of a ratio. Its `form` is the place of the definition among several; the first that is known counts.

    `side` is `numerator` or `denominator`, or for ratios after tax `tax` or `pretax`. An averaged term is the mean of
    the opening and the closing balance.
    """

    metric: str
    form: int
    side: str
    part_no: int
    part: str
    weight: int
    is_averaged: bool


@dataclass(frozen=True, slots=True)
class Metrics:
    """All definitions in force, and the version they have together."""

    version: str
    metrics: tuple[Metric, ...]
    tags: tuple[Tag, ...]
    parts: tuple[Part, ...]
    ratios: tuple[RatioTerm, ...]


@dataclass(frozen=True, slots=True)
class Noun:
    """What sentences call a metric in one language: its name, and its names above and below zero where it has them."""

    name: str
    gain: str = ""
    loss: str = ""
    is_plural: bool = False

    @property
    def was(self) -> str:
        """Return the past tense of "to be" that agrees with the name."""
        return "were" if self.is_plural else "was"


@cache
def metrics_text() -> str:
    """Return the text of `metrics.toml`."""
    return files("tracker.model").joinpath("metrics.toml").read_text("utf-8")


@cache
def _own_entries() -> dict[str, dict[str, Any]]:
    return tomllib.loads(metrics_text())


@cache
def _own_words() -> dict[str, dict[str, dict[str, Any]]]:
    """Names and phrases of metrics in other languages: metric -> language -> what `metric_words.toml` says."""
    return tomllib.loads(files("tracker.model").joinpath("metric_words.toml").read_text("utf-8"))


def wide_metrics() -> list[str]:
    """Return the metrics that are columns of the view `wide`, in order."""
    return [name for name, entry in _own_entries().items() if entry.get("wide")]


def metric_names() -> tuple[str, ...]:
    """Return the program's own metrics, in the order of `metrics.toml`."""
    return tuple(_own_entries())


def metrics_of_measure(measure: str) -> frozenset[str]:
    """Return the metrics of one measure: `money`, `per_share`, `count` or `ratio`."""
    return frozenset(name for name, entry in _own_entries().items() if entry["measure"] == measure)


def metrics_of_sign(sign: str) -> frozenset[str]:
    """Return the metrics whose `sign` in `metrics.toml` is this one: `either` or `spent`."""
    return frozenset(name for name, entry in _own_entries().items() if entry.get("sign") == sign)


def metrics_never_below_zero(*, net: bool) -> frozenset[str]:
    """Return the flows of money that are never below zero; with `net`, those from which something is subtracted first.

    They follow from `sign` and `net` in `metrics.toml`. Metrics of a project's own are not among them.
    """
    return frozenset(
        name
        for name, entry in _own_entries().items()
        if "sign" not in entry or entry["sign"] == "spent"
        if (entry["type"], entry["measure"], entry.get("net", False)) == ("duration", "money", net)
    )


@cache
def metric_nouns() -> dict[str, Noun]:
    """Return the English nouns of the program's metrics; a metric that goes by its label is missing."""
    return {
        name: Noun(entry["noun"], entry.get("gain", ""), entry.get("loss", ""), entry.get("plural", False))
        for name, entry in _own_entries().items()
        if "noun" in entry
    }


def metric_translations(language: str) -> dict[str, str]:
    """Return what `metric_words.toml` translates into a language: the English text of `metrics.toml` -> its words."""
    return {
        _as_spoken(key, _own_entries()[metric][key]): text
        for metric, languages in _own_words().items()
        for key, text in languages.get(language, {}).items()
        if key != "phrases"
    }


def _as_spoken(key: str, text: str) -> str:
    """Return a label as sentences have it; other words are written so already."""
    return lowered(text) if key == "label" else text


def lowered(label: str) -> str:
    """Return a label as it stands inside a sentence: without its capital, unless that is one of several (`EPS`)."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def metric_phrases(language: str) -> dict[str, str]:
    """Return the phrases by which articles of a language name metrics, beside those of the language's own file."""
    return {
        metric: languages[language]["phrases"]
        for metric, languages in _own_words().items()
        if "phrases" in languages.get(language, {})
    }


def load_metrics(override: Path | None) -> Metrics:
    """Return the package's definitions with a project's own on top. InputError names what cannot be read."""
    own = metrics_text()
    text, tables = _read_definitions(override) if override else ("", {})
    version = hashlib.sha256("\x1f".join([own, text] if override else [own]).encode()).hexdigest()[:12]
    return _assemble_metrics(_own_entries() | tables, tables.keys(), version, str(override or "metrics.toml"), text)


def _read_definitions(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        return read_toml(path)
    except OSError as error:
        problem = Problem(str(path), None, None, "unreadable", str(error), "give a UTF-8 TOML file or leave it out")
        raise InputError([problem]) from error


def _assemble_metrics(
    tables: dict[str, Any], overridden: Collection[str], version: str, path: str, text: str
) -> Metrics:
    """Put the entries together; `overridden` are those of the project's own file."""
    keys = {name: _keys_of(name, entry) if name in overridden else _OWN_KEYS for name, entry in tables.items()}
    wrong = [
        (f"{name}.{key}" if key else name, message, remedy)
        for name, entry in tables.items()
        for key, message, remedy in _check_metric(name, entry, tables, keys[name])
    ]
    if wrong:
        raise InputError(
            [Problem(path, line_of(text, key), key, "metric", message, remedy) for key, message, remedy in wrong]
        )
    return Metrics(
        version,
        tuple(_make_metric(name, entry) for name, entry in tables.items()),
        tuple(Tag(n, i, tag) for n, e in tables.items() for i, tag in enumerate(e.get("tags", []), 1)),
        tuple(part for name, entry in tables.items() for part in _make_parts(name, entry)),
        tuple(term for name, entry in tables.items() for term in _make_ratio_terms(name, entry)),
    )


def _make_metric(name: str, entry: dict[str, Any]) -> Metric:
    nature = (entry["type"], entry["additive"], entry["measure"], entry.get("netted_with"))
    told = (entry.get("section"), entry.get("standard"), entry.get("about"))
    return Metric(name, entry["label"], *nature, *told, entry.get("volatile", False))


def _make_parts(name: str, entry: dict[str, Any]) -> list[Part]:
    owners = {"*": entry, **{company_key(company): own for company, own in entry.get("companies", {}).items()}}
    return [
        Part(name, entity, number, part, weight, owner["definition"])
        for entity, owner in owners.items()
        for number, (part, weight) in enumerate(owner.get("parts", {}).items(), 1)
    ]


def _make_ratio_terms(name: str, entry: dict[str, Any]) -> list[RatioTerm]:
    """Return the terms of a ratio: each numerator over each denominator is a form of it, in order."""
    is_averaged, taxes = entry.get("averaged", False), _TAXES if entry.get("taxed") else {}
    forms = itertools.product(entry.get("numerator", []), entry.get("denominator", []))
    return [
        RatioTerm(name, form, side, number, part, weight, is_averaged and side == "denominator")
        for form, (above, below) in enumerate(forms, 1)
        for side, terms in ({"numerator": above, "denominator": below} | taxes).items()
        for number, (part, weight) in enumerate(terms.items(), 1)
    ]


#: What a ratio after tax takes off: the share of income before taxes that taxes are.
_TAXES: Final = {"tax": {"income_tax": 1}, "pretax": {"pretax_income": 1}}


def company_key(text: str) -> str:
    """Return how a definition names a company: by its CIK or LEI in one form, or by our id as it is.

    >>> company_key("CIK 1326801"), company_key("1326801"), company_key("meta")
    ('cik0001326801', 'cik0001326801', 'meta')
    """
    if cik := _CIK.fullmatch(text):
        return f"cik{int(cik[1]):010d}"
    lei = _LEI.fullmatch(text)
    return f"lei{lei[1].upper()}" if lei else text


def _keys_of(name: str, entry: Any) -> tuple[str, ...]:
    """Return the keys an entry of a project's file may have.

    How the program speaks of its own metrics is not for a project to say. A copy of our entry says the same, so it
    may stand.
    """
    own = _own_entries().get(name, {})
    copied = (key for key in _WORD_SHAPES if isinstance(entry, dict) and key in own and entry.get(key) == own[key])
    return (*_ENTRY_KEYS, *copied)


_Wrong = tuple[str, str, str]


def _check_metric(name: str, entry: Any, tables: dict[str, Any], keys: tuple[str, ...]) -> list[_Wrong]:
    """Return what is wrong with one entry: key within it, message, remedy."""
    if not _NAME.fullmatch(name):
        return [("", "is no name of a metric", "use small letters, digits and underscores")]
    if not isinstance(entry, dict):
        return [("", f"{show_value(entry)} is no table", f"write [{name}] and its keys below")]
    wrong = [
        (key, "is missing", f"add {key} = {_SHAPES[key][1]}")
        for key in ("label", "type", "additive", "measure")
        if key not in entry
    ]
    wrong += _check_shapes(entry, keys, "")
    companies = entry.get("companies", {})
    if isinstance(companies, dict):
        wrong += [found for company, owner in companies.items() for found in _check_company(company, owner)]
        if len({company_key(company) for company in companies}) < len(companies):
            wrong.append(("companies", "defines one company twice, under two of its names", "keep one of the two"))
    if wrong:
        return wrong
    for place, owner in [("", entry), *((f"companies.{name}.", owner) for name, owner in companies.items())]:
        wrong += _check_parts(place, owner, tables)
    wrong += _check_ratio(entry, tables)
    netted = entry.get("netted_with")
    if netted is not None and netted not in tables:
        wrong.append(("netted_with", f"there is no metric {show_value(netted)}", "name a metric"))
    return wrong


def _check_ratio(entry: dict[str, Any], tables: dict[str, Any]) -> list[_Wrong]:
    """Check that a ratio has both sides, and that its parts are amounts of money or counts."""
    sides = [side for side in ("numerator", "denominator") if side in entry]
    if not sides:
        return [(key, "belongs to a ratio", "take it out") for key in ("averaged", "taxed") if key in entry]
    if len(sides) == 1:
        return [(sides[0], "stands alone", "say what is divided by what: `numerator` and `denominator`")]
    wrong = [] if entry["measure"] == "ratio" else [("measure", "is not that of a ratio", 'write measure = "ratio"')]
    parts = [part for side in sides for form in entry[side] for part in form]
    return wrong + [
        (side, f"part {show_value(part)} is no metric of amounts", "name a metric that is tagged or a sum of such")
        for side in sides
        for part in parts
        if not isinstance(tables.get(part), dict) or not (tables[part].get("tags") or tables[part].get("parts"))
    ]


def _check_company(company: str, owner: Any) -> list[_Wrong]:
    place = f"companies.{company}"
    if not isinstance(owner, dict):
        return [(place, f"{show_value(owner)} is no table", "give it a definition and parts")]
    return _check_shapes(owner, _COMPANY_KEYS, f"{place}.")


def _check_shapes(table: dict[str, Any], known: tuple[str, ...], place: str) -> list[_Wrong]:
    """Check that each key of a table is known and has a value of its shape."""
    shapes = _SHAPES | _WORD_SHAPES
    wrong = [(place + key, "is unknown", f"use {', '.join(known)}") for key in sorted(set(table) - set(known))]
    return wrong + [
        (place + key, f"{show_value(value)} is not what belongs here", f"write {key} = {shapes[key][1]}")
        for key, value in table.items()
        if key in known and not shapes[key][0](value)
    ]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _are_tags(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(tag) and _TAG.fullmatch(tag) for tag in value)


def _are_parts(value: object) -> bool:
    return isinstance(value, dict) and all(type(weight) is int and weight in {1, -1} for weight in value.values())


def _are_forms(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(form and _are_parts(form) for form in value)


_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_TAG: Final = re.compile(r"[A-Za-z][\w.-]*:[A-Za-z]\w*", re.ASCII)
#: What each key of an entry holds: its test, and an example of it.
_SHAPES: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "label": (_is_text, '"Revenue"'),
    "type": (lambda value: isinstance(value, str) and value in _TYPES, " or ".join(f'"{t}"' for t in sorted(_TYPES))),
    "additive": (lambda value: isinstance(value, bool), "true or false"),
    "measure": (
        lambda value: isinstance(value, str) and value in _MEASURES,
        " or ".join(f'"{m}"' for m in sorted(_MEASURES)),
    ),
    "tags": (_are_tags, '["us-gaap:Revenues", "ifrs-full:Revenue"]'),
    "netted_with": (_is_text, '"capex_disposals"'),
    "section": (_is_text, '"income"'),
    "standard": (_is_text, '"Total Revenue"'),
    "about": (_is_text, '"What customers pay."'),
    "volatile": (lambda value: isinstance(value, bool), "true or false"),
    "definition": (_is_text, '"what the parts make"'),
    "parts": (_are_parts, "{ capex_ppe = 1, finance_lease_principal = 1 }, each with 1 or -1"),
    "companies": (lambda value: isinstance(value, dict), "a table for each company"),
    **dict.fromkeys(
        ("numerator", "denominator"),
        (_are_forms, "[{ gross_profit = 1 }, { revenue = 1, cost_of_revenue = -1 }], each with 1 or -1"),
    ),
    **dict.fromkeys(("averaged", "taxed"), (lambda value: isinstance(value, bool), "true or false")),
}
_WORD_SHAPES: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    **dict.fromkeys(("noun", "gain", "loss"), (_is_text, '"net income"')),
    **dict.fromkeys(("plural", "wide", "net"), (lambda value: isinstance(value, bool), "true or false")),
    "sign": (lambda value: value in {"either", "spent"}, '"either" or "spent"'),
}
_ENTRY_KEYS: Final = tuple(_SHAPES)
_OWN_KEYS: Final = (*_SHAPES, *_WORD_SHAPES)
_COMPANY_KEYS: Final = ("definition", "parts")


def _check_parts(place: str, owner: dict[str, Any], tables: dict[str, Any]) -> list[_Wrong]:
    parts = owner.get("parts", {})
    wrong = [
        (f"{place}parts", f"part {show_value(part)} has no tags of its own", "name a metric that is tagged")
        for part in parts
        if not isinstance(tables.get(part), dict) or not tables[part].get("tags")
    ]
    if parts and "definition" not in owner:
        wrong.append((f"{place}parts", "stands without a definition", "say in words what the parts make"))
    return wrong
