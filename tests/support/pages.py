"""Pages of reports as tests read them: their tags, their bytes, a tab of a browser; and texts that would do harm."""

from __future__ import annotations

import hashlib
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from support.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

#: Texts that a page must show as text: markup, templates, marks of direction, names without end.
PAYLOADS = [
    "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>", "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "<iframe src='https://example.com'></iframe>", "{{ 7*7 }}{% raw %}", "javascript:alert(1)",
    "<!--", "]]><script>alert(1)</script>", "\u202eevil\u202c", "\u2066x", "&lt;script&gt;", "\u2028alert(1)", "${alert(1)}", "datum.value", "مرحبا بالعالم",
    "W" * 300, "<b>" * 60, "a\u0301" * 100, "-->",
]  # fmt: skip


class PageTags(HTMLParser):
    """The tags of a page, the links it has, and any attribute that would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.handlers: set[str] = set()
        self.ids: Counter[str] = Counter()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in {"href", "src"}:
                (self.places if (value or "").startswith("#") else self.links).add((value or "").partition(":")[0])
            if name == "id":
                self.ids[value or ""] += 1
            if name.startswith("on"):
                self.handlers.add(name)


def open_page(browser: Browser, path: Path, events: list[str], **options: Any) -> Page:
    """Open the page in a tab of its own; all it asks for, says or shows goes to `events`."""
    tab = browser.new_context(**options).new_page()
    tab.on("request", lambda request: events.append(request.url))
    tab.on("console", lambda message: events.append(f"console: {message.text}"))
    tab.on("pageerror", lambda error: events.append(f"error: {error}"))
    tab.on("dialog", lambda dialog: events.append(f"dialog: {dialog.message}"))
    tab.goto(path.as_uri())
    return tab


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


AXE = ROOT / ".axe" / "node_modules" / "axe-core" / "axe.min.js"
_AXE = """async (options) => (await axe.run(options)).violations
  .filter(found => ["serious", "critical"].includes(found.impact))
  .map(found => `${found.id}: ${found.nodes[0].html}`)"""


def find_barriers(tab: Page) -> list[str]:
    """What axe-core finds serious: in light colours by every rule, in dark ones by the rules that look at colours."""
    tab.emulate_media(color_scheme="light")
    tab.evaluate(AXE.read_text("utf-8"))
    found: list[str] = tab.evaluate(_AXE, {})
    tab.emulate_media(color_scheme="dark")
    of_colours = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
    return [*found, *tab.evaluate(_AXE, {"runOnly": of_colours})]
