"""What people ask of one company: its statements as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.answers.company import read_statements
from tracker.model.metric import load_metrics

if TYPE_CHECKING:
    from tracker.warehouse.reader import Warehouse


def test_lines_of_statements_have_the_order_of_the_metrics(warehouse: Warehouse) -> None:
    order = [row.metric for row in load_metrics(None).metrics]
    tables = read_statements(warehouse, "meta", "quarter")
    assert [table.section for table in tables][:2] == ["income", "cash flow"]
    assert tables[0].lines[0].metric == "revenue"
    for table in tables:
        listed = [line.metric for line in table.lines]
        assert listed == sorted(listed, key=order.index)
