"""Numbers large enough to be read across a room, with their change and the way there."""

from insights_mcp.render.figures.model import Figure, Series
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.numbers import change
from insights_mcp.render.vega.themes import PIXEL, Spec, Theme, color_of

# The width of one digit in parts of the type size.
_DIGIT = 0.58
_LARGEST = 110
_TRAIL_HEIGHT = 90
_TALLEST = 380


def draw_numbers(figure: Figure, theme: Theme, width: int, height: int) -> Spec:
    """Return the numbers side by side, on no more height than they need."""
    height = min(height, _TALLEST)
    current = [one for one in figure.series if one.role != "previous"]
    previous = {one.color: one for one in figure.series if one.role == "previous"}
    cell = width / max(1, len(current))
    texts: list[Spec] = []
    layers: list[Spec] = []
    for place, one in enumerate(current):
        center, middle = cell * (place + 0.5), height * (0.3 if one.trail else 0.42)
        told = write_number(one.values[0], figure.y.unit)
        size = max(24, min(_LARGEST, round(cell * 0.86 / max(1, len(told)) / _DIGIT)))
        texts += _text(center, middle, told, size, theme.ink, "bold")
        texts += _text(center, middle + size * 0.62 + 16, _cut(one.name, cell), 18, theme.faint, "normal")
        if one.color in previous:
            texts += _text(center, middle + size * 0.62 + 46, _change(one, previous[one.color], figure), 16, theme.ink)
        if any(value is not None for value in one.trail):
            layers.append(_trail(one, theme, center - cell * 0.36, cell * 0.72, height - 20 - _TRAIL_HEIGHT))
    return {"height": height, "layer": [*layers, *texts]}


def _text(x: float, y: float, text: str, size: int, color: str, weight: str = "normal") -> list[Spec]:
    mark = {"type": "text", "align": "center", "baseline": "middle", "fontSize": size, "fontWeight": weight}
    return [
        {
            "data": {"values": [{"told": text}]},
            "mark": {**mark, "color": color},
            "encoding": {"x": {"value": round(x)}, "y": {"value": round(y)}, "text": {"field": "told"}},
        }
    ]


def _cut(name: str, width: float) -> str:
    most = max(8, int(width / 10))
    return name if len(name) <= most else name[: most - 1] + "…"


def _change(now: Series, before: Series, figure: Figure) -> str:
    after, earlier = now.values[0] or 0, before.values[0] or 0
    return f"{change(after, earlier)} on {write_number(earlier, figure.y.unit)} in the period before"


def _trail(series: Series, theme: Theme, left: float, width: float, top: float) -> Spec:
    """Return a line without axes, scaled to its own lowest and highest."""
    known = [value for value in series.trail if value is not None]
    low, high = min(0.0, *known), max(known)
    step = width / max(1, len(series.trail) - 1)
    rows = [
        {
            "px": round(left + step * place, 1),
            "py": round(top + _TRAIL_HEIGHT * (1 - (value - low) / (high - low or 1)), 1),
        }
        for place, value in enumerate(series.trail)
        if value is not None
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 2.4, "color": color_of(series, theme)},
        "encoding": {
            "x": {"field": "px", **PIXEL},
            "y": {"field": "py", **PIXEL},
        },
    }
