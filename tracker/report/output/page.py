"""The page: a document as one HTML file without scripts or outside parts. Every string is escaped in the template."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from tracker.report.charts.drawing import inline_svg
from tracker.report.charts.leaves import WIDTH
from tracker.report.output.interactive import live_charts, loader
from tracker.report.text.labels import tie_amounts
from tracker.report.text.prose import describe_origin

if TYPE_CHECKING:
    from tracker.report.document import Document, Picture, Section
    from tracker.report.text.language import Language

__all__ = ["page", "page_body", "style_hash", "style_of", "template"]


def page(document: Document, script: str = "") -> str:
    """Write the whole report as one HTML file; `script` names the file that makes its charts answer."""
    style = style_of()
    line = loader(script) if script else ""
    return template("page.html").render(
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=style_hash(style),
        script=Markup(line),  # noqa: S704 - our own line
        script_hash=style_hash(line),
        live={key: Markup(spec) for key, spec in live_charts(document).items()} if script else {},  # noqa: S704 - escaped there
        **_body_values(document),
    )


def page_body(document: Document) -> Markup:
    """Write the body of a report for a page of another program: header, sections, notes and origin."""
    return Markup(template("page_body.html").render(_body_values(document)))  # noqa: S704 - escaped in the template


def _body_values(document: Document) -> dict[str, Any]:
    """Return what the template of a report's body shows."""
    language = document.language
    return {
        "document": document,
        "language": language,
        "tied": partial(tie_amounts, language),
        "origin": describe_origin(document),
        "drawn": {one.key: _draw_svg(language, one) for section in document.sections for one in section.pictures},
        "small": _small,
        "wide": _wide,
    }


def style_hash(style: str) -> str:
    """Hash a style or a line of script for the page's policy, which allows no other."""
    return b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _small(section: Section) -> list[Picture]:
    """List the pictures that stand side by side."""
    return [picture for picture in section.pictures if picture.chart.width <= WIDTH]


def _wide(section: Section) -> list[Picture]:
    """List the pictures that are as wide as the page."""
    return [picture for picture in section.pictures if picture.chart.width > WIDTH]


def _draw_svg(language: Language, picture: Picture) -> dict[str, Markup]:
    """Draw a picture as SVG, and its narrow version for small screens if it has one."""
    charts = {"wide": (picture.key, picture.chart)}
    if picture.narrow is not None:
        charts["narrow"] = (f"{picture.key}-narrow", picture.narrow)
    return {
        size: Markup(inline_svg(language, chart, key, f"{picture.key}-name", picture.alt))  # noqa: S704 - the renderer's own output
        for size, (key, chart) in charts.items()
    }


def template(name: str) -> jinja2.Template:
    """Load a template of the package; it escapes whatever is put in."""
    return _load_environment().get_template(name)


@cache
def _load_environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_read_asset),
    )


@cache
def style_of() -> str:
    """Load the style of every page."""
    return _read_asset("page.css")


def _read_asset(name: str) -> str:
    return files("tracker.report.output").joinpath(name).read_text("utf-8")
