"""The warehouse as `tracker.Warehouse` opens it: the reader, and what a notebook asks for in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    import altair as alt

    from tracker.answers.figure import Figure

__all__ = ["NotebookWarehouse"]


class NotebookWarehouse(Warehouse):
    """One snapshot of a warehouse folder, to be queried in SQL, or for a figure or a chart by name.

    The arguments are those of the reader: `path`, `as_of`, `versions`. The libraries that draw are loaded with the
    first chart.
    """

    def figure(self, company: str, metric: str, period: str) -> Figure:
        """Read a figure with its growth and evidence: `w.figure("META", "capex", "2024Q2")`.

        `company` may be an id, a ticker or a name.

        Raises:
            NothingMatchedError: there is no such company, or no source says anything of this metric and period.

        """
        from tracker.answers.figure import read_figure  # noqa: PLC0415 - most programs ask in SQL alone

        return read_figure(self, company, metric, period)

    def chart(self, company: str, metric: str, period: str | None = None) -> alt.VConcatChart:
        """Draw a metric of a company in the reports' style, as an Altair chart: `w.chart("META", "capex")`.

        `period` is the one that stands out, and decides whether quarters or years are drawn; None for the latest
        quarter.

        Raises:
            NothingMatchedError: there is no such company, or it has no figure of the metric.

        """
        from tracker.report.figure_chart import chart_of  # noqa: PLC0415 - Altair takes half a second to load

        return chart_of(self, self.entity_of(company), metric, period)
