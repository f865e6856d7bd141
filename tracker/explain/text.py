"""Write the lines of an explanation: on a figure, a statement, a promise, growth, or what is missing.

Each function takes a row of a view and returns one line of text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tracker.explain.key_figures import print_percent
from tracker.model.quantity import amount_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    _Row = Mapping[str, Any]

__all__ = [
    "describe_conversion",
    "describe_correction",
    "describe_dispute",
    "describe_figure",
    "describe_growth",
    "describe_needed",
    "describe_promise",
    "describe_statement",
    "describe_verdict",
    "describe_version",
    "list_periods_needed",
    "print_value",
    "shorten_id",
]


def describe_needed(figure: _Row, *, is_additive: bool) -> str:
    """Describe what a source must state so that a missing figure can be derived."""
    itself = f"needed: a statement of {figure['fiscal_period']} itself"
    year, quarter = figure["fiscal_year"], figure["fiscal_quarter"]
    if not is_additive or (figure["span"] == "quarter" and quarter == 1):
        return itself
    if figure["span"] == "quarter":
        whole, before = _make_label(year, quarter), _make_label(year, quarter - 1)
        others = f" (or {_list_quarters(year, quarter - 1)})" if quarter > _SECOND else ""
        return f"{itself}, or of {whole} and {before}{others} as they stood together"
    return f"{itself}, or of each of its quarters"


_SECOND: Final = 2


def _list_quarters(year: int, quarter: int) -> str:
    """List the quarters of a year up to one: `2024Q1, 2024Q2 and 2024Q3`."""
    names = [f"{year}Q{part}" for part in range(1, quarter + 1)]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _make_label(year: int, quarter: int) -> str:
    return (f"{year}Q1", f"{year}H1", f"{year}M9", f"FY{year}")[quarter - 1]


def list_periods_needed(figure: _Row) -> list[str]:
    """List the periods from which a missing figure could be derived."""
    year, quarter = figure["fiscal_year"], figure["fiscal_quarter"]
    if figure["span"] == "quarter":
        to_date = [_make_label(year, part) for part in (quarter, quarter - 1) if part > 0 and quarter > 1]
        return list(dict.fromkeys([*to_date, *(f"{year}Q{part}" for part in range(1, quarter))]))
    return [f"{year}Q{part}" for part in range(1, quarter + 1)]


def describe_figure(figure: _Row, *, is_short: bool = False) -> str:
    """Describe a figure: its value, how it was derived, and its bounds; a short text leaves out company and bounds."""
    name = "" if is_short else f"{figure['name'] or figure['entity']}, "
    title = f"{name}{figure['metric']}, {figure['fiscal_period']}: "
    if figure["value"] is None:
        return f"{title}not known, because {figure['reason']}"
    basis = f" ({figure['basis']})" if figure["basis"] else ""
    if is_short:
        return f"{title}{print_value(figure)}, {figure['method']}{basis}"
    bounds = f"between {amount_text(figure['low'])} and {amount_text(figure['high'])}"
    return f"{title}{print_value(figure)}, {figure['method']}, {bounds}; {figure['definition']}{basis}"


def print_value(figure: _Row) -> str:
    """Print a value with its unit."""
    return amount_text(figure["value"], figure["unit"])


def describe_growth(growth: _Row) -> str:
    """Describe growth on a year before with its bounds, or the status that stands in its place."""
    base = growth["base_period"] or "a year before"
    if growth["yoy_ratio"] is None:
        return f"growth on {base}: {growth['yoy_status']}" + (f": {growth['reason']}" if growth["reason"] else "")
    within = ""
    if growth["yoy_low"] is not None and growth["yoy_high"] is not None:
        within = f", within {print_percent(str(growth['yoy_low']))} to {print_percent(str(growth['yoy_high']))}"
    return (
        f"growth {print_percent(str(growth['yoy_ratio']))} on {base} ({growth['yoy_status']}), "
        f"where it was {amount_text(growth['base'], growth['unit'])}{within}"
    )


def describe_promise(step: _Row) -> str:
    """Describe a step of guidance: its range, status and outcome."""
    issued = f"{step['issued_at']:%Y-%m-%d}" if step["issued_at"] else "an unknown day"
    return f"promised {_print_range(step)} on {issued} ({step['status']}): {_describe_outcome(step)}"


def _print_range(step: _Row) -> str:
    if step["low"] is None and step["high"] is None:
        return "no number"
    if step["low"] == step["high"]:
        return amount_text(step["low"], step["unit"])
    if step["low"] is None or step["high"] is None:
        word = "at least" if step["high"] is None else "at most"
        return f"{word} {amount_text(step['low'] if step['high'] is None else step['high'], step['unit'])}"
    unit = "ratio" if step["unit"] == "ratio" else ""
    return f"{amount_text(step['low'], unit)} to {amount_text(step['high'], step['unit'])}"


def _describe_outcome(step: _Row) -> str:
    if step["actual"] is not None:
        is_placed = step["outcome"] == "inside" and step["position"] is not None
        place = f", {round(100 * step['position'])}% up the range" if is_placed else ""
        return f"{step['outcome']}{place}, at {amount_text(step['actual'], step['unit'])}"
    left = ""
    if step["left_low"] is not None and step["left_high"] is not None:
        left = (
            f", the rest must come to {amount_text(step['left_low'])} to {amount_text(step['left_high'], step['unit'])}"
        )
    return f"{step['outcome']}" + (f", {step['reason']}" if step["reason"] else "") + left


def describe_verdict(claim: _Row, held: _Row) -> str:
    """Describe how a claim compares with the value shown, and why it cannot be true if so."""
    if "state" not in held:
        return f"also stated ({claim['kind']})"
    is_plain = held["state"] in ("equal", "consistent")
    return str(held["state"]) if is_plain else f"{held['state']} ({held['state_reason']})"


def describe_version(row: _Row) -> str:
    """Describe one version of a figure: its value, filing, number of statements, and first and last day."""
    first, last = (f"{row[name]:%Y-%m-%d}" for name in ("first_known_at", "last_known_at"))
    times = row["statements"]
    when = f"stated on {first}" if times == 1 else f"stated {times} times from {first} to {last}"
    return f"{amount_text(row['value'], row['unit'])}, {row['accession'] or row['source_id']}, {when}"


def describe_statement(fact: _Row) -> str:
    """Describe a statement: its value, days, source, id, and the moment when it became public."""
    where = f"{_name_source(fact)}, fact {shorten_id(fact['fact_id'])}"
    since = f"public since {fact['known_at']:%Y-%m-%d %H:%M} UTC"
    part = f" of {fact['dimensions']}" if fact.get("dimensions") else ""
    return f"{_print_statement_value(fact)} {fact['concept']}{part}, {_print_days(fact)}, {where}, {since}"


def describe_conversion(row: _Row) -> str:
    """Describe an amount in another currency: the amount as stated, the rate with its days, and the table."""
    stated = amount_text(row["stated_value"], row["stated_unit"])
    if row["status"] == "same_currency":
        return f"in {row['currency']} as stated: {stated}"
    if row["status"] == "refused":
        return f"not converted into {row['currency']}: {row['reason']}"
    ends = f"from {amount_text(row['low'])} to {amount_text(row['high'])}"
    days = (
        f"average of {row['rate_days']} days, {row['rate_from']} to {row['rate_to']}"
        if row["rate_kind"] == "average"
        else f"rate of {row['rate_from']}"
    )
    return (
        f"converted: {amount_text(row['value'], row['unit'])} ({ends}) = {stated} at "
        f"{row['rate'].normalize():f} {row['currency']} for one {row['from_currency']} ({days}; {row['rate_source']})"
    )


def describe_dispute(prints: Sequence[_Row]) -> str:
    """Describe prints of one figure that contradict each other: the filing, and each value with its element."""
    values = " and as ".join(
        f"{'nil' if row['value'] is None else amount_text(row['value'], row['unit'])}"
        f" (element {row['element'] or 'without an id'}, printed as {row['quote'] or 'nothing'})"
        for row in prints
    )
    return f"in dispute: {prints[0]['filing']} tags {prints[0]['concept']} as {values}; none enters a figure"


def shorten_id(fact_id: bytes) -> str:
    """Shorten an id to the 12 digits that are enough to find the statement."""
    return fact_id.hex()[:12]


def _name_source(fact: _Row) -> str:
    is_printed = fact.get("span_start") is not None
    if not fact["accession"]:
        return _print_span(fact)
    filing = f"{fact['form'] or 'filing'} {fact['accession']}"
    return f"{filing} {_print_characters(fact)}" if is_printed else filing


def _print_statement_value(fact: _Row) -> str:
    if fact["value"] is None and fact["low"] is None and fact["high"] is None:
        return f"no number ({fact['qualifier'].replace('_', ' ')})"
    return _print_range(fact) if fact["value"] is None else amount_text(fact["value"], fact["unit"])


def describe_correction(correction: _Row) -> str:
    """Describe a correction or retraction: the replaced values, and who made it, when and why."""
    before = {name.removesuffix("_before"): value for name, value in correction.items() if name.endswith("_before")}
    parts = [
        before["entity"] if before["entity"] != correction["entity"] else "",
        _print_statement_value(before) if any(before[name] != correction[name] for name in _PRINTED) else "",
        before["concept"] if before["concept"] != correction["concept"] else "",
        _print_days(before) if any(before[name] != correction[name] for name in ("period_start", "period_end")) else "",
    ]
    if correction["state"] == "retracted":
        value, days = _print_statement_value(before), _print_days(before)
        text = f"retracted: {value} {before['concept']}, {days}, {_name_source(correction)}"
    else:
        text = f"corrected from {', '.join(filter(None, parts)) or 'the same'}"
    by = f" by {correction['made_by']}" if correction["made_by"] else ""
    on = f" on {correction['made_on']}" if correction["made_on"] else ""
    return f"{text}{by}{on}: {correction['reason']}"


_PRINTED = ("value", "low", "high", "unit", "qualifier")


def _print_days(fact: _Row) -> str:
    if fact["period_end"] is None:
        return "no period named"
    return f"{fact['period_start']} to {fact['period_end']}" if fact["period_start"] else f"at {fact['period_end']}"


def _print_span(fact: _Row) -> str:
    if fact["span_start"] is None:
        return str(fact["source_id"])
    return f"{fact['source_id']} {_print_characters(fact)}"


def _print_characters(fact: _Row) -> str:
    """Print the characters on which a figure stands, as `[1771, 1782) “$8.5 bilion”`."""
    return f"[{fact['span_start']}, {fact['span_end']}) “{fact['quote']}”"
