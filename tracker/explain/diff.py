"""Find which numbers differ between two states, with the cause of each change and its sources.

The states are two warehouses: one snapshot as of two days, or two commits of one folder. A number is a figure of a
metric and period, or the guidance in force. It has changed if its value or a bound has. The cause follows from the
statements behind the number: some stand in one state and not in the other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from tracker.model.arrays import array_of
from tracker.model.quantity import amount_text
from tracker.warehouse.identity import list_renames
from tracker.warehouse.reasons import Amount, Days, Reason
from tracker.warehouse.snapshot import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from tracker.warehouse.identity import IdChange
    from tracker.warehouse.reader import Result, Warehouse

    _Facts = Sequence[Mapping[str, Any]]

__all__ = ["CAUSES", "Change", "diff", "make_result"]

#: The causes of changes.
CAUSES: Final = (
    "new filing", "new article", "new source", "restatement", "correction", "new rule", "withdrawn", "renamed",
)  # fmt: skip

_NUMBERS: Final = """
    select
        'figure' as what, f.entity, f.name, f.metric, f.span, f.fiscal_period, cast(null as varchar) as status,
        '' as days, f.period_end, f.unit, f.value, f.low, f.high, o.facts, f.definition, f.known_at
    from figure f
    join (
        select entity, metric, span, fiscal_period, list(lower(hex(fact_id)) order by position) as facts
        from operand group by entity, metric, span, fiscal_period
    ) o using (entity, metric, span, fiscal_period)
    where f.value is not null
    union all
    select
        'guidance', g.entity, g.name, coalesce(g.metric, g.concept),
        case
            when g.fiscal_period like 'FY%' or g.fiscal_period like 'CY%' then 'year'
            when g.fiscal_period like '%Q_' then 'quarter'
            when g.fiscal_period like '%H_' then 'half'
            when g.fiscal_period like '%M9' then 'nine_months'
            else 'other'
        end,
        coalesce(g.fiscal_period, d.days), g.status, d.days, g.period_end, g.unit, g.value, g.low, g.high,
        [lower(hex(g.fact_id))], g.concept, g.issued_at
    from guidance g
    cross join lateral (
        select coalesce(cast(g.period_start as varchar) || '/', '') || cast(g.period_end as varchar) as days
    ) d
"""
_KEY: Final = ("what", "entity", "metric", "span", "fiscal_period", "days", "unit")
_CHANGED: Final = f"""
    select
        {", ".join(_KEY)}, coalesce(a.name, b.name) as name, b.value as value_before, b.low as low_before,
        b.high as high_before, coalesce(b.facts, []) as facts_before, b.definition as definition_before, a.value, a.low,
        a.high, coalesce(a.facts, []) as facts, a.definition, a.status, a.known_at
    from numbers_before b
    full join numbers_after a using ({", ".join(_KEY)})
    where a.value is distinct from b.value or a.low is distinct from b.low or a.high is distinct from b.high
    order by entity, metric, what, coalesce(a.period_end, b.period_end), span, fiscal_period, days, unit
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One number that has changed. Amounts are in whole units of `unit`; None means that there is no number.

    `span` is quarter, half, nine_months, year or other. `fiscal_period` is the company's own label, or the days if it
    has none. `what` is figure, guidance or company (a company with a new id; it has no number). `cause` is one of
    CAUSES, `reason` says more, and `detail` is its English text. `sources` are accession numbers or source ids.
    `known_at` is the moment since which the new number could be known.
    """

    entity: str
    name: str | None
    metric: str
    span: str
    fiscal_period: str
    unit: str
    what: str
    value_before: Decimal | None
    value: Decimal | None
    low_before: Decimal | None
    low: Decimal | None
    high_before: Decimal | None
    high: Decimal | None
    cause: str
    reason: Reason
    sources: tuple[str, ...]
    known_at: datetime | None

    @property
    def detail(self) -> str:
        """Return the cause as an English sentence."""
        return str(self.reason)

    def mirror(self) -> Change:
        """Return the same change with before and after exchanged."""
        return replace(
            self,
            value_before=self.value,
            value=self.value_before,
            low_before=self.low,
            low=self.low_before,
            high_before=self.high,
            high=self.high_before,
        )


def diff(before: Warehouse, after: Warehouse, entities: Sequence[str] = ()) -> tuple[Change, ...]:
    """Find the numbers that differ between two states, for these companies or for all.

    They are in the order of company, metric and period. The cause is what happened from the earlier state to the later,
    whichever is given first: if the later one is, the values before and after are exchanged, and nothing else.
    """
    if entities:
        kept = frozenset({*entities, *_find_other_ids(before, after, entities)})
        with before.for_companies([*kept]) as first, after.for_companies([*kept]) as second:
            return tuple(change for change in diff(first, second) if change.entity in kept)
    if _make_order_key(after) < _make_order_key(before):
        return tuple(change.mirror() for change in diff(after, before))
    for state in (before, after):
        if not state.is_derived:
            state.materialize()  # several queries read the same views
    renamed = list_renames(before, after)
    changed = _find_changed_numbers(before, after, renamed)
    if not changed:
        return tuple(map(_rename_to_change, renamed))
    history = _History(before, after, changed, renamed)
    return (*map(_rename_to_change, renamed), *(_explain_change(row, history) for row in changed))


def _find_other_ids(before: Warehouse, after: Warehouse, entities: Sequence[str]) -> list[str]:
    """Find the ids of these companies in the other state."""
    found = list_renames(*sorted((before, after), key=_make_order_key))
    return [
        name for one in found if {one.before, one.entity} & {*entities} for name in (one.before, one.entity) if name
    ]


def _rename_to_change(one: IdChange) -> Change:
    """Make the change of a company with a new id; it has no number."""
    numbers = (None, None, None, None, None, None)
    entity = one.entity or one.before
    return Change(
        entity, None, "", "", "", "", "company", *numbers, cause="renamed", reason=_rename_to_reason(one), sources=(),
        known_at=None,
    )  # fmt: skip


def _rename_to_reason(one: IdChange) -> Reason:
    """Make the reason of a new id: the id, and why."""
    if one.entity is None:
        return Reason("removed", {"company": one.before, "words": one.why})
    return Reason("shown_as", {"company": one.before, "entity": one.entity, "words": one.why})


def _make_order_key(state: Warehouse) -> tuple[int, datetime]:
    """Return the key that puts states in order: the commit, then the moment of knowledge."""
    known = datetime.max.replace(tzinfo=UTC) if state.as_of is None else moment_of(state.as_of)
    return state.snapshot.versions.get("fact", 0), known


def _find_changed_numbers(before: Warehouse, after: Warehouse, renamed: Iterable[IdChange]) -> list[dict[str, Any]]:
    """Find the numbers that differ, with both states in one row; a renamed company has its later id."""
    numbers = before.sql(_NUMBERS).arrow()
    there = set(numbers.column("entity").unique().to_pylist())
    later = {one.before: one.entity for one in renamed if one.entity is not None and one.entity not in there}
    if later:
        names = [later.get(name, name) for name in numbers.column("entity").to_pylist()]
        at = numbers.column_names.index("entity")
        numbers = numbers.set_column(at, "entity", array_of(names, pa.string()))
    after.connection.register("numbers_before", numbers)
    after.connection.register("numbers_after", after.sql(_NUMBERS).arrow())
    try:
        return after.records(_CHANGED)
    finally:
        after.connection.unregister("numbers_before")
        after.connection.unregister("numbers_after")


def _explain_change(row: Mapping[str, Any], history: _History) -> Change:
    """Make the change of a row, with its cause."""
    values = {field.name: row[field.name] for field in fields(Change) if field.name in row}
    found = history.find_cause(row)
    return Change(**values, cause=found.cause, reason=found.reason, sources=_list_sources(found.behind))


# -- output -----------------------------------------------------------------------------------------

_TYPES: Final = {
    **dict.fromkeys(("value_before", "value", "low_before", "low", "high_before", "high"), pa.decimal128(38, 6)),
    "sources": pa.list_(pa.string()),
    "known_at": pa.timestamp("us", tz="UTC"),
}


def make_result(warehouse: Warehouse, changes: Sequence[Change], *, is_short: bool) -> Result:
    """Return the changes as rows: all columns, or (short) the few that fit a screen, with amounts for people."""
    if is_short:
        columns: dict[str, list[Any]] = {name: [cell(change) for change in changes] for name, cell in _SHORT.items()}
    else:
        names = ["detail" if field.name == "reason" else field.name for field in fields(Change)]
        columns = {name: [getattr(change, name) for change in changes] for name in names}
        columns["reason_code"] = [change.reason.code for change in changes]
    arrays = [array_of(values, _TYPES.get(name, pa.string())) for name, values in columns.items()]
    table = pa.Table.from_arrays(arrays, [*columns])
    warehouse.connection.register("change_found", table)
    return warehouse.sql("select * from change_found")


_SHORT: Final[Mapping[str, Callable[[Change], str | None]]] = {
    "company": lambda change: change.entity,
    "metric": lambda change: change.metric,
    "period": lambda change: change.fiscal_period,
    "before": lambda change: _print_number(change.value_before, change.low_before, change.high_before, change),
    "after": lambda change: _print_number(change.value, change.low, change.high, change),
    "unit": lambda change: change.unit,
    "cause": lambda change: change.cause,
    "detail": lambda change: change.detail,
}


def _print_number(value: Decimal | None, low: Decimal | None, high: Decimal | None, change: Change) -> str:
    """Print a figure as its value, guidance as its range, and no number as a dash."""
    unit = "ratio" if change.unit == "ratio" else ""
    if value is not None:
        return amount_text(value, unit)
    return "–" if low is None and high is None else f"{amount_text(low, unit)} to {amount_text(high, unit)}"  # noqa: RUF001 - a dash


# -- causes ------------------------------------------------------------------------------------------

_FACTS: Final = """
    select
        lower(hex(f.fact_id)) as id, f.concept, f.unit, f.period_start, f.period_end, f.value, f.low, f.high,
        f.source_id, coalesce(f.accession, s.accession) as accession, coalesce(f.form, s.form) as form,
        s.kind as source_kind, f.span_start, f.span_end, coalesce(f.known_at, f.recorded_at) as known_at
    from fact f
    left join source s on s.source_id = f.source_id
    where f.retracts is null and f.fact_id in (select unhex(unnest($ids)))
    order by f.recorded_at
"""
_STANDING: Final = "select lower(hex(fact_id)) as id from fact_known where fact_id in (select unhex(unnest($ids)))"
_OF_COMPANY: Final = """
    select lower(hex(fact_id)) as id, concept in (select unnest($concepts)) as is_near
    from fact_known where entity = $entity
"""
_WITHDRAWN: Final = """
    select lower(hex(retracts)) as id, max(recorded_at) as withdrawn_at
    from fact where retracts in (select unhex(unnest($ids))) group by retracts
"""
_VERSIONS: Final = """
    select lower(hex(fact_id)) as id, version_no from version where fact_id in (select unhex(unnest($ids)))
"""
#: What the statements of one figure have in common, beside the company.
_FIGURE: Final = ("concept", "unit", "period_start", "period_end")
_RULES: Final = "select max(version) as version from metric"
_BY_HAND: Final = """
    select
        lower(hex(e.target)) as target, lower(hex(e.corrected)) as corrected, e.state, c.reason,
        coalesce(c.made_by, 'corrections.csv') as made_by, coalesce(c.made_on, cast(e.recorded_at as date)) as made_on
    from correction_effect e
    join correction c on c.fact_id = e.correction
    where e.target is not null
"""


@dataclass(frozen=True, slots=True)
class _Cause:
    cause: str
    reason: Reason
    behind: _Facts


class _History:
    """Explains changes by the statements behind them: which of these stand in each of the two states."""

    def __init__(
        self, before: Warehouse, after: Warehouse, changed: Sequence[Mapping[str, Any]], renamed: Iterable[IdChange]
    ) -> None:
        self.before = before
        self.after = after
        self.changed = changed
        self.renamed = {name: one for one in renamed for name in (one.before, one.entity) if name}
        self.ids = sorted({fact for row in changed for side in ("facts_before", "facts") for fact in row[side]})
        self.facts = {fact["id"]: fact for state in (before, after) for fact in self._query_ids(state, _FACTS)}
        self.stood, self.stands = (
            {row["id"] for row in self._query_ids(state, _STANDING)} for state in (before, after)
        )
        self.rules = tuple(state.records(_RULES)[0]["version"] for state in (before, after))
        self.corrected_before, self.corrected = (_read_corrections(state) for state in (before, after))

    def _query_ids(self, state: Warehouse, query: str) -> list[dict[str, Any]]:
        return state.records(query, {"ids": self.ids})

    @cached_property
    def _version_of(self) -> Mapping[str, int]:
        """Number each statement among the versions of its figure, for companies that may have restated one."""
        companies = {row["entity"] for row in self.changed if any(self._pair_statements(row))}
        with self.after.for_companies(sorted(companies)) as part:
            return {row["id"]: row["version_no"] for row in self._query_ids(part, _VERSIONS)}

    def _pair_statements(self, row: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Pair the statements that came with the earlier ones of the same figure."""
        came = [self.facts[fact] for fact in row["facts"] if fact not in self.stood]
        return (
            (now, then) for now in came for then in map(self.facts.__getitem__, row["facts_before"])
            if all(now[name] == then[name] for name in _FIGURE)
        )  # fmt: skip

    @cached_property
    def _withdrawn_at(self) -> Mapping[str, datetime]:
        return {row["id"]: row["withdrawn_at"] for row in self._query_ids(self.after, _WITHDRAWN)}

    def find_cause(self, row: Mapping[str, Any]) -> _Cause:
        """Find the cause of a change: statements that came or went, else the rules, else another statement."""
        earlier = [self.facts[fact] for fact in row["facts_before"]]
        came = tuple(self.facts[fact] for fact in row["facts"] if fact not in self.stood)
        gone = tuple(fact for fact in earlier if fact["id"] not in self.stands)
        if by_hand := self._explain_by_hand(row, came, gone):
            return by_hand
        if not came and row["entity"] in self.renamed:
            return self._explain_rename(self.renamed[row["entity"]], (*earlier, *(self.facts[f] for f in row["facts"])))
        if came:
            cause = self._explain_rereading(came, gone) or self._explain_restatement(row)
            return cause or _explain_arrival(row, came, earlier)
        if gone:
            return self._explain_withdrawal(gone)
        return self._explain_rules(row) or self._explain_other_statement(row)

    def _explain_rename(self, one: IdChange, facts: _Facts) -> _Cause:
        """Explain a number that changed because its company has another id, and with it other statements or rules."""
        return _Cause("renamed", _rename_to_reason(one), facts)

    def _explain_by_hand(self, row: Mapping[str, Any], came: _Facts, gone: _Facts) -> _Cause | None:
        """Explain a number by what a person corrected or retracted, or by a correction that was taken back."""
        note = self._find_note((*came, *gone))
        if note is None:
            return None
        found = self._explain_rereading(came, gone) or (_explain_arrival(row, came, ()) if came else None)
        reason = found.reason if found else _make_gone_reason("statement_gone", gone[0])
        return _Cause("correction", _add_note(reason, note), found.behind if found else gone)

    def _find_note(self, facts: _Facts) -> Reason | None:
        """Find what a person did between the states to the first of these statements that a person changed."""
        return next(filter(None, (self._find_change_by_hand(fact["id"]) for fact in facts)), None)

    def _find_change_by_hand(self, fact: str) -> Reason | None:
        now, then = self.corrected.get(fact), self.corrected_before.get(fact)
        if now == then:
            return None
        if now is None:
            return Reason("correction_taken_back")
        code = "retracted_by" if now["state"] == "retracted" else "corrected_by"
        return Reason(code, {"who": now["made_by"], "day": now["made_on"], "words": now["reason"]})

    def _explain_rereading(self, came: _Facts, gone: _Facts) -> _Cause | None:
        """Explain a number by a source that was read again with another result."""
        for now in came:
            for then in gone:
                if now["source_id"] == then["source_id"]:
                    values = {"place": _name_place(now), "now": _make_amount(now), "before": _make_amount(then)}
                    return _Cause("correction", Reason("reread", values), (now, then))
        return None

    def _explain_restatement(self, row: Mapping[str, Any]) -> _Cause | None:
        """Explain a number by a restatement: a later version of the figure, not only other digits."""
        for now, then in self._pair_statements(row):
            if self._version_of.get(now["id"], 0) > max(1, self._version_of.get(then["id"], 1)):
                return _Cause("restatement", _make_restated_reason(now, then), (now, then))
        return None

    def _explain_withdrawal(self, gone: _Facts) -> _Cause:
        first = gone[0]
        at = self._withdrawn_at.get(first["id"])
        if at is None:
            return _Cause("withdrawn", _make_gone_reason("statement_gone", first), gone)
        return _Cause("withdrawn", _make_gone_reason("statement_withdrawn", first, day=at.date()), gone)

    def _explain_rules(self, row: Mapping[str, Any]) -> _Cause | None:
        if self.rules[0] == self.rules[1]:
            return None
        facts = tuple(self.facts[fact] for fact in row["facts"] or row["facts_before"])
        meant = {"definition": row["definition"] or "nothing", "earlier": row["definition_before"] or "nothing"}
        versions = {"now": str(self.rules[1]), "before": str(self.rules[0])}
        return _Cause("new rule", Reason("definitions_changed", {**versions, **meant}), facts)

    def _explain_other_statement(self, row: Mapping[str, Any]) -> _Cause:
        """Explain a number whose statements stand in both states: another statement of the company decided."""
        own = [self.facts[fact] for fact in (*row["facts_before"], *row["facts"])]
        parameters = {"entity": row["entity"], "concepts": sorted({fact["concept"] for fact in own})}
        stood, stands = (
            {fact["id"]: fact["is_near"] for fact in state.records(_OF_COMPANY, parameters)}
            for state in (self.before, self.after)
        )
        for cause, here, there in ((None, stands, stood), ("withdrawn", stood, stands)):
            other = [fact for fact in here if fact not in there]
            near = [fact for fact in other if here[fact]] or other
            if near:
                return self._explain_decision(near, cause)
        return _Cause("new rule", Reason("calendar_changed"), tuple(own))

    def _explain_decision(self, ids: Collection[str], cause: str | None) -> _Cause:
        facts = self.after.records(_FACTS, {"ids": sorted(ids)})
        newest = max(fact["known_at"] for fact in facts)
        last = tuple(fact for fact in facts if fact["known_at"] == newest)
        code = "withdrawal_decides" if cause else "statement_decides"
        reason = Reason(code, {"place": _name_place(last[0]), "day": newest.date()})
        note = self._find_note(facts)
        if note is None:
            return _Cause(cause or _find_source_cause(last[0]), reason, last)
        return _Cause("correction", _add_note(reason, note), last)


def _read_corrections(state: Warehouse) -> dict[str, Mapping[str, Any]]:
    """Read the corrections of a state, keyed by the statements that they withdraw and put in place."""
    rows = state.records(_BY_HAND)
    return {fact: row for row in rows for fact in (row["target"], row["corrected"]) if fact}


def _explain_arrival(row: Mapping[str, Any], came: _Facts, earlier: _Facts) -> _Cause:
    """Explain a number by a statement that was not there before."""
    newest = max(came, key=lambda fact: (fact["known_at"], fact["id"]))
    where = {"place": _name_place(newest), "day": newest["known_at"].date()}
    if row["status"]:  # a step of guidance
        status = "first given" if row["status"] == "initial" else row["status"]
        cause = "withdrawn" if status == "withdrawn" else _find_source_cause(newest)
        return _Cause(cause, Reason("guided", {**where, "status": status}), came)
    others = sorted({_name_place(fact) for fact in earlier} - {_name_place(fact) for fact in came})
    if not others:
        return _Cause(_find_source_cause(newest), Reason("stated", where), came)
    return _Cause(_find_source_cause(newest), Reason("stated_instead", {**where, "others": ", ".join(others)}), came)


def _add_note(reason: Reason, note: Reason) -> Reason:
    """Add to a reason what a person did."""
    return replace(note, parameters={**note.parameters, "reason": reason})


def _make_gone_reason(code: str, fact: Mapping[str, Any], **others: date) -> Reason:
    """Make the reason that a statement is gone."""
    return Reason(code, {"value": _make_amount(fact), "place": _name_place(fact), **others})


def _make_restated_reason(now: Mapping[str, Any], then: Mapping[str, Any]) -> Reason:
    """Make the reason that a later statement of a figure replaces an earlier one."""
    places = {"place": _name_place(now), "source": _name_place(then)}
    values = {"now": _make_amount(now), "before": _make_amount(then)}
    about = {"concept": now["concept"], "days": Days(now["period_start"], now["period_end"])}
    return Reason("restated", {**places, **values, **about})


def _find_source_cause(fact: Mapping[str, Any]) -> str:
    """Return the cause that a new statement is, by the kind of its source."""
    if fact["accession"] or fact["source_kind"] == "filing":
        return "new filing"
    return "new article" if fact["source_kind"] in {"article", "news"} else "new source"


def _name_source(fact: Mapping[str, Any]) -> str:
    return str(fact["accession"] or fact["source_id"])


def _list_sources(facts: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({_name_source(fact) for fact in facts}))


def _name_place(fact: Mapping[str, Any]) -> str:
    """Name the source of a statement, and its characters if it has any."""
    if fact["span_start"] is not None:
        return f"{fact['source_id']} [{fact['span_start']}, {fact['span_end']})"
    return f"{fact['form']} {_name_source(fact)}" if fact["form"] else _name_source(fact)


def _make_amount(fact: Mapping[str, Any]) -> Amount | str:
    if fact["value"] is None and fact["low"] is None and fact["high"] is None:
        return "no number"
    ends = (fact["low"], fact["high"]) if fact["value"] is None else (fact["value"],)
    return Amount(ends, fact["unit"])
