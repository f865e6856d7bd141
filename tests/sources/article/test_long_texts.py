# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Long texts: read whole, in pieces, with the same figures as the short texts they are made of."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from support.project import small_project
from support.running import tracker
from tracker.pipeline.ingest import ingest
from tracker.sources.article import ExtractedFigure, NamedCompany, extract
from tracker.sources.article.text import pieces as pieces_module
from tracker.sources.article.text.pieces import LONGEST, split_pieces

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.project import Project

DAY = date(2025, 8, 5)
NAMES = ["Arlberg", "Bastion", "Calder", "Delmar", "Elstow", "Fenwick", "Garston", "Halden"]
COMPANIES = [NamedCompany(name, (name,), "USD", 12) for name in NAMES]

#: A text in each language that names company, period and metric in every sentence.
TEXTS = {
    "en": "{0}'s revenue was ${1} million in the second quarter of 2024. {0}'s net income was ${2} million in the second quarter of 2024.",
    "de": "Der Umsatz von {0} betrug {1} Millionen US-Dollar im zweiten Quartal 2024. Der Nettogewinn von {0} betrug {2} Millionen US-Dollar im zweiten Quartal 2024.",
    "fr": "Le chiffre d'affaires de {0} a atteint {1} millions de dollars au deuxième trimestre 2024. Le résultat net de {0} a atteint {2} millions de dollars au deuxième trimestre 2024.",
    "es": "Los ingresos de {0} fueron de {1} millones de dólares en el segundo trimestre de 2024. El beneficio neto de {0} fue de {2} millones de dólares en el segundo trimestre de 2024.",
    "it": "I ricavi di {0} sono stati pari a {1} milioni di dollari nel secondo trimestre del 2024. L'utile netto di {0} è stato di {2} milioni di dollari nel secondo trimestre del 2024.",
    "pt": "A receita da {0} foi de {1} milhões de dólares no segundo trimestre de 2024. O lucro líquido da {0} foi de {2} milhões de dólares no segundo trimestre de 2024.",
    "id": "Pendapatan {0} mencapai US${1} juta pada kuartal II 2024. Laba bersih {0} mencapai US${2} juta pada kuartal II 2024.",
    "ms": "Pendapatan {0} ialah US${1} juta pada suku kedua 2024. Keuntungan bersih {0} ialah US${2} juta pada suku kedua 2024.",
    "vi": "Doanh thu của {0} trong quý 2 năm 2024 đạt {1} triệu USD. Lợi nhuận sau thuế của {0} trong quý 2 năm 2024 đạt {2} triệu USD.",
    "ar": "بلغت إيرادات {0} نحو {1} مليون دولار في الربع الثاني من عام 2024. وبلغ صافي ربح {0} نحو {2} مليون دولار في الربع الثاني من عام 2024.",
    "ja": "{0}の2024年4～6月期の売上高は{1}百万ドルだった。{0}の2024年4～6月期の純利益は{2}百万ドルだった。",
    "ko": "{0}의 2024년 2분기 매출은 {1}백만 달러였다. {0}의 2024년 2분기 순이익은 {2}백만 달러였다.",
    "zh": "{0}2024年第二季度的营业收入为{1}百万美元。{0}2024年第二季度的净利润为{2}百万美元。",
}  # fmt: skip


def read(text: str) -> list[ExtractedFigure]:
    found = extract(text, published=DAY, companies=COMPANIES)
    assert found.unread == ()
    every = (*found.facts, *found.review, *found.abstained)
    assert all(text[one.start : one.end] == one.quote for one in every)
    return sorted((replace(one, confidence=0.0, flags=(), rules=()) for one in found.facts), key=lambda one: one.start)


def joined(texts: list[str], gap: str) -> tuple[list[ExtractedFigure], list[ExtractedFigure]]:
    """What the short texts say, at their places in the long one, and what the long one says."""
    wanted, position, known = [], 0, {text: read(text) for text in dict.fromkeys(texts)}
    for text in texts:
        wanted += [replace(one, start=one.start + position, end=one.end + position) for one in known[text]]
        position += len(text) + len(gap)
    return wanted, read(gap.join(texts))


@pytest.mark.parametrize("gap", ["\n\n", "\n", " "])
@pytest.mark.parametrize("language", TEXTS)
def test_a_long_text_says_what_its_parts_say(monkeypatch: pytest.MonkeyPatch, language: str, gap: str) -> None:
    monkeypatch.setattr(pieces_module, "LONGEST", 1_500)
    texts = [TEXTS[language].format(name, 40 + 7 * number, 4 + number) for number, name in enumerate(NAMES)] * 3
    wanted, found = joined(texts, gap if language not in ("ja", "zh") or gap != " " else "")
    assert len(wanted) == 2 * len(texts)
    assert found == wanted


def test_the_languages_of_a_long_text_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces_module, "LONGEST", 2_000)
    texts = [
        TEXTS[language].format(name, 40 + 7 * number, 4 + number)
        for language in ("en", "vi", "ar", "ja", "de")
        for number, name in enumerate(NAMES)
    ]
    wanted, found = joined(texts, "\n\n")
    assert found == wanted


def test_figures_far_behind_the_beginning_are_read() -> None:
    """The fifty-thousandth character and the five-hundredth figure were the last, once."""
    texts = [TEXTS["en"].format(NAMES[number % 8], 40 + number % 8, 4 + number % 8) for number in range(700)]
    wanted, found = joined(texts, "\n")
    assert len("\n".join(texts)) > 2 * LONGEST
    assert len(found) == 1400
    assert found == wanted


def test_what_a_text_is_about_goes_on_from_piece_to_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company, the period and the scale of a table that the beginning names, in a piece far behind it."""
    words = "Nothing was decided about the new hall. " * 45
    text = f"Calder reported results for the second quarter of 2024.\n{words}\nRevenue was $64 million, up 8% from a year earlier.\n"
    table = (
        "Calder\nQ2 2024 results\n(in thousands of dollars)\n"
        + "Staff were trained\n" * 70
        + "Revenue  64,500\nNet income  7,200\n"
    )
    whole = read(text), read(table)
    monkeypatch.setattr(pieces_module, "LONGEST", 1_400)
    assert len(list(split_pieces(text))) > 1
    assert len(list(split_pieces(table))) > 1
    assert (read(text), read(table)) == whole
    assert [str(one.value) for one in whole[0]] == ["64000000", "0.08"]
    assert [str(one.value) for one in whole[1]] == ["64500000", "7200000"]


def test_a_comparative_falls_with_the_figure_of_a_piece_before(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "Calder had revenue of $64 million in the third quarter of 2025."
        + " It was so." * 3
        + " A year earlier it was $59 million."
    )
    late = [one for size in (5_000, 70) for one in (monkeypatch.setattr(pieces_module, "LONGEST", size), read(text))[1]]
    assert late == []


@pytest.mark.parametrize(
    "piece", ["a", "1", "\n", " ", "。", "e\u0301", "\u0301", "語", "5 ", "Sales rose. ", "\n\n\nx"]
)
def test_pieces_hold_a_text_once_and_whole(monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    monkeypatch.setattr(pieces_module, "LONGEST", 3_000)
    text = piece * (20_000 // len(piece))
    found = list(split_pieces(text))
    assert [one.offset for one in found] == sorted({one.offset for one in found})
    spans = [one.span(sentence.start, sentence.end) for one in found for sentence in one.sentences]
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    letters = sum(len("".join(text[low:high].split())) for low, high in spans)
    assert letters == len("".join(text.split()))


# -- where a limit stays -----------------------------------------------------------------------------

CROWDED = (
    "Acme's revenue was $5 million in 2024, and then " + " ".join(str(number) for number in range(100, 190)) + ".\n"
)


@pytest.fixture
def newsroom(tmp_path: Path) -> Project:
    return small_project(tmp_path)


def test_what_was_not_read_is_a_problem(newsroom: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[extract.__module__], "MOST", 1_000)
    path = newsroom.root / "long.txt"
    text = CROWDED + "Acme grew.\n" * 100
    path.write_text(text)
    (done,) = ingest(newsroom, [path], published=DAY)
    told = [(problem.code, problem.line) for problem in done.problems]
    assert told == [("unread", 1), ("unread", text.count("\n", 0, 1_000) + 1)]
    assert f"characters 1,001 to {len(text):,} were not read" in done.problems[1].message
    assert all("split" in problem.remedy for problem in done.problems)


def test_many_places_are_counted(newsroom: Project) -> None:
    path = newsroom.root / "long.txt"
    path.write_text(CROWDED * 14)
    (done,) = ingest(newsroom, [path], published=DAY)
    assert [problem.message for problem in done.problems][-1] == "4 more stretches were not read"


def test_extract_tells_it_too(newsroom: Project) -> None:
    path = newsroom.root / "long.txt"
    path.write_text(CROWDED)
    assert b"were not read" in tracker(newsroom, "extract", str(path)).stderr
    line = json.dumps({"id": "a", "text": CROWDED})
    (found,) = tracker(newsroom, "extract", "-", "--batch", stdin=line).stdout.splitlines()
    assert len(json.loads(found)["unread"]) == 1
