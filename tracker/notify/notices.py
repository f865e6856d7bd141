"""What there is to tell: the difference between two states of a warehouse, and between two states of a job."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracker.errors import InputError, Problem, QueryError
from tracker.model.quantity import round_half_up
from tracker.warehouse.identity import list_renames
from tracker.warehouse.sandbox import answer_confined, as_condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse

__all__ = ["KINDS", "Alert", "Notice", "State", "load_alerts", "notices_between", "state_notices"]

#: Everything a notice can be about.
KINDS: Final = (
    "new_figures",
    "guidance_initial",
    "guidance_raised",
    "guidance_lowered",
    "guidance_narrowed",
    "guidance_widened",
    "guidance_withdrawn",
    "restatement",
    "threshold",
    "stale",
    "failed",
    "recovered",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. `key` names it for good: the same change has the same key, and is sent once.

    `subject` is set where the notice is about the state of something (a job, a company's data), and names it.
    """

    kind: str
    key: str
    title: str
    text: str
    entity: str | None = None
    metric: str | None = None
    fiscal_period: str | None = None
    link: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold of the user's own: `[alert.NAME] where = "metric = 'capex' and yoy_ratio > 0.3"`, over `yoy`."""

    name: str
    where: str


def load_alerts(settings: Mapping[str, Any], root: Path) -> list[Alert]:
    """The `[alert.NAME]` tables of a project's settings; InputError where one has no condition."""
    tables: Mapping[str, Any] = settings.get("alert", {})
    problems = [
        Problem(
            str(root / "tracker.toml"), None, f"alert.{name}", "alert", "says nothing but `where`, a text",
            """write `where = "metric = 'capex' and yoy_ratio > 0.3"`""",
        )
        for name, table in tables.items()
        if not isinstance(table, dict) or table.keys() != {"where"} or not isinstance(table["where"], str)
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    return [Alert(name, table["where"]) for name, table in tables.items()]


# -- the data ----------------------------------------------------------------------------------------

_TOUCHED: Final = """
    select distinct case when i.stored_as is null then f.entity else i.entity end as entity
    from fact f
    left join entity_id i on i.stored_as = f.entity and not i.is_withdrawn
    where coalesce(f.recorded_at > cast($since as timestamptz), true)
      and (i.stored_as is null or i.entity is not null)
    order by entity
"""
_NEWEST: Final = "select max(recorded_at) as at from fact"
_NAMES: Final = "select entity, name from entity_label where list_contains($entities, entity)"
_FIGURES: Final = """
    select f.entity, f.metric, coalesce(m.label, f.metric) as label, f.fiscal_period, f.period_end, f.value, f.unit,
           cast(round(cast(y.yoy_ratio as decimal(38, 12)), 6) as varchar) as ratio
    from figure f
    left join metric m on m.metric = f.metric
    left join yoy y on y.entity = f.entity and y.metric = f.metric and y.fiscal_period = f.fiscal_period
    where f.value is not null and list_contains($entities, f.entity)
    order by f.entity, f.period_end desc, f.span desc, f.metric
"""
_GUIDANCE: Final = """
    select g.entity, g.metric, coalesce(m.label, g.metric) as label, g.fiscal_period, g.status, g.low, g.high,
           g.low_before, g.high_before, g.unit, lower(hex(g.fact_id)) as fact_id, cast(g.issued_at as date) as issued
    from guidance_history g
    left join metric m on m.metric = g.metric
    where list_contains($entities, g.entity) and g.fiscal_period is not null
    order by g.entity, g.issued_at, g.metric, g.fiscal_period, fact_id
"""
_RESTATED: Final = """
    select entity, concept, first_concept, coalesce(fiscal_period, cast(period_end as varchar)) as fiscal_period,
           first_value, latest_value, unit, cause, latest_accession
    from restatement
    where list_contains($entities, entity) and cause <> 'precision'
    order by entity, restated_at, concept, period_end
"""
_ALERT: Final = """
    select y.entity, y.metric, coalesce(m.label, y.metric) as label, y.fiscal_period, y.value, y.unit,
           cast(round(cast(y.yoy_ratio as decimal(38, 12)), 6) as varchar) as ratio
    from (select * from yoy where {where}) y
    left join metric m on m.metric = y.metric
    order by y.entity, y.period_end desc, y.metric, y.fiscal_period
"""
_LISTED: Final = 8  # lines of a notice before it says how many more there are


def notices_between(before: Warehouse | None, after: Warehouse, alerts: Sequence[Alert] = ()) -> list[Notice]:
    """What is new in a warehouse since an earlier state of it (`None`: since it was empty), one notice a matter.

    QueryError where an alert's condition is no SQL over `yoy`.
    """
    for state in (before, after) if before else (after,):
        state.materialize()  # several questions over the same views
    change = _Change(before, after)
    if not change.entities:
        return []
    return [
        *_new_figures(change),
        *_new_guidance(change),
        *_new_restatements(change),
        *(notice for alert in alerts for notice in _passed(change, alert)),
    ]


class _Change:
    """Two states of a warehouse, and the companies of which the later one was told something."""

    def __init__(self, before: Warehouse | None, after: Warehouse) -> None:
        self.before, self.after = before, after
        since = before.sql(_NEWEST).fetchall()[0][0] if before else None
        self.entities = [entity for (entity,) in after.sql(_TOUCHED, {"since": since}).fetchall()]
        named = after.sql(_NAMES, {"entities": self.entities}).fetchall()
        later = {one.before: one.entity for one in list_renames(before, after)} if before else {}
        self.later = {name: now for name, now in later.items() if now is not None}
        self.names: dict[str, str] = {entity: name or entity for entity, name in named}

    def new(self, query: str, key: Callable[[dict[str, Any]], tuple[Any, ...]]) -> list[dict[str, Any]]:
        """The rows of a query that the state before did not have, by their key."""
        old = {key(row) for row in self._rows(self.before, query)} if self.before else set()
        return [row for row in self._rows(self.after, query) if key(row) not in old]

    def passed(self, alert: Alert) -> list[dict[str, Any]]:
        """The rows of `yoy` that meet a condition of the user's own, and did not in the state before."""
        query = _ALERT.format(where=as_condition(self.after, alert.where))
        states = [state for state in (self.before, self.after) if state]
        *old, new = [self._confined(state, query) for state in states]
        met = {_row_key(self._as_called_now(row)) for rows in old for row in rows}
        return [row for row in new if _row_key(row) not in met]

    def _confined(self, warehouse: Warehouse, query: str) -> list[dict[str, Any]]:
        return answer_confined(warehouse, query, [*self.entities, *self.later]).records()

    def _rows(self, warehouse: Warehouse | None, query: str) -> list[dict[str, Any]]:
        if warehouse is None:
            return []
        found = warehouse.records(query, {"entities": [*self.entities, *self.later]})
        return [self._as_called_now(row) for row in found]

    def _as_called_now(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row under the id its company has in the later state."""
        return {**row, "entity": self.later.get(row["entity"], row["entity"])}

    def name(self, row: Mapping[str, Any]) -> str:
        """What the row's company is called."""
        return self.names.get(row["entity"], str(row["entity"]))


def _new_figures(change: _Change) -> Iterator[Notice]:
    """One notice a company: the newest period's figures in full, the number of the others."""
    found = change.new(_FIGURES, _row_key)
    for entity, rows in _by(found, "entity"):
        newest = rows[0]["fiscal_period"]
        shown = [row for row in rows if row["fiscal_period"] == newest]
        lines = [f"{row['label']} {_amount(row['value'], row['unit'])}{_growth(row['ratio'])}" for row in shown]
        title = f"{change.name(rows[0])}: new figures for {newest}"
        text = "\n".join(_short(lines, len(rows) - len(shown), "for other periods"))
        content = [(row["metric"], row["fiscal_period"], str(row["value"])) for row in rows]
        yield Notice("new_figures", _key("new_figures", entity, content), title, text, entity, None, newest)


def _new_guidance(change: _Change) -> Iterator[Notice]:
    for row in change.new(_GUIDANCE, lambda row: (row["fact_id"], row["status"])):
        kind = f"guidance_{row['status']}"
        if kind not in KINDS:
            continue
        what = f"{_noun(row['label'])} for {row['fiscal_period']}"
        verb = {"initial": "guides", "withdrawn": "withdraws its guidance of"}.get(row["status"])
        title = f"{change.name(row)} {verb or row['status'] + ' its guidance of'} {what}"
        now, old = (
            _range(row["low"], row["high"], row["unit"]),
            _range(row["low_before"], row["high_before"], row["unit"]),
        )
        text = f"{now or 'no number'}{f', before {old}' if old else ''}, issued {row['issued']}"
        key = _key(kind, row["entity"], row["fact_id"])
        yield Notice(kind, key, title, text, row["entity"], row["metric"], row["fiscal_period"])


def _new_restatements(change: _Change) -> Iterator[Notice]:
    """One notice a company and filing."""
    found = change.new(
        _RESTATED, lambda row: (row["entity"], row["concept"], row["fiscal_period"], row["unit"], row["latest_value"])
    )
    for (entity, accession), rows in _by(found, "entity", "latest_accession"):
        lines = [_restated(row) for row in rows]
        title = f"{change.name(rows[0])} restated {len(rows)} figure{'s' if len(rows) > 1 else ''} in {accession}"
        key = _key("restatement", entity, accession, lines)
        yield Notice("restatement", key, title, "\n".join(_short(lines)), entity)


def _restated(row: Mapping[str, Any]) -> str:
    """A restatement in a line, with both tags where the company changed its tag."""
    first, latest = (_amount(row[name], row["unit"]) for name in ("first_value", "latest_value"))
    under = f" under {row['concept']}" if row["concept"] != row["first_concept"] else ""
    return f"{row['first_concept']} {row['fiscal_period']}: {first} is now {latest}{under} ({row['cause']})"


def _passed(change: _Change, alert: Alert) -> Iterator[Notice]:
    """One notice a company: the newest period that meets the condition and did not before."""
    try:
        found = change.passed(alert)
    except QueryError as error:
        raise QueryError(f"alert.{alert.name}: {error}") from error
    for entity, rows in _by(found, "entity"):
        lines = [
            f"{row['label']} {row['fiscal_period']} {_amount(row['value'], row['unit'])}{_growth(row['ratio'])}"
            for row in rows
        ]
        title = f"{change.name(rows[0])}: {alert.name} ({rows[0]['label']}, {rows[0]['fiscal_period']})"
        key = _key("threshold", alert.name, alert.where, entity, lines)
        newest = rows[0]
        yield Notice(
            "threshold", key, title, "\n".join(_short(lines)), entity, newest["metric"], newest["fiscal_period"]
        )


def _row_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes it the same figure in another state."""
    return row["entity"], row["metric"], row["fiscal_period"]


def _by(rows: Iterable[dict[str, Any]], *columns: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    yield from ((key if len(key) > 1 else key[0], group) for key, group in groups.items())


def _short(lines: Sequence[str], others: int = 0, where: str = "") -> Iterator[str]:
    """The first lines, and how many more there are."""
    yield from lines[:_LISTED]
    more = len(lines[_LISTED:]) + others
    if more:
        yield f"and {more} more {where}".rstrip()


def _noun(label: str) -> str:
    """A label as it stands in a sentence: `capital expenditures`, but `EPS, diluted`."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _growth(ratio: str | None) -> str:
    if ratio is None:
        return ""
    rounded = round_half_up(Decimal(ratio) * 100, 1)
    return f" ({rounded:+}% on the year before)".replace("-", "\N{MINUS SIGN}")


_SCALES: Final = ((12, "trillion"), (9, "billion"), (6, "million"))


def _amount(value: Decimal | None, unit: str) -> str:
    """An amount in words: `8.47 billion USD`, half up to two places; small ones and rates as they are."""
    if value is None:
        return ""
    for exponent, word in _SCALES:
        if abs(value) >= Decimal(10) ** exponent:
            return f"{round_half_up(value / Decimal(10) ** exponent, 2)} {word} {unit}".replace("-", "\N{MINUS SIGN}")
    return f"{value.normalize():f} {unit}".replace("-", "\N{MINUS SIGN}")


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"at least {_amount(low, unit)}" if high is None else f"at most {_amount(high, unit)}"
    return _amount(low, unit) if low == high else f"{_amount(low, unit)} to {_amount(high, unit)}"


def _key(*parts: object) -> str:
    """A name for good: the hash of what the notice says, in one fixed spelling."""
    return hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=16).hexdigest()


# -- the state of jobs and data ----------------------------------------------------------------------

_BAD: Final = ("failed", "stale")


class State(NamedTuple):
    """The state (ok, stale, failed) of a subject now, and what a notice of it says."""

    subject: str
    state: str
    title: str
    text: str


def state_notices(told: Mapping[str, str], states: Iterable[State], slot: str) -> list[Notice]:
    """Notices for subjects whose state is another than the one last told.

    `told` is the kind last told of each subject; `slot` tells one change into the same state from a later one. What
    was never bad is not news.
    """
    found = []
    for one in states:
        last = told.get(one.subject)
        kind = one.state if one.state in _BAD else "recovered"
        if kind == last or (kind == "recovered" and last not in _BAD):
            continue
        found.append(Notice(kind, _key(kind, one.subject, slot), one.title, one.text, subject=one.subject))
    return found
