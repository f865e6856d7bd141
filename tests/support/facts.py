"""A fact to begin with, and the ids of facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from tracker.model.fact import Fact, to_table

PLAIN_FACT = Fact(
    entity="acme", concept="us-gaap:Revenues", metric=None, kind="actual", period_start=date(2024, 1, 1),
    period_end=date(2024, 3, 31), value=Decimal("1.5"), low=None, high=None, unit="USD", decimals=0, qualifier="exact",
    source_id="s", accession=None, form=None, language=None, span_start=None, span_end=None, quote=None,
    method="curated", confidence=1.0, known_at=datetime(2024, 5, 1, tzinfo=UTC), retracts=None,
)  # fmt: skip


def make_filed_fact(
    concept: str, start: date | None, end: date, value: Decimal, filed: str, *, unit: str = "USD", decimals: int = 0
) -> Fact:
    """Return a statement of an annual report that was filed on a day; each day has an accession number of its own."""
    return replace(
        PLAIN_FACT,
        concept=concept,
        period_start=start,
        period_end=end,
        value=value,
        unit=unit,
        decimals=decimals,
        accession=f"0000000009-{filed[2:4]}-{filed[5:7]}{filed[8:]}00",
        form="10-K",
        method="reported",
        known_at=datetime.fromisoformat(f"{filed}T20:00:00+00:00"),
    )


def ids_of(*facts: Fact) -> list[bytes]:
    """Return the ids of these facts."""
    return [bytes(each) for each in to_table(facts).column("fact_id").to_pylist()]
