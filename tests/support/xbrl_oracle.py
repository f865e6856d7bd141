"""A second, slow reading of a document with tags, to compare stored facts with: its whole tree, and rules of its own.

It shares nothing with the reader that it judges. Where it cannot say what a document states (a number in a form that it
does not know), it says nothing of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

XBRLI = "{http://www.xbrl.org/2003/instance}"
XBRLDI = "{http://xbrl.org/2006/xbrldi}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
IX = "{http://www.xbrl.org/2013/inlineXBRL}"
#: The namespaces of shared taxonomies; the second part is the prefix of the names that are stored.
SHARED = re.compile(
    r"http://(?:fasb\.org|xbrl\.us)/(us-gaap|srt)/\d{4}.*|http://xbrl\.(?:sec\.gov|us)/([a-z]+)/\d{4}.*"
    r"|https?://xbrl\.ifrs\.org/taxonomy/[0-9-]+/(ifrs-full)"
)
PREFIXES = ("us-gaap", "srt", "dei", "ifrs-full")
WORDS = {"no": 0, "none": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20, "twenty-five": 25, "thirty": 30, "forty": 40}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What an element states; `value` is None for nil. `unit` and `axes` are sets of local names."""

    element: str | None
    concept: str
    scheme: str
    identifier: str
    axes: frozenset[tuple[str, str]]
    start: date | None
    end: date
    unit: frozenset[str]
    value: Decimal | None
    decimals: int | None


def list_statements(data: bytes) -> Iterator[Said]:
    """Yield what each number of a document states, where that is beyond doubt."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(re.sub(rb"&nbsp;", b"&#160;", data.strip()), parser)
    contexts = _group_by_id(root.iter(f"{XBRLI}context"))
    units = _group_by_id(root.iter(f"{XBRLI}unit"))
    for element in root.iter():
        key, unit = element.get("contextRef"), element.get("unitRef")
        if not isinstance(element.tag, str) or key not in contexts or unit not in units:
            continue
        for where in contexts[key]:
            for measured in units[unit]:
                try:
                    yield _read(element, where, measured)
                except (ValueError, ArithmeticError, AttributeError, KeyError):
                    continue


def differs(row: Mapping[str, Any], said: Said) -> bool:
    """Return whether a stored fact is another one than an element states."""
    pairs = [pair.partition("=")[::2] for pair in (row["dimensions"] or "").split(";") if pair]
    axes = frozenset((axis.rpartition(":")[2], member.rpartition(":")[2]) for axis, member in pairs)
    unit = frozenset(name.rpartition(":")[2] for name in re.split(r"/| \* ", row["unit"]))
    named = (row["element"], row["concept"], row["period_start"], row["period_end"], row["value"], row["decimals"])
    same = (said.element, said.concept, said.start, said.end, said.value, said.decimals)
    company = _company_of(said)
    return (*named, axes, unit) != (*same, said.axes, said.unit) or (company is not None and row["entity"] != company)


def _company_of(said: Said) -> str | None:
    """Return the id of a company that is named by its CIK or LEI."""
    if re.fullmatch(r"https?://www\.sec\.gov/CIK/?", said.scheme, re.IGNORECASE) and re.fullmatch(
        r"0*\d{1,10}", said.identifier
    ):
        return f"cik{int(said.identifier):010d}"
    return None


def _group_by_id(elements: Iterable[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for element in elements:
        found.setdefault(element.get("id") or "", []).append(element)
    return found


def _read(element: Any, context: Any, unit: Any) -> Said:
    is_nil = element.get(NIL) in ("true", "1")
    value = None if is_nil else _value_of(element)
    if value is not None and (value.adjusted() > 23 or value.adjusted() < -24):
        raise ValueError
    start, end = context.find(f".//{XBRLI}startDate"), context.find(f".//{XBRLI}endDate")
    last = context.find(f".//{XBRLI}instant") if end is None else end
    return Said(
        element.get("id"),
        _name(element, element.get("name")) if element.tag.startswith(IX) else _name(element, None),
        context.find(f".//{XBRLI}identifier").get("scheme", ""),
        " ".join(context.find(f".//{XBRLI}identifier").text.split()),
        frozenset(_axes(context)),
        None if start is None else _day(start.text, is_end=False),
        _day(last.text, is_end=True),
        frozenset((measure.text or "").strip().rpartition(":")[2] for measure in unit.iter(f"{XBRLI}measure")),
        value,
        None if value is None or element.tag == f"{IX}fraction" else _decimals_of(element, value),
    )


def _decimals_of(element: Any, value: Decimal) -> int | None:
    """Return the stated decimals (None for INF); without them, those of the last digit that is printed."""
    text = (element.get("decimals") or "").strip() or element.get("precision")
    if text == "INF":
        return None
    if not text:
        return -int(value.as_tuple().exponent)
    return int(text) if (element.get("decimals") or "").strip() else int(text) - value.adjusted() - 1


def _name(element: Any, name: str | None) -> str:
    if name is None:
        namespace, _, local = element.tag[1:].partition("}")
        prefix = element.prefix or ""
    else:
        prefix, _, local = name.strip().rpartition(":")
        namespace = element.nsmap[prefix or None] if prefix or None in element.nsmap else ""
    found = SHARED.fullmatch(namespace)
    own = f"other-{prefix}" if prefix in PREFIXES else prefix or "own"
    return f"{next(filter(None, found.groups())) if found else own}:{local}"


def _day(text: str, *, is_end: bool) -> date:
    day, _, time = text.strip().partition("T")
    found = date.fromisoformat(re.sub(r"(Z|[+-]\d\d:\d\d)$", "", day))
    if time.startswith("24"):
        return found if is_end else found + timedelta(days=1)
    return found - timedelta(days=1) if time and is_end else found


def _axes(context: Any) -> Iterator[tuple[str, str]]:
    for container in context.iter(f"{XBRLI}segment", f"{XBRLI}scenario"):
        for member in container:
            text = " ".join("".join(member.itertext()).split())
            axis = member.get("dimension") if member.tag.startswith(XBRLDI) else member.tag.replace("}", ":")
            yield axis.rpartition(":")[2], text.rpartition(":")[2]


def _value_of(element: Any) -> Decimal:
    if element.find(f".//{IX}exclude") is not None:
        raise ValueError("a number with something in it that is no part of it")
    text = " ".join("".join(element.itertext()).split())
    if not element.tag.startswith(IX):
        return Decimal(text)
    if element.tag == f"{IX}fraction":
        above, below = (_printed(element.find(f".//{IX}{part}")) for part in ("numerator", "denominator"))
        return above / below
    return _printed(element)


def _printed(element: Any) -> Decimal:
    text = " ".join("".join(element.itertext()).split())
    form = (element.get("format") or "").strip().rpartition(":")[2].replace("-", "")
    if form in ("fixedzero", "zerodash", "numdash"):
        number = Decimal(0)
    elif form == "numwordsen":
        number = Decimal(WORDS[text.lower()]) if text.lower() in WORDS else Decimal("NaN")
    elif form in ("numcommadecimal", "numdotcomma", "numspacecomma", "numcomma"):
        number = Decimal(re.sub(r"[. ]", "", text).replace(",", "."))
    elif form in ("numdotdecimal", "numcommadot", "numspacedot", "numdotdecimalin", ""):
        number = Decimal(re.sub(r"[, ]", "", text) if form else text)
    else:
        raise ValueError(form)
    if not number.is_finite():
        raise ValueError(text)
    with localcontext() as context:
        context.prec = 400
        value = number.scaleb(int(element.get("scale") or 0))
        return -value if element.get("sign") == "-" and value else +value
