"""Charts as golden text: what was right once, kept for a person to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT

if TYPE_CHECKING:
    from tracker.report.charts.leaves import Chart

GOLDEN = ROOT / "tests" / "golden"


def describe_chart(chart: Chart) -> str:
    """Describe a chart for reading: its views with indents, its data one row a line."""
    rows = "\n".join(
        f"{name}\n" + "".join(f"  {json.dumps(row, ensure_ascii=False)}\n" for row in data)
        for name, data in sorted(chart.data.items())
    )
    return f"{json.dumps(chart.views, indent=1, ensure_ascii=False)}\n\n{rows}"


def check_golden(name: str, chart: Chart) -> None:
    """Check that a chart is what its golden file says. To renew a file: delete it, run the test twice, read the difference."""
    path = GOLDEN / f"{name}.txt"
    if not path.exists():
        path.write_text(describe_chart(chart), "utf-8")
        pytest.fail(f"{path.name} was not there and is written; read it and run again")
    assert describe_chart(chart) == path.read_text("utf-8")
