"""Company facts of our own making, in the SEC's shape: small tables of figures turned into files."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: start, end, value, accession, form, filed
Statement = tuple[str | None, str, float | str, str, str, str]


def company(
    cik: int, concepts: Mapping[str, Iterable[Statement]], *, unit: str = "USD", name: str = "Acme Inc."
) -> dict[str, Any]:
    """A company's file; concepts are `us-gaap` unless they carry a namespace."""
    facts: dict[str, Any] = {}
    for concept, statements in concepts.items():
        space, _, tag = concept.rpartition(":")
        rows = [_row(*statement) for statement in statements]
        facts.setdefault(space or "us-gaap", {})[tag] = {"label": tag, "description": "", "units": {unit: rows}}
    return {"cik": cik, "entityName": name, "facts": facts}


def _row(start: str | None, end: str, val: float | str, accn: str, form: str, filed: str) -> dict[str, Any]:
    # The filing's own labels are there to be ignored, and wrong on purpose.
    row = {
        "end": end,
        "val": val,
        "accn": accn,
        "fy": 1999,
        "fp": "FY",
        "form": form,
        "filed": filed,
        "frame": "CY1999Q1",
    }
    return row if start is None else {"start": start, **row}


def accession(number: int) -> str:
    """The n-th accession number of a made-up filer."""
    return f"0000000009-24-{number:06d}"


def write_company(folder: Path, content: dict[str, Any]) -> Path:
    """The file under the SEC's own name."""
    path = folder / f"CIK{int(content['cik']):010d}.json"
    path.write_text(json.dumps(content))
    return path


def write_archive(folder: Path, texts: Iterable[str], first: int = 1) -> Path:
    """The files of companies in the SEC's archive: the first is that of the CIK `first`, and so on.

    A warehouse then holds many cases, one a company, for little more than one would cost.
    """
    path = folder / "companyfacts.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for cik, text in enumerate(texts, first):
            archive.writestr(f"CIK{cik:010d}.json", text)
    return path
