"""A metric of the program is one entry in `metrics.toml`, with its names in other languages in `metric_words.toml`."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT
from tracker.errors import InputError
from tracker.model import metric
from tracker.report.text.language import LANGUAGES
from tracker.warehouse.view_files import views

if TYPE_CHECKING:
    from pathlib import Path

MODEL = ROOT / "tracker" / "model"
ENTRIES = tomllib.loads((MODEL / "metrics.toml").read_text("utf-8"))
WORDS = tomllib.loads((MODEL / "metric_words.toml").read_text("utf-8"))
NEW = {"gross_profit": {"de": {"noun": "Bruttogewinn", "phrases": "bruttogewinn(e?s)?"}}}


def test_words_are_those_of_a_metric_in_a_language_of_the_reports() -> None:
    for name, languages in WORDS.items():
        assert languages.keys() <= set(LANGUAGES) - {"en"}, name
        for words in languages.values():
            assert words.keys() - {"phrases"} <= ENTRIES[name].keys(), name


def test_every_metric_says_what_it_is() -> None:
    sections = {"income", "cash flow", "balance", "per share", "banks and insurers", "operating", "ratios"}
    assert len(ENTRIES) > 80
    assert {entry["section"] for entry in ENTRIES.values()} == sections
    for name, entry in ENTRIES.items():
        assert entry["standard"], name
        assert entry["about"].endswith("."), name
        kinds = ("tags", "parts", "numerator")
        assert any(kind in entry for kind in kinds) or entry["section"] == "operating", name


def test_a_tag_stands_for_one_metric() -> None:
    both = {"us-gaap:EarningsPerShareBasicAndDiluted", "us-gaap:WeightedAverageNumberOfShareOutstandingBasicAndDiluted"}
    tags = [tag for entry in ENTRIES.values() for tag in entry.get("tags", []) if tag not in both]
    assert len(tags) == len(set(tags))


def test_words_of_a_metric_are_in_all_languages_or_in_catalogues() -> None:
    for name, languages in WORDS.items():
        assert languages.keys() == set(LANGUAGES) - {"en"}, name
        for code, words in languages.items():
            (text,) = words.values()
            assert text == text.strip(), (name, code)
            assert text.isascii() == (code in {"id", "ms"}) or code not in {"id", "ms", "ar", "ja", "ko", "zh"}, (
                name,
                code,
            )


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"en"}))
def test_no_two_metrics_of_a_section_have_one_name(code: str) -> None:
    named = [(ENTRIES[name]["section"], *languages[code].values()) for name, languages in WORDS.items()]
    assert len(named) == len(set(named))


def test_a_new_metric_brings_its_words_along(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"label": "Gross profit", "noun": "gross profit", "measure": "money", "sign": "either", "wide": True}
    monkeypatch.setattr(metric, "_own_entries", lambda: {**ENTRIES, "gross_profit": entry})
    monkeypatch.setattr(metric, "_own_words", lambda: NEW)
    assert metric.metric_translations("de") == {"gross profit": "Bruttogewinn"}
    assert metric.metric_translations("fr") == {}
    assert metric.metric_phrases("de") == {"gross_profit": "bruttogewinn(e?s)?"}
    assert metric.wide_metrics()[-1] == "gross_profit"
    assert "gross_profit" in metric.metrics_of_sign("either") & metric.metrics_of_measure("money")


def test_the_columns_of_wide_are_the_metrics_marked_so() -> None:
    (wide,) = (view for view in views() if view.name == "wide")
    marked = [name for name, entry in ENTRIES.items() if entry.get("wide")]
    assert [line.rpartition(" as ")[2].rstrip(",") for line in wide.body.splitlines() if " as " in line][
        -len(marked) :
    ] == marked
    assert "METRIC" not in wide.body


@pytest.mark.parametrize("key", ['noun = "sales"', "wide = true", 'sign = "either"'])
def test_how_the_program_speaks_is_not_for_a_project_to_say(tmp_path: Path, key: str) -> None:
    own = '[sales]\nlabel = "Sales"\ntype = "duration"\nadditive = true\nmeasure = "money"\n'
    path = tmp_path / "metrics.toml"
    path.write_text(own)
    assert metric.load_metrics(path).metrics[-1].metric == "sales"
    path.write_text(own + key + "\n")
    with pytest.raises(InputError, match="is unknown"):
        metric.load_metrics(path)


def test_a_copy_of_the_programs_own_file_may_stand(tmp_path: Path) -> None:
    path = tmp_path / "metrics.toml"
    path.write_text((MODEL / "metrics.toml").read_text("utf-8").replace('label = "Revenue"', 'label = "Turnover"'))
    assert {one.label for one in metric.load_metrics(path).metrics if one.metric == "revenue"} == {"Turnover"}
    path.write_text(path.read_text("utf-8").replace('noun = "revenue"', 'noun = "turnover"'))
    with pytest.raises(InputError, match="is unknown"):
        metric.load_metrics(path)
