"""Compile charts (dicts of Vega-Lite) to SVG and PNG, for the page and as one picture. Nothing is fetched."""

from __future__ import annotations

import json
import re
import struct
import zlib
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

import altair as alt
import vl_convert

from tracker.report.charts.leaves import PALETTE, WIDTH, Chart, Spec, theme
from tracker.report.text.labels import isolate_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.report.text.language import Language

__all__ = ["WIDE", "chart_spec", "chart_svg", "compose", "inline_svg", "label_svg", "png_of", "svg_of"]

_GAP: Final = 36
#: The width of three panels and their gaps: that of the page and the picture.
WIDE: Final = 3 * WIDTH + 2 * _GAP


def _finish_spec(language: Language, chart: Spec, data: Mapping[str, list[dict[str, Any]]]) -> Spec:
    look = theme(language.fonts)
    return {
        "$schema": alt.SCHEMA_URL,
        "background": look["background"],
        "config": look["config"],
        "datasets": dict(sorted(data.items())),
        **chart,
    }


def chart_spec(language: Language, chart: Chart) -> Spec:
    """Finish the specification of a single chart."""
    body = {"vconcat": list(chart.views), "spacing": 4, "bounds": chart.bounds}
    return _finish_spec(language, {**body, "padding": 0, "background": None}, chart.data)


def compose(language: Language, title: Spec, charts: Sequence[tuple[Spec, Chart]], foot: Sequence[str]) -> Spec:
    """Compose one picture of all charts: a title, narrow charts three in a row, wide ones alone, the source."""
    rows: list[Spec] = []
    for is_narrow, run in groupby(charts, key=lambda titled: titled[1].width <= WIDTH):
        drawn = [_add_title(language, head, chart) for head, chart in run]
        threes = [
            {"hconcat": _order_row(language, drawn[at : at + 3]), "spacing": _GAP} for at in range(0, len(drawn), 3)
        ]
        rows += threes if is_narrow else drawn
    rows.append(_draw_foot(language, [isolate_lines(language, line) for line in foot]))
    data = {name: values for _, chart in charts for name, values in chart.data.items()}
    padding = {"left": 32, "right": 32, "top": 28, "bottom": 24}
    whole = {"title": _lay_title(language, title, WIDE), "vconcat": rows, "spacing": 30, "padding": padding}
    if any(chart.bounds == "full" for _, chart in charts):  # with colours of their own
        whole["resolve"] = {"scale": {"color": "independent"}}
    return _finish_spec(language, whole, data)


def _order_row(language: Language, charts: list[Spec]) -> list[Spec]:
    """Order the charts of a row, so that the first stands where the language begins to read."""
    return charts[::-1] if language.is_rtl else charts


def _add_title(language: Language, head: Spec, chart: Chart) -> Spec:
    own = {"resolve": {"legend": {"color": "independent"}}} if chart.bounds == "full" else {}
    return {
        "title": _lay_title(language, head, chart.width),
        "vconcat": list(chart.views),
        "spacing": 4,
        "bounds": chart.bounds,
        **own,
    }


def _lay_title(language: Language, head: Spec, width: int) -> Spec:
    """Lay out a title in the direction of its language, above something of this width."""
    lines = {name: head[name] for name in ("text", "subtitle") if name in head}
    side = {"align": "right", "dx": width} if language.is_rtl else {}
    return {**head, **side} | {
        name: isolate_lines(language, text)
        if isinstance(text, str)
        else [isolate_lines(language, line) for line in text]
        for name, text in lines.items()
    }


def _draw_foot(language: Language, lines: Sequence[str]) -> Spec:
    side = {"align": "right", "x": WIDE} if language.is_rtl else {"align": "left", "x": 0}
    text = {"type": "text", "text": list(lines), "baseline": "top", "fontSize": 11, "lineHeight": 15}
    mark = {**text, **side, "color": PALETTE["muted"], "y": 0}
    return {"data": {"values": [{}]}, "mark": mark, "width": WIDE, "height": 15 * len(lines)}


def svg_of(spec: Spec) -> str:
    """Compile a specification to SVG. The last result is kept, because a picture is written as SVG and as PNG."""
    return _compile_svg(json.dumps(spec, ensure_ascii=False))


@lru_cache(maxsize=1)
def _compile_svg(spec: str) -> str:
    svg: str = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    return svg


def chart_svg(language: Language, chart: Chart) -> str:
    """Draw a single chart as SVG."""
    return svg_of(chart_spec(language, chart))


def png_of(svg: str, scale: float = 2) -> bytes:
    """Draw an SVG as PNG, two pixels to one by default."""
    return _pack_png(vl_convert.svg_to_png(svg, scale=scale))


def _pack_png(png: bytes) -> bytes:
    """Compress the pixels of a PNG to a third of the bytes, because the renderer compresses for speed only.

    Levels above the third take twice the time to save another quarter.
    """
    at, head, pixels = len(_PNG), b"", b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        head += body if kind == b"IHDR" else b""
        pixels += body if kind == b"IDAT" else b""
        at += length + 12
    width, height = struct.unpack_from(">II", head)
    packed = zlib.compress(zlib.decompress(pixels, bufsize=height * (4 * width + 1)), 3)
    return _PNG + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


_PNG: Final = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


_MOST_OF: Final = 0.8
_SVG: Final = "http://www.w3.org/2000/svg"
_KEPT_OUT: Final = re.compile(r"(class|role|aria-.*|font-family|stroke-miterlimit|version)")


def label_svg(svg: str, text: str) -> str:
    """Label an SVG file for those who cannot see it."""
    return svg.replace("<svg ", f'<svg role="img" aria-label={quoteattr(text)} ', 1)


def inline_svg(language: Language, chart: Chart, key: str, name: str, alt_text: str) -> str:
    """Draw a chart as an SVG element of the page, with ids of its own and the page's fonts.

    It is labelled by the element with the id `name` and by the sentence `alt_text`. A chart much
    smaller than its place keeps its size; all others take the width they are given.
    """
    root = ET.fromstring(chart_svg(language, chart))  # noqa: S314 - the renderer's own output
    for node in root.iter():
        node.attrib = {name: value for name, value in node.attrib.items() if not _KEPT_OUT.fullmatch(name)}
    _prune(root)
    _slim(root)
    labels = f"{name} {key}-alt"
    size = {name: root.attrib[name] for name in ("width", "viewBox")}
    if float(size["width"]) > _MOST_OF * chart.width:
        del size["width"]
    root.attrib = {**size, "role": "img", "aria-labelledby": labels, "class": "chart"}
    description = ET.Element(f"{{{_SVG}}}desc", {"id": f"{key}-alt"})
    description.text = alt_text
    root.insert(0, description)
    ET.register_namespace("", _SVG)
    text = ET.tostring(root, encoding="unicode").replace(f' xmlns="{_SVG}"', "")
    return re.sub(r'(\bid="|url\(#)(clip|gradient)', rf"\1{key}-\2", text)


def _prune(node: ET.Element) -> None:
    """Remove what draws nothing: empty paths and groups that hold only these. Clipping paths are kept."""
    for child in list(node):
        if child.tag == f"{{{_SVG}}}defs":
            continue
        _prune(child)
        is_path, is_group = (child.tag == f"{{{_SVG}}}{tag}" for tag in ("path", "g"))
        if (is_path and _draws_nothing(child)) or (is_group and len(child) == 0):
            node.remove(child)


_DIGITS: Final = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
_SHARED: Final = ("fill", "font-size", "font-style", "font-weight", "stroke", "stroke-width", "text-anchor")


def _slim(node: ET.Element) -> None:
    """Write the same picture in fewer bytes: hundredths of a pixel, no needless groups, shared attributes once."""
    for child in node:
        _slim(child)
    kept: list[ET.Element] = []
    for child in node:
        if child.get("transform") == "translate(0,0)":
            del child.attrib["transform"]
        kept += list(child) if child.tag == f"{{{_SVG}}}g" and not child.attrib else [child]
    node[:] = kept
    node.attrib = {name: _round_digits(name, value) for name, value in node.attrib.items()}
    if node.tag == f"{{{_SVG}}}g" and len(node) > 1:
        _share(node)


def _round_digits(name: str, value: str) -> str:
    if name in {"id", "clip-path"}:
        return value
    return _DIGITS.sub(lambda found: f"{round(float(found[0]), 2) + 0:g}", value)


def _share(group: ET.Element) -> None:
    """Move attributes that all parts of a group share to the group."""
    for name in _SHARED:
        said = {part.get(name) for part in group}
        if len(said) == 1 and None not in said:
            group.set(name, str(said.pop()))
            for part in group:
                del part.attrib[name]


def _draws_nothing(path: ET.Element) -> bool:
    """Return whether a path is hidden, empty, or has neither fill nor line of its own (the root's fill is none)."""
    is_bare = path.get("fill") in {None, "none"} and path.get("stroke") is None
    return path.get("display") == "none" or not path.get("d") or is_bare
