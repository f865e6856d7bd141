"""What a report costs beside the renderer alone: `python benchmarks/report.py WAREHOUSE [DEFINITION]`.

Raw is vl-convert on the finished specification in the same process, warm. Reading is the SQL, drawing what we add
to the renderer (leaf charts, dicts, labels, packing of the PNG), page the HTML with its own charts. Medians of
several runs, as ratios to raw, for clocks differ.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import vl_convert
from tracker.report import load_definitions, render
from tracker.report.drawing import labelled, png_of, svg_of
from tracker.report.edition import read_edition
from tracker.report.page import page
from tracker.report.picture import picture
from tracker.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 7


def seconds(work: Callable[[], object]) -> float:
    """The median time of some runs, after one that warms up."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main(path: str, name: str) -> None:
    warehouse = Warehouse(path)
    definitions = {found.name: found for found in load_definitions(Path(__file__).parents[1] / "reports")}
    definition = definitions[name]
    edition = read_edition(warehouse, definition)
    spec = picture(edition)
    svg = vl_convert.vegalite_to_svg(spec)
    raw_svg = seconds(lambda: vl_convert.vegalite_to_svg(spec))
    raw_png = raw_svg + seconds(lambda: vl_convert.svg_to_png(svg, scale=2))
    rows = {
        "SVG, raw": raw_svg,
        "SVG, ours from the data": seconds(lambda: labelled(svg_of(picture(edition)), "label")),
        "SVG and PNG, raw": raw_png,
        "SVG and PNG, ours from the data": seconds(lambda: png_of(svg_of(picture(edition)))),
        "page with its own charts": seconds(lambda: page(edition)),
        "reading the data": seconds(lambda: read_edition(warehouse, definition)),
    }
    for label, taken in rows.items():
        base = raw_png if "PNG" in label else raw_svg
        print(f"{label:34} {taken * 1000:7.0f} ms   {taken / base:5.2f} of raw")
    grown(warehouse, replace(definition, formats=("html", "svg", "png")))


def grown(warehouse: Warehouse, definition: object) -> None:
    """Peak memory after the first report and after ten more in the same process."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for _ in range(11):
            render(warehouse, definition, Path(folder))  # type: ignore[arg-type]
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"peak memory: {peaks[0]:.0f} MB after the first report, {peaks[-1]:.0f} MB after ten more")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "warehouse", sys.argv[2] if len(sys.argv) > 2 else "meta-2024q2")
