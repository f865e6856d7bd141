"""The stored tables, column by column: the one place from which Arrow, Delta and SQL take their types.

Beside these, everything is a view (`tracker/warehouse/views/`). All tables are append-only and end in
`recorded_at`, the moment of the commit that stored the row.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "DERIVED",
    "DERIVED_FROM",
    "DERIVED_VIEWS",
    "DESCRIPTIONS",
    "LATEST",
    "READERS",
    "RUN",
    "RUNS",
    "RUN_COLUMNS",
    "SHOWN",
    "STORAGE_ORDER",
    "TABLES",
]

_AMOUNT: Final = "DECIMAL(38,6)"

#: table -> column -> SQL type, in storage order.
TABLES: Final[dict[str, dict[str, str]]] = {
    "source": {
        "source_id": "VARCHAR",
        "kind": "VARCHAR",
        "publisher": "VARCHAR",
        "title": "VARCHAR",
        "language": "VARCHAR",
        "url": "VARCHAR",
        "file": "VARCHAR",
        "accession": "VARCHAR",
        "form": "VARCHAR",
        "published_at": "TIMESTAMPTZ",
        "published_basis": "VARCHAR",
        "retrieved_at": "TIMESTAMPTZ",
        "sha256": "VARCHAR",
        "origin": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "reading": {
        "source_id": "VARCHAR",
        "file": "VARCHAR",
        "sha256": "VARCHAR",
        "text_sha256": "VARCHAR",
        "address": "VARCHAR",
        "about": "VARCHAR",
        "reader": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "entity_id": {
        "stored_as": "VARCHAR",
        "entity": "VARCHAR",
        "cause": "VARCHAR",
        "reason": "VARCHAR",
        "made_by": "VARCHAR",
        "made_on": "DATE",
        "is_doubled": "BOOLEAN",
        "origin": "VARCHAR",
        "is_withdrawn": "BOOLEAN",
        "recorded_at": "TIMESTAMPTZ",
    },
    "listing": {
        "cik": "BIGINT",
        "kind": "VARCHAR",
        "alias": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "place": "INTEGER",
        "origin": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "entity": {
        "entity": "VARCHAR",
        "name": "VARCHAR",
        "cik": "BIGINT",
        "currency": "VARCHAR",
        "fiscal_year_end_month": "INTEGER",
        "is_named_by_start": "BOOLEAN",
        "is_weekly": "BOOLEAN",
        "origin": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "entity_alias": {
        "entity": "VARCHAR",
        "kind": "VARCHAR",
        "alias": "VARCHAR",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "recorded_at": "TIMESTAMPTZ",
    },
    "metric": {
        "metric": "VARCHAR",
        "label": "VARCHAR",
        "type": "VARCHAR",
        "is_additive": "BOOLEAN",
        "measure": "VARCHAR",
        "netted_with": "VARCHAR",
        "section": "VARCHAR",
        "standard_name": "VARCHAR",
        "about": "VARCHAR",
        "is_volatile": "BOOLEAN",
        "version": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "metric_tag": {
        "metric": "VARCHAR",
        "priority": "INTEGER",
        "concept": "VARCHAR",
        "version": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "metric_part": {
        "metric": "VARCHAR",
        "entity": "VARCHAR",
        "part_no": "INTEGER",
        "part": "VARCHAR",
        "weight": "INTEGER",
        "definition": "VARCHAR",
        "version": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "metric_ratio": {
        "metric": "VARCHAR",
        "form": "INTEGER",
        "side": "VARCHAR",
        "part_no": "INTEGER",
        "part": "VARCHAR",
        "weight": "INTEGER",
        "is_averaged": "BOOLEAN",
        "version": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "pin": {
        "entity": "VARCHAR",
        "metric": "VARCHAR",
        "fiscal_period": "VARCHAR",
        "chosen": "VARCHAR",
        "reason": "VARCHAR",
        "since": "DATE",
        "origin": "VARCHAR",
        "is_withdrawn": "BOOLEAN",
        "recorded_at": "TIMESTAMPTZ",
    },
    "fx_rate": {
        "origin": "VARCHAR",
        "rate_year": "INTEGER",
        "rate_date": "DATE",
        "currency": "VARCHAR",
        "rate": _AMOUNT,
        "is_withdrawn": "BOOLEAN",
        "recorded_at": "TIMESTAMPTZ",
    },
    "correction": {
        "fact_id": "BLOB",
        "source_id": "VARCHAR",
        "span_start": "INTEGER",
        "span_end": "INTEGER",
        "quote": "VARCHAR",
        "action": "VARCHAR",
        "entity": "VARCHAR",
        "metric": "VARCHAR",
        "period_start": "DATE",
        "period_end": "DATE",
        "value": _AMOUNT,
        "low": _AMOUNT,
        "high": _AMOUNT,
        "decimals": "INTEGER",
        "unit": "VARCHAR",
        "qualifier": "VARCHAR",
        "reason": "VARCHAR",
        "made_by": "VARCHAR",
        "made_on": "DATE",
        "origin": "VARCHAR",
        "is_withdrawn": "BOOLEAN",
        "recorded_at": "TIMESTAMPTZ",
    },
    "correction_effect": {
        "correction": "BLOB",
        "state": "VARCHAR",
        "target": "BLOB",
        "corrected": "BLOB",
        "recorded_at": "TIMESTAMPTZ",
    },
    "problem": {
        "path": "VARCHAR",
        "line": "INTEGER",
        "field": "VARCHAR",
        "code": "VARCHAR",
        "message": "VARCHAR",
        "remedy": "VARCHAR",
        "recorded_at": "TIMESTAMPTZ",
    },
    "derived": {
        "view": "VARCHAR",
        "entity": "VARCHAR",
        "name": "VARCHAR",
        "ticker": "VARCHAR",
        "cik": "BIGINT",
        "metric": "VARCHAR",
        "span": "VARCHAR",
        "fiscal_year": "BIGINT",
        "fiscal_quarter": "INTEGER",
        "fiscal_period": "VARCHAR",
        "calendar_quarter": "VARCHAR",
        "period_start": "DATE",
        "period_end": "DATE",
        "against": "VARCHAR",
        "years": "INTEGER",
        "axis": "VARCHAR",
        "member": "VARCHAR",
        "label": "VARCHAR",
        "role": "VARCHAR",
        "consolidation": "VARCHAR",
        "dimensions": "VARCHAR",
        "value": _AMOUNT,
        "low": _AMOUNT,
        "high": _AMOUNT,
        "unit": "VARCHAR",
        "method": "VARCHAR",
        "definition": "VARCHAR",
        "concept": "VARCHAR",
        "operands": "VARCHAR",
        "fact_id": "BLOB",
        "basis": "VARCHAR",
        "base": _AMOUNT,
        "base_low": _AMOUNT,
        "base_high": _AMOUNT,
        "base_period": "VARCHAR",
        "base_method": "VARCHAR",
        "base_definition": "VARCHAR",
        "base_basis": "VARCHAR",
        "base_operands": "VARCHAR",
        "ratio": "DOUBLE",
        "ratio_low": "DOUBLE",
        "ratio_high": "DOUBLE",
        "numerator": _AMOUNT,
        "numerator_low": _AMOUNT,
        "numerator_high": _AMOUNT,
        "denominator": _AMOUNT,
        "denominator_low": _AMOUNT,
        "denominator_high": _AMOUNT,
        "numerator_operands": "VARCHAR",
        "denominator_operands": "VARCHAR",
        "tax_operands": "VARCHAR",
        "base_ratio": "DOUBLE",
        "base_ratio_low": "DOUBLE",
        "base_ratio_high": "DOUBLE",
        "difference": "DOUBLE",
        "difference_low": "DOUBLE",
        "difference_high": "DOUBLE",
        "status": "VARCHAR",
        "cagr_ratio": "DOUBLE",
        "cagr_status": "VARCHAR",
        "issued_at": "TIMESTAMPTZ",
        "superseded_at": "TIMESTAMPTZ",
        "withdrawn_at": "TIMESTAMPTZ",
        "step": "INTEGER",
        "stretch": "INTEGER",
        "shape": "VARCHAR",
        "bound_low": _AMOUNT,
        "bound_high": _AMOUNT,
        "qualifier": "VARCHAR",
        "quote": "VARCHAR",
        "low_change": "VARCHAR",
        "high_change": "VARCHAR",
        "low_before": _AMOUNT,
        "high_before": _AMOUNT,
        "source_id": "VARCHAR",
        "accession": "VARCHAR",
        "actual": _AMOUNT,
        "actual_method": "VARCHAR",
        "actual_operands": "VARCHAR",
        "actual_known_at": "TIMESTAMPTZ",
        "outcome": "VARCHAR",
        "position": "DOUBLE",
        "direction_outcome": "VARCHAR",
        "days": "BIGINT",
        "so_far": _AMOUNT,
        "quarters_so_far": "INTEGER",
        "left_period": "VARCHAR",
        "left_low": _AMOUNT,
        "left_high": _AMOUNT,
        "implied_low": _AMOUNT,
        "implied_high": _AMOUNT,
        "implied_unit": "VARCHAR",
        "implied_operands": "VARCHAR",
        "reason": "VARCHAR",
        "reason_code": "VARCHAR",
        "reason_parameters": "MAP(VARCHAR, VARCHAR)",
        "rule": "VARCHAR",
        "rule_code": "VARCHAR",
        "rule_parameters": "MAP(VARCHAR, VARCHAR)",
        "standing": "VARCHAR",
        "is_pinned": "BOOLEAN",
        "place": "INTEGER",
        "cut_at": "TIMESTAMPTZ",
        "known_at": "TIMESTAMPTZ",
        "last_known_at": "TIMESTAMPTZ",
        "last_known_before": "TIMESTAMPTZ",
        "known_from": "TIMESTAMPTZ",
        "known_to": "TIMESTAMPTZ",
        "recorded_at": "TIMESTAMPTZ",
    },
    "fact": {
        "fact_id": "BLOB",
        "entity": "VARCHAR",
        "concept": "VARCHAR",
        "metric": "VARCHAR",
        "dimensions": "VARCHAR",
        "kind": "VARCHAR",
        "period_start": "DATE",
        "period_end": "DATE",
        "value": _AMOUNT,
        "low": _AMOUNT,
        "high": _AMOUNT,
        "unit": "VARCHAR",
        "decimals": "INTEGER",
        "qualifier": "VARCHAR",
        "source_id": "VARCHAR",
        "accession": "VARCHAR",
        "form": "VARCHAR",
        "language": "VARCHAR",
        "span_start": "INTEGER",
        "span_end": "INTEGER",
        "quote": "VARCHAR",
        "element": "VARCHAR",
        "method": "VARCHAR",
        "confidence": "DOUBLE",
        "known_at": "TIMESTAMPTZ",
        "recorded_at": "TIMESTAMPTZ",
        "retracts": "BLOB",
    },
}

#: Tables whose rows are replaced as a set: table -> the columns that name the set. The view of such a table
#: shows the rows of each set's latest commit; the empty key means the table is one set.
LATEST: Final[dict[str, tuple[str, ...]]] = {
    "source": ("source_id",),
    "reading": ("source_id",),
    "entity_id": ("stored_as",),
    "listing": ("origin",),
    "entity": ("entity",),
    "entity_alias": ("entity",),
    "metric": (),
    "metric_tag": (),
    "metric_part": (),
    "metric_ratio": (),
    "pin": ("origin", "entity", "metric", "fiscal_period"),
    "fx_rate": ("origin", "rate_year"),
    "correction": ("fact_id",),
    "correction_effect": ("correction",),
    "problem": ("path",),
}

#: The table of derived figures: rows of several views, each with the days during which the public could know it.
DERIVED: Final = "derived"
_COMPANY: Final = ("entity", "name", "ticker", "cik")
_FIGURE: Final = (
    "metric", "span", "fiscal_year", "fiscal_quarter", "fiscal_period", "calendar_quarter", "period_start",
    "period_end",
)  # fmt: skip
_REASON: Final = ("reason", "reason_code", "reason_parameters")
_RULE: Final = ("rule", "rule_code", "rule_parameters")
_BASE: Final = (
    "base", "base_low", "base_high", "base_period", "base_method", "base_definition", "base_basis",
)  # fmt: skip

#: What the rows of a file are sorted by. A question about one company then reads few of them.
STORAGE_ORDER: Final = {
    "fact": ("entity", "concept", "period_end", "known_at", "fact_id"),
    DERIVED: ("view", "entity", "metric", "span", "fiscal_year", "fiscal_quarter", "concept", "place", "known_from"),
}

#: The tables that derived figures follow from.
DERIVED_FROM: Final = (
    "entity_id", "listing", "entity", "entity_alias", "metric", "metric_tag", "metric_part", "metric_ratio", "pin",
    "correction_effect", "fact",
)  # fmt: skip

#: The views whose rows are stored, with their columns in order.
DERIVED_VIEWS: Final[dict[str, tuple[str, ...]]] = {
    "fiscal_year": ("entity", "fiscal_year", "period_start", "period_end", "basis"),
    "choice": (
        "entity", *_FIGURE, "value", "low", "high", "unit", "method", "operands", "fact_id", *_REASON, "concept",
        "definition", "basis", "known_at", "last_known_at", "last_known_before", "standing", "is_pinned", "place",
        *_RULE,
    ),
    "figure": (
        *_COMPANY, *_FIGURE, "value", "low", "high", "unit", "method", "operands", *_REASON, "definition", "basis",
        *_RULE, "known_at",
    ),
    "growth": (
        *_COMPANY, *_FIGURE[:5], "against", *_FIGURE[5:], "value", "low", "high", "unit", "method", "definition",
        *_BASE, "ratio", "ratio_low", "ratio_high", "status", *_REASON, "operands", "base_operands", "known_at",
    ),
    "segment_figure": (
        *_COMPANY, "metric", "axis", "member", "label", "role", "consolidation", "dimensions", *_FIGURE[1:], "value",
        "low", "high", "unit", "method", "definition", *_BASE[:-1], "ratio", "ratio_low", "ratio_high", "status",
        *_REASON, "operands", "base_operands", "cut_at", "known_at",
    ),
    "ttm": (
        *_COMPANY, "metric", "fiscal_year", "fiscal_quarter", "fiscal_period", "calendar_quarter", "period_start",
        "period_end", "value", "low", "high", "unit", "method", "operands", *_REASON, "known_at",
    ),
    "ratio": (
        *_COMPANY, *_FIGURE, "ratio", "ratio_low", "ratio_high", "numerator", "numerator_low", "numerator_high",
        "denominator", "denominator_low", "denominator_high", "unit", "definition", "base_ratio", "base_ratio_low",
        "base_ratio_high", "base_period", "difference", "difference_low", "difference_high", "status", *_REASON,
        "numerator_operands", "denominator_operands", "tax_operands", "known_at",
    ),
    "cagr": (
        *_COMPANY, "metric", "fiscal_year", "fiscal_period", "calendar_quarter", "period_start", "period_end", "years",
        "value", "base", "base_period", "unit", "definition", "base_definition", "cagr_ratio", "cagr_status",
        "operands", "base_operands",
    ),
    "guidance_history": (
        "fact_id", *_COMPANY, "metric", "concept", *_FIGURE[1:], "issued_at", "superseded_at", "withdrawn_at", "step",
        "stretch", "shape", "low", "high", "bound_low", "bound_high", "value", "unit", "qualifier", "quote", "status",
        "low_change", "high_change", "low_before", "high_before", "source_id", "accession",
    ),
    "guidance_outcome": (
        "fact_id", *_COMPANY, "metric", "fiscal_period", "calendar_quarter", "period_start", "period_end", "issued_at",
        "superseded_at", "withdrawn_at", "step", "shape", "status", "low", "high", "value", "unit", "qualifier",
        "actual", "actual_method", "actual_operands", "actual_known_at", "outcome", "position", "direction_outcome",
        "base", "days", "so_far", "quarters_so_far", "left_period", "left_low", "left_high", "implied_low",
        "implied_high", "implied_unit", "implied_operands", *_REASON,
    ),
}  # fmt: skip

#: Tables of companies that are shown under the id in force: their views leave out what is stored under another id of
#: the same company, and `stored_latest_<table>` has every set as it was stored.
SHOWN: Final = ("entity", "entity_alias")

#: Origins of what readers say of sources and companies; all others are folders of tables that people keep.
READERS: Final = ("article", "companyfacts", "filing")

#: The ledger of scheduled runs: JSON lines beside the tables, and what SQL reads of them.
RUN: Final = "run"
RUNS: Final = "runs.jsonl"
RUN_COLUMNS: Final = {
    "job": "VARCHAR",
    "cron": "VARCHAR",
    "timezone": "VARCHAR",
    "slot": "TIMESTAMPTZ",
    "attempt": "INTEGER",
    "status": "VARCHAR",
    "reason": "VARCHAR",
    "started_at": "TIMESTAMPTZ",
    "finished_at": "TIMESTAMPTZ",
    "commit_version": "BIGINT",
    "as_of": "TIMESTAMPTZ",
    "added": "BIGINT",
    "checks": "VARCHAR",
    "outputs": "VARCHAR",
    "stopped": "VARCHAR",
    "expected": "VARCHAR",
    "deliveries": "VARCHAR",
}

#: What the catalog says of each table.
DESCRIPTIONS: Final = {
    "source": "Articles, filings, releases and data sets that facts come from. Grain: source_id.",
    "reading": "How each article or filing was last read: from which file and text, about which company, by which "
    "version of the reader. A new reading of a source withdraws what the one before said. Grain: source_id.",
    "entity_id": "Ids under which companies are stored and not shown any more: the id in force (none where the company "
    "is removed), why, and whether the same statements may be stored under both. Grain: stored_as.",
    "listing": "Names, tickers and LEIs of companies as the SEC lists them, the main ticker first. "
    "Grain: origin, cik, kind, alias.",
    "entity": "Companies. Grain: entity.",
    "entity_alias": "Names, tickers and CIKs of companies, with the days they were valid. Grain: entity, kind, alias.",
    "metric": "Canonical figures. Grain: metric.",
    "metric_tag": "Concepts that stand for a metric, in the order they are tried. Grain: metric, priority.",
    "metric_part": "Terms of derived metrics, by company or (*) for all others. Grain: metric, entity, part_no.",
    "metric_ratio": "Terms of ratios: what is divided by what, in the order in which definitions are tried. "
    "Grain: metric, form, side, part_no.",
    "pin": "Choices people have pinned or taken back, with the reason. Grain: origin, entity, metric, fiscal_period.",
    "fx_rate": "Exchange rates from the tables of people: units of a currency for one euro on a day. "
    "Grain: origin, rate_date, currency.",
    "correction": "Statements people have corrected or retracted, and corrections taken back; what is empty stays as "
    "stated. Grain: fact_id.",
    "correction_effect": "The statement each correction takes out, the one it puts in its place, and its state. "
    "Grain: correction.",
    "problem": "What could not be read: where, what, what to do. Grain: path, line, field, code.",
    "run": "What became of each slot of a scheduled job: ok, unchanged, failed, stale or missed. "
    "Grain: job, cron, timezone, slot, attempt. checks, outputs (path: SHA-256), stopped (report: why), expected and "
    "deliveries are JSON.",
    "derived": "Rows of the views that are stored, as they followed from what was public from known_from until before "
    "known_to (NULL: still). The rows of a company are replaced together: those of the latest recorded_at hold. "
    "Grain: view, entity, the grain of the view, known_from, recorded_at.",
    "fact": "Every statement ever stored, and every withdrawal. Grain: fact_id, recorded_at.",
}
