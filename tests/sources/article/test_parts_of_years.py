"""Parts of years as words name them in all languages, and years that only say since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tracker.sources.article.find.period_labels import resolve
from tracker.sources.article.find.periods import find_periods
from tracker.sources.article.text.lexicon import LANGUAGES
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from tracker.sources.article.find.stated_period import StatedPeriod

FIRST_MONTHS = {
    "en": "in the first three months of 2025",
    "de": "in den ersten drei Monaten 2025",
    "fr": "sur les trois premiers mois de 2025",
    "es": "en los tres primeros meses de 2025",
    "it": "nei primi tre mesi del 2025",
    "pt": "nos três primeiros meses de 2025",
    "id": "selama tiga bulan pertama 2025",
    "ms": "bagi tiga bulan pertama 2025",
    "vi": "trong 3 tháng đầu năm 2025",
    "ar": "في الأشهر الثلاثة الأولى من 2025",
    "ja": "2025年の最初の3カ月",
    "ko": "2025년 첫 3개월",
    "zh": "2025年前三个月",
}
SINCE = {
    "en": "the best since 2019",
    "de": "so viel wie seit 2019 nicht",
    "fr": "le meilleur depuis 2019",
    "es": "el mejor desde 2019",
    "it": "il migliore dal 2019",
    "pt": "o melhor desde 2019",
    "id": "terbaik sejak 2019",
    "ms": "terbaik sejak 2019",
    "vi": "cao nhất kể từ năm 2019",
    "ar": "الأفضل منذ 2019",
    "ja": "2019年以来の高水準",
    "ko": "2019년 이후 최대",
    "zh": "2019年以来最高",
}


def found(text: str, code: str) -> list[StatedPeriod]:
    folded = fold(normalise(text).text)
    return find_periods(folded, 0, len(folded), code)


def test_every_language_is_tried() -> None:
    assert set(FIRST_MONTHS) == set(SINCE) == set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_first_three_months_of_a_year_are_its_first_quarter(code: str) -> None:
    labels = {resolve(item, None, forward=False, frame=None) for item in found(FIRST_MONTHS[code], code)}
    assert "2025Q1" in labels
    assert "FY2025" not in labels


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_year_since_which_nothing_was_like_it_is_no_period(code: str) -> None:
    assert not [item for item in found(SINCE[code], code) if item.definite]


def test_a_range_of_years_is_no_since() -> None:
    assert [item.year for item in found("dal 2022 al 2023", "it") if item.definite] == [2022, 2023]


def test_months_of_a_year_that_are_no_quarter_of_it_are_not_the_year() -> None:
    assert {resolve(item, None, forward=False, frame=None) for item in found("for three months of 2025", "en")} == {
        None
    }
