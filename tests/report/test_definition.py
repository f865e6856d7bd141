"""Definitions of reports: what is read, and what each wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import InputError, UsageError
from tracker.report import DEFAULT_FORMATS, Definition, load_definitions
from tracker.report.definition import check

ROOT = Path(__file__).parents[2]


def test_the_repositorys_own() -> None:
    found = {definition.name: definition for definition in load_definitions(ROOT / "reports")}
    assert found["meta-2024q2"] == Definition(
        "meta-2024q2", "growth", ("meta",), ("capex", "revenue", "net_income"), "2024Q2", None, None, DEFAULT_FORMATS
    )
    assert found["meta"].period is None


def test_days_and_texts_are_moments_alike(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('kind = "growth"\nentity = "meta"\nas_of = 2024-08-05\nformats = ["png"]\n')
    (tmp_path / "b.toml").write_text('kind = "growth"\nentity = "meta"\nas_of = "2024-08-05"\ntitle = "Mine"\n')
    first, second = load_definitions(tmp_path)
    assert first.as_of == second.as_of == "2024-08-05"
    assert (first.formats, second.title) == (("png",), "Mine")


WRONG = [
    # text, column, code
    ('kind = "growth"', "entity", "missing"),
    ('entity = "meta"', "kind", "missing"),
    ('kind = "pie"\nentity = "meta"', "kind", "kind"),
    ('kind = "growth"\nentity = 3', "entity", "type"),
    ('kind = "growth"\nentity = "meta"\ncolour = "red"', "colour", "key"),
    ('kind = "growth"\nentity = "meta"\nmetrics = "capex"', "metrics", "type"),
    ('kind = "growth"\nentity = "meta"\nmetrics = []', "metrics", "type"),
    ('kind = "growth"\nentity = "meta"\nmetrics = ["capex", "capex"]', "metrics", "repeated"),
    ('kind = "growth"\nentity = "meta"\nformats = ["docx"]', "formats", "format"),
    ('kind = "growth"\nentity = "meta"\nperiod = "Q2 2024"', "period", "period"),
    ('kind = "growth"\nentity = "meta"\nas_of = "yesterday"', "as_of", "as_of"),
    ('kind = "growth"\nentity = "meta"\nas_of = 3', "as_of", "as_of"),
    ('kind = "growth', None, "toml"),
]


@pytest.mark.parametrize(("text", "column", "code"), WRONG)
def test_a_wrong_definition_is_told_where_and_how(tmp_path: Path, text: str, column: str | None, code: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_definitions(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.path, problem.column, problem.code) == (str(tmp_path / "mine.toml"), column, code)
    assert problem.remedy


def test_all_wrong_definitions_are_told_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text("kind = 3\ncolour = 1\n")
    with pytest.raises(InputError) as caught:
        load_definitions(tmp_path)
    assert len(caught.value.problems) == 4


UNASKABLE = [
    Definition("../mine", "growth", ("meta",), ("capex",), None, None, None, ("html",)),
    Definition("mine", "pie", ("meta",), ("capex",), None, None, None, ("html",)),
    Definition("mine", "growth", ("meta",), ("capex",), None, None, None, ("docx",)),
    Definition("mine", "growth", ("meta",), ("capex",), "soon", None, None, ("html",)),
]


@pytest.mark.parametrize("definition", UNASKABLE)
def test_a_definition_made_by_hand_is_checked_too(definition: Definition) -> None:
    with pytest.raises(UsageError):
        check(definition)
