"""Draw a series of numbers as a small line, in SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["draw_sparkline"]

_WIDTH: Final = 120
_HEIGHT: Final = 28


def draw_sparkline(points: Sequence[float | None]) -> str:
    """Draw a line without axes, its last point marked; nothing for fewer than two points."""
    known = [point for point in points if point is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two points
        return ""
    low, high = min(known), max(known)
    reach = (high - low) or 1.0
    step = _WIDTH / max(1, len(points) - 1)
    places = [
        None if point is None else (3 + at * step, 3 + (high - point) / reach * _HEIGHT)
        for at, point in enumerate(points)
    ]
    path, is_open = "", False
    for place in places:
        path += "" if place is None else f"{'L' if is_open else 'M'}{place[0]:.1f} {place[1]:.1f}"
        is_open = place is not None
    x, y = next(place for place in reversed(places) if place is not None)
    size = f"0 0 {_WIDTH + 8} {_HEIGHT + 6}"
    drawn = f'<path d="{path}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>'
    return f'<svg class="spark" viewBox="{size}" aria-hidden="true">{drawn}</svg>'
