"""A language is one locale file: no module of the article reader holds its code or its words."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from support.project import ROOT
from tracker.sources.article.text.lexicon import LANGUAGES, common, locale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READER = ROOT / "tracker" / "sources" / "article"
LOCALES = READER / "text" / "locales"
MODULES = sorted(READER.rglob("*.py"))

#: Strings that look like a language's and are none: (module, string) -> why.
EXCEPTIONS = {
    ("text/normalise.py", "أإآٱىک"): "forms of Arabic letters that mean one letter, as Unicode has them",
    ("text/normalise.py", "اااايك"): "the letters that they mean",
    ("find/dateline.py", "com"): "a domain in the address of a news wire",
    ("find/dateline.py", "id"): "a domain in the address of a news wire",
    ("read/extract.py", "id"): "a key of the JSON line",
}


def literals(path: Path) -> Iterator[str]:
    """The string literals of a module as they are written, without its docstrings; an escaped letter stays escaped."""
    source = path.read_text("utf-8")
    statements = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr))
    docstrings = {(node.lineno, node.col_offset) for node in statements if isinstance(node, ast.Constant)}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING and token.start not in docstrings:
            yield re.sub(r"\A[rf]*\"{1,3}|\"{1,3}\Z", "", token.string)


def foreign_words(text: str) -> set[str]:
    """The words of a literal that are not written in plain Latin letters."""
    return {run for run in re.findall(r"[^\W\d_]+", text) if any(char > "\x7f" and char.isalpha() for char in run)}


def alternatives(text: str) -> set[str]:
    """The plain words between the bars of a regular expression."""
    return set(re.findall(r"(?<=[(|:])[a-z]+(?=[|)])", text))


def common_words() -> set[str]:
    """The small words of every language, which a regular expression would list."""
    return {word for code in LANGUAGES for word in re.findall(r"[a-z]{2,}", str(locale(code).data["function_words"]))}


def findings(name: str, texts: Iterator[str]) -> set[tuple[str, str]]:
    """What in the literals of a module belongs in a locale file."""
    small, found = common_words(), set[tuple[str, str]]()
    for text in texts:
        found |= {(name, word) for word in foreign_words(text)}
        found |= {(name, word) for word in alternatives(text) & (small | set(LANGUAGES))}
        if text in LANGUAGES:
            found.add((name, text))
    return found


def test_no_module_holds_a_language() -> None:
    found = set[tuple[str, str]]()
    for path in MODULES:
        found |= findings(str(path.relative_to(READER)), literals(path))
    assert found - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) - found == set(), "an exception that nothing needs"


@pytest.mark.parametrize("text", ["de", "証券", "năm", r"(?:and|und|y)\Z", r" (?:of |de)?", "[年년]"], ids=ascii)
def test_the_guard_sees_a_language(text: str) -> None:
    assert findings("module.py", iter([text]))


@pytest.mark.parametrize("text", [r"[\u0620-\u06ff]", "Q1", "fiscal", "⁰¹²", r"(?:groups|BODY)"], ids=ascii)
def test_the_guard_lets_signs_and_names_pass(text: str) -> None:
    assert not findings("module.py", iter([text]))


# The files -----------------------------------------------------------------------------------------------------------


def read(code: str) -> dict[str, Any]:
    return tomllib.loads((LOCALES / f"{code}.toml").read_text("utf-8"))


def test_every_file_is_a_language() -> None:
    assert {path.stem for path in LOCALES.iterdir()} == {*LANGUAGES, "common"}
    assert len({read(code)["rank"] for code in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_habits_have_known_values(code: str) -> None:
    own = read(code)
    assert own["style"] in {"words", "none", "korean", "arabic"}
    assert own["script"] in {"latin", "arabic", "hangul", "kana", "han"}
    assert own["date_order"] in {"day_first", "year_first", "open"}
    assert own.get("capitals", "names") in {"names", "nouns", "titles"}
    assert own.get("resembles") in {None, *LANGUAGES}


def test_the_program_reads_every_section() -> None:
    """No words that nobody reads: a section or a habit of a file is named in the program."""
    known = {word for path in MODULES for text in literals(path) for word in re.findall(r"\w+", text)}
    named = {key for code in LANGUAGES for key in read(code)} | set(common())
    assert named - known - {"name", "rank"} == set()


def test_patterns_compile() -> None:
    for own in (*(read(code) for code in LANGUAGES), common()):
        assert all(re.compile(pattern) for pattern in own.get("patterns", {}).values())
