"""The data of a report on the parts of a company: an edition for each part, and the figures of the whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.report.data.edition import (
    Edition,
    EditionCompany,
    EditionFigure,
    operand_ids,
    read_company,
    read_evidence,
)
from tracker.report.data.rows import read_records, read_rows, shown_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["CompanyParts", "read_parts"]

#: Axes in the order in which a report that names none takes them: segments, then products, then regions.
_USUAL: Final = (
    ("us-gaap:StatementBusinessSegmentsAxis", "ifrs-full:SegmentsAxis"),
    ("srt:ProductOrServiceAxis", "us-gaap:ProductOrServiceAxis", "ifrs-full:ProductsAndServicesAxis"),
    ("srt:StatementGeographicalAxis", "us-gaap:StatementGeographicalAxis", "ifrs-full:GeographicalAreasAxis"),
)
_FIGURES: Final = f"""
    select
        y.axis, y.consolidation, y.member, y.label as part,
        y.metric, coalesce(m.label, y.metric) as label, coalesce(m.measure, 'count') as measure, y.span, y.fiscal_year,
        y.fiscal_quarter, y.fiscal_period, y.calendar_quarter, y.period_start, y.period_end, y.value, y.low, y.high,
        {shown_unit("y")} as unit, y.method, y.base, y.base_period, y.yoy_ratio, y.yoy_low, y.yoy_high, y.yoy_status,
        y.reason, y.reason_code, y.reason_parameters,
        coalesce(string_split(y.operands, ' '), []) as operands,
        coalesce(string_split(y.base_operands, ' '), []) as base_operands
    from segment_yoy y
    left join metric m on m.metric = y.metric
    where y.entity = $entity and y.metric = $metric and y.role = 'member'
    order by y.axis, y.member, y.consolidation, y.span, y.fiscal_year, y.fiscal_quarter
"""
_WHOLE: Final = """
    select fiscal_period, value, unit from figure
    where entity = $entity and metric = $metric and value is not null
"""
_KNOWN: Final = "select cast(max(known_at) as date) as known_on from segment_known where entity = $entity"


@dataclass(frozen=True, slots=True)
class _PartFigure(EditionFigure):
    """A figure of a part, with what the part is."""

    axis: str
    consolidation: str | None
    member: str
    part: str


@dataclass(frozen=True, slots=True)
class CompanyParts:
    """The parts of a company along one axis.

    Each part has an edition of its own, under the prefix of its anchors: its name stands where that of a company does.
    `whole` has the amounts of the whole company by period and unit.
    """

    company: EditionCompany
    axis: str
    period: str
    editions: Mapping[str, Edition]
    whole: Mapping[tuple[str, str], Decimal]


def read_parts(warehouse: Warehouse, definition: Definition, language: Language) -> CompanyParts:
    """Read the parts of a company; NothingMatchedError if fewer than two have a figure for the period."""
    company = read_company(warehouse, definition.entity)
    asked: dict[str, object] = {"entity": definition.entity, "metric": definition.metrics[0]}
    rows = read_records(warehouse, _FIGURES, asked, _PartFigure)
    if definition.axis is not None:
        rows = [row for row in rows if row.axis == definition.axis]
    period = definition.period or _find_latest(rows)
    cut = _find_cut(rows, period)
    if cut is None:
        lacking = f"have {definition.metrics[0]} for {period}" + (
            f" along {definition.axis}" if definition.axis else ""
        )
        raise NothingMatchedError(f"{definition.name}: fewer than two parts of {company.short} {lacking}")
    own = [row for row in rows if (row.axis, row.consolidation) == cut]
    whole = {(row["fiscal_period"], row["unit"]): row["value"] for row in read_rows(warehouse, _WHOLE, asked)}
    (known,) = read_rows(warehouse, _KNOWN, {"entity": definition.entity})
    blank = Edition(
        definition=definition, language=language, company=company, period=period, metrics=definition.metrics,
        figures=(), definitions={},
        evidence=read_evidence(warehouse, company.entity, operand_ids(own), "segment_statement"),
        statements=(), claims=(), guided=(), restated=(), known_on=known["known_on"],
        commit=warehouse.snapshot.versions["fact"],
    )  # fmt: skip
    return CompanyParts(company, cut[0], period, _make_editions(blank, own), whole)


def _make_editions(blank: Edition, rows: Sequence[_PartFigure]) -> dict[str, Edition]:
    """Make the edition of each part that has a figure for the period, the largest first."""
    shown = [row for row in rows if row.fiscal_period == blank.period and row.value is not None]
    shown.sort(key=lambda row: (-(row.value or 0), row.part))
    return {
        f"f{chr(97 + at)}": replace(
            blank,
            company=_name_part(row, blank.language),
            figures=tuple(one for one in rows if one.member == row.member),
        )
        for at, row in enumerate(shown[:_MOST])
    }


_MOST: Final = 20


def _name_part(row: _PartFigure, language: Language) -> EditionCompany:
    """Name a part by its label, and a country as the language does."""
    kind, _, code = row.member.partition(":")
    name = str(language.locale.territories.get(code, row.part)) if kind == "country" else row.part
    return EditionCompany(row.member, name, name, None, None)


def _find_latest(rows: Iterable[_PartFigure]) -> str:
    """Find the latest quarter or year for which at least two parts have a figure; a quarter before its year."""
    count = Counter(
        (row.period_end, row.span == "quarter", row.fiscal_period, row.axis, row.consolidation or "")
        for row in rows
        if row.value is not None and row.span in {"quarter", "year"}
    )
    found = [key for key, number in count.items() if number > 1]
    return max(found)[2] if found else "any period"


def _find_cut(rows: Iterable[_PartFigure], period: str) -> tuple[str, str | None] | None:
    """Find the axis of a report: the usual one, else the one with the most parts; None if no axis has two."""
    count = Counter(
        (row.axis, row.consolidation) for row in rows if row.fiscal_period == period and row.value is not None
    )
    several = [(axis, consolidation) for (axis, consolidation), number in count.items() if number > 1]
    return min(several, key=lambda cut: (_rank_axis(cut[0]), -count[cut], cut[1] or "", cut[0])) if several else None


def _rank_axis(axis: str) -> int:
    return next((at for at, names in enumerate(_USUAL) if axis in names), len(_USUAL))
