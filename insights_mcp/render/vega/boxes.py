"""Box plots: from the least to the most, the middle half as a box, the median as its line."""

from dataclasses import asdict

from insights_mcp.render.figures.model import Figure
from insights_mcp.render.vega.axes import place_axis, value_encoding
from insights_mcp.render.vega.themes import Spec, Theme


def draw_boxes(figure: Figure, theme: Theme, width: int) -> Spec:
    """Return a box per place along x."""
    names = [box.name for box in figure.boxes]
    values = [end for box in figure.boxes for end in (box.low, box.high)]
    x: Spec = {
        "field": "name",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": names, "paddingInner": 0.4, "paddingOuter": 0.2},
        "axis": place_axis(figure.x, names, width),
    }
    y = value_encoding(figure.y, values)
    color = theme.palette[0]
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "color": theme.faint},
            "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "bar", "color": color, "opacity": 0.6},
            "encoding": {"y": {**y, "field": "q1"}, "y2": {"field": "q3"}},
        },
        {
            "mark": {"type": "tick", "color": theme.ink, "thickness": 2, "width": {"band": 1}},
            "encoding": {"y": {**y, "field": "median"}},
        },
        {
            "transform": [{"filter": "isValid(datum.mean)"}],
            "mark": {"type": "point", "shape": "diamond", "color": theme.ink, "size": 40},
            "encoding": {"y": {**y, "field": "mean"}},
        },
    ]
    return {"data": {"values": [asdict(box) for box in figure.boxes]}, "encoding": {"x": x}, "layer": layers}
