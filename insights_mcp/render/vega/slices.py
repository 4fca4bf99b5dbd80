"""Parts of a whole: pies, donuts and proportion bars."""

from insights_mcp.render.figures.model import Figure
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.numbers import share
from insights_mcp.render.vega.themes import Spec, Theme

# Thinner slices have no room for their share; the legend tells it.
_LEAST_TOLD = 0.04
_BAR_HEIGHT = 320


def draw_slices(figure: Figure, theme: Theme, width: int, height: int) -> Spec:
    """Return slices of a circle, or of one bar, and a legend with each one's value and share."""
    values = [value or 0 for value in figure.series[0].values]
    whole = sum(values)
    rows: list[Spec] = []
    tones = []
    for place, (label, value) in enumerate(zip(figure.labels, values, strict=True)):
        is_rest = label == "Other" and place == len(values) - 1
        tones.append(theme.other if is_rest else theme.palette[place % len(theme.palette)])
        text = f"{label}: {write_number(value, figure.y.unit)} ({share(value, whole)})"
        part = share(value, whole) if whole and value / whole >= _LEAST_TOLD else ""
        rows.append({"y": value, "name": text, "part": part, "order": place})
    color: Spec = {
        "field": "name",
        "type": "nominal",
        "scale": {"domain": [row["name"] for row in rows], "range": tones},
        "legend": {"orient": "right", "labelLimit": round(width * 0.36), "labelFontSize": 14, "offset": 36},
    }
    size = round(min(width * 0.56, height))
    shape = _bar(theme) if figure.drawing == "proportion" else _circle(figure, theme, size)
    spec: Spec = {"data": {"values": rows}, "encoding": {**shape[0], "color": color}, "layer": shape[1]}
    if figure.drawing == "proportion":
        return spec | {"height": _BAR_HEIGHT}
    return spec | {"width": size, "height": size, "autosize": "pad"}


def _circle(figure: Figure, theme: Theme, size: float) -> tuple[Spec, list[Spec]]:
    radius = round(size / 2 * 0.86)
    hole = round(radius * 0.58) if figure.drawing == "donut" else 0
    encoding: Spec = {
        "theta": {"field": "y", "type": "quantitative", "stack": True},
        "order": {"field": "order", "type": "quantitative"},
    }
    arc: Spec = {
        "mark": {
            "type": "arc",
            "outerRadius": radius,
            "innerRadius": hole,
            "stroke": theme.background,
            "strokeWidth": 2,
        }
    }
    text: Spec = {
        "mark": {"type": "text", "radius": radius + 24, "fontSize": 13},
        "encoding": {"text": {"field": "part"}, "color": {"value": theme.ink}},
    }
    return encoding, [arc, text]


def _bar(theme: Theme) -> tuple[Spec, list[Spec]]:
    encoding: Spec = {
        "x": {"field": "y", "type": "quantitative", "stack": "normalize", "axis": {"title": None, "format": "%"}},
        "order": {"field": "order", "type": "quantitative"},
    }
    bar: Spec = {"mark": {"type": "bar", "height": {"band": 0.5}, "stroke": theme.background, "strokeWidth": 2}}
    text: Spec = {
        "mark": {"type": "text", "fontWeight": "bold"},
        "encoding": {
            "x": {"field": "y", "type": "quantitative", "stack": "normalize", "bandPosition": 0.5},
            "text": {"field": "part"},
            "color": {"value": theme.background},
        },
    }
    return encoding, [bar, text]
