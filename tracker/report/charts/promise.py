"""The chart of a forecast: every range from its announcement to its replacement, against the sum so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from tracker.model.metric import metrics_of_sign
from tracker.report.charts.leaves import WIDTH, Chart, Rows, float_of, key_data, make_layers
from tracker.report.charts.panel import tick_label, ticks_of
from tracker.report.text.labels import (
    DASH,
    Scale,
    format_day,
    format_day_of_month,
    format_number,
    format_trimmed,
    name_month,
    scale_of,
)
from tracker.report.text.prose import describe_remaining, drop_repeated_steps
from tracker.report.text.words import format_key_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tracker.report.data.edition import Edition, EditionFigure, Guided
    from tracker.report.text.language import Language

__all__ = ["draw_guidance", "scale_of_steps"]


def draw_guidance(edition: Edition, metric: str, target: str, width: int) -> Chart | None:
    """Draw each range from announcement to replacement, against the sum so far; None without steps."""
    steps = drop_repeated_steps(edition.guidance(metric, target))
    return _draw_promise(edition, metric, target, steps, width) if steps else None


def _draw_promise(edition: Edition, metric: str, target: str, steps: tuple[Guided, ...], width: int) -> Chart:
    language = edition.language
    frame = _PromiseDrawing(edition, metric, target, steps, width)
    height = min(300, width // 3) if width > WIDTH else 260
    x = {"type": "utc", "domain": [_utc(frame.start), _utc(frame.end)], "range": [0, width - 74], "nice": False}
    top = max(
        [
            *(float(frame.scale.of(end)) for step in steps for end in (step.low, step.high) if end is not None),
            *frame.sums,
        ]
    )
    ticks = ticks_of(0, top)
    y = {"domain": [0, max(top, ticks[-1])], "range": [height - 40, 26], "nice": False}
    names = [
        "grid",
        "scale",
        "bands",
        "edges",
        "month_ticks",
        "months",
        "floor",
        "to_come",
        "wanted",
        "path",
        "range_halos",
        "ranges",
        "issue_halos",
        "issues",
        "dots",
        "dot_halos",
        "dot_labels",
    ]
    key = f"{metric}-{target}-{width}"
    data = {"ticks": [{"value": tick, "label": tick_label(language, tick)} for tick in ticks if tick], **frame.data()}
    view = {"width": width, "height": height, "layer": make_layers(language, key, names, {"x": x, "y": y})}
    return Chart(
        (view,), key_data(language, key, data), width, again=partial(_draw_promise, edition, metric, target, steps)
    )


def scale_of_steps(language: Language, steps: Sequence[Guided]) -> Scale:
    """Choose one scale for all steps of a forecast: that of its highest end."""
    highest = max(end for step in steps for end in (step.low, step.high) if end is not None)
    return scale_of(language, highest, steps[0].unit)


@dataclass(frozen=True, slots=True)
class _PromiseDrawing:
    """What the chart of one forecast is drawn from."""

    edition: Edition
    metric: str
    target: str
    steps: tuple[Guided, ...]
    width: int

    @property
    def language(self) -> Language:
        return self.edition.language

    @property
    def spent(self) -> tuple[EditionFigure, ...]:
        return self.edition.year_to_date(self.metric, int(self.target[2:]))

    @property
    def start(self) -> date:
        return min(self.steps[0].issued_on, self.steps[0].period_start)

    @property
    def end(self) -> date:
        return max(self.steps[0].period_end, self.steps[-1].issued_on + timedelta(days=20))

    @property
    def scale(self) -> Scale:
        return scale_of_steps(self.language, self.steps)

    @property
    def sums(self) -> list[float]:
        return [float_of(float(self.scale.of(row.value))) for row in self.spent if row.value is not None]

    def data(self) -> Rows:
        return {
            "bands": [band for at in range(len(self.steps)) for band in self._band(at)],
            "edges": [edge for at in range(len(self.steps)) for edge in self._edges(at)],
            "ranges": [self._range(at) for at in range(len(self.steps)) if self._has_room(at)],
            "months": self._list_quarter_ticks(),
            "floor": [{"value": 0}],
            "path": self._path(),
            "dots": self._dots(),
            "to_come": self._to_come(),
            "wanted": self._wanted(),
        }

    def _until(self, at: int) -> date:
        """Return the day a step was replaced, or the end of what it promises."""
        return self.steps[at + 1].issued_on if at + 1 < len(self.steps) else self.end

    def _find_drawn_ends(self, at: int) -> tuple[float, float]:
        """Return low and high as drawn: an open low end reaches to zero, and an open high end is the low end."""
        low, high = self.steps[at].low, self.steps[at].high
        high = low if high is None else high
        return (0.0 if low is None else float_of(float(self.scale.of(low)))), float_of(
            float(self.scale.of(high or Decimal(0)))
        )

    def _band(self, at: int) -> Iterable[dict[str, Any]]:
        low, high = self._find_drawn_ends(at)
        tip = f"{self._numbers(at)} ({format_day(self.language, self.steps[at].issued_on)})"
        span = {"from": _utc(self.steps[at].issued_on), "to": _utc(self._until(at))}
        yield {**span, "low": low, "high": high, "tip": tip}

    def _edges(self, at: int) -> Iterable[dict[str, Any]]:
        known, until = min(self.edition.known_on, self._until(at)), self._until(at)
        spans = [(self.steps[at].issued_on, max(known, self.steps[at].issued_on), [1, 0])]
        spans += [(max(known, self.steps[at].issued_on), until, [4, 3])] if known < until else []
        for end, stated in zip(self._find_drawn_ends(at), (self.steps[at].low, self.steps[at].high), strict=True):
            if stated is not None:
                yield from (
                    {"from": _utc(a), "to": _utc(b), "value": end, "dash": dash} for a, b, dash in spans if a < b
                )

    def _range(self, at: int) -> dict[str, Any]:
        step, (low, high) = self.steps[at], self._find_drawn_ends(at)
        issued = format_day_of_month(self.language, step.issued_on)
        return {"from": _utc(step.issued_on), "low": low, "high": high, "label": self._numbers(at), "day": issued}

    def _numbers(self, at: int) -> str:
        """Return a range as it is written over its band: `37-40` with a dash."""
        step = self.steps[at]
        numbers = [
            format_trimmed(self.language, self.scale.of(end), 1) for end in (step.low, step.high) if end is not None
        ]
        prefix = "≥ " if step.high is None else "≤ " if step.low is None else ""
        return prefix + DASH.join(dict.fromkeys(numbers))

    def _has_room(self, at: int) -> bool:
        pixels = (
            (self._until(at) - self.steps[at].issued_on).days * (self.width - 74) / max(1, (self.end - self.start).days)
        )
        return pixels >= 38 or at + 1 == len(self.steps)  # noqa: PLR2004 - the width of two numbers

    def _list_quarter_ticks(self) -> list[dict[str, Any]]:
        """Return the first of each quarter of the calendar; the year under January, or under the first of all."""
        found: list[dict[str, Any]] = []
        year, month = self.start.year, (self.start.month - 1) // 3 * 3 + 1
        while (first := self.start.replace(year=year, month=month, day=1)) < self.end:
            if first >= self.start:
                named = f"\n{year}" if month == 1 or not found else ""
                found.append({"at": _utc(first), "label": name_month(self.language, first) + named, "zero": 0})
            year, month = (year + 1, 1) if month > 9 else (year, month + 3)  # noqa: PLR2004 - after October
        return found

    def _path(self) -> list[dict[str, Any]]:
        begun = [{"at": _utc(self.steps[0].period_start), "value": 0.0}] if self.sums else []
        return begun + [
            {"at": _utc(row.period_end), "value": value} for row, value in zip(self.spent, self.sums, strict=True)
        ]

    def _dots(self) -> list[dict[str, Any]]:
        last = len(self.sums) - 1
        return [
            {
                "at": _utc(row.period_end),
                "value": value,
                "label": self._sum_label(format_number(self.language, self.scale.of(row.value or Decimal(0)), 1), at),
                "role": "period" if self._is_own(row) else "ink" if at == last else "base",
                "weight": "bold" if at == last or self._is_own(row) else "normal",
                "dy": 2 if row.fiscal_period == self.target else 12,
                "tip": f"{row.fiscal_period}: {format_key_value(self.language, row.value, row.unit)}",
            }
            for at, (row, value) in enumerate(zip(self.spent, self.sums, strict=True))
        ]

    def _sum_label(self, number: str, at: int) -> str:
        """Return the number at a dot; the last one says that it is the sum so far, or the total of the year."""
        last = len(self.sums) - 1
        if at < last:
            return number
        return self.language.say("{number} so far", number=number) if last < 3 else f"{number}\n{self._sum_word()}"  # noqa: PLR2004

    def _sum_word(self) -> str:
        """Return the word for the year's sum: outflows are spent, all else is reached."""
        return self.language.say("spent") if self.metric in metrics_of_sign("spent") else self.language.say("reached")

    def _is_own(self, row: EditionFigure) -> bool:
        own = self.edition.figure(self.metric)
        return own is not None and own.period_end == row.period_end

    def _to_come(self) -> list[dict[str, Any]]:
        """Draw where the rest of the year must lead; nothing once the year is over."""
        if (
            not self.spent
            or self.spent[-1].fiscal_period == self.target
            or describe_remaining(self.language, self.steps[-1], self.spent[-1].value) is None
        ):
            return []
        here = {"from": _utc(self.spent[-1].period_end), "to": _utc(self.steps[-1].period_end), "value": self.sums[-1]}
        ends = [end for end in (self.steps[-1].low, self.steps[-1].high) if end is not None]
        return [{**here, "end": float_of(float(self.scale.of(end)))} for end in ends]

    def _wanted(self) -> list[dict[str, Any]]:
        """Return how much the rest of the year must add, at its end."""
        drawn = self._to_come()
        if not drawn:
            return []
        step, done = self.steps[-1], self.spent[-1].value or Decimal(0)
        numbers = [
            format_trimmed(self.language, self.scale.of(end - done), 1)
            for end in (step.low, step.high)
            if end is not None
        ]
        label = DASH.join(dict.fromkeys(numbers))
        middle = sum(row["end"] for row in drawn) / len(drawn)
        return [
            {
                "at": drawn[0]["to"],
                "value": float_of(middle),
                "label": f"{label}\n{self.language.say('to come')}",
            }
        ]


def _utc(moment: date) -> str:
    """Write a day as the chart reads it alike in every time zone."""
    return f"{moment.isoformat()}T00:00:00Z"
