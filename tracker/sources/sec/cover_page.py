"""Find the company of a filing by its identifier and scheme, and read its cover page: form, close of the year."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from tracker.model.period import closing_month

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.model.entity import Entities
    from tracker.sources.sec.xbrl import FactContext

__all__ = ["entity_of", "find_form", "is_lei", "read_cik", "read_closing"]

_SEC: Final = re.compile(r"https?://www\.sec\.gov/CIK/?", re.IGNORECASE)
_LEI: Final = re.compile(r"https?://standards\.iso\.org/iso/17442(-1)?/?", re.IGNORECASE)


def is_lei(context: FactContext) -> bool:
    """Return whether a context names its company by an LEI."""
    return bool(_LEI.fullmatch(context.scheme))


def entity_of(entities: Entities, context: FactContext) -> str:
    """Return the id of the company of a context, by its CIK or LEI; else an id made from its identifier and scheme."""
    cik = read_cik(context)
    if cik is not None:
        return entities.by_cik(cik)
    identifier = context.identifier
    if is_lei(context):
        known = _list_leis(entities)
        return known.get(identifier, f"lei{identifier.lower()}" if identifier.isalnum() else _slug(context))
    return _slug(context)


def _list_leis(entities: Entities) -> dict[str, str]:
    """Return the companies of the project by their LEI."""
    aliases = [(entity.entity, alias) for entity in entities.by_id.values() for alias in entity.aliases]
    return {alias.alias: entity for entity, alias in aliases if alias.kind == "lei"}


def _slug(context: FactContext) -> str:
    """Return an id for a company that is named by another scheme; long ones end in a hash."""
    host = re.sub(r"^https?://(www\.)?", "", context.scheme)
    text = re.sub(r"[^A-Za-z0-9]+", "-", f"{host}-{context.identifier}").strip("-").lower()
    digest = hashlib.sha256(f"{context.scheme} {context.identifier}".encode()).hexdigest()[:12]
    return text if 0 < len(text) <= 50 and context.identifier.isalnum() else f"id-{digest}"  # noqa: PLR2004 - letters


def read_cik(context: FactContext) -> int | None:
    """Return the CIK of a context; None if it names the company otherwise."""
    if not _SEC.fullmatch(context.scheme) or not re.fullmatch(r"0{0,20}\d{1,10}", context.identifier, re.ASCII):
        return None
    return int(context.identifier) or None


def find_form(cover: Mapping[str, str]) -> str | None:
    """Return the form of a filing: its document type, with `/A` where it is an amendment."""
    form = cover.get("DocumentType", "").strip().upper()
    if not form:
        return None
    is_amendment = cover.get("AmendmentFlag", "").strip().lower() in ("true", "1")
    return f"{form}/A" if is_amendment and not form.endswith("/A") else form


_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_MONTH_AND_DAY: Final = re.compile(r"(?:--)?(\d{1,2})[-/.](\d{1,2})", re.ASCII)
_NAMED_DAY: Final = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})|(\d{1,2})\s+([A-Za-z]{3,9})", re.ASCII)


def read_closing(cover: Mapping[str, str]) -> int | None:
    """Return the month in which the fiscal year closes, from the cover page: `--09-27`, `12-31`, `December 31`."""
    text = cover.get("CurrentFiscalYearEndDate", "").strip()
    if found := _MONTH_AND_DAY.fullmatch(text):
        return closing_month(int(found[1]), int(found[2]))
    if found := _NAMED_DAY.fullmatch(text):
        month = _MONTHS.get((found[1] or found[4])[:3].lower(), 0)
        return closing_month(month, int(found[2] or found[3]))
    return None
