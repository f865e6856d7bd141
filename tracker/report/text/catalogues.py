"""Keep the catalogues of phrases up to date: `python -m tracker.report.text.catalogues`.

It collects the phrases of the source into the template `locales/report.pot` and brings the catalogue of each language
(`locales/CODE/LC_MESSAGES/report.po`) up to date with it: new phrases come in without a translation, those that are
gone go. Translators open a catalogue with Poedit, Weblate or any other gettext editor.
"""

from __future__ import annotations

import ast
import io
import re
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tracker.model.metric import lowered, metric_translations
from tracker.report.text.language import LANGUAGES
from tracker.warehouse.reasons import templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["template", "update", "updated", "write"]

_ROOT: Final = Path(str(files("tracker")))
_LOCALES: Final = Path(str(files("tracker.report.text").joinpath("locales")))
#: Functions whose first argument is a phrase.
_MARKERS: Final = frozenset({"say", "phrase", "term"})
_IN_PAGE: Final = re.compile(r"say\('([^']+)'\)")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
#: What stands in the place of a name in braces, for translators.
_MEANINGS: Final[Mapping[str, str]] = {
    "a_gain": "a kind of profit with its English article; use {gain} without one",
    "a_loss": "a kind of loss with its English article; use {loss} without one",
    "all": "a number",
    "amount": "an amount or a rate",
    "base": "an amount of a year earlier",
    "because": "a sentence of this catalogue",
    "clause": "what happened to a metric, a sentence of this catalogue",
    "companies": "a list of companies",
    "company": "a company",
    "count": "a number; a word in English, digits elsewhere",
    "day": "a day, such as 31 July 2024",
    "days": "a span of days",
    "finding": "a sentence of this catalogue",
    "least": "the lowest, with its rate or amount",
    "loss": "a kind of loss, such as: net loss",
    "metric": "a metric in small letters, such as: capital spending",
    "most": "the highest, with its rate or amount",
    "names": "a list of names",
    "ordinal": "first to fourth as a word; use {number} for digits, {half} for the name of a half-year",
    "owner": "a company with an English apostrophe; use {company} for the bare name",
    "period": "a period, such as: the second quarter of 2024",
    "place": "a source, such as a filing with its number",
    "range": "a range of amounts, such as: $37 to 40 billion",
    "rate": "a growth rate, such as: +33%",
    "reason": "a sentence of this catalogue",
    "size": "the size of a change without a sign, such as: 33%",
    "since": "since when, a phrase of this catalogue",
    "unit": "a unit, such as: $ billion",
    "value": "an amount, such as: $8.5 billion",
    "was": "was or were; only English needs it",
    "when": "such as: in the second quarter of 2024; may be empty",
    "year": "a year",
}


def template() -> Catalog:
    """Collect every phrase of the package, with comments for translators."""
    return _fill_catalogue(Catalog(project="tracker", version="reports", charset="utf-8"), Catalog())


def updated(known: Catalog) -> Catalog:
    """Make a language's catalogue anew: what is translated stays so, a phrase that is new has no translation."""
    empty = Catalog(locale=known.locale, project="tracker", version="reports", charset="utf-8", fuzzy=False)
    empty.last_translator, empty.language_team = known.last_translator, known.language_team
    return _fill_catalogue(empty, known)


def update() -> None:
    """Write the template, and the catalogue of each language with the phrases that there are now."""
    (_LOCALES / "report.pot").write_bytes(write(template()))
    for code in LANGUAGES:
        path = _LOCALES / code / "LC_MESSAGES" / "report.po"
        if path.is_file():
            path.write_bytes(write(updated(read_po(io.BytesIO(path.read_bytes()), locale=code))))


def write(made: Catalog) -> bytes:
    """Write a catalogue as the content of a .po file, each text on one line, in the order of the English."""
    file = io.BytesIO()
    write_po(file, made, width=0, sort_output=True, include_lineno=False)
    return re.sub(rb'"Generated-By: [^"]*"\n', b"", file.getvalue())  # or another Babel would make another file


def _fill_catalogue(made: Catalog, known: Catalog) -> Catalog:
    """Fill a catalogue with all phrases and what is translated. Its dates are fixed, for files that can be compared."""
    made.header_comment = "# Phrases of reports. The English text is the key; names in braces are filled in."
    made.creation_date = made.revision_date = _FIXED
    made.msgid_bugs_address = ""
    for text, places in sorted(_collect_phrases().items()):
        old = known.get(text)
        made.add(
            text,
            old.string if old else "",
            locations=[(place, 0) for place in sorted(places)],
            auto_comments=[*_comments(text)],
            user_comments=old.user_comments if old else (),
            flags=["fuzzy"] if old and old.fuzzy else (),
        )
    return made


_FIXED: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _comments(text: str) -> Iterator[str]:
    """Explain to translators what the names in braces of a phrase stand for."""
    for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
        if name in _MEANINGS:
            yield f"{{{name}}}: {_MEANINGS[name]}"


# -- collecting ---------------------------------------------------------------------------------------------------


def _collect_phrases() -> dict[str, set[str]]:
    """Collect every phrase with the files it is in: the source, the page, the names of metrics, and reasons."""
    found: dict[str, set[str]] = {}
    for text, path in (*_in_source(), *_in_page(), *_in_metrics(), *_in_reasons()):
        found.setdefault(text, set()).add(path.relative_to(_ROOT.parent).as_posix())
    return found


def _in_source() -> Iterator[tuple[str, Path]]:
    for path in sorted((_ROOT / "report").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name_of(node.func) in _MARKERS:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value), path


def _name_of(function: ast.expr) -> str:
    """Get the name a function is called by, bare or after a dot."""
    return str(getattr(function, "id", "") or getattr(function, "attr", ""))


def _in_page() -> Iterator[tuple[str, Path]]:
    path = _ROOT / "report" / "output" / "page_body.html"
    return ((text, path) for text in _IN_PAGE.findall(path.read_text("utf-8")))


def _in_reasons() -> Iterator[tuple[str, Path]]:
    """Collect the texts of reasons, rules and causes."""
    path = _ROOT / "warehouse" / "views" / "reasons.toml"
    return ((text, path) for text in templates().values() if _PLACEHOLDER.sub("", text))


def _in_metrics() -> Iterator[tuple[str, Path]]:
    """Collect the names of metrics as they stand inside a sentence, and their definitions, by company too.

    What `metric_words.toml` translates into every language is left out.
    """
    path = _ROOT / "model" / "metrics.toml"
    others = [metric_translations(code).keys() for code in LANGUAGES if code != "en"]
    translated = set.intersection(*map(set, others))
    for metric in tomllib.loads(path.read_text("utf-8")).values():
        texts = [lowered(metric["label"]), *(metric[key] for key in ("noun", "gain", "loss") if key in metric)]
        owners = (metric, *metric.get("companies", {}).values())
        texts += [owner["definition"] for owner in owners if "definition" in owner]
        yield from ((text, path) for text in texts if text not in translated)


if __name__ == "__main__":
    update()
