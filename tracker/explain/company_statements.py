"""Statements of one company, with what stands behind each of them and beside it.

A statement rests on a filing or on characters of an article. Beside it stand other witnesses, its versions, and what
people have corrected.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import NothingMatchedError, UsageError
from tracker.explain.node import Node, make_node, row_to_json
from tracker.explain.text import describe_correction, describe_statement, describe_version, shorten_id
from tracker.warehouse.identity import explain_rename

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.warehouse.reader import Warehouse

    Row = Mapping[str, Any]
    #: Quotes the article around a statement: returns a `sentence`, a `note` why there is none, or nothing.
    Quote = Callable[[Row], dict[str, str]]

__all__ = ["CompanyStatements", "find_fact", "find_id_in_force", "print_sign", "read_corrections", "read_rows"]

_ID: Final = re.compile(r"[0-9a-f]{8,32}", re.ASCII)
_MINUS: Final = "\N{MINUS SIGN}"


def find_id_in_force(warehouse: Warehouse, stored_as: str) -> str:
    """Find the id in force of a company by its stored id; return the stored id if the company was removed."""
    query = "select entity from entity_id where stored_as = $stored_as and not is_withdrawn and entity is not null"
    found = read_rows(warehouse, query, {"stored_as": stored_as})
    return str(found[0]["entity"]) if found else stored_as


def find_fact(warehouse: Warehouse, fact_id: str) -> tuple[str, str]:
    """Find a statement by its id or the first 8 digits or more; return its id, and the stored id of its company.

    Raises:
        UsageError: the text is not the beginning of an id.
        NothingMatchedError: no statement has such an id, or several have.

    """
    values = fact_id.strip().lower()
    if not _ID.fullmatch(values):
        raise UsageError(f"{fact_id!r} is not an id; give 8 to 32 hexadecimal digits as `tracker explain` prints them")
    query = """select distinct lower(hex(fact_id)) as id, entity from fact
               where retracts is null and starts_with(lower(hex(fact_id)), $id) order by all limit 5"""
    found = read_rows(warehouse, query, {"id": values})
    if not found:
        raise NothingMatchedError(f"no fact has the id {fact_id}; `tracker explain COMPANY METRIC PERIOD` prints ids")
    if len(found) > 1:
        raise NothingMatchedError(f"{fact_id} may be {', '.join(row['id'] for row in found)}; give more digits")
    return found[0]["id"], found[0]["entity"]


def read_corrections(warehouse: Warehouse, entity: str | None) -> list[Row]:
    """Read the corrections in force for a company (None: all), those that move a statement to it or away included.

    They come from the whole warehouse, because a correction may move a statement from one company to another.
    """
    if not warehouse.snapshot.files.get("correction"):
        return []
    query = """select c.*, coalesce(c.metric_before, t.metric) as was_of
               from correction_state c left join metric_tag t on t.concept = c.concept_before
               where c.target_id is not null and coalesce($entity in (c.entity, c.entity_before), true)
               order by c.target_id"""
    return [*read_rows(warehouse, query, {"entity": entity})]


class CompanyStatements:
    """The statements of a company with their evidence. `corrections` are those that concern it."""

    def __init__(self, warehouse: Warehouse, entity: str, quote: Quote, corrections: Sequence[Row]) -> None:
        self.warehouse = warehouse
        self.entity = entity
        self.quote = quote
        self.corrections = corrections
        self._facts: dict[str, Row] = {}

    def read_rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        """Read the rows of a query about the company, which is `$entity` in it."""
        return read_rows(self.warehouse, query, {"entity": self.entity, **values})

    def read_facts(self, ids: list[str]) -> list[Row]:
        """Read statements by id, each with the file of its source."""
        missing = [fact for fact in ids if fact not in self._facts]
        if missing:
            for view in ("statement", "segment_statement"):
                query = f"""select s.*, o.file, o.sha256, o.url
                            from {view} s left join source o on o.source_id = s.source_id
                            where s.fact_id in (select unhex(unnest($ids)))"""
                rows = read_rows(self.warehouse, query, {"ids": missing}) if missing else []
                self._facts |= {row["fact_id"].hex(): row for row in rows}
                missing = [fact for fact in missing if fact not in self._facts]
        return [self._facts[fact] for fact in ids if fact in self._facts]

    def make_operand(self, sign: str, fact_id: str) -> Node:
        """Make the node of a statement in a sum: its sign, its evidence, and its other versions."""
        (fact,) = self.read_facts([fact_id])
        below = (*self.list_evidence(fact), *self.list_witnesses(fact), *self.list_vintages(fact))
        return Node(f"{print_sign(sign)} {describe_statement(fact)}", {"sign": sign, **row_to_json(fact)}, below)

    def list_evidence(self, fact: Row) -> tuple[Node, ...]:
        """List the correction that made a statement, and the sentence of an article around the figure."""
        found = self.quote(fact)
        text = f"“{found['sentence']}”" if "sentence" in found else found.get("note")
        corrections = [row for row in self.corrections if row["corrected_id"] == fact["fact_id"]]
        return (
            *(make_node(describe_correction(row), row) for row in corrections),
            *([Node(text, dict(found))] if text else []),
        )

    def list_witnesses(self, fact: Row) -> tuple[Node, ...]:
        """List the other witnesses of a statement: company facts and the filing's own document may both state it."""
        if fact["method"] != "reported" or fact["value"] is None or fact.get("dimensions"):
            return ()
        others = self.read_rows(
            """select s.* from statement s
               where s.entity = $entity and s.concept = $concept and s.unit = $unit and s.value = $value
                 and s.period_end = $last and s.period_start is not distinct from $first and s.method = 'reported'
                 and s.accession = $accession and (s.quote is null) <> $is_printed
               order by s.fact_id""",
            concept=fact["concept"], unit=fact["unit"], value=fact["value"], first=fact["period_start"],
            last=fact["period_end"], accession=fact["accession"], is_printed=fact["quote"] is None,
        )  # fmt: skip
        return tuple(make_node(f"also stated: {describe_statement(row)}", row) for row in others)

    def list_corrections(self, metric: str, period: str) -> tuple[Node, ...]:
        """List the statements of a figure that a person retracted, or moved to another figure."""
        return tuple(
            self.explain_correction(row)
            for row in self.corrections
            if (row["entity_before"], row["was_of"]) == (self.entity, metric)
            and period in self._labels.get((row["period_start_before"], row["period_end_before"]), set())
            and self._make_figure_key(row) != self._make_figure_key(row, "_before")
        )

    def list_stored_ids(self) -> tuple[Node, ...]:
        """List the other ids under which the company's statements are stored."""
        rows = self.read_rows(
            """select i.stored_as, i.entity, i.cause, i.reason, i.made_by,
                   coalesce(i.made_on, cast(i.recorded_at as date)) as made_on
               from entity_id i
               where i.entity = $entity and not i.is_withdrawn and i.stored_as in (select distinct entity from fact)
               order by 1"""
        )
        return tuple(
            make_node(f"stored as {row['stored_as']}, shown as {row['entity']} ({explain_rename(row)})", row)
            for row in rows
        )

    def _make_figure_key(self, correction: Row, suffix: str = "") -> tuple[object, ...]:
        """Return the key of a correction's figure; with the suffix, the one before it. Empty after a retraction."""
        names = ("entity", "concept", "period_start", "period_end")
        return tuple(correction[name + suffix] for name in names) if suffix or correction["corrected_id"] else ()

    @cached_property
    def _labels(self) -> Mapping[tuple[object, object], set[str]]:
        """Return the labels of periods by their days."""
        labels: dict[tuple[object, object], set[str]] = {}
        rows = self.read_rows(
            "select distinct period_start, period_end, fiscal_period from statement "
            "where entity = $entity and fiscal_period is not null"
        )
        for row in rows:
            labels.setdefault((row["period_start"], row["period_end"]), set()).add(row["fiscal_period"])
        return labels

    def explain_correction(self, correction: Row) -> Node:
        """Explain a retracted or corrected statement, with the one in its place."""
        replacement = self.read_facts([correction["corrected_id"].hex()]) if correction["corrected_id"] else []
        text = describe_correction(correction)
        of = f"fact {shorten_id(correction['target_id'])} is corrected" if replacement else ""
        below = tuple(make_node(describe_statement(fact), fact, self.list_evidence(fact)) for fact in replacement)
        return make_node(f"{of}: {text.removeprefix('corrected ')}" if of else text, correction, below)

    def list_vintages(self, fact: Row) -> tuple[Node, ...]:
        """List what the company stated for the same days before and after."""
        versions = self.read_rows(
            """select o.*, v.version_no as own_version
               from version v
               join version o on o.entity = v.entity and o.concept = v.concept and o.unit = v.unit
                   and o.period_end = v.period_end and o.period_start is not distinct from v.period_start
               where v.fact_id = $id order by o.version_no""",
            id=fact["fact_id"],
        )
        return tuple(
            make_node(
                f"{'before' if row['version_no'] < row['own_version'] else 'later'}: {describe_version(row)}",
                row,
            )
            for row in versions
            if row["version_no"] != row["own_version"]
        )

    def list_versions(self, fact: Row) -> tuple[Node, ...]:
        """List each value that the company gave for the days of a statement; none for a part of the company."""
        if fact.get("dimensions"):
            return ()
        rows = self.read_rows(
            """select * from version where entity = $entity and concept = $concept and unit = $unit
               and period_end = $last and period_start is not distinct from $first order by version_no""",
            concept=fact["concept"], unit=fact["unit"], first=fact["period_start"], last=fact["period_end"],
        )  # fmt: skip
        return tuple(make_node(f"version {row['version_no']}: {describe_version(row)}", row) for row in rows)


def print_sign(sign: str) -> str:
    """Return the sign of a term as it is printed, with a true minus."""
    return _MINUS if sign == "-" else sign


def read_rows(warehouse: Warehouse, query: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    """Read the rows of a query with those of the parameters that it names."""
    values = {name: value for name, value in parameters.items() if f"${name}" in query}
    return warehouse.records(query, values)
