"""What a report costs beside the renderer alone: `python benchmarks/report.py WAREHOUSE [DEFINITION]`.

Raw is vl-convert on the finished specification in the same process, warm. Ours is what a report adds to that: the
specification of a document, the compiling, labels, the packing of the PNG. Then the page, the reading of the data,
and the memory of 50 reports in one process. Medians of the processor's time over several runs, each taken in turns, as
ratios to raw: clocks differ, and others may be using the machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import vl_convert

from tracker.report import Definition, document_of, load_definitions, render
from tracker.report.charts.drawing import label_svg, png_of, svg_of
from tracker.report.output.page import page
from tracker.report.output.picture import picture
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.report.document import Document

RUNS = 9
MANY = 50


def medians(*works: Callable[[], object]) -> list[float]:
    """The median processor time of each, taken in turns after one run that warms up: a busy machine slows all alike."""
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS):
        for at, work in enumerate(works):
            start = time.process_time()
            work()
            times[at].append(time.process_time() - start)
    return [statistics.median(taken) for taken in times]


def main(path: str, name: str) -> None:
    warehouse = Warehouse(path)
    found = {definition.name: definition for definition in load_definitions(Path(__file__).parents[1] / "reports")}
    definition = replace(found[name], as_of=None)
    document = document_of(warehouse, definition)
    spec = picture(document)
    number = count()

    def anew() -> Document:
        """The same document under another title: the last picture is kept, and would cost nothing."""
        return replace(document, headline=f"{document.headline} {next(number)}")

    def raw_shared() -> object:
        """What ours does too, by hand: the specification is compiled once, the PNG drawn from the SVG."""
        return vl_convert.svg_to_png(vl_convert.vegalite_to_svg(spec), scale=2)

    def both() -> object:
        svg = svg_of(picture(anew()))
        return label_svg(svg, "label"), png_of(svg)

    raw_svg, svg, raw_png, png, shared, both_taken = medians(
        lambda: vl_convert.vegalite_to_svg(spec),
        lambda: label_svg(svg_of(picture(anew())), "label"),
        lambda: vl_convert.vegalite_to_png(spec, scale=2),
        lambda: png_of(svg_of(picture(anew()))),
        raw_shared,
        both,
    )
    html, reading = medians(lambda: page(anew()), lambda: document_of(warehouse, definition))
    rows = {
        "SVG, raw": (raw_svg, raw_svg),
        "SVG, ours": (svg, raw_svg),
        "PNG, raw": (raw_png, raw_png),
        "PNG, ours": (png, raw_png),
        "SVG and PNG, raw": (raw_svg + raw_png, raw_svg + raw_png),
        "SVG and PNG, ours": (both_taken, raw_svg + raw_png),
        "SVG and PNG, to raw that shares": (both_taken, shared),
        "page with its own charts": (html, raw_svg),
        "reading the data, document": (reading, raw_svg),
    }
    for label, (taken, base) in rows.items():
        print(f"{label:32} {taken * 1000:7.0f} ms   {taken / base:5.2f} of raw")
    grown(warehouse, replace(definition, formats=("html", "svg", "png")))


def grown(warehouse: Warehouse, definition: Definition) -> None:
    """The resident memory of this process as reports are drawn, each of which has to be drawn anew."""
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        for at in range(MANY):
            render(warehouse, replace(definition, name=f"r{at}", title=f"Number {at}"), Path(folder))
            seen.append(resident())
    told = [f"{seen[at - 1]} MB after {at}" for at in (1, *range(10, MANY + 1, 10))]
    print(f"memory: {', '.join(told)}")


def resident() -> int:
    """What this process holds, in megabytes; Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "warehouse", sys.argv[2] if len(sys.argv) > 2 else "meta-2024q2")
