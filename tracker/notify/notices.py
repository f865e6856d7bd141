"""Make notices from the difference between two states of a warehouse, or between two states of a job."""

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

__all__ = ["KINDS", "Alert", "Notice", "State", "find_notices", "load_alerts", "make_state_notices"]

#: The kinds of notices.
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
    """One message. `key` identifies it: the same change always has the same key, and is sent once.

    `subject` names the thing whose state the notice is about (a job, a company's data); None for other notices.
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
    """A condition of the user on the view `yoy`: `[alert.NAME] where = "metric = 'capex' and yoy_ratio > 0.3"`."""

    name: str
    where: str


def load_alerts(settings: Mapping[str, Any], root: Path) -> list[Alert]:
    """Load the `[alert.NAME]` tables of a project's settings; InputError if one has no condition."""
    tables: Mapping[str, Any] = settings.get("alert", {})
    problems = [
        Problem(
            str(root / "tracker.toml"), None, f"alert.{name}", "alert", "must have `where`, a text, and nothing else",
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
_MOST_LINES: Final = 8  # a notice lists this many lines, and counts the others


def find_notices(before: Warehouse | None, after: Warehouse, alerts: Sequence[Alert] = ()) -> list[Notice]:
    """Make the notices of what is new in a warehouse since an earlier state (None: since it was empty).

    Raises:
        QueryError: the condition of an alert is not SQL over `yoy`.

    """
    for state in (before, after) if before else (after,):
        state.materialize()  # several queries read the same views
    comparison = _Comparison(before, after)
    if not comparison.entities:
        return []
    return [
        *_make_figure_notices(comparison),
        *_make_guidance_notices(comparison),
        *_make_restatement_notices(comparison),
        *(notice for alert in alerts for notice in _make_alert_notices(comparison, alert)),
    ]


class _Comparison:
    """Compares two states of a warehouse, for the companies of which the later one has new facts."""

    def __init__(self, before: Warehouse | None, after: Warehouse) -> None:
        self.before, self.after = before, after
        since = before.sql(_NEWEST).fetchall()[0][0] if before else None
        self.entities = [entity for (entity,) in after.sql(_TOUCHED, {"since": since}).fetchall()]
        named = after.sql(_NAMES, {"entities": self.entities}).fetchall()
        later = {one.before: one.entity for one in list_renames(before, after)} if before else {}
        self.later = {name: now for name, now in later.items() if now is not None}
        self.names: dict[str, str] = {entity: name or entity for entity, name in named}

    def find_new(self, query: str, key: Callable[[dict[str, Any]], tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Find the rows of a query that the earlier state did not have, by their key."""
        old = {key(row) for row in self._read_rows(self.before, query)} if self.before else set()
        return [row for row in self._read_rows(self.after, query) if key(row) not in old]

    def find_matches(self, alert: Alert) -> list[dict[str, Any]]:
        """Find the rows of `yoy` that meet an alert's condition now and did not in the earlier state."""
        query = _ALERT.format(where=as_condition(self.after, alert.where))
        states = [state for state in (self.before, self.after) if state]
        *old, new = [self._answer_confined(state, query) for state in states]
        met = {_make_row_key(self._rename_row(row)) for rows in old for row in rows}
        return [row for row in new if _make_row_key(row) not in met]

    def _answer_confined(self, warehouse: Warehouse, query: str) -> list[dict[str, Any]]:
        return answer_confined(warehouse, query, [*self.entities, *self.later]).records()

    def _read_rows(self, warehouse: Warehouse | None, query: str) -> list[dict[str, Any]]:
        if warehouse is None:
            return []
        found = warehouse.records(query, {"entities": [*self.entities, *self.later]})
        return [self._rename_row(row) for row in found]

    def _rename_row(self, row: dict[str, Any]) -> dict[str, Any]:
        """Put a row under the id that its company has in the later state."""
        return {**row, "entity": self.later.get(row["entity"], row["entity"])}

    def name_company(self, row: Mapping[str, Any]) -> str:
        """Return the name of the row's company."""
        return self.names.get(row["entity"], str(row["entity"]))


def _make_figure_notices(comparison: _Comparison) -> Iterator[Notice]:
    """Make a notice for each company: the figures of the newest period, and the number of the others."""
    found = comparison.find_new(_FIGURES, _make_row_key)
    for entity, rows in _group_rows(found, "entity"):
        newest = rows[0]["fiscal_period"]
        own = [row for row in rows if row["fiscal_period"] == newest]
        lines = [
            f"{row['label']} {_print_amount(row['value'], row['unit'])}{_print_growth(row['ratio'])}" for row in own
        ]
        title = f"{comparison.name_company(rows[0])}: new figures for {newest}"
        text = "\n".join(_shorten_list(lines, len(rows) - len(own), "for other periods"))
        content = [(row["metric"], row["fiscal_period"], str(row["value"])) for row in rows]
        yield Notice("new_figures", _hash_key("new_figures", entity, content), title, text, entity, None, newest)


def _make_guidance_notices(comparison: _Comparison) -> Iterator[Notice]:
    """Make a notice for each new step of guidance."""
    for row in comparison.find_new(_GUIDANCE, lambda row: (row["fact_id"], row["status"])):
        kind = f"guidance_{row['status']}"
        if kind not in KINDS:
            continue
        what = f"{_make_noun(row['label'])} for {row['fiscal_period']}"
        verb = {"initial": "guides", "withdrawn": "withdraws its guidance of"}.get(row["status"])
        title = f"{comparison.name_company(row)} {verb or row['status'] + ' its guidance of'} {what}"
        now, old = (
            _print_range(row["low"], row["high"], row["unit"]),
            _print_range(row["low_before"], row["high_before"], row["unit"]),
        )
        text = f"{now or 'no number'}{f', before {old}' if old else ''}, issued {row['issued']}"
        key = _hash_key(kind, row["entity"], row["fact_id"])
        yield Notice(kind, key, title, text, row["entity"], row["metric"], row["fiscal_period"])


def _make_restatement_notices(comparison: _Comparison) -> Iterator[Notice]:
    """Make a notice for each company and filing."""
    found = comparison.find_new(
        _RESTATED, lambda row: (row["entity"], row["concept"], row["fiscal_period"], row["unit"], row["latest_value"])
    )
    for (entity, accession), rows in _group_rows(found, "entity", "latest_accession"):
        lines = [_describe_restatement(row) for row in rows]
        count = f"{len(rows)} figure{'s' if len(rows) > 1 else ''}"
        title = f"{comparison.name_company(rows[0])} restated {count} in {accession}"
        key = _hash_key("restatement", entity, accession, lines)
        yield Notice("restatement", key, title, "\n".join(_shorten_list(lines)), entity)


def _describe_restatement(row: Mapping[str, Any]) -> str:
    """Describe a restatement in a line, with both tags if the company changed its tag."""
    first, latest = (_print_amount(row[name], row["unit"]) for name in ("first_value", "latest_value"))
    under = f" under {row['concept']}" if row["concept"] != row["first_concept"] else ""
    return f"{row['first_concept']} {row['fiscal_period']}: {first} is now {latest}{under} ({row['cause']})"


def _make_alert_notices(comparison: _Comparison, alert: Alert) -> Iterator[Notice]:
    """Make a notice for each company with figures that meet an alert's condition and did not before."""
    try:
        found = comparison.find_matches(alert)
    except QueryError as error:
        raise QueryError(f"alert.{alert.name}: {error}") from error
    for entity, rows in _group_rows(found, "entity"):
        lines = [f"{row['label']} {row['fiscal_period']} {_print_figure(row)}" for row in rows]
        title = f"{comparison.name_company(rows[0])}: {alert.name} ({rows[0]['label']}, {rows[0]['fiscal_period']})"
        key = _hash_key("threshold", alert.name, alert.where, entity, lines)
        newest = rows[0]
        yield Notice(
            "threshold", key, title, "\n".join(_shorten_list(lines)), entity, newest["metric"], newest["fiscal_period"]
        )


def _make_row_key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the key of a figure, which is the same in both states."""
    return row["entity"], row["metric"], row["fiscal_period"]


def _group_rows(rows: Iterable[dict[str, Any]], *columns: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    yield from ((key if len(key) > 1 else key[0], group) for key, group in groups.items())


def _shorten_list(lines: Sequence[str], others: int = 0, where: str = "") -> Iterator[str]:
    """Keep the first lines, and count the others in one more."""
    yield from lines[:_MOST_LINES]
    more = len(lines[_MOST_LINES:]) + others
    if more:
        yield f"and {more} more {where}".rstrip()


def _make_noun(label: str) -> str:
    """Write a label as it stands in a sentence: `capital expenditures`, but `EPS, diluted`."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _print_figure(row: Mapping[str, Any]) -> str:
    return f"{_print_amount(row['value'], row['unit'])}{_print_growth(row['ratio'])}"


def _print_growth(ratio: str | None) -> str:
    if ratio is None:
        return ""
    rounded = round_half_up(Decimal(ratio) * 100, 1)
    return f" ({rounded:+}% on the year before)".replace("-", "\N{MINUS SIGN}")


_SCALES: Final = ((12, "trillion"), (9, "billion"), (6, "million"))


def _print_amount(value: Decimal | None, unit: str) -> str:
    """Print an amount: `8.47 billion USD`, rounded half up to two places; small amounts and rates unrounded."""
    if value is None:
        return ""
    for exponent, word in _SCALES:
        if abs(value) >= Decimal(10) ** exponent:
            return f"{round_half_up(value / Decimal(10) ** exponent, 2)} {word} {unit}".replace("-", "\N{MINUS SIGN}")
    return f"{value.normalize():f} {unit}".replace("-", "\N{MINUS SIGN}")


def _print_range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"at least {_print_amount(low, unit)}" if high is None else f"at most {_print_amount(high, unit)}"
    return _print_amount(low, unit) if low == high else f"{_print_amount(low, unit)} to {_print_amount(high, unit)}"


def _hash_key(*parts: object) -> str:
    """Hash the content of a notice into its key."""
    return hashlib.blake2b(json.dumps(parts, default=str).encode(), digest_size=16).hexdigest()


# -- the state of jobs and data ----------------------------------------------------------------------

_BAD: Final = ("failed", "stale")


class State(NamedTuple):
    """The state (ok, stale, failed) of a subject now, and the text of a notice about it."""

    subject: str
    state: str
    title: str
    text: str


def make_state_notices(last_kinds: Mapping[str, str], states: Iterable[State], slot: str) -> list[Notice]:
    """Make notices for subjects whose state is another than in their last notice.

    `last_kinds` has the kind of the last notice of each subject. `slot` distinguishes a change from a later one into
    the same state. A subject that was never bad gets no notice.
    """
    found = []
    for one in states:
        last = last_kinds.get(one.subject)
        kind = one.state if one.state in _BAD else "recovered"
        if kind == last or (kind == "recovered" and last not in _BAD):
            continue
        found.append(Notice(kind, _hash_key(kind, one.subject, slot), one.title, one.text, subject=one.subject))
    return found
