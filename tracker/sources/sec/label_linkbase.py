"""Read what a filing calls its concepts and members: a label linkbase, in a file of its own or within a schema.

Locators point to elements of schemas, labels are texts, and arcs lead from the one to the other (XBRL 2.1, 5.2.2). Of
the labels of an element the standard one in English counts, else the first standard one.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from tracker.errors import DocumentError
from tracker.sources.sec.markup import check_markup, clean_markup

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_labels"]

_LINK: Final = "{http://www.xbrl.org/2003/linkbase}"
_XLINK: Final = "{http://www.w3.org/1999/xlink}"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_STANDARD: Final = "http://www.xbrl.org/2003/role/label"
#: The mark with which many filings end the label of a member.
_MARK: Final = re.compile(r"\s*\[(?:member|domain)\]\s*$", re.IGNORECASE)
_MOST_LETTERS: Final = 200


def read_labels(data: bytes) -> dict[str, str]:
    """Return the labels of a linkbase by the names of elements, such as `acme:RocketsMember`.

    Raises:
        DocumentError: the file is no XML, declares entities, or goes beyond a limit of the parser.

    """
    stream = io.BytesIO(clean_markup(check_markup(data)))
    events = etree.iterparse(
        stream, tag=f"{_LINK}labelLink", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    labels: dict[str, str] = {}
    try:
        for _, link in events:
            for name, text in _list_labels(link):
                labels.setdefault(name, text)
            link.clear()
    except etree.XMLSyntaxError as error:
        raise DocumentError(f"is no whole XML document ({str(error)[:200]})") from error
    return labels


def _list_labels(link: Any) -> Iterator[tuple[str, str]]:
    """Yield the names of elements with their labels, those in English first."""
    names = {loc.get(f"{_XLINK}label"): _read_name(loc.get(f"{_XLINK}href", "")) for loc in link.iter(f"{_LINK}loc")}
    texts: dict[str | None, list[tuple[bool, str]]] = {}
    for label in link.iter(f"{_LINK}label"):
        if label.get(f"{_XLINK}role", _STANDARD) == _STANDARD:
            is_foreign = not label.get(_LANGUAGE, "en").lower().startswith("en")
            texts.setdefault(label.get(f"{_XLINK}label"), []).append((is_foreign, _read_text(label)))
    found = [
        (is_foreign, name, text)
        for arc in link.iter(f"{_LINK}labelArc")
        if arc.get("use") != "prohibited" and (name := names.get(arc.get(f"{_XLINK}from")))
        for is_foreign, text in texts.get(arc.get(f"{_XLINK}to"), [])
        if text
    ]
    yield from ((name, text) for _, name, text in sorted(found, key=lambda one: one[0]))


def _read_name(href: str) -> str:
    """Return the name of the element with an id such as `acme_RocketsMember`; empty where there is none."""
    prefix, _, local = href.rpartition("#")[2].rpartition("_")
    return f"{prefix}:{local}" if "#" in href and prefix and local else ""


def _read_text(label: Any) -> str:
    return _MARK.sub("", " ".join("".join(label.itertext()).split()))[:_MOST_LETTERS].strip()
