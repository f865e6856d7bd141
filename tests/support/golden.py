"""Charts as golden text: layers, scales and data in short tables, and the picture in characters."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from support.languages import ENGLISH
from support.project import ROOT
from tracker.report.charts.drawing import chart_svg, png_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tracker.report.charts.leaves import Chart, Spec

GOLDEN = ROOT / "tests" / "golden"
#: Characters from white to black. A cell of the picture may differ by one of them: renderers smooth edges differently.
INKS = " .:-=+*#%@"
PICTURE = "picture\n"
CHANNELS = ("x", "x2", "y", "y2", "text", "color", "fill", "stroke", "size", "detail", "order")


def describe_chart(chart: Chart) -> str:
    """Describe a chart for reading: what each layer draws from which columns, its data, and what it looks like."""
    views = [line for at, view in enumerate(chart.views, 1) for line in _describe_view(at, view)]
    data = [line for name, rows in sorted(chart.data.items()) for line in ("", name, *_columns(rows))]
    return "\n".join([*views, *data, "", PICTURE.rstrip(), *draw_characters(chart)]) + "\n"


def check_golden(name: str, chart: Chart) -> None:
    """Check that a chart is what its golden file says. To renew a file: delete it, run the test twice, read the difference."""
    path = GOLDEN / f"{name}.txt"
    if not path.exists():
        path.write_text(describe_chart(chart), "utf-8")
        pytest.fail(f"{path.name} was not there and is written; read it and run again")
    text, _, picture = path.read_text("utf-8").partition(PICTURE)
    assert describe_chart(chart).partition(PICTURE)[0] == text
    assert count_differences(picture.splitlines(), draw_characters(chart)) == 0


# -- words ----------------------------------------------------------------------------------------


def _describe_view(number: int, view: Spec) -> Iterator[str]:
    yield f"view {number}, {view['width']} x {view['height']} pixels"
    scales: dict[str, list[str]] = {}
    for layer in view["layer"]:
        for channel, encoding in layer["encoding"].items():
            if "scale" in encoding and channel in {"x", "y"}:
                scales.setdefault(channel, []).append(_compact(encoding["scale"]))
    yield from (
        f"  {channel} scale: {text}" for channel, texts in sorted(scales.items()) for text in dict.fromkeys(texts)
    )
    yield from (f"  {_describe_layer(layer)}" for layer in view["layer"])


def _describe_layer(layer: Spec) -> str:
    mark = {key: value for key, value in layer["mark"].items() if key != "type"}
    assert layer["encoding"].keys() <= set(CHANNELS), "a channel is missing from the description"
    channels = [f"{name}={_source(layer['encoding'][name])}" for name in CHANNELS if name in layer["encoding"]]
    looks = [f"{name}={_compact(value)}" for name, value in sorted(mark.items())]
    return f"{layer['mark']['type']} of {layer['data']['name']}: {' '.join(channels)} | {' '.join(looks)}".rstrip(" |")


def _source(encoding: Spec) -> str:
    """Name the column a channel is read from, or the value it always has."""
    if "value" in encoding:
        return f"({encoding['value']})"
    kind = encoding.get("type", "")
    return str(encoding["field"]) + (f":{kind}" if kind in {"temporal", "ordinal"} else "")


def _columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Set rows as a table under their names, each column as wide as its longest cell."""
    if not rows:
        return ["  (none)"]
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_compact(row[name]) if name in row else "" for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    ]


def _compact(value: Any) -> str:
    """Write a value on one line, without quotes around plain text."""
    return value.replace("\n", "\\n") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# -- looks ----------------------------------------------------------------------------------------


def draw_characters(chart: Chart) -> list[str]:
    """Draw a chart in characters: each is the darkness of 6 x 12 pixels, of 12 x 24 in a wide chart."""
    darkness = 255.0 - _pixels(png_of(chart_svg(ENGLISH, chart), 1)).mean(axis=2)
    wide = 12 if chart.width > 400 else 6
    high = 2 * wide
    rows, columns = -(-darkness.shape[0] // high), -(-darkness.shape[1] // wide)
    padded = np.pad(darkness, ((0, rows * high - darkness.shape[0]), (0, columns * wide - darkness.shape[1])))
    cells = padded.reshape(rows, high, columns, wide).mean(axis=(1, 3)) / 255
    steps = np.minimum(np.ceil(np.sqrt(np.round(cells, 3)) * (len(INKS) - 1)), len(INKS) - 1).astype(int)
    return ["".join(INKS[step] for step in line).rstrip() for line in steps]


def count_differences(golden: Sequence[str], drawn: Sequence[str]) -> int:
    """Count the cells of a picture that are darker or lighter than in the golden one by more than one character."""
    if len(golden) != len(drawn):
        return max(len(golden), len(drawn))
    found = 0
    for before, now in zip(golden, drawn, strict=True):
        width = max(len(before), len(now))
        pairs = zip(before.ljust(width), now.ljust(width), strict=True)
        found += sum(abs(INKS.index(one) - INKS.index(other)) > 1 for one, other in pairs)
    return found


def _pixels(png: bytes) -> NDArray[np.float64]:
    """Read the pixels of a PNG of the renderer over white paper: height x width x red, green, blue."""
    width, height = struct.unpack_from(">II", png, 16)
    at, packed = 8, b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        packed += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 4 * width + 1)
    assert (lines[:, 0] == 1).all(), "the renderer writes each pixel as its difference from the one on its left"
    shown = np.cumsum(lines[:, 1:].reshape(height, width, 4), axis=1, dtype=np.uint8).astype(np.float64)
    opacity = shown[:, :, 3:] / 255
    result: NDArray[np.float64] = shown[:, :, :3] * opacity + 255 * (1 - opacity)
    return result
