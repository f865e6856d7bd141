"""What changed between two states of what is known: every number before and after, with the cause and its sources.

The states are two warehouses: one snapshot as of two days, or two commits of one folder. A number is a figure of a
metric and period, or the guidance in force; it has changed where its value or a bound has. Causes are read off the
statements behind it: which stand in one state and not in the other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from tracker.model.arrays import array_of
from tracker.model.quantity import amount_text
from tracker.warehouse.identity import renamed_between
from tracker.warehouse.reasons import Amount, Days, Reason
from tracker.warehouse.snapshot import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from tracker.warehouse.identity import Renamed
    from tracker.warehouse.reader import Result, Warehouse

    _Facts = Sequence[Mapping[str, Any]]

__all__ = ["CAUSES", "Change", "as_result", "diff"]

#: Why a number is another than before.
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
    """One number that is not what it was. Amounts are in whole units of `unit`; where there is no number, None.

    `span` is quarter, half, nine_months, year or other; `fiscal_period` the company's own label, or the days where it
    has none; `what` is figure, guidance or company (one that is called otherwise, without a number); `cause` is one of
    CAUSES, `reason` the same in detail, `detail` its English text; `sources` accession numbers or source ids;
    `known_at` since when the number shown after could be known.
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
        """The cause as an English sentence."""
        return str(self.reason)

    def mirrored(self) -> Change:
        """The same change seen from its other end."""
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
    """The numbers that differ between two states, by company, metric and period; of these companies, or of all.

    The cause is what happened on the way from the earlier state to the later, in whichever order they are given: the
    other way round, values before and after change places and all else is the same.
    """
    if entities:
        kept = frozenset({*entities, *_also_called(before, after, entities)})
        with before.for_companies([*kept]) as first, after.for_companies([*kept]) as second:
            return tuple(change for change in diff(first, second) if change.entity in kept)
    if _when(after) < _when(before):
        return tuple(change.mirrored() for change in diff(after, before))
    for state in (before, after):
        state.materialize()  # several questions over the same views
    renamed = renamed_between(before, after)
    changed = _changed(before, after, renamed)
    if not changed:
        return tuple(map(_called, renamed))
    history = _History(before, after, changed, renamed)
    return (*map(_called, renamed), *(_told(row, history) for row in changed))


def _also_called(before: Warehouse, after: Warehouse, entities: Sequence[str]) -> list[str]:
    """What these companies are called in the other state."""
    found = renamed_between(*sorted((before, after), key=_when))
    return [
        name for one in found if {one.before, one.entity} & {*entities} for name in (one.before, one.entity) if name
    ]


def _called(one: Renamed) -> Change:
    """A company that is called otherwise, as a change without a number."""
    numbers = (None, None, None, None, None, None)
    entity = one.entity or one.before
    return Change(
        entity, None, "", "", "", "", "company", *numbers, cause="renamed", reason=_renaming(one), sources=(),
        known_at=None,
    )  # fmt: skip


def _renaming(one: Renamed) -> Reason:
    """What a company is called now, and why."""
    if one.entity is None:
        return Reason("removed", {"company": one.before, "words": one.why})
    return Reason("shown_as", {"company": one.before, "entity": one.entity, "words": one.why})


def _when(state: Warehouse) -> tuple[int, datetime]:
    known = datetime.max.replace(tzinfo=UTC) if state.as_of is None else moment_of(state.as_of)
    return state.snapshot.versions.get("fact", 0), known


def _changed(before: Warehouse, after: Warehouse, renamed: Iterable[Renamed]) -> list[dict[str, Any]]:
    """The rows of both states whose numbers differ, side by side; of a renamed company under its later id."""
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


def _told(row: Mapping[str, Any], history: _History) -> Change:
    values = {field.name: row[field.name] for field in fields(Change) if field.name in row}
    found = history.cause(row)
    return Change(**values, cause=found.cause, reason=found.reason, sources=_sources(found.behind))


# -- on its way out ----------------------------------------------------------------------------------

_TYPES: Final = {
    **dict.fromkeys(("value_before", "value", "low_before", "low", "high_before", "high"), pa.decimal128(38, 6)),
    "sources": pa.list_(pa.string()),
    "known_at": pa.timestamp("us", tz="UTC"),
}


def as_result(warehouse: Warehouse, changes: Sequence[Change], *, is_short: bool) -> Result:
    """The changes as rows to write: all columns, or the few that fit a screen with amounts as people read them."""
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
    "before": lambda change: _shown(change.value_before, change.low_before, change.high_before, change),
    "after": lambda change: _shown(change.value, change.low, change.high, change),
    "unit": lambda change: change.unit,
    "cause": lambda change: change.cause,
    "detail": lambda change: change.detail,
}


def _shown(value: Decimal | None, low: Decimal | None, high: Decimal | None, change: Change) -> str:
    """A figure as its value, guidance as its range; a dash where there is none."""
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
    """The statements behind changed numbers, and which of them stand in the one state and in the other."""

    def __init__(
        self, before: Warehouse, after: Warehouse, changed: Iterable[Mapping[str, Any]], renamed: Iterable[Renamed]
    ) -> None:
        self.before = before
        self.after = after
        self.renamed = {name: one for one in renamed for name in (one.before, one.entity) if name}
        self.ids = sorted({fact for row in changed for side in ("facts_before", "facts") for fact in row[side]})
        self.facts = {fact["id"]: fact for state in (before, after) for fact in self._asked(state, _FACTS)}
        self.stood, self.stands = ({row["id"] for row in self._asked(state, _STANDING)} for state in (before, after))
        self.rules = tuple(state.records(_RULES)[0]["version"] for state in (before, after))
        self.fixed_before, self.fixed = (_by_hand(state) for state in (before, after))

    def _asked(self, state: Warehouse, query: str) -> list[dict[str, Any]]:
        return state.records(query, {"ids": self.ids})

    @cached_property
    def _version_of(self) -> Mapping[str, int]:
        """The place of a statement among the versions of its figure; asked for where something may be restated."""
        return {row["id"]: row["version_no"] for row in self._asked(self.after, _VERSIONS)}

    @cached_property
    def _withdrawn_at(self) -> Mapping[str, datetime]:
        return {row["id"]: row["withdrawn_at"] for row in self._asked(self.after, _WITHDRAWN)}

    def cause(self, row: Mapping[str, Any]) -> _Cause:
        """Why the number is another: what came and what went, else the rules, else what stands beside it."""
        earlier = [self.facts[fact] for fact in row["facts_before"]]
        came = tuple(self.facts[fact] for fact in row["facts"] if fact not in self.stood)
        gone = tuple(fact for fact in earlier if fact["id"] not in self.stands)
        if by_hand := self._fixed(row, came, gone):
            return by_hand
        if not came and row["entity"] in self.renamed:
            return self._regrouped(self.renamed[row["entity"]], (*earlier, *(self.facts[f] for f in row["facts"])))
        if came:
            return self._reread(came, gone) or self._restated(came, earlier) or _arrived(row, came, earlier)
        if gone:
            return self._withdrawn(gone)
        return self._ruled(row) or self._elsewhere(row)

    def _regrouped(self, one: Renamed, facts: _Facts) -> _Cause:
        """Another company's statements, or none: the company is called otherwise, and its rules are those of its id."""
        return _Cause("renamed", _renaming(one), facts)

    def _fixed(self, row: Mapping[str, Any], came: _Facts, gone: _Facts) -> _Cause | None:
        """What a person corrected or retracted, or a correction that was taken back."""
        note = self._note((*came, *gone))
        if note is None:
            return None
        found = self._reread(came, gone) or (_arrived(row, came, ()) if came else None)
        reason = found.reason if found else _gone("statement_gone", gone[0])
        return _Cause("correction", _noted(reason, note), found.behind if found else gone)

    def _note(self, facts: _Facts) -> Reason | None:
        """What a person did with the first of these statements that somebody changed between the states."""
        return next(filter(None, (self._change_by_hand(fact["id"]) for fact in facts)), None)

    def _change_by_hand(self, fact: str) -> Reason | None:
        now, then = self.fixed.get(fact), self.fixed_before.get(fact)
        if now == then:
            return None
        if now is None:
            return Reason("correction_taken_back")
        code = "retracted_by" if now["state"] == "retracted" else "corrected_by"
        return Reason(code, {"who": now["made_by"], "day": now["made_on"], "words": now["reason"]})

    def _reread(self, came: _Facts, gone: _Facts) -> _Cause | None:
        """The same source, read otherwise."""
        for now in came:
            for then in gone:
                if now["source_id"] == then["source_id"]:
                    told = {"place": _place(now), "now": _stated(now), "before": _stated(then)}
                    return _Cause("correction", Reason("reread", told), (now, then))
        return None

    def _restated(self, came: _Facts, earlier: _Facts) -> _Cause | None:
        """The company's own later word on a period it had stated: another version, not only other digits."""
        for now in came:
            for then in earlier:
                is_same_figure = all(
                    now[name] == then[name] for name in ("concept", "unit", "period_start", "period_end")
                )
                if is_same_figure and self._version_of.get(now["id"], 0) > max(1, self._version_of.get(then["id"], 1)):
                    return _Cause("restatement", _restating(now, then), (now, then))
        return None

    def _withdrawn(self, gone: _Facts) -> _Cause:
        first = gone[0]
        at = self._withdrawn_at.get(first["id"])
        reason = _gone("statement_withdrawn", first, day=at.date()) if at else _gone("statement_gone", first)
        return _Cause("withdrawn", reason, gone)

    def _ruled(self, row: Mapping[str, Any]) -> _Cause | None:
        if self.rules[0] == self.rules[1]:
            return None
        facts = tuple(self.facts[fact] for fact in row["facts"] or row["facts_before"])
        meant = {"definition": row["definition"] or "nothing", "earlier": row["definition_before"] or "nothing"}
        versions = {"now": str(self.rules[1]), "before": str(self.rules[0])}
        return _Cause("new rule", Reason("definitions_changed", {**versions, **meant}), facts)

    def _elsewhere(self, row: Mapping[str, Any]) -> _Cause:
        """The number's own statements stand on both sides: another statement of the company decides otherwise."""
        own = [self.facts[fact] for fact in (*row["facts_before"], *row["facts"])]
        asked = {"entity": row["entity"], "concepts": sorted({fact["concept"] for fact in own})}
        stood, stands = (
            {fact["id"]: fact["is_near"] for fact in state.records(_OF_COMPANY, asked)}
            for state in (self.before, self.after)
        )
        for cause, here, there in ((None, stands, stood), ("withdrawn", stood, stands)):
            other = [fact for fact in here if fact not in there]
            near = [fact for fact in other if here[fact]] or other
            if near:
                return self._decided(near, cause)
        return _Cause("new rule", Reason("calendar_changed"), tuple(own))

    def _decided(self, ids: Collection[str], cause: str | None) -> _Cause:
        facts = self.after.records(_FACTS, {"ids": sorted(ids)})
        newest = max(fact["known_at"] for fact in facts)
        last = tuple(fact for fact in facts if fact["known_at"] == newest)
        code = "withdrawal_decides" if cause else "statement_decides"
        reason = Reason(code, {"place": _place(last[0]), "day": newest.date()})
        note = self._note(facts)
        if note is None:
            return _Cause(cause or _kind(last[0]), reason, last)
        return _Cause("correction", _noted(reason, note), last)


def _by_hand(state: Warehouse) -> dict[str, Mapping[str, Any]]:
    """The corrections of a state by the statements they take out and put in place."""
    rows = state.records(_BY_HAND)
    return {fact: row for row in rows for fact in (row["target"], row["corrected"]) if fact}


def _arrived(row: Mapping[str, Any], came: _Facts, earlier: _Facts) -> _Cause:
    """A statement that was not there before decides the number."""
    newest = max(came, key=lambda fact: (fact["known_at"], fact["id"]))
    where = {"place": _place(newest), "day": newest["known_at"].date()}
    if row["status"]:  # a step of guidance
        status = "first given" if row["status"] == "initial" else row["status"]
        cause = "withdrawn" if status == "withdrawn" else _kind(newest)
        return _Cause(cause, Reason("guided", {**where, "status": status}), came)
    others = sorted({_place(fact) for fact in earlier} - {_place(fact) for fact in came})
    if not others:
        return _Cause(_kind(newest), Reason("stated", where), came)
    return _Cause(_kind(newest), Reason("stated_instead", {**where, "others": ", ".join(others)}), came)


def _noted(reason: Reason, note: Reason) -> Reason:
    """A reason with what a person did."""
    return replace(note, parameters={**note.parameters, "reason": reason})


def _gone(code: str, fact: Mapping[str, Any], **others: date) -> Reason:
    """That a statement is there no more."""
    return Reason(code, {"value": _stated(fact), "place": _place(fact), **others})


def _restating(now: Mapping[str, Any], then: Mapping[str, Any]) -> Reason:
    """What the later of two statements of one figure says in place of the earlier."""
    places = {"place": _place(now), "source": _place(then)}
    values = {"now": _stated(now), "before": _stated(then)}
    about = {"concept": now["concept"], "days": Days(now["period_start"], now["period_end"])}
    return Reason("restated", {**places, **values, **about})


def _kind(fact: Mapping[str, Any]) -> str:
    if fact["accession"] or fact["source_kind"] == "filing":
        return "new filing"
    return "new article" if fact["source_kind"] in {"article", "news"} else "new source"


def _source(fact: Mapping[str, Any]) -> str:
    return str(fact["accession"] or fact["source_id"])


def _sources(facts: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({_source(fact) for fact in facts}))


def _place(fact: Mapping[str, Any]) -> str:
    """The source, and the characters where there are any."""
    if fact["span_start"] is not None:
        return f"{fact['source_id']} [{fact['span_start']}, {fact['span_end']})"
    return f"{fact['form']} {_source(fact)}" if fact["form"] else _source(fact)


def _stated(fact: Mapping[str, Any]) -> Amount | str:
    if fact["value"] is None and fact["low"] is None and fact["high"] is None:
        return "no number"
    ends = (fact["low"], fact["high"]) if fact["value"] is None else (fact["value"],)
    return Amount(ends, fact["unit"])
