# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""The day a text came out: what its first lines say, what stands beside it, and what is held where nobody says it."""

from __future__ import annotations

import json
import random
import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest

from support.project import ROOT
from tracker.sources.article import find_dateline, written_day
from tracker.sources.article.find.dateline import find_datelines
from tracker.sources.article.publication import Hints, Publication, find_publication

TEXTS = [json.loads(line) for line in (ROOT / "tests/data/article/datelines.jsonl").read_text("utf-8").splitlines()]
OTHERS = [
    json.loads(line)
    for name in ("own", "fiscal")
    for line in (ROOT / f"tests/data/article/{name}.jsonl").read_text("utf-8").splitlines()
]
DAY = date(2025, 8, 5)


def day_in(text: str) -> str | None:
    found = find_dateline(text)
    return str(found.day) if found else None


@pytest.mark.parametrize("text", TEXTS, ids=[text["id"] for text in TEXTS])
def test_labelled_text(text: dict[str, Any]) -> None:
    assert day_in(text["text"]) == text["day"]
    found = find_dateline(text["text"])
    if found:
        assert any(char.isdigit() for char in text["text"][found.start : found.end])


@pytest.mark.parametrize("text", TEXTS, ids=[text["id"] for text in TEXTS])
def test_the_form_of_the_letters_does_not_matter(text: dict[str, Any]) -> None:
    for form in ("NFC", "NFD"):
        assert day_in(unicodedata.normalize(form, text["text"])) == text["day"]
    assert day_in("\ufeff" + text["text"].replace("\n", "\r\n")) == text["day"]


def test_no_sentence_about_figures_has_a_day() -> None:
    """Texts with many dates of other things; the few with a dateline came out on its day."""
    found = [(text, line) for text in OTHERS for line in find_datelines(text["text"])]
    assert [(text["id"], line) for text, line in found if str(line.day) != text["published"]] == []


#: One day in the forms of each language, where days of publication stand.
FORMS = {
    "en": ["LEEDS, August 5, 2025 - ", "Leeds, 5 Aug 2025 — ", "Published: 5 August 2025\n", "2025-08-05\n", "Aug. 5, 2025\n"],
    "de": ["Köln, 5. August 2025 – ", "KÖLN (5.8.2025) - ", "Veröffentlicht am 05.08.2025, 10:00 Uhr\n", "5. Aug. 2025\n"],
    "fr": ["Nantes, le 5 août 2025 – ", "Publié le 05/08/2025 à 9h30\n", "5 août 2025\n"],
    "es": ["Bilbao, 5 de agosto de 2025.- ", "Publicado el 5 de agosto de 2025\n", "05/08/2025 09:30\n"],
    "it": ["Torino, 5 agosto 2025 - ", "Pubblicato il 05/08/2025\n", "5 agosto 2025, 9.30\n"],
    "pt": ["Recife, 5 de agosto de 2025 – ", "Publicado em 05/08/2025 às 9h30\n", "5 ago 2025\n"],
    "id": ["Bandung, 5 Agustus 2025 - ", "Selasa, 05/08/2025 09:30 WIB\n", "Diterbitkan: 5 Agt 2025\n".replace("Agt", "Agu")],
    "ms": ["IPOH, 5 Ogos 2025 - ", "Diterbitkan pada 5 Ogos 2025\n", "Selasa, 5 Ogos 2025\n"],
    "vi": ["Huế, ngày 5 tháng 8 năm 2025 – ", "Đăng ngày 05/08/2025\n", "Thứ ba, 5/8/2025, 09:30\n"],
    "ar": ["جدة، 5 أغسطس 2025 - ", "تاريخ النشر: ٥ أغسطس ٢٠٢٥\n", "نشر في 5 آب 2025\n", "٠٥/٠٨/٢٠٢٥\n"],
    "ja": ["【大阪＝2025年8月5日】", "公開日：2025年8月5日\n", "2025/08/05 09:30\n", "令和7年8月5日\n"],
    "ko": ["[부산=통신] 2025년 8월 5일 - ", "입력 2025.08.05 09:30\n", "2025. 8. 5.\n"],
    "zh": ["新闻社上海2025年8月5日电 ", "发布时间：2025-08-05 09:30\n", "2025年8月5日\n", "發布日期：民國114年8月5日\n"],
}  # fmt: skip
BODIES = {text["lang"]: text["text"] for text in reversed(OTHERS) if text["id"].startswith("fiscal")}


@pytest.mark.parametrize(
    ("language", "form"), [(language, form) for language, forms in FORMS.items() for form in forms]
)
def test_a_day_in_each_form(language: str, form: str) -> None:
    assert day_in(form + BODIES[language]) == "2025-08-05"
    assert day_in("Lindqvist Boats AB\n\n" + form + BODIES[language]) == "2025-08-05"


@pytest.mark.parametrize(
    ("first", "day"),
    [
        # figures alone are read as the language writes them, and where it may write them either way they are none
        ("05/08/2025", None), ("13/08/2025", "2025-08-13"), ("08/13/2025", "2025-08-13"), ("08/08/2025", "2025-08-08"),
        ("31/02/2025", None), ("June 30, 2025", None), ("June 30, 2025 and 2024", None),
        ("Published: 30 June 2025", "2025-06-30"), ("Leeds, June 30, 2025 - Sales rose.", None),
        ("Updated 7 August 2025", "2025-08-07"), ("Published 5 August 2025 | Updated 9 August 2025", "2025-08-05"),
        ("Published 5 August 2025\nPublished 5 May 2024", None),
    ],
)  # fmt: skip
def test_days_that_can_be_read_two_ways(first: str, day: str | None) -> None:
    assert day_in(f"{first}\n\nRevenue of Lindqvist Boats was $64 million in the quarter.") == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("https://news.example/2025/08/05/quarter", "2025-08-05"),
        ("https://news.example/a/2025-08-05-quarter.html", "2025-08-05"),
        ("https://news.example/20250805/quarter", "2025-08-05"),
        ("https://news.example/article?id=20250805", None),
        ("https://news.example/2025/08/quarter", None),
        ("https://news.example/2025/13/05/", None),
        ("https://news.example/p/120250805123", None),
    ],
)
def test_days_in_addresses(name: str, day: str | None) -> None:
    found = written_day(name)
    assert (str(found) if found else None) == day


# Which day counts --------------------------------------------------------------------------------------------------

RELEASE = "Leeds, August 5, 2025 - Revenue of Lindqvist Boats was $64 million in the quarter."
PLAIN = "Revenue of Lindqvist Boats was $64 million in the quarter."

CHOSEN = [
    # text, given, page, address, file, the day and what says so
    (RELEASE, date(2025, 8, 6), None, None, None, date(2025, 8, 6), "stated"),
    (RELEASE, date(2024, 8, 6), None, None, None, date(2024, 8, 6), "stated"),
    (RELEASE, None, date(2025, 8, 6), None, None, date(2025, 8, 6), "metadata"),
    (RELEASE, None, None, None, "2025-09-01-saved.txt", DAY, "dateline"),
    (RELEASE, None, date(2025, 11, 6), None, None, None, None),
    (RELEASE, None, None, "https://x.example/2023/08/05/a", None, None, None),
    (PLAIN, None, None, "https://x.example/2025/08/05/a", "2025-09-01.txt", DAY, "url"),
    (PLAIN, None, None, None, "2025-08-05.txt", DAY, "file"),
    (PLAIN, None, None, None, "boats-2025-08-05.html", DAY, "file"),
    (PLAIN, None, None, None, "boats-20.txt", None, None),
    (PLAIN, None, date(2031, 1, 1), None, "2031-01-01.txt", None, None),
    (PLAIN, None, None, None, None, None, None),
]


@pytest.mark.parametrize(("text", "given", "page", "address", "name", "day", "basis"), CHOSEN)
def test_the_surest_day_counts(
    text: str,
    given: date | None,
    page: date | None,
    address: str | None,
    name: str | None,
    day: date | None,
    basis: str | None,
) -> None:
    hints = Hints(page, address, None, name)
    found = find_publication(text, given=given, hints=hints, newest=date(2026, 11, 29))
    assert (found.day, found.basis) == (day, basis)
    assert ("unknown" in found.note or "in dispute" in found.note) == (day is None)
    assert ("--published" in found.note) == (day is None)


def test_days_that_lie_apart_are_told() -> None:
    told = find_publication(RELEASE, given=date(2024, 8, 6))
    assert told.conflict == "came out on 2025-08-05 (by its first lines), and 2024-08-06 was given"
    open_ = find_publication(RELEASE, hints=Hints(metadata=date(2025, 11, 6)))
    assert open_.conflict == "came out on 2025-11-06 (by the page) and 2025-08-05 (by its first lines)"
    assert Publication(DAY, "dateline").conflict is None
    assert find_publication(RELEASE, given=DAY + timedelta(days=3)).conflict is None


# Noise -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_noise(seed: int) -> None:
    source = random.Random(seed)
    signs = "0123456789٠١٢/.-年月日,()[]【】|·:— \n\u202e\x00\ud800tháng令和"
    for text in TEXTS:
        letters = list(text["text"])
        for _ in range(source.randrange(30)):
            letters.insert(source.randrange(len(letters) + 1), source.choice(signs))
        for line in find_datelines("".join(letters)):
            assert 0 <= line.start < line.end <= len(letters)


@pytest.mark.parametrize("piece", ["1", "5 August ", "(2025", "2025-08-05 ", "【", "le ", "\n", "a, "])
def test_long_lines(piece: str) -> None:
    find_datelines(piece * 20_000)
