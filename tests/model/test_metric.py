"""A metric of the program is one entry in `metrics.toml`, with its names in other languages in `metric_words.toml`."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT
from tracker.errors import InputError
from tracker.model import metric
from tracker.report.text.language import LANGUAGES
from tracker.warehouse.catalog import views

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
