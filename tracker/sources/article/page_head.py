"""What a saved page says of itself: its title, its day, its language, its address and who published it.

Nothing is guessed: a day counts where a field for days of publication holds it. All that are given are kept, so that
two that lie apart are noticed.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_tz
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LONGEST", "Head", "comparable_address", "read_head"]

_FIELDS: Final = {
    name: tuple(words.split())
    for name, words in tomllib.loads(files("tracker.sources.article").joinpath("page.toml").read_text("utf-8"))[
        "fields"
    ].items()
}
_ARTICLES: Final = re.compile(r"Article|Report|BlogPosting|LiveBlog|PressRelease|NewsStory", re.IGNORECASE)
_TRACKED: Final = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id", re.IGNORECASE)
_SAVED: Final = re.compile(
    r"<!--\s*(?:saved from url=(?:\(\d{1,6}\))?|Page saved with SingleFile\s+url:\s*)(https?://\S{1,2000})"
)
_DAY: Final = re.compile(r"\s*(\d{4})([-/.]?)(\d{2})\2(\d{2})(?!\d)", re.ASCII)
_MOST_OBJECTS: Final = 5_000  # of a page's structured data
LONGEST: Final = 300  # letters of a title or a name


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself; None or nothing where it is silent."""

    title: str | None = None
    days: tuple[date, ...] = ()
    language: str | None = None
    address: str | None = None
    publisher: str | None = None


def read_head(tree: Any, page: str) -> Head:
    """Return what the metadata of a page say: meta tags, JSON-LD, marked times, the canonical link."""
    saved = _SAVED.search(page[:5000])
    if tree is None:
        return Head(address=_choose_address([saved[1]] if saved else []))
    fields = _fields(tree)
    articles = list(_articles(tree))
    links = [link.get("href") or "" for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    named = [_as_text(article.get("url")) for article in articles]
    places = [*links, *fields.get("og:url", []), *named, *([saved[1]] if saved else [])]
    titles = [
        *(_as_text(one.get("headline")) for one in articles),
        *_field_values(fields, _FIELDS["title"]),
        _document_title(tree),
    ]
    return Head(
        title=next((title for title in map(_clean, titles) if title), None),
        days=tuple(dict.fromkeys(_find_days(tree, fields, articles))),
        language=_find_language(tree, fields, articles),
        address=_choose_address(places),
        publisher=next((name for name in map(_clean, _publishers(fields, articles)) if name), None),
    )


def _fields(tree: Any) -> dict[str, list[str]]:
    """Return the meta tags by their name, small letters."""
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        for name in {(meta.get(key) or "").strip().lower() for key in ("property", "name", "itemprop")} - {""}:
            found.setdefault(name, []).append(meta.get("content") or "")
    return found


def _field_values(fields: dict[str, list[str]], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield from fields.get(name, ())


def _articles(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of the page's JSON-LD that are articles."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            try:
                held = json.loads(script.text, strict=False)
            except (ValueError, RecursionError):
                continue
            yield from (one for one in _json_objects(held) if _ARTICLES.search(str(one.get("@type", ""))[:200]))


def _json_objects(held: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects at the top of structured data, alone, in a list or in a graph."""
    waiting = [held]
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        one = waiting.pop(0)
        if isinstance(one, dict):
            yield one
            waiting += [one[key] for key in ("@graph", "mainEntity") if isinstance(one.get(key), (dict, list))]
        elif isinstance(one, list):
            waiting += one[:_MOST_OBJECTS]


def _find_days(tree: Any, fields: dict[str, list[str]], articles: list[dict[str, Any]]) -> Iterator[date]:
    """Yield every day of publication that the page gives."""
    marked = [
        node.get("datetime") or node.get("content") or ""
        for node in tree.iter("time", "abbr", "span")
        if "datepublished" in (node.get("itemprop") or "").lower() or "pubdate" in node.attrib
    ]
    said = [_as_text(article.get("datePublished")) for article in articles[:1]]
    found = [*_field_values(fields, _FIELDS["day"]), *said, *marked]
    days = [day for text in found if (day := _read_day(text)) is not None]
    if not days:
        days = [day for text in _field_values(fields, _FIELDS["other_day"]) if (day := _read_day(text)) is not None]
    yield from days or _first_time(tree)


def _first_time(tree: Any) -> Iterator[date]:
    """Yield the first time that stands under the heading of the page, where nothing else gives a day."""
    is_under = False
    for node in tree.iter("h1", "time", "p", "nav", "aside", "footer"):
        is_under = is_under or node.tag == "h1"
        if is_under and node.tag == "time":
            day = _read_day(node.get("datetime") or "")
            yield from () if day is None else (day,)
            return
        if is_under and node.tag in ("nav", "aside", "footer"):
            return


def _read_day(text: str) -> date | None:
    """Return the day of a field, as its writer counts days: of 2025-08-05T23:30-05:00 the fifth."""
    found = _DAY.match(text)
    try:
        if found:
            return date(int(found[1]), int(found[3]), int(found[4]))
        parts = parsedate_tz(text[:60])
        return date(*parts[:3]) if parts else None
    except (ValueError, IndexError, TypeError):
        return None


def _find_language(tree: Any, fields: dict[str, list[str]], articles: list[dict[str, Any]]) -> str | None:
    """Return the language by its code of two letters."""
    said = [_as_text(article.get("inLanguage")) for article in articles]
    said += [tree.get("lang") or "", *_field_values(fields, ("og:locale", "content-language", "dc.language"))]
    codes = (re.match(r"[a-z]{2}(?![a-z])", text.strip().lower()) for text in said)
    return next((code[0] for code in codes if code), None)


def _publishers(fields: dict[str, list[str]], articles: list[dict[str, Any]]) -> Iterator[str]:
    yield from fields.get("og:site_name", ())
    for article in articles:
        publisher = article.get("publisher")
        yield _as_text(publisher.get("name") if isinstance(publisher, dict) else publisher)


def _document_title(tree: Any) -> str:
    found = tree.find(".//title")
    return (found.text or "") if found is not None else ""


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Return a name on one line, without signs that are not seen."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:LONGEST]


def _choose_address(places: list[str]) -> str | None:
    return next((place.strip() for place in places if comparable_address(place)), None)


def comparable_address(place: str) -> str | None:
    """Return the address of one text as it is compared with others; None where it is none, or of a whole site."""
    try:
        parts = urlsplit(place.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = parts.path.rstrip("/")
    query = urlencode([pair for pair in parse_qsl(parts.query) if not _TRACKED.fullmatch(pair[0])])
    if parts.scheme not in ("http", "https") or not host or not (path or query):
        return None
    return urlunsplit(("", host, path, query, ""))
