"""The result of reading one path, and the lines that describe it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tracker.errors import Problem
    from tracker.warehouse.writer import Committed

__all__ = ["Ingestion", "describe_changes", "describe_ingestion", "list_problems"]

#: How many problems of a path are listed one by one.
_MOST_LISTED: Final = 20
#: How a change in a table other than `fact` is described: for one row, for several.
_CHANGES: Final = {
    "pin": ("1 pin changed", "{} pins changed"),
    "fx_rate": ("exchange rates of 1 year new or changed", "exchange rates of {} years new or changed"),
    "correction": ("1 correction changed", "{} corrections changed"),
    "source": ("1 source new or changed", "{} sources new or changed"),
    "member_label": ("labels of 1 filing new or changed", "labels of {} filings new or changed"),
    "entity": ("1 company new or changed", "{} companies new or changed"),
    "entity_alias": ("names of 1 company changed", "names of {} companies changed"),
    "listing": ("1 list of names new or changed", "{} lists of names new or changed"),
    "metric": ("metrics changed", ""),  # with their tags and parts, which have the same version
}


@dataclass(frozen=True, slots=True)
class Ingestion:
    """One path that was read: its commits, the problems that were found, and notes."""

    path: Path
    commits: tuple[Committed, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def added(self) -> int:
        """Count the facts that are new."""
        return sum(commit.added for commit in self.commits)

    @property
    def known(self) -> int:
        """Count the facts that were stored before."""
        return sum(commit.known for commit in self.commits)

    @property
    def withdrawn(self) -> int:
        """Count the facts that the source stated before and no longer states."""
        return sum(commit.withdrawn for commit in self.commits)

    @property
    def changed(self) -> Counter[str]:
        """Count what changed in other tables than `fact`, by table: sources, companies, pins."""
        return sum((Counter(commit.changed) for commit in self.commits), Counter())

    @property
    def held(self) -> tuple[str, ...]:
        """List the ids of the batches that are held."""
        return tuple(commit.batch for commit in self.commits if commit.is_held)


def describe_ingestion(name: str, ingestion: Ingestion) -> str:
    """Describe in one line the result of reading the path of this name."""
    parts = [f"{ingestion.added} new", f"{ingestion.known} known"]
    parts += [f"{ingestion.withdrawn} withdrawn"] if ingestion.withdrawn else []
    parts += [_count_problems(len(ingestion.problems))] if ingestion.problems else []
    parts += [f"{len(ingestion.held)} held"] if ingestion.held else []
    has_facts = ingestion.added or ingestion.withdrawn or ingestion.held
    changes = describe_changes({"pin": ingestion.changed["pin"]} if has_facts else ingestion.changed)
    idle = "" if has_facts or changes else " (nothing to add)"
    return f"{name}: {', '.join([*parts, *changes])}{idle}" + "".join(f"; {note}" for note in ingestion.notes)


def list_problems(problems: Sequence[Problem]) -> list[str]:
    """Return one line for each of the first problems, and one that counts the others by their code."""
    lines = [f"  {problem}" for problem in problems[:_MOST_LISTED]]
    rest = Counter(problem.code for problem in problems[_MOST_LISTED:])
    if rest:
        kinds = ", ".join(f"{count} {code}" for code, count in rest.most_common())
        lines.append(f"  and {_count_problems(rest.total())} more: {kinds}")
    return lines


def _count_problems(count: int) -> str:
    return "1 problem" if count == 1 else f"{count} problems"


def describe_changes(changed: Mapping[str, int]) -> list[str]:
    """Describe what changed in other tables than `fact`: one phrase a table."""
    return [
        one if changed[table] == 1 else several.format(changed[table])
        for table, (one, several) in _CHANGES.items()
        if changed.get(table)
    ]
