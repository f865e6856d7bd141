"""Damaged documents: never a traceback, never a hang, and never another number than the document says.

What a mutant may give is checked by another, slow reading of the same bytes (`support/xbrl_oracle.py`): a fact is right
if the document, as it now is, states it in the element of this id. `test_stored_mutants.py` damages what a document means,
and stores it.
"""

from __future__ import annotations

import random
import re
import time
from typing import TYPE_CHECKING

import pytest

from support.inline import CLOSE, PURE, REALITY, SHARES, USD, WHOLE, figure, instance, page
from support.project import often
from support.xbrl_oracle import differs, list_statements
from tracker.errors import InputError
from tracker.model.entity import Entities
from tracker.sources.base import Request
from tracker.sources.sec.filing import FilingSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.model.batch import Batch

TABLE = "".join(
    f"<tr><td>Line {n}</td><td>{figure(f'{n},{n:03d}.{n % 10}', f'us-gaap:Line{n}', key, element=f'f{n}')}</td></tr>"
    for n, key in enumerate(["y", "s", "e", "y", "y", "s", "e", "y"], start=1)
)
SEED_PAGE = page(
    f"<table>{TABLE}</table><p>{figure('two', kind='ixt-sec:numwordsen', scale='0', decimals='INF', element='w')}</p>"
    + figure("1.234,5", kind="ixt:num-comma-decimal", element="c", more='sign="-"')
    + figure("", more='xsi:nil="true"', element="n"),
    WHOLE + CLOSE + REALITY + USD + SHARES + PURE,
)
SEED_INSTANCE = instance(
    "".join(
        f'<us-gaap:Line{n} id="f{n}" contextRef="y" unitRef="usd" decimals="-3">{n * 1000}</us-gaap:Line{n}>'
        for n in range(1, 9)
    )
)
TOKENS = [
    '"', "<", ">", "/>", "&", "&amp;", "&#0;", "]]>", "<!--", "-->", "<![CDATA[", "\x00", "\u00a0", "9", "-", ",", ".",
    'sign="-"', 'scale="9"', 'scale="-9999"', 'decimals="INF"', 'decimals="1e9"', "<ix:exclude>", "</ix:nonFraction>",
    '<ix:nonFraction name="us-gaap:X">', "ixt:fixed-zero", "ixt:num-comma-decimal", "<xbrli:forever/>", "2024-02-30",
    "<!DOCTYPE html>", "<ix:hidden>", "xmlns:us-gaap='http://evil.example'", "\u0663", "\ud7ff", "T24:00:00", "0" * 300,
]  # fmt: skip


def mutate(text: str, chance: random.Random) -> str:
    """Change a text in one to four places: cut, repeat, swap, or insert something that has a meaning."""
    for _ in range(chance.randint(1, 4)):
        begin = chance.randrange(len(text))
        end = min(len(text), begin + chance.choice((1, 1, 2, 8, 40, 400)))
        piece = text[begin:end]
        text = chance.choice(
            (
                text[:begin] + text[end:],
                text[:end] + piece + text[end:],
                text[:begin] + chance.choice(TOKENS) + text[begin:],
                text[:begin] + chance.choice(TOKENS) + text[end:],
                text[:begin] + piece[::-1] + text[end:],
                text[:begin] + re.sub(r"\d", lambda found: str(9 - int(found[0])), piece) + text[end:],
            )
        )
        text = text or "<"
    return text


def mutants(count: int) -> Iterator[tuple[str, str]]:
    for number in range(count):
        chance = random.Random(number)
        name, text = (("a.htm", SEED_PAGE), ("a.xml", SEED_INSTANCE))[number % 3 == 2]
        yield name, mutate(text, chance)


def read(request: Request) -> tuple[list[Batch], list[Problem]]:
    """The batches of a document, or the problems for which it is refused."""
    try:
        return list(FilingSource().read(request)), []
    except InputError as error:
        return [], error.problems


def check(name: str, text: str, folder: Path) -> str:
    """Read a mutant, and say how it went: `refused`, `facts` or `none`."""
    data = text.encode("utf-8", "surrogatepass")
    path = folder / name
    path.write_bytes(data)
    began = time.process_time()
    batches, refused = read(Request(path, name, Entities({})))
    assert time.process_time() - began < 5
    if refused:
        assert all(problem.message and problem.remedy for problem in refused)
        return "refused"
    rows = [row for batch in batches for row in batch.facts.to_pylist()]
    if rows:
        stated = [*list_statements(data)]
        for row in rows:
            assert any(not differs(row, said) for said in stated if said.element == row["element"]), (row, text)
    return "facts" if rows else "none"


def test_the_documents_themselves_are_right(tmp_path: Path) -> None:
    assert check("a.htm", SEED_PAGE, tmp_path) == "facts"
    assert check("a.xml", SEED_INSTANCE, tmp_path) == "facts"


def test_a_damaged_document_gives_no_wrong_number(tmp_path: Path) -> None:
    went = [check(name, text, tmp_path) for name, text in mutants(often(100, 2000))]
    assert {"refused", "facts"} <= set(went)


@pytest.mark.long
def test_two_thousand_damaged_documents_give_no_wrong_number(tmp_path: Path) -> None:
    went = [check(name, text, tmp_path) for name, text in mutants(2000)]
    assert went.count("facts") > 200
