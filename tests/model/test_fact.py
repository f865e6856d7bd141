"""The record: what makes two statements the same, and types that survive the way into Arrow."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.facts import PLAIN_FACT, ids_of
from support.filings import accession, company, write_company
from tracker.model.fact import FACT_SCHEMA, Fact, content_table, rows_table, to_table, with_ids

if TYPE_CHECKING:
    from pathlib import Path

OTHER: dict[str, Any] = {
    "decimals": -1, "span_start": 0, "span_end": 0, "period_start": None, "period_end": None, "value": None,
    "low": Decimal(0), "high": Decimal(0), "known_at": None, "retracts": bytes(16),
}  # fmt: skip


def test_the_same_is_the_same_alone_and_among_others() -> None:
    others = [replace(PLAIN_FACT, entity=name, quote=name) for name in "abc"]
    assert (
        ids_of(*others, PLAIN_FACT, *others)[3:4]
        == ids_of(PLAIN_FACT)
        == ids_of(replace(PLAIN_FACT, value=Decimal("1.50"), confidence=0.5))
    )


@pytest.mark.parametrize("column", [each.name for each in fields(Fact) if each.name != "confidence"])
def test_every_column_but_our_opinion_counts(column: str) -> None:
    changed = replace(PLAIN_FACT, **{column: OTHER.get(column, "")})
    assert len(set(ids_of(PLAIN_FACT, changed))) == 2
    if column not in OTHER and getattr(PLAIN_FACT, column) is None:
        assert len(set(ids_of(PLAIN_FACT, changed, replace(PLAIN_FACT, **dict[str, Any]({column: "\x00"}))))) == 3


def test_texts_do_not_run_into_each_other() -> None:
    assert (
        len(
            set(
                ids_of(
                    *(
                        replace(PLAIN_FACT, source_id=a, accession=b)
                        for a, b in [("ab", "c"), ("a", "bc"), ("a", "1:b")]
                    )
                )
            )
        )
        == 3
    )


def test_ids_are_the_same_in_every_process_and_however_the_texts_are_stored() -> None:
    script = "import sys; sys.path.insert(0, 'tests'); from support.facts import PLAIN_FACT, ids_of; print(ids_of(PLAIN_FACT)[0].hex())"
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    table = to_table([PLAIN_FACT, replace(PLAIN_FACT, entity="b")]).drop(["fact_id"])
    coded = content_table(
        {name: table.column(name).combine_chunks() for name in table.column_names}
        | {"entity": table.column("entity").combine_chunks().dictionary_encode()}
    )
    assert other.stdout.strip() == ids_of(PLAIN_FACT)[0].hex() == with_ids(coded).column("fact_id").to_pylist()[0].hex()


MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001
AMOUNTS = st.integers(-(10**37), 10**37).map(lambda n: Decimal(n).scaleb(-6))


@given(
    st.lists(
        st.builds(
            lambda **columns: replace(PLAIN_FACT, **columns),
            value=st.none() | AMOUNTS, known_at=st.none() | MOMENTS, decimals=st.none() | st.integers(-30, 30),
            period_end=st.none() | st.dates(), quote=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            retracts=st.none() | st.binary(min_size=16, max_size=16),
        )
    )
)  # fmt: skip
def test_what_goes_in_comes_out(facts: list[Fact]) -> None:
    table = to_table(facts)
    assert table.schema.names == [name for name in FACT_SCHEMA.names if name != "recorded_at"]
    assert all(field.type == FACT_SCHEMA.field(field.name).type for field in table.schema)
    found = table.drop(["fact_id"]).to_pylist()
    assert found == [{name: getattr(fact, name) for name in table.schema.names[1:]} for fact in facts]


def test_rows_of_other_tables_keep_their_values() -> None:
    rows = [("a", "A", 1, None, 12, True, False, "o"), ("b", "", None, "USD", None, False, True, "o")]
    assert [tuple(row.values()) for row in rows_table("entity", [*rows, rows[0]]).to_pylist()] == rows
    alias = ("a", "name", "x", date(1, 1, 1), date(9999, 12, 31))
    assert tuple(rows_table("entity_alias", [alias]).to_pylist()[0].values()) == alias


def test_reading_company_facts_needs_no_pandas(tmp_path: Path) -> None:
    """The library costs half a second and 60 MB, and pyarrow takes it along unasked."""
    path = write_company(
        tmp_path, company(77, {"Revenues": [("2024-01-01", "2024-03-31", 5, accession(1), "10-Q", "2024-05-01")]})
    )
    script = (
        "import sys, pathlib; from tracker.pipeline.ingest import ingest; from tracker.pipeline.init import init; from tracker.project import load_project; root = pathlib.Path(sys.argv[1]);"
        "init(root); done = ingest(load_project(root), [pathlib.Path(sys.argv[2])]);"
        "print(done[0].added, sorted({'pandas', 'bs4', 'altair'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "project", path], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1 []"
