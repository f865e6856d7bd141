"""Why a number is what it is: a tree from the shown value down to accession numbers and characters of articles."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker.errors import NothingMatchedError
from tracker.quantity import Interval
from tracker.summary import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.warehouse import Warehouse

__all__ = ["Node", "explain_fact", "explain_figure"]


_WHICH = "entity = $entity and metric = $metric and fiscal_period = $period"


@dataclass(frozen=True, slots=True)
class Node:
    """One step of an explanation: what it says, the record behind it, and the steps below."""

    text: str
    record: dict[str, Any]
    below: tuple[Node, ...] = ()

    def lines(self, prefix: str = "", branch: str = "", rest: str = "") -> Iterator[str]:
        """The tree as text."""
        yield prefix + branch + self.text
        for node in self.below[:-1]:
            yield from node.lines(prefix + rest, "├─ ", "│  ")
        for node in self.below[-1:]:
            yield from node.lines(prefix + rest, "└─ ", "   ")

    def tree(self) -> dict[str, Any]:
        """The tree as nested records for JSON."""
        return {"text": self.text, **self.record, "because": [node.tree() for node in self.below]}


def explain_figure(warehouse: Warehouse, entity: str, metric: str, period: str) -> Node:
    """The value shown for a company, metric and period, with all it rests on and all that was said of it.

    `entity` may be an id, a ticker or a name. NothingMatchedError where there is no such figure.
    """
    asked: dict[str, object] = {"entity": warehouse.entity_of(entity), "metric": metric, "period": period}
    figures, found = (_rows(warehouse, f"select * from {view} where {_WHICH}", asked) for view in ("figure", "yoy"))
    if not figures:
        raise NothingMatchedError(
            f"nothing is known of {entity} {metric} {period}; write the period as 2024Q2 or FY2024"
        )
    figure, growth = figures[0], found[0] if found else {}
    below = [*_operands(warehouse, figure["operands"]), *_growth(warehouse, growth), *_said(warehouse, figure)]
    return Node(_headline(figure), _plain(figure), tuple(below))


def explain_fact(warehouse: Warehouse, fact_id: str) -> Node:
    """One statement with its evidence, and all versions of the same figure by the same company."""
    facts = _rows(warehouse, "select * from statement where lower(hex(fact_id)) = $id", {"id": fact_id.lower()})
    if not facts:
        raise NothingMatchedError(f"no standing fact has the id {fact_id}")
    versions = _rows(
        warehouse,
        """select v.* from version v
           join statement s on s.entity = v.entity and s.concept = v.concept and s.unit = v.unit
               and s.period_end = v.period_end and s.period_start is not distinct from v.period_start
           where lower(hex(s.fact_id)) = $id order by v.version_no""",
        {"id": fact_id.lower()},
    )
    told = [
        Node(
            f"version {v['version_no']}: {_amount(v['value'], v['unit'])}, {v['accession'] or v['source_id']}, "
            f"said {_times(v['statements'])} from {v['first_known_at']:%Y-%m-%d} to {v['last_known_at']:%Y-%m-%d}",
            _plain(v),
        )
        for v in versions
    ]
    return Node(_statement(facts[0]), _plain(facts[0]), tuple(told))


def _headline(figure: dict[str, Any]) -> str:
    title = f"{figure['name'] or figure['entity']}, {figure['metric']}, {figure['fiscal_period']}: "
    if figure["value"] is None:
        return f"{title}not known, because {figure['reason']}"
    return (
        f"{title}{_amount(figure['value'], figure['unit'])}, {figure['method']}, between {_amount(figure['low'])} and "
        f"{_amount(figure['high'])}; {figure['definition']}" + (f" ({figure['basis']})" if figure["basis"] else "")
    )


def _operands(warehouse: Warehouse, operands: str | None) -> list[Node]:
    """The facts a value is made of, with their signs."""
    nodes = []
    for signed in (operands or "").split():
        sign, fact_id = signed[0], signed[1:]
        (fact,) = _rows(warehouse, "select * from statement where lower(hex(fact_id)) = $id", {"id": fact_id})
        nodes.append(Node(f"{sign.replace('-', '−')} {_statement(fact)}", {"sign": sign, **_plain(fact)}))  # noqa: RUF001 - a real minus
    return nodes


def _growth(warehouse: Warehouse, growth: dict[str, Any]) -> list[Node]:
    if not growth:
        return []
    if growth["yoy_ratio"] is None:
        why = f": {growth['reason']}" if growth["reason"] else ""
        return [
            Node(f"growth on {growth['base_period'] or 'a year before'}: {growth['yoy_status']}{why}", _plain(growth))
        ]
    text = (
        f"growth {percent(str(growth['yoy_ratio']))} on {growth['base_period']} ({growth['yoy_status']}), where it was "
        f"{_amount(growth['base'], growth['unit'])}"
    )
    return [Node(text, _plain(growth), tuple(_operands(warehouse, growth["base_operands"])))]


def _said(warehouse: Warehouse, figure: dict[str, Any]) -> list[Node]:
    """What others state of the same figure and period, and whether it can be true beside the value shown."""
    asked = {"entity": figure["entity"], "metric": figure["metric"], "period": figure["fiscal_period"]}
    claims = _rows(
        warehouse,
        f"select * from statement where {_WHICH} and concept like 'stated:%' order by source_id, span_start",
        asked,
    )
    held = _rows(warehouse, f"select fact_id, filed_verdict from stated_growth where {_WHICH}", asked)
    verdicts = {row["fact_id"]: row["filed_verdict"].replace("_", " ") for row in held}
    shown = (figure["operands"] or "").replace("+", "").replace("-", "").split()
    return [
        Node(f"{verdicts.get(claim['fact_id']) or _verdict(figure, claim)}: {_statement(claim)}", _plain(claim))
        for claim in claims
        if claim["fact_id"].hex() not in shown
    ]


def _verdict(figure: dict[str, Any], claim: dict[str, Any]) -> str:
    """Whether the claim's interval and the shown one have a value in common."""
    if claim["kind"] != "actual" or figure["value"] is None or claim["unit"] != figure["unit"]:
        return f"also said ({claim['kind']})"
    claimed, filed = Interval(claim["bound_low"], claim["bound_high"]), Interval(figure["low"], figure["high"])
    return "consistent" if claimed.overlaps(filed) else "inconsistent"


def _statement(fact: dict[str, Any]) -> str:
    period = f"{fact['period_start']} to {fact['period_end']}" if fact["period_start"] else f"at {fact['period_end']}"
    stated = _amount(fact["value"], fact["unit"])
    if fact["value"] is None:
        stated = f"{_amount(fact['low'])} to {_amount(fact['high'], fact['unit'])}"
    where = f"{fact['form'] or 'filing'} {fact['accession']}" if fact["accession"] else _span(fact)
    return f"{stated} {fact['concept']}, {period}, {where}, public since {fact['known_at']:%Y-%m-%d %H:%M} UTC"


def _span(fact: dict[str, Any]) -> str:
    if fact["span_start"] is None:
        return str(fact["source_id"])
    return f"{fact['source_id']} [{fact['span_start']}, {fact['span_end']}) “{fact['quote']}”"


def _amount(value: Decimal | None, unit: str = "") -> str:
    if value is None:
        return "open"
    if unit == "ratio":
        return f"{(100 * value).normalize():f}%"
    whole = value.to_integral_value()
    digits = f"{whole:,}" if value == whole else f"{value.normalize():f}"
    return f"{digits} {unit}".strip()


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _rows(warehouse: Warehouse, query: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = warehouse.sql(query, parameters).arrow().to_pylist()
    return rows


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON: exact digits as text, ids as hex, what is not known left out."""
    return {key: _bare(value) for key, value in row.items() if value is not None}


def _bare(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
