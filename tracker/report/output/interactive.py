"""Interactive charts: tooltips and a legend that selects, in addition to the pictures of a page.

All reports of a folder share one script file, which is named after its content. The page's policy allows the one line
that loads it and nothing else. Nothing is fetched from the network, and no text from data is in an expression.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import vl_convert

from tracker.report.charts.drawing import chart_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.report.charts.leaves import Chart, Spec
    from tracker.report.document import Document
    from tracker.report.text.language import Language

__all__ = ["bundle", "live_charts", "loader"]

#: Characters that would end a script early or break a line in it.
_MARKUP: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_FOCUS: Final = {"test": "chosen === '' || datum.role === chosen", "value": 1}


def live_charts(document: Document) -> dict[str, str]:
    """Make the specification of each chart by its key, as JSON that is safe inside a page."""
    pictures = [picture for section in document.sections for picture in section.pictures]
    charts = {picture.key: picture.chart for picture in pictures}
    charts |= {f"{picture.key}-narrow": picture.narrow for picture in pictures if picture.narrow is not None}
    return {
        key: json.dumps(_live(document.language, chart), ensure_ascii=False).translate(_MARKUP)
        for key, chart in charts.items()
    }


def _live(language: Language, chart: Chart) -> Spec:
    """Add tooltips to a chart's specification, and fade the series that are not selected in the legend."""
    spec = json.loads(json.dumps(chart_spec(language, chart)))
    spec["params"] = [{"name": "chosen", "value": ""}]
    for view in spec["vconcat"]:
        for layer in view.get("layer", ()):
            _awaken(layer, chart.data.get(layer.get("data", {}).get("name"), ()))
    return dict(spec)


def _awaken(layer: dict[str, Any], rows: Any) -> None:
    first: dict[str, Any] = next(iter(rows), {})
    is_text = layer["mark"]["type"] == "text"
    if "role" in first and "color" in layer["encoding"] and not is_text:
        layer["encoding"]["opacity"] = {"condition": _FOCUS, "value": 0.25}
    if "tip" in first and not is_text and layer["mark"]["type"] != "line":
        layer["encoding"]["tooltip"] = {"field": "tip", "type": "nominal"}


@cache
def _read_script() -> str:
    return files("tracker.report.output").joinpath("interactive.js").read_text("utf-8")


def bundle(folder: Path) -> tuple[str, bytes]:
    """Find or make the script file of the reports in a folder: its name and content.

    It is made once. Later calls find it by what it was made of, if its content still fits its name.
    """
    made_of = hashlib.sha256(_read_script().encode()).hexdigest()[:16]
    head = f"/* Vega by vl-convert {version('vl-convert-python')}, charts {made_of} */\n".encode()
    for path in sorted(folder.glob("charts-*.js")):
        content = path.read_bytes()
        if content.startswith(head) and path.name == _name_bundle(content):
            return path.name, content
    content = head + _bundled()
    return _name_bundle(content), content


@cache
def _bundled() -> bytes:
    return f"(function () {{\n{vl_convert.javascript_bundle(_read_script())}\n}})();\n".encode()


def _name_bundle(content: bytes) -> str:
    return f"charts-{hashlib.sha256(content).hexdigest()[:16]}.js"


def loader(name: str) -> str:
    """Write the line of script that loads the file beside the page."""
    return f'document.head.append(Object.assign(document.createElement("script"),{{src:{json.dumps(name)}}}))'
