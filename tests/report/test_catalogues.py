"""The catalogues of phrases: whole in every language, and as translators' tools write them."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from support.languages import ENGLISH, OTHERS, phrases
from support.project import ROOT
from support.reports import make_document
from tracker.model.metric import metric_translations
from tracker.report.text.catalogues import template, updated, write
from tracker.report.text.labels import (
    format_day,
    format_money,
    format_number,
    format_percent,
    name_period,
)
from tracker.report.text.language import language_of
from tracker.report.text.translation import note_missing

LOCALES = ROOT / "tracker" / "report" / "text" / "locales"


def test_the_template_is_up_to_date() -> None:
    """Where this fails, run `python -m tracker.report.text.catalogues` and translate what it brings in."""
    assert (LOCALES / "report.pot").read_bytes() == write(template())


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_is_what_its_tools_write(code: str) -> None:
    """Poedit and Weblate read what Babel writes: a header with the language, flags of braces, comments, no old phrase."""
    content = (LOCALES / code / "LC_MESSAGES" / "report.po").read_bytes()
    known = read_po(io.BytesIO(content), locale=code, abort_invalid=True)
    assert write(updated(known)) == content
    assert (str(known.locale), known.obsolete, known.fuzzy) == (code, {}, False)
    with_names = [message for message in known if names_of(str(message.id))]
    assert with_names
    assert all("python-brace-format" in message.flags for message in with_names)


def test_an_update_keeps_what_translators_wrote() -> None:
    known = Catalog(locale="de", last_translator="A B <a@example.com>")
    known.add("no figure", "kein Wert", flags=["fuzzy"], user_comments=["short"])
    known.add("gone from the source", "fort")
    made = updated(known)
    kept = made["no figure"]
    assert (kept.string, kept.fuzzy, kept.user_comments) == ("kein Wert", True, ["short"])
    assert "gone from the source" not in made
    assert made["no rate"].string == ""
    assert made.last_translator == "A B <a@example.com>"


def test_english_loads_no_catalogue() -> None:
    assert language_of("en").phrases == {}
    assert not (LOCALES / "en" / "LC_MESSAGES").exists()


def names_of(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_phrase_and_no_other(code: str) -> None:
    """What `metric_words.toml` translates into every language is in no catalogue."""
    known = language_of(code).phrases.keys() - (metric_translations(code).keys() - phrases())
    assert (sorted(phrases() - known), sorted(known - phrases())) == ([], [])


#: Names that only English grammar needs, and what another language may take in the place of one or beside it.
ENGLISH_ONLY = {"was"}
INSTEAD = {"owner": {"company"}, "ordinal": {"number", "half"}, "a_gain": {"gain"}, "a_loss": {"loss"}}


@pytest.mark.parametrize("code", OTHERS)
def test_a_phrase_is_filled_with_what_the_english_is(code: str) -> None:
    for english, text in language_of(code).phrases.items():
        asked_for, filled = names_of(english), names_of(text)
        more = {name for instead in asked_for & INSTEAD.keys() for name in INSTEAD[instead]}
        assert filled <= asked_for | more, english
        lost = asked_for - filled - ENGLISH_ONLY
        assert not {name for name in lost if not INSTEAD.get(name, set()) & filled}, english


@pytest.mark.parametrize("code", OTHERS)
def test_marks_of_a_verdict_stay(code: str) -> None:
    for english, text in language_of(code).phrases.items():
        assert english[:2] == text[:2] or english[:1] not in "✓✗", english


SAID = [
    # language, 1234.5, 8.45 billion dollars, -5.25%, a day, the second quarter of 2024
    ("en", "1,234.5", "$8.5 billion", "−5.3%", "31 July 2024", "the second quarter of 2024"),
    ("it", "1.234,5", "8,5 miliardi di dollari", "−5,3%", "31 luglio 2024", "secondo trimestre 2024"),
    ("vi", "1.234,5", "8,5 tỷ USD", "−5,3%", "31 tháng 7, 2024", "quý 2 năm 2024"),
    ("ms", "1,234.5", "USD 8.5 bilion", "−5.3%", "31 Julai 2024", "suku kedua 2024"),
    ("id", "1.234,5", "US$8,5 miliar", "−5,3%", "31 Juli 2024", "kuartal kedua 2024"),
    ("ar", "\u20661,234.5\u2069", "\u20668.5\u2069 مليار دولار", "\u2066−5.3%\u2069", "31 يوليو 2024", "الربع الثاني من 2024"),
    ("de", "1.234,5", "8,5 Milliarden Dollar", "−5,3\xa0%", "31. Juli 2024", "2. Quartal 2024"),
    ("fr", "1\u202f234,5", "8,5 milliards de dollars", "−5,3\xa0%", "31 juillet 2024", "deuxième trimestre 2024"),
    ("es", "1.234,5", "8,5 mil millones de dólares", "−5,3\xa0%", "31 de julio de 2024", "segundo trimestre de 2024"),
    ("pt", "1.234,5", "US$ 8,5 bilhões", "−5,3%", "31 de julho de 2024", "segundo trimestre de 2024"),
    ("ja", "1,234.5", "84.5億ドル", "−5.3%", "2024年7月31日", "2024年第2四半期"),
    ("zh", "1,234.5", "84.5亿美元", "−5.3%", "2024年7月31日", "2024年第二季度"),
    ("ko", "1,234.5", "84.5억 달러", "−5.3%", "2024년 7월 31일", "2024년 2분기"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "number", "money_", "rate", "moment", "period"), SAID, ids=[row[0] for row in SAID])
def test_numbers_and_days_are_the_languages_own(
    code: str, number: str, money_: str, rate: str, moment: str, period: str
) -> None:
    language = language_of(code)
    assert format_number(language, Decimal("1234.45"), 1) == number
    assert format_money(language, Decimal(8450000000), "USD") == money_
    assert format_percent(language, Decimal("-0.0525")) == rate
    assert format_day(language, date(2024, 7, 31)) == moment
    assert name_period(language, "2024Q2", is_calendar=True) == period
    assert format_number(ENGLISH, Decimal("1234.45"), 1) == "1,234.5"


def test_what_has_no_words_is_said_in_english_and_named() -> None:
    language = language_of("vi")
    assert language.term("customer churn") == "customer churn"
    notes = note_missing(make_document(language=language)).notes
    assert notes[-1].title == "Chưa dịch"
    assert "customer churn" in notes[-1].text


def test_a_value_is_never_read_as_a_template() -> None:
    language = language_of("it")
    assert language.say("from {amount}", amount="{0.__class__}{amount}") == "da {0.__class__}{amount}"
